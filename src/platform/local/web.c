/* The web server's service. */
#include "platform/local/web.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "net/http.h"
#include "platform/local/template.h"

enum {
    START_TIMEOUT_MS = 10000,
    PROBE_TIMEOUT_MS = 1000,
    STOP_GRACE_MS = 5000,
    POLL_MS = 5,
};

static const char run_script[] = "#!/bin/sh\n"
                                 "exec 2>&1\n"
                                 "cd ../.. || exit 111\n"
                                 "exec nginx -p ./ -c web/nginx.conf -e stderr\n";

static int make_dirs(const struct gl_local *local, struct gl_error *err)
{
    static const char *const dirs[] = {"web/tmp", "www/releases", "www/assets"};
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < GL_COUNT(dirs); i++) {
        gl_autofree char *path = gl_local_path(local, dirs[i]);
        failed = gl_mkdir_p(path, 0755, err);
    }
    gl_autofree char *web = gl_local_path(local, "web");
    if (failed == 0 && local->drop)
        failed = gl_chown_tree(web, local->uid, local->gid, err);
    return failed;
}

static int write_conf(const struct gl_local *local, bool *ret_changed, struct gl_error *err)
{
    gl_autofree char *path = gl_local_path(local, "web/nginx.conf");
    gl_autofree char *port = gl_asprintf("%u", local->ports[GL_PORT_WEB]);
    const struct gl_template_value values[] = {
        {"web_port", port},
    };
    gl_autofree char *text = gl_template_fill(gl_template_nginx, values, GL_COUNT(values));
    gl_autobuf struct gl_buf before = {0};
    *ret_changed = !gl_path_exists(path) || gl_read_file(path, 0, &before, NULL) < 0 ||
                   strcmp(gl_buf_text(&before), text) != 0;
    return *ret_changed ? gl_write_text(path, text, 0644, err) : 0;
}

static int await_answer(struct gl_local *local, struct gl_error *err)
{
    gl_autofree char *url =
        gl_asprintf("http://127.0.0.1:%u/_golive/health", local->ports[GL_PORT_WEB]);
    struct gl_http_request request = {.url = url, .timeout_ms = PROBE_TIMEOUT_MS};
    int64_t deadline = gl_mono_ms() + START_TIMEOUT_MS;
    for (;;) {
        gl_autohttp struct gl_http_response response = {0};
        struct gl_service_state state = {0};
        if (gl_http_fetch(&request, &response, NULL) == 0 && response.status == 200)
            return 0;
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
}

int gl_web_up(struct gl_local *local, struct gl_error *err)
{
    struct gl_service_state state = {0};
    bool changed = false;
    int failed = make_dirs(local, err);
    if (failed == 0)
        failed = write_conf(local, &changed, err);
    if (failed == 0)
        failed = gl_s6_state(local, GL_WEB_SERVICE, &state, err);
    if (failed == 0 && (changed || !state.supervised))
        failed = gl_s6_install(local, GL_WEB_SERVICE, run_script, err);
    if (failed == 0 && changed && state.pid > 0)
        failed = gl_s6_stop(local, GL_WEB_SERVICE, STOP_GRACE_MS, err);
    if (failed == 0)
        failed = gl_s6_start(local, GL_WEB_SERVICE, err);
    return failed < 0 ? failed : await_answer(local, err);
}
