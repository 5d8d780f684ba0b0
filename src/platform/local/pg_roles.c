/* Database, owner role and application role: verified by logging in, made or repaired if not right.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/log.h"
#include "platform/local/pg.h"

static const char *const suffixes[] = {
    [GL_ROLE_OWNER] = "owner",
    [GL_ROLE_APP] = "app",
};

char *gl_pg_role_name(const struct gl_local *local, enum gl_database_role role)
{
    return gl_asprintf("%s_%s", local->name, suffixes[role]);
}

/* RFC 3986: everything but unreserved characters, and '/' where it is harmless. */
static void add_percent_encoded(struct gl_buf *url, const char *text, const char *also)
{
    static const char unreserved[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (; *text; text++) {
        if (strchr(unreserved, *text) || strchr(also, *text))
            gl_buf_putc(url, *text);
        else
            gl_buf_printf(url, "%%%02X", (unsigned char)*text);
    }
}

int gl_local_postgres_url(struct gl_local *local, enum gl_database_role role, char **ret_url,
                          struct gl_error *err)
{
    gl_autofree char *password = NULL;
    int failed = gl_pg_password(local, role, &password, err);
    if (failed < 0)
        return failed;
    gl_autofree char *user = gl_pg_role_name(local, role);
    gl_autofree char *authority = gl_local_path(local, "ca/ca.pem");
    gl_autobuf struct gl_buf url = {0};
    gl_buf_puts(&url, "postgresql://");
    add_percent_encoded(&url, user, "");
    gl_buf_putc(&url, ':');
    add_percent_encoded(&url, password, "");
    gl_buf_printf(&url, "@127.0.0.1:%u/", local->ports[GL_PORT_POSTGRES]);
    add_percent_encoded(&url, local->name, "");
    gl_buf_puts(&url, "?sslmode=verify-full&sslrootcert=");
    add_percent_encoded(&url, authority, "/");
    gl_wipe(password, strlen(password));
    *ret_url = gl_buf_steal(&url);
    gl_secret_add(*ret_url);
    return 0;
}

/* What the application role must and must not be able to do, asked in its own session. */
static const char privileges_sql[] =
    "select has_schema_privilege('public', 'USAGE')"
    " and not has_schema_privilege('public', 'CREATE')"
    " and not (select rolsuper or rolcreatedb or rolcreaterole or rolbypassrls"
    "          from pg_catalog.pg_roles where rolname = current_user)"
    " and current_setting('lock_timeout') = '5s'"
    " and current_setting('idle_in_transaction_session_timeout') = '1min'"
    " and (select count(*) = 3 from pg_catalog.pg_default_acl d,"
    "      pg_catalog.aclexplode(d.defaclacl) a, pg_catalog.pg_roles o"
    "      where o.oid = d.defaclrole and o.rolname = %s and a.grantee = %s"
    "      and (d.defaclobjtype, a.privilege_type) in"
    "          (('r', 'INSERT'), ('S', 'USAGE'), ('n', 'USAGE')))"
    " and pg_catalog.pg_get_userbyid(d.datdba) = %s"
    " from pg_catalog.pg_database d where d.datname = current_database()";

static int login(struct gl_local *local, enum gl_database_role role, PGconn **ret_conn,
                 struct gl_error *err)
{
    gl_autofree char *url = NULL;
    int failed = gl_local_postgres_url(local, role, &url, err);
    if (failed < 0)
        return failed;
    failed = gl_pg_connect_url(url, ret_conn, err);
    gl_wipe(url, strlen(url));
    return failed;
}

static char *quoted(const char *text, void (*add)(struct gl_buf *, const char *))
{
    gl_autobuf struct gl_buf sql = {0};
    add(&sql, text);
    return gl_buf_steal(&sql);
}

static int verify(struct gl_local *local, struct gl_error *err)
{
    gl_autopgconn PGconn *owner_conn = NULL;
    gl_autopgconn PGconn *app_conn = NULL;
    gl_autopgresult PGresult *result = NULL;
    gl_autofree char *owner = gl_pg_role_name(local, GL_ROLE_OWNER);
    gl_autofree char *app = gl_pg_role_name(local, GL_ROLE_APP);
    gl_autofree char *owner_text = quoted(owner, gl_pg_add_text);
    gl_autofree char *app_oid = gl_asprintf("(select oid from pg_catalog.pg_roles"
                                            " where rolname = current_user)");
    gl_autofree char *sql = gl_asprintf(privileges_sql, owner_text, app_oid, owner_text);
    int failed = login(local, GL_ROLE_OWNER, &owner_conn, err);
    if (failed == 0)
        failed = login(local, GL_ROLE_APP, &app_conn, err);
    if (failed == 0)
        failed = gl_pg_run(app_conn, sql, &result, err);
    if (failed == 0 && (PQntuples(result) != 1 || strcmp(PQgetvalue(result, 0, 0), "t") != 0))
        failed = gl_fail(err, GL_E_MISMATCH,
                         _("the privileges of the database role %s are not as "
                           "golive sets them"),
                         app);
    return failed;
}

static int exists(PGconn *conn, const char *table, const char *column, const char *name,
                  bool *ret_exists, struct gl_error *err)
{
    gl_autopgresult PGresult *result = NULL;
    gl_autofree char *text = quoted(name, gl_pg_add_text);
    gl_autofree char *sql =
        gl_asprintf("select 1 from pg_catalog.%s where %s = %s", table, column, text);
    int failed = gl_pg_run(conn, sql, &result, err);
    if (failed == 0)
        *ret_exists = PQntuples(result) > 0;
    return failed;
}

/* Sends the verifier instead of the password: the server's log may show statements. */
static int set_role(struct gl_local *local, PGconn *conn, enum gl_database_role role,
                    struct gl_error *err)
{
    gl_autofree char *name = gl_pg_role_name(local, role);
    gl_autofree char *ident = quoted(name, gl_pg_add_name);
    gl_autofree char *password = NULL;
    bool present = false;
    int failed = gl_pg_password(local, role, &password, err);
    if (failed == 0)
        failed = exists(conn, "pg_roles", "rolname", name, &present, err);
    if (failed < 0)
        return failed;
    char *verifier = PQencryptPasswordConn(conn, password, name, "scram-sha-256");
    gl_wipe(password, strlen(password));
    if (!verifier)
        return gl_fail(err, GL_E_DATABASE, _("cannot make the password of the role %s: %s"), name,
                       PQerrorMessage(conn));
    gl_autofree char *literal = quoted(verifier, gl_pg_add_text);
    PQfreemem(verifier);
    gl_autofree char *sql = gl_asprintf("%s role %s login nosuperuser nocreatedb nocreaterole "
                                        "nobypassrls noreplication password %s",
                                        present ? "alter" : "create", ident, literal);
    return gl_pg_run(conn, sql, NULL, err);
}

static int set_database(struct gl_local *local, PGconn *conn, struct gl_error *err)
{
    gl_autofree char *owner = gl_pg_role_name(local, GL_ROLE_OWNER);
    gl_autofree char *owner_ident = quoted(owner, gl_pg_add_name);
    gl_autofree char *ident = quoted(local->name, gl_pg_add_name);
    bool present = false;
    int failed = exists(conn, "pg_database", "datname", local->name, &present, err);
    if (failed < 0)
        return failed;
    gl_autofree char *sql =
        present ? gl_asprintf("alter database %s owner to %s", ident, owner_ident)
                : gl_asprintf("create database %s owner %s encoding 'UTF8' template template0",
                              ident, owner_ident);
    return gl_pg_run(conn, sql, NULL, err);
}

/* One transaction. The limits keep a forgotten
 * transaction or a long lock of the application from stopping everybody else; a pool resets them
 * where it knows better. */
static const char grants_sql[] =
    "begin;"
    "revoke all on database {database} from public;"
    "grant connect, temporary on database {database} to {app};"
    "revoke all on schema public from public;"
    "grant usage on schema public to {app};"
    "revoke create on schema public from {app};"
    "grant select, insert, update, delete on all tables in schema public to {app};"
    "grant usage, select, update on all sequences in schema public to {app};"
    "alter default privileges for role {owner}"
    " grant select, insert, update, delete on tables to {app};"
    "alter default privileges for role {owner} grant usage, select, update on sequences to {app};"
    "alter default privileges for role {owner} grant usage on schemas to {app};"
    "alter role {app} set lock_timeout = '5s';"
    "alter role {app} set idle_in_transaction_session_timeout = '1min';"
    "commit";

/* Puts quoted names in the place of {database}, {owner} and {app}. */
static char *fill_in(const struct gl_local *local, const char *template)
{
    gl_autofree char *owner = gl_pg_role_name(local, GL_ROLE_OWNER);
    gl_autofree char *app = gl_pg_role_name(local, GL_ROLE_APP);
    const char *const names[][2] = {
        {"{database}", local->name},
        {"{owner}",    owner      },
        {"{app}",      app        },
    };
    gl_autobuf struct gl_buf sql = {0};
    while (*template) {
        size_t i = 0;
        while (i < GL_COUNT(names) && !gl_starts_with(template, names[i][0]))
            i++;
        if (i == GL_COUNT(names)) {
            gl_buf_putc(&sql, *template ++);
        } else {
            gl_pg_add_name(&sql, names[i][1]);
            template += strlen(names[i][0]);
        }
    }
    return gl_buf_steal(&sql);
}

static int apply(struct gl_local *local, struct gl_error *err)
{
    struct gl_pg_place place = gl_pg_live(local);
    gl_autopgconn PGconn *server = NULL;
    gl_autopgconn PGconn *database = NULL;
    int failed = gl_pg_connect(&place, "postgres", &server, err);
    if (failed == 0)
        failed = set_role(local, server, GL_ROLE_OWNER, err);
    if (failed == 0)
        failed = set_role(local, server, GL_ROLE_APP, err);
    if (failed == 0)
        failed = set_database(local, server, err);
    if (failed == 0)
        failed = gl_pg_connect(&place, local->name, &database, err);
    if (failed < 0)
        return failed;
    gl_autofree char *grants = fill_in(local, grants_sql);
    return gl_pg_run(database, grants, NULL, err);
}

int gl_pg_roles_ensure(struct gl_local *local, struct gl_error *err)
{
    if (strlen(local->name) + strlen("_owner") > GL_PG_NAME_BYTES)
        return gl_fail(err, GL_E_CONFIG, _("app.name is too long for a database role: %s"),
                       local->name);
    if (verify(local, NULL) == 0)
        return 0;
    int failed = apply(local, err);
    if (failed == 0)
        failed = verify(local, err);
    return failed < 0 ? gl_error_wrap(err, _("database %s"), local->name) : 0;
}
