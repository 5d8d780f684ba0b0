/* The load generator over plain HTTP: it counts exactly, keeps its rate, and can fail. */
#include "../../support/load_fixture.h"

#define URL "http://127.0.0.1:%d/"

static int port(const struct fixture *fixture)
{
    return fixture->server->port;
}

static void every_request_is_counted_once(void **state)
{
    struct fixture *fixture = *state;
    start_load(fixture,
               "{'rps':500,'duration_ms':2000,'targets':[{'name':'home','url':'" URL "'},"
               "{'name':'other','url':'" URL "other?secret=1','weight':3,'expect_body':'world'}]}",
               port(fixture), port(fixture));
    const struct gl_load_counts *final = finish_load(fixture);
    assert_no_problems(final);
    assert_int_equal(final->ok, 1000);
    assert_int_equal(fixture->server->requests, 1000);
    assert_int_equal(final->target_count, 2);
    assert_int_equal(final->targets[0].ok, 250);
    assert_int_equal(final->targets[1].ok, 750);
    assert_int_equal(tally(&final->releases, "7"), 1000);
    assert_int_equal(final->retried_by_client, 0);
    assert_int_equal(final->problem_count, 0);
    assert_true(final->latency.p50_us > 0);
    assert_true(final->latency.p99_us >= final->latency.p50_us);
    assert_true(final->latency.max_us >= final->service.p50_us);
}

static void keep_alive_clients_keep_their_connection_and_fresh_ones_do_not(void **state)
{
    struct fixture *fixture = *state;
    start_load(fixture,
               "{'rps':400,'duration_ms':1000,'clients':{'keep_alive':{'share':3,'connections':5},"
               "'fresh':{'share':1}},'targets':[{'name':'home','url':'" URL "'}]}",
               port(fixture));
    const struct gl_load_counts *final = finish_load(fixture);
    assert_int_equal(final->ok, 400);
    assert_int_equal(fixture->server->connections, 5 + 100);
}

static void the_rate_is_kept_although_answers_are_slow(void **state)
{
    struct fixture *fixture = *state;
    fixture->server->delay_ms = 100;
    int64_t begun_ms = gl_mono_ms();
    start_load(fixture,
               "{'rps':200,'duration_ms':2000,'clients':{'keep_alive':{'connections':64}},"
               "'targets':[{'name':'home','url':'" URL "'}]}",
               port(fixture));
    const struct gl_load_counts *final = finish_load(fixture);
    int64_t elapsed_ms = gl_mono_ms() - begun_ms;
    assert_int_equal(final->ok, 400); /* closed loop would need 400 * 0.1 s / 64 only */
    assert_true(elapsed_ms >= 2000);
    assert_true(final->service.p50_us >= 100000);
}

static void a_stall_shows_in_the_latency_of_all_that_were_due(void **state)
{
    struct fixture *fixture = *state;
    fixture->server->delay_ms = 20; /* one connection: 50 a second, but 100 are due */
    start_load(fixture,
               "{'rps':100,'duration_ms':1000,'clients':{'keep_alive':{'connections':1}},"
               "'targets':[{'name':'home','url':'" URL "'}]}",
               port(fixture));
    const struct gl_load_counts *final = finish_load(fixture);
    assert_int_equal(final->ok, 100);
    assert_true(final->service.p95_us < final->latency.p95_us / 2);
    assert_true(final->latency.p95_us >= 200000);
}

static void a_killed_server_is_lost_requests(void **state)
{
    struct fixture *fixture = *state;
    start_load(fixture,
               "{'rps':300,'targets':[{'name':'home','url':'" URL "a?token=s3cret'},"
               "{'name':'write','method':'POST','url':'" URL "b','body':'x','ack':true}]}",
               port(fixture), port(fixture));
    WAIT_UNTIL(fixture, counts(fixture)->ok > 50);
    gl_proc_stop(fixture->server_pid, 0);
    fixture->server_pid = 0;
    WAIT_UNTIL(fixture, counts(fixture)->lost > 100);
    const struct gl_load_counts *final = stop_load(fixture);
    assert_true(final->ok >= 50);
    assert_true(final->ok <= fixture->server->answers);
    assert_true(final->targets[1].acked <= fixture->server->answers);
    assert_true(final->targets[1].lost > 0);
    assert_int_equal(final->problem_count, GL_LOAD_PROBLEMS_MAX);
    assert_string_equal(final->problems[0].what, "lost");
    assert_string_equal(final->problems[0].client, "keep_alive");
    assert_true(final->problems[0].mono_ms > 0);
    for (size_t i = 0; i < final->problem_count; i++)
        assert_null(strstr(final->problems[i].path, "s3cret"));
    assert_true(tally(&final->reasons, "Couldn't connect to server") > 0);
}

static void another_status_is_wrong(void **state)
{
    struct fixture *fixture = *state;
    fixture->server->status = 500;
    start_load(fixture,
               "{'rps':100,'duration_ms':500,'targets':[{'name':'home','url':'" URL "'},"
               "{'name':'broken','url':'" URL "','expect_status':[404,500]}]}",
               port(fixture), port(fixture));
    const struct gl_load_counts *final = finish_load(fixture);
    assert_int_equal(final->wrong, 25);
    assert_int_equal(final->ok, 25);
    assert_int_equal(final->targets[0].wrong, 25);
    assert_int_equal(final->targets[1].ok, 25);
    assert_int_equal(tally(&final->reasons, "HTTP 500"), 25);
    assert_int_equal(final->problem_count, 25);
    assert_string_equal(final->problems[0].what, "wrong");
    assert_string_equal(final->problems[0].name, "home");
    assert_string_equal(final->problems[0].release, "8");
    assert_int_equal(final->problems[0].status, 500);
}

static void another_body_is_wrong(void **state)
{
    struct fixture *fixture = *state;
    start_load(fixture,
               "{'rps':100,'duration_ms':200,'targets':[{'name':'home','url':'" URL
               "','expect_body':'goodbye'}]}",
               port(fixture));
    assert_int_equal(finish_load(fixture)->wrong, 20);
}

static void an_injected_fault_is_not_wrong(void **state)
{
    struct fixture *fixture = *state;
    fixture->server->status = 500;
    fixture->server->fault = 1;
    start_load(fixture, "{'rps':100,'duration_ms':500,'targets':[{'name':'home','url':'" URL "'}]}",
               port(fixture));
    const struct gl_load_counts *final = finish_load(fixture);
    assert_int_equal(final->injected, 50);
    assert_int_equal(final->targets[0].injected, 50);
    assert_int_equal(final->wrong, 0);
    assert_int_equal(final->problem_count, 0);
}

static void half_an_answer_is_lost(void **state)
{
    struct fixture *fixture = *state;
    fixture->server->cut_body = 1;
    start_load(fixture, "{'rps':100,'duration_ms':200,'targets':[{'name':'home','url':'" URL "'}]}",
               port(fixture));
    assert_int_equal(finish_load(fixture)->lost, 20);
}

static void no_answer_in_time_is_lost(void **state)
{
    struct fixture *fixture = *state;
    fixture->server->delay_ms = -1;
    start_load(fixture,
               "{'rps':50,'timeout_ms':300,'duration_ms':1000,"
               "'clients':{'keep_alive':{'connections':4}},"
               "'targets':[{'name':'home','url':'" URL "'}]}",
               port(fixture));
    const struct gl_load_counts *final = finish_load(fixture);
    assert_int_equal(final->ok, 0);
    assert_int_equal(final->lost, final->sent);
    assert_int_equal(final->sent, 50);
    /* 4 connections busy for 300 ms each: most never got one. */
    assert_true(tally(&final->reasons, "no connection became free in time") > 0);
    assert_true(tally(&final->reasons, "Timeout was reached") >= 12);
}

/* A stall hides nothing: what could not be sent because no answer came is lost, not "unsent". */
static void a_stalling_server_loses_what_waits_for_it(void **state)
{
    struct fixture *fixture = *state;
    fixture->server->delay_ms = -1;
    start_load(fixture,
               "{'rps':50,'timeout_ms':2500,'shed_after_ms':500,'duration_ms':2000,"
               "'clients':{'keep_alive':{'connections':4}},"
               "'targets':[{'name':'home','url':'" URL "'}]}",
               port(fixture));
    const struct gl_load_counts *final = finish_load(fixture);
    assert_int_equal(final->ok, 0);
    assert_int_equal(final->lost, final->sent);
    assert_int_equal(final->sent + final->unsent, 100);
    /* Those due in the first 1.9 s saw no connection become free; the machine may be busy too. */
    assert_true(tally(&final->reasons, "every connection waited for an answer") > 50);
}

static void too_much_load_for_this_machine_is_unsent(void **state)
{
    struct fixture *fixture = *state;
    fixture->server->delay_ms = 20; /* one connection: at most 50 a second */
    start_load(fixture,
               "{'rps':200,'shed_after_ms':300,'duration_ms':1500,"
               "'clients':{'keep_alive':{'connections':1}},"
               "'targets':[{'name':'home','url':'" URL "'}]}",
               port(fixture));
    const struct gl_load_counts *final = finish_load(fixture);
    assert_int_equal(final->lost, 0);
    assert_int_equal(final->ok + final->unsent, 300);
    assert_true(final->unsent > 100);
}

/* Nobody blames the server for what this program slept through. */
static void a_generator_that_was_held_up_loses_nothing(void **state)
{
    struct fixture *fixture = *state;
    start_load(fixture,
               "{'rps':400,'shed_after_ms':300,'clients':{'keep_alive':{'connections':4}},"
               "'targets':[{'name':'home','url':'" URL "'}]}",
               port(fixture));
    WAIT_UNTIL(fixture, counts(fixture)->ok > 50);
    uint64_t before = counts(fixture)->ok;
    kill(gl_load_pid(fixture->load), SIGSTOP);
    gl_sleep_ms(1000);
    kill(gl_load_pid(fixture->load), SIGCONT);
    WAIT_UNTIL(fixture, counts(fixture)->ok > before + 100);
    const struct gl_load_counts *final = stop_load(fixture);
    assert_int_equal(final->lost, 0);
    assert_true(final->unsent > 100);
}

static void only_repeatable_requests_are_repeated_after_a_reset(void **state)
{
    struct fixture *fixture = *state;
    fixture->server->per_connection = 10;
    start_load(fixture,
               "{'rps':200,'duration_ms':1000,'clients':{'keep_alive':{'connections':1}},"
               "'targets':[{'name':'home','url':'" URL "'}]}",
               port(fixture));
    const struct gl_load_counts *final = finish_load(fixture);
    assert_int_equal(final->ok, 200);
    assert_int_equal(final->lost, 0);
    assert_true(final->retried_by_client >= 15);
    assert_int_equal(fixture->server->requests, final->sent + final->retried_by_client);
}

static void a_post_is_lost_when_its_connection_is_reset(void **state)
{
    struct fixture *fixture = *state;
    fixture->server->per_connection = 10;
    start_load(fixture,
               "{'rps':200,'duration_ms':1000,'clients':{'keep_alive':{'connections':1}},"
               "'targets':[{'name':'write','method':'POST','url':'" URL "','ack':true}]}",
               port(fixture));
    const struct gl_load_counts *final = finish_load(fixture);
    assert_int_equal(final->retried_by_client, 0);
    assert_true(final->lost >= 15);
    assert_int_equal(fixture->server->requests, final->sent); /* none reached it twice */
    assert_int_equal(final->acked, fixture->server->answers);
}

static void a_post_with_a_key_is_repeated_with_the_same_key(void **state)
{
    struct fixture *fixture = *state;
    fixture->server->per_connection = 1;
    start_load(fixture,
               "{'rps':20,'duration_ms':500,'clients':{'keep_alive':{'connections':1}},"
               "'targets':[{'name':'write','method':'POST','url':'" URL "','idempotency':true,"
               "'headers':['Content-Type: application/json','Authorization: Bearer abc'],"
               "'body':'{\\'id\\':\\'{uuid}\\',\\'n\\':{n},\\'x\\':{}}','ack':true}]}",
               port(fixture));
    const struct gl_load_counts *final = finish_load(fixture);
    assert_int_equal(final->lost, 0);
    assert_int_equal(final->acked, 10);
    assert_true(final->retried_by_client > 0);
    gl_autojson json_t *body = NULL;
    const char *text = fixture->server->body;
    assert_int_equal(gl_json_parse(text, strlen(text), "body", &body, NULL), 0);
    const char *uuid = gl_json_str(body, "id", "");
    assert_int_equal(gl_json_int(body, "n", 0), 10);
    assert_int_equal(json_object_size(json_object_get(body, "x")), 0);
    assert_int_equal(strlen(uuid), 36);
    assert_string_equal(fixture->server->key, uuid);
}

/* Who removes a fault must know when the answers that it delays are out, while others begin. */
static void what_was_sent_until_a_moment_settles_while_the_load_goes_on(void **state)
{
    struct fixture *fixture = *state;
    fixture->server->delay_ms = 500;
    start_load(fixture,
               "{'rps':100,'clients':{'keep_alive':{'connections':80}},"
               "'targets':[{'name':'home','url':'" URL "'}]}",
               port(fixture));
    WAIT_UNTIL(fixture, counts(fixture)->in_flight > 5);
    uint64_t sent = counts(fixture)->sent;
    int64_t since_ms = gl_mono_ms();
    assert_false(gl_load_settled(fixture->load, since_ms)); /* nothing newer is known */
    WAIT_UNTIL(fixture, gl_load_settled(fixture->load, since_ms));
    assert_true(counts(fixture)->ok >= sent);
    assert_true(counts(fixture)->in_flight > 0);
    assert_int_equal(stop_load(fixture)->lost, 0);
    assert_true(gl_load_settled(fixture->load, gl_mono_ms()));
}

static void what_has_no_answer_does_not_settle_before_it_is_given_up(void **state)
{
    struct fixture *fixture = *state;
    fixture->server->delay_ms = -1;
    start_load(fixture,
               "{'rps':20,'timeout_ms':1500,'clients':{'keep_alive':{'connections':80}},"
               "'targets':[{'name':'home','url':'" URL "'}]}",
               port(fixture));
    WAIT_UNTIL(fixture, counts(fixture)->in_flight > 2);
    uint64_t sent = counts(fixture)->sent;
    int64_t since_ms = gl_mono_ms();
    WAIT_UNTIL(fixture, gl_load_settled(fixture->load, since_ms));
    assert_true(counts(fixture)->lost >= sent);
}

static void sigterm_ends_it_with_all_answers(void **state)
{
    struct fixture *fixture = *state;
    fixture->server->delay_ms = 300;
    start_load(fixture,
               "{'rps':100,'clients':{'keep_alive':{'connections':50}},"
               "'targets':[{'name':'home','url':'" URL "'}]}",
               port(fixture));
    WAIT_UNTIL(fixture, counts(fixture)->ok > 10);
    int64_t begun_ms = gl_mono_ms();
    const struct gl_load_counts *final = stop_load(fixture);
    assert_true(gl_mono_ms() - begun_ms < 5000);
    assert_int_equal(final->ok, final->sent);
    assert_int_equal(final->ok, fixture->server->answers);
}

static void the_end_of_the_parent_ends_the_child(void **state)
{
    struct fixture *fixture = *state;
    int in[2];
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(in[0], STDIN_FILENO);
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(null, STDOUT_FILENO);
        execl(program_path(), program_path(), "load", "--plan", "-", NULL);
        _exit(127);
    }
    gl_autofree char *plan = gl_asprintf(
        "{\"rps\":50,\"targets\":[{\"name\":\"a\",\"url\":\"" URL "\"}]}\n", port(fixture));
    assert_int_equal(gl_write_all(in[1], plan, strlen(plan)), 0);
    int64_t until_ms = gl_mono_ms() + 20000;
    while (!fixture->server->answers && gl_mono_ms() < until_ms)
        gl_sleep_ms(5);
    assert_true(fixture->server->answers > 0);
    close(in[1]);
    close(in[0]);
    int status = -1;
    pid_t ended = 0;
    while (ended == 0 && gl_mono_ms() < until_ms) {
        ended = waitpid(pid, &status, WNOHANG);
        gl_sleep_ms(5);
    }
    if (ended != pid)
        kill(pid, SIGKILL);
    assert_int_equal(ended, pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_parent_that_does_not_read_does_not_stop_the_load(void **state)
{
    struct fixture *fixture = *state;
    fixture->server->status = 500; /* long lines: problems */
    start_load(fixture, "{'rps':200,'targets':[{'name':'home','url':'" URL "'}]}", port(fixture));
    WAIT_UNTIL(fixture, counts(fixture)->wrong > 0);
    unsigned before = fixture->server->answers;
    int64_t begun_ms = gl_mono_ms();
    while (fixture->server->answers < before + 400 && gl_mono_ms() < begun_ms + 20000)
        gl_sleep_ms(10);
    assert_true(fixture->server->answers >= before + 400);
    const struct gl_load_counts *final = stop_load(fixture);
    assert_int_equal(final->wrong, fixture->server->answers);
}

static void a_wrong_plan_is_an_error_of_the_child(void **state)
{
    struct fixture *fixture = *state;
    start_load(fixture, "{'rps':0,'targets':[]}");
    gl_autoerr struct gl_error err = {0};
    int64_t until_ms = gl_mono_ms() + 20000;
    int result = 0;
    while (result == 0 && gl_mono_ms() < until_ms)
        result = gl_load_poll(fixture->load, 100, &err);
    assert_int_equal(result, GL_E_PROCESS);
    const char *message = err.message ? err.message : "";
    assert_non_null(strstr(message, "status 3")); /* GL_E_CONFIG */
    assert_int_equal(fixture->server->connections, 0);
}

static void a_killed_child_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    gl_autoerr struct gl_error err = {0};
    start_load(fixture, "{'rps':50,'targets':[{'name':'home','url':'" URL "'}]}", port(fixture));
    WAIT_UNTIL(fixture, counts(fixture)->ok > 0);
    assert_true(gl_proc_rss_bytes(gl_load_pid(fixture->load)) > 0);
    kill(gl_load_pid(fixture->load), SIGKILL);
    int64_t until_ms = gl_mono_ms() + 20000;
    int result = 0;
    while (result >= 0 && gl_mono_ms() < until_ms)
        result = gl_load_poll(fixture->load, 100, &err);
    assert_int_equal(result, GL_E_PROCESS);
    assert_int_equal(gl_load_stop(fixture->load, &err), GL_E_PROCESS);
}

static void a_missing_program_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_load_start("/nonexistent/golive", "{}", &fixture->load, &err),
                     GL_E_PROCESS);
    assert_null(fixture->load);
}

static void a_plan_that_others_can_read_is_refused(void **state)
{
    struct fixture *fixture = *state;
    gl_autofree char *path = gl_path_join(fixture->dir, "plan.json");
    gl_autobuf struct gl_buf plan = {0};
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_write_text(path, "{}", 0644, NULL), 0);
    assert_int_equal(gl_load_read_plan(path, &plan, &err), GL_E_REFUSED);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(gl_load_read_plan(path, &plan, &err), 0);
    assert_string_equal(plan.data, "{}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
    int status = load_child(argc, argv);
    if (status >= 0)
        return status;
    gl_interrupt_init();
    const struct CMUnitTest tests[] = {
        TEST(every_request_is_counted_once),
        TEST(keep_alive_clients_keep_their_connection_and_fresh_ones_do_not),
        TEST(the_rate_is_kept_although_answers_are_slow),
        TEST(a_stall_shows_in_the_latency_of_all_that_were_due),
        TEST(a_killed_server_is_lost_requests),
        TEST(another_status_is_wrong),
        TEST(another_body_is_wrong),
        TEST(an_injected_fault_is_not_wrong),
        TEST(half_an_answer_is_lost),
        TEST(no_answer_in_time_is_lost),
        TEST(a_stalling_server_loses_what_waits_for_it),
        TEST(too_much_load_for_this_machine_is_unsent),
        TEST(a_generator_that_was_held_up_loses_nothing),
        TEST(only_repeatable_requests_are_repeated_after_a_reset),
        TEST(a_post_is_lost_when_its_connection_is_reset),
        TEST(a_post_with_a_key_is_repeated_with_the_same_key),
        TEST(what_was_sent_until_a_moment_settles_while_the_load_goes_on),
        TEST(what_has_no_answer_does_not_settle_before_it_is_given_up),
        TEST(sigterm_ends_it_with_all_answers),
        TEST(the_end_of_the_parent_ends_the_child),
        TEST(a_parent_that_does_not_read_does_not_stop_the_load),
        TEST(a_wrong_plan_is_an_error_of_the_child),
        TEST(a_killed_child_is_an_error),
        TEST(a_missing_program_is_an_error),
        TEST(a_plan_that_others_can_read_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
