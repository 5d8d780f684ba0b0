/* build: backend and frontend by their own tools; the last lines of a failure are shown, all are
 * kept. */
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/json.h"
#include "release/build_command.h"
#include "release/build_mark.h"
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
    const struct gl_build_command command = {"frontend-packages", dir,
                                             "npm ci --no-audit --no-fund", NULL};
    failed = gl_build_command_run(release, &command, err);
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
    const struct gl_build_command command = {"frontend", dir, "npm run build", variables};
    failed = gl_build_command_run(release, &command, err);
    if (failed == 0)
        gl_frontend_note(dir, build_dir, fingerprint);
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
    gl_build_mark_remove(release);
    if (!gl_is_dir(dir)) {
        gl_fail(err, GL_E_CONFIG, _("%s is no directory"), dir);
        return gl_error_hint(err, _("Set %s in golive.yaml."), build->dir_key);
    }
    if (frontend)
        failed = release->platform->ops->frontend_variables(release->platform, &variables, err);
    const struct gl_build_command command = {build->what, dir, text ? text : build->fallback,
                                             variables};
    if (failed == 0 && frontend && !text)
        failed = build_frontend(release, dir, variables, err);
    else if (failed == 0)
        failed = gl_build_command_run(release, &command, err);
    *ret_ms = gl_mono_ms() - begun;
    return failed;
}

bool gl_release_has_frontend(const struct gl_release *release)
{
    gl_autofree char *dir =
        gl_release_project_path(release, gl_config_str(release->config, "frontend.dir"));
    return gl_is_dir(dir);
}

int gl_release_check_variables(const struct gl_release *release, struct gl_error *err)
{
    struct gl_platform *platform = release->platform;
    return platform->ops->check_variables(platform, gl_release_has_frontend(release), err);
}

static bool was_done(const struct gl_release *release, const char *step)
{
    return json_object_get(release->facts, step) != NULL;
}

/* The program is needed until it is in an image, the site until it is published: where pages come
 * from a service its assets are placed with its image. */
static bool is_here(const struct gl_release *release)
{
    const char *last = gl_platform_has_pages(release->config) ? "place" : "publish";
    bool published = was_done(release, last) || !gl_release_fact(release, "build", "frontend");
    return (was_done(release, "image") && published) || gl_build_mark_is_ours(release);
}

static int keep_facts(struct gl_release *release, bool frontend, struct gl_error *err)
{
    json_t *facts = gl_release_own_facts(release);
    if (!frontend)
        return gl_build_mark_leave(release, err);
    gl_autofree char *dir =
        gl_release_project_path(release, gl_config_str(release->config, "frontend.dir"));
    gl_autofree char *built =
        gl_path_join(dir, gl_config_str(release->config, "frontend.build_dir"));
    if (!gl_is_dir(built)) {
        gl_fail(err, GL_E_CONFIG, _("the frontend build made no %s"), built);
        return gl_error_hint(err, _("Set frontend.build_dir in golive.yaml to where it writes."));
    }
    gl_json_set_str(facts, "frontend", built);
    return gl_build_mark_leave(release, err);
}

static int run(struct gl_release *release, struct gl_error *err)
{
    int64_t took_ms[GL_COUNT(builds)] = {0};
    bool frontend = gl_release_has_frontend(release);
    bool packed = was_done(release, "image"); /* by the machine that began this release */
    for (size_t i = 0; i < GL_COUNT(builds); i++) {
        if (i == 0 ? packed : !frontend)
            continue;
        int failed = build_one(release, &builds[i], &took_ms[i], err);
        if (failed < 0)
            return failed;
    }
    gl_autofree char *backend = gl_format_duration((double)took_ms[0]);
    gl_autofree char *page = gl_format_duration((double)took_ms[1]);
    if (packed)
        gl_release_detail(release, _("frontend %s; the backend is not built again"), page);
    else
        gl_release_detail(release, frontend ? _("backend %s, frontend %s") : _("backend %s"),
                          backend, page);
    return keep_facts(release, frontend, err);
}

static char *plan(const struct gl_release *release)
{
    const char *backend = gl_config_str(release->config, "build.backend");
    const char *frontend = gl_config_str(release->config, "build.frontend");
    if (!gl_release_has_frontend(release))
        return gl_asprintf(_("run `%s`"), backend ? backend : builds[0].fallback);
    return gl_asprintf(_("run `%s` and `%s`"), backend ? backend : builds[0].fallback,
                       frontend ? frontend : builds[1].fallback);
}

const struct gl_step gl_step_build = {
    .name = "build",
    .plan = plan,
    .run = run,
    .is_here = is_here,
};

/* ---- a promotion: the backend is built already -------------------------------------------------
 */

static int run_frontend(struct gl_release *release, struct gl_error *err)
{
    int64_t took_ms = 0;
    bool frontend = gl_release_has_frontend(release);
    int failed = frontend ? build_one(release, &builds[1], &took_ms, err) : 0;
    if (failed < 0)
        return failed;
    gl_autofree char *took = gl_format_duration((double)took_ms);
    if (frontend)
        gl_release_detail(release, _("frontend %s; the backend is not built again"), took);
    else
        gl_release_detail(release, _("nothing: the backend is not built again"));
    return keep_facts(release, frontend, err);
}

static char *plan_frontend(const struct gl_release *release)
{
    const char *command = gl_config_str(release->config, "build.frontend");
    if (!gl_release_has_frontend(release))
        return gl_strdup(_("nothing: the backend is not built again"));
    return gl_asprintf(_("run `%s` with the variables of %s; the backend is not built again"),
                       command ? command : builds[1].fallback, release->env);
}

const struct gl_step gl_step_frontend = {
    .name = "build", /* later steps look there for what was built */
    .plan = plan_frontend,
    .run = run_frontend,
    .is_here = is_here,
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
        const struct gl_build_command test = {name, gl_config_dir(release->config),
                                              json_string_value(command), NULL};
        int failed = gl_build_command_run(release, &test, err);
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
