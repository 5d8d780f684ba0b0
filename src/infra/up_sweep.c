/* `golive up`: what plans that nobody finished left behind. */
#include <string.h>

#include "aws/credentials_value.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "infra/up_internal.h"

bool gl_up_is_leftover(const char *name, const char *created, int64_t now_unix_ms)
{
    int64_t made_ms = 0;
    if (!name || !gl_starts_with(name, "golive-p-"))
        return false;
    if (!created || !gl_aws_parse_time(created, &made_ms))
        return false;
    return now_unix_ms - made_ms > GL_PLAN_VALID_MINUTES * 60000LL;
}

/* Adds a deletion for each leftover of one stack. */
static void add_deletions(struct up_run *run, size_t i, const json_t *list,
                          struct gl_live_calls *calls, size_t *used)
{
    size_t at;
    const json_t *item;
    json_array_foreach(list, at, item)
    {
        const char *name = gl_json_str(item, "ChangeSetName", NULL);
        if (*used == calls->count ||
            !gl_up_is_leftover(name, gl_json_str(item, "CreationTime", NULL), gl_now_unix_ms()))
            continue;
        calls->items[(*used)++] = (struct gl_live_call){
            .service = "cloudformation",
            .operation = "DeleteChangeSet",
            .region = run->shown[i].stack->region,
            .params = json_pack("{ssss}", "StackName", run->shown[i].stack->stack_name,
                                "ChangeSetName", name)};
    }
}

/* Only tidying: a failure of a deletion is none of the run. */
int gl_up_sweep(struct up_run *run, struct gl_error *err)
{
    enum { AT_ONCE = 200 };
    struct gl_aws_client *client = gl_account_client(run->options->account);
    gl_autocalls struct gl_live_calls lists = gl_live_calls_new(run->count);
    gl_autocalls struct gl_live_calls deletions = gl_live_calls_new(AT_ONCE);
    size_t used = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (run->live[i].stack_id)
            lists.items[i] = (struct gl_live_call){
                .service = "cloudformation",
                .operation = "ListChangeSets",
                .region = run->shown[i].stack->region,
                .params = json_pack("{ss}", "StackName", run->shown[i].stack->stack_name)};
    }
    int failed = gl_live_calls(client, lists.items, lists.count, false, err);
    for (size_t i = 0; failed == 0 && i < run->count; i++)
        add_deletions(run, i, json_object_get(lists.items[i].result, "Summaries"), &deletions,
                      &used);
    return failed < 0 ? failed : gl_live_calls(client, deletions.items, used, true, err);
}
