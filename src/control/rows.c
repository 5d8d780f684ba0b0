/* The rows of a rule: columns by name, words of a status. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "control/judge_internal.h"
#include "data/sqlite.h"

enum column { RESOURCE, STATUS, REASON, SOURCE_FILE, LINE, EVIDENCE, COLUMNS };

static const char *const column_words[] = {"resource", "status",   "reason", "file",
                                           "line",     "evidence", NULL};

/* ---- what a rule came to -----------------------------------------------------------------------
 */

static void finding_done(struct gl_finding *finding)
{
    free(finding->resource);
    free(finding->reason);
    free(finding->file);
    free(finding->evidence);
}

static void drop_findings(struct gl_rule_result *result)
{
    for (size_t i = 0; i < result->count; i++)
        finding_done(&result->findings[i]);
    free(gl_steal(&result->findings));
    result->count = 0;
}

struct gl_finding *gl_finding_add(struct gl_rule_result *result, enum gl_status status)
{
    /* Grown by doubling: a rule may have thousands. */
    if ((result->count & (result->count - 1)) == 0)
        result->findings = gl_realloc_array(result->findings, result->count ? 2 * result->count : 1,
                                            sizeof *result->findings);
    struct gl_finding *added = &result->findings[result->count++];
    *added = (struct gl_finding){.status = status};
    return added;
}

void gl_rule_unknown(struct gl_rule_result *result, char *reason)
{
    drop_findings(result);
    gl_finding_add(result, GL_STATUS_UNKNOWN)->reason = reason;
}

/* At a line of the control's file. */
static void broken_at(const struct gl_control *control, struct gl_rule_result *result,
                      unsigned line, char *reason)
{
    gl_rule_unknown(result, reason);
    result->broken = true;
    result->findings[0].file = gl_strdup(control->file);
    result->findings[0].line = line;
}

/* Line of the rule: of its SQL, where it has some. */
static unsigned line_of(const struct gl_rule *rule)
{
    return rule->sql ? rule->sql_line : rule->line;
}

bool gl_rule_is_broken(const struct gl_rule_result *result)
{
    return result->broken && result->count && !result->findings[0].waived;
}

void gl_rule_broken(const struct gl_control *control, struct gl_rule_result *result, char *reason)
{
    broken_at(control, result, line_of(result->rule), reason);
}

/* Line of the control's file where SQLite met a mistake; its offsets count from the statement. */
static unsigned line_of_mistake(sqlite3 *db, const struct gl_rule *rule)
{
    int offset = sqlite3_error_offset(db);
    unsigned line = line_of(rule);
    for (int i = 0; i < offset && rule->sql && rule->sql[i]; i++)
        line += rule->sql[i] == '\n';
    return line;
}

void gl_rule_failed(struct gl_judge *judge, const struct gl_control *control,
                    struct gl_rule_result *result)
{
    int code = sqlite3_errcode(judge->db) & 0xff;
    char *reason = NULL;
    if (code == SQLITE_INTERRUPT)
        reason = gl_asprintf(_("the rule takes longer than %lld ms"), (long long)judge->limit_ms);
    else if (code == SQLITE_AUTH)
        reason = gl_strdup(_("a rule may only read facts"));
    else
        reason = gl_asprintf(_("the rule cannot be run: %s"), sqlite3_errmsg(judge->db));
    unsigned line = line_of_mistake(judge->db, result->rule);
    broken_at(control, result, line, reason);
}

/* ---- columns -----------------------------------------------------------------------------------
 */

/* Which column is which, -1 = absent. False after the rule was found broken. */
static bool map_columns(const struct gl_control *control, sqlite3_stmt *stmt, int places[COLUMNS],
                        struct gl_rule_result *result)
{
    for (int i = 0; i < COLUMNS; i++)
        places[i] = -1;
    for (int i = 0; i < sqlite3_column_count(stmt); i++) {
        const char *name = sqlite3_column_name(stmt, i);
        int column = gl_word_index(column_words, name);
        if (column < 0) {
            gl_rule_broken(control, result, gl_asprintf(_("a rule has no column `%s`"), name));
            return false;
        }
        places[column] = i;
    }

    static const enum column wanted[] = {RESOURCE, STATUS, REASON};

    for (size_t i = 0; i < GL_COUNT(wanted); i++) {
        if (places[wanted[i]] < 0) {
            gl_rule_broken(
                control, result,
                gl_asprintf(_("the rule lacks the column `%s`"), column_words[wanted[i]]));
            return false;
        }
    }
    return true;
}

/* Names of files may be anything; what is shown is UTF-8. */
static char *as_utf8(const char *text)
{
    size_t left = strlen(text);
    gl_autobuf struct gl_buf clean = {0};
    while (left > 0) {
        size_t good = gl_utf8_valid_prefix(text, left);
        gl_buf_add(&clean, text, good);
        if (good == left)
            break;
        gl_buf_puts(&clean, "\xef\xbf\xbd"); /* U+FFFD */
        text += good + 1;
        left -= good + 1;
    }
    return gl_buf_steal(&clean);
}

static char *text_at(sqlite3_stmt *stmt, int place)
{
    if (place < 0 || sqlite3_column_type(stmt, place) == SQLITE_NULL)
        return NULL;
    return as_utf8(gl_sqlite_text(stmt, place));
}

static unsigned line_at(sqlite3_stmt *stmt, int place)
{
    int64_t line = place < 0 ? 0 : sqlite3_column_int64(stmt, place);
    return line > 0 && line < INT32_MAX ? (unsigned)line : 0;
}

/* A waiver is not the rule's to give. */
static bool is_verdict(int status)
{
    return status >= 0 && status != GL_STATUS_WAIVED;
}

/* False after the rule was found broken. */
static bool keep_row(const struct gl_control *control, sqlite3_stmt *stmt,
                     const int places[COLUMNS], struct gl_rule_result *result)
{
    const char *word = gl_sqlite_text(stmt, places[STATUS]);
    int status = gl_word_index(gl_status_words, word);
    if (!is_verdict(status)) {
        gl_rule_broken(control, result,
                       gl_asprintf(_("`%s` is no status; there are pass, fail, unknown and "
                                     "not_applicable"),
                                   word));
        return false;
    }
    struct gl_finding *finding = gl_finding_add(result, (enum gl_status)status);
    finding->resource = text_at(stmt, places[RESOURCE]);
    finding->reason = text_at(stmt, places[REASON]);
    finding->file = text_at(stmt, places[SOURCE_FILE]);
    finding->line = line_at(stmt, places[LINE]);
    finding->evidence = text_at(stmt, places[EVIDENCE]);
    return true;
}

static int compare_texts(const char *left, const char *right)
{
    return strcmp(left ? left : "", right ? right : "");
}

static int by_place(const void *left, const void *right)
{
    const struct gl_finding *a = left;
    const struct gl_finding *b = right;
    int order = compare_texts(a->file, b->file);
    if (order == 0)
        order = (a->line > b->line) - (a->line < b->line);
    if (order == 0)
        order = compare_texts(a->resource, b->resource);
    if (order == 0)
        order = compare_texts(a->reason, b->reason);
    return order ? order : compare_texts(a->evidence, b->evidence);
}

/* How SQLite comes to the rows depends on its version and on how many facts there are; it must not
 * show. */
static void sort_findings(struct gl_rule_result *result)
{
    if (result->count)
        qsort(result->findings, result->count, sizeof *result->findings, by_place);
}

/* Many rules may have nothing; each is named as its file begins it. */
static void nothing_to_judge(const struct gl_control *control, struct gl_rule_result *result)
{
    gl_autofree char *sources = gl_strv_join(&result->rule->sources, ",");
    gl_rule_unknown(result, gl_asprintf(_("there was nothing to judge by the rule `%s %s` of %s"),
                                        sources, result->rule->name, control->id));
}

void gl_rule_rows(struct gl_judge *judge, const struct gl_control *control, sqlite3_stmt *stmt,
                  struct gl_rule_result *result)
{
    int places[COLUMNS];
    if (!map_columns(control, stmt, places, result))
        return;
    int step;
    while ((step = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (result->count == GL_RULE_ROWS_MAX) {
            gl_rule_broken(control, result,
                           gl_asprintf(_("the rule has more than %d rows"), GL_RULE_ROWS_MAX));
            return;
        }
        if (!keep_row(control, stmt, places, result))
            return;
    }
    if (step != SQLITE_DONE)
        gl_rule_failed(judge, control, result);
    else if (result->count == 0)
        nothing_to_judge(control, result);
    sort_findings(result);
}

/* ---- ownership ---------------------------------------------------------------------------------
 */

void gl_control_result_done(struct gl_control_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        drop_findings(&result->rules[i]);
        gl_strv_done(&result->rules[i].reads);
    }
    free(result->rules);
    *result = (struct gl_control_result){0};
}
