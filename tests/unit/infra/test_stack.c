/* Metadata.golive and the catalog. */
#include "infra/stack.h"

#include "base/fs.h"
#include "infra/computed.h"
#include "infra/live.h"
#include "support.h"

#define TAIL "Parameters: {App: {Type: String}, Vpc: {Type: String}}\nResources: {R: {Type: T}}\n"

static void open_one(struct gl_catalog *catalog, const char *text, int code, const char *message)
{
    const struct gl_shipped shipped[] = {
        {"one", text},
        {0    }
    };
    gl_autoerr struct gl_error err = {0};
    int failed = gl_catalog_open(shipped, NULL, catalog, &err);
    if (failed != code || (message && !strstr(err.message, message)))
        print_message("%d %s\n", failed, err.message ? err.message : "");
    assert_int_equal(failed, code);
    if (message)
        assert_non_null(strstr(err.message, message));
    if (code)
        assert_string_equal(err.file, "stacks/one.yaml");
}

static void refuse(const char *golive, const char *message)
{
    gl_autocatalog struct gl_catalog catalog = {0};
    gl_autofree char *text = gl_asprintf("Metadata: {golive: %s}\n" TAIL, golive);
    open_one(&catalog, text, GL_E_CONFIG, message);
}

static void test_reads_everything(void **state)
{
    (void)state;
    gl_autocatalog struct gl_catalog catalog = {0};
    open_one(&catalog,
             "Metadata:\n  golive:\n    summary: {en: a network, ja: b}\n"
             "    placements: [app, global]\n    scope: account\n    when: [\"a == b\"]\n"
             "    data: [R, \"Sec*\"]\n    parameters: {Vpc: {config: network.vpc_cidr}}\n" TAIL,
             0, NULL);
    const struct gl_stack_def *def = gl_catalog_find(&catalog, "one");
    assert_non_null(def);
    assert_string_equal(def->summary, "a network");
    assert_true(def->placed[GL_PLACEMENT_APP] && def->placed[GL_PLACEMENT_GLOBAL]);
    assert_true(def->per_account);
    assert_int_equal(def->when->count, 1);
    assert_true(gl_stack_holds_data(def, "R"));
    assert_true(gl_stack_holds_data(def, "SecretX"));
    assert_false(gl_stack_holds_data(def, "X"));
    assert_int_equal(def->parameter_count, 2); /* App comes by itself */
    assert_int_equal(def->parameters[0].kind, GL_SOURCE_CONFIG);
    assert_string_equal(def->parameters[1].name, "App");
    assert_int_equal(def->parameters[1].kind, GL_SOURCE_INSTANCE);
    assert_null(gl_catalog_find(&catalog, "two"));
}

static void test_nothing_said(void **state)
{
    (void)state;
    gl_autocatalog struct gl_catalog catalog = {0};
    open_one(&catalog, "Resources: {R: {Type: T}}\n", 0, NULL);
    assert_true(catalog.stacks[0].placed[GL_PLACEMENT_APP]);
    assert_false(catalog.stacks[0].placed[GL_PLACEMENT_GLOBAL]);
    assert_false(catalog.stacks[0].per_account);
    assert_false(catalog.stacks[0].ejected);
}

static void test_mistakes(void **state)
{
    (void)state;
    refuse("[]", "must be a map");
    refuse("{placement: [app]}", "knows no `placement`");
    refuse("{placements: [apps]}", "knows no `apps`");
    refuse("{placements: app}", "must be a list");
    refuse("{scope: envs}", "knows no `envs`");
    refuse("{when: x}", "must be a list");
    refuse("{when: [{a: b}]}", "a text must stand here");
    refuse("{data: [Nope]}", "no resource Nope");
    refuse("{parameters: {Nope: {config: a}}}", "no parameter Nope");
    refuse("{parameters: {Vpc: config}}", "needs one source");
    refuse("{parameters: {Vpc: {config: a, live: b}}}", "needs one source");
    refuse("{parameters: {Vpc: {confg: a}}}", "knows no `confg`");
}

static void write(const char *dir, const char *name, const char *text)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(dir, name);
    gl_autofree char *parent = gl_path_dir(path);
    assert_int_equal(gl_mkdir_p(parent, 0755, &err), 0);
    assert_int_equal(gl_write_text(path, text, 0644, &err), 0);
}

static void test_the_project_takes_precedence(void **state)
{
    (void)state;
    char dir[] = "/tmp/golive-stack-XXXXXX";
    assert_non_null(mkdtemp(dir));
    write(dir, "stacks/one.yaml", "Resources: {Mine: {Type: T}}\n");
    write(dir, "stacks/own.yaml", "Resources: {Own: {Type: T}}\n");
    write(dir, "stacks/.hidden.yaml", "no template");
    write(dir, "stacks/notes.txt", "no template");
    const struct gl_shipped shipped[] = {
        {"one",                          "Resources: {R: {Type: T}}\n"},
        {"release/task-definition",                              "Resources: {T: {Type: T}}\n"},
        {"two","Resources: {R: {Type: T}}\n"},
        {0                         },
    };
    gl_autocatalog struct gl_catalog catalog = {0};
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_catalog_open(shipped, dir, &catalog, &err), 0);
    assert_int_equal(catalog.count, 3);
    assert_int_equal(catalog.release_count, 1);
    assert_true(gl_catalog_find(&catalog, "one")->ejected);
    assert_non_null(gl_value_get(gl_catalog_find(&catalog, "one")->template.resources, "Mine"));
    assert_false(gl_catalog_find(&catalog, "own")->ejected);
    assert_null(gl_catalog_find(&catalog, "own")->shipped);
    assert_false(gl_catalog_find(&catalog, "two")->ejected);
    assert_int_equal(gl_catalog_no_stack(&catalog, "onn", &err), GL_E_NOT_FOUND);
    assert_non_null(strstr(err.hint, "one"));
    assert_int_equal(gl_remove_tree(dir, &err), 0);
}

/* What is inside the program can be read; a broken stack must not be shipped. */
static void test_shipped_stacks(void **state)
{
    (void)state;
    gl_autocatalog struct gl_catalog catalog = {0};
    gl_autoerr struct gl_error err = {0};
    if (gl_catalog_open(NULL, NULL, &catalog, &err) < 0)
        print_message("%s:%u: %s\n", err.file, err.line, err.message);
    assert_int_equal(err.code, 0);
    size_t count = 0;
    while (gl_shipped_stacks[count].name)
        count++;
    assert_int_equal(catalog.count + catalog.release_count, count);
}

static void expect_word(const struct gl_value *at, const char *text, const char *expected)
{
    if ((text || expected) && (!text || !expected || strcmp(text, expected) != 0))
        fail_msg("%s:%u: `%s` instead of `%s`", at->place.file, at->place.line,
                 text ? text : "(null)", expected ? expected : "(null)");
}

static void expect_where(struct gl_place place, struct gl_place expected)
{
    assert_string_equal(place.file, expected.file);
    assert_int_equal(place.line, expected.line);
    assert_int_equal(place.column, expected.column);
}

/* All that a value says, and where it is in the tree. */
static void expect_same(const struct gl_value *value, const struct gl_value *expected)
{
    expect_word(expected, value->name, expected->name);
    expect_word(expected, value->text, expected->text);
    expect_word(expected, value->source, expected->source);
    expect_word(expected, value->resource, expected->resource);
    expect_where(value->place, expected->place);
    expect_where(value->name_place, expected->name_place);
    assert_int_equal(value->kind, expected->kind);
    assert_int_equal(value->unknown, expected->unknown);
    assert_int_equal(value->quoted, expected->quoted);
    assert_int_equal(value->wrapped, expected->wrapped);
    assert_int_equal(value->secret, expected->secret);
    assert_int_equal(value->count, expected->count);
    assert_int_equal(value->depth, expected->depth);
    expect_word(expected, value->parent ? value->parent->name : "(root)",
                expected->parent ? expected->parent->name : "(root)");
}

/* The trees that are made when golive is built are those that reading the texts gives. */
static void test_shipped_trees(void **state)
{
    (void)state;
    gl_autocatalog struct gl_catalog catalog = {0};
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_catalog_open(NULL, NULL, &catalog, &err), 0);
    size_t values = 0;
    for (size_t i = 0; i < catalog.count + catalog.release_count; i++) {
        const struct gl_stack_def *def =
            i < catalog.count ? &catalog.stacks[i] : &catalog.releases[i - catalog.count];
        gl_autoarena struct gl_arena arena = {0};
        struct gl_value *read = NULL;
        assert_non_null(gl_shipped_find(def->name)->tree);
        assert_int_equal(gl_template_parse(&arena, def->text, def->len, def->file, &read, &err), 0);
        const struct gl_value *root = def->template.root;
        const struct gl_value *at = root;
        const struct gl_value *expected = read;
        for (; at && expected; values++) {
            expect_same(at, expected);
            at = gl_value_next(root, at);
            expected = gl_value_next(read, expected);
        }
        assert_null(at);
        assert_null(expected);
    }
    assert_true(values > 1000);
}

/* Every source that a shipped stack names exists, also those of stacks that few environments have.
 */
static void test_shipped_sources(void **state)
{
    (void)state;
    gl_autocatalog struct gl_catalog catalog = {0};
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_catalog_open(NULL, NULL, &catalog, &err), 0);
    size_t count = 0;
    for (size_t i = 0; i < catalog.count + catalog.release_count; i++) {
        const struct gl_stack_def *def =
            i < catalog.count ? &catalog.stacks[i] : &catalog.releases[i - catalog.count];
        for (size_t k = 0; k < def->parameter_count; k++, count++) {
            const struct gl_stack_parameter *p = &def->parameters[k];
            bool known = (p->kind != GL_SOURCE_CONFIG || gl_schema_find(p->source)) &&
                         (p->kind != GL_SOURCE_LIVE || gl_live_find(p->source)) &&
                         (p->kind != GL_SOURCE_COMPUTED || gl_computed_find(p->source));
            if (!known)
                print_message("%s: %s: %s\n", def->file, p->name, p->source);
            assert_true(known);
        }
    }
    assert_true(count > 0 || !gl_shipped_stacks[0].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_everything),
        cmocka_unit_test(test_nothing_said),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_the_project_takes_precedence),
        cmocka_unit_test(test_shipped_stacks),
        cmocka_unit_test(test_shipped_trees),
        cmocka_unit_test(test_shipped_sources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
