/* Work on a database by hand, the program itself: plan, revert, db exec, and what guards them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "ledger/ledger.h"
#include "proc/proc.h"
#include "support/pgtest.h"

static struct gl_pgtest server;
static char *project;

static void must(int result, const struct gl_error *err)
{
    if (result < 0)
        fail_msg("%s", err->message ? err->message : "no message");
}

static void write_file(const char *name, const char *text)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(project, name);
    gl_autofree char *dir = gl_path_dir(path);
    must(gl_mkdir_p(dir, 0755, &err), &err);
    must(gl_write_text(path, text, 0644, &err), &err);
}

static char *run_script(const char *script, int *ret_status)
{
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    gl_autofree char *url = gl_pgtest_url(&server, "owner", "geheim1", "app");
    gl_autofree char *variable = gl_asprintf("URL=%s", url);
    gl_autofree char *program = gl_asprintf("golive=%s", getenv("GOLIVE"));
    const char *env[] = {variable, program, "LC_ALL=C", "GIT_CONFIG_GLOBAL=/dev/null", NULL};
    const char *argv[] = {"bash", "-c", script, NULL};
    const struct gl_proc_spec spec = {
        .argv = argv, .env_add = env, .cwd = project, .merge_stderr = true, .timeout_ms = 120000};
    must(gl_proc_run(&spec, &result, &err), &err);
    *ret_status = result.exit_code;
    return gl_buf_steal(&result.out);
}

/* Runs it; it must exit so and say each of the parts, given as one text with `|` between. */
static void expect(const char *script, int status, const char *parts)
{
    int is = 0;
    gl_autofree char *out = run_script(script, &is);
    gl_autostrv struct gl_strv list = {0};
    gl_strv_split(&list, parts, "|");
    if (is != status)
        fail_msg("%s: status %d instead of %d: %s", script, is, status, out);
    for (size_t i = 0; i < list.count; i++) {
        bool not = list.items[i][0] == '!';
        if (!out || (strstr(out, list.items[i] + not ) != NULL) == not )
            fail_msg("%s: `%s`: %s", script, list.items[i], out ? out : "");
    }
}

#define PEOPLE                                                                                     \
    "people:\n  - {id: ann, name: Ann, email: ann@example.com, key: \"%s\"}\n"                     \
    "  - {id: bob, name: Bob, email: bob@example.com}\n"

static void write_config(const char *migrations)
{
    gl_autofree char *path = gl_path_join(project, "ann.pub");
    gl_autobuf struct gl_buf key = {0};
    gl_autoerr struct gl_error err = {0};
    must(gl_read_file(path, 0, &key, &err), &err);
    char *text = gl_buf_steal(&key);
    text[strcspn(text, "\n")] = '\0';
    gl_autofree char *config = gl_asprintf(
        "golive: 1\napp: {name: demo, platform: local}\nmigrations: {dir: m, large_table_rows: "
        "100%s}\nenvironments:\n  prod: {}\n" PEOPLE "approval: {approvers: [ann]}\n",
        migrations, text);
    write_file("golive.yaml", config);
    free(text);
}

static int set_up(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    int status = 0;
    char top[] = "/tmp/golive hand-XXXXXX";
    must(gl_pgtest_start(&server, &err), &err);
    must(gl_pgtest_sql(&server, "postgres", "create role owner login password 'geheim1'", &err),
         &err);
    must(gl_pgtest_sql(&server, "postgres", "create database app owner owner", &err), &err);
    assert_non_null(mkdtemp(top));
    project = gl_strdup(top);
    gl_autofree char *out =
        run_script("ssh-keygen -q -t ed25519 -N '' -f ann -C ann && git init -q && "
                   "git config user.email bob@example.com",
                   &status);
    if (status != 0)
        fail_msg("%s", out);
    write_config("");
    write_file("m/1_t.up.sql", "create table t (id int primary key, n int, name text);"
                               "insert into t select i, 0, 'Alice' from generate_series(1, 1000) i;"
                               "analyze t;");
    write_file("m/1_t.down.sql", "drop table t;");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    int failed = gl_remove_tree(project, NULL);
    free(project);
    gl_pgtest_stop(&server);
    return failed;
}

#define DB " --database-url-env URL"

static void plan_says_what_would_be_met(void **state)
{
    (void)state;
    expect("$golive migrate up" DB, 0, "1 applied");
    write_file("m/2_i.sql", "create index i on t (name);");
    write_file("m/3_b.sql", "-- no-transaction\n-- golive: batch=300\nupdate t set n = 1;");
    write_file("m/4_d.sql", "alter table t drop column name;");
    expect("$golive migrate plan" DB, 0,
           "run  expand   2_i.sql: in one transaction|line 1 builds an index while writers wait: t|"
           "3_b.sql: batches of 300: about 4 for |--   contract 4_d.sql|drops a column|"
           "Nothing was changed");
    expect("$golive migrate plan --contract --format json" DB " | python3 -c 'import json, sys; "
           "m = json.load(sys.stdin)[\"migrations\"]; print([(x[\"version\"], x[\"runs\"], "
           "x[\"held\"], x.get(\"batches\"), x[\"rows\"]) for x in m])'",
           0,
           "[(2, 'transaction', False, None, 1000), (3, 'batches', False, 4, 1000), "
           "(4, 'transaction', False, None, 1000)]");
    /* A lock that is held for longer than a moment, until the plan was made. */
    expect("(echo 'begin; lock table t in share mode;'; until [ -e planned ]; do sleep 0.1; done) "
           "| PGPASSWORD=geheim1 psql -q \"$URL\" & until psql -qXAt \"$URL\" -c \"select count(*) "
           "from pg_stat_activity where xact_start < clock_timestamp() - interval '1.1 s' and pid "
           "in (select pid from pg_locks where granted and mode = 'ShareLock' and relation = "
           "'t'::regclass)\" | grep -qx 1; do sleep 0.1; done; "
           "$golive migrate plan" DB "; touch planned; wait",
           0, "2_i.sql|it would wait now for process |psql");
}

static void long_locks_in_peak_hours_are_refused(void **state)
{
    (void)state;
    write_config(", peak_hours: [{days: mon-sun, from: \"00:00\", to: \"24:00\", tz: Asia/Tokyo}]");
    expect("$golive migrate up" DB, 7,
           "2_i.sql builds an index while writers wait (t, 1000 rows)|mon-sun 00:00-24:00 "
           "Asia/Tokyo|m/2_i.sql:1:1|--despite-peak");
    expect("$golive migrate plan" DB, 0, "These are peak hours|It would be refused: 2_i.sql");
    expect("$golive migrate up --despite-peak ''" DB, 2, "wants the reason");
    write_config(", peak_hours: [{days: mon-sun, from: \"00:00\", to: \"24:00\", tz: Nowhere/X}]");
    expect("$golive migrate up" DB, 3, "Nowhere/X|tzdata");
    write_config(", peak_hours: [{days: mon-sun, from: \"00:00\", to: \"24:00\"}]");
    expect("$golive migrate up --despite-peak 'the index is missed'" DB, 0, "2 applied|1 contract");
    expect("$golive log --kind migrate.begin", 0, "despite_peak=\"the index is missed\"");
    expect("$golive log --kind migrate.applied --format json", 0, "\"rows\":1000");
    write_config("");
}

static void production_wants_a_backup(void **state)
{
    (void)state;
    write_file("m/5_p.sql", "alter table t add p int;");
    expect("$golive migrate up --env prod" DB, 7, "no backup of prod|--backup");
    expect("$golive migrate up --env prod --backup" DB, 2, "pg_dump");
    expect("$golive migrate up --env prod --backup-elsewhere ''" DB, 2, "wants the reason");
    expect("$golive migrate up --env prod --backup-elsewhere 'rds snapshot a1'" DB, 0, "1 applied");
    expect("$golive log --kind migrate.begin --env prod", 0,
           "backup_elsewhere=\"rds snapshot a1\"");
    expect("psql -qX \"$URL\" -c 'alter table t drop p; delete from "
           "_sqlx_migrations where version = 5'",
           0, "");
    /* As the backup step of a release notes it. */
    gl_autofree char *path = gl_path_join(project, ".golive/ledger.db");
    gl_autoerr struct gl_error err = {0};
    gl_autoledger struct gl_ledger *ledger = NULL;
    gl_autojson json_t *data = json_object();
    gl_json_set_str(data, "step", "backup");
    must(gl_ledger_open_sqlite(path, &ledger, &err), &err);
    must(gl_ledger_append(ledger, "step.done", "prod", 1, data, NULL, &err), &err);
    expect("$golive migrate up --env prod" DB, 0, "1 applied");
}

static void revert_asks_and_keeps_to_its_rules(void **state)
{
    (void)state;
    /* The rest of a pair that could not be written would be taken for a migration. */
    expect("mkdir -p g/000002_x.down.sql && touch g/000001_a.up.sql && "
           "sed -i 's/dir: m,/dir: g,/' golive.yaml; $golive migrate new x; ls g",
           0, "000002_x.down.sql|!000002_x.up.sql");
    write_config("");
    write_file("m/6_r.up.sql", "alter table t add r int;");
    write_file("m/6_r.down.sql", "alter table t drop r;");
    expect("$golive migrate up" DB, 0, "1 applied");
    expect("$golive migrate revert --dry-run" DB, 0, "6_r.down.sql|nothing was changed");
    expect("$golive migrate revert" DB " < /dev/null", 7, "6_r.down.sql|not confirmed|--yes");
    /* One digit short is no version: it would be older than all. */
    expect("$golive migrate revert --to 9 --yes" DB, 7, "version 9 is not applied|--to names");
    expect("$golive migrate revert --yes --env prod" DB " < /dev/null", 7,
           "not confirmed|--confirm prod");
    expect("$golive migrate revert --confirm stg --env prod" DB, 7, "not confirmed");
    expect("$golive migrate revert --confirm prod --env prod" DB, 0, "1 taken back");
    expect("$golive log --kind migrate.reverted", 0, "6_r.down.sql");
    expect("$golive migrate revert --yes" DB, 7, "5_p.sql has no .down.sql");
    expect("$golive migrate revert --to x --yes" DB, 2, "no version");
    expect("$golive migrate revert --to 0 --yes" DB, 7, "5_p.sql has no .down.sql");
}

static void statements_by_hand_only_read(void **state)
{
    (void)state;
    expect(
        "$golive db exec -c \"select count(*), name from t where name = 'Alice' -- Bob\n group by 2\"" DB,
        0, "1000\tAlice");
    expect("$golive log --kind db.exec.done --format json", 0,
           "select count(*), name from t where name = ? group by ?|\"rows\":1|!Alice|!Bob");
    expect("$golive db exec -c 'delete from t'" DB, 12, "25006|--write");
    expect("$golive db exec -c 'set transaction read write'" DB, 12, "before any query");
    expect("$golive db exec -c 'commit; delete from t'" DB, 2, "COMMIT cannot");
    expect("$golive db exec -c 'select 1; delete from t'" DB, 2, "more than one");
    expect("$golive db exec -c 'select 1 as id, 2 as id, 3 as id' --format json" DB
           " | python3 -c 'import json, sys; print(json.load(sys.stdin)[\"rows\"])'",
           0, "{'id': '1', 'id (2)': '2', 'id (3)': '3'}");
    expect("$golive db exec" DB, 2, "in a file, or with --command");
}

/* What is behind a NUL byte would not run, and a person who reads the file would not know. */
static void statements_by_hand_are_what_is_seen(void **state)
{
    (void)state;
    expect("psql -qX \"$URL\" -c 'create table seen (i int)'", 0, "");
    expect("printf 'insert into seen values (1) \\0 , (2)' > nul.sql; "
           "$golive db exec nul.sql --write" DB,
           2, "nul.sql:1|a NUL byte at byte 29|nothing was run");
    expect("printf '\\xef\\xbb\\xbfinsert into seen values (1)' > bom.sql; "
           "$golive db exec bom.sql --write" DB,
           2, "bom.sql:1|a byte order mark at byte 1");
    expect("$golive db exec -c \"$(cat bom.sql)\" --write" DB, 2, "a byte order mark at byte 1");
    expect("printf 'insert into seen\\nvalues (1) -- \\xff' > no8.sql; "
           "$golive db exec no8.sql --write" DB,
           2, "no8.sql:2|no UTF-8 at byte 32");
    expect("$golive db exec nul.sql --write --env prod --statement" DB, 2, "NUL|!sql_sha256");
    expect("psql -qXAt \"$URL\" -c 'select count(*) || $$ seen$$ from seen'", 0, "0 seen");
    expect("$golive log --kind db.exec.begin --format json", 0, "!seen");
}

#ifdef __SANITIZE_ADDRESS__
#    define MOST_MIB "160" /* the sanitizer's own memory is in it */
#else
#    define MOST_MIB "64"
#endif

#define PEAK                                                                                       \
    "ASAN_OPTIONS=$ASAN_OPTIONS:quarantine_size_mb=1 python3 -c 'import resource, subprocess, "    \
    "sys; sys.exit(subprocess.run(sys.argv[1:]).returncode or resource.getrusage(resource."        \
    "RUSAGE_CHILDREN).ru_maxrss > " MOST_MIB " * 1024)' "

/* 200 MB come, of which none is kept. */
static void large_results_are_not_kept_in_memory(void **state)
{
    (void)state;
    expect(PEAK "$golive db exec -c \"select repeat('x', 1000) from generate_series(1, 200000)\"" DB
                " | wc -c; echo ${PIPESTATUS[0]} left",
           0, "200200007|0 left");
    expect(PEAK "$golive db exec -c \"select i, repeat('x', 1000) as t from "
                "generate_series(1, 200000) i\" --format json" DB
                " > large.json && python3 -c 'import json; d = json.load(open(\"large.json\")); "
                "print(len(d[\"rows\"]), d[\"count\"], d[\"rows\"][-1][\"i\"], d[\"complete\"])'; "
                "rm large.json",
           0, "200000 200000 200000 True");
    expect("$golive db exec -c 'select 1 as a where false' --format json" DB, 0,
           "\"rows\": []|\"count\": 0|\"complete\": true");
    /* Every byte that JSON writes in another way, and a name that does. */
    expect(
        "$golive db exec -c \"select string_agg(chr(i), '' order by i) || '\\\"é移😀' as "
        "\\\"a\\\"\\\"\\\\b\\\", null as n from generate_series(1, 127) i\" --format json" DB
        " | python3 -c 'import json, sys; r = json.load(sys.stdin)[\"rows\"][0]; "
        "print(r[\"a\\\"\\\\b\"] == \"\".join(map(chr, range(1, 128))) + \"\\\"é移😀\", r[\"n\"])'",
        0, "True None");
    /* What fails behind the first rows says so, and its JSON is whole all the same. */
    expect(
        "$golive db exec -c 'select 1 / (9 - i) as a from generate_series(1, 9) i' --format json" DB
        " 2> failed.txt > failed.json; echo status $?; python3 -c 'import json; "
        "d = json.load(open(\"failed.json\")); print(len(d[\"rows\"]), d[\"complete\"])'; "
        "cat failed.txt",
        0, "status 12|8 False|division by zero");
    expect("$golive log --kind db.exec.failed --format json | tail -1", 0, "\"rows\":8");
    /* Nobody reads on: the statement ends as it would have. */
    expect(
        "$golive db exec --write -c 'insert into seen select i from generate_series(1, 100000) i "
        "returning i' " DB " | head -1; psql -qXAt \"$URL\" -c 'select count(*) || $$ seen$$ from "
        "seen'",
        0, "100000 seen");
}

static void writing_takes_a_second_name(void **state)
{
    (void)state;
    write_file("fix.sql", "update t set n = 7 where id <= 3");
    expect("$golive db exec fix.sql --write" DB, 0, "3 rows");
    expect("$golive db exec fix.sql --write --env prod" DB, 7, "nobody writes to prod alone");
    expect("$golive db exec fix.sql --write --env prod --statement > s.json && "
           "ssh-keygen -q -Y sign -n golive-db-exec -f ann s.json && "
           "$golive db exec fix.sql --write --env prod --approval s.json" DB,
           0, "3 rows");
    expect("$golive db exec fix.sql --write --env prod --approval s.json" DB, 7, "used already");
    expect("$golive log --kind db.exec.done --env prod", 0, "approver=ann");
    expect("rm -f s.json*; $golive db exec fix.sql --write --env prod --statement > s.json && "
           "ssh-keygen -q -Y sign -n golive-db-exec -f ann s.json && echo ' ' >> s.json; "
           "$golive db exec fix.sql --write --env prod --approval s.json" DB,
           16, "sign");
    expect("rm -f s.json*; $golive db exec fix.sql --write --env prod --statement > s.json && "
           "ssh-keygen -q -Y sign -n golive-db-exec -f ann s.json; echo ' ' >> fix.sql; "
           "$golive db exec fix.sql --write --env prod --approval s.json" DB,
           7, "about another statement");
    expect("git config user.email ann@example.com; rm -f s.json*; $golive db exec fix.sql --write "
           "--env prod --statement > s.json && ssh-keygen -q -Y sign -n golive-db-exec -f ann "
           "s.json; $golive db exec fix.sql --write --env prod --approval s.json" DB,
           7, "who asked for it");
}

#define SIGNED                                                                                     \
    "rm -f s.json*; $golive db exec fix.sql --write --env prod --statement > s.json && "           \
    "ssh-keygen -q -Y sign -n golive-db-exec -f ann s.json || exit 99; "
#define APPROVED "$golive db exec fix.sql --write --env prod --approval s.json"

static void an_approval_is_used_once_and_not_for_nothing(void **state)
{
    (void)state;
    write_file("fix.sql", "insert into uses values (1)");
    expect(
        "git config user.email bob@example.com; psql -qX \"$URL\" -c 'create table uses (i int)'",
        0, "");
    /* A URL that leads nowhere uses nothing up. */
    expect(SIGNED "BAD=postgresql://x@127.0.0.1:1/x " APPROVED " --database-url-env BAD", 11, "");
    expect("git config user.email eve@example.com; " APPROVED DB, 7, "nobody of people[] runs it");
    expect("git config user.email bob@example.com; for i in 1 2 3 4 5 6; do " APPROVED DB
           " & done; wait; psql -qXAt \"$URL\" -c 'select count(*) || $$ use$$ from uses'",
           0, "1 use");
}

/* A batch that was killed is no longer nothing: how far it is, and what goes on with it. */
static void a_killed_batch_is_shown_as_begun(void **state)
{
    (void)state;
    write_file("m/7_b.sql", "create table b (id int primary key, n int not null default 0);"
                            "insert into b select i from generate_series(1, 100000) i; analyze b;");
    expect("$golive migrate up" DB, 0, "7_b.sql");
    write_file("m/8_b.sql", "-- no-transaction\n-- golive: batch=500 sleep=20ms\n"
                            "update b set n = n + 1 where n = 0;");
    expect("$golive migrate up" DB " > up.txt & pid=$!; until psql -qXAt \"$URL\" -c 'select "
           "sum(n) > 5000 from b' | grep -q t; do sleep 0.05; done; "
           "$golive migrate status" DB "; kill -9 $pid; wait $pid",
           137,
           "begun             8_b.sql|of about 100,000 rows looked at in pass 1|not finished; "
           "at work on this database now: process |!nobody works on it");
    expect("until psql -qXAt \"$URL\" -c \"select count(*) from pg_locks where locktype = "
           "'advisory'\" | grep -qx 0; do sleep 0.05; done; $golive migrate status" DB,
           0,
           "begun             8_b.sql|1 migration was begun and is not finished, and nobody works "
           "on it. Next: golive migrate up goes on where it stopped|!Nothing is pending");
    expect("$golive migrate plan" DB, 0, "8_b.sql|begun already: it goes on behind ");
    expect("$golive migrate status --format json" DB " | python3 -c 'import json, sys; "
           "b = [m[\"begun\"] for m in json.load(sys.stdin)[\"migrations\"] if \"begun\" in m]; "
           "print(len(b), b[0][\"goes_on\"], b[0][\"changed\"] > 5000, b[0][\"pass\"])'",
           0, "1 True True 1");
    expect("sed -i 's/where n = 0/where n < 1/' m/8_b.sql; $golive migrate status" DB "; "
           "$golive migrate plan" DB "; $golive migrate up" DB,
           7,
           "dirty|A release would be refused: migration 8_b.sql was edited after it was begun|"
           "It would be refused: migration 8_b.sql was edited|Line 3 was `update b set n = n + 1 "
           "where n = 0;` and is `update b set n = n + 1 where n < 1;`|m/8_b.sql:3:1");
    expect("sed -i -e 's/where n < 1/where n = 0/' m/8_b.sql; $golive migrate up" DB, 0,
           "went through the table 2 times; the last time it found no row to change|1 applied");
    expect("psql -qXAt \"$URL\" -c \"select min(n) || '-' || max(n) from b\"", 0, "1-1");
    expect("$golive log --kind migrate.applied --format json | tail -1", 0,
           "\"passes\":2|\"left\":0|\"once\":false");
    expect("$golive migrate status" DB, 0, "!not finished");
}

static void plan_refuses_what_up_refuses(void **state)
{
    (void)state;
    write_file("m/9_k.sql", "create table keyless (a int, b int);");
    expect("$golive migrate up" DB, 0, "1 applied");
    write_file("m/10_x.sql", "create table x10 ();");
    write_file("m/11_k.sql", "-- no-transaction\n-- golive: batch=10\nupdate keyless set b = 1;");
    expect("$golive migrate plan" DB, 0,
           "It would be refused: 11_k.sql: the table keyless has no key|!Nothing was changed");
    /* Before the first change: 10 is not applied either. */
    expect("$golive migrate up" DB, 7, "the table keyless has no key|m/11_k.sql:1:1|!10_x");
    write_file("m/10_x.sql", "alter table keyless add primary key (a);");
    expect("$golive migrate plan" DB, 0,
           "refused as the table is now, unless a file before it mends that: the table keyless has "
           "no key|Nothing was changed");
    expect("$golive migrate up" DB, 0, "2 applied");
}

static void empty_files_are_told(void **state)
{
    (void)state;
    write_file("m/12_e.sql", "-- later\n/* perhaps */ ;\n");
    expect("$golive migrate plan" DB, 0, "12_e.sql|holds no statement: only its version would");
    expect("$golive migrate up" DB, 0, "12_e.sql|holds no statement: only its version was|1 appl");
}

static void plan_has_the_estimate_of_a_trace(void **state)
{
    (void)state;
    write_file("m/13_i.sql", "create index b_n on b (n);");
    write_file("m/14_c.sql", "alter table b add c text;");
    expect("$golive migrate plan --trace" DB, 0,
           "13_i.sql|traced: |keeps others from writing b for |14_c.sql|"
           "keeps others from reading and writing b for |Nothing was changed");
    expect("$golive migrate plan --trace --format json" DB " | python3 -c 'import json, sys; "
           "t = [m[\"trace\"] for m in json.load(sys.stdin)[\"migrations\"] if \"trace\" in m]; "
           "print([(x[\"lock\"], x[\"relation\"], x[\"blocks_reads\"]) for x in t])'",
           0, "[('Share', 'b', False), ('AccessExclusive', 'b', True)]");
    expect("$golive migrate up --despite-peak x" DB, 0, "2 applied");
}

/* The same folder may look like golang-migrate's: what golive.yaml says counts. */
static void the_tool_is_what_the_configuration_says(void **state)
{
    (void)state;
    write_file("six/000001_t.up.sql", "create table six (id int);");
    write_file("six/000001_t.down.sql", "drop table six;");
    write_config(", tool: dbmate");
    expect("sed -i 's/dir: m,/dir: six,/' golive.yaml; $golive migrate plan" DB, 3,
           "dbmate|!six.up");
    write_config("");
    expect("sed -i 's/dir: m,/dir: six,/' golive.yaml; $golive migrate plan" DB, 7,
           "sqlx applied|tool: sqlx");
    expect("$golive migrate up" DB, 7, "sqlx applied");
    write_config(", tool: sqlx");
    expect("sed -i 's/dir: m,/dir: six,/' golive.yaml; $golive migrate status" DB, 0,
           "000001_t.up.sql");
    /* To dbmate, whose file it looks like, it would be none. */
    write_file("marks/99_m.sql", "create table marked ();\n-- migrate:up\n");
    write_config(", tool: sqlx");
    expect("sed -i 's/dir: m,/dir: marks,/' golive.yaml; $golive migrate plan --trace" DB, 0,
           "99_m.sql|traced: |keeps nobody waiting");
    write_config("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan_says_what_would_be_met),
        cmocka_unit_test(long_locks_in_peak_hours_are_refused),
        cmocka_unit_test(production_wants_a_backup),
        cmocka_unit_test(revert_asks_and_keeps_to_its_rules),
        cmocka_unit_test(statements_by_hand_only_read),
        cmocka_unit_test(statements_by_hand_are_what_is_seen),
        cmocka_unit_test(large_results_are_not_kept_in_memory),
        cmocka_unit_test(writing_takes_a_second_name),
        cmocka_unit_test(an_approval_is_used_once_and_not_for_nothing),
        cmocka_unit_test(a_killed_batch_is_shown_as_begun),
        cmocka_unit_test(plan_refuses_what_up_refuses),
        cmocka_unit_test(empty_files_are_told),
        cmocka_unit_test(plan_has_the_estimate_of_a_trace),
        cmocka_unit_test(the_tool_is_what_the_configuration_says),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
