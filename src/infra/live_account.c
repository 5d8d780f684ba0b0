/* Live sources that exist once in an account or region, and may have been made by others. */
#include <string.h>

#include "base/strv.h"
#include "infra/live_internal.h"

enum { IDS_MAX = 16 }; /* more than one is rare; GuardDuty has at most one */

/* ---- GitHub's identity provider ----------------------------------------------------------------
 */

bool gl_live_ask_providers(const struct gl_live_question *q, int number,
                           struct gl_live_call *ret_call)
{
    (void)q;
    *ret_call = (struct gl_live_call){.service = "iam", .operation = "ListOpenIDConnectProviders"};
    return number == 0;
}

int gl_live_read_provider(const struct gl_live_question *q, const char **ret_value,
                          struct gl_error *err)
{
    (void)err;
    const char *ids[IDS_MAX];
    size_t count = 0;
    const json_t *list = json_object_get(q->answers[0], "OpenIDConnectProviderList");
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *arn = gl_json_str(item, "Arn", "");
        if (count < IDS_MAX && gl_ends_with(arn, "/token.actions.githubusercontent.com"))
            ids[count++] = arn;
    }
    *ret_value = gl_live_adopt(q, ids, count);
    return 0;
}

/* ---- GuardDuty, Access Analyzer ----------------------------------------------------------------
 */

bool gl_live_ask_detectors(const struct gl_live_question *q, int number,
                           struct gl_live_call *ret_call)
{
    *ret_call = (struct gl_live_call){
        .service = "guardduty", .operation = "ListDetectors", .region = q->stack->region};
    return number == 0;
}

int gl_live_read_detector(const struct gl_live_question *q, const char **ret_value,
                          struct gl_error *err)
{
    (void)err;
    const json_t *list = json_object_get(q->answers[0], "DetectorIds");
    const char *id = json_string_value(json_array_get(list, 0));
    *ret_value = gl_live_adopt(q, &id, id != NULL);
    return 0;
}

bool gl_live_ask_analyzers(const struct gl_live_question *q, int number,
                           struct gl_live_call *ret_call)
{
    if (number > 0)
        return false;
    *ret_call = (struct gl_live_call){
        .service = "accessanalyzer",
        .operation = "ListAnalyzers",
        .region = q->stack->region,
        .params = json_pack("{ss}", "type", "ACCOUNT"),
    };
    return true;
}

int gl_live_read_analyzer(const struct gl_live_question *q, const char **ret_value,
                          struct gl_error *err)
{
    (void)err;
    const char *ids[IDS_MAX];
    size_t count = 0;
    const json_t *list = json_object_get(q->answers[0], "analyzers");
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *arn = gl_json_str(item, "arn", NULL);
        bool fits = strcmp(gl_json_str(item, "type", "ACCOUNT"), "ACCOUNT") == 0;
        if (arn && fits && count < IDS_MAX)
            ids[count++] = arn;
    }
    *ret_value = gl_live_adopt(q, ids, count);
    return 0;
}

/* ---- PagerDuty ---------------------------------------------------------------------------------
 */

/* Full name of the stored URL of the first channel of that level; NULL if there is none. */
static const char *pagerduty_name(const struct gl_live_question *q, const char *level)
{
    const json_t *list = gl_config_node(q->plan->config, "observability.notify");
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *name = gl_json_str(item, "endpoint_secret", NULL);
        bool fits = strcmp(gl_json_str(item, "kind", ""), "pagerduty") == 0 &&
                    strcmp(gl_json_str(item, "level", "critical"), level) == 0;
        if (fits && name)
            return gl_arena_printf(&q->plan->arena, "%s/%s",
                                   gl_config_str(q->plan->config, "secrets_path"), name);
    }
    return NULL;
}

static bool ask_secret(const struct gl_live_question *q, const char *level,
                       struct gl_live_call *ret_call)
{
    const char *name = pagerduty_name(q, level);
    if (!name)
        return false;
    *ret_call = (struct gl_live_call){
        .service = "secretsmanager",
        .operation = "DescribeSecret",
        .region = q->stack->region,
        .params = json_pack("{ss}", "SecretId", name),
    };
    return true;
}

bool gl_live_ask_critical(const struct gl_live_question *q, int number,
                          struct gl_live_call *ret_call)
{
    return number == 0 && ask_secret(q, "critical", ret_call);
}

bool gl_live_ask_warning(const struct gl_live_question *q, int number,
                         struct gl_live_call *ret_call)
{
    return number == 0 && ask_secret(q, "warning", ret_call);
}

static bool is_current(const json_t *stages)
{
    size_t i;
    const json_t *stage;
    json_array_foreach(stages, i, stage)
    {
        const char *word = json_string_value(stage);
        if (word && strcmp(word, "AWSCURRENT") == 0)
            return true;
    }
    return false;
}

/* A secret without a value would make CloudFormation fail: only one with AWSCURRENT counts. */
static int read_secret(const struct gl_live_question *q, const char *level, const char **ret_value)
{
    const json_t *versions = json_object_get(q->answers[0], "VersionIdsToStages");
    const char *version;
    json_t *stages;
    if (json_object_get(q->answers[0], "DeletedDate"))
        return 0; /* is about to go: CloudFormation could not read it */
    json_object_foreach((json_t *)versions, version, stages)
    {
        if (is_current(stages))
            *ret_value = pagerduty_name(q, level);
    }
    return 0;
}

int gl_live_read_critical(const struct gl_live_question *q, const char **ret_value,
                          struct gl_error *err)
{
    (void)err;
    return read_secret(q, "critical", ret_value);
}

int gl_live_read_warning(const struct gl_live_question *q, const char **ret_value,
                         struct gl_error *err)
{
    (void)err;
    return read_secret(q, "warning", ret_value);
}
