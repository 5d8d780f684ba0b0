/* What applying the pending migrations would meet: how large their tables are, what holds long
 * locks on them, in how many batches they run, and who would block them now. */
#ifndef GL_MIGRATE_FORECAST_H
#define GL_MIGRATE_FORECAST_H

#include "migrate/heavy.h"
#include "migrate/migrate.h"

struct gl_forecast {
    const struct gl_migration *migration; /* of the list */
    struct gl_heavy long_lock; /* the first statement of that kind on a large table, or one of
                                  unknown size; `reason` NULL = none */
    int64_t long_lock_rows;    /* rows of its table; -1 = unknown */
    int64_t rows;              /* of the largest table that the file changes; -1 = unknown */
    int64_t batches;         /* of a file in batches, by statistics; 0 = it has none, or unknown */
    struct gl_error problem; /* why a file in batches is refused as its table is now; code 0 = it is
                                not. Files before it may mend that: see `mended` */
    bool mended;             /* one that is pending before it changes the same table */
    char *blockers;          /* sessions whose transactions hold locks on its tables now, or NULL */
};

struct gl_forecasts {
    struct gl_forecast *items; /* of what is pending, in order */
    size_t count;
};

void gl_forecasts_done(struct gl_forecasts *list);
#define gl_autoforecasts gl_cleanup(gl_forecasts_done)

/* Looks, and changes nothing. `conninfo` NULL = the database cannot be reached from here: sizes are
 * unknown, and then every table counts as large. Tables that are not there yet are small. */
gl_nodiscard int gl_migrate_forecast(const char *conninfo, const struct gl_migrations *list,
                                     const struct gl_migrate_status *status, int64_t large_rows,
                                     struct gl_forecasts *ret_list, struct gl_error *err);

#endif
