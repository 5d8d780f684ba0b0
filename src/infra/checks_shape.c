/* Values that do not go together on AWS, or that AWS does not know. */
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"
#include "infra/checks_internal.h"
#include "infra/egress.h"

struct shape {
    const struct gl_config *config;
    struct gl_diagnostics *list;
};

static bool is_word(const struct shape *shape, const char *key, const char *word)
{
    const char *value = gl_config_str(shape->config, key);
    return value && strcmp(value, word) == 0;
}

/* ---- days that a log is kept -------------------------------------------------------------------
 */

/* https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
static const int log_days[] = {1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
                               365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};

static void check_log_days(const struct shape *shape, const char *key)
{
    int64_t days = gl_config_int(shape->config, key);
    int below = 0;
    int above = 0;
    for (size_t i = 0; i < GL_COUNT(log_days); i++) {
        if (log_days[i] == days)
            return;
        if (log_days[i] < days)
            below = log_days[i];
        else if (!above)
            above = log_days[i];
    }
    struct gl_error *problem =
        gl_check_add(shape->config, shape->list, key,
                     _("CloudWatch cannot keep a log for %lld days"), (long long)days);
    gl_error_hint(problem, _("It can for %d or %d."), below, above);
}

static void check_logs(const struct shape *shape)
{
    check_log_days(shape, "observability.log_retention_days");
    check_log_days(shape, "edge.waf.log.retention_days");
    if (!is_word(shape, "edge.waf.log.destination", "firehose"))
        return;
    struct gl_error *problem = gl_check_add(shape->config, shape->list, "edge.waf.log.destination",
                                            _("the stack edge makes no Firehose stream"));
    gl_error_hint(problem, _("Use cloudwatch, or s3, from where a stream of your own can read."));
}

/* ---- the firewall ------------------------------------------------------------------------------
 */

/* The groups whose rules the stack edge can make count or allow; of others nothing would happen. */
static void check_exclusions(const struct shape *shape)
{
    static const char *const groups[] = {"AWSManagedRulesCommonRuleSet",
                                         "AWSManagedRulesSQLiRuleSet",
                                         "AWSManagedRulesKnownBadInputsRuleSet"};
    size_t i;
    const json_t *exclusion;
    json_array_foreach(gl_config_node(shape->config, "edge.waf.exclusions"), i, exclusion)
    {
        const char *group = gl_json_str(exclusion, "group", "");
        gl_autofree char *key = gl_asprintf("edge.waf.exclusions.%zu.group", i);
        bool known = false;
        for (size_t k = 0; k < GL_COUNT(groups); k++)
            known = known || strcmp(groups[k], group) == 0;
        if (known)
            continue;
        struct gl_error *problem = gl_check_add(
            shape->config, shape->list, key, _("no rule of the group `%s` can be excepted"), group);
        gl_error_hint(problem, _("Rules can of %s, %s and %s."), groups[0], groups[1], groups[2]);
    }
}

/* ---- App Runner, canary ------------------------------------------------------------------------
 */

static void refuse_with_app_runner(const struct shape *shape, const char *key, const char *word,
                                   const char *why)
{
    if (!is_word(shape, "backend.platform", "app_runner") || !is_word(shape, key, word))
        return;
    struct gl_error *problem = gl_check_add(shape->config, shape->list, key,
                                            _("%s: %s does not go with App Runner"), key, word);
    gl_error_hint(problem, "%s", why);
}

static void check_app_runner(const struct shape *shape)
{
    refuse_with_app_runner(
        shape, "edge.api_path", "cloudfront",
        _("CloudFront stands before a load balancer, which App Runner has not."));
    refuse_with_app_runner(shape, "frontend.mode", "ssr",
                           _("The Node service runs beside the backend on ECS: use "
                             "backend.platform: ecs, or frontend.mode: static."));
}

/* A release refuses it too (platform/aws/services.c), for an environment that stands already. */
static void check_rolling(const struct shape *shape)
{
    static const char key[] = "release.strategy";
    if (!is_word(shape, key, "rolling") || !is_word(shape, "frontend.mode", "ssr") ||
        is_word(shape, "backend.platform", "app_runner"))
        return;
    struct gl_error *problem =
        gl_check_add(shape->config, shape->list, key,
                     _("release.strategy: rolling does not go with frontend.mode: ssr"));
    gl_error_hint(
        problem,
        _("A rolling version has requests as soon as it starts: one of the two services "
          "would have moved when the other fails, and could not be taken back at once. "
          "Use blue_green, canary or linear, where both start before either gets requests; or "
          "frontend.mode: static, where every route prerenders."));
}

static void check_share(const struct shape *shape)
{
    static const char key[] = "release.canary.percent";
    int64_t share = gl_config_int(shape->config, key);
    struct gl_error *problem = NULL;
    if (is_word(shape, "release.strategy", "canary") && share < 1)
        problem = gl_check_add(shape->config, shape->list, key, _("a canary needs at least 1 %%"));
    if (is_word(shape, "release.strategy", "linear") && share < 3)
        problem =
            gl_check_add(shape->config, shape->list, key, _("a step of linear is at least 3 %%"));
    if (problem)
        gl_error_hint(problem, _("With release.strategy: blue_green there is none."));
}

/* ---- where secrets are stored ------------------------------------------------------------------
 */

/* The ceiling of all roles and the rights of policies/ reach what is stored below /APP/. */
static void check_secrets_path(const struct shape *shape)
{
    static const char key[] = "secrets_path";
    const char *path = gl_config_str(shape->config, key);
    gl_autofree char *wanted = gl_asprintf("/%s/%s", gl_config_str(shape->config, "app.name"),
                                           gl_config_env(shape->config));
    size_t len = strlen(wanted);
    if (!path || (gl_starts_with(path, wanted) && (!path[len] || path[len] == '/')))
        return;
    struct gl_error *problem =
        gl_check_add(shape->config, shape->list, key, _("`%s` is not below %s"), path, wanted);
    gl_error_hint(problem, _("Roles may read what is stored there, and nothing of another "
                             "application or environment."));
}

/* ---- a way to AWS ------------------------------------------------------------------------------
 */

static void check_egress(const struct shape *shape)
{
    static const char key[] = "network.egress.allow";
    gl_autostrv struct gl_strv missing = {0};
    if (gl_egress_opens_https(shape->config))
        return;
    gl_egress_missing(shape->config, &missing);
    if (!missing.count)
        return;
    gl_autofree char *names = gl_strv_join(&missing, ", ");
    struct gl_error *problem = gl_check_add(shape->config, shape->list, key,
                                            _("tasks cannot reach AWS, and so cannot start"));
    gl_error_hint(problem,
                  _("Turn on %s, or allow a domain: that opens port 443 to every address. See "
                    "docs/stacks.md, Restricted egress."),
                  names);
}

static void (*const rules[])(const struct shape *shape) = {
    check_logs,  check_exclusions,   check_app_runner, check_rolling,
    check_share, check_secrets_path, check_egress,
};

void gl_check_shape(const struct gl_config *config, struct gl_diagnostics *list)
{
    struct shape shape = {.config = config, .list = list};
    for (size_t i = 0; i < GL_COUNT(rules); i++)
        rules[i](&shape);
}
