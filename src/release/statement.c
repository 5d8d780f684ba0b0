/* Statements: a table of members, from which they are written, read and compared. */
#include "release/statement.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"

/* In the order in which a difference is worth telling. */
static const struct member {
    const char *name;
    size_t offset;
    bool number;
    bool shipped; /* says what is shipped; else only who asks, and when */
} members[] = {
    {"app",            offsetof(struct gl_statement, app),            false, true },
    {"env",            offsetof(struct gl_statement, env),            false, true },
    {"from",           offsetof(struct gl_statement, from),           false, true },
    {"release",        offsetof(struct gl_statement, release),        true,  true },
    {"digest",         offsetof(struct gl_statement, digest),         false, true },
    {"version",        offsetof(struct gl_statement, version),        false, true },
    {"source",         offsetof(struct gl_statement, source),         false, true },
    {"migrations",     offsetof(struct gl_statement, migrations),     false, true },
    {"templates",      offsetof(struct gl_statement, templates),      false, true },
    {"settings",       offsetof(struct gl_statement, settings),       false, true },
    {"attempt",        offsetof(struct gl_statement, attempt),        true,  true },
    {"requester",      offsetof(struct gl_statement, requester),      false, false},
    {"time_unix_s",    offsetof(struct gl_statement, time_unix_s),    true,  false},
    {"expires_unix_s", offsetof(struct gl_statement, expires_unix_s), true,  false},
};

static char **text_at(const struct gl_statement *statement, const struct member *member)
{
    return (char **)((char *)statement + member->offset);
}

static int64_t *number_at(const struct gl_statement *statement, const struct member *member)
{
    return (int64_t *)((char *)statement + member->offset);
}

void gl_statement_done(struct gl_statement *statement)
{
    for (size_t i = 0; i < GL_COUNT(members); i++) {
        if (!members[i].number)
            free(gl_steal(text_at(statement, &members[i])));
    }
}

char *gl_statement_text(const struct gl_statement *statement)
{
    gl_autojson json_t *object = json_object();
    for (size_t i = 0; i < GL_COUNT(members); i++) {
        if (members[i].number)
            gl_json_set_int(object, members[i].name, *number_at(statement, &members[i]));
        else
            gl_json_set_str(object, members[i].name, *text_at(statement, &members[i]));
    }
    gl_autofree char *text = gl_json_canonical(object);
    return gl_asprintf("%s\n", text);
}

static bool is_number(const json_t *value)
{
    json_int_t number = json_integer_value(value);
    return json_is_integer(value) && number >= 0 && number <= (json_int_t)1 << 53;
}

static bool is_text(const char *text)
{
    const char *at = text;
    while (at && *at >= ' ' && *at <= '~')
        at++;
    return text && *text && !*at;
}

static bool take_member(const json_t *object, const struct member *member,
                        struct gl_statement *statement)
{
    const json_t *value = json_object_get(object, member->name);
    const char *text = json_string_value(value);
    if (member->number)
        *number_at(statement, member) = json_integer_value(value);
    else
        *text_at(statement, member) = gl_strdup(text);
    return member->number ? is_number(value) : is_text(text);
}

static bool is_whole(const struct gl_statement *statement, const char *text, size_t len)
{
    gl_autofree char *again = gl_statement_text(statement);
    return strlen(again) == len && memcmp(again, text, len) == 0;
}

int gl_statement_read(const char *text, size_t len, struct gl_statement *ret_statement,
                      struct gl_error *err)
{
    gl_autojson json_t *object = NULL;
    gl_autostatement struct gl_statement statement = {0};
    bool good = len <= GL_STATEMENT_BYTES_MAX &&
                gl_json_parse(text, len, "the statement", &object, NULL) == 0;
    for (size_t i = 0; good && i < GL_COUNT(members); i++)
        good = take_member(object, &members[i], &statement);
    if (!good || !is_whole(&statement, text, len))
        return gl_fail(err, GL_E_CORRUPT, _("this is no statement of golive approve"));
    *ret_statement = statement;
    statement = (struct gl_statement){0};
    return 0;
}

const char *gl_statement_difference(const struct gl_statement *a, const struct gl_statement *b)
{
    for (size_t i = 0; i < GL_COUNT(members); i++) {
        const struct member *member = &members[i];
        if (!member->shipped)
            continue;
        bool same = member->number ? *number_at(a, member) == *number_at(b, member)
                                   : strcmp(*text_at(a, member), *text_at(b, member)) == 0;
        if (!same)
            return member->name;
    }
    return NULL;
}
