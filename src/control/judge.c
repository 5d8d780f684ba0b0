/* Runs the rules of a control, each once. */
#include "control/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "control/judge_internal.h"
#include "data/sqlite.h"

const char *const gl_status_words[] = {"not_applicable", "pass", "waived", "unknown", "fail", NULL};

static const char *const live_sources[] = {"aws", "endpoint", "github", NULL};

void gl_judge_open(struct gl_judge *judge, sqlite3 *db, bool live)
{
    *judge = (struct gl_judge){.db = db, .live = live, .limit_ms = GL_RULE_LIMIT_MS};
    gl_guard_set(judge);
    if (gl_sqlite_prepare(db, &judge->source, NULL,
                          "select state, reason from source where name = ?1", "") < 0)
        judge->source = NULL;
}

void gl_judge_close(struct gl_judge *judge)
{
    sqlite3_finalize(gl_steal(&judge->source));
    if (judge->db)
        gl_guard_clear(judge);
    judge->db = NULL;
}

/* ---- sources -----------------------------------------------------------------------------------
 */

static bool needs_live(const struct gl_rule *rule)
{
    for (size_t i = 0; i < rule->sources.count; i++) {
        if (gl_word_index(live_sources, rule->sources.items[i]) >= 0)
            return true;
    }
    return false;
}

/* Why the facts of a source are not there; NULL if they are. The caller owns it. */
static char *source_missing(struct gl_judge *judge, const char *source)
{
    sqlite3_stmt *stmt = judge->source;
    if (!stmt)
        return gl_asprintf("%s: %s", source, sqlite3_errmsg(judge->db));
    sqlite3_reset(stmt);
    sqlite3_bind_text(stmt, 1, source, -1, SQLITE_TRANSIENT);
    if (sqlite3_step(stmt) != SQLITE_ROW)
        return gl_asprintf(_("the facts of `%s` were not collected"), source);
    const char *state = gl_sqlite_text(stmt, 0);
    if (strcmp(state, "collected") == 0)
        return NULL;
    const char *reason = gl_sqlite_text(stmt, 1);
    return gl_asprintf("%s: %s", source, *reason ? reason : state);
}

/* ---- a rule ------------------------------------------------------------------------------------
 */

/* A second statement behind the first would never run: it is refused, not ignored. */
static bool has_more(sqlite3 *db, const char *tail)
{
    sqlite3_stmt *more = NULL;
    int code = sqlite3_prepare_v2(db, tail, -1, &more, NULL);
    bool any = code != SQLITE_OK || more;
    sqlite3_finalize(more);
    return any;
}

static void run_sql(struct gl_judge *judge, const struct gl_control *control,
                    struct gl_rule_result *result)
{
    gl_autostmt sqlite3_stmt *stmt = NULL;
    const char *tail = "";
    if (sqlite3_prepare_v2(judge->db, result->rule->sql, -1, &stmt, &tail) != SQLITE_OK) {
        gl_rule_failed(judge, control, result);
        return;
    }
    if (!stmt || sqlite3_column_count(stmt) == 0 || has_more(judge->db, tail)) {
        gl_rule_broken(control, result, gl_strdup(_("a rule is one SELECT")));
        return;
    }
    gl_rule_rows(judge, control, stmt, result);
}

static void run_rule(struct gl_judge *judge, const struct gl_control *control,
                     struct gl_rule_result *result)
{
    const struct gl_rule *rule = result->rule;
    if (needs_live(rule) && !judge->live) {
        result->deferred = true;
        gl_rule_unknown(result, gl_strdup(_("needs --live")));
        return;
    }
    for (size_t i = 0; i < rule->sources.count; i++) {
        char *missing = source_missing(judge, rule->sources.items[i]);
        if (missing) {
            gl_rule_unknown(result, missing);
            return;
        }
    }
    judge->reads = &result->reads;
    if (rule->sql)
        run_sql(judge, control, result);
    else if (gl_strv_has(&rule->sources, "attestation"))
        gl_rule_attested(judge, control, result);
    else
        gl_rule_unknown(result, gl_strdup(_("golive cannot judge this yet")));
}

static enum gl_status heaviest(const struct gl_rule_result *result)
{
    enum gl_status status = GL_STATUS_NOT_APPLICABLE;
    for (size_t i = 0; i < result->count; i++) {
        const struct gl_finding *finding = &result->findings[i];
        enum gl_status own = finding->waived ? GL_STATUS_WAIVED : finding->status;
        if (own > status)
            status = own;
    }
    return status;
}

/* ---- a control ---------------------------------------------------------------------------------
 */

enum gl_status gl_control_verdict(const struct gl_control_result *result)
{
    enum gl_status status = GL_STATUS_NOT_APPLICABLE;
    bool all_deferred = true;
    bool deferred_waived = true;
    for (size_t i = 0; i < result->count; i++) {
        struct gl_rule_result *rule = &result->rules[i];
        rule->status = heaviest(rule);
        if (rule->deferred) {
            deferred_waived = deferred_waived && rule->status == GL_STATUS_WAIVED;
            continue;
        }
        all_deferred = false;
        if (rule->status > status)
            status = rule->status;
    }
    if (all_deferred)
        return deferred_waived ? GL_STATUS_WAIVED : GL_STATUS_UNKNOWN;
    return status;
}

void gl_judge_control(struct gl_judge *judge, const struct gl_control *control,
                      struct gl_control_result *ret_result)
{
    struct gl_control_result result = {
        .control = control,
        .count = control->rule_count,
        .rules = gl_alloc(control->rule_count * sizeof *result.rules),
    };
    for (size_t i = 0; i < result.count; i++) {
        struct gl_rule_result *rule = &result.rules[i];
        int64_t begin_us = gl_guard_clock_us();
        rule->rule = &control->rules[i];
        judge->deadline_us = begin_us + judge->limit_ms * 1000;
        run_rule(judge, control, rule);
        judge->reads = NULL;
        gl_strv_sort(&rule->reads);
        rule->took_us = gl_guard_clock_us() - begin_us;
        result.took_us += rule->took_us;
        result.deferred += rule->deferred;
    }
    result.status = gl_control_verdict(&result);
    *ret_result = result;
}
