/* A throw-away server: a copy of an empty cluster that is made once, a socket, a process. */
#include "platform/private_server.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "platform/local/files.h"
#include "platform/local/pg.h"

enum {
    STOP_MS = 10000,
    PRIVATE_PORT = 5432,      /* only part of the name of a socket in a directory of its own */
    NEEDED_BYTES = 128 << 20, /* an empty cluster with its first write-ahead log is about 30 MB */
};

/* Speed before durability. A statement whose server lost its postmaster ends at the next look for
 * its client, which is gone as well. */
static const char *const settings[] = {
    "listen_addresses",
    "",
    "unix_socket_permissions",
    "0700",
    "fsync",
    "off",
    "synchronous_commit",
    "off",
    "wal_level",
    "replica",
    "max_wal_senders",
    "0",
    "max_wal_size",
    "4GB",
    "checkpoint_timeout",
    "1h",
    "autovacuum",
    "off",
    "jit",
    "off",
    "shared_buffers",
    "64MB",
    "maintenance_work_mem",
    "64MB",
    "max_connections",
    "60",
    "client_connection_check_interval",
    "500ms",
    NULL,
};

struct gl_private_server {
    struct gl_local local; /* only the user that PostgreSQL runs as */
    struct gl_pg_programs programs;
    struct gl_scratch files;
    char *data_dir;
    char *socket_dir;
    pid_t pid;
};

/* Immediate shutdown: its files go, so nothing needs to be written. */
static void stop(pid_t pid)
{
    if (pid <= 0)
        return;
    (void)kill(pid, SIGQUIT);
    (void)gl_proc_stop(pid, STOP_MS);
}

void gl_private_server_free(struct gl_private_server **server)
{
    struct gl_private_server *own = gl_steal(server);
    if (!own)
        return;
    stop(own->pid);
    gl_scratch_done(&own->files);
    gl_pg_programs_done(&own->programs);
    free(own->data_dir);
    free(own->socket_dir);
    free(own);
}

/* ---- programs ---------------------------------------------------------------------------------
 */

static int use_given(const char *bin, struct gl_pg_programs *programs, struct gl_error *err)
{
    static const char *const needed[] = {"initdb", "postgres"};
    for (size_t i = 0; i < GL_COUNT(needed); i++) {
        gl_autofree char *path = gl_path_join(bin, needed[i]);
        if (access(path, X_OK) == 0)
            continue;
        gl_fail(err, GL_E_NOT_FOUND, _("%s has no program %s"), bin, needed[i]);
        return gl_error_hint(err, _("Give the directory of a PostgreSQL server's programs, for "
                                    "instance /usr/lib/postgresql/15/bin."));
    }
    programs->bin = realpath(bin, NULL);
    return programs->bin ? 0 : gl_fail_errno(err, errno, _("cannot find %s"), bin);
}

/* ---- files ------------------------------------------------------------------------------------
 */

/* /tmp is everybody's: a directory that somebody else put there is not used. */
static int check_parent(const char *path, struct gl_error *err)
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return gl_fail_errno(err, errno, _("cannot read %s"), path);
    if (S_ISDIR(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & 022) == 0)
        return 0;
    gl_fail(err, GL_E_REFUSED, _("%s is not a directory that only you can write"), path);
    return gl_error_hint(err, _("Remove it; golive makes it anew."));
}

static int make_parent(char **ret_path, struct gl_error *err)
{
    gl_autofree char *path = gl_asprintf("/tmp/golive-private-%u", (unsigned)geteuid());
    if (mkdir(path, 0711) < 0 && errno != EEXIST)
        return gl_fail_errno(err, errno, _("cannot make directory %s"), path);
    int failed = check_parent(path, err);
    if (failed == 0)
        *ret_path = gl_steal(&path);
    return failed;
}

static int check_room(const char *path, struct gl_error *err)
{
    uint64_t available = gl_disk_free_bytes(path);
    if (!available || available >= NEEDED_BYTES)
        return 0;
    gl_autofree char *have = gl_format_bytes(available);
    gl_fail(err, GL_E_IO, _("%s has only %s free: too little for a database"), path, have);
    return gl_error_hint(err, _("Free at least 128 MB there, then run the command again."));
}

/* Ends the server of a run that was killed. */
static int end_abandoned(const struct gl_local *local, const char *path, struct gl_error *err)
{
    (void)local;
    gl_autofree char *data = gl_path_join(path, "data");
    return gl_pg_cluster_release(data, err);
}

static int make_places(struct gl_private_server *server, const char *parent, struct gl_error *err)
{
    int failed =
        gl_scratch_make(&server->local, parent, "server", end_abandoned, &server->files, err);
    if (failed < 0)
        return failed;
    server->data_dir = gl_path_join(server->files.path, "data");
    server->socket_dir = gl_path_join(server->files.path, "run");
    return gl_local_make_dir(&server->local, server->socket_dir, err);
}

/* ---- the cluster ------------------------------------------------------------------------------
 */

/* The empty cluster of these very programs. The caller owns it. */
static char *pristine_path(const struct gl_private_server *server, const char *parent)
{
    gl_autofree char *program = gl_path_join(server->programs.bin, "postgres");
    struct stat st = {0};
    (void)stat(program, &st);
    gl_autofree char *key =
        gl_asprintf("2 %s %lld %lld", program, (long long)st.st_mtime, (long long)st.st_size);
    char hash[GL_SHA256_HEX_SIZE];
    gl_sha256_hex(key, strlen(key), hash);
    return gl_asprintf("%s/empty-%.12s", parent, hash);
}

static int initdb(const struct gl_private_server *server, const char *dir, struct gl_error *err)
{
    const char *args[] = {"initdb",
                          "--pgdata",
                          dir,
                          GL_PG_AS_SUPERUSER,
                          "--encoding=UTF8",
                          "--locale=C.UTF-8",
                          "--auth-local=trust",
                          "--auth-host=reject",
                          "--wal-segsize=1",
                          "--no-sync",
                          "--no-instructions",
                          NULL};
    int failed = gl_local_make_dir(&server->local, dir, err);
    return failed < 0 ? failed : gl_pg_tool(&server->local, &server->programs, args, NULL, err);
}

/* Of the three databases one is enough: to copy a cluster is to copy the hundreds of files of each.
 */
static int slim(const struct gl_private_server *server, const char *dir, struct gl_error *err)
{
    gl_autofree char *program = gl_path_join(server->programs.bin, "postgres");
    const char *argv[] = {program, "--single", "-c", "fsync=off", "-D", dir, "template1", NULL};
    struct gl_proc_spec spec = gl_local_proc(&server->local, argv);
    spec.cwd = "/";
    spec.stdin_text = "update pg_database set datistemplate = false where datname = 'template0'\n"
                      "drop database template0\n"
                      "drop database postgres\n";
    return gl_proc_check(&spec, NULL, err);
}

/* What cleans /tmp may have taken parts of it. */
static bool is_whole(const char *pristine)
{
    gl_autofree char *version = gl_path_join(pristine, "PG_VERSION");
    gl_autofree char *control = gl_path_join(pristine, "global/pg_control");
    return gl_path_exists(version) && gl_path_exists(control);
}

static int make_empty(const struct gl_private_server *server, const char *dir, struct gl_error *err)
{
    int failed = initdb(server, dir, err);
    if (failed == 0)
        failed = slim(server, dir, err);
    return failed < 0 ? gl_error_wrap(err, _("cannot make a database cluster")) : 0;
}

/* Complete or absent. Another process may have been faster; only what is not whole is replaced, for
 * somebody may be copying. */
static int make_pristine(const struct gl_private_server *server, const char *pristine,
                         struct gl_error *err)
{
    if (is_whole(pristine))
        return 0;
    gl_autofree char *made = gl_path_join(server->files.path, "empty");
    int failed = make_empty(server, made, err);
    if (failed < 0 || rename(made, pristine) == 0 || is_whole(pristine))
        return failed;
    failed = gl_remove_tree(pristine, err);
    if (failed == 0 && rename(made, pristine) < 0)
        failed = gl_fail_errno(err, errno, _("cannot put %s in place"), pristine);
    return failed;
}

/* Owners and modes stay as they are; the directory around it is golive's. */
static int copy_pristine(const struct gl_private_server *server, const char *pristine,
                         struct gl_error *err)
{
    const char *argv[] = {"cp", "-a", "--reflink=auto", pristine, server->data_dir, NULL};
    const struct gl_proc_spec spec = {.argv = argv, .cwd = "/"};
    int failed = gl_proc_check(&spec, NULL, err);
    return failed < 0 ? gl_error_wrap(err, _("cannot copy the empty database cluster")) : 0;
}

static int make_cluster(const struct gl_private_server *server, const char *pristine,
                        struct gl_error *err)
{
    int failed = check_room(server->files.path, err);
    if (failed == 0)
        failed = make_pristine(server, pristine, err);
    return failed < 0 ? failed : copy_pristine(server, pristine, err);
}

/* ---- the process ------------------------------------------------------------------------------
 */

static int start_process(struct gl_private_server *server, struct gl_error *err)
{
    gl_autofree char *log = gl_path_join(server->files.path, "log");
    const struct gl_pg_launch launch = {
        .programs = &server->programs,
        .data_dir = server->data_dir,
        .log_path = log,
        .settings = settings,
        .place = {server->socket_dir, PRIVATE_PORT},
    };
    return gl_pg_server_start(&server->local, &launch, &server->pid, err);
}

/* A server that does not start is not given the same files again. */
static int start(struct gl_private_server *server, const char *parent, struct gl_error *err)
{
    gl_autofree char *pristine = pristine_path(server, parent);
    int failed = make_cluster(server, pristine, err);
    if (failed < 0)
        return failed;
    failed = start_process(server, err);
    if (failed == GL_E_PROCESS)
        (void)!gl_remove_tree(pristine, NULL);
    return failed;
}

int gl_private_server_start(const char *server_bin, struct gl_private_server **ret_server,
                            struct gl_error *err)
{
    gl_autoprivateserver struct gl_private_server *server = gl_alloc(sizeof *server);
    gl_autofree char *parent = NULL;
    server->files.lock_fd = -1;
    int failed = gl_local_find_users(&server->local, err);
    if (failed == 0)
        failed = server_bin ? use_given(server_bin, &server->programs, err)
                            : gl_pg_find(NULL, 0, &server->programs, err);
    if (failed == 0)
        failed = make_parent(&parent, err);
    if (failed == 0)
        failed = make_places(server, parent, err);
    if (failed == 0)
        failed = start(server, parent, err);
    if (failed == 0)
        *ret_server = gl_steal(&server);
    return failed;
}

char *gl_private_server_conninfo(const struct gl_private_server *server, const char *database)
{
    return gl_asprintf("host=%s port=%d user=%s dbname=%s sslmode=disable", server->socket_dir,
                       PRIVATE_PORT, GL_PG_SUPERUSER, database);
}

const char *gl_private_server_bin(const struct gl_private_server *server)
{
    return server->programs.bin;
}
