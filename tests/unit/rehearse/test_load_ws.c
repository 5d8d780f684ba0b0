/* WebSocket clients: asked to come back, cut, refused, silent. */
#include "../../support/load_fixture.h"

/* Begins `count` clients and waits until all are open. */
static void open_all(struct fixture *fixture, unsigned count, const char *extra)
{
    start_load(fixture,
               "{'timeout_ms':2000,'websockets':[{'url':'ws://127.0.0.1:%d/ws?token=s3cret',"
               "'count':%u,'hello':'{\\'hello\\':1}','expect_ready':'\\'ready\\''%s}]}",
               fixture->server->port, count, extra);
    WAIT_UNTIL(fixture, counts(fixture)->ws.open == count);
}

static void order(struct fixture *fixture, enum load_server_order what)
{
    fixture->server->ws_order = (int)what;
    fixture->server->ws_generation++;
}

static void clients_open_ping_and_close_properly(void **state)
{
    struct fixture *fixture = *state;
    open_all(fixture, 20, ",'ping_interval_ms':50,'name':'live','headers':['X-A: b']");
    WAIT_UNTIL(fixture, counts(fixture)->ws.pings_answered >= 100);
    const struct gl_load_counts *final = stop_load(fixture);
    assert_int_equal(final->ws.connected, 20);
    assert_int_equal(final->ws.messages, 20);
    assert_int_equal(final->ws.open, 0);
    assert_int_equal(final->ws.closed, 20);
    assert_true(final->ws.pings_sent - final->ws.pings_answered <= 20);
    assert_int_equal(final->ws.cut + final->ws.refused + final->ws.reconnects_asked, 0);
    assert_int_equal(tally(&final->releases, "7"), 20);
    assert_int_equal(fixture->server->ws_opened, 20);
    assert_int_equal(fixture->server->ws_closed_by_client, 20);
    assert_int_equal(fixture->server->ws_close_code, 1000);
    assert_int_equal(fixture->server->ws_pongs, 20);
    assert_string_equal(fixture->server->hello, "{\"hello\":1}");
}

static void asked_to_come_back_is_not_lost(void **state)
{
    struct fixture *fixture = *state;
    open_all(fixture, 20, "");
    order(fixture, WS_RESTART);
    WAIT_UNTIL(fixture, counts(fixture)->ws.connected == 40);
    const struct gl_load_counts *final = stop_load(fixture);
    assert_int_equal(final->ws.reconnects_asked, 20);
    assert_int_equal(final->ws.cut + final->ws.refused, 0);
    assert_int_equal(final->problem_count, 0);
    assert_int_equal(fixture->server->ws_close_answers, 20);
    assert_int_equal(fixture->server->ws_opened, 40);
}

static void asked_to_come_back_and_then_refused_is_refused(void **state)
{
    struct fixture *fixture = *state;
    open_all(fixture, 5, "");
    fixture->server->refuse_ws = 1;
    order(fixture, WS_RESTART);
    WAIT_UNTIL(fixture, counts(fixture)->ws.refused >= 5);
    const struct gl_load_counts *final = stop_load(fixture);
    assert_int_equal(final->ws.reconnects_asked, 5);
    assert_int_equal(final->ws.cut, 0);
    assert_string_equal(final->problems[0].what, "refused");
    assert_string_equal(final->problems[0].client, "websocket");
    assert_string_equal(final->problems[0].path, "/ws");
    assert_int_equal(final->problems[0].status, 503);
}

/* A fault that the rehearsal made is not what the release lost. */
static void refused_by_an_injected_fault_is_not_refused(void **state)
{
    struct fixture *fixture = *state;
    open_all(fixture, 5, "");
    fixture->server->refuse_ws = 1;
    fixture->server->fault = 1;
    order(fixture, WS_RESTART);
    WAIT_UNTIL(fixture, counts(fixture)->ws.injected >= 5);
    const struct gl_load_counts *final = stop_load(fixture);
    assert_int_equal(final->ws.refused, 0);
    assert_int_equal(final->ws.cut, 0);
    assert_int_equal(final->problem_count, 0);
}

static void cut_is_counted_and_comes_back(void **state)
{
    struct fixture *fixture = *state;
    open_all(fixture, 20, "");
    order(fixture, WS_CUT);
    WAIT_UNTIL(fixture, counts(fixture)->ws.connected == 40);
    const struct gl_load_counts *final = stop_load(fixture);
    assert_int_equal(final->ws.cut, 20);
    assert_int_equal(final->ws.reconnects_asked, 0);
    assert_int_equal(final->problem_count, 20);
    assert_string_equal(final->problems[0].what, "cut");
    assert_string_equal(final->problems[0].release, "7");
}

static void an_error_of_the_server_is_a_cut(void **state)
{
    struct fixture *fixture = *state;
    open_all(fixture, 3, "");
    order(fixture, WS_FAIL);
    WAIT_UNTIL(fixture, counts(fixture)->ws.connected == 6);
    assert_int_equal(stop_load(fixture)->ws.cut, 3);
    assert_int_equal(counts(fixture)->problems[0].status, 1011);
}

static void a_broken_frame_is_a_cut_and_closed_with_1002(void **state)
{
    struct fixture *fixture = *state;
    open_all(fixture, 3, "");
    order(fixture, WS_BREAK);
    WAIT_UNTIL(fixture, counts(fixture)->ws.connected == 6);
    assert_int_equal(counts(fixture)->ws.cut, 3);
    assert_int_equal(counts(fixture)->problems[0].status, 1002);
}

static void a_killed_server_cuts_all(void **state)
{
    struct fixture *fixture = *state;
    open_all(fixture, 10, "");
    gl_proc_stop(fixture->server_pid, 0);
    fixture->server_pid = 0;
    WAIT_UNTIL(fixture, counts(fixture)->ws.refused >= 20);
    const struct gl_load_counts *final = stop_load(fixture);
    assert_int_equal(final->ws.cut, 10);
    assert_int_equal(final->ws.open, 0);
}

static void a_client_that_never_gets_ready_is_refused(void **state)
{
    struct fixture *fixture = *state;
    fixture->server->not_ready = 1;
    start_load(fixture,
               "{'timeout_ms':300,'websockets':[{'url':'ws://127.0.0.1:%d/ws','count':4,"
               "'hello':'x','expect_ready':'ready'}]}",
               fixture->server->port);
    WAIT_UNTIL(fixture, counts(fixture)->ws.refused >= 4);
    assert_int_equal(stop_load(fixture)->ws.connected, 0);
}

static void a_ping_without_answer_is_a_cut(void **state)
{
    struct fixture *fixture = *state;
    start_load(fixture,
               "{'timeout_ms':300,'websockets':[{'url':'ws://127.0.0.1:%d/ws','count':4,"
               "'ping_interval_ms':50}]}",
               fixture->server->port);
    WAIT_UNTIL(fixture, counts(fixture)->ws.pings_answered >= 4);
    order(fixture, WS_MUTE);
    WAIT_UNTIL(fixture, counts(fixture)->ws.cut >= 4);
    (void)stop_load(fixture);
    assert_true(tally(&counts(fixture)->reasons, "a ping was not answered in time") >= 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
    int status = load_child(argc, argv);
    if (status >= 0)
        return status;
    gl_interrupt_init();
    const struct CMUnitTest tests[] = {
        TEST(clients_open_ping_and_close_properly),
        TEST(asked_to_come_back_is_not_lost),
        TEST(asked_to_come_back_and_then_refused_is_refused),
        TEST(refused_by_an_injected_fault_is_not_refused),
        TEST(cut_is_counted_and_comes_back),
        TEST(an_error_of_the_server_is_a_cut),
        TEST(a_broken_frame_is_a_cut_and_closed_with_1002),
        TEST(a_killed_server_cuts_all),
        TEST(a_client_that_never_gets_ready_is_refused),
        TEST(a_ping_without_answer_is_a_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
