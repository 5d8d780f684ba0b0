/* The database service of the local platform: cluster, certificate, configuration, supervision. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "platform/local/files.h"
#include "platform/local/pg.h"

enum {
    READY_MS = 120000, /* recovery after a crash replays up to 512 MB of log */
    DEATHS_MAX = 2,
    ALONE_MS = 10000, /* a killed supervisor is replaced after about a second */
    LOG_LINES = 15,
};

static int install(struct gl_local *local, const struct gl_pg_programs *programs,
                   const char *data_dir, struct gl_error *err)
{
    gl_autobuf struct gl_buf script = {0};
    gl_autofree char *as = gl_local_as_database(local);
    gl_buf_printf(&script, "#!/bin/sh\nexec 2>&1\ncd /\nexport LC_ALL=C.UTF-8\nexec %s", as);
    gl_sh_word(&script, programs->bin);
    gl_buf_puts(&script, "/postgres -D ");
    gl_sh_word(&script, data_dir);
    gl_buf_putc(&script, '\n');
    int failed = gl_s6_install(local, GL_PG_SERVICE, gl_buf_text(&script), err);
    if (failed < 0)
        return failed;
    /* SIGTERM would wait for every session to end by itself; SIGINT is the fast shutdown. */
    gl_autofree char *down_signal = gl_local_path(local, "s6/" GL_PG_SERVICE "/down-signal");
    return gl_write_text(down_signal, "SIGINT\n", 0644, err);
}

/* The deaths that were counted before this wait began are history. */
struct watched {
    struct gl_local *local;
    int64_t deaths;
    int64_t supervised_ms; /* when a supervisor was seen the last time */
};

/* Waiting for a server that dies again and again is pointless: its log says why. */
static int not_dying(void *context, struct gl_error *err)
{
    struct watched *watched = context;
    struct gl_service_state state = {0};
    gl_autofree char *log = NULL;
    int failed = gl_s6_state(watched->local, GL_PG_SERVICE, &state, err);
    if (failed < 0)
        return failed;
    if (state.supervised)
        watched->supervised_ms = gl_mono_ms();
    if (gl_mono_ms() - watched->supervised_ms > ALONE_MS)
        return gl_fail(err, GL_E_UNHEALTHY, _("nobody supervises the database service any more"));
    if (state.deaths < watched->deaths + DEATHS_MAX)
        return 0;
    (void)!gl_s6_log_tail(watched->local, GL_PG_SERVICE, LOG_LINES, &log, NULL);
    return gl_fail(err, GL_E_UNHEALTHY, _("the database server does not stay up:\n%s"),
                   log ? log : "");
}

static int wait_ready(struct gl_local *local, int64_t deaths_before, struct gl_error *err)
{
    struct gl_pg_place place = gl_pg_live(local);
    struct watched watched = {
        .local = local,
        .deaths = deaths_before,
        .supervised_ms = gl_mono_ms(),
    };
    return gl_pg_wait(&place, READY_MS, not_dying, &watched, err);
}

static int start(struct gl_local *local, const struct gl_pg_programs *programs,
                 const char *data_dir, struct gl_error *err)
{
    int failed = gl_pg_cluster_release(data_dir, err);
    if (failed == 0)
        failed = gl_local_ports_check(local, err);
    if (failed == 0)
        failed = install(local, programs, data_dir, err);
    if (failed == 0)
        failed = gl_s6_start(local, GL_PG_SERVICE, READY_MS, err);
    if (failed == 0)
        failed = wait_ready(local, 0, err); /* starting forgets earlier deaths */
    if (failed < 0)
        (void)!gl_s6_stop(local, GL_PG_SERVICE, READY_MS, NULL);
    return failed;
}

/* A running server takes new settings on where it can; an interruption is for a person to choose.
 */
static int reload(struct gl_local *local, struct gl_error *err)
{
    struct gl_pg_place place = gl_pg_live(local);
    gl_autopgconn PGconn *conn = NULL;
    gl_autopgresult PGresult *pending = NULL;
    int failed = gl_pg_connect(&place, "postgres", &conn, err);
    if (failed == 0)
        failed = gl_pg_run(conn, "select pg_catalog.pg_reload_conf()", NULL, err);
    if (failed == 0)
        failed = gl_pg_run(conn, "select name from pg_catalog.pg_settings where pending_restart",
                           &pending, err);
    for (int i = 0; failed == 0 && i < PQntuples(pending); i++)
        gl_platform_progress(&local->base,
                             _("the new %s takes effect when the database starts the next time"),
                             PQgetvalue(pending, i, 0));
    return failed;
}

static int run_server(struct gl_local *local, const struct gl_pg_programs *programs,
                      bool conf_changed, struct gl_error *err)
{
    gl_autofree char *data_dir = gl_local_path(local, "pg");
    struct gl_service_state state = {0};
    int failed = gl_s6_state(local, GL_PG_SERVICE, &state, err);
    if (failed == 0 && state.ending) /* its place must be free before it is started again */
        failed = gl_s6_stop(local, GL_PG_SERVICE, READY_MS, err);
    if (failed < 0)
        return failed;
    if (!state.up || state.ending)
        return start(local, programs, data_dir, err);
    failed = wait_ready(local, state.deaths, err);
    return failed < 0 || !conf_changed ? failed : reload(local, err);
}

int gl_pg_service_up(struct gl_local *local, const struct gl_pg_settings *settings,
                     struct gl_error *err)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "::1", NULL};
    gl_autopgprograms struct gl_pg_programs programs = {0};
    bool conf_changed = false;
    int failed = gl_pg_cluster_ensure(local, &programs, err);
    if (failed == 0)
        failed = gl_local_cert_ensure(local, GL_PG_SERVICE, names, err);
    if (failed == 0)
        failed = gl_pg_secrets_ensure(local, err);
    if (failed == 0)
        failed = gl_pg_conf_write(local, settings, &conf_changed, err);
    if (failed == 0)
        failed = run_server(local, &programs, conf_changed, err);
    return failed < 0 ? failed : gl_pg_roles_ensure(local, err);
}
