/* Looking whether a stack's resources are there with the properties that matter.
 *
 * CREATE_COMPLETE says that CloudFormation is content, not that the account is as wanted. So the
 * services themselves are asked, by a table (verify_table.c) from resource type to one describing
 * call and the few properties that must be as the template says. What the table does not know is
 * counted as not verified, never as good. */
#ifndef GL_INFRA_VERIFY_H
#define GL_INFRA_VERIFY_H

#include "infra/account.h"
#include "infra/plan.h"

/* One thing that must hold. */
struct gl_verify_check {
    const char *property; /* of the evaluated resource, "VersioningConfiguration.Status"; NULL: only
                             `always` counts */
    const char *found;    /* in the answer, "DBInstances.0.MultiAZ" */
    const char *always;   /* what must be found whatever the template says; NULL = the property's
                             value, nothing if the template does not set it */
};

enum { GL_VERIFY_CHECKS_MAX = 8 };

/* One describing call of one resource type; a type may have several rows. */
struct gl_verify_row {
    const char *type;
    const char *service;
    const char *operation;
    const char *params; /* JSON; "$ID" is the physical id, "$CLUSTER" the cluster in the ARN of an
                           ECS service, "$Name" the value of property Name */
    const char *exists; /* in the answer: what must be there */
    struct gl_verify_check checks[GL_VERIFY_CHECKS_MAX];
};

/* Ends with a NULL type. */
extern const struct gl_verify_row gl_verify_table[];

/* A difference. Strings belong to the plan's arena. */
struct gl_verify_finding {
    const char *resource;
    const char *type;
    const char *property; /* NULL: the resource itself is not there */
    const char *wanted;
    const char *found;
};

struct gl_verified {
    size_t resources;    /* that were looked at */
    size_t not_verified; /* whose type the table does not know */
    const char *types;   /* the types of those, each once, separated by blanks */
    struct gl_verify_finding *findings;
    size_t finding_count;
};

/* Verifies stacks side by side against their evaluated templates; ret_results[count]. The errors
 * are those of gl_aws_call(); a difference is no error but a finding. */
gl_nodiscard int gl_verify_stacks(struct gl_plan *plan, struct gl_plan_stack *const *stacks,
                                  size_t count, struct gl_account *account,
                                  struct gl_verified *ret_results, struct gl_error *err);

#endif
