/* A trace as text and JSON. */
#include "fixture.h"

#include "base/json.h"
#include "trace/render.h"

static void put_sample(struct world *world)
{
    put_file(world, "1_a.sql", "create table users (id int primary key, name text);\n");
    put_file(world, "2_b.sql",
             "alter table users add column age int;\n"
             "create index on users (name);\n"
             "alter table users\n"
             "    alter column \xe5\x90\x8d set nul;\n"
             "select 1;\n");
    trace(world);
}

static void test_text(void **state)
{
    struct world *world = *state;
    gl_autobuf struct gl_buf text = {0};
    put_sample(world);
    gl_trace_text(&world->trace, false, &text);
    const char *said = gl_buf_text(&text);
    expect_says(said, "AccessExclusive      blocks reads and writes");
    expect_says(said, "DANGEROUS");
    expect_says(said, "index built          100 rows");
    expect_says(said, "meanwhile locked by earlier statements: users");
    expect_says(said, "2_b.sql:4:24: syntax error");
    expect_says(said, "              alter column \xe5\x90\x8d set nul\n");
    expect_says(said, "1 dangerous, 1 brief, 0 harmless, 1 failed, 1 not run.");
    assert_null(strstr(said, "\033["));
}

/* The caret stands below the word, though a character of Japanese takes two columns. */
static void test_caret(void **state)
{
    struct world *world = *state;
    gl_autobuf struct gl_buf text = {0};
    put_sample(world);
    gl_trace_text(&world->trace, false, &text);
    expect_says(gl_buf_text(&text), "alter column \xe5\x90\x8d set nul\n"
                                    "                                  ^\n");
}

static void test_many_locks_are_cut(void **state)
{
    struct world *world = *state;
    gl_autobuf struct gl_buf text = {0};
    put_file(world, "1_a.sql",
             "create table e (id int not null) partition by range (id);\n"
             "do $$ begin for i in 1 .. 30 loop execute format('create table e_%s partition of e "
             "for values from (%s) to (%s)', i, i * 100, i * 100 + 100); end loop; end $$;\n");
    put_file(world, "2_b.sql", "alter table e add column x int;\n");
    trace(world);
    gl_trace_text(&world->trace, false, &text);
    assert_true(statement_at(world, 0, 0)->lock_count >= 31);
    expect_says(gl_buf_text(&text), "and 11 more");
}

/* Names and statements of a migration, and what the server says of them. */
static void test_names_cannot_steer_the_terminal(void **state)
{
    struct world *world = *state;
    gl_autobuf struct gl_buf text = {0};
    put_file(world, "1_a.sql",
             "create table \"a\033[2J\302\2332J\" (id int);\n"
             "insert into \"a\033[2J\302\2332J\" values (1);\n");
    put_file(world, "2_b.sql",
             "alter table \"a\033[2J\302\2332J\" add column x int, alter id type bigint;\n"
             "select '\342\200\256', \"b\033[2J\302\2332J\";\n");
    trace(world);
    gl_trace_text(&world->trace, false, &text);
    const char *said = gl_buf_text(&text);
    expect_says(said, "alter table \"a [2J 2J\" add column x int");
    expect_says(said, "        a [2J 2J ");
    expect_says(said, "2_b.sql:2:");
    assert_null(strchr(said, '\033'));
    assert_null(strstr(said, "\302\233"));
    assert_null(strstr(said, "\342\200\256"));
}

static void test_json(void **state)
{
    struct world *world = *state;
    put_sample(world);
    gl_autojson json_t *root = gl_trace_json(&world->trace);
    const json_t *counts = json_object_get(root, "counts");
    assert_int_equal(gl_json_int(counts, "dangerous", -1), 1);
    assert_int_equal(gl_json_int(counts, "not_run", -1), 1);
    const json_t *file = json_array_get(json_object_get(root, "files"), 0);
    const json_t *index = json_array_get(json_object_get(file, "statements"), 1);
    assert_int_equal(gl_json_int(index, "line", 0), 2);
    assert_string_equal(gl_json_str(index, "verdict", ""), "dangerous");
    const json_t *work = json_array_get(json_object_get(index, "work"), 0);
    assert_string_equal(gl_json_str(work, "work", ""), "index");
    const json_t *failed = json_array_get(json_object_get(file, "statements"), 2);
    assert_int_equal(gl_json_int(json_object_get(failed, "problem"), "line", 0), 4);
    assert_null(json_object_get(root, "traffic"));
    assert_null(json_object_get(root, "lint"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(test_text), CASE(test_names_cannot_steer_the_terminal),
                                       CASE(test_caret), CASE(test_many_locks_are_cut),
                                       CASE(test_json)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
