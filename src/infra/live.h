/* Values that are read from the account before each change set. */
#ifndef GL_INFRA_LIVE_H
#define GL_INFRA_LIVE_H

#include <stdbool.h>

#include "base/error.h"

struct gl_live_question;
struct gl_live_call;

/* Most calls that one source needs. */
enum { GL_LIVE_CALLS_MAX = 2 };

/* Describes call number `number` (from 0) of a question; false if it needs no such call. Calls of
 * all questions are made side by side, equal ones once. */
typedef bool gl_live_ask_fn(const struct gl_live_question *q, int number,
                            struct gl_live_call *ret_call);

/* Makes a value from the answers, or leaves NULL for the template's Default. An answer is there
 * (NULL = AWS says there is no such thing) for each call that was asked for. */
typedef int gl_live_read_fn(const struct gl_live_question *q, const char **ret_value,
                            struct gl_error *err);

struct gl_live_source {
    const char *name;
    const char *text;    /* N_(): what it is and where it is read */
    gl_live_ask_fn *ask; /* NULL = needs no call */
    gl_live_read_fn *read;
};

/* All sources that a stack may name; ends with NULL. */
extern const struct gl_live_source gl_live_sources[];

const struct gl_live_source *gl_live_find(const char *name);
/* The nearest name to a wrong one, or NULL. */
const char *gl_live_nearest(const char *name);

#endif
