/* Room-internal: the digits of pi, with which Blowfish begins. Computing them takes less than
 * writing them down. */
#ifndef GL_SIGN_PI_H
#define GL_SIGN_PI_H

#include <stddef.h>
#include <stdint.h>

/* The first `count` (at most 4,096) words of 32 bits after the binary point of pi. */
void gl_pi_words(uint32_t *ret_words, size_t count);

#endif
