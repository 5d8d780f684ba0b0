/* Pushing to a real registry, read back by skopeo, and run by podman. */
#include "support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "net/http.h"
#include "proc/proc.h"

/* User "pusher", password "correct horse". */
static const char htpasswd[] =
    "pusher:$2y$04$zBA5PmkB2RSxbFLLwDa0Cecp/k6Wn0xqd.nA1DZ8RehRZqnHvxXtW\n";

struct registry {
    pid_t pid;
    char *url;
    uint16_t port;
};

/* The registry of the running test: a failed assertion jumps past everything but the teardown. */
static struct registry registry;

/* podman does not start containers below a path that is not ASCII: its own directory is plain. */
static char podman_dir[] = "/tmp/golive-podman-XXXXXX";

static int remove_podman_dir(void **state)
{
    (void)state;
    return gl_remove_tree(podman_dir, NULL);
}

static int stop_and_remove(void **state)
{
    if (registry.pid)
        gl_proc_stop(registry.pid, 5000);
    free(registry.url);
    registry = (struct registry){0};
    return remove_dir(state);
}

static uint16_t free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    gl_autoclose int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    return ntohs(address.sin_port);
}

static bool answers(const char *url, pid_t pid)
{
    for (int64_t end = gl_mono_ms() + 20000; gl_mono_ms() < end; gl_sleep_ms(20)) {
        gl_autohttp struct gl_http_response response = {0};
        struct gl_http_request request = {.url = url, .timeout_ms = 1000};
        if (gl_http_fetch(&request, &response, NULL) == 0)
            return response.status == 200 || response.status == 401;
        if (!gl_proc_start_ticks(pid))
            return false;
    }
    return false;
}

/* Starts Debian's docker-registry with its data below `dir`. */
static void start_registry(const char *dir, bool with_password)
{
    need_program("docker-registry", "docker-registry");
    gl_autoerr struct gl_error err = {0};
    registry.port = free_port();
    write_text(dir, "htpasswd", htpasswd, 0600);
    gl_autofree char *auth =
        gl_asprintf("auth: {htpasswd: {realm: test, path: \"%s/htpasswd\"}}\n", dir);
    gl_autofree char *config = gl_asprintf("version: 0.1\n"
                                           "log: {level: error, accesslog: {disabled: true}}\n"
                                           "storage: {filesystem: {rootdirectory: \"%s/data\"}}\n"
                                           "http: {addr: \"127.0.0.1:%u\"}\n%s",
                                           dir, registry.port, with_password ? auth : "");
    write_text(dir, "registry.yml", config, 0600);
    gl_autofree char *config_path = gl_path_join(dir, "registry.yml");
    gl_autofree char *log_path = gl_path_join(dir, "registry.log");
    const char *const argv[] = {"docker-registry", "serve", config_path, NULL};
    struct gl_proc_spec spec = {.argv = argv, .log_path = log_path};
    gl_assert_ok(gl_proc_start(&spec, &registry.pid, &err), &err);
    registry.url = gl_asprintf("http://127.0.0.1:%u", registry.port);
    gl_autofree char *ping = gl_asprintf("%s/v2/", registry.url);
    if (!answers(ping, registry.pid)) {
        gl_autofree char *log = read_text(dir, "registry.log");
        fail_msg("docker-registry did not start: %s", log);
    }
}

static struct gl_image build(const char *dir, const char *layout, const char *page)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *data = noise(3 << 20, 5);
    gl_autofree char *server = write_file(dir, "server", data, 3 << 20, 0755);
    gl_autofree char *index = write_file(dir, "index.html", page, strlen(page), 0644);
    const struct gl_image_file runtime = {server, "/app/bin/server", 0};
    const struct gl_image_file app = {index, "/app/static/index.html", 0};
    const struct gl_image_layer layers[] = {
        {"runtime", &runtime, 1},
        {"app",     &app,     1},
    };
    struct gl_image_spec spec = simple_spec(layout, layers, 2);
    struct gl_image image = {0};
    gl_assert_ok(gl_image_build(&spec, &image, &err), &err);
    return image;
}

static char *skopeo_digest(const char *reference, const char *credentials)
{
    need_program("skopeo", "skopeo");
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *name = gl_asprintf("docker://127.0.0.1:%u/%s", registry.port, reference);
    const char *argv[9] = {"skopeo",      "inspect", "--tls-verify=false", "--format",
                           "{{.Digest}}", name,      credentials,          NULL};
    struct gl_proc_spec spec = {.argv = argv, .timeout_ms = 30000};
    char *out = NULL;
    gl_assert_ok(gl_proc_check(&spec, &out, &err), &err);
    out[strcspn(out, "\n")] = '\0';
    return out;
}

static const char *const tags[] = {"a1b2c3d", "latest", NULL};

static struct gl_push_spec push_spec(const char *layout, const char *digest)
{
    return (struct gl_push_spec){
        .layout_dir = layout,
        .digest = digest,
        .registry = registry.url,
        .repository = "team/glanceflow",
        .tags = tags,
    };
}

static void a_push_arrives_whole_and_the_second_sends_nothing(void **state)
{
    gl_autoerr struct gl_error err = {0};
    start_registry(*state, false);
    gl_autofree char *layout = gl_path_join(*state, "layout");
    struct gl_image image = build(*state, layout, "one");
    struct gl_push_spec spec = push_spec(layout, image.digest);
    struct gl_push_result result = {0};
    gl_assert_ok(gl_image_push(&spec, &result, &err), &err);
    assert_int_equal(result.uploaded, 3);
    assert_int_equal(result.existing, 0);
    assert_true(result.uploaded_bytes > 3 << 20 && result.uploaded_bytes < image.size_bytes);

    gl_autofree char *by_digest = gl_asprintf("team/glanceflow@%s", image.digest);
    const char *const references[] = {"team/glanceflow:a1b2c3d", "team/glanceflow:latest",
                                      by_digest};
    for (size_t i = 0; i < GL_COUNT(references); i++) {
        gl_autofree char *digest = skopeo_digest(references[i], NULL);
        assert_string_equal(digest, image.digest);
    }

    struct gl_push_result again = {0};
    gl_assert_ok(gl_image_push(&spec, &again, &err), &err);
    assert_int_equal(again.uploaded, 0);
    assert_int_equal(again.existing, 3);
    assert_int_equal(again.uploaded_bytes, 0);

    struct gl_image next = build(*state, layout, "two");
    spec.digest = next.digest;
    gl_assert_ok(gl_image_push(&spec, &again, &err), &err);
    assert_int_equal(again.uploaded, 2); /* the app layer and the config */
    assert_int_equal(again.existing, 1);
    gl_autofree char *latest = skopeo_digest("team/glanceflow:latest", NULL);
    assert_string_equal(latest, next.digest);
}

static void a_password_opens_and_a_wrong_one_says_so(void **state)
{
    gl_autoerr struct gl_error err = {0};
    start_registry(*state, true);
    gl_autofree char *layout = gl_path_join(*state, "layout");
    struct gl_image image = build(*state, layout, "one");
    struct gl_push_spec spec = push_spec(layout, image.digest);
    struct gl_push_result result = {0};
    assert_int_equal(gl_image_push(&spec, &result, &err), GL_E_REFUSED);
    assert_non_null(strstr(err.message, "answered 401"));
    assert_non_null(strstr(err.hint, "user and the password"));
    spec.user = "pusher";
    spec.password = "wrong horse";
    assert_int_equal(gl_image_push(&spec, &result, &err), GL_E_REFUSED);
    assert_null(strstr(err.message, "wrong horse"));
    spec.password = "correct horse";
    gl_assert_ok(gl_image_push(&spec, &result, &err), &err);
    assert_int_equal(result.uploaded, 3);
    gl_autofree char *digest =
        skopeo_digest("team/glanceflow:latest", "--creds=pusher:correct horse");
    assert_string_equal(digest, image.digest);
}

static void a_damaged_blob_is_not_sent(void **state)
{
    gl_autoerr struct gl_error err = {0};
    start_registry(*state, false);
    gl_autofree char *layout = gl_path_join(*state, "layout");
    struct gl_image image = build(*state, layout, "one");
    gl_autofree char *path =
        gl_asprintf("%s/blobs/sha256/%s", layout, strchr(image.config_digest, ':') + 1);
    gl_autofree char *text = read_text("/", path);
    text[strlen(text) - 2] = ' ';
    gl_assert_ok(gl_write_text(path, text, 0644, &err), &err);
    struct gl_push_spec spec = push_spec(layout, image.digest);
    struct gl_push_result result = {0};
    assert_int_equal(gl_image_push(&spec, &result, &err), GL_E_CORRUPT);
    assert_int_equal(result.uploaded, 0);
}

static const char program_text[] =
    "#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\n#include <zlib.h>\n"
    "int main(int argc, char **argv) {\n"
    "    char cwd[99], line[99] = \"\";\n"
    "    FILE *file = fopen(\"/app/static/ようこそ.txt\", \"r\");\n"
    "    if (!file || !fgets(line, sizeof line, file) || !getcwd(cwd, sizeof cwd)) return 1;\n"
    "    printf(\"%d:%d %s %s %s %d %c\\n\", (int)getuid(), (int)getgid(), cwd, getenv(\"PORT\"),\n"
    "           line, argc, *zlibVersion());\n"
    "    return argv[1] ? 0 : 1;\n}\n";

/* The program and every library it asks for, at the places it asks for them. */
static void pack_program(const char *dir, const char *layout)
{
    gl_autoerr struct gl_error err = {0};
    need_program("cc", "gcc");
    write_text(dir, "main.c", program_text, 0644);
    write_text(dir, "static/ようこそ.txt", "hello", 0644);
    const char *const argv[] = {"cc", "main.c", "-o", "main", "-lz", NULL};
    struct gl_proc_spec compile = {.argv = argv, .cwd = dir, .timeout_ms = 60000};
    gl_assert_ok(gl_proc_check(&compile, NULL, &err), &err);
    gl_autofree char *program = gl_path_join(dir, "main");
    gl_autofree char *assets = gl_path_join(dir, "static");
    gl_autostrv struct gl_strv libraries = {0};
    gl_assert_ok(gl_image_libraries(program, &libraries, &err), &err);
    struct gl_image_file runtime[16];
    assert_true(libraries.count > 2 && libraries.count < GL_COUNT(runtime));
    for (size_t i = 0; i < libraries.count; i++)
        runtime[i] = (struct gl_image_file){libraries.items[i], libraries.items[i], 0};
    const struct gl_image_file app[] = {
        {program, "/app/bin/server", 0},
        {assets,  "/app/static",     0},
    };
    const struct gl_image_layer layers[] = {
        {"runtime", runtime, libraries.count},
        {"app",     app,     2              },
    };
    struct gl_image_spec spec = simple_spec(layout, layers, 2);
    struct gl_image image = {0};
    gl_assert_ok(gl_image_build(&spec, &image, &err), &err);
}

static void podman_runs_the_image_as_an_ordinary_user(void **state)
{
    need_program("podman", "podman");
    need_program("runc", "runc");
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *layout = gl_path_join(*state, "layout");
    assert_non_null(mkdtemp(podman_dir));
    gl_autofree char *storage = gl_path_join(podman_dir, "storage");
    gl_autofree char *run = gl_path_join(podman_dir, "run");
    pack_program(*state, layout);
    const char *const argv[] = {"podman",
                                "--root",
                                storage,
                                "--runroot",
                                run,
                                "--runtime",
                                "runc",
                                "--storage-driver",
                                "vfs",
                                "--cgroup-manager",
                                "cgroupfs",
                                "run",
                                "--rm",
                                "--ulimit",
                                "nofile=1024:1024",
                                "--ulimit",
                                "nproc=1024:1024",
                                "--network",
                                "host",
                                "oci:layout:glanceflow:a1b2c3d",
                                NULL};
    struct gl_proc_spec spec = {.argv = argv, .cwd = *state, .timeout_ms = 60000};
    gl_autofree char *out = NULL;
    gl_assert_ok(gl_proc_check(&spec, &out, &err), &err);
    assert_non_null(strstr(out, "65532:65532 /app 8080 hello 2 1\n"));
}

/* ---- and back ----------------------------------------------------------------------------------
 */

static void a_pull_brings_the_same_image(void **state)
{
    gl_autoerr struct gl_error err = {0};
    start_registry(*state, true);
    gl_autofree char *layout = gl_path_join(*state, "layout");
    gl_autofree char *other = gl_path_join(*state, "other layout");
    struct gl_image image = build(*state, layout, "one");
    struct gl_push_spec spec = push_spec(layout, image.digest);
    struct gl_push_result pushed = {0};
    struct gl_pull_result pulled = {0};
    spec.user = "pusher";
    spec.password = "correct horse";
    gl_assert_ok(gl_image_push(&spec, &pushed, &err), &err);
    spec.layout_dir = other;
    gl_assert_ok(gl_image_pull(&spec, &pulled, &err), &err);
    assert_int_equal(pulled.fetched, 3);
    assert_true(pulled.fetched_bytes > 3 << 20);
    gl_assert_ok(gl_image_verify(other, image.digest, &err), &err);
    gl_assert_ok(gl_image_pull(&spec, &pulled, &err), &err);
    assert_int_equal(pulled.fetched, 0);
    assert_int_equal(pulled.existing, 3);
    spec.password = "wrong horse";
    assert_int_equal(gl_image_pull(&spec, &pulled, &err), GL_E_REFUSED);
}

/* Whatever is wrong there, the layout has nothing of it. */
static void a_registry_that_gives_something_else_is_not_believed(void **state)
{
    gl_autoerr struct gl_error err = {0};
    start_registry(*state, false);
    gl_autofree char *layout = gl_path_join(*state, "layout");
    gl_autofree char *other = gl_path_join(*state, "other");
    struct gl_image image = build(*state, layout, "one");
    struct gl_push_spec spec = push_spec(layout, image.digest);
    struct gl_push_result pushed = {0};
    struct gl_pull_result pulled = {0};
    gl_assert_ok(gl_image_push(&spec, &pushed, &err), &err);
    /* One byte of the largest blob. */
    const char *argv[] = {"sh", "-ec",
                          "f=$(find data -name data -size +1M); test -f \"$f\"; "
                          "printf x | dd of=\"$f\" bs=1 seek=100 conv=notrunc status=none",
                          NULL};
    struct gl_proc_spec damage = {.argv = argv, .cwd = *state, .timeout_ms = 20000};
    gl_assert_ok(gl_proc_check(&damage, NULL, &err), &err);
    spec.layout_dir = other;
    assert_int_equal(gl_image_pull(&spec, &pulled, &err), GL_E_MISMATCH);
    assert_non_null(strstr(err.message, "something else than"));
    assert_int_equal(gl_image_verify(other, image.digest, &err), GL_E_NOT_FOUND);
    spec.digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    assert_int_equal(gl_image_pull(&spec, &pulled, &err), GL_E_NOT_FOUND);
}

#define gl_with_dir(test) cmocka_unit_test_setup_teardown(test, make_dir, stop_and_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        gl_with_dir(a_push_arrives_whole_and_the_second_sends_nothing),
        gl_with_dir(a_password_opens_and_a_wrong_one_says_so),
        gl_with_dir(a_damaged_blob_is_not_sent),
        gl_with_dir(a_pull_brings_the_same_image),
        gl_with_dir(a_registry_that_gives_something_else_is_not_believed),
        gl_with_dir(podman_runs_the_image_as_an_ordinary_user), /* the last one: see below */
    };
    /* cmocka's skip() counts as a failure in TAP: what cannot run here is left out, and said. */
    bool root = geteuid() == 0;
    if (!root)
        print_message("# SKIP podman_runs_the_image_as_an_ordinary_user: needs root\n");
    return _cmocka_run_group_tests("push", tests, GL_COUNT(tests) - !root, NULL, remove_podman_dir);
}
