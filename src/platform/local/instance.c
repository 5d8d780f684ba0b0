/* One project's instance: where it lies, which user runs it, which ports it has. */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/local/local.h"
#include "platform/local/ports.h"

static const char service_user[] = "postgres";
static const char shared_state_dir[] = "/var/lib/golive";

static const char *const port_names[GL_PORT_COUNT] = {
    [GL_PORT_HTTPS] = "https", [GL_PORT_HTTP] = "http", [GL_PORT_POSTGRES] = "postgres",
    [GL_PORT_WEB] = "web",     [GL_PORT_BLUE] = "blue", [GL_PORT_GREEN] = "green",
};

/* Keys that let the user fix a port; the others are always chosen. */
static const char *const port_keys[GL_PORT_COUNT] = {
    [GL_PORT_HTTPS] = "local.https_port",
    [GL_PORT_HTTP] = "local.http_port",
    [GL_PORT_POSTGRES] = "local.postgres_port",
};

const char *gl_local_port_name(enum gl_local_port port)
{
    return port_names[port];
}

static int choose_user(struct gl_local *local, struct gl_error *err)
{
    local->drop = geteuid() == 0;
    local->uid = geteuid();
    local->gid = getegid();
    if (!local->drop)
        return 0;
    const struct passwd *user = getpwnam(service_user);
    if (!user) {
        gl_fail(err, GL_E_PROCESS, _("there is no user `%s` to run services as"), service_user);
        return gl_error_hint(err, _("Install the package postgresql, or run golive as an ordinary "
                                    "user."));
    }
    local->uid = user->pw_uid;
    local->gid = user->pw_gid;
    return 0;
}

/* The mode bits of every directory above count, and ACLs and mounts too: so it is tried. */
static bool user_can_write(const struct gl_local *local, const char *dir)
{
    const char *argv[] = {"test", "-w", dir, "-a", "-x", dir, NULL};
    struct gl_proc_spec spec = gl_local_proc(local, argv);
    return gl_proc_check(&spec, NULL, NULL) == 0;
}

static int make_private_dir(const struct gl_local *local, const char *path, struct gl_error *err)
{
    int failed = gl_mkdir_p(path, 0700, err);
    if (failed < 0)
        return failed;
    if (local->drop && lchown(path, local->uid, local->gid) < 0)
        return gl_fail_errno(err, errno, _("cannot give %s to the user `%s`"), path, service_user);
    return 0;
}

static int take_real_path(struct gl_local *local, const char *path, struct gl_error *err)
{
    char *real = realpath(path, NULL);
    if (!real)
        return gl_fail_errno(err, errno, _("cannot resolve %s"), path);
    free(local->root);
    local->root = real;
    return 0;
}

/* Below a home directory of mode 0700 the service user sees nothing: then the instance moves to
 * /var/lib/golive and the project keeps a link to it. */
static int move_to_shared_state(struct gl_local *local, const char *wanted, struct gl_error *err)
{
    char hash[GL_SHA256_HEX_SIZE];
    gl_sha256_hex(local->root, strlen(local->root), hash);
    gl_autofree char *shared = gl_asprintf("%s/%s-%.12s", shared_state_dir, local->name, hash);
    int failed = gl_mkdir_p(shared_state_dir, 0711, err);
    if (failed == 0)
        failed = make_private_dir(local, shared, err);
    if (failed < 0)
        return failed;
    if (rmdir(wanted) < 0)
        return gl_fail_errno(err, errno, _("cannot replace %s by a link to %s"), wanted, shared);
    failed = gl_replace_link(shared, wanted, err);
    return failed < 0 ? failed : take_real_path(local, shared, err);
}

static int find_root(struct gl_local *local, const char *state_dir, struct gl_error *err)
{
    gl_autofree char *wanted = gl_path_join(state_dir, "local");
    bool existed = gl_is_dir(wanted);
    if (!existed && gl_path_exists(wanted) && unlink(wanted) < 0) /* a link to nowhere: purged */
        return gl_fail_errno(err, errno, _("cannot replace %s"), wanted);
    int failed = existed ? 0 : gl_mkdir_p(state_dir, 0755, err);
    if (failed == 0 && !existed)
        failed = make_private_dir(local, wanted, err);
    if (failed == 0)
        failed = take_real_path(local, wanted, err);
    if (failed < 0 || user_can_write(local, local->root))
        return failed;
    if (!existed)
        return move_to_shared_state(local, wanted, err);
    gl_fail(err, GL_E_REFUSED, _("the user that services run as cannot write %s"), local->root);
    return gl_error_hint(err,
                         _("It was made by another user or its parents were closed; run "
                           "golive as that user, or remove it with: golive local down --purge"));
}

/* Anybody may write /tmp: a directory there is only ours if it is no link, ours, and closed. */
static int make_run_dir(struct gl_local *local, struct gl_error *err)
{
    char hash[GL_SHA256_HEX_SIZE];
    gl_sha256_hex(local->root, strlen(local->root), hash);
    gl_autofree char *dir = gl_asprintf("/tmp/golive-%u-%.12s", (unsigned)local->uid, hash);
    if (mkdir(dir, 0700) == 0) {
        if (local->drop && lchown(dir, local->uid, local->gid) < 0)
            return gl_fail_errno(err, errno, _("cannot give %s to the service user"), dir);
    } else if (errno != EEXIST) {
        return gl_fail_errno(err, errno, _("cannot make %s"), dir);
    }
    struct stat st;
    if (lstat(dir, &st) < 0)
        return gl_fail_errno(err, errno, _("cannot examine %s"), dir);
    if (!S_ISDIR(st.st_mode) || st.st_uid != local->uid || (st.st_mode & 077) != 0) {
        gl_fail(err, GL_E_REFUSED, _("%s exists but is not a private directory of ours"), dir);
        return gl_error_hint(err, _("Find out who made it, remove it, and try again."));
    }
    free(local->run_dir);
    local->run_dir = gl_steal(&dir);
    return 0;
}

static int write_instance(const struct gl_local *local, const char *path, struct gl_error *err)
{
    gl_autojson json_t *instance = json_object();
    json_t *ports = json_object();
    gl_json_set_str(instance, "name", local->name);
    for (size_t i = 0; i < GL_PORT_COUNT; i++)
        gl_json_set_int(ports, port_names[i], local->ports[i]);
    json_object_set_new(instance, "ports", ports);
    gl_autofree char *text = gl_json_pretty(instance);
    return gl_write_text(path, text, 0644, err);
}

static int read_ports(const char *path, uint16_t ports[GL_PORT_COUNT], struct gl_error *err)
{
    gl_autojson json_t *instance = NULL;
    int failed = gl_json_load(path, &instance, err);
    if (failed < 0)
        return failed;
    const json_t *stored = json_object_get(instance, "ports");
    for (size_t i = 0; i < GL_PORT_COUNT; i++) {
        int64_t port = gl_json_int(stored, port_names[i], 0);
        if (port < 1 || port > UINT16_MAX) {
            gl_fail(err, GL_E_CORRUPT, _("%s has no valid port for %s"), path, port_names[i]);
            return gl_error_hint(err, _("Remove that file; ports are then chosen anew."));
        }
        ports[i] = (uint16_t)port;
    }
    return 0;
}

/* Ports of the configuration win over stored ones: the user changed their mind. */
static bool apply_configured_ports(struct gl_local *local)
{
    bool changed = false;
    for (size_t i = 0; i < GL_PORT_COUNT; i++) {
        int64_t fixed = port_keys[i] ? gl_config_int(local->base.config, port_keys[i]) : 0;
        if (fixed > 0 && fixed != local->ports[i]) {
            local->ports[i] = (uint16_t)fixed;
            changed = true;
        }
    }
    return changed;
}

static int load_ports(struct gl_local *local, struct gl_error *err)
{
    gl_autofree char *path = gl_local_path(local, "instance.json");
    bool stored = gl_path_exists(path);
    int failed = stored ? read_ports(path, local->ports, err)
                        : gl_ports_choose(local->root, local->ports, GL_PORT_COUNT, err);
    if (failed < 0)
        return failed;
    return apply_configured_ports(local) || !stored ? write_instance(local, path, err) : 0;
}

int gl_local_instance_open(struct gl_local *local, const char *state_dir, struct gl_error *err)
{
    int failed = choose_user(local, err);
    if (failed == 0)
        failed = find_root(local, state_dir, err);
    if (failed == 0)
        failed = make_run_dir(local, err);
    if (failed == 0)
        failed = load_ports(local, err);
    return failed < 0 ? gl_error_wrap(err, _("cannot open the local platform in %s"), state_dir)
                      : 0;
}
