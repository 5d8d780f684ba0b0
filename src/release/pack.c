/* The image of a program: its runtime below, its own layers above, labels that say what it is. */
#include "release/pack.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"

static const char authorities[] = "/etc/ssl/certs/ca-certificates.crt";

void gl_runtime_done(struct gl_runtime *runtime)
{
    gl_strv_done(&runtime->libraries);
    gl_free_ptr(&runtime->files);
    *runtime = (struct gl_runtime){0};
}

int gl_runtime_find(const char *program, struct gl_runtime *ret_runtime, struct gl_error *err)
{
    gl_autoruntime struct gl_runtime runtime = {0};
    int failed = gl_image_processor(program, &runtime.processor, err);
    if (failed == 0)
        failed = gl_image_libraries(program, &runtime.libraries, err);
    if (failed < 0)
        return failed;
    runtime.files = gl_alloc((runtime.libraries.count + 1) * sizeof *runtime.files);
    for (size_t i = 0; i < runtime.libraries.count; i++) {
        const char *path = runtime.libraries.items[i];
        runtime.files[runtime.count++] = (struct gl_image_file){path, path, 0755};
    }
    if (gl_is_file(authorities))
        runtime.files[runtime.count++] = (struct gl_image_file){authorities, authorities, 0644};
    *ret_runtime = runtime;
    runtime = (struct gl_runtime){0};
    return 0;
}

static void fill_labels(const struct gl_release *release, const char *name,
                        struct gl_strv *ret_labels)
{
    gl_autofree char *created = gl_format_rfc3339(release->commit_unix_s * 1000);
    gl_strv_addf(ret_labels, "org.opencontainers.image.title=%s", name);
    gl_strv_addf(ret_labels, "org.opencontainers.image.revision=%s", release->revision);
    gl_strv_addf(ret_labels, "org.opencontainers.image.version=%s", release->version);
    gl_strv_addf(ret_labels, "org.opencontainers.image.created=%s", created);
}

int gl_pack_image(struct gl_release *release, const struct gl_pack *pack,
                  struct gl_image *ret_image, struct gl_error *err)
{
    gl_autofree char *layout = gl_release_state_path(release, "images");
    gl_autofree char *tag = gl_asprintf("%s:%s", pack->name, release->version);
    gl_autostrv struct gl_strv labels = {0};
    struct gl_image_layer layers[GL_PACK_LAYERS + 1] = {
        {"runtime", pack->runtime->files, pack->runtime->count, true}
    };
    for (size_t i = 0; i < pack->layer_count; i++)
        layers[i + 1] = pack->layers[i];
    fill_labels(release, pack->name, &labels);
    size_t above = pack->runtime->count ? 0 : 1; /* an empty layer is none */
    struct gl_image_spec spec = {
        .layout_dir = layout,
        .layers = layers + above,
        .layer_count = pack->layer_count + 1 - above,
        .entrypoint = pack->entrypoint,
        .env = pack->env,
        .user = "65532:65532",
        .workdir = "/app",
        .port = (uint16_t)pack->port,
        .architecture = pack->runtime->processor,
        .labels = (const char *const *)labels.items,
        .created_unix_s = release->commit_unix_s,
        .tag = tag,
    };
    gl_json_set_str(gl_release_own_facts(release), "layout", layout);
    return gl_image_build(&spec, ret_image, err);
}
