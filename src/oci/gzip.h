/* One gzip stream made by several threads, byte for byte the same with any number of them.
 * https://www.rfc-editor.org/rfc/rfc1952 */
#ifndef GL_OCI_GZIP_H
#define GL_OCI_GZIP_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "oci/image.h"

/* Names everything that decides the output for given input: part of the layer cache's key. */
#define GL_GZIP_SETTINGS "zlib level 5, chunks of 256 KiB, no name, no time"

struct gl_gzip;

/* Starts a stream into `fd`, which stays the caller's. `workers` threads compress; with 0, or when
 * no thread can be started, the caller's thread does. Never NULL. */
struct gl_gzip *gl_gzip_new(int fd, unsigned workers);

/* GL_E_IO when the file cannot take the bytes (a full disk). */
gl_nodiscard int gl_gzip_write(struct gl_gzip *gzip, const void *data, size_t len,
                               struct gl_error *err);

/* Writes what is left and the trailer; tells digest and length of the compressed stream. */
gl_nodiscard int gl_gzip_finish(struct gl_gzip *gzip, char ret_digest[GL_DIGEST_SIZE],
                                uint64_t *ret_size_bytes, struct gl_error *err);

/* Ends the threads; also before gl_gzip_finish(). NULL-safe. */
void gl_gzip_free(struct gl_gzip *gzip);

#endif
