/* What golive github apply changed, for the ledger of the environment that is production. */
#include "cmd/github_record.h"

#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "cmd/aws_context.h"
#include "release/person.h"

static const char kind[] = "github.apply";

/* What GitHub says is in it, and a ledger never has a secret. */
static void set_masked(json_t *object, const char *name, const char *text)
{
    gl_autofree char *safe = gl_redact(text);
    gl_json_set_str(object, name, safe);
}

json_t *gl_cmd_github_intended(const struct gl_github_survey *survey)
{
    json_t *intended = json_array();
    for (size_t i = 0; i < survey->count; i++) {
        const struct gl_github_finding *finding = &survey->findings[i];
        if (finding->state != GL_GITHUB_DIFFERS)
            continue;
        json_t *change = json_object();
        gl_json_set_str(change, "setting", finding->name);
        gl_json_set_str(change, "resource", finding->resource);
        set_masked(change, "was", finding->is);
        json_array_append_new(intended, change);
    }
    return intended;
}

/* ---- the event ---------------------------------------------------------------------------------
 */

static json_t *changes_of(const struct gl_cmd_github *work, const json_t *intended)
{
    json_t *changes = json_array();
    size_t i;
    json_t *change;
    json_array_foreach((json_t *)intended, i, change)
    {
        if (gl_strv_has(&work->written, gl_json_str(change, "resource", "")))
            json_array_append(changes, change);
    }
    return changes;
}

static json_t *refused_names(const struct gl_cmd_github *work)
{
    json_t *names = json_array();
    size_t i;
    const json_t *one;
    json_array_foreach(work->refused, i, one)
        json_array_append_new(names, json_string(gl_json_str(one, "resource", "?")));
    return names;
}

static json_t *event_data(const struct gl_cmd_github *work, const struct gl_config *production,
                          const json_t *intended)
{
    gl_autofree char *name = NULL;
    const char *person = gl_person_here(production, &name);
    json_t *data = json_object();
    gl_json_set_str(data, "repository", work->github.repo);
    gl_json_set_str(data, "branch", work->desired.branch);
    gl_json_set_str(data, "by", person ? person : name);
    json_object_set_new(data, "changes", changes_of(work, intended));
    json_object_set_new(data, "refused", refused_names(work));
    return data;
}

/* ---- where it goes -----------------------------------------------------------------------------
 */

static int append_to(const struct gl_context *context, const struct gl_config *production,
                     struct gl_account *account, const json_t *data, struct gl_error *err)
{
    gl_autoledger struct gl_ledger *ledger = NULL;
    int failed = gl_cmd_open_other_ledger(context, production, account, &ledger, err);
    return failed < 0
               ? failed
               : gl_ledger_append(ledger, kind, gl_config_env(production), 0, data, NULL, err);
}

static int append_to_team(struct gl_context *context, const struct gl_config *production,
                          const json_t *data, struct gl_error *err)
{
    struct gl_account *account = NULL;
    int failed = gl_cmd_open_account(context, production, &account, err);
    if (failed == 0)
        failed = append_to(context, production, account, data, err);
    gl_account_free(&account);
    return failed;
}

void gl_cmd_github_record(struct gl_cmd_github *work, const struct gl_config *production,
                          const json_t *intended)
{
    gl_autoerr struct gl_error problem = {0};
    gl_autojson json_t *data = NULL;
    if (!work->written.count)
        return;
    data = event_data(work, production, intended);
    if (gl_platform_is_aws(production) &&
        append_to_team(work->context, production, data, NULL) == 0)
        return;
    if (append_to(work->context, production, NULL, data, &problem) < 0)
        gl_log(GL_LOG_WARN, _("the ledger has no word of these changes: %s"), problem.message);
}
