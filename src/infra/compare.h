/* Two environments side by side: where they differ, and whether they may. */
#ifndef GL_INFRA_COMPARE_H
#define GL_INFRA_COMPARE_H

#include "infra/plan.h"

enum gl_verdict {
    GL_VERDICT_MAY,      /* sizes, addresses, names, accounts: environments differ in these */
    GL_VERDICT_UNCLEAR,  /* no rule: a person should look */
    GL_VERDICT_MUST_NOT, /* TLS, encryption, firewall, public access: staging must prove prod */
    GL_VERDICT_COUNT,
};

struct gl_difference {
    const char *stack;
    const char *id; /* logical id */
    const char *type;
    const char *path;   /* of the property, NULL = the whole resource exists only on one side */
    const char *before; /* in the first environment, NULL = not there */
    const char *after;  /* in the second one */
    enum gl_verdict verdict;
    const char *reason; /* of the rule, translated; "" for GL_VERDICT_UNCLEAR */
    struct gl_place place;
};

/* Belongs to the arena of the second plan. */
struct gl_comparison {
    const char *before_env;
    const char *after_env;
    struct gl_difference *items; /* what must not differ first */
    size_t count;
    size_t counts[GL_VERDICT_COUNT];
    size_t names; /* differences that are only the environment's own names, accounts, domains */
};

void gl_compare_plans(const struct gl_plan *before, struct gl_plan *after,
                      struct gl_comparison *ret_comparison);

void gl_compare_text(const struct gl_comparison *comparison, bool colour, struct gl_buf *out);
/* The caller owns it. */
json_t *gl_compare_json(const struct gl_comparison *comparison);

#endif
