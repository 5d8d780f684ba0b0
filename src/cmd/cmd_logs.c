/* golive logs: the last lines of a service's log, wherever the environment is. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "base/log.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "platform/platform.h"

enum {
    FOLLOW_LINES = 1000, /* looked at again each time; more than are written in between */
    FOLLOW_MS = 1000,
    MOST_LINES = 1000000,
    MARK_LINES = 4, /* by so many lines it is known where the text went on */
};

/* The last lines of a text, by which it is found again in a later one. */
static const char *mark_of(const char *text)
{
    const char *at = text + strlen(text);
    int lines = 0;
    while (at > text && (at[-1] != '\n' || lines++ < MARK_LINES))
        at--;
    return at;
}

/* What stands behind the last occurrence of the mark; all of it where there is none. */
static const char *news(const char *text, const char *mark)
{
    const char *last = NULL;
    if (!*mark)
        return text;
    for (const char *at = strstr(text, mark); at; at = strstr(at + 1, mark))
        last = at;
    return last ? last + strlen(mark) : text;
}

struct asking {
    struct gl_platform *platform;
    const char *service;
    int64_t release;
    FILE *out;
    bool json;
};

/* Secrets are masked before they are encoded: JSON would write a quote in one as \". */
static void print_json(const struct asking *a, const char *text)
{
    gl_autostrv struct gl_strv lines = {0};
    gl_strv_split(&lines, text, "\n");
    for (size_t i = 0; i < lines.count; i++) {
        gl_autojson json_t *object = json_object();
        gl_json_set_str(object, "service", a->service);
        gl_json_set_str(object, "line", lines.items[i]);
        gl_autofree char *encoded = gl_json_canonical(object);
        fprintf(a->out, "%s\n", encoded);
    }
}

static void print(const struct asking *a, const char *text)
{
    gl_autofree char *masked = gl_redact(text);
    if (a->json)
        print_json(a, masked);
    else
        fputs(masked, a->out);
    fflush(a->out);
}

/* An empty answer is one too, but a person does not see it. */
static void tell_nothing(const struct asking *a)
{
    gl_autofree char *place = a->platform->ops->log_place
                                  ? a->platform->ops->log_place(a->platform, a->service, a->release)
                                  : NULL;
    fprintf(stderr, _("golive: there is no line of %s yet; looked in %s\n"), a->service,
            place ? place : "?");
}

static int ask(const struct asking *a, int lines, char **ret_text, struct gl_error *err)
{
    return a->platform->ops->logs(a->platform, a->service, a->release, lines, ret_text, err);
}

void gl_cmd_show_log(const struct gl_context *context, struct gl_platform *platform,
                     const char *service, int64_t release, const char *text)
{
    const struct asking a = {
        .platform = platform,
        .service = service,
        .release = release,
        .out = context->out,
        .json = context->format_json,
    };
    print(&a, text);
    if (!*text)
        tell_nothing(&a);
}

/* Until a signal, which is how a person ends it. */
static int follow(const struct asking *a, const char *shown, struct gl_error *err)
{
    gl_autofree char *mark = gl_strdup(mark_of(shown));
    while (!gl_interrupted()) {
        gl_autofree char *text = NULL;
        gl_sleep_ms(FOLLOW_MS);
        int failed = gl_interrupted() ? 0 : ask(a, FOLLOW_LINES, &text, err);
        if (failed == GL_E_INTERRUPTED) {
            gl_error_done(err);
            return 0;
        }
        if (failed < 0)
            return failed;
        if (!text)
            break;
        print(a, news(text, mark));
        if (*text) {
            gl_free_ptr(&mark);
            mark = gl_strdup(mark_of(text));
        }
    }
    return 0;
}

int gl_cmd_log_lines(const struct gl_context *context, int *ret_lines, struct gl_error *err)
{
    int64_t lines = gl_flag_int(context, "lines");
    if (lines < 1 || lines > MOST_LINES)
        return gl_fail(err, GL_E_USAGE, _("--lines wants a number from 1 to %d, not %" PRId64),
                       MOST_LINES, lines);
    *ret_lines = (int)lines;
    return 0;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_autoplatform struct gl_platform *platform = NULL;
    gl_autofree char *text = NULL;
    int lines = 0;
    int failed = gl_cmd_log_lines(context, &lines, err);
    if (failed == 0)
        failed = gl_cmd_open_platform(context, &platform, err);
    struct asking a = {
        .platform = platform,
        .service = context->args.count ? context->args.items[0] : "backend",
        .release = gl_flag_int(context, "release"),
        .out = context->out,
        .json = context->format_json,
    };
    if (failed == 0)
        failed = ask(&a, lines, &text, err);
    if (failed < 0 || !text)
        return failed;
    gl_cmd_show_log(context, platform, a.service, a.release, text);
    return gl_flag_bool(context, "follow") ? follow(&a, text, err) : 0;
}

/* clang-format off */
static const struct gl_flag flags[] = {
    {"release", 'r', GL_FLAG_INT,  N_("NUMBER"), "0",  N_("only the tasks of this release, as far as they are still known")},
    {"lines",   'n', GL_FLAG_INT,  N_("COUNT"),  "50", N_("how many of the last lines")},
    {"follow",  'F', GL_FLAG_BOOL, NULL,         NULL, N_("go on with what is written from now on")},
    GL_PROFILE_FLAG,
    {0},
};

static const struct gl_example examples[] = {
    {"golive logs --env local",                    N_("the application on this machine")},
    {"golive logs --env stg --release 12 -n 200",  N_("the backend of one release on AWS")},
    {"golive logs database --env prod --follow",   N_("PostgreSQL, as it is written")},
    {0},
};
/* clang-format on */

const struct gl_command gl_cmd_logs = {
    .name = "logs",
    .arguments = "[SERVICE]",
    .summary = N_("show the last lines of a service's log"),
    .text = N_("SERVICE is backend (the default), database, or on this machine edge and the other "
               "names that golive local status shows; on AWS also migration, and frontend where "
               "it is a service. Secrets that golive knows are masked. With --format json each "
               "line is an object: {service, line}."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .max_args = 1,
    .run = run,
};
