/* backup: a dump of the database before anything touches it. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "release/steps.h"

static int run(struct gl_release *release, struct gl_error *err)
{
    gl_autofree char *label = gl_asprintf("release-%lld", (long long)release->number);
    gl_autobackup struct gl_backup backup = {0};
    int failed = release->platform->ops->backup(release->platform, label, &backup, err);
    if (failed < 0)
        return failed;
    json_t *facts = gl_release_own_facts(release);
    gl_json_set_str(facts, "id", backup.id);
    gl_json_set_str(facts, "location", backup.location);
    gl_json_set_str(facts, "sha256", backup.sha256);
    gl_json_set_int(facts, "size_bytes", (int64_t)backup.size_bytes);
    gl_autofree char *size = gl_format_bytes(backup.size_bytes);
    const char *done = gl_platform_sentence(release->platform, release->step->name)->done;
    if (done)
        gl_release_detail(release, "%s", _(done));
    else
        gl_release_detail(release, _("%s, readable"), size);
    return 0;
}

static char *plan(const struct gl_release *release)
{
    (void)release;
    return gl_strdup(_("dump the database and check that the dump can be read"));
}

const struct gl_step gl_step_backup = {
    .name = "backup",
    .plan = plan,
    .run = run,
};
