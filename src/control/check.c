/* A check: which controls, what they came to, what blocks. */
#include "control/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/interrupt.h"
#include "control/judge_internal.h"
#include "data/sqlite.h"
#include "facts/facts.h"

static bool wanted(const struct gl_check_request *request, const struct gl_control *control)
{
    if (control->severity < request->severity)
        return false;
    if (!request->only || request->only->count == 0)
        return true;
    for (size_t i = 0; i < request->only->count; i++) {
        if (gl_control_selected(control->id, request->only->items[i]))
            return true;
    }
    return false;
}

/* A prefix that selects nothing is a typing mistake. */
static int check_prefixes(const struct gl_check_request *request, struct gl_error *err)
{
    for (size_t i = 0; request->only && i < request->only->count; i++) {
        bool any = false;
        for (size_t k = 0; k < request->controls->count; k++)
            any =
                any || gl_control_selected(request->controls->items[k].id, request->only->items[i]);
        if (!any)
            return gl_controls_not_found(request->controls, request->only->items[i], err);
    }
    return 0;
}

static int read_run(sqlite3 *db, struct gl_check *check, struct gl_error *err)
{
    gl_autostmt sqlite3_stmt *stmt = NULL;
    int found = gl_sqlite_prepare(db, &stmt, err, "select app, env, platform, today from run", "");
    if (found == 0)
        found = gl_sqlite_step(stmt, err);
    if (found < 0)
        return found;
    check->app = gl_strdup(found ? gl_sqlite_text(stmt, 0) : "");
    check->env = gl_strdup(found ? gl_sqlite_text(stmt, 1) : "");
    check->platform = gl_strdup(found ? gl_sqlite_text(stmt, 2) : "");
    check->today = gl_strdup(found ? gl_sqlite_text(stmt, 3) : "");
    return 0;
}

/* Whoever breaks one of these must not make what it says unknown and with that harmless. */
static int read_broken(sqlite3 *db, struct gl_check *check, struct gl_error *err)
{
    gl_autostmt sqlite3_stmt *stmt = NULL;
    int step = gl_sqlite_prepare(db, &stmt, err,
                                 "select name, reason from source where state = 'failed' "
                                 "and name in ('template', 'ledger', 'database') order by rowid",
                                 "");
    while (step >= 0 && (step = gl_sqlite_step(stmt, err)) == 1) {
        struct gl_error *added = gl_problem_add(&check->broken, NULL, 0, 0);
        gl_fail(added, GL_E_CONFIG, _("%s cannot be read: %s"), gl_sqlite_text(stmt, 0),
                gl_sqlite_text(stmt, 1));
    }
    return step;
}

static void choose(const struct gl_check_request *request, struct gl_check *check)
{
    const struct gl_controls *controls = request->controls;
    check->items = gl_alloc((controls->count + 1) * sizeof *check->items);
    for (size_t i = 0; i < controls->count; i++) {
        if (wanted(request, &controls->items[i]))
            check->items[check->count++].control = &controls->items[i];
    }
}

static int judge_settled(const struct gl_facts_settled *settled, sqlite3 *db,
                         const struct gl_check_request *request, struct gl_check *check,
                         struct gl_error *err)
{
    choose(request, check);
    gl_judge_all(settled, db, request->live, check->items, check->count);
    if (gl_interrupted())
        return gl_fail(err, GL_E_INTERRUPTED, _("interrupted"));
    for (size_t i = 0; i < check->count; i++)
        check->took_us += check->items[i].took_us;
    return gl_check_waive(db, request->controls, check, err);
}

int gl_check_run(sqlite3 *db, const struct gl_check_request *request, struct gl_check *ret_check,
                 struct gl_error *err)
{
    gl_autocheck struct gl_check check = {.stage = request->stage};
    int failed = check_prefixes(request, err);
    if (failed == 0)
        failed = read_run(db, &check, err);
    if (failed == 0)
        failed = read_broken(db, &check, err);
    if (failed < 0)
        return failed;
    check.errors = check.broken.count + request->controls->problems.count;
    struct gl_facts_settled *settled = NULL;
    failed = gl_facts_settle(db, &settled, err);
    if (failed < 0)
        return failed;
    failed = judge_settled(settled, db, request, &check, err);
    int unsettled = gl_facts_unsettle(&settled, failed < 0 ? NULL : err);
    if (failed < 0 || unsettled < 0)
        return failed < 0 ? failed : unsettled;
    gl_check_conclude(&check);
    *ret_check = check;
    check = (struct gl_check){0};
    return 0;
}

/* ---- what blocks -------------------------------------------------------------------------------
 */

static bool counts_as_failure(const struct gl_finding *finding)
{
    return finding->status == GL_STATUS_FAIL && !finding->waived && !finding->known &&
           !finding->outside;
}

static bool any_failure(const struct gl_control_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        for (size_t k = 0; k < result->rules[i].count; k++) {
            if (counts_as_failure(&result->rules[i].findings[k]))
                return true;
        }
    }
    return false;
}

/* Something beside what was put off is unknown; or all of it was put off. */
static bool is_unknown(const struct gl_control_result *result)
{
    if (result->status == GL_STATUS_UNKNOWN)
        return true;
    for (size_t i = 0; i < result->count; i++) {
        const struct gl_rule_result *rule = &result->rules[i];
        for (size_t k = 0; !rule->deferred && k < rule->count; k++) {
            if (rule->findings[k].status == GL_STATUS_UNKNOWN && !rule->findings[k].waived)
                return true;
        }
    }
    return false;
}

/* A rule that cannot be run may hide any failure. */
static bool any_broken(const struct gl_control_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        if (gl_rule_is_broken(&result->rules[i]))
            return true;
    }
    return false;
}

static bool blocks(const struct gl_check *check, const struct gl_control_result *result)
{
    const struct gl_control *control = result->control;
    if (any_broken(result))
        return true;
    if (control->severity > GL_SEVERITY_LOW && any_failure(result))
        return true;
    return !check->since && control->severity >= GL_SEVERITY_HIGH &&
           control->judged <= check->stage && is_unknown(result);
}

static void count_findings(const struct gl_control_result *result, struct gl_check_counts *counts)
{
    for (size_t i = 0; i < result->count; i++) {
        for (size_t k = 0; k < result->rules[i].count; k++) {
            const struct gl_finding *finding = &result->rules[i].findings[k];
            counts->known += finding->known;
            counts->outside += finding->outside && finding->status == GL_STATUS_FAIL;
        }
    }
}

void gl_check_conclude(struct gl_check *check)
{
    struct gl_check_counts counts = {.mended = check->counts.mended};
    for (size_t i = 0; i < check->count; i++) {
        struct gl_control_result *result = &check->items[i];
        result->status = gl_control_verdict(result);
        result->blocks = blocks(check, result);
        counts.status[result->status]++;
        counts.blocking += result->blocks;
        counts.critical += result->blocks && result->control->severity == GL_SEVERITY_CRITICAL;
        counts.deferred += result->deferred;
        count_findings(result, &counts);
    }
    check->counts = counts;
}

/* ---- ownership ---------------------------------------------------------------------------------
 */

static void waiver_done(struct gl_waiver *waiver)
{
    char *texts[] = {waiver->control,     waiver->resource, waiver->reason, waiver->by,
                     waiver->approved_by, waiver->expires,  waiver->file,   waiver->flaw};
    for (size_t i = 0; i < GL_COUNT(texts); i++)
        free(texts[i]);
}

void gl_check_done(struct gl_check *check)
{
    free(check->app);
    free(check->env);
    free(check->platform);
    free(check->today);
    for (size_t i = 0; i < check->count; i++)
        gl_control_result_done(&check->items[i]);
    free(check->items);
    for (size_t i = 0; i < check->waiver_count; i++)
        waiver_done(&check->waivers[i]);
    free(check->waivers);
    gl_problems_done(&check->broken);
    *check = (struct gl_check){0};
}
