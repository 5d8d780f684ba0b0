/* Java's regular expressions as POSIX's, compiled once; patterns of file names. */
#include "infra/pattern.h"

#include <fnmatch.h>
#include <pthread.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/strv.h"

/* What Java writes shorter than POSIX; the rest of the common ground is the same. */
static const struct {
    const char *java;
    const char *posix;
    const char *inside; /* within [...] */
} classes[] = {
    {"\\d", "[0-9]",        "0-9"       },
    {"\\w", "[A-Za-z0-9_]", "A-Za-z0-9_"},
    {"\\s", "[[:space:]]",  "[:space:]" },
    {"\\D", "[^0-9]",       NULL        },
    {"\\S", "[^[:space:]]", NULL        },
    {"(?:", "(",            NULL        },
    {"\\-", "-",            "-"         },
    {"\\/", "/",            "/"         },
};

static size_t translate_class(const char *at, bool inside, struct gl_buf *out)
{
    for (size_t i = 0; i < GL_COUNT(classes); i++) {
        const char *posix = inside ? classes[i].inside : classes[i].posix;
        if (posix && gl_starts_with(at, classes[i].java)) {
            gl_buf_puts(out, posix);
            return strlen(classes[i].java);
        }
    }
    return 0;
}

static char *posix_pattern(const char *java)
{
    struct gl_buf out = {0};
    bool inside = false;
    gl_buf_puts(&out, "^(");
    for (const char *at = java; *at;) {
        size_t used = translate_class(at, inside, &out);
        if (used == 0 && *at == '\\' && at[1] && !inside) {
            gl_buf_add(&out, at, 2);
            used = 2;
        } else if (used == 0) {
            inside = inside ? *at != ']' : *at == '[';
            gl_buf_putc(&out, *at);
            used = 1;
        }
        at += used;
    }
    gl_buf_puts(&out, ")$");
    return gl_buf_steal(&out);
}

/* ---- compiled ones -----------------------------------------------------------------------------
 */

enum { KEPT_MAX = 512 }; /* golive's own stacks have some 100; a fuzzer has as many as it likes */

struct compiled {
    struct compiled *next;
    char *java;
    bool good;
    regex_t regex;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct compiled *kept; /* until the program ends */
static size_t kept_count;

static struct compiled *compile(const char *java)
{
    struct compiled *new = gl_alloc(sizeof *new);
    gl_autofree char *posix = posix_pattern(java);
    new->java = gl_strdup(java);
    new->good = regcomp(&new->regex, posix, REG_EXTENDED | REG_NOSUB) == 0;
    return new;
}

static void compiled_free(struct compiled **pattern)
{
    if (!*pattern)
        return;
    if ((*pattern)->good)
        regfree(&(*pattern)->regex);
    free((*pattern)->java);
    free(*pattern);
}

/* NULL where there is no room for another one. */
static const struct compiled *find(const char *java)
{
    pthread_mutex_lock(&lock);
    struct compiled *at = kept;
    while (at && strcmp(at->java, java) != 0)
        at = at->next;
    if (!at && kept_count < KEPT_MAX) {
        at = compile(java);
        at->next = kept;
        kept = at;
        kept_count++;
    }
    pthread_mutex_unlock(&lock);
    return at;
}

bool gl_pattern_match(const char *java, const char *text, bool *ret_matches)
{
    gl_cleanup(compiled_free) struct compiled *once = NULL;
    const struct compiled *pattern = find(java);
    if (!pattern)
        pattern = once = compile(java);
    if (pattern->good)
        *ret_matches = regexec(&pattern->regex, text, 0, NULL, 0) == 0;
    return pattern->good;
}

/* Most patterns are a plain text, perhaps with `*` at its end. fnmatch() makes wide characters of
 * both texts before it looks at the first of them. */
bool gl_pattern_names(const char *pattern, const char *text)
{
    size_t plain = strcspn(pattern, "*?[\\");
    if (strncmp(pattern, text, plain) != 0)
        return false;
    const char *rest = pattern + plain;
    if (!*rest || strcmp(rest, "*") == 0)
        return *rest || !text[plain];
    return fnmatch(rest, text + plain, 0) == 0;
}
