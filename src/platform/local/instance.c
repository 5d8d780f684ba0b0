/* One project's instance: where it lies, which users run it, which ports and which ledger it has.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "ledger/ledger.h"
#include "platform/local/files.h"
#include "platform/local/ports.h"

enum {
    /* What images of golive run as: no user of this machine has that number. Containers use it by
     * the same convention (distroless "nonroot"). */
    APP_ID = 65532,
    PRIVATE_MODE = 0700,
    PASSABLE_MODE = 0711, /* root's, but services reach what is theirs below it */
};

static const char database_user[] = "postgres";
static const char shared_state_dir[] = "/var/lib/golive";

/* Users that the Debian packages make; where one is missing its service runs as `nobody`. */
static const char *const account_names[GL_LOCAL_ACCOUNT_COUNT] = {
    [GL_LOCAL_ACCOUNT_EDGE] = "haproxy",
    [GL_LOCAL_ACCOUNT_WEB] = "www-data",
};

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

/* ---- users -------------------------------------------------------------------------------------
 */

static struct gl_file_owner find_account(const char *name)
{
    const struct passwd *user = name ? getpwnam(name) : NULL;
    if (name && !user)
        user = getpwnam("nobody");
    return user ? (struct gl_file_owner){user->pw_uid, user->pw_gid}
                : (struct gl_file_owner){APP_ID, APP_ID};
}

int gl_local_find_users(struct gl_local *local, struct gl_error *err)
{
    local->drop = geteuid() == 0;
    local->uid = geteuid();
    local->gid = getegid();
    for (size_t i = 0; i < GL_LOCAL_ACCOUNT_COUNT; i++)
        local->accounts[i] = local->drop ? find_account(account_names[i])
                                         : (struct gl_file_owner){local->uid, local->gid};
    if (!local->drop)
        return 0;
    const struct passwd *user = getpwnam(database_user);
    if (!user) {
        gl_fail(err, GL_E_PROCESS, _("there is no user `%s` to run services as"), database_user);
        return gl_error_hint(err, _("Install the package postgresql, or run golive as an ordinary "
                                    "user."));
    }
    local->uid = user->pw_uid;
    local->gid = user->pw_gid;
    return 0;
}

static bool can_pass(struct gl_file_owner user, const char *dir)
{
    const char *argv[] = {"test", "-x", dir, NULL};
    const struct gl_proc_spec spec = {
        .argv = argv, .drop_privileges = true, .uid = user.uid, .gid = user.gid, .cwd = "/"};
    return gl_proc_check(&spec, NULL, NULL) == 0;
}

/* The mode bits of every directory above count, and ACLs and mounts too: so it is tried. */
static bool services_reach(const struct gl_local *local, const char *dir)
{
    bool reach = !local->drop || can_pass((struct gl_file_owner){local->uid, local->gid}, dir);
    for (size_t i = 0; reach && local->drop && i < GL_LOCAL_ACCOUNT_COUNT; i++)
        reach = can_pass(local->accounts[i], dir);
    return reach;
}

/* ---- directories -------------------------------------------------------------------------------
 */

/* "local", or "local-stg": two environments on this machine have nothing in common. */
static char *dir_name(const struct gl_local *local)
{
    const char *env = gl_config_env(local->base.config);
    return strcmp(env, "local") == 0 ? gl_strdup(env) : gl_asprintf("local-%s", env);
}

static char *link_path(const struct gl_local *local)
{
    gl_autofree char *name = dir_name(local);
    return gl_path_join(local->state_dir, name);
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

/* Where it would be made: the nearest part of the path that exists, resolved, and the rest. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the path */
static char *future_path(const char *path)
{
    char *real = realpath(path, NULL);
    gl_autofree char *parent = gl_path_dir(path);
    if (real || strcmp(parent, path) == 0)
        return real ? real : gl_strdup(path);
    gl_autofree char *above = future_path(parent);
    return gl_path_join(above, gl_path_base(path));
}

/* /tmp/golive-UID-HASH: short, and the same for everybody who asks. */
static void name_run_dirs(struct gl_local *local)
{
    char hash[GL_SHA256_HEX_SIZE];
    gl_sha256_hex(local->root, strlen(local->root), hash);
    free(local->run_dir);
    free(local->edge_dir);
    local->run_dir = gl_asprintf("/tmp/golive-%u-%.12s", (unsigned)local->uid, hash);
    local->edge_dir = gl_asprintf("/tmp/golive-%u-%.12s-edge",
                                  (unsigned)local->accounts[GL_LOCAL_ACCOUNT_EDGE].uid, hash);
}

/* As an ordinary user only what is ours can be used; root can use everything. */
static int check_owner(const struct gl_local *local, struct gl_error *err)
{
    struct stat st;
    if (local->drop || stat(local->root, &st) < 0 || st.st_uid == geteuid())
        return 0;
    const struct passwd *owner = getpwuid(st.st_uid);
    gl_autofree char *number = gl_asprintf("%u", (unsigned)st.st_uid);
    gl_fail(err, GL_E_REFUSED, _("%s belongs to another user"), local->root);
    return gl_error_hint(err, _("Run golive as the user `%s`, who made it."),
                         owner ? owner->pw_name : number);
}

static int find_root(struct gl_local *local, struct gl_error *err)
{
    gl_autofree char *wanted = link_path(local);
    if (gl_is_dir(wanted)) {
        int failed = take_real_path(local, wanted, err);
        return failed < 0 ? failed : check_owner(local, err);
    }
    gl_autofree char *here = wanted[0] == '/' ? gl_strdup("") : realpath(".", NULL);
    gl_autofree char *absolute = gl_path_join(here ? here : "/", wanted);
    gl_autofree char *state = gl_path_dir(absolute);
    gl_autofree char *real = future_path(state);
    free(local->root);
    local->root =
        gl_path_join(real, gl_path_base(wanted)); /* if there is a link, it leads nowhere: purged */
    return 0;
}

/* Owner and mode as they must be, whoever was killed between making it and saying so. */
static int settle_dir(const char *path, uid_t uid, gid_t gid, mode_t mode, struct gl_error *err)
{
    gl_autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fchown(fd, uid, gid) < 0 || fchmod(fd, mode) < 0)
        return gl_fail_errno(err, errno, _("cannot change the owner of %s"), path);
    return 0;
}

static int settle_root(const struct gl_local *local, const char *path, struct gl_error *err)
{
    return settle_dir(path, geteuid(), getegid(), local->drop ? PASSABLE_MODE : PRIVATE_MODE, err);
}

/* Below a home directory of mode 0700 the services see nothing: then the instance moves to
 * /var/lib/golive and the project keeps a link to it. Only an empty one can move. */
static int move_to_shared_state(struct gl_local *local, const char *wanted, struct gl_error *err)
{
    char hash[GL_SHA256_HEX_SIZE];
    gl_sha256_hex(local->root, strlen(local->root), hash);
    gl_autofree char *shared = gl_asprintf("%s/%s-%.12s", shared_state_dir, local->name, hash);
    if (rmdir(wanted) < 0) {
        gl_fail(err, GL_E_REFUSED, _("the users that services run as cannot reach %s"),
                local->root);
        return gl_error_hint(err, _("A directory above it was closed to them: open it again "
                                    "(chmod o+x), or begin anew with: golive local down --purge "
                                    "--yes"));
    }
    int failed = gl_mkdir_p(shared_state_dir, PASSABLE_MODE, err);
    if (failed == 0)
        failed = gl_mkdir_p(shared, PASSABLE_MODE, err);
    if (failed == 0)
        failed = settle_root(local, shared, err);
    if (failed == 0)
        failed = gl_replace_link(shared, wanted, err);
    return failed < 0 ? failed : take_real_path(local, shared, err);
}

static int make_root(struct gl_local *local, struct gl_error *err)
{
    gl_autofree char *wanted = link_path(local);
    if (!gl_is_dir(wanted) && gl_path_exists(wanted) && unlink(wanted) < 0)
        return gl_fail_errno(err, errno, _("cannot replace %s"), wanted);
    int failed = gl_mkdir_p(local->state_dir, 0755, err);
    if (failed == 0)
        failed = gl_mkdir_p(wanted, PRIVATE_MODE, err);
    if (failed == 0)
        failed = take_real_path(local, wanted, err);
    if (failed == 0)
        failed = settle_root(local, local->root, err);
    if (failed < 0 || services_reach(local, local->root))
        return failed;
    return move_to_shared_state(local, wanted, err);
}

/* Anybody may write /tmp: a directory there is only ours if it is no link, ours, and closed. One
 * that we made and did not come to give away is still ours. */
static int make_run_dir(const char *dir, uid_t uid, gid_t gid, struct gl_error *err)
{
    struct stat st;
    if (mkdir(dir, PRIVATE_MODE) < 0 && errno != EEXIST)
        return gl_fail_errno(err, errno, _("cannot make %s"), dir);
    if (lstat(dir, &st) < 0)
        return gl_fail_errno(err, errno, _("cannot examine %s"), dir);
    if (!S_ISDIR(st.st_mode) || (st.st_uid != uid && st.st_uid != geteuid()) ||
        (st.st_mode & 077) != 0) {
        gl_fail(err, GL_E_REFUSED, _("%s exists but is not a private directory of ours"), dir);
        return gl_error_hint(err, _("Find out who made it, remove it, and try again."));
    }
    return st.st_uid == uid ? 0 : settle_dir(dir, uid, gid, PRIVATE_MODE, err);
}

int gl_local_instance_make(struct gl_local *local, struct gl_error *err)
{
    const struct gl_file_owner *edge = &local->accounts[GL_LOCAL_ACCOUNT_EDGE];
    int failed = make_root(local, err);
    if (failed == 0) {
        name_run_dirs(local);
        failed = make_run_dir(local->run_dir, local->uid, local->gid, err);
    }
    if (failed == 0)
        failed = make_run_dir(local->edge_dir, edge->uid, edge->gid, err);
    return failed < 0
               ? gl_error_wrap(err, _("cannot make the local platform in %s"), local->state_dir)
               : 0;
}

/* ---- instance.json -----------------------------------------------------------------------------
 */

static int read_ports(const char *path, const json_t *instance, uint16_t ports[GL_PORT_COUNT],
                      struct gl_error *err)
{
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
static void apply_configured_ports(struct gl_local *local)
{
    for (size_t i = 0; i < GL_PORT_COUNT; i++) {
        int64_t fixed = port_keys[i] ? gl_config_int(local->base.config, port_keys[i]) : 0;
        if (fixed > 0)
            local->ports[i] = (uint16_t)fixed;
    }
}

static int load_instance(const struct gl_local *local, json_t **ret_instance, struct gl_error *err)
{
    gl_autofree char *path = gl_local_path(local, "instance.json");
    if (gl_path_exists(path))
        return gl_json_load(path, ret_instance, err);
    *ret_instance = json_object();
    return 0;
}

static int save_instance(const struct gl_local *local, const json_t *instance, struct gl_error *err)
{
    gl_autofree char *path = gl_local_path(local, "instance.json");
    gl_autofree char *text = gl_json_pretty(instance);
    return gl_write_text(path, text, 0644, err);
}

static int load_ports(struct gl_local *local, const json_t *instance, struct gl_error *err)
{
    gl_autofree char *path = gl_local_path(local, "instance.json");
    int failed = json_object_get(instance, "ports")
                     ? read_ports(path, instance, local->ports, err)
                     : gl_ports_choose(local->root, local->ports, GL_PORT_COUNT, err);
    if (failed == 0)
        apply_configured_ports(local);
    return failed;
}

int gl_local_instance_keep(struct gl_local *local, struct gl_error *err)
{
    gl_autojson json_t *instance = NULL;
    int failed = load_instance(local, &instance, err);
    if (failed == 0)
        failed = load_ports(local, instance, err);
    if (failed < 0)
        return failed;
    gl_autojson json_t *before = json_deep_copy(instance);
    json_t *ports = json_object();
    for (size_t i = 0; i < GL_PORT_COUNT; i++)
        gl_json_set_int(ports, port_names[i], local->ports[i]);
    gl_json_set_str(instance, "name", local->name);
    json_object_set_new(instance, "ports", ports);
    return json_equal(before, instance) ? 0 : save_instance(local, instance, err);
}

static int take_hash(const struct gl_event *event, void *context, struct gl_error *err)
{
    char **hash = context;
    (void)err;
    *hash = gl_strdup(event->hash);
    return 1;
}

/* The hash of a ledger's first event is its own: it holds time, actor and content. NULL where there
 * is no ledger, or an empty one. */
static int ledger_identity(const struct gl_local *local, char **ret_hash, struct gl_error *err)
{
    gl_autofree char *path = gl_path_join(local->state_dir, "ledger.db");
    gl_autoledger struct gl_ledger *ledger = NULL;
    if (!gl_path_exists(path))
        return 0;
    int failed = gl_ledger_open_sqlite(path, &ledger, err);
    if (failed == 0)
        failed = gl_ledger_read(ledger, 0, take_hash, ret_hash, err);
    return failed < 0 ? failed : 0;
}

int gl_local_instance_bind(struct gl_local *local, struct gl_error *err)
{
    gl_autojson json_t *instance = NULL;
    gl_autofree char *hash = NULL;
    int failed = ledger_identity(local, &hash, err);
    if (failed == 0)
        failed = load_instance(local, &instance, err);
    if (failed < 0 || !hash)
        return failed;
    const char *bound = gl_json_str(instance, "ledger", "");
    if (strcmp(bound, hash) == 0)
        return 0;
    if (!*bound) {
        gl_json_set_str(instance, "ledger", hash);
        return save_instance(local, instance, err);
    }
    gl_fail(err, GL_E_MISMATCH,
            _("%s was made under another ledger (%.12s...) than %s/ledger.db (%.12s...): the same "
              "release numbers mean other releases"),
            local->root, bound, local->state_dir, hash);
    return gl_error_hint(err, _("Put the ledger back that belongs to it, or begin anew, without "
                                "the local database: golive local down --purge --yes"));
}

int gl_local_instance_open(struct gl_local *local, struct gl_error *err)
{
    gl_autojson json_t *instance = NULL;
    int failed = gl_local_find_users(local, err);
    if (failed == 0)
        failed = find_root(local, err);
    if (failed == 0) {
        name_run_dirs(local);
        failed = load_instance(local, &instance, err);
    }
    if (failed == 0)
        failed = load_ports(local, instance, err);
    return failed < 0
               ? gl_error_wrap(err, _("cannot open the local platform in %s"), local->state_dir)
               : 0;
}
