/* Alarms of the evaluated stacks, as runbooks show them. */
#include "facts/alarm.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "data/sqlite.h"

/* The properties of an alarm that are looked at; rows of one resource stand together. Of labels
 * that of the metric it is about. */
static const char query[] =
    "select p.resource, p.shape, p.value from run join property p"
    " where (p.shape in ('AlarmName', 'AlarmDescription', 'Threshold', 'ComparisonOperator',"
    " 'MetricName') or p.shape = 'Metrics[].Label' and exists (select 1 from property e"
    " where e.resource = p.resource and e.path = p.parent || '.ReturnData' and e.value = 'true'))"
    " and p.resource >= run.env || '/' and p.resource < run.env || '0' order by p.rowid";

enum field { NAME, DESCRIPTION, THRESHOLD, OPERATOR, METRIC, LABEL, FIELDS };

static const char *const shapes[FIELDS] = {
    [NAME] = "AlarmName",      [DESCRIPTION] = "AlarmDescription",
    [THRESHOLD] = "Threshold", [OPERATOR] = "ComparisonOperator",
    [METRIC] = "MetricName",   [LABEL] = "Metrics[].Label",
};

struct reading {
    char *resource;
    char *fields[FIELDS];
    struct gl_runbook_alarms *alarms;
};

/* ---- the limit ---------------------------------------------------------------------------------
 */

static const struct {
    const char *word, *sign;
} operators[] = {
    {"GreaterThanThreshold",          "> " },
    {"GreaterThanOrEqualToThreshold", ">= "},
    {"LessThanThreshold",             "< " },
    {"LessThanOrEqualToThreshold",    "<= "},
};

static const char *sign_of(const char *word)
{
    for (size_t i = 0; word && i < GL_COUNT(operators); i++) {
        if (strcmp(operators[i].word, word) == 0)
            return operators[i].sign;
    }
    return "";
}

static const char bytes[] = "bytes";

/* What metrics of AWS, and those that the stacks make of logs, are counted in (CloudWatch's
 * documentation of each service). */
static const struct {
    const char *metric, *unit;
} units[] = {
    {"5xxErrorRate",              " %"              },
    {"4xxErrorRate",              " %"              },
    {"CPUUtilization",            " %"              },
    {"DatabaseConnections",       " connections"    },
    {"DaysToExpiry",              " days"           },
    {"ErrorLines",                " lines"          },
    {"FreeStorageSpace",          bytes             },
    {"FreeableMemory",            bytes             },
    {"HealthCheckStatus",         "; 1 = healthy"   },
    {"MaximumUsedTransactionIDs", " transaction ids"},
    {"MemoryUtilization",         " %"              },
    {"SlowQueries",               " statements"     },
    {"TargetResponseTime",        " s"              },
    {"UnHealthyHostCount",        " targets"        },
};

static const char *unit_of_metric(const char *metric)
{
    for (size_t i = 0; metric && i < GL_COUNT(units); i++) {
        if (strcmp(units[i].metric, metric) == 0)
            return units[i].unit;
    }
    return "";
}

/* What an expression comes to, its label says with the last word or as a whole: "5xx percent", "p95
 * seconds", "missing tasks". The caller owns it. */
static char *unit_of_label(const char *label)
{
    if (gl_ends_with(label, " percent"))
        return gl_strdup(" %");
    if (gl_ends_with(label, " seconds"))
        return gl_strdup(" s");
    return gl_asprintf(" %s", label);
}

/* Of a number of bytes; what is only known after `golive up` stays as it is. The caller owns it. */
static char *size_text(const char *threshold)
{
    static const char *const names[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    char *end;
    double size = strtod(threshold, &end);
    size_t name = 0;
    if (end == threshold || *end)
        return gl_asprintf("%s %s", threshold, names[0]);
    for (; size >= 1024 && name + 1 < GL_COUNT(names); name++)
        size /= 1024;
    return gl_asprintf("%.4g %s", size, names[name]);
}

/* "> 2 %"; NULL for an alarm that is made of others. The caller owns it. */
static char *limit_of(const struct reading *reading)
{
    const char *threshold = reading->fields[THRESHOLD];
    const char *label = reading->fields[LABEL];
    if (!threshold)
        return NULL;
    const char *sign = sign_of(reading->fields[OPERATOR]);
    const char *unit = unit_of_metric(reading->fields[METRIC]);
    gl_autofree char *of_label = label ? unit_of_label(label) : NULL;
    gl_autofree char *size = unit == bytes ? size_text(threshold) : NULL;
    if (size)
        return gl_asprintf("%s%s", sign, size);
    return gl_asprintf("%s%s%s", sign, threshold, of_label ? of_label : unit);
}

/* ---- rows --------------------------------------------------------------------------------------
 */

static void clear(struct reading *reading)
{
    free(gl_steal(&reading->resource));
    for (size_t i = 0; i < FIELDS; i++)
        free(gl_steal(&reading->fields[i]));
}

static void finish(struct reading *reading)
{
    gl_autofree char *limit = limit_of(reading);
    if (reading->fields[NAME] && reading->fields[DESCRIPTION])
        gl_runbook_alarms_add(reading->alarms, reading->fields[NAME], reading->fields[DESCRIPTION],
                              limit);
    clear(reading);
}

static void read_row(struct reading *reading, sqlite3_stmt *row)
{
    const char *resource = gl_sqlite_text(row, 0);
    const char *shape = gl_sqlite_text(row, 1);
    if (!reading->resource || strcmp(reading->resource, resource) != 0) {
        finish(reading);
        reading->resource = gl_strdup(resource);
    }
    for (size_t i = 0; i < FIELDS; i++) {
        if (strcmp(shape, shapes[i]) != 0)
            continue;
        free(reading->fields[i]);
        reading->fields[i] = gl_strdup((const char *)sqlite3_column_text(row, 2));
    }
}

/* Without the stacks there would be no alarm at all, and nobody would see why. */
static int check_stacks(sqlite3 *db, struct gl_error *err)
{
    gl_autostmt sqlite3_stmt *row = NULL;
    int step = gl_sqlite_prepare(
        db, &row, err, "select reason from source where name = 'template' and state = 'failed'",
        "");
    if (step == 0)
        step = gl_sqlite_step(row, err);
    if (step <= 0)
        return step;
    gl_fail(err, GL_E_CONFIG, _("the stacks cannot be evaluated: %s"), gl_sqlite_text(row, 0));
    return gl_error_hint(
        err, _("The alarms are theirs. Mend the stack, or add what golive.yaml lacks for it."));
}

int gl_facts_alarms(sqlite3 *db, struct gl_runbook_alarms *ret_alarms, struct gl_error *err)
{
    gl_autoalarms struct gl_runbook_alarms alarms = {0};
    struct reading reading = {.alarms = &alarms};
    gl_autostmt sqlite3_stmt *row = NULL;
    int step = check_stacks(db, err);
    if (step == 0)
        step = gl_sqlite_prepare(db, &row, err, query, "");
    if (step < 0)
        return step;
    while ((step = gl_sqlite_step(row, err)) > 0)
        read_row(&reading, row);
    finish(&reading);
    if (step < 0)
        return step;
    *ret_alarms = alarms;
    alarms = (struct gl_runbook_alarms){0};
    return 0;
}
