/* msg(): texts of rules in the user's language. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "facts/internal.h"

/* The value of {N} at `at`, or NULL where there is none. `ret_len`: bytes of the mark. */
static const char *value_at(const char *at, int count, sqlite3_value **values, size_t *ret_len)
{
    char *end = NULL;
    long n = at[0] == '{' ? strtol(at + 1, &end, 10) : 0;
    if (n < 1 || n >= count || *end != '}')
        return NULL;
    *ret_len = (size_t)(end + 1 - at);
    const char *text = (const char *)sqlite3_value_text(values[n]);
    return text ? text : _("(none)");
}

void gl_facts_msg(sqlite3_context *result, int count, sqlite3_value **values)
{
    const char *text = count ? (const char *)sqlite3_value_text(values[0]) : NULL;
    gl_autobuf struct gl_buf filled = {0};
    if (!text)
        return;
    const char *at = *text ? gettext(text) : text;
    while (*at) {
        size_t len;
        const char *value = value_at(at, count, values, &len);
        gl_buf_add(&filled, value ? value : at, value ? strlen(value) : 1);
        at += value ? len : 1;
    }
    sqlite3_result_text(result, gl_buf_text(&filled), (int)filled.len, SQLITE_TRANSIENT);
}
