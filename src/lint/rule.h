/* A rule of the linter, and what it sees. One rule is one file below rules/, registered in
 * rules.c; the engine calls it for the nodes it names, never for others. */
#ifndef GL_LINT_RULE_H
#define GL_LINT_RULE_H

#include "lint/lint.h"
#include "lint/scan.h"
#include "lint/state.h"

/* What the file's transaction did so far. Files with -- no-transaction have none. */
struct gl_lint_transaction {
    struct gl_lint_names locked; /* relations of before that are locked AccessExclusive */
    size_t locked_at;            /* byte of the statement that took the first of these locks */
    size_t changed_at;           /* byte of the first DDL on something of before; SIZE_MAX = none */
};

/* A finding that holds only if at the end no index of the table begins with the columns. */
struct gl_lint_wish {
    const char *table; /* key */
    struct gl_lint_names columns;
};

/* Where the engine is: the database as it is before the statement, the statement, and, where it is
 * one of ALTER TABLE's commands, that. */
struct gl_lint_pass {
    const struct gl_lint_options *options;
    struct gl_lint_state *state;
    struct gl_lint_result *result;
    const struct gl_lint_rule *rule; /* that is asked */

    /* the file */
    const struct gl_lint_file *file;
    int file_index;
    const char *text;
    size_t len;
    bool no_transaction;
    bool batched; /* `-- golive: batch=`: the runner cuts its statement into batches */
    bool phase_declared;
    enum gl_phase phase; /* declared, or as the statements so far tell */
    size_t statements;   /* in the file */
    size_t counted;      /* bytes whose line ends were counted, */
    unsigned line;       /* and the line there, less one: findings come from front to end */
    const struct gl_lint_scan *scan;

    struct gl_lint_transaction *transaction;

    /* the statement */
    const PgQuery__Node *statement;
    size_t origin; /* byte of the file that the tree's places count from; see gl_lint_at() */
    const PgQuery__ParseResult *tree; /* that it is a part of, to look ahead */
    size_t tree_index;
    size_t begin, end; /* its bytes, without semicolon */
    bool nested;       /* it is in the block of a DO statement, whose bytes these are: */
    size_t outer_begin, outer_end;

    /* the relation that it is about; NULL = none, or never seen */
    const PgQuery__RangeVar *relation;
    struct gl_lint_table *table;

    /* one command of ALTER TABLE */
    const PgQuery__AlterTableCmd *command;
    size_t command_index;
    const PgQuery__ColumnDef *column;      /* ADD COLUMN, and columns of CREATE TABLE */
    const PgQuery__Constraint *constraint; /* ADD CONSTRAINT */
};

/* What a rule can be asked at besides nodes; beyond their numbers. */
enum gl_lint_event {
    GL_LINT_ON_FILE = 500,      /* before the first statement: pass->scan */
    GL_LINT_ON_STATEMENT = 501, /* every statement */
    GL_LINT_ON_FILE_END = 502,  /* after the last one */
};

/* A list without braces: clang-format would align those of a rule as if it were a table. */
#define GL_LINT_LIST(...)                                                                          \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

struct gl_lint_rule {
    struct gl_lint_about about;
    short on[8];        /* PG_QUERY__NODE__NODE_*: statements, COLUMN_DEF for each new column; or
                           enum gl_lint_event */
    short commands[16]; /* PG_QUERY__ALTER_TABLE_TYPE__*: commands of ALTER TABLE */
    void (*check)(struct gl_lint_pass *pass);
};

/* All, NULL-terminated, in the order of the documentation. */
extern const struct gl_lint_rule *const gl_lint_rules[];

/* ---- reporting ---------------------------------------------------------------------------------
 */

/* Adds a finding of the rule that is asked, about the command or statement. The pointer is good
 * until the next one. */
struct gl_lint_finding *gl_lint_report(struct gl_lint_pass *pass, const char *fmt, ...)
    gl_printf(2, 3);

/* The same at a byte of the file. */
struct gl_lint_finding *gl_lint_report_at(struct gl_lint_pass *pass, size_t at, const char *fmt,
                                          ...) gl_printf(3, 4);

/* The byte of the file that a `location` of the tree means. */
size_t gl_lint_at(const struct gl_lint_pass *pass, int32_t location);

/* Sets the safe form; printf. */
void gl_lint_safe(struct gl_lint_finding *finding, const char *fmt, ...) gl_printf(2, 3);

/* ---- questions that rules ask ------------------------------------------------------------------
 */

/* True if the relation was made in this transaction, or is temporary: nobody else sees it. */
bool gl_lint_is_own(const struct gl_lint_pass *pass, const PgQuery__RangeVar *relation);

/* "users" or "app.users", quoted where it must be; the caller owns it. */
char *gl_lint_relation(const PgQuery__RangeVar *relation);
/* An identifier, quoted where it must be; the caller owns it. */
char *gl_lint_quote(const char *name);
/* "a, b" of String or IndexElem nodes; the caller owns it. */
char *gl_lint_list(PgQuery__Node *const *names, size_t count);

/* The text of the statement, or of the command alone; the caller owns it. */
char *gl_lint_source(const struct gl_lint_pass *pass);
char *gl_lint_command_source(const struct gl_lint_pass *pass);
/* The text of the statement with another text in the command's place: comments around it stay. */
char *gl_lint_source_around(const struct gl_lint_pass *pass, const char *command);
/* The byte where the command begins, or the statement when there is no command. */
size_t gl_lint_command_at(const struct gl_lint_pass *pass);

/* The same statement with `word` put behind the keyword `after` (the first one of that spelling).
 */
char *gl_lint_source_with(const struct gl_lint_pass *pass, const char *after, const char *word);

/* Gives a finding about ADD CONSTRAINT its safe form: NOT VALID, then VALIDATE in a later file. A
 * foreign key of a partitioned table has that since PostgreSQL 18; before, the key of each
 * partition comes first, and --fix leaves it. */
void gl_lint_not_valid(const struct gl_lint_pass *pass, struct gl_lint_finding *finding);

/* Gives a finding its safe form: the statement alone in a no-transaction file. `by_hand`: why --fix
 * may not do that (N_(), static); NULL = it may. */
void gl_lint_alone(const struct gl_lint_pass *pass, struct gl_lint_finding *finding,
                   const char *statement, const char *by_hand);

/* What stands in front of the one statement of a file that runs outside of a transaction, or in
 * batches: lines, in the words of the tool whose file it is; static. */
const char *gl_lint_alone_mark(const struct gl_lint_pass *pass);
const char *gl_lint_batches(const struct gl_lint_pass *pass);

/* A constraint of a kind behind a column; NULL if it has none. */
const PgQuery__Constraint *gl_lint_column_constraint(const PgQuery__ColumnDef *column,
                                                     PgQuery__ConstrType kind);

/* Whether a new column has a value for the rows that are there, and for INSERTs that do not name
 * it.
 */
bool gl_lint_has_value(const PgQuery__ColumnDef *column);

/* The first function of an expression whose result may differ between rows, NULL if there is none.
 * ret_known: it is surely so, not only because the function is not known. */
const char *gl_lint_volatile(const struct gl_lint_pass *pass, const PgQuery__Node *expression,
                             bool *ret_known);

/* Why the statement breaks the version that is serving (static text, translated), NULL if it does
 * not. Looks at one command of ALTER TABLE if there is one. */
const char *gl_lint_breaks(const struct gl_lint_pass *pass);

#endif
