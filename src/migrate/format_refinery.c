/* refinery: V1__name.sql and U1__name.sql (any order). Its checksums are SipHash over name, version
 * and text as Rust's hasher feeds them: they are not computed here, so golive only reads.
 * Source: refinery-core 0.8, util.rs and runner.rs. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "migrate/format.h"

static bool is_file(const char *name)
{
    size_t digits = strspn(name + (*name != '\0'), "0123456789");
    return (name[0] == 'V' || name[0] == 'U') && digits > 0 &&
           gl_starts_with(name + 1 + digits, "__") && gl_ends_with(name, ".sql");
}

static bool is_dir(const char *dir, const struct gl_strv *names)
{
    (void)dir;
    for (size_t i = 0; i < names->count; i++) {
        if (is_file(names->items[i]))
            return true;
    }
    return false;
}

static int add(const char *dir, const char *name, struct gl_migrations *list, struct gl_error *err)
{
    if (!is_file(name))
        return 0;
    gl_autofree char *path = gl_path_join(dir, name);
    gl_autofree char *version = gl_strndup(name + 1, strspn(name + 1, "0123456789"));
    const char *title = name + 1 + strlen(version) + 2;
    gl_autofree char *description = gl_strndup(title, strlen(title) - strlen(".sql"));
    int64_t number = strtoll(version, NULL, 10);
    gl_autofree char *text = gl_asprintf("%lld", (long long)number);
    return gl_format_add_file(list, path, number, text, description, err);
}

static int read_table(PGconn *conn, const struct gl_migrations *list,
                      struct gl_applied_list *ret_list, struct gl_error *err)
{
    return gl_format_read_versions(conn, "refinery_schema_history", "version", list, ret_list, err);
}

const struct gl_format gl_format_refinery = {
    .name = "refinery",
    .table = "refinery_schema_history",
    .any_order = true,
    .alone_mark = N_("-- by hand, in psql: refinery runs every file in a transaction\n"),
    .no_up = N_("its table has checksums that only refinery computes"),
    .is_dir = is_dir,
    .add = add,
    .read = read_table,
    .next = "plain",
    .files = {{"V%s__%s.sql", ""}},
};
