/* Mutants of the example's facts: each property of production and each value of golive.yaml that
 * some rule mentions is taken away, and is given weak values. A rule that mentions it must notice.
 *   SOURCE_ROOT=DIR mutants PROJECT [-v]
 * Prints TAP. A kind of value (a type's shape, a key's shape) survives when no rule notices it in
 * any of its places; then survivors.tsv says why, or a rule is too weak. -v shows all places. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "control/judge.h"
#include "data/sqlite.h"
#include "example.h"
#include "facts/facts.h"
#include "mention.h"
#include "survivors.h"

/* ---- rules -------------------------------------------------------------------------------------
 */

struct rule {
    const struct gl_control *control;
    const struct gl_rule *rule;
    struct mention mention;
    sqlite3_stmt *stmt;
    int status_column;
    size_t base[GL_STATUS_COUNT]; /* rows by status before anything is changed */
    clock_t took;                 /* for that */
};

struct run {
    sqlite3 *db;
    struct gl_controls controls;
    struct rule *rules;
    size_t rule_count;
    struct survivors survivors;
    bool verbose;
    size_t mutants;
    size_t noticed;
    size_t unexplained;
};

static void count_rows(struct rule *rule, size_t counts[GL_STATUS_COUNT])
{
    memset(counts, 0, GL_STATUS_COUNT * sizeof *counts);
    while (sqlite3_step(rule->stmt) == SQLITE_ROW) {
        int status =
            gl_word_index(gl_status_words, gl_sqlite_text(rule->stmt, rule->status_column));
        if (status >= 0)
            counts[status]++;
    }
    if (sqlite3_reset(rule->stmt) != SQLITE_OK) /* a mistake of the facts is noticed as unknown */
        counts[GL_STATUS_UNKNOWN]++;
}

static size_t sum_of(const size_t counts[GL_STATUS_COUNT])
{
    size_t sum = 0;
    for (size_t i = 0; i < GL_STATUS_COUNT; i++)
        sum += counts[i];
    return sum;
}

/* More fails, more is unknown, or nothing is left to judge. */
static bool is_worse(struct rule *rule)
{
    size_t now[GL_STATUS_COUNT];
    count_rows(rule, now);
    return now[GL_STATUS_FAIL] > rule->base[GL_STATUS_FAIL] ||
           now[GL_STATUS_UNKNOWN] > rule->base[GL_STATUS_UNKNOWN] ||
           (sum_of(now) == 0 && sum_of(rule->base) > 0);
}

static void add_rule(struct run *run, const struct gl_control *control, const struct gl_rule *from)
{
    gl_autoerr struct gl_error err = {0};
    struct rule rule = {.control = control, .rule = from, .status_column = -1};
    must(gl_sqlite_prepare(run->db, &rule.stmt, &err, from->sql, ""), &err);
    for (int i = 0; i < sqlite3_column_count(rule.stmt); i++) {
        if (strcmp(sqlite3_column_name(rule.stmt, i), "status") == 0)
            rule.status_column = i;
    }
    mention_read(&rule.mention, from->sql);
    clock_t begin = clock();
    count_rows(&rule, rule.base);
    rule.took = clock() - begin;
    run->rules = gl_realloc_array(run->rules, run->rule_count + 1, sizeof *run->rules);
    run->rules[run->rule_count++] = rule;
}

/* The quick ones first: the first that notices is enough. */
static int by_time(const void *left, const void *right)
{
    const struct rule *a = left;
    const struct rule *b = right;
    return (a->took > b->took) - (a->took < b->took);
}

static void add_rules(struct run *run)
{
    for (size_t i = 0; i < run->controls.count; i++) {
        const struct gl_control *control = &run->controls.items[i];
        for (size_t k = 0; k < control->rule_count; k++) {
            if (control->rules[k].sql)
                add_rule(run, control, &control->rules[k]);
        }
    }
    qsort(run->rules, run->rule_count, sizeof *run->rules, by_time);
    for (size_t i = 0; run->verbose && i < run->rule_count; i++)
        printf("# %s %s: %.2f ms\n", run->rules[i].control->id, run->rules[i].rule->name,
               (double)run->rules[i].took * 1000 / CLOCKS_PER_SEC);
}

/* ---- mutants -----------------------------------------------------------------------------------
 */

/* What is changed: one row of `property` or `config`. Columns of the statement that lists them. */
enum column { ROWID, TYPE, SHAPE, PATH, PARENT, NAME, VALUE, KIND, RESOURCE };

enum mutation { REMOVED, CHANGED, MUTATIONS };

static const char *const mutation_words[] = {"removed", "changed", NULL};

struct target {
    const char *table;
    const char *rows; /* ordered by type and shape */
    bool (*is_mentioned)(const struct mention *mention, sqlite3_stmt *row);
    /* Rules that are asked as well where others mention the row; NULL = none. */
    bool (*is_reached)(const struct mention *mention, sqlite3_stmt *row);
    const char *remove;
    const char *change; /* ?1 rowid, ?2 value */
    /* Each mutation has to be noticed; else one is enough: golive.yaml has a schema, which refuses
     * most of what is tried here before any rule is asked. */
    bool each;
};

/* A group of rows of the same type and shape. */
struct group {
    char *type;
    char *shape;
    bool tried[MUTATIONS];
    bool noticed[MUTATIONS];
    char *place; /* of a mutant that nobody noticed */
};

static const char *column(sqlite3_stmt *row, enum column which)
{
    return gl_sqlite_text(row, (int)which);
}

static bool property_is_mentioned(const struct mention *mention, sqlite3_stmt *row)
{
    return mention_has_property(mention, column(row, TYPE), column(row, PATH), column(row, SHAPE));
}

static bool property_is_reached(const struct mention *mention, sqlite3_stmt *row)
{
    return mention_may_reach(mention, column(row, PATH), column(row, SHAPE));
}

static bool config_is_mentioned(const struct mention *mention, sqlite3_stmt *row)
{
    return mention_has_config(mention, column(row, PATH), column(row, SHAPE), column(row, PARENT));
}

static const struct target targets[] = {
    {"property",
     "select p.rowid, r.type, p.shape, p.path, p.parent, p.name, p.value, p.kind, p.resource"
     " from property p join resource r on r.id = p.resource join run on run.env = r.env"
     " where p.value is not null order by r.type, p.shape, p.rowid",                   property_is_mentioned, property_is_reached, "delete from property where rowid = ?1",
     "update property set value = ?2, target = null, attribute = null, known = 1"
     " where rowid = ?1 and (value is not ?2 or target is not null)",     true },
    {"config",
     "select c.rowid, '-', c.shape, c.key, c.parent, c.name, c.value, c.kind, 'golive.yaml'"
     " from config c join run on run.env = c.env"
     " where c.origin <> 'default' and c.value is not null order by c.shape, c.rowid", config_is_mentioned,   NULL,                "delete from config where rowid = ?1",
     "update config set value = ?2 where rowid = ?1 and value is not ?2", false},
};

static bool is_number(const char *text)
{
    return *text && text[strspn(text, "0123456789.")] == '\0' &&
           strchr(text, '.') == strrchr(text, '.');
}

/* Names whose weak value is a word of its own. */
static const struct {
    const char *name;
    const char *value;
} own_values[] = {
    {"Effect",            "Allow"                                      },
    {"ManagedPolicyArns", "arn:aws:iam::aws:policy/AdministratorAccess"},
    {"User",              "0"                                          },
};

static bool has_own_value(const char *name, struct gl_strv *values)
{
    for (size_t i = 0; i < GL_COUNT(own_values); i++) {
        if (strcmp(own_values[i].name, name) == 0)
            gl_strv_add(values, own_values[i].value);
    }
    return values->count > 0;
}

static bool is_address(const char *name)
{
    return strncasecmp(name, "cidr", 4) == 0 || gl_ends_with(name, "_cidr") ||
           strcmp(name, "reserved_cidrs") == 0;
}

/* Values that ask for less or open more than what is there. */
static void weak_values(sqlite3_stmt *row, struct gl_strv *values)
{
    const char *name = column(row, NAME);
    const char *value = column(row, VALUE);
    if (has_own_value(name, values))
        return;
    if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0) {
        gl_strv_add(values, *value == 't' ? "false" : "true");
    } else if (is_number(value)) {
        double number = strtod(value, NULL);
        gl_strv_addf(values, "%g", number / 100);
        gl_strv_addf(values, "%.0f", number == 0 ? 1e6 : number * 100);
    } else {
        gl_strv_add(values, is_address(name) ? "0.0.0.0/0" : "*");
        gl_strv_add(values, "Other");
        gl_strv_add(values, "");
    }
}

static bool is_noticed(const struct run *run, const size_t *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_worse(&run->rules[rules[i]]))
            return true;
    }
    return false;
}

/* Runs the statement inside of a savepoint and asks the rules. */
static bool mutate(struct run *run, const char *sql, int64_t rowid, const char *value,
                   const size_t *rules, size_t count)
{
    gl_autoerr struct gl_error err = {0};
    must(gl_sqlite_exec(run->db, "savepoint mutant", &err), &err);
    must(gl_sqlite_run(run->db, &err, sql, value ? "it" : "i", rowid, value), &err);
    bool noticed = is_noticed(run, rules, count);
    must(gl_sqlite_exec(run->db, "rollback to mutant; release mutant", &err), &err);
    return noticed;
}

/* Ways to mutate the row that a rule noticed (1) or none did (0); -1 = there is no way. */
static int mutate_as(struct run *run, const struct target *target, sqlite3_stmt *row,
                     enum mutation mutation, const size_t *rules, size_t count)
{
    int64_t rowid = sqlite3_column_int64(row, ROWID);
    if (mutation == REMOVED)
        return mutate(run, target->remove, rowid, NULL, rules, count);
    gl_autostrv struct gl_strv values = {0};
    weak_values(row, &values);
    int noticed = -1;
    for (size_t i = 0; i < values.count && noticed != 1; i++) {
        if (strcmp(values.items[i], column(row, VALUE)) != 0)
            noticed = mutate(run, target->change, rowid, values.items[i], rules, count);
    }
    return noticed;
}

/* What was noticed in one place need not be tried in others, unless all are to be shown. */
static void mutate_row(struct run *run, const struct target *target, sqlite3_stmt *row,
                       const size_t *rules, size_t count, struct group *group)
{
    for (int i = 0; i < MUTATIONS; i++) {
        if (!run->verbose && group->noticed[i])
            continue;
        int noticed = mutate_as(run, target, row, (enum mutation)i, rules, count);
        if (noticed < 0)
            continue;
        run->mutants++;
        run->noticed += noticed > 0;
        group->tried[i] = true;
        group->noticed[i] = group->noticed[i] || noticed;
        if (!noticed && run->verbose)
            printf("#   %s %s: %s %s, %s\n", column(row, TYPE), column(row, SHAPE),
                   column(row, RESOURCE), column(row, PATH), mutation_words[i]);
    }
    if (!group->place)
        group->place =
            gl_asprintf("%s %s = %s", column(row, RESOURCE), column(row, PATH), column(row, VALUE));
}

/* ---- groups ------------------------------------------------------------------------------------
 */

static void report(struct run *run, const struct target *target, const struct group *group,
                   const char *mutation)
{
    if (survivors_explain(&run->survivors, target->table, group->type, group->shape, mutation)) {
        if (run->verbose)
            printf("# explained: %s\t%s\t%s\t%s\n", target->table, group->type, group->shape,
                   mutation);
        return;
    }
    run->unexplained++;
    printf("# nobody notices: %s\t%s\t%s\t%s\t(%s)\n", target->table, group->type, group->shape,
           mutation, group->place);
}

static void end_group(struct run *run, const struct target *target, struct group *group)
{
    if (group->type && !target->each && !group->noticed[REMOVED] && !group->noticed[CHANGED])
        report(run, target, group, "any");
    for (size_t i = 0; group->type && target->each && i < MUTATIONS; i++) {
        if (group->tried[i] && !group->noticed[i])
            report(run, target, group, mutation_words[i]);
    }
    free(group->type);
    free(group->shape);
    free(group->place);
    *group = (struct group){0};
}

static void begin_group(struct group *group, sqlite3_stmt *row)
{
    group->type = gl_strdup(column(row, TYPE));
    group->shape = gl_strdup(column(row, SHAPE));
}

static bool is_of_group(const struct group *group, sqlite3_stmt *row)
{
    return group->type && strcmp(group->type, column(row, TYPE)) == 0 &&
           strcmp(group->shape, column(row, SHAPE)) == 0;
}

/* The rules to ask about a row; none unless one is about it. The caller owns the list. */
static size_t *rules_of(const struct run *run, const struct target *target, sqlite3_stmt *row,
                        size_t *ret_count)
{
    size_t *rules = gl_alloc((run->rule_count + 1) * sizeof *rules);
    size_t count = 0;
    bool mentioned = false;
    for (size_t i = 0; i < run->rule_count; i++) {
        const struct mention *mention = &run->rules[i].mention;
        bool direct = target->is_mentioned(mention, row);
        mentioned = mentioned || direct;
        if (direct || (target->is_reached && target->is_reached(mention, row)))
            rules[count++] = i;
    }
    *ret_count = mentioned ? count : 0;
    return rules;
}

static void run_row(struct run *run, const struct target *target, sqlite3_stmt *row,
                    struct group *group)
{
    size_t count = 0;
    gl_autofree size_t *rules = rules_of(run, target, row, &count);
    if (count == 0)
        return;
    if (!is_of_group(group, row)) {
        end_group(run, target, group);
        begin_group(group, row);
    }
    mutate_row(run, target, row, rules, count, group);
}

/* The rows are listed from a copy: what is changed must not be what is being read. */
static void run_target(struct run *run, const struct target *target, size_t number)
{
    gl_autoerr struct gl_error err = {0};
    gl_autostmt sqlite3_stmt *row = NULL;
    struct group group = {0};
    run->mutants = run->noticed = run->unexplained = 0;
    gl_autofree char *copy =
        gl_asprintf("create temp table mutant_%s as %s", target->table, target->rows);
    gl_autofree char *list = gl_asprintf("select * from mutant_%s", target->table);
    must(gl_sqlite_exec(run->db, copy, &err), &err);
    must(gl_sqlite_prepare(run->db, &row, &err, list, ""), &err);
    int step;
    while ((step = gl_sqlite_step(row, &err)) == 1)
        run_row(run, target, row, &group);
    must(step, &err);
    end_group(run, target, &group);
    printf("%sok %zu - %s: %zu of %zu mutants are noticed, every kind of them or it is explained\n",
           run->unexplained || run->noticed == 0 ? "not " : "", number, target->table, run->noticed,
           run->mutants);
}

static bool run_explained(const struct run *run, size_t number)
{
    bool good = true;
    for (size_t i = 0; i < run->survivors.count; i++) {
        const struct survivor *survivor = &run->survivors.items[i];
        if (survivor->met)
            continue;
        good = false;
        gl_autofree char *line = gl_strv_join(&survivor->columns, " ");
        printf("# is noticed by now, or mentioned no longer: %s\n", line);
    }
    printf("%sok %zu - every explained survivor still survives\n", good ? "" : "not ", number);
    return good;
}

int main(int count, char **words)
{
    struct run run = {0};
    gl_autoerr struct gl_error err = {0};
    if (!getenv("SOURCE_ROOT") || count < 2) {
        fputs("usage: SOURCE_ROOT=DIR mutants PROJECT [-v]\n", stderr);
        return 2;
    }
    run.verbose = count > 2 && strcmp(words[2], "-v") == 0;
    gl_i18n_init();
    gl_autofree char *list = gl_asprintf("%s/tests/control/survivors.tsv", getenv("SOURCE_ROOT"));
    survivors_read(list, &run.survivors);
    must(gl_controls_load(NULL, &run.controls, &err), &err);
    run.db = example_open(words[1], "prod");
    add_rules(&run);
    bool good = true;
    for (size_t i = 0; i < GL_COUNT(targets); i++) {
        run_target(&run, &targets[i], i + 1);
        good = good && run.unexplained == 0 && run.noticed > 0;
    }
    good = run_explained(&run, GL_COUNT(targets) + 1) && good;
    printf("1..%zu\n", GL_COUNT(targets) + 1);
    for (size_t i = 0; i < run.rule_count; i++) {
        mention_done(&run.rules[i].mention);
        sqlite3_finalize(run.rules[i].stmt);
    }
    free(run.rules);
    survivors_done(&run.survivors);
    gl_controls_done(&run.controls);
    gl_facts_close(&run.db);
    return good ? 0 : 1;
}
