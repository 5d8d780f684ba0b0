/* preflight: everything that can be known to be wrong before anything is changed. */
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "migrate/migrate.h"
#include "proc/proc.h"
#include "release/steps.h"

/* Builds, an image and a backup want room; less than this ends in a full disk half-way. */
static const uint64_t least_disk_bytes = 512ULL << 20;

static int check_disk(struct gl_release *release, struct gl_error *err)
{
    uint64_t free_bytes = gl_disk_free_bytes(release->state_dir);
    if (free_bytes >= least_disk_bytes)
        return 0;
    gl_autofree char *have = gl_format_bytes(free_bytes);
    gl_autofree char *want = gl_format_bytes(least_disk_bytes);
    gl_fail(err, GL_E_REFUSED, _("only %s free in %s, a release wants %s"), have,
            release->state_dir, want);
    return gl_error_hint(err, _("Free some space; nothing was changed."));
}

/* Edited or missing migrations are refused here, before the build takes its minutes. */
static int check_migrations(struct gl_release *release, struct gl_error *err)
{
    gl_autofree char *dir =
        gl_release_project_path(release, gl_config_str(release->config, "migrations.dir"));
    if (!gl_is_dir(dir))
        return 0;
    gl_automigrations struct gl_migrations list = {0};
    gl_automigratestatus struct gl_migrate_status status = {0};
    gl_autofree char *conninfo = NULL;
    int failed = gl_migrations_scan(dir, &list, err);
    if (failed == 0)
        failed = release->platform->ops->database_url(release->platform, &conninfo, err);
    if (failed < 0)
        return failed;
    gl_secret_add(conninfo);
    failed = gl_migrate_status(conninfo, &list, &status, err);
    if (failed < 0)
        return failed;
    gl_json_set_bool(gl_release_own_facts(release), "new_database", status.fresh);
    return gl_step_refuse_bad_migrations(&list, &status, err);
}

int gl_step_refuse_bad_migrations(const struct gl_migrations *list,
                                  const struct gl_migrate_status *status, struct gl_error *err)
{
    for (size_t i = 0; i < status->count; i++) {
        if (status->states[i] != GL_MIGRATION_EDITED)
            continue;
        gl_fail(err, GL_E_REFUSED, _("migration %s was edited after it was applied"),
                gl_path_base(list->items[i].path));
        gl_error_at(err, list->items[i].path, 1, 1);
        return gl_error_hint(err,
                             _("Restore the file as it was applied (git log -- FILE) and put the "
                               "change into a new migration."));
    }
    if (status->missing) {
        gl_fail(err, GL_E_REFUSED, _("the database has migration %lld, but there is no such file"),
                (long long)status->first_missing);
        return gl_error_hint(err, _("Was it deleted, or is this an older checkout?"));
    }
    return 0;
}

/* What an undo of the publish step has to bring back. */
static int note_frontend(struct gl_release *release, struct gl_error *err)
{
    struct gl_traffic traffic = {0};
    int failed = release->platform->ops->traffic(release->platform, &traffic, err);
    if (failed == 0)
        gl_json_set_int(gl_release_own_facts(release), "frontend_before", traffic.frontend_release);
    return failed;
}

static int run(struct gl_release *release, struct gl_error *err)
{
    struct gl_artifact artifact = gl_release_artifact(release);
    int failed = check_disk(release, err);
    if (failed == 0) {
        gl_release_update(release, _("base services"));
        failed = release->platform->ops->up(release->platform, err);
    }
    if (failed == 0)
        failed = release->platform->ops->preflight(release->platform, &artifact, err);
    if (failed == 0 && release->operation == GL_DEPLOY)
        failed = check_migrations(release, err);
    if (failed == 0)
        failed = note_frontend(release, err);
    if (failed < 0)
        return failed;
    gl_autofree char *memory = gl_format_bytes(gl_memory_available_bytes());
    gl_autofree char *disk = gl_format_bytes(gl_disk_free_bytes(release->state_dir));
    gl_release_detail(release, _("services run, %s memory and %s disk free"), memory, disk);
    return 0;
}

/* After a reboot in the middle of a release the base services must be there again first. */
static int verify(struct gl_release *release, struct gl_error *err)
{
    return release->platform->ops->up(release->platform, err);
}

static char *plan(const struct gl_release *release)
{
    return gl_asprintf(_("check disk, memory, ports, variables and applied migrations; start the "
                         "base services of the %s platform"),
                       release->platform->ops->name);
}

const struct gl_step gl_step_preflight = {
    .name = "preflight",
    .plan = plan,
    .run = run,
    .verify = verify,
    .live = true,
};
