/* Room-internal: which release of the frontend is served, as golive keeps it beside the files.
 *
 * A switch from one release to another is recorded before its first file is copied and after its
 * last, and what CloudFront may still hold stands there until it was made to forget it: whoever
 * goes on after a crash, forwards or back, finds here what is left to do. */
#ifndef GL_PLATFORM_AWS_SITE_RECORD_H
#define GL_PLATFORM_AWS_SITE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strv.h"

/* Zero-initialise: nothing served, nothing on its way. */
struct gl_site_record {
    int64_t release;      /* whose files are all in place; 0 = none */
    bool switching;       /* files of `next` are being put in their place */
    int64_t next;         /* 0 = those of `release` are being taken away */
    struct gl_strv stale; /* paths that CloudFront may hold old content of: "/about" */
    char *reference;      /* makes the invalidation of `stale` one and the same; or NULL */
    char *etag;           /* of what was read, not part of the text; NULL = there was nothing */
};

void gl_site_record_done(struct gl_site_record *record);
#define gl_autositerecord gl_cleanup(gl_site_record_done)

/* Reads what gl_site_record_text() wrote; GL_E_CORRUPT for anything else. */
gl_nodiscard int gl_site_record_parse(const char *text, size_t len, const char *name,
                                      struct gl_site_record *ret_record, struct gl_error *err);

/* The record as JSON; the caller owns it. */
char *gl_site_record_text(const struct gl_site_record *record);

#endif
