/* Leases as rows. */
#include "ledger/sqlite_lease.h"

#include "base/buf.h"
#include "ledger/lease_record.h"
#include "ledger/sqlite_row.h"

/* Parameters of the statement that puts one: name, token and expiry to replace, then the fields. */
enum { FIRST_FIELD = 5, FIELDS = GL_LEASE_TEXTS + GL_LEASE_NUMBERS };

static const char *field(size_t i)
{
    return i < GL_LEASE_TEXTS ? gl_lease_texts[i].name : gl_lease_numbers[i - GL_LEASE_TEXTS].name;
}

/* "token, holder, ..." */
static void add_columns(struct gl_buf *sql)
{
    for (size_t i = 0; i < FIELDS; i++)
        gl_buf_printf(sql, "%s%s", i ? ", " : "", field(i));
}

static int take_record(sqlite3_stmt *stmt, struct gl_lease_record *record, struct gl_error *err)
{
    int column = 0;
    int result = 0;
    for (size_t i = 0; result == 0 && i < GL_LEASE_TEXTS; i++)
        result = gl_row_text(stmt, column++, gl_lease_text(record, i), err);
    for (size_t i = 0; result == 0 && i < GL_LEASE_NUMBERS; i++)
        result = gl_row_int(stmt, column++, gl_lease_number(record, i), err);
    return result;
}

int gl_sqlite_lease_get(sqlite3 *db, const char *name, struct gl_lease_record *ret_record,
                        struct gl_error *err)
{
    gl_autobuf struct gl_buf sql = {0};
    gl_autostmt sqlite3_stmt *stmt = NULL;
    gl_autoleaserecord struct gl_lease_record record = {0};
    gl_buf_puts(&sql, "select ");
    add_columns(&sql);
    gl_buf_puts(&sql, " from leases where name = ?1");
    int result = gl_sqlite_prepare(db, &stmt, err, gl_buf_text(&sql), "t", name);
    if (result == 0)
        result = gl_sqlite_step(stmt, err);
    if (result <= 0)
        return result;
    result = take_record(stmt, &record, err);
    if (result < 0)
        return result;
    *ret_record = record;
    record = (struct gl_lease_record){0};
    return 1;
}

static bool bind_record(sqlite3_stmt *stmt, const struct gl_lease_record *record)
{
    struct gl_lease_record read = *record; /* borrows the texts */
    int place = FIRST_FIELD;
    int result = SQLITE_OK;
    for (size_t i = 0; result == SQLITE_OK && i < GL_LEASE_TEXTS; i++)
        result = sqlite3_bind_text(stmt, place++, *gl_lease_text(&read, i), -1, SQLITE_TRANSIENT);
    for (size_t i = 0; result == SQLITE_OK && i < GL_LEASE_NUMBERS; i++)
        result = sqlite3_bind_int64(stmt, place++, *gl_lease_number(&read, i));
    return result == SQLITE_OK;
}

static void put_sql(struct gl_buf *sql)
{
    gl_buf_puts(sql, "insert into leases (name, ");
    add_columns(sql);
    gl_buf_puts(sql, ") select ?1");
    for (int i = 0; i < FIELDS; i++)
        gl_buf_printf(sql, ", ?%d", FIRST_FIELD + i);
    gl_buf_puts(sql, " where (select token from leases where name = ?1) is ?2 and (?3 = 0 or "
                     "(select expires_boot_ms from leases where name = ?1) = ?4) "
                     "on conflict (name) do update set ");
    for (size_t i = 0; i < FIELDS; i++)
        gl_buf_printf(sql, "%s%s = excluded.%s", i ? ", " : "", field(i), field(i));
}

int gl_sqlite_lease_put(sqlite3 *db, const char *name, const struct gl_lease_record *old,
                        const struct gl_lease_record *record, struct gl_error *err)
{
    gl_autobuf struct gl_buf sql = {0};
    gl_autostmt sqlite3_stmt *stmt = NULL;
    bool takeover = gl_lease_record_is_takeover(old, record);
    put_sql(&sql);
    int result =
        gl_sqlite_prepare(db, &stmt, err, gl_buf_text(&sql), "ttii", name, old ? old->token : NULL,
                          (int64_t)takeover, takeover ? old->expires_boot_ms : (int64_t)0);
    if (result == 0 && !bind_record(stmt, record))
        result = gl_sqlite_fail(db, err, gl_buf_text(&sql));
    return result < 0 ? result : gl_sqlite_step(stmt, err);
}
