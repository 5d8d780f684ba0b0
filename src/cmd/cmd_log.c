/* golive log: what golive did, read from the ledger. */
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"

enum {
    FOLLOW_PAUSE_MS = 500,
    DATA_SHOWN = 160, /* bytes of an event's data on its line; --format json shows all */
};

struct listing {
    FILE *out;
    bool json;
    int64_t release;       /* 0 = all */
    const char *env;       /* NULL = all */
    const char *kind;      /* prefix */
    int64_t since_unix_ms; /* INT64_MIN = all */
    bool hotfixes;         /* only releases that shipped without approval */
    int64_t last_seq;
    int64_t shown;
};

/* ---- --since --------------------------------------------------------------------------------- */

/* "90s", "30m", "2h", "7d": that long before now. */
static bool parse_age(const char *text, int64_t now_unix_ms, int64_t *ret_unix_ms)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {
        {'s', 1000    },
        {'m', 60000   },
        {'h', 3600000 },
        {'d', 86400000},
    };

    size_t digits = strspn(text, "0123456789");
    if (!digits || digits > 6 || strlen(text) != digits + 1)
        return false;
    for (size_t i = 0; i < GL_COUNT(units); i++) {
        if (text[digits] == units[i].unit) {
            *ret_unix_ms = now_unix_ms - strtoll(text, NULL, 10) * units[i].ms;
            return true;
        }
    }
    return false;
}

/* "2026-11-23", "2026-11-23 10:41", with seconds, with T and Z; local time unless Z is there. */
static bool parse_date(const char *text, int64_t *ret_unix_ms)
{
    static const char *const forms[] = {"%Y-%m-%d", "%Y-%m-%d%n%H:%M", "%Y-%m-%d%n%H:%M:%S",
                                        "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"};
    for (size_t i = 0; i < GL_COUNT(forms); i++) {
        struct tm parts = {.tm_isdst = -1};
        const char *end = strptime(text, forms[i], &parts);
        bool utc = end && strcmp(end, "Z") == 0;
        if (!end || (*end && !utc))
            continue;
        *ret_unix_ms = (int64_t)(utc ? timegm(&parts) : mktime(&parts)) * 1000;
        return true;
    }
    return false;
}

static int parse_since(const char *text, int64_t *ret_unix_ms, struct gl_error *err)
{
    *ret_unix_ms = INT64_MIN;
    if (!text || parse_age(text, gl_now_unix_ms(), ret_unix_ms) || parse_date(text, ret_unix_ms))
        return 0;
    return gl_fail(err, GL_E_USAGE,
                   _("--since `%s` is no time; write 30m, 2h, 7d, 2026-11-23 or "
                     "2026-11-23T10:41:07Z"),
                   text);
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* A string bare if nothing in it can be mistaken, else as JSON, so that no event can send control
 * characters to the terminal. */
static void add_word(struct gl_buf *line, const char *text)
{
    bool bare = *text != '\0';
    for (const char *at = text; *at; at++)
        bare = bare && (unsigned char)*at > ' ' && !strchr("\"\\=\x7f", *at);
    if (bare) {
        gl_buf_puts(line, text);
        return;
    }
    gl_autojson json_t *string = json_string(text);
    gl_autofree char *quoted = gl_json_canonical(string);
    gl_buf_puts(line, quoted);
}

static void add_member(struct gl_buf *line, const char *name, const json_t *value)
{
    gl_buf_puts(line, line->len ? " " : "");
    add_word(line, name);
    gl_buf_putc(line, '=');
    gl_autofree char *text = json_is_string(value) ? NULL : gl_json_canonical(value);
    if (text)
        gl_buf_puts(line, text);
    else
        add_word(line, json_string_value(value));
}

/* "step=bake elapsed_ms=240 limits={...}": the step, and the reason of a hotfix, first, for they
 * are what one looks for. */
static void add_data(struct gl_buf *line, json_t *data)
{
    const char *name;
    json_t *value;
    static const char *const first[] = {"step", "hotfix"};
    for (size_t i = 0; i < GL_COUNT(first); i++) {
        value = json_object_get(data, first[i]);
        if (value)
            add_member(line, first[i], value);
    }
    json_object_foreach(data, name, value)
    {
        if (strcmp(name, first[0]) != 0 && strcmp(name, first[1]) != 0)
            add_member(line, name, value);
    }
}

/* Cuts between characters, not inside one. */
static void shorten(struct gl_buf *line, size_t limit)
{
    if (line->len <= limit)
        return;
    while (limit && ((unsigned char)line->data[limit] & 0xc0) == 0x80)
        limit--;
    line->len = limit;
    gl_buf_puts(line, "..");
}

static void print_text(const struct gl_event *event, FILE *out)
{
    time_t seconds = (time_t)(event->time_unix_ms / 1000);
    struct tm parts;
    char when[32] = "?";
    if (localtime_r(&seconds, &parts))
        (void)!strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &parts);
    gl_autobuf struct gl_buf actor = {0};
    gl_autobuf struct gl_buf env = {0};
    gl_autobuf struct gl_buf kind = {0};
    gl_autobuf struct gl_buf data = {0};
    add_word(&actor, event->actor);
    add_word(&env, *event->env ? event->env : "-");
    add_word(&kind, event->kind);
    add_data(&data, event->data);
    shorten(&data, DATA_SHOWN);
    gl_autofree char *release =
        event->release ? gl_asprintf("%" PRId64, event->release) : gl_strdup("-");
    fprintf(out, "%6" PRId64 "  %s  %s  %s  %s  %s%s%s\n", event->seq, when, gl_buf_text(&actor),
            gl_buf_text(&env), release, gl_buf_text(&kind), data.len ? "  " : "",
            gl_buf_text(&data));
}

/* Exactly the members that are hashed, and the hash: a reader can check the chain by himself. */
static void print_json(const struct gl_event *event, FILE *out)
{
    gl_autojson json_t *line = json_object();
    gl_json_set_int(line, "seq", event->seq);
    gl_json_set_int(line, "time", event->time_unix_ms);
    gl_json_set_str(line, "actor", event->actor);
    gl_json_set_str(line, "kind", event->kind);
    gl_json_set_str(line, "env", event->env);
    gl_json_set_int(line, "release", event->release);
    json_object_set(line, "data", event->data);
    gl_json_set_str(line, "prev", event->prev);
    gl_json_set_str(line, "hash", event->hash);
    gl_autofree char *text = gl_json_canonical(line);
    fprintf(out, "%s\n", text);
}

static int show_event(const struct gl_event *event, void *context, struct gl_error *err)
{
    struct listing *listing = context;
    (void)err;
    listing->last_seq = event->seq;
    if ((listing->release && event->release != listing->release) ||
        (listing->env && strcmp(event->env, listing->env) != 0) ||
        !gl_starts_with(event->kind, listing->kind) ||
        event->time_unix_ms < listing->since_unix_ms ||
        (listing->hotfixes && !gl_json_str(event->data, "hotfix", NULL)))
        return 0;
    if (listing->json)
        print_json(event, listing->out);
    else
        print_text(event, listing->out);
    listing->shown++;
    return 0;
}

/* ---- the command ----------------------------------------------------------------------------- */

/* Ctrl-C is how a person ends this: no error. So is a reader of the pipe that went away. */
static int follow(struct gl_ledger *ledger, struct listing *listing, struct gl_error *err)
{
    int result = 0;
    while (result == 0 && fflush(listing->out) == 0 && !gl_interrupted()) {
        struct pollfd wake = {.fd = gl_interrupt_fd(), .events = POLLIN};
        (void)poll(&wake, 1, FOLLOW_PAUSE_MS);
        result = gl_ledger_read(ledger, listing->last_seq, show_event, listing, err);
    }
    return result;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    const char *kind = gl_flag_str(context, "kind");
    struct listing listing = {
        .out = context->out,
        .json = context->format_json,
        .release = gl_flag_int(context, "release"),
        .env = gl_flag_str(context, "env"),
        .kind = kind ? kind : "",
        .hotfixes = gl_flag_bool(context, "hotfixes"),
    };
    int result = parse_since(gl_flag_str(context, "since"), &listing.since_unix_ms, err);
    if (result == 0)
        result = gl_ledger_read(context->ledger, 0, show_event, &listing, err);
    if (result == 0 && gl_flag_bool(context, "follow"))
        return follow(context->ledger, &listing, err);
    if (result == 0 && !listing.shown && !listing.json)
        (void)fputs(listing.last_seq ? _("No event matches.\n") : _("Nothing was done here yet.\n"),
                    context->out);
    return result;
}

static const struct gl_flag flags[] = {
    {"release",     'r', GL_FLAG_INT, N_("N"), NULL, N_("only events of this release")},
    {"kind",  'k', GL_FLAG_TEXT, N_("PREFIX"), NULL, N_("only kinds that begin so: step, lease")},
    {"since",         0, GL_FLAG_TEXT, N_("TIME"), NULL, N_("only later events: 2h, 7d, 2026-11-23")},
    {"hotfixes",             0, GL_FLAG_BOOL, NULL, NULL,
     N_("only releases that shipped without the approvals of their environment")},
    {"follow",         0, GL_FLAG_BOOL, NULL, NULL, N_("go on and show new events until Ctrl-C")},
    GL_PROFILE_FLAG,
    {0},
};

static const struct gl_example examples[] = {
    {"golive log --release 7",                                N_("everything that belongs to release 7")},
    {"golive log --since 2h --env prod",                                                       N_("the last two hours in production, whoever did it")},
    {"golive log --hotfixes --env prod",N_("what is to be reviewed, with the reasons given")},
    {"golive log --format json | jq .data.step",                      N_("one JSON object per line")},
    {0                                                      },
};

const struct gl_command gl_cmd_log = {
    .name = "log",
    .summary = N_("show what golive did: the ledger"),
    .text = N_("A line has the number, the local time, who did it, the environment, the release, "
               "the kind of event and its data in short. --format json prints one event per line "
               "as it is recorded: `hash` is the SHA-256 over the compact JSON, with sorted keys, "
               "of all other members.\n\n"
               "An environment on AWS has the team's ledger, in a bucket of its account: "
               "--env ENV shows it. Without --env it is this project's own ledger, which has what "
               "was done on this machine."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_LEDGER,
    .run = run,
};
