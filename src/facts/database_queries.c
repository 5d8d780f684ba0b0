/* What is asked of a PostgreSQL database.
 * https://www.postgresql.org/docs/current/monitoring-stats.html */
#include "facts/database.h"

#include <stddef.h>

/* Tables of the application. */
#define OF_APPLICATION                                                                             \
    " n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'"

/* Commands to run other programs may hold passwords; so may settings of the application's own. */
#define HARMLESS_SETTING                                                                           \
    " name !~ '(_command|conninfo)$' and (name !~ '[.]' or name ~ "                                \
    "'^(pg_stat_statements|auto_explain|pgaudit|rds|log_fdw)[.]')"

/* clang-format off */
const struct gl_database_query gl_database_queries[] = {
    {"db_setting", "tttt",
     "select name, case source when 'session' then reset_val else setting end, unit, source from pg_settings where" HARMLESS_SETTING " order by name", NULL, NULL},

    {"db_role", "tiiiiiii",
     "select r.rolname, r.rolcanlogin::int, r.rolsuper::int, r.rolcreaterole::int,"
     " case when isfinite(r.rolvaliduntil) then floor(extract(epoch from r.rolvaliduntil))::bigint end,"
     " exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace"
     "  where c.relkind in ('r', 'p') and has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') and" OF_APPLICATION ")::int,"
     " exists (select 1 from pg_namespace n where has_schema_privilege(r.oid, n.oid, 'CREATE') and" OF_APPLICATION ")::int,"
     " (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace"
     "  where c.relkind in ('r', 'p') and c.relowner = r.oid and" OF_APPLICATION ")"
     " from pg_roles r where r.rolname !~ '^pg_' order by r.rolname", NULL, NULL},

    /* Exact sizes wait for a table that is locked; the estimates of the last ANALYZE do not. */
    {"db_table", "ttiit",
     "select n.nspname, c.relname, greatest(c.reltuples, 0)::bigint, coalesce(pg_total_relation_size(c.oid), 0), pg_get_userbyid(c.relowner)"
     " from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and" OF_APPLICATION " order by 1, 2", NULL,
     "select n.nspname, c.relname, greatest(c.reltuples, 0)::bigint,"
     " current_setting('block_size')::bigint * (c.relpages + coalesce((select sum(x.relpages) from pg_index i join pg_class x on x.oid = i.indexrelid"
     "  where i.indrelid = c.oid), 0)::bigint), pg_get_userbyid(c.relowner)"
     " from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and" OF_APPLICATION " order by 1, 2"},

    {"db_flaw", "tttd",
     "select 'invalid_index', n.nspname || '.' || c.relname, 'the index ' || c.relname || ' is invalid', null"
     " from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace"
     " where not i.indisvalid and not exists (select 1 from pg_stat_progress_create_index p where p.index_relid = i.indexrelid) and" OF_APPLICATION, NULL, NULL},
    {"db_flaw", "tttd",
     "select 'unvalidated_constraint', n.nspname || '.' || t.relname || '.' || c.conname, pg_get_constraintdef(c.oid), null"
     " from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_namespace n on n.oid = t.relnamespace"
     " where not c.convalidated and" OF_APPLICATION, NULL, NULL},
    {"db_flaw", "tttd",
     "select case when state like 'idle in transaction%' then 'idle_in_transaction' else 'long_transaction' end, 'pid ' || pid,"
     " coalesce(usename, '?') || ': ' || coalesce(state, '?'),"
     " extract(epoch from clock_timestamp() - case when state like 'idle in transaction%' then state_change else xact_start end)"
     " from pg_stat_activity where xact_start is not null and pid <> pg_backend_pid() and datname = current_database()"
     " and coalesce(backend_type, 'client backend') = 'client backend'", NULL, NULL},
    {"db_flaw", "tttd",
     "select 'lock_wait', 'pid ' || l.pid, l.mode || coalesce(' on ' || c.relname, '') || ', held by ' ||"
     " coalesce((select string_agg('pid ' || b.pid, ', ') from unnest(pg_blocking_pids(l.pid)) b(pid)), '?'),"
     " coalesce(extract(epoch from clock_timestamp() - l.waitstart), 0)"
     " from pg_locks l left join pg_class c on c.oid = l.relation and l.database = (select oid from pg_database where datname = current_database())"
     " where not l.granted", NULL, NULL},
    {"db_flaw", "tttd",
     "select 'unused_slot', slot_name, 'it keeps ' || pg_size_pretty(case when not pg_is_in_recovery() then pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) end), null"
     " from pg_replication_slots where not active", NULL, NULL},

    {"db_connection", "ttiii",
     "select coalesce(a.usename, '?'), a.state, (a.pid = pg_backend_pid())::int, coalesce(s.ssl, false)::int, count(*)"
     " from pg_stat_activity a left join pg_stat_ssl s on s.pid = a.pid"
     " where a.usesysid is not null and coalesce(a.backend_type, 'client backend') = 'client backend' group by 1, 2, 3, 4 order by 1, 2", NULL, NULL},

    /* Statements that set a password are not normalised by older servers. */
    {"db_statement", "tiddt",
     "select pg_get_userbyid(s.userid), s.calls, s.mean_exec_time, s.total_exec_time, left(s.query, 200) from %s s"
     " where s.dbid = (select oid from pg_database where datname = current_database()) and s.query !~* 'password'"
     " order by s.total_exec_time desc limit 1000",
     "select quote_ident(n.nspname) || '.pg_stat_statements' from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_stat_statements'", NULL},

    {"db_extension", "tt", "select extname, extversion from pg_extension order by extname", NULL, NULL},

    {"db_object", "tt",
     "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v') and c.relname in"
     " ('_sqlx_migrations', 'schema_migrations', 'flyway_schema_history', '__diesel_schema_migrations', 'goose_db_version', '_prisma_migrations', 'refinery_schema_history')"
     " order by 1, 2", NULL, NULL},

    {"db_migration", "iiti",
     "select version, success::int, encode(checksum, 'hex'), floor(extract(epoch from installed_on))::bigint from %s order by version",
     "select quote_ident(n.nspname) || '._sqlx_migrations' from pg_class c join pg_namespace n on n.oid = c.relnamespace"
     " where c.relkind = 'r' and c.relname = '_sqlx_migrations' order by n.nspname <> 'public', n.nspname limit 1", NULL},
    {0},
};
/* clang-format on */
