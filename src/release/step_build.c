/* build: backend and frontend by their own tools; the last lines of a failure are shown, all are
 * kept. */
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/json.h"
#include "proc/proc.h"
#include "release/frontend_cache.h"
#include "release/steps.h"

struct build {
    const char *what;    /* "backend" */
    const char *dir_key; /* configuration key of its directory */
    const char *command_key;
    const char *fallback; /* command when the configuration has none */
};

static const struct build builds[] = {
    {"backend",  "backend.dir",  "build.backend",  "cargo build --release --locked"},
    {"frontend", "frontend.dir", "build.frontend", "npm run build"                 },
};

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

struct command {
    const char *what; /* names its log: "backend" */
    const char *dir;
    const char *text;        /* for sh */
    const json_t *variables; /* further ones; NULL = none */
};

/* Runs a shell command of the user's configuration in a directory of the project. */
static int run_shell(struct gl_release *release, const struct command *command,
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
    if (failed < 0)
        return gl_error_wrap(err, _("building the %s failed (%s)"), command->what, command->text);
    return 0;
}

/* npm ci only when the lock file is not the one node_modules was made from: it takes a minute. */
static int install_packages(struct gl_release *release, const char *dir, struct gl_error *err)
{
    gl_autofree char *lock = gl_path_join(dir, "package-lock.json");
    gl_autofree char *stamp = gl_path_join(dir, "node_modules/.golive-lock");
    char hash[GL_SHA256_HEX_SIZE];
    if (!gl_is_file(lock))
        return 0;
    int failed = gl_sha256_file(lock, hash, err);
    if (failed < 0)
        return failed;
    gl_autobuf struct gl_buf known = {0};
    if (gl_is_file(stamp) && gl_read_file(stamp, 0, &known, NULL) == 0 &&
        strcmp(gl_buf_text(&known), hash) == 0)
        return 0;
    gl_release_update(release, "npm ci");
    const struct command command = {"frontend-packages", dir, "npm ci --no-audit --no-fund", NULL};
    failed = run_shell(release, &command, err);
    return failed < 0 ? failed : gl_write_text(stamp, hash, 0644, err);
}

/* The default build of a frontend: its packages, and the site unless it is built already. */
static int build_frontend(struct gl_release *release, const char *dir, const json_t *variables,
                          struct gl_error *err)
{
    const char *build_dir = gl_config_str(release->config, "frontend.build_dir");
    gl_autofree char *fingerprint = gl_frontend_fingerprint(dir, release->version, variables);
    int failed = install_packages(release, dir, err);
    if (failed < 0 || gl_frontend_is_built(dir, build_dir, fingerprint))
        return failed;
    gl_frontend_forget(dir);
    const struct command command = {"frontend", dir, "npm run build", variables};
    failed = run_shell(release, &command, err);
    if (failed == 0)
        gl_frontend_note(dir, fingerprint);
    return failed;
}

static int build_one(struct gl_release *release, const struct build *build, int64_t *ret_ms,
                     struct gl_error *err)
{
    int64_t begun = gl_mono_ms();
    const char *text = gl_config_str(release->config, build->command_key);
    bool frontend = strcmp(build->what, "frontend") == 0;
    gl_autojson json_t *variables = NULL;
    gl_autofree char *dir =
        gl_release_project_path(release, gl_config_str(release->config, build->dir_key));
    int failed = 0;
    if (!gl_is_dir(dir)) {
        gl_fail(err, GL_E_CONFIG, _("%s is no directory"), dir);
        return gl_error_hint(err, _("Set %s in golive.yaml."), build->dir_key);
    }
    if (frontend)
        failed = release->platform->ops->frontend_variables(release->platform, &variables, err);
    const struct command command = {build->what, dir, text ? text : build->fallback, variables};
    if (failed == 0 && frontend && !text)
        failed = build_frontend(release, dir, variables, err);
    else if (failed == 0)
        failed = run_shell(release, &command, err);
    *ret_ms = gl_mono_ms() - begun;
    return failed;
}

static bool has_frontend(const struct gl_release *release)
{
    gl_autofree char *dir =
        gl_release_project_path(release, gl_config_str(release->config, "frontend.dir"));
    return gl_is_dir(dir);
}

static int keep_facts(struct gl_release *release, bool frontend, struct gl_error *err)
{
    json_t *facts = gl_release_own_facts(release);
    if (!frontend)
        return 0;
    gl_autofree char *dir =
        gl_release_project_path(release, gl_config_str(release->config, "frontend.dir"));
    gl_autofree char *built =
        gl_path_join(dir, gl_config_str(release->config, "frontend.build_dir"));
    if (!gl_is_dir(built)) {
        gl_fail(err, GL_E_CONFIG, _("the frontend build made no %s"), built);
        return gl_error_hint(err, _("Set frontend.build_dir in golive.yaml to where it writes."));
    }
    gl_json_set_str(facts, "frontend", built);
    return 0;
}

static int run(struct gl_release *release, struct gl_error *err)
{
    int64_t took_ms[GL_COUNT(builds)] = {0};
    bool frontend = has_frontend(release);
    for (size_t i = 0; i < GL_COUNT(builds); i++) {
        if (i == 1 && !frontend)
            continue;
        int failed = build_one(release, &builds[i], &took_ms[i], err);
        if (failed < 0)
            return failed;
    }
    gl_autofree char *backend = gl_format_duration((double)took_ms[0]);
    gl_autofree char *page = gl_format_duration((double)took_ms[1]);
    gl_release_detail(release, frontend ? _("backend %s, frontend %s") : _("backend %s"), backend,
                      page);
    return keep_facts(release, frontend, err);
}

static char *plan(const struct gl_release *release)
{
    const char *backend = gl_config_str(release->config, "build.backend");
    const char *frontend = gl_config_str(release->config, "build.frontend");
    if (!has_frontend(release))
        return gl_asprintf(_("run `%s`"), backend ? backend : builds[0].fallback);
    return gl_asprintf(_("run `%s` and `%s`"), backend ? backend : builds[0].fallback,
                       frontend ? frontend : builds[1].fallback);
}

const struct gl_step gl_step_build = {
    .name = "build",
    .plan = plan,
    .run = run,
};

/* ---- test: what the project wants to pass before anything ships ---------------------------------
 */

static const char *skip_test(const struct gl_release *release)
{
    return json_array_size(gl_config_node(release->config, "build.test"))
               ? NULL
               : N_("build.test is empty");
}

static int run_test(struct gl_release *release, struct gl_error *err)
{
    const json_t *commands = gl_config_node(release->config, "build.test");
    size_t index;
    json_t *command;
    json_array_foreach(commands, index, command)
    {
        gl_autofree char *name = gl_asprintf("test-%zu", index + 1);
        const struct command test = {name, gl_config_dir(release->config),
                                     json_string_value(command), NULL};
        int failed = run_shell(release, &test, err);
        if (failed < 0)
            return failed;
    }
    gl_release_detail(release, _("%zu commands passed"), json_array_size(commands));
    return 0;
}

static char *plan_test(const struct gl_release *release)
{
    return gl_asprintf(_("run the %zu commands of build.test"),
                       json_array_size(gl_config_node(release->config, "build.test")));
}

const struct gl_step gl_step_test = {
    .name = "test",
    .skip = skip_test,
    .plan = plan_test,
    .run = run_test,
};
