/* Waivers: who may let a control fail, for how long, and which findings that covers. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "control/check.h"
#include "data/sqlite.h"

enum { LONGEST_DAYS = 90, SHORTEST_REASON = 20 };

/* clang-format off */
static const char all_waivers[] =
    "with person (id) as (select c.value from config c join run on c.env = run.env where c.shape = 'people[].id'),"
    " role (name, id) as (select substr(c.parent, 7), c.value from config c join run on c.env = run.env"
    "  where c.parent in ('roles.security', 'roles.service_owner'))"
    "select w.control, w.resource, w.reason, w.by, w.approved_by, w.expires, w.file, w.line,"
    " w.by in (select id from person),"
    " w.approved_by in (select id from person),"
    " (exists (select 1 from role where name = 'security' and id = w.by)"
    "   and exists (select 1 from role where name = 'service_owner' and id = w.approved_by))"
    "  or (exists (select 1 from role where name = 'service_owner' and id = w.by)"
    "   and exists (select 1 from role where name = 'security' and id = w.approved_by)),"
    " exists (select 1 from config c where c.env = run.env and c.parent = 'gate.no_waiver' and c.value = w.control),"
    " cast(julianday(w.expires) - julianday(run.today) as integer) "
    "from waiver w join run order by w.file, w.line";

/* clang-format on */

enum column {
    CONTROL,
    RESOURCE,
    REASON,
    BY,
    APPROVED_BY,
    EXPIRES,
    SOURCE_FILE,
    LINE,
    BY_IS_PERSON,
    APPROVED_BY_IS_PERSON,
    BOTH_ROLES,
    FORBIDDEN,
    DAYS_LEFT, /* null where `expires` is no date */
};

/* ---- does it count -----------------------------------------------------------------------------
 */

static char *flaw_of_people(sqlite3_stmt *row, const struct gl_waiver *waiver,
                            enum gl_severity severity)
{
    if (!waiver->by || !sqlite3_column_int(row, BY_IS_PERSON))
        return gl_asprintf(_("nobody in people has the id %s"), waiver->by ? waiver->by : "(none)");
    bool alone = !waiver->approved_by;
    if (alone && severity <= GL_SEVERITY_MEDIUM)
        return NULL; /* a lesser one may be signed by who asks */
    if (alone)
        return gl_strdup(_("somebody else has to agree (approved_by)"));
    if (!sqlite3_column_int(row, APPROVED_BY_IS_PERSON))
        return gl_asprintf(_("nobody in people has the id %s"), waiver->approved_by);
    if (strcmp(waiver->by, waiver->approved_by) == 0)
        return gl_asprintf(_("%s cannot agree to a waiver of their own"), waiver->by);
    if (severity == GL_SEVERITY_CRITICAL && !sqlite3_column_int(row, BOTH_ROLES))
        return gl_strdup(_("a critical control needs two people, one of roles.security and one of "
                           "roles.service_owner"));
    return NULL;
}

static char *flaw_of_time(sqlite3_stmt *row, struct gl_waiver *waiver)
{
    if (sqlite3_column_type(row, DAYS_LEFT) == SQLITE_NULL)
        return gl_asprintf(_("`%s` is no date"), waiver->expires ? waiver->expires : "");
    int days = sqlite3_column_int(row, DAYS_LEFT);
    waiver->expired = days < 0;
    if (days < 0)
        return gl_asprintf(_("it expired on %s"), waiver->expires);
    if (days > LONGEST_DAYS)
        return gl_asprintf(_("it expires in %d days; %d are allowed"), days, LONGEST_DAYS);
    return NULL;
}

static char *flaw_of(sqlite3_stmt *row, struct gl_waiver *waiver, const struct gl_control *control)
{
    if (!control)
        return gl_asprintf(_("there is no control `%s`"), waiver->control);
    if (sqlite3_column_int(row, FORBIDDEN))
        return gl_asprintf(_("gate.no_waiver forbids to waive %s"), waiver->control);
    if (!waiver->reason || strlen(waiver->reason) < SHORTEST_REASON)
        return gl_asprintf(_("its reason has fewer than %d characters"), SHORTEST_REASON);
    char *flaw = flaw_of_time(row, waiver);
    return flaw ? flaw : flaw_of_people(row, waiver, control->severity);
}

/* ---- what it covers ----------------------------------------------------------------------------
 */

bool gl_waiver_covers(const struct gl_waiver *waiver, const struct gl_finding *finding)
{
    if (finding->status != GL_STATUS_FAIL && finding->status != GL_STATUS_UNKNOWN)
        return false;
    if (!waiver->resource)
        return true;
    size_t len = strlen(waiver->resource);
    return finding->resource && strncmp(finding->resource, waiver->resource, len) == 0 &&
           (finding->resource[len] == '\0' || finding->resource[len] == ' ');
}

static void apply(struct gl_waiver *waiver, struct gl_control_result *result)
{
    waiver->checked = true;
    for (size_t i = 0; !waiver->flaw && i < result->count; i++) {
        for (size_t k = 0; k < result->rules[i].count; k++) {
            struct gl_finding *finding = &result->rules[i].findings[k];
            if (!gl_waiver_covers(waiver, finding))
                continue;
            finding->waived = true;
            waiver->used++;
        }
    }
}

/* ---- all of them -------------------------------------------------------------------------------
 */

static char *text_at(sqlite3_stmt *row, enum column column)
{
    const char *text = (const char *)sqlite3_column_text(row, (int)column);
    return text && *text ? gl_strdup(text) : NULL;
}

static void read_waiver(sqlite3_stmt *row, const struct gl_controls *controls,
                        struct gl_waiver *waiver)
{
    *waiver = (struct gl_waiver){
        .control = gl_strdup(gl_sqlite_text(row, CONTROL)),
        .resource = text_at(row, RESOURCE),
        .reason = text_at(row, REASON),
        .by = text_at(row, BY),
        .approved_by = text_at(row, APPROVED_BY),
        .expires = text_at(row, EXPIRES),
        .file = text_at(row, SOURCE_FILE),
        .line = (unsigned)sqlite3_column_int(row, LINE),
    };
    waiver->flaw = flaw_of(row, waiver, gl_controls_find(controls, waiver->control));
}

int gl_check_waive(sqlite3 *db, const struct gl_controls *controls, struct gl_check *check,
                   struct gl_error *err)
{
    gl_autostmt sqlite3_stmt *row = NULL;
    int step = gl_sqlite_prepare(db, &row, err, all_waivers, "");
    if (step < 0)
        return step;
    while ((step = gl_sqlite_step(row, err)) == 1) {
        check->waivers =
            gl_realloc_array(check->waivers, check->waiver_count + 1, sizeof *check->waivers);
        struct gl_waiver *waiver = &check->waivers[check->waiver_count++];
        read_waiver(row, controls, waiver);
        for (size_t i = 0; i < check->count; i++) {
            if (strcmp(check->items[i].control->id, waiver->control) == 0)
                apply(waiver, &check->items[i]);
        }
    }
    return step;
}
