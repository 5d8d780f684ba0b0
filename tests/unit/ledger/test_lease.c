/* The lease between real processes: busy, given back, expired, holder dead, lost. */
#include "base/log.h"
#include "fixture.h"
#include "ledger/witness.h"
#include "proc/proc.h"

static const int64_t long_ttl_ms = 600000;

static int acquire(struct gl_ledger *ledger, const char *purpose, struct gl_lease **ret_lease,
                   char **ret_old, struct gl_error *err)
{
    return gl_lease_acquire(ledger, "prod", purpose, long_ttl_ms, ret_lease, ret_old, err);
}

/* ---- another process ------------------------------------------------------------------------- */

/* Holds the lease and obeys one-letter orders: c = check, r = release, f = fork a child that tries
 * to check and to release. It answers each with the result as one byte. */
struct holder {
    pid_t pid;
    int orders;
    int answers;
};

static int8_t in_a_child(struct gl_lease **lease)
{
    pid_t child = fork();
    if (child == 0) {
        int result = gl_lease_check(*lease, NULL);
        gl_lease_release(lease);
        _exit(result == GL_E_REFUSED && !*lease ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return (int8_t)(status == 0 ? 0 : 1);
}

static int8_t obey(char order, struct gl_lease **lease)
{
    if (order == 'c')
        return (int8_t)gl_lease_check(*lease, NULL);
    if (order == 'f')
        return in_a_child(lease);
    gl_lease_release(lease);
    return 0;
}

static _Noreturn void hold(const char *path, int orders, int answers)
{
    struct gl_ledger *ledger = NULL;
    struct gl_lease *lease = NULL;
    int result = open_store(path, &ledger, NULL);
    if (result == 0)
        result = acquire(ledger, "deploy release 7", &lease, NULL, NULL);
    int8_t answer = (int8_t)result;
    char order = 0;
    while (write(answers, &answer, 1) == 1 && read(orders, &order, 1) == 1)
        answer = obey(order, &lease);
    _exit(0);
}

static int8_t answer_of(const struct holder *holder)
{
    int8_t answer = 99;
    assert_int_equal(read(holder->answers, &answer, 1), 1);
    return answer;
}

static int8_t ask(const struct holder *holder, char order)
{
    assert_int_equal(write(holder->orders, &order, 1), 1);
    return answer_of(holder);
}

static struct holder start_holder(const struct fixture *fixture)
{
    int orders[2];
    int answers[2];
    assert_int_equal(pipe2(orders, O_CLOEXEC), 0);
    assert_int_equal(pipe2(answers, O_CLOEXEC), 0);
    pid_t pid = fork_child();
    if (pid == 0) {
        close(orders[1]);
        close(answers[0]);
        hold(fixture->path, orders[0], answers[1]);
    }
    close(orders[0]);
    close(answers[1]);
    struct holder holder = {pid, orders[1], answers[0]};
    assert_int_equal(answer_of(&holder), 0);
    return holder;
}

static void end_holder(const struct holder *holder)
{
    kill(holder->pid, SIGKILL);
    waitpid(holder->pid, NULL, 0);
    close(holder->orders);
    close(holder->answers);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void the_second_process_is_told_who_holds_it(void **state)
{
    struct holder holder = start_holder(*state);
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    struct gl_lease *lease = NULL;
    assert_int_equal(acquire(ledger, "mine", &lease, NULL, &err), GL_E_BUSY);
    assert_null(lease);
    gl_autofree char *pid = gl_asprintf("process %d on %s", (int)holder.pid, ledger->host);
    assert_contains(err.message, "prod");
    assert_contains(err.message, ledger->actor);
    assert_contains(err.message, pid);
    assert_contains(err.message, "deploy release 7");
    assert_contains(err.message, "since 20");
    assert_contains(err.hint, ledger->host);
    end_holder(&holder);
}

static void another_name_is_another_lease(void **state)
{
    struct holder holder = start_holder(*state);
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    gl_autolease struct gl_lease *lease = NULL;
    must(gl_lease_acquire(ledger, "staging", "x", long_ttl_ms, &lease, NULL, &err), &err);
    must(gl_lease_check(lease, &err), &err);
    end_holder(&holder);
}

static void show_tells_the_holder(void **state)
{
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    gl_autojson json_t *nobody = json_true();
    must(gl_lease_show(ledger, "prod", &nobody, &err), &err);
    assert_null(nobody);
    struct holder holder = start_holder(*state);
    gl_autojson json_t *info = NULL;
    must(gl_lease_show(ledger, "prod", &info, &err), &err);
    assert_string_equal(gl_json_str(info, "holder", ""), ledger->actor);
    assert_string_equal(gl_json_str(info, "host", ""), ledger->host);
    assert_int_equal(gl_json_int(info, "pid", 0), holder.pid);
    assert_string_equal(gl_json_str(info, "purpose", ""), "deploy release 7");
    assert_int_equal(strlen(gl_json_str(info, "since", "")), strlen("2026-11-23T10:41:07.123Z"));
    assert_in_range(gl_json_int(info, "expires_in_ms", 0), 1, long_ttl_ms);
    assert_true(gl_json_bool(info, "alive", false));
    end_holder(&holder);
    gl_autojson json_t *dead = NULL;
    must(gl_lease_show(ledger, "prod", &dead, &err), &err);
    assert_false(gl_json_bool(dead, "alive", true));
}

static void what_was_given_back_is_free(void **state)
{
    struct holder holder = start_holder(*state);
    assert_int_equal(ask(&holder, 'r'), 0);
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    gl_autolease struct gl_lease *lease = NULL;
    gl_autofree char *old = gl_strdup("untouched");
    char *untouched = old;
    must(acquire(ledger, "mine", &lease, &old, &err), &err);
    assert_null(old);
    free(untouched);
    must(gl_lease_check(lease, &err), &err);
    end_holder(&holder);
}

static void the_lease_of_a_killed_process_is_taken_at_once(void **state)
{
    struct holder holder = start_holder(*state);
    kill(holder.pid, SIGKILL);
    siginfo_t info;
    /* Dead but not reaped: a container without an init leaves it like this for ever. */
    assert_int_equal(waitid(P_PID, (id_t)holder.pid, &info, WEXITED | WNOWAIT), 0);
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    gl_autolease struct gl_lease *lease = NULL;
    gl_autofree char *old = NULL;
    must(acquire(ledger, "mine", &lease, &old, &err), &err);
    assert_contains(old, "deploy release 7");
    assert_contains(old, "no longer exists");
    end_holder(&holder);
}

/* What a clone of the holder's machine sees: boot id, name, numbers as here, no such process, but
 * not its mark. A file is used by one machine only. */
static void what_is_gone_on_a_clone_may_be_at_work_elsewhere(void **state)
{
    struct holder holder = start_holder(*state);
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_ledger_set_clock(ledger, &shifted);
    gl_autoerr struct gl_error err = {0};
    gl_autolease struct gl_lease *lease = NULL;
    gl_autoleaserecord struct gl_lease_record record = {0};
    assert_int_equal(ledger->ops->lease_get(ledger->backend, "prod", &record, &err), 1);
    assert_int_equal(gl_witness_has(record.token), in_s3());
    gl_witness_drop(record.token);
    kill(holder.pid, SIGKILL);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)holder.pid, &info, WEXITED | WNOWAIT), 0);
    boot_shift_ms = in_s3() ? 2 * long_ttl_ms : 0; /* clones count their time apart */
    int result = acquire(ledger, "mine", &lease, NULL, &err);
    assert_int_equal(result, in_s3() ? GL_E_BUSY : 0);
    end_holder(&holder);
}

static void a_lease_leaves_no_mark_behind(void **state)
{
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    struct gl_lease *lease = NULL;
    gl_autoleaserecord struct gl_lease_record record = {0};
    must(acquire(ledger, "mine", &lease, NULL, &err), &err);
    assert_int_equal(ledger->ops->lease_get(ledger->backend, "prod", &record, &err), 1);
    gl_lease_release(&lease);
    assert_false(gl_witness_has(record.token));
    assert_false(gl_witness_has("../../etc/passwd"));
}

static void a_paused_holder_loses_an_expired_lease(void **state)
{
    struct holder holder = start_holder(*state);
    assert_int_equal(ask(&holder, 'c'), 0);
    kill(holder.pid, SIGSTOP);
    assert_int_equal(waitpid(holder.pid, NULL, WUNTRACED), holder.pid);
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_ledger_set_clock(ledger, &shifted);
    gl_autoerr struct gl_error err = {0};
    gl_autolease struct gl_lease *lease = NULL;
    gl_autofree char *old = NULL;
    boot_shift_ms = long_ttl_ms - 60000;
    assert_int_equal(acquire(ledger, "mine", &lease, &old, &err), GL_E_BUSY);
    assert_null(old);
    boot_shift_ms = long_ttl_ms + 1;
    must(acquire(ledger, "mine", &lease, &old, &err), &err);
    assert_contains(old, "expired");
    kill(holder.pid, SIGCONT);
    assert_int_equal(ask(&holder, 'c'), GL_E_BUSY);
    assert_int_equal(ask(&holder, 'r'), 0); /* must not give away what is ours now */
    must(gl_lease_check(lease, &err), &err);
    end_holder(&holder);
}

static void a_lost_lease_says_who_has_it(void **state)
{
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    gl_autolease struct gl_lease *lease = NULL;
    must(acquire(ledger, "mine", &lease, NULL, &err), &err);
    gl_autoledger struct gl_ledger *other = open_ledger(*state);
    steal_lease(other, "other", "theirs", 0);
    assert_int_equal(gl_lease_check(lease, &err), GL_E_BUSY);
    assert_contains(err.message, "lost");
    assert_contains(err.message, "theirs");
    gl_autoleaserecord struct gl_lease_record theirs = {.token = gl_strdup("other")};
    assert_int_equal(other->ops->lease_swap(other->backend, "prod", &theirs, NULL, &err), 1);
    assert_int_equal(gl_lease_check(lease, &err), GL_E_BUSY);
    assert_contains(err.message, "nobody");
}

static void a_moved_wall_clock_changes_nothing(void **state)
{
    static const int64_t year_ms = 365LL * 86400 * 1000;
    static const int64_t shifts[] = {-30 * year_ms, -3600000, 3600000, 30 * year_ms};
    struct holder holder = start_holder(*state);
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_ledger_set_clock(ledger, &shifted);
    for (size_t i = 0; i < GL_COUNT(shifts); i++) {
        gl_autoerr struct gl_error err = {0};
        struct gl_lease *lease = NULL;
        unix_shift_ms = shifts[i];
        assert_int_equal(acquire(ledger, "mine", &lease, NULL, &err), GL_E_BUSY);
    }
    end_holder(&holder);
}

static void a_process_of_another_container_is_not_taken_for_dead(void **state)
{
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_ledger_set_clock(ledger, &shifted);
    gl_autoerr struct gl_error err = {0};
    gl_autolease struct gl_lease *lease = NULL;
    hold_elsewhere(ledger, "", "pid:[1]", 60000);
    assert_int_equal(acquire(ledger, "mine", &lease, NULL, &err), GL_E_BUSY);
    if (in_s3())
        return; /* nobody proves that it is this machine: the store's clock counts, in real time */
    boot_shift_ms = 60001;
    must(acquire(ledger, "mine", &lease, NULL, &err), &err);
}

static void a_reused_pid_is_not_the_holder(void **state)
{
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    struct holder holder = start_holder(*state);
    steal_lease(ledger, NULL, NULL, -1);
    gl_autolease struct gl_lease *lease = NULL;
    gl_autofree char *old = NULL;
    must(acquire(ledger, "mine", &lease, &old, &err), &err);
    assert_contains(old, "no longer exists");
    end_holder(&holder);
}

/* Real time: the thread is what is tested. */
static void the_heartbeat_keeps_it_beyond_its_time_to_live(void **state)
{
    enum { TTL_MS = 1500 };

    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoledger struct gl_ledger *other = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    struct gl_lease *lease = NULL;
    struct gl_lease *second = NULL;
    must(gl_lease_acquire(ledger, "prod", "long", TTL_MS, &lease, NULL, &err), &err);
    for (int64_t until = gl_mono_ms() + (int64_t)2 * TTL_MS; gl_mono_ms() < until; gl_sleep_ms(50))
        assert_int_equal(acquire(other, "mine", &second, NULL, &err), GL_E_BUSY);
    gl_lease_release(&lease);
    assert_null(lease);
    must(acquire(other, "mine", &second, NULL, &err), &err);
    gl_lease_release(&second);
    gl_lease_release(&second);
}

static void check_renews_what_expired_but_nobody_took(void **state)
{
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_ledger_set_clock(ledger, &shifted);
    gl_autoerr struct gl_error err = {0};
    gl_autolease struct gl_lease *lease = NULL;
    must(acquire(ledger, "mine", &lease, NULL, &err), &err);
    boot_shift_ms = long_ttl_ms * 3;
    must(gl_lease_check(lease, &err), &err);
    gl_autojson json_t *info = NULL;
    must(gl_lease_show(ledger, "prod", &info, &err), &err);
    assert_true(gl_json_int(info, "expires_in_ms", 0) > long_ttl_ms - 60000);
}

static const struct gl_ledger_ops *real_ops;
static struct gl_lease *slow_holder;

/* The holder renews right after somebody else has read that its lease is over. */
static int get_just_before_a_renewal(void *backend, const char *name,
                                     struct gl_lease_record *ret_record, struct gl_error *err)
{
    int found = real_ops->lease_get(backend, name, ret_record, err);
    must(gl_lease_check(slow_holder, err), err);
    return found;
}

static void what_was_renewed_in_time_is_not_taken_over(void **state)
{
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoledger struct gl_ledger *other = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    gl_autolease struct gl_lease *lease = NULL;
    struct gl_lease *second = NULL;
    gl_ledger_set_clock(ledger, &shifted);
    gl_ledger_set_clock(other, &shifted);
    must(acquire(ledger, "mine", &lease, NULL, &err), &err);
    boot_shift_ms = long_ttl_ms + 1;
    slow_holder = lease;
    real_ops = other->ops;
    struct gl_ledger_ops slow = *real_ops;
    slow.lease_get = get_just_before_a_renewal;
    other->ops = &slow;
    assert_int_equal(acquire(other, "theirs", &second, NULL, &err), GL_E_BUSY);
    other->ops = real_ops;
    must(gl_lease_check(lease, &err), &err);
}

/* A ledger that fails as a full or broken disk makes it fail. */
static bool no_reading;

static int swap_without_room(void *backend, const char *name, const struct gl_lease_record *old,
                             const struct gl_lease_record *record, struct gl_error *err)
{
    if (record)
        return gl_fail(err, GL_E_IO, "no room");
    return real_ops->lease_swap(backend, name, old, record, err);
}

static int get_if_readable(void *backend, const char *name, struct gl_lease_record *ret_record,
                           struct gl_error *err)
{
    return no_reading ? gl_fail(err, GL_E_BUSY, "locked")
                      : real_ops->lease_get(backend, name, ret_record, err);
}

static void a_failing_ledger_is_borne_while_the_lease_lasts(void **state)
{
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    gl_autolease struct gl_lease *lease = NULL;
    gl_ledger_set_clock(ledger, &shifted);
    must(acquire(ledger, "mine", &lease, NULL, &err), &err);
    real_ops = ledger->ops;
    static struct gl_ledger_ops failing;
    failing = *real_ops;
    failing.lease_swap = swap_without_room;
    failing.lease_get = get_if_readable;
    ledger->ops = &failing;
    for (int i = 0; i < 2; i++) {
        no_reading = i == 1;
        boot_shift_ms = long_ttl_ms - 60000;
        must(gl_lease_check(lease, &err), &err);
        assert_false(gl_lease_is_lost(lease));
        boot_shift_ms = long_ttl_ms + 1;
        assert_int_equal(gl_lease_check(lease, &err), GL_E_IO); /* not GL_E_BUSY: nobody has it */
        assert_false(gl_lease_is_lost(lease));
    }
    no_reading = false;
    boot_shift_ms = 0;
    ledger->ops = real_ops;
    steal_lease(ledger, "other", NULL, 0);
    ledger->ops = &failing;
    assert_int_equal(gl_lease_check(lease, &err), GL_E_BUSY);
    assert_true(gl_lease_is_lost(lease));
    ledger->ops = real_ops;
}

static void a_child_of_the_holder_has_no_lease(void **state)
{
    struct holder holder = start_holder(*state);
    assert_int_equal(ask(&holder, 'f'), 0);
    assert_int_equal(ask(&holder, 'c'), 0);
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    struct gl_lease *lease = NULL;
    assert_int_equal(acquire(ledger, "mine", &lease, NULL, &err), GL_E_BUSY);
    end_holder(&holder);
}

static void only_one_of_many_wins(void **state)
{
    enum { RIVALS = 6, ROUNDS = 5 };

    const struct fixture *fixture = *state;
    struct gl_ledger *made = open_ledger(fixture);
    gl_ledger_free(&made);
    for (int round = 0; round < ROUNDS; round++) {
        int go[2];
        int done[2];
        assert_int_equal(pipe2(go, O_CLOEXEC), 0);
        assert_int_equal(pipe2(done, O_CLOEXEC), 0);
        pid_t rivals[RIVALS];
        for (int i = 0; i < RIVALS; i++) {
            rivals[i] = fork_child();
            if (rivals[i] != 0)
                continue;
            close(go[1]);
            struct gl_ledger *ledger = open_ledger(fixture);
            struct gl_lease *lease = NULL;
            char byte;
            (void)!read(go[0], &byte, 1); /* all start when the pipe is closed */
            int8_t result = (int8_t)acquire(ledger, "race", &lease, NULL, NULL);
            (void)!write(done[1], &result, 1);
            pause(); /* the winner keeps it until it is killed */
        }
        close(go[0]);
        close(go[1]);
        int winners = 0;
        for (int i = 0; i < RIVALS; i++) {
            int8_t result = 99;
            assert_int_equal(read(done[0], &result, 1), 1);
            assert_true(result == 0 || result == GL_E_BUSY);
            winners += result == 0;
        }
        for (int i = 0; i < RIVALS; i++) {
            kill(rivals[i], SIGKILL);
            waitpid(rivals[i], NULL, 0);
        }
        close(done[0]);
        close(done[1]);
        assert_int_equal(winners, 1);
    }
}

static void senseless_wishes_are_refused(void **state)
{
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    struct gl_lease *lease = NULL;
    assert_int_equal(gl_lease_acquire(ledger, "", "x", 1000, &lease, NULL, &err), GL_E_USAGE);
    assert_int_equal(gl_lease_acquire(ledger, "prod", "x", 0, &lease, NULL, &err), GL_E_USAGE);
    gl_lease_release(&lease);
}

static void purposes_are_masked(void **state)
{
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    gl_autolease struct gl_lease *lease = NULL;
    gl_secret_add("swordfish");
    must(acquire(ledger, "run -p swordfish \xff", &lease, NULL, &err), &err);
    gl_secret_forget_all();
    gl_autojson json_t *info = NULL;
    must(gl_lease_show(ledger, "prod", &info, &err), &err);
    assert_string_equal(gl_json_str(info, "purpose", ""), "run -p *** ?");
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, reset_clock, drop_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(the_second_process_is_told_who_holds_it),
        WITH_STORE(another_name_is_another_lease),
        WITH_STORE(show_tells_the_holder),
        WITH_STORE(what_was_given_back_is_free),
        WITH_STORE(the_lease_of_a_killed_process_is_taken_at_once),
        WITH_STORE(what_is_gone_on_a_clone_may_be_at_work_elsewhere),
        WITH_STORE(a_lease_leaves_no_mark_behind),
        WITH_STORE(a_paused_holder_loses_an_expired_lease),
        WITH_STORE(a_lost_lease_says_who_has_it),
        WITH_STORE(a_moved_wall_clock_changes_nothing),
        WITH_STORE(a_process_of_another_container_is_not_taken_for_dead),
        WITH_STORE(a_reused_pid_is_not_the_holder),
        WITH_STORE(the_heartbeat_keeps_it_beyond_its_time_to_live),
        WITH_STORE(check_renews_what_expired_but_nobody_took),
        WITH_STORE(what_was_renewed_in_time_is_not_taken_over),
        WITH_STORE(a_failing_ledger_is_borne_while_the_lease_lasts),
        WITH_STORE(a_child_of_the_holder_has_no_lease),
        WITH_STORE(only_one_of_many_wins),
        WITH_STORE(senseless_wishes_are_refused),
        WITH_STORE(purposes_are_masked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
