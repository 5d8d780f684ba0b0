/* What the slots hold, and which one a release may have. */
#include "platform/local/slot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"

enum {
    SPARE_MEMORY_BYTES = 64 << 20,
    SPARE_DISK_BYTES = 256 << 20,
};

static const char *const services[GL_SLOT_COUNT] = {"backend-blue", "backend-green"};

const char *gl_slot_service(enum gl_slot slot)
{
    return services[slot];
}

void gl_slot_version_done(struct gl_slot_version *version)
{
    free(gl_steal(&version->version));
    free(gl_steal(&version->ready_path));
    free(gl_steal(&version->health_path));
}

static char *version_path(const struct gl_local *local, enum gl_slot slot)
{
    gl_autofree char *relative = gl_asprintf("slots/%s/version.json", gl_slot_name(slot));
    return gl_local_path(local, relative);
}

/* A slot that holds nothing, or was written before its paths were kept, has those of now. */
static char *path_of(const struct gl_local *local, const json_t *stored, const char *name)
{
    gl_autofree char *key = gl_asprintf("backend.%s", name);
    return gl_strdup(gl_json_str(stored, name, gl_config_str(local->base.config, key)));
}

int gl_slot_read(const struct gl_local *local, enum gl_slot slot,
                 struct gl_slot_version *ret_version, struct gl_error *err)
{
    gl_autofree char *path = version_path(local, slot);
    gl_autojson json_t *stored = NULL;
    struct gl_slot_version version = {0};
    int failed = gl_path_exists(path) ? gl_json_load(path, &stored, err) : 0;
    if (failed < 0)
        return failed;
    version.release = gl_json_int(stored, "release", 0);
    version.wanted = gl_json_bool(stored, "wanted", false);
    version.version = gl_strdup(gl_json_str(stored, "version", ""));
    version.ready_path = path_of(local, stored, "ready_path");
    version.health_path = path_of(local, stored, "health_path");
    (void)snprintf(version.digest, sizeof version.digest, "%s", gl_json_str(stored, "digest", ""));
    *ret_version = version;
    return 0;
}

int gl_slot_write(const struct gl_local *local, enum gl_slot slot,
                  const struct gl_slot_version *version, struct gl_error *err)
{
    gl_autofree char *path = version_path(local, slot);
    gl_autofree char *dir = gl_path_dir(path);
    gl_autojson json_t *stored = json_object();
    gl_json_set_int(stored, "release", version->release);
    gl_json_set_str(stored, "digest", version->digest);
    gl_json_set_str(stored, "version", version->version);
    gl_json_set_bool(stored, "wanted", version->wanted);
    gl_json_set_str(stored, "ready_path", version->ready_path);
    gl_json_set_str(stored, "health_path", version->health_path);
    gl_autofree char *text = gl_json_pretty(stored);
    int failed = gl_mkdir_p(dir, 0755, err);
    return failed < 0 ? failed : gl_write_text(path, text, 0644, err);
}

int gl_slot_retire(const struct gl_local *local, enum gl_slot slot, struct gl_error *err)
{
    gl_autoslot struct gl_slot_version version = {0};
    int failed = gl_slot_read(local, slot, &version, err);
    version.wanted = false;
    return failed < 0 ? failed : gl_slot_write(local, slot, &version, err);
}

int gl_slot_give_up(struct gl_local *local, enum gl_slot slot, struct gl_error *err)
{
    int failed = gl_slot_retire(local, slot, err);
    return failed < 0 ? failed : gl_slot_stop(local, slot, err);
}

int gl_slot_find(const struct gl_local *local, int64_t release, enum gl_slot *ret_slot,
                 struct gl_error *err)
{
    for (enum gl_slot slot = 0; slot < GL_SLOT_COUNT; slot++) {
        gl_autoslot struct gl_slot_version version = {0};
        int failed = gl_slot_read(local, slot, &version, err);
        if (failed < 0)
            return failed;
        if (release > 0 && version.release == release) {
            *ret_slot = slot;
            return 0;
        }
    }
    return gl_fail(err, GL_E_NOT_FOUND, _("release %" PRId64 " is in neither slot"), release);
}

/* Lower is better to give away; negative = it must not be taken. */
static int cost_of(const struct gl_route *route, enum gl_slot slot,
                   const struct gl_slot_version *version)
{
    if (route->slots[slot].weight_pct > 0 || route->slots[slot].sessions)
        return -1;
    if (version->release == 0)
        return 0;
    return version->wanted ? 2 : 1;
}

int gl_slot_choose(const struct gl_local *local, int64_t release, enum gl_slot *ret_slot,
                   struct gl_error *err)
{
    struct gl_route route = {0};
    int best = -1;
    int failed = gl_route_load(local, &route, err);
    if (failed < 0)
        return failed;
    if (gl_slot_find(local, release, ret_slot, NULL) == 0)
        return 0;
    for (enum gl_slot slot = 0; slot < GL_SLOT_COUNT; slot++) {
        gl_autoslot struct gl_slot_version version = {0};
        failed = gl_slot_read(local, slot, &version, err);
        if (failed < 0)
            return failed;
        int cost = cost_of(&route, slot, &version);
        if (cost >= 0 && (best < 0 || cost < best)) {
            best = cost;
            *ret_slot = slot;
        }
    }
    if (best >= 0)
        return 0;
    gl_fail(err, GL_E_REFUSED, _("both slots have traffic: there is no room for release %" PRId64),
            release);
    return gl_error_hint(err, _("Finish or roll back the release in progress: golive status%s"),
                         gl_config_env_words(local->base.config));
}

char *gl_slot_image_dir(const struct gl_local *local, const char *digest)
{
    const char *hex = strchr(digest, ':');
    gl_autofree char *relative = gl_asprintf("images/%s", hex ? hex + 1 : digest);
    return gl_local_path(local, relative);
}

bool gl_slot_is_healthy(struct gl_local *local, enum gl_slot slot, const char *stat_csv)
{
    struct gl_service_state state = {0};
    struct gl_edge_stat stat = gl_edge_stat_find(stat_csv, "app", gl_slot_name(slot));
    return gl_s6_state(local, gl_slot_service(slot), &state, NULL) == 0 && state.pid > 0 &&
           !state.ending && stat.up && stat.checked;
}

int gl_room_check(const struct gl_room *room, struct gl_error *err)
{
    uint64_t needed =
        room->memory_running_bytes + room->memory_running_bytes / 5 + SPARE_MEMORY_BYTES;
    uint64_t available = room->memory_available_bytes + room->memory_freed_bytes;
    uint64_t disk_needed = room->disk_needed_bytes + SPARE_DISK_BYTES;
    bool memory = available < needed;
    if (!memory && room->disk_free_bytes >= disk_needed)
        return 0;
    gl_autofree char *wanted = gl_format_bytes(memory ? needed : disk_needed);
    gl_autofree char *present = gl_format_bytes(memory ? available : room->disk_free_bytes);
    if (memory) {
        gl_fail(err, GL_E_REFUSED, _("memory is short: one more version needs %s, %s is free"),
                wanted, present);
        return gl_error_hint(err, _("Stop other programs: during a release the old and the new "
                                    "version run side by side."));
    }
    gl_fail(err, GL_E_REFUSED, _("disk space is short: the release needs %s, %s is free"), wanted,
            present);
    return gl_error_hint(err, _("Free some space, or keep fewer releases (release.keep)."));
}
