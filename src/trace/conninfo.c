/* libpq strings: the same server, another database. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/log.h"
#include "trace/conninfo.h"

static void free_options(PQconninfoOption **options)
{
    PQconninfoFree(*options);
    *options = NULL;
}

/* key='value', quotes and backslashes escaped (PostgreSQL manual, 34.1.1.1). */
static void add(struct gl_buf *text, const char *key, const char *value)
{
    gl_buf_printf(text, "%s%s='", text->len ? " " : "", key);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            gl_buf_putc(text, '\\');
        gl_buf_putc(text, *value);
    }
    gl_buf_putc(text, '\'');
}

int gl_conninfo_to(const char *conninfo, const char *database, char **ret_conninfo,
                   struct gl_error *err)
{
    gl_autobuf struct gl_buf text = {0};
    gl_cleanup(free_options) PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    if (!options) /* the connection made with it before says what is wrong */
        return gl_fail(err, GL_E_CONFIG, _("the database URL cannot be read"));
    for (const PQconninfoOption *option = options; option->keyword; option++) {
        if (option->val && strcmp(option->keyword, "dbname") != 0)
            add(&text, option->keyword, option->val);
    }
    add(&text, "dbname", database);
    *ret_conninfo = gl_buf_steal(&text);
    return 0;
}

int gl_conninfo_split(const char *conninfo, char **ret_public, char **ret_password,
                      struct gl_error *err)
{
    gl_autobuf struct gl_buf text = {0};
    gl_cleanup(free_options) PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    if (!options)
        return gl_fail(err, GL_E_CONFIG, _("the database URL cannot be read"));
    char *password = NULL;
    for (const PQconninfoOption *option = options; option->keyword; option++) {
        if (option->val && strcmp(option->keyword, "password") == 0)
            password = gl_strdup(option->val);
        else if (option->val)
            add(&text, option->keyword, option->val);
    }
    *ret_public = gl_buf_steal(&text);
    *ret_password = password;
    return 0;
}
