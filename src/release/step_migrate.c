/* migrate: the expand phase, and contract migrations whose release has come; then the old version
 * proves that it still works on the new schema. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "release/steps.h"

/* Contract migrations that the serving release already had, long enough ago: it and its rollback
 * target no longer use what they drop. */
struct due {
    json_t *versions; /* array of integers */
    bool fresh;       /* nobody to stay compatible with: contract migrations run at once */
    struct gl_release *release;
};

static void due_done(struct due *due)
{
    json_decref(due->versions);
}

static bool is_due(const struct gl_migration *migration, void *context)
{
    const struct due *due = context;
    size_t index;
    json_t *version;
    json_array_foreach(due->versions, index, version)
    {
        if (json_integer_value(version) == migration->version)
            return true;
    }
    return false;
}

static int find_due(struct gl_release *release, struct due *ret_due, struct gl_error *err)
{
    gl_autojournal struct gl_journal journal = {0};
    int failed = gl_journal_read(release->ledger, release->env, &journal, err);
    if (failed < 0)
        return failed;
    ret_due->fresh = gl_journal_database_was_new(&journal);
    const struct gl_operation_record *serving = gl_journal_serving(&journal);
    int64_t least_age_ms =
        gl_config_int(release->config, "migrations.contract_min_age_hours") * 3600 * 1000;
    json_t *held = NULL;
    if (serving && gl_now_unix_ms() - serving->ended_unix_ms >= least_age_ms) {
        const struct gl_operation_record *made = gl_journal_deploy_of(&journal, serving->release);
        held = made ? json_object_get(json_object_get(made->facts, "migrate"), "held") : NULL;
    }
    ret_due->versions = held ? json_deep_copy(held) : json_array();
    return 0;
}

static void on_event(const struct gl_migrate_event *event, void *context)
{
    const struct due *due = context;
    switch (event->kind) {
    case GL_MIGRATE_BEGIN:
        gl_release_update(due->release, "%s", gl_path_base(event->migration->path));
        break;
    case GL_MIGRATE_BLOCKED:
    case GL_MIGRATE_RETRY:
        gl_release_update(due->release, _("%s waits for a lock: %s"),
                          gl_path_base(event->migration->path), event->detail ? event->detail : "");
        break;
    case GL_MIGRATE_DONE:
        break;
    }
}

/* Contract migrations that stay pending now are noted: they are due in the release after this one.
 */
static void note_held(struct gl_release *release, const struct gl_migrations *list,
                      const struct gl_migrate_status *status, const struct due *due)
{
    json_t *held = json_array();
    for (size_t i = 0; i < list->count; i++) {
        const struct gl_migration *migration = &list->items[i];
        if (status->states[i] == GL_MIGRATION_PENDING && migration->phase == GL_PHASE_CONTRACT &&
            !is_due(migration, (void *)due) && !due->fresh)
            json_array_append_new(held, json_integer(migration->version));
    }
    json_object_set_new(gl_release_own_facts(release), "held", held);
}

static void report(struct gl_release *release, const struct gl_migrate_result *result)
{
    json_t *facts = gl_release_own_facts(release);
    gl_json_set_int(facts, "applied", (int64_t)result->applied);
    gl_json_set_int(facts, "longest_lock_us", result->longest_lock_us);
    gl_autofree char *lock = gl_format_duration((double)result->longest_lock_us / 1000);
    if (!result->applied)
        gl_release_detail(release, _("nothing to apply, %zu wait for a later release"),
                          result->held);
    else
        gl_release_detail(release, _("%zu applied, longest lock %s, %zu wait for a later release"),
                          result->applied, lock, result->held);
}

static int open_list(struct gl_release *release, struct gl_migrations *ret_list,
                     char **ret_conninfo, struct gl_error *err)
{
    gl_autofree char *dir =
        gl_release_project_path(release, gl_config_str(release->config, "migrations.dir"));
    int failed = gl_migrations_scan(dir, ret_list, err);
    if (failed == 0)
        failed = release->platform->ops->database_url(release->platform, ret_conninfo, err);
    if (failed == 0)
        gl_secret_add(*ret_conninfo);
    return failed;
}

static int apply(struct gl_release *release, const char *conninfo, const struct gl_migrations *list,
                 struct due *due, struct gl_error *err)
{
    gl_automigratestatus struct gl_migrate_status status = {0};
    int failed = gl_migrate_status(conninfo, list, &status, err);
    if (failed == 0)
        failed = gl_step_refuse_bad_migrations(list, &status, err);
    if (failed < 0)
        return failed;
    struct gl_migrate_options options = {
        .expand_only = !due->fresh,
        .allow_contract = is_due,
        .lock_timeout_ms = gl_config_int(release->config, "migrations.lock_timeout_ms"),
        .statement_timeout_ms = gl_config_int(release->config, "migrations.statement_timeout_ms"),
        .on_event = on_event,
        .context = due,
    };
    struct gl_migrate_result result = {0};
    failed = gl_migrate_run(conninfo, list, &options, &result, err);
    if (failed < 0)
        return failed;
    note_held(release, list, &status, due);
    report(release, &result);
    return 0;
}

static int run(struct gl_release *release, struct gl_error *err)
{
    gl_automigrations struct gl_migrations list = {0};
    gl_autofree char *conninfo = NULL;
    gl_cleanup(due_done) struct due due = {.release = release};
    int failed = open_list(release, &list, &conninfo, err);
    if (failed == 0)
        failed = find_due(release, &due, err);
    return failed < 0 ? failed : apply(release, conninfo, &list, &due, err);
}

/* The proof that an expand migration leaves the old version working. */
static int verify(struct gl_release *release, struct gl_error *err)
{
    if (!release->previous)
        return 0;
    size_t passed = 0;
    int failed = gl_smoke_run(release, GL_SMOKE_VERSION, release->previous, &passed, err);
    if (failed < 0)
        return gl_error_wrap(err,
                             _("release %" PRId64 ", which still serves, fails on the new schema"),
                             release->previous);
    gl_json_set_int(gl_release_own_facts(release), "old_version_smoke", (int64_t)passed);
    return 0;
}

static const char *skip(const struct gl_release *release)
{
    gl_autofree char *dir =
        gl_release_project_path(release, gl_config_str(release->config, "migrations.dir"));
    return gl_is_dir(dir) ? NULL : N_("there is no migrations directory");
}

static char *plan(const struct gl_release *release)
{
    return gl_asprintf(
        _("apply the pending expand migrations of %s, each with lock_timeout %lld ms; then "
          "smoke-test the serving version on the new schema"),
        gl_config_str(release->config, "migrations.dir"),
        (long long)gl_config_int(release->config, "migrations.lock_timeout_ms"));
}

/* No undo: the old version works on the new schema, and a database is never restored by a machine's
 * decision. */
const struct gl_step gl_step_migrate = {
    .name = "migrate",
    .skip = skip,
    .plan = plan,
    .run = run,
    .verify = verify,
};
