/* SIGINT, SIGTERM and SIGHUP as a flag and a pollable descriptor. */
#ifndef GL_BASE_INTERRUPT_H
#define GL_BASE_INTERRUPT_H

#include <stdbool.h>

#include "base/error.h"

/* Installs the handlers; SIGPIPE is ignored. Call once in main(). */
void gl_interrupt_init(void);

/* True once SIGINT, SIGTERM or SIGHUP arrived. */
bool gl_interrupted(void);

/* How many such signals arrived since the last gl_interrupt_clear(). */
int gl_interrupt_count(void);

/* Becomes readable when a signal arrived; poll() it beside other descriptors. */
int gl_interrupt_fd(void);

/* Forgets the signals seen so far, so that undo steps can run after a Ctrl-C. */
void gl_interrupt_clear(void);

/* GL_E_INTERRUPTED with its message if a signal arrived, else 0. */
gl_nodiscard int gl_interrupt_check(struct gl_error *err);

#endif
