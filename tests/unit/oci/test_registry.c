/* What a real registry seldom does: tokens, refusals, broken connections, wrong digests. A server
 * plays a script; every request it gets must be the next one of the script. */
#include "support.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "oci/registry.h"

/* One request and its answer; "@" in texts stands for the server's "127.0.0.1:PORT". */
struct step {
    const char *request; /* how the request line begins */
    const char *header;  /* a line it must have; with a leading '!' one it must not have */
    const char *answer;  /* status line and headers; NULL = the connection is cut */
    const char *body;
};

struct server {
    const struct step *steps;
    size_t count;
    size_t played;
    int fd;
    int stop[2];
    char address[32];
    char *layout;
    char *complaint; /* the first thing that was not as the script says */
    pthread_t thread;
    bool running;
    struct gl_image image;
};

static struct server server;

static char *filled(const char *text)
{
    gl_autobuf struct gl_buf out = {0};
    for (; text && *text; text++) {
        if (*text == '@')
            gl_buf_puts(&out, server.address);
        else
            gl_buf_putc(&out, *text);
    }
    return gl_buf_steal(&out);
}

static size_t body_length(const char *request)
{
    const char *header = strcasestr(request, "\r\ncontent-length:");
    return header ? strtoul(header + 17, NULL, 10) : 0;
}

/* The request's head; its body is read and dropped. */
static char *read_request(int fd)
{
    gl_autobuf struct gl_buf in = {0};
    char part[65536];
    for (;;) {
        const char *head = gl_buf_text(&in);
        const char *end = strstr(head, "\r\n\r\n");
        if (end && in.len >= (size_t)(end - head) + 4 + body_length(head))
            return gl_strndup(head, (size_t)(end - head) + 4);
        ssize_t count = recv(fd, part, sizeof part, 0);
        if (count <= 0)
            return gl_buf_steal(&in);
        gl_buf_add(&in, part, (size_t)count);
    }
}

static void complain(const char *wanted, const char *request)
{
    if (!server.complaint)
        server.complaint =
            gl_asprintf("step %zu: wanted `%s`, got: %s", server.played + 1, wanted, request);
}

static void play(int fd)
{
    gl_autofree char *request = read_request(fd);
    if (server.played == server.count) {
        complain("nothing more", request);
        return;
    }
    const struct step *step = &server.steps[server.played];
    gl_autofree char *header = filled(step->header);
    if (!gl_starts_with(request, step->request))
        complain(step->request, request);
    if (*header == '!' ? strstr(request, header + 1) != NULL : !strstr(request, header))
        complain(header, request);
    server.played++;
    if (!step->answer)
        return;
    gl_autofree char *answer = filled(step->answer);
    gl_autofree char *body = filled(step->body);
    bool head = gl_starts_with(request, "HEAD");
    gl_autofree char *full =
        gl_asprintf("HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", answer,
                    strlen(body), head ? "" : body);
    (void)!send(fd, full, strlen(full), MSG_NOSIGNAL);
}

static void *serve(void *context)
{
    (void)context;
    for (;;) {
        struct pollfd fds[2] = {
            {.fd = server.fd,      .events = POLLIN},
            {.fd = server.stop[0], .events = POLLIN},
        };
        poll(fds, 2, -1);
        if (fds[1].revents)
            return NULL;
        gl_autoclose int fd = accept4(server.fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            play(fd);
    }
}

static void listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    server.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server.fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(server.fd, (struct sockaddr *)&address, &len), 0);
    assert_int_equal(listen(server.fd, 16), 0);
    snprintf(server.address, sizeof server.address, "127.0.0.1:%u", ntohs(address.sin_port));
}

/* An image of one layer, so that scripts are short: blobs are the layer, then the config. */
static int set_up(void **state)
{
    gl_autoerr struct gl_error err = {0};
    server = (struct server){0};
    if (make_dir(state) < 0 || pipe2(server.stop, O_CLOEXEC) < 0)
        return -1;
    server.layout = gl_path_join(*state, "layout");
    gl_autofree char *file = write_file(*state, "server", "program", 7, 0755);
    const struct gl_image_file app = {file, "/app/bin/server", 0};
    const struct gl_image_layer layer = {"app", &app, 1};
    struct gl_image_spec spec = simple_spec(server.layout, &layer, 1);
    gl_assert_ok(gl_image_build(&spec, &server.image, &err), &err);
    listen_on_loopback();
    return 0;
}

static void stop_server(void)
{
    char byte = 0;
    if (server.running) {
        assert_int_equal(write(server.stop[1], &byte, 1), 1);
        pthread_join(server.thread, NULL);
        assert_int_equal(read(server.stop[0], &byte, 1), 1);
    }
    server.running = false;
}

static int tear_down(void **state)
{
    stop_server();
    close(server.fd);
    close(server.stop[0]);
    close(server.stop[1]);
    free(server.layout);
    free(server.complaint);
    return remove_dir(state);
}

/* Pushes while the script is played to its end. */
static int push(const struct step *steps, size_t count, const char *user,
                struct gl_push_result *result, struct gl_error *err)
{
    server.steps = steps;
    server.count = count;
    assert_int_equal(pthread_create(&server.thread, NULL, serve, NULL), 0);
    server.running = true;
    gl_autofree char *registry = gl_asprintf("http://%s", server.address);
    struct gl_push_spec spec = {
        .layout_dir = server.layout,
        .digest = server.image.digest,
        .registry = registry,
        .repository = "team/app",
        .user = user,
        .password = user ? "pass" : NULL,
    };
    int code = gl_image_push(&spec, result, err);
    stop_server();
    if (server.complaint)
        fail_msg("%s", server.complaint);
    if (server.played != count)
        fail_msg("the push ended after %zu of %zu steps: %s", server.played, count,
                 err->message ? err->message : "successfully");
    return code;
}

#define HEAD_BLOB    "HEAD /v2/team/app/blobs/sha256:"
#define POST_UPLOAD  "POST /v2/team/app/blobs/uploads/ "
#define PUT_MANIFEST "PUT /v2/team/app/manifests/sha256:"
#define TOKEN_PATH                                                                                 \
    "GET /token?service=reg&scope=repository%3Ateam%2Fapp%3Apull%2Cpush&account=user "
#define CHALLENGE                                                                                  \
    "401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"http://@/token\",service=\"reg\""

static void a_busy_registry_is_asked_again_when_it_says_so(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {HEAD_BLOB,    NULL, "503 Busy",                        NULL},
        {HEAD_BLOB,    NULL, "429 Slow down\r\nRetry-After: 1", NULL},
        {HEAD_BLOB,    NULL, "200 OK",                          NULL},
        {HEAD_BLOB,    NULL, "200 OK",                          NULL},
        {PUT_MANIFEST, NULL, "500 Oh",                          NULL},
        {PUT_MANIFEST, NULL, "201 Created",                     NULL},
    };
    gl_autoerr struct gl_error err = {0};
    struct gl_push_result result = {0};
    int64_t begun_ms = gl_mono_ms();
    gl_assert_ok(push(steps, GL_COUNT(steps), NULL, &result, &err), &err);
    assert_true(gl_mono_ms() - begun_ms >= 1000);
    assert_int_equal(result.existing, 2);
    assert_int_equal(result.uploaded, 0);
}

static void an_upload_that_breaks_off_is_begun_anew(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {HEAD_BLOB,                                        NULL,                                                       "404 No",                               NULL},
        {POST_UPLOAD,                                      NULL,                                                       "202 Go\r\nLocation: /v2/up/1?state=a", NULL},
        {"PUT /v2/up/1?state=a&digest=sha256",             NULL,                                                       NULL,                                   NULL},
        {HEAD_BLOB,                                        NULL,                                                       "404 No",                               NULL},
        {POST_UPLOAD,                                      NULL,                                                       "202 Go\r\nLocation: http://@/up/2",    NULL},
        {"PUT /up/2?digest=sha256",                        NULL,                                                       "404 Unknown upload",                   NULL},
        {HEAD_BLOB,                                        NULL,                                                       "404 No",                               NULL},
        {POST_UPLOAD,                                      NULL,                                                       "202 Go\r\nLocation: 3",                NULL},
        {"PUT /v2/team/app/blobs/uploads/3?digest=sha256", "Content-Type: application/octet-stream",
         "201 Created",                                                                                                                                        NULL},
        {HEAD_BLOB,                                        NULL,                                                       "200 OK",                               NULL},
        {PUT_MANIFEST,                                     "Content-Type: application/vnd.oci.image.manifest.v1+json", "201 Created",
         NULL                                                                                                                                                      },
    };
    gl_autoerr struct gl_error err = {0};
    struct gl_push_result result = {0};
    gl_assert_ok(push(steps, GL_COUNT(steps), NULL, &result, &err), &err);
    assert_int_equal(result.uploaded, 1);
    assert_int_equal(result.existing, 1);
}

static void a_token_is_fetched_used_and_renewed(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {HEAD_BLOB,    "!Authorization",                    CHALLENGE,     NULL                        },
        {TOKEN_PATH,   "Authorization: Basic dXNlcjpwYXNz", "200 OK",      "{\"token\":\"ONE\"}"       },
        {HEAD_BLOB,    "Authorization: Bearer ONE\r\n",     "200 OK",      NULL                        },
        {HEAD_BLOB,    "Authorization: Bearer ONE\r\n",     "200 OK",      NULL                        },
        {PUT_MANIFEST, "Authorization: Bearer ONE\r\n",     CHALLENGE,     NULL                        },
        {TOKEN_PATH,   "Authorization: Basic dXNlcjpwYXNz", "200 OK",      "{\"access_token\":\"TWO\"}"},
        {PUT_MANIFEST, "Authorization: Bearer TWO\r\n",     "201 Created", NULL                        },
    };
    gl_autoerr struct gl_error err = {0};
    struct gl_push_result result = {0};
    gl_assert_ok(push(steps, GL_COUNT(steps), "user", &result, &err), &err);
}

static void credentials_go_to_the_registry_only(void **state)
{
    (void)state;
    gl_autofree char *location = gl_asprintf("202 Go\r\nLocation: http://localhost:%s/store",
                                             strchr(server.address, ':') + 1);
    const struct step steps[] = {
        {HEAD_BLOB,    NULL,                                "401 No\r\nWWW-Authenticate: Basic realm=\"x\"", NULL},
        {HEAD_BLOB,    "Authorization: Basic dXNlcjpwYXNz", "404 No",                                        NULL},
        {POST_UPLOAD,  "Authorization: Basic dXNlcjpwYXNz", location,                                        NULL},
        {"PUT /store", "!Authorization",                    "201 Created",                                   NULL},
        {HEAD_BLOB,    "Authorization: Basic dXNlcjpwYXNz", "200 OK",                                        NULL},
        {PUT_MANIFEST, "Authorization: Basic dXNlcjpwYXNz", "201 Created",                                   NULL},
    };
    gl_autoerr struct gl_error err = {0};
    struct gl_push_result result = {0};
    gl_assert_ok(push(steps, GL_COUNT(steps), "user", &result, &err), &err);
}

static void another_digest_is_a_mismatch(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {HEAD_BLOB,    NULL, "200 OK",                                              NULL},
        {HEAD_BLOB,    NULL, "200 OK",                                              NULL},
        {PUT_MANIFEST, NULL,
         "201 Created\r\nDocker-Content-Digest: "
         "sha256:0000000000000000000000000000000000000000000000000000000000000000", NULL},
    };
    gl_autoerr struct gl_error err = {0};
    struct gl_push_result result = {0};
    assert_int_equal(push(steps, GL_COUNT(steps), NULL, &result, &err), GL_E_MISMATCH);
    assert_non_null(strstr(err.message, "sha256:0000"));
    assert_int_equal(result.existing, 0);
}

struct refusal {
    const char *answer;
    const char *body;
    int code;
    const char *hint;
};

static void a_refusal_is_final_and_says_what_to_do(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        {"403 No",        "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"not yours\"}]}",       GL_E_REFUSED,
         "right to push"                                                                                                             },
        {"404 No",        "{\"errors\":[{\"code\":\"NAME_UNKNOWN\",\"message\":\"not yours\"}]}",
         GL_E_NOT_FOUND,                                                                                        "Make the repository"},
        {"413 Too large", "{\"errors\":[{\"message\":\"not yours\"}]}",                           GL_E_REFUSED,
         "size of a request"                                                                                                         },
    };
    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        const struct step steps[] = {
            {HEAD_BLOB,   NULL, "404 No",       NULL        },
            {POST_UPLOAD, NULL, rows[i].answer, rows[i].body},
        };
        gl_autoerr struct gl_error err = {0};
        struct gl_push_result result = {0};
        server.played = 0;
        assert_int_equal(push(steps, GL_COUNT(steps), NULL, &result, &err), rows[i].code);
        assert_non_null(strstr(err.message, "not yours"));
        assert_non_null(strstr(err.hint, rows[i].hint));
    }
}

static void a_registry_that_stays_away_is_given_up(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {HEAD_BLOB, NULL, "502 No", NULL},
        {HEAD_BLOB, NULL, NULL,     NULL},
        {HEAD_BLOB, NULL, "503 No", NULL},
        {HEAD_BLOB, NULL, "504 No", NULL},
        {HEAD_BLOB, NULL, "503 No", NULL},
    };
    gl_autoerr struct gl_error err = {0};
    struct gl_push_result result = {0};
    assert_int_equal(push(steps, GL_COUNT(steps), NULL, &result, &err), GL_E_NET);
    assert_non_null(strstr(err.message, "after 5 attempts"));
    assert_non_null(strstr(err.message, "503"));
}

struct bad_push {
    const char *registry;
    const char *repository;
    const char *tag;
    const char *user;
    int code;
};

static void an_unsafe_or_malformed_target_is_refused_before_any_request(void **state)
{
    (void)state;
    static const struct bad_push rows[] = {
        {"http://registry.example.com",  "app",    "v1",  "user", GL_E_REFUSED},
        {"https://user:pw@example.com",  "app",    "v1",  NULL,   GL_E_CONFIG },
        {"ftp://registry.example.com",   "app",    "v1",  NULL,   GL_E_CONFIG },
        {"registry.example.com",         "App",    "v1",  NULL,   GL_E_CONFIG },
        {"https://registry.example.com", "Team/a", "v1",  NULL,   GL_E_CONFIG },
        {"https://registry.example.com", "a//b",   "v1",  NULL,   GL_E_CONFIG },
        {"https://registry.example.com", "../a",   "v1",  NULL,   GL_E_CONFIG },
        {"https://registry.example.com", "a/",     "v1",  NULL,   GL_E_CONFIG },
        {"https://registry.example.com", "",       "v1",  NULL,   GL_E_CONFIG },
        {"https://registry.example.com", "a",      "v 1", NULL,   GL_E_CONFIG },
        {"https://registry.example.com", "a",      ".v1", NULL,   GL_E_CONFIG },
        {"https://registry.example.com", "a",      "",    NULL,   GL_E_CONFIG },
        {"https://registry.example.com", "a",      "v1",  "a:b",  GL_E_CONFIG },
    };
    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        const char *const tags[] = {rows[i].tag, NULL};
        gl_autoerr struct gl_error err = {0};
        gl_autoregistry struct gl_registry registry = {0};
        struct gl_push_spec spec = {
            .registry = rows[i].registry,
            .repository = rows[i].repository,
            .tags = tags,
            .user = rows[i].user,
            .password = rows[i].user ? "secret word" : NULL,
        };
        int code = gl_registry_init(&spec, &registry, &err);
        if (code != rows[i].code)
            fail_msg("row %zu: %d %s", i, code, err.message ? err.message : "accepted");
    }
}

static void an_upload_never_leaves_encryption(void **state)
{
    (void)state;

    static const struct {
        const char *location;
        const char *url;
    } rows[] = {
        {"/v2/a/blobs/uploads/1?x=y", "https://r.example.com/v2/a/blobs/uploads/1?x=y&digest=D"},
        {"https://other.example/1",   "https://other.example/1?digest=D"                       },
        {"http://r.example.com/1",    NULL                                                     },
        {"file:///etc/passwd",        NULL                                                     },
        {"https://u:p@evil.example/", NULL                                                     },
        {NULL,                        NULL                                                     },
    };
    gl_autoerr struct gl_error err = {0};
    gl_autoregistry struct gl_registry registry = {0};
    struct gl_push_spec spec = {.registry = "https://r.example.com", .repository = "a"};
    gl_assert_ok(gl_registry_init(&spec, &registry, &err), &err);
    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        gl_autofree char *url = NULL;
        int code = gl_registry_locate(&registry, rows[i].location, "D", &url, &err);
        assert_int_equal(code == 0, rows[i].url != NULL);
        gl_autofree char *plain = gl_strdup(url ? url : "");
        char *port = strstr(plain, ":443");
        if (port)
            memmove(port, port + 4, strlen(port + 4) + 1);
        assert_string_equal(plain, rows[i].url ? rows[i].url : "");
    }
}

#define gl_scripted(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        gl_scripted(a_busy_registry_is_asked_again_when_it_says_so),
        gl_scripted(an_upload_that_breaks_off_is_begun_anew),
        gl_scripted(a_token_is_fetched_used_and_renewed),
        gl_scripted(credentials_go_to_the_registry_only),
        gl_scripted(another_digest_is_a_mismatch),
        gl_scripted(a_refusal_is_final_and_says_what_to_do),
        gl_scripted(a_registry_that_stays_away_is_given_up),
        cmocka_unit_test(an_unsafe_or_malformed_target_is_refused_before_any_request),
        cmocka_unit_test(an_upload_never_leaves_encryption),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
