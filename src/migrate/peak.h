/* Hours in which nothing runs that others would wait for: migrations.peak_hours. */
#ifndef GL_MIGRATE_PEAK_H
#define GL_MIGRATE_PEAK_H

#include "config/config.h"
#include "migrate/forecast.h"

/* The window that holds at this time ("mon-fri 08:00-20:00 Asia/Tokyo") in *ret_window, NULL if
 * none does; the caller owns it. A window from 22:00 to 02:00 belongs to the day it begins on.
 * GL_E_CONFIG when this machine does not know the time zone. */
gl_nodiscard int gl_peak_window(const struct gl_config *config, int64_t unix_ms, char **ret_window,
                                struct gl_error *err);

/* GL_E_REFUSED, with file, line and the way out, when one of these would hold a long lock within
 * `window` (NULL = it is not peak); those that `held` says wait do not count. */
typedef bool gl_peak_held_fn(const struct gl_migration *migration, const void *context);
gl_nodiscard int gl_peak_check(const struct gl_forecasts *forecasts, const char *window,
                               gl_peak_held_fn *held, const void *context, struct gl_error *err);

#endif
