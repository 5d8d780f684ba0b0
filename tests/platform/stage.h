/* Where the conformance suite runs: a project with its environment, images and frontends to ship,
 * and a way to ask what the public names answer. The same for every platform; what differs between
 * them is in the environment variables that the harness sets:
 *
 *     CONFORMANCE_DIR      project directory with golive.yaml
 *     CONFORMANCE_ENV      its environment
 *     CONFORMANCE_CONTROL  URL that is told how an image behaves where no program of it runs; unset
 * = the image's own program does
 */
#ifndef GL_TESTS_PLATFORM_STAGE_H
#define GL_TESTS_PLATFORM_STAGE_H

#include "base/error.h"
#include "net/http.h"
#include "platform/platform.h"

/* What an image does once it is started. */
enum stage_image {
    STAGE_GOOD,
    STAGE_CRASHES,     /* ends at once, having said why */
    STAGE_NEVER_READY, /* runs, but its ready path fails */
};

struct stage {
    char *dir;
    char *state_dir;
    char *layout;
    const char *control; /* NULL = none */
    struct gl_config *config;
    struct gl_account *account;
    struct gl_platform *platform;
};

/* Fails the test with the error's text. */
void stage_ok(int result, const struct gl_error *err);

void stage_open(struct stage *stage);
/* Another process, or machine, goes on with what this one did. */
void stage_reopen(struct stage *stage);
void stage_close(struct stage *stage);

/* Builds an image whose digest differs with `release`. */
void stage_build(struct stage *stage, int64_t release, enum stage_image kind,
                 char ret_digest[GL_DIGEST_SIZE]);
/* Writes a frontend with index.html that says "site N" and a hashed asset of its own; caller owns
 * the directory's path. */
char *stage_build_site(struct stage *stage, int64_t release);

/* Writes a migration into the project's directory of them, whose path the caller owns. */
char *stage_write_migration(struct stage *stage, const char *name, const char *sql);

/* Status and body of a GET; the caller releases the response. */
void stage_get(struct stage *stage, enum gl_endpoint which, int64_t release, const char *path,
               struct gl_http_response *ret_response);

#endif
