/* `golive local ...` as a person calls it: what it may take away, from whom, and what it leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "ledger/ledger.h"
#include "proc/proc.h"
#include "release/internal.h"

static char *top;
static char *state;

static int make(void **unused)
{
    char made[] = "/tmp/golive test 日本-XXXXXX";
    (void)unused;
    assert_non_null(mkdtemp(made));
    top = gl_strdup(made);
    state = gl_path_join(top, "状態");
    gl_autofree char *config = gl_path_join(top, "golive.yaml");
    assert_int_equal(gl_write_text(config, "golive: 1\napp: {name: sample}\n", 0644, NULL), 0);
    return 0;
}

static int unmake(void **unused)
{
    (void)unused;
    assert_int_equal(gl_remove_tree(top, NULL), 0);
    free(gl_steal(&top));
    free(gl_steal(&state));
    return 0;
}

static void ok(int result, const struct gl_error *err)
{
    if (result < 0)
        fail_msg("%s", err->message);
}

/* Runs golive; its exit status, and what it complained about. */
static int golive(const char *const *words, char **ret_complaint)
{
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    gl_autostrv struct gl_strv argv = {0};
    gl_strv_add(&argv, getenv("GOLIVE"));
    for (; *words; words++)
        gl_strv_add(&argv, *words);
    gl_strv_add(&argv, "--state");
    gl_strv_add(&argv, state);
    const struct gl_proc_spec spec = {
        .argv = (const char *const *)argv.items, .cwd = top, .timeout_ms = 60000};
    ok(gl_proc_run(&spec, &result, &err), &err);
    *ret_complaint = gl_strdup(gl_buf_text(&result.err));
    return result.exit_code;
}

static struct gl_ledger *open_ledger(void)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(state, "ledger.db");
    struct gl_ledger *ledger = NULL;
    ok(gl_mkdir_p(state, 0755, &err), &err);
    ok(gl_ledger_open_sqlite(path, &ledger, &err), &err);
    return ledger;
}

static void down_waits_for_no_release_but_says_whose_it_is(void **unused)
{
    static const char *const down[] = {"local", "down", NULL};
    static const char *const purge[] = {"local", "down", "--purge", "--yes", NULL};

    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *first = NULL;
    gl_autofree char *second = NULL;
    gl_autofree char *third = NULL;
    gl_autoledger struct gl_ledger *ledger = open_ledger();
    struct gl_lease *lease = NULL;
    ok(gl_lease_acquire(ledger, "local", "deploy", 30000, &lease, NULL, &err), &err);
    int down_code = golive(down, &first);
    int purge_code = golive(purge, &second);
    gl_lease_release(&lease);
    gl_autofree char *pid = gl_asprintf("process %d", (int)getpid());
    assert_int_not_equal(down_code, 0);
    assert_non_null(strstr(first, pid));
    assert_int_not_equal(purge_code, 0);
    assert_non_null(strstr(second, "deploy"));
    assert_int_equal(golive(down, &third), 0);
}

static void after_a_purge_the_ledger_says_that_nothing_serves(void **unused)
{
    static const char *const purge[] = {"local", "down", "--purge", "--yes", NULL};

    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *complaint = NULL;
    gl_autojson json_t *begin = json_object();
    gl_autojson json_t *done = json_object();
    int64_t op = 0;
    gl_autoledger struct gl_ledger *ledger = open_ledger();
    gl_json_set_str(begin, "operation", "deploy");
    ok(gl_ledger_append(ledger, "release.begin", "local", 4, begin, &op, &err), &err);
    gl_json_set_int(done, "op", op);
    ok(gl_ledger_append(ledger, "release.done", "local", 4, done, NULL, &err), &err);
    gl_autojournal struct gl_journal before = {0};
    gl_autojournal struct gl_journal after = {0};
    ok(gl_journal_read(ledger, "local", &before, &err), &err);
    assert_non_null(gl_journal_serving(&before));
    if (golive(purge, &complaint) != 0)
        fail_msg("%s", complaint);
    ok(gl_journal_read(ledger, "local", &after, &err), &err);
    assert_null(gl_journal_serving(&after));
    assert_null(gl_journal_unfinished(&after));
    assert_int_equal(gl_journal_rollback_target(&after), 0);
    assert_int_equal(gl_journal_next_release(&after), 5);
}

static void looking_leaves_no_trace(void **unused)
{
    static const char *const status[] = {"local", "status", NULL};
    static const char *const logs[] = {"local", "logs", "edge", NULL};

    (void)unused;
    gl_autofree char *first = NULL;
    gl_autofree char *second = NULL;
    if (golive(status, &first) != 0)
        fail_msg("%s", first);
    assert_int_not_equal(golive(logs, &second), 0);
    assert_non_null(strstr(second, "no log"));
    assert_false(gl_path_exists(state));
}

#define gl_command_test(function) cmocka_unit_test_setup_teardown(function, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        gl_command_test(down_waits_for_no_release_but_says_whose_it_is),
        gl_command_test(after_a_purge_the_ledger_says_that_nothing_serves),
        gl_command_test(looking_leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
