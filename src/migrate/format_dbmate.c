/* dbmate: <digits>_name.sql with `-- migrate:up` and `-- migrate:down` in one file.
 * Source: dbmate 2, pkg/dbmate/migration.go and pkg/driver/postgres/postgres.go. */
#include <string.h>

#include "base/i18n.h"
#include "migrate/format.h"
#include "migrate/mark.h"

/* `-- migrate:up transaction:false` */
static const struct gl_mark_style style = {
    .prefix = "migrate:",
    .order = N_("dbmate wants one `-- migrate:up` before anything else, and `-- migrate:down` only "
                "after it"),
    .hint = N_("Compare the file with what dbmate new makes."),
};

static int cut(struct gl_migration *migration, struct gl_error *err)
{
    int failed = gl_mark_check(&style, migration, err);
    if (failed < 0)
        return failed;
    const char *up = gl_mark_find(&style, migration->sql, "up");
    const char *option = strstr(up, "transaction:false");
    migration->no_transaction = option && option < up + strcspn(up, "\n");
    return gl_mark_cut(&style, migration, err);
}

static int ensure(PGconn *conn, struct gl_error *err)
{
    return gl_pq_exec(conn,
                      "create table if not exists schema_migrations "
                      "(version varchar not null primary key)",
                      NULL, NULL, err);
}

static int read_table(PGconn *conn, const struct gl_migrations *list,
                      struct gl_applied_list *ret_list, struct gl_error *err)
{
    return gl_format_read_versions(conn, "schema_migrations", "version", list, ret_list, err);
}

static int note(PGconn *conn, const struct gl_migration *migration, int64_t elapsed_ns,
                struct gl_error *err)
{
    (void)elapsed_ns;
    return gl_format_note_version(conn, "schema_migrations", migration, err);
}

const struct gl_format gl_format_dbmate = {
    .name = "dbmate",
    .table = "schema_migrations",
    .any_order = true,
    .alone_mark = "-- migrate:up transaction:false\n",
    .marks = &style,
    .add = gl_mark_add,
    .cut = cut,
    .ensure = ensure,
    .read = read_table,
    .note = note,
    .next = "time",
    .files = {{"%s_%s.sql", "-- migrate:up\n\n-- migrate:down\n"}},
};
