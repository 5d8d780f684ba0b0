/* Schema: the day of going live. */
#include "base/i18n.h"
#include "config/schema.h"

/* clang-format off */
const struct gl_key gl_schema_cutover[] = {
    {"cutover", GL_TYPE_MAP, .text = N_("the day of going live")},
    {"cutover.at", GL_TYPE_STR, .format = GL_FORMAT_INSTANT, .text = N_("when traffic is switched")},
    {"cutover.window.from", GL_TYPE_STR, .format = GL_FORMAT_INSTANT, .text = N_("the switch happens not before")},
    {"cutover.window.to", GL_TYPE_STR, .format = GL_FORMAT_INSTANT, .text = N_("and not after")},
    {"cutover.operator", GL_TYPE_STR, GL_KEY_PERSON, .text = N_("who works the switch")},
    {"cutover.deputy", GL_TYPE_STR, GL_KEY_PERSON, .text = N_("who stands by")},
    {"cutover.watch_hours", GL_TYPE_INT, .min = 24, .max = 48, .unit = "h", .fallback = "48", .text = N_("intensive watch afterwards")},
    {"cutover.announce", GL_TYPE_LIST, .fallback = "[]", .text = N_("where it is announced")},
    {"cutover.announce[]", GL_TYPE_STR, .text = N_("slack:CHANNEL or email:ADDRESS")},
    {"cutover.steps", GL_TYPE_LIST, .fallback = "[]", .text = N_("the timetable")},
    {"cutover.steps[].id", GL_TYPE_STR, GL_KEY_REQUIRED | GL_KEY_UNIQUE, .format = GL_FORMAT_ID, .text = N_("name of the step")},
    {"cutover.steps[].owner", GL_TYPE_STR, GL_KEY_REQUIRED | GL_KEY_PERSON, .text = N_("who does it")},
    {"cutover.steps[].offset_min", GL_TYPE_INT, GL_KEY_REQUIRED, .min = -43200, .max = 43200, .unit = "min", .text = N_("minutes after cutover.at; before it negative")},
    {"cutover.steps[].command", GL_TYPE_STR, .text = N_("what is run")},
    {"cutover.steps[].expect", GL_TYPE_STR, .text = N_("what shows that it worked")},
    {"cutover.steps[].abort_if", GL_TYPE_STR, .text = N_("what ends the cutover")},
    {"cutover.criteria", GL_TYPE_LIST, .fallback = "[]", .text = N_("what must hold after the switch")},
    {"cutover.criteria[].metric", GL_TYPE_ENUM, GL_KEY_REQUIRED, .words = "5xx_rate p50 p95 p99 unhealthy_targets", .text = N_("what is measured")},
    {"cutover.criteria[].op", GL_TYPE_ENUM, GL_KEY_REQUIRED, .words = "> >= < <=", .text = N_("how it is compared")},
    {"cutover.criteria[].threshold", GL_TYPE_REAL, GL_KEY_REQUIRED, .min = 0, .max = 1e9, .text = N_("with what")},
    {"cutover.criteria[].unit", GL_TYPE_ENUM, .words = "percent ms s count", .text = N_("unit of the threshold")},
    {"cutover.criteria[].window_min", GL_TYPE_INT, .min = 1, .max = 1440, .unit = "min", .text = N_("over which time")},
    {"cutover.previous.kind", GL_TYPE_ENUM, .words = "records maintenance_page", .fallback = "records", .text = N_("what a way back leads to")},
    {"cutover.previous.keep_until", GL_TYPE_STR, .format = GL_FORMAT_INSTANT, .text = N_("how long the way back is kept")},
    {"cutover.data_rollback", GL_TYPE_ENUM, .words = "none_needed dual_write accept_loss", .fallback = "none_needed", .text = N_("what happens to data written after the switch when going back")},
    {0},
};
/* clang-format on */
