/* Old code with new schemas, new code with old ones, on a real PostgreSQL. */
#include "../migrate/fixture.h"
#include "prove/prove.h"

/* Two versions: their migrations in OLD and NEW below the test's directory. */
struct versions {
    struct gl_migrations old_list;
    struct gl_migrations new_list;
    struct gl_queries old_queries;
    struct gl_queries new_queries;
    struct gl_proof proof;
};

static void versions_done(struct versions *versions)
{
    gl_migrations_done(&versions->old_list);
    gl_migrations_done(&versions->new_list);
    gl_queries_done(&versions->old_queries);
    gl_queries_done(&versions->new_queries);
    gl_proof_done(&versions->proof);
}

#define autoversions gl_cleanup(versions_done)

static const char users[] =
    "CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL, nick text);";

static void put_both(const struct world *world, const char *name, const char *sql)
{
    gl_autofree char *old_name = gl_asprintf("old/%s", name);
    gl_autofree char *new_name = gl_asprintf("new/%s", name);
    put(world, old_name, sql);
    put(world, new_name, sql);
}

static int prove(const struct world *world, struct versions *versions, struct gl_error *err)
{
    static const char *const names[] = {"before", "after"};
    gl_autofree char *old_dir = gl_path_join(world->dir, "old");
    gl_autofree char *new_dir = gl_path_join(world->dir, "new");
    char *conninfo[2] = {0};
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        gl_autofree char *name = gl_asprintf("%s_%s", world->database, names[i]);
        gl_autofree char *sql = gl_asprintf("CREATE DATABASE %s", name);
        ok(gl_pgtest_sql(&server, "postgres", sql, err), err);
        conninfo[i] = gl_pgtest_conninfo(&server, NULL, name);
    }
    ok(gl_migrations_scan(old_dir, &versions->old_list, err), err);
    ok(gl_migrations_scan(new_dir, &versions->new_list, err), err);
    int failed = gl_prove(conninfo[0], conninfo[1],
                          &(struct gl_prove_side){&versions->old_list, &versions->old_queries},
                          &(struct gl_prove_side){&versions->new_list, &versions->new_queries},
                          &versions->proof, err);
    free(conninfo[0]);
    free(conninfo[1]);
    return failed;
}

static void make_dirs(const struct world *world)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *old_dir = gl_path_join(world->dir, "old");
    gl_autofree char *new_dir = gl_path_join(world->dir, "new");
    ok(gl_mkdir_p(old_dir, 0755, &err), &err);
    ok(gl_mkdir_p(new_dir, 0755, &err), &err);
    put_both(world, "1_users.sql", users);
}

static void expect_finding(const struct gl_proof *proof, size_t at, enum gl_prove_kind kind,
                           int64_t version, const char *what)
{
    if (proof->count <= at)
        fail_msg("no finding %zu (%s)", at, what);
    const struct gl_prove_finding *finding = &proof->items[at];
    if (finding->kind != kind || !strstr(finding->what, what))
        fail_msg("%s: %s", gl_prove_kind_word(finding->kind), finding->what);
    assert_int_equal(finding->migration ? finding->migration->version : 0, version);
}

static void what_expands_breaks_nothing(void **state)
{
    gl_autoerr struct gl_error err = {0};
    autoversions struct versions versions = {0};
    make_dirs(*state);
    put(*state, "new/2_mood.sql", "ALTER TABLE users ADD mood text;");
    gl_queries_add(&versions.old_queries, "SELECT * FROM users WHERE id = $1", "a.rs", 1);
    gl_queries_add(&versions.old_queries, "INSERT INTO users (id, email) VALUES ($1, $2)", "a.rs",
                   2);
    gl_queries_add(&versions.new_queries, "SELECT id, mood FROM users", "a.rs", 9);
    ok(prove(*state, &versions, &err), &err);
    assert_int_equal(versions.proof.old_proven, 2);
    assert_int_equal(versions.proof.new_proven, 1);
    assert_int_equal(versions.proof.expands, 1);
    assert_int_equal(versions.proof.count, 1);
    expect_finding(&versions.proof, 0, GL_PROVE_NEW_NEEDS, 0, "mood");
    assert_string_equal(versions.proof.items[0].sqlstate, "42703");
    assert_false(gl_prove_kind_is_bad(GL_PROVE_NEW_NEEDS));
}

/* Each of these is what a person would call an addition or a small change. */
static void what_breaks_the_old_version_is_named(void **state)
{
    gl_autoerr struct gl_error err = {0};
    autoversions struct versions versions = {0};
    make_dirs(*state);
    put(*state, "new/2_rename.sql",
        "-- golive: phase=expand\nALTER TABLE users RENAME nick TO handle;");
    put(*state, "new/3_widen.sql",
        "-- golive: phase=expand\nALTER TABLE users ALTER id TYPE bigint;");
    put(*state, "new/4_demand.sql",
        "-- golive: phase=expand\nALTER TABLE users ADD plan text NOT NULL;");
    gl_queries_add(&versions.old_queries, "SELECT nick FROM users", "a.rs", 1);
    gl_queries_add(&versions.old_queries, "SELECT id FROM users", "a.rs", 2);
    gl_queries_add(&versions.old_queries,
                   "WITH one AS (SELECT 1) INSERT INTO public.users AS u (id, email) "
                   "SELECT $1, $2 FROM one",
                   "a.rs", 3);
    gl_queries_add(&versions.old_queries, "SELECT email FROM users", "a.rs", 4);
    ok(prove(*state, &versions, &err), &err);
    assert_int_equal(versions.proof.count, 3);
    expect_finding(&versions.proof, 0, GL_PROVE_OLD_BREAKS, 2, "\"nick\" does not exist");
    expect_finding(&versions.proof, 1, GL_PROVE_OLD_BREAKS, 3, "was integer and becomes bigint");
    expect_finding(&versions.proof, 2, GL_PROVE_OLD_BREAKS, 4, "users.plan");
    assert_int_equal(versions.proof.old_proven, 1);
}

static void a_contract_waits_for_the_old_version_and_must_suit_the_new_one(void **state)
{
    gl_autoerr struct gl_error err = {0};
    autoversions struct versions versions = {0};
    make_dirs(*state);
    put(*state, "new/2_drop.sql", "-- golive: phase=contract\nALTER TABLE users DROP nick;");
    put(*state, "new/3_mood.sql", "ALTER TABLE users ADD mood text;");
    gl_queries_add(&versions.old_queries, "SELECT nick FROM users", "a.rs", 1);
    gl_queries_add(&versions.new_queries, "UPDATE users SET nick = mood", "b.rs", 2);
    ok(prove(*state, &versions, &err), &err);
    assert_int_equal(versions.proof.contracts, 1);
    assert_int_equal(versions.proof.old_proven, 1); /* as long as nothing contracts */
    assert_int_equal(versions.proof.count, 2);
    expect_finding(&versions.proof, 0, GL_PROVE_OLD_WAITS, 2, "nick");
    expect_finding(&versions.proof, 1, GL_PROVE_NEW_BREAKS, 0, "nick");
    assert_string_equal(versions.proof.items[1].query->file, "b.rs");
}

/* A program sends the types it was built with: an enum does not take text. */
static void parameters_keep_their_types(void **state)
{
    gl_autoerr struct gl_error err = {0};
    autoversions struct versions versions = {0};
    make_dirs(*state);
    put(*state, "new/2_enum.sql",
        "-- golive: phase=expand\nCREATE TYPE nicks AS ENUM ('a', 'b');\n"
        "ALTER TABLE users ALTER nick TYPE nicks USING nick::nicks;");
    gl_queries_add(&versions.old_queries, "UPDATE users SET nick = $1", "a.rs", 1);
    ok(prove(*state, &versions, &err), &err);
    expect_finding(&versions.proof, 0, GL_PROVE_OLD_BREAKS, 2, "nicks");
}

static void fragments_are_said_not_to_be_judged(void **state)
{
    gl_autoerr struct gl_error err = {0};
    autoversions struct versions versions = {0};
    make_dirs(*state);
    gl_queries_add(&versions.old_queries, "SELECT email FROM", "a.rs", 7);
    ok(prove(*state, &versions, &err), &err);
    assert_int_equal(versions.proof.unjudged.count, 1);
    expect_says(versions.proof.unjudged.items[0], "a.rs:7: syntax error");
}

/* The folder's tool keeps another table, which a migration may look into. */
static void the_folder_s_tool_keeps_its_table(void **state)
{
    gl_autoerr struct gl_error err = {0};
    autoversions struct versions versions = {0};
    make_dirs(*state);
    put_both(*state, "1_users.sql",
             "-- migrate:up\nCREATE TABLE users (id int);\n-- migrate:down\nDROP TABLE users;\n");
    put(*state, "new/2_mood.sql",
        "-- migrate:up\nALTER TABLE users ADD mood text;\n"
        "SELECT version FROM schema_migrations;\n"
        "-- migrate:down\nALTER TABLE users DROP mood;\n");
    gl_queries_add(&versions.new_queries, "SELECT version FROM schema_migrations", "b.rs", 1);
    gl_queries_add(&versions.new_queries, "SELECT success FROM _sqlx_migrations", "b.rs", 2);
    ok(prove(*state, &versions, &err), &err);
    assert_int_equal(versions.proof.count, 1);
    expect_finding(&versions.proof, 0, GL_PROVE_NEW_BREAKS, 0, "_sqlx_migrations");
}

static void columns_of_one_name_are_told_apart(void **state)
{
    gl_autoerr struct gl_error err = {0};
    autoversions struct versions versions = {0};
    make_dirs(*state);
    put(*state, "new/2_mood.sql", "ALTER TABLE users ADD mood text;");
    put(*state, "new/3_widen.sql",
        "-- golive: phase=expand\nALTER TABLE users ALTER nick TYPE varchar(9);");
    gl_queries_add(&versions.old_queries, "SELECT max(id), max(email) FROM users", "a.rs", 1);
    gl_queries_add(&versions.old_queries, "SELECT id AS a, email AS a, nick AS a FROM users",
                   "a.rs", 2);
    ok(prove(*state, &versions, &err), &err);
    assert_int_equal(versions.proof.count, 1);
    expect_finding(&versions.proof, 0, GL_PROVE_OLD_BREAKS, 3, "was text and becomes character");
    assert_int_equal(versions.proof.old_proven, 1);
}

/* A temporary table that the program makes is not there when it is proven. */
static void what_could_never_be_judged_does_not_break(void **state)
{
    gl_autoerr struct gl_error err = {0};
    autoversions struct versions versions = {0};
    make_dirs(*state);
    put(*state, "new/2_later.sql", "CREATE TABLE later (id int);");
    gl_queries_add(&versions.old_queries, "SELECT id FROM draft", "a.rs", 1);
    gl_queries_add(&versions.old_queries, "SELECT id FROM later", "a.rs", 2);
    gl_queries_add(&versions.new_queries, "SELECT id FROM draft", "b.rs", 3);
    gl_queries_add(&versions.new_queries, "SELECT at FROM draft", "b.rs", 4);
    gl_queries_add(&versions.new_queries, "SELECT id FROM later", "b.rs", 5);
    ok(prove(*state, &versions, &err), &err);
    assert_int_equal(versions.proof.count, 2);
    expect_finding(&versions.proof, 0, GL_PROVE_NEW_BREAKS, 0, "draft");
    assert_int_equal(versions.proof.items[0].query->line, 4);
    expect_finding(&versions.proof, 1, GL_PROVE_NEW_NEEDS, 0, "later");
    assert_int_equal(versions.proof.unjudged.count, 3);
    expect_says(versions.proof.unjudged.items[2], "b.rs:3: ");
    assert_int_equal(versions.proof.new_proven, 1);
}

static void an_edited_file_and_a_failing_one_are_errors(void **state)
{
    gl_autoerr struct gl_error err = {0};
    autoversions struct versions edited = {0};
    autoversions struct versions failing = {0};
    make_dirs(*state);
    put(*state, "new/2_wrong.sql", "ALTER TABLE nobody ADD x int;");
    assert_int_equal(prove(*state, &failing, &err), GL_E_DATABASE);
    expect_says(err.message, "nobody");
    struct world *other = NULL;
    world_up((void **)&other);
    make_dirs(other);
    put(other, "new/1_users.sql", "CREATE TABLE users (id int);");
    put(other, "new/2_mood.sql", "ALTER TABLE users ADD mood text;");
    assert_int_equal(prove(other, &edited, &err), GL_E_REFUSED);
    world_down((void **)&other);
}

static void queries_of_a_server_need_its_extension(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autoqueries struct gl_queries queries = {0};
    PGconn *conn = PQconnectdb(world->conninfo);
    int failed = gl_queries_ask(conn, &queries, &err);
    PQfinish(conn);
    assert_int_equal(failed, GL_E_DATABASE);
    expect_says(err.hint, "pg_stat_statements");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_expands_breaks_nothing),
        CASE(what_breaks_the_old_version_is_named),
        CASE(a_contract_waits_for_the_old_version_and_must_suit_the_new_one),
        CASE(parameters_keep_their_types),
        CASE(fragments_are_said_not_to_be_judged),
        CASE(the_folder_s_tool_keeps_its_table),
        CASE(columns_of_one_name_are_told_apart),
        CASE(what_could_never_be_judged_does_not_break),
        CASE(an_edited_file_and_a_failing_one_are_errors),
        CASE(queries_of_a_server_need_its_extension),
    };
    return cmocka_run_group_tests(tests, server_up, server_down);
}
