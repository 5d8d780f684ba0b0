/* Room-internal: the parts of making a change set. */
#ifndef GL_INFRA_CHANGESET_INTERNAL_H
#define GL_INFRA_CHANGESET_INTERNAL_H

#include "infra/changeset.h"
#include "infra/live_calls.h"

/* ---- live_stacks.c */

/* DescribeStacks of one stack. */
void gl_live_stack_ask(const struct gl_plan_stack *stack, struct gl_live_call *call);

/* True if the answer to it is that there is no such stack. */
bool gl_live_stack_is_absent(const struct gl_live_call *call);

/* True if the answer tells nothing new of the stack. The status alone would not do: an operation
 * may begin and end between two looks. */
bool gl_live_stack_is_same(const struct gl_live_call *call, const struct gl_live_stack *stack);

/* What it answered; an absent stack is no error. */
gl_nodiscard int gl_live_stack_take(struct gl_arena *arena, struct gl_live_call *call,
                                    const char *caller, struct gl_live_stack *ret_stack,
                                    struct gl_error *err);

/* ---- changeset_alarms.c */

/* DescribeAlarms for the alarms that the stack names; `call` stays empty if it names none. */
void gl_changeset_ask_alarms(const struct gl_plan *plan, const struct gl_plan_stack *stack,
                             struct gl_live_call *call);

/* RollbackConfiguration of an update from DescribeAlarms' answer (NULL = no alarms): those that are
 * there and do not ring, at most five, watched for infra.watch_minutes after the update. Fills
 * stack->change.alarms and .ringing. The caller owns it. */
json_t *gl_changeset_rollback(struct gl_plan *plan, struct gl_plan_stack *stack,
                              const json_t *answer);

/* ---- changeset_template.c */

/* Puts those templates that are too large for a request into the artifact bucket, each under the
 * digest of its content, so that repeating does nothing. GL_E_NOT_FOUND without a bucket. */
gl_nodiscard int gl_changeset_upload(struct gl_plan *plan, struct gl_plan_stack *const *stacks,
                                     size_t count, struct gl_account *account,
                                     const char **ret_bucket, struct gl_error *err);

/* TemplateBody, or TemplateURL in that bucket. */
void gl_changeset_set_template(const struct gl_plan *plan, const struct gl_plan_stack *stack,
                               const char *bucket, json_t *params);

/* ---- changeset_read.c */

/* Fills stack->change from DescribeChangeSet's answer with all its pages. */
void gl_changeset_read(struct gl_plan *plan, struct gl_plan_stack *stack, const json_t *answer,
                       enum gl_change_action action);

/* One resource of it; `changes` is the list it stands in (NULL = alone). */
void gl_changeset_read_resource(struct gl_arena *arena, const struct gl_plan_stack *stack,
                                const json_t *changes, const json_t *json,
                                struct gl_resource_change *ret_change);

/* ---- changeset_settled.c */

/* True if the detail says only that a value may change that cannot: an identifier of a resource
 * that is changed in place. */
bool gl_changeset_detail_is_settled(const json_t *changes, const json_t *detail);

/* ---- changeset_property.c */

/* "/Tags/0/Value" as "Tags[0].Value". Caller owns it. */
char *gl_pointer_path(const char *pointer);

/* Adds a property of that path to a change; `room`: how many it has room for, at first 0. */
struct gl_property_change *gl_change_add_property(struct gl_arena *arena,
                                                  struct gl_resource_change *change, size_t *room,
                                                  const char *path);

/* The properties of a resource that is modified or replaced, without the settled ones. */
void gl_changeset_read_properties(struct gl_arena *arena, const struct gl_plan_stack *stack,
                                  const json_t *changes, const json_t *details,
                                  struct gl_resource_change *change);

/* ---- changeset_reason.c */

/* The error for a change set that CloudFormation refused: its words, and the place of the resource
 * or parameter they name. Returns GL_E_CONFIG. */
int gl_changeset_refused(const struct gl_plan *plan, const struct gl_plan_stack *stack,
                         const char *reason, struct gl_error *err);

/* What the events of a change set (DescribeEvents) say is wrong, each with its path in the
 * template; `reason` if they say nothing. Caller owns it; NULL only if both are. */
char *gl_changeset_reason_of_events(const json_t *events, const char *reason);

/* True if the words say that nothing would change. */
bool gl_changeset_reason_is_no_change(const char *reason);

/* ---- drift_read.c */

/* One resource of DescribeStackResourceDrifts (drift.h). */
void gl_drift_read_resource(struct gl_arena *arena, const struct gl_plan_stack *stack,
                            const json_t *json, struct gl_resource_change *ret_change);

/* ---- risk.c */

/* True for a value that must not be shown: by the property's name or by what it looks like. */
bool gl_value_looks_secret(const char *path, const char *text);

/* True for types whose loss is a loss of data. */
bool gl_type_holds_data(const char *type);

/* "restarts the database in the maintenance window" for a change of that property, or NULL. */
const char *gl_interruption(const struct gl_resource *resource, const char *type, const char *path);

#endif
