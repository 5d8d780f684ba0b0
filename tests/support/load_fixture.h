/* What the load generator's tests share. The test program is its own child: `PROGRAM load --plan -`
 * runs the generator, as the golive program does. */
#ifndef GL_TESTS_LOAD_FIXTURE_H
#define GL_TESTS_LOAD_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "proc/proc.h"
#include "rehearse/load.h"

#include "load_server.h"

/* NOLINTBEGIN(misc-definitions-in-headers): each test program is one source file */

struct fixture {
    char *dir; /* its name has a space and Japanese characters */
    struct load_server *server;
    pid_t server_pid;
    pid_t proxy_pid;
    int proxy_port;
    struct gl_load *load;
};

/* The generator as a child of itself; returns the exit status, or -1 if this is the test. */
__attribute__((unused)) static int load_child(int argc, char **argv)
{
    if (argc != 4 || strcmp(argv[1], "load") != 0)
        return -1;
    gl_interrupt_init();
    gl_autobuf struct gl_buf plan = {0};
    gl_autoerr struct gl_error err = {0};
    int failed = gl_load_read_plan(argv[3], &plan, &err);
    if (failed == 0)
        failed = gl_load_run(gl_buf_text(&plan), stdout, &err);
    if (failed < 0)
        (void)fprintf(stderr, "load: %s\n", err.message);
    return gl_code_exit_status(failed);
}

__attribute__((unused)) static void start_server(struct fixture *fixture)
{
    gl_autofree char *path = gl_path_join(fixture->dir, "shared");
    gl_autoclose int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, sizeof *fixture->server), 0);
    fixture->server =
        mmap(NULL, sizeof *fixture->server, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_ptr_not_equal(fixture->server, MAP_FAILED);
    const char *program = getenv("LOAD_SERVER");
    assert_non_null(program);
    const char *const argv[] = {program, path, NULL};
    struct gl_proc_spec spec = {.argv = argv};
    gl_autoerr struct gl_error err = {0};
    if (gl_proc_start(&spec, &fixture->server_pid, &err) < 0)
        fail_msg("%s", err.message);
    int64_t until_ms = gl_mono_ms() + 20000;
    while (!fixture->server->port && gl_mono_ms() < until_ms)
        gl_sleep_ms(1);
    assert_true(fixture->server->port > 0);
}

__attribute__((unused)) static int set_up(void **state)
{
    struct fixture *fixture = gl_alloc(sizeof *fixture);
    const char *tmp = getenv("TMPDIR");
    fixture->dir = gl_asprintf("%s/golive load 負荷 XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(fixture->dir));
    start_server(fixture);
    *state = fixture;
    return 0;
}

__attribute__((unused)) static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    gl_load_free(&fixture->load);
    if (fixture->proxy_pid > 0)
        gl_proc_stop(fixture->proxy_pid, 0);
    if (fixture->server_pid > 0)
        gl_proc_stop(fixture->server_pid, 0);
    munmap(fixture->server, sizeof *fixture->server);
    int failed = gl_remove_tree(fixture->dir, NULL);
    free(fixture->dir);
    free(fixture);
    return failed;
}

__attribute__((unused)) static const char *program_path(void)
{
    static char path[4096];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    assert_true(len > 0);
    path[len] = '\0';
    return path;
}

/* `format` is a plan with ' for ". */
__attribute__((unused)) static gl_printf(2, 3) void start_load(struct fixture *fixture,
                                                               const char *format, ...)
{
    va_list args;
    va_start(args, format);
    gl_autofree char *plan = gl_vasprintf(format, args);
    va_end(args);
    for (char *at = plan; *at; at++) {
        if (*at == '\'')
            *at = '"';
    }
    gl_autoerr struct gl_error err = {0};
    gl_load_free(&fixture->load);
    if (gl_load_start(program_path(), plan, &fixture->load, &err) < 0)
        fail_msg("%s", err.message);
}

__attribute__((unused)) static const struct gl_load_counts *counts(struct fixture *fixture)
{
    return gl_load_counts(fixture->load);
}

/* Reads lines until the condition holds; the test fails after 30 s. */
#define WAIT_UNTIL(fixture, condition)                                                             \
    do {                                                                                           \
        int64_t until_ms_ = gl_mono_ms() + 30000;                                                  \
        while (!(condition)) {                                                                     \
            poll_load(fixture);                                                                    \
            if (gl_mono_ms() > until_ms_)                                                          \
                fail_msg("did not happen: %s", #condition);                                        \
        }                                                                                          \
    } while (0)

__attribute__((unused)) static void poll_load(struct fixture *fixture)
{
    gl_autoerr struct gl_error err = {0};
    if (gl_load_poll(fixture->load, 100, &err) < 0)
        fail_msg("%s", err.message);
}

__attribute__((unused)) static const struct gl_load_counts *stop_load(struct fixture *fixture)
{
    gl_autoerr struct gl_error err = {0};
    if (gl_load_stop(fixture->load, &err) < 0)
        fail_msg("%s", err.message);
    const struct gl_load_counts *final = counts(fixture);
    assert_true(final->final);
    assert_int_equal(final->in_flight, 0);
    assert_int_equal(final->sent, final->ok + final->wrong + final->lost + final->injected);
    return final;
}

/* Waits until the run's duration is over. */
__attribute__((unused)) static const struct gl_load_counts *finish_load(struct fixture *fixture)
{
    WAIT_UNTIL(fixture, counts(fixture)->final);
    return stop_load(fixture);
}

/* Every request was answered as it should be. */
__attribute__((unused)) static void assert_no_problems(const struct gl_load_counts *final)
{
    if (final->problem_count)
        fail_msg("%zu problems, the first: %s %s (%s): %s", final->problem_count,
                 final->problems[0].what, final->problems[0].name, final->problems[0].client,
                 final->problems[0].reason);
    assert_int_equal(final->ok, final->sent);
}

__attribute__((unused)) static uint64_t tally(const struct gl_load_tallies *tallies,
                                              const char *name)
{
    for (size_t i = 0; i < tallies->count; i++) {
        if (strcmp(tallies->items[i].name, name) == 0)
            return tallies->items[i].count;
    }
    return 0;
}

/* NOLINTEND(misc-definitions-in-headers) */

#endif
