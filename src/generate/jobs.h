/* Jobs of the repository's workflows that check a pull request. */
#ifndef GL_GENERATE_JOBS_H
#define GL_GENERATE_JOBS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strv.h"

struct gl_job {
    char *name;  /* of its check: its `name`, else its id */
    bool prefix; /* a matrix or another workflow: its checks are "NAME (...)" or "NAME / ..." */
};

struct gl_jobs {
    struct gl_job *items;
    size_t count;
    struct gl_strv notes; /* files that could not be read, with the reason; translated */
};

void gl_jobs_done(struct gl_jobs *jobs);
#define gl_autojobs gl_cleanup(gl_jobs_done)

/* Reads .github/workflows at the top of the repository that `project_dir` is in: all that run on
 * pull_request to `branch`. None when there is no such directory. GL_E_IO when it cannot be read.
 */
gl_nodiscard int gl_jobs_read(const char *project_dir, const char *branch, struct gl_jobs *ret_jobs,
                              struct gl_error *err);

/* The same of one workflow's text; adds to `jobs`. GL_E_CONFIG with the line for what is no YAML.
 */
gl_nodiscard int gl_jobs_parse(const char *text, size_t len, const char *file, const char *branch,
                               struct gl_jobs *jobs, struct gl_error *err);

#endif
