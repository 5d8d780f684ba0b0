/* The restore drill: a backup is worth what a restore of it gives back. */
#include "platform/restore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/local/backup.h"
#include "platform/local/files.h"

/* Speed before durability: this cluster lives for seconds and holds a copy. */
static const char *const throwaway_settings[] = {
    "listen_addresses",
    "",
    "fsync",
    "off",
    "full_page_writes",
    "off",
    "synchronous_commit",
    "off",
    "wal_level",
    "minimal",
    "max_wal_senders",
    "0",
    "autovacuum",
    "off",
    "maintenance_work_mem",
    "128MB",
    "max_wal_size",
    "4GB",
    "shared_buffers",
    "128MB",
    NULL,
};

enum { THROWAWAY_PORT = 5432 }; /* only part of the name of a socket in a directory of its own */

/* Everything a drill holds; taken down in the order of drill_done(). */
struct drill {
    struct gl_local *local;
    struct gl_pg_programs programs;
    struct gl_scratch files;
    struct gl_scratch socket;
    struct gl_pg_place place; /* the second cluster */
    pid_t server;
    struct gl_pg_snapshot snapshot;
    PGconn *restored_conn;
    struct gl_pg_content original;
    struct gl_pg_content later;
    struct gl_pg_content restored;
};

static void drill_done(struct drill *drill)
{
    gl_pg_close(&drill->restored_conn);
    gl_pg_snapshot_done(&drill->snapshot);
    gl_pg_server_stop(&drill->server);
    gl_scratch_done(&drill->socket);
    gl_scratch_done(&drill->files);
    gl_pg_content_done(&drill->original);
    gl_pg_content_done(&drill->later);
    gl_pg_content_done(&drill->restored);
    gl_pg_programs_done(&drill->programs);
}

void gl_restore_report_done(struct gl_restore_report *report)
{
    json_decref(report->differences);
    *report = (struct gl_restore_report){0};
}

/* Ends the server of a drill that was killed. */
static int end_abandoned(const struct gl_local *local, const char *path, struct gl_error *err)
{
    (void)local;
    gl_autofree char *data = gl_path_join(path, "data");
    return gl_pg_cluster_release(data, err);
}

static int make_places(struct drill *drill, struct gl_error *err)
{
    struct gl_local *local = drill->local;
    gl_autofree char *parent = gl_local_path(local, "drill");
    int failed = gl_mkdir_p(parent, 0711, err);
    if (failed == 0)
        failed = gl_scratch_make(local, parent, "drill", end_abandoned, &drill->files, err);
    if (failed == 0)
        failed = gl_scratch_make(local, local->run_dir, "drill", NULL, &drill->socket, err);
    if (failed == 0)
        failed = gl_local_give(local, drill->socket.path, err);
    drill->place = (struct gl_pg_place){drill->socket.path, THROWAWAY_PORT};
    return failed;
}

/* Dump, data directory and write-ahead log: about three times the data, to be safe. */
static int check_room(struct drill *drill, struct gl_error *err)
{
    enum { FACTOR = 3, BASE_BYTES = 100 << 20 };

    gl_autopgresult PGresult *result = NULL;
    int failed = gl_pg_run(drill->snapshot.conn,
                           "select pg_catalog.pg_database_size(current_database())", &result, err);
    if (failed < 0)
        return failed;
    uint64_t needed = strtoull(PQgetvalue(result, 0, 0), NULL, 10) * FACTOR + BASE_BYTES;
    uint64_t available = gl_disk_free_bytes(drill->files.path);
    if (!available || available >= needed)
        return 0;
    gl_autofree char *needs = gl_format_bytes(needed);
    gl_autofree char *has = gl_format_bytes(available);
    gl_fail(err, GL_E_REFUSED, _("a restore drill may need %s in %s, which has %s free"), needs,
            drill->files.path, has);
    return gl_error_hint(err, _("Free some space there, then run the command again."));
}

static int read_sequences(const struct gl_pg_place *place, const char *database,
                          struct gl_pg_content *content, struct gl_error *err)
{
    gl_autopgconn PGconn *conn = NULL;
    int failed = gl_pg_connect(place, database, &conn, err);
    return failed < 0 ? failed : gl_pg_sequences_read(conn, content, err);
}

static int dump_schema(struct drill *drill, const struct gl_pg_place *place, const char *snapshot,
                       const char *path, struct gl_error *err)
{
    gl_autofree char *port = gl_asprintf("%u", place->port);
    const char *args[] = {"pg_dump",
                          "--schema-only",
                          "--no-password",
                          "--host",
                          place->socket_dir,
                          "--port",
                          port,
                          GL_PG_AS_SUPERUSER,
                          "--dbname",
                          drill->local->name,
                          "--file",
                          path,
                          snapshot,
                          NULL};
    return gl_pg_tool(drill->local, &drill->programs, args, NULL, err);
}

/* Dumps the live database. The server hashes the tables of the same snapshot meanwhile, and goes on
 * with that during the restore. */
static int dump_live(struct drill *drill, const char *dump, const char *schema,
                     struct gl_error *err)
{
    struct gl_local *local = drill->local;
    struct gl_pg_place live = gl_pg_live(local);
    int failed = gl_pg_snapshot_open(&live, local->name, &drill->snapshot, err);
    if (failed == 0)
        failed = check_room(drill, err);
    if (failed == 0)
        failed = gl_pg_sequences_read(drill->snapshot.conn, &drill->original, err);
    if (failed == 0)
        failed = gl_pg_content_begin(drill->snapshot.conn, true, &drill->original, err);
    if (failed == 0)
        failed = gl_pg_dump(local, &drill->programs, &drill->snapshot, drill->original.table_count,
                            dump, err);
    if (failed < 0)
        return failed;
    gl_autofree char *use = gl_asprintf("--snapshot=%s", drill->snapshot.id);
    failed = dump_schema(drill, &live, use, schema, err);
    return failed < 0 ? failed : read_sequences(&live, local->name, &drill->later, err);
}

/* Dumps name roles but do not make them. They cannot log in here. */
static int make_roles(PGconn *from, PGconn *to, struct gl_error *err)
{
    gl_autopgresult PGresult *result = NULL;
    gl_autobuf struct gl_buf sql = {0};
    int failed = gl_pg_run(from,
                           "select rolname from pg_catalog.pg_roles where rolname !~ '^pg_'"
                           " and rolname <> '" GL_PG_SUPERUSER "'",
                           &result, err);
    for (int i = 0; failed == 0 && i < PQntuples(result); i++) {
        gl_buf_puts(&sql, "create role ");
        gl_pg_add_name(&sql, PQgetvalue(result, i, 0));
        gl_buf_puts(&sql, " nologin;");
    }
    return failed < 0 ? failed : gl_pg_run(to, gl_buf_text(&sql), NULL, err);
}

static int make_database(struct drill *drill, struct gl_error *err)
{
    struct gl_pg_place live = gl_pg_live(drill->local);
    gl_autofree char *owner = gl_pg_role_name(drill->local, GL_ROLE_OWNER);
    gl_autopgconn PGconn *from = NULL;
    gl_autopgconn PGconn *to = NULL;
    int failed = gl_pg_connect(&live, "postgres", &from, err);
    if (failed == 0)
        failed = gl_pg_connect(&drill->place, "postgres", &to, err);
    if (failed == 0)
        failed = make_roles(from, to, err);
    if (failed < 0)
        return failed;
    gl_autobuf struct gl_buf sql = {0};
    gl_buf_puts(&sql, "create database ");
    gl_pg_add_name(&sql, drill->local->name);
    gl_buf_puts(&sql, " owner ");
    gl_pg_add_name(&sql, owner);
    gl_buf_puts(&sql, " encoding 'UTF8' template template0");
    return gl_pg_run(to, gl_buf_text(&sql), NULL, err);
}

static int start_cluster(struct drill *drill, struct gl_error *err)
{
    gl_autofree char *data = gl_path_join(drill->files.path, "data");
    gl_autofree char *log = gl_path_join(drill->files.path, "log");
    struct gl_pg_launch launch = {
        .programs = &drill->programs,
        .data_dir = data,
        .log_path = log,
        .settings = throwaway_settings,
        .place = drill->place,
    };
    int failed = gl_local_make_dir(drill->local, data, err);
    if (failed == 0)
        failed = gl_pg_initdb(drill->local, &drill->programs, data, true, err);
    return failed < 0 ? failed : gl_pg_server_start(drill->local, &launch, &drill->server, err);
}

static int restore_dump(struct drill *drill, const char *dump, struct gl_error *err)
{
    const char *args[] = {"pg_restore",
                          "--jobs=2",
                          "--exit-on-error",
                          "--no-password",
                          "--host",
                          drill->place.socket_dir,
                          "--port=5432",
                          GL_PG_AS_SUPERUSER,
                          "--dbname",
                          drill->local->name,
                          dump,
                          NULL};
    int failed = start_cluster(drill, err);
    if (failed == 0)
        failed = make_database(drill, err);
    return failed < 0 ? failed : gl_pg_tool(drill->local, &drill->programs, args, NULL, err);
}

static int read_restored(struct drill *drill, const char *schema, struct gl_error *err)
{
    const char *database = drill->local->name;
    int failed = gl_pg_connect(&drill->place, database, &drill->restored_conn, err);
    if (failed == 0)
        failed = gl_pg_run(drill->restored_conn, "begin isolation level repeatable read read only",
                           NULL, err);
    if (failed == 0)
        failed = gl_pg_sequences_read(drill->restored_conn, &drill->restored, err);
    if (failed == 0)
        failed = gl_pg_content_begin(drill->restored_conn, true, &drill->restored, err);
    if (failed == 0)
        failed = dump_schema(drill, &drill->place, NULL, schema, err);
    if (failed == 0)
        failed = gl_pg_content_finish(drill->restored_conn, &drill->restored, err);
    return failed < 0 ? failed : gl_pg_content_finish(drill->snapshot.conn, &drill->original, err);
}

static int compare(struct drill *drill, const char *live_schema, const char *restored_schema,
                   json_t *differences, struct gl_error *err)
{
    gl_autobuf struct gl_buf live = {0};
    gl_autobuf struct gl_buf restored = {0};
    int failed = read_restored(drill, restored_schema, err);
    if (failed == 0)
        failed = gl_read_file(live_schema, 0, &live, err);
    if (failed == 0)
        failed = gl_read_file(restored_schema, 0, &restored, err);
    if (failed < 0)
        return failed;
    gl_pg_content_compare(&drill->original, &drill->later, &drill->restored, differences);
    gl_pg_schema_compare(gl_buf_text(&live), gl_buf_text(&restored), differences);
    return 0;
}

/* The three files that programs of the service user write into the drill's directory. */
static int make_files(struct drill *drill, char *paths[3], struct gl_error *err)
{
    static const char *const names[] = {"dump", "live.sql", "restored.sql"};
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < GL_COUNT(names); i++) {
        paths[i] = gl_path_join(drill->files.path, names[i]);
        failed = gl_local_make_file(drill->local, paths[i], err);
    }
    return failed;
}

static int run(struct drill *drill, char *paths[3], struct gl_restore_report *report,
               struct gl_error *err)
{
    const struct gl_platform *platform = &drill->local->base;
    int failed = gl_pg_cluster_programs(drill->local, &drill->programs, err);
    if (failed == 0)
        failed = make_places(drill, err);
    if (failed == 0)
        failed = make_files(drill, paths, err);
    if (failed < 0)
        return failed;
    gl_platform_progress(platform, _("taking a backup from a snapshot"));
    failed = dump_live(drill, paths[0], paths[1], err);
    if (failed < 0)
        return failed;
    gl_platform_progress(platform, _("restoring it into a second cluster"));
    int64_t begun = gl_mono_ms();
    failed = restore_dump(drill, paths[0], err);
    if (failed < 0)
        return failed;
    int64_t restored = gl_mono_ms();
    gl_platform_progress(platform, _("comparing every table"));
    failed = compare(drill, paths[1], paths[2], report->differences, err);
    report->restore_ms = restored - begun;
    report->compare_ms = gl_mono_ms() - restored;
    return failed;
}

int gl_local_restore_drill(struct gl_platform *platform, struct gl_restore_report *ret_report,
                           struct gl_error *err)
{
    gl_cleanup(gl_restore_report_done) struct gl_restore_report report = {
        .differences = json_array(),
    };
    gl_cleanup(drill_done) struct drill drill = {
        .local = (struct gl_local *)platform, /* base is its first member */
        .files.lock_fd = -1,
        .socket.lock_fd = -1,
    };
    char *paths[3] = {NULL};
    int failed = run(&drill, paths, &report, err);
    for (size_t i = 0; i < GL_COUNT(paths); i++)
        free(paths[i]);
    if (failed < 0)
        return gl_error_wrap(err, _("restore drill"));
    report.identical = json_array_size(report.differences) == 0;
    report.tables = (int64_t)drill.original.table_count;
    report.rows = gl_pg_content_rows(&drill.original);
    *ret_report = report;
    report = (struct gl_restore_report){0};
    return 0;
}
