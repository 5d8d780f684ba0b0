/* --fix over the whole truth set, as it stands and with its spaces and comments changed at random:
 * what is written parses, is clean of what it mends, has every comment, and needs no second run;
 * what stays says why. FIX_SEED=N begins elsewhere, FIX_ROUNDS=N goes on for longer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/fs.h"
#include "lint/fix.h"
#include "migrate/sqltext.h"
#include "support/truth.h"

struct world {
    struct truth truth;
    char *dir;
    uint64_t seed;
    size_t written; /* cases that --fix changed */
};

/* One text of a case, before and behind --fix. */
struct trial {
    const struct world *world;
    const struct truth_case *item;
    const char *sql;
};

static void ok(int result, const struct gl_error *err)
{
    if (result < 0)
        fail_msg("%s (%s)", err->message ? err->message : "no message",
                 err->hint ? err->hint : "no hint");
}

static uint64_t number_of(const char *name, uint64_t fallback)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : fallback;
}

static int set_up(void **state)
{
    gl_autoerr struct gl_error err = {0};
    struct world *world = gl_alloc(sizeof *world);
    char path[] = "/tmp/golive fix XXXXXX";
    assert_non_null(mkdtemp(path));
    world->dir = gl_strdup(path);
    world->seed = number_of("FIX_SEED", 1);
    ok(truth_read(&world->truth, &err), &err);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    (void)!gl_remove_tree(world->dir, NULL);
    truth_done(&world->truth);
    free(world->dir);
    free(world);
    return 0;
}

/* Steele, Lea and Flood: Fast splittable pseudorandom number generators (OOPSLA 2014). */
static uint64_t next_random(uint64_t *seed)
{
    *seed += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *seed;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* ---- texts -------------------------------------------------------------------------------------
 */

/* Another space of the same meaning, sometimes with a comment. */
static void add_space(uint64_t *seed, unsigned *comments, struct gl_buf *out)
{
    switch (next_random(seed) % 8) {
    case 0:
        gl_buf_puts(out, "\n\t");
        return;
    case 1:
        gl_buf_printf(out, " /* c%u; */ ", ++*comments);
        return;
    case 2:
        gl_buf_printf(out, " -- c%u; it's\n", ++*comments);
        return;
    default:
        gl_buf_puts(out, " ");
    }
}

/* The text with other spaces where there is one, and before each semicolon. Its first line says
 * whether it has a transaction, so that stays. */
static char *vary(const char *sql, uint64_t *seed)
{
    gl_autobuf struct gl_buf out = {0};
    unsigned comments = 0;
    size_t head = gl_starts_with(sql, "--") ? strcspn(sql, "\n") : 0;
    struct gl_sql_scanner scanner = {sql, strlen(sql), head};
    gl_buf_add(&out, sql, head);
    for (size_t end = head;;) {
        struct gl_sql_token token = gl_sql_next(&scanner);
        if (token.kind == GL_SQL_END)
            break;
        bool space = token.text > sql + end;
        bool semicolon = token.kind == GL_SQL_SYMBOL && *token.text == ';';
        if (head && end == head)
            gl_buf_putc(&out, '\n');
        else if (token.kind == GL_SQL_COMMENT || (space && memchr(sql + end, '\n', 2)))
            gl_buf_add(&out, sql + end, (size_t)(token.text - sql) - end);
        else if (space || semicolon)
            add_space(seed, &comments, &out);
        gl_buf_add(&out, token.text, token.len);
        end = (size_t)(token.text - sql) + token.len;
        if (token.kind == GL_SQL_COMMENT && token.text[0] == '-')
            gl_buf_putc(&out, '\n');
    }
    if (next_random(seed) % 3 == 0)
        gl_buf_puts(&out, " -- the end");
    return gl_buf_steal(&out);
}

static void add_comments(const char *sql, struct gl_strv *comments)
{
    struct gl_sql_scanner scanner = {sql, strlen(sql), 0};
    for (;;) {
        struct gl_sql_token token = gl_sql_next(&scanner);
        if (token.kind == GL_SQL_END)
            return;
        if (token.kind == GL_SQL_COMMENT)
            gl_strv_take(comments, gl_strndup(token.text, token.len));
    }
}

/* ---- the linter --------------------------------------------------------------------------------
 */

static void clear(const struct world *world)
{
    gl_autoerr struct gl_error err = {0};
    ok(gl_remove_tree(world->dir, &err), &err);
    ok(gl_mkdir_p(world->dir, 0700, &err), &err);
}

/* Not by gl_write_text(): thousands of files need not survive a power cut. */
static void put(const struct world *world, const char *name, const char *text)
{
    gl_autofree char *path = gl_path_join(world->dir, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* All files of the directory; those of the case are of this change. */
static void lint(const struct world *world, struct gl_lint_files *files,
                 struct gl_lint_result *result)
{
    gl_autoerr struct gl_error err = {0};
    const struct gl_lint_options options = {.server_version = 15, .time_zone = "UTC"};
    ok(gl_lint_files_add(files, world->dir, &err), &err);
    for (size_t i = 0; i < files->count; i++)
        files->items[i].outside = files->items[i].version < 3;
    ok(gl_lint_run(files, &options, result, &err), &err);
}

static size_t count_of(const struct gl_lint_result *result, const char *rule)
{
    size_t count = 0;
    for (size_t i = 0; i < result->count; i++) {
        const struct gl_lint_finding *finding = &result->findings[i];
        count += gl_lint_is_open(finding) && finding->severity != GL_LINT_INFO &&
                 strcmp(finding->rule->id, rule) == 0;
    }
    return count;
}

static size_t count_all(const struct gl_lint_result *result)
{
    return gl_lint_count(result, GL_LINT_WARNING) + gl_lint_count(result, GL_LINT_ERROR);
}

/* ---- a trial -----------------------------------------------------------------------------------
 */

static void complain(const struct trial *trial, const char *what, const struct gl_lint_fixes *fixes)
{
    print_message("%s: %s\n%s\n", trial->item->name, what, trial->sql);
    for (size_t i = 0; i < fixes->count; i++)
        print_message("---- %s\n%s", fixes->items[i].path, fixes->items[i].after);
    fail();
}

static void expect_comments(const struct trial *trial, const struct gl_lint_fixes *fixes)
{
    gl_autostrv struct gl_strv before = {0};
    gl_autostrv struct gl_strv behind = {0};
    add_comments(trial->sql, &before);
    for (size_t i = 0; i < fixes->count; i++)
        add_comments(fixes->items[i].after, &behind);
    for (size_t i = 0; i < before.count; i++) {
        if (!gl_strv_has(&behind, before.items[i]))
            complain(trial, before.items[i], fixes);
    }
}

static const char *const unparsed[] = {"syntax-error", "unterminated", "transaction-control"};

/* What was written, judged anew: no rule finds more than before, those that were mended find less,
 * and nothing is left to mend. */
static void expect_mended(const struct trial *trial, const struct gl_lint_result *before,
                          const struct gl_lint_fixes *fixes)
{
    gl_autoerr struct gl_error err = {0};
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autolint struct gl_lint_result behind = {0};
    gl_autolintfixes struct gl_lint_fixes again = {0};
    ok(gl_lint_fix_write(fixes, &err), &err);
    lint(trial->world, &files, &behind);
    ok(gl_lint_fix_plan(&files, &behind, &again, &err), &err);
    for (size_t i = 0; i < GL_COUNT(unparsed); i++) {
        if (count_of(&behind, unparsed[i]) > count_of(before, unparsed[i]))
            complain(trial, unparsed[i], fixes);
    }
    if (again.count)
        complain(trial, "a second run would change more", fixes);
    if (count_all(&behind) >= count_all(before))
        complain(trial, "nothing is mended", fixes);
    if (again.left.count != count_all(&behind))
        complain(trial, "not all that stays says why", fixes);
}

static void put_case(const struct trial *trial)
{
    clear(trial->world);
    put(trial->world, "1_schema.sql", trial->world->truth.schema);
    if (trial->item->setup)
        put(trial->world, "2_setup.sql", trial->item->setup);
    put(trial->world, "3_case.sql", trial->sql);
}

/* True if --fix wrote something. */
static bool try_text(const struct trial *trial, size_t *ret_findings)
{
    gl_autoerr struct gl_error err = {0};
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autolint struct gl_lint_result result = {0};
    gl_autolintfixes struct gl_lint_fixes fixes = {0};
    put_case(trial);
    lint(trial->world, &files, &result);
    ok(gl_lint_fix_plan(&files, &result, &fixes, &err), &err);
    *ret_findings = count_all(&result);
    if (!fixes.count) {
        if (fixes.left.count != count_all(&result))
            complain(trial, "not all that stays says why", &fixes);
        return false;
    }
    expect_comments(trial, &fixes);
    expect_mended(trial, &result, &fixes);
    return true;
}

static void try_case(struct world *world, const struct truth_case *item, uint64_t rounds)
{
    struct trial trial = {world, item, item->sql};
    size_t findings = 0;
    bool written = try_text(&trial, &findings);
    world->written += written;
    for (uint64_t i = 0; i < rounds; i++) {
        size_t others = 0;
        gl_autofree char *sql = vary(item->sql, &world->seed);
        trial.sql = sql;
        if (try_text(&trial, &others) != written || others != findings)
            fail_msg("%s is judged otherwise with other spaces:\n%s", item->name, sql);
    }
}

static void test_truth(void **state)
{
    struct world *world = *state;
    uint64_t rounds = number_of("FIX_ROUNDS", 5);
    for (size_t i = 0; i < world->truth.count; i++)
        try_case(world, &world->truth.items[i], rounds);
    print_message("# %zu of %zu cases were mended\n", world->written, world->truth.count);
    assert_true(world->written >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_truth)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
