/* Hours in which nothing runs that others would wait for. */
#include "migrate/peak.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "proc/proc.h"

/* A moment on a wall: 0 = Monday. */
struct wall {
    int day;
    int minute;
};

/* ---- time zones ---- */

/* By date(1): the C library's own conversion is the whole process's, threads included. */
static int read_wall(const char *zone, int64_t unix_ms, struct wall *ret_wall, struct gl_error *err)
{
    gl_autofree char *file = gl_asprintf("/usr/share/zoneinfo/%s", zone);
    gl_autofree char *when = gl_asprintf("@%" PRId64, unix_ms / 1000);
    gl_autofree char *variable = gl_asprintf("TZ=%s", zone);
    gl_autofree char *out = NULL;
    if (strcmp(zone, "UTC") != 0 && !gl_is_file(file)) {
        gl_fail(err, GL_E_CONFIG, _("the time zone %s of migrations.peak_hours is not known here"),
                zone);
        return gl_error_hint(err, _("Is it spelled right (Asia/Tokyo)? Else install tzdata."));
    }
    const char *const argv[] = {"date", "-d", when, "+%u %H %M", NULL};
    const char *const env[] = {variable, "LC_ALL=C", NULL};
    const struct gl_proc_spec spec = {.argv = argv, .env_add = env, .timeout_ms = 10000};
    int failed = gl_proc_check(&spec, &out, err);
    if (failed < 0)
        return failed;
    char *at = out;
    long day = strtol(at, &at, 10);
    long hour = strtol(at, &at, 10);
    long minute = strtol(at, &at, 10);
    *ret_wall = (struct wall){(int)day - 1, (int)(hour * 60 + minute)};
    return 0;
}

/* ---- windows ---- */

static int day_number(const char *text)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (size_t i = 0; i < GL_COUNT(days); i++) {
        if (gl_starts_with(text, days[i]))
            return (int)i;
    }
    return 0;
}

/* "mon-fri,sun"; sat-mon goes over the end of the week. */
static bool has_day(const char *text, int day)
{
    gl_autostrv struct gl_strv parts = {0};
    gl_strv_split(&parts, text, ",");
    for (size_t i = 0; i < parts.count; i++) {
        const char *dash = strchr(parts.items[i], '-');
        int from = day_number(parts.items[i]);
        int to = dash ? day_number(dash + 1) : from;
        if (from <= to ? day >= from && day <= to : day >= from || day <= to)
            return true;
    }
    return false;
}

static int minutes_of(const char *clock)
{
    char *rest;
    long hours = strtol(clock, &rest, 10);
    return (int)(hours * 60 + (*rest == ':' ? strtol(rest + 1, NULL, 10) : 0));
}

static bool is_within(const json_t *window, struct wall wall)
{
    const char *days = gl_json_str(window, "days", "");
    int from = minutes_of(gl_json_str(window, "from", "00:00"));
    int to = minutes_of(gl_json_str(window, "to", "24:00"));
    int yesterday = (wall.day + 6) % 7;
    if (from < to)
        return has_day(days, wall.day) && wall.minute >= from && wall.minute < to;
    return (has_day(days, wall.day) && wall.minute >= from) ||
           (has_day(days, yesterday) && wall.minute < to);
}

int gl_peak_window(const struct gl_config *config, int64_t unix_ms, char **ret_window,
                   struct gl_error *err)
{
    size_t index;
    json_t *window;
    const json_t *windows = gl_config_node(config, "migrations.peak_hours");
    json_array_foreach(windows, index, window)
    {
        struct wall wall = {0};
        const char *zone = gl_json_str(window, "tz", "UTC");
        int failed = read_wall(zone, unix_ms, &wall, err);
        if (failed < 0)
            return failed;
        if (!is_within(window, wall))
            continue;
        *ret_window =
            gl_asprintf("%s %s-%s %s", gl_json_str(window, "days", ""),
                        gl_json_str(window, "from", ""), gl_json_str(window, "to", ""), zone);
        return 0;
    }
    *ret_window = NULL;
    return 0;
}

/* ---- the refusal ---- */

static int refuse(const struct gl_forecast *forecast, const char *window, struct gl_error *err)
{
    const struct gl_heavy *lock = &forecast->long_lock;
    gl_autofree char *rows = forecast->long_lock_rows < 0
                                 ? gl_strdup(_("of unknown size"))
                                 : gl_asprintf(_("%" PRId64 " rows"), forecast->long_lock_rows);
    gl_fail(err, GL_E_REFUSED, _("%s %s (%s, %s), and these are peak hours (%s)"),
            gl_path_base(forecast->migration->path), _(lock->reason),
            lock->table ? lock->table : "?", rows, window);
    gl_error_hint(err,
                  _("Run it outside of them (migrations.peak_hours), or write it so that nobody "
                    "waits (golive migrate lint says how). In need: golive migrate up "
                    "--despite-peak \"REASON\", which is kept in the ledger."));
    gl_error_at(err, forecast->migration->path, lock->line, 1);
    return GL_E_REFUSED;
}

int gl_peak_check(const struct gl_forecasts *forecasts, const char *window, gl_peak_held_fn *held,
                  const void *context, struct gl_error *err)
{
    for (size_t i = 0; window && i < forecasts->count; i++) {
        const struct gl_forecast *forecast = &forecasts->items[i];
        if (forecast->long_lock.reason && !(held && held(forecast->migration, context)))
            return refuse(forecast, window, err);
    }
    return 0;
}
