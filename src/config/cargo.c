/* The few keys of Cargo.toml that matter here. */
#include "config/cargo.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"

void gl_cargo_done(struct gl_cargo *cargo)
{
    free(cargo->package);
    free(cargo->default_run);
    gl_strv_done(&cargo->bins);
    free(cargo->axum);
    free(cargo->sqlx);
    *cargo = (struct gl_cargo){0};
}

/* The first string of a value ("..." or '...'); NULL if it is none. The caller owns it. */
static char *string_in(const char *value)
{
    value += strspn(value, " \t");
    if (*value != '"' && *value != '\'')
        return NULL;
    size_t len = strcspn(value + 1, *value == '"' ? "\"" : "'");
    return gl_strndup(value + 1, len);
}

/* The version of a dependency's value: "0.8", { version = "0.8", ... }, { workspace = true }. */
static char *version_in(const char *value)
{
    char *plain = string_in(value);
    if (plain)
        return plain;
    const char *at = strstr(value, "version");
    const char *equals = at ? strchr(at, '=') : NULL;
    char *version = equals ? string_in(equals + 1) : NULL;
    return version ? version : gl_strdup("");
}

static void set(char **field, char *value)
{
    if (value && (!*field || !**field)) {
        free(*field);
        *field = value;
    } else {
        free(value);
    }
}

static void take_dependency(struct gl_cargo *cargo, const char *name, const char *value)
{
    if (strcmp(name, "axum") == 0)
        set(&cargo->axum, version_in(value));
    else if (strcmp(name, "sqlx") == 0)
        set(&cargo->sqlx, version_in(value));
}

static bool is_dependencies(const char *table)
{
    return strcmp(table, "dependencies") == 0 || strcmp(table, "workspace.dependencies") == 0;
}

/* [dependencies.axum] version = "0.8", and axum.version = "0.8" below [dependencies]. */
static bool take_dotted_dependency(struct gl_cargo *cargo, const char *table, const char *key,
                                   const char *value)
{
    gl_autofree char *path = gl_asprintf("%s.%s", table, key);
    const char *rest = gl_starts_with(path, "workspace.") ? path + strlen("workspace.") : path;
    if (!gl_starts_with(rest, "dependencies."))
        return false;
    rest += strlen("dependencies.");
    const char *dot = strchr(rest, '.');
    if (!dot)
        return false;
    gl_autofree char *name = gl_strndup(rest, (size_t)(dot - rest));
    bool is_version = strcmp(dot + 1, "version") == 0;
    take_dependency(cargo, name, is_version ? value : "{}");
    return true;
}

static void take_bin(struct gl_cargo *cargo, char *name)
{
    if (name)
        gl_strv_take(&cargo->bins, name);
}

static void take_key(struct gl_cargo *cargo, const char *table, const char *key, const char *value)
{
    if (strcmp(table, "package") == 0 && strcmp(key, "name") == 0)
        set(&cargo->package, string_in(value));
    else if (strcmp(table, "package") == 0 && strcmp(key, "default-run") == 0)
        set(&cargo->default_run, string_in(value));
    else if (strcmp(table, "bin") == 0 && strcmp(key, "name") == 0)
        take_bin(cargo, string_in(value));
    else if (!take_dotted_dependency(cargo, table, key, value) && is_dependencies(table))
        take_dependency(cargo, key, value);
}

/* A line without its comment; a '#' inside a string is none. */
static char *without_comment(const char *line, size_t len)
{
    char quote = 0;
    for (size_t i = 0; i < len; i++) {
        if (quote && line[i] == '\\' && quote == '"')
            i++;
        else if (quote && line[i] == quote)
            quote = 0;
        else if (!quote && (line[i] == '"' || line[i] == '\''))
            quote = line[i];
        else if (!quote && line[i] == '#')
            len = i;
    }
    while (len && isspace((unsigned char)line[len - 1]))
        len--;
    return gl_strndup(line, len);
}

/* How many brackets stay open, strings left out. */
static int open_brackets(const char *value)
{
    int open = 0;
    char quote = 0;
    for (; *value; value++) {
        if (quote)
            quote = (char)(*value == quote ? '\0' : quote);
        else if (*value == '"' || *value == '\'')
            quote = *value;
        else if (strchr("[{", *value))
            open++;
        else if (strchr("]}", *value))
            open--;
    }
    return open;
}

/* "[a.b]" and "[[a]]" -> "a.b", "a"; quotes around names are left out. */
static char *table_name(const char *line)
{
    gl_autobuf struct gl_buf name = {0};
    for (; *line; line++) {
        if (!strchr("[]\"' \t", *line))
            gl_buf_putc(&name, *line);
    }
    return gl_buf_steal(&name);
}

static char *key_of(const char *line)
{
    gl_autofree char *raw = gl_strndup(line, strcspn(line, "="));
    return table_name(raw);
}

struct cursor {
    const char *at;
};

/* The next logical line: an array over several lines is one. False at the end. */
static bool next_line(struct cursor *cursor, struct gl_buf *line)
{
    gl_buf_consume(line, line->len);
    while (*cursor->at) {
        size_t len = strcspn(cursor->at, "\n");
        gl_autofree char *part = without_comment(cursor->at, len);
        cursor->at += len + (cursor->at[len] == '\n');
        gl_buf_puts(line, part + strspn(part, " \t"));
        const char *text = gl_buf_text(line);
        const char *equals = *text == '[' ? NULL : strchr(text, '=');
        if (!equals || open_brackets(equals) <= 0)
            return true;
        gl_buf_putc(line, ' ');
    }
    return line->len > 0;
}

void gl_cargo_parse(const char *text, struct gl_cargo *ret_cargo)
{
    struct cursor cursor = {text};
    gl_autobuf struct gl_buf line = {0};
    gl_autofree char *table = gl_strdup("");
    while (next_line(&cursor, &line)) {
        const char *now = gl_buf_text(&line);
        const char *equals = strchr(now, '=');
        if (*now == '[') {
            free(table);
            table = table_name(now);
            ret_cargo->is_workspace |= gl_starts_with(table, "workspace");
            ret_cargo->is_library |= strcmp(table, "lib") == 0;
        } else if (equals) {
            gl_autofree char *key = key_of(now);
            take_key(ret_cargo, table, key, equals + 1);
        }
    }
}

bool gl_cargo_read(const char *path, struct gl_cargo *ret_cargo)
{
    gl_autobuf struct gl_buf text = {0};
    if (!gl_is_file(path) || gl_read_file(path, 0, &text, NULL) < 0)
        return false;
    gl_cargo_parse(gl_buf_text(&text), ret_cargo);
    return true;
}
