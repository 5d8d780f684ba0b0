/* Values: finding, comparing, showing, leaves. */
#include "infra/value.h"

#include "support.h"

static struct gl_value *read(struct world *w, const char *text)
{
    struct gl_value *root = NULL;
    assert_int_equal(gl_template_parse(&w->arena, text, strlen(text), "t", &root, &w->err), 0);
    return root;
}

static void add_path(const char *path, const struct gl_value *leaf, void *context)
{
    gl_autofree char *shown = gl_value_show(leaf);
    gl_buf_printf(context, "%s=%s;", path, shown);
}

static void test_leaves(void **state)
{
    (void)state;
    gl_autoworld struct world w = {0};
    gl_autobuf struct gl_buf text = {0};
    gl_value_leaves(read(&w, "{a: {b: 1, c: [x, {d: y}]}, e: [], f: {}, g: ~}"), add_path, &text);
    assert_string_equal(gl_buf_text(&text), "a.b=1;a.c[0]=x;a.c[1].d=y;e=[];f={};g=null;");
}

static void check_index(const char *path, const struct gl_value *leaf, void *context)
{
    gl_autofree char *expected = gl_asprintf("l[%s]", leaf->text);
    assert_string_equal(path, expected);
    ++*(size_t *)context;
}

static void test_long_list(void **state)
{
    (void)state;
    gl_autoworld struct world w = {0};
    struct gl_value *map = gl_value_new(&w.arena, GL_VALUE_MAP, NULL);
    struct gl_value *list = gl_value_new(&w.arena, GL_VALUE_LIST, NULL);
    gl_value_append(map, list, "l");
    for (unsigned i = 0; i < 10010; i++) {
        gl_autofree char *text = gl_asprintf("%u", i);
        gl_value_append(list, gl_value_text(&w.arena, text, NULL), NULL);
    }
    size_t leaves = 0;
    gl_value_leaves(map, check_index, &leaves);
    assert_int_equal(leaves, 10010);
}

static void test_equal(void **state)
{
    (void)state;
    gl_autoworld struct world w = {0};
    struct gl_value *a = read(&w, "{a: true, b: [1, 2], c: {d: x}}");
    assert_true(gl_value_equal(a, read(&w, "{c: {d: x}, b: ['1', 2], a: 'true'}")));
    assert_false(gl_value_equal(a, read(&w, "{a: true, b: [2, 1], c: {d: x}}")));
    assert_false(gl_value_equal(a, read(&w, "{a: true, b: [1, 2]}")));
    assert_false(gl_value_equal(a, read(&w, "[a]")));
    struct gl_value *u = gl_value_unknown(&w.arena, GL_UNKNOWN_RESOURCE, "X", NULL);
    assert_true(gl_value_equal(u, gl_value_copy(&w.arena, u)));
    assert_false(gl_value_equal(u, gl_value_text(&w.arena, u->text, NULL)));
    assert_true(gl_value_has_unknown(u));
    assert_false(gl_value_has_unknown(a));
}

static void test_find(void **state)
{
    (void)state;
    gl_autoworld struct world w = {0};
    struct gl_value *a = read(&w, "{a: {b: [x, {c: y}]}}");
    assert_true(gl_value_is_word(gl_value_find(a, "a.b.1.c"), "y"));
    assert_null(gl_value_find(a, "a.b.2"));
    assert_null(gl_value_find(a, "a.x.y"));
    assert_string_equal(gl_value_str(gl_value_find(a, "a"), "b", "fallback"), "fallback");
}

static void test_json(void **state)
{
    (void)state;
    gl_autoworld struct world w = {0};
    gl_autojson json_t *json = json_pack("{s:[i,b,s,n], s:f}", "a", 1, 1, "x", "b", 1.5);
    struct gl_value *value = gl_value_from_json(&w.arena, json, NULL);
    gl_autojson json_t *back = gl_value_json(value);
    assert_true(json_equal(json, back));
    value->first->secret = false;
    gl_value_at(value->first, 2)->secret = true;
    gl_autofree char *shown = gl_value_show(value);
    assert_string_equal(shown, "{\"a\":[1,true,\"***\",null],\"b\":1.5}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leaves), cmocka_unit_test(test_long_list),
        cmocka_unit_test(test_equal),  cmocka_unit_test(test_find),
        cmocka_unit_test(test_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
