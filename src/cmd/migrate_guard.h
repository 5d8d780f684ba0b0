/* What must hold before migrations touch an environment's database by hand: no long locks in peak
 * hours, and in production a backup that is young enough. */
#ifndef GL_CMD_MIGRATE_GUARD_H
#define GL_CMD_MIGRATE_GUARD_H

#include "cmd/commands.h"
#include "migrate/forecast.h"

/* Flags of the commands that are guarded. */
#define GL_DESPITE_PEAK_FLAG                                                                       \
    {                                                                                              \
        "despite-peak", 0, GL_FLAG_TEXT, N_("REASON"), NULL,                                       \
            N_("run it in peak hours all the same; the reason is kept in the ledger")              \
    }
#define GL_BACKUP_FLAG                                                                             \
    {                                                                                              \
        "backup", 0, GL_FLAG_BOOL, NULL, NULL, N_("make a backup first")                           \
    }
#define GL_BACKUP_ELSEWHERE_FLAG                                                                   \
    {                                                                                              \
        "backup-elsewhere", 0, GL_FLAG_TEXT, N_("REASON"), NULL,                                   \
            N_("a backup was made by other means; which one is kept in the ledger")                \
    }

/* Whether the command's environment is production ("prod"). */
bool gl_cmd_is_production(const struct gl_context *context);

/* The database's connection string, NULL where it cannot be reached from here (inside a VPC). The
 * caller owns it; secret. */
gl_nodiscard int gl_cmd_migrations_conninfo(const struct gl_cmd_migrations *migrations,
                                            char **ret_conninfo, struct gl_error *err);

/* gl_migrate_forecast() of the command's database, with migrations.large_table_rows. */
gl_nodiscard int gl_cmd_migrations_forecast(const struct gl_context *context,
                                            const struct gl_cmd_migrations *migrations,
                                            const struct gl_migrate_status *status,
                                            struct gl_forecasts *ret_list, struct gl_error *err);

/* GL_E_REFUSED when something that is pending would hold a long lock in peak hours, unless
 * --despite-peak gives a reason. `expand_only`: contract migrations stay pending. */
gl_nodiscard int gl_cmd_guard_peak(const struct gl_context *context,
                                   const struct gl_cmd_migrations *migrations,
                                   const struct gl_migrate_status *status, bool expand_only,
                                   struct gl_error *err);

/* Makes the backup that --backup wants and notes it. In production, GL_E_REFUSED unless one is in
 * the ledger that is younger than migrations.backup_max_age_hours, or --backup-elsewhere says where
 * there is one. */
gl_nodiscard int gl_cmd_guard_backup(const struct gl_context *context,
                                     const struct gl_cmd_migrations *migrations,
                                     struct gl_error *err);

#endif
