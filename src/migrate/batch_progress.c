/* The table _golive_migration_progress. */
#include "migrate/batch_progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "migrate/batch_key.h"

static const char create_table[] = "create table if not exists _golive_migration_progress ("
                                   "version bigint primary key, position text[], last text[], "
                                   "changed bigint not null, looked bigint not null, "
                                   "batch bigint not null, "
                                   "began timestamptz not null default now(), "
                                   "at timestamptz not null default now(), "
                                   "pass int not null default 1, before bigint not null default 0, "
                                   "again boolean not null default false, "
                                   "estimate bigint not null default 0, text text)";

static const char renew_table[] = "alter table _golive_migration_progress "
                                  "add column if not exists pass int not null default 1, "
                                  "add column if not exists before bigint not null default 0, "
                                  "add column if not exists again boolean not null default false, "
                                  "add column if not exists estimate bigint not null default 0, "
                                  "add column if not exists text text";

/* As JSON a row of an earlier golive can be read as well, which has fewer columns. */
static const char select_row[] =
    "select to_json(p.position), to_json(p.last), changed, looked, batch, "
    "coalesce(j->>'pass', '1'), coalesce(j->>'before', '0'), coalesce(j->>'again', 'false') = "
    "'true', coalesce(j->>'estimate', '0'), j->>'text', extract(epoch from at)::bigint "
    "from _golive_migration_progress p, to_jsonb(p) j where version = $1::bigint";

void gl_batch_progress_done(struct gl_batch_progress *progress)
{
    gl_strv_done(&progress->position);
    gl_strv_done(&progress->last);
    free(progress->text);
    *progress = (struct gl_batch_progress){0};
}

/* An array that PostgreSQL wrote as JSON; "" is null. */
static int read_array(const char *text, struct gl_strv *values, struct gl_error *err)
{
    gl_autojson json_t *array = NULL;
    size_t index;
    json_t *value;
    if (!*text)
        return 0;
    int failed = gl_json_parse(text, strlen(text), "_golive_migration_progress", &array, err);
    if (failed < 0)
        return failed;
    json_array_foreach(array, index, value)
    {
        if (json_is_string(value))
            gl_strv_add(values, json_string_value(value));
    }
    return 0;
}

static int exists(PGconn *conn, bool *ret_exists, struct gl_error *err)
{
    gl_autopqresult PGresult *found = NULL;
    int failed = gl_pq_query_always(
        conn, "select to_regclass('_golive_migration_progress') is not null", 0, NULL, &found, err);
    if (failed == 0)
        *ret_exists = gl_pq_bool(found, 0, 0);
    return failed;
}

static int read_row(const PGresult *row, struct gl_batch_progress *progress, struct gl_error *err)
{
    progress->rows = gl_pq_int(row, 0, 2);
    progress->looked = gl_pq_int(row, 0, 3);
    progress->batch = gl_pq_int(row, 0, 4);
    progress->pass = gl_pq_int(row, 0, 5);
    progress->before = gl_pq_int(row, 0, 6);
    progress->again = gl_pq_bool(row, 0, 7);
    progress->estimate = gl_pq_int(row, 0, 8);
    progress->text = PQgetisnull(row, 0, 9) ? NULL : gl_strdup(gl_pq_text(row, 0, 9));
    progress->at_unix_s = gl_pq_int(row, 0, 10);
    int failed = read_array(gl_pq_text(row, 0, 0), &progress->position, err);
    return failed < 0 ? failed : read_array(gl_pq_text(row, 0, 1), &progress->last, err);
}

int gl_batch_progress_read(PGconn *conn, int64_t version, struct gl_batch_progress *ret_progress,
                           bool *ret_found, struct gl_error *err)
{
    gl_autobatchprogress struct gl_batch_progress progress = {0};
    gl_autopqresult PGresult *row = NULL;
    gl_autofree char *which = gl_asprintf("%" PRId64, version);
    bool there = false;
    int failed = exists(conn, &there, err);
    if (failed < 0)
        return failed;
    if (!there) {
        *ret_found = false;
        return 0;
    }
    failed = gl_pq_query(conn, select_row, 1, (const char *const[]){which}, &row, err);
    /* Who only looks has no lock: the table may have gone with its last row just now. */
    if (failed < 0 && exists(conn, &there, NULL) == 0 && !there) {
        gl_error_done(err);
        *ret_found = false;
        return 0;
    }
    bool found = failed == 0 && PQntuples(row) > 0;
    if (found)
        failed = read_row(row, &progress, err);
    if (failed < 0)
        return failed;
    *ret_found = found;
    *ret_progress = progress;
    progress = (struct gl_batch_progress){0};
    return 0;
}

int gl_batch_progress_renew(PGconn *conn, struct gl_error *err)
{
    gl_autopqresult PGresult *old = NULL;
    int failed = gl_pq_query(conn,
                             "select not exists (select from pg_attribute where attrelid = "
                             "'_golive_migration_progress'::regclass and attname = 'text')",
                             0, NULL, &old, err);
    if (failed < 0 || !gl_pq_bool(old, 0, 0))
        return failed;
    return gl_pq_exec(conn, renew_table, NULL, NULL, err);
}

int gl_batch_progress_begin(PGconn *conn, int64_t version, const struct gl_batch_progress *progress,
                            struct gl_error *err)
{
    gl_autofree char *last = gl_batch_key_array(conn, &progress->last);
    gl_autofree char *which = gl_asprintf("%" PRId64, version);
    gl_autofree char *batch = gl_asprintf("%" PRId64, progress->batch);
    gl_autofree char *estimate = gl_asprintf("%" PRId64, progress->estimate);
    gl_autofree char *sql =
        gl_asprintf("insert into _golive_migration_progress "
                    "(version, last, changed, looked, batch, again, estimate, text) values "
                    "($1::bigint, %s, 0, 0, $2::bigint, $3::boolean, $4::bigint, $5::text)",
                    last ? last : "null");
    const char *const values[] = {which, batch, progress->again ? "t" : "f", estimate,
                                  progress->text};
    int failed = gl_pq_exec(conn, create_table, NULL, NULL, err);
    if (failed == 0)
        failed = gl_pq_query(conn, sql, GL_COUNT(values), values, NULL, err);
    return failed < 0 ? gl_error_wrap(err, _("the table _golive_migration_progress cannot be "
                                             "written"))
                      : 0;
}

int gl_batch_progress_commit(PGconn *conn, int64_t version,
                             const struct gl_batch_progress *progress,
                             struct gl_pq_outcome *ret_outcome, struct gl_error *err)
{
    const struct gl_pq_wait wait = {.uninterruptible = true};
    gl_autofree char *position = gl_batch_key_array(conn, &progress->position);
    gl_autofree char *last = gl_batch_key_array(conn, &progress->last);
    gl_autofree char *sql =
        gl_asprintf("update _golive_migration_progress set position = %s, last = %s, "
                    "changed = %" PRId64 ", looked = %" PRId64 ", batch = %" PRId64
                    ", pass = %" PRId64 ", before = %" PRId64 ", again = %s, at = now() "
                    "where version = %" PRId64 "; commit",
                    position ? position : "null", last ? last : "null", progress->rows,
                    progress->looked, progress->batch, progress->pass, progress->before,
                    progress->again ? "true" : "false", version);
    return gl_pq_exec(conn, sql, &wait, ret_outcome, err);
}

int gl_batch_progress_forget(PGconn *conn, int64_t version, struct gl_pq_outcome *ret_outcome,
                             struct gl_error *err)
{
    const struct gl_pq_wait wait = {.uninterruptible = true};
    gl_autopqresult PGresult *left = NULL;
    gl_autofree char *which = gl_asprintf("%" PRId64, version);
    int failed = gl_pq_query_always(conn,
                                    "delete from _golive_migration_progress "
                                    "where version = $1::bigint",
                                    1, (const char *const[]){which}, NULL, err);
    if (failed == 0)
        failed = gl_pq_query_always(conn, "select exists (select from _golive_migration_progress)",
                                    0, NULL, &left, err);
    if (failed < 0 || gl_pq_bool(left, 0, 0))
        return failed;
    return gl_pq_exec(conn, "drop table _golive_migration_progress", &wait, ret_outcome, err);
}
