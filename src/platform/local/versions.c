/* Bringing versions to the machine, starting and stopping them, removing old ones. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/local/ops.h"
#include "platform/local/web.h"

static struct gl_local *local_of(struct gl_platform *p)
{
    return (struct gl_local *)p;
}

static int add_size(const char *relative, const char *full, void *context, struct gl_error *err)
{
    struct stat st;
    (void)relative;
    (void)err;
    if (lstat(full, &st) == 0)
        *(uint64_t *)context += (uint64_t)st.st_size;
    return 0;
}

static uint64_t tree_bytes(const char *dir)
{
    uint64_t sum = 0;
    if (dir && gl_is_dir(dir) && gl_walk_files(dir, add_size, &sum, NULL) < 0)
        return 0;
    return sum;
}

static uint64_t slot_memory(struct gl_local *local, enum gl_slot slot)
{
    struct gl_service_state state = {0};
    return gl_s6_state(local, gl_slot_service(slot), &state, NULL) == 0
               ? gl_proc_rss_bytes(state.pid)
               : 0;
}

/* The new image is taken to be as large as the running one; its frontend lies there already. */
int gl_local_preflight(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err)
{
    struct gl_local *local = local_of(p);
    gl_autoslot struct gl_slot_version running = {0};
    enum gl_slot slot = GL_SLOT_BLUE;
    int failed = gl_slot_choose(local, a->release, &slot, err);
    if (failed == 0)
        failed = gl_slot_read(local, gl_slot_other(slot), &running, err);
    if (failed < 0)
        return failed;
    gl_autofree char *image = gl_slot_image_dir(local, running.digest);
    struct gl_room room = {
        .memory_available_bytes = gl_memory_available_bytes(),
        .memory_running_bytes = slot_memory(local, gl_slot_other(slot)),
        .memory_freed_bytes = slot_memory(local, slot),
        .disk_free_bytes = gl_disk_free_bytes(local->root),
        .disk_needed_bytes =
            (running.release ? tree_bytes(image) : 0) + tree_bytes(a->frontend_dir),
    };
    return gl_room_check(&room, err);
}

/* images/RELEASE.json remembers which image a release needs, for prune. */
static int remember_image(const struct gl_local *local, const struct gl_artifact *a,
                          struct gl_error *err)
{
    gl_autofree char *relative = gl_asprintf("images/%" PRId64 ".json", a->release);
    gl_autofree char *path = gl_local_path(local, relative);
    gl_autojson json_t *record = json_object();
    gl_json_set_str(record, "digest", a->image_digest);
    gl_autofree char *text = gl_json_pretty(record);
    return gl_write_text(path, text, 0644, err);
}

int gl_local_place(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err)
{
    struct gl_local *local = local_of(p);
    gl_autofree char *images = gl_local_path(local, "images");
    gl_autofree char *dir = gl_slot_image_dir(local, a->image_digest);
    int failed = gl_mkdir_p(images, 0755, err);
    if (failed == 0)
        failed = remember_image(local, a, err);
    if (failed == 0)
        failed = gl_image_unpack(a->layout_dir, a->image_digest, dir, err);
    if (failed == 0 && local->drop)
        failed = gl_chown_tree(dir, local->uid, local->gid, err);
    return failed < 0 ? gl_error_wrap(err, _("cannot unpack the image")) : 0;
}

static int give_slot(struct gl_local *local, enum gl_slot slot, const struct gl_artifact *a,
                     struct gl_error *err)
{
    struct gl_slot_version version = {.release = a->release, .wanted = true};
    gl_autoslot struct gl_slot_version previous = {0};
    int failed = gl_slot_read(local, slot, &previous, err);
    if (failed == 0 && previous.release != 0)
        failed = gl_slot_stop(local, slot, err);
    if (failed == 0)
        failed = gl_slot_prepare(local, slot, a, err);
    if (failed < 0)
        return failed;
    (void)snprintf(version.digest, sizeof version.digest, "%s", a->image_digest);
    version.version = gl_strdup(a->version);
    failed = gl_slot_write(local, slot, &version, err);
    gl_slot_version_done(&version);
    return failed;
}

static bool runs_already(struct gl_local *local, enum gl_slot slot, const struct gl_artifact *a)
{
    gl_autoslot struct gl_slot_version version = {0};
    gl_autofree char *csv = NULL;
    return gl_slot_read(local, slot, &version, NULL) == 0 && version.release == a->release &&
           version.wanted && strcmp(version.digest, a->image_digest) == 0 &&
           gl_edge_ask(local, GL_EDGE_SOCKET, "show stat", &csv, NULL) == 0 &&
           gl_slot_is_healthy(local, slot, csv);
}

static int mark_unwanted(struct gl_local *local, enum gl_slot slot, struct gl_error *err)
{
    gl_autoslot struct gl_slot_version version = {0};
    int failed = gl_slot_read(local, slot, &version, err);
    version.wanted = false;
    return failed < 0 ? failed : gl_slot_write(local, slot, &version, err);
}

/* A version that did not become ready leaves its slot stopped and out of the routing. */
static void give_up(struct gl_local *local, enum gl_slot slot)
{
    gl_autoerr struct gl_error ignored = {0};
    if (mark_unwanted(local, slot, &ignored) < 0 || gl_slot_stop(local, slot, &ignored) < 0)
        gl_platform_progress(&local->base, "%s", ignored.message);
}

int gl_local_start(struct gl_platform *p, const struct gl_artifact *a, int64_t timeout_ms,
                   struct gl_error *err)
{
    struct gl_local *local = local_of(p);
    struct gl_route route = {0};
    enum gl_slot slot = GL_SLOT_BLUE;
    int failed = gl_slot_choose(local, a->release, &slot, err);
    if (failed < 0 || runs_already(local, slot, a))
        return failed;
    failed = gl_route_load(local, &route, err);
    if (failed < 0)
        return failed;
    if (route.slots[slot].weight_pct > 0 || route.slots[slot].sessions) {
        gl_fail(err, GL_E_UNHEALTHY, _("release %" PRId64 " has traffic but is not healthy"),
                a->release);
        return gl_error_hint(err, _("Give the traffic to another release first: golive rollback"));
    }
    failed = gl_local_place(p, a, err);
    if (failed == 0)
        failed = give_slot(local, slot, a, err);
    if (failed == 0)
        failed = gl_slot_start(local, slot, timeout_ms, err);
    if (failed < 0)
        give_up(local, slot);
    return failed;
}

int gl_local_stop(struct gl_platform *p, int64_t release, struct gl_error *err)
{
    struct gl_local *local = local_of(p);
    struct gl_route route = {0};
    enum gl_slot slot = GL_SLOT_BLUE;
    if (gl_slot_find(local, release, &slot, NULL) < 0)
        return 0;
    int failed = gl_route_load(local, &route, err);
    if (failed < 0)
        return failed;
    if (route.slots[slot].weight_pct > 0 || route.slots[slot].sessions)
        return gl_fail(err, GL_E_REFUSED, _("release %" PRId64 " has traffic and is not stopped"),
                       release);
    failed = mark_unwanted(local, slot, err);
    return failed < 0 ? failed : gl_slot_stop(local, slot, err);
}

static bool is_kept(int64_t release, const int64_t *keep, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (keep[i] == release)
            return true;
    }
    return false;
}

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
        if (!is_kept(strtoll(entry->d_name, NULL, 10), keep, count)) {
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

static int prune_images(struct gl_local *local, const struct gl_strv *needed, struct gl_error *err)
{
    gl_autofree char *images = gl_local_path(local, "images");
    DIR *dir = opendir(images);
    int failed = 0;
    for (struct dirent *entry; dir && failed == 0 && (entry = readdir(dir));) {
        gl_autofree char *path = gl_path_join(images, entry->d_name);
        if (entry->d_name[0] != '.' && !gl_ends_with(entry->d_name, ".json") &&
            !gl_strv_has(needed, entry->d_name))
            failed = gl_remove_tree(path, err);
    }
    if (dir)
        closedir(dir);
    return failed;
}

int gl_local_prune(struct gl_platform *p, const int64_t *keep, size_t count, struct gl_error *err)
{
    struct gl_local *local = local_of(p);
    gl_autostrv struct gl_strv needed = {0};
    int failed = needed_images(local, keep, count, &needed, err);
    if (failed == 0)
        failed = prune_images(local, &needed, err);
    return failed < 0 ? failed : gl_web_prune(local, keep, count, err);
}
