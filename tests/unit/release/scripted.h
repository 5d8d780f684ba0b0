/* A second, tiny platform for tests of the release engine: versions are rows in shared memory, and
 * a script says which operation fails, is interrupted or waits. Beside it a project that the real
 * steps build and pack, a real ledger, and a real HTTP server that answers the smoke tests. The
 * memory is shared, so that a deployer that is killed leaves the platform as it was, as real ones
 * do. */
#ifndef GL_TESTS_RELEASE_SCRIPTED_H
#define GL_TESTS_RELEASE_SCRIPTED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <elf.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "ledger/ledger_ops.h"
#include "release/internal.h"

/* NOLINTBEGIN(misc-definitions-in-headers): each test program is one source file */

enum {
    MOST_RELEASES = 256,
    CALLS_BYTES = 1 << 16,
};

enum deed {
    SUCCEED,
    FAIL,              /* GL_E_UNHEALTHY, nothing is changed */
    INTERRUPT,         /* SIGINT arrives, the operation ends early with GL_E_INTERRUPTED */
    INTERRUPT_BUT_END, /* SIGINT arrives, the operation ends well */
    WAIT,              /* says `waiting` and goes on once `go_on` is set */
    ACT,               /* calls scripted_act and ends well */
    FILL_DISK,         /* from now on this process can write no more to any file */
};

struct world {
    struct {
        bool runs, published;
        int weight;
        int64_t deaths;
    } versions[MOST_RELEASES];

    int64_t frontend;         /* release whose frontend is served; 0 = none */
    bool kept[MOST_RELEASES]; /* by the last prune */
    int64_t sessions;
    /* The script: what the operation of that name and release (0 = any) does, `times` times. */
    char on[32];
    int64_t on_release;
    enum deed deed;
    int times;
    atomic_int waiting, go_on;
    /* What the edge counts each time somebody looks. */
    uint64_t requests, bad;
    uint64_t per_look, bad_per_look;
    uint64_t bad_per_mark; /* failures that happen just before counting begins */
    double p95_ms;
    bool sick;         /* its health check fails */
    const char *alarm; /* that fires; NULL = none */
    size_t calls_len;
    char calls[CALLS_BYTES]; /* "start 2; shift 2 10; ..." of operations that changed something */
};

struct scripted {
    struct gl_platform base;
    struct world *world;
    int http_port;
    const char *database_url; /* NULL = there is no database */
};

struct fixture {
    char *dir;
    char *state_dir;
    struct gl_config *config;
    struct gl_ledger *ledger;
    struct scripted platform;
    pid_t http;
    struct gl_reporter reporter;
    char *notes; /* what the reporter was told */
    struct gl_release_outcome outcome;
    struct gl_error err;
};

static struct world *world_of(struct gl_platform *p)
{
    return ((struct scripted *)p)->world;
}

__attribute__((format(printf, 2, 3))) static void call(struct world *world, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    gl_autofree char *text = gl_vasprintf(fmt, args);
    va_end(args);
    assert_true(world->calls_len + strlen(text) + 3 < CALLS_BYTES);
    world->calls_len += (size_t)sprintf(world->calls + world->calls_len, "%s%s",
                                        world->calls_len ? "; " : "", text);
}

static void (*scripted_act)(void);
static int fill_disk(void);

static int play(struct world *world, const char *name, int64_t release, struct gl_error *err)
{
    if (strcmp(world->on, name) != 0 || (world->on_release && world->on_release != release) ||
        world->times == 0)
        return 0;
    world->times--;
    if (world->deed == FAIL)
        return gl_fail(err, GL_E_UNHEALTHY, "%s fails by script", name);
    if (world->deed == INTERRUPT || world->deed == INTERRUPT_BUT_END)
        raise(SIGINT);
    if (world->deed == INTERRUPT)
        return gl_interrupt_check(err);
    if (world->deed == ACT && scripted_act)
        scripted_act();
    if (world->deed == FILL_DISK)
        return fill_disk();
    if (world->deed == WAIT) {
        world->waiting = 1;
        while (!world->go_on)
            gl_sleep_ms(1);
    }
    return 0;
}

static int fake_up(struct gl_platform *p, struct gl_error *err)
{
    return play(world_of(p), "up", 0, err);
}

static int fake_preflight(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err)
{
    return play(world_of(p), "preflight", a->release, err);
}

static int fake_traffic(struct gl_platform *p, struct gl_traffic *ret_traffic, struct gl_error *err)
{
    struct world *world = world_of(p);
    struct gl_traffic traffic = {.frontend_release = world->frontend};
    int failed = play(world, "traffic", 0, err);
    if (failed < 0)
        return failed;
    /* Newest first: the interface has room for four. */
    for (int64_t i = MOST_RELEASES - 1; i > 0 && traffic.count < GL_COUNT(traffic.versions); i--) {
        if (world->versions[i].runs)
            traffic.versions[traffic.count++] =
                (struct gl_running){.release = i,
                                    .weight_pct = world->versions[i].weight,
                                    .sessions = world->sessions == i,
                                    .healthy = true,
                                    .deaths = world->versions[i].deaths};
    }
    *ret_traffic = traffic;
    return 0;
}

static int fake_place(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err)
{
    return play(world_of(p), "place", a->release, err);
}

static int fake_backup(struct gl_platform *p, const char *label, struct gl_backup *ret_backup,
                       struct gl_error *err)
{
    int failed = play(world_of(p), "backup", 0, err);
    if (failed == 0)
        *ret_backup = (struct gl_backup){.id = gl_strdup(label), .location = gl_strdup("memory")};
    return failed;
}

static int fake_database_url(struct gl_platform *p, char **ret_conninfo, struct gl_error *err)
{
    struct scripted *scripted = (struct scripted *)p;
    if (!scripted->database_url)
        return gl_fail(err, GL_E_NOT_FOUND, "there is no database");
    *ret_conninfo = gl_strdup(scripted->database_url);
    return 0;
}

static int fake_migration_status(struct gl_platform *p, const struct gl_migration_job *job,
                                 struct gl_migrate_status *ret_status, struct gl_error *err)
{
    gl_autofree char *conninfo = NULL;
    int failed = fake_database_url(p, &conninfo, err);
    return failed < 0 ? failed : gl_migrate_status(conninfo, job->list, ret_status, err);
}

static int fake_migrate(struct gl_platform *p, const struct gl_migration_job *job,
                        struct gl_migrate_result *ret_result, struct gl_error *err)
{
    gl_autofree char *conninfo = NULL;
    int failed = fake_database_url(p, &conninfo, err);
    return failed < 0 ? failed : gl_migration_job_run(job, conninfo, ret_result, err);
}

/* As AWS does it. */
static int fake_next_share_pct(struct gl_platform *p, int pct)
{
    int step = (int)gl_config_int(p->config, "release.canary.percent");
    bool linear = strcmp(gl_config_str(p->config, "release.strategy"), "linear") == 0;
    int next = linear ? pct + step : step;
    return pct < next && next < 100 ? next : 100;
}

static int fake_conclude(struct gl_platform *p, int64_t release, struct gl_error *err)
{
    call(world_of(p), "conclude %d", (int)release);
    return play(world_of(p), "conclude", release, err);
}

static int fake_start(struct gl_platform *p, const struct gl_artifact *a, int64_t timeout_ms,
                      struct gl_error *err)
{
    struct world *world = world_of(p);
    assert_true(timeout_ms > 0);
    assert_true(a->release > 0 && a->release < MOST_RELEASES);
    call(world, "start %d", (int)a->release);
    int failed = play(world, "start", a->release, err);
    if (failed == 0)
        world->versions[a->release].runs = true;
    return failed;
}

/* A version that runs is ready here: then there is nothing to call. */
static int fake_revive(struct gl_platform *p, int64_t release, int64_t timeout_ms,
                       struct gl_error *err)
{
    struct world *world = world_of(p);
    assert_true(timeout_ms > 0);
    if (world->versions[release].runs)
        return 0;
    call(world, "revive %d", (int)release);
    int failed = play(world, "revive", release, err);
    if (failed == 0)
        world->versions[release].runs = true;
    return failed;
}

static int fake_endpoint(struct gl_platform *p, enum gl_endpoint which, int64_t release,
                         struct gl_target *ret_target, struct gl_error *err)
{
    static const char *const names[] = {"api", "app", "version"};
    int failed = play(world_of(p), names[which], release, err);
    if (failed == 0)
        ret_target->base_url =
            gl_asprintf("http://127.0.0.1:%d", ((struct scripted *)p)->http_port);
    return failed;
}

static int fake_shift(struct gl_platform *p, int64_t release, int pct, struct gl_error *err)
{
    struct world *world = world_of(p);
    call(world, "shift %d %d", (int)release, pct);
    gl_autofree char *name = gl_asprintf("shift %d", pct);
    int failed = play(world, name, release, err);
    if (failed < 0)
        return failed;
    if (!world->versions[release].runs)
        return gl_fail(err, GL_E_UNHEALTHY, "release %d does not run", (int)release);
    int64_t others = 0;
    for (int64_t i = 1; i < MOST_RELEASES; i++) {
        if (i != release && world->versions[i].weight)
            others = i;
        world->versions[i].weight = 0;
    }
    world->versions[release].weight = pct;
    if (others)
        world->versions[others].weight = 100 - pct;
    return 0;
}

static int fake_move_sessions(struct gl_platform *p, int64_t release, struct gl_error *err)
{
    struct world *world = world_of(p);
    call(world, "sessions %d", (int)release);
    int failed = play(world, "sessions", release, err);
    if (failed == 0)
        world->sessions = release;
    return failed;
}

static int fake_mark(struct gl_platform *p, int64_t release, json_t **ret_mark,
                     struct gl_error *err)
{
    struct world *world = world_of(p);
    int failed = play(world, "mark", release, err);
    if (failed < 0)
        return failed;
    world->requests += world->bad_per_mark;
    world->bad += world->bad_per_mark;
    *ret_mark = json_pack("{s:I,s:I}", "requests", (json_int_t)world->requests, "bad",
                          (json_int_t)world->bad);
    return 0;
}

static int fake_observe(struct gl_platform *p, int64_t release, const json_t *mark,
                        struct gl_observation *ret_observation, struct gl_error *err)
{
    struct world *world = world_of(p);
    int failed = play(world, "observe", release, err);
    if (failed < 0)
        return failed;
    world->requests += world->per_look;
    world->bad += world->bad_per_look;
    *ret_observation = (struct gl_observation){
        .requests = world->requests - (uint64_t)gl_json_int(mark, "requests", 0),
        .errors_5xx = world->bad - (uint64_t)gl_json_int(mark, "bad", 0),
        .p95_ms = world->p95_ms,
        .deaths = world->versions[release].deaths,
        .healthy = !world->sick,
        .alarm = gl_strdup(world->alarm),
    };
    return 0;
}

static int fake_publish(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err)
{
    struct world *world = world_of(p);
    call(world, "publish %d", (int)a->release);
    int failed = play(world, "publish", a->release, err);
    if (failed == 0)
        world->versions[a->release].published = true;
    return failed;
}

static int fake_activate(struct gl_platform *p, int64_t release, struct gl_error *err)
{
    struct world *world = world_of(p);
    call(world, "activate %d", (int)release);
    int failed = play(world, "activate", release, err);
    if (failed == 0 && release && !world->versions[release].published)
        return gl_fail(err, GL_E_NOT_FOUND, "release %d published no frontend", (int)release);
    if (failed == 0)
        world->frontend = release;
    return failed;
}

static int fake_stop(struct gl_platform *p, int64_t release, struct gl_error *err)
{
    struct world *world = world_of(p);
    call(world, "stop %d", (int)release);
    int failed = play(world, "stop", release, err);
    if (failed == 0)
        world->versions[release].runs = false;
    return failed;
}

static int fake_check_variables(struct gl_platform *p, bool frontend, struct gl_error *err)
{
    return play(world_of(p), frontend ? "variables of both" : "variables", 0, err);
}

static int fake_frontend_variables(struct gl_platform *p, json_t **ret_variables,
                                   struct gl_error *err)
{
    (void)p;
    (void)err;
    *ret_variables = json_pack("{ss}", "PUBLIC_COLOUR", "green");
    return 0;
}

static int fake_prune(struct gl_platform *p, const int64_t *keep, size_t count,
                      struct gl_error *err)
{
    struct world *world = world_of(p);
    assert_true(count > 0);
    memset(world->kept, 0, sizeof world->kept);
    for (size_t i = 0; i < count; i++)
        world->kept[keep[i]] = true;
    return play(world, "prune", 0, err);
}

static const struct gl_platform_ops scripted_ops = {
    .name = "scripted",
    .up = fake_up,
    .preflight = fake_preflight,
    .traffic = fake_traffic,
    .place = fake_place,
    .backup = fake_backup,
    .database_url = fake_database_url,
    .migration_status = fake_migration_status,
    .migrate = fake_migrate,
    .start = fake_start,
    .revive = fake_revive,
    .endpoint = fake_endpoint,
    .next_share_pct = fake_next_share_pct,
    .shift = fake_shift,
    .move_sessions = fake_move_sessions,
    .mark = fake_mark,
    .observe = fake_observe,
    .publish = fake_publish,
    .activate = fake_activate,
    .conclude = fake_conclude,
    .stop = fake_stop,
    .check_variables = fake_check_variables,
    .frontend_variables = fake_frontend_variables,
    .prune = fake_prune,
};

/* ---- the project -------------------------------------------------------------------------------
 */

/* Ends inside `release:`, so that a test can add to it. */
static const char quick_settings[] =
    "golive: 1\n"
    "app: {name: sample}\n"
    "backend: {binary: server}\n"
    "build: {backend: 'cp program server', frontend: 'true'}\n"
    "release:\n"
    "  bake_minutes: 0\n"
    "  canary: {percent: 10, seconds: 0}\n"
    "  smoke: [{name: ready, url: 'https://{domain.api}/', status: 200}]\n";

static inline void write_file(const struct fixture *fixture, const char *name, const char *text)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(fixture->dir, name);
    gl_autofree char *dir = gl_path_dir(path);
    if (gl_mkdir_p(dir, 0755, &err) < 0 || gl_write_text(path, text, 0644, &err) < 0)
        fail_msg("%s", err.message);
}

/* golive.yaml anew; the platform sees it too. */
static inline void configure(struct fixture *fixture, const char *settings)
{
    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics problems = {0};
    gl_autofree char *path = gl_path_join(fixture->dir, "golive.yaml");
    write_file(fixture, "golive.yaml", settings);
    gl_config_free(&fixture->config);
    struct gl_config_request request = {.path = path, .env = "local"};
    if (gl_config_load(&request, &fixture->config, &problems, &err) < 0)
        fail_msg("%s: %s", err.message, problems.count ? problems.items[0].message : "");
    fixture->platform.base.config = fixture->config;
}

static inline void add_frontend(const struct fixture *fixture)
{
    write_file(fixture, "frontend/build/index.html", "<title>sample</title>");
}

/* A static program as far as packing it goes; nobody runs it. */
static inline void add_program(const struct fixture *fixture)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(fixture->dir, "backend/program");
    Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB},
        .e_type = ET_EXEC,
        .e_machine = EM_AARCH64,
        .e_phentsize = sizeof(Elf64_Phdr)
    };
    if (gl_write_file(path, &header, sizeof header, 0755, &err) < 0)
        fail_msg("%s", err.message);
}

static inline void open_fixture_ledger(struct fixture *fixture)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(fixture->state_dir, "ledger.db");
    if (gl_ledger_open_sqlite(path, &fixture->ledger, &err) < 0)
        fail_msg("%s", err.message);
}

/* Answers every request with 200 and a title until this program ends. */
static inline void serve_http(struct fixture *fixture)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                                 "Content-Length: 21\r\nConnection: close\r\n\r\n"
                                 "<title>sample</title>";
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(listener, 64), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    fixture->platform.http_port = ntohs(address.sin_port);
    fixture->http = fork();
    if (fixture->http) {
        close(listener);
        return;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        char request[4096];
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        ssize_t got = client >= 0 ? read(client, request, sizeof request) : 0;
        if (got > 0)
            (void)!write(client, answer, sizeof answer - 1);
        close(client);
    }
}

/* ---- what the reporter hears -------------------------------------------------------------------
 */

static inline void hear(struct fixture *fixture, const char *what, const char *text)
{
    char *all = gl_asprintf("%s%s %s\n", fixture->notes, what, text ? text : "");
    free(fixture->notes);
    fixture->notes = all;
}

static void on_begin(const struct gl_release_heading *heading, void *context)
{
    gl_autofree char *text = gl_asprintf("%lld", (long long)heading->release);
    hear(context, heading->operation == GL_DEPLOY ? "deploy" : "rollback", text);
}

static void on_step(const struct gl_step *step, void *context)
{
    (void)step;
    (void)context;
}

static void on_end(const struct gl_step *step, const char *detail, const struct gl_error *err,
                   int64_t elapsed_ms, void *context)
{
    (void)detail;
    (void)elapsed_ms;
    hear(context, err ? "failed" : "ended", step->name);
}

static void on_undo(const struct gl_step *step, const char *detail, const struct gl_error *err,
                    int64_t elapsed_ms, void *context)
{
    (void)detail;
    (void)elapsed_ms;
    hear(context, err ? "not undone" : "undone", step->name);
}

static void on_text(const struct gl_step *step, const char *text, void *context)
{
    (void)step;
    (void)text;
    (void)context;
}

static void on_note(const char *text, void *context)
{
    hear(context, "note", text);
}

/* ---- life --------------------------------------------------------------------------------------
 */

static int set_up(void **state)
{
    struct fixture *fixture = gl_alloc(sizeof *fixture);
    const char *tmp = getenv("TMPDIR");
    fixture->dir = gl_asprintf("%s/golive engine 配備 XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(fixture->dir));
    fixture->state_dir = gl_path_join(fixture->dir, ".golive");
    fixture->notes = gl_strdup("");
    fixture->platform.base.ops = &scripted_ops;
    fixture->platform.world = mmap(NULL, sizeof *fixture->platform.world, PROT_READ | PROT_WRITE,
                                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(fixture->platform.world, MAP_FAILED);
    fixture->reporter = (struct gl_reporter){
        .begin = on_begin,
        .step_begin = on_step,
        .step_update = on_text,
        .step_end = on_end,
        .step_skipped = on_text,
        .step_plan = on_text,
        .undo_end = on_undo,
        .note = on_note,
        .context = fixture,
    };
    serve_http(fixture);
    write_file(fixture, "backend/src/main.rs", "fn main() {}\n");
    add_program(fixture);
    configure(fixture, quick_settings);
    open_fixture_ledger(fixture);
    gl_interrupt_clear();
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    gl_release_journal_hook = NULL;
    gl_ledger_free(&fixture->ledger);
    gl_config_free(&fixture->config);
    gl_release_outcome_done(&fixture->outcome);
    gl_error_done(&fixture->err);
    kill(fixture->http, SIGKILL);
    waitpid(fixture->http, NULL, 0);
    munmap(fixture->platform.world, sizeof *fixture->platform.world);
    int failed = gl_remove_tree(fixture->dir, NULL);
    free(fixture->notes);
    free(fixture->state_dir);
    free(fixture->dir);
    free(fixture);
    return failed;
}

/* ---- doing -------------------------------------------------------------------------------------
 */

typedef int operation_fn(const struct gl_release_request *request,
                         struct gl_release_outcome *ret_outcome, struct gl_error *err);

static inline int run(struct fixture *fixture, operation_fn *operation,
                      struct gl_release_request request)
{
    request.config = fixture->config;
    request.ledger = fixture->ledger;
    request.platform = &fixture->platform.base;
    request.state_dir = fixture->state_dir;
    request.reporter = &fixture->reporter;
    gl_release_outcome_done(&fixture->outcome);
    gl_error_done(&fixture->err);
    free(fixture->notes);
    fixture->notes = gl_strdup("");
    fixture->platform.world->calls_len = 0;
    fixture->platform.world->calls[0] = '\0';
    return operation(&request, &fixture->outcome, &fixture->err);
}

static inline int deploy(struct fixture *fixture)
{
    return run(fixture, gl_release_deploy, (struct gl_release_request){0});
}

static inline int rollback(struct fixture *fixture)
{
    return run(fixture, gl_release_rollback, (struct gl_release_request){0});
}

static inline void must(const struct fixture *fixture, int result)
{
    if (result < 0)
        fail_msg("%d: %s (%s)\n%s", result, fixture->err.message ? fixture->err.message : "",
                 fixture->outcome.cause.message ? fixture->outcome.cause.message : "",
                 fixture->notes);
}

static inline void script(struct fixture *fixture, const char *on, int64_t release, enum deed deed,
                          int times)
{
    struct world *world = fixture->platform.world;
    snprintf(world->on, sizeof world->on, "%s", on);
    world->on_release = release;
    world->deed = deed;
    world->times = times;
}

static inline const char *calls(const struct fixture *fixture)
{
    return fixture->platform.world->calls;
}

static inline void assert_has(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("\"%s\" is not in \"%s\"", part, text ? text : "(null)");
}

/* `release` has all requests and the sessions, and no other version any; the journal agrees. */
static inline void assert_serves(const struct fixture *fixture, int64_t release)
{
    const struct world *world = fixture->platform.world;
    for (int64_t i = 1; i < MOST_RELEASES; i++) {
        if (world->versions[i].weight != (i == release ? 100 : 0))
            fail_msg("release %d has %d %%, %d should serve", (int)i, world->versions[i].weight,
                     (int)release);
    }
    assert_int_equal(world->sessions, release);
    gl_autojournal struct gl_journal journal = {0};
    assert_int_equal(gl_journal_read(fixture->ledger, "local", &journal, NULL), 0);
    const struct gl_operation_record *serving = gl_journal_serving(&journal);
    assert_null(gl_journal_unfinished(&journal));
    assert_int_equal(serving ? serving->release : 0, release);
}

/* How often the ledger has an event of that kind. */
struct counting {
    const char *kind;
    int count;
};

static int count_kind(const struct gl_event *event, void *context, struct gl_error *err)
{
    (void)err;
    struct counting *counting = context;
    counting->count += strcmp(event->kind, counting->kind) == 0;
    return 0;
}

static inline int events(const struct fixture *fixture, const char *kind)
{
    struct counting counting = {.kind = kind};
    assert_int_equal(gl_ledger_read(fixture->ledger, 0, count_kind, &counting, NULL), 0);
    return counting.count;
}

/* ---- a deployer of its own that ends itself ----------------------------------------------------
 */

/* The journal event after which the child is killed: the n-th, or the one of this kind and step. */
struct moment {
    int number;
    const char *kind;
    const char *step;
};

static struct moment kill_moment;
static int events_passed;

static void count_and_kill(const char *kind, const char *step)
{
    bool named = kill_moment.kind && strcmp(kind, kill_moment.kind) == 0 &&
                 strcmp(step, kill_moment.step) == 0;
    if (++events_passed == kill_moment.number || named)
        kill(getpid(), SIGKILL);
}

static inline pid_t start_child(struct fixture *fixture, operation_fn *operation,
                                struct moment moment)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    fixture->ledger = NULL; /* the parent's */
    open_fixture_ledger(fixture);
    kill_moment = moment;
    events_passed = 0;
    gl_release_journal_hook = count_and_kill;
    int result = run(fixture, operation, (struct gl_release_request){0});
    gl_ledger_free(&fixture->ledger);
    _exit(gl_code_exit_status(result));
}

/* -1 if it was killed, else its exit status. */
static inline int end_child(pid_t pid)
{
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return -1;
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Runs the operation in a child that is killed right after its n-th event; false if it ended well
 * before. */
static inline bool killed_at(struct fixture *fixture, operation_fn *operation, int event)
{
    int status = end_child(start_child(fixture, operation, (struct moment){.number = event}));
    if (status > 0)
        fail_msg("the child ended with %d", status);
    return status < 0;
}

static inline void kill_on(struct fixture *fixture, operation_fn *operation, const char *kind,
                           const char *step)
{
    struct moment moment = {.kind = kind, .step = step};
    assert_int_equal(end_child(start_child(fixture, operation, moment)), -1);
}

static int fill_disk(void)
{
    struct rlimit limit = {0};
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 0;
    return setrlimit(RLIMIT_FSIZE, &limit);
}

/* NOLINTEND(misc-definitions-in-headers) */

#endif
