/* The image of the frontend: node of this machine with its libraries, the packages, the build. The
 * build listens on PORT and answers SIGTERM by itself. */
#include "release/pages.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "proc/proc.h"
#include "release/pack.h"

enum { ASK_NODE_MS = 20000 };

/* Shims of version managers are no program that could be packed; node knows where it is itself. */
static int find_node(char **ret_path, struct gl_error *err)
{
    const char *argv[] = {"node", "--print", "process.execPath", NULL};
    const struct gl_proc_spec spec = {.argv = argv, .timeout_ms = ASK_NODE_MS};
    gl_autofree char *out = NULL;
    int failed = gl_proc_check(&spec, &out, err);
    if (failed == GL_E_INTERRUPTED)
        return failed;
    if (failed < 0 || !out || out[0] != '/') {
        gl_autoerr struct gl_error why = {0};
        if (err)
            gl_error_move(&why, err);
        gl_fail(err, GL_E_CONFIG, _("frontend.mode is ssr, and no node runs here: %s"),
                why.message ? why.message : _("it does not say where it lies"));
        gl_error_hint(err,
                      _("Install node where golive builds: it is packed with what adapter-node "
                        "made."));
        return GL_E_CONFIG;
    }
    out[strcspn(out, "\n")] = '\0';
    *ret_path = gl_steal(&out);
    return 0;
}

/* ---- a node that is whole ----------------------------------------------------------------------
 */

/* What cannot be read is judged by whoever packs it. */
static bool names_directory(const char *program, const char *directory)
{
    struct stat st;
    gl_autoclose int fd = open(program, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || st.st_size == 0)
        return false;
    void *data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED)
        return false;
    bool found = memmem(data, (size_t)st.st_size, directory, strlen(directory)) != NULL;
    munmap(data, (size_t)st.st_size);
    return found;
}

/* Debian's node loads parts of itself from files of other packages at run time, by their paths. */
static int require_whole(const char *node, const struct gl_runtime *runtime, struct gl_error *err)
{
    static const char elsewhere[] = "/usr/share/nodejs/";
    bool found = names_directory(node, elsewhere);
    for (size_t i = 0; !found && i < runtime->libraries.count; i++) {
        const char *library = runtime->libraries.items[i];
        found = gl_starts_with(gl_path_base(library), "libnode.") &&
                names_directory(library, elsewhere);
    }
    if (!found)
        return 0;
    gl_fail(err, GL_E_REFUSED, _("%s is not whole: it loads parts of itself from %s"), node,
            elsewhere);
    return gl_error_hint(err, _("Debian builds it so. Put a node of nodejs.org first in PATH where "
                                "golive builds."));
}

/* Node of this machine, and what it needs. */
static int find_runtime(char **ret_node, struct gl_runtime *ret_runtime, struct gl_error *err)
{
    gl_autofree char *node = NULL;
    gl_autoruntime struct gl_runtime runtime = {0};
    int failed = find_node(&node, err);
    if (failed == 0)
        failed = gl_runtime_find(node, &runtime, err);
    if (failed == 0)
        failed = require_whole(node, &runtime, err);
    if (failed < 0)
        return failed;
    *ret_node = gl_steal(&node);
    *ret_runtime = runtime;
    runtime = (struct gl_runtime){0};
    return 0;
}

static char *frontend_dir_of(const struct gl_release *release)
{
    return gl_release_project_path(release, gl_config_str(release->config, "frontend.dir"));
}

int gl_pages_check(const struct gl_release *release, const char **ret_processor,
                   struct gl_error *err)
{
    gl_autofree char *dir = frontend_dir_of(release);
    gl_autofree char *node = NULL;
    gl_autoruntime struct gl_runtime runtime = {0};
    if (!gl_is_dir(dir)) {
        gl_fail(err, GL_E_CONFIG, _("frontend.mode is ssr, but %s is no directory"), dir);
        return gl_error_hint(err, _("Set frontend.dir in golive.yaml."));
    }
    int failed = find_runtime(&node, &runtime, err);
    if (failed == 0)
        *ret_processor = runtime.processor;
    return failed;
}

/* ---- the image ---------------------------------------------------------------------------------
 */

struct sources {
    char *node;
    char *package_json; /* says that the build's modules are ES modules */
    char *packages;     /* node_modules; NULL = none */
    const char *build;
};

static void sources_done(struct sources *sources)
{
    gl_free_ptr(&sources->node);
    gl_free_ptr(&sources->package_json);
    gl_free_ptr(&sources->packages);
}

/* adapter-node leaves its server in index.js and what browsers load in client/. */
static int require_build(const char *build, struct gl_error *err)
{
    gl_autofree char *server = gl_path_join(build, "index.js");
    gl_autofree char *client = gl_path_join(build, "client");
    if (gl_is_file(server) && gl_is_dir(client))
        return 0;
    gl_fail(err, GL_E_CONFIG, _("the frontend's build in %s is no Node service"), build);
    return gl_error_hint(err, _("frontend.mode ssr wants what @sveltejs/adapter-node makes: "
                                "index.js and client/. Set frontend.build_dir to where it writes, "
                                "or frontend.mode: static for adapter-static."));
}

static int find_sources(struct gl_release *release, struct sources *sources, struct gl_error *err)
{
    gl_autofree char *dir = frontend_dir_of(release);
    sources->package_json = gl_path_join(dir, "package.json");
    sources->build = gl_release_fact(release, "build", "frontend");
    if (!sources->build)
        return gl_fail(err, GL_E_CONFIG, _("frontend.mode is ssr, but no frontend was built"));
    int failed = require_build(sources->build, err);
    return failed < 0 ? failed : gl_pages_packages(release, dir, &sources->packages, err);
}

static int build_image(struct gl_release *release, const struct sources *sources,
                       const struct gl_runtime *runtime, struct gl_image *ret_image,
                       struct gl_error *err)
{
    static const char *const entrypoint[] = {"/usr/local/bin/node", "/app/build/index.js", NULL};
    static const char *const env[] = {"NODE_ENV=production", NULL};
    const struct gl_image_file node = {sources->node, "/usr/local/bin/node", 0755};
    const struct gl_image_file packages = {sources->packages, "/app/node_modules", 0};
    const struct gl_image_file app[] = {
        {sources->build,        "/app/build",        0   },
        {sources->package_json, "/app/package.json", 0644},
    };
    gl_autofree char *name = gl_asprintf("%s-frontend", gl_config_str(release->config, "app.name"));
    struct gl_pack pack = {
        .name = name,
        .runtime = runtime,
        .layers = {{"node", &node, 1, true}},
        .layer_count = 1,
        .entrypoint = entrypoint,
        .env = env,
        .port = gl_config_int(release->config, "frontend.ssr.port"),
    };
    if (sources->packages)
        pack.layers[pack.layer_count++] = (struct gl_image_layer){"packages", &packages, 1, true};
    pack.layers[pack.layer_count++] = (struct gl_image_layer){"app", app, GL_COUNT(app)};
    return gl_pack_image(release, &pack, ret_image, err);
}

/* Beside what the step said of the backend's image. */
static void report(struct gl_release *release, const struct gl_image *image)
{
    gl_autofree char *backend = gl_strdup(release->detail ? release->detail : "");
    gl_autofree char *size = gl_format_bytes(image->size_bytes);
    gl_json_set_str(gl_release_own_facts(release), "frontend_digest", image->digest);
    gl_release_detail(release, _("%s; frontend %.15s.. %s, %zu layers (%zu reused)"), backend,
                      image->digest, size, image->layers, image->layers_reused);
}

int gl_pages_pack(struct gl_release *release, struct gl_error *err)
{
    gl_cleanup(sources_done) struct sources sources = {0};
    gl_autoruntime struct gl_runtime runtime = {0};
    struct gl_image image = {0};
    if (!gl_platform_has_pages(release->config))
        return 0;
    int failed = find_sources(release, &sources, err);
    if (failed == 0)
        failed = find_runtime(&sources.node, &runtime, err);
    if (failed == 0)
        failed = build_image(release, &sources, &runtime, &image, err);
    if (failed < 0)
        return gl_error_wrap(err, _("the image of the frontend"));
    report(release, &image);
    return 0;
}
