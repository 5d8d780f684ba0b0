/* Names of time zones, as the setting TimeZone takes them. The tz database of this machine is
 * asked; where there is none, the name's form and area are. */
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "lint/lint.h"

static const char *database(void)
{
    const char *dir = getenv("TZDIR");
    return dir && *dir ? dir : "/usr/share/zoneinfo";
}

/* The directory's entry of that name in any case, as PostgreSQL looks for it; NULL if there is
 * none. The caller owns it. */
static char *entry_of(const char *dir, const char *name)
{
    DIR *handle = opendir(dir);
    char *found = NULL;
    if (!handle)
        return NULL;
    for (const struct dirent *entry = readdir(handle); entry && !found; entry = readdir(handle)) {
        if (strcasecmp(entry->d_name, name) == 0)
            found = gl_path_join(dir, entry->d_name);
    }
    closedir(handle);
    return found;
}

static bool is_in_database(const char *zone)
{
    gl_autofree char *path = gl_strdup(database());
    gl_autostrv struct gl_strv parts = {0};
    gl_strv_split(&parts, zone, "/");
    for (size_t i = 0; path && i < parts.count; i++) {
        char *next = parts.items[i][0] == '.' ? NULL : entry_of(path, parts.items[i]);
        free(path);
        path = next;
    }
    return path && parts.count && gl_is_file(path);
}

static bool is_number(const char *text)
{
    text += *text == '+' || *text == '-';
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && text[digits + strspn(text + digits, ".:0123456789")] == '\0';
}

/* POSIX: "EST5EDT", "<-03>3", and what may follow. An abbreviation alone ("JST") is none. */
static bool is_posix(const char *text)
{
    size_t name = 0;
    if (*text == '<') {
        name = strcspn(text, ">");
        name += text[name] == '>';
    } else {
        while (isalpha((unsigned char)text[name]))
            name++;
    }
    const char *offset = text + name;
    offset += *offset == '+' || *offset == '-';
    return name >= 3 && isdigit((unsigned char)*offset);
}

/* The areas of the tz database; further names without one are old ones. */
static bool has_known_area(const char *zone)
{
    static const char *const areas[] = {"Africa/", "America/",  "Antarctica/", "Arctic/",
                                        "Asia/",   "Atlantic/", "Australia/",  "Etc/",
                                        "Europe/", "Indian/",   "Pacific/",    "US/"};
    if (!strchr(zone, '/'))
        return true;
    for (size_t i = 0; i < GL_COUNT(areas); i++) {
        if (strncasecmp(zone, areas[i], strlen(areas[i])) == 0)
            return true;
    }
    return false;
}

int gl_lint_zone_check(const char *zone, struct gl_error *err)
{
    bool known = gl_is_dir(database()) ? is_in_database(zone) : *zone && has_known_area(zone);
    if (known || is_number(zone) || is_posix(zone))
        return 0;
    gl_fail(err, GL_E_USAGE, _("`%s` is no time zone"), zone);
    return gl_error_hint(err, _("Names are those of the tz database: Asia/Tokyo, UTC. `SHOW "
                                "TimeZone` tells that of a session."));
}
