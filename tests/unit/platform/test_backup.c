/* Backups and the restore drill with a real PostgreSQL: what is equal passes, what differs is
 * found.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "pg_fixture.h"
#include "platform/local/backup.h"
#include "platform/restore.h"

static struct gl_local local;
static pid_t server;

/* Types whose text depends on settings, names that need quotes, partitions, inheritance, large
 * objects, identity, stored columns, a cycle of foreign keys, a view that a restore computes anew.
 */
static const char content_sql[] =
    "set role sample_owner;"
    "create schema \"Üben und 日本\";"
    "create table public.users (id bigserial primary key, name text not null, born date,"
    " seen timestamptz default now(), ratio double precision, raw bytea, doc jsonb, span interval,"
    " tags text[], upper_name text generated always as (upper(name)) stored);"
    "insert into public.users (name, born, ratio, raw, doc, span, tags)"
    " select 'user ' || i, date '2000-01-01' + i, i / 7.0, decode(md5(i::text), 'hex'),"
    "  jsonb_build_object('i', i, 'ü', '日本'), i * interval '1 hour', array['a', i::text]"
    " from generate_series(1, 2000) i;"
    "create table \"Üben und 日本\".\"Zeile\" (a int generated always as identity, b money, c xml);"
    "insert into \"Üben und 日本\".\"Zeile\" (b, c)"
    " select i::numeric::money, xmlelement(name x, i) from generate_series(1, 50) i;"
    "create table public.events (at date not null, v int) partition by range (at);"
    "create table public.events_1 partition of public.events"
    " for values from ('2026-01-01') to ('2026-07-01');"
    "create table public.events_2 partition of public.events"
    " for values from ('2026-07-01') to ('2027-01-01');"
    "insert into public.events select date '2026-01-01' + i, i from generate_series(0, 300) i;"
    "create table public.parent (v int); create table public.child () inherits (public.parent);"
    "insert into public.parent values (1), (1); insert into public.child values (2);"
    "create table public.empty (v int);"
    "create table public.writes (id bigserial primary key, v text);"
    "create sequence public.down increment -5 maxvalue 100 minvalue -1000 start 100;"
    "select nextval('public.down'), nextval('public.down');"
    "create materialized view public.sums as select count(*) from public.users;"
    "create function public.twice(v int) returns int language sql"
    " as 'select v * 2 -- a comment\n';"
    "comment on table public.users is 'People; Type: none';"
    "reset role;"
    "select lo_from_bytea(0, 'large object');";

static int make(void **state)
{
    (void)state;
    fixture_make(&local);
    local.ports[GL_PORT_POSTGRES] = free_port();
    server = pg_start(&local);
    sql_in(&local, "sample", content_sql);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    gl_pg_server_stop(&server);
    fixture_remove(&local);
    return 0;
}

static size_t count_entries(const char *relative, const char *prefix)
{
    gl_autofree char *dir = gl_local_path(&local, relative);
    gl_autofree char *find_name = gl_asprintf("%s*", prefix);
    const char *argv[] = {"find", dir,     "-mindepth", "1", "-maxdepth",
                          "1",    "-name", find_name,   NULL};
    struct gl_proc_spec spec = {.argv = argv};
    gl_autofree char *out = NULL;
    gl_autoerr struct gl_error err = {0};
    ok(gl_proc_check(&spec, &out, &err), &err);
    size_t count = 0;
    for (const char *at = out; (at = strchr(at, '\n')); at++)
        count++;
    return count;
}

static void a_backup_is_complete_and_described(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autobackup struct gl_backup backup = {0};
    ok(gl_local_postgres_backup(&local, "release-8", &backup, &err), &err);
    assert_string_equal(backup.id, "release-8");
    assert_true(gl_is_file(backup.location));
    char digest[GL_SHA256_HEX_SIZE];
    ok(gl_sha256_file(backup.location, digest, &err), &err);
    assert_string_equal(backup.sha256, digest);

    gl_autofree char *path = gl_local_path(&local, "backups/release-8.json");
    gl_autojson json_t *described = NULL;
    ok(gl_json_load(path, &described, &err), &err);
    assert_string_equal(gl_json_str(described, "sha256", ""), digest);
    const json_t *tables = json_object_get(described, "tables");
    assert_int_equal(gl_json_int(tables, "public.users", -1), 2000);
    assert_int_equal(gl_json_int(tables, "\"Üben und 日本\".\"Zeile\"", -1), 50);
    assert_int_equal(gl_json_int(tables, "public.events_1", -1), 181);
    assert_int_equal(gl_json_int(tables, "public.parent", -1), 2);
    assert_int_equal(gl_json_int(tables, "public.empty", -1), 0);
    struct stat st;
    assert_int_equal(stat(backup.location, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal((uint64_t)st.st_size, backup.size_bytes);
}

static void the_same_label_again_replaces_the_backup(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autobackup struct gl_backup first = {0};
    gl_autobackup struct gl_backup second = {0};
    ok(gl_local_postgres_backup(&local, "again", &first, &err), &err);
    sql_in(&local, "sample", "insert into public.writes (v) values ('later')");
    ok(gl_local_postgres_backup(&local, "again", &second, &err), &err);
    assert_string_equal(first.location, second.location);
    assert_string_not_equal(first.sha256, second.sha256);
    char digest[GL_SHA256_HEX_SIZE];
    ok(gl_sha256_file(second.location, digest, &err), &err);
    assert_string_equal(second.sha256, digest);
}

static void labels_cannot_leave_the_directory(void **unused)
{
    static const char *const bad[] = {"", "../x", "a/b", ".hidden", "-rf", "a b", "日本", "a\nb"};

    (void)unused;
    for (size_t i = 0; i < GL_COUNT(bad); i++) {
        gl_autoerr struct gl_error err = {0};
        struct gl_backup backup = {0};
        assert_int_equal(gl_local_postgres_backup(&local, bad[i], &backup, &err), GL_E_USAGE);
        assert_null(backup.id);
    }
}

static void a_killed_run_leaves_nothing_behind_the_next_one(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autobackup struct gl_backup backup = {0};
    gl_autofree char *left = gl_local_path(&local, "backups/.partial-killed");
    gl_autofree char *dump = gl_path_join(left, "dump");
    ok(gl_mkdir_p(left, 0711, &err), &err);
    ok(gl_write_text(dump, "half", 0600, &err), &err);
    ok(gl_local_postgres_backup(&local, "clean", &backup, &err), &err);
    assert_int_equal(count_entries("backups", ".partial"), 0);
}

static void a_failed_backup_does_not_exist(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    struct gl_backup backup = {0};
    gl_autofree char *name = gl_strdup(local.name);
    free(local.name);
    local.name = gl_strdup("no_such_database");
    int failed = gl_local_postgres_backup(&local, "never", &backup, &err);
    free(local.name);
    local.name = gl_steal(&name);
    assert_int_equal(failed, GL_E_DATABASE);
    assert_non_null(strstr(err.message, "never"));
    assert_null(backup.id);
    assert_int_equal(count_entries("backups", "never"), 0);
    assert_int_equal(count_entries("backups", ".partial"), 0);
}

static void print_differences(const struct gl_restore_report *report)
{
    gl_autofree char *text = gl_json_pretty(report->differences);
    print_message("# %s", text);
}

static void a_restored_copy_is_identical(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_cleanup(gl_restore_report_done) struct gl_restore_report report = {0};
    ok(gl_local_restore_drill(&local.base, &report, &err), &err);
    if (!report.identical)
        print_differences(&report);
    assert_true(report.identical);
    assert_int_equal(json_array_size(report.differences), 0);
    assert_int_equal(report.tables, 9); /* 8 with rows of their own, and the large objects */
    assert_true(report.rows > 2000 + 50 + 301);
    print_message("# restored in %lld ms, compared in %lld ms\n", (long long)report.restore_ms,
                  (long long)report.compare_ms);
    assert_int_equal(count_entries("drill", ""), 0);
}

/* Commits small transactions until it is killed. */
static pid_t start_writer(void)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    struct gl_pg_place place = gl_pg_live(&local);
    PGconn *conn = NULL;
    if (gl_pg_connect(&place, "sample", &conn, NULL) < 0)
        _exit(1);
    while (gl_pg_run(conn,
                     "insert into public.writes (v) select md5(random()::text)"
                     " from generate_series(1, 10);"
                     "update public.users set seen = now() where id = 1 + random() * 1000;"
                     "select nextval('public.down') from generate_series(1, 1)"
                     " where (select last_value > -900 from public.down)",
                     NULL, NULL) == 0)
        ;
    _exit(1);
}

static int64_t count_writes(void)
{
    struct gl_pg_place place = gl_pg_live(&local);
    gl_autopgconn PGconn *conn = NULL;
    gl_autopgresult PGresult *result = NULL;
    gl_autoerr struct gl_error err = {0};
    ok(gl_pg_connect(&place, "sample", &conn, &err), &err);
    ok(gl_pg_run(conn, "select count(*) from public.writes", &result, &err), &err);
    return strtoll(PQgetvalue(result, 0, 0), NULL, 10);
}

static void a_copy_is_identical_while_writes_go_on(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_cleanup(gl_restore_report_done) struct gl_restore_report report = {0};
    int64_t before = count_writes();
    pid_t writer = start_writer();
    int failed = gl_local_restore_drill(&local.base, &report, &err);
    assert_int_equal(kill(writer, SIGKILL), 0);
    int status = 0;
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_true(WIFSIGNALED(status)); /* it was writing until now */
    ok(failed, &err);
    if (!report.identical)
        print_differences(&report);
    assert_true(report.identical);
    int64_t written = count_writes() - before;
    print_message("# %lld rows were written meanwhile\n", (long long)written);
    assert_true(written > 10);
}

/* What a drill that was killed leaves: a directory and a server that runs in it. */
static void a_killed_drill_is_cleaned_by_the_next(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    pid_t drill = fork();
    assert_true(drill >= 0);
    if (drill == 0) {
        struct gl_restore_report report = {0};
        _exit(gl_local_restore_drill(&local.base, &report, NULL) == 0 ? 0 : 1);
    }
    /* The second cluster's server is up once its socket is there. */
    gl_autofree char *pattern = gl_asprintf("%s/drill-*/.s.PGSQL.5432", local.run_dir);
    const char *argv[] = {"sh", "-c", "ls $0 >/dev/null 2>&1", pattern, NULL};
    struct gl_proc_spec spec = {.argv = argv};
    int64_t deadline = gl_mono_ms() + 30000;
    while (gl_proc_check(&spec, NULL, NULL) < 0) {
        assert_true(gl_mono_ms() < deadline);
        gl_sleep_ms(10);
    }
    assert_int_equal(kill(drill, SIGKILL), 0);
    int status = 0;
    assert_int_equal(waitpid(drill, &status, 0), drill);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(count_entries("drill", "drill-"), 1);

    gl_cleanup(gl_restore_report_done) struct gl_restore_report report = {0};
    ok(gl_local_restore_drill(&local.base, &report, &err), &err);
    assert_true(report.identical);
    assert_int_equal(count_entries("drill", "drill-"), 0);
    assert_int_equal(gl_proc_check(&spec, NULL, NULL), GL_E_PROCESS); /* no socket either */
}

/* ---- comparing: a clone of the database, changed in one respect ---------------------------------
 */

static void read_content(const char *database, struct gl_pg_content *content)
{
    struct gl_pg_place place = gl_pg_live(&local);
    gl_autopgconn PGconn *conn = NULL;
    gl_autoerr struct gl_error err = {0};
    ok(gl_pg_connect(&place, database, &conn, &err), &err);
    ok(gl_pg_run(conn, "begin isolation level repeatable read read only", NULL, &err), &err);
    ok(gl_pg_sequences_read(conn, content, &err), &err);
    ok(gl_pg_content_begin(conn, true, content, &err), &err);
    ok(gl_pg_content_finish(conn, content, &err), &err);
}

static char *read_schema(const char *database)
{
    gl_autoerr struct gl_error err = {0};
    gl_autopgprograms struct gl_pg_programs programs = {0};
    gl_autofree char *port = gl_asprintf("%u", local.ports[GL_PORT_POSTGRES]);
    const char *args[] = {"pg_dump", "--schema-only", "-h", local.run_dir, "-p", port,
                          "-U",      GL_PG_SUPERUSER, "-d", database,      NULL};
    char *out = NULL;
    ok(gl_pg_cluster_programs(&local, &programs, &err), &err);
    ok(gl_pg_tool(&local, &programs, args, &out, &err), &err);
    return out;
}

struct change {
    const char *sql;
    const char *table; /* NULL = no difference */
    const char *what;
};

static const struct change changes[] = {
    {"select 1",                                                                                  NULL,                  NULL        },
 /* Rewrites every row in another order: the same content. */
    {"update public.users set ratio = ratio; delete from only public.parent;"
     " insert into public.parent values (1), (1)",                                           NULL,                  NULL        },
    {"vacuum full public.users",                                                                  NULL,                  NULL        },
    {"update public.users set name = name || ' ' where id = 1000",                                "public.users",        "content"   },
    {"update public.users set ratio = ratio + 1e-15 where id = 10",                               "public.users",        "content"   },
    {"update public.users set tags = null where id = 3",                                          "public.users",        "content"   },
    {"update public.users set raw = '' where id = 3",                                             "public.users",        "content"   },
 /* Two values swapped: every column keeps its values, the rows differ. */
    {"update public.users set born = date '2000-01-01' + 3 - id::int where id in (1, 2)",
     "public.users",                                                                                                     "content"   },
    {"delete from public.users where id = 2000",                                                  "public.users",        "rows"      },
    {"insert into public.empty values (1)",                                                       "public.empty",        "rows"      },
 /* One row twice instead of two rows: a sum finds it, an exclusive or would not. */
    {"update public.parent set v = 2 where ctid = (select min(ctid) from only public.parent)",
     "public.parent",                                                                                                    "content"   },
    {"delete from public.child",                                                                  "public.child",        "rows"      },
    {"drop table public.empty",                                                                   "public.empty",        "missing"   },
    {"create table public.new (v int)",                                                           "public.new",          "unexpected"},
    {"select setval('public.users_id_seq', 7)",                                                   "public.users_id_seq", "sequence"  },
    {"select setval('public.down', 100)",                                                         "public.down",         "sequence"  },
    {"select nextval('public.down')",                                                             "public.down",         "sequence"  },
    {"drop sequence public.down",                                                                 "public.down",         "missing"   },
    {"create sequence public.up",                                                                 "public.up",           "unexpected"},
    {"select lo_put((select min(oid) from pg_largeobject_metadata), 0, 'L')",
     "pg_catalog.pg_largeobject",                                                                                        "content"   },
    {"alter table public.users add extra int",                                                    "users",               "schema"    },
    {"create index on public.users (born)",                                                       "users_born_idx",      "schema"    },
    {"alter table public.users alter name drop not null",                                         "users",               "schema"    },
    {"create or replace function public.twice(v int) returns int language sql as 'select v * 3'",
     "twice(integer)",                                                                                                   "schema"    },
    {"revoke select on public.users from sample_app",                                             "TABLE users",         "schema"    },
    {"alter table public.users owner to postgres",                                                "users",               "schema"    },
};

static bool has_difference(const json_t *differences, const char *table, const char *what)
{
    for (size_t i = 0; i < json_array_size(differences); i++) {
        const json_t *entry = json_array_get(differences, i);
        if (strcmp(gl_json_str(entry, "table", ""), table) == 0 &&
            strcmp(gl_json_str(entry, "what", ""), what) == 0)
            return true;
    }
    return false;
}

static void check_change(const struct change *change, const struct gl_pg_content *original,
                         const char *original_schema)
{
    gl_autopgcontent struct gl_pg_content content = {0};
    gl_autojson json_t *differences = json_array();
    sql_in(&local, "postgres", "create database clone template sample");
    sql_in(&local, "clone", change->sql);
    read_content("clone", &content);
    gl_autofree char *schema = read_schema("clone");
    gl_pg_content_compare(original, NULL, &content, differences);
    gl_pg_schema_compare(original_schema, schema, differences);
    sql_in(&local, "postgres", "drop database clone");
    gl_autofree char *found = gl_json_canonical(differences);
    if (!change->table && json_array_size(differences))
        fail_msg("%s: found %s", change->sql, found);
    if (change->table && change->what && !has_difference(differences, change->table, change->what))
        fail_msg("%s: \"%s\" of %s is not in %s", change->sql, change->what, change->table, found);
}

static void every_kind_of_difference_is_found(void **unused)
{
    (void)unused;
    gl_autopgcontent struct gl_pg_content original = {0};
    read_content("sample", &original);
    gl_autofree char *schema = read_schema("sample");
    for (size_t i = 0; i < GL_COUNT(changes); i++)
        check_change(&changes[i], &original, schema);
}

/* A sequence that went on during the dump: any value on the way is right, others are not. */
static void sequences_may_have_gone_on_but_not_back(void **unused)
{
    static const struct {
        int64_t increment, before, after, restored;
        bool same;
    } rows[] = {
        {1,  10, 10, 10, true },
        {1,  10, 10, 11, false},
        {1,  10, 15, 12, true },
        {1,  10, 15, 10, true },
        {1,  10, 15, 15, true },
        {1,  10, 15, 16, false},
        {1,  10, 15, 9,  false},
        {-5, 90, 70, 80, true },
        {-5, 90, 70, 95, false},
        {-5, 90, 70, 65, false},
        {1,  98, 3,  99, true },
        {1,  98, 3,  2,  true },
        {1,  98, 3,  50, false},
    };

    (void)unused;
    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        char name[] = "public.s";
        struct gl_pg_sequence before = {name, rows[i].increment, rows[i].before};
        struct gl_pg_sequence after = {name, rows[i].increment, rows[i].after};
        struct gl_pg_sequence restored = {name, rows[i].increment, rows[i].restored};
        const struct gl_pg_content a = {.sequences = &before, .sequence_count = 1};
        const struct gl_pg_content b = {.sequences = &after, .sequence_count = 1};
        const struct gl_pg_content c = {.sequences = &restored, .sequence_count = 1};
        gl_autojson json_t *differences = json_array();
        gl_pg_content_compare(&a, &b, &c, differences);
        assert_int_equal(json_array_size(differences) == 0, rows[i].same);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backup_is_complete_and_described),
        cmocka_unit_test(the_same_label_again_replaces_the_backup),
        cmocka_unit_test(labels_cannot_leave_the_directory),
        cmocka_unit_test(a_killed_run_leaves_nothing_behind_the_next_one),
        cmocka_unit_test(a_failed_backup_does_not_exist),
        cmocka_unit_test(a_restored_copy_is_identical),
        cmocka_unit_test(a_copy_is_identical_while_writes_go_on),
        cmocka_unit_test(a_killed_drill_is_cleaned_by_the_next),
        cmocka_unit_test(every_kind_of_difference_is_found),
        cmocka_unit_test(sequences_may_have_gone_on_but_not_back),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
