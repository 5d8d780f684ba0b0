/* Removing what no kept release needs: images, backups, frontends; and the version nobody keeps
 * warm.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/local/ops.h"
#include "platform/local/web.h"

/* The directory names of images that a slot or a kept release needs; forgets the other releases. */
static int needed_images(struct gl_local *local, const int64_t *keep, size_t count,
                         struct gl_strv *needed, struct gl_error *err)
{
    gl_autofree char *images = gl_local_path(local, "images");
    DIR *dir = opendir(images);
    for (enum gl_slot slot = 0; slot < GL_SLOT_COUNT; slot++) {
        gl_autoslot struct gl_slot_version version = {0};
        if (gl_slot_read(local, slot, &version, NULL) < 0 || !version.wanted)
            continue;
        gl_autofree char *path = gl_slot_image_dir(local, version.digest);
        gl_strv_add(needed, gl_path_base(path));
    }
    int failed = 0;
    for (struct dirent *entry; dir && failed == 0 && (entry = readdir(dir));) {
        gl_autofree char *path = gl_path_join(images, entry->d_name);
        gl_autojson json_t *record = NULL;
        if (!gl_ends_with(entry->d_name, ".json"))
            continue;
        if (!gl_is_kept(strtoll(entry->d_name, NULL, 10), keep, count)) {
            failed = gl_remove_tree(path, err);
        } else if ((failed = gl_json_load(path, &record, err)) == 0) {
            gl_autofree char *image = gl_slot_image_dir(local, gl_json_str(record, "digest", ""));
            gl_strv_add(needed, gl_path_base(image));
        }
    }
    if (dir)
        closedir(dir);
    return failed;
}

/* What a killed unpack left (.HEX.XXXXXX) goes too: only one release is made at a time. */
static int prune_images(struct gl_local *local, const struct gl_strv *needed, struct gl_error *err)
{
    gl_autofree char *images = gl_local_path(local, "images");
    DIR *dir = opendir(images);
    int failed = 0;
    for (struct dirent *entry; dir && failed == 0 && (entry = readdir(dir));) {
        gl_autofree char *path = gl_path_join(images, entry->d_name);
        bool keep = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                    gl_ends_with(entry->d_name, ".json") || gl_strv_has(needed, entry->d_name);
        failed = keep ? 0 : gl_remove_tree(path, err);
    }
    if (dir)
        closedir(dir);
    return failed;
}

/* The release of a backup that a deploy made, by its label "release-N"; 0 for every other file. */
static int64_t release_of_backup(const char *name)
{
    static const char prefix[] = "release-";
    char *end = NULL;
    if (!gl_starts_with(name, prefix))
        return 0;
    int64_t release = strtoll(name + strlen(prefix), &end, 10);
    return strcmp(end, ".dump") == 0 || strcmp(end, ".json") == 0 ? release : 0;
}

static int prune_backups(struct gl_local *local, const int64_t *keep, size_t count,
                         struct gl_error *err)
{
    gl_autofree char *backups = gl_local_path(local, "backups");
    DIR *dir = opendir(backups);
    int failed = 0;
    for (struct dirent *entry; dir && failed == 0 && (entry = readdir(dir));) {
        gl_autofree char *path = gl_path_join(backups, entry->d_name);
        int64_t release = release_of_backup(entry->d_name);
        if (release > 0 && !gl_is_kept(release, keep, count))
            failed = gl_remove_tree(path, err);
    }
    if (dir)
        closedir(dir);
    return failed;
}

/* local.keep_warm: false saves memory; a rollback then starts the version first. */
static int cool_down(struct gl_local *local, struct gl_error *err)
{
    struct gl_route route = {0};
    if (gl_config_bool(local->base.config, "local.keep_warm"))
        return 0;
    int failed = gl_route_load(local, &route, err);
    for (enum gl_slot slot = 0; failed == 0 && slot < GL_SLOT_COUNT; slot++) {
        gl_autoslot struct gl_slot_version version = {0};
        failed = gl_slot_read(local, slot, &version, err);
        if (failed < 0 || !version.wanted || route.slots[slot].weight_pct > 0 ||
            route.slots[slot].sessions)
            continue;
        gl_platform_progress(&local->base,
                             _("stopping release %" PRId64 ": local.keep_warm is "
                               "false"),
                             version.release);
        failed = gl_local_stop(&local->base, version.release, err);
    }
    return failed;
}

int gl_local_prune(struct gl_platform *p, const int64_t *keep, size_t count, struct gl_error *err)
{
    struct gl_local *local = gl_local_cast(p);
    gl_autostrv struct gl_strv needed = {0};
    int failed = cool_down(local, err);
    if (failed == 0)
        failed = needed_images(local, keep, count, &needed, err);
    if (failed == 0)
        failed = prune_images(local, &needed, err);
    if (failed == 0)
        failed = prune_backups(local, keep, count, err);
    return failed < 0 ? failed : gl_web_prune(local, keep, count, err);
}
