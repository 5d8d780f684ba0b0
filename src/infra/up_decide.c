/* What happens to a stack next: a function of facts, without effect. */
#include "base/mem.h"
#include "infra/up.h"

static const struct {
    const char *word;
    bool over;
} states[] = {
    [GL_UP_WAITING] = {"waiting",   false},
      [GL_UP_WATCHING] = {"watching",  false},
    [GL_UP_CLEARING] = {"clearing",  false},
      [GL_UP_RUNNING] = {"running",   false},
    [GL_UP_UNCHANGED] = {"unchanged", true },
      [GL_UP_DONE] = {"done",      true },
    [GL_UP_UNDONE] = {"undone",    true },
      [GL_UP_FAILED] = {"failed",    true },
    [GL_UP_BLOCKED] = {"blocked",   true },
      [GL_UP_LEFT] = {"left",      true },
};

const char *gl_up_state_word(enum gl_up_state state)
{
    return states[state].word;
}

bool gl_up_is_over(enum gl_up_state state)
{
    return states[state].over;
}

/* It is its turn: by the way out of its status. */
static enum gl_up_step begin(const struct gl_up_facts *facts)
{
    static const enum gl_up_step steps[] = {
        [GL_WAY_CREATE] = GL_UP_STEP_PLAN,       [GL_WAY_UPDATE] = GL_UP_STEP_PLAN,
        [GL_WAY_REVIEW] = GL_UP_STEP_PLAN,       [GL_WAY_WAIT] = GL_UP_STEP_WATCH,
        [GL_WAY_DELETE] = GL_UP_STEP_DELETE,     [GL_WAY_CONTINUE] = GL_UP_STEP_CONTINUE,
        [GL_WAY_ROLLBACK] = GL_UP_STEP_ROLLBACK, [GL_WAY_ASK] = GL_UP_STEP_REFUSE,
    };
    enum gl_up_step step = steps[facts->way_out];
    bool way_out =
        step == GL_UP_STEP_DELETE || step == GL_UP_STEP_CONTINUE || step == GL_UP_STEP_ROLLBACK;
    return way_out && facts->ways_out >= GL_UP_WAYS_OUT_MAX ? GL_UP_STEP_REFUSE : step;
}

static enum gl_up_step settle(const struct gl_up_facts *facts)
{
    static const enum gl_up_step steps[] = {
        [GL_OUTCOME_RUNNING] = GL_UP_STEP_NONE,
        [GL_OUTCOME_GOOD] = GL_UP_STEP_GOOD,
        [GL_OUTCOME_UNDONE] = GL_UP_STEP_UNDONE,
        [GL_OUTCOME_BAD] = GL_UP_STEP_BAD,
    };

    return steps[facts->outcome];
}

/* We asked for an operation: an old status says nothing before it has begun. */
static enum gl_up_step follow(const struct gl_up_facts *facts)
{
    if (facts->outcome == GL_OUTCOME_RUNNING)
        return GL_UP_STEP_NONE;
    if (!facts->begun)
        return facts->given_up ? GL_UP_STEP_AGAIN : GL_UP_STEP_NONE;
    return facts->state == GL_UP_RUNNING ? settle(facts) : GL_UP_STEP_AGAIN;
}

enum gl_up_step gl_up_decide(const struct gl_up_facts *facts)
{
    switch (facts->state) {
    case GL_UP_WAITING:
        if (facts->needs_failed)
            return GL_UP_STEP_BLOCK;
        if (facts->stopping)
            return GL_UP_STEP_LEAVE;
        return facts->needs_open ? GL_UP_STEP_NONE : begin(facts);
    case GL_UP_WATCHING:
        if (facts->stopping)
            return GL_UP_STEP_LEAVE;
        return facts->outcome == GL_OUTCOME_RUNNING ? GL_UP_STEP_NONE : GL_UP_STEP_AGAIN;
    case GL_UP_CLEARING:
    case GL_UP_RUNNING:
        return follow(facts);
    default:
        return GL_UP_STEP_NONE;
    }
}
