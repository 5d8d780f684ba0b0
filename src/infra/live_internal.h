/* Room-internal: asking the account for the value of one parameter. */
#ifndef GL_INFRA_LIVE_INTERNAL_H
#define GL_INFRA_LIVE_INTERNAL_H

#include "infra/changeset_internal.h"
#include "infra/live.h"

/* One parameter of one stack whose source is `{live: NAME}`. */
struct gl_live_question {
    struct gl_plan *plan;
    const struct gl_plan_stack *stack;
    const struct gl_stack_parameter *parameter;
    const struct gl_live_stack *stacks; /* of the plan, as they are */
    const struct gl_live_source *source;
    const json_t *answers[GL_LIVE_CALLS_MAX]; /* belong to the asking (resolve.c) */
};

/* ---- live_question.c: what sources need */

/* Keys of the stacks that live sources look at besides their own; ends with NULL. A source that
 * looks at another one belongs here, or gl_live_stacks_read_for() does not read it. */
extern const char *const gl_live_looked_at[];

/* The stack as it is; NULL if this plan has none of that key or it does not stand. */
const struct gl_live_stack *gl_live_of(const struct gl_live_question *q, const char *key);

/* An output of a standing stack, or NULL. */
const char *gl_live_output(const struct gl_live_question *q, const char *key, const char *name);

/* What was passed for this parameter last; NULL if the stack does not stand or had no such one. */
const char *gl_live_last(const struct gl_live_question *q);

/* What another made (a zone, a detector) is taken over once: a stack that stands keeps its own, and
 * a taken one as long as it is in the list. `ids` may be empty. */
const char *gl_live_adopt(const struct gl_live_question *q, const char *const *ids, size_t count);

/* ---- live_SUBJECT.c */
gl_live_ask_fn gl_live_ask_service, gl_live_ask_rule, gl_live_ask_preview_rule,
    gl_live_ask_apprunner; /* live_service.c */
gl_live_read_fn gl_live_read_task_definition, gl_live_read_desired_count, gl_live_read_blue,
    gl_live_read_green, gl_live_read_apprunner_image, gl_live_read_apprunner_version,
    gl_live_read_apprunner_release, gl_live_read_apprunner_zone;
gl_live_ask_fn gl_live_ask_engine; /* live_database.c */
gl_live_read_fn gl_live_read_engine;
gl_live_ask_fn gl_live_ask_cloudfront_list, gl_live_ask_s3_list,
    gl_live_ask_zone; /* live_network.c */
gl_live_read_fn gl_live_read_prefix_list, gl_live_read_zone, gl_live_read_last,
    gl_live_read_published;
gl_live_ask_fn gl_live_ask_providers, gl_live_ask_detectors, gl_live_ask_analyzers,
    gl_live_ask_critical, gl_live_ask_warning; /* live_account.c */
gl_live_read_fn gl_live_read_provider, gl_live_read_detector, gl_live_read_analyzer,
    gl_live_read_critical, gl_live_read_warning;

/* a - b of dotted version numbers, part by part ("16.4" < "16.13"). */
int gl_version_compare(const char *a, const char *b);

#endif
