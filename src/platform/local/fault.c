/* Faults made on purpose during a rehearsal. */
#include "platform/local/fault.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "platform/local/ports.h"
#include "platform/local/slot.h"
#include "platform/local/template.h"

enum {
    START_TIMEOUT_MS = 10000,
    STOP_GRACE_MS = 2000,
    POLL_MS = 5,
    MAX_SLOW_MS = 60000,
};

static char *crash_flag(const struct gl_local *local)
{
    return gl_local_path(local, "fault/crash-at-start");
}

bool gl_fault_crashes_at_start(const struct gl_local *local)
{
    gl_autofree char *flag = crash_flag(local);
    return gl_path_exists(flag);
}

static int make_fault_dir(const struct gl_local *local, struct gl_error *err)
{
    gl_autofree char *dir = gl_local_path(local, "fault");
    return gl_mkdir_p(dir, 0755, err);
}

static char *service_of(enum gl_slot slot)
{
    return gl_asprintf("fault-%s", gl_slot_name(slot));
}

/* An answer that HAProxy gives itself, or a call of the Lua action below. */
static char *rules_for(enum gl_fault_kind kind, int amount)
{
    if (kind == GL_FAULT_SLOW)
        return gl_strdup("    http-request lua.slow unless health");
    return gl_asprintf("    http-request return status 500 content-type application/json string "
                       "\"{}\" hdr x-golive-fault 5xx if !health { rand(100) lt %d }",
                       amount);
}

/* HAProxy itself can only delay bytes that have not arrived yet; Lua can delay a request. */
static int write_delay(struct gl_local *local, enum gl_slot slot, int delay_ms,
                       struct gl_error *err)
{
    gl_autofree char *relative = gl_asprintf("fault/%s.lua", gl_slot_name(slot));
    gl_autofree char *path = gl_local_path(local, relative);
    gl_autofree char *text = gl_asprintf("core.register_action('slow', {'http-req'}, function()\n"
                                         "    core.msleep(%d)\n"
                                         "end)\n",
                                         delay_ms);
    return gl_write_text(path, text, 0644, err);
}

static int write_proxy(struct gl_local *local, enum gl_slot slot, const char *rules, uint16_t port,
                       struct gl_error *err)
{
    gl_autofree char *relative = gl_asprintf("fault/%s.cfg", gl_slot_name(slot));
    gl_autofree char *path = gl_local_path(local, relative);
    gl_autofree char *port_text = gl_asprintf("%u", port);
    gl_autofree char *version_port = gl_asprintf("%u", gl_slot_port(local, slot));
    const struct gl_config *config = local->base.config;
    gl_autofree char *health = gl_edge_word(gl_config_str(config, "backend.health_path"));
    gl_autofree char *ready = gl_edge_word(gl_config_str(config, "backend.ready_path"));
    const struct gl_template_value values[] = {
        {"edge_dir",     local->edge_dir   },
        {"slot",         gl_slot_name(slot)},
        {"port",         port_text         },
        {"version_port", version_port      },
        {"health_path",  health            },
        {"ready_path",   ready             },
        {"rules",        rules             },
    };
    gl_autofree char *text = gl_template_fill(gl_template_fault, values, GL_COUNT(values));
    return gl_write_text(path, text, 0644, err);
}

static int start_proxy(struct gl_local *local, enum gl_slot slot, struct gl_error *err)
{
    gl_autofree char *service = service_of(slot);
    gl_autofree char *socket_name = gl_asprintf("fault-%s.sock", gl_slot_name(slot));
    gl_autofree char *as = gl_local_as(local, GL_LOCAL_ACCOUNT_EDGE);
    gl_autofree char *script = gl_asprintf(
        "#!/bin/sh\nexec 2>&1\nexec %shaproxy -db -f ../../fault/%s.cfg\n", as, gl_slot_name(slot));
    int failed = gl_s6_install(local, service, script, err);
    if (failed == 0)
        failed = gl_s6_stop(local, service, STOP_GRACE_MS, err);
    if (failed == 0)
        failed = gl_s6_start(local, service, STOP_GRACE_MS, err);
    int64_t deadline = gl_mono_ms() + START_TIMEOUT_MS;
    while (failed == 0) {
        gl_autofree char *info = NULL;
        if (gl_edge_ask(local, socket_name, "show info", &info, NULL) == 0)
            break;
        if (gl_mono_ms() >= deadline)
            failed = gl_fail(err, GL_E_TIMEOUT, _("the fault proxy does not start; see %s/logs/%s"),
                             local->root, service);
        gl_sleep_ms(POLL_MS);
    }
    return failed;
}

/* HAProxy says in words that it changed an address, so silence is not what shows success here. */
static int point_edge(struct gl_local *local, enum gl_slot slot, uint16_t port,
                      struct gl_error *err)
{
    static const char *const servers[] = {"app/%s", "app/%s-spare", "sessions/%s",
                                          "sessions/%s-spare"};
    for (size_t i = 0; i < GL_COUNT(servers); i++) {
        gl_autofree char *answer = NULL;
        gl_autobuf struct gl_buf server = {0};
        const char *mark = strstr(servers[i], "%s");
        gl_buf_add(&server, servers[i], (size_t)(mark - servers[i]));
        gl_buf_printf(&server, "%s%s", gl_slot_name(slot), mark + 2);
        gl_autofree char *command =
            gl_asprintf("set server %s addr 127.0.0.1 port %u", gl_buf_text(&server), port);
        int failed = gl_edge_ask(local, GL_EDGE_SOCKET, command, &answer, err);
        if (failed < 0)
            return failed;
        if (!strstr(answer, "changed") && !strstr(answer, "no need to change"))
            return gl_fail(err, GL_E_PROCESS, _("HAProxy refused `%s`: %s"), command, answer);
    }
    return 0;
}

static int spoil(struct gl_local *local, enum gl_slot slot, enum gl_fault_kind kind, int amount,
                 struct gl_error *err)
{
    gl_autofree char *rules = rules_for(kind, amount);
    gl_autofree char *key = gl_asprintf("%s fault %s", local->root, gl_slot_name(slot));
    uint16_t port = 0;
    int failed = gl_ports_choose(key, &port, 1, err);
    if (failed == 0)
        failed = make_fault_dir(local, err);
    if (failed == 0)
        failed = write_delay(local, slot, kind == GL_FAULT_SLOW ? amount : 0, err);
    if (failed == 0)
        failed = write_proxy(local, slot, rules, port, err);
    if (failed == 0)
        failed = start_proxy(local, slot, err);
    return failed < 0 ? failed : point_edge(local, slot, port, err);
}

static int end_spoiling(struct gl_local *local, enum gl_slot slot, struct gl_error *err)
{
    gl_autofree char *service = service_of(slot);
    gl_autofree char *relative = gl_asprintf("fault/%s.cfg", gl_slot_name(slot));
    gl_autofree char *conf = gl_local_path(local, relative);
    if (!gl_path_exists(conf))
        return 0;
    int failed = point_edge(local, slot, gl_slot_port(local, slot), err);
    if (failed == 0)
        failed = gl_s6_stop(local, service, STOP_GRACE_MS, err);
    if (failed == 0 && unlink(conf) < 0)
        failed = gl_fail_errno(err, errno, _("cannot remove %s"), conf);
    return failed;
}

static int end_all(struct gl_local *local, struct gl_error *err)
{
    gl_autofree char *flag = crash_flag(local);
    if (unlink(flag) < 0 && errno != ENOENT)
        return gl_fail_errno(err, errno, _("cannot remove %s"), flag);
    int failed = end_spoiling(local, GL_SLOT_BLUE, err);
    return failed < 0 ? failed : end_spoiling(local, GL_SLOT_GREEN, err);
}

static int crash_at_start(struct gl_local *local, struct gl_error *err)
{
    gl_autofree char *flag = crash_flag(local);
    int failed = make_fault_dir(local, err);
    return failed < 0 ? failed : gl_write_text(flag, "", 0644, err);
}

static int check_amount(enum gl_fault_kind kind, int amount, struct gl_error *err)
{
    int most = kind == GL_FAULT_5XX ? 100 : kind == GL_FAULT_SLOW ? MAX_SLOW_MS : amount;
    if (amount >= 0 && amount <= most)
        return 0;
    return gl_fail(err, GL_E_USAGE, _("the amount of a fault must be 0..%d, not %d"), most, amount);
}

static int fault_release(struct gl_local *local, int64_t release, enum gl_fault_kind kind,
                         int amount, struct gl_error *err)
{
    enum gl_slot slot = GL_SLOT_BLUE;
    int failed = check_amount(kind, amount, err);
    if (failed == 0)
        failed = gl_slot_find(local, release, &slot, err);
    if (failed < 0)
        return failed;
    if (kind == GL_FAULT_KILL)
        return gl_s6_signal(local, gl_slot_service(slot), SIGKILL, err);
    return spoil(local, slot, kind, amount, err);
}

int gl_local_fault(struct gl_platform *platform, int64_t release, enum gl_fault_kind kind,
                   int amount, struct gl_error *err)
{
    struct gl_local *local = gl_local_of(platform);
    if (!local)
        return gl_fail(err, GL_E_REFUSED,
                       _("faults are made on the local platform only, not on `%s`"),
                       platform->ops->name);
    if (kind == GL_FAULT_NONE)
        return end_all(local, err);
    if (kind == GL_FAULT_CRASH_AT_START)
        return crash_at_start(local, err);
    return fault_release(local, release, kind, amount, err);
}
