/* One file: its text, its statements, its transaction. */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "lint/block.h"
#include "lint/engine.h"
#include "lint/rules.h"
#include "migrate/header.h"
#include "migrate/sqltext.h"

enum {
    DEEPEST = 40000,          /* levels of a tree that the stack of run.c has room for */
    WHOLE_TOKENS = 50000,     /* larger files are parsed statement by statement */
    BLOCK_TOKENS = 5000,      /* of a statement in a DO block; deeper than DEEPEST it cannot be */
    STATEMENT_TOKENS = 150000 /* larger ones are data: a token takes about 200 bytes of memory */
};

static struct gl_lint_pass pass_of(const struct gl_lint_run *run, const struct gl_lint_file *file,
                                   int index)
{
    return (struct gl_lint_pass){
        .options = run->options,
        .state = run->state,
        .result = run->result,
        .file = file,
        .file_index = index,
        .text = "",
    };
}

void gl_lint_file_too_large(const struct gl_lint_run *run, const struct gl_lint_file *file,
                            size_t bytes)
{
    struct gl_lint_pass pass = pass_of(run, file, 0);
    pass.rule = &gl_lint_rule_not_judged;
    gl_lint_report_at(&pass, 0, _("a file of %zu MiB is not judged: it holds data"), bytes >> 20);
    run->result->files++;
}

void gl_lint_file_unreadable(const struct gl_lint_run *run, const struct gl_lint_file *file,
                             const char *why)
{
    struct gl_lint_pass pass = pass_of(run, file, 0);
    pass.rule = &gl_lint_rule_unreadable_file;
    gl_lint_report_at(&pass, 0, "%s", why);
    run->result->files++;
}

/* ---- the text ----------------------------------------------------------------------------------
 */

/* False if the file holds no text that could be judged. */
static bool check_bytes(struct gl_lint_pass *pass)
{
    size_t valid = gl_utf8_valid_prefix(pass->text, pass->len);
    const char *nul = memchr(pass->text, '\0', pass->len);
    pass->rule = &gl_lint_rule_unreadable_file;
    if (valid == pass->len && !nul)
        return true;
    size_t zero = nul ? (size_t)(nul - pass->text) : pass->len;
    bool wide = pass->len >= 2 &&
                (memcmp(pass->text, "\xFF\xFE", 2) == 0 || memcmp(pass->text, "\xFE\xFF", 2) == 0);
    if (wide)
        gl_lint_report_at(pass, 0, _("the file is UTF-16, which no tool of migrations reads"));
    else if (valid < zero)
        gl_lint_report_at(pass, valid, _("the file is not valid UTF-8 from here on"));
    else
        gl_lint_report_at(pass, zero, _("the file holds a NUL byte"));
    return false;
}

static void read_header(struct gl_lint_pass *pass)
{
    gl_autoerr struct gl_error err = {0};
    gl_automigrationheader struct gl_migration_header header = {0};
    pass->rule = &gl_lint_rule_header_comment;
    if (gl_migration_header_read(pass->text, pass->file->path, &header, &err) < 0) {
        size_t at = 0;
        for (unsigned line = 1; line < err.line; line++)
            at += strcspn(pass->text + at, "\n") + 1;
        struct gl_lint_finding *finding = gl_lint_report_at(pass, at, "%s", err.message);
        if (err.hint)
            gl_lint_safe(finding, "-- %s", err.hint);
    }
    pass->batched = header.batch > 0;
    pass->phase_declared = header.phase != NULL;
    if (header.phase && strcmp(header.phase, "contract") == 0)
        pass->phase = GL_PHASE_CONTRACT;
}

/* ---- statements --------------------------------------------------------------------------------
 */

struct judging {
    const struct gl_lint_run *run;
    struct gl_lint_pass *pass;
};

/* Leaves out the space and the comments around a statement. */
static bool set_range(struct gl_lint_pass *pass, size_t begin, size_t end)
{
    struct gl_sql_scanner scanner = {pass->text, end, begin};
    struct gl_sql_token token = gl_sql_next(&scanner);
    while (token.kind == GL_SQL_COMMENT)
        token = gl_sql_next(&scanner);
    if (token.kind == GL_SQL_END)
        return false;
    pass->begin = (size_t)(token.text - pass->text);
    while (end > pass->begin && strchr(" \t\r\n;", pass->text[end - 1]))
        end--;
    pass->end = end;
    return true;
}

/* The first reason decides which phase a file without a word about it has. */
static void infer_phase(struct gl_lint_pass *pass)
{
    struct gl_lint_result *result = pass->result;
    const char *reason = result->contracts ? NULL : gl_lint_breaks(pass);
    if (!reason)
        return;
    unsigned line = gl_sql_line(pass->text, pass->begin);
    result->contracts = gl_asprintf(_("line %u %s"), line, reason);
    if (pass->phase_declared)
        return;
    pass->phase = GL_PHASE_CONTRACT;
    gl_strv_addf(&result->notes,
                 _("%s:%u: the file contracts, because it %s; it runs one release later. "
                   "`-- golive: phase=contract` at its top says so"),
                 pass->file->path, line, reason);
}

static void count(struct gl_lint_pass *pass)
{
    pass->statements++;
    pass->result->statements++;
}

/* Its nodes go with the arena, and findings of the file itself look at what is still there. */
static void forget_statement(struct gl_lint_pass *pass)
{
    pass->statement = NULL;
    pass->relation = NULL;
    pass->table = NULL;
    pass->command = NULL;
    pass->column = NULL;
    pass->constraint = NULL;
}

static void judge_node(const struct judging *judging, const PgQuery__Node *node)
{
    struct gl_lint_pass *pass = judging->pass;
    pass->statement = node;
    count(pass);
    gl_lint_dispatch(judging->run->table, pass);
    infer_phase(pass);
    gl_lint_follow(pass);
    gl_lint_apply(pass->state, node, pass->file_index);
    forget_statement(pass);
}

/* What cannot be parsed alone, because it names variables or is no SQL, is passed over: that the
 * block is not wholly seen is said by dynamic-sql. */
static void judge_nested(const struct judging *judging, size_t begin, size_t end)
{
    struct gl_lint_pass *pass = judging->pass;
    if (gl_lint_extent_of(pass->text + begin, end - begin).tokens > BLOCK_TOKENS)
        return;
    gl_autofree char *text = gl_strndup(pass->text + begin, end - begin);
    struct gl_lint_parsed parsed;
    gl_lint_parse(text, judging->run->arena, &parsed);
    pass->origin = begin;
    pass->begin = begin;
    pass->end = end;
    for (size_t i = 0; parsed.tree && i < parsed.tree->n_stmts; i++) {
        pass->statement = parsed.tree->stmts[i]->stmt;
        gl_lint_dispatch(judging->run->table, pass);
        infer_phase(pass);
        gl_lint_follow(pass);
        gl_lint_apply(pass->state, pass->statement, pass->file_index);
    }
    forget_statement(pass);
    gl_lint_parsed_done(&parsed);
}

static void judge_block(const struct judging *judging)
{
    struct gl_lint_pass outer = *judging->pass;
    struct gl_lint_pass *pass = judging->pass;
    struct gl_lint_block_scan scan;
    size_t begin = 0;
    size_t end = 0;
    if (!gl_lint_block_begin(pass->text, pass->begin, pass->end, &scan))
        return;
    pass->nested = true;
    pass->outer_begin = pass->begin;
    pass->outer_end = pass->end;
    pass->tree = NULL;
    while (gl_lint_block_next(&scan, &begin, &end))
        judge_nested(judging, begin, end);
    pass->nested = false;
    pass->phase = pass->phase_declared ? outer.phase : pass->phase;
    pass->begin = outer.begin;
    pass->end = outer.end;
    pass->origin = outer.origin;
    pass->tree = outer.tree;
}

/* `end`: of the text that was parsed, which began at pass->origin. */
static void judge_tree(const struct judging *judging, const PgQuery__ParseResult *tree, size_t end)
{
    struct gl_lint_pass *pass = judging->pass;
    for (size_t i = 0; i < tree->n_stmts; i++) {
        const PgQuery__RawStmt *raw = tree->stmts[i];
        size_t begin = pass->origin + (size_t)raw->stmt_location;
        size_t behind = raw->stmt_len ? begin + (size_t)raw->stmt_len : end;
        pass->tree = tree;
        pass->tree_index = i;
        if (!raw->stmt || !set_range(pass, begin, behind))
            continue;
        judge_node(judging, raw->stmt);
        if (raw->stmt->node_case == PG_QUERY__NODE__NODE_DO_STMT)
            judge_block(judging);
    }
}

static void report_syntax(struct gl_lint_pass *pass, const char *message, size_t at)
{
    const char *what = NULL;
    int version = gl_lint_newer_syntax(pass->text + pass->begin, pass->end - pass->begin, &what);
    bool newer =
        version && (!pass->options->server_version || pass->options->server_version >= version);
    pass->rule = newer ? &gl_lint_rule_newer_syntax : &gl_lint_rule_syntax_error;
    if (newer) {
        gl_lint_report_at(pass, pass->begin,
                          _("%s came with PostgreSQL %d, and this parser knows PostgreSQL 15: the "
                            "statement was not judged; `golive migrate trace` can run it"),
                          what, version);
        return;
    }
    struct gl_lint_finding *finding = gl_lint_report_at(pass, at, "%s", message);
    if (version)
        gl_lint_safe(finding, _("-- %s came with PostgreSQL %d"), what, version);
    else if (pass->options->server_version > 15)
        gl_lint_safe(finding, "%s",
                     _("-- this parser knows PostgreSQL 15; `golive migrate trace` can run what is "
                       "newer"));
}

/* Reports a statement that is too large or too deep. */
static bool is_bearable(struct gl_lint_pass *pass, size_t len)
{
    struct gl_lint_extent extent = gl_lint_extent_of(pass->text + pass->begin, len);
    pass->rule = &gl_lint_rule_not_judged;
    if (extent.tokens > STATEMENT_TOKENS)
        gl_lint_report_at(pass, pass->begin,
                          _("a statement of %zu KiB is not judged: its parse tree would take too "
                            "much memory"),
                          len >> 10);
    else if (extent.depth > DEEPEST)
        gl_lint_report_at(pass, pass->begin, _("a statement that nests this deep is not judged"));
    return extent.tokens <= STATEMENT_TOKENS && extent.depth <= DEEPEST;
}

static void judge_alone(const struct judging *judging)
{
    struct gl_lint_pass *pass = judging->pass;
    size_t len = pass->end - pass->begin;
    if (!is_bearable(pass, len)) {
        count(pass);
        return;
    }
    gl_autofree char *text = gl_strndup(pass->text + pass->begin, len);
    struct gl_lint_parsed parsed;
    gl_lint_parse(text, judging->run->arena, &parsed);
    pass->origin = pass->begin;
    if (parsed.tree) {
        judge_tree(judging, parsed.tree, pass->end);
    } else {
        count(pass);
        report_syntax(pass, parsed.message, pass->begin + parsed.at);
    }
    gl_lint_parsed_done(&parsed);
    gl_lint_arena_reset(judging->run->arena);
}

/* Statement by statement: one that cannot be parsed hides no other. */
static void judge_each(const struct judging *judging)
{
    struct gl_lint_pass *pass = judging->pass;
    struct gl_sql_scanner scanner = {pass->text, pass->len, 0};
    gl_autostatement struct gl_sql_statement statement = {0};
    while (gl_sql_statement_next(&scanner, &statement)) {
        const struct gl_sql_token *last = &statement.tokens[statement.count - 1];
        pass->begin = (size_t)(statement.tokens[0].text - pass->text);
        pass->end = (size_t)(last->text + last->len - pass->text);
        judge_alone(judging);
    }
}

/* ---- the file ----------------------------------------------------------------------------------
 */

static void judge_text(const struct judging *judging)
{
    struct gl_lint_pass *pass = judging->pass;
    struct gl_lint_extent extent = gl_lint_extent_of(pass->text, pass->len);
    if (extent.tokens > WHOLE_TOKENS || extent.depth > DEEPEST) {
        judge_each(judging);
        return;
    }
    struct gl_lint_parsed parsed;
    gl_lint_parse(pass->text, judging->run->arena, &parsed);
    if (parsed.tree)
        judge_tree(judging, parsed.tree, pass->len);
    else
        judge_each(judging);
    gl_lint_parsed_done(&parsed);
    gl_lint_arena_reset(judging->run->arena);
}

static void at_whole_file(struct gl_lint_pass *pass)
{
    pass->begin = 0;
    pass->end = 0;
}

static void skip_mark(struct gl_lint_pass *pass, struct gl_buf *text)
{
    if (!gl_starts_with(gl_buf_text(text), "\xEF\xBB\xBF"))
        return;
    pass->rule = &gl_lint_rule_byte_order_mark;
    gl_lint_report_at(pass, 0, _("the file begins with a byte order mark, which is no SQL"));
    memcpy(text->data, "   ", 3);
}

/* Settings of a session are forgotten at its end, and each file may get a session of its own. */
static void judge_file(const struct judging *judging)
{
    struct gl_lint_state *state = judging->run->state;
    const char *path = state->search_path;
    bool utc = state->utc;
    at_whole_file(judging->pass);
    gl_lint_dispatch_event(judging->run->table, judging->pass, GL_LINT_ON_FILE);
    judge_text(judging);
    at_whole_file(judging->pass);
    gl_lint_dispatch_event(judging->run->table, judging->pass, GL_LINT_ON_FILE_END);
    state->search_path = path;
    state->utc = utc;
}

static int by_place(const void *a, const void *b)
{
    const struct gl_lint_finding *left = a;
    const struct gl_lint_finding *right = b;
    if (left->begin != right->begin)
        return left->begin < right->begin ? -1 : 1;
    return strcmp(left->rule->id, right->rule->id);
}

void gl_lint_file_run(const struct gl_lint_run *run, const struct gl_lint_file *file, int index,
                      struct gl_buf *text)
{
    struct gl_lint_transaction transaction = {.changed_at = SIZE_MAX};
    struct gl_lint_scan scan = {0};
    struct gl_lint_pass pass = pass_of(run, file, index);
    struct judging judging = {run, &pass};
    size_t first = run->result->count;
    pass.text = gl_buf_text(text);
    pass.len = text->len;
    pass.transaction = &transaction;
    pass.scan = &scan;
    run->result->files++;
    free(gl_steal(&run->result->contracts));
    if (check_bytes(&pass)) {
        skip_mark(&pass, text);
        pass.no_transaction =
            file->sql ? file->alone : gl_starts_with(pass.text, "-- no-transaction");
        read_header(&pass);
        if (text->len)
            gl_lint_scan_read(text->data, text->len, &scan);
        judge_file(&judging);
        gl_lint_allow_apply(&pass, &scan, first);
    }
    if (run->result->count > first + 1)
        qsort(run->result->findings + first, run->result->count - first,
              sizeof *run->result->findings, by_place);
    gl_lint_scan_done(&scan);
}
