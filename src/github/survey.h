/* The settings of a repository beside what is wanted, and making them so. */
#ifndef GL_GITHUB_SURVEY_H
#define GL_GITHUB_SURVEY_H

#include <stdbool.h>

#include "github/client.h"
#include "github/desired.h"

enum gl_github_state {
    GL_GITHUB_GOOD,        /* as wanted, or stronger */
    GL_GITHUB_DIFFERS,     /* golive can change it */
    GL_GITHUB_WEAK,        /* differs too, but only its owner can say whether it is meant so */
    GL_GITHUB_UNKNOWN,     /* the token does not show it */
    GL_GITHUB_UNAVAILABLE, /* the plan does not have it */
    GL_GITHUB_STATES,
};

/* One setting. The texts of the table are not translated yet. */
struct gl_github_finding {
    const char *name;
    const char *resource;
    const char *item;
    const char *text; /* N_() */
    const char *why;  /* N_() */
    const char *page; /* where it is in the browser; NULL = it follows from other settings */
    enum gl_github_state state;
    char *is;     /* what is there */
    char *wanted; /* what should be */
};

struct gl_github_survey {
    struct gl_github_finding *findings;
    size_t count;
    size_t states[GL_GITHUB_STATES]; /* how many are in each */
    struct gl_strv problems;         /* what could not be read, with the way out; translated */
};

void gl_github_survey_done(struct gl_github_survey *survey);
#define gl_autosurvey gl_cleanup(gl_github_survey_done)

/* Reads and compares all; writes nothing. Fails when the repository itself cannot be read; what
 * else cannot is unknown or unavailable. */
gl_nodiscard int gl_github_survey_make(struct gl_github *github,
                                       const struct gl_github_desired *desired,
                                       struct gl_github_survey *ret_survey, struct gl_error *err);

/* The ruleset that is wanted of a new repository on github.com, as a file that GitHub imports (and
 * that may be kept as .github/rulesets/main.json). The caller owns it. */
char *gl_github_ruleset_text(const struct gl_github_desired *desired);

/* "good", "differs", "weak", "unknown", "unavailable": for programs. */
const char *gl_github_state_word(enum gl_github_state state);

/* Called after each resource: `problem` is NULL when it was written. */
typedef void gl_github_written_fn(const char *resource, const struct gl_error *problem,
                                  void *context);

/* Writes every resource that has something that differs, from what it is at that moment: rules that
 * others made stay, what is stronger stays. A resource that GitHub refuses is told to `written`,
 * and the others follow. Fails when nothing more can be done (network, token, limit, signal). */
gl_nodiscard int gl_github_survey_write(struct gl_github *github,
                                        const struct gl_github_desired *desired,
                                        const struct gl_github_survey *survey,
                                        gl_github_written_fn *written, void *context,
                                        struct gl_error *err);

#endif
