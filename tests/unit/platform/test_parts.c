/* Parts of the local platform that need no running services: parsers, choices, ports, variables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/interrupt.h"
#include "base/json.h"
#include "config_fixture.h"
#include "fixture.h"
#include "ledger/ledger.h"
#include "platform/local/access_log.h"
#include "platform/local/pg.h"
#include "platform/local/ports.h"
#include "platform/local/secrets.h"
#include "platform/local/slot.h"
#include "platform/local/template.h"

static struct gl_local local;
static struct gl_config *config;
static char *top;

static int make(void **state)
{
    (void)state;
    fixture_make(&local);
    top = gl_path_dir(local.root);
    config = config_load(top, sample_variables);
    local.base.config = config;
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    fixture_remove(&local);
    gl_config_free(&config);
    free(gl_steal(&top));
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

static void the_spare_is_a_proven_warm_version_else_the_serving_one(void **unused)
{
    (void)unused;
    struct gl_route route = {0};
    enum gl_slot spare = GL_SLOT_BLUE;
    assert_false(gl_route_spare(&route, &spare));
    route.slots[GL_SLOT_GREEN].enabled = true;
    route.slots[GL_SLOT_GREEN].weight_pct = 100;
    assert_true(gl_route_spare(&route, &spare));
    assert_int_equal(spare, GL_SLOT_GREEN);
    route.slots[GL_SLOT_BLUE].enabled = true;
    assert_true(gl_route_spare(&route, &spare));
    assert_int_equal(spare, GL_SLOT_GREEN);
    route.slots[GL_SLOT_BLUE].proven = true;
    assert_true(gl_route_spare(&route, &spare));
    assert_int_equal(spare, GL_SLOT_BLUE);
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
    assert_true(listener >= 0);
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
    gl_autoconfig struct gl_config *wanting =
        config_load(top, "  - {name: REGION}\n"
                         "  - {name: DSN, kind: secret, validate: {url: https}}\n"
                         "  - {name: KEY, kind: secret, validate: {min_bytes: 40}}\n"
                         "  - {name: TRACKER, kind: secret, required: false}\n"
                         "  - {name: OPTIONAL, required: false}\n");
    local.base.config = wanting;
    assert_int_equal(gl_envvars_backend(&local, &env, &err), GL_E_CONFIG);
    assert_non_null(strstr(err.message, "REGION (golive.yaml:10), DSN (golive.yaml:11)"));
    assert_non_null(strstr(err.hint, "- {name: REGION, scope: backend, values: {local: ...}}"));
    assert_non_null(strstr(err.hint, "takes the place of the default one"));
    gl_autofree char *path = gl_local_path(&local, "secrets.json");
    gl_autojson json_t *secrets = NULL;
    struct stat st;
    ok(gl_json_load(path, &secrets, &err), &err);
    const json_t *variables = json_object_get(secrets, "variables");
    assert_true(strlen(gl_json_str(variables, "KEY", "")) >= 40);
    assert_null(json_object_get(variables, "TRACKER")); /* not needed, so not made up */
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

/* Opens an instance as gl_local_open() does. */
static void open_instance(struct gl_local *opened, const char *state_dir)
{
    gl_autoerr struct gl_error err = {0};
    *opened = (struct gl_local){
        .base = {.config = config}, .state_dir = gl_strdup(state_dir), .name = gl_strdup("sample")};
    ok(gl_local_instance_open(opened, &err), &err);
}

static void make_instance(struct gl_local *opened)
{
    gl_autoerr struct gl_error err = {0};
    ok(gl_local_instance_make(opened, &err), &err);
    ok(gl_local_instance_keep(opened, &err), &err);
}

static void close_instance(struct gl_local *opened)
{
    free(opened->state_dir);
    free(opened->root);
    free(opened->run_dir);
    free(opened->edge_dir);
    free(opened->name);
}

static void remove_instance(const struct gl_local *opened)
{
    assert_int_equal(gl_remove_tree(opened->root, NULL), 0);
    assert_int_equal(gl_remove_tree(opened->run_dir, NULL), 0);
    assert_int_equal(gl_remove_tree(opened->edge_dir, NULL), 0);
}

static bool user_passes(uid_t uid, gid_t gid, const char *flag, const char *dir)
{
    const char *argv[] = {"test", flag, dir, NULL};
    const struct gl_proc_spec spec = {
        .argv = argv, .drop_privileges = true, .uid = uid, .gid = gid, .cwd = "/"};
    return gl_proc_check(&spec, NULL, NULL) == 0;
}

static void an_instance_keeps_its_ports_and_is_reachable_by_its_services(void **unused)
{
    (void)unused;
    gl_autofree char *closed = gl_path_join(top, "closed home");
    gl_autofree char *state = gl_path_join(closed, ".golive");
    struct gl_local first;
    struct gl_local second;
    assert_int_equal(mkdir(closed, 0700), 0);
    /* The second round opens after `down --purge` left a link to nowhere. */
    for (int round = 0; round < 2; round++) {
        open_instance(&first, state);
        make_instance(&first);
        open_instance(&second, state);
        assert_string_equal(first.root, second.root);
        assert_string_equal(first.run_dir, second.run_dir);
        assert_memory_equal(first.ports, second.ports, sizeof first.ports);
        assert_true(user_passes(first.uid, first.gid, "-x", first.root));
        assert_int_equal(gl_starts_with(first.root, "/var/lib/golive/"), geteuid() == 0);
        assert_true(strlen(first.run_dir) < 60);
        remove_instance(&first);
        close_instance(&first);
        close_instance(&second);
    }
}

/* `status` and `local logs` look and leave no trace. */
static void opening_an_instance_writes_nothing(void **unused)
{
    (void)unused;
    gl_autofree char *state = gl_path_join(top, "not there/.golive");
    struct gl_local opened;
    open_instance(&opened, state);
    assert_false(gl_path_exists(state));
    assert_false(gl_path_exists(opened.root));
    assert_false(gl_path_exists(opened.run_dir));
    gl_autofree char *foreseen = gl_strdup(opened.root);
    make_instance(&opened);
    assert_string_equal(opened.root, foreseen);
    gl_autofree char *path = gl_local_path(&opened, "instance.json");
    struct stat before;
    struct stat after;
    assert_int_equal(stat(path, &before), 0);
    close_instance(&opened);
    open_instance(&opened, state);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    remove_instance(&opened);
    close_instance(&opened);
}

/* Killed between making a directory and giving it away. */
static void a_half_made_instance_is_completed(void **unused)
{
    (void)unused;
    if (geteuid() != 0)
        skip();
    gl_autofree char *state = gl_path_join(top, "half/.golive");
    gl_autofree char *root = gl_path_join(state, "local");
    struct gl_local opened;
    struct stat st;
    assert_int_equal(gl_mkdir_p(root, 0700, NULL), 0);
    open_instance(&opened, state);
    assert_int_equal(mkdir(opened.run_dir, 0700), 0);
    assert_int_equal(mkdir(opened.edge_dir, 0700), 0);
    make_instance(&opened);
    assert_true(user_passes(opened.uid, opened.gid, "-x", opened.root));
    assert_true(user_passes(opened.uid, opened.gid, "-w", opened.run_dir));
    assert_int_equal(stat(opened.edge_dir, &st), 0);
    assert_int_equal(st.st_uid, opened.accounts[GL_LOCAL_ACCOUNT_EDGE].uid);
    remove_instance(&opened);
    close_instance(&opened);
}

/* What root writes below must not be a place where a service could plant a link. */
static void root_owns_what_it_writes_in(void **unused)
{
    (void)unused;
    if (geteuid() != 0)
        skip();
    gl_autofree char *state = gl_path_join(top, "owned/.golive");
    struct gl_local opened;
    struct stat st;
    open_instance(&opened, state);
    make_instance(&opened);
    assert_int_equal(stat(opened.root, &st), 0);
    assert_int_equal(st.st_uid, 0);
    assert_int_equal(st.st_mode & 0777, 0711);
    assert_false(user_passes(opened.uid, opened.gid, "-w", opened.root));
    const struct gl_file_owner *app = &opened.accounts[GL_LOCAL_ACCOUNT_APP];
    assert_false(user_passes(app->uid, app->gid, "-w", opened.root));
    assert_int_not_equal(app->uid, opened.uid);
    assert_int_not_equal(app->uid, 0);
    assert_int_not_equal(opened.accounts[GL_LOCAL_ACCOUNT_EDGE].uid, opened.uid);
    assert_int_not_equal(opened.accounts[GL_LOCAL_ACCOUNT_WEB].uid, opened.uid);
    remove_instance(&opened);
    close_instance(&opened);
}

static void begin_ledger(const char *state, const char *actor)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(state, "ledger.db");
    gl_autoledger struct gl_ledger *ledger = NULL;
    gl_autojson json_t *data = json_object();
    gl_json_set_str(data, "who", actor);
    ok(gl_ledger_open_sqlite(path, &ledger, &err), &err);
    ok(gl_ledger_append(ledger, "release.begin", "local", 1, data, NULL, &err), &err);
}

/* A ledger is its file and the write-ahead log beside it. */
static void move_ledger(const char *from, const char *to)
{
    static const char *const parts[] = {"ledger.db", "ledger.db-wal"};
    for (size_t i = 0; i < GL_COUNT(parts); i++) {
        gl_autofree char *here = gl_path_join(from, parts[i]);
        gl_autofree char *there = gl_path_join(to, parts[i]);
        assert_int_equal(rename(here, there), 0);
    }
}

static void an_instance_is_bound_to_its_ledger(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *state = gl_path_join(top, "bound");
    gl_autofree char *away = gl_path_join(top, "moved away");
    struct gl_local opened;
    open_instance(&opened, state);
    make_instance(&opened);
    ok(gl_local_instance_bind(&opened, &err), &err); /* no ledger yet */
    begin_ledger(state, "first");
    ok(gl_local_instance_bind(&opened, &err), &err);
    ok(gl_local_instance_bind(&opened, &err), &err);
    assert_int_equal(mkdir(away, 0755), 0);
    move_ledger(state, away);
    begin_ledger(state, "second");
    assert_int_equal(gl_local_instance_bind(&opened, &err), GL_E_MISMATCH);
    assert_non_null(strstr(err.hint, "--purge"));
    move_ledger(away, state);
    ok(gl_local_instance_bind(&opened, &err), &err);
    remove_instance(&opened);
    close_instance(&opened);
}

static void an_empty_value_is_none_where_one_is_required(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autostrv struct gl_strv env = {0};
    gl_autostrv struct gl_strv optional = {0};
    gl_autoconfig struct gl_config *needs =
        config_load(top, "  - {name: REGION, values: {local: ''}}\n");
    gl_autoconfig struct gl_config *likes =
        config_load(top, "  - {name: REGION, required: false, values: {local: ''}}\n");
    local.base.config = needs;
    assert_int_equal(gl_envvars_backend(&local, &env, &err), GL_E_CONFIG);
    assert_non_null(strstr(err.message, "REGION"));
    local.base.config = likes;
    ok(gl_envvars_backend(&local, &optional, &err), &err);
    assert_true(gl_strv_has(&optional, "REGION="));
    local.base.config = config;
}

/* Before anything is built: from the configuration alone, and nothing is made up for it. */
static void what_the_frontend_lacks_is_known_before_it_is_built(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    struct gl_local fresh = {.root = "/nowhere"};
    gl_autoconfig struct gl_config *wanting =
        config_load(top, "  - {name: KEY, kind: secret, scope: common}\n"
                         "  - {name: PUBLIC_EMPTY, scope: frontend, values: {local: ''}}\n"
                         "  - {name: PUBLIC_NONE, scope: frontend}\n"
                         "  - {name: PUBLIC_LENT, scope: frontend, values: {prod: x}}\n"
                         "  - {name: PUBLIC_MAY, scope: frontend, required: false}\n");
    fresh.base.config = wanting;
    assert_int_equal(gl_envvars_check(&fresh, true, &err), GL_E_CONFIG);
    assert_non_null(strstr(err.message, "in local: PUBLIC_EMPTY (golive.yaml:11), PUBLIC_NONE "
                                        "(golive.yaml:12)"));
    assert_null(strstr(err.message, "PUBLIC_LENT"));
    assert_int_equal(err.line, 11);
    assert_non_null(strstr(err.hint, "- {name: PUBLIC_EMPTY, scope: frontend, values:"));
    ok(gl_envvars_check(&fresh, false, &err), &err); /* there is no frontend */
    local.base.config = config;
}

enum { WRITERS = 8 };

/* One generates the variables, the other the passwords; each must find what the other made. */
static int write_secrets(int which)
{
    gl_autostrv struct gl_strv env = {0};
    return which % 2 ? gl_pg_secrets_ensure(&local, NULL) : gl_envvars_backend(&local, &env, NULL);
}

static void two_writers_of_secrets_lose_nothing(void **unused)
{
    (void)unused;
    gl_autoconfig struct gl_config *secretive =
        config_load(top, "  - {name: A, kind: secret, validate: {min_bytes: 32}}\n"
                         "  - {name: B, kind: secret, validate: {min_bytes: 32}}\n"
                         "  - {name: C, kind: secret, validate: {min_bytes: 32}}\n");
    gl_autofree char *path = gl_local_path(&local, "secrets.json");
    local.base.config = secretive;
    for (int round = 0; round < 20; round++) {
        gl_autojson json_t *secrets = NULL;
        pid_t pids[WRITERS];
        (void)unlink(path);
        for (int i = 0; i < WRITERS; i++) {
            pids[i] = fork();
            if (pids[i] == 0)
                _exit(write_secrets(i) < 0);
        }
        for (int i = 0; i < WRITERS; i++) {
            int status = -1;
            assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
            assert_int_equal(status, 0);
        }
        assert_int_equal(gl_json_load(path, &secrets, NULL), 0);
        assert_int_equal(json_object_size(json_object_get(secrets, "variables")), 3);
        assert_true(*gl_json_str(secrets, "postgres_owner_password", ""));
        assert_true(*gl_json_str(secrets, "postgres_app_password", ""));
    }
    local.base.config = config;
}

/* The lock as another golive has it. */
static int lock_secrets(void)
{
    gl_autofree char *path = gl_local_path(&local, "secrets.lock");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    return fd;
}

static void secrets_that_are_locked_for_long_are_busy(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autosecrets struct gl_secrets secrets = {.lock_fd = -1};
    int64_t patience_ms = gl_secrets_lock_ms;
    int fd = lock_secrets();
    gl_secrets_lock_ms = 20;
    assert_int_equal(gl_secrets_open(&local, &secrets, &err), GL_E_BUSY);
    gl_secrets_lock_ms = patience_ms;
    assert_null(secrets.values);
    assert_non_null(strstr(err.message, "/secrets.lock is locked by another golive"));
    assert_non_null(err.hint);
    close(fd);
    ok(gl_secrets_open(&local, &secrets, &err), &err);
}

static void ctrl_c_ends_the_waiting_for_secrets(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autosecrets struct gl_secrets secrets = {.lock_fd = -1};
    int fd = lock_secrets();
    raise(SIGINT);
    int result = gl_secrets_open(&local, &secrets, &err);
    gl_interrupt_clear();
    close(fd);
    assert_int_equal(result, GL_E_INTERRUPTED);
    assert_null(secrets.values);
}

/* Who may write in a directory must not choose where root writes. */
static void a_planted_link_is_not_written_through(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autobuf struct gl_buf victim_text = {0};
    struct stat st;
    gl_autofree char *victim = gl_path_join(top, "victim");
    gl_autofree char *path = gl_path_join(top, "file");
    gl_autofree char *planted = gl_asprintf("%s.%d.tmp", path, (int)getpid());
    ok(gl_write_text(victim, "untouched", 0600, &err), &err);
    assert_int_equal(symlink(victim, planted), 0);
    ok(gl_write_text(path, "new", 0644, &err), &err);
    ok(gl_read_file(victim, 0, &victim_text, &err), &err);
    assert_string_equal(gl_buf_text(&victim_text), "untouched");
    assert_int_equal(lstat(path, &st), 0);
    assert_true(S_ISREG(st.st_mode));
}

static void paths_are_single_words_for_haproxy(void **unused)
{
    (void)unused;
    gl_autofree char *word = gl_edge_word("/a'b\"c\\d#e$f");
    assert_string_equal(word, "\"/a'b\\\"c\\\\d#e\\$f\"");
    gl_autoconfig struct gl_config *odd =
        config_load_with(top, sample_variables, "backend.ready_path=/r'#\"x");
    gl_autoerr struct gl_error err = {0};
    gl_autobuf struct gl_buf map = {0};
    gl_autobuf struct gl_buf list = {0};
    gl_autofree char *dir = gl_local_path(&local, "edge");
    gl_autofree char *map_path = gl_path_join(dir, "ready.map");
    gl_autofree char *list_path = gl_path_join(dir, "probes.lst");
    ok(gl_mkdir_p(dir, 0755, &err), &err);
    local.base.config = odd;
    ok(gl_edge_probes_write(&local, &err), &err);
    local.base.config = config;
    ok(gl_read_file(map_path, 0, &map, &err), &err);
    ok(gl_read_file(list_path, 0, &list, &err), &err);
    assert_string_equal(gl_buf_text(&map), "blue /r'#\"x\ngreen /r'#\"x\n");
    assert_string_equal(gl_buf_text(&list), "/r'#\"x\n/healthz\n");
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

#define gl_part(function) cmocka_unit_test_setup_teardown(function, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        gl_part(a_log_line_is_read_field_by_field),
        gl_part(lines_that_are_cut_or_about_other_things_are_passed_over),
        gl_part(the_log_is_read_on_over_rotations),
        gl_part(statistics_are_found_by_column_name),
        gl_part(routes_are_kept_and_broken_ones_refused),
        gl_part(the_spare_is_a_proven_warm_version_else_the_serving_one),
        gl_part(a_release_gets_its_own_slot_or_one_without_traffic),
        gl_part(room_is_refused_by_numbers),
        gl_part(a_taken_port_is_named_with_its_program),
        gl_part(variables_are_derived_and_all_missing_ones_named),
        gl_part(an_instance_keeps_its_ports_and_is_reachable_by_its_services),
        gl_part(opening_an_instance_writes_nothing),
        gl_part(a_half_made_instance_is_completed),
        gl_part(root_owns_what_it_writes_in),
        gl_part(an_instance_is_bound_to_its_ledger),
        gl_part(an_empty_value_is_none_where_one_is_required),
        gl_part(what_the_frontend_lacks_is_known_before_it_is_built),
        gl_part(two_writers_of_secrets_lose_nothing),
        gl_part(secrets_that_are_locked_for_long_are_busy),
        gl_part(ctrl_c_ends_the_waiting_for_secrets),
        gl_part(paths_are_single_words_for_haproxy),
        gl_part(a_planted_link_is_not_written_through),
        gl_part(templates_are_filled_in),
    };
    gl_interrupt_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
