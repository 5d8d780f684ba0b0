/* The stacks of stacks/ as bytes of the program (made by embed.sh). */
#include "infra/stack.h"

#include "infra/shipped.inc"
