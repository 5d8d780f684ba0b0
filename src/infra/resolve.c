/* Making the values known that only the account has: outputs of stacks and live sources. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "infra/live_internal.h"
#include "infra/plan_internal.h"

/* The value of one live parameter; NULL text = the template's Default. */
struct answer {
    struct gl_live_question question;
    int calls[GL_LIVE_CALLS_MAX]; /* indexes into asking.calls, or -1 */
    const char *text;
};

struct asking {
    struct gl_plan *plan;
    struct gl_account *account;
    const struct gl_live_stack *stacks;
    struct answer *answers;
    size_t count;
    struct gl_live_calls calls; /* each different call once; count = room */
    char **keys;                /* of the calls */
    size_t call_count;
};

static void asking_done(struct asking *a)
{
    for (size_t i = 0; i < a->call_count; i++)
        free(a->keys[i]);
    free(a->keys);
    free(a->answers);
    gl_live_calls_done(&a->calls);
}

/* ---- asking ------------------------------------------------------------------------------------
 */

static size_t count_questions(const struct gl_plan_stack *stack)
{
    size_t count = 0;
    for (size_t i = 0; i < stack->def->parameter_count; i++)
        count += stack->def->parameters[i].kind == GL_SOURCE_LIVE;
    return count;
}

/* Keeps a call, or finds the equal one that is there already. */
static int keep_call(struct asking *a, struct gl_live_call *call)
{
    gl_autofree char *params = call->params ? gl_json_canonical(call->params) : gl_strdup("");
    gl_autofree char *key = gl_asprintf("%s %s %s %s", call->service, call->operation,
                                        call->region ? call->region : "", params);
    for (size_t i = 0; i < a->call_count; i++) {
        if (strcmp(a->keys[i], key) == 0) {
            gl_live_call_done(call);
            return (int)i;
        }
    }
    a->keys[a->call_count] = gl_steal(&key);
    a->calls.items[a->call_count] = *call;
    return (int)a->call_count++;
}

static void add_questions(struct asking *a, const struct gl_plan_stack *stack)
{
    for (size_t i = 0; i < stack->def->parameter_count; i++) {
        const struct gl_stack_parameter *parameter = &stack->def->parameters[i];
        if (parameter->kind != GL_SOURCE_LIVE)
            continue;
        struct answer *answer = &a->answers[a->count++];
        answer->question = (struct gl_live_question){.plan = a->plan,
                                                     .stack = stack,
                                                     .parameter = parameter,
                                                     .stacks = a->stacks,
                                                     .source = gl_live_find(parameter->source)};
        for (int number = 0; number < GL_LIVE_CALLS_MAX; number++) {
            const struct gl_live_source *source = answer->question.source;
            struct gl_live_call call = {0};
            answer->calls[number] = -1;
            if (source->ask && source->ask(&answer->question, number, &call))
                answer->calls[number] = keep_call(a, &call);
        }
    }
}

static int cannot_read(struct asking *a, const struct answer *answer, struct gl_live_call *call,
                       struct gl_error *err)
{
    int code = gl_live_call_fail(call, gl_account_caller(a->account), err);
    gl_error_wrap(err, _("%s of stack %s (%s) cannot be read"), answer->question.parameter->name,
                  answer->question.stack->key, answer->question.source->name);
    return code;
}

static int read_answer(struct asking *a, struct answer *answer, struct gl_error *err)
{
    for (int number = 0; number < GL_LIVE_CALLS_MAX; number++) {
        struct gl_live_call *call =
            answer->calls[number] < 0 ? NULL : &a->calls.items[answer->calls[number]];
        if (call && call->code < 0 && call->code != GL_E_NOT_FOUND)
            return cannot_read(a, answer, call, err);
        answer->question.answers[number] = call && call->code == 0 ? call->result : NULL;
    }
    const char *text = NULL;
    int failed = answer->question.source->read(&answer->question, &text, err);
    if (failed == 0)
        answer->text = gl_arena_strdup(&a->plan->arena, text); /* the answer goes */
    return failed;
}

/* Asks everything that these stacks want to know of the account. */
static int ask(struct asking *a, const struct gl_plan_stack *stacks, size_t count,
               struct gl_error *err)
{
    size_t room = 0;
    for (size_t i = 0; i < count; i++)
        room += count_questions(&stacks[i]);
    a->answers = gl_alloc((room + 1) * sizeof *a->answers);
    a->keys = gl_alloc((room + 1) * GL_LIVE_CALLS_MAX * sizeof *a->keys);
    a->calls = gl_live_calls_new(room * GL_LIVE_CALLS_MAX);
    for (size_t i = 0; i < count; i++)
        add_questions(a, &stacks[i]);
    int failed =
        gl_live_calls(gl_account_client(a->account), a->calls.items, a->call_count, false, err);
    for (size_t i = 0; failed == 0 && i < a->count; i++)
        failed = read_answer(a, &a->answers[i], err);
    return failed;
}

/* ---- filling in --------------------------------------------------------------------------------
 */

static const struct gl_stack_parameter *find_parameter(const struct gl_plan_stack *stack,
                                                       const char *name)
{
    for (size_t i = 0; i < stack->def->parameter_count; i++) {
        if (strcmp(stack->def->parameters[i].name, name) == 0)
            return &stack->def->parameters[i];
    }
    return NULL;
}

static const char *live_text(const struct asking *a, const struct gl_plan_stack *stack,
                             const struct gl_stack_parameter *parameter)
{
    for (size_t i = 0; i < a->count; i++) {
        const struct gl_live_question *q = &a->answers[i].question;
        if (q->parameter == parameter && q->stack == stack)
            return a->answers[i].text;
    }
    return NULL;
}

static const char *output_text(const struct asking *a, const struct gl_stack_parameter *parameter)
{
    const char *name = NULL;
    const struct gl_plan_stack *from = gl_plan_producer(a->plan, parameter->source, &name);
    const struct gl_live_stack *live = from ? &a->stacks[from - a->plan->stacks] : NULL;
    return live && gl_live_stack_stands(live) ? gl_value_str(live->outputs, name, NULL) : NULL;
}

/* An output that its stack will only have after its own update: until then what was passed last. */
static const char *last_text(const struct asking *a, const struct gl_plan_stack *stack,
                             const char *name)
{
    const struct gl_live_stack *live = &a->stacks[stack - a->plan->stacks];
    return gl_live_stack_stands(live) ? gl_value_str(live->parameters, name, NULL) : NULL;
}

/* The known value for an unknown one; NULL = leave it out, so that the Default holds. */
static struct gl_value *make_known(const struct asking *a, const struct gl_plan_stack *stack,
                                   const struct gl_value *value)
{
    const struct gl_stack_parameter *parameter = find_parameter(stack, value->name);
    struct gl_arena *arena = &a->plan->arena;
    if (!parameter || parameter->kind == GL_SOURCE_RELEASE)
        return gl_value_copy(arena, value);
    const char *text = parameter->kind == GL_SOURCE_LIVE ? live_text(a, stack, parameter)
                                                         : output_text(a, parameter);
    if (!text && parameter->kind == GL_SOURCE_OUTPUT)
        text = last_text(a, stack, value->name);
    if (text)
        return gl_value_text(arena, text, value);
    return parameter->kind == GL_SOURCE_LIVE ? NULL : gl_value_copy(arena, value);
}

static int fill_in(const struct asking *a, struct gl_plan_stack *stack, struct gl_error *err)
{
    const struct gl_value *given = NULL;
    /* Anew, because stacks before this one may know more by now. */
    int failed = gl_plan_give(a->plan, stack, &given, err);
    if (failed < 0)
        return failed;
    struct gl_value *known = gl_value_new(&a->plan->arena, GL_VALUE_MAP, NULL);
    for (const struct gl_value *at = given->first; at; at = at->next) {
        struct gl_value *value = gl_value_has_unknown(at) ? make_known(a, stack, at)
                                                          : gl_value_copy(&a->plan->arena, at);
        if (value)
            gl_value_append(known, value, at->name);
    }
    return gl_plan_evaluate(a->plan, stack, known, err);
}

static int resolve(struct gl_plan *plan, struct gl_plan_stack *stacks, size_t count,
                   struct gl_account *account, const struct gl_live_stack *live,
                   struct gl_error *err)
{
    gl_cleanup(asking_done) struct asking a = {.plan = plan, .account = account, .stacks = live};
    plan->account_id = gl_arena_strdup(&plan->arena, gl_account_id(account));
    int failed = ask(&a, stacks, count, err);
    for (size_t i = 0; failed == 0 && i < count; i++)
        failed = fill_in(&a, &stacks[i], err);
    return failed;
}

int gl_plan_resolve(struct gl_plan *plan, struct gl_plan_stack *stack, struct gl_account *account,
                    const struct gl_live_stack *stacks, struct gl_error *err)
{
    return resolve(plan, stack, 1, account, stacks, err);
}

int gl_plan_resolve_all(struct gl_plan *plan, struct gl_account *account,
                        const struct gl_live_stack *stacks, struct gl_error *err)
{
    return resolve(plan, plan->stacks, plan->count, account, stacks, err);
}
