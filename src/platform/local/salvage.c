/* When secrets.json is lost: what the versions in the slots were started with still has the values.
 * Made anew they would lock a running application out of its database and end every session. */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/log.h"
#include "platform/local/secrets.h"
#include "platform/local/slot.h"

static char *env_dir(const struct gl_local *local, enum gl_slot slot)
{
    gl_autofree char *relative = gl_asprintf("slots/%s/env", gl_slot_name(slot));
    return gl_local_path(local, relative);
}

/* The value as it was written: with one line break behind it. NULL if there is no such file. */
static char *read_value(const char *dir, const char *name)
{
    gl_autofree char *path = gl_path_join(dir, name);
    gl_autobuf struct gl_buf text = {0};
    if (strchr(name, '/') || !gl_is_file(path) || gl_read_file(path, 0, &text, NULL) < 0)
        return NULL;
    if (text.len && text.data[text.len - 1] == '\n')
        text.data[--text.len] = '\0';
    return gl_buf_steal(&text);
}

/* The version that has the requests first: its values are the ones that count. */
static enum gl_slot first_slot(const struct gl_local *local)
{
    struct gl_route route = {0};
    if (gl_route_load(local, &route, NULL) < 0)
        return GL_SLOT_BLUE;
    return route.slots[GL_SLOT_GREEN].weight_pct > route.slots[GL_SLOT_BLUE].weight_pct
               ? GL_SLOT_GREEN
               : GL_SLOT_BLUE;
}

char *gl_salvage_variable(const struct gl_local *local, const char *name)
{
    enum gl_slot first = first_slot(local);

    const enum gl_slot order[] = {first, gl_slot_other(first)};

    for (size_t i = 0; i < GL_COUNT(order); i++) {
        gl_autofree char *dir = env_dir(local, order[i]);
        char *value = read_value(dir, name);
        if (value)
            return value;
    }
    return NULL;
}

struct search {
    const char *role;
    char *password; /* found; NULL so far */
};

/* golive makes passwords of hexadecimal digits: they stand in a URL as they are. */
static int look_for_password(const char *relative, const char *full, void *context,
                             struct gl_error *err)
{
    struct search *search = context;
    gl_autofree char *dir = gl_path_dir(full);
    gl_autofree char *value = read_value(dir, relative);
    gl_autofree char *begin = gl_asprintf("postgresql://%s:", search->role);
    (void)err;
    if (!value || search->password || !gl_starts_with(value, begin))
        return 0;
    const char *password = value + strlen(begin);
    size_t len = strspn(password, "0123456789abcdef");
    if (len && password[len] == '@')
        search->password = gl_strndup(password, len);
    return 0;
}

char *gl_salvage_password(const struct gl_local *local, const char *role)
{
    enum gl_slot first = first_slot(local);

    const enum gl_slot order[] = {first, gl_slot_other(first)};
    struct search search = {.role = role};
    for (size_t i = 0; i < GL_COUNT(order); i++) {
        gl_autofree char *dir = env_dir(local, order[i]);
        if (gl_is_dir(dir))
            (void)!gl_walk_files(dir, look_for_password, &search, NULL);
    }
    return search.password;
}
