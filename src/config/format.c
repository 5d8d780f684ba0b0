/* What texts must look like: a regular expression, sometimes a check of the calendar, and a
 * sentence for people. */
#include <locale.h>
#include <pthread.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/i18n.h"
#include "config/schema.h"

#define DATE        "[0-9]{4}-[0-9]{2}-[0-9]{2}"
#define CLOCK       "([01][0-9]|2[0-3]):[0-5][0-9]"
#define DAY         "(mon|tue|wed|thu|fri|sat|sun)"
#define LABEL       "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
#define CRON_FIELD  "[0-9A-Za-z?*,/#-]+"
/* In a workflow a branch is a pattern, and stands within quotes of an expression; in a role's
 * policy it is a pattern, too: no sign that any of them, a shell or git reads. */
#define BRANCH_CHAR "[^][:space:][:cntrl:]!\"#$%&'()*+,:;<=>?@\\^`{|}~[-]"
#define OCTET       "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"

/* The calendar knows what a regular expression does not: 2026-02-30 is no date. */
static bool is_date(const char *text)
{
    struct tm day = {.tm_mday = (int)strtol(text + 8, NULL, 10),
                     .tm_mon = (int)strtol(text + 5, NULL, 10) - 1,
                     .tm_year = (int)strtol(text, NULL, 10) - 1900};
    struct tm same = day;
    return timegm(&same) != -1 && same.tm_mday == day.tm_mday && same.tm_mon == day.tm_mon;
}

/* GitHub's limit, with refs/heads/ in front. */
enum { BRANCH_BYTES_MAX = 244 };

/* https://git-scm.com/docs/git-check-ref-format: what a name of allowed characters may not be. */
static bool is_ref(const char *text)
{
    size_t len = strlen(text);
    for (const char *at = text; *at; at += *at == '/') {
        size_t part = strcspn(at, "/");
        if (part == 0 || *at == '.' || (part >= 5 && strncmp(at + part - 5, ".lock", 5) == 0))
            return false;
        at += part;
    }
    return len <= BRANCH_BYTES_MAX && !strchr("/.", text[len - 1]) && !strstr(text, "..");
}

struct format {
    const char *regex;
    const char *description;
    bool (*check)(const char *text); /* NULL, or a further check */
};

/* clang-format off */
static const struct format formats[GL_FORMAT_COUNT] = {
    [GL_FORMAT_ANY] = {NULL, N_("text")},
    [GL_FORMAT_APP_NAME] = {"^[a-z][a-z0-9-]{1,20}$",
        N_("a lower-case letter, then lower-case letters, digits or -; 2 to 21 characters")},
    [GL_FORMAT_ID] = {"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$",
        N_("letters, digits, or any of _ . : -; at most 64 characters")},
    [GL_FORMAT_ENV_NAME] = {"^[a-z][a-z0-9-]{0,15}$",
        N_("a lower-case letter, then lower-case letters, digits or -; up to 16 characters")},
    [GL_FORMAT_UPPER_NAME] = {"^[A-Z][A-Z0-9_]{0,127}$",
        N_("capital letters, digits and _, beginning with a letter")},
    [GL_FORMAT_ACCOUNT] = {"^[0-9]{12}$", N_("an AWS account: 12 digits")},
    [GL_FORMAT_REGION] = {"^[a-z]{2}(-[a-z]+)+-[0-9]$", N_("an AWS region, like ap-northeast-1")},
    [GL_FORMAT_REPOSITORY] = {"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", N_("a repository as owner/name")},
    [GL_FORMAT_EMAIL] = {"^[^@[:space:]]+@[^@[:space:]]+$", N_("an e-mail address")},
    [GL_FORMAT_HOST] = {"^" LABEL "(\\." LABEL ")+$", N_("a host name, like app.example.com")},
    [GL_FORMAT_URL] = {"^(https?|wss?)://[^[:space:]]+$",
        N_("a URL that begins with https:// or http://")},
    [GL_FORMAT_CIDR] = {"^" OCTET "(\\." OCTET "){3}/(3[0-2]|[12]?[0-9])$",
        N_("an address range, like 10.30.0.0/16")},
    [GL_FORMAT_URL_PATH] = {"^/[^[:space:]]*$", N_("a path that begins with /")},
    [GL_FORMAT_DIR] = {"^[^/[:space:]][^\n]*$",
        N_("a path relative to golive.yaml, without / at the front")},
    [GL_FORMAT_PATH] = {"^[^[:space:]][^\n]*$",
        N_("a path, relative to golive.yaml unless it begins with /")},
    [GL_FORMAT_DATE] = {"^" DATE "$", N_("a date, like 2026-11-20"), is_date},
    [GL_FORMAT_INSTANT] = {"^" DATE "T" CLOCK "(:[0-5][0-9](\\.[0-9]+)?)?(Z|[+-]" CLOCK ")$",
        N_("a time with its offset, like 2026-12-01T00:00:00+09:00"), is_date},
    [GL_FORMAT_CLOCK] = {"^(" CLOCK "|24:00)$", N_("a time of day, like 08:00")},
    [GL_FORMAT_CLOCK_RANGE] = {"^" CLOCK "-" CLOCK "$", N_("a daily window in UTC, like 18:00-18:30")},
    [GL_FORMAT_WEEK_RANGE] = {"^" DAY ":" CLOCK "-" DAY ":" CLOCK "$",
        N_("a weekly window in UTC, like sun:19:00-sun:19:30")},
    [GL_FORMAT_DAYS] = {"^" DAY "(-" DAY ")?(," DAY "(-" DAY ")?)*$",
        N_("days of the week, like mon-fri or sat,sun")},
    [GL_FORMAT_TIME_ZONE] = {"^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$",
        N_("a time zone, like Asia/Tokyo or UTC")},
    [GL_FORMAT_INSTANCE_CLASS] = {"^db\\.[a-z0-9]+\\.[a-z0-9]+$",
        N_("an RDS instance class, like db.t4g.medium")},
    [GL_FORMAT_JSONPATH] = {"^\\$(\\.[A-Za-z_][A-Za-z0-9_-]*|\\[[0-9]+\\])*$",
        N_("a path into JSON, like $.db or $.items[0].id")},
    [GL_FORMAT_METHOD] = {"^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$",
        N_("GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS")},
    /* https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based */
    [GL_FORMAT_CRON] = {"^cron\\(" CRON_FIELD "( " CRON_FIELD "){5}\\)$",
        N_("minutes, hours, day, month, weekday, year, like cron(0 8 ? * MON-FRI *)")},
    [GL_FORMAT_BRANCH] = {"^" BRANCH_CHAR "(" BRANCH_CHAR "|-)*$",
        N_("a branch of git without spaces and signs but . _ / -, like main or release/1.x"),
        is_ref},
};
/* clang-format on */

static regex_t compiled[GL_FORMAT_COUNT];
static bool is_compiled[GL_FORMAT_COUNT];
static pthread_mutex_t compile_lock = PTHREAD_MUTEX_INITIALIZER;

/* Bytes, whatever the user's locale: [a-z] is then really a to z, and matching is five times as
 * fast. */
static int compile(regex_t *regex, const char *text)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = uselocale(plain);
    int failed = regcomp(regex, text, REG_EXTENDED | REG_NOSUB);
    uselocale(before);
    freelocale(plain);
    return failed;
}

/* Compiled when first used: a command pays only for the formats its file has. */
static const regex_t *regex_of(enum gl_text_format format)
{
    (void)pthread_mutex_lock(&compile_lock);
    if (!is_compiled[format]) {
        if (compile(&compiled[format], formats[format].regex) != 0)
            abort(); /* a mistake in the table above, found by the first test that uses it */
        is_compiled[format] = true;
    }
    (void)pthread_mutex_unlock(&compile_lock);
    return &compiled[format];
}

bool gl_format_matches(enum gl_text_format format, const char *text)
{
    if (!formats[format].regex)
        return true;
    if (regexec(regex_of(format), text, 0, NULL, 0) != 0)
        return false;
    return !formats[format].check || formats[format].check(text);
}

const char *gl_format_description(enum gl_text_format format)
{
    return _(formats[format].description);
}
