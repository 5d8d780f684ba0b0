/* Where is traced: a private server, or a database of golive's own on a given one. What the given
 * URL names is only looked at. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/log.h"
#include "platform/private_server.h"
#include "trace/conninfo.h"
#include "trace/internal.h"

#define PREFIX "golive_trace_"

struct gl_place {
    struct gl_private_server *server; /* NULL on a given one */
    PGconn *admin;                    /* makes and drops databases; keeps their locks */
    char *admin_conninfo;
    char *name; /* of the database that is worked in */
    char *conninfo;
    char *copy_name; /* of a second one, or NULL */
    char *copy_conninfo;
};

/* ---- databases --------------------------------------------------------------------------------
 */

static int admin_exec(struct gl_place *place, const char *sql, struct gl_error *err)
{
    const struct gl_pq_wait wait = {.uninterruptible = true};
    return gl_pq_exec(place->admin, sql, &wait, NULL, err);
}

static void drop(struct gl_place *place, const char *name)
{
    gl_autoerr struct gl_error problem = {0};
    gl_autofree char *sql =
        name ? gl_asprintf("drop database if exists %s with (force)", name) : NULL;
    if (sql && admin_exec(place, sql, &problem) < 0)
        gl_log(GL_LOG_WARN, _("the database %s stays: %s"), name, problem.message);
}

void gl_place_free(struct gl_place **place)
{
    struct gl_place *own = gl_steal(place);
    if (!own)
        return;
    if (own->admin && !own->server) { /* a private server goes as a whole */
        drop(own, own->copy_name);
        drop(own, own->name);
    }
    gl_pq_close(&own->admin);
    gl_private_server_free(&own->server);
    free(own->admin_conninfo);
    free(own->name);
    free(own->conninfo);
    free(own->copy_name);
    free(own->copy_conninfo);
    free(own);
}

const char *gl_place_conninfo(const struct gl_place *place)
{
    return place->conninfo;
}

bool gl_place_is_private(const struct gl_place *place)
{
    return place->server != NULL;
}

const char *gl_place_programs(const struct gl_place *place)
{
    return place->server ? gl_private_server_bin(place->server) : NULL;
}

static char *new_name(void)
{
    uint64_t random = 0;
    (void)!getrandom(&random, sizeof random, 0);
    return gl_asprintf(PREFIX "%016" PRIx64, random);
}

/* The session's advisory lock tells that the owner of the database lives. */
static int lock_name(struct gl_place *place, const char *name, struct gl_error *err)
{
    const char *values[] = {name};
    return gl_pq_query(place->admin, "select pg_advisory_lock(hashtext($1))", 1, values, NULL, err);
}

/* `template` is a quoted name, or NULL. */
static int make_database(struct gl_place *place, const char *template, char **ret_name,
                         char **ret_conninfo, struct gl_error *err)
{
    gl_autofree char *name = new_name();
    gl_autofree char *conninfo = NULL;
    gl_autofree char *sql = gl_asprintf("create database %s%s%s", name,
                                        template ? " template " : "", template ? template : "");
    int failed = lock_name(place, name, err);
    if (failed == 0)
        failed = admin_exec(place, sql, err);
    if (failed == 0)
        failed = gl_conninfo_to(place->admin_conninfo, name, &conninfo, err);
    if (failed < 0)
        return gl_error_wrap(err, _("cannot make a database to trace in"));
    *ret_name = gl_steal(&name);
    *ret_conninfo = gl_steal(&conninfo);
    return 0;
}

int gl_place_copy(struct gl_place *place, const char **ret_conninfo, struct gl_error *err)
{
    int failed = make_database(place, place->name, &place->copy_name, &place->copy_conninfo, err);
    if (failed == 0)
        *ret_conninfo = place->copy_conninfo;
    return failed;
}

int gl_place_connections(struct gl_place *place, int64_t *ret_count, struct gl_error *err)
{
    gl_autopqresult PGresult *row = NULL;
    int failed = gl_pq_query(
        place->admin,
        "select least(current_setting('max_connections')::int - count(*) "
        "- case when r.rolsuper then 0 else current_setting('superuser_reserved_connections')::int "
        "+ coalesce(current_setting('reserved_connections', true)::int, 0) end, "
        "case when r.rolconnlimit < 0 or r.rolsuper then 1000000 else r.rolconnlimit "
        "- count(*) filter (where a.usename = current_user) end) "
        "from pg_catalog.pg_stat_activity a, pg_catalog.pg_roles r "
        "where a.backend_type = 'client backend' and r.rolname = current_user "
        "group by r.rolsuper, r.rolconnlimit",
        0, NULL, &row, err);
    if (failed == 0)
        *ret_count = gl_pq_int(row, 0, 0);
    return failed;
}

/* Databases of runs that were killed: nobody holds their lock any more. It is looked for, not
 * tried: an advisory lock belongs to the database that its session is in, and another run may be in
 * another one. pg_locks has the key in two unsigned halves. */
static const char leftovers[] =
    "select datname from pg_catalog.pg_database d where datname ~ '^" PREFIX "[0-9a-f]{16}$' "
    "and not exists (select from pg_catalog.pg_locks l where l.locktype = 'advisory' and l.granted "
    "and l.objsubid = 1 and ((l.classid::bigint << 32) | l.objid::bigint) = "
    "hashtext(d.datname)::bigint)";

static void sweep(struct gl_place *place)
{
    gl_autopqresult PGresult *rows = NULL;
    if (gl_pq_query(place->admin, leftovers, 0, NULL, &rows, NULL) < 0)
        return; /* the next statement says what is wrong */
    for (int i = 0; i < PQntuples(rows); i++)
        drop(place, gl_pq_text(rows, i, 0));
}

/* ---- a given server ---------------------------------------------------------------------------
 */

static int refuse(struct gl_error *err, const char *what)
{
    gl_fail(err, GL_E_REFUSED, _("this is no place for a trace: %s"), what);
    return gl_error_hint(err, _("Give a shadow: a server that nobody depends on, or leave the "
                                "URL out for a private one."));
}

/* Looks for what only a database in use has: its application's sessions, or standbys. */
static int refuse_used(struct gl_place *place, struct gl_error *err)
{
    gl_autopqresult PGresult *row = NULL;
    int failed = gl_pq_query(
        place->admin,
        "select exists (select from pg_catalog.pg_class where relname = '_sqlx_migrations'), "
        "(select count(*) from pg_catalog.pg_stat_activity where datname = current_database() "
        "and backend_type = 'client backend' and pid <> pg_backend_pid() "
        "and application_name not like 'golive migrate trace%'), "
        "(select count(*) from pg_catalog.pg_stat_replication), current_database()",
        0, NULL, &row, err);
    if (failed < 0)
        return failed;
    if (gl_pq_int(row, 0, 2) > 0)
        return refuse(err, _("standbys follow the server, so it is somebody's production"));
    if (!gl_pq_bool(row, 0, 0) || gl_pq_int(row, 0, 1) == 0)
        return 0;
    gl_autofree char *what = gl_asprintf(
        _("the database %s has applied migrations, and %" PRId64 " other sessions use it"),
        gl_pq_text(row, 0, 3), gl_pq_int(row, 0, 1));
    return refuse(err, what);
}

static int hint_rights(struct gl_error *err)
{
    if (err && err->message && strstr(err->message, "42501"))
        gl_error_hint(err, _("A trace works in a database of its own: the role needs CREATEDB."));
    return err ? err->code : GL_E_DATABASE;
}

static int use_given(struct gl_place *place, const struct gl_trace_options *options,
                     struct gl_error *err)
{
    place->admin_conninfo = gl_strdup(options->conninfo);
    gl_secret_add(options->conninfo);
    int failed = gl_pq_connect(options->conninfo, "golive migrate trace", &place->admin, err);
    if (failed == 0)
        failed = refuse_used(place, err);
    if (failed < 0)
        return failed;
    sweep(place);
    if (!options->copy)
        return make_database(place, NULL, &place->name, &place->conninfo, err) < 0
                   ? hint_rights(err)
                   : 0;
    char *given = PQescapeIdentifier(place->admin, PQdb(place->admin), strlen(PQdb(place->admin)));
    gl_autofree char *template = gl_strdup(given);
    PQfreemem(given);
    failed = make_database(place, template, &place->name, &place->conninfo, err);
    return failed < 0 ? hint_rights(err) : 0;
}

/* ---- a private one ----------------------------------------------------------------------------
 */

static int use_private(struct gl_place *place, const struct gl_trace_options *options,
                       struct gl_error *err)
{
    int failed = gl_private_server_start(options->server_bin, &place->server, err);
    if (failed < 0)
        return failed;
    place->admin_conninfo = gl_private_server_conninfo(place->server, GL_PRIVATE_DATABASE);
    failed = gl_pq_connect(place->admin_conninfo, "golive migrate trace", &place->admin, err);
    return failed < 0 ? failed : make_database(place, NULL, &place->name, &place->conninfo, err);
}

int gl_place_make(const struct gl_trace_options *options, struct gl_place **ret_place,
                  struct gl_error *err)
{
    gl_autoplace struct gl_place *place = gl_alloc(sizeof *place);
    int failed =
        options->conninfo ? use_given(place, options, err) : use_private(place, options, err);
    if (failed == 0)
        *ret_place = gl_steal(&place);
    return failed;
}

int gl_place_role(struct gl_place *place, const char *role, struct gl_error *err)
{
    char *name = PQescapeIdentifier(place->admin, role, strlen(role));
    gl_autofree char *sql = gl_asprintf("create role %s", name);
    PQfreemem(name);
    return admin_exec(place, sql, err);
}

int gl_place_empty(struct gl_place *place, struct gl_error *err)
{
    gl_autofree char *old = gl_steal(&place->name);
    drop(place, old);
    free(gl_steal(&place->conninfo));
    return make_database(place, NULL, &place->name, &place->conninfo, err);
}
