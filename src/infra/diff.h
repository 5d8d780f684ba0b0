/* What would change: the structure that offline plans, live change sets, drift reports and
 * comparisons of environments fill, and one renderer shows (render.h).
 *
 * Everything belongs to an arena, usually the plan's. */
#ifndef GL_INFRA_DIFF_H
#define GL_INFRA_DIFF_H

#include "infra/eval.h"

/* What happens to a stack or a resource. */
enum gl_change_action {
    GL_CHANGE_NONE,
    GL_CHANGE_ADD,
    GL_CHANGE_MODIFY,
    GL_CHANGE_REPLACE, /* resources only: deleted and made anew, with another physical id */
    GL_CHANGE_REMOVE,
    GL_CHANGE_IMPORT, /* an existing resource becomes part of the stack */
};

/* Whether changing a property replaces the resource
 * (ResourceChange.Details[].Target.RequiresRecreation). */
enum gl_recreation {
    GL_RECREATE_NEVER,
    GL_RECREATE_PERHAPS, /* "Conditionally" */
    GL_RECREATE_ALWAYS,
};

/* One property. `before` and `after` are texts as people read them (gl_value_show), NULL where
 * there is none; with `secret` they are "***". */
struct gl_property_change {
    const char *path; /* "SslPolicy", "Tags[0].Value"; below Properties unless it begins with "/"
                         ("/DeletionPolicy") */
    const char *before;
    const char *after;
    enum gl_recreation recreation;
    bool secret;
    bool expected; /* drift that golive itself makes: task definition, desired count, listener
                      weights */
    const char
        *reason; /* what makes it change ("parameter EngineVersion", "network.VpcId"), or NULL */
    struct gl_place place; /* of the property in the template; file NULL = unknown */
};

struct gl_resource_change {
    const char *id;          /* logical id */
    const char *type;        /* "AWS::RDS::DBInstance" */
    const char *physical_id; /* of the existing resource, or NULL */
    enum gl_change_action action;
    enum gl_truth exists;  /* GL_TRUTH_UNKNOWN: only if a condition turns out true */
    const char *condition; /* its name, or NULL */
    bool data;             /* holds data: replacing or removing it needs a typed confirmation */
    bool kept;             /* REMOVE, REPLACE: the old one stays (DeletionPolicy Retain) or leaves a
                              snapshot */
    const char *reason;    /* REPLACE: the properties that force it; REMOVE: why; or NULL */
    const char *interruption; /* "restart in the maintenance window", or NULL */
    struct gl_place place;    /* in the template */
    struct gl_property_change *properties;
    size_t property_count;
};

struct gl_stack_change {
    enum gl_change_action action; /* NONE, ADD, MODIFY, REMOVE, IMPORT */
    struct gl_resource_change *resources;
    size_t resource_count;
    const char *change_set; /* its id, or NULL (offline) */
    const char *note;       /* why there is none in a live plan ("network does not exist yet"), or
                               NULL */
    const char *alarms;     /* MODIFY: names of those that take the update back, or NULL */
    const char *ringing;    /* and of those that ring already, and so cannot; or NULL */
};

struct gl_change_counts {
    size_t added, modified, replaced, removed, imported;
    size_t perhaps;      /* of added: those whose condition is not known yet */
    size_t data_at_risk; /* data resources that are, or may be, replaced, or are removed */
};

/* True for a resource that is modified, but of which AWS cannot say yet whether it must be replaced
 * (a property is GL_RECREATE_PERHAPS). */
bool gl_change_may_replace(const struct gl_resource_change *change);

/* Counts the resources by action. */
struct gl_change_counts gl_change_count(const struct gl_stack_change *change);

/* "+", "~", "-/+", "-", ">", " ". Static text. */
const char *gl_change_sign(enum gl_change_action action);
/* "add", "modify", ... for JSON. Static text. */
const char *gl_change_word(enum gl_change_action action);

/* A resource that comes into being: every property of its evaluated form as "after". */
void gl_diff_added(struct gl_arena *arena, const struct gl_resource *resource,
                   struct gl_resource_change *ret_change);

/* The properties that differ between two evaluated forms, added, changed and removed ones; any of
 * the two may be NULL. Places are those of `after` (of `before` where it has none). */
void gl_diff_properties(struct gl_arena *arena, const struct gl_value *before,
                        const struct gl_value *after, struct gl_resource_change *change);

/* Two evaluated stacks; `before` NULL = everything is new. Resources that are equal are left out.
 * A resource whose type changed is replaced. Recreation is not known here: GL_RECREATE_NEVER. */
void gl_diff_stacks(struct gl_arena *arena, const struct gl_evaluated *before,
                    const struct gl_evaluated *after, struct gl_stack_change *ret_change);

/* True for the drift that golive itself makes while it releases: AWS::ECS::Service TaskDefinition
 * and DesiredCount, weights of listener rules, MinCapacity stays a finding. */
bool gl_diff_is_expected(const char *type, const char *path);

#endif
