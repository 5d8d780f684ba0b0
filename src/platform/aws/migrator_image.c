/* The image of migrations: this very golive, the libraries it needs, the files, a certificate. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "platform/aws/migrator.h"
#include "platform/aws/repository.h"

#if defined(__aarch64__)
#    define PROCESSOR       "ARM64"
#    define IMAGE_PROCESSOR "arm64"
#else
#    define PROCESSOR       "X86_64"
#    define IMAGE_PROCESSOR "amd64"
#endif

#define AUTHORITY_FILE "/app/rds-ca.pem" /* PGSSLROOTCERT in stacks/release/migration-task.yaml */

static const unsigned char authorities[] = {
#include "platform/rds-ca.pem.inc"
    , 0};

const char *gl_migrator_processor(void)
{
    return PROCESSOR;
}

/* data/rds-ca.pem has a line "# REGION, until ..." before each certificate. */
char *gl_rds_authority(const char *region)
{
    static const char end[] = "-----END CERTIFICATE-----\n";
    gl_autofree char *heading = gl_asprintf("# %s, ", region);
    const char *all = (const char *)authorities;
    const char *at = strstr(all, heading);
    const char *begin = at ? strchr(at, '\n') : NULL;
    const char *stop = begin ? strstr(begin, end) : NULL;
    if (!stop)
        return NULL;
    return gl_strndup(begin + 1, (size_t)(stop - begin - 1) + strlen(end));
}

/* What goes into the image. */
struct content {
    char *program;
    struct gl_strv libraries;
    char *authority;               /* file on this machine */
    struct gl_image_file *runtime; /* program and libraries */
    size_t runtime_count;
    struct gl_image_file own[2];
    size_t own_count;
};

static void content_done(struct content *content)
{
    gl_strv_done(&content->libraries);
    gl_free_ptr(&content->program);
    gl_free_ptr(&content->authority);
    gl_free_ptr(&content->runtime);
}

static int find_program(struct content *content, struct gl_error *err)
{
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    if (len < 0)
        return gl_fail_errno(err, errno, _("cannot find the running golive"));
    path[len] = '\0';
    if (!gl_is_file(path)) {
        gl_fail(err, GL_E_NOT_FOUND, _("the running golive is no longer at %s"), path);
        return gl_error_hint(err, _("It was replaced while it ran: run the same command again."));
    }
    content->program = gl_strdup(path);
    return gl_image_libraries(path, &content->libraries, err);
}

static int write_authority(const struct gl_cloud *cloud, const char *dir, struct content *content,
                           struct gl_error *err)
{
    gl_autofree char *pem = gl_rds_authority(cloud->region);
    if (!pem) {
        gl_fail(err, GL_E_REFUSED, _("golive has no root certificate of RDS in %s"), cloud->region);
        return gl_error_hint(err, _("A newer version may have it. Until then run golive migrate up "
                                    "--database-url-env NAME from inside the network."));
    }
    content->authority = gl_path_join(dir, "rds-ca.pem");
    return gl_write_text(content->authority, pem, 0644, err);
}

static void fill(struct content *content, const char *migrations)
{
    size_t count = content->libraries.count;
    content->runtime = gl_alloc((count + 1) * sizeof *content->runtime);
    content->runtime[content->runtime_count++] =
        (struct gl_image_file){content->program, "/app/golive", 0755};
    for (size_t i = 0; i < count; i++) {
        const char *path = content->libraries.items[i];
        content->runtime[content->runtime_count++] = (struct gl_image_file){path, path, 0755};
    }
    content->own[content->own_count++] =
        (struct gl_image_file){content->authority, AUTHORITY_FILE, 0644};
    if (gl_is_dir(migrations))
        content->own[content->own_count++] =
            (struct gl_image_file){migrations, GL_MIGRATION_TASK_DIR, 0};
}

/* Nothing in it says when or where it was built. */
static int build(const struct content *content, const char *layout, struct gl_image *ret_image,
                 struct gl_error *err)
{
    static const char *const entrypoint[] = {"/app/golive", "internal", "migrate-task", NULL};
    static const char *const env[] = {"LANG=C.UTF-8", NULL};
    static const char *const labels[] = {"org.opencontainers.image.title=migrations",
                                         "org.opencontainers.image.version=" GL_VERSION, NULL};
    struct gl_image_layer layers[] = {
        {"golive",     content->runtime, content->runtime_count},
        {"migrations", content->own,     content->own_count    },
    };
    struct gl_image_spec spec = {
        .layout_dir = layout,
        .layers = layers,
        .layer_count = GL_COUNT(layers),
        .entrypoint = entrypoint,
        .env = env,
        .user = "65532:65532",
        .workdir = "/app",
        .architecture = IMAGE_PROCESSOR,
        .labels = labels,
    };
    return gl_image_build(&spec, ret_image, err);
}

static int send_image(struct gl_cloud *cloud, const char *uri, const char *layout,
                      const char *digest, struct gl_error *err)
{
    gl_autofree char *tag = gl_asprintf("%s-%.12s", GL_VERSION, digest + strlen("sha256:"));
    const char *const tags[] = {tag, NULL};
    const char *const moving[] = {NULL};
    struct gl_cloud_image image = {
        .repository_uri = uri,
        .layout_dir = layout,
        .digest = digest,
        .tags = tags,
        .moving_tags = moving,
    };
    return gl_cloud_image_send(cloud, &image, err);
}

/* What earlier releases' migrations left in the layout goes. */
static int keep_only(const char *layout, const char *digest, struct gl_error *err)
{
    gl_autostrv struct gl_strv keep = {0};
    uint64_t freed_bytes = 0;
    gl_strv_add(&keep, digest);
    return gl_image_prune(layout, &keep, &freed_bytes, err);
}

static int prepare(const struct gl_cloud *cloud, const struct gl_migration_job *job,
                   const char *dir, struct content *content, struct gl_error *err)
{
    int failed = gl_mkdir_p(dir, 0755, err);
    if (failed == 0)
        failed = find_program(content, err);
    if (failed == 0)
        failed = write_authority(cloud, dir, content, err);
    if (failed == 0)
        fill(content, job->dir);
    return failed;
}

int gl_migrator_image(struct gl_cloud *cloud, const struct gl_migration_job *job, char **ret_image,
                      struct gl_error *err)
{
    gl_autofree char *dir = gl_path_join(cloud->state_dir, "migrator");
    gl_autofree char *layout = gl_path_join(dir, "image");
    gl_cleanup(content_done) struct content content = {0};
    struct gl_image image = {0};
    const char *uri = NULL;
    int failed = gl_cloud_output(cloud, "registry", "MigrateRepositoryUri", &uri, err);
    if (failed == 0)
        failed = prepare(cloud, job, dir, &content, err);
    if (failed == 0)
        failed = build(&content, layout, &image, err);
    if (failed == 0)
        failed = send_image(cloud, uri, layout, image.digest, err);
    if (failed == 0)
        failed = keep_only(layout, image.digest, err);
    if (failed < 0)
        return gl_error_wrap(err, _("the image of the migrations"));
    *ret_image = gl_asprintf("%s@%s", uri, image.digest);
    return 0;
}
