/* preflight: everything that can be known to be wrong before anything is changed. */
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "migrate/migrate.h"
#include "proc/proc.h"
#include "release/due.h"
#include "release/pages.h"
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

/* Not refused, because sqlx takes no offence at such a file either; but not without a word. */
static void note_passed_over(struct gl_release *release, const struct gl_migrations *list)
{
    for (size_t i = 0; i < list->passed_over.count; i++)
        gl_release_note(release,
                        _("%s is no migration and is passed over: its name has no version "
                          "(<version>_<description>.sql)"),
                        list->passed_over.items[i]);
}

/* What would be refused in the step that migrates is refused here, before the build takes its
 * minutes. */
static int check_migrations(struct gl_release *release, struct gl_error *err)
{
    gl_autofree char *dir =
        gl_release_project_path(release, gl_config_str(release->config, "migrations.dir"));
    if (!gl_is_dir(dir))
        return 0;
    gl_automigrations struct gl_migrations list = {0};
    gl_automigratestatus struct gl_migrate_status status = {0};
    gl_autodue struct gl_due due = {0};
    struct gl_migration_job job = {.dir = dir, .list = &list};
    int failed =
        gl_migrations_scan_as(dir, gl_config_str(release->config, "migrations.tool"), &list, err);
    if (failed == 0)
        failed = release->platform->ops->migration_status(release->platform, &job, &status, err);
    if (failed < 0)
        return failed;
    gl_json_set_bool(gl_release_own_facts(release), "new_database", status.fresh);
    note_passed_over(release, &list);
    failed = gl_migrate_refuse(&list, &status, err);
    if (failed == 0 && release->previous) /* else nobody waits, and no version breaks */
        failed = gl_release_lint(&list, &status, err);
    if (failed == 0)
        failed = gl_due_read(release, &due, err);
    return failed < 0 ? failed : gl_due_check_peak(release, &job, &status, &due, err);
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

/* Without backend.binary, what cargo builds for this machine is what is packed. What is given there
 * may be for another one, and neither a promotion nor a rollback builds any. */
static const char *processor_of_build(const struct gl_release *release)
{
    const char *given = gl_config_str(release->config, "backend.binary");
    const char *processor = NULL;
    if (release->operation != GL_DEPLOY || release->promotion || (given && *given))
        return NULL;
    return gl_image_processor("/proc/self/exe", &processor, NULL) < 0 ? NULL : processor;
}

static void report(struct gl_release *release)
{
    const char *done = gl_platform_sentence(release->platform, release->step->name)->done;
    gl_autofree char *memory = gl_format_bytes(gl_memory_available_bytes());
    gl_autofree char *disk = gl_format_bytes(gl_disk_free_bytes(release->state_dir));
    if (done)
        gl_release_detail(release, "%s", _(done));
    else
        gl_release_detail(release, _("services run, %s memory and %s disk free"), memory, disk);
}

/* A rollback builds none. */
static int check_pages(const struct gl_release *release, struct gl_artifact *artifact,
                       struct gl_error *err)
{
    if (!gl_platform_has_pages(release->config) || release->operation != GL_DEPLOY)
        return 0;
    return gl_pages_check(release, &artifact->pages_processor, err);
}

static int run(struct gl_release *release, struct gl_error *err)
{
    struct gl_artifact artifact = gl_release_artifact(release);
    artifact.processor = processor_of_build(release);
    int failed = check_disk(release, err);
    if (failed == 0 && release->operation == GL_DEPLOY)
        failed = gl_release_check_variables(release, err);
    if (failed == 0)
        failed = check_pages(release, &artifact, err);
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
    report(release);
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
