/* Bringing versions to the machine, starting and stopping them, removing old ones. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/local/ops.h"

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

static char *image_record(const struct gl_local *local, int64_t release)
{
    gl_autofree char *relative = gl_asprintf("images/%" PRId64 ".json", release);
    return gl_local_path(local, relative);
}

/* A rollback goes with the edge as it is; a new release may count on the settings beside it. */
static int check_edge(struct gl_local *local, const struct gl_artifact *a, struct gl_error *err)
{
    gl_autofree char *record = image_record(local, a->release);
    if (gl_path_exists(record) || gl_edge_is_current(local))
        return 0;
    gl_autofree char *changes = gl_edge_changes(local);
    if (changes)
        gl_fail(err, GL_E_REFUSED,
                _("settings of the edge changed while it serves: %s; taking them over costs open "
                  "connections"),
                changes);
    else
        gl_fail(err, GL_E_REFUSED,
                _("this golive sets up the edge in another way than the one that started it; "
                  "taking that over costs open connections"));
    return gl_error_hint(err, _("Do that at a moment of your choice with: golive local up; then "
                                "run the release again."));
}

/* The new image is taken to be as large as the running one; its frontend lies there already. */
static int check_room(struct gl_local *local, const struct gl_artifact *a, struct gl_error *err)
{
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

int gl_local_preflight(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err)
{
    int failed = check_edge(gl_local_cast(p), a, err);
    return failed < 0 ? failed : check_room(gl_local_cast(p), a, err);
}

/* images/RELEASE.json remembers which image a release needs, for prune, and by which paths it is
 * asked whether it is well: those of its own release, also when it is gone back to. */
static int remember_image(const struct gl_local *local, const struct gl_artifact *a,
                          struct gl_error *err)
{
    gl_autofree char *path = image_record(local, a->release);
    gl_autojson json_t *record = NULL;
    if (gl_path_exists(path) && gl_json_load(path, &record, NULL) == 0 &&
        strcmp(gl_json_str(record, "digest", ""), a->image_digest) == 0 &&
        json_object_get(record, "ready_path"))
        return 0;
    json_decref(record);
    record = json_object();
    gl_json_set_str(record, "digest", a->image_digest);
    gl_json_set_str(record, "ready_path", gl_config_str(local->base.config, "backend.ready_path"));
    gl_json_set_str(record, "health_path",
                    gl_config_str(local->base.config, "backend.health_path"));
    gl_autofree char *text = gl_json_pretty(record);
    return gl_write_text(path, text, 0644, err);
}

int gl_local_place(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err)
{
    struct gl_local *local = gl_local_cast(p);
    gl_autofree char *images = gl_local_path(local, "images");
    gl_autofree char *dir = gl_slot_image_dir(local, a->image_digest);
    int failed = gl_mkdir_p(images, 0755, err);
    if (failed == 0)
        failed = remember_image(local, a, err);
    if (failed == 0)
        failed = gl_image_unpack(a->layout_dir, a->image_digest, dir, err);
    return failed < 0 ? gl_error_wrap(err, _("cannot unpack the image")) : 0;
}

/* Whoever is killed in between leaves a slot that holds nothing: never the record of one version
 * beside the script of another. */
static int give_slot(struct gl_local *local, enum gl_slot slot, const struct gl_artifact *a,
                     struct gl_error *err)
{
    struct gl_slot_version version = {0};
    int failed = gl_slot_write(local, slot, &version, err);
    if (failed == 0)
        failed = gl_slot_stop(local, slot, err);
    if (failed == 0)
        failed = gl_slot_prepare(local, slot, a, err);
    if (failed < 0)
        return failed;
    gl_autofree char *path = image_record(local, a->release);
    gl_autojson json_t *record = NULL;
    failed = gl_json_load(path, &record, err);
    if (failed < 0)
        return failed;
    version = (struct gl_slot_version){
        .release = a->release,
        .wanted = true,
        .version = gl_strdup(a->version),
        .ready_path = gl_strdup(gl_json_str(record, "ready_path", NULL)),
        .health_path = gl_strdup(gl_json_str(record, "health_path", NULL)),
    };
    (void)snprintf(version.digest, sizeof version.digest, "%s", a->image_digest);
    failed = gl_slot_write(local, slot, &version, err);
    gl_slot_version_done(&version);
    return failed;
}

static bool can_serve_already(struct gl_local *local, enum gl_slot slot)
{
    gl_autofree char *csv = NULL;
    return gl_edge_ask(local, GL_EDGE_SOCKET, "show stat", &csv, NULL) == 0 &&
           gl_slot_is_healthy(local, slot, csv);
}

static bool runs_already(struct gl_local *local, enum gl_slot slot, const struct gl_artifact *a)
{
    gl_autoslot struct gl_slot_version version = {0};
    return gl_slot_read(local, slot, &version, NULL) == 0 && version.release == a->release &&
           version.wanted && strcmp(version.digest, a->image_digest) == 0 &&
           can_serve_already(local, slot);
}

static void give_up(struct gl_local *local, enum gl_slot slot)
{
    gl_autoerr struct gl_error ignored = {0};
    if (gl_slot_give_up(local, slot, &ignored) < 0)
        gl_platform_progress(&local->base, "%s", ignored.message);
}

int gl_local_start(struct gl_platform *p, const struct gl_artifact *a, int64_t timeout_ms,
                   struct gl_error *err)
{
    struct gl_local *local = gl_local_cast(p);
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
        return gl_error_hint(err, _("Give the traffic to another release first: golive rollback%s"),
                             gl_config_env_words(p->config));
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

/* What the slot was given is still there: nothing is prepared anew. */
static int start_again(struct gl_local *local, enum gl_slot slot, int64_t timeout_ms,
                       struct gl_error *err)
{
    gl_autoslot struct gl_slot_version version = {0};
    int failed = gl_slot_read(local, slot, &version, err);
    if (failed < 0)
        return failed;
    gl_platform_progress(&local->base, _("release %" PRId64 " is started again"), version.release);
    version.wanted = true;
    failed = gl_slot_write(local, slot, &version, err);
    if (failed == 0)
        failed = gl_slot_start(local, slot, timeout_ms, err);
    if (failed == 0 || failed == GL_E_INTERRUPTED)
        return failed;
    if (failed == GL_E_UNHEALTHY)
        give_up(local, slot);
    gl_error_wrap(err, _("release %" PRId64 " does not come back"), version.release);
    return failed;
}

int gl_local_revive(struct gl_platform *p, int64_t release, int64_t timeout_ms,
                    struct gl_error *err)
{
    struct gl_local *local = gl_local_cast(p);
    struct gl_route route = {0};
    enum gl_slot slot = GL_SLOT_BLUE;
    int failed = gl_slot_find(local, release, &slot, err);
    if (failed == 0)
        failed = gl_route_load(local, &route, err);
    if (failed < 0)
        return failed;
    if (route.slots[slot].weight_pct > 0 || route.slots[slot].sessions ||
        can_serve_already(local, slot))
        return 0;
    return start_again(local, slot, timeout_ms, err);
}

int gl_local_stop(struct gl_platform *p, int64_t release, struct gl_error *err)
{
    struct gl_local *local = gl_local_cast(p);
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
    failed = gl_slot_retire(local, slot, err);
    return failed < 0 ? failed : gl_slot_stop(local, slot, err);
}
