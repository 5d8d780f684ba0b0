/* Names of migration files, by sqlx's rules. */
#include "migrate/name.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/strv.h"

/* Like Rust's str::parse::<i64>: an optional sign and digits, nothing else, no overflow. */
static bool parse_version(const char *text, size_t len, int64_t *ret_version)
{
    gl_autofree char *digits = gl_strndup(text, len);
    const char *at = digits + (*digits == '+' || *digits == '-');
    if (!*at || strspn(at, "0123456789") != strlen(at))
        return false;
    errno = 0;
    long long version = strtoll(digits, NULL, 10);
    if (errno)
        return false;
    *ret_version = version;
    return true;
}

/* The text without `suffix`, however often it stands at the end (as sqlx does), '_' as ' '. */
static char *description_of(const char *text, const char *suffix)
{
    char *description = gl_strdup(text);
    while (gl_ends_with(description, suffix))
        description[strlen(description) - strlen(suffix)] = '\0';
    for (char *c = strchr(description, '_'); c; c = strchr(c, '_'))
        *c = ' ';
    return description;
}

static int fail_name(struct gl_error *err, const char *name, const char *why)
{
    gl_fail(err, GL_E_CONFIG, _("`%s` is not a name of a migration: %s"), name, why);
    gl_error_hint(err, _("Rename it to <version>_<description>.sql, such as 0007_add_index.sql."));
    return GL_E_CONFIG;
}

int gl_migration_name_read(const char *name, enum gl_migration_file *ret_kind, int64_t *ret_version,
                           char **ret_description, struct gl_error *err)
{
    const char *bar = strchr(name, '_');
    if (!bar || !gl_ends_with(bar + 1, ".sql")) {
        if (gl_ends_with(name, ".sql") && isdigit((unsigned char)name[0]))
            return fail_name(err, name, _("without `_` after the version sqlx passes it over"));
        *ret_kind = GL_MIGRATION_FILE_OTHER;
        return 0;
    }
    int64_t version = 0;
    if (!parse_version(name, (size_t)(bar - name), &version))
        return fail_name(err, name, _("what stands before the first `_` is no version number"));
    if (gl_ends_with(bar + 1, ".down.sql")) {
        *ret_kind = GL_MIGRATION_FILE_DOWN;
        return 0;
    }
    *ret_kind = GL_MIGRATION_FILE_UP;
    *ret_version = version;
    *ret_description =
        description_of(bar + 1, gl_ends_with(bar + 1, ".up.sql") ? ".up.sql" : ".sql");
    return 0;
}

int gl_migration_refuse_twice(int64_t version, const char *path, const char *other_path,
                              struct gl_error *err)
{
    gl_fail(err, GL_E_CONFIG, _("version %" PRId64 " is given twice: %s and %s"), version,
            gl_path_base(path), gl_path_base(other_path));
    gl_error_hint(err, _("Give the one that was applied nowhere yet a new version."));
    return gl_error_at(err, other_path, 0, 0), GL_E_CONFIG;
}
