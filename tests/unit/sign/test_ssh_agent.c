/* Signing with OpenSSH's own ssh-agent. */
#include "keys.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "sign/ssh_agent.h"
#include "sign/wire.h"

static const char message[] = "{\"digest\":\"sha256:1\"}\n";

static pid_t agent_pid;

/* An agent with an ed25519 key ("mine") and one of another kind; it ends with this program. */
static int set_up_agent(void **state)
{
    if (set_up_keys(state) < 0)
        return -1;
    const struct keys *keys = *state;
    gl_autofree char *path = gl_path_join(keys->dir, "agent.sock");
    agent_pid = fork();
    if (agent_pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        /* It says how to reach it, which is no result of this test. */
        if (!freopen("/dev/null", "w", stdout))
            _exit(127);
        execlp("ssh-agent", "ssh-agent", "-D", "-a", path, (char *)NULL);
        _exit(127);
    }
    setenv("SSH_AUTH_SOCK", path, 1);
    free(shell(keys,
               "exec 2>&1; for n in $(seq 200); do [ -S agent.sock ] && break; sleep 0.05; done\n"
               "ssh-keygen -q -t ed25519 -N '' -f mine && ssh-keygen -q -t ecdsa -N '' -f other && "
               "ssh-keygen -q -t ed25519 -N '' -f absent && ssh-add -q other && ssh-add -q mine"));
    return agent_pid > 0 ? 0 : -1;
}

static int tear_down_agent(void **state)
{
    kill(agent_pid, SIGTERM);
    waitpid(agent_pid, NULL, 0);
    return tear_down_keys(state);
}

static struct gl_public_key public_key(const struct keys *keys, const char *name)
{
    gl_autoerr struct gl_error err = {0};
    gl_autobuf struct gl_buf text = {0};
    struct gl_public_key key;
    file_text(keys, name, &text);
    if (gl_public_key_parse(gl_buf_text(&text), &key, &err) < 0)
        fail_msg("%s", err.message);
    return key;
}

static char *socket_of(const struct keys *keys)
{
    return gl_path_join(keys->dir, "agent.sock");
}

static void its_ed25519_keys_are_listed(void **state)
{
    const struct keys *keys = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = socket_of(keys);
    gl_autoagentkeys struct gl_agent_keys list = {0};
    struct gl_public_key mine = public_key(keys, "mine.pub");
    if (gl_agent_list(path, &list, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(list.count, 1);
    assert_true(gl_public_key_same(&list.items[0], &mine));
}

static void what_it_signs_counts(void **state)
{
    const struct keys *keys = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *text = NULL;
    gl_autosignature struct gl_signature signature = {0};
    gl_autoprivatekey struct gl_private_key key = {.public_key = public_key(keys, "mine.pub"),
                                                   .agent = socket_of(keys)};
    struct gl_signed what = {"golive-attestation", message, strlen(message)};
    if (gl_signature_make(&key, &what, &text, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(gl_signature_read(text, strlen(text), &signature, &err), 0);
    assert_int_equal(gl_signature_check(&signature, &key.public_key, &what, &err), 0);
    gl_autofree char *path = gl_path_join(keys->dir, "it.sig");
    assert_int_equal(gl_write_text(path, text, 0644, &err), 0);
    free(shell(keys,
               "printf '%%s' '%s' > it && printf 'me ' > who && cat mine.pub >> who && "
               "ssh-keygen -q -Y verify -n golive-attestation -f who -I me -s it.sig < it",
               message));
}

static void a_key_it_lacks_is_refused(void **state)
{
    const struct keys *keys = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *text = NULL;
    gl_autoprivatekey struct gl_private_key key = {.public_key = public_key(keys, "absent.pub"),
                                                   .agent = socket_of(keys)};
    struct gl_signed what = {"golive-attestation", message, strlen(message)};
    assert_int_equal(gl_signature_make(&key, &what, &text, &err), GL_E_REFUSED);
    assert_non_null(strstr(err.message, "did not sign"));
    assert_non_null(strstr(err.hint, "ssh-add -l"));
}

static void where_none_listens_it_is_said(void **state)
{
    const struct keys *keys = *state;
    gl_autofree char *nobody = gl_path_join(keys->dir, "nobody.sock");
    gl_autofree char *file = gl_path_join(keys->dir, "mine");
    char long_path[200];
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    const char *const wrong[] = {nobody, file, long_path};
    for (size_t i = 0; i < GL_COUNT(wrong); i++) {
        gl_autoerr struct gl_error err = {0};
        struct gl_agent_keys list;
        assert_int_equal(gl_agent_list(wrong[i], &list, &err), GL_E_IO);
        assert_non_null(strstr(err.message, wrong[i]));
    }
}

/* ---- an agent that does not answer -------------------------------------------------------------
 */

/* Listens at "silent.sock"; whoever connects waits. */
static int open_silent(const struct keys *keys)
{
    gl_autofree char *path = gl_path_join(keys->dir, "silent.sock");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_true(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

/* Presses Ctrl-C when the question is there. */
static void *interrupt_when_asked(void *listener)
{
    char byte;
    int fd = accept(*(const int *)listener, NULL, NULL);
    (void)!recv(fd, &byte, 1, MSG_PEEK);
    kill(getpid(), SIGINT);
    return (void *)(intptr_t)fd;
}

static void ctrl_c_ends_the_waiting(void **state)
{
    const struct keys *keys = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *text = NULL;
    void *fd = NULL;
    pthread_t thread;
    int listener = open_silent(keys);
    gl_autoprivatekey struct gl_private_key key = {.public_key = public_key(keys, "mine.pub"),
                                                   .agent = gl_path_join(keys->dir, "silent.sock")};
    struct gl_signed what = {"golive-attestation", message, strlen(message)};
    gl_interrupt_init();
    assert_int_equal(pthread_create(&thread, NULL, interrupt_when_asked, &listener), 0);
    int failed = gl_signature_make(&key, &what, &text, &err);
    pthread_join(thread, &fd);
    gl_interrupt_clear();
    close((int)(intptr_t)fd);
    close(listener);
    assert_int_equal(failed, GL_E_INTERRUPTED);
}

static volatile sig_atomic_t ticks;

/* Ends the test program instead of a test that would not end. */
static void tick(int number)
{
    (void)number;
    if (++ticks > 40)
        _exit(1);
}

/* Other signals, as of a window that changes its size, do not begin its time anew. */
static void a_listing_is_awaited_for_five_seconds(void **state)
{
    const struct keys *keys = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(keys->dir, "silent.sock");
    struct gl_agent_keys list;
    struct sigaction action = {.sa_handler = tick};
    const struct itimerval often = {
        {0, 400000},
        {0, 400000}
    };
    const struct itimerval never = {0};
    int listener = open_silent(keys);
    ticks = 0;
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    setitimer(ITIMER_REAL, &often, NULL);
    int64_t begun_ms = gl_mono_ms();
    int failed = gl_agent_list(path, &list, &err);
    setitimer(ITIMER_REAL, &never, NULL);
    close(listener);
    assert_int_equal(failed, GL_E_IO);
    assert_non_null(strstr(err.message, "timed out"));
    assert_true(ticks > 0);
    assert_true(gl_mono_ms() - begun_ms >= 5000);
}

static void answers_that_are_none_are_told_apart(void **state)
{
    (void)state;
    static const unsigned char failure[] = {5};
    static const unsigned char more[] = {12, 0, 0, 0, 1};             /* says one key, has none */
    static const unsigned char rest[] = {12, 0, 0, 0, 0, 0};          /* something is behind */
    static const unsigned char many[] = {12, 0xff, 0xff, 0xff, 0xff}; /* more than fit */
    static const unsigned char unsigned_[] = {14, 0, 0, 0, 4, 0, 0, 0, 0}; /* of no type */

    const struct {
        const unsigned char *bytes;
        size_t len;
    } wrong[] = {
        {failure,   sizeof failure  },
        {more,      sizeof more     },
        {rest,      sizeof rest     },
        {many,      sizeof many     },
        {unsigned_, sizeof unsigned_},
        {failure,   0               }
    };

    for (size_t i = 0; i < GL_COUNT(wrong); i++) {
        gl_autoagentkeys struct gl_agent_keys list = {0};
        unsigned char bytes[GL_SIGNATURE_BYTES];
        assert_false(gl_agent_read_keys(wrong[i].bytes, wrong[i].len, &list));
        assert_false(gl_agent_read_signature(wrong[i].bytes, wrong[i].len, bytes));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_ed25519_keys_are_listed),
        cmocka_unit_test(what_it_signs_counts),
        cmocka_unit_test(a_key_it_lacks_is_refused),
        cmocka_unit_test(where_none_listens_it_is_said),
        cmocka_unit_test(ctrl_c_ends_the_waiting),
        cmocka_unit_test(a_listing_is_awaited_for_five_seconds),
        cmocka_unit_test(answers_that_are_none_are_told_apart),
    };
    return cmocka_run_group_tests(tests, set_up_agent, tear_down_agent);
}
