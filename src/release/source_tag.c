/* The version that a commit has for people, as a tag of git. */
#include "release/source_tag.h"

#include <string.h>

#include "base/strv.h"
#include "release/git.h"

enum {
    PARTS = 3,
    TAG_MAX = 100, /* an image's tag has at most 128 characters; an environment may come before */
};

static const char digits[] = "0123456789";
static const char behind_chars[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-";

/* One number without leading zeros; NULL if there is none. */
static const char *behind_number(const char *at)
{
    size_t len = strspn(at, digits);
    return len == 0 || (len > 1 && *at == '0') ? NULL : at + len;
}

static bool is_version(const char *tag)
{
    const char *at = *tag == 'v' ? tag + 1 : tag;
    for (int i = 0; i < PARTS; i++) {
        if (i > 0 && *at++ != '.')
            return false;
        at = behind_number(at);
        if (!at)
            return false;
    }
    bool plain = *at == '\0';
    bool pre = *at == '-' && at[1] && strspn(at + 1, behind_chars) == strlen(at + 1);
    return (plain || pre) && strlen(tag) <= TAG_MAX;
}

char *gl_source_tag_pick(const char *lines)
{
    gl_autostrv struct gl_strv tags = {0};
    gl_strv_split(&tags, lines, "\n");
    for (size_t i = 0; i < tags.count; i++) {
        if (is_version(tags.items[i]))
            return gl_strdup(tags.items[i]);
    }
    return NULL;
}

char *gl_source_tag(const char *dir, const char *version)
{
    /* Without the suffix named, git puts v1.2.0-rc1 above v1.2.0. */
    const char *const command[] = {
        "-c", "versionsort.suffix=-", "tag", "--sort=-version:refname", "--points-at", version,
        NULL};
    if (gl_ends_with(version, "-dirty") || gl_starts_with(version, "dir-"))
        return NULL;
    gl_autofree char *lines = gl_git_ask(dir, command);
    return lines ? gl_source_tag_pick(lines) : NULL;
}
