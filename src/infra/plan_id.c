/* Plans that are kept. */
#include "infra/plan_id.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"

void gl_plan_id_new(char ret_id[GL_PLAN_ID_SIZE])
{
    gl_autofree char *hex = gl_random_hex(4);
    ret_id[0] = 'p';
    ret_id[1] = '-';
    memcpy(ret_id + 2, hex, 9);
}

char *gl_plan_change_set_name(const char *id)
{
    return gl_asprintf("golive-%s", id);
}

/* ---- hash --------------------------------------------------------------------------------------
 */

void gl_plan_stack_hash(const struct gl_plan *plan, const struct gl_plan_stack *stack,
                        char ret_hex[GL_SHA256_HEX_SIZE])
{
    gl_autojson json_t *all = json_object();
    json_t *tags = json_object();
    char template[GL_SHA256_HEX_SIZE];
    gl_sha256_hex(stack->def->text, stack->def->len, template);
    for (size_t i = 0; i < plan->tag_count; i++)
        gl_json_set_str(tags, plan->tags[i].key, plan->tags[i].value);
    gl_json_set_str(all, "stack_name", stack->stack_name);
    gl_json_set_str(all, "region", stack->region);
    gl_json_set_str(all, "template", template);
    json_object_set_new(all, "tags", tags);
    json_object_set_new(all, "parameters", gl_value_json(stack->given));
    gl_autofree char *text = gl_json_canonical(all);
    gl_sha256_hex(text, strlen(text), ret_hex);
}

/* ---- keeping -----------------------------------------------------------------------------------
 */

static json_t *stack_json(const struct gl_plan *plan, const struct gl_plan_stack *stack)
{
    char hash[GL_SHA256_HEX_SIZE];
    json_t *json = json_object();
    gl_plan_stack_hash(plan, stack, hash);
    gl_json_set_str(json, "stack", stack->key);
    gl_json_set_str(json, "stack_name", stack->stack_name);
    gl_json_set_str(json, "region", stack->region);
    gl_json_set_str(json, "action", gl_change_word(stack->change.action));
    gl_json_set_str(json, "change_set", stack->change.change_set);
    gl_json_set_str(json, "change_set_name", stack->asked_change_set);
    gl_json_set_bool(json, "later", stack->change.note != NULL);
    gl_json_set_str(json, "hash", hash);
    return json;
}

int gl_plan_keep(struct gl_ledger *ledger, const struct gl_plan *plan, const char *id,
                 int64_t now_unix_ms, struct gl_error *err)
{
    gl_autojson json_t *data = json_object();
    json_t *stacks = json_array();
    gl_json_set_str(data, "id", id);
    gl_json_set_str(data, "account", plan->account_id);
    gl_json_set_str(data, "region", plan->region);
    gl_json_set_int(data, "expires_unix_ms", now_unix_ms + GL_PLAN_VALID_MINUTES * 60000LL);
    for (size_t i = 0; i < plan->count; i++)
        json_array_append_new(stacks, stack_json(plan, &plan->stacks[i]));
    json_object_set_new(data, "stacks", stacks);
    return gl_ledger_append(ledger, "infra.plan", plan->env, 0, data, NULL, err);
}

/* ---- finding it again --------------------------------------------------------------------------
 */

struct search {
    const char *id;
    json_t *found; /* data of the event */
    char *env;
};

static void search_done(struct search *search)
{
    json_decref(search->found);
    free(search->env);
}

static int visit(const struct gl_event *event, void *context, struct gl_error *err)
{
    struct search *search = context;
    (void)err;
    if (strcmp(event->kind, "infra.plan") != 0 ||
        strcmp(gl_json_str(event->data, "id", ""), search->id) != 0)
        return 0;
    json_decref(search->found);
    free(search->env);
    search->found = json_incref(event->data);
    search->env = gl_strdup(event->env);
    return 0;
}

static int make_new(const struct gl_plan *plan, struct gl_error *err)
{
    return gl_error_hint(err, _("Make a new one: golive plan --env %s --keep."), plan->env);
}

static int check_plan(const struct gl_plan *plan, const struct search *search, int64_t now_unix_ms,
                      struct gl_error *err)
{
    const char *account = gl_json_str(search->found, "account", "");
    if (!search->found) {
        gl_fail(err, GL_E_NOT_FOUND, _("there is no plan %s"), search->id);
        return make_new(plan, err);
    }
    if (strcmp(search->env, plan->env) != 0)
        return gl_fail(err, GL_E_REFUSED, _("plan %s is one of %s, not of %s"), search->id,
                       search->env, plan->env);
    if (!plan->account_id || strcmp(account, plan->account_id) != 0)
        return gl_fail(err, GL_E_REFUSED, _("plan %s is one of account %s"), search->id, account);
    if (now_unix_ms > gl_json_int(search->found, "expires_unix_ms", 0)) {
        gl_fail(err, GL_E_REFUSED, _("plan %s is older than %d minutes"), search->id,
                GL_PLAN_VALID_MINUTES);
        return make_new(plan, err);
    }
    return 0;
}

static const json_t *find_stack(const json_t *data, const char *key)
{
    const json_t *list = json_object_get(data, "stacks");
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        if (strcmp(gl_json_str(item, "stack", ""), key) == 0)
            return item;
    }
    return NULL;
}

static int changed_since(const struct gl_plan *plan, const struct gl_plan_stack *stack,
                         const char *id, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("stack %s would be made otherwise than plan %s says"), stack->key,
            id);
    return gl_error_hint(err,
                         _("golive.yaml, a template or the account changed since. Make a new plan: "
                           "golive plan --env %s --keep."),
                         plan->env);
}

static int recall_stack(struct gl_plan *plan, struct gl_plan_stack *stack,
                        const struct search *search, struct gl_error *err)
{
    const json_t *kept = find_stack(search->found, stack->key);
    char hash[GL_SHA256_HEX_SIZE];
    if (kept && gl_json_bool(kept, "later", false))
        return 0;
    gl_plan_stack_hash(plan, stack, hash);
    if (!kept || strcmp(gl_json_str(kept, "hash", ""), hash) != 0)
        return changed_since(plan, stack, search->id, err);
    const char *word = gl_json_str(kept, "action", "");
    enum gl_change_action action = GL_CHANGE_NONE;
    for (int at = GL_CHANGE_NONE; at <= GL_CHANGE_IMPORT; at++) {
        if (strcmp(gl_change_word((enum gl_change_action)at), word) == 0)
            action = (enum gl_change_action)at;
    }
    stack->change = (struct gl_stack_change){.action = action};
    stack->change.change_set = gl_arena_strdup(&plan->arena, gl_json_str(kept, "change_set", NULL));
    stack->asked_change_set =
        gl_arena_strdup(&plan->arena, gl_json_str(kept, "change_set_name", NULL));
    return 0;
}

int gl_plan_recall(struct gl_ledger *ledger, struct gl_plan *plan, const char *id,
                   int64_t now_unix_ms, struct gl_error *err)
{
    gl_cleanup(search_done) struct search search = {.id = id};
    int failed = gl_ledger_read(ledger, 0, visit, &search, err);
    if (failed == 0)
        failed = check_plan(plan, &search, now_unix_ms, err);
    for (size_t i = 0; failed == 0 && i < plan->count; i++)
        failed = recall_stack(plan, &plan->stacks[i], &search, err);
    return failed;
}
