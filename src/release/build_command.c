/* Commands of a build: each has a log of its own, of which a failure shows the end. */
#include "release/build_command.h"

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "proc/proc.h"

static char *log_path_of(const struct gl_release *release, const char *what)
{
    gl_autofree char *name =
        gl_asprintf("logs/release-%lld-%s.log", (long long)release->number, what);
    return gl_release_state_path(release, name);
}

static void on_line(const char *line, void *context)
{
    struct gl_release *release = context;
    gl_release_update(release, "%.60s", line);
}

/* What every command gets, and the variables of the frontend for its own. */
static void fill_environment(const struct gl_release *release, const json_t *variables,
                             struct gl_strv *env)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)variables, name, value)
        gl_strv_addf(env, "%s=%s", name, json_string_value(value));
    gl_strv_addf(env, "RELEASE_VERSION=%s", release->version);
    gl_strv_add(env, "CARGO_TERM_COLOR=never");
    gl_strv_add(env, "CI=true");
    gl_strv_add(env, "NO_COLOR=1");
}

int gl_build_command_run(struct gl_release *release, const struct gl_build_command *command,
                         struct gl_error *err)
{
    gl_autofree char *log = log_path_of(release, command->what);
    gl_autofree char *log_dir = gl_path_dir(log);
    const char *argv[] = {"sh", "-c", command->text, NULL};
    gl_autostrv struct gl_strv env = {0};
    fill_environment(release, command->variables, &env);
    struct gl_proc_spec spec = {
        .argv = argv,
        .env_add = (const char *const *)env.items,
        .cwd = command->dir,
        .merge_stderr = true,
        .log_path = log,
        .on_line = on_line,
        .on_line_context = release,
        .timeout_ms = gl_config_int(release->config, "build.timeout_s") * 1000,
    };
    int failed = gl_mkdir_p(log_dir, 0755, err);
    if (failed == 0)
        failed = gl_proc_check(&spec, NULL, err);
    if (failed == GL_E_INTERRUPTED)
        return gl_error_wrap(err, _("building the %s"), command->what);
    if (failed < 0)
        return gl_error_wrap(err, _("building the %s failed (%s)"), command->what, command->text);
    return 0;
}
