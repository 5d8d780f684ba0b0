/* The stacks of stacks/ as bytes of the program (made by embed.sh), and as trees (pack_main.c). */
#include "infra/packed.h"
#include "infra/stack.h"

#include "infra/shipped_trees.inc"

#include "infra/shipped.inc"
