/* The edge's service, and putting a route into effect. */
#include "platform/local/edge.h"

#include <signal.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "platform/local/x509.h"

enum {
    START_TIMEOUT_MS = 10000,
    STOP_GRACE_MS = 2000,
    POLL_MS = 5,
};

/* Relative to the service directory; HAProxy resolves the certificate's path there too. */
static int install(struct gl_local *local, struct gl_error *err)
{
    gl_autofree char *as = gl_local_as(local, GL_LOCAL_ACCOUNT_EDGE);
    gl_autofree char *script = gl_asprintf("#!/bin/sh\n"
                                           "exec 2>&1\n"
                                           "exec %shaproxy -db -f ../../edge/haproxy.cfg\n",
                                           as);
    return gl_s6_install(local, GL_EDGE_SERVICE, script, err);
}

static int write_conf(const struct gl_local *local, const struct gl_route *route,
                      struct gl_error *err)
{
    gl_autofree char *dir = gl_local_path(local, "edge");
    gl_autofree char *path = gl_path_join(dir, "haproxy.cfg");
    gl_autofree char *text = gl_edge_conf(local, route);
    gl_autobuf struct gl_buf before = {0};
    int failed = gl_mkdir_p(dir, 0755, err);
    if (failed == 0)
        failed = gl_edge_probes_write(local, err);
    if (failed < 0 || (gl_path_exists(path) && gl_read_file(path, 0, &before, NULL) == 0 &&
                       strcmp(gl_buf_text(&before), text) == 0))
        return failed;
    return gl_write_text(path, text, 0644, err);
}

char *gl_edge_running_digest(const struct gl_local *local)
{
    static const char label[] = "\ndescription: golive ";
    gl_autofree char *info = NULL;
    if (gl_edge_ask(local, GL_EDGE_SOCKET, "show info", &info, NULL) < 0)
        return NULL;
    const char *at = strstr(info, label);
    if (!at)
        return gl_strdup("");
    at += strlen(label);
    return gl_strndup(at, strcspn(at, "\n"));
}

bool gl_edge_is_current(const struct gl_local *local)
{
    char wanted[GL_EDGE_DIGEST_SIZE];
    gl_autofree char *running = gl_edge_running_digest(local);
    gl_edge_digest(local, wanted);
    return !running || strcmp(running, wanted) == 0;
}

static bool answers(struct gl_local *local)
{
    gl_autofree char *info = NULL;
    return gl_edge_ask(local, GL_EDGE_SOCKET, "show info", &info, NULL) == 0 &&
           strstr(info, "\nUptime_sec:") != NULL;
}

static int await_socket(struct gl_local *local, struct gl_error *err)
{
    int64_t deadline = gl_mono_ms() + START_TIMEOUT_MS;
    while (!answers(local)) {
        struct gl_service_state state = {0};
        int failed = gl_s6_state(local, GL_EDGE_SERVICE, &state, err);
        if (failed == 0)
            failed = gl_interrupt_check(err);
        if (failed < 0)
            return failed;
        if (state.deaths > 0 || gl_mono_ms() >= deadline) {
            gl_autofree char *log = NULL;
            if (gl_s6_log_tail(local, GL_EDGE_SERVICE, 5, &log, NULL) < 0)
                log = gl_strdup("");
            return gl_fail(err, GL_E_PROCESS, _("HAProxy does not start:\n%s"), log);
        }
        gl_sleep_ms(POLL_MS);
    }
    return 0;
}

static void add_state(struct gl_buf *out, const char *server, bool ready)
{
    const char *word = ready ? "ready" : "maint";
    gl_buf_printf(out, "set server app/%s state %s;set server sessions/%s state %s;", server, word,
                  server, word);
}

/* sessions/blue follows app/blue, so its own state is never set. */
static void add_slot(struct gl_buf *out, const struct gl_route *route, enum gl_slot slot)
{
    const char *name = gl_slot_name(slot);
    gl_buf_printf(out, "set server app/%s state %s;", name,
                  route->slots[slot].enabled ? "ready" : "maint");
    gl_buf_printf(out, "set weight app/%s %d;set weight sessions/%s %d;", name,
                  route->slots[slot].weight_pct, name, route->slots[slot].sessions ? 100 : 0);
}

/* The slot that gains comes first and the spare is there before it may be needed, so that at no
 * instant a request finds nobody. */
static char *commands_for(const struct gl_route *route)
{
    gl_autobuf struct gl_buf out = {0};
    enum gl_slot first =
        route->slots[GL_SLOT_GREEN].weight_pct > route->slots[GL_SLOT_BLUE].weight_pct
            ? GL_SLOT_GREEN
            : GL_SLOT_BLUE;
    enum gl_slot spare = GL_SLOT_BLUE;
    bool any = gl_route_spare(route, &spare);
    gl_autofree char *spare_on = gl_asprintf("%s-spare", gl_slot_name(spare));
    gl_autofree char *spare_off = gl_asprintf("%s-spare", gl_slot_name(gl_slot_other(spare)));
    add_state(&out, spare_on, any);
    add_slot(&out, route, first);
    add_slot(&out, route, gl_slot_other(first));
    add_state(&out, spare_off, false);
    out.data[--out.len] = '\0'; /* an empty last command would be an unknown one */
    return gl_buf_steal(&out);
}

static int tell_route(struct gl_local *local, const struct gl_route *route, struct gl_error *err)
{
    gl_autofree char *commands = commands_for(route);
    int failed = gl_edge_probes_tell(local, err);
    if (failed == 0)
        failed = gl_edge_tell(local, GL_EDGE_SOCKET, commands, err);
    return failed < 0 ? gl_error_wrap(err, _("cannot change the routing of requests")) : 0;
}

int gl_edge_apply(struct gl_local *local, const struct gl_route *route, struct gl_error *err)
{
    int failed = gl_route_save(local, route, err);
    if (failed == 0)
        failed = write_conf(local, route, err);
    return failed < 0 ? failed : tell_route(local, route, err);
}

static int start(struct gl_local *local, const struct gl_route *route, bool running,
                 struct gl_error *err)
{
    int failed = write_conf(local, route, err);
    if (failed == 0)
        failed = gl_edge_settings_save(local, err);
    if (failed == 0)
        failed = install(local, err);
    if (failed == 0 && running)
        failed = gl_s6_stop(local, GL_EDGE_SERVICE, STOP_GRACE_MS, err);
    if (failed == 0)
        failed = gl_s6_start(local, GL_EDGE_SERVICE, STOP_GRACE_MS, err);
    return failed < 0 ? failed : await_socket(local, err);
}

int gl_edge_up(struct gl_local *local, struct gl_error *err)
{
    struct gl_route route = {0};
    struct gl_service_state state = {0};
    int failed = gl_route_load(local, &route, err);
    if (failed == 0)
        failed = gl_s6_state(local, GL_EDGE_SERVICE, &state, err);
    if (failed < 0)
        return failed;
    bool serves = state.pid > 0 && !state.ending && await_socket(local, NULL) == 0;
    bool current = serves && gl_edge_is_current(local);
    if (serves && !current && gl_route_serves(&route) && !local->base.may_interrupt)
        gl_platform_progress(&local->base, _("the edge keeps its old settings until: golive local "
                                             "up"));
    else if (current)
        failed = write_conf(local, &route, err);
    else
        failed = start(local, &route, state.pid > 0, err);
    /* Who was killed after keeping a route had not told it. */
    return failed < 0 ? failed : tell_route(local, &route, err);
}

int gl_edge_distrust(struct gl_local *local, enum gl_slot slot, struct gl_error *err)
{
    gl_autofree char *command = gl_asprintf("set server app/%s health down", gl_slot_name(slot));
    return gl_edge_tell(local, GL_EDGE_SOCKET, command, err);
}

/* A payload ends at the first empty line, so there may be none inside.
 * https://docs.haproxy.org/2.6/management.html#9.3-set%20ssl%20cert */
static char *without_empty_lines(const char *pem)
{
    gl_autostrv struct gl_strv lines = {0};
    gl_strv_split(&lines, pem, "\n");
    return gl_strv_join(&lines, "\n");
}

static int rotate_certificate(struct gl_local *local, struct gl_error *err)
{
    gl_autofree char *path = gl_local_path(local, "tls/edge.pem");
    gl_autofree char *answer = NULL;
    gl_autofree char *committed = NULL;
    gl_autobuf struct gl_buf pem = {0};
    int failed = gl_read_file(path, 0, &pem, err);
    if (failed < 0)
        return failed;
    gl_autofree char *lines = without_empty_lines(gl_buf_text(&pem));
    gl_autofree char *set = gl_asprintf("set ssl cert ../../tls/edge.pem <<\n%s\n", lines);
    failed = gl_edge_ask(local, GL_EDGE_SOCKET, set, &answer, err);
    if (failed == 0)
        failed = gl_edge_ask(local, GL_EDGE_SOCKET, "commit ssl cert ../../tls/edge.pem",
                             &committed, err);
    gl_wipe(lines, strlen(lines));
    gl_wipe(set, strlen(set));
    if (failed == 0 && !strstr(committed, "Success"))
        return gl_fail(err, GL_E_PROCESS, _("HAProxy refused the new certificate: %s%s"), answer,
                       committed);
    return failed;
}

/* HAProxy itself says which certificate it serves.
 * https://docs.haproxy.org/2.6/management.html#9.3-show%20ssl%20cert */
static bool serves_certificate(const struct gl_local *local, const char *fingerprint)
{
    gl_autofree char *shown = NULL;
    return gl_edge_ask(local, GL_EDGE_SOCKET, "show ssl cert ../../tls/edge.pem", &shown, NULL) ==
               0 &&
           strstr(shown, fingerprint);
}

int gl_edge_serve_certificate(struct gl_local *local, struct gl_error *err)
{
    gl_autofree char *path = gl_local_path(local, "tls/edge.crt");
    gl_autobuf struct gl_buf pem = {0};
    char fingerprint[GL_X509_SHA1_SIZE];
    int failed = gl_read_file(path, 0, &pem, err);
    if (failed == 0)
        failed = gl_x509_sha1(gl_buf_text(&pem), path, fingerprint, err);
    if (failed < 0 || serves_certificate(local, fingerprint))
        return failed;
    return rotate_certificate(local, err);
}
