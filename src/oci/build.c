/* Builds an image: collects the layers, packs the unknown ones side by side, commits. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/thread.h"
#include "oci/image.h"
#include "oci/layer.h"
#include "oci/layout.h"

enum {
    SIDE_BY_SIDE = 2,
    MAX_LAYERS = 32,
};

/* One layer on its way: what it holds, then what became of it. */
struct job {
    struct gl_layer_tree tree;
    char key[GL_SHA256_HEX_SIZE];
    struct gl_layer layer;
    bool known; /* the cache had it: nothing to pack */
    int result;
    struct gl_error err;
};

struct build {
    const struct gl_image_spec *spec;
    struct gl_layout layout;
    struct job jobs[MAX_LAYERS];
    unsigned workers;
    atomic_size_t next;
};

static void free_build(struct build **build)
{
    if (!*build)
        return;
    for (size_t i = 0; i < (*build)->spec->layer_count; i++) {
        struct job *job = &(*build)->jobs[i];
        gl_layer_tree_done(&job->tree);
        gl_blob_done(&job->layer.blob);
        gl_error_done(&job->err);
    }
    gl_layout_done(&(*build)->layout);
    free(*build);
}

/* Names need a passwd file, which the image does not have. */
static bool is_id_above_zero(const char *text, char **ret_end)
{
    if (*text < '1' || *text > '9')
        return false;
    unsigned long id = strtoul(text, ret_end, 10);
    return id < 0xffffffffUL;
}

static int check_user(const char *user, struct gl_error *err)
{
    char *end = NULL;
    bool good = user && is_id_above_zero(user, &end);
    if (good && *end == ':')
        good = is_id_above_zero(end + 1, &end);
    if (good && *end == '\0')
        return 0;
    gl_fail(err, GL_E_REFUSED, _("the image's user `%s` is not a number above 0"),
            user ? user : "");
    return gl_error_hint(err, _("Give user and group as numbers, for example 65532:65532; root and "
                                "names are refused."));
}

/* The image is readable by everyone who can pull it. */
static int check_texts(const char *const *texts, const char *what, bool pairs, struct gl_error *err)
{
    for (; texts && *texts; texts++) {
        gl_autofree char *masked = gl_redact(*texts);
        gl_autojson json_t *json = json_string(*texts);
        if (!json)
            return gl_fail(err, GL_E_CONFIG, _("image %s: not UTF-8 text"), what);
        if (strcmp(masked, *texts) != 0) {
            gl_fail(err, GL_E_REFUSED, _("image %s: a secret would become readable: %s"), what,
                    masked);
            return gl_error_hint(err, _("Give secrets to the running program, not to the image."));
        }
        const char *equals = strchr(*texts, '=');
        if (pairs && (!equals || equals == *texts))
            return gl_fail(err, GL_E_CONFIG, _("image %s: `%s` is not NAME=value"), what, *texts);
    }
    return 0;
}

static int check_spec(const struct gl_image_spec *spec, struct gl_error *err)
{
    const char *const names[] = {spec->workdir, spec->architecture, spec->tag, NULL};
    if (!spec->layer_count || spec->layer_count > MAX_LAYERS)
        return gl_fail(err, GL_E_CONFIG, _("an image has 1 to %d layers"), MAX_LAYERS);
    if (!spec->entrypoint || !spec->entrypoint[0])
        return gl_fail(err, GL_E_CONFIG, _("the image has no entrypoint"));
    if (!spec->workdir || spec->workdir[0] != '/')
        return gl_fail(err, GL_E_CONFIG, _("the image's working directory is no absolute path"));
    if (!spec->architecture || !*spec->architecture)
        return gl_fail(err, GL_E_CONFIG, _("the image's architecture is missing"));
    if (spec->created_unix_s < 0 || spec->created_unix_s > UINT32_MAX)
        return gl_fail(err, GL_E_CONFIG, _("the image's time is not between 1970 and 2106"));
    int result = check_user(spec->user, err);
    if (result == 0)
        result = check_texts(names, _("names"), false, err);
    if (result == 0)
        result = check_texts(spec->entrypoint, _("entrypoint"), false, err);
    if (result == 0)
        result = check_texts(spec->env, _("environment"), true, err);
    if (result == 0)
        result = check_texts(spec->labels, _("labels"), true, err);
    return result;
}

/* Of every file of a layer. */
static int64_t time_of(const struct gl_image_spec *spec, size_t layer)
{
    return spec->layers[layer].timeless ? 0 : spec->created_unix_s;
}

/* Blobs that were only half committed are not seen: the commit holds the same lock. */
static int recall_layers(struct build *build, struct gl_error *err)
{
    const struct gl_image_spec *spec = build->spec;
    gl_autoclose int lock_fd = -1;
    for (size_t i = 0; i < spec->layer_count; i++) {
        struct job *job = &build->jobs[i];
        int result = gl_layer_tree_collect(&spec->layers[i], &job->tree, err);
        if (result < 0)
            return result;
        gl_layer_key(&job->tree, time_of(spec, i), job->key);
    }
    int result = gl_layout_lock_blobs(&build->layout, &lock_fd, err);
    for (size_t i = 0; result == 0 && i < spec->layer_count; i++)
        build->jobs[i].known =
            gl_layer_recall(&build->layout, build->jobs[i].key, &build->jobs[i].layer);
    return result;
}

static void *pack_jobs(void *context)
{
    struct build *build = context;
    for (;;) {
        size_t i = atomic_fetch_add(&build->next, 1);
        if (i >= build->spec->layer_count)
            return NULL;
        struct job *job = &build->jobs[i];
        if (!job->known)
            job->result = gl_layer_pack(&build->layout, &job->tree, time_of(build->spec, i),
                                        build->workers, &job->layer, &job->err);
    }
}

/* The caller's thread packs too, so a machine that allows no more threads still builds. */
static int pack_layers(struct build *build, struct gl_error *err)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    build->workers = processors > 1 ? (unsigned)processors : 0;
    pthread_t threads[SIDE_BY_SIDE - 1];
    size_t started = 0;
    while (started < GL_COUNT(threads) && started + 1 < build->spec->layer_count &&
           gl_thread_start(&threads[started], NULL, pack_jobs, build) == 0)
        started++;
    pack_jobs(build);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < build->spec->layer_count; i++) {
        struct job *job = &build->jobs[i];
        if (job->result < 0) {
            int result = job->result;
            gl_error_move(err, &job->err);
            gl_error_wrap(err, _("layer %s"), build->spec->layers[i].name);
            return result;
        }
    }
    return 0;
}

static int put_config(struct build *build, struct gl_blob *ret_config, struct gl_error *err)
{
    const char *diff_ids[MAX_LAYERS];
    for (size_t i = 0; i < build->spec->layer_count; i++)
        diff_ids[i] = build->jobs[i].layer.diff_id;
    gl_autofree char *text = gl_config_text(build->spec, diff_ids);
    return gl_layout_put(&build->layout, text, ret_config, err);
}

static int put_manifest(struct build *build, const struct gl_blob *config,
                        struct gl_blob *ret_manifest, struct gl_error *err)
{
    struct gl_descriptor layers[MAX_LAYERS];
    for (size_t i = 0; i < build->spec->layer_count; i++)
        layers[i] = build->jobs[i].layer.blob.descriptor;
    struct gl_manifest manifest = {
        .config = config->descriptor, .layers = layers, .layer_count = build->spec->layer_count};
    gl_autofree char *text = gl_manifest_text(&manifest);
    return gl_layout_put(&build->layout, text, ret_manifest, err);
}

static int commit(struct build *build, struct gl_image *image, struct gl_error *err)
{
    gl_cleanup(gl_blob_done) struct gl_blob config = {0};
    gl_cleanup(gl_blob_done) struct gl_blob manifest = {0};
    int result = put_config(build, &config, err);
    if (result == 0)
        result = put_manifest(build, &config, &manifest, err);
    if (result < 0)
        return result;
    size_t count = build->spec->layer_count;
    struct gl_blob *blobs[MAX_LAYERS + 2];
    for (size_t i = 0; i < count; i++)
        blobs[i] = &build->jobs[i].layer.blob;
    blobs[count] = &config;
    blobs[count + 1] = &manifest;
    result = gl_layout_commit(&build->layout, blobs, count + 2, build->spec, err);
    if (result < 0)
        return result;
    image->layers = count;
    for (size_t i = 0; i < count + 2; i++)
        image->size_bytes += blobs[i]->descriptor.size_bytes;
    for (size_t i = 0; i < count; i++)
        image->layers_reused += blobs[i]->existed;
    memcpy(image->config_digest, config.descriptor.digest, GL_DIGEST_SIZE);
    memcpy(image->digest, manifest.descriptor.digest, GL_DIGEST_SIZE);
    return 0;
}

/* Only the next build's time depends on this: no failure of it is one of the build. */
static void remember_layers(struct build *build)
{
    gl_autoerr struct gl_error ignored = {0};
    gl_autoclose int lock_fd = -1;
    if (gl_layout_lock_blobs(&build->layout, &lock_fd, &ignored) < 0)
        return;
    for (size_t i = 0; i < build->spec->layer_count; i++) {
        const struct job *job = &build->jobs[i];
        if (!job->known)
            gl_layer_remember(&build->layout, job->key, &job->tree, &job->layer);
    }
}

int gl_image_build(const struct gl_image_spec *spec, struct gl_image *ret_image,
                   struct gl_error *err)
{
    int64_t begun_ms = gl_mono_ms();
    int result = check_spec(spec, err);
    if (result < 0)
        return result;
    gl_cleanup(free_build) struct build *build = gl_alloc(sizeof *build);
    build->spec = spec;
    struct gl_image image = {0};
    result = gl_layout_open(spec->layout_dir, GL_LAYOUT_BUILD, &build->layout, err);
    if (result == 0)
        result = recall_layers(build, err);
    if (result == 0)
        result = pack_layers(build, err);
    if (result == 0)
        result = commit(build, &image, err);
    if (result < 0)
        return result;
    remember_layers(build);
    image.elapsed_ms = gl_mono_ms() - begun_ms;
    *ret_image = image;
    return 0;
}
