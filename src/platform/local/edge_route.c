/* The wanted division of traffic, kept in edge/route.json. */
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/local/edge.h"

static const char *const slot_names[GL_SLOT_COUNT] = {"blue", "green"};

const char *gl_slot_name(enum gl_slot slot)
{
    return slot_names[slot];
}

enum gl_slot gl_slot_other(enum gl_slot slot)
{
    return slot == GL_SLOT_BLUE ? GL_SLOT_GREEN : GL_SLOT_BLUE;
}

uint16_t gl_slot_port(const struct gl_local *local, enum gl_slot slot)
{
    return local->ports[slot == GL_SLOT_BLUE ? GL_PORT_BLUE : GL_PORT_GREEN];
}

int gl_route_load(const struct gl_local *local, struct gl_route *ret_route, struct gl_error *err)
{
    gl_autofree char *path = gl_local_path(local, "edge/route.json");
    gl_autojson json_t *stored = NULL;
    struct gl_route route = {0};
    int failed = gl_path_exists(path) ? gl_json_load(path, &stored, err) : 0;
    if (failed < 0)
        return failed;
    for (size_t i = 0; stored && i < GL_SLOT_COUNT; i++) {
        const json_t *slot = json_object_get(stored, slot_names[i]);
        int64_t weight = gl_json_int(slot, "weight_pct", -1);
        if (weight < 0 || weight > 100)
            return gl_fail(err, GL_E_CORRUPT, _("%s has no valid weight for %s"), path,
                           slot_names[i]);
        route.slots[i].enabled = gl_json_bool(slot, "enabled", false);
        route.slots[i].weight_pct = (int)weight;
        route.slots[i].sessions = gl_json_bool(slot, "sessions", false);
        route.slots[i].proven = gl_json_bool(slot, "proven", false);
    }
    *ret_route = route;
    return 0;
}

int gl_route_save(const struct gl_local *local, const struct gl_route *route, struct gl_error *err)
{
    gl_autofree char *path = gl_local_path(local, "edge/route.json");
    gl_autojson json_t *stored = json_object();
    for (size_t i = 0; i < GL_SLOT_COUNT; i++) {
        json_t *slot = json_object();
        gl_json_set_bool(slot, "enabled", route->slots[i].enabled);
        gl_json_set_int(slot, "weight_pct", route->slots[i].weight_pct);
        gl_json_set_bool(slot, "sessions", route->slots[i].sessions);
        gl_json_set_bool(slot, "proven", route->slots[i].proven);
        json_object_set_new(stored, slot_names[i], slot);
    }
    gl_autofree char *text = gl_json_pretty(stored);
    return gl_write_text(path, text, 0644, err);
}

bool gl_route_serves(const struct gl_route *route)
{
    for (size_t i = 0; i < GL_SLOT_COUNT; i++) {
        if (route->slots[i].weight_pct > 0 || route->slots[i].sessions)
            return true;
    }
    return false;
}

bool gl_route_spare(const struct gl_route *route, enum gl_slot *ret_slot)
{
    enum gl_slot serving =
        route->slots[GL_SLOT_GREEN].weight_pct > route->slots[GL_SLOT_BLUE].weight_pct
            ? GL_SLOT_GREEN
            : GL_SLOT_BLUE;
    enum gl_slot other = gl_slot_other(serving);
    *ret_slot = route->slots[other].enabled && route->slots[other].proven ? other : serving;
    return route->slots[serving].weight_pct > 0;
}
