/* The controls of controls/ as bytes of the program (made by embed.sh). */
#include "control/control.h"

const unsigned char gl_shipped_controls[] = {
#include "control/shipped.inc"
    '\0'};

const size_t gl_shipped_controls_len = sizeof gl_shipped_controls - 1;
