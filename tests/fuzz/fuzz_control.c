/* Files of controls: what is read is whole; what is refused says where and what to do. Rules of any
 * text are run, too, over empty facts: they may find nothing and change nothing. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/judge.h"
#include "data/sqlite.h"
#include "facts/facts.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Facts are opened once: every rule leaves them as they were. */
static sqlite3 *facts(void)
{
    static sqlite3 *db = NULL;
    static const char all_there[] =
        "insert into source values ('config', 'collected', null, 0), ('template', 'collected', "
        "null, 0), ('attestation', 'collected', null, 0), ('aws', 'collected', null, 0)";
    if (!db && (gl_facts_open(&db, NULL) < 0 || gl_sqlite_exec(db, all_there, NULL) < 0))
        abort();
    return db;
}

static void check_problems(const struct gl_problems *problems)
{
    if (problems->count == 0)
        abort();
    for (size_t i = 0; i < problems->count; i++) {
        const struct gl_error *problem = &problems->items[i];
        if (!problem->message || !problem->hint || !problem->file || problem->code != GL_E_CONFIG)
            abort();
    }
}

static void check_control(const struct gl_control *control)
{
    enum { LIMIT_MS = 20 };

    if (!control->id || !*control->id || !control->title || !control->rule_count ||
        control->phase < 0 || control->phase >= GL_PHASE_COUNT)
        abort();
    gl_autojudge struct gl_judge judge = {0};
    struct gl_control_result result = {0};
    sqlite3 *db = facts();
    int changes = sqlite3_total_changes(db);
    gl_judge_open(&judge, db, true);
    judge.limit_ms = LIMIT_MS;
    gl_judge_control(&judge, control, &result);
    if (result.count != control->rule_count || sqlite3_total_changes(db) != changes)
        abort();
    for (size_t i = 0; i < result.count; i++) {
        if (result.rules[i].count == 0)
            abort();
    }
    gl_control_result_done(&result);
}

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gl_control control = {0};
    gl_autoproblems struct gl_problems problems = {0};
    bool good = gl_control_parse((const char *)data, size, "controls/f.sql", &control, &problems);
    if (good)
        check_control(&control);
    if (!good || !gl_control_check_texts(&control, &problems))
        check_problems(&problems);
    gl_control_done(&control);
    return 0;
}
