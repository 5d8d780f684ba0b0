/* Trees that the build packed are those that the reader makes of the same texts. */
#include "support.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "infra/pack.h"
#include "infra/stack.h"

/* ---- comparing: every member of every value ----------------------------------------------------
 */

static void same_text(const char *a, const char *b)
{
    assert_true(!a == !b);
    if (a)
        assert_string_equal(a, b);
}

static void same_place(struct gl_place a, struct gl_place b)
{
    same_text(a.file, b.file);
    assert_int_equal(a.line, b.line);
    assert_int_equal(a.column, b.column);
}

static void same_member(const struct gl_value *a, const struct gl_value *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->unknown, b->unknown);
    assert_int_equal(a->quoted, b->quoted);
    assert_int_equal(a->wrapped, b->wrapped);
    assert_int_equal(a->secret, b->secret);
    same_text(a->name, b->name);
    same_text(a->text, b->text);
    same_text(a->source, b->source);
    same_text(a->resource, b->resource);
    same_place(a->place, b->place);
    same_place(a->name_place, b->name_place);
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->depth, b->depth);
}

/* NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of a template */
static size_t same_tree(const struct gl_value *a, const struct gl_value *b)
{
    size_t values = 1;
    same_member(a, b);
    const struct gl_value *last = NULL;
    const struct gl_value *other = b->first;
    for (const struct gl_value *at = a->first; at; at = at->next, other = other->next) {
        assert_non_null(other);
        assert_ptr_equal(at->parent, a);
        assert_ptr_equal(other->parent, b);
        values += same_tree(at, other);
        last = other;
    }
    assert_null(other);
    assert_ptr_equal(b->last, last);
    return values;
}

static void same_section(const struct gl_value *a, const struct gl_value *b)
{
    assert_true(!a == !b);
    if (a && b)
        same_member(a, b);
}

static void same_template(const struct gl_template *a, const struct gl_template *b)
{
    same_text(a->file, b->file);
    same_section(a->parameters, b->parameters);
    same_section(a->mappings, b->mappings);
    same_section(a->conditions, b->conditions);
    same_section(a->resources, b->resources);
    same_section(a->outputs, b->outputs);
    same_section(a->golive, b->golive);
    assert_ptr_equal(a->limits, b->limits);
    assert_int_equal(a->serverless, b->serverless);
    assert_int_equal(a->language_extensions, b->language_extensions);
    assert_int_equal(a->loops, b->loops);
}

/* ---- shipped stacks ----------------------------------------------------------------------------
 */

static void test_every_shipped_stack(void **state)
{
    (void)state;
    size_t stacks = 0;
    size_t values = 0;
    for (const struct gl_shipped *at = gl_shipped_stacks; at->name; at++, stacks++) {
        gl_autoarena struct gl_arena arena = {0};
        gl_autoerr struct gl_error err = {0};
        struct gl_template read = {0};
        struct gl_template unpacked = {0};
        gl_autofree char *file = gl_asprintf("stacks/%s.yaml", at->name);
        assert_int_not_equal(at->tree, 0);
        assert_int_equal(gl_template_read(&arena, at->text, strlen(at->text), file, &read, &err),
                         0);
        assert_int_equal(gl_shipped_read(&arena, at, file, &unpacked, &err), 0);
        values += same_tree(read.root, unpacked.root);
        same_template(&read, &unpacked);
    }
    assert_true(stacks > 20);
    assert_true(values > 100 * stacks);
}

/* The text is the file, which is what golive sends and ejects. */
static void test_texts_are_the_files(void **state)
{
    (void)state;
    for (const struct gl_shipped *at = gl_shipped_stacks; at->name; at++) {
        gl_autobuf struct gl_buf text = {0};
        gl_autoerr struct gl_error err = {0};
        gl_autofree char *file = gl_asprintf("%s/stacks/%s.yaml", getenv("SOURCE_ROOT"), at->name);
        assert_int_equal(gl_read_file(file, 0, &text, &err), 0);
        assert_string_equal(at->text, gl_buf_text(&text));
    }
}

/* Without a tree the text is read, and a mistake in it is said with its place. */
static void test_without_a_tree(void **state)
{
    (void)state;
    const struct gl_shipped good = {.name = "one", .text = "Resources: {R: {Type: T}}\n"};
    const struct gl_shipped bad = {.name = "two", .text = "Resources:\n  R: {Type: !Nope 1}\n"};
    gl_autoarena struct gl_arena arena = {0};
    gl_autoerr struct gl_error err = {0};
    struct gl_template template = {0};
    assert_int_equal(gl_shipped_read(&arena, &good, "one.yaml", &template, &err), 0);
    assert_non_null(gl_value_get(template.resources, "R"));
    assert_int_equal(gl_shipped_read(&arena, &bad, "two.yaml", &template, &err), GL_E_CONFIG);
    assert_string_equal(err.file, "two.yaml");
    assert_int_equal(err.line, 2);
}

/* ---- any tree ----------------------------------------------------------------------------------
 */

static const struct gl_value *read_tree(struct gl_arena *arena, const char *text)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_value *root = NULL;
    if (gl_template_parse(arena, text, strlen(text), "t.yaml", &root, &err) < 0)
        fail_msg("%s", err.message);
    return root;
}

/* A key in column 70,000 of line 20,000: numbers of three bytes. */
static char *far_text(void)
{
    struct gl_buf text = {0};
    for (int i = 0; i < 20000; i++)
        gl_buf_putc(&text, '\n');
    gl_buf_printf(&text, "{A: 1,%70000sB: {C: 2}}\n", "");
    return gl_buf_steal(&text);
}

static void test_any_tree(void **state)
{
    (void)state;
    gl_autofree char *far = far_text();
    const char *const texts[] = {
        "one",
        "~",
        "{}",
        "[]",
        "[[], {}, [{}], {a: []}]",
        "a: ~\nb:\nc: ''\nd: 'true'\ne: yes\nf: -1.5\ng: 012\nh: |\n  two\n  lines\n",
        "a: !GetAtt x.y.z\nb: !Sub [text, {k: !Ref v}]\nc:\n  Fn::GetAtt: x.y\n",
        "d: !If [a, !Not [b]]\n",
        "{\"a\" : {\"b\" : [1, \"\\u00e9\", \"ein\\nzwei\"]}}",
        "? a\n: b\n? c\n:\n  - d\n",
        far,
    };
    gl_autopacking struct gl_packing packing = {0};
    gl_autoarena struct gl_arena arena = {0};
    const struct gl_value *roots[GL_COUNT(texts)];
    size_t starts[GL_COUNT(texts)];
    for (size_t i = 0; i < GL_COUNT(texts); i++) {
        roots[i] = read_tree(&arena, texts[i]);
        starts[i] = gl_pack(&packing, roots[i]);
        assert_int_not_equal(starts[i], 0);
    }
    struct gl_packed packed = gl_packing_packed(&packing);
    for (size_t i = 0; i < GL_COUNT(texts); i++)
        same_tree(roots[i], gl_unpack(&arena, &packed, starts[i], "t.yaml"));
    const struct gl_value *last = gl_value_find(roots[GL_COUNT(texts) - 1], "B");
    assert_int_equal(last->name_place.line, 20001);
    assert_int_equal(last->name_place.column, 70007);
}

/* A text that is used again is not stored again. */
static void test_texts_once(void **state)
{
    (void)state;
    gl_autopacking struct gl_packing packing = {0};
    gl_autoarena struct gl_arena arena = {0};
    gl_pack(&packing, read_tree(&arena, "same: [same, other, {other: same}]"));
    gl_pack(&packing, read_tree(&arena, "[other, same]"));
    assert_int_equal(packing.texts.len, sizeof "same" + sizeof "other");
}

/* ---- bytes that do not fit ---------------------------------------------------------------------
 */

static _Noreturn void unpack_alone(const struct gl_packed *packed, size_t start, int errors)
{
    const struct rlimit none = {0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)signal(SIGABRT, SIG_DFL);
    (void)dup2(errors, STDERR_FILENO);
    gl_autoarena struct gl_arena arena = {0};
    gl_unpack(&arena, packed, start, "t.yaml");
    _exit(0);
}

/* Whether assert() of the reader ended it: not a sanitizer, no signal for a wrong address. */
static bool is_refused(const struct gl_packed *packed, size_t start)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        unpack_alone(packed, start, ends[1]);
    close(ends[1]);
    gl_autobuf struct gl_buf said = {0};
    ssize_t got;
    while ((got = read(ends[0], gl_buf_reserve(&said, 4096), 4096)) > 0)
        said.len += (size_t)got;
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    *gl_buf_reserve(&said, 1) = '\0';
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT &&
           strstr(gl_buf_text(&said), "infra/packed.c") && strstr(gl_buf_text(&said), "Assertion");
}

/* A copy of just that size, so that a sanitizer sees what lies beyond. */
static bool is_cut_refused(const struct gl_packed *whole, size_t start, size_t trees, size_t texts)
{
    gl_autofree unsigned char *cut_trees = gl_alloc(trees);
    gl_autofree char *cut_texts = gl_alloc(texts);
    memcpy(cut_trees, whole->trees, trees);
    memcpy(cut_texts, whole->texts, texts);
    const struct gl_packed cut = {cut_trees, trees, cut_texts, texts};
    return is_refused(&cut, start);
}

static void test_what_does_not_fit(void **state)
{
    (void)state;
    gl_autopacking struct gl_packing packing = {0};
    gl_autoarena struct gl_arena arena = {0};
    size_t start = gl_pack(&packing, read_tree(&arena, "a: [b, !Sub c]\n"));
    struct gl_packed whole = gl_packing_packed(&packing);
    assert_false(is_cut_refused(&whole, start, whole.trees_size, whole.texts_size));
    for (size_t size = 1; size < whole.trees_size; size++)
        assert_true(is_cut_refused(&whole, start, size, whole.texts_size));
    for (size_t size = 1; size < whole.texts_size; size++)
        assert_true(is_cut_refused(&whole, start, whole.trees_size, size));
}

/* ---- the program of the build ------------------------------------------------------------------
 */

/* Its exit status; what it says on standard error. */
static int embed(const char *dir, const char *name, struct gl_buf *said)
{
    gl_autofree char *command =
        gl_asprintf("%s %s/out.inc %s %s 2>&1", getenv("EMBED_STACKS"), dir, dir, name);
    FILE *pipe = popen(command, "re");
    assert_non_null(pipe);
    size_t got;
    while ((got = fread(gl_buf_reserve(said, 4096), 1, 4096, pipe)) > 0)
        said->len += got;
    *gl_buf_reserve(said, 1) = '\0';
    int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_the_build_refuses_a_wrong_stack(void **state)
{
    (void)state;

    const struct {
        const char *name;
        const char *text;
        const char *said;
    } cases[] = {
        {"syntax",   "Resources: {R: {Type: T}}\nb: [\n",                            "syntax.yaml:3:1: not YAML"              },
        {"shape",    "Resources: {R: {}}\n",                                         "shape.yaml:1:16: resource R has no Type"},
        {"metadata", "Metadata: {golive: {scop: env}}\nResources: {R: {Type: T}}\n", "scope"                                  },
        {"absent",   NULL,                                                           "absent.yaml"                            },
    };

    char dir[] = "/tmp/golive-embed-XXXXXX";
    gl_autoerr struct gl_error err = {0};
    assert_non_null(getenv("EMBED_STACKS"));
    assert_non_null(mkdtemp(dir));
    gl_autofree char *out = gl_path_join(dir, "out.inc");
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autofree char *path = gl_asprintf("%s/%s.yaml", dir, cases[i].name);
        gl_autobuf struct gl_buf said = {0};
        if (cases[i].text)
            assert_int_equal(gl_write_text(path, cases[i].text, 0644, &err), 0);
        assert_int_equal(embed(dir, cases[i].name, &said), 1);
        if (!strstr(gl_buf_text(&said), cases[i].said))
            print_message("%s: %s\n", cases[i].name, gl_buf_text(&said));
        assert_non_null(strstr(gl_buf_text(&said), cases[i].said));
        assert_false(gl_path_exists(out));
    }
    gl_autofree char *good = gl_path_join(dir, "good.yaml");
    gl_autobuf struct gl_buf said = {0};
    assert_int_equal(gl_write_text(good, "Resources: {R: {Type: T}}\n", 0644, &err), 0);
    assert_int_equal(embed(dir, "good", &said), 0);
    assert_int_equal(said.len, 0);
    assert_true(gl_is_file(out));
    assert_int_equal(gl_remove_tree(dir, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_shipped_stack),
        cmocka_unit_test(test_texts_are_the_files),
        cmocka_unit_test(test_without_a_tree),
        cmocka_unit_test(test_any_tree),
        cmocka_unit_test(test_texts_once),
        cmocka_unit_test(test_what_does_not_fit),
        cmocka_unit_test(test_the_build_refuses_a_wrong_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
