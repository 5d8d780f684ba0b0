/* An UPDATE or DELETE that can run in batches. */
#include "migrate/batch_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "migrate/sqltext.h"

void gl_batch_text_done(struct gl_batch_text *text)
{
    free(text->table);
    free(text->name);
    free(text->head);
    free(text->condition);
    gl_strv_done(&text->assigned);
    *text = (struct gl_batch_text){0};
}

/* The statement as it is read, token by token. */
struct reading {
    const char *sql;
    const char *path;
    struct gl_sql_statement statement;
    size_t at;
    struct gl_error *err;
};

static void reading_done(struct reading *reading)
{
    gl_sql_statement_done(&reading->statement);
}

static const struct gl_sql_token *token_at(const struct reading *reading, size_t index)
{
    static const struct gl_sql_token end = {GL_SQL_END, "", 0};
    return index < reading->statement.count ? &reading->statement.tokens[index] : &end;
}

static bool is_sign(const struct gl_sql_token *token, char sign)
{
    return token->kind == GL_SQL_SYMBOL && token->text[0] == sign;
}

static bool take_word(struct reading *reading, const char *word)
{
    bool is = gl_sql_is(token_at(reading, reading->at), word);
    reading->at += is;
    return is;
}

static int refuse(const struct reading *reading, size_t index, const char *why)
{
    const struct gl_sql_token *token = token_at(reading, index);
    size_t offset = token->kind == GL_SQL_END ? 0 : (size_t)(token->text - reading->sql);
    gl_fail(reading->err, GL_E_REFUSED, _("this cannot run in batches: %s"), why);
    gl_error_hint(reading->err,
                  _("With `-- golive: batch=` a file holds one UPDATE TABLE SET ... or DELETE FROM "
                    "TABLE ..., whose rows are taken in the order of the table's key. Write it "
                    "so, or take the comment out."));
    gl_error_at(reading->err, reading->path, gl_sql_line(reading->sql, offset), 1);
    return GL_E_REFUSED;
}

static char *slice(const char *from, const char *to)
{
    return gl_strndup(from, (size_t)(to - from));
}

static const char *end_of(const struct gl_sql_token *token)
{
    return token->text + token->len;
}

/* ---- the table and its alias ---- */

static int read_table(struct reading *reading, struct gl_batch_text *text)
{
    text->only = take_word(reading, "ONLY");
    const struct gl_sql_token *first = token_at(reading, reading->at);
    const struct gl_sql_token *last = first;
    if (!gl_sql_is_name(first))
        return refuse(reading, reading->at, _("a table's name is expected here"));
    reading->at++;
    while (is_sign(token_at(reading, reading->at), '.') &&
           gl_sql_is_name(token_at(reading, reading->at + 1))) {
        last = token_at(reading, reading->at + 1);
        reading->at += 2;
    }
    reading->at += is_sign(token_at(reading, reading->at), '*');
    text->table = slice(first->text, end_of(last));
    text->name = slice(last->text, end_of(last));
    return 0;
}

/* Words that stand where an alias could. */
static bool ends_target(const struct gl_sql_token *token)
{
    static const char *const words[] = {"SET", "USING", "WHERE", "RETURNING"};
    for (size_t i = 0; i < GL_COUNT(words); i++) {
        if (gl_sql_is(token, words[i]))
            return true;
    }
    return !gl_sql_is_name(token);
}

static void read_alias(struct reading *reading, struct gl_batch_text *text)
{
    take_word(reading, "AS");
    const struct gl_sql_token *token = token_at(reading, reading->at);
    if (ends_target(token))
        return;
    free(text->name);
    text->name = slice(token->text, end_of(token));
    reading->at++;
}

/* ---- SET ---- */

static bool is_clause(const struct reading *reading, size_t index, const char *word)
{
    bool distinct = index > 0 && gl_sql_is(token_at(reading, index - 1), "DISTINCT");
    return reading->statement.depths[index] == 0 && !distinct &&
           gl_sql_is(token_at(reading, index), word);
}

static void add_column(const struct gl_sql_token *token, struct gl_batch_text *text)
{
    if (gl_sql_is_name(token))
        gl_strv_take(&text->assigned, gl_sql_identifier(token));
}

/* One assignment begins here: column = ..., or (column, column) = ... */
static void read_target(const struct reading *reading, size_t index, struct gl_batch_text *text)
{
    if (!is_sign(token_at(reading, index), '(')) {
        add_column(token_at(reading, index), text);
        return;
    }
    while (++index < reading->statement.count && reading->statement.depths[index] > 0)
        add_column(token_at(reading, index), text);
}

static void read_assigned(const struct reading *reading, struct gl_batch_text *text)
{
    const struct gl_sql_statement *statement = &reading->statement;
    bool begins = true;
    int brackets = 0; /* depths[] counts parentheses only */
    for (size_t i = reading->at; i < statement->count; i++) {
        if (is_clause(reading, i, "FROM") || is_clause(reading, i, "WHERE"))
            return;
        if (begins)
            read_target(reading, i, text);
        brackets += is_sign(&statement->tokens[i], '[') - is_sign(&statement->tokens[i], ']');
        begins = brackets == 0 && statement->depths[i] == 0 && is_sign(&statement->tokens[i], ',');
    }
}

/* ---- WHERE ---- */

static int read_condition(const struct reading *reading, struct gl_batch_text *text)
{
    const struct gl_sql_statement *statement = &reading->statement;
    const char *end = end_of(&statement->tokens[statement->count - 1]);
    size_t where = statement->count;
    for (size_t i = reading->at; i < statement->count; i++) {
        if (is_clause(reading, i, "RETURNING"))
            return refuse(reading, i, _("nobody would read what RETURNING gives"));
        if (where == statement->count && is_clause(reading, i, "WHERE"))
            where = i;
    }
    if (where == statement->count) {
        text->head = slice(reading->sql, end);
        return 0;
    }
    if (gl_sql_match(statement, where, "WHERE CURRENT OF"))
        return refuse(reading, where, _("there is no cursor"));
    if (where + 1 == statement->count)
        return refuse(reading, where, _("WHERE without a condition"));
    text->head = slice(reading->sql, statement->tokens[where].text);
    text->condition = slice(end_of(&statement->tokens[where]), end);
    return 0;
}

/* ---- the whole ---- */

static int check_tokens(const struct reading *reading)
{
    for (size_t i = 0; i < reading->statement.count; i++) {
        if (reading->statement.tokens[i].kind == GL_SQL_UNTERMINATED)
            return refuse(reading, i, _("a text or comment has no end"));
    }
    return 0;
}

static int read_statement(struct reading *reading, struct gl_batch_text *text)
{
    bool update = take_word(reading, "UPDATE");
    if (!update && !gl_sql_match(&reading->statement, 0, "DELETE FROM"))
        return refuse(reading, 0, _("it is neither UPDATE nor DELETE"));
    reading->at += update ? 0 : 2;
    text->removes = !update;
    int failed = check_tokens(reading);
    if (failed == 0)
        failed = read_table(reading, text);
    if (failed < 0)
        return failed;
    read_alias(reading, text);
    if (update && !take_word(reading, "SET"))
        return refuse(reading, reading->at, _("SET is expected here"));
    if (update)
        read_assigned(reading, text);
    return read_condition(reading, text);
}

int gl_batch_text_read(const char *sql, const char *path, struct gl_batch_text *ret_text,
                       struct gl_error *err)
{
    gl_cleanup(reading_done) struct reading reading = {.sql = sql, .path = path, .err = err};
    gl_autobatchtext struct gl_batch_text text = {0};
    struct gl_sql_scanner scanner = {sql, strlen(sql), 0};
    if (!gl_sql_statement_next(&scanner, &reading.statement))
        return refuse(&reading, 0, _("the file has no statement"));
    int failed = read_statement(&reading, &text);
    if (failed < 0)
        return failed;
    if (gl_sql_statement_next(&scanner, &reading.statement))
        return refuse(&reading, 0, _("the file has a second statement"));
    *ret_text = text;
    text = (struct gl_batch_text){0};
    return 0;
}

char *gl_batch_text_sql(const struct gl_batch_text *text, const char *range)
{
    if (!text->condition)
        return gl_asprintf("%s\nwhere %s", text->head, range);
    /* The parenthesis takes the place of the space after WHERE. */
    bool space = isspace((unsigned char)text->condition[0]);
    return gl_asprintf("%swhere(%s) and %s", text->head, text->condition + space, range);
}

char *gl_batch_text_measured(const struct gl_batch_text *text, const char *range, size_t *ret_shift)
{
    static const char before[] = "with golive_batch as (";
    gl_autofree char *sql = gl_batch_text_sql(text, range);
    *ret_shift = strlen(before);
    return gl_asprintf("%s%s\nreturning (%s) as golive_still) select count(*), count(*) filter "
                       "(where golive_still) from golive_batch",
                       before, sql, text->condition);
}
