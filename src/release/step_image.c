/* image: the binary, the libraries it needs and the migrations as an OCI image; place: to where it
 * runs. */
#include <string.h>
#include <sys/utsname.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "release/cargo.h"
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

/* The runtime layer changes with the system only, so it is packed once and reused. */
struct layers {
    struct gl_strv libraries;
    struct gl_image_file *runtime;
    size_t runtime_count;
    struct gl_image_file app[2];
    size_t app_count;
};

static void layers_done(struct layers *layers)
{
    gl_strv_done(&layers->libraries);
    gl_free_ptr(&layers->runtime);
}

static const char authorities[] = "/etc/ssl/certs/ca-certificates.crt";

static int fill_runtime(struct layers *layers, const char *binary, struct gl_error *err)
{
    int failed = gl_image_libraries(binary, &layers->libraries, err);
    if (failed < 0)
        return failed;
    layers->runtime = gl_alloc((layers->libraries.count + 1) * sizeof *layers->runtime);
    for (size_t i = 0; i < layers->libraries.count; i++) {
        const char *path = layers->libraries.items[i];
        layers->runtime[layers->runtime_count++] = (struct gl_image_file){path, path, 0755};
    }
    if (gl_is_file(authorities))
        layers->runtime[layers->runtime_count++] =
            (struct gl_image_file){authorities, authorities, 0644};
    return 0;
}

static void fill_app(struct layers *layers, const char *binary, const char *migrations)
{
    layers->app[layers->app_count++] = (struct gl_image_file){binary, "/app/server", 0755};
    if (gl_is_dir(migrations))
        layers->app[layers->app_count++] = (struct gl_image_file){migrations, "/app/migrations", 0};
}

static const char *architecture(void)
{
    struct utsname system;
    uname(&system);
    return strcmp(system.machine, "aarch64") == 0 ? "arm64" : "amd64";
}

static void entrypoint_of(const struct gl_release *release, struct gl_strv *ret_words)
{
    const json_t *args = gl_config_node(release->config, "backend.args");
    size_t index;
    json_t *word;
    gl_strv_add(ret_words, "/app/server");
    json_array_foreach(args, index, word) gl_strv_add(ret_words, json_string_value(word));
}

static int build_image(struct gl_release *release, const struct layers *layers,
                       struct gl_image *ret_image, struct gl_error *err)
{
    const char *name = gl_config_str(release->config, "app.name");
    gl_autofree char *layout = gl_release_state_path(release, "images");
    gl_autofree char *tag = gl_asprintf("%s:%s", name, release->version);
    gl_autofree char *created = gl_format_rfc3339(release->commit_unix_s * 1000);
    gl_autostrv struct gl_strv entrypoint = {0};
    gl_autostrv struct gl_strv labels = {0};
    entrypoint_of(release, &entrypoint);
    gl_strv_addf(&labels, "org.opencontainers.image.title=%s", name);
    gl_strv_addf(&labels, "org.opencontainers.image.revision=%s", release->source_hash);
    gl_strv_addf(&labels, "org.opencontainers.image.version=%s", release->version);
    gl_strv_addf(&labels, "org.opencontainers.image.created=%s", created);
    const char *no_env[] = {NULL};
    struct gl_image_layer parts[] = {
        {"runtime", layers->runtime, layers->runtime_count},
        {"app",     layers->app,     layers->app_count    },
    };
    struct gl_image_spec spec = {
        .layout_dir = layout,
        .layers = layers->runtime_count ? parts : parts + 1,
        .layer_count = layers->runtime_count ? 2 : 1,
        .entrypoint = (const char *const *)entrypoint.items,
        .env = no_env,
        .user = "65532:65532",
        .workdir = "/app",
        .port = (uint16_t)gl_config_int(release->config, "backend.port"),
        .architecture = architecture(),
        .labels = (const char *const *)labels.items,
        .created_unix_s = release->commit_unix_s,
        .tag = tag,
    };
    gl_json_set_str(gl_release_own_facts(release), "layout", layout);
    return gl_image_build(&spec, ret_image, err);
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

static int run(struct gl_release *release, struct gl_error *err)
{
    gl_autofree char *binary = NULL;
    int failed = find_binary(release, &binary, err);
    if (failed < 0)
        return failed;
    gl_autofree char *migrations =
        gl_release_project_path(release, gl_config_str(release->config, "migrations.dir"));
    gl_cleanup(layers_done) struct layers layers = {0};
    struct gl_image image;
    failed = fill_runtime(&layers, binary, err);
    if (failed < 0)
        return failed;
    fill_app(&layers, binary, migrations);
    failed = build_image(release, &layers, &image, err);
    if (failed < 0)
        return failed;
    report(release, &image);
    return 0;
}

static int verify(struct gl_release *release, struct gl_error *err)
{
    return gl_image_verify(gl_release_fact(release, "image", "layout"),
                           gl_release_fact(release, "image", "digest"), err);
}

static char *plan(const struct gl_release *release)
{
    return gl_asprintf(_("pack the backend as OCI image %s:%s, without a daemon"),
                       gl_config_str(release->config, "app.name"), release->version);
}

const struct gl_step gl_step_image = {
    .name = "image",
    .plan = plan,
    .run = run,
    .verify = verify,
};

/* ---- place -------------------------------------------------------------------------------------
 */

static int run_place(struct gl_release *release, struct gl_error *err)
{
    struct gl_artifact artifact = gl_release_artifact(release);
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
