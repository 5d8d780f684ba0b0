/* migrate: the expand phase, and contract migrations whose release has come; then the old version
 * proves that it still works on the new schema. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "migrate/record.h"
#include "release/due.h"
#include "release/fingerprint.h"
#include "release/steps.h"

/* What is due, and what became of it. */
struct work {
    struct gl_due due;
    struct gl_release *release;
    json_t *applied; /* what is kept of each migration, in order */
};

static void work_done(struct work *work)
{
    gl_due_done(&work->due);
    json_decref(work->applied);
}

static void on_event(const struct gl_migrate_event *event, void *context)
{
    const struct work *work = context;
    switch (event->kind) {
    case GL_MIGRATE_BEGIN:
        gl_release_update(work->release, "%s", gl_path_base(event->migration->path));
        break;
    case GL_MIGRATE_BLOCKED:
    case GL_MIGRATE_RETRY:
        gl_release_update(work->release, _("%s waits for a lock: %s"),
                          gl_path_base(event->migration->path), event->detail ? event->detail : "");
        break;
    case GL_MIGRATE_PROGRESS:
        gl_release_update(work->release,
                          _("%s: %" PRId64 " rows of about %" PRId64 ", %" PRId64 " a second"),
                          gl_path_base(event->migration->path), event->looked, event->estimate,
                          event->rate_per_s);
        break;
    case GL_MIGRATE_DONE:
        json_array_append_new(work->applied, gl_migration_record(event));
        break;
    }
}

/* Contract migrations that stay pending now are noted: they are due in the release after this one.
 */
static void note_held(struct gl_release *release, const struct gl_migrations *list,
                      const struct gl_migrate_status *status, const struct gl_due *due)
{
    json_t *held = json_array();
    for (size_t i = 0; i < list->count; i++) {
        const struct gl_migration *migration = &list->items[i];
        if (status->states[i] == GL_MIGRATION_PENDING && migration->phase == GL_PHASE_CONTRACT &&
            !gl_due_has(due, migration) && !due->fresh)
            json_array_append_new(held, json_integer(migration->version));
    }
    json_object_set_new(gl_release_own_facts(release), "held", held);
}

/* What a promotion of this release must bring too. */
static void note_list(struct gl_release *release, const struct gl_migrations *list)
{
    char hash[GL_SHA256_HEX_SIZE];
    gl_fingerprint_migrations(list, hash);
    gl_json_set_str(gl_release_own_facts(release), "list", hash);
}

/* When the first of the contract migrations that wait is due; the caller owns it. NULL = none
 * waits. */
static char *first_due(const struct gl_release *release, const struct gl_due *due,
                       const json_t *held)
{
    int64_t first = 0;
    for (size_t i = 0; i < json_array_size(held); i++) {
        int64_t at = gl_contract_due(&due->waiting, json_integer_value(json_array_get(held, i)));
        if (!at) /* it is new: its time begins when this release serves */
            at = gl_contract_due_from(release->config, gl_now_unix_ms());
        first = !first || at < first ? at : first;
    }
    return first ? gl_contract_time(first) : NULL;
}

/* Each is a sentence of its own: languages put their parts together in other ways. */
static void say_result(struct gl_release *release, const struct gl_migrate_result *result,
                       const char *lock, const char *when)
{
    if (!when && !result->applied)
        gl_release_detail(release, "%s", _("nothing to apply"));
    else if (!when)
        gl_release_detail(release, _("%zu applied, longest lock %s"), result->applied, lock);
    else if (!result->applied)
        gl_release_detail(
            release,
            ngettext("nothing to apply, %zu contract migration waits until %s",
                     "nothing to apply, %zu contract migrations wait until %s at least",
                     result->held),
            result->held, when);
    else
        gl_release_detail(
            release,
            ngettext("%zu applied, longest lock %s; %zu contract migration waits until %s",
                     "%zu applied, longest lock %s; %zu contract migrations wait until %s at "
                     "least",
                     result->held),
            result->applied, lock, result->held, when);
}

static void report(struct gl_release *release, const struct work *work,
                   const struct gl_migrate_result *result)
{
    json_t *facts = gl_release_own_facts(release);
    gl_json_set_int(facts, "applied", (int64_t)result->applied);
    gl_json_set_int(facts, "longest_lock_us", result->longest_lock_us);
    gl_json_set_int(facts, "rows", result->rows);
    json_object_set(facts, "migrations", work->applied);
    gl_autofree char *lock = gl_format_duration((double)result->longest_lock_us / 1000);
    gl_autofree char *when =
        result->held ? first_due(release, &work->due, json_object_get(facts, "held")) : NULL;
    say_result(release, result, lock, when);
}

static int apply(struct gl_release *release, const struct gl_migration_job *job,
                 const struct work *work, struct gl_error *err)
{
    struct gl_platform *platform = release->platform;
    gl_automigratestatus struct gl_migrate_status status = {0};
    int failed = platform->ops->migration_status(platform, job, &status, err);
    if (failed == 0)
        failed = gl_migrate_refuse(job->list, &status, err);
    if (failed == 0) /* the build took its minutes: peak hours may have begun, others be due */
        failed = gl_due_check_peak(release, job, &status, &work->due, err);
    if (failed < 0)
        return failed;
    struct gl_migrate_result result = {0};
    failed = platform->ops->migrate(platform, job, &result, err);
    if (failed < 0)
        return failed;
    note_held(release, job->list, &status, &work->due);
    note_list(release, job->list);
    report(release, work, &result);
    return 0;
}

static int run(struct gl_release *release, struct gl_error *err)
{
    gl_automigrations struct gl_migrations list = {0};
    gl_cleanup(work_done) struct work work = {.release = release, .applied = json_array()};
    gl_autofree char *dir =
        gl_release_project_path(release, gl_config_str(release->config, "migrations.dir"));
    int failed =
        gl_migrations_scan_as(dir, gl_config_str(release->config, "migrations.tool"), &list, err);
    if (failed == 0)
        failed = gl_due_read(release, &work.due, err);
    if (failed < 0)
        return failed;
    struct gl_migration_job job = {
        .dir = dir,
        .list = &list,
        .expand_only = !work.due.fresh,
        .due = work.due.versions,
        .lock_timeout_ms = gl_config_int(release->config, "migrations.lock_timeout_ms"),
        .statement_timeout_ms = gl_config_int(release->config, "migrations.statement_timeout_ms"),
        .on_event = on_event,
        .context = &work,
    };
    return apply(release, &job, &work, err);
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
