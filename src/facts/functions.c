/* Functions that SQLite lacks and rules use (docs/controls.md). */
#include <locale.h>
#include <regex.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "data/sqlite.h"
#include "facts/internal.h"
#include "infra/cidr.h"

static const char *text_of(sqlite3_value *value)
{
    return (const char *)sqlite3_value_text(value);
}

/* ---- text regexp pattern -----------------------------------------------------------------------
 */

static void free_pattern(void *pattern)
{
    regfree(pattern);
    free(pattern);
}

/* Bytes, whatever the user's locale: a verdict must not depend on it, and matching is several times
 * as fast. */
static int compile_plain(regex_t *pattern, const char *text)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = uselocale(plain);
    int code = regcomp(pattern, text, REG_EXTENDED | REG_NOSUB);
    uselocale(before);
    freelocale(plain);
    return code;
}

/* The compiled pattern, kept by SQLite for the statement; NULL after an error was reported. */
static regex_t *pattern_of(sqlite3_context *context, sqlite3_value *value)
{
    regex_t *pattern = sqlite3_get_auxdata(context, 0);
    if (pattern)
        return pattern;
    pattern = gl_alloc(sizeof *pattern);
    int code = compile_plain(pattern, text_of(value));
    if (code != 0) {
        char why[128];
        regerror(code, pattern, why, sizeof why);
        free(pattern);
        sqlite3_result_error(context, why, -1);
        return NULL;
    }
    sqlite3_set_auxdata(context, 0, pattern, free_pattern);
    return sqlite3_get_auxdata(context, 0);
}

/* `text regexp pattern` calls regexp(pattern, text). */
static void regexp(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    if (!text_of(values[0]) || !text_of(values[1]))
        return;
    const regex_t *pattern = pattern_of(context, values[0]);
    if (pattern)
        sqlite3_result_int(context, regexec(pattern, text_of(values[1]), 0, NULL, 0) == 0);
}

/* ---- address ranges ----------------------------------------------------------------------------
 */

static uint32_t ipv4(const struct gl_cidr *cidr)
{
    uint32_t address = 0;
    for (int i = 0; i < 4; i++)
        address = address << 8 | cidr->address[i];
    return address;
}

static bool ipv4_range(sqlite3_value *value, struct gl_cidr *ret_cidr)
{
    const char *text = text_of(value);
    return text && gl_cidr_parse(text, ret_cidr) && ret_cidr->width == 32;
}

static void cidr_first(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    struct gl_cidr cidr;
    if (ipv4_range(values[0], &cidr))
        sqlite3_result_int64(context, ipv4(&cidr));
}

static void cidr_last(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    struct gl_cidr cidr;
    if (ipv4_range(values[0], &cidr))
        sqlite3_result_int64(context, (sqlite3_int64)ipv4(&cidr) + (1LL << (32 - cidr.bits)) - 1);
}

/* ---- verdicts ----------------------------------------------------------------------------------
 */

/* verdict(known, holds): the status of a row. What holds, holds; what does not is unknown while its
 * value is only known after `golive up`. */
static void verdict(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    const char *word = sqlite3_value_int(values[1])   ? "pass"
                       : sqlite3_value_int(values[0]) ? "fail"
                                                      : "unknown";
    sqlite3_result_text(context, word, -1, SQLITE_STATIC);
}

/* ---- all of them -------------------------------------------------------------------------------
 */

/* The language does not change while the program runs, so msg() is deterministic, too. */
int gl_facts_functions(sqlite3 *db, const struct gl_facts_kept *kept, struct gl_error *err)
{
    static const struct {
        const char *name;
        int count; /* of arguments, -1 = any */
        void (*function)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {
        {"cidr_first", 1,  cidr_first  },
        {"cidr_last",  1,  cidr_last   },
        {"msg",        -1, gl_facts_msg},
        {"regexp",     2,  regexp      },
        {"verdict",    2,  verdict     },
    };

    for (size_t i = 0; i < GL_COUNT(functions); i++) {
        if (sqlite3_create_function(db, functions[i].name, functions[i].count,
                                    SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, functions[i].function,
                                    NULL, NULL) != SQLITE_OK)
            return gl_sqlite_fail(db, err, functions[i].name);
    }
    return gl_facts_lookups(db, kept, err);
}
