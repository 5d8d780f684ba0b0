/* The part of TOML that cargo's files use. https://toml.io/en/v1.0.0 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/strv.h"
#include "facts/repo.h"

struct toml {
    gl_toml_fn *visit;
    void *context;
    char *table;       /* "package", "package[3]": where keys stand now */
    char *array;       /* name of the last array of tables */
    unsigned elements; /* tables in it so far */
    unsigned line;
};

static void skip_space(const char **at)
{
    *at += strspn(*at, " \t\r");
}

/* A bare or quoted key, dots included: `a.b`, `"a b"`. The caller owns it. */
static char *take_key(const char **at)
{
    skip_space(at);
    if (**at == '"' || **at == '\'') {
        char quote = *(*at)++;
        size_t len = strcspn(*at, quote == '"' ? "\"\n" : "'\n");
        char *key = gl_strndup(*at, len);
        *at += len + ((*at)[len] == quote);
        return key;
    }
    size_t len = strspn(*at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");
    char *key = gl_strndup(*at, len);
    *at += len;
    return key;
}

/* [table] and [[array of tables]] */
static void take_table(struct toml *toml, const char *at)
{
    bool array = at[1] == '[';
    at += array ? 2 : 1;
    gl_autofree char *name = take_key(&at);
    free(toml->table);
    if (!array) {
        toml->table = gl_strdup(name);
        return;
    }
    toml->elements = toml->array && strcmp(toml->array, name) == 0 ? toml->elements + 1 : 0;
    free(toml->array);
    toml->array = gl_strdup(name);
    toml->table = gl_asprintf("%s[%u]", name, toml->elements);
}

/* A string; NULL if there is none. Escapes stay as they are written. The caller owns it. */
static char *take_string(const char **at)
{
    char quote = **at;
    if (quote != '"' && quote != '\'')
        return NULL;
    const char *begin = ++*at;
    while (**at && **at != quote && **at != '\n')
        *at += **at == '\\' && quote == '"' && (*at)[1] ? 2 : 1;
    char *text = gl_strndup(begin, (size_t)(*at - begin));
    *at += **at == quote;
    return text;
}

static void take_array(struct toml *toml, const char *path, const char **at)
{
    unsigned index = 0;
    ++*at;
    while (**at && **at != ']') {
        unsigned line = toml->line;
        gl_autofree char *text = take_string(at);
        gl_autofree char *item = gl_asprintf("%s[%u]", path, index);
        if (text) {
            toml->visit(item, text, line, toml->context);
            index++;
        } else if (**at == '#') {
            *at += strcspn(*at, "\n");
        } else {
            toml->line += **at == '\n';
            ++*at;
        }
    }
}

static void take_value(struct toml *toml, const char *path, const char **at)
{
    skip_space(at);
    gl_autofree char *text = take_string(at);
    if (text) {
        toml->visit(path, text, toml->line, toml->context);
    } else if (**at == '[') {
        take_array(toml, path, at);
    } else if (**at != '{') {
        size_t len = strcspn(*at, " \t\r\n#");
        gl_autofree char *word = gl_strndup(*at, len);
        toml->visit(path, word, toml->line, toml->context);
        *at += len;
    }
}

static void take_line(struct toml *toml, const char **at)
{
    skip_space(at);
    if (**at == '[') {
        take_table(toml, *at);
        return;
    }
    gl_autofree char *key = take_key(at);
    skip_space(at);
    if (!*key || **at != '=')
        return;
    ++*at;
    gl_autofree char *path = toml->table ? gl_asprintf("%s.%s", toml->table, key) : gl_strdup(key);
    take_value(toml, path, at);
}

void gl_toml_read(const char *text, gl_toml_fn *visit, void *context)
{
    struct toml toml = {.visit = visit, .context = context, .line = 1};
    for (const char *at = text; *at; toml.line++) {
        take_line(&toml, &at);
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
    free(toml.table);
    free(toml.array);
}
