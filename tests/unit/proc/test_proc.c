/* Programs golive runs, with real programs: sh, cat, sleep, id. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "proc/packages.h"
#include "proc/proc.h"

#define SH(script) ((const char *const[]){"sh", "-c", script, NULL})

static void must(int result, const struct gl_error *err)
{
    if (result != 0)
        fail_msg("%d: %s", result, err->message ? err->message : "(no message)");
}

static void assert_contains(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("\"%s\" is not in \"%s\"", part, text ? text : "(null)");
}

/* Waits until a process is gone (or a zombie); fails after 10 s. */
static void assert_ends(pid_t pid)
{
    for (int64_t until = gl_mono_ms() + 10000; gl_proc_is_alive(pid, 0); gl_sleep_ms(5)) {
        if (gl_mono_ms() > until)
            fail_msg("process %d still runs", (int)pid);
    }
}

static pid_t number_in(const struct gl_buf *text)
{
    pid_t pid = (pid_t)strtol(gl_buf_text(text), NULL, 10);
    assert_true(pid > 1);
    return pid;
}

static void output_and_status_come_back(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    struct gl_proc_spec spec = {.argv = SH("echo out; echo bad >&2; exit 3")};
    must(gl_proc_run(&spec, &result, &err), &err);
    assert_int_equal(result.exit_code, 3);
    assert_int_equal(result.signal, 0);
    assert_false(result.timed_out);
    assert_string_equal(gl_buf_text(&result.out), "out\n");
    assert_string_equal(gl_buf_text(&result.err), "bad\n");
}

static void merged_streams_are_one(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    struct gl_proc_spec spec = {.argv = SH("echo 1; echo 2 >&2; echo 3"), .merge_stderr = true};
    must(gl_proc_run(&spec, &result, &err), &err);
    assert_string_equal(gl_buf_text(&result.out), "1\n2\n3\n");
    assert_int_equal(result.err.len, 0);
}

static void a_signal_is_told_apart_from_a_status(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    struct gl_proc_spec spec = {.argv = SH("kill -SEGV $$")};
    must(gl_proc_run(&spec, &result, &err), &err);
    assert_int_equal(result.exit_code, -1);
    assert_int_equal(result.signal, SIGSEGV);
}

static void check_shows_what_the_program_said(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_secret_add("hunter22");
    struct gl_proc_spec spec = {
        .argv = SH("for i in $(seq 1 50); do echo line $i; done; echo pw hunter22 >&2; exit 4")};
    char *untouched = NULL;
    assert_int_equal(gl_proc_check(&spec, &untouched, &err), GL_E_PROCESS);
    gl_secret_forget_all();
    assert_null(untouched);
    assert_contains(err.message, "status 4");
    assert_contains(err.message, "pw ***");
    spec.argv = SH("for i in $(seq 1 50); do echo line $i; done; exit 4");
    assert_int_equal(gl_proc_check(&spec, NULL, &err), GL_E_PROCESS);
    assert_contains(err.message, "line 31\n");
    assert_contains(err.message, "line 50");
    assert_null(strstr(err.message, "line 30\n"));
    gl_autofree char *out = NULL;
    spec.argv = SH("echo fine");
    must(gl_proc_check(&spec, &out, &err), &err);
    assert_string_equal(out, "fine\n");
}

static void a_missing_program_is_named_with_a_hint(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    struct gl_proc_spec spec = {
        .argv = (const char *const[]){"no-such-program-x", NULL}
    };
    assert_int_equal(gl_proc_run(&spec, &result, &err), GL_E_PROCESS);
    assert_contains(err.message, "no-such-program-x");
    assert_contains(err.hint, "no-such-program-x");
    assert_false(gl_proc_in_path("no-such-program-x"));
    assert_true(gl_proc_in_path("sh"));
}

/* Whoever installed golive from a package has no scripts of ours beside it. */
static void a_missing_program_names_its_package(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    assert_string_equal(gl_package_of("haproxy"), "haproxy");
    assert_string_equal(gl_package_of("pg_dump"), "postgresql-client-15");
    assert_null(gl_package_of("no-such-program-x"));
    gl_fail(&err, GL_E_PROCESS, "cannot run s6-svscan");
    gl_package_hint("s6-svscan", &err);
    assert_contains(err.hint, "apt-get install s6");
}

static void a_missing_directory_is_named(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    struct gl_proc_spec spec = {.argv = SH("true"), .cwd = "/no/such/dir"};
    assert_int_equal(gl_proc_run(&spec, &result, &err), GL_E_IO);
    assert_contains(err.message, "/no/such/dir");
}

static void it_runs_in_the_directory_it_is_given(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *out = NULL;
    struct gl_proc_spec spec = {.argv = SH("pwd"), .cwd = "/usr"};
    must(gl_proc_check(&spec, &out, &err), &err);
    assert_string_equal(out, "/usr\n");
}

static void the_environment_is_given_replaced_and_added_to(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    setenv("GL_TEST_INHERITED", "yes", 1);
    gl_autofree char *inherited = NULL;
    struct gl_proc_spec spec = {
        .argv = SH("echo $GL_TEST_INHERITED/$ADDED"),
        .env_add = (const char *const[]){"ADDED=1", "GL_TEST_INHERITED=changed", NULL},
    };
    must(gl_proc_check(&spec, &inherited, &err), &err);
    assert_string_equal(inherited, "changed/1\n");
    gl_autofree char *replaced = NULL;
    spec.argv = SH("echo [$GL_TEST_INHERITED] $ONLY $ADDED");
    spec.env = (const char *const[]){"ONLY=2", NULL};
    spec.env_add = (const char *const[]){"ADDED=1", NULL};
    must(gl_proc_check(&spec, &replaced, &err), &err);
    assert_string_equal(replaced, "[] 2 1\n");
}

static void make_script(const char *dir, const char *name, const char *text)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(dir, name);
    must(gl_write_text(path, text, 0755, &err), &err);
}

/* A PATH that is given wins over the inherited one, for the look-up too. */
static void programs_are_looked_up_in_the_path_they_get(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    char dir[] = "/tmp/golive path 道 XXXXXX";
    assert_non_null(mkdtemp(dir));
    make_script(dir, "gl-test-tool", "#!/bin/sh\necho \"found $PATH\"\n");
    gl_autofree char *path = gl_asprintf("PATH=%s", dir);
    gl_autofree char *out = NULL;
    struct gl_proc_spec spec = {
        .argv = (const char *const[]){"gl-test-tool", NULL},
        .env_add = (const char *const[]){path,           NULL},
    };
    must(gl_proc_check(&spec, &out, &err), &err);
    assert_contains(out, dir);
    must(gl_remove_tree(dir, &err), &err);
}

/* An ordinary user's PATH has no sbin; servers live there. */
static void servers_are_found_without_sbin_in_the_path(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *saved = gl_strdup(getenv("PATH"));
    setenv("PATH", "/nowhere", 1);
    struct gl_proc_spec spec = {
        .argv = (const char *const[]){"chroot", "--version", NULL}
    };
    bool in_path = gl_proc_in_path("chroot"); /* /usr/sbin/chroot is part of coreutils */
    int result = gl_proc_check(&spec, NULL, &err);
    setenv("PATH", saved, 1);
    must(result, &err);
    assert_true(in_path);
}

static void input_is_passed_and_large(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *none = NULL;
    struct gl_proc_spec spec = {
        .argv = (const char *const[]){"cat", NULL}
    };
    must(gl_proc_check(&spec, &none, &err), &err);
    assert_string_equal(none, "");
    size_t size = (size_t)1 << 20;
    gl_autofree char *text = gl_alloc(size + 1);
    memset(text, 'i', size);
    gl_autofree char *out = NULL;
    spec.stdin_text = text;
    must(gl_proc_check(&spec, &out, &err), &err);
    assert_string_equal(out, text);
}

/* What a failing build says last is what matters. */
static void of_a_flood_the_last_8_mib_are_kept(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    struct gl_proc_spec spec = {
        .argv = SH("echo first; head -c 20000000 /dev/zero | tr '\\0' x; echo last; "
                   "head -c 9000000 /dev/zero >&2; exit 5")};
    must(gl_proc_run(&spec, &result, &err), &err);
    assert_int_equal(result.exit_code, 5);
    assert_int_equal(result.out.len, GL_PROC_KEEP_BYTES);
    assert_int_equal(result.err.len, GL_PROC_KEEP_BYTES);
    assert_true(result.out_cut && result.err_cut);
    assert_string_equal(gl_buf_text(&result.out) + result.out.len - 6, "xlast\n");
    assert_int_equal(gl_proc_check(&spec, NULL, &err), GL_E_PROCESS);
}

static void a_cut_output_is_never_taken_for_the_whole(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    char *untouched = NULL;
    struct gl_proc_spec spec = {.argv = SH("head -c 9000000 /dev/zero | tr '\\0' x")};
    assert_int_equal(gl_proc_check(&spec, &untouched, &err), GL_E_PROCESS);
    assert_contains(err.message, "8 MiB");
    assert_null(untouched);
    must(gl_proc_check(&spec, NULL, &err), &err);
}

static void keep_lines(const char *line, void *context)
{
    gl_strv_add(context, line);
}

static void lines_arrive_whole_even_the_last_one(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autostrv struct gl_strv lines = {0};
    gl_autoproc struct gl_proc_result result = {0};
    struct gl_proc_spec spec = {
        .argv = SH("printf 'a\\n\\nb'; sleep 0.05; printf 'c\\nlast'"),
        .on_line = keep_lines,
        .on_line_context = &lines,
    };
    must(gl_proc_run(&spec, &result, &err), &err);
    gl_autofree char *all = gl_strv_join(&lines, "|");
    assert_string_equal(all, "a||bc|last");
}

static void a_log_receives_both_streams(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    char path[] = "/tmp/golive-log-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    assert_true(fd >= 0);
    close(fd);
    struct gl_proc_spec spec = {.argv = SH("echo one; echo two >&2; exit 1"), .log_path = path};
    assert_int_equal(gl_proc_check(&spec, NULL, &err), GL_E_PROCESS);
    assert_contains(err.hint, path);
    gl_autobuf struct gl_buf text = {0};
    must(gl_read_file(path, 0, &text, &err), &err);
    unlink(path);
    assert_contains(gl_buf_text(&text), "one\n");
    assert_contains(gl_buf_text(&text), "two\n");
}

static char *make_log(char *pattern)
{
    int fd = mkostemp(pattern, O_CLOEXEC);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(unlink(pattern), 0);
    return pattern;
}

static void a_log_has_no_secret_and_no_reader_but_its_owner(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    gl_autostrv struct gl_strv lines = {0};
    char path[] = "/tmp/golive-log-XXXXXX";
    struct gl_proc_spec spec = {
        .argv = SH(
            "printf 'pw hun'; sleep 0.05; printf 'ter22 said\nKEYBEGIN0001\nsecond-line-of-it\n'"),
        .log_path = make_log(path),
        .on_line = keep_lines,
        .on_line_context = &lines,
    };
    gl_secret_add("hunter22");
    gl_secret_add("KEYBEGIN0001\nsecond-line-of-it\n");
    int code = gl_proc_run(&spec, &result, &err);
    gl_secret_forget_all();
    must(code, &err);
    gl_autobuf struct gl_buf text = {0};
    struct stat st;
    must(gl_read_file(path, 0, &text, &err), &err);
    assert_int_equal(stat(path, &st), 0);
    unlink(path);
    assert_string_equal(gl_buf_text(&text), "pw *** said\n***\n***\n");
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_string_equal(lines.items[0], "pw *** said");
    assert_contains(gl_buf_text(&result.out), "pw hunter22"); /* a parser gets what was said */
}

/* No newline ever: told in pieces, and a secret on the border of two is masked all the same. */
static void a_line_without_end_is_told_in_pieces(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    gl_autostrv struct gl_strv lines = {0};
    struct gl_proc_spec spec = {
        .argv = SH("i=0; while [ $i -lt 20000 ]; do printf 'hunter22-secret.'; i=$((i+1)); done"),
        .on_line = keep_lines,
        .on_line_context = &lines,
    };
    gl_secret_add("hunter22-secret");
    int code = gl_proc_run(&spec, &result, &err);
    gl_secret_forget_all();
    must(code, &err);
    assert_int_equal(result.out.len, 20000 * 16);
    assert_true(lines.count > 1);
    gl_autofree char *all = gl_strv_join(&lines, "");
    assert_int_equal(strlen(all), 20000 * 4); /* "***." each */
    for (size_t i = 0; i < lines.count; i++)
        assert_true(strlen(lines.items[i]) <= 65536 + 16384);
}

static void a_full_log_is_told_and_ends_nothing(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    if (access("/dev/full", W_OK) != 0)
        skip();
    char said[] = "/tmp/golive-stderr-XXXXXX";
    int fd = mkostemp(said, O_CLOEXEC);
    int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    dup2(fd, STDERR_FILENO);
    struct gl_proc_spec spec = {.argv = SH("echo one; echo two"), .log_path = "/dev/full"};
    int code = gl_proc_run(&spec, &result, &err);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(fd);
    gl_autobuf struct gl_buf text = {0};
    must(gl_read_file(said, 0, &text, &err), &err);
    unlink(said);
    must(code, &err);
    assert_string_equal(gl_buf_text(&result.out), "one\ntwo\n");
    assert_contains(gl_buf_text(&text), "/dev/full");
    assert_null(strstr(strstr(gl_buf_text(&text), "/dev/full") + 1, "/dev/full")); /* once */
}

/* ---- ending ---------------------------------------------------------------------------------- */

static void a_time_limit_ends_the_grandchildren_too(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    struct gl_proc_spec spec = {.argv = SH("sleep 1000 & echo $!; wait"), .timeout_ms = 300};
    int64_t begun = gl_mono_ms();
    assert_int_equal(gl_proc_run(&spec, &result, &err), GL_E_TIMEOUT);
    assert_true(gl_mono_ms() - begun >= 300);
    assert_true(gl_mono_ms() - begun < 4000);
    assert_true(result.timed_out);
    assert_contains(err.message, "300 ms");
    assert_ends(number_in(&result.out));
}

/* The program obeys SIGTERM, its child does not. */
static void a_stubborn_grandchild_does_not_outlive_the_limit(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    struct gl_proc_spec spec = {.argv = SH("(trap '' TERM; exec sleep 1000) & echo $!; wait"),
                                .timeout_ms = 300};
    assert_int_equal(gl_proc_run(&spec, &result, &err), GL_E_TIMEOUT);
    assert_ends(number_in(&result.out));
}

static void a_stubborn_program_is_killed(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    struct gl_proc_spec spec = {.argv = SH("trap '' TERM; echo $$; while :; do sleep 1000; done"),
                                .timeout_ms = 200};
    assert_int_equal(gl_proc_run(&spec, &result, &err), GL_E_TIMEOUT);
    assert_int_equal(result.signal, SIGKILL);
    assert_ends(number_in(&result.out));
}

static void a_daemon_that_keeps_the_pipe_does_not_hold_us_up(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    gl_autostrv struct gl_strv lines = {0};
    struct gl_proc_spec spec = {
        .argv = SH("sleep 1000 & printf %s $!"),
        .timeout_ms = 60000,
        .on_line = keep_lines,
        .on_line_context = &lines,
    };
    int64_t begun = gl_mono_ms();
    must(gl_proc_run(&spec, &result, &err), &err);
    assert_true(gl_mono_ms() - begun < 20000);
    pid_t daemon_pid = number_in(&result.out);
    assert_int_equal(lines.count, 1);             /* said without a newline, still told */
    assert_true(gl_proc_is_alive(daemon_pid, 0)); /* ended by itself: its children are its affair */
    kill(daemon_pid, SIGKILL);
}

/* Raises the signal in this very process once the program is known to run. */
static void interrupt_at_line(const char *line, void *context)
{
    (void)line;
    (void)context;
    (void)raise(SIGINT);
}

static void ctrl_c_ends_a_program_unless_it_undoes_something(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    gl_interrupt_init();
    struct gl_proc_spec spec = {.argv = SH("echo $$; exec sleep 1000"),
                                .on_line = interrupt_at_line};
    int code = gl_proc_run(&spec, &result, &err);
    gl_interrupt_clear();
    assert_int_equal(code, GL_E_INTERRUPTED);
    assert_ends(number_in(&result.out));
    gl_proc_result_done(&result);
    result = (struct gl_proc_result){0};
    spec.argv = SH("echo $$; sleep 0.3; exit 7");
    spec.ignore_interrupt = true;
    code = gl_proc_run(&spec, &result, &err);
    gl_interrupt_clear();
    must(code, &err);
    assert_int_equal(result.exit_code, 7);
}

/* golive, as a process that can be killed: runs a build with children and grandchildren. */
static _Noreturn void run_as_golive(const char *script, bool start)
{
    gl_autoproc struct gl_proc_result result = {0};
    struct gl_proc_spec spec = {.argv = SH(script)};
    pid_t pid = 0;
    int code = start ? gl_proc_start(&spec, &pid, NULL) : gl_proc_run(&spec, &result, NULL);
    if (start && code == 0) /* the program runs on beside us until the test kills us */
        gl_sleep_ms(1000000);
    _exit(1);
}

static size_t read_pids(const char *path, pid_t *pids, size_t most)
{
    gl_autobuf struct gl_buf text = {0};
    gl_autostrv struct gl_strv words = {0};
    if (gl_read_file(path, 0, &text, NULL) == 0)
        gl_strv_split(&words, gl_buf_text(&text), "\n");
    for (size_t i = 0; i < words.count && i < most; i++)
        pids[i] = (pid_t)strtol(words.items[i], NULL, 10);
    return words.count;
}

/* A member of the group that is not the guard of it. */
static void assert_group_is_gone(pid_t member_of, int64_t within_ms)
{
    for (int64_t until = gl_mono_ms() + within_ms; kill(-member_of, 0) == 0; gl_sleep_ms(5)) {
        if (gl_mono_ms() > until)
            fail_msg("group %d still has a process", (int)member_of);
    }
}

static void kill_golive(bool start)
{
    enum { WANTED = 4 };

    char path[] = "/tmp/golive-orphan-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    assert_true(fd >= 0);
    close(fd);
    /* Stubborn ones, and one whose parent is gone already, as a shell's background job. */
    gl_autofree char *script =
        gl_asprintf("trap '' TERM HUP INT; echo $$ >>%s; sleep 1000 & echo $! >>%s; "
                    "(sh -c 'echo $$ >>%s; sleep 1000; :' & echo $! >>%s) ; "
                    "sh -c 'sh -c \"echo \\$\\$ >>%s; sleep 1000; :\"; :'",
                    path, path, path, path, path);
    pid_t golive = fork();
    assert_true(golive >= 0);
    if (golive == 0)
        run_as_golive(script, start);
    pid_t pids[WANTED + 1] = {0};
    for (int64_t until = gl_mono_ms() + 10000; read_pids(path, pids, WANTED + 1) < WANTED + 1;
         gl_sleep_ms(5))
        assert_true(gl_mono_ms() < until);
    assert_int_equal(kill(golive, SIGKILL), 0);
    assert_int_equal(waitpid(golive, NULL, 0), golive);
    unlink(path);
    int64_t killed = gl_mono_ms();
    for (size_t i = 0; i <= WANTED; i++) {
        while (gl_proc_is_alive(pids[i], 0)) {
            if (gl_mono_ms() > killed + 1000)
                fail_msg("process %d outlives golive", (int)pids[i]);
            gl_sleep_ms(5);
        }
    }
}

static void nothing_outlives_a_killed_golive(void **state)
{
    (void)state;
    kill_golive(false);
}

static void nothing_started_outlives_a_killed_golive(void **state)
{
    (void)state;
    kill_golive(true);
}

/* A service has a session of its own: it stays when golive goes. */
static void a_session_of_its_own_outlives_golive(void **state)
{
    (void)state;
    char path[] = "/tmp/golive-session-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    assert_true(fd >= 0);
    close(fd);
    gl_autofree char *script =
        gl_asprintf("setsid sh -c 'echo $$ >>%s; exec sleep 1000' & wait; sleep 1000", path);
    pid_t golive = fork();
    assert_true(golive >= 0);
    if (golive == 0)
        run_as_golive(script, false);
    pid_t service = 0;
    for (int64_t until = gl_mono_ms() + 10000; read_pids(path, &service, 1) < 1; gl_sleep_ms(5))
        assert_true(gl_mono_ms() < until);
    kill(golive, SIGKILL);
    assert_int_equal(waitpid(golive, NULL, 0), golive);
    unlink(path);
    gl_sleep_ms(300); /* longer than the guard needs; an early end would fail below */
    bool alive = gl_proc_is_alive(service, 0);
    kill(service, SIGKILL);
    assert_true(alive);
}

/* The guard must not be what is left behind. */
static void no_guard_stays_behind(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    struct gl_proc_spec spec = {.argv = SH("echo $$")};
    must(gl_proc_run(&spec, &result, &err), &err);
    assert_group_is_gone(number_in(&result.out), 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* and no zombie of ours */
}

static void stop_ends_what_start_began(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    char path[] = "/tmp/golive-start-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    assert_true(fd >= 0);
    close(fd);
    pid_t pid = 0;
    struct gl_proc_spec spec = {
        .argv = SH("(trap '' TERM; exec sleep 1000) & echo $!; trap 'exit 9' TERM; wait"),
        .log_path = path};
    must(gl_proc_start(&spec, &pid, &err), &err);
    assert_true(gl_proc_is_alive(pid, gl_proc_start_ticks(pid)));
    gl_autobuf struct gl_buf text = {0};
    for (int64_t until = gl_mono_ms() + 10000; !text.len && gl_mono_ms() < until;) {
        gl_sleep_ms(5);
        must(gl_read_file(path, 0, &text, &err), &err);
    }
    int status = gl_proc_stop(pid, 10000);
    assert_true(WIFEXITED(status) || WIFSIGNALED(status));
    assert_false(gl_proc_is_alive(pid, 0));
    assert_ends(number_in(&text));
    unlink(path);
}

/* ---- questions ------------------------------------------------------------------------------- */

static void privileges_are_dropped(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *out = NULL;
    struct gl_proc_spec spec = {
        .argv = SH("id -u; id -g; id -G"), .drop_privileges = true, .uid = 65534, .gid = 65534};
    must(gl_proc_check(&spec, &out, &err), &err);
    if (geteuid() == 0)
        assert_string_equal(out, "65534\n65534\n65534\n");
    else
        assert_int_equal(strtol(out, NULL, 10), geteuid());
}

static void a_process_is_known_by_pid_and_start(void **state)
{
    (void)state;
    uint64_t ticks = gl_proc_start_ticks(getpid());
    assert_true(ticks > 0);
    assert_true(gl_proc_is_alive(getpid(), ticks));
    assert_true(gl_proc_is_alive(getpid(), 0));
    assert_false(gl_proc_is_alive(getpid(), ticks + 1));
    assert_false(gl_proc_is_alive(0, 0));
    assert_false(gl_proc_is_alive(-1, 0));
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_true(gl_proc_start_ticks(child) > 0);
    assert_false(gl_proc_is_alive(child, 0)); /* a zombie */
    waitpid(child, NULL, 0);
    assert_int_equal(gl_proc_start_ticks(child), 0);
    assert_false(gl_proc_is_alive(child, 0));
}

static void memory_questions_have_answers(void **state)
{
    (void)state;
    assert_true(gl_memory_available_bytes() > 1 << 20);
    assert_true(gl_proc_rss_bytes(getpid()) > 1 << 18);
    assert_int_equal(gl_proc_rss_bytes(-5), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_and_status_come_back),
        cmocka_unit_test(merged_streams_are_one),
        cmocka_unit_test(a_signal_is_told_apart_from_a_status),
        cmocka_unit_test(check_shows_what_the_program_said),
        cmocka_unit_test(a_missing_program_is_named_with_a_hint),
        cmocka_unit_test(a_missing_program_names_its_package),
        cmocka_unit_test(a_missing_directory_is_named),
        cmocka_unit_test(it_runs_in_the_directory_it_is_given),
        cmocka_unit_test(the_environment_is_given_replaced_and_added_to),
        cmocka_unit_test(programs_are_looked_up_in_the_path_they_get),
        cmocka_unit_test(servers_are_found_without_sbin_in_the_path),
        cmocka_unit_test(input_is_passed_and_large),
        cmocka_unit_test(of_a_flood_the_last_8_mib_are_kept),
        cmocka_unit_test(a_cut_output_is_never_taken_for_the_whole),
        cmocka_unit_test(lines_arrive_whole_even_the_last_one),
        cmocka_unit_test(a_log_receives_both_streams),
        cmocka_unit_test(a_full_log_is_told_and_ends_nothing),
        cmocka_unit_test(a_line_without_end_is_told_in_pieces),
        cmocka_unit_test(a_log_has_no_secret_and_no_reader_but_its_owner),
        cmocka_unit_test(a_time_limit_ends_the_grandchildren_too),
        cmocka_unit_test(a_stubborn_grandchild_does_not_outlive_the_limit),
        cmocka_unit_test(a_stubborn_program_is_killed),
        cmocka_unit_test(a_daemon_that_keeps_the_pipe_does_not_hold_us_up),
        cmocka_unit_test(ctrl_c_ends_a_program_unless_it_undoes_something),
        cmocka_unit_test(no_guard_stays_behind),
        cmocka_unit_test(a_session_of_its_own_outlives_golive),
        cmocka_unit_test(nothing_started_outlives_a_killed_golive),
        cmocka_unit_test(nothing_outlives_a_killed_golive),
        cmocka_unit_test(stop_ends_what_start_began),
        cmocka_unit_test(privileges_are_dropped),
        cmocka_unit_test(a_process_is_known_by_pid_and_start),
        cmocka_unit_test(memory_questions_have_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
