/* Room-internal: the settings as a table. A resource is what GitHub reads and writes at once, a
 * setting is one thing about it that golive wants. */
#ifndef GL_GITHUB_SETTING_H
#define GL_GITHUB_SETTING_H

#include "base/buf.h"
#include "github/client.h"
#include "github/desired.h"

enum gl_github_resource_id {
    GL_GITHUB_RULESET,
    GL_GITHUB_BRANCH, /* what GitHub enforces there, of all rulesets and classic protection */
    GL_GITHUB_PRODUCTION,
    GL_GITHUB_STAGING,
    GL_GITHUB_ACTIONS,
    GL_GITHUB_ALERTS,
    GL_GITHUB_REPOSITORY,
    GL_GITHUB_RESOURCES,
};

/* What the functions of both tables work with. */
struct gl_github_view {
    struct gl_github *github;
    const struct gl_github_desired *desired;
    int64_t actions_app; /* the app whose checks count; 0 = unknown, anybody's do */
    int64_t break_glass; /* the organisation's team `breakglass`, which may bypass; 0 = none */
};

struct gl_github_resource {
    const char *name; /* for programs and people: "ruleset", "environment production" */
    const char *page; /* of the repository's settings in the browser, as its menu calls it; NULL =
                         what is there follows from other resources */
    /* What is there now; NULL = there is no such thing. The caller owns it. */
    int (*read)(struct gl_github_view *view, enum gl_github_resource_id id, json_t **ret_have,
                struct gl_error *err);
    /* Sends `want`, which is made from `have` (NULL = there is none); NULL = golive only looks. */
    int (*write)(struct gl_github_view *view, enum gl_github_resource_id id, const json_t *have,
                 const json_t *want, struct gl_error *err);
    /* The part of `have` that can be written. NULL = nothing of it. The caller owns it. */
    json_t *(*begin)(const json_t *have);
};

extern const struct gl_github_resource gl_github_resources[GL_GITHUB_RESOURCES];

struct gl_github_setting {
    const char *name; /* for programs; NULL ends the table */
    enum gl_github_resource_id resource;
    const char *item; /* of the go-live checklist */
    const char *text; /* N_(): the wish in a few words */
    const char *why;  /* N_() */
    /* False where it is of no concern; NULL = always of concern. */
    bool (*applies)(const struct gl_github_view *view, const json_t *have);
    /* Compares: describes what is there and what is wanted, in the user's language. `have` may be
     * NULL. 1 = as wanted or stronger, 0 = not, -1 = GitHub did not say. */
    int (*look)(const struct gl_github_view *view, const struct gl_github_setting *setting,
                const json_t *have, struct gl_buf *is, struct gl_buf *wanted);
    /* Changes `want` so that it is as wanted, and nothing else; NULL = golive only reports it. */
    void (*put)(const struct gl_github_view *view, const struct gl_github_setting *setting,
                json_t *want);
};

extern const struct gl_github_setting gl_github_settings[];

/* What is wanted of an environment. */
const struct gl_github_place *gl_github_place_of(const struct gl_github_desired *desired,
                                                 enum gl_github_resource_id id);

/* ---- ruleset.c, rules.c, environment.c, reviewers.c, repository.c -------------------------------
 */

#define GL_GITHUB_LOOK(name)                                                                       \
    int name(const struct gl_github_view *view, const struct gl_github_setting *setting,           \
             const json_t *have, struct gl_buf *is, struct gl_buf *wanted)
#define GL_GITHUB_PUT(name)                                                                        \
    void name(const struct gl_github_view *view, const struct gl_github_setting *setting,          \
              json_t *want)
#define GL_GITHUB_READ(name)                                                                       \
    int name(struct gl_github_view *view, enum gl_github_resource_id id, json_t **ret_have,        \
             struct gl_error *err)
#define GL_GITHUB_WRITE(name)                                                                      \
    int name(struct gl_github_view *view, enum gl_github_resource_id id, const json_t *have,       \
             const json_t *want, struct gl_error *err)

/* classic.c: what protected a branch before there were rulesets. */

#define GL_GITHUB_CLASSIC "classic" /* true in a ruleset that was made of it */

/* The answer of GET /repos/OWNER/NAME/branches/BRANCH/protection as a ruleset would say it; without
 * id and name. The caller owns it. Pure. */
json_t *gl_github_classic_ruleset(const json_t *protection, const char *branch);
/* The same of the branch of production; NULL if it is not protected so. */
gl_nodiscard int gl_github_classic_read(struct gl_github_view *view, json_t **ret_ruleset,
                                        struct gl_error *err);

/* The ruleset golive; where there is none, the classic protection of the branch in its place. */
GL_GITHUB_READ(gl_github_ruleset_read);
GL_GITHUB_WRITE(gl_github_ruleset_write);
json_t *gl_github_ruleset_begin(const json_t *have);
/* Says that there is no ruleset; true if so. */
bool gl_github_ruleset_is_missing(const json_t *have, struct gl_buf *is);
/* The rule of that type in a ruleset or a list of rules; NULL if there is none. */
json_t *gl_github_rule(const json_t *rules, const char *type);
GL_GITHUB_LOOK(gl_github_ruleset_look_active);
GL_GITHUB_PUT(gl_github_ruleset_put_active);
GL_GITHUB_LOOK(gl_github_ruleset_look_branch);
GL_GITHUB_PUT(gl_github_ruleset_put_branch);
GL_GITHUB_LOOK(gl_github_ruleset_look_bypass);
GL_GITHUB_PUT(gl_github_ruleset_put_bypass);
GL_GITHUB_LOOK(gl_github_ruleset_look_reviews);
GL_GITHUB_PUT(gl_github_ruleset_put_reviews);
GL_GITHUB_LOOK(gl_github_ruleset_look_stale);
GL_GITHUB_PUT(gl_github_ruleset_put_stale);
GL_GITHUB_LOOK(gl_github_ruleset_look_checks);
GL_GITHUB_PUT(gl_github_ruleset_put_checks);
GL_GITHUB_LOOK(gl_github_ruleset_look_strict);
GL_GITHUB_PUT(gl_github_ruleset_put_strict);
GL_GITHUB_LOOK(gl_github_ruleset_look_force);
GL_GITHUB_PUT(gl_github_ruleset_put_force);
GL_GITHUB_LOOK(gl_github_ruleset_look_deletion);
GL_GITHUB_PUT(gl_github_ruleset_put_deletion);

GL_GITHUB_READ(gl_github_branch_read);
GL_GITHUB_LOOK(gl_github_branch_look);

GL_GITHUB_READ(gl_github_environment_read);
GL_GITHUB_WRITE(gl_github_environment_write);
json_t *gl_github_environment_begin(const json_t *have);
bool gl_github_environment_has_reviewers(const struct gl_github_view *view, const json_t *have);
bool gl_github_environment_is_missing(const json_t *have, struct gl_buf *is);
/* Fills in the ids of reviewers who were added by their account. */
gl_nodiscard int gl_github_reviewers_find(struct gl_github *github, json_t *reviewers,
                                          struct gl_error *err);
GL_GITHUB_LOOK(gl_github_environment_look_there);
GL_GITHUB_PUT(gl_github_environment_put_there);
GL_GITHUB_LOOK(gl_github_environment_look_branch);
GL_GITHUB_PUT(gl_github_environment_put_branch);
GL_GITHUB_LOOK(gl_github_environment_look_others);
GL_GITHUB_LOOK(gl_github_environment_look_reviewers);
GL_GITHUB_PUT(gl_github_environment_put_reviewers);
GL_GITHUB_LOOK(gl_github_environment_look_strangers);
GL_GITHUB_LOOK(gl_github_environment_look_self);
GL_GITHUB_PUT(gl_github_environment_put_self);

GL_GITHUB_READ(gl_github_actions_read);
GL_GITHUB_WRITE(gl_github_actions_write);
json_t *gl_github_actions_begin(const json_t *have);
GL_GITHUB_LOOK(gl_github_actions_look_rights);
GL_GITHUB_PUT(gl_github_actions_put_rights);
GL_GITHUB_LOOK(gl_github_actions_look_approve);
GL_GITHUB_PUT(gl_github_actions_put_approve);

GL_GITHUB_READ(gl_github_alerts_read);
GL_GITHUB_WRITE(gl_github_alerts_write);
GL_GITHUB_LOOK(gl_github_alerts_look);
GL_GITHUB_PUT(gl_github_alerts_put);

GL_GITHUB_READ(gl_github_repository_read);
GL_GITHUB_WRITE(gl_github_repository_write);
bool gl_github_repository_can_scan(const struct gl_github_view *view, const json_t *have);
GL_GITHUB_LOOK(gl_github_repository_look_scan);
GL_GITHUB_PUT(gl_github_repository_put_scan);

#endif
