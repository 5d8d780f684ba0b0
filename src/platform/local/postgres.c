/* What golive.yaml says about the local database. */
#include "config/config.h"
#include "platform/local/pg.h"

enum {
    CONNECTIONS_MIN = 100,
    CONNECTIONS_RESERVED = 20, /* migrations, backups, a person with psql */
    VERSIONS = 2,              /* old and new run side by side */
};

int gl_local_postgres_up(struct gl_local *local, struct gl_error *err)
{
    const struct gl_config *config = local->base.config;
    int64_t connections =
        gl_config_int(config, "database.pool_max") * VERSIONS + CONNECTIONS_RESERVED;
    const struct gl_pg_settings settings = {
        .memory_mb = gl_config_int(config, "local.postgres_memory_mb"),
        .slow_ms = gl_config_int(config, "database.log_min_duration_ms"),
        .max_connections = connections > CONNECTIONS_MIN ? connections : CONNECTIONS_MIN,
    };
    return gl_pg_service_up(local, &settings, err);
}
