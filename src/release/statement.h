/* What an approver signs: one line of JSON that names exactly what would be shipped, and until when
 * the signature holds. */
#ifndef GL_RELEASE_STATEMENT_H
#define GL_RELEASE_STATEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* The purpose in an OpenSSH signature: ssh-keygen -Y sign -n golive-approval. */
#define GL_STATEMENT_NAMESPACE "golive-approval"

enum { GL_STATEMENT_BYTES_MAX = 8192 };

/* In a statement that was read, texts (owned) are never NULL or empty and have only printable
 * ASCII, so that no terminal shows another statement than the one that is signed; numbers are from
 * 0 to 2^53, so that differences of times do not overflow. */
struct gl_statement {
    char *app;
    char *env;        /* where it is to be shipped to */
    char *from;       /* environment that it passed */
    char *version;    /* of the release there */
    char *digest;     /* image, "sha256:..." */
    char *source;     /* hash of what the frontend is built of */
    char *migrations; /* hash of their list, "none" without any */
    char *templates;  /* hash of the stacks */
    char *settings;   /* hash of `env`'s configuration */
    char *requester;  /* people[].id of who asks for the signature */
    int64_t release;  /* its number in `from` */
    int64_t attempt; /* what moved requests in `env` last (gl_journal_attempt): after a rollback, or
                        an attempt that was undone, a release is approved anew */
    int64_t time_unix_s;
    int64_t expires_unix_s;
};

void gl_statement_done(struct gl_statement *statement);
#define gl_autostatement gl_cleanup(gl_statement_done)

/* The bytes that are signed: canonical JSON and a newline. The caller owns the text. */
char *gl_statement_text(const struct gl_statement *statement);

/* Reads such a text; GL_E_CORRUPT unless it is, byte for byte, what gl_statement_text() makes. */
gl_nodiscard int gl_statement_read(const char *text, size_t len, struct gl_statement *ret_statement,
                                   struct gl_error *err);

/* The name of the first thing that the two would ship differently ("digest"), NULL if they are
 * about the same. Requester and times do not count. */
const char *gl_statement_difference(const struct gl_statement *a, const struct gl_statement *b);

#endif
