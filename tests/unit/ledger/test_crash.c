/* Many processes append at once, and are killed while they do: the chain stays whole. */
#include <poll.h>
#include <time.h>

#include "fixture.h"

enum { WRITERS = 4 };

/* Appends `count` events (0 = for ever), announcing every seq that is durable. */
static _Noreturn void write_events(const char *path, int count, int report_fd)
{
    gl_autoledger struct gl_ledger *ledger = NULL;
    gl_autoerr struct gl_error err = {0};
    int result = open_store(path, &ledger, &err);
    gl_autojson json_t *data = json_pack("{s:i}", "pid", (int)getpid());
    for (int i = 0; result == 0 && (!count || i < count); i++) {
        int64_t seq = 0;
        result = gl_ledger_append(ledger, "step.done", "prod", 1, data, &seq, &err);
        if (result == 0 && report_fd >= 0)
            (void)!write(report_fd, &seq, sizeof seq);
    }
    if (result != 0)
        fprintf(stderr, "# writer: %s\n", err.message);
    _exit(result == 0 ? 0 : 1);
}

static pid_t start_writer(const char *path, int count, int report_fd)
{
    pid_t pid = fork_child();
    if (pid == 0)
        write_events(path, count, report_fd);
    return pid;
}

static void append_side_by_side(const struct fixture *fixture, int writer_count, int each)
{
    pid_t writers[WRITERS];
    for (int i = 0; i < writer_count; i++)
        writers[i] = start_writer(fixture->path, each, -1);
    for (int i = 0; i < writer_count; i++) {
        int status = -1;
        assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
        assert_int_equal(status, 0);
    }
    gl_autoledger struct gl_ledger *ledger = open_ledger(fixture);
    assert_int_equal(verified_count(ledger), writer_count * each);
}

/* The writers even race to make a file. */
static void processes_append_at_once_in_some_order(void **state)
{
    append_side_by_side(*state, WRITERS, 50);
}

/* In S3 each event is a request or two, and who opens a ledger reads every one: there, fewer say as
 * much. */
static void two_writers_append_many_events_each(void **state)
{
    append_side_by_side(*state, 2, in_s3() ? 60 : 200);
}

/* Waits for the next announced seq; 0 when none came in time. */
static int64_t next_seq(int report_fd)
{
    struct pollfd ready = {.fd = report_fd, .events = POLLIN};
    int64_t seq = 0;
    if (poll(&ready, 1, 30000) == 1 && read(report_fd, &seq, sizeof seq) == (ssize_t)sizeof seq)
        return seq;
    return 0;
}

/* Kills a writer at a random instant after it proved to be at work. */
static int64_t kill_one(pid_t *writer, const char *path, const int pipe_fds[2])
{
    int64_t seq = 0;
    for (int appends = 1 + rand() % 20; appends > 0; appends--)
        assert_true((seq = next_seq(pipe_fds[0])) > 0);
    struct timespec instant = {.tv_nsec = rand() % 4000000};
    nanosleep(&instant, NULL); /* no wait for anything: the instant is what varies */
    kill(*writer, SIGKILL);
    int status = 0;
    assert_int_equal(waitpid(*writer, &status, 0), *writer);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    *writer = start_writer(path, 0, pipe_fds[1]);
    return seq;
}

static void the_chain_survives_writers_killed_at_any_instant(void **state)
{
    enum { CHECK_EVERY = 10 };

    const int kills = in_s3() ? 20 : 60; /* each begins a writer that reads all there is */
    const struct fixture *fixture = *state;
    int pipe_fds[2];
    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
    pid_t writers[WRITERS];
    for (int i = 0; i < WRITERS; i++)
        writers[i] = start_writer(fixture->path, 0, pipe_fds[1]);
    int64_t promised = 0;
    for (int i = 1; i <= kills; i++) {
        int64_t seq = kill_one(&writers[rand() % WRITERS], fixture->path, pipe_fds);
        promised = seq > promised ? seq : promised;
        if (i % CHECK_EVERY)
            continue;
        gl_autoledger struct gl_ledger *ledger = open_ledger(fixture);
        assert_true(verified_count(ledger) >= promised);
    }
    for (int i = 0; i < WRITERS; i++) {
        kill(writers[i], SIGKILL);
        assert_int_equal(waitpid(writers[i], NULL, 0), writers[i]);
    }
    close(pipe_fds[1]);
    for (int64_t seq; (seq = next_seq(pipe_fds[0]));)
        promised = seq > promised ? seq : promised;
    close(pipe_fds[0]);
    gl_autoledger struct gl_ledger *ledger = open_ledger(fixture);
    int64_t count = verified_count(ledger);
    print_message("# %d kills, %lld events\n", kills, (long long)count);
    assert_true(count >= promised); /* what was reported as recorded is recorded */
    append_numbered(ledger, 1);
    assert_int_equal(verified_count(ledger), count + 1);
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, make_fixture, drop_fixture)

int main(void)
{
    unsigned seed = (unsigned)gl_now_unix_ms();
    print_message("# seed %u\n", seed);
    srand(seed);
    const struct CMUnitTest tests[] = {
        WITH_STORE(processes_append_at_once_in_some_order),
        WITH_STORE(two_writers_append_many_events_each),
        WITH_STORE(the_chain_survives_writers_killed_at_any_instant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
