/* Releases of the frontend: put in place, served, removed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/local/slot.h"
#include "platform/local/web.h"

/* SvelteKit puts what has a hash in its name below this directory. */
static const char immutable_prefix[] = "_app/immutable/";
/* Written by SvelteKit when the code reads $env/dynamic/public. */
static const char env_module[] = "_app/env.js";

static char *release_dir(const struct gl_local *local, int64_t release, const char *suffix)
{
    gl_autofree char *relative = gl_asprintf("www/releases/%" PRId64 "%s", release, suffix);
    return gl_local_path(local, relative);
}

static int make_parent(const char *path, struct gl_error *err)
{
    gl_autofree char *dir = gl_path_dir(path);
    return gl_mkdir_p(dir, 0755, err);
}

/* The build may have been made under a tight umask; the web server runs as another user. */
static int copy_readable(const char *from, const char *to, struct gl_error *err)
{
    int failed = make_parent(to, err);
    if (failed == 0)
        failed = gl_copy_file(from, to, err);
    if (failed == 0 && chmod(to, 0644) < 0)
        return gl_fail_errno(err, errno, _("cannot make %s readable"), to);
    return failed;
}

static int copy_one(const char *relative, const char *full, void *context, struct gl_error *err)
{
    gl_autofree char *to = gl_path_join(context, relative);
    return copy_readable(full, to, err);
}

struct pooling {
    const char *pool;
};

/* What a power loss left of an asset before it reached the disk: shorter, most likely empty. */
static bool is_whole(const char *pooled, const char *full)
{
    struct stat there;
    struct stat here;
    return lstat(pooled, &there) == 0 && stat(full, &here) == 0 && there.st_size == here.st_size;
}

static int replace_asset(const char *full, const char *to, struct gl_error *err)
{
    gl_autofree char *beside = gl_asprintf("%s.new", to);
    if ((unlink(beside) < 0 && errno != ENOENT) || link(full, beside) < 0 || rename(beside, to) < 0)
        return gl_fail_errno(err, errno, _("cannot replace %s"), to);
    return 0;
}

/* A hard link costs no space; a name that is there already has the same content, for it is a hash.
 */
static int pool_one(const char *relative, const char *full, void *context, struct gl_error *err)
{
    const struct pooling *pooling = context;
    gl_autofree char *to = gl_path_join(pooling->pool, relative);
    if (!gl_starts_with(relative, immutable_prefix))
        return 0;
    int failed = make_parent(to, err);
    if (failed < 0)
        return failed;
    if (link(full, to) == 0)
        return 0;
    if (errno == EEXIST)
        return is_whole(to, full) ? 0 : replace_asset(full, to, err);
    return gl_fail_errno(err, errno, _("cannot add %s to the pool of assets"), relative);
}

static int write_env_module(struct gl_local *local, const char *dir, struct gl_error *err)
{
    gl_autofree char *path = gl_path_join(dir, env_module);
    gl_autojson json_t *variables = NULL;
    if (!gl_is_file(path))
        return 0;
    int failed = gl_envvars_frontend(local, &variables, err);
    if (failed < 0)
        return failed;
    gl_autofree char *object = gl_json_canonical(variables);
    gl_autofree char *text = gl_asprintf("export const env=%s", object);
    return gl_write_text(path, text, 0644, err);
}

/* Names must not reach the disk before what they name. */
static int sync_files(const char *dir, struct gl_error *err)
{
    gl_autoclose int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || syncfs(fd) < 0)
        return gl_fail_errno(err, errno, _("cannot write %s to disk"), dir);
    return 0;
}

int gl_web_publish(struct gl_local *local, const struct gl_artifact *artifact, struct gl_error *err)
{
    gl_autofree char *final = release_dir(local, artifact->release, "");
    gl_autofree char *temporary = release_dir(local, artifact->release, ".tmp");
    gl_autofree char *pool = gl_local_path(local, "www/assets");
    struct pooling pooling = {pool};
    if (!artifact->frontend_dir || gl_is_dir(final))
        return 0;
    if (!gl_is_dir(artifact->frontend_dir))
        return gl_fail(err, GL_E_NOT_FOUND, _("the built frontend %s does not exist"),
                       artifact->frontend_dir);
    int failed = gl_remove_tree(temporary, err);
    if (failed == 0)
        failed = gl_mkdir_p(temporary, 0755, err);
    if (failed == 0)
        failed = gl_walk_files(artifact->frontend_dir, copy_one, temporary, err);
    if (failed == 0)
        failed = write_env_module(local, temporary, err);
    if (failed == 0)
        failed = sync_files(temporary, err);
    if (failed == 0)
        failed = gl_walk_files(temporary, pool_one, &pooling, err);
    if (failed == 0 && rename(temporary, final) < 0)
        failed = gl_fail_errno(err, errno, _("cannot put %s in place"), final);
    return failed < 0 ? gl_error_wrap(err, _("cannot publish the frontend")) : 0;
}

/* As before the first frontend was published. */
static int serve_none(const char *link_path, struct gl_error *err)
{
    if (unlink(link_path) < 0 && errno != ENOENT)
        return gl_fail_errno(err, errno, _("cannot remove %s"), link_path);
    return 0;
}

int gl_web_activate(struct gl_local *local, int64_t release, struct gl_error *err)
{
    gl_autofree char *dir = release_dir(local, release, "");
    gl_autofree char *link_path = gl_local_path(local, "www/current");
    gl_autofree char *target = gl_asprintf("releases/%" PRId64, release);
    if (release == 0)
        return serve_none(link_path, err);
    if (!gl_is_dir(dir))
        return gl_fail(err, GL_E_NOT_FOUND,
                       _("the frontend of release %" PRId64 " was not published"), release);
    return gl_replace_link(target, link_path, err);
}

int64_t gl_web_current(const struct gl_local *local)
{
    gl_autofree char *link_path = gl_local_path(local, "www/current");
    char target[PATH_MAX] = "";
    ssize_t len = readlink(link_path, target, sizeof target - 1);
    return len > 0 ? strtoll(gl_path_base(target), NULL, 10) : 0;
}

static int list_dir(const char *path, struct gl_strv *names, struct gl_error *err)
{
    DIR *dir = opendir(path);
    if (!dir)
        return errno == ENOENT ? 0 : gl_fail_errno(err, errno, _("cannot read %s"), path);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] != '.')
            gl_strv_add(names, entry->d_name);
    }
    closedir(dir);
    return 0;
}

/* What a killed publish left (N.tmp) is no kept release either. */
static bool is_needed(const char *name, int64_t served, const int64_t *keep, size_t count)
{
    char *end = NULL;
    int64_t release = strtoll(name, &end, 10);
    return *end == '\0' && (release == served || gl_is_kept(release, keep, count));
}

struct pruning {
    const char *releases;
    const struct gl_strv *kept;
};

static int remove_if_unused(const char *relative, const char *full, void *context,
                            struct gl_error *err)
{
    const struct pruning *pruning = context;
    for (size_t i = 0; i < pruning->kept->count; i++) {
        gl_autofree char *path =
            gl_asprintf("%s/%s/%s", pruning->releases, pruning->kept->items[i], relative);
        if (gl_path_exists(path))
            return 0;
    }
    return unlink(full) < 0 && errno != ENOENT
               ? gl_fail_errno(err, errno, _("cannot remove %s"), full)
               : 0;
}

int gl_web_prune(struct gl_local *local, const int64_t *keep, size_t count, struct gl_error *err)
{
    gl_autofree char *releases = gl_local_path(local, "www/releases");
    gl_autofree char *pool = gl_local_path(local, "www/assets");
    gl_autostrv struct gl_strv names = {0};
    gl_autostrv struct gl_strv kept = {0};
    int64_t served = gl_web_current(local);
    int failed = list_dir(releases, &names, err);
    for (size_t i = 0; failed == 0 && i < names.count; i++) {
        gl_autofree char *path = gl_path_join(releases, names.items[i]);
        if (is_needed(names.items[i], served, keep, count))
            gl_strv_add(&kept, names.items[i]);
        else
            failed = gl_remove_tree(path, err);
    }
    struct pruning pruning = {releases, &kept};
    if (failed == 0 && gl_is_dir(pool))
        failed = gl_walk_files(pool, remove_if_unused, &pruning, err);
    return failed;
}
