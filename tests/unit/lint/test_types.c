/* Which changes of a column's type PostgreSQL makes in its catalogue only: every pair of types is
 * asked of a real server, with an index on the column and without one. */
#include "fixture.h"
#include "support/pgtest.h"

static struct gl_pgtest server;

static int up(void **state)
{
    gl_autoerr struct gl_error err = {0};
    return scratch_make(state) == 0 && gl_pgtest_start(&server, &err) == 0 ? 0 : -1;
}

static int down(void **state)
{
    gl_pgtest_stop(&server);
    return scratch_remove(state);
}

static const char *const types[] = {
    "int2",
    "int4",
    "int8",
    "oid",
    "regclass",
    "float8",
    "numeric",
    "numeric(10,2)",
    "numeric(12,2)",
    "numeric(12,4)",
    "numeric(8,2)",
    "text",
    "varchar",
    "varchar(5)",
    "varchar(10)",
    "char",
    "char(5)",
    "bpchar",
    "date",
    "time(3)",
    "time",
    "timestamp",
    "timestamp(3)",
    "timestamptz",
    "timestamptz(3)",
    "interval",
    "interval(3)",
    "interval day to second",
    "interval year to month",
    "cidr",
    "inet",
    "bit(4)",
    "varbit",
    "varbit(4)",
    "varbit(8)",
    "xml",
    "jsonb",
    "text[]",
    "varchar(5)[]",
    "varchar(9)[]",
    "varchar[]",
    "int8[]",
};

/* "none", "index" (only the index is built anew), "rewrite", "error" for each type that the column
 * is changed to. */
static const char function[] =
    "CREATE FUNCTION change(a text, b text) RETURNS text LANGUAGE plpgsql AS $$\n"
    "DECLARE old oid; fresh oid; old_index oid; fresh_index oid;\n"
    "BEGIN\n"
    "    EXECUTE format('CREATE TABLE zz (x %s)', a);\n"
    "    BEGIN CREATE INDEX zzi ON zz (x); EXCEPTION WHEN OTHERS THEN NULL; END;\n"
    "    SELECT relfilenode INTO old FROM pg_class WHERE relname = 'zz';\n"
    "    SELECT relfilenode INTO old_index FROM pg_class WHERE relname = 'zzi';\n"
    "    BEGIN EXECUTE format('ALTER TABLE zz ALTER x TYPE %s', b);\n"
    "    EXCEPTION WHEN OTHERS THEN DROP TABLE zz; RETURN 'error'; END;\n"
    "    SELECT relfilenode INTO fresh FROM pg_class WHERE relname = 'zz';\n"
    "    SELECT relfilenode INTO fresh_index FROM pg_class WHERE relname = 'zzi';\n"
    "    DROP TABLE zz;\n"
    "    RETURN CASE WHEN old <> fresh THEN 'rewrite' WHEN old_index <> fresh_index THEN 'index'\n"
    "                ELSE 'none' END;\n"
    "END $$";

static bool finds(const char *from, const char *to, const char *index)
{
    const struct gl_lint_options options = {0};
    gl_autoerr struct gl_error err = {0};
    gl_autolint struct gl_lint_result result = {0};
    gl_autofree char *before = gl_asprintf("CREATE TABLE t (x %s); %s", from, index);
    gl_autofree char *sql = gl_asprintf("ALTER TABLE t ALTER x TYPE %s;", to);
    lint_with(before, sql, &options, &result);
    return find(&result, "alter-column-type") != NULL;
}

static unsigned check_pair(const char *from, const char *to, const char *truth)
{
    if (strcmp(truth, "error") == 0)
        return 0;
    bool plain = finds(from, to, "");
    bool indexed = finds(from, to, "CREATE INDEX i ON t (x);");
    if (plain != (strcmp(truth, "rewrite") == 0) || indexed != (strcmp(truth, "none") != 0))
        fail_msg("%s to %s: PostgreSQL says %s, found %s%s", from, to, truth,
                 plain ? "without" : "nothing without",
                 indexed ? " and with an index" : " an index");
    return 1;
}

static void every_pair(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autobuf struct gl_buf all = {0};
    unsigned checked = 0;
    for (size_t i = 0; i < GL_COUNT(types); i++)
        gl_buf_printf(&all, "%s'%s'", i ? "," : "", types[i]);
    assert_int_equal(gl_pgtest_sql(&server, "postgres", function, &err), 0);
    for (size_t i = 0; i < GL_COUNT(types); i++) {
        gl_autofree char *query =
            gl_asprintf("SET timezone = 'UTC'; SELECT string_agg(change('%s', b), ' ' ORDER BY n)"
                        " FROM unnest(array[%s]) WITH ORDINALITY AS u (b, n)",
                        types[i], gl_buf_text(&all));
        gl_autofree char *answer = gl_pgtest_value(&server, "postgres", query, &err);
        gl_autostrv struct gl_strv truths = {0};
        gl_strv_split(&truths, answer ? answer : "", " ");
        assert_int_equal(truths.count, GL_COUNT(types));
        for (size_t k = 0; k < GL_COUNT(types); k++)
            checked += check_pair(types[i], types[k], truths.items[k]);
    }
    assert_true(checked > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair),
    };
    return cmocka_run_group_tests(tests, up, down);
}
