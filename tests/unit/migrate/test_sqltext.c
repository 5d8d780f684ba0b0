/* Tokens and statements of SQL. */
#include "fixture.h"
#include "migrate/phase.h"
#include "migrate/sqltext.h"

static struct gl_sql_scanner scan(const char *sql)
{
    return (struct gl_sql_scanner){sql, strlen(sql), 0};
}

static size_t count_statements(const char *sql)
{
    gl_autostatement struct gl_sql_statement statement = {0};
    struct gl_sql_scanner scanner = scan(sql);
    size_t count = 0;
    while (gl_sql_statement_next(&scanner, &statement))
        count++;
    return count;
}

static void tokens_are_told_apart(void **state)
{
    (void)state;

    static const struct {
        const char *sql;
        enum gl_sql_kind kind;
        size_t len; /* 0 = all of it */
    } cases[] = {
        {"select",                    GL_SQL_WORD,         0 },
        {"a$b",                       GL_SQL_WORD,         0 },
        {"\xe8\xa1\xa8 ",             GL_SQL_WORD,         3 },
        {"\"a \"\"b\"\" c\"",         GL_SQL_QUOTED,       0 },
        {"U&\"d!0061\"",              GL_SQL_QUOTED,       0 },
        {"'it''s'",                   GL_SQL_STRING,       0 },
        {"'back\\'",                  GL_SQL_STRING,       0 },
        {"E'it\\'s'",                 GL_SQL_STRING,       0 },
        {"U&'x'",                     GL_SQL_STRING,       0 },
        {"$$a;b$$",                   GL_SQL_STRING,       0 },
        {"$x$a $$ b$x$",              GL_SQL_STRING,       0 },
        {"$1",                        GL_SQL_SYMBOL,       1 },
        {"12.5e3",                    GL_SQL_NUMBER,       0 },
        {"-- to the end\nx",          GL_SQL_COMMENT,      13},
        {"/* one /* two */ three */", GL_SQL_COMMENT,      0 },
        {";",                         GL_SQL_SYMBOL,       0 },
        {"'open",                     GL_SQL_UNTERMINATED, 0 },
        {"\"open",                    GL_SQL_UNTERMINATED, 0 },
        {"/* /* */",                  GL_SQL_UNTERMINATED, 0 },
        {"$a$ $b$",                   GL_SQL_UNTERMINATED, 0 },
        {"'open''",                   GL_SQL_UNTERMINATED, 0 },
        {" \n\t",                     GL_SQL_END,          0 },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        struct gl_sql_scanner scanner = scan(cases[i].sql);
        struct gl_sql_token token = gl_sql_next(&scanner);
        size_t expected = cases[i].len ? cases[i].len : strlen(cases[i].sql);
        if (token.kind != cases[i].kind || (token.kind != GL_SQL_END && token.len != expected))
            fail_msg("%s: kind %d, %zu bytes", cases[i].sql, (int)token.kind, token.len);
    }
}

static void statements_end_at_their_semicolons(void **state)
{
    (void)state;

    static const struct {
        const char *sql;
        size_t count;
    } cases[] = {
        {"",                                                                          0},
        {";; -- nothing\n /* ; */ ;",                                                 0},
        {"select 1",                                                                  1},
        {"select ';'; select $$;$$; select \";\"",                                    3},
        {"create rule r as on insert to t do (select 1; select 2); x",                2},
        {"create function f() returns int begin atomic select 1; select case when true then 1 end;"
         " end; select 2",                                                   2},
        {"create function f() returns int language sql as $$ select 1; $$; select 2", 2},
        {"begin; commit",                                                             2},
        {"select ')'; select (1)); select 2",                                         3},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        if (count_statements(cases[i].sql) != cases[i].count)
            fail_msg("%s: %zu statements", cases[i].sql, count_statements(cases[i].sql));
    }
}

static void positions_count_characters_not_bytes(void **state)
{
    (void)state;
    const char *sql = "-- \xe6\x97\xa5\xe6\x9c\xac\nselec";
    assert_int_equal(gl_sql_offset(sql, 7), 10); /* the s */
    assert_int_equal(gl_sql_line(sql, 10), 2);
    assert_int_equal(gl_sql_offset(sql, 1000), strlen(sql));
}

static void phases_are_inferred(void **state)
{
    (void)state;

    static const struct {
        const char *sql;
        bool contract;
    } cases[] = {
        {"create table t (id int)",                                                       false},
        {"drop table t",                                                                  true },
        {"DROP\n  -- why\n TABLE if exists t",                                            true },
        {"-- drop table t\nselect 1",                                                     false},
        {"select 'drop table t'",                                                         false},
        {"do $$ begin drop table t; end $$",                                              false},
        {"alter table t drop column c",                                                   true },
        {"alter table t drop c",                                                          true },
        {"alter table t drop \"column\"",                                                 true },
        {"alter table t add d int, drop if exists c",                                     true },
        {"alter table t drop constraint c",                                               false},
        {"alter table t alter column c drop not null",                                    false},
        {"alter table t alter c drop default",                                            true },
        {"alter table t rename to u",                                                     true },
        {"alter table t rename column a to b",                                            true },
        {"alter table t rename a to b",                                                   true },
        {"alter table t rename constraint a to b",                                        false},
        {"alter table t add column rename boolean",                                       false},
        {"alter table t add column type text",                                            false},
        {"alter table only public.t alter column c type bigint",                          true },
        {"alter table t alter c set data type bigint",                                    true },
        {"alter table t alter c set not null",                                            true },
        {"alter table t add constraint c check (drop_column is not null)",                false},
        {"alter type e add value 'x'",                                                    false},
        {"alter type e rename value 'x' to 'y'",                                          true },
        {"create index concurrently i on t (c)",                                          false},
        {"drop index i",                                                                  false},
        {"truncate t",                                                                    true },
        {"drop view v; create view v as select 1",                                        false},
        {"drop view v; create view w as select 1",                                        true },
        {"drop view if exists a.v; create or replace view a.v as select 1",               false},
        {"drop view a.v; create view b.v as select 1",                                    true },
        {"drop trigger x on t; create trigger x before insert on t execute function f()", false},
        {"drop table t; create table t (id int)",                                         true },
        {"create table x (id int); alter table y drop column z;",                         true },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        const char *reason = gl_phase_reason(cases[i].sql, NULL);
        if ((reason != NULL) != cases[i].contract)
            fail_msg("%s: %s", cases[i].sql, reason ? reason : "expands");
    }
}

static void reason_comes_with_its_line(void **state)
{
    (void)state;
    unsigned line = 0;
    assert_string_equal(gl_phase_reason("select 1;\n\n-- old\ndrop table t;", &line),
                        "drops a table");
    assert_int_equal(line, 4);
}

static void declared_phase_wins(void **state)
{
    (void)state;

    static const struct {
        const char *sql;
        enum gl_phase phase;
        bool declared;
    } cases[] = {
        {"-- golive: phase=expand\ndrop table t",                   GL_PHASE_EXPAND,   true },
        {"-- no-transaction\n\n--golive:  phase=contract \nselect", GL_PHASE_CONTRACT, true },
        {"/* text */ -- golive: phase=contract\r\nselect 1",        GL_PHASE_CONTRACT, true },
        {"select 1; -- golive: phase=contract",                     GL_PHASE_EXPAND,   false},
        {"-- about golive\nselect 1",                               GL_PHASE_EXPAND,   false},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoerr struct gl_error err = {0};
        enum gl_phase phase = GL_PHASE_EXPAND;
        bool declared = false;
        ok(gl_phase_read(cases[i].sql, "f.sql", &phase, &declared, &err), &err);
        if (phase != cases[i].phase || declared != cases[i].declared)
            fail_msg("%s: phase %d", cases[i].sql, (int)phase);
    }
}

static void wrong_declarations_name_their_line(void **state)
{
    (void)state;
    static const char *const cases[] = {"-- golive: phase=exand", "-- golive: contract",
                                        "-- golive: phase=", "-- golive:"};
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoerr struct gl_error err = {0};
        enum gl_phase phase = GL_PHASE_EXPAND;
        bool declared = false;
        gl_autofree char *sql = gl_asprintf("-- first\n%s\nselect 1", cases[i]);
        assert_int_equal(gl_phase_read(sql, "f.sql", &phase, &declared, &err), GL_E_CONFIG);
        assert_string_equal(err.file, "f.sql");
        assert_int_equal(err.line, 2);
    }
}

static void concurrent_index_is_read(void **state)
{
    (void)state;

    static const struct {
        const char *sql;
        const char *name; /* NULL = none */
        const char *table;
        bool found;
    } cases[] = {
        {"create index concurrently I on t (c)",           "i",     "t",       true },
        {"-- no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"I \"\"x\" ON ONLY "
         "\"S\".t USING btree (c);",              "I \"x", "\"S\".t", true },
        {"create index concurrently on t (c)",             NULL,    "t",       true },
        {"create index i on t (c)",                        NULL,    NULL,      false},
        {"create index concurrently i on t (c); select 1", NULL,    NULL,      false},
        {"create index concurrently U&\"x\" on t (c)",     NULL,    "t",       true },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoindexbuild struct gl_index_build build = {0};
        assert_int_equal(gl_index_build_read(cases[i].sql, &build), cases[i].found);
        const char *name = build.name ? build.name : "(none)";
        assert_string_equal(name, cases[i].name ? cases[i].name : "(none)");
        if (cases[i].table)
            assert_string_equal(build.table, cases[i].table);
    }
}

static void what_breaks_the_transaction_is_refused(void **state)
{
    (void)state;

    static const struct {
        const char *sql;
        bool no_transaction;
        unsigned line; /* 0 = accepted */
    } cases[] = {
        {"create table t();\nbegin;",                      false, 2},
        {"select 1;\n\ncommit",                            false, 3},
        {"start transaction;",                             false, 1},
        {"rollback",                                       false, 1},
        {"savepoint a; rollback to a; release a",          false, 0},
        {"do $$ begin commit; end $$",                     false, 0},
        {"create index concurrently i on t (c); select 1", true,  1},
        {"create index concurrently on t (c)",             true,  1},
        {"-- nothing",                                     true,  1},
        {"vacuum t",                                       true,  0},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_autofree char *sql = gl_strdup(cases[i].sql);
        gl_autofree char *path = gl_strdup("f.sql");
        struct gl_migration migration = {
            .sql = sql, .path = path, .no_transaction = cases[i].no_transaction};
        int result = gl_phase_check(&migration, &err);
        if (result != (cases[i].line ? GL_E_REFUSED : 0) || err.line != cases[i].line)
            fail_msg("%s: %d, line %u", sql, result, err.line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_told_apart),
        cmocka_unit_test(statements_end_at_their_semicolons),
        cmocka_unit_test(positions_count_characters_not_bytes),
        cmocka_unit_test(phases_are_inferred),
        cmocka_unit_test(reason_comes_with_its_line),
        cmocka_unit_test(declared_phase_wins),
        cmocka_unit_test(wrong_declarations_name_their_line),
        cmocka_unit_test(concurrent_index_is_read),
        cmocka_unit_test(what_breaks_the_transaction_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
