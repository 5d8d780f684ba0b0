/* One file into several: statements stay in their order, comments with the statement behind them.
 */
#include "lint/fix_parts.h"

#include <stdlib.h>
#include <string.h>

#include "migrate/sqltext.h"

static const char no_transaction[] = "-- no-transaction\n";

struct cutting {
    const char *text;
    const struct gl_lint_finding *findings;
    size_t count;
    struct gl_lint_parts *parts;
    bool open;           /* the last part takes further statements */
    bool alone;          /* the file itself has no transaction */
    struct gl_buf later; /* statements that validate */
    const char *phase;   /* the line that declares it, for new files; NULL = none */
    size_t phase_len;
};

void gl_lint_parts_done(struct gl_lint_parts *parts)
{
    for (size_t i = 0; i < parts->count; i++)
        gl_buf_done(&parts->items[i]);
    free(parts->items);
    *parts = (struct gl_lint_parts){0};
}

/* The finding that says how to mend the statement. A statement that must be alone wins over what
 * else is to be done with it. */
const struct gl_lint_finding *gl_lint_fix_of(const struct gl_lint_finding *findings, size_t count,
                                             size_t begin, size_t end)
{
    const struct gl_lint_finding *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct gl_lint_finding *finding = &findings[i];
        bool here = finding->statement_begin >= begin && finding->statement_begin < end &&
                    finding->statement_end > finding->statement_begin;
        if (!here || finding->nested || !gl_lint_is_open(finding) ||
            finding->severity == GL_LINT_INFO || finding->fix == GL_LINT_FIX_NONE)
            continue;
        if (!best || finding->fix < best->fix)
            best = finding;
    }
    return best;
}

/* ---- parts -------------------------------------------------------------------------------------
 */

static struct gl_buf *new_part(struct cutting *cutting, bool alone)
{
    struct gl_lint_parts *parts = cutting->parts;
    parts->items = gl_realloc_array(parts->items, parts->count + 1, sizeof *parts->items);
    struct gl_buf *part = &parts->items[parts->count++];
    *part = (struct gl_buf){0};
    if (alone)
        gl_buf_puts(part, no_transaction);
    if (parts->count > 1 && cutting->phase)
        gl_buf_add(part, cutting->phase, cutting->phase_len);
    cutting->open = !alone;
    return part;
}

static struct gl_buf *open_part(struct cutting *cutting)
{
    if (!cutting->open)
        return new_part(cutting, cutting->alone);
    return &cutting->parts->items[cutting->parts->count - 1];
}

/* A new file does not begin with the empty lines that stood between two statements; a part of a
 * file without a transaction has its first line already. */
static void add_front(struct gl_buf *part, const char *text, size_t len)
{
    size_t mark = sizeof no_transaction - 2;
    if (len >= mark && strncmp(text, no_transaction, mark) == 0) {
        text += mark;
        len -= mark;
    }
    while (len && (part->len == 0 || part->data[part->len - 1] == '\n') && *text == '\n') {
        text++;
        len--;
    }
    gl_buf_add(part, text, len);
}

static void end_line(struct gl_buf *part)
{
    if (part->len && part->data[part->len - 1] != '\n')
        gl_buf_putc(part, '\n');
}

/* ---- statements --------------------------------------------------------------------------------
 */

/* A statement of the file: [front, begin) is space and comments, [begin, end) it, [end, behind) its
 * semicolon with the comments before it; nothing where the file ends without one. */
struct piece {
    size_t front, begin, end, behind;
};

static void add_piece(struct cutting *cutting, const struct piece *piece)
{
    const char *text = cutting->text;
    const struct gl_lint_finding *fix =
        gl_lint_fix_of(cutting->findings, cutting->count, piece->begin, piece->end);
    enum gl_lint_fix_kind kind = fix ? fix->fix : GL_LINT_FIX_NONE;
    if (kind == GL_LINT_FIX_SPLIT)
        cutting->open = false;
    struct gl_buf *part = kind == GL_LINT_FIX_ALONE ? new_part(cutting, true) : open_part(cutting);
    add_front(part, text + piece->front, piece->begin - piece->front);
    if (fix && fix->replacement)
        gl_buf_puts(part, fix->replacement);
    else
        gl_buf_add(part, text + piece->begin, piece->end - piece->begin);
    if (piece->behind > piece->end)
        gl_buf_add(part, text + piece->end, piece->behind - piece->end);
    else
        gl_buf_putc(part, ';');
    if (kind == GL_LINT_FIX_NOT_VALID)
        gl_buf_printf(&cutting->later, "%s;\n", fix->later);
}

/* Up to the end of the line, so that a comment behind a statement stays with it. A comment ends at
 * a carriage return, too, as PostgreSQL has it. */
static size_t rest_of_line(const char *text, size_t at)
{
    size_t len = strcspn(text + at, "\r\n");
    gl_autofree char *rest = gl_strndup(text + at, len);
    const char *comment = rest + strspn(rest, " \t");
    bool ends = *comment == '\0' || strncmp(comment, "--", 2) == 0;
    if (!ends)
        return at;
    len += text[at + len] == '\r';
    return at + len + (text[at + len] == '\n');
}

/* Behind the statement's semicolon; where it is missing, behind the statement. */
static size_t behind_semicolon(const char *text, size_t len, size_t end)
{
    struct gl_sql_scanner scanner = {text, len, end};
    struct gl_sql_token token = gl_sql_next(&scanner);
    while (token.kind == GL_SQL_COMMENT)
        token = gl_sql_next(&scanner);
    return token.kind == GL_SQL_SYMBOL && *token.text == ';' ? scanner.pos : end;
}

static void cut(struct cutting *cutting)
{
    const char *text = cutting->text;
    struct gl_sql_scanner scanner = {text, strlen(text), 0};
    gl_autostatement struct gl_sql_statement statement = {0};
    struct piece piece = {0};
    while (gl_sql_statement_next(&scanner, &statement)) {
        const struct gl_sql_token *last = &statement.tokens[statement.count - 1];
        piece.begin = (size_t)(statement.tokens[0].text - text);
        piece.end = (size_t)(last->text + last->len - text);
        piece.behind = behind_semicolon(text, scanner.len, piece.end);
        add_piece(cutting, &piece);
        piece.front = rest_of_line(text, piece.behind);
        gl_buf_add(&cutting->parts->items[cutting->parts->count - 1], text + piece.behind,
                   piece.front - piece.behind);
    }
    if (cutting->parts->count)
        gl_buf_puts(&cutting->parts->items[cutting->parts->count - 1], text + piece.front);
}

/* `-- golive: phase=...`, with its line end. */
static void find_phase(struct cutting *cutting)
{
    const char *at = strstr(cutting->text, "-- golive: phase=");
    if (!at || (at > cutting->text && at[-1] != '\n'))
        return;
    size_t len = strcspn(at, "\n");
    cutting->phase = at;
    cutting->phase_len = len + (at[len] == '\n');
}

void gl_lint_parts_make(const char *text, const struct gl_lint_finding *findings, size_t count,
                        struct gl_lint_parts *ret_parts)
{
    struct cutting cutting = {
        .text = text, .findings = findings, .count = count, .parts = ret_parts};
    *ret_parts = (struct gl_lint_parts){0};
    cutting.alone = gl_starts_with(text, "-- no-transaction");
    find_phase(&cutting);
    cut(&cutting);
    if (cutting.later.len) {
        ret_parts->only_validates = ret_parts->count == 1;
        cutting.alone = false;
        gl_buf_puts(new_part(&cutting, false), gl_buf_text(&cutting.later));
    }
    for (size_t i = 0; i < ret_parts->count; i++)
        end_line(&ret_parts->items[i]);
    gl_buf_done(&cutting.later);
}
