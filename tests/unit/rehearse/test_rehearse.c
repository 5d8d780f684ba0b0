/* What surrounds a rehearsal: one at a time, and no result of an earlier one beside a failed one.
 */
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "rehearse/internal.h"

static const char settings[] = "golive: 1\n"
                               "app: {name: sample}\n"
                               "environments: {local: {}}\n";

struct fixture {
    char *state;
    char *result; /* rehearsal.json of an earlier run, a good one */
    struct gl_config *config;
};

static int set_up(void **state)
{
    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics diagnostics = {0};
    char top[] = "/tmp/golive rehearse 予行-XXXXXX";
    assert_non_null(mkdtemp(top));
    assert_int_equal(chmod(top, 0755), 0);
    gl_autofree char *path = gl_path_join(top, "golive.yaml");
    struct fixture *fixture = gl_alloc(sizeof *fixture);
    *state = fixture;
    fixture->state = gl_path_join(top, ".golive");
    fixture->result = gl_path_join(fixture->state, "rehearsal.json");
    struct gl_config_request request = {.path = path, .env = "local"};
    if (gl_write_text(path, settings, 0644, &err) < 0 ||
        gl_config_load(&request, &fixture->config, &diagnostics, &err) < 0 ||
        gl_mkdir_p(fixture->state, 0755, &err) < 0 ||
        gl_write_text(fixture->result, "{\"good\": true}\n", 0644, &err) < 0)
        fail_msg("%s", err.message);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    gl_autofree char *top = gl_path_dir(fixture->state);
    int failed = gl_remove_tree(top, NULL);
    gl_config_free(&fixture->config);
    free(fixture->state);
    free(fixture->result);
    free(fixture);
    return failed;
}

/* The first release cannot be made: the program that stands for golive fails. */
static int rehearse(const struct fixture *fixture, struct gl_error *err)
{
    static const struct gl_rehearsal_reporter silent;
    struct gl_rehearsal_request request = {
        .config = fixture->config,
        .config_path = gl_config_path(fixture->config),
        .state_dir = fixture->state,
        .program = "/bin/false",
        .reporter = &silent,
    };
    return gl_rehearse(&request, err);
}

static void a_failed_rehearsal_leaves_no_good_result(void **state)
{
    gl_autoerr struct gl_error err = {0};
    const struct fixture *fixture = *state;
    int failed = rehearse(fixture, &err);
    if (failed != GL_E_PROCESS || !strstr(err.message, "deploy"))
        fail_msg("%d: %s", failed, err.message ? err.message : "");
    assert_false(gl_path_exists(fixture->result));
}

static void a_second_rehearsal_is_told_who_holds_the_first(void **state)
{
    const struct fixture *fixture = *state;
    gl_autofree char *dir = gl_path_join(fixture->state, "rehearsal");
    int ready[2];
    assert_int_equal(gl_mkdir_p(dir, 0755, NULL), 0);
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    pid_t first = fork();
    assert_true(first >= 0);
    if (first == 0) {
        int fd = -1;
        char said = gl_rehearsal_lock(dir, &fd, NULL) == 0 ? 'y' : 'n';
        (void)!write(ready[1], &said, 1);
        for (;;)
            pause();
    }
    char said = '-';
    assert_int_equal(read(ready[0], &said, 1), 1);
    gl_autoerr struct gl_error err = {0};
    int refused = rehearse(fixture, &err);
    bool kept = gl_path_exists(fixture->result);
    kill(first, SIGKILL);
    assert_int_equal(waitpid(first, NULL, 0), first);
    close(ready[0]);
    close(ready[1]);
    assert_int_equal(said, 'y');
    assert_int_equal(refused, GL_E_BUSY);
    assert_true(kept); /* the other's affair */
    gl_autofree char *pid = gl_asprintf("process %d since", (int)first);
    assert_non_null(strstr(err.message, pid));
    /* Killed, it holds nothing any more. */
    int fd = -1;
    assert_int_equal(gl_rehearsal_lock(dir, &fd, &err), 0);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_failed_rehearsal_leaves_no_good_result, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_second_rehearsal_is_told_who_holds_the_first, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
