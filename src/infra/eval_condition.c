/* Conditions: three-valued, because some depend on what only the account knows. */
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "infra/eval_internal.h"

/* Bounded by GL_TEMPLATE_DEPTH_MAX and by the check for cycles. */
/* NOLINTBEGIN(misc-no-recursion) */

static int evaluate(struct gl_evaluation *e, const struct gl_value *node, enum gl_truth *ret_truth);

static enum gl_truth both(enum gl_truth a, enum gl_truth b)
{
    if (a == GL_FALSE || b == GL_FALSE)
        return GL_FALSE;
    return a == GL_TRUE && b == GL_TRUE ? GL_TRUE : GL_TRUTH_UNKNOWN;
}

static enum gl_truth negate(enum gl_truth truth)
{
    if (truth == GL_TRUTH_UNKNOWN)
        return truth;
    return truth == GL_TRUE ? GL_FALSE : GL_TRUE;
}

/* An id, ARN or output of a resource is never empty; a live value may be. */
static bool is_never_empty(const struct gl_value *value)
{
    if (value->unknown == GL_UNKNOWN_RESOURCE || value->unknown == GL_UNKNOWN_OUTPUT)
        return true;
    if (value->unknown != GL_UNKNOWN_MIXED)
        return false;
    for (const struct gl_value *part = value->first; part; part = part->next) {
        if (part->kind != GL_VALUE_UNKNOWN || is_never_empty(part))
            return true;
    }
    return false;
}

static enum gl_truth compare(const struct gl_value *a, const struct gl_value *b)
{
    if (!gl_value_has_unknown(a) && !gl_value_has_unknown(b))
        return gl_value_equal(a, b) ? GL_TRUE : GL_FALSE;
    if (gl_value_equal(a, b))
        return GL_TRUE;
    if ((gl_value_is_word(b, "") && is_never_empty(a)) ||
        (gl_value_is_word(a, "") && is_never_empty(b)))
        return GL_FALSE;
    return GL_TRUTH_UNKNOWN;
}

static int equals(struct gl_evaluation *e, const struct gl_value *list, enum gl_truth *ret_truth)
{
    if (list->kind != GL_VALUE_LIST || list->count != 2)
        return gl_fail_at(e->err, list, _("Fn::Equals takes two values"));
    const struct gl_value *a = gl_eval_value(e, gl_value_at(list, 0));
    const struct gl_value *b = a ? gl_eval_value(e, gl_value_at(list, 1)) : NULL;
    if (!b)
        return GL_E_CONFIG;
    *ret_truth = compare(a, b);
    return 0;
}

static int all_of(struct gl_evaluation *e, const struct gl_value *list, enum gl_truth *ret_truth)
{
    enum gl_truth result = GL_TRUE;
    if (list->kind != GL_VALUE_LIST || list->count < 2 || list->count > 10)
        return gl_fail_at(e->err, list, _("Fn::And and Fn::Or take 2 to 10 conditions"));
    for (const struct gl_value *at = list->first; at; at = at->next) {
        enum gl_truth truth;
        int failed = evaluate(e, at, &truth);
        if (failed < 0)
            return failed;
        result = both(result, truth);
    }
    *ret_truth = result;
    return 0;
}

static int any_of(struct gl_evaluation *e, const struct gl_value *list, enum gl_truth *ret_truth)
{
    enum gl_truth result = GL_FALSE;
    if (list->kind != GL_VALUE_LIST || list->count < 2 || list->count > 10)
        return gl_fail_at(e->err, list, _("Fn::And and Fn::Or take 2 to 10 conditions"));
    for (const struct gl_value *at = list->first; at; at = at->next) {
        enum gl_truth truth;
        int failed = evaluate(e, at, &truth);
        if (failed < 0)
            return failed;
        result = negate(both(negate(result), negate(truth)));
    }
    *ret_truth = result;
    return 0;
}

static int not_this(struct gl_evaluation *e, const struct gl_value *list, enum gl_truth *ret_truth)
{
    enum gl_truth truth;
    if (list->kind != GL_VALUE_LIST || list->count != 1)
        return gl_fail_at(e->err, list, _("Fn::Not takes one condition"));
    int failed = evaluate(e, list->first, &truth);
    if (failed == 0)
        *ret_truth = negate(truth);
    return failed;
}

static int other_condition(struct gl_evaluation *e, const struct gl_value *name,
                           enum gl_truth *ret_truth)
{
    if (name->kind != GL_VALUE_TEXT)
        return gl_fail_at(e->err, name, _("Condition takes the name of a condition"));
    return gl_condition_named(e, name->text, name, ret_truth);
}

static const struct {
    const char *name;
    int (*evaluate)(struct gl_evaluation *e, const struct gl_value *argument,
                    enum gl_truth *ret_truth);
} operators[] = {
    {"Condition",  other_condition},
    {"Fn::And",    all_of         },
    {"Fn::Equals", equals         },
    {"Fn::Not",    not_this       },
    {"Fn::Or",     any_of         },
};

static int evaluate(struct gl_evaluation *e, const struct gl_value *node, enum gl_truth *ret_truth)
{
    const struct gl_value *call =
        node->kind == GL_VALUE_MAP && node->count == 1 ? node->first : NULL;
    for (size_t i = 0; call && i < GL_COUNT(operators); i++) {
        if (strcmp(operators[i].name, call->name) == 0)
            return operators[i].evaluate(e, call, ret_truth);
    }
    return gl_fail_at(e->err, node,
                      _("a condition is made of Fn::Equals, Fn::And, Fn::Or, Fn::Not, Condition"));
}

/* ---- by name -----------------------------------------------------------------------------------
 */

int gl_conditions_prepare(struct gl_evaluation *e, const struct gl_value *conditions)
{
    if (!conditions)
        return 0;
    e->condition_count = conditions->count;
    e->conditions = gl_arena_alloc(e->arena, conditions->count * sizeof *e->conditions);
    size_t i = 0;
    for (const struct gl_value *at = conditions->first; at; at = at->next)
        e->conditions[i++] = (struct gl_condition){.name = at->name, .node = at};
    for (i = 0; i < e->condition_count; i++) {
        enum gl_truth unused;
        int failed = gl_condition_named(e, e->conditions[i].name, e->conditions[i].node, &unused);
        if (failed < 0)
            return failed;
    }
    return 0;
}

static struct gl_condition *find(struct gl_evaluation *e, const char *name)
{
    for (size_t i = 0; i < e->condition_count; i++) {
        if (strcmp(e->conditions[i].name, name) == 0)
            return &e->conditions[i];
    }
    return NULL;
}

static int no_such_condition(struct gl_evaluation *e, const char *name, const struct gl_value *at)
{
    gl_autostrv struct gl_strv names = {0};
    for (size_t i = 0; i < e->condition_count; i++)
        gl_strv_add(&names, e->conditions[i].name);
    const char *nearest = gl_nearest(name, (const char *const *)names.items, names.count);
    gl_fail_at(e->err, at, _("there is no condition `%s`"), name);
    return nearest ? gl_error_hint(e->err, _("did you mean `%s`?"), nearest) : GL_E_CONFIG;
}

int gl_condition_named(struct gl_evaluation *e, const char *name, const struct gl_value *at,
                       enum gl_truth *ret_truth)
{
    struct gl_condition *condition = find(e, name);
    if (!condition)
        return no_such_condition(e, name, at);
    if (condition->state == GL_CONDITION_RUNNING)
        return gl_fail_at(e->err, at, _("the condition %s depends on itself"), name);
    if (condition->state == GL_CONDITION_NEW) {
        condition->state = GL_CONDITION_RUNNING;
        int failed = evaluate(e, condition->node, &condition->truth);
        if (failed < 0)
            return failed;
        condition->state = GL_CONDITION_DONE;
    }
    *ret_truth = condition->truth;
    return 0;
}

/* ---- Fn::If ------------------------------------------------------------------------------------
 */

static char *show_branch(const struct gl_value *branch)
{
    return branch->kind == GL_VALUE_NOTHING ? gl_strdup(_("nothing")) : gl_value_show(branch);
}

static struct gl_value *either(struct gl_evaluation *e, const struct gl_value *argument)
{
    const struct gl_value *condition = gl_value_at(argument, 0);
    struct gl_value *yes = gl_eval_value(e, gl_value_at(argument, 1));
    struct gl_value *no = yes ? gl_eval_value(e, gl_value_at(argument, 2)) : NULL;
    if (!no)
        return NULL;
    if (gl_value_equal(yes, no))
        return yes;
    gl_autofree char *yes_text = show_branch(yes);
    gl_autofree char *no_text = show_branch(no);
    gl_autofree char *text =
        gl_asprintf(_("(if %s: %s, else %s)"), condition->text, yes_text, no_text);
    struct gl_value *value =
        gl_value_unknown(e->arena, GL_UNKNOWN_COMPUTED, condition->text, argument);
    value->text = gl_arena_strdup(e->arena, text);
    gl_value_append(value, yes, NULL);
    gl_value_append(value, no, NULL);
    return value;
}

struct gl_value *gl_eval_if(struct gl_evaluation *e, const struct gl_value *argument)
{
    const struct gl_value *name = gl_value_at(argument, 0);
    enum gl_truth truth = GL_FALSE;
    if (argument->kind != GL_VALUE_LIST || argument->count != 3 || name->kind != GL_VALUE_TEXT)
        return gl_eval_fail(e, argument, _("Fn::If takes a condition and two values"));
    if (gl_condition_named(e, name->text, name, &truth) < 0)
        return NULL;
    if (truth == GL_TRUTH_UNKNOWN)
        return either(e, argument);
    return gl_eval_value(e, gl_value_at(argument, truth == GL_TRUE ? 1 : 2));
}

struct gl_value *gl_eval_misplaced(struct gl_evaluation *e, const struct gl_value *argument)
{
    return gl_eval_fail(e, argument, _("%s stands only in Conditions"), argument->name);
}

/* NOLINTEND(misc-no-recursion) */
