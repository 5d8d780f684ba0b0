/* Phases: what is planned, what was done, how far each is. */
#include "control/roadmap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/i18n.h"
#include "base/json.h"

enum { DAY_S = 86400 };

/* Titles and usual lengths are the checklist's (chapter 8); `days` is the longer end. */
static const struct {
    const char *title;
    const char *usual;
    int days;
} usual[GL_PHASE_COUNT] = {
    {N_("Design"),                       N_("1 week"),    7 },
    {N_("Foundation"),                   N_("1-2 weeks"), 14},
    {N_("CI/CD"),                        N_("1 week"),    7 },
    {N_("Observability and operations"), N_("3-5 days"),  5 },
    {N_("Production release"),           N_("2-3 days"),  3 },
};

/* ---- days --------------------------------------------------------------------------------------
 */

/* The schema has checked that it is a date. */
static int64_t day_of(const char *date)
{
    if (!date)
        return GL_NO_DAY;
    struct tm day = {.tm_mday = (int)strtol(date + 8, NULL, 10),
                     .tm_mon = (int)strtol(date + 5, NULL, 10) - 1,
                     .tm_year = (int)strtol(date, NULL, 10) - 1900};
    return (int64_t)timegm(&day) / DAY_S;
}

char *gl_roadmap_day(int64_t day)
{
    char text[16];
    time_t seconds = (time_t)(day * DAY_S);
    struct tm parts;
    if (day == GL_NO_DAY || !gmtime_r(&seconds, &parts))
        return gl_strdup("");
    (void)strftime(text, sizeof text, "%Y-%m-%d", &parts);
    return gl_strdup(text);
}

/* ---- the plan ----------------------------------------------------------------------------------
 */

static int plan_phase(const json_t *given, int number, int64_t next, struct gl_roadmap_phase *phase,
                      struct gl_error *err)
{
    int64_t first = day_of(gl_json_str(given, "start", NULL));
    int64_t last = day_of(gl_json_str(given, "end", NULL));
    phase->owner = gl_json_str(given, "owner", NULL);
    phase->plan.first = first == GL_NO_DAY ? next : first;
    phase->plan.last = last;
    if (last == GL_NO_DAY && phase->plan.first != GL_NO_DAY)
        phase->plan.last = phase->plan.first + usual[number].days - 1;
    if (phase->plan.first == GL_NO_DAY)
        phase->plan.first = last;
    if (phase->plan.last < phase->plan.first)
        return gl_fail(err, GL_E_CONFIG, _("roadmap.phases.%d ends before it begins"), number);
    return 0;
}

static int check_names(const json_t *phases, struct gl_error *err)
{
    const char *name;
    json_t *phase;
    json_object_foreach((json_t *)phases, name, phase)
    {
        if (strlen(name) != 1 || *name < '0' || *name >= '0' + GL_PHASE_COUNT)
            return gl_fail(err, GL_E_CONFIG,
                           _("roadmap.phases has no phase `%s`: they are 0 to %d"), name,
                           GL_PHASE_COUNT - 1);
    }
    return 0;
}

static int plan(const struct gl_config *config, struct gl_roadmap *roadmap, struct gl_error *err)
{
    const json_t *phases = gl_config_node(config, "roadmap.phases");
    int64_t next = day_of(gl_config_str(config, "roadmap.start"));
    int failed = check_names(phases, err);
    for (int i = 0; failed == 0 && i < GL_PHASE_COUNT; i++) {
        const char name[] = {(char)('0' + i), '\0'};
        struct gl_roadmap_phase *phase = &roadmap->phases[i];
        phase->title = _(usual[i].title);
        phase->usual = _(usual[i].usual);
        failed = plan_phase(json_object_get(phases, name), i, next, phase, err);
        next = phase->plan.last == GL_NO_DAY ? GL_NO_DAY : phase->plan.last + 1;
    }
    return failed;
}

/* ---- what was done -----------------------------------------------------------------------------
 */

json_t *gl_roadmap_record(const struct gl_check *check)
{
    json_t *phases = json_array();
    for (int i = 0; i < GL_PHASE_COUNT; i++) {
        struct gl_phase_count count = gl_check_phase(check, i);
        json_t *phase = json_object();
        gl_json_set_int(phase, "closed", (int64_t)count.closed);
        gl_json_set_int(phase, "total", (int64_t)count.total);
        json_array_append_new(phases, phase);
    }
    return phases;
}

static void look_at(const json_t *record, int64_t day, struct gl_span *actual)
{
    int64_t closed = gl_json_int(record, "closed", 0);
    if (closed > 0 && actual->first == GL_NO_DAY)
        actual->first = day;
    if (closed < gl_json_int(record, "total", 1))
        actual->last = GL_NO_DAY; /* it was opened again */
    else if (actual->first != GL_NO_DAY && actual->last == GL_NO_DAY)
        actual->last = day;
}

static int on_event(const struct gl_event *event, void *context, struct gl_error *err)
{
    (void)err;
    struct gl_roadmap *roadmap = context;
    bool tells = strcmp(event->kind, GL_ROADMAP_EVENT) == 0 || strcmp(event->kind, "gate") == 0;
    const json_t *phases = json_object_get(event->data, "phases");
    if (!tells || strcmp(event->env, roadmap->env) != 0)
        return 0;
    for (size_t i = 0; i < GL_PHASE_COUNT && i < json_array_size(phases); i++)
        look_at(json_array_get(phases, i), event->time_unix_ms / 1000 / DAY_S,
                &roadmap->phases[i].actual);
    return 0;
}

int gl_roadmap_make(const struct gl_check *check, const struct gl_config *config,
                    struct gl_ledger *ledger, int64_t now_unix_s, struct gl_roadmap *ret_roadmap,
                    struct gl_error *err)
{
    struct gl_roadmap roadmap = {.app = check->app, .env = check->env, .today = now_unix_s / DAY_S};
    for (int i = 0; i < GL_PHASE_COUNT; i++) {
        roadmap.phases[i].count = gl_check_phase(check, i);
        roadmap.phases[i].actual = (struct gl_span){GL_NO_DAY, GL_NO_DAY};
    }
    int failed = plan(config, &roadmap, err);
    if (failed == 0 && ledger)
        failed = gl_ledger_read(ledger, 0, on_event, &roadmap, err);
    if (failed == 0)
        *ret_roadmap = roadmap;
    return failed;
}

int64_t gl_roadmap_late(const struct gl_roadmap *roadmap, const struct gl_roadmap_phase *phase)
{
    bool open = phase->count.closed < phase->count.total;
    bool over = phase->plan.last != GL_NO_DAY && roadmap->today > phase->plan.last;
    return open && over ? roadmap->today - phase->plan.last : 0;
}

/* ---- text and JSON -----------------------------------------------------------------------------
 */

enum { BAR = 20 };

static void add_bar(struct gl_buf *out, struct gl_phase_count count)
{
    size_t full = count.total ? BAR * count.closed / count.total : 0;
    for (size_t i = 0; i < BAR; i++)
        gl_buf_putc(out, i < full ? '#' : '.');
}

static void add_dates(struct gl_buf *out, const char *what, struct gl_span span)
{
    gl_autofree char *first = gl_roadmap_day(span.first);
    gl_autofree char *last = gl_roadmap_day(span.last);
    if (span.first != GL_NO_DAY)
        gl_buf_printf(out, "      %-8s %s - %s\n", what, first, last);
}

void gl_roadmap_text(const struct gl_roadmap *roadmap, struct gl_buf *out)
{
    bool planned = false;
    bool dated = false; /* the phase before has lines below it */
    gl_autofree char *today = gl_roadmap_day(roadmap->today);
    gl_buf_printf(out, _("%s, %s: roadmap on %s\n"), roadmap->app, roadmap->env, today);
    for (int i = 0; i < GL_PHASE_COUNT; i++) {
        const struct gl_roadmap_phase *phase = &roadmap->phases[i];
        int64_t late = gl_roadmap_late(roadmap, phase);
        gl_buf_printf(out, "%s  %d  ", i == 0 || dated ? "\n" : "", i);
        dated = phase->plan.first != GL_NO_DAY || phase->actual.first != GL_NO_DAY;
        add_bar(out, phase->count);
        gl_buf_printf(out, " %3zu/%zu  %s (%s)", phase->count.closed, phase->count.total,
                      phase->title, phase->usual);
        gl_buf_printf(out, phase->owner ? ", %s\n" : "\n", phase->owner);
        add_dates(out, _("planned"), phase->plan);
        add_dates(out, _("actual"), phase->actual);
        if (late)
            gl_buf_printf(out,
                          ngettext("      late by %lld day\n", "      late by %lld days\n",
                                   (unsigned long)late),
                          (long long)late);
        planned = planned || phase->plan.first != GL_NO_DAY;
    }
    if (!planned)
        gl_buf_puts(out, _("\nNothing is planned yet. Next: roadmap.start in golive.yaml\n"));
}

static void set_span(json_t *object, const char *name, struct gl_span span)
{
    json_t *dates = json_object();
    gl_autofree char *first = gl_roadmap_day(span.first);
    gl_autofree char *last = gl_roadmap_day(span.last);
    gl_json_set_str(dates, "start", *first ? first : NULL);
    gl_json_set_str(dates, "end", *last ? last : NULL);
    json_object_set_new(object, name, dates);
}

json_t *gl_roadmap_json(const struct gl_roadmap *roadmap)
{
    json_t *object = json_object();
    json_t *phases = json_array();
    gl_autofree char *today = gl_roadmap_day(roadmap->today);
    gl_json_set_str(object, "app", roadmap->app);
    gl_json_set_str(object, "env", roadmap->env);
    gl_json_set_str(object, "date", today);
    for (int i = 0; i < GL_PHASE_COUNT; i++) {
        const struct gl_roadmap_phase *phase = &roadmap->phases[i];
        json_t *item = json_object();
        gl_json_set_int(item, "phase", i);
        gl_json_set_str(item, "title", phase->title);
        gl_json_set_str(item, "owner", phase->owner);
        set_span(item, "planned", phase->plan);
        set_span(item, "actual", phase->actual);
        gl_json_set_int(item, "closed", (int64_t)phase->count.closed);
        gl_json_set_int(item, "total", (int64_t)phase->count.total);
        gl_json_set_int(item, "late_days", gl_roadmap_late(roadmap, phase));
        json_array_append_new(phases, item);
    }
    json_object_set_new(object, "phases", phases);
    return object;
}
