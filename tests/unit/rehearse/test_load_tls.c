/* The load generator through HAProxy and nginx: TLS, HTTP/2, WebSockets, memory. */
#include "../../support/load_fixture.h"

#include <arpa/inet.h>
#include <sys/socket.h>

/* A listening socket that HAProxy inherits: no port can be taken between choosing and binding. */
static int listen_for_proxy(struct fixture *fixture)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0); /* NOLINT(android-cloexec-socket): inherited */
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(fd, 512), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    fixture->proxy_port = ntohs(address.sin_port);
    return fd;
}

static void run(const char *const *argv, const char *cwd)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_proc_spec spec = {.argv = argv, .cwd = cwd};
    if (gl_proc_check(&spec, NULL, &err) < 0)
        fail_msg("%s", err.message);
}

static void make_certificate(const struct fixture *fixture)
{
    const char *const argv[] = {"openssl",
                                "req",
                                "-x509",
                                "-newkey",
                                "ec",
                                "-pkeyopt",
                                "ec_paramgen_curve:P-256",
                                "-nodes",
                                "-keyout",
                                "key.pem",
                                "-out",
                                "ca.pem",
                                "-days",
                                "2",
                                "-subj",
                                "/CN=app.test",
                                "-addext",
                                "subjectAltName=DNS:app.test",
                                NULL};
    run(argv, fixture->dir);
    const char *const join[] = {"sh", "-c", "umask 077; cat ca.pem key.pem > both.pem", NULL};
    run(join, fixture->dir);
}

static void start_proxy(struct fixture *fixture)
{
    int fd = listen_for_proxy(fixture);
    gl_autofree char *config = gl_asprintf("global\n"
                                           "    nbthread 1\n"
                                           "defaults\n"
                                           "    mode http\n"
                                           "    timeout connect 5s\n"
                                           "    timeout client 60s\n"
                                           "    timeout server 60s\n"
                                           "    timeout tunnel 60s\n"
                                           "frontend edge\n"
                                           "    bind fd@%d ssl crt both.pem alpn h2,http/1.1\n"
                                           "    default_backend app\n"
                                           "backend app\n"
                                           "    server app 127.0.0.1:%d\n",
                                           fd, fixture->server->port);
    gl_autofree char *path = gl_path_join(fixture->dir, "haproxy.cfg");
    gl_autofree char *log = gl_path_join(fixture->dir, "haproxy.log");
    assert_int_equal(gl_write_text(path, config, 0600, NULL), 0);
    const char *const argv[] = {"haproxy", "-db", "-f", "haproxy.cfg", NULL};
    struct gl_proc_spec spec = {.argv = argv, .cwd = fixture->dir, .log_path = log};
    gl_autoerr struct gl_error err = {0};
    int failed = gl_proc_start(&spec, &fixture->proxy_pid, &err);
    close(fd); /* only HAProxy has it now: when it is killed, connections are refused */
    if (failed < 0)
        fail_msg("%s", err.message);
}

/* nginx ends every HTTP/2 connection after 25 requests with GOAWAY, while more are under way. */
static void start_nginx(struct fixture *fixture)
{
    int fd = listen_for_proxy(fixture);
    gl_autofree char *config = gl_asprintf("daemon off;\n"
                                           "pid nginx.pid;\n"
                                           "events {}\n"
                                           "http {\n"
                                           "    access_log off;\n"
                                           "    client_body_temp_path tmp1;\n"
                                           "    proxy_temp_path tmp2;\n"
                                           "    fastcgi_temp_path tmp3;\n"
                                           "    uwsgi_temp_path tmp4;\n"
                                           "    scgi_temp_path tmp5;\n"
                                           "    keepalive_requests 25;\n"
                                           "    server {\n"
                                           "        listen 127.0.0.1:%d ssl http2;\n"
                                           "        ssl_certificate ca.pem;\n"
                                           "        ssl_certificate_key key.pem;\n"
                                           "        location / { return 200 hello; }\n"
                                           "    }\n"
                                           "}\n",
                                           fixture->proxy_port);
    gl_autofree char *path = gl_path_join(fixture->dir, "nginx.conf");
    gl_autofree char *log = gl_path_join(fixture->dir, "nginx.log");
    gl_autofree char *inherit = gl_asprintf("NGINX=%d;", fd);
    assert_int_equal(gl_write_text(path, config, 0600, NULL), 0);
    const char *const argv[] = {"nginx",      "-p", fixture->dir, "-c",
                                "nginx.conf", "-e", "nginx.err",  NULL};
    const char *const env_add[] = {inherit, NULL};
    struct gl_proc_spec spec = {
        .argv = argv, .env_add = env_add, .cwd = fixture->dir, .log_path = log};
    gl_autoerr struct gl_error err = {0};
    int failed = gl_proc_start(&spec, &fixture->proxy_pid, &err);
    close(fd);
    if (failed < 0)
        fail_msg("%s", err.message);
}

static int set_up_nginx(void **state)
{
    int failed = set_up(state);
    if (failed == 0) {
        make_certificate(*state);
        start_nginx(*state);
    }
    return failed;
}

static int set_up_proxy(void **state)
{
    int failed = set_up(state);
    if (failed == 0) {
        make_certificate(*state);
        start_proxy(*state);
    }
    return failed;
}

/* The members every plan here has; connections wait in the socket's queue until HAProxy is up. */
static char *common(const struct fixture *fixture)
{
    return gl_asprintf("'ca_file':'%s/ca.pem','resolve':['app.test:%d:127.0.0.1'],"
                       "'targets':[{'name':'home','url':'https://app.test:%d/'}]",
                       fixture->dir, fixture->proxy_port, fixture->proxy_port);
}

static void all_kinds_of_clients_are_answered_and_counted(void **state)
{
    struct fixture *fixture = *state;
    gl_autofree char *more = common(fixture);
    start_load(fixture,
               "{'rps':300,'duration_ms':2000,'clients':{'keep_alive':{'share':3,'connections':8},"
               "'fresh':{'share':1},'h2':{'share':2,'connections':2,'streams':16}},%s}",
               more);
    const struct gl_load_counts *final = finish_load(fixture);
    assert_no_problems(final);
    assert_int_equal(final->ok, 600);
    assert_int_equal(final->http2, 200);
    assert_int_equal(final->retried_by_client + final->retried_refused, 0);
    assert_int_equal(fixture->server->requests, 600);
}

static void an_unknown_authority_is_lost(void **state)
{
    struct fixture *fixture = *state;
    start_load(fixture,
               "{'rps':50,'duration_ms':400,'resolve':['app.test:%d:127.0.0.1'],"
               "'clients':{'fresh':{},'h2':{}},"
               "'targets':[{'name':'home','url':'https://app.test:%d/'}]}",
               fixture->proxy_port, fixture->proxy_port);
    const struct gl_load_counts *final = finish_load(fixture);
    assert_int_equal(final->lost, 20);
    assert_int_equal(fixture->server->requests, 0);
}

static void a_killed_proxy_is_lost_requests_over_http2(void **state)
{
    struct fixture *fixture = *state;
    gl_autofree char *more = common(fixture);
    start_load(fixture, "{'rps':200,'clients':{'h2':{}},%s}", more);
    WAIT_UNTIL(fixture, counts(fixture)->http2 > 20);
    gl_proc_stop(fixture->proxy_pid, 0);
    fixture->proxy_pid = 0;
    WAIT_UNTIL(fixture, counts(fixture)->lost > 20);
    const struct gl_load_counts *final = stop_load(fixture);
    assert_int_equal(final->ok, final->http2);
    assert_string_equal(final->problems[0].client, "h2");
}

static void websockets_work_over_tls(void **state)
{
    struct fixture *fixture = *state;
    start_load(fixture,
               "{'ca_file':'%s/ca.pem','resolve':['app.test:%d:127.0.0.1'],"
               "'websockets':[{'url':'wss://app.test:%d/ws','count':10,'hello':'hi',"
               "'expect_ready':'ready','ping_interval_ms':50}]}",
               fixture->dir, fixture->proxy_port, fixture->proxy_port);
    WAIT_UNTIL(fixture, counts(fixture)->ws.pings_answered >= 20);
    fixture->server->ws_order = WS_RESTART;
    fixture->server->ws_generation++;
    WAIT_UNTIL(fixture, counts(fixture)->ws.connected == 20);
    gl_proc_stop(fixture->proxy_pid, 0);
    fixture->proxy_pid = 0;
    WAIT_UNTIL(fixture, counts(fixture)->ws.cut == 10);
    const struct gl_load_counts *final = stop_load(fixture);
    assert_int_equal(final->ws.reconnects_asked, 10);
}

static void what_goaway_left_unprocessed_is_repeated_and_not_lost(void **state)
{
    struct fixture *fixture = *state;
    start_load(fixture,
               "{'rps':1000,'clients':{'h2':{'connections':2}},"
               "'ca_file':'%s/ca.pem','resolve':['app.test:%d:127.0.0.1'],"
               "'targets':[{'name':'write','method':'POST','url':'https://app.test:%d/'}]}",
               fixture->dir, fixture->proxy_port, fixture->proxy_port);
    /* When a GOAWAY meets streams in flight is chance; it happens within seconds. */
    WAIT_UNTIL(fixture, counts(fixture)->retried_refused > 0);
    const struct gl_load_counts *final = stop_load(fixture);
    assert_no_problems(final);
    assert_int_equal(final->http2, final->ok);
    assert_int_equal(final->retried_by_client, 0);
}

#ifndef __SANITIZE_ADDRESS__
static void memory_stays_flat(void **state)
{
    struct fixture *fixture = *state;
    gl_autofree char *more = common(fixture);
    start_load(fixture,
               "{'rps':600,'clients':{'keep_alive':{'share':8,'connections':32},'fresh':{},"
               "'h2':{'streams':16}},%s,"
               "'websockets':[{'url':'wss://app.test:%d/ws','count':20,'ping_interval_ms':20}]}",
               more, fixture->proxy_port);
    WAIT_UNTIL(fixture, counts(fixture)->sent > 1000);
    uint64_t early = gl_proc_rss_bytes(gl_load_pid(fixture->load));
    WAIT_UNTIL(fixture, counts(fixture)->sent > 3000);
    uint64_t late = gl_proc_rss_bytes(gl_load_pid(fixture->load));
    assert_true(early > 0);
    assert_true(late < early + (1 << 20));
    assert_true(late < 32 << 20);
    assert_no_problems(stop_load(fixture));
}
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_proxy, tear_down)

int main(int argc, char **argv)
{
    int status = load_child(argc, argv);
    if (status >= 0)
        return status;
    gl_interrupt_init();
    const struct CMUnitTest tests[] = {
        TEST(all_kinds_of_clients_are_answered_and_counted),
        TEST(an_unknown_authority_is_lost),
        TEST(a_killed_proxy_is_lost_requests_over_http2),
        TEST(websockets_work_over_tls),
        cmocka_unit_test_setup_teardown(what_goaway_left_unprocessed_is_repeated_and_not_lost,
                                        set_up_nginx, tear_down),
#ifndef __SANITIZE_ADDRESS__
        TEST(memory_stays_flat),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
