/* Backups: pg_dump from a snapshot, checked, described beside, put in place at the very end. */
#include "platform/local/backup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/local/files.h"

enum { LABEL_MAX = 100 };

void gl_pg_snapshot_done(struct gl_pg_snapshot *snapshot)
{
    gl_pg_close(&snapshot->conn);
    free(gl_steal(&snapshot->id));
}

int gl_pg_snapshot_open(const struct gl_pg_place *place, const char *database,
                        struct gl_pg_snapshot *ret_snapshot, struct gl_error *err)
{
    static const char sql[] = "begin isolation level repeatable read read only;"
                              "select pg_catalog.pg_export_snapshot()";
    gl_autopgconn PGconn *conn = NULL;
    gl_autopgresult PGresult *result = NULL;
    int failed = gl_pg_connect(place, database, &conn, err);
    if (failed == 0)
        failed = gl_pg_run(conn, sql, &result, err);
    if (failed < 0)
        return failed;
    ret_snapshot->id = gl_strdup(PQgetvalue(result, 0, 0));
    ret_snapshot->conn = gl_steal(&conn);
    return 0;
}

/* A dump that cannot be read back is none. */
static int check_list(const struct gl_local *local, const struct gl_pg_programs *programs,
                      size_t table_count, const char *path, struct gl_error *err)
{
    const char *args[] = {"pg_restore", "--list", path, NULL};
    gl_autofree char *list = NULL;
    int failed = gl_pg_tool(local, programs, args, &list, err);
    if (failed < 0)
        return failed;
    size_t found = 0;
    for (const char *at = list; (at = strstr(at, " TABLE DATA ")); at++)
        found++;
    found += strstr(list, " BLOBS ") ? 1 : 0;
    if (found < table_count)
        return gl_fail(err, GL_E_CORRUPT, _("the dump has the data of %zu tables instead of %zu"),
                       found, table_count);
    return 0;
}

int gl_pg_dump(const struct gl_local *local, const struct gl_pg_programs *programs,
               const struct gl_pg_snapshot *snapshot, size_t table_count, const char *path,
               struct gl_error *err)
{
    gl_autofree char *port = gl_strdup(PQport(snapshot->conn));
    gl_autofree char *use = gl_asprintf("--snapshot=%s", snapshot->id);
    /* pg_dump flushes its file to disk before it ends. */
    const char *args[] = {"pg_dump",
                          "--format=custom",
                          "--compress=1",
                          "--no-password",
                          use,
                          "--host",
                          PQhost(snapshot->conn),
                          "--port",
                          port,
                          GL_PG_AS_SUPERUSER,
                          "--dbname",
                          PQdb(snapshot->conn),
                          "--file",
                          path,
                          NULL};
    int failed = gl_pg_tool(local, programs, args, NULL, err);
    return failed < 0 ? failed : check_list(local, programs, table_count, path, err);
}

static int check_label(const char *label, struct gl_error *err)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = strlen(label);
    if (len && len <= LABEL_MAX && label[strspn(label, allowed)] == '\0' && label[0] != '.' &&
        label[0] != '-')
        return 0;
    gl_fail(err, GL_E_USAGE, _("\"%s\" cannot name a backup"), label);
    return gl_error_hint(err, _("Use 1 to 100 letters, digits, dots, dashes and underscores, and "
                                "begin with a letter or digit."));
}

static json_t *describe(const struct gl_local *local, const struct gl_backup *backup,
                        const struct gl_pg_content *content, const PGconn *conn)
{
    gl_autofree char *time = gl_format_rfc3339(gl_now_unix_ms());
    json_t *tables = json_object();
    for (size_t i = 0; i < content->table_count; i++)
        gl_json_set_int(tables, content->tables[i].name, content->tables[i].rows);
    json_t *described = json_object();
    gl_json_set_str(described, "label", backup->id);
    gl_json_set_str(described, "time", time);
    gl_json_set_str(described, "database", local->name);
    gl_json_set_str(described, "server_version", PQparameterStatus(conn, "server_version"));
    gl_json_set_str(described, "sha256", backup->sha256);
    gl_json_set_int(described, "size_bytes", (int64_t)backup->size_bytes);
    gl_json_set_int(described, "elapsed_ms", backup->elapsed_ms);
    gl_json_set_int(described, "rows", gl_pg_content_rows(content));
    json_object_set_new(described, "tables", tables);
    return described;
}

/* The server counts while pg_dump writes: both read the same snapshot. */
static int dump_and_count(struct gl_local *local, const char *path, struct gl_pg_content *content,
                          struct gl_pg_snapshot *snapshot, struct gl_error *err)
{
    struct gl_pg_place place = gl_pg_live(local);
    gl_autopgprograms struct gl_pg_programs programs = {0};
    int failed = gl_pg_cluster_programs(local, &programs, err);
    if (failed == 0)
        failed = gl_pg_snapshot_open(&place, local->name, snapshot, err);
    if (failed == 0)
        failed = gl_pg_content_begin(snapshot->conn, false, content, err);
    if (failed == 0)
        failed = gl_pg_dump(local, &programs, snapshot, content->table_count, path, err);
    return failed < 0 ? failed : gl_pg_content_finish(snapshot->conn, content, err);
}

static int measure(const char *path, struct gl_backup *backup, struct gl_error *err)
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return gl_fail_errno(err, errno, _("cannot read %s"), path);
    backup->size_bytes = (uint64_t)st.st_size;
    return gl_sha256_file(path, backup->sha256, err);
}

/* The description goes last: a dump without one does not count, and a new dump never stands beside
 * an old description. */
static int put_in_place(const struct gl_backup *backup, const char *made, const json_t *described,
                        struct gl_error *err)
{
    gl_autofree char *stem =
        gl_strndup(backup->location, strlen(backup->location) - strlen(".dump"));
    gl_autofree char *sidecar = gl_asprintf("%s.json", stem);
    gl_autofree char *text = gl_json_pretty(described);
    if (unlink(sidecar) < 0 && errno != ENOENT)
        return gl_fail_errno(err, errno, _("cannot replace %s"), sidecar);
    if (rename(made, backup->location) < 0)
        return gl_fail_errno(err, errno, _("cannot put %s in place"), backup->location);
    return gl_write_text(sidecar, text, 0600, err);
}

static int take(struct gl_local *local, const char *dir, struct gl_backup *backup,
                struct gl_error *err)
{
    gl_autoscratch struct gl_scratch scratch = {.lock_fd = -1};
    gl_autopgcontent struct gl_pg_content content = {0};
    gl_autopgsnapshot struct gl_pg_snapshot snapshot = {0};
    int64_t begun = gl_mono_ms();
    int failed = gl_scratch_make(local, dir, ".partial", NULL, &scratch, err);
    if (failed < 0)
        return failed;
    gl_autofree char *made = gl_path_join(scratch.path, "dump");
    failed = gl_local_make_file(local, made, err);
    if (failed == 0)
        failed = dump_and_count(local, made, &content, &snapshot, err);
    if (failed == 0)
        failed = measure(made, backup, err);
    if (failed < 0)
        return failed;
    backup->elapsed_ms = gl_mono_ms() - begun;
    gl_autojson json_t *described = describe(local, backup, &content, snapshot.conn);
    return put_in_place(backup, made, described, err);
}

int gl_local_postgres_backup(struct gl_local *local, const char *label,
                             struct gl_backup *ret_backup, struct gl_error *err)
{
    gl_autofree char *dir = gl_local_path(local, "backups");
    int failed = check_label(label, err);
    if (failed == 0)
        failed = gl_mkdir_p(dir, 0711, err);
    if (failed < 0)
        return failed;
    gl_autobackup struct gl_backup backup = {.id = gl_strdup(label)};
    gl_autofree char *name = gl_asprintf("%s.dump", label);
    backup.location = gl_path_join(dir, name);
    failed = take(local, dir, &backup, err);
    if (failed < 0)
        return gl_error_wrap(err, _("backup %s"), label);
    *ret_backup = backup;
    backup = (struct gl_backup){0};
    return 0;
}
