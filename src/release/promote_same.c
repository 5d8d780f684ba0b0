/* Is what would be shipped what passed? */
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "release/applied.h"
#include "release/fingerprint.h"
#include "release/promoting.h"

static int check_migrations(const struct promoting *promoting, struct gl_error *err)
{
    const struct gl_release *release = promoting->release;
    gl_autofree char *dir =
        gl_release_project_path(release, gl_config_str(release->config, "migrations.dir"));
    gl_automigrations struct gl_migrations list = {0};
    char hash[GL_SHA256_HEX_SIZE] = "none";
    if (gl_is_dir(dir)) {
        int failed = gl_migrations_scan_as(dir, gl_config_str(release->config, "migrations.tool"),
                                           &list, err);
        if (failed < 0)
            return failed;
        gl_fingerprint_migrations(&list, hash);
    }
    if (strcmp(hash, promoting->candidate.migrations) == 0)
        return 0;
    gl_fail(err, GL_E_REFUSED, _("the migrations are not those that %s applied"),
            promoting->candidate.env);
    return gl_error_hint(err, _("Let them pass first: golive deploy --env %s"),
                         promoting->candidate.env);
}

static int check_templates(const struct promoting *promoting, struct gl_error *err)
{
    char hash[GL_SHA256_HEX_SIZE];
    const char *from = promoting->candidate.env;
    int failed = gl_fingerprint_templates(gl_config_dir(promoting->release->config), hash, err);
    if (failed < 0 || strcmp(hash, promoting->candidate.templates) == 0)
        return failed;
    gl_fail(err, GL_E_REFUSED, _("the stacks are not those with which release %lld passed %s"),
            (long long)promoting->candidate.release, from);
    return gl_error_hint(err,
                         _("This golive is another one, or stacks/ was changed. Let them pass "
                           "first: golive up --env %s, then golive deploy --env %s"),
                         from, from);
}

/* The release ran on what golive up put in place, not on the files beside it. What stands where it
 * goes to is only noted: to change that is another command's, before or after. */
static int check_applied(const struct promoting *promoting, struct gl_error *err)
{
    struct gl_release *release = promoting->release;
    struct gl_ledger *from = promoting->request->from_ledger;
    const char *dir = gl_config_dir(release->config);
    const char *env = promoting->candidate.env;
    gl_autostrv struct gl_strv there = {0};
    gl_autostrv struct gl_strv here = {0};
    int failed = gl_applied_differences(from ? from : release->ledger, env, dir, &there, err);
    if (failed == 0)
        failed = gl_applied_differences(release->ledger, release->env, dir, &here, err);
    gl_autofree char *there_text = gl_strv_join(&there, ", ");
    gl_autofree char *here_text = gl_strv_join(&here, ", ");
    if (failed == 0 && here.count)
        gl_release_note(release,
                        _("stacks of %s are not those that %s has (%s): golive plan --env %s"),
                        release->env, env, here_text, release->env);
    if (failed < 0 || !there.count)
        return failed;
    gl_fail(err, GL_E_REFUSED, _("stacks stand in %s that are not those of this golive: %s"), env,
            there_text);
    return gl_error_hint(err,
                         _("What was tested there is not what would be shipped. Put them in "
                           "place and let the release pass again: golive up --env %s, then golive "
                           "deploy --env %s"),
                         env, env);
}

int gl_promoting_check_same(const struct promoting *promoting, struct gl_error *err)
{
    int failed = check_migrations(promoting, err);
    if (failed == 0)
        failed = check_templates(promoting, err);
    return failed < 0 ? failed : check_applied(promoting, err);
}
