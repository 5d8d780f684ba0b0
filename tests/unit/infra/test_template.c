/* Reading templates: tags, types, places, limits. */
#include "infra/template.h"

#include "support.h"

#define RESOURCE "Resources: {R: {Type: \"AWS::S3::Bucket\"}}\n"

static struct gl_value *parse(struct world *w, const char *text)
{
    struct gl_value *root = NULL;
    w->code = gl_template_parse(&w->arena, text, strlen(text), "t.yaml", &root, &w->err);
    return root;
}

static void check_parse(const char *yaml, const char *json)
{
    gl_autoworld struct world w = {0};
    struct gl_value *root = parse(&w, yaml);
    if (!root)
        print_message("%s: %s\n", yaml, w.err.message);
    assert_non_null(root);
    gl_autofree char *shown = gl_value_show(root);
    assert_string_equal(shown, json);
}

static void test_short_tags_become_long_names(void **state)
{
    (void)state;
    check_parse("a: !Ref x\n", "{\"a\":{\"Ref\":\"x\"}}");
    check_parse("a: !Sub \"${x}\"\n", "{\"a\":{\"Fn::Sub\":\"${x}\"}}");
    check_parse("a: !GetAtt x.y.z\n", "{\"a\":{\"Fn::GetAtt\":[\"x\",\"y.z\"]}}");
    check_parse("a: !GetAtt [x, y]\n", "{\"a\":{\"Fn::GetAtt\":[\"x\",\"y\"]}}");
    check_parse("a: {\"Fn::GetAtt\": x.y}\n", "{\"a\":{\"Fn::GetAtt\":[\"x\",\"y\"]}}");
    check_parse("a: !If [c, !Ref x, {b: !Not [!Condition d]}]\n",
                "{\"a\":{\"Fn::If\":[\"c\",{\"Ref\":\"x\"},{\"b\":{\"Fn::Not\":[{\"Condition\":"
                "\"d\"}]}}]}}");
    check_parse("a: !Base64\n  Fn::Sub: x\nb: 1\n",
                "{\"a\":{\"Fn::Base64\":{\"Fn::Sub\":\"x\"}},\"b\":1}");
    check_parse("- !Join\n  - ','\n  - [a]\n- b\n", "[{\"Fn::Join\":[\",\",[\"a\"]]},\"b\"]");
    check_parse("!Transform {Name: x}\n", "{\"Fn::Transform\":{\"Name\":\"x\"}}");
}

/* As CloudFormation's YAML 1.1 reads them. */
static void test_scalars(void **state)
{
    (void)state;
    check_parse("[true, True, yes, on, no, OFF]", "[true,true,true,true,false,false]");
    check_parse("['true', \"no\", \"1\"]", "[\"true\",\"no\",\"1\"]");
    check_parse("[1, -2, 1.5, 0, 012345678901, 2012-10-17, 1.2.3]",
                "[1,-2,1.5,0,\"012345678901\",\"2012-10-17\",\"1.2.3\"]");
    check_parse("[~, null, '']", "[null,null,\"\"]");
    check_parse("{\"a\": [1, \"x\\u0041\\n\"]}", "{\"a\":[1,\"xA\\n\"]}");
    check_parse("{\n\t\"a\":\t1\n}", "{\"a\":1}");
}

static void test_places(void **state)
{
    (void)state;
    gl_autoworld struct world w = {0};
    struct gl_value *root = parse(&w, "a:\n  b: !Sub\n    - \"x\"\n    - {c: 'd'}\n");
    const struct gl_value *sub = gl_value_find(root, "a.b.Fn::Sub");
    const struct gl_value *deep = gl_value_find(sub, "1.c");
    assert_int_equal(gl_value_find(root, "a.b")->place.line, 2);
    assert_int_equal(gl_value_find(root, "a.b")->place.column, 6);
    assert_int_equal(gl_value_at(sub, 0)->place.line, 3);
    assert_int_equal(deep->place.line, 4);
    assert_int_equal(deep->place.column, 11);
    assert_int_equal(deep->name_place.column, 8);
    assert_string_equal(deep->place.file, "t.yaml");
}

static void check_refused(const char *text, unsigned line, unsigned column, const char *message)
{
    gl_autoworld struct world w = {0};
    assert_null(parse(&w, text));
    assert_int_equal(w.code, GL_E_CONFIG);
    if (!strstr(w.err.message, message))
        print_message("%s\n", w.err.message);
    assert_non_null(strstr(w.err.message, message));
    assert_int_equal(w.err.line, line);
    assert_int_equal(w.err.column, column);
}

static void test_refusals(void **state)
{
    (void)state;
    check_refused("a: 1\nb: 2\na: 3\n", 3, 1, "second time");
    check_refused("a: &x 1\nb: *x\n", 1, 7, "anchors");
    check_refused("a: 1\nb: *x\n", 2, 5, "aliases");
    check_refused("a: !Subb x\n", 1, 4, "not a function");
    check_refused("a: !!str x\n", 1, 4, "not a function");
    check_refused("a: 1\n---\nb: 2\n", 2, 1, "second document");
    check_refused("", 1, 1, "empty");
    check_refused("a: [1\n", 2, 1, "not YAML");
    check_refused("a: \"\xff\"\n", 1, 5, "UTF-8");
    check_refused("a: \"x\\0y\"\n", 1, 4, "NUL");
    check_refused("[1]: x\n", 1, 1, "plain word");
}

static void test_limits(void **state)
{
    (void)state;
    gl_autobuf struct gl_buf deep = {0};
    for (int i = 0; i < 100; i++)
        gl_buf_putc(&deep, '[');
    for (int i = 0; i < 100; i++)
        gl_buf_putc(&deep, ']');
    check_refused(gl_buf_text(&deep), 1, GL_TEMPLATE_DEPTH_MAX + 2, "nested too deeply");
    gl_autobuf struct gl_buf wide = {0};
    gl_buf_puts(&wide, "[1");
    for (int i = 0; i < GL_TEMPLATE_CHILDREN_MAX; i++)
        gl_buf_puts(&wide, ",1");
    gl_buf_puts(&wide, "]");
    check_refused(gl_buf_text(&wide), 1, 2 * GL_TEMPLATE_CHILDREN_MAX + 2, "too long");
    gl_autofree char *large = gl_alloc(GL_TEMPLATE_BYTES_MAX + 2);
    memset(large, ' ', GL_TEMPLATE_BYTES_MAX + 1);
    check_refused(large, 1, 1, "larger");
}

static void check_shape(const char *text, unsigned line, const char *message)
{
    gl_autoworld struct world w = {0};
    w.code = gl_template_read(&w.arena, text, strlen(text), "t.yaml", &w.template, &w.err);
    assert_int_equal(w.code, GL_E_CONFIG);
    assert_non_null(strstr(w.err.message, message));
    assert_int_equal(w.err.line, line);
}

static void test_shape(void **state)
{
    (void)state;
    check_shape("[1]", 1, "map");
    check_shape("Outputs: {}\n", 1, "no Resources");
    check_shape("Resources: {}\n", 1, "no Resources");
    check_shape("Resources: []\n", 1, "must be a map");
    check_shape("Resourcess: {}\n", 1, "no section");
    check_shape("Resources:\n  A: {Typ: x}\n", 2, "no Type");
    check_shape("Resources:\n  A-b: {Type: x}\n", 2, "logical id");
    check_shape("Resources:\n  A: {Type: x}\n  Fn::ForEach::L: [a, [b], {c: d}]\n", 3,
                "LanguageExtensions");
    gl_autoworld struct world w = {0};
    static const char good[] = "Transform: [AWS::LanguageExtensions]\n" RESOURCE;
    assert_int_equal(gl_template_read(&w.arena, good, strlen(good), "t.yaml", &w.template, &w.err),
                     0);
    assert_true(w.template.language_extensions);
    assert_false(w.template.loops);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short_tags_become_long_names),
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
