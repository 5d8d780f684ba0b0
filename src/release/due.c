/* Which contract migrations this release applies, and whether now is a time for it. */
#include "release/due.h"

#include "base/clock.h"
#include "migrate/peak.h"

void gl_due_done(struct gl_due *due)
{
    json_decref(due->versions);
    gl_contracts_done(&due->waiting);
    *due = (struct gl_due){0};
}

bool gl_due_has(const struct gl_due *due, const struct gl_migration *migration)
{
    size_t index;
    json_t *version;
    json_array_foreach(due->versions, index, version)
    {
        if (json_integer_value(version) == migration->version)
            return true;
    }
    return false;
}

int gl_due_read(const struct gl_release *release, struct gl_due *ret_due, struct gl_error *err)
{
    gl_autojournal struct gl_journal journal = {0};
    int failed = gl_journal_read(release->ledger, release->env, &journal, err);
    if (failed < 0)
        return failed;
    ret_due->fresh = gl_journal_database_was_new(&journal);
    ret_due->versions = json_array();
    gl_contracts_read(&journal, release->config, &ret_due->waiting);
    for (size_t i = 0; i < ret_due->waiting.count; i++) {
        const struct gl_contract *contract = &ret_due->waiting.items[i];
        if (contract->due_unix_ms <= gl_now_unix_ms())
            json_array_append_new(ret_due->versions, json_integer(contract->version));
    }
    return 0;
}

static bool is_held(const struct gl_migration *migration, const void *context)
{
    const struct gl_due *due = context;
    return migration->phase == GL_PHASE_CONTRACT && !due->fresh && !gl_due_has(due, migration);
}

int gl_due_check_peak(const struct gl_release *release, const struct gl_migration_job *job,
                      const struct gl_migrate_status *status, const struct gl_due *due,
                      struct gl_error *err)
{
    struct gl_platform *platform = release->platform;
    gl_autofree char *window = NULL;
    gl_autofree char *conninfo = NULL;
    gl_autoforecasts struct gl_forecasts forecasts = {0};
    int64_t large = gl_config_int(release->config, "migrations.large_table_rows");
    int failed =
        status->fresh ? 0 : gl_peak_window(release->config, gl_now_unix_ms(), &window, err);
    if (failed < 0 || !window)
        return failed;
    if (platform->ops->database_url)
        failed = platform->ops->database_url(platform, &conninfo, err);
    if (failed == 0)
        failed = gl_migrate_forecast(conninfo, job->list, status, large, &forecasts, err);
    return failed < 0 ? failed : gl_peak_check(&forecasts, window, is_held, due, err);
}
