/* Which facts a rule mentions. */
#include "mention.h"

#include <ctype.h>
#include <sqlite3.h>
#include <string.h>

#include "facts/facts.h"

/* A pattern or part with fewer letters says too little. */
enum { LETTERS_MIN = 6 };

void mention_done(struct mention *mention)
{
    gl_strv_done(&mention->texts);
    gl_strv_done(&mention->types);
    gl_strv_done(&mention->views);
}

static void keep(struct mention *mention, char *text)
{
    gl_strv_take(gl_starts_with(text, "AWS::") ? &mention->types : &mention->texts, text);
}

/* The texts in quotes, without comments. A quote inside of one is no part of any path. */
static void read_texts(struct mention *mention, const char *sql)
{
    for (const char *at = sql; *at; at++) {
        if (gl_starts_with(at, "--")) {
            at += strcspn(at, "\n");
        } else if (*at == '\'') {
            size_t len = strcspn(at + 1, "'");
            keep(mention, gl_strndup(at + 1, len));
            at += len + (at[len + 1] == '\'');
        }
        if (!*at)
            return;
    }
}

static bool is_word_at(const char *sql, const char *at, size_t len)
{
    bool begins = at == sql || (!isalnum((unsigned char)at[-1]) && !strchr("_'.", at[-1]));
    return begins && !isalnum((unsigned char)at[len]) && at[len] != '_' && at[len] != '\'';
}

static bool has_word(const char *sql, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = strstr(sql, word); at; at = strstr(at + 1, word)) {
        if (is_word_at(sql, at, len))
            return true;
    }
    return false;
}

void mention_read(struct mention *mention, const char *sql)
{
    read_texts(mention, sql);
    mention->follows = mention->follows || strstr(sql, "target(");
    for (const struct gl_fact_table *table = gl_fact_tables; table->name; table++) {
        if (!strstr(table->sql, "create view") || !has_word(sql, table->name) ||
            gl_strv_has(&mention->views, table->name))
            continue;
        gl_strv_add(&mention->views, table->name);
        mention_read(mention, strstr(table->sql, "create view"));
    }
}

/* ---- asking ------------------------------------------------------------------------------------
 */

static size_t letters(const char *text)
{
    size_t sum = 0;
    for (; *text; text++)
        sum += isalpha((unsigned char)*text) != 0;
    return sum;
}

static bool fits(const char *text, const char *full, const char *shape)
{
    if (strcmp(text, full) == 0 || strcmp(text, shape) == 0)
        return true;
    if (letters(text) < LETTERS_MIN)
        return false;
    if (strchr(text, '%'))
        return sqlite3_strlike(text, shape, 0) == 0;
    return (text[0] == '.' && gl_ends_with(shape, text)) ||
           (gl_ends_with(text, ".") && gl_starts_with(shape, text));
}

static bool any_fits(const struct mention *mention, const char *full, const char *shape)
{
    for (size_t i = 0; i < mention->texts.count; i++) {
        if (fits(mention->texts.items[i], full, shape))
            return true;
    }
    return false;
}

static bool is_about(const struct mention *mention, const char *type)
{
    for (size_t i = 0; i < mention->types.count; i++) {
        if (sqlite3_strlike(mention->types.items[i], type, 0) == 0)
            return true;
    }
    return mention->types.count == 0;
}

bool mention_has_property(const struct mention *mention, const char *type, const char *path,
                          const char *shape)
{
    return is_about(mention, type) && any_fits(mention, path, shape);
}

bool mention_may_reach(const struct mention *mention, const char *path, const char *shape)
{
    return mention->follows && any_fits(mention, path, shape);
}

bool mention_has_config(const struct mention *mention, const char *key, const char *shape,
                        const char *parent)
{
    return any_fits(mention, key, shape) || (*parent && gl_strv_has(&mention->texts, parent));
}
