/* The web server's service. */
#include "platform/local/web.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "net/http.h"
#include "platform/local/files.h"
#include "platform/local/template.h"

enum {
    START_TIMEOUT_MS = 10000,
    PROBE_TIMEOUT_MS = 1000,
    STOP_GRACE_MS = 5000,
    POLL_MS = 5,
};

static int install(struct gl_local *local, struct gl_error *err)
{
    gl_autofree char *as = gl_local_as(local, GL_LOCAL_ACCOUNT_WEB);
    gl_autofree char *script = gl_asprintf("#!/bin/sh\n"
                                           "exec 2>&1\n"
                                           "cd ../.. || exit 111\n"
                                           "exec %snginx -p ./ -c web/nginx.conf -e stderr\n",
                                           as);
    return gl_s6_install(local, GL_WEB_SERVICE, script, err);
}

static int make_dirs(const struct gl_local *local, struct gl_error *err)
{
    static const char *const dirs[] = {"web", "www/releases", "www/assets"};
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < GL_COUNT(dirs); i++) {
        gl_autofree char *path = gl_local_path(local, dirs[i]);
        failed = gl_mkdir_p(path, 0755, err);
    }
    gl_autofree char *scratch = gl_local_path(local, "web/tmp");
    return failed < 0 ? failed : gl_local_account_dir(local, GL_LOCAL_ACCOUNT_WEB, scratch, err);
}

static char *conf_text(const struct gl_local *local, const char *digest)
{
    gl_autofree char *port = gl_asprintf("%u", local->ports[GL_PORT_WEB]);
    const struct gl_template_value values[] = {
        {"web_port", port  },
        {"digest",   digest},
    };
    return gl_template_fill(gl_template_nginx, values, GL_COUNT(values));
}

/* The text of the configuration; `ret_digest` names it and stands in it. */
static char *conf_of(const struct gl_local *local, char ret_digest[GL_SHA256_HEX_SIZE])
{
    gl_autofree char *unnamed = conf_text(local, "");
    gl_sha256_hex(unnamed, strlen(unnamed), ret_digest);
    return conf_text(local, ret_digest);
}

/* What the running nginx says it was started with; NULL when it does not answer. */
static char *running_digest(const struct gl_local *local)
{
    gl_autofree char *url =
        gl_asprintf("http://127.0.0.1:%u/_golive/health", local->ports[GL_PORT_WEB]);
    struct gl_http_request request = {.url = url, .timeout_ms = PROBE_TIMEOUT_MS};
    gl_autohttp struct gl_http_response response = {0};
    if (gl_http_fetch(&request, &response, NULL) < 0 || response.status != 200)
        return NULL;
    return gl_strdup(gl_buf_text(&response.body));
}

static bool runs_with(const struct gl_local *local, const char *digest)
{
    gl_autofree char *running = running_digest(local);
    return running && strcmp(running, digest) == 0;
}

static int await_answer(struct gl_local *local, const char *digest, struct gl_error *err)
{
    int64_t deadline = gl_mono_ms() + START_TIMEOUT_MS;
    while (!runs_with(local, digest)) {
        struct gl_service_state state = {0};
        int failed = gl_interrupt_check(err);
        if (failed == 0)
            failed = gl_s6_state(local, GL_WEB_SERVICE, &state, err);
        if (failed < 0)
            return failed;
        if (state.deaths > 0 || gl_mono_ms() >= deadline) {
            gl_autofree char *log = NULL;
            if (gl_s6_log_tail(local, GL_WEB_SERVICE, 5, &log, NULL) < 0)
                log = gl_strdup("");
            return gl_fail(err, GL_E_PROCESS, _("nginx does not start:\n%s"), log);
        }
        gl_sleep_ms(POLL_MS);
    }
    return 0;
}

/* A running nginx takes new settings without losing a request; one that does not answer, or was
 * told to end, is started anew. */
static int renew(struct gl_local *local, bool stays, struct gl_error *err)
{
    gl_autofree char *running = stays ? running_digest(local) : NULL;
    if (running)
        return gl_s6_signal(local, GL_WEB_SERVICE, SIGHUP, err);
    int failed = gl_s6_stop(local, GL_WEB_SERVICE, STOP_GRACE_MS, err);
    return failed < 0 ? failed : gl_s6_start(local, GL_WEB_SERVICE, STOP_GRACE_MS, err);
}

int gl_web_up(struct gl_local *local, struct gl_error *err)
{
    char digest[GL_SHA256_HEX_SIZE];
    struct gl_service_state state = {0};
    gl_autofree char *path = gl_local_path(local, "web/nginx.conf");
    gl_autofree char *text = conf_of(local, digest);
    int failed = make_dirs(local, err);
    if (failed == 0)
        failed = gl_s6_state(local, GL_WEB_SERVICE, &state, err);
    bool stays = state.pid > 0 && !state.ending;
    if (failed < 0 || (stays && runs_with(local, digest)))
        return failed;
    failed = gl_write_text(path, text, 0644, err);
    if (failed == 0)
        failed = install(local, err);
    if (failed == 0)
        failed = renew(local, stays, err);
    return failed < 0 ? failed : await_answer(local, digest, err);
}
