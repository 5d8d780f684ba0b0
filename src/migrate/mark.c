/* Marks in comments: finding them, their order, what of a file is applied. */
#include "migrate/mark.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "migrate/phase.h"
#include "migrate/session.h"
#include "migrate/sqltext.h"

static const char up_word[] = "up";
static const char down_word[] = "down";

static size_t digits_of(const char *name)
{
    return gl_ends_with(name, ".sql") ? strspn(name, "0123456789") : 0;
}

static bool begins(const char *text, const char *word, bool any_case)
{
    return any_case ? strncasecmp(text, word, strlen(word)) == 0 : gl_starts_with(text, word);
}

static bool is_mark(const struct gl_mark_style *style, const char *line, const char *word)
{
    size_t prefix = strlen(style->prefix);
    if (!gl_starts_with(line, "--"))
        return false;
    const char *at = line + 2 + strspn(line + 2, " \t");
    if (!begins(at, style->prefix, style->any_case))
        return false;
    at += prefix;
    if (style->prefix[prefix - 1] == ' ')
        at += strspn(at, " \t");
    return begins(at, word, style->any_case) && !isalnum((unsigned char)at[strlen(word)]);
}

const char *gl_mark_find(const struct gl_mark_style *style, const char *sql, const char *word)
{
    for (const char *line = sql; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (is_mark(style, line, word))
            return line;
    }
    return NULL;
}

bool gl_mark_is_text(const struct gl_mark_style *style, const char *sql)
{
    return gl_mark_find(style, sql, up_word) != NULL;
}

bool gl_mark_is_dir(const struct gl_mark_style *style, const char *dir, const struct gl_strv *names)
{
    for (size_t i = 0; i < names->count; i++) {
        gl_autofree char *path = gl_path_join(dir, names->items[i]);
        gl_autobuf struct gl_buf text = {0};
        gl_autoerr struct gl_error ignored = {0};
        if (digits_of(names->items[i]) && gl_is_file(path) &&
            gl_read_file(path, 0, &text, &ignored) == 0)
            return gl_mark_is_text(style, gl_buf_text(&text));
    }
    return false;
}

int gl_mark_add(const char *dir, const char *name, struct gl_migrations *list, struct gl_error *err)
{
    size_t digits = digits_of(name);
    gl_autofree char *path = gl_path_join(dir, name);
    if (!digits || !gl_is_file(path))
        return 0;
    int64_t version = strtoll(name, NULL, 10);
    gl_autofree char *text =
        list->format->marks->plain ? gl_asprintf("%" PRId64, version) : gl_strndup(name, digits);
    size_t title = digits + (name[digits] == '_');
    gl_autofree char *description = gl_strndup(name + title, strlen(name) - title - strlen(".sql"));
    int failed = gl_format_add_file(list, path, version, text, description, err);
    return failed < 0 ? failed : list->format->cut(&list->items[list->count - 1], err);
}

int gl_mark_fail(const struct gl_mark_style *style, const struct gl_migration *migration,
                 const char *at, const char *what, struct gl_error *err)
{
    gl_fail(err, GL_E_CONFIG, "%s", what);
    gl_error_hint(err, "%s", _(style->hint));
    gl_error_at(err, migration->path, gl_sql_line(migration->sql, (size_t)(at - migration->sql)),
                1);
    return GL_E_CONFIG;
}

static bool is_first(const char *sql, const char *up)
{
    struct gl_sql_scanner scanner = {sql, strlen(sql), 0};
    struct gl_sql_token first;
    do
        first = gl_sql_next(&scanner);
    while (first.kind == GL_SQL_COMMENT);
    return first.kind == GL_SQL_END || first.text >= up;
}

int gl_mark_check(const struct gl_mark_style *style, const struct gl_migration *migration,
                  struct gl_error *err)
{
    const char *sql = migration->sql;
    const char *up = gl_mark_find(style, sql, up_word);
    const char *down = gl_mark_find(style, sql, down_word);
    bool early = down && (!up || down < up);
    if (up && !early && is_first(sql, up))
        return 0;
    return gl_mark_fail(style, migration, early ? down : sql, _(style->order), err);
}

int gl_mark_cut(const struct gl_mark_style *style, struct gl_migration *migration,
                struct gl_error *err)
{
    const char *down = gl_mark_find(style, migration->sql, down_word);
    if (down)
        migration->sql[down - migration->sql] = '\0';
    return gl_phase_read(migration->sql, migration->path, &migration->phase,
                         &migration->phase_declared, err);
}
