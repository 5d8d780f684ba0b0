/* The local platform: the table of its operations, and those that bring the whole up and down. */
#include "platform/local/local.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "platform/local/fault.h"
#include "platform/local/ops.h"
#include "platform/local/pg.h"
#include "platform/local/ports.h"
#include "platform/local/s6.h"
#include "platform/local/secrets.h"
#include "platform/local/web.h"

struct gl_local *gl_local_of(struct gl_platform *platform)
{
    return platform->ops == &gl_local_ops ? (struct gl_local *)platform : NULL;
}

/* Two `up` at the same time would start two HAProxy on the same ports without an error
 * (SO_REUSEPORT); so whoever changes the whole holds this. */
static int take_lock(const struct gl_local *local, int *ret_fd, struct gl_error *err)
{
    gl_autofree char *path = gl_local_path(local, "lock");
    gl_autoclose int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return gl_fail_errno(err, errno, _("cannot open %s"), path);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        gl_fail(err, GL_E_BUSY, _("another golive is starting or stopping this local platform"));
        return gl_error_hint(err, _("Wait until it is done; the lock is %s"), path);
    }
    *ret_fd = gl_steal_fd(&fd);
    return 0;
}

static int certificates_up(struct gl_local *local, struct gl_error *err)
{
    const char *names[] = {gl_config_str(local->base.config, "domain.api"),
                           gl_config_str(local->base.config, "domain.app"), NULL};
    int failed = gl_local_ca_ensure(local, err);
    return failed < 0 ? failed : gl_local_cert_ensure(local, "edge", names, err);
}

static bool serves(const struct gl_route *route, enum gl_slot slot)
{
    return route->slots[slot].weight_pct > 0 || route->slots[slot].sessions;
}

/* The version that serves must come back; one that was only kept warm costs no more than a slower
 * rollback when it does not. What says nothing about it (the edge does not answer) retires none. */
static int slot_up(struct gl_local *local, enum gl_slot slot, bool serving, struct gl_error *err)
{
    gl_autoslot struct gl_slot_version version = {0};
    struct gl_service_state state = {0};
    gl_autoerr struct gl_error problem = {0};
    int64_t timeout_ms = gl_config_int(local->base.config, "backend.start_timeout_s") * 1000;
    int failed = gl_slot_read(local, slot, &version, err);
    if (failed == 0)
        failed = gl_s6_state(local, gl_slot_service(slot), &state, err);
    if (failed < 0)
        return failed;
    if (!version.wanted) /* somebody was killed between taking it out and stopping it */
        return state.pid > 0 && !serving ? gl_slot_stop(local, slot, err) : 0;
    if (state.pid > 0 && !state.ending)
        return 0;
    failed = gl_slot_start(local, slot, timeout_ms, &problem);
    if (failed == 0)
        return 0;
    if (failed != GL_E_INTERRUPTED)
        gl_error_wrap(&problem, _("release %" PRId64 " does not come back"), version.release);
    if (serving || failed != GL_E_UNHEALTHY) {
        if (err)
            gl_error_move(err, &problem);
        return failed;
    }
    gl_platform_progress(&local->base, "%s", problem.message);
    return gl_slot_give_up(local, slot, err);
}

/* After a reboot, or after everything was killed: versions that should run are started again, first
 * those that people wait for. */
static int slots_up(struct gl_local *local, struct gl_error *err)
{
    struct gl_route route = {0};
    int failed = gl_route_load(local, &route, err);
    for (int round = 0; round < 2; round++) {
        for (enum gl_slot slot = 0; failed == 0 && slot < GL_SLOT_COUNT; slot++) {
            if (serves(&route, slot) == (round == 0))
                failed = slot_up(local, slot, round == 0, err);
        }
    }
    return failed;
}

typedef int part_fn(struct gl_local *local, struct gl_error *err);

static int edge_up(struct gl_local *local, struct gl_error *err)
{
    int failed = certificates_up(local, err);
    if (failed == 0)
        failed = gl_edge_up(local, err);
    return failed < 0 ? failed : gl_edge_serve_certificate(local, err);
}

static int ports_free(struct gl_local *local, struct gl_error *err)
{
    return gl_local_ports_check(local, err);
}

/* Each part needs those before it. */
static const struct {
    const char *doing;
    part_fn *up;
} parts[] = {
    {N_("checking ports"),           ports_free          },
    {N_("starting the supervision"), gl_s6_tree_up       },
    {N_("starting the database"),    gl_local_postgres_up},
    {N_("starting the web server"),  gl_web_up           },
    {N_("starting the edge"),        edge_up             },
    {N_("starting the application"), slots_up            },
};

static int local_up(struct gl_platform *p, struct gl_error *err)
{
    struct gl_local *local = gl_local_cast(p);
    gl_autoclose int lock = -1;
    int failed = gl_local_instance_make(local, err);
    if (failed == 0)
        failed = take_lock(local, &lock, err);
    if (failed == 0)
        failed = gl_local_instance_bind(local, err);
    if (failed == 0)
        failed = gl_pg_check_port(local, err);
    if (failed == 0)
        failed = gl_local_instance_keep(local, err);
    for (size_t i = 0; failed == 0 && i < GL_COUNT(parts); i++) {
        gl_platform_progress(p, "%s", _(parts[i].doing));
        failed = parts[i].up(local, err);
    }
    return failed;
}

static int local_down(struct gl_platform *p, bool purge, struct gl_error *err)
{
    struct gl_local *local = gl_local_cast(p);
    gl_autoclose int lock = -1;
    int failed = gl_is_dir(local->root) ? take_lock(local, &lock, err) : 0;
    if (failed == 0 && lock >= 0)
        failed = gl_s6_tree_down(local, err);
    if (failed < 0 || !purge)
        return failed;
    failed = gl_remove_tree(local->run_dir, err);
    if (failed == 0)
        failed = gl_remove_tree(local->edge_dir, err);
    return failed < 0 ? failed : gl_remove_tree(local->root, err);
}

static void add_service(struct gl_local *local, const char *name, json_t *services)
{
    struct gl_service_state state = {0};
    json_t *service = json_object();
    if (gl_s6_state(local, name, &state, NULL) < 0)
        state = (struct gl_service_state){0};
    gl_json_set_str(service, "name", name);
    gl_json_set_bool(service, "up", state.up);
    gl_json_set_int(service, "pid", state.pid);
    gl_json_set_int(service, "deaths", state.deaths);
    gl_json_set_int(service, "uptime_ms", state.uptime_ms);
    gl_json_set_int(service, "memory_bytes", (int64_t)gl_proc_rss_bytes(state.pid));
    json_array_append_new(services, service);
}

static json_t *describe_addresses(const struct gl_local *local)
{
    json_t *addresses = json_object();
    const struct gl_config *config = local->base.config;
    gl_autofree char *app = gl_edge_url(local, gl_config_str(config, "domain.app"));
    gl_autofree char *api = gl_edge_url(local, gl_config_str(config, "domain.api"));
    gl_autofree char *ca = gl_local_path(local, "ca/ca.pem");
    gl_json_set_str(addresses, "app", app);
    gl_json_set_str(addresses, "api", api);
    gl_json_set_str(addresses, "ca_file", ca);
    return addresses;
}

static json_t *describe_slots(struct gl_local *local)
{
    json_t *slots = json_array();
    for (enum gl_slot slot = 0; slot < GL_SLOT_COUNT; slot++) {
        gl_autoslot struct gl_slot_version version = {0};
        json_t *entry = json_object();
        if (gl_slot_read(local, slot, &version, NULL) < 0)
            version.release = 0;
        gl_json_set_str(entry, "slot", gl_slot_name(slot));
        gl_json_set_int(entry, "release", version.release);
        gl_json_set_str(entry, "version", version.version);
        gl_json_set_str(entry, "digest", version.digest);
        gl_json_set_bool(entry, "wanted", version.wanted);
        json_array_append_new(slots, entry);
    }
    return slots;
}

static int local_describe(struct gl_platform *p, json_t **ret_status, struct gl_error *err)
{
    struct gl_local *local = gl_local_cast(p);
    gl_autostrv struct gl_strv names = {0};
    json_t *status = json_object();
    json_t *services = json_array();
    json_t *ports = json_object();
    (void)err;
    gl_s6_services(local, &names);
    for (size_t i = 0; i < names.count; i++)
        add_service(local, names.items[i], services);
    for (size_t i = 0; i < GL_PORT_COUNT; i++)
        gl_json_set_int(ports, gl_local_port_name((enum gl_local_port)i), local->ports[i]);
    gl_json_set_str(status, "platform", "local");
    gl_json_set_str(status, "root", local->root);
    json_object_set_new(status, "addresses", describe_addresses(local));
    json_object_set_new(status, "ports", ports);
    json_object_set_new(status, "services", services);
    json_object_set_new(status, "slots", describe_slots(local));
    *ret_status = status;
    return 0;
}

/* "backend" is the slot of a release, or the one that most requests go to. */
static int log_service(struct gl_local *local, const char *service, int64_t release,
                       const char **ret_name, struct gl_error *err)
{
    struct gl_route route = {0};
    enum gl_slot slot = GL_SLOT_BLUE;
    *ret_name = service;
    if (strcmp(service, "backend") != 0)
        return 0;
    int failed =
        release > 0 ? gl_slot_find(local, release, &slot, err) : gl_route_load(local, &route, err);
    if (failed < 0)
        return failed;
    if (release == 0 &&
        route.slots[GL_SLOT_GREEN].weight_pct > route.slots[GL_SLOT_BLUE].weight_pct)
        slot = GL_SLOT_GREEN;
    *ret_name = gl_slot_service(slot);
    return 0;
}

static int local_logs(struct gl_platform *p, const char *service, int64_t release, int lines,
                      char **ret_text, struct gl_error *err)
{
    struct gl_local *local = gl_local_cast(p);
    const char *name = NULL;
    int failed = log_service(local, service, release, &name, err);
    return failed < 0 ? failed : gl_s6_log_tail(local, name, lines, ret_text, err);
}

static char *local_log_place(struct gl_platform *p, const char *service, int64_t release)
{
    struct gl_local *local = gl_local_cast(p);
    const char *name = NULL;
    if (log_service(local, service, release, &name, NULL) < 0)
        return NULL;
    gl_autofree char *relative = gl_asprintf("logs/%s/current", name);
    gl_autofree char *path = gl_local_path(local, relative);
    return gl_asprintf(_("%s, from its beginning"), path);
}

static int local_backup(struct gl_platform *p, const char *label, struct gl_backup *ret_backup,
                        struct gl_error *err)
{
    return gl_local_postgres_backup(gl_local_cast(p), label, ret_backup, err);
}

static int local_database_url(struct gl_platform *p, char **ret_conninfo, struct gl_error *err)
{
    return gl_local_postgres_url(gl_local_cast(p), GL_ROLE_OWNER, ret_conninfo, err);
}

static int local_migration_status(struct gl_platform *p, const struct gl_migration_job *job,
                                  struct gl_migrate_status *ret_status, struct gl_error *err)
{
    gl_autofree char *conninfo = NULL;
    int failed = local_database_url(p, &conninfo, err);
    if (failed < 0)
        return failed;
    gl_secret_add(conninfo);
    return gl_migrate_status(conninfo, job->list, ret_status, err);
}

static int local_migrate(struct gl_platform *p, const struct gl_migration_job *job,
                         struct gl_migrate_result *ret_result, struct gl_error *err)
{
    gl_autofree char *conninfo = NULL;
    int failed = local_database_url(p, &conninfo, err);
    if (failed < 0)
        return failed;
    gl_secret_add(conninfo);
    return gl_migration_job_run(job, conninfo, ret_result, err);
}

/* Both versions run here anyway, so that any share can be given. */
static int local_next_share_pct(struct gl_platform *p, int pct)
{
    int share = (int)gl_config_int(p->config, "release.canary.percent");
    return pct < share ? share : 100;
}

/* A version that serves here has all of it already. */
static int local_conclude(struct gl_platform *p, int64_t release, struct gl_error *err)
{
    (void)p;
    (void)release;
    (void)err;
    return 0;
}

static int local_publish(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err)
{
    return gl_web_publish(gl_local_cast(p), a, err);
}

static int local_check_variables(struct gl_platform *p, bool frontend, struct gl_error *err)
{
    return gl_envvars_check(gl_local_cast(p), frontend, err);
}

static int local_frontend_variables(struct gl_platform *p, json_t **ret_variables,
                                    struct gl_error *err)
{
    return gl_envvars_frontend(gl_local_cast(p), ret_variables, err);
}

static int local_stored_value(struct gl_platform *p, const char *name, int64_t timeout_ms,
                              char **ret_value, struct gl_error *err)
{
    (void)timeout_ms; /* a file */
    return gl_secrets_stored(gl_local_cast(p), name, ret_value, err);
}

static int local_activate(struct gl_platform *p, int64_t release, struct gl_error *err)
{
    return gl_web_activate(gl_local_cast(p), release, err);
}

static void local_free(struct gl_platform *p)
{
    struct gl_local *local = gl_local_cast(p);
    free(local->state_dir);
    free(local->root);
    free(local->run_dir);
    free(local->edge_dir);
    free(local->name);
    free(local);
}

const struct gl_platform_ops gl_local_ops = {
    .name = "local",
    .up = local_up,
    .down = local_down,
    .describe = local_describe,
    .logs = local_logs,
    .log_place = local_log_place,
    .preflight = gl_local_preflight,
    .traffic = gl_local_traffic,
    .place = gl_local_place,
    .backup = local_backup,
    .database_url = local_database_url,
    .migration_status = local_migration_status,
    .migrate = local_migrate,
    .start = gl_local_start,
    .revive = gl_local_revive,
    .endpoint = gl_local_endpoint,
    .next_share_pct = local_next_share_pct,
    .shift = gl_local_shift,
    .move_sessions = gl_local_move_sessions,
    .mark = gl_local_mark,
    .observe = gl_local_observe,
    .publish = local_publish,
    .activate = local_activate,
    .conclude = local_conclude,
    .stop = gl_local_stop,
    .check_variables = local_check_variables,
    .frontend_variables = local_frontend_variables,
    .stored_value = local_stored_value,
    .prune = gl_local_prune,
    .free = local_free,
};

int gl_local_open(const struct gl_config *config, const char *state_dir,
                  struct gl_platform **ret_platform, struct gl_error *err)
{
    struct gl_local *local = gl_alloc(sizeof *local);
    local->base = (struct gl_platform){.ops = &gl_local_ops, .config = config};
    local->name = gl_strdup(gl_config_str(config, "app.name"));
    local->state_dir = gl_strdup(state_dir);
    int failed = gl_local_instance_open(local, err);
    if (failed < 0) {
        local_free(&local->base);
        return failed;
    }
    *ret_platform = &local->base;
    return 0;
}
