/* Starting and stopping the version of a slot. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "net/http.h"
#include "platform/local/fault.h"
#include "platform/local/slot.h"

enum {
    PROBE_TIMEOUT_MS = 2000,
    POLL_MS = 10,
    DEATHS_ALLOWED = 1,
    LOG_LINES = 10,
};

/* Said before each start, so that the words of one version are not taken for another's. */
static const char start_mark[] = "golive: starting release ";

/* s6-envdir reads one file per variable; -f keeps line breaks inside a value. */
static char *run_script(const struct gl_local *local, enum gl_slot slot,
                        const struct gl_artifact *artifact, const struct gl_image_run *image)
{
    gl_autobuf struct gl_buf out = {0};
    gl_autofree char *image_dir = gl_slot_image_dir(local, artifact->image_digest);
    gl_autofree char *as = gl_local_as(local, GL_LOCAL_ACCOUNT_APP);
    const char *name = gl_path_base(image_dir);
    gl_buf_printf(&out, "#!/bin/sh\n# Slot %s: release %" PRId64 "\nexec 2>&1\n",
                  gl_slot_name(slot), artifact->release);
    gl_buf_printf(&out, "echo '%s%" PRId64 "'\n", start_mark, artifact->release);
    if (gl_fault_crashes_at_start(local))
        gl_buf_puts(&out, "echo 'rehearsal: this start is made to fail'\nexit 1\n");
    gl_buf_puts(&out, "root=$(cd ../.. && pwd) || exit 111\n");
    gl_buf_puts(&out, "ulimit -n \"$(ulimit -Hn)\"\n");
    gl_buf_printf(&out, "cd \"$root/images/%s\"", name);
    gl_sh_word(&out, image->workdir ? image->workdir : "/");
    /* First the rights, then the environment: what an image sets must not reach a program of root.
     */
    gl_buf_printf(&out,
                  " || exit 111\nexec %ss6-envdir -f \"$root/slots/%s/env\" \"$root/images/%s\"",
                  as, gl_slot_name(slot), name);
    for (size_t i = 0; i < image->entrypoint.count; i++) {
        if (i > 0)
            gl_buf_putc(&out, ' ');
        gl_sh_word(&out, image->entrypoint.items[i]);
    }
    gl_buf_putc(&out, '\n');
    return gl_buf_steal(&out);
}

/* The application reads its variables and cannot change them. */
static struct gl_file_owner readable_by_app(const struct gl_local *local)
{
    return (struct gl_file_owner){(uid_t)-1, local->drop ? local->accounts[GL_LOCAL_ACCOUNT_APP].gid
                                                         : (gid_t)-1};
}

static int write_variable(const struct gl_file_owner *owner, const char *dir,
                          const char *assignment, struct gl_error *err)
{
    const char *equals = strchr(assignment, '=');
    if (!equals || equals == assignment)
        return gl_fail(err, GL_E_CORRUPT, _("`%s` is no environment variable"), assignment);
    gl_autofree char *name = gl_strndup(assignment, (size_t)(equals - assignment));
    if (strchr(name, '/') || name[0] == '.')
        return gl_fail(err, GL_E_CORRUPT, _("`%s` is no name for an environment variable"), name);
    gl_autofree char *path = gl_path_join(dir, name);
    /* s6-envdir takes one line break off the end, and an empty file for "unset". */
    gl_autofree char *line = gl_asprintf("%s\n", equals + 1);
    int failed = gl_write_file_as(path, line, strlen(line), 0640, owner, err);
    gl_wipe(line, strlen(line));
    return failed;
}

static void platform_variables(const struct gl_local *local, enum gl_slot slot,
                               const struct gl_artifact *artifact, struct gl_strv *env)
{
    gl_strv_addf(env, "PORT=%u", gl_slot_port(local, slot));
    gl_strv_add(env, "BIND_ADDR=127.0.0.1");
    gl_strv_addf(env, "RELEASE_VERSION=%s", artifact->version);
}

/* The image's own variables first: those of the configuration win over them, the platform's over
 * both. */
static int write_environment(struct gl_local *local, enum gl_slot slot,
                             const struct gl_artifact *artifact, const struct gl_image_run *image,
                             struct gl_error *err)
{
    gl_autofree char *relative = gl_asprintf("slots/%s/env", gl_slot_name(slot));
    gl_autofree char *dir = gl_local_path(local, relative);
    gl_autofree char *slot_dir = gl_path_dir(dir);
    gl_autostrv struct gl_strv env = {0};
    const struct gl_file_owner owner = readable_by_app(local);
    for (size_t i = 0; i < image->env.count; i++)
        gl_strv_add(&env, image->env.items[i]);
    int failed = gl_envvars_backend(local, &env, err);
    platform_variables(local, slot, artifact, &env);
    if (failed == 0)
        failed = gl_remove_tree(dir, err);
    if (failed == 0)
        failed = gl_mkdir_p(slot_dir, 0755, err);
    if (failed == 0)
        failed = gl_mkdir_p(dir, 0750, err);
    if (failed == 0 && local->drop && lchown(dir, owner.uid, owner.gid) < 0)
        failed = gl_fail_errno(err, errno, _("cannot change the group of %s"), dir);
    for (size_t i = 0; failed == 0 && i < env.count; i++)
        failed = write_variable(&owner, dir, env.items[i], err);
    return failed;
}

int gl_slot_prepare(struct gl_local *local, enum gl_slot slot, const struct gl_artifact *artifact,
                    struct gl_error *err)
{
    gl_cleanup(gl_image_run_done) struct gl_image_run image = {0};
    int failed = gl_image_read_run(artifact->layout_dir, artifact->image_digest, &image, err);
    if (failed < 0)
        return failed;
    if (image.entrypoint.count == 0)
        return gl_fail(err, GL_E_CORRUPT, _("the image %s has no entrypoint"),
                       artifact->image_digest);
    failed = write_environment(local, slot, artifact, &image, err);
    if (failed < 0)
        return failed;
    gl_autofree char *script = run_script(local, slot, artifact, &image);
    return gl_s6_install(local, gl_slot_service(slot), script, err);
}

/* What the log says since the last start: before that, the version spoke that had the slot before.
 */
static char *words_of_this_start(const char *log)
{
    const char *begin = NULL;
    for (const char *at = log; (at = strstr(at, start_mark)); at++)
        begin = at;
    begin = begin ? strchr(begin, '\n') : NULL;
    if (!begin || !begin[1])
        return gl_strdup(_("(nothing)"));
    /* At most the last LOG_LINES of it. */
    const char *from = begin + 1;
    int lines = 0;
    for (const char *at = from; *at; at++)
        lines += *at == '\n';
    for (; lines > LOG_LINES; lines--)
        from = strchr(from, '\n') + 1;
    return gl_strdup(from);
}

static int unhealthy(struct gl_local *local, enum gl_slot slot, const char *why,
                     struct gl_error *err)
{
    gl_autofree char *log = NULL;
    gl_autofree char *shown = NULL;
    if (gl_s6_log_tail(local, gl_slot_service(slot), LOG_LINES * 10, &log, NULL) == 0)
        shown = words_of_this_start(log);
    gl_fail(err, GL_E_UNHEALTHY, "%s\n%s", why, shown ? shown : "");
    gl_error_hint(err, _("The whole log: %s/logs/%s/current"), local->root, gl_slot_service(slot));
    return gl_s6_stop(local, gl_slot_service(slot), 0, NULL) < 0 ? err->code : GL_E_UNHEALTHY;
}

/* The version's own answer on its ready path; the text says why not. */
static bool is_ready(const struct gl_local *local, enum gl_slot slot, const char *path,
                     char **ret_why)
{
    gl_autoerr struct gl_error err = {0};
    gl_autohttp struct gl_http_response response = {0};
    gl_autofree char *url = gl_asprintf("http://127.0.0.1:%u%s", gl_slot_port(local, slot), path);
    gl_autofree char *host =
        gl_asprintf("Host: %s", gl_config_str(local->base.config, "domain.api"));
    const char *headers[] = {host, NULL};
    struct gl_http_request request = {
        .url = url, .headers = headers, .timeout_ms = PROBE_TIMEOUT_MS};
    free(gl_steal(ret_why));
    if (gl_http_fetch(&request, &response, &err) < 0)
        *ret_why = gl_asprintf(_("%s does not answer (%s)"), path, err.message);
    else if (response.status != 200)
        *ret_why = gl_asprintf(_("%s answers %ld"), path, response.status);
    return *ret_why == NULL;
}

static bool edge_agrees(struct gl_local *local, enum gl_slot slot)
{
    gl_autofree char *csv = NULL;
    if (gl_edge_ask(local, GL_EDGE_SOCKET, "show stat", &csv, NULL) < 0)
        return false;
    struct gl_edge_stat stat = gl_edge_stat_find(csv, "app", gl_slot_name(slot));
    return stat.up && stat.checked;
}

/* `why` it does not answer itself; NULL = it does, and HAProxy, if it can be asked, disagrees. */
static int not_in_time(struct gl_local *local, enum gl_slot slot, int64_t timeout_ms,
                       const char *why, struct gl_error *err)
{
    gl_autofree char *csv = NULL;
    int failed = why ? 0 : gl_edge_ask(local, GL_EDGE_SOCKET, "show stat", &csv, err);
    if (failed < 0)
        return failed; /* no word about the version */
    gl_autofree char *text =
        gl_asprintf(_("the version was not ready within %" PRId64 " s: %s; it said:"),
                    timeout_ms / 1000, why ? why : _("HAProxy's health check fails"));
    return unhealthy(local, slot, text, err);
}

/* Deaths count from `deaths_before` on. */
static int await_ready(struct gl_local *local, enum gl_slot slot, int64_t deaths_before,
                       int64_t timeout_ms, struct gl_error *err)
{
    const int64_t deaths_allowed = deaths_before + DEATHS_ALLOWED;
    gl_autofree char *why = NULL;
    gl_autoslot struct gl_slot_version version = {0};
    int64_t begun = gl_mono_ms();
    int failed = gl_slot_read(local, slot, &version, err);
    if (failed < 0)
        return failed;
    for (bool answers = false;;) {
        struct gl_service_state state = {0};
        failed = gl_interrupt_check(err);
        if (failed == 0)
            failed = gl_s6_state(local, gl_slot_service(slot), &state, err);
        if (failed < 0)
            return failed;
        answers = answers || is_ready(local, slot, version.ready_path, &why);
        if (answers && state.deaths <= deaths_allowed && edge_agrees(local, slot))
            return 0;
        int64_t waited = gl_mono_ms() - begun;
        if (state.deaths > deaths_allowed)
            return unhealthy(local, slot, _("the version died while it started; it said:"), err);
        if (waited >= timeout_ms)
            return not_in_time(local, slot, timeout_ms, why, err);
        gl_platform_progress(&local->base, _("waiting for the version in slot %s, %" PRId64 " s"),
                             gl_slot_name(slot), waited / 1000);
        gl_sleep_ms(POLL_MS);
    }
}

/* What runs already is only waited for: the deaths that it has behind it are history. */
static int start_process(struct gl_local *local, enum gl_slot slot, int64_t *ret_deaths_before,
                         struct gl_error *err)
{
    struct gl_service_state before = {0};
    int64_t grace_ms = gl_config_int(local->base.config, "backend.stop_timeout_s") * 1000;
    int failed = gl_s6_state(local, gl_slot_service(slot), &before, err);
    if (failed == 0)
        failed = gl_s6_start(local, gl_slot_service(slot), grace_ms, err);
    if (failed == 0)
        *ret_deaths_before = before.pid > 0 && !before.ending ? before.deaths : 0;
    return failed;
}

int gl_slot_start(struct gl_local *local, enum gl_slot slot, int64_t timeout_ms,
                  struct gl_error *err)
{
    struct gl_route route = {0};
    int64_t deaths_before = 0;
    int failed = gl_route_load(local, &route, err);
    if (failed < 0)
        return failed;
    route.slots[slot].enabled = true;
    failed = start_process(local, slot, &deaths_before, err);
    if (failed == 0)
        failed = gl_edge_apply(local, &route, err);
    if (failed == 0)
        failed = gl_edge_distrust(local, slot, err);
    return failed < 0 ? failed : await_ready(local, slot, deaths_before, timeout_ms, err);
}

/* Requests and connections that HAProxy still has open to a slot, spares included. */
static uint64_t in_flight(struct gl_local *local, enum gl_slot slot)
{
    static const char *const backends[] = {"app", "sessions"};
    gl_autofree char *csv = NULL;
    gl_autofree char *spare = gl_asprintf("%s-spare", gl_slot_name(slot));
    uint64_t count = 0;
    if (gl_edge_ask(local, GL_EDGE_SOCKET, "show stat", &csv, NULL) < 0)
        return 0;
    for (size_t i = 0; i < GL_COUNT(backends); i++) {
        count += gl_edge_stat_find(csv, backends[i], gl_slot_name(slot)).current;
        count += gl_edge_stat_find(csv, backends[i], spare).current;
    }
    return count;
}

int gl_slot_stop(struct gl_local *local, enum gl_slot slot, struct gl_error *err)
{
    int64_t grace_ms = gl_config_int(local->base.config, "backend.stop_timeout_s") * 1000;
    int64_t deadline = gl_mono_ms() + grace_ms;
    struct gl_route route = {0};
    int failed = gl_route_load(local, &route, err);
    if (failed < 0)
        return failed;
    route.slots[slot].enabled = false;
    route.slots[slot].proven = false;
    failed = gl_edge_apply(local, &route, err);
    if (failed < 0)
        return failed;
    while (in_flight(local, slot) > 0 && gl_mono_ms() < deadline)
        gl_sleep_ms(POLL_MS);
    return gl_s6_stop(local, gl_slot_service(slot), grace_ms, err);
}
