/* Runs every control over its fixtures, and asks of each control what docs/controls.md asks:
 * run_fixtures [-v] [ID...]. Without ids, all. -v shows what the rules said. Prints TAP; a control
 * is a test. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "checklist.h"
#include "data/sqlite.h"
#include "example.h"
#include "facts/facts.h"
#include "fixture.h"

/* Items of the checklist that may still lack a control. */
enum { MISSING_ALLOWED = 0 };

struct run {
    sqlite3 *example;
    sqlite3 *empty;
    struct gl_controls controls;
    struct checklist checklist;
    bool verbose;
    size_t failed;
    size_t rules; /* that were run */
    int64_t took_us;
    struct gl_strv problems; /* of the running control */
};

/* ---- facts to begin with -----------------------------------------------------------------------
 */

static void open_empty(struct run *run)
{
    gl_autoerr struct gl_error err = {0};
    must(gl_facts_open(&run->empty, &err), &err);
    must(gl_sqlite_run(run->empty, &err,
                       "insert into run values ('glanceflow', 'prod', 'aws', '333333333333', "
                       "'ap-northeast-1', ?1, date(?1, 'unixepoch'))",
                       "i", (int64_t)EXAMPLE_NOW_UNIX_S),
         &err);
    example_add_sources(run->empty, "collected");
}

/* ---- what is wrong with a control --------------------------------------------------------------
 */

static void problem(struct run *run, const char *fmt, ...) gl_printf(2, 3);

static void problem(struct run *run, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    gl_strv_take(&run->problems, gl_vasprintf(fmt, args));
    va_end(args);
}

static void same(struct run *run, const char *what, const char *have, const char *want)
{
    if (!have || strcmp(have, want) != 0)
        problem(run, "%s is `%s`; the checklist has `%s`", what, have ? have : "", want);
}

static void check_attest(struct run *run, const struct gl_control *control,
                         const struct gl_strv *item)
{
    const char *const *row = (const char *const *)item->items;
    bool required = strcmp(row[ITEM_ATTEST], "required") == 0;
    const struct gl_attest *attest = &control->attest;
    if (strcmp(row[ITEM_ATTEST], "-") == 0 && attest->role)
        problem(run, "nobody has to attest it");
    if (!attest->role && required)
        problem(run, "the header has no attest: role=%s valid_days=%s binds=%s", row[ITEM_ROLE],
                row[ITEM_VALID_DAYS], row[ITEM_BINDS]);
    if (!attest->role || strcmp(row[ITEM_ATTEST], "-") == 0)
        return;
    gl_autofree char *days = gl_asprintf("%ld", attest->valid_days);
    same(run, "attest role", attest->role, row[ITEM_ROLE]);
    same(run, "attest valid_days", days, row[ITEM_VALID_DAYS]);
    same(run, "attest binds", attest->binds, row[ITEM_BINDS]);
    if (!control->question || !control->question_ja)
        problem(run, "the header has no question or no question.ja");
}

static void check_header(struct run *run, const struct gl_control *control)
{
    const struct gl_strv *item = checklist_find(&run->checklist, control->id);
    if (!item) {
        problem(run, "the checklist has no item %s", control->id);
        return;
    }
    char *const *row = item->items;
    gl_autofree char *phase = gl_asprintf("%d", control->phase);
    same(run, "title", control->title, row[ITEM_EN]);
    same(run, "title.ja", control->title_ja, row[ITEM_JA]);
    same(run, "phase", phase, row[ITEM_PHASE]);
    same(run, "judged", gl_stage_words[control->judged], row[ITEM_JUDGED]);
    same(run, "severity", gl_severity_words[control->severity], row[ITEM_SEVERITY]);
    if (!control->remedy || !control->remedy_ja)
        problem(run, "the header has no remedy or no remedy.ja");
    gl_autofree char *beginning = gl_asprintf("%s-", control->id);
    if (!gl_starts_with(gl_path_base(control->file), beginning))
        problem(run, "%s: its name does not begin with its id", control->file);
    check_attest(run, control, item);
}

/* ---- a fixture ---------------------------------------------------------------------------------
 */

/* "NAME", or "SOURCE:NAME" where a template and the account are asked by the same name. */
static bool is_called(const struct gl_rule *rule, const char *name)
{
    const char *colon = strchr(name, ':');
    if (!colon)
        return strcmp(rule->name, name) == 0;
    gl_autofree char *source = gl_strndup(name, (size_t)(colon - name));
    return strcmp(rule->name, colon + 1) == 0 && gl_strv_has(&rule->sources, source);
}

static const struct gl_rule_result *rule_of(const struct gl_control_result *result,
                                            const char *name)
{
    for (size_t i = 0; i < result->count; i++) {
        if (is_called(result->rules[i].rule, name))
            return &result->rules[i];
    }
    return NULL;
}

static void show_rows(const struct gl_rule_result *rule)
{
    for (size_t i = 0; i < rule->count; i++) {
        const struct gl_finding *row = &rule->findings[i];
        printf("#     %-14s %s: %s  %s:%u %s\n", gl_status_words[row->status],
               row->resource ? row->resource : "", row->reason ? row->reason : "",
               row->file ? row->file : "", row->line, row->evidence ? row->evidence : "");
    }
}

static void compare(struct run *run, const struct gl_control *control,
                    const struct fixture *fixture, const struct gl_control_result *result)
{
    for (size_t i = 0; i < fixture->count; i++) {
        const struct expected *expected = &fixture->expected[i];
        const struct gl_rule_result *rule = rule_of(result, expected->rule);
        if (!rule) {
            problem(run, "%s: there is no rule `%s`", fixture->name, expected->rule);
            continue;
        }
        if (run->verbose) {
            printf("#   %s: %s %s\n", fixture->name, expected->rule, gl_status_words[rule->status]);
            show_rows(rule);
        }
        if (rule->status != expected->status) {
            problem(run, "%s: rule %s is %s, expected %s", fixture->name, expected->rule,
                    gl_status_words[rule->status], gl_status_words[expected->status]);
            if (!run->verbose)
                show_rows(rule);
        }
    }
    for (size_t i = 0; i < result->count; i++) {
        /* It is unknown, and must not pass for one that lacks facts. */
        if (result->rules[i].broken)
            problem(run, "%s: %s:%u: rule %s: %s", fixture->name, control->file,
                    result->rules[i].findings[0].line, result->rules[i].rule->name,
                    result->rules[i].findings[0].reason);
    }
}

static void run_fixture(struct run *run, const struct gl_control *control,
                        const struct fixture *fixture)
{
    gl_autoerr struct gl_error err = {0};
    sqlite3 *db = fixture->empty ? run->empty : run->example;
    if (fixture->mistake) {
        problem(run, "%s: %s", fixture->name, fixture->mistake);
        return;
    }
    must(gl_sqlite_exec(db, "savepoint fixture", &err), &err);
    if (gl_sqlite_exec(db, fixture->sql, &err) < 0) {
        problem(run, "%s: %s", fixture->name, err.message);
    } else {
        gl_autojudge struct gl_judge judge = {0};
        struct gl_control_result result = {0};
        gl_judge_open(&judge, db, true);
        gl_judge_control(&judge, control, &result);
        run->rules += result.count;
        run->took_us += result.took_us;
        compare(run, control, fixture, &result);
        gl_control_result_done(&result);
    }
    must(gl_sqlite_exec(db, "rollback to fixture; release fixture", &err), &err);
}

/* Every rule is run once whether a fixture asks for it or not, so that mistakes in SQL show. */
static void run_example(struct run *run, const struct gl_control *control)
{
    static char name[] = "(example)";
    static char all_there[] = "update source set state = 'collected'";
    struct fixture fixture = {.name = name, .sql = all_there};
    run_fixture(run, control, &fixture);
}

/* ---- a control ---------------------------------------------------------------------------------
 */

static bool expects(const struct fixtures *fixtures, const struct gl_rule *rule,
                    enum gl_status status)
{
    for (size_t i = 0; i < fixtures->count; i++) {
        for (size_t k = 0; k < fixtures->items[i].count; k++) {
            const struct expected *expected = &fixtures->items[i].expected[k];
            if (is_called(rule, expected->rule) && expected->status == status)
                return true;
        }
    }
    return false;
}

static bool is_judged(const struct gl_rule *rule)
{
    return rule->sql || gl_strv_has(&rule->sources, "attestation");
}

static void check_completeness(struct run *run, const struct gl_control *control,
                               const struct fixtures *fixtures)
{
    static const enum gl_status wanted[] = {GL_STATUS_PASS, GL_STATUS_FAIL, GL_STATUS_UNKNOWN};

    for (size_t i = 0; i < control->rule_count; i++) {
        gl_autobuf struct gl_buf lacks = {0};
        for (size_t k = 0; is_judged(&control->rules[i]) && k < GL_COUNT(wanted); k++) {
            if (!expects(fixtures, &control->rules[i], wanted[k]))
                gl_buf_printf(&lacks, " %s", gl_status_words[wanted[k]]);
        }
        if (lacks.len)
            problem(run, "rule %s: no fixture expects:%s", control->rules[i].name,
                    gl_buf_text(&lacks));
    }
}

static void run_control(struct run *run, const struct gl_control *control, size_t number)
{
    gl_autofree char *dir = gl_asprintf("%s/tests/control/%s", getenv("SOURCE_ROOT"), control->id);
    struct fixtures fixtures = {0};
    fixtures_read(dir, &fixtures);
    check_header(run, control);
    check_completeness(run, control, &fixtures);
    run_example(run, control);
    for (size_t i = 0; i < fixtures.count; i++)
        run_fixture(run, control, &fixtures.items[i]);
    for (size_t i = 0; i < run->problems.count; i++)
        printf("# %s: %s\n", control->id, run->problems.items[i]);
    printf("%sok %zu - %s, %zu rules, %zu fixtures\n", run->problems.count ? "not " : "", number,
           control->id, control->rule_count, fixtures.count);
    run->failed += run->problems.count > 0;
    gl_strv_done(&run->problems);
    run->problems = (struct gl_strv){0};
    fixtures_done(&fixtures);
}

/* ---- all of them -------------------------------------------------------------------------------
 */

static size_t count_missing(const struct run *run)
{
    size_t missing = 0;
    for (size_t i = 0; i < run->checklist.count; i++) {
        const char *id = run->checklist.rows[i].items[ITEM_ID];
        if (gl_controls_find(&run->controls, id))
            continue;
        missing++;
        printf("# %s has no control\n", id);
    }
    return missing;
}

static void run_catalog(struct run *run, size_t number)
{
    size_t missing = count_missing(run);
    for (size_t i = 0; i < run->controls.problems.count; i++) {
        const struct gl_error *mistake = &run->controls.problems.items[i];
        printf("# %s:%u:%u: %s; %s\n", mistake->file, mistake->line, mistake->column,
               mistake->message, mistake->hint ? mistake->hint : "");
    }
    bool good = missing <= MISSING_ALLOWED && run->controls.problems.count == 0;
    printf("%sok %zu - every item of the checklist has a control (%zu of %d are missing)\n",
           good ? "" : "not ", number, missing, CHECKLIST_ITEMS);
    run->failed += !good;
}

static void load(struct run *run, const char *project)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *list = gl_asprintf("%s/data/checklist.tsv", getenv("SOURCE_ROOT"));
    checklist_read(list, &run->checklist);
    must(gl_controls_load(NULL, &run->controls, &err), &err);
    open_empty(run);
    run->example = example_open(project, "prod");
}

static bool wanted(const struct gl_strv *ids, const char *id)
{
    for (size_t i = 0; i < ids->count; i++) {
        if (gl_control_selected(id, ids->items[i]))
            return true;
    }
    return ids->count == 0;
}

int main(int count, char **words)
{
    struct run run = {0};
    gl_autostrv struct gl_strv ids = {0};
    if (!getenv("SOURCE_ROOT") || count < 2) {
        fputs("usage: SOURCE_ROOT=DIR run_fixtures PROJECT [-v] [ID...]\n", stderr);
        return 2;
    }
    for (int i = 2; i < count; i++) {
        if (strcmp(words[i], "-v") == 0)
            run.verbose = true;
        else
            gl_strv_add(&ids, words[i]);
    }
    gl_i18n_init();
    load(&run, words[1]);
    size_t number = 0;
    for (size_t i = 0; i < run.controls.count; i++) {
        if (wanted(&ids, run.controls.items[i].id))
            run_control(&run, &run.controls.items[i], ++number);
    }
    run_catalog(&run, ++number);
    printf("1..%zu\n# %zu runs of rules took %.1f ms of processor time\n", number, run.rules,
           (double)run.took_us / 1000);
    gl_controls_done(&run.controls);
    checklist_done(&run.checklist);
    gl_facts_close(&run.example);
    gl_facts_close(&run.empty);
    return run.failed ? 1 : 0;
}
