/* Room-internal: the header of a compiled program.
 * https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
#ifndef GL_OCI_PROGRAM_H
#define GL_OCI_PROGRAM_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Opens a 64-bit little-endian ELF program and reads its header. The caller closes *ret_fd.
 * GL_E_CONFIG if it is something else. */
gl_nodiscard int gl_program_open(const char *program, int *ret_fd, Elf64_Ehdr *ret_header,
                                 struct gl_error *err);

/* Reads exactly `len` bytes; -1 if they are not there. */
int gl_program_read(int fd, void *data, size_t len, uint64_t offset);

/* GL_E_CONFIG: it is no such program. */
int gl_program_invalid(const char *program, struct gl_error *err);

#endif
