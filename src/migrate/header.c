/* Reading `-- golive:` comments of migrations: words of the form key=value or key="a value". */
#include "migrate/header.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "migrate/sqltext.h"

#define BATCH_MAX    10000000
#define SLEEP_MAX_MS 60000

static bool read_whole(const char *value, int64_t *ret_number, const char **ret_rest)
{
    char *end;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    *ret_number = number;
    *ret_rest = end;
    return end != value && number >= 0 && !errno && *value >= '0' && *value <= '9';
}

static bool read_version(const char *value, int64_t *ret_number)
{
    const char *rest;
    return read_whole(value, ret_number, &rest) && *ret_number > 0 && !*rest;
}

static bool read_rows(const char *value, int64_t *ret_number)
{
    return read_version(value, ret_number) && *ret_number <= BATCH_MAX;
}

/* 50ms, 2s */
static bool read_pause(const char *value, int64_t *ret_number)
{
    const char *rest;
    if (!read_whole(value, ret_number, &rest) || *ret_number > SLEEP_MAX_MS)
        return false;
    if (strcmp(rest, "s") == 0)
        *ret_number *= 1000;
    else if (strcmp(rest, "ms") != 0)
        return false;
    return *ret_number <= SLEEP_MAX_MS;
}

/* The last hint column is one whole example, for whoever mistyped. */
static const struct {
    const char *key;
    size_t offset;          /* of the text or the number in the header */
    const char *choices[4]; /* all that it can be; empty = any text */
    const char *example;
    bool (*read)(const char *value, int64_t *ret_number); /* of a number; NULL = it is a text */
} words[] = {
    {"phase",
     offsetof(struct gl_migration_header, phase),
     {"expand", "contract"},
     "`-- golive: phase=expand` or `-- golive: phase=contract`", NULL        },
    {"rollback",
     offsetof(struct gl_migration_header, rollback),
     {"down", "forward", "restore"},
     "`-- golive: rollback=forward`, `=down` or `=restore`",     NULL        },
    {"rollback-note",
     offsetof(struct gl_migration_header, rollback_note),
     {0},
     "`-- golive: rollback-note=\"what is done instead\"`",      NULL        },
    {"order",
     offsetof(struct gl_migration_header, order),
     {"app_first", "expand_first"},
     "`-- golive: order=app_first` or `=expand_first`",          NULL        },
    {"expands",
     offsetof(struct gl_migration_header, expands),
     {0},
     "`-- golive: expands=20260908090000`, a version",           read_version},
    {"batch",
     offsetof(struct gl_migration_header, batch),
     {0},
     "`-- golive: batch=10000`, rows",                           read_rows   },
    {"sleep",
     offsetof(struct gl_migration_header, sleep_ms),
     {0},
     "`-- golive: sleep=50ms`, at most 60s",                     read_pause  },
};

void gl_migration_header_done(struct gl_migration_header *header)
{
    free(header->phase);
    free(header->rollback);
    free(header->rollback_note);
    free(header->order);
    *header = (struct gl_migration_header){0};
}

/* ---- one word ----------------------------------------------------------------------------------
 */

static int unknown_word(const char *key, struct gl_error *err)
{
    const char *keys[GL_COUNT(words)];
    for (size_t i = 0; i < GL_COUNT(words); i++)
        keys[i] = words[i].key;
    const char *nearest = gl_nearest(key, keys, GL_COUNT(words));
    gl_fail(err, GL_E_CONFIG, _("`%s` says nothing about a migration"), key);
    return nearest ? gl_error_hint(err, _("did you mean `%s`?"), nearest)
                   : gl_error_hint(err, _("Write %s."), words[0].example);
}

static bool is_choice(size_t word, const char *value)
{
    bool any = words[word].choices[0] == NULL;
    for (size_t i = 0; i < GL_COUNT(words[word].choices) && words[word].choices[i]; i++)
        any |= strcmp(words[word].choices[i], value) == 0;
    return any && *value;
}

static int bad_value(size_t word, const char *value, struct gl_error *err)
{
    gl_fail(err, GL_E_CONFIG, _("`%s=%s` is not understood"), words[word].key, value);
    return gl_error_hint(err, _("Write %s."), words[word].example);
}

static int said_twice(const char *key, struct gl_error *err)
{
    return gl_fail(err, GL_E_CONFIG, _("`%s` is said twice"), key);
}

static int set_number(void *place, size_t word, const char *value, struct gl_error *err)
{
    int64_t *number = place;
    int64_t given = 0;
    if (*number)
        return said_twice(words[word].key, err);
    if (!words[word].read(value, &given))
        return bad_value(word, value, err);
    *number = given;
    return 0;
}

static int set_word(struct gl_migration_header *header, const char *key, const char *value,
                    struct gl_error *err)
{
    size_t word = 0;
    while (word < GL_COUNT(words) && strcmp(words[word].key, key) != 0)
        word++;
    if (word == GL_COUNT(words))
        return unknown_word(key, err);
    void *place = (char *)header + words[word].offset;
    if (words[word].read)
        return set_number(place, word, value, err);
    char **text = place;
    if (*text)
        return said_twice(key, err);
    if (!is_choice(word, value))
        return bad_value(word, value, err);
    *text = gl_strdup(value);
    return 0;
}

/* ---- a comment ---------------------------------------------------------------------------------
 */

/* The text after "golive:" in a line comment, or NULL if it is no such comment. Caller owns it. */
static char *directive_of(const struct gl_sql_token *token)
{
    static const char mark[] = "golive:";
    if (token->kind != GL_SQL_COMMENT || token->text[0] != '-')
        return NULL;
    gl_autofree char *text = gl_strndup(token->text + 2, token->len - 2);
    const char *at = text + strspn(text, " \t");
    return strncasecmp(at, mark, strlen(mark)) == 0 ? gl_strdup(at + strlen(mark)) : NULL;
}

/* Moves behind a value: up to the closing quote, or the next space. The caller owns the result. */
static char *take_value(const char **at)
{
    bool quoted = **at == '"';
    const char *begin = *at + quoted;
    size_t len = strcspn(begin, quoted ? "\"" : " \t\r");
    *at = begin + len + (quoted && begin[len]);
    return gl_strndup(begin, len);
}

static int read_directive(const char *text, struct gl_migration_header *header,
                          struct gl_error *err)
{
    const char *at = text + strspn(text, " \t\r");
    if (!*at)
        return gl_fail(err, GL_E_CONFIG, _("the comment `golive:` says nothing"));
    while (*at) {
        gl_autofree char *key = gl_strndup(at, strcspn(at, "= \t\r"));
        at += strlen(key);
        if (*at != '=')
            return unknown_word(key, err);
        at++;
        gl_autofree char *value = take_value(&at);
        int failed = set_word(header, key, value, err);
        if (failed < 0)
            return failed;
        at += strspn(at, " \t\r");
    }
    return 0;
}

int gl_migration_header_read(const char *sql, const char *path,
                             struct gl_migration_header *ret_header, struct gl_error *err)
{
    gl_automigrationheader struct gl_migration_header header = {0};
    struct gl_sql_scanner scanner = {sql, strlen(sql), 0};
    struct gl_sql_token token;
    while ((token = gl_sql_next(&scanner)).kind == GL_SQL_COMMENT) {
        gl_autofree char *directive = directive_of(&token);
        if (!directive || read_directive(directive, &header, err) == 0)
            continue;
        return gl_error_at(err, path, gl_sql_line(sql, (size_t)(token.text - sql)), 1);
    }
    *ret_header = header;
    header = (struct gl_migration_header){0};
    return 0;
}
