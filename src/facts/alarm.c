/* Alarms of the evaluated stacks, as runbooks show them. */
#include "facts/alarm.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "data/sqlite.h"

/* The properties of an alarm that are looked at; rows of one resource stand together. */
static const char query[] =
    "select p.resource, p.path, p.value from run join property p"
    " where p.path in ('AlarmName', 'AlarmDescription', 'Threshold')"
    " and p.resource >= run.env || '/' and p.resource < run.env || '0' order by p.rowid";

struct reading {
    char *resource, *name, *description, *threshold;
    struct gl_runbook_alarms *alarms;
};

static void clear(struct reading *reading)
{
    free(gl_steal(&reading->resource));
    free(gl_steal(&reading->name));
    free(gl_steal(&reading->description));
    free(gl_steal(&reading->threshold));
}

static void finish(struct reading *reading)
{
    if (reading->name && reading->description)
        gl_runbook_alarms_add(reading->alarms, reading->name, reading->description,
                              reading->threshold);
    clear(reading);
}

static void read_row(struct reading *reading, sqlite3_stmt *row)
{
    const char *resource = gl_sqlite_text(row, 0);
    const char *path = gl_sqlite_text(row, 1);
    if (!reading->resource || strcmp(reading->resource, resource) != 0) {
        finish(reading);
        reading->resource = gl_strdup(resource);
    }
    char **into = strcmp(path, "AlarmName") == 0          ? &reading->name
                  : strcmp(path, "AlarmDescription") == 0 ? &reading->description
                                                          : &reading->threshold;
    free(*into);
    *into = gl_strdup((const char *)sqlite3_column_text(row, 2));
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
