/* An instance with a PostgreSQL cluster whose server is started here, without supervision. */
#ifndef GL_TESTS_PLATFORM_PG_FIXTURE_H
#define GL_TESTS_PLATFORM_PG_FIXTURE_H

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "fixture.h"
#include "platform/local/pg.h"

static const struct gl_pg_settings small_settings = {
    .memory_mb = 16, .slow_ms = 500, .max_connections = 20};

static inline void ok(int result, const struct gl_error *err)
{
    if (result < 0)
        fail_msg("%s (%s)", err->message, err->hint ? err->hint : "no hint");
}

static inline uint16_t free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    gl_autoclose int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    return ntohs(address.sin_port);
}

/* What gl_pg_service_up() does before and after its service. */
static inline void pg_prepare(struct gl_local *local, struct gl_pg_programs *programs)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "::1", NULL};
    gl_autoerr struct gl_error err = {0};
    bool changed = false;
    ok(gl_pg_cluster_ensure(local, programs, &err), &err);
    ok(gl_local_cert_ensure(local, GL_PG_SERVICE, names, &err), &err);
    ok(gl_pg_secrets_ensure(local, &err), &err);
    ok(gl_pg_conf_write(local, &small_settings, &changed, &err), &err);
}

static inline pid_t pg_start(struct gl_local *local)
{
    gl_autoerr struct gl_error err = {0};
    gl_autopgprograms struct gl_pg_programs programs = {0};
    gl_autofree char *data = gl_local_path(local, "pg");
    gl_autofree char *log = gl_asprintf("%s.log", local->root);
    pid_t pid = 0;
    pg_prepare(local, &programs);
    struct gl_pg_launch launch = {
        .programs = &programs, .data_dir = data, .log_path = log, .place = gl_pg_live(local)};
    ok(gl_pg_server_start(local, &launch, &pid, &err), &err);
    ok(gl_pg_roles_ensure(local, &err), &err);
    return pid;
}

/* Runs SQL as superuser in the instance's database. */
static inline void sql_in(struct gl_local *local, const char *database, const char *sql)
{
    struct gl_pg_place place = gl_pg_live(local);
    gl_autopgconn PGconn *conn = NULL;
    gl_autoerr struct gl_error err = {0};
    ok(gl_pg_connect(&place, database, &conn, &err), &err);
    ok(gl_pg_run(conn, sql, NULL, &err), &err);
}

static inline PGconn *login_as(struct gl_local *local, enum gl_database_role role)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *url = NULL;
    PGconn *conn = NULL;
    ok(gl_local_postgres_url(local, role, &url, &err), &err);
    ok(gl_pg_connect_url(url, &conn, &err), &err);
    return conn;
}

#endif
