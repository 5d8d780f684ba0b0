/* What golive.yaml and the workflows want a repository's settings to be. */
#ifndef GL_GITHUB_DESIRED_H
#define GL_GITHUB_DESIRED_H

#include "base/strv.h"
#include "config/config.h"
#include "generate/jobs.h"

/* An environment of GitHub, as the workflows name it. */
struct gl_github_place {
    const char *name;         /* "production" or "staging" */
    char *branch;             /* the only one that deploys there */
    struct gl_strv reviewers; /* accounts that approve; none = GitHub is not asked to */
};

enum gl_github_place_id { GL_GITHUB_PLACE_PRODUCTION, GL_GITHUB_PLACE_STAGING, GL_GITHUB_PLACES };

struct gl_github_desired {
    char *branch;          /* that goes to production */
    int64_t reviews;       /* before a merge */
    struct gl_strv checks; /* names of jobs that must pass before a merge */
    struct gl_github_place places[GL_GITHUB_PLACES];
    struct gl_strv notes; /* what golive.yaml asks for and GitHub cannot do; translated */
};

void gl_github_desired_done(struct gl_github_desired *desired);
#define gl_autodesired gl_cleanup(gl_github_desired_done)

/* Reads ci.*, approval.* and people[].github of the environment that is production; `jobs` are
 * those that run for pull requests to its branch. GL_E_CONFIG for a required check that none makes
 * (no pull request could ever be merged), for an approver without an account on GitHub, and for
 * more than six of them, GitHub's limit. */
gl_nodiscard int gl_github_want(const struct gl_config *production, const struct gl_jobs *jobs,
                                struct gl_github_desired *ret_desired, struct gl_error *err);

/* The repository: app.repo, else the remote `origin` of git when it is on github.com (or on the
 * host of GITHUB_API_URL). The caller owns it. GL_E_CONFIG with the way out when there is none. */
gl_nodiscard int gl_github_find_repo(const struct gl_config *config, char **ret_repo,
                                     struct gl_error *err);

#endif
