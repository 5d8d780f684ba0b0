/* The functions that rules use. */
#include "support.h"

static void messages(void **state)
{
    const struct world *world = *state;
    expect_fact(world, "select msg('{1} is {2}; {1}', 'a', 5)", "a is 5; a");
    expect_fact(world, "select msg('{3} {x} {', 'a')", "{3} {x} {");
    expect_fact(world, "select msg('nothing')", "nothing");
}

static void patterns(void **state)
{
    const struct world *world = *state;
    expect_fact(world, "select 'abc' regexp '^a.c$'", "1");
    expect_fact(world, "select 'abd' regexp '^a.c$'", "0");
    expect_fact(world, "select null regexp 'a'", "(null)");
    expect_fact(world, "select 'a' regexp null", "(null)");
    expect_fact(world,
                "select group_concat(column1 regexp '^b') from (values ('a'), ('b'), ('bc'))",
                "0,1,1");
    expect_fact(world, "select group_concat('b' regexp column1) from (values ('a'), ('b'))", "0,1");
}

static void bad_pattern(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    assert_true(gl_sqlite_run(world->db, &err, "select 'a' regexp '('", "") < 0);
    expect_says(err.message, "nmatched (");
}

static void ranges(void **state)
{
    const struct world *world = *state;
    expect_fact(world, "select cidr_first('10.0.0.0/16')", "167772160");
    expect_fact(world, "select cidr_last('10.0.0.0/16') - cidr_first('10.0.0.0/16')", "65535");
    expect_fact(world, "select cidr_last('0.0.0.0/0')", "4294967295");
    expect_fact(world, "select cidr_first('10.0.0.1/32') = cidr_last('10.0.0.1/32')", "1");
    expect_fact(world, "select cidr_first('::/0')", "(null)");
    expect_fact(world, "select cidr_first('10.0.0.0')", "(null)");
    expect_fact(world, "select cidr_first(null)", "(null)");
}

static void verdicts(void **state)
{
    const struct world *world = *state;
    expect_fact(world, "select verdict(1, 1)", "pass");
    expect_fact(world, "select verdict(0, 1)", "pass");
    expect_fact(world, "select verdict(1, 0)", "fail");
    expect_fact(world, "select verdict(1, null)", "fail");
    expect_fact(world, "select verdict(0, 0)", "unknown");
}

static void put_facts(const struct world *world)
{
    gl_autoerr struct gl_error err = {0};
    ok(gl_sqlite_exec(
           world->db,
           "insert into run values ('demo', 'prod', 'aws', null, null, 1796169600, '2026-12-02');"
           "insert into stack values ('prod/a', 'prod', 'a', 'a', null, 'own', 'a.yaml', '',"
           " 'template', 0);"
           "insert into resource values ('prod/a/R', 'prod', 'prod/a', 'R', 'T', 'yes', null, null,"
           " null, 'template', 'a.yaml', 3);"
           "insert into property values ('prod/a/R', 'P', 'P', '', 'P', 'v', 'text', 1, null, null,"
           " 'a.yaml', 7), ('prod/a/R', 'Q', 'Q', '', 'Q', '${x}', 'text', 0, 'prod/a/S', 'Arn',"
           " 'a.yaml', 8), ('prod/a/R', 'L[0]', 'L[]', 'L', 'L', 'i', 'text', 1, null, null,"
           " 'a.yaml', 9), ('prod/a/R', '5', '5', '', '5', 'five', 'text', 1, null, null, 'a.yaml',"
           " 10), ('prod/a/R', 'P', 'P', '', 'P', 'second', 'text', 0, null, null, 'a.yaml', 1);"
           "insert into config values ('prod', 'a.b', 'a.b', 'a', 'b', '5', 'number', 'file',"
           " 'golive.yaml', 4), ('prod', 'c', 'c', '', 'c', '6', 'number', 'default', null, null),"
           " ('prod', 'd', 'd', '', 'd', null, 'null', 'file', 'golive.yaml', 9),"
           " ('stg', 'a.b', 'a.b', 'a', 'b', '1', 'number', 'file', 'golive.yaml', 5)",
           &err),
       &err);
}

#define R "'prod/a/R'"

static void expect_look_ups(const struct world *world)
{
    expect_fact(world, "select prop(" R ", 'P') || known(" R ", 'P') || line(" R ", 'P')", "v17");
    expect_fact(world, "select target(" R ", 'Q') || known(" R ", 'Q')", "prod/a/S0");
    expect_fact(world, "select prop(" R ", 'none')", "(null)");
    expect_fact(world, "select known(" R ", 'none')", "1");
    expect_fact(world, "select line(" R ", 'L') || ' ' || line(" R ", 'none')", "9 3");
    expect_fact(world, "select conf('a.b') || conf_of('stg', 'a.b')", "51");
    expect_fact(world, "select conf('none')", "(null)");
    expect_fact(world, "select conf_file('a.b') || conf_line('a')", "golive.yaml4");
    expect_fact(world, "select conf_given('a') || conf_given('a.b') || conf_given('c')", "110");
    expect_fact(world, "select group_concat(prop(" R ", column1)) from (values ('P'), ('Q'))",
                "v,${x}");
    expect_fact(world, "select prop(null, 'P') is null and prop(" R ", null) is null", "1");
    expect_fact(world, "select known(" R ", null) || line(" R ", null)", "13");
    expect_fact(world, "select prop(" R ", x'50')", "(null)");
    expect_fact(world, "select target(" R ", 'P')", "(null)");
    expect_fact(world, "select line('prod/a/none', 'P')", "(null)");
    expect_fact(world, "select prop(" R ", 5)", "five");
    expect_fact(world, "select conf(null) is null and conf('d') is null", "1");
}

static void look_ups(void **state)
{
    const struct world *world = *state;
    put_facts(world);
    expect_look_ups(world);
}

/* A check takes them into memory; afterwards they follow what changes. */
static void look_ups_in_memory(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_facts_settled *settled = NULL;
    put_facts(world);
    ok(gl_facts_settle(world->db, &settled, &err), &err);
    expect_look_ups(world);
    ok(gl_facts_unsettle(&settled, &err), &err);
    expect_look_ups(world);
    ok(gl_sqlite_exec(world->db,
                      "update property set value = 'w', line = null where path = 'P';"
                      "update config set value = '7' where key = 'c'",
                      &err),
       &err);
    expect_fact(world, "select prop(" R ", 'P') || line(" R ", 'P') || conf('c')", "w37");
    ok(gl_facts_settle(world->db, &settled, &err), &err);
    expect_fact(world, "select prop(" R ", 'P') || line(" R ", 'P') || conf('c')", "w37");
    ok(gl_facts_unsettle(&settled, &err), &err);
}

/* Another thread judges by a copy: tables in place of views, look-ups in memory, nothing written.
 */
static void facts_of_another_thread(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_facts_settled *settled = NULL;
    struct world twin = {0};
    put_facts(world);
    ok(gl_facts_settle(world->db, &settled, &err), &err);
    ok(gl_facts_twin(settled, &twin.db, &err), &err);
    expect_look_ups(&twin);
    expect_fact(&twin, "select type from sqlite_schema where name = 'check_command'", "table");
    expect_fact(&twin, "select count(*) from property", "5");
    assert_true(gl_sqlite_exec(twin.db, "delete from property", &err) < 0);
    assert_true(gl_sqlite_exec(twin.db, "create table mine(x)", &err) < 0);
    gl_facts_close(&twin.db);
    ok(gl_facts_unsettle(&settled, &err), &err);
    expect_fact(world, "select type from sqlite_schema where name = 'check_command'", "view");
    expect_look_ups(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(messages), CASE(patterns), CASE(bad_pattern),        CASE(ranges),
        CASE(verdicts), CASE(look_ups), CASE(look_ups_in_memory), CASE(facts_of_another_thread),
    };
    return cmocka_run_group_tests_name("facts/functions", tests, NULL, NULL);
}
