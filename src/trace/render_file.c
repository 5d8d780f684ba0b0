/* A file of a trace as a table: what each statement did, strongest first. */
#include "trace/render_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/utf8.h"

enum {
    HEAD_COLUMNS = 56,
    NAME_COLUMNS = 28,
    SHOWN_MAX = 20, /* of a table with many partitions, there is no end of locks */
};

/* ---- words ------------------------------------------------------------------------------------
 */

static const struct {
    const char *word;
    const char *colour;
} verdicts[] = {
    [GL_TRACE_HARMLESS] = {N_("harmless"),  "\033[32m"},
    [GL_TRACE_BRIEF] = {N_("brief"),     "\033[33m"},
    [GL_TRACE_DANGEROUS] = {N_("DANGEROUS"), "\033[31m"},
    [GL_TRACE_FAILED] = {N_("FAILED"),    "\033[31m"},
    [GL_TRACE_NOT_RUN] = {N_("not run"),   "\033[2m" },
};

static const char *const works[] = {
    [GL_WORK_REWRITE] = N_("rewritten"),
    [GL_WORK_INDEX] = N_("index built"),
    [GL_WORK_SCAN] = N_("read in full"),
    [GL_WORK_ROWS] = N_("rows changed"),
};

static const char *const blocked[] = {
    [GL_BLOCKS_NOTHING] = NULL,
    [GL_BLOCKS_WRITES] = N_("blocks writes"),
    [GL_BLOCKS_ALL] = N_("blocks reads and writes"),
};

/* ---- a statement ------------------------------------------------------------------------------
 */

char *gl_trace_head(const char *text)
{
    gl_autobuf struct gl_buf line = {0};
    int columns = 0;
    size_t left = strlen(text);
    while (left) {
        uint32_t character = 0;
        size_t size = gl_utf8_next(text, left, &character);
        bool space = gl_utf8_is_deceptive(character) || character == ' ';
        bool again = space && line.len && line.data[line.len - 1] == ' ';
        if (columns + gl_utf8_width(character) > HEAD_COLUMNS - 2) {
            gl_buf_puts(&line, "..");
            break;
        }
        if (space && !again)
            gl_buf_putc(&line, ' ');
        else if (!space)
            gl_buf_add(&line, text, size);
        columns += again ? 0 : space ? 1 : gl_utf8_width(character);
        text += size;
        left -= size;
    }
    return gl_buf_steal(&line);
}

static void add_head(const struct gl_trace_statement *statement, bool colour, struct gl_buf *text)
{
    bool ran = statement->verdict <= GL_TRACE_DANGEROUS;
    gl_autofree char *head = gl_trace_head(statement->text);
    gl_autofree char *padded = gl_utf8_pad(head, HEAD_COLUMNS);
    gl_autofree char *word = gl_utf8_pad(_(verdicts[statement->verdict].word), 9);
    gl_autofree char *time =
        ran ? gl_format_duration((double)statement->time_us / 1000) : gl_strdup("");
    gl_autofree char *wal =
        ran ? gl_format_bytes((uint64_t)(statement->wal_bytes > 0 ? statement->wal_bytes : 0))
            : gl_strdup("");
    gl_buf_printf(text, "%6u  %s %s%s%s %8s %8s\n", statement->line, padded,
                  colour ? verdicts[statement->verdict].colour : "", word, colour ? "\033[0m" : "",
                  time, wal);
}

/* An index with its table. The caller owns it. */
static char *padded_name(const char *relation, const char *table)
{
    gl_autofree char *name =
        table ? gl_asprintf(_("%s of %s"), relation, table) : gl_strdup(relation);
    gl_autofree char *shown = gl_utf8_line(name);
    return gl_utf8_pad(shown, NAME_COLUMNS);
}

static void add_lock(const struct gl_trace_lock *lock, struct gl_buf *text)
{
    gl_autofree char *name = padded_name(lock->relation, lock->table);
    const char *what = blocked[lock->blocks];
    gl_buf_printf(text, "        %s  %-20s %s\n", name, gl_lock_mode_word(lock->mode),
                  what ? _(what) : "");
}

/* The strongest lock of a relation says it all; they are sorted. Everybody takes weak ones, and
 * nobody waits for what is new. */
static bool is_shown(const struct gl_trace_statement *statement, size_t index)
{
    const struct gl_trace_lock *lock = &statement->locks[index];
    if (!lock->existed || lock->held || lock->mode < GL_LOCK_SHARE_UPDATE_EXCLUSIVE)
        return false;
    for (size_t i = 0; i < index; i++) {
        const struct gl_trace_lock *other = &statement->locks[i];
        if (other->existed && strcmp(other->relation, lock->relation) == 0)
            return false;
    }
    return true;
}

/* What keeps others waiting although this statement did not take it. */
static void add_held(const struct gl_trace_statement *statement, struct gl_buf *text)
{
    gl_autostrv struct gl_strv names = {0};
    for (size_t i = 0; i < statement->lock_count; i++) {
        const struct gl_trace_lock *lock = &statement->locks[i];
        if (lock->held && lock->kind != 'i' && !gl_strv_has(&names, lock->relation))
            gl_strv_add(&names, lock->relation);
    }
    gl_autofree char *all = gl_strv_join(&names, ", ");
    gl_autofree char *shown = gl_utf8_line(all);
    if (names.count)
        gl_buf_printf(text, _("        meanwhile locked by earlier statements: %s\n"), shown);
}

static void add_effect(const struct gl_trace_effect *effect, struct gl_buf *text)
{
    gl_autofree char *name = padded_name(effect->relation, effect->table);
    gl_autofree char *word = gl_utf8_pad(_(works[effect->work]), 20);
    gl_autofree char *rows = gl_format_count((uint64_t)(effect->rows > 0 ? effect->rows : 0));
    gl_buf_printf(text, "        %s  %s", name, word);
    if (effect->rows >= 0)
        gl_buf_printf(text, _(" %s rows"), rows);
    gl_buf_putc(text, '\n');
}

/* Columns of the terminal before a character of a line (1-based). */
static int columns_before(const char *line, unsigned column)
{
    int columns = 0;
    size_t left = strlen(line);
    for (unsigned i = 1; i < column && left; i++) {
        uint32_t character = 0;
        size_t size = gl_utf8_next(line, left, &character);
        columns += gl_utf8_width(character);
        line += size;
        left -= size;
    }
    return columns;
}

static void add_problem(const struct gl_error *problem, const char *line, struct gl_buf *text)
{
    gl_autofree char *file = gl_utf8_line(problem->file ? gl_path_base(problem->file) : "?");
    gl_autofree char *message = gl_utf8_lines(problem->message);
    gl_autofree char *shown = gl_utf8_line(line);
    gl_autofree char *hint = gl_utf8_lines(problem->hint);
    gl_buf_printf(text, "        %s:%u:%u: %s\n", file, problem->line, problem->column, message);
    if (*shown && problem->column)
        gl_buf_printf(text, "          %s\n          %*s^\n", shown,
                      columns_before(shown, problem->column), "");
    if (problem->hint)
        gl_buf_printf(text, "        %s\n", hint);
}

/* The line of the file that the error is about, from the statement's own text. */
static char *line_at(const struct gl_trace_statement *statement)
{
    const char *line = statement->text;
    for (unsigned i = statement->line; i < statement->problem.line && line; i++) {
        line = strchr(line, '\n');
        line += line != NULL;
    }
    if (!line)
        return NULL;
    bool first = statement->problem.line == statement->line;
    gl_autofree char *text = gl_strndup(line, strcspn(line, "\n"));
    return first ? gl_asprintf("%*s%s", (int)statement->column - 1, "", text) : gl_steal(&text);
}

static void add_rest(size_t shown, struct gl_buf *text)
{
    if (shown > SHOWN_MAX)
        gl_buf_printf(text, _("        and %zu more\n"), shown - SHOWN_MAX);
}

static void add_statement(const struct gl_trace_statement *statement, bool colour,
                          struct gl_buf *text)
{
    add_head(statement, colour, text);
    size_t shown = 0;
    for (size_t i = 0; i < statement->lock_count; i++) {
        if (is_shown(statement, i) && shown++ < SHOWN_MAX)
            add_lock(&statement->locks[i], text);
    }
    add_rest(shown, text);
    shown = 0;
    for (size_t i = 0; i < statement->effect_count; i++) {
        if (statement->effects[i].existed && shown++ < SHOWN_MAX)
            add_effect(&statement->effects[i], text);
    }
    add_rest(shown, text);
    if (statement->verdict == GL_TRACE_DANGEROUS)
        add_held(statement, text);
    if (statement->outside)
        gl_buf_puts(text, _("        outside of a transaction: its locks were looked at every "
                            "millisecond\n"));
    if (statement->problem.code) {
        gl_autofree char *line = line_at(statement);
        add_problem(&statement->problem, line, text);
    }
}

/* ---- a file -----------------------------------------------------------------------------------
 */

void gl_trace_text_file(const struct gl_trace_file *file, bool colour, struct gl_buf *text)
{
    gl_autofree char *statement = gl_utf8_pad(_("statement"), HEAD_COLUMNS);
    gl_autofree char *verdict = gl_utf8_pad(_("verdict"), 9);
    gl_autofree char *path = gl_utf8_line(file->path);
    gl_autofree char *message = gl_utf8_lines(file->problem.message);
    gl_autofree char *hint = gl_utf8_lines(file->problem.hint);
    gl_buf_printf(text, "%s%s", path, file->no_transaction ? _(" (no transaction)") : "");
    if (file->batch) {
        gl_autofree char *rows = gl_format_count((uint64_t)file->batch);
        gl_buf_printf(text, _(", in batches of %s rows"), rows);
    }
    gl_buf_putc(text, '\n');
    if (file->count)
        gl_buf_printf(text, _("  line  %s %s     time      WAL\n"), statement, verdict);
    else
        gl_buf_puts(text, _("        holds no statement\n"));
    for (size_t i = 0; i < file->count; i++)
        add_statement(&file->statements[i], colour, text);
    if (file->problem.code)
        gl_buf_printf(text,
                      file->problem.code == GL_E_REFUSED
                          ? _("        golive migrate up refuses it: %s\n")
                          : _("        COMMIT failed: %s\n"),
                      message);
    if (file->problem.code && file->problem.hint)
        gl_buf_printf(text, "        %s\n", hint);
    for (size_t i = 0; i < file->left_out.count; i++) {
        gl_autofree char *table = gl_utf8_line(file->left_out.items[i]);
        gl_buf_printf(text,
                      _("        %s was emptied: its generated rows broke what the file "
                        "demands\n"),
                      table);
    }
    if (file->blocked_us) {
        gl_autofree char *time = gl_format_duration((double)file->blocked_us / 1000);
        gl_buf_printf(text, _("        locks that others wait for were held for %s\n"), time);
    }
}
