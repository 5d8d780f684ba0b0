/* smoke: the new version by itself before it has traffic, and everything through the edge at the
 * end. */
#include <inttypes.h>

#include "base/i18n.h"
#include "base/json.h"
#include "release/steps.h"

static int run_version(struct gl_release *release, struct gl_error *err)
{
    size_t passed = 0;
    size_t pages = 0;
    size_t assets = 0;
    int failed = gl_smoke_run(release, GL_SMOKE_VERSION, release->number, &passed, err);
    if (failed == 0 && gl_platform_has_pages(release->config))
        failed = gl_smoke_pages(release, GL_SMOKE_VERSION, &pages, &assets, err);
    if (failed < 0)
        return failed;
    json_t *facts = gl_release_own_facts(release);
    gl_json_set_int(facts, "passed", (int64_t)passed);
    if (release->operation == GL_DEPLOY)
        json_object_set_new(facts, "probes", gl_smoke_pinned(release));
    gl_release_detail(release, _("%zu of %zu"), passed, passed);
    return 0;
}

static char *plan_version(const struct gl_release *release)
{
    return gl_asprintf(_("run release.smoke against release %" PRId64 " itself, past the edge"),
                       release->number);
}

const struct gl_step gl_step_smoke_version = {
    .name = "smoke new",
    .plan = plan_version,
    .run = run_version,
    .timeout_ms = 120000,
};

static void note_edge(struct gl_release *release, size_t passed, size_t pages, size_t assets)
{
    gl_autofree char *probes_text =
        gl_asprintf(ngettext("%zu probe", "%zu probes", passed), passed);
    gl_autofree char *pages_text = gl_asprintf(ngettext("%zu page", "%zu pages", pages), pages);
    gl_autofree char *assets_text =
        gl_asprintf(ngettext("%zu asset", "%zu assets", assets), assets);
    /* TRANSLATORS: "12 probes, 3 pages with 40 assets" */
    gl_release_detail(release, _("%s, %s with %s"), probes_text, pages_text, assets_text);
}

static int run_edge(struct gl_release *release, struct gl_error *err)
{
    size_t passed = 0;
    size_t pages = 0;
    size_t assets = 0;
    int failed = gl_smoke_run(release, GL_SMOKE_EDGE, release->number, &passed, err);
    if (failed == 0 && gl_release_fact(release, "build", "frontend"))
        failed = gl_smoke_pages(release, GL_SMOKE_EDGE, &pages, &assets, err);
    if (failed < 0)
        return failed;
    json_t *facts = gl_release_own_facts(release);
    gl_json_set_int(facts, "passed", (int64_t)passed);
    gl_json_set_int(facts, "pages", (int64_t)pages);
    gl_json_set_int(facts, "assets", (int64_t)assets);
    note_edge(release, passed, pages, assets);
    return 0;
}

static char *plan_edge(const struct gl_release *release)
{
    (void)release;
    return gl_strdup(
        _("run release.smoke through the public names and load the main pages with every "
          "asset they load"));
}

const struct gl_step gl_step_smoke_edge = {
    .name = "smoke edge",
    .plan = plan_edge,
    .run = run_edge,
    .timeout_ms = 120000,
};
