/* Reading a directory of migrations. */
#include "fixture.h"

static void scanned(const struct world *world, struct gl_migrations *list)
{
    gl_autoerr struct gl_error err = {0};
    ok(gl_migrations_scan(world->dir, list, &err), &err);
}

static void expect_scan_error(const struct world *world, const char *part, const char *file)
{
    gl_autoerr struct gl_error err = {0};
    gl_automigrations struct gl_migrations list = {0};
    assert_int_equal(gl_migrations_scan(world->dir, &list, &err), GL_E_CONFIG);
    expect_says(err.message, part);
    expect_says(err.file, file);
    assert_null(list.items);
}

static void files_are_read_by_version(void **state)
{
    const struct world *world = *state;
    put(world, "20_second_one.sql", "select 2;");
    put(world, "3_first.up.sql", "select 1;");
    put(world, "3_first.down.sql", "select -1;");
    put(world, "README.md", "text");
    put(world, "seed.sql", "text");
    put(world, "100__a_.sql.sql", "-- no-transaction\nvacuum;");
    gl_automigrations struct gl_migrations list = {0};
    scanned(world, &list);
    assert_int_equal(list.count, 3);
    assert_int_equal(list.items[0].version, 3);
    assert_string_equal(list.items[0].description, "first");
    assert_int_equal(list.items[1].version, 20);
    assert_string_equal(list.items[1].description, "second one");
    assert_string_equal(list.items[1].sql, "select 2;");
    assert_false(list.items[1].no_transaction);
    assert_string_equal(list.items[2].description, " a ");
    assert_true(list.items[2].no_transaction);
    assert_int_equal(list.passed_over.count, 1); /* surely meant, so not without a word */
    assert_string_equal(list.passed_over.items[0], "seed.sql");
}

static void checksum_is_sha384_of_the_bytes(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "abc");
    gl_automigrations struct gl_migrations list = {0};
    scanned(world, &list);
    char hex[2 * GL_SHA384_SIZE + 1];
    gl_hex(list.items[0].checksum, GL_SHA384_SIZE, hex);
    /* FIPS 180-4 example. */
    assert_string_equal(hex, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                             "8086072ba1e7cc2358baeca134c825a7");
}

static void no_transaction_must_be_the_first_bytes(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "\n-- no-transaction\nselect 1");
    put(world, "2_b.sql", "-- no-transaction because of the index\nselect 1");
    gl_automigrations struct gl_migrations list = {0};
    scanned(world, &list);
    assert_false(list.items[0].no_transaction);
    assert_true(list.items[1].no_transaction);
}

static void missing_directory_is_an_empty_list(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *dir = gl_path_join(world->dir, "nowhere");
    gl_automigrations struct gl_migrations list = {0};
    ok(gl_migrations_scan(dir, &list, &err), &err);
    assert_int_equal(list.count, 0);
}

static void duplicate_versions_are_refused(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "");
    put(world, "01_b.sql", "");
    expect_scan_error(world, "given twice", ".sql");
}

static void wrong_names_are_refused(void **state)
{
    static const char *const names[] = {
        "x_a.sql",  "_a.sql",   "1-a.sql", "1.sql", "9223372036854775808_a.sql",
        "1 _a.sql", "0x1_a.sql"};
    const struct world *world = *state;
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        put(world, names[i], "");
        expect_scan_error(world, names[i], names[i]);
        gl_autofree char *path = gl_path_join(world->dir, names[i]);
        assert_int_equal(remove(path), 0);
    }
}

static void wrong_texts_are_refused_with_their_line(void **state)
{
    static const struct {
        const char *data;
        size_t len;
        unsigned line;
    } cases[] = {
        {"select 1;\n\x93\xfa", 12, 2},
        {"ab\n\n\0c",           6,  3},
        {"\xEF\xBB\xBFselect",  9,  1},
        {"\xED\xA0\x80",        3,  1}, /* surrogate */
        {"\xC0\xAF",            2,  1}, /* overlong */
        {"\xE3\x81",            2,  1}, /* cut off */
        {"\xF4\x90\x80\x80",    4,  1}, /* above U+10FFFF */
    };
    const struct world *world = *state;
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_automigrations struct gl_migrations list = {0};
        put_bytes(world, "1_a.sql", cases[i].data, cases[i].len);
        assert_int_equal(gl_migrations_scan(world->dir, &list, &err), GL_E_CONFIG);
        assert_int_equal(err.line, cases[i].line);
        expect_says(err.file, "1_a.sql");
    }
}

static void good_utf8_of_every_length_is_read(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "-- \xC3\xA9 \xE0\xA4\x81 \xE3\x81\x82 \xEE\x80\x80 \xF0\x9F\x98\x80");
    gl_automigrations struct gl_migrations list = {0};
    scanned(world, &list);
    assert_int_equal(list.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(files_are_read_by_version),
        CASE(checksum_is_sha384_of_the_bytes),
        CASE(no_transaction_must_be_the_first_bytes),
        CASE(missing_directory_is_an_empty_list),
        CASE(duplicate_versions_are_refused),
        CASE(wrong_names_are_refused),
        CASE(wrong_texts_are_refused_with_their_line),
        CASE(good_utf8_of_every_length_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
