/* What a browser meets: TLS, redirects, headers, limits, and the frontend's caching. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "platform/local/edge.h"
#include "platform/local/web.h"
#include "traffic_fixture.h"

static int make_serving(void **state)
{
    make(state);
    sample_start(&sample, 1);
    sample_shift(&sample, 1, 100);
    return 0;
}

static long status_of(enum gl_endpoint endpoint, struct gl_http_request request,
                      struct gl_http_response *response)
{
    gl_http_response_done(response);
    *response = (struct gl_http_response){0};
    assert_int_equal(sample_fetch(&sample, endpoint, request, response), 0);
    return response->status;
}

static void expect_header(const struct gl_http_response *response, const char *name,
                          const char *value)
{
    const char *actual = gl_http_header(response, name);
    if (!actual)
        fail_msg("status %ld has no %s", response->status, name);
    assert_string_equal(actual, value);
}

static void expect_security_headers(const struct gl_http_response *response)
{
    expect_header(response, "strict-transport-security", "max-age=31536000; includeSubDomains");
    expect_header(response, "x-content-type-options", "nosniff");
    expect_header(response, "x-frame-options", "DENY");
    expect_header(response, "content-security-policy", "frame-ancestors 'none'");
    assert_non_null(gl_http_header(response, "x-request-id"));
    assert_null(gl_http_header(response, "server"));
}

static size_t keep(char *data, size_t size, size_t count, void *context)
{
    gl_buf_add(context, data, size * count);
    return size * count;
}

/* Posts over HTTP/1.1; an answer that comes before the body was sent is an answer. */
static long post_http1(const char *path, const char *body, size_t len, struct gl_buf *ret_head)
{
    gl_autoerr struct gl_error err = {0};
    gl_autotarget struct gl_target target = {0};
    long status = 0;
    ok(sample.platform->ops->endpoint(sample.platform, GL_ENDPOINT_API, 0, &target, &err), &err);
    gl_autofree char *url = gl_asprintf("%s%s", target.base_url, path);
    CURL *curl = curl_easy_init();
    struct curl_slist *resolve = curl_slist_append(NULL, target.resolve);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_RESOLVE, resolve);
    curl_easy_setopt(curl, CURLOPT_CAINFO, target.ca_file);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)len);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, swallow);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, ret_head);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    curl_slist_free_all(resolve);
    return status;
}

static void every_answer_has_the_security_headers(void **unused)
{
    (void)unused;
    gl_autohttp struct gl_http_response response = {0};
    char big[70 << 10];
    memset(big, 'x', sizeof big);
    assert_int_equal(
        status_of(GL_ENDPOINT_API, (struct gl_http_request){.url = "/version"}, &response), 200);
    expect_security_headers(&response);
    assert_int_equal(
        status_of(GL_ENDPOINT_API, (struct gl_http_request){.url = "/status/500"}, &response), 500);
    expect_security_headers(&response);
    gl_autobuf struct gl_buf head = {0};
    assert_int_equal(post_http1("/echo", big, sizeof big, &head), 413);
    assert_non_null(strcasestr(gl_buf_text(&head), "strict-transport-security"));
    struct gl_http_request upload = {
        .method = "POST", .url = "/echo", .body = big, .body_len = 60 << 10};
    assert_int_equal(status_of(GL_ENDPOINT_API, upload, &response), 200);
    assert_int_equal(response.body.len, upload.body_len);
    const char *wrong_host[] = {"Host: evil.example", NULL};
    assert_int_equal(status_of(GL_ENDPOINT_API,
                               (struct gl_http_request){.url = "/version", .headers = wrong_host},
                               &response),
                     421);
    expect_security_headers(&response);
}

static void logins_are_limited_and_other_requests_are_not(void **unused)
{
    (void)unused;
    gl_autohttp struct gl_http_response response = {0};
    int refused = 0;
    for (int i = 0; i < 9; i++) {
        struct gl_http_request login = {.method = "POST", .url = "/auth/login"};
        refused += status_of(GL_ENDPOINT_API, login, &response) == 429;
    }
    assert_int_equal(refused, 4);
    expect_security_headers(&response);
    expect_header(&response, "retry-after", "10");
    assert_int_equal(
        status_of(GL_ENDPOINT_API, (struct gl_http_request){.url = "/version"}, &response), 200);
}

static void plain_http_is_redirected_only_for_our_names(void **unused)
{
    (void)unused;
    gl_autohttp struct gl_http_response response = {0};
    gl_autohttp struct gl_http_response stranger = {0};
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *url =
        gl_asprintf("http://127.0.0.1:%u/a/b?c=d", sample.local->ports[GL_PORT_HTTP]);
    gl_autofree char *target =
        gl_asprintf("https://api.sample.localhost:%u/a/b?c=d", sample.local->ports[GL_PORT_HTTPS]);
    const char *ours[] = {"Host: api.sample.localhost:8080", NULL};
    const char *theirs[] = {"Host: evil.example", NULL};
    struct gl_http_request request = {.url = url, .headers = ours};
    ok(gl_http_fetch(&request, &response, &err), &err);
    assert_int_equal(response.status, 308);
    expect_header(&response, "location", target);
    request.headers = theirs;
    ok(gl_http_fetch(&request, &stranger, &err), &err);
    assert_int_equal(stranger.status, 421);
    assert_null(gl_http_header(&stranger, "location"));
}

/* The version a client gets that offers no TLS newer than `newest`; ret_http is 10 * HTTP version.
 */
static CURLcode connect_with(long newest, long *ret_http)
{
    gl_autoerr struct gl_error err = {0};
    gl_autotarget struct gl_target target = {0};
    ok(sample.platform->ops->endpoint(sample.platform, GL_ENDPOINT_API, 0, &target, &err), &err);
    gl_autofree char *url = gl_asprintf("%s/version", target.base_url);
    CURL *curl = curl_easy_init();
    struct curl_slist *resolve = curl_slist_append(NULL, target.resolve);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_RESOLVE, resolve);
    curl_easy_setopt(curl, CURLOPT_CAINFO, target.ca_file);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, swallow);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
    /* Security level 0 lets this client offer what is refused by default everywhere. */
    curl_easy_setopt(curl, CURLOPT_SSL_CIPHER_LIST, "ALL:@SECLEVEL=0");
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_0 | newest);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_HTTP_VERSION, ret_http);
    curl_easy_cleanup(curl);
    curl_slist_free_all(resolve);
    return code;
}

static void old_tls_is_refused_and_http2_is_spoken(void **unused)
{
    (void)unused;
    long http = 0;
    assert_int_equal(connect_with(CURL_SSLVERSION_MAX_TLSv1_1, &http), CURLE_SSL_CONNECT_ERROR);
    assert_int_equal(connect_with(CURL_SSLVERSION_MAX_TLSv1_2, &http), CURLE_OK);
    assert_int_equal(connect_with(CURL_SSLVERSION_MAX_TLSv1_3, &http), CURLE_OK);
    assert_int_equal(http, CURL_HTTP_VERSION_2_0);
}

static void add_file(const char *dir, const char *relative, const char *text)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(dir, relative);
    gl_autofree char *parent = gl_path_dir(path);
    ok(gl_mkdir_p(parent, 0700, &err), &err);
    ok(gl_write_text(path, text, 0600, &err), &err);
}

/* A build as SvelteKit's static adapter makes it, with one hashed file named after the release. */
static char *build_frontend(int64_t release)
{
    gl_autofree char *name = gl_asprintf("build %d", (int)release);
    gl_autofree char *page = gl_asprintf("<title>release %d</title>", (int)release);
    gl_autofree char *hashed = gl_asprintf("_app/immutable/entry/app.%d.js", (int)release);
    char *dir = gl_path_join(sample.top, name);
    add_file(dir, "index.html", page);
    add_file(dir, "login/index.html", "<title>login</title>");
    add_file(dir, "404.html", "<title>nothing here</title>");
    add_file(dir, "_app/env.js", "export const env={}");
    add_file(dir, "_app/immutable/shared.css", "body{}");
    add_file(dir, hashed, "console.log(1)");
    return dir;
}

static void publish(int64_t release)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *dir = build_frontend(release);
    struct gl_artifact artifact = sample_artifact(&sample, release);
    artifact.frontend_dir = dir;
    ok(sample.platform->ops->publish(sample.platform, &artifact, &err), &err);
    ok(sample.platform->ops->publish(sample.platform, &artifact, &err), &err);
}

static void activate(int64_t release)
{
    gl_autoerr struct gl_error err = {0};
    ok(sample.platform->ops->activate(sample.platform, release, &err), &err);
}

static void expect_page(const char *path, long status, const char *part, const char *cache)
{
    gl_autohttp struct gl_http_response response = {0};
    struct gl_http_request request = {.url = path};
    assert_int_equal(status_of(GL_ENDPOINT_APP, request, &response), status);
    if (!strstr(gl_buf_text(&response.body), part))
        fail_msg("%s has no `%s`: %s", path, part, gl_buf_text(&response.body));
    expect_header(&response, "cache-control", cache);
    expect_security_headers(&response);
}

static void the_frontend_switches_at_once_and_keeps_old_assets(void **unused)
{
    (void)unused;
    static const char forever[] = "public, max-age=31536000, immutable";
    gl_autoerr struct gl_error err = {0};
    const int64_t keep_second[] = {2};
    publish(1);
    publish(2);
    activate(1);
    expect_page("/", 200, "release 1", "no-cache");
    expect_page("/login", 200, "login", "no-cache");
    expect_page("/nowhere", 404, "nothing here", "no-store");
    activate(2);
    assert_int_equal(gl_web_current(sample.local), 2);
    expect_page("/", 200, "release 2", "no-cache");
    expect_page("/_app/immutable/entry/app.1.js", 200, "console", forever);
    expect_page("/_app/immutable/entry/app.2.js", 200, "console", forever);
    expect_page("/_app/immutable/entry/app.3.js", 404, "nothing here", "no-store");
    ok(sample.platform->ops->prune(sample.platform, keep_second, 1, &err), &err);
    expect_page("/_app/immutable/entry/app.1.js", 404, "nothing here", "no-store");
    expect_page("/_app/immutable/entry/app.2.js", 200, "console", forever);
    expect_page("/_app/immutable/shared.css", 200, "body", forever);
    assert_int_equal(sample.platform->ops->activate(sample.platform, 1, &err), GL_E_NOT_FOUND);
    activate(0);
    assert_int_equal(gl_web_current(sample.local), 0);
    expect_page("/", 404, "", "no-store");
    activate(0); /* none again is none */
    activate(2);
    expect_page("/", 200, "release 2", "no-cache");
}

static void the_frontend_gets_public_variables_only(void **unused)
{
    (void)unused;
    gl_autohttp struct gl_http_response response = {0};
    gl_autofree char *expected = gl_asprintf(
        "export const env={\"PUBLIC_API_BASE_URL\":\"https://api.sample.localhost:%u\"}",
        sample.local->ports[GL_PORT_HTTPS]);
    publish(7);
    activate(7);
    struct gl_http_request request = {.url = "/_app/env.js"};
    assert_int_equal(status_of(GL_ENDPOINT_APP, request, &response), 200);
    assert_string_equal(gl_buf_text(&response.body), expected);
}

static void two_instances_run_side_by_side(void **unused)
{
    (void)unused;
    gl_autofree char *body = NULL;
    struct sample second;
    sample_make(&second);
    assert_int_not_equal(second.local->ports[GL_PORT_HTTPS], sample.local->ports[GL_PORT_HTTPS]);
    sample_up(&second);
    sample_start(&second, 5);
    sample_shift(&second, 5, 100);
    body = sample_get(&second, "/version");
    sample_remove(&second);
    assert_string_equal(body, "v5");
    gl_autofree char *first = sample_get(&sample, "/version");
    assert_string_equal(first, "v1");
}

/* Adds what arrives until `part` is there; false after 10 s or when the connection ends without. */
static bool websocket_await(CURL *curl, struct gl_buf *seen, const char *part, size_t len)
{
    int64_t deadline = gl_mono_ms() + 10000;
    while (gl_mono_ms() < deadline) {
        size_t count = 0;
        char *room = gl_buf_reserve(seen, 4096);
        CURLcode code = curl_easy_recv(curl, room, 4096, &count);
        if (code == CURLE_OK)
            seen->len += count;
        if (seen->len && memmem(seen->data, seen->len, part, len))
            return true;
        if (code == CURLE_OK && count == 0)
            return false;
        gl_sleep_ms(2);
    }
    return false;
}

static void open_connections_are_asked_to_move_and_new_ones_go_to_the_new_version(void **unused)
{
    (void)unused;
    static const char close_1012[] = {(char)0x88, 2, 3, (char)0xf4};
    gl_autoerr struct gl_error err = {0};
    gl_autobuf struct gl_buf old_seen = {0};
    gl_autobuf struct gl_buf new_seen = {0};
    ok(sample.platform->ops->move_sessions(sample.platform, 1, &err), &err);
    CURL *old_session = websocket_open();
    assert_true(websocket_await(old_session, &old_seen, "101 Switching", 13));
    sample_start(&sample, 2);
    sample_shift(&sample, 2, 100);
    CURL *still_old = websocket_open();
    gl_autobuf struct gl_buf still_seen = {0};
    assert_true(websocket_await(still_old, &still_seen, "101 Switching", 13));
    ok(sample.platform->ops->move_sessions(sample.platform, 2, &err), &err);
    assert_true(websocket_await(old_session, &old_seen, close_1012, 4));
    assert_true(websocket_await(still_old, &still_seen, close_1012, 4));
    CURL *new_session = websocket_open();
    assert_true(websocket_await(new_session, &new_seen, "101 Switching", 13));
    gl_autofree char *csv = NULL;
    ok(gl_edge_ask(sample.local, GL_EDGE_SOCKET, "show stat", &csv, &err), &err);
    enum gl_slot second = GL_SLOT_GREEN;
    assert_int_equal(gl_edge_stat_find(csv, "sessions", gl_slot_name(second)).current, 1);
    struct gl_traffic traffic = {0};
    ok(sample.platform->ops->traffic(sample.platform, &traffic, &err), &err);
    assert_int_equal(traffic.count, 2);
    assert_true(traffic.versions[0].healthy); /* the old one is warm again */
    assert_false(traffic.versions[0].sessions);
    assert_true(traffic.versions[1].sessions);
    curl_easy_cleanup(old_session);
    curl_easy_cleanup(still_old);
    curl_easy_cleanup(new_session);
}

static void a_renewed_certificate_is_served_without_a_restart(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    struct gl_service_state before = {0};
    struct gl_service_state after = {0};
    gl_autofree char *pem = gl_local_path(sample.local, "tls/edge.pem");
    gl_autofree char *crt = gl_local_path(sample.local, "tls/edge.crt");
    gl_autofree char *info = NULL;
    gl_autofree char *renewed = NULL;
    ok(gl_edge_ask(sample.local, GL_EDGE_SOCKET, "show ssl cert ../../tls/edge.pem", &info, &err),
       &err);
    assert_non_null(strstr(info, "Serial:"));
    ok(gl_s6_state(sample.local, GL_EDGE_SERVICE, &before, &err), &err);
    assert_int_equal(unlink(crt), 0);
    assert_int_equal(unlink(pem), 0);
    sample_up(&sample);
    ok(gl_s6_state(sample.local, GL_EDGE_SERVICE, &after, &err), &err);
    assert_int_equal(after.pid, before.pid);
    ok(gl_edge_ask(sample.local, GL_EDGE_SOCKET, "show ssl cert ../../tls/edge.pem", &renewed,
                   &err),
       &err);
    assert_string_not_equal(info, renewed);
    gl_autofree char *body = sample_get(&sample, "/version");
    assert_string_equal(body, "v1");
}

/* ---- bodies without a length, WebSockets over HTTP/2 --------------------------------------------
 */

static void expect_node(const char *what, const char *answer)
{
    gl_autoerr struct gl_error err = {0};
    gl_autotarget struct gl_target target = {0};
    gl_autofree char *out = NULL;
    gl_autofree char *script = gl_path_join(getenv("SOURCE_ROOT"), "tests/support/edge_client.mjs");
    gl_autofree char *port = gl_asprintf("%u", sample.local->ports[GL_PORT_HTTPS]);
    ok(sample.platform->ops->endpoint(sample.platform, GL_ENDPOINT_API, 0, &target, &err), &err);
    const char *argv[] = {"node", script, "api.sample.localhost", port, target.ca_file, what, NULL};
    const struct gl_proc_spec spec = {.argv = argv, .timeout_ms = 20000};
    ok(gl_proc_check(&spec, &out, &err), &err);
    assert_string_equal(out, answer);
}

static void bodies_without_a_length_are_refused(void **unused)
{
    (void)unused;
    expect_node("http1-length", "200 hello\n");
    expect_node("h2-length", "200 hello\n");
    expect_node("http1-chunked", "411 {\"error\":\"length required\"}\n");
    expect_node("h2-unknown", "411 {\"error\":\"length required\"}\n");
}

static uint64_t sessions_given(void)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *csv = NULL;
    ok(gl_edge_ask(sample.local, GL_EDGE_SOCKET, "show stat", &csv, &err), &err);
    return gl_edge_stat_find(csv, "sessions", "blue").attempts +
           gl_edge_stat_find(csv, "sessions", "green").attempts;
}

static void websockets_over_http2_reach_the_sessions(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    ok(sample.platform->ops->move_sessions(sample.platform, 1, &err), &err);
    uint64_t before = sessions_given();
    expect_node("websocket", "200 over h2\n");
    assert_int_equal(sessions_given(), before + 1);
}

/* ---- which authorities count --------------------------------------------------------------------
 */

/* In a world of its own where the system trusts our authority: with another one given, that must
 * not count. */
static int fetch_with_system_trusting_us(const char *ca_file)
{
    gl_autotarget struct gl_target target = {0};
    gl_autohttp struct gl_http_response response = {0};
    gl_autofree char *trusted = gl_path_join(sample.top, "trusted");
    gl_autofree char *pem = gl_path_join(trusted, "ca.pem");
    gl_autofree char *bundle = gl_path_join(trusted, "ca-certificates.crt");
    gl_autofree char *stranger = gl_path_join(sample.top, "stranger.pem");
    gl_autofree char *own = gl_local_path(sample.local, "ca/ca.pem");
    const char *rehash[] = {"openssl", "rehash", trusted, NULL};
    const struct gl_proc_spec spec = {.argv = rehash};
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        gl_mkdir_p(trusted, 0755, NULL) < 0 || gl_copy_file(own, pem, NULL) < 0 ||
        gl_copy_file(stranger, bundle, NULL) < 0 || gl_proc_check(&spec, NULL, NULL) < 0 ||
        mount(trusted, "/etc/ssl/certs", NULL, MS_BIND, NULL) < 0 ||
        sample.platform->ops->endpoint(sample.platform, GL_ENDPOINT_API, 0, &target, NULL) < 0)
        return 100;
    gl_autofree char *url = gl_asprintf("%s/version", target.base_url);
    struct gl_http_request request = {.url = url, .resolve = target.resolve, .ca_file = ca_file};
    gl_autoerr struct gl_error err = {0};
    bool fetched = gl_http_fetch(&request, &response, &err) == 0;
    if (!fetched)
        print_message("# %s\n", err.message);
    return fetched;
}

static int in_child(const char *ca_file)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(fetch_with_system_trusting_us(ca_file));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_given_authority_replaces_those_of_the_system(void **unused)
{
    (void)unused;
    if (geteuid() != 0)
        skip();
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *stranger = gl_path_join(sample.top, "stranger.pem");
    gl_autofree char *own = gl_local_path(sample.local, "ca/ca.pem");
    const char *argv[] = {"openssl",
                          "req",
                          "-x509",
                          "-newkey",
                          "ec",
                          "-pkeyopt",
                          "ec_paramgen_curve:P-256",
                          "-nodes",
                          "-subj",
                          "/CN=stranger",
                          "-keyout",
                          "/dev/null",
                          "-out",
                          stranger,
                          NULL};
    const struct gl_proc_spec spec = {.argv = argv};
    ok(gl_proc_check(&spec, NULL, &err), &err);
    assert_int_equal(in_child(own), 1);
    assert_int_equal(in_child(NULL), 1); /* the system does trust us there */
    assert_int_equal(in_child(stranger), 0);
}

/* ---- frontends that are whole -------------------------------------------------------------------
 */

static void a_missing_file_is_not_answered_by_the_page(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autohttp struct gl_http_response response = {0};
    gl_autofree char *dir = build_frontend(70);
    struct gl_artifact artifact = sample_artifact(&sample, 70);
    artifact.frontend_dir = dir;
    add_file(dir, "200.html", "<title>application</title>");
    add_file(dir, "robots.txt", "User-agent: *");
    ok(sample.platform->ops->publish(sample.platform, &artifact, &err), &err);
    activate(70);

    static const struct {
        const char *path;
        long status;
    } rows[] = {
        {"/robots.txt",      200},
        {"/people/7",        200},
        {"/people/jane.doe", 200},
        {"/v1.2/notes",      200},
        {"/logo.png",        404},
        {"/fonts/a.WOFF2",   404},
        {"/app.js?v=2",      404},
        {"/style.css",       404},
    };

    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        struct gl_http_request request = {.url = rows[i].path};
        if (status_of(GL_ENDPOINT_APP, request, &response) != rows[i].status)
            fail_msg("%s: %ld", rows[i].path, response.status);
    }
}

static int64_t synced_release;
static int syncs;

/* In the place of libc's: notes that a release is flushed before it has its name. */
int syncfs(int fd)
{
    gl_autofree char *relative = gl_asprintf("www/releases/%d", (int)synced_release);
    if (synced_release) {
        gl_autofree char *final = gl_local_path(sample.local, relative);
        syncs += !gl_is_dir(final);
    }
    return (int)syscall(SYS_syncfs, fd);
}

static void a_frontend_is_on_disk_before_it_counts(void **unused)
{
    (void)unused;
    synced_release = 71;
    publish(71);
    synced_release = 0;
    assert_int_equal(syncs, 1);
}

/* After a power loss an asset may be there by name and empty. */
static void an_asset_that_lost_its_content_is_put_right(void **unused)
{
    (void)unused;
    gl_autobuf struct gl_buf text = {0};
    gl_autofree char *pooled = gl_local_path(sample.local, "www/assets/_app/immutable/shared.css");
    publish(72);
    assert_int_equal(unlink(pooled), 0);
    add_file(sample.local->root, "www/assets/_app/immutable/shared.css", "");
    publish(73);
    assert_int_equal(gl_read_file(pooled, 0, &text, NULL), 0);
    assert_string_equal(gl_buf_text(&text), "body{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_answer_has_the_security_headers),
        cmocka_unit_test(logins_are_limited_and_other_requests_are_not),
        cmocka_unit_test(plain_http_is_redirected_only_for_our_names),
        cmocka_unit_test(old_tls_is_refused_and_http2_is_spoken),
        cmocka_unit_test(the_frontend_switches_at_once_and_keeps_old_assets),
        cmocka_unit_test(the_frontend_gets_public_variables_only),
        cmocka_unit_test(two_instances_run_side_by_side),
        cmocka_unit_test(a_renewed_certificate_is_served_without_a_restart),
        cmocka_unit_test(bodies_without_a_length_are_refused),
        cmocka_unit_test(websockets_over_http2_reach_the_sessions),
        cmocka_unit_test(a_given_authority_replaces_those_of_the_system),
        cmocka_unit_test(a_missing_file_is_not_answered_by_the_page),
        cmocka_unit_test(a_frontend_is_on_disk_before_it_counts),
        cmocka_unit_test(an_asset_that_lost_its_content_is_put_right),
        cmocka_unit_test(open_connections_are_asked_to_move_and_new_ones_go_to_the_new_version),
    };
    return run_with_sample(tests, make_serving);
}
