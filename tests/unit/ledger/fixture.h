/* A ledger in a directory of its own whose name has a space and Japanese letters. */
#ifndef GL_TESTS_LEDGER_FIXTURE_H
#define GL_TESTS_LEDGER_FIXTURE_H

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/json.h"
#include "data/sqlite.h"
#include "ledger/event.h"
#include "ledger/ledger.h"
#include "ledger/ledger_ops.h"

struct fixture {
    char *dir;
    char *path;
};

static inline int make_fixture(void **state)
{
    struct fixture *fixture = gl_alloc(sizeof *fixture);
    const char *base = getenv("TMPDIR");
    fixture->dir = gl_asprintf("%s/golive 台帳 XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(fixture->dir));
    fixture->path = gl_path_join(fixture->dir, ".golive/ledger.db");
    *state = fixture;
    return 0;
}

static inline int drop_fixture(void **state)
{
    struct fixture *fixture = *state;
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_remove_tree(fixture->dir, &err), 0);
    free(fixture->dir);
    free(fixture->path);
    free(fixture);
    return 0;
}

/* Fails the test with the error's text unless the result is 0. */
static inline void must(int result, const struct gl_error *err)
{
    if (result != 0)
        fail_msg("%d: %s", result, err->message ? err->message : "(no message)");
}

static inline struct gl_ledger *open_ledger(const struct fixture *fixture)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_ledger *ledger = NULL;
    must(gl_ledger_open_sqlite(fixture->path, &ledger, &err), &err);
    return ledger;
}

static inline void append_numbered(struct gl_ledger *ledger, int count)
{
    for (int i = 1; i <= count; i++) {
        gl_autoerr struct gl_error err = {0};
        gl_autojson json_t *data = json_pack("{s:i}", "n", i);
        must(gl_ledger_append(ledger, "step.done", "prod", 7, data, NULL, &err), &err);
    }
}

static inline int64_t verified_count(struct gl_ledger *ledger)
{
    gl_autoerr struct gl_error err = {0};
    int64_t count = -1;
    must(gl_ledger_verify(ledger, &count, NULL, &err), &err);
    return count;
}

static inline void assert_contains(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("\"%s\" is not in \"%s\"", part, text ? text : "(null)");
}

/* A child that does not outlive a test that fails. */
static inline pid_t fork_child(void)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    return pid;
}

/* What somebody with sqlite3 in hand would run. */
static inline int run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    int result = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return result;
}

#endif
