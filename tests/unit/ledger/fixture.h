/* A ledger of its own for each test: a file in a directory whose name has a space and Japanese
 * letters, or, if AWS_ENDPOINT_URL is set, a bucket there (tests/aws/ledger runs it so), with a
 * copy in the directory COPIES if that is set, too. The same tests must pass on all. */
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

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "data/sqlite.h"
#include "ledger/event.h"
#include "ledger/lease_record.h"
#include "ledger/ledger.h"
#include "ledger/ledger_ops.h"
#include "ledger/s3.h"

struct fixture {
    char *dir;  /* NULL in S3 */
    char *path; /* of the file, or the bucket's name */
};

static inline bool in_s3(void)
{
    return getenv("AWS_ENDPOINT_URL") != NULL;
}

/* Fails the test with the error's text unless the result is 0. */
static inline void must(int result, const struct gl_error *err)
{
    if (result != 0)
        fail_msg("%d: %s", result, err->message ? err->message : "(no message)");
}

/* ---- stores ---------------------------------------------------------------------------------- */

static inline int new_s3_client(void *context, struct gl_aws_client **ret_client,
                                struct gl_error *err)
{
    static struct gl_aws_provider *provider; /* fixed, so that threads may share it */
    (void)context;
    if (!provider)
        provider = gl_aws_provider_static(&(struct gl_aws_credentials){
            .access_key = getenv("AWS_ACCESS_KEY_ID"),
            .secret_key = getenv("AWS_SECRET_ACCESS_KEY"),
        });
    struct gl_aws_client_options options = {
        .provider = provider,
        .region = getenv("AWS_REGION"),
        .pause_ms = 20,
        .longest_pause_ms = 200,
        .ignore_interrupts = true,
    };
    return gl_aws_client_new(&options, ret_client, err);
}

/* A bucket as stacks/bootstrap.yaml makes it, as far as this matters here. */
static inline void make_bucket(const char *bucket)
{
    gl_autoerr struct gl_error err = {0};
    gl_autoawsclient struct gl_aws_client *client = NULL;
    must(new_s3_client(NULL, &client, &err), &err);
    json_t *params =
        json_pack("{sssss{ss}}", "Bucket", bucket, "ObjectLockEnabledForBucket", "true",
                  "CreateBucketConfiguration", "LocationConstraint", getenv("AWS_REGION"));
    gl_autojson json_t *made = NULL;
    int result = gl_aws_ask(client, "s3", "CreateBucket", params, &made, &err);
    /* Over a bad line a first attempt may have made it whose answer was lost. */
    if (!gl_aws_failure_is(gl_aws_last_failure(client), "BucketAlreadyOwnedByYou"))
        must(result, &err);
}

static inline int open_store(const char *path, struct gl_ledger **ret_ledger, struct gl_error *err)
{
    const char *copies = getenv("COPIES");
    gl_autofree char *copy = copies ? gl_asprintf("%s/%s.db", copies, path) : NULL;
    struct gl_ledger_s3_options options = {
        .new_client = new_s3_client,
        .bucket = path,
        .retention_days = GL_LEDGER_RETENTION_DAYS,
        .copy_path = copy,
    };
    return in_s3() ? gl_ledger_open_s3(&options, ret_ledger, err)
                   : gl_ledger_open_sqlite(path, ret_ledger, err);
}

static inline int make_fixture(void **state)
{
    struct fixture *fixture = gl_alloc(sizeof *fixture);
    const char *base = getenv("TMPDIR");
    if (in_s3()) {
        gl_autofree char *random = gl_random_hex(8);
        fixture->path = gl_asprintf("ledger-%s", random);
        make_bucket(fixture->path);
    } else {
        fixture->dir = gl_asprintf("%s/golive 台帳 XXXXXX", base ? base : "/tmp");
        assert_non_null(mkdtemp(fixture->dir));
        fixture->path = gl_path_join(fixture->dir, ".golive/ledger.db");
    }
    *state = fixture;
    return 0;
}

static inline int drop_fixture(void **state)
{
    struct fixture *fixture = *state;
    gl_autoerr struct gl_error err = {0};
    if (fixture->dir) /* a bucket goes with its server: what is locked in it cannot be removed */
        assert_int_equal(gl_remove_tree(fixture->dir, &err), 0);
    free(fixture->dir);
    free(fixture->path);
    free(fixture);
    return 0;
}

static inline struct gl_ledger *open_ledger(const struct fixture *fixture)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_ledger *ledger = NULL;
    must(open_store(fixture->path, &ledger, &err), &err);
    return ledger;
}

/* ---- leases ---------------------------------------------------------------------------------- */

/* Puts the lease into the hands of somebody this process cannot look at. */
static inline void hold_elsewhere(struct gl_ledger *ledger, const char *boot_id, const char *pid_ns,
                                  int64_t ttl_ms)
{
    gl_autoerr struct gl_error err = {0};
    gl_autoleaserecord struct gl_lease_record record = {0};
    gl_lease_record_init(&record, ledger, "elsewhere", ttl_ms);
    record.expires_unix_ms = gl_now_unix_ms() + ttl_ms;
    record.expires_boot_ms = *boot_id ? 0 : gl_boot_ms() + ttl_ms;
    record.pid = 4194000;
    record.start_ticks = 1;
    if (*boot_id) {
        free(record.boot_id);
        record.boot_id = gl_strdup(boot_id);
    }
    free(record.pid_ns);
    record.pid_ns = gl_strdup(pid_ns);
    assert_int_equal(ledger->ops->lease_swap(ledger->backend, "prod", NULL, &record, &err), 1);
}

/* Takes the lease on prod from its holder by force, as `token`. */
static inline void steal_lease(struct gl_ledger *ledger, const char *token, const char *purpose,
                               int64_t more_ticks)
{
    gl_autoerr struct gl_error err = {0};
    gl_autoleaserecord struct gl_lease_record record = {0};
    gl_autoleaserecord struct gl_lease_record old = {0};
    assert_int_equal(ledger->ops->lease_get(ledger->backend, "prod", &old, &err), 1);
    assert_int_equal(ledger->ops->lease_get(ledger->backend, "prod", &record, &err), 1);
    if (token) {
        free(record.token);
        record.token = gl_strdup(token);
    }
    if (purpose) {
        free(record.purpose);
        record.purpose = gl_strdup(purpose);
    }
    record.start_ticks += more_ticks;
    assert_int_equal(ledger->ops->lease_swap(ledger->backend, "prod", &old, &record, &err), 1);
}

/* ---- clocks ---------------------------------------------------------------------------------- */

static int64_t boot_shift_ms;
static int64_t unix_shift_ms;

static inline int64_t shifted_boot_ms(void)
{
    return gl_boot_ms() + boot_shift_ms;
}

static inline int64_t shifted_unix_ms(void)
{
    return gl_now_unix_ms() + unix_shift_ms;
}

static const struct gl_clock_fns shifted __attribute__((unused)) = {
    .unix_ms = shifted_unix_ms,
    .boot_ms = shifted_boot_ms,
    .boot_id = gl_boot_id,
};

static inline int reset_clock(void **state)
{
    boot_shift_ms = 0;
    unix_shift_ms = 0;
    return make_fixture(state);
}

/* ---- events ---------------------------------------------------------------------------------- */

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
