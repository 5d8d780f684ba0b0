/* The live source of the database: which version it gets. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "infra/live_internal.h"

int gl_version_compare(const char *a, const char *b)
{
    while (*a || *b) {
        char *end_a;
        char *end_b;
        long left = strtol(a, &end_a, 10);
        long right = strtol(b, &end_b, 10);
        if (left != right)
            return left < right ? -1 : 1;
        a = end_a + (*end_a != '\0');
        b = end_b + (*end_b != '\0');
    }
    return 0;
}

/* "16" of "16.13". */
static size_t major_len(const char *version)
{
    return strcspn(version, ".");
}

static bool same_major(const char *a, const char *b)
{
    size_t len = major_len(a);
    return len == major_len(b) && strncmp(a, b, len) == 0;
}

static bool ask_versions(const struct gl_live_question *q, struct gl_live_call *ret_call)
{
    const char *wanted = gl_config_str(q->plan->config, "database.engine_version");
    gl_autofree char *family = gl_asprintf("postgres%.*s", (int)major_len(wanted), wanted);
    *ret_call = (struct gl_live_call){
        .service = "rds",
        .operation = "DescribeDBEngineVersions",
        .region = q->stack->region,
        .params = json_pack("{ssss}", "Engine", "postgres", "DBParameterGroupFamily", family),
    };
    return true;
}

static bool ask_instance(const struct gl_live_question *q, struct gl_live_call *ret_call)
{
    const char *id = gl_live_output(q, "data", "DatabaseIdentifier");
    if (!id)
        return false;
    *ret_call = (struct gl_live_call){
        .service = "rds",
        .operation = "DescribeDBInstances",
        .region = q->stack->region,
        .params = json_pack("{ss}", "DBInstanceIdentifier", id),
    };
    return true;
}

bool gl_live_ask_engine(const struct gl_live_question *q, int number, struct gl_live_call *ret_call)
{
    if (number == 0)
        return ask_versions(q, ret_call);
    return number == 1 && ask_instance(q, ret_call);
}

/* The newest version that is the wanted one or a minor version of it. */
static const char *newest(const json_t *answer, const char *wanted)
{
    const json_t *list = json_object_get(answer, "DBEngineVersions");
    const char *best = NULL;
    bool exact = strchr(wanted, '.') != NULL;
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *version = gl_json_str(item, "EngineVersion", "");
        bool fits = exact ? strcmp(version, wanted) == 0 : same_major(version, wanted);
        bool offered = strcmp(gl_json_str(item, "Status", "available"), "available") == 0;
        if (fits && offered && (!best || gl_version_compare(version, best) > 0))
            best = version;
    }
    return best;
}

/* The running version stays unless golive.yaml asks for a newer one: minor versions come by RDS's
 * own upgrade in the maintenance window. */
int gl_live_read_engine(const struct gl_live_question *q, const char **ret_value,
                        struct gl_error *err)
{
    const char *wanted = gl_config_str(q->plan->config, "database.engine_version");
    const json_t *instance = json_array_get(json_object_get(q->answers[1], "DBInstances"), 0);
    const char *running = gl_json_str(instance, "EngineVersion", NULL);
    if (running && (gl_version_compare(running, wanted) >= 0 ||
                    (!strchr(wanted, '.') && same_major(running, wanted)))) {
        *ret_value = running;
        return 0;
    }
    *ret_value = newest(q->answers[0], wanted);
    if (*ret_value)
        return 0;
    struct gl_origin origin = gl_config_origin(q->plan->config, "database.engine_version");
    gl_fail(err, GL_E_CONFIG, _("RDS offers no PostgreSQL %s in %s"), wanted, q->stack->region);
    if (origin.line)
        gl_error_at(err, gl_config_path(q->plan->config), origin.line, origin.column);
    return gl_error_hint(err,
                         _("database.engine_version: a major version (\"16\") takes the newest "
                           "minor one."));
}
