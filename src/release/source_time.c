/* The one time that is written into what a release builds. */
#include "release/source_time.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"

enum {
    FIRST_S = 315532800,    /* 1980-01-01, the first that zip files know; 0 some take for "none" */
    SPAN_S = (1 << 29) - 1, /* 17 years: nobody takes it for the time of a release */
    DIGITS_LEN = 10,        /* of UINT32_MAX */
};

static bool read_seconds(const char *text, int64_t *ret_unix_s)
{
    size_t len = strspn(text, "0123456789");
    if (!len || len > DIGITS_LEN || text[len])
        return false;
    int64_t value = strtoll(text, NULL, 10);
    if (value > UINT32_MAX)
        return false;
    *ret_unix_s = value;
    return true;
}

/* The hash is hexadecimal; eight digits of it are enough. */
static int64_t time_of_hash(const char *revision)
{
    char digits[9];
    (void)snprintf(digits, sizeof digits, "%s", revision);
    return FIRST_S + (int64_t)(strtoul(digits, NULL, 16) & SPAN_S);
}

int gl_source_time(int64_t commit_unix_s, const char *revision, int64_t *ret_unix_s,
                   struct gl_error *err)
{
    const char *given = getenv("SOURCE_DATE_EPOCH");
    if (!given || !*given) {
        *ret_unix_s = commit_unix_s ? commit_unix_s : time_of_hash(revision);
        return 0;
    }
    if (read_seconds(given, ret_unix_s))
        return 0;
    gl_fail(err, GL_E_CONFIG,
            _("SOURCE_DATE_EPOCH is `%s`, which is no time that an image can have"), given);
    return gl_error_hint(err, _("Seconds since 1970, such as 1732600000; or unset it, and the "
                                "commit's time is taken."));
}
