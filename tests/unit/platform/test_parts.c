/* Parts of the local platform that need no running services: parsers, choices, ports, variables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "config_fixture.h"
#include "fixture.h"
#include "platform/local/access_log.h"
#include "platform/local/ports.h"
#include "platform/local/slot.h"
#include "platform/local/template.h"

static struct gl_local local;
static json_t *config;

static int make(void **state)
{
    (void)state;
    fixture_make(&local);
    config = config_make();
    local.base.config = (const struct gl_config *)(const void *)config;
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    fixture_remove(&local);
    json_decref(config);
    return 0;
}

static void ok(int result, const struct gl_error *err)
{
    if (result < 0)
        fail_msg("%s", err->message);
}

static void a_log_line_is_read_field_by_field(void **unused)
{
    (void)unused;
    char text[] = "2026-11-23 23:48:06.380975088  request app/green-spare 503 1502 +2 ---- POST "
                  "/api/statuses\n";
    struct gl_access_line line = {0};
    assert_true(gl_access_line_parse(text, &line));
    assert_string_equal(line.backend, "app");
    assert_string_equal(line.server, "green-spare");
    assert_int_equal(line.status, 503);
    assert_int_equal(line.elapsed_us, 1502);
    assert_int_equal(line.retries, 2);
    assert_string_equal(line.method, "POST");
    assert_string_equal(line.path, "/api/statuses");
}

static void lines_that_are_cut_or_about_other_things_are_passed_over(void **unused)
{
    (void)unused;
    static const char *const texts[] = {
        "",
        "\n",
        "2026-11-23 23:48:06.38  Server app/blue is UP\n",
        "2026-11-23 23:48:06.38  request app/blue 200 15\n",
        "2026-11-23 23:48:06.38  request blue 200 15 0 ---- GET /\n",
        "request app/blue 200 15 0 ---- GET /\n",
    };
    for (size_t i = 0; i < GL_COUNT(texts); i++) {
        gl_autofree char *text = gl_strdup(texts[i]);
        struct gl_access_line line = {0};
        assert_false(gl_access_line_parse(text, &line));
    }
    char unanswered[] = "2026-11-23 23:48:06.38  request app/<NOSRV> 503 - 0 SC-- GET /\n";
    struct gl_access_line line = {0};
    assert_true(gl_access_line_parse(unanswered, &line));
    assert_int_equal(line.elapsed_us, -1);
}

static void remember_path(const struct gl_access_line *line, void *context)
{
    gl_strv_add(context, line->path);
}

static void add_log(const char *name, const char *path)
{
    gl_autofree char *relative = gl_asprintf("logs/edge/%s", name);
    gl_autofree char *file = gl_local_path(&local, relative);
    FILE *log = fopen(file, "ae");
    assert_non_null(log);
    assert_true(fprintf(log, "2026-11-23 1:2:3  request app/blue 200 7 0 ---- GET %s\n", path) > 0);
    assert_int_equal(fclose(log), 0);
}

static void the_log_is_read_on_over_rotations(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autostrv struct gl_strv paths = {0};
    struct gl_log_position since = {0};
    gl_autofree char *dir = gl_local_path(&local, "logs/edge");
    gl_autofree char *current = gl_path_join(dir, "current");
    gl_autofree char *first = gl_path_join(dir, "@400000006b04c6c1.s");
    gl_autofree char *second = gl_path_join(dir, "@400000006b04c6c2.s");
    ok(gl_mkdir_p(dir, 0755, &err), &err);
    add_log("current", "/before");
    ok(gl_access_log_position(&local, &since, &err), &err);
    add_log("current", "/a");
    assert_int_equal(rename(current, first), 0);
    add_log("current", "/b");
    assert_int_equal(rename(current, second), 0);
    add_log("current", "/c");
    ok(gl_access_log_read(&local, &since, remember_path, &paths, &err), &err);
    gl_autofree char *joined = gl_strv_join(&paths, " ");
    assert_string_equal(joined, "/a /b /c");
    assert_int_equal(unlink(first), 0);
    gl_strv_done(&paths);
    paths = (struct gl_strv){0};
    ok(gl_access_log_read(&local, &since, remember_path, &paths, &err), &err);
    gl_autofree char *left = gl_strv_join(&paths, " ");
    assert_string_equal(left, "/b /c");
}

static void statistics_are_found_by_column_name(void **unused)
{
    (void)unused;
    static const char csv[] =
        "# pxname,svname,scur,stot,weight,status,cli_abrt,hrsp_2xx,hrsp_5xx,check_status,\n"
        "app,blue,1,10,90,UP,2,5,3,* L7OK,\n"
        "app,green,0,7,0,DOWN,0,7,0,L4CON,\n"
        "sessions,blue,4,9,100,MAINT (via app/blue),0,9,0,,\n";
    struct gl_edge_stat stat = gl_edge_stat_find(csv, "app", "blue");
    assert_true(stat.found && stat.up && stat.checked && !stat.maintenance);
    assert_int_equal(stat.attempts, 10);
    assert_int_equal(stat.answers, 8);
    assert_int_equal(stat.errors_5xx, 3);
    assert_int_equal(stat.current, 1);
    assert_int_equal(stat.weight, 90);
    stat = gl_edge_stat_find(csv, "app", "green");
    assert_true(stat.found && !stat.up && !stat.checked);
    assert_true(gl_edge_stat_find(csv, "sessions", "blue").maintenance);
    assert_false(gl_edge_stat_find(csv, "app", "blu").found);
    assert_false(gl_edge_stat_find("", "app", "blue").found);
    assert_false(gl_edge_stat_find("# pxname", "app", "blue").found);
}

static void routes_are_kept_and_broken_ones_refused(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *dir = gl_local_path(&local, "edge");
    gl_autofree char *path = gl_local_path(&local, "edge/route.json");
    struct gl_route route = {0};
    struct gl_route loaded = {0};
    ok(gl_mkdir_p(dir, 0755, &err), &err);
    ok(gl_route_load(&local, &loaded, &err), &err);
    assert_false(loaded.slots[GL_SLOT_BLUE].enabled);
    route.slots[GL_SLOT_GREEN].enabled = true;
    route.slots[GL_SLOT_GREEN].weight_pct = 10;
    route.slots[GL_SLOT_GREEN].sessions = true;
    ok(gl_route_save(&local, &route, &err), &err);
    ok(gl_route_load(&local, &loaded, &err), &err);
    assert_true(loaded.slots[GL_SLOT_GREEN].enabled && loaded.slots[GL_SLOT_GREEN].sessions);
    assert_int_equal(loaded.slots[GL_SLOT_GREEN].weight_pct, 10);
    ok(gl_write_text(path, "{\"blue\": {\"weight_pct\": 101}}", 0644, &err), &err);
    assert_int_equal(gl_route_load(&local, &loaded, &err), GL_E_CORRUPT);
}

static void the_spare_is_the_warm_idle_version_else_the_serving_one(void **unused)
{
    (void)unused;
    struct gl_route route = {0};
    route.slots[GL_SLOT_GREEN].enabled = true;
    route.slots[GL_SLOT_GREEN].weight_pct = 100;
    assert_int_equal(gl_route_spare(&route), GL_SLOT_GREEN);
    route.slots[GL_SLOT_BLUE].enabled = true;
    assert_int_equal(gl_route_spare(&route), GL_SLOT_BLUE);
}

static void hold_slot(enum gl_slot slot, int64_t release, bool wanted)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_slot_version version = {.release = release, .wanted = wanted};
    ok(gl_slot_write(&local, slot, &version, &err), &err);
}

static void set_weights(int blue, int green)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *dir = gl_local_path(&local, "edge");
    struct gl_route route = {0};
    route.slots[GL_SLOT_BLUE].weight_pct = blue;
    route.slots[GL_SLOT_GREEN].weight_pct = green;
    ok(gl_mkdir_p(dir, 0755, &err), &err);
    ok(gl_route_save(&local, &route, &err), &err);
}

static void a_release_gets_its_own_slot_or_one_without_traffic(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    enum gl_slot slot = GL_SLOT_GREEN;
    ok(gl_slot_choose(&local, 1, &slot, &err), &err);
    assert_int_equal(slot, GL_SLOT_BLUE);
    hold_slot(GL_SLOT_BLUE, 1, true);
    ok(gl_slot_choose(&local, 2, &slot, &err), &err);
    assert_int_equal(slot, GL_SLOT_GREEN);
    hold_slot(GL_SLOT_GREEN, 2, true);
    set_weights(0, 100);
    ok(gl_slot_choose(&local, 3, &slot, &err), &err);
    assert_int_equal(slot, GL_SLOT_BLUE);
    ok(gl_slot_choose(&local, 2, &slot, &err), &err);
    assert_int_equal(slot, GL_SLOT_GREEN);
    set_weights(90, 10);
    assert_int_equal(gl_slot_choose(&local, 3, &slot, &err), GL_E_REFUSED);
}

static void room_is_refused_by_numbers(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    const uint64_t mib = 1 << 20;
    struct gl_room room = {
        .memory_available_bytes = 184 * mib,
        .memory_running_bytes = 100 * mib,
        .disk_free_bytes = 1024 * mib,
        .disk_needed_bytes = 100 * mib,
    };
    ok(gl_room_check(&room, &err), &err);
    room.memory_available_bytes = 183 * mib;
    assert_int_equal(gl_room_check(&room, &err), GL_E_REFUSED);
    assert_non_null(strstr(err.message, "memory is short"));
    room.memory_freed_bytes = 2 * mib;
    ok(gl_room_check(&room, &err), &err);
    room.disk_free_bytes = 300 * mib;
    assert_int_equal(gl_room_check(&room, &err), GL_E_REFUSED);
    assert_non_null(strstr(err.message, "disk space is short"));
}

static int listen_on(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

static void a_taken_port_is_named_with_its_program(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    ok(gl_ports_choose("port test", local.ports, GL_PORT_COUNT, &err), &err);
    ok(gl_local_ports_check(&local, &err), &err);
    gl_autoclose int listener = listen_on(local.ports[GL_PORT_WEB]);
    assert_int_equal(gl_local_ports_check(&local, &err), GL_E_BUSY);
    gl_autofree char *pid = gl_asprintf("(pid %d)", (int)getpid());
    gl_autofree char *port = gl_asprintf("port %u (web)", local.ports[GL_PORT_WEB]);
    assert_non_null(strstr(err.message, pid));
    assert_non_null(strstr(err.message, port));
    uint16_t others[GL_PORT_COUNT] = {0};
    ok(gl_ports_choose("port test", others, GL_PORT_COUNT, &err), &err);
    assert_int_not_equal(others[0], local.ports[0]);
}

static void variables_are_derived_and_all_missing_ones_named(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autostrv struct gl_strv env = {0};
    json_t *missing =
        json_pack("[{s:s, s:b}, {s:s, s:b, s:s, s:{s:s}}, {s:s, s:s, s:{s:i}}]", "name", "REGION",
                  "required", 1, "name", "DSN", "required", 1, "kind", "secret", "validate", "url",
                  "https", "name", "KEY", "kind", "secret", "validate", "min_bytes", 40);
    assert_int_equal(json_object_set_new(config, "env_vars", missing), 0);
    assert_int_equal(gl_envvars_backend(&local, &env, &err), GL_E_CONFIG);
    assert_non_null(strstr(err.message, "REGION, DSN"));
    gl_autofree char *path = gl_local_path(&local, "secrets.json");
    gl_autojson json_t *secrets = NULL;
    struct stat st;
    ok(gl_json_load(path, &secrets, &err), &err);
    const json_t *variables = json_object_get(secrets, "variables");
    assert_true(strlen(gl_json_str(variables, "KEY", "")) >= 40);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void templates_are_filled_in(void **unused)
{
    (void)unused;
    const struct gl_template_value values[] = {
        {"a",  "1"},
        {"bc", "" },
    };
    gl_autofree char *text = gl_template_fill("{{a}}x{{bc}}{{a}}", values, GL_COUNT(values));
    assert_string_equal(text, "1x1");
}

#define part(function) cmocka_unit_test_setup_teardown(function, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        part(a_log_line_is_read_field_by_field),
        part(lines_that_are_cut_or_about_other_things_are_passed_over),
        part(the_log_is_read_on_over_rotations),
        part(statistics_are_found_by_column_name),
        part(routes_are_kept_and_broken_ones_refused),
        part(the_spare_is_the_warm_idle_version_else_the_serving_one),
        part(a_release_gets_its_own_slot_or_one_without_traffic),
        part(room_is_refused_by_numbers),
        part(a_taken_port_is_named_with_its_program),
        part(variables_are_derived_and_all_missing_ones_named),
        part(templates_are_filled_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
