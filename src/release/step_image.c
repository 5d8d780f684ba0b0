/* image: the binary, the libraries it needs and the migrations as an OCI image, and that of the
 * frontend where it is a service; place: to where they run. */
#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "release/build_mark.h"
#include "release/cargo.h"
#include "release/pack.h"
#include "release/pages.h"
#include "release/source_tag.h"
#include "release/steps.h"

static int find_binary(const struct gl_release *release, char **ret_path, struct gl_error *err)
{
    const char *given = gl_config_str(release->config, "backend.binary");
    gl_autofree char *dir =
        gl_release_project_path(release, gl_config_str(release->config, "backend.dir"));
    gl_autofree char *path = NULL;
    int failed = 0;
    if (given && *given)
        path = gl_path_join(dir, given);
    else
        failed = gl_cargo_binary(dir, &path, err);
    if (failed < 0)
        return failed;
    if (!gl_is_file(path)) {
        gl_fail(err, GL_E_CONFIG, _("the built backend is not at %s"), path);
        return gl_error_hint(err,
                             _("Set backend.binary in golive.yaml to its path below backend.dir."));
    }
    *ret_path = gl_steal(&path);
    return 0;
}

static void entrypoint_of(const struct gl_release *release, struct gl_strv *ret_words)
{
    const json_t *args = gl_config_node(release->config, "backend.args");
    size_t index;
    json_t *word;
    gl_strv_add(ret_words, "/app/server");
    json_array_foreach(args, index, word) gl_strv_add(ret_words, json_string_value(word));
}

static int build_image(struct gl_release *release, const char *binary,
                       const struct gl_runtime *runtime, struct gl_image *ret_image,
                       struct gl_error *err)
{
    gl_autofree char *migrations =
        gl_release_project_path(release, gl_config_str(release->config, "migrations.dir"));
    const struct gl_image_file files[] = {
        {binary,     "/app/server",     0755},
        {migrations, "/app/migrations", 0   },
    };
    const char *no_env[] = {NULL};
    gl_autostrv struct gl_strv entrypoint = {0};
    entrypoint_of(release, &entrypoint);
    const struct gl_pack pack = {
        .name = gl_config_str(release->config, "app.name"),
        .runtime = runtime,
        .layers = {{"app", files, gl_is_dir(migrations) ? 2 : 1}},
        .layer_count = 1,
        .entrypoint = (const char *const *)entrypoint.items,
        .env = no_env,
        .port = gl_config_int(release->config, "backend.port"),
    };
    return gl_pack_image(release, &pack, ret_image, err);
}

static void report(struct gl_release *release, const struct gl_image *image)
{
    json_t *facts = gl_release_own_facts(release);
    gl_json_set_str(facts, "digest", image->digest);
    gl_json_set_int(facts, "size_bytes", (int64_t)image->size_bytes);
    gl_autofree char *size = gl_format_bytes(image->size_bytes);
    gl_release_detail(release, _("%.15s.. %s, %zu layers (%zu reused)"), image->digest, size,
                      image->layers, image->layers_reused);
}

static int pack_backend(struct gl_release *release, struct gl_error *err)
{
    gl_autofree char *binary = NULL;
    gl_autoruntime struct gl_runtime runtime = {0};
    struct gl_image image;
    int failed = find_binary(release, &binary, err);
    if (failed == 0)
        failed = gl_runtime_find(binary, &runtime, err);
    if (failed == 0)
        failed = build_image(release, binary, &runtime, &image, err);
    if (failed == 0)
        report(release, &image);
    return failed;
}

static int run(struct gl_release *release, struct gl_error *err)
{
    int failed = pack_backend(release, err);
    return failed < 0 ? failed : gl_pages_pack(release, err);
}

int gl_step_image_verify(const struct gl_release *release, struct gl_error *err)
{
    const char *layout = gl_release_fact(release, "image", "layout");
    const char *pages = gl_release_fact(release, "image", "frontend_digest");
    int failed = gl_image_verify(layout, gl_release_fact(release, "image", "digest"), err);
    return failed < 0 || !pages ? failed : gl_image_verify(layout, pages, err);
}

static int verify(struct gl_release *release, struct gl_error *err)
{
    return gl_step_image_verify(release, err);
}

/* Once it is placed, the platform has it. The assets of pages that a service makes are placed with
 * their image, and must be of the same build. */
bool gl_step_image_is_here(const struct gl_release *release)
{
    if (json_object_get(release->facts, "place"))
        return true;
    bool pages = gl_release_fact(release, "image", "frontend_digest") != NULL;
    return gl_step_image_verify(release, NULL) == 0 && (!pages || gl_build_mark_is_ours(release));
}

static char *plan(const struct gl_release *release)
{
    const char *name = gl_config_str(release->config, "app.name");
    if (gl_platform_has_pages(release->config))
        return gl_asprintf(_("pack the backend as OCI image %s:%s and the frontend with node as "
                             "%s-frontend:%s, without a daemon"),
                           name, release->version, name, release->version);
    return gl_asprintf(_("pack the backend as OCI image %s:%s, without a daemon"), name,
                       release->version);
}

const struct gl_step gl_step_image = {
    .name = "image",
    .plan = plan,
    .run = run,
    .verify = verify,
    .is_here = gl_step_image_is_here,
};

/* ---- place -------------------------------------------------------------------------------------
 */

static int run_place(struct gl_release *release, struct gl_error *err)
{
    struct gl_artifact artifact = gl_release_artifact(release);
    gl_autofree char *tag = gl_source_tag(gl_config_dir(release->config), release->version);
    artifact.tag = tag;
    gl_release_own_facts(release);
    return release->platform->ops->place(release->platform, &artifact, err);
}

static char *plan_place(const struct gl_release *release)
{
    return gl_asprintf(_("bring the image to the %s platform"), release->platform->ops->name);
}

const struct gl_step gl_step_place = {
    .name = "place",
    .plan = plan_place,
    .run = run_place,
};
