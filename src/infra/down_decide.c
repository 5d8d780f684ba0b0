/* What happens next to a stack that is to go: a function of facts, without effect. */
#include <string.h>

#include "base/strv.h"
#include "infra/down.h"

static bool is_gone(const char *status)
{
    return !status || strcmp(status, "DELETE_COMPLETE") == 0;
}

/* CloudFormation deletes a stack while it is created, but not while it is changed. */
static bool can_be_deleted(const char *status)
{
    return !gl_ends_with(status, "_IN_PROGRESS") || strcmp(status, "CREATE_IN_PROGRESS") == 0 ||
           strcmp(status, "REVIEW_IN_PROGRESS") == 0;
}

static enum gl_down_step begin(const struct gl_down_facts *facts)
{
    if (facts->tries >= GL_DOWN_TRIES_MAX)
        return GL_DOWN_STEP_FAIL;
    if (facts->tries == GL_DOWN_TRIES_MAX - 1 && strcmp(facts->status, "DELETE_FAILED") == 0)
        return GL_DOWN_STEP_RETAIN;
    return can_be_deleted(facts->status) ? GL_DOWN_STEP_DELETE : GL_DOWN_STEP_NONE;
}

enum gl_down_step gl_down_decide(const struct gl_down_facts *facts)
{
    if (facts->state != GL_DOWN_WAITING && facts->state != GL_DOWN_RUNNING)
        return GL_DOWN_STEP_NONE;
    if (is_gone(facts->status))
        return GL_DOWN_STEP_GONE;
    if (facts->state == GL_DOWN_RUNNING) {
        bool over =
            (facts->begun || facts->given_up) && !gl_ends_with(facts->status, "_IN_PROGRESS");
        return over && !facts->stopping ? begin(facts)
               : over                   ? GL_DOWN_STEP_FAIL
                                        : GL_DOWN_STEP_NONE;
    }
    if (facts->users_failed)
        return GL_DOWN_STEP_BLOCK;
    if (facts->stopping)
        return GL_DOWN_STEP_LEAVE;
    return facts->users_open ? GL_DOWN_STEP_NONE : begin(facts);
}
