/* Asking the services, comparing with the template. */
#include "infra/verify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "infra/live_calls.h"

/* One question about one resource. */
struct question {
    const struct gl_verify_row *row;
    const struct gl_resource *resource;
    size_t stack; /* index */
};

struct verifying {
    struct gl_plan *plan;
    struct gl_plan_stack *const *stacks;
    size_t count;
    struct gl_account *account;
    struct gl_verified *results;
    json_t **ids; /* per stack: logical to physical id */
    struct question *questions;
    size_t question_count;
    struct gl_live_calls calls;
};

static void verifying_done(struct verifying *v)
{
    for (size_t i = 0; i < v->count; i++)
        json_decref(v->ids[i]);
    free(v->ids);
    free(v->questions);
    gl_live_calls_done(&v->calls);
}

/* ---- finding values ----------------------------------------------------------------------------
 */

/* "DBInstances.0.MultiAZ" in an answer. */
static const json_t *json_at(const json_t *json, const char *path)
{
    gl_autostrv struct gl_strv words = {0};
    gl_strv_split(&words, path, ".");
    for (size_t i = 0; json && i < words.count; i++)
        json = json_is_array(json) ? json_array_get(json, (size_t)strtoul(words.items[i], NULL, 10))
                                   : json_object_get(json, words.items[i]);
    return json;
}

/* A scalar as text; "" if there is none. Caller owns it. */
static char *text_of(const json_t *json)
{
    if (json_is_string(json))
        return gl_strdup(json_string_value(json));
    if (json_is_boolean(json))
        return gl_strdup(json_is_true(json) ? "true" : "false");
    if (json_is_integer(json))
        return gl_asprintf("%" JSON_INTEGER_FORMAT, json_integer_value(json));
    return json && !json_is_null(json) ? gl_json_canonical(json) : gl_strdup("");
}

/* A property as far as it is known; a Ref to a resource of the stack is its physical id. NULL if it
 * is not set or not known. */
static const char *wanted_text(const struct gl_value *value, const json_t *ids)
{
    if (!value)
        return NULL;
    if (gl_value_is_scalar(value))
        return value->text;
    if (value->kind == GL_VALUE_UNKNOWN && value->unknown == GL_UNKNOWN_RESOURCE)
        return gl_json_str(ids, value->source, NULL);
    return NULL;
}

/* ---- asking ------------------------------------------------------------------------------------
 */

static int read_ids(struct verifying *v, struct gl_error *err)
{
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(v->count);
    for (size_t i = 0; i < v->count; i++)
        calls.items[i] = (struct gl_live_call){
            .service = "cloudformation",
            .operation = "ListStackResources",
            .region = v->stacks[i]->region,
            .params = json_pack("{ss}", "StackName", v->stacks[i]->stack_name)};
    int failed = gl_live_calls(gl_account_client(v->account), calls.items, v->count, false, err);
    for (size_t i = 0; failed == 0 && i < v->count; i++) {
        size_t at;
        const json_t *item;
        v->ids[i] = json_object();
        if (calls.items[i].code < 0)
            failed = gl_live_call_fail(&calls.items[i], gl_account_caller(v->account), err);
        json_array_foreach(json_object_get(calls.items[i].result, "StackResourceSummaries"), at,
                           item)
        {
            const char *id = gl_json_str(item, "LogicalResourceId", NULL);
            if (id)
                gl_json_set_str(v->ids[i], id, gl_json_str(item, "PhysicalResourceId", ""));
        }
    }
    return failed;
}

/* The cluster in arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME. Caller owns it. */
static char *cluster_of(const char *arn)
{
    const char *begin = strchr(arn, '/');
    const char *end = begin ? strchr(begin + 1, '/') : NULL;
    return end ? gl_strndup(begin + 1, (size_t)(end - begin - 1)) : gl_strdup("default");
}

/* What a "$WORD" of a row stands for; NULL if it is not known. Caller owns it. */
static char *placeholder(const char *word, const char *id, const struct gl_resource *resource,
                         const json_t *ids)
{
    if (strcmp(word, "$ID") == 0)
        return gl_strdup(id);
    if (strcmp(word, "$CLUSTER") == 0)
        return cluster_of(id);
    return gl_strdup(wanted_text(gl_value_get(resource->properties, word + 1), ids));
}

/* Fills in one level; false if something is not known. */
static bool fill_member(json_t *holder, const char *key, json_t *value, const char *text)
{
    if (json_is_array(value))
        json_array_set_new(value, 0, json_string(text));
    else
        json_object_set_new(holder, key, json_string(text));
    return true;
}

static json_t *params_of(const struct question *q, const char *id, const json_t *ids)
{
    gl_autojson json_t *params = json_loads(q->row->params, 0, NULL);
    gl_autojson json_t *filled = json_deep_copy(params);
    const char *key;
    json_t *value;
    json_object_foreach(params, key, value)
    {
        const json_t *text = json_is_array(value) ? json_array_get(value, 0) : value;
        gl_autofree char *known = placeholder(json_string_value(text), id, q->resource, ids);
        if (!known || !fill_member(filled, key, json_object_get(filled, key), known))
            return NULL;
    }
    return json_incref(filled);
}

static void add_finding(struct verifying *v, const struct question *q, const char *property,
                        const char *wanted, const char *found)
{
    struct gl_arena *arena = &v->plan->arena;
    struct gl_verified *result = &v->results[q->stack];
    struct gl_verify_finding *all =
        gl_arena_alloc(arena, (result->finding_count + 1) * sizeof *all);
    if (result->finding_count)
        memcpy(all, result->findings, result->finding_count * sizeof *all);
    all[result->finding_count++] = (struct gl_verify_finding){
        .resource = q->resource->id,
        .type = q->resource->type,
        .property = property,
        .wanted = gl_arena_strdup(arena, wanted),
        .found = gl_arena_strdup(arena, found),
    };
    result->findings = all;
}

static void note_unknown_type(struct verifying *v, size_t stack, const char *type)
{
    struct gl_verified *result = &v->results[stack];
    gl_autostrv struct gl_strv types = {0};
    result->not_verified++;
    if (result->types)
        gl_strv_split(&types, result->types, " ");
    if (gl_strv_has(&types, type))
        return;
    gl_strv_add(&types, type);
    gl_autofree char *joined = gl_strv_join(&types, " ");
    result->types = gl_arena_strdup(&v->plan->arena, joined);
}

static void ask(struct verifying *v, const struct question *q, const char *id)
{
    json_t *params = params_of(q, id, v->ids[q->stack]);
    if (!params) {
        note_unknown_type(v, q->stack, q->resource->type);
        return;
    }
    v->calls.items[v->question_count] = (struct gl_live_call){
        .service = q->row->service,
        .operation = q->row->operation,
        .region = v->stacks[q->stack]->region,
        .params = params,
    };
    v->questions[v->question_count++] = *q;
}

static void ask_resource(struct verifying *v, size_t stack, const struct gl_resource *resource)
{
    const char *id = gl_json_str(v->ids[stack], resource->id, NULL);
    struct question q = {.resource = resource, .stack = stack};
    bool known = false;
    if (resource->exists != GL_TRUE)
        return;
    if (!id || !*id) {
        add_finding(v, &q, NULL, _("in the stack"), _("not in the stack"));
        return;
    }
    v->results[stack].resources++;
    for (const struct gl_verify_row *row = gl_verify_table; row->type; row++) {
        if (strcmp(row->type, resource->type) != 0)
            continue;
        q.row = row;
        known = true;
        ask(v, &q, id);
    }
    if (!known)
        note_unknown_type(v, stack, resource->type);
}

/* Most rows that one type has. */
static size_t rows_at_most(void)
{
    size_t most = 1;
    size_t run = 1;
    for (const struct gl_verify_row *row = gl_verify_table; row->type && row[1].type; row++) {
        run = strcmp(row->type, row[1].type) == 0 ? run + 1 : 1;
        most = run > most ? run : most;
    }
    return most;
}

static int ask_all(struct verifying *v, struct gl_error *err)
{
    size_t room = 0;
    for (size_t i = 0; i < v->count; i++)
        room += v->stacks[i]->result.resource_count;
    room = room * rows_at_most() + 1;
    v->questions = gl_alloc(room * sizeof *v->questions);
    v->calls = gl_live_calls_new(room);
    for (size_t i = 0; i < v->count; i++) {
        for (size_t r = 0; r < v->stacks[i]->result.resource_count; r++)
            ask_resource(v, i, &v->stacks[i]->result.resources[r]);
    }
    return gl_live_calls(gl_account_client(v->account), v->calls.items, v->question_count, false,
                         err);
}

/* ---- comparing ---------------------------------------------------------------------------------
 */

static void check(struct verifying *v, const struct question *q,
                  const struct gl_verify_check *check, const json_t *answer)
{
    const struct gl_value *value =
        check->property ? gl_value_find(q->resource->properties, check->property) : NULL;
    const char *wanted = check->always ? check->always : wanted_text(value, v->ids[q->stack]);
    gl_autofree char *found = text_of(json_at(answer, check->found));
    if (!wanted || strcasecmp(wanted, found) == 0)
        return;
    add_finding(v, q, check->property ? check->property : check->found, wanted, found);
}

/* AWS's words for "there is none", of the thing or of one of its settings. */
static bool is_absent(const struct gl_live_call *call)
{
    const char *code = call->failure.code;
    return call->code == GL_E_NOT_FOUND ||
           (code && (gl_starts_with(code, "NoSuch") || strstr(code, "NotFound")));
}

static int judge(struct verifying *v, size_t i, struct gl_error *err)
{
    const struct question *q = &v->questions[i];
    struct gl_live_call *call = &v->calls.items[i];
    const struct gl_verify_row *row = q->row;
    if (call->code < 0 && !is_absent(call)) {
        int failed = gl_live_call_fail(call, gl_account_caller(v->account), err);
        gl_error_wrap(err, _("%s (%s) cannot be verified"), q->resource->id, q->resource->type);
        return failed;
    }
    if (row->exists && !json_at(call->result, row->exists)) {
        add_finding(v, q, NULL, _("there"), _("not there"));
        return 0;
    }
    for (size_t c = 0; c < GL_VERIFY_CHECKS_MAX && row->checks[c].found; c++)
        check(v, q, &row->checks[c], call->result);
    return 0;
}

int gl_verify_stacks(struct gl_plan *plan, struct gl_plan_stack *const *stacks, size_t count,
                     struct gl_account *account, struct gl_verified *ret_results,
                     struct gl_error *err)
{
    gl_cleanup(verifying_done) struct verifying v = {
        .plan = plan, .stacks = stacks, .count = count, .account = account};
    v.results = gl_arena_alloc(&plan->arena, (count + 1) * sizeof *v.results);
    v.ids = gl_alloc((count + 1) * sizeof(json_t *));
    int failed = read_ids(&v, err);
    if (failed == 0)
        failed = ask_all(&v, err);
    for (size_t i = 0; failed == 0 && i < v.question_count; i++)
        failed = judge(&v, i, err);
    for (size_t i = 0; failed == 0 && i < count; i++)
        ret_results[i] = v.results[i];
    return failed;
}
