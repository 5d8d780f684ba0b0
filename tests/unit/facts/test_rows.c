/* Writing rows, splitting paths, and what a property's value is as text and as a reference. */
#include "support.h"

static void check_path(const char *path, const char *shape, const char *parent, const char *name)
{
    gl_autopath struct gl_path_parts parts;
    gl_path_split(path, &parts);
    assert_string_equal(parts.shape, shape);
    assert_string_equal(parts.parent, parent);
    assert_string_equal(parts.name, name);
}

static void paths(void **state)
{
    (void)state;
    check_path("Name", "Name", "", "Name");
    check_path("Tags[0].Key", "Tags[].Key", "Tags[0]", "Key");
    check_path("a.b[12]", "a.b[]", "a.b", "b");
    check_path("a[1][2]", "a[][]", "a[1]", "a");
    check_path("a[x].b", "a[x].b", "a[x]", "b");
    check_path("", "", "", "");
    check_path("a.", "a.", "a", "");
    check_path("[", "[", "", "");
}

static void rows(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_rows rows;
    gl_rows_open(world->db, "db_extension", &rows, &err);
    gl_rows_text(&rows, "a");
    gl_rows_text(&rows, "1");
    gl_rows_add(&rows);
    ok(gl_rows_done(&rows), &err);
    expect_fact(world, "select name || version from db_extension", "a1");
}

/* A mistake is kept until the end, and what comes after it is not written. */
static void mistakes(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_rows rows;
    gl_rows_open(world->db, "db_extension", &rows, &err);
    gl_rows_text(&rows, "a");
    gl_rows_null(&rows);
    gl_rows_add(&rows);
    gl_rows_text(&rows, "b");
    gl_rows_text(&rows, "1");
    gl_rows_add(&rows);
    assert_true(gl_rows_done(&rows) < 0);
    expect_says(err.message, "NOT NULL");
    expect_fact(world, "select count(*) from db_extension", "0");
}

static void twice(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_rows rows;
    gl_rows_open_once(world->db, "db_extension", &rows, &err);
    for (int i = 0; i < 2; i++) {
        gl_rows_text(&rows, "a");
        gl_rows_text(&rows, i ? "2" : "1");
        gl_rows_add(&rows);
    }
    ok(gl_rows_done(&rows), &err);
    expect_fact(world, "select group_concat(version) from db_extension", "1");
}

static void no_such_table(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_rows rows;
    gl_rows_open(world->db, "nothing", &rows, &err);
    gl_rows_text(&rows, "a");
    gl_rows_add(&rows);
    assert_true(gl_rows_done(&rows) < 0);
}

/* ---- values ------------------------------------------------------------------------------------
 */

static void check_target(const struct gl_value *value, const char *target, const char *attribute)
{
    gl_autofree char *found_attribute = NULL;
    gl_autofree char *found = gl_property_target(value, "prod", "data", &found_attribute);
    if (target)
        assert_string_equal(found, target);
    else
        assert_null(found);
    if (attribute)
        assert_string_equal(found_attribute, attribute);
    else
        assert_null(found_attribute);
}

static void values(void **state)
{
    (void)state;
    gl_autoarena struct gl_arena arena = {0};
    struct gl_value *text = gl_value_text(&arena, "a", NULL);
    struct gl_value *list = gl_value_new(&arena, GL_VALUE_LIST, NULL);
    struct gl_value *unknown = gl_value_unknown(&arena, GL_UNKNOWN_RESOURCE, "Db.Arn", NULL);
    struct gl_value *mixed = gl_value_new(&arena, GL_VALUE_UNKNOWN, NULL);
    mixed->unknown = GL_UNKNOWN_MIXED;
    gl_value_append(mixed, gl_value_text(&arena, "x-", NULL), NULL);
    gl_value_append(mixed, gl_value_copy(&arena, unknown), NULL);
    gl_autofree char *of_text = gl_property_text(text);
    gl_autofree char *of_unknown = gl_property_text(unknown);
    gl_autofree char *of_mixed = gl_property_text(mixed);
    assert_string_equal(of_text, "a");
    assert_null(gl_property_text(list));
    assert_string_equal(of_unknown, "${Db.Arn}");
    assert_string_equal(of_mixed, "x-${Db.Arn}");
    text->secret = true;
    gl_autofree char *hidden = gl_property_text(text);
    assert_string_equal(hidden, "***");
}

static void targets(void **state)
{
    (void)state;
    gl_autoarena struct gl_arena arena = {0};
    struct gl_value *output = gl_value_unknown(&arena, GL_UNKNOWN_OUTPUT, "network.VpcId", NULL);
    check_target(gl_value_text(&arena, "a", NULL), NULL, NULL);
    check_target(gl_value_unknown(&arena, GL_UNKNOWN_RESOURCE, "Db", NULL), "prod/data/Db", NULL);
    check_target(gl_value_unknown(&arena, GL_UNKNOWN_RESOURCE, "Db.Endpoint.Port", NULL),
                 "prod/data/Db", "Endpoint.Port");
    check_target(output, NULL, NULL);
    output->resource = "network.Vpc";
    check_target(output, "prod/network/Vpc", NULL);
    output->resource = "network.Vpc.Arn";
    check_target(output, "prod/network/Vpc", "Arn");
    check_target(gl_value_unknown(&arena, GL_UNKNOWN_LIVE, "x", NULL), NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),
        CASE(rows),
        CASE(mistakes),
        CASE(twice),
        CASE(no_such_table),
        cmocka_unit_test(values),
        cmocka_unit_test(targets),
    };
    return cmocka_run_group_tests_name("facts/rows", tests, NULL, NULL);
}
