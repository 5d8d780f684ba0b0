/* One pass of the lexer over a file: comments to the linter, and what no parser says well. */
#include "lint/scan.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/strv.h"
#include "migrate/sqltext.h"

enum { NAME_BYTES = 63 }; /* NAMEDATALEN - 1 */

void gl_lint_scan_done(struct gl_lint_scan *scan)
{
    for (size_t i = 0; i < scan->allow_count; i++) {
        free(scan->allows[i].rule);
        free(scan->allows[i].reason);
    }
    free(scan->allows);
    free(scan->bad_comment);
    *scan = (struct gl_lint_scan){0};
}

/* ---- comments to the linter --------------------------------------------------------------------
 */

struct words {
    char *allow;
    char *allow_file;
    char *reason;
};

static void words_done(struct words *words)
{
    free(words->allow);
    free(words->allow_file);
    free(words->reason);
}

/* The value behind `=`: up to the closing quote, or the next space. */
static char *take_value(const char **at)
{
    bool quoted = **at == '"';
    const char *begin = *at + quoted;
    size_t len = strcspn(begin, quoted ? "\"" : " \t\r");
    *at = begin + len + (quoted && begin[len]);
    return gl_strndup(begin, len);
}

/* NULL, or what was not understood. */
static char *read_words(const char *at, struct words *words)
{
    for (at += strspn(at, " \t\r"); *at; at += strspn(at, " \t\r")) {
        gl_autofree char *key = gl_strndup(at, strcspn(at, "= \t\r"));
        char **value = strcmp(key, "allow") == 0        ? &words->allow
                       : strcmp(key, "allow-file") == 0 ? &words->allow_file
                       : strcmp(key, "reason") == 0     ? &words->reason
                                                        : NULL;
        at += strlen(key);
        if (!value || *value || *at != '=')
            return gl_steal(&key);
        at++;
        *value = take_value(&at);
    }
    return words->allow || words->allow_file ? NULL : gl_strdup("");
}

static void add_allows(struct gl_lint_scan *scan, const char *rules, const struct words *words,
                       size_t at)
{
    gl_autostrv struct gl_strv names = {0};
    gl_strv_split(&names, rules ? rules : "", ",");
    for (size_t i = 0; i < names.count; i++) {
        scan->allows = gl_realloc_array(scan->allows, scan->allow_count + 1, sizeof *scan->allows);
        scan->allows[scan->allow_count++] = (struct gl_lint_allow){
            .rule = gl_strdup(names.items[i]),
            .reason = words->reason && *words->reason ? gl_strdup(words->reason) : NULL,
            .at = at,
            .whole_file = rules == words->allow_file,
        };
    }
}

static void read_comment(const struct gl_sql_token *token, size_t at, struct gl_lint_scan *scan)
{
    static const char mark[] = "golive-lint:";
    if (token->text[0] != '-')
        return;
    gl_autofree char *text = gl_strndup(token->text + 2, token->len - 2);
    const char *begin = text + strspn(text, " \t");
    if (strncasecmp(begin, mark, strlen(mark)) != 0)
        return;
    gl_cleanup(words_done) struct words words = {0};
    char *bad = read_words(begin + strlen(mark), &words);
    if (bad && !scan->bad_comment) {
        scan->bad_comment = bad;
        scan->bad_comment_at = at;
        return;
    }
    free(bad);
    add_allows(scan, words.allow, &words, at);
    add_allows(scan, words.allow_file, &words, at);
}

/* ---- psql --------------------------------------------------------------------------------------
 */

static void blank(char *text, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        if (text[i] != '\n' && text[i] != '\r')
            text[i] = ' ';
    }
}

static size_t line_end(const char *text, size_t len, size_t at)
{
    const char *end = memchr(text + at, '\n', len - at);
    return end ? (size_t)(end - text) : len;
}

static bool begins_line(const char *text, size_t at)
{
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t'))
        at--;
    return at == 0 || text[at - 1] == '\n';
}

/* COPY ... FROM stdin; is followed by data up to a line with \. */
static size_t copy_end(const char *text, size_t len, size_t at)
{
    while (at < len) {
        size_t end = line_end(text, len, at);
        if (end - at >= 2 && text[at] == '\\' && text[at + 1] == '.')
            return end;
        at = end + 1;
    }
    return len;
}

/* The words of the statement so far that make it a COPY FROM STDIN. */
struct copying {
    bool copy, from, from_stdin;
};

static void follow_copy(const struct gl_sql_token *token, bool first, struct copying *copying)
{
    if (first)
        *copying = (struct copying){.copy = gl_sql_is(token, "COPY")};
    copying->from_stdin |= copying->from && gl_sql_is(token, "STDIN");
    copying->from = copying->copy && gl_sql_is(token, "FROM");
}

/* ---- the pass ----------------------------------------------------------------------------------
 */

static void note(size_t at, size_t *ret_at, bool *ret_has)
{
    if (!*ret_has)
        *ret_at = at;
    *ret_has = true;
}

/* Moves the scanner behind what only psql understands. */
static void skip_psql(char *text, struct gl_sql_scanner *scanner, size_t begin, size_t end,
                      struct gl_lint_scan *scan)
{
    note(begin, &scan->meta_command, &scan->has_meta_command);
    blank(text, begin, end);
    scanner->pos = end;
}

static void look(const struct gl_sql_token *token, size_t at, struct gl_lint_scan *scan)
{
    bool name = token->kind == GL_SQL_WORD || token->kind == GL_SQL_QUOTED;
    size_t len = token->len - (token->kind == GL_SQL_QUOTED ? 2 : 0);
    if (name && len > NAME_BYTES && !scan->long_name_len) {
        scan->long_name = at;
        scan->long_name_len = len;
    }
    if (token->kind == GL_SQL_COMMENT)
        read_comment(token, at, scan);
    if (token->kind == GL_SQL_UNTERMINATED)
        note(at, &scan->unterminated, &scan->has_unterminated);
}

void gl_lint_scan_read(char *text, size_t len, struct gl_lint_scan *ret_scan)
{
    struct gl_sql_scanner scanner = {text, len, 0};
    struct copying copying = {0};
    bool first = true;
    *ret_scan = (struct gl_lint_scan){0};
    const char *cr = memchr(text, '\r', len);
    if (cr)
        note((size_t)(cr - text), &ret_scan->carriage_return, &ret_scan->has_carriage_return);
    for (;;) {
        struct gl_sql_token token = gl_sql_next(&scanner);
        if (token.kind == GL_SQL_END)
            return;
        size_t at = (size_t)(token.text - text);
        look(&token, at, ret_scan);
        if (token.kind == GL_SQL_COMMENT)
            continue;
        bool symbol = token.kind == GL_SQL_SYMBOL;
        if (symbol && *token.text == '\\' && begins_line(text, at)) {
            skip_psql(text, &scanner, at, line_end(text, len, at), ret_scan);
        } else if (symbol && *token.text == ';') {
            if (copying.from_stdin)
                skip_psql(text, &scanner, scanner.pos, copy_end(text, len, scanner.pos), ret_scan);
            first = true;
        } else {
            follow_copy(&token, first, &copying);
            first = false;
        }
    }
}

/* ---- depth -------------------------------------------------------------------------------------
 */

/* Tokens at each level of parentheses since the last comma there, and the sum of all levels. */
struct depth {
    size_t *counts;
    size_t room;
    size_t level;
    size_t sum;
};

static void open_level(struct depth *depth)
{
    depth->level++;
    if (depth->level >= depth->room) {
        depth->room = depth->room ? depth->room * 2 : 16;
        depth->counts = gl_realloc_array(depth->counts, depth->room, sizeof *depth->counts);
    }
    depth->counts[depth->level] = 0;
}

static void close_level(struct depth *depth)
{
    if (depth->level <= 1)
        return;
    depth->sum -= depth->counts[depth->level];
    depth->level--;
}

static void count_token(struct depth *depth, const struct gl_sql_token *token)
{
    switch (token->kind == GL_SQL_SYMBOL ? *token->text : 'a') {
    case ',':
    case ';':
        depth->sum -= depth->counts[depth->level];
        depth->counts[depth->level] = 0;
        return;
    case ')':
    case ']':
        close_level(depth);
        return;
    case '(':
    case '[':
        depth->counts[depth->level]++;
        depth->sum++;
        open_level(depth);
        return;
    default:
        depth->counts[depth->level]++;
        depth->sum++;
    }
}

/* Between two commas a tree can nest as often as there are tokens, and what is around the
 * parentheses is above it. */
struct gl_lint_extent gl_lint_extent_of(const char *text, size_t len)
{
    struct gl_sql_scanner scanner = {text, len, 0};
    struct gl_lint_extent extent = {0};
    struct depth depth = {0};
    open_level(&depth);
    for (;;) {
        struct gl_sql_token token = gl_sql_next(&scanner);
        if (token.kind == GL_SQL_END)
            break;
        if (token.kind == GL_SQL_COMMENT)
            continue;
        count_token(&depth, &token);
        extent.tokens++;
        extent.depth = depth.sum > extent.depth ? depth.sum : extent.depth;
    }
    free(depth.counts);
    return extent;
}
