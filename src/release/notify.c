/* Tells channels how a release ended; a channel that is down is a warning and nothing more. */
#include "release/notify.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "release/person.h"

enum {
    SCHEMA_VERSION = 1, /* of the webhook's JSON */
    REASON_BYTES = 300,
    KEY_DIGITS = 32,
};

struct gl_delivery_limits gl_notify_limits = {
    .connect_ms = 3000, .total_ms = 5000, .pause_ms = 1000, .tries = 2};
int64_t gl_notify_ask_ms = 10000;

/* What is told. */
struct ending {
    const struct gl_release *release;
    const struct gl_release_outcome *outcome;
    const char *operation; /* "deploy", "rollback", "promote" */
    const char *word;      /* the outcome: "done", "rolled_back", "undone", "left" */
    char *commit;          /* NULL = not known */
    char *by;              /* NULL = not known */
    char *reason;          /* one line without URLs and secrets; NULL = it is done */
    int64_t started_unix_ms, ended_unix_ms;
    char key[KEY_DIGITS + 1]; /* the same for the same end of the same operation */
};

/* How a kind of channel wants to be told. The caller owns the body. */
struct kind {
    const char *name;
    char *(*body)(const struct ending *ending);
};

struct channel {
    const struct kind *kind;
    const char *secret; /* stored name of its URL; belongs to the configuration */
    char *url;          /* NULL = could not be had */
    char *host;         /* what is shown of it; NULL = there is no URL that may be posted to */
    char *body;
    char *problem; /* why it could not be tried */
    char *next;    /* what to do about that */
    struct gl_delivery delivery;
};

struct channels {
    struct channel *items;
    size_t count;
};

static void ending_done(struct ending *ending)
{
    free(ending->commit);
    free(ending->by);
    free(ending->reason);
}

static void channels_done(struct channels *channels)
{
    for (size_t i = 0; i < channels->count; i++) {
        struct channel *channel = &channels->items[i];
        if (channel->url)
            gl_wipe(channel->url, strlen(channel->url));
        free(channel->url);
        free(channel->host);
        free(channel->body);
        free(channel->problem);
        free(channel->next);
        gl_delivery_done(&channel->delivery);
    }
    free(channels->items);
}

/* ---- how it ended ------------------------------------------------------------------------------
 */

static bool is_of_scheme(char c)
{
    return isalnum((unsigned char)c) || c == '+' || c == '-' || c == '.';
}

/* What closes a sentence or a bracket around an address stands inside addresses too: it ends one
 * only where nothing else follows. */
static const char *end_of_url(const char *at)
{
    const char *end = at + strcspn(at, " \t\"<>");
    while (end > at && strchr(".,;:)]}'", end[-1]))
        end--;
    return end;
}

/* An address in a reason may be a credential, or lead where its reader should not go. */
static char *without_urls(const char *text)
{
    struct gl_buf out = {0};
    for (const char *at; (at = strstr(text, "://"));) {
        const char *begin = at;
        while (begin > text && is_of_scheme(begin[-1]))
            begin--;
        gl_buf_add(&out, text, (size_t)(begin - text));
        gl_buf_puts(&out, "[URL]");
        text = end_of_url(at + strlen("://"));
    }
    gl_buf_puts(&out, text);
    return gl_buf_steal(&out);
}

/* One line for other people's screens. */
static char *reason_of(const char *message)
{
    if (!message || !*message)
        return NULL;
    gl_autofree char *masked = gl_redact(message);
    masked[strcspn(masked, "\r\n")] = '\0';
    char *clean = without_urls(masked);
    size_t len = strlen(clean);
    len = gl_utf8_valid_prefix(clean, len < REASON_BYTES ? len : REASON_BYTES);
    while (len && strchr(" :", clean[len - 1]))
        len--;
    clean[len] = '\0';
    return clean;
}

static const char *operation_of(const struct gl_release *release)
{
    if (release->operation == GL_ROLLBACK)
        return "rollback";
    return release->promotion ? "promote" : "deploy";
}

static const char *word_of(const struct gl_release_outcome *outcome, int result)
{
    if (result < 0)
        return "left";
    if (outcome->done)
        return "done";
    return outcome->serving ? "rolled_back" : "undone";
}

/* Of the source that the release was made of: what is taken up again knows it from the ledger. */
static char *commit_of(const struct gl_release *release)
{
    gl_autojournal struct gl_journal journal = {0};
    if (release->commit && *release->commit)
        return gl_strdup(release->commit);
    if (gl_journal_read(release->ledger, release->env, &journal, NULL) < 0)
        return NULL;
    const struct gl_operation_record *made = gl_journal_deploy_of(&journal, release->number);
    const char *commit = made ? gl_json_str(made->about, "commit", "") : "";
    return *commit ? gl_strdup(commit) : NULL;
}

static char *person_of(const struct gl_release *release)
{
    gl_autofree char *name = NULL;
    const char *id = release->starter ? release->starter : gl_person_here(release->config, &name);
    if (id)
        return gl_strdup(id);
    return name && *name ? gl_steal(&name) : NULL;
}

static void make_key(struct ending *ending)
{
    char hex[GL_SHA256_HEX_SIZE];
    gl_autofree char *text =
        gl_asprintf("%s\n%s\n%lld\n%lld\n%s", gl_config_str(ending->release->config, "app.name"),
                    ending->release->env, (long long)ending->release->op,
                    (long long)ending->started_unix_ms, ending->word);
    gl_sha256_hex(text, strlen(text), hex);
    memcpy(ending->key, hex, KEY_DIGITS);
}

static struct ending ending_of(const struct gl_release *release,
                               const struct gl_release_outcome *outcome, int result,
                               const struct gl_error *why)
{
    int64_t now_unix_ms = gl_now_unix_ms();
    const struct gl_error *cause = result < 0 ? why : &outcome->cause;
    struct ending ending = {
        .release = release,
        .outcome = outcome,
        .operation = operation_of(release),
        .word = word_of(outcome, result),
        .commit = commit_of(release),
        .by = person_of(release),
        .reason = outcome->done || !cause ? NULL : reason_of(cause->message),
        .started_unix_ms = release->begun_unix_ms ? release->begun_unix_ms : now_unix_ms,
        .ended_unix_ms = now_unix_ms,
    };
    make_key(&ending);
    return ending;
}

/* ---- kinds of channels -------------------------------------------------------------------------
 */

static void set_time(json_t *object, const char *key, int64_t unix_ms)
{
    gl_autofree char *text = gl_format_rfc3339(unix_ms);
    gl_json_set_str(object, key, text);
}

static void set_or_null(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, json_null());
    gl_json_set_str(object, key, text && *text ? text : NULL);
}

/* docs/notifications.md describes it; a change that breaks a reader raises SCHEMA_VERSION. */
static char *webhook_body(const struct ending *ending)
{
    const struct gl_release *release = ending->release;
    gl_autojson json_t *object = json_object();
    gl_json_set_int(object, "schema", SCHEMA_VERSION);
    gl_json_set_str(object, "event", "release.ended");
    gl_json_set_str(object, "project", gl_config_str(release->config, "app.name"));
    gl_json_set_str(object, "environment", release->env);
    gl_json_set_int(object, "release", release->number);
    gl_json_set_int(object, "serving", ending->outcome->serving);
    gl_json_set_str(object, "operation", ending->operation);
    gl_json_set_str(object, "outcome", ending->word);
    set_or_null(object, "promoted_from", gl_json_str(release->promotion, "env", NULL));
    set_or_null(object, "version", release->version);
    set_or_null(object, "commit", ending->commit);
    set_or_null(object, "by", ending->by);
    set_time(object, "started", ending->started_unix_ms);
    set_time(object, "ended", ending->ended_unix_ms);
    gl_json_set_int(object, "duration_ms", ending->ended_unix_ms - ending->started_unix_ms);
    set_or_null(object, "failed_step", ending->outcome->failed_step);
    set_or_null(object, "reason", ending->reason);
    return gl_json_canonical(object);
}

/* The caller owns it. */
static char *sentence_of(const struct ending *ending)
{
    const struct gl_release *release = ending->release;
    const char *version = release->version ? release->version : "?";
    long long number = release->number;
    bool rollback = release->operation == GL_ROLLBACK;
    if (strcmp(ending->word, "done") == 0 && release->promotion)
        return gl_asprintf(_("release %lld (%s), promoted from %s, serves"), number, version,
                           gl_json_str(release->promotion, "env", "?"));
    if (strcmp(ending->word, "done") == 0)
        return gl_asprintf(rollback ? _("rolled back: release %lld (%s) serves")
                                    : _("release %lld (%s) serves"),
                           number, version);
    if (strcmp(ending->word, "left") == 0)
        return gl_asprintf(rollback ? _("the rollback to release %lld (%s) was left unfinished")
                                    : _("release %lld (%s) was left unfinished"),
                           number, version);
    if (!ending->outcome->serving)
        return gl_asprintf(rollback ? _("the rollback to release %lld (%s) failed and was undone")
                                    : _("release %lld (%s) failed and was undone"),
                           number, version);
    return gl_asprintf(rollback ? _("the rollback to release %lld (%s) was undone; release %lld "
                                    "serves")
                                : _("release %lld (%s) was rolled back; release %lld serves"),
                       number, version, (long long)ending->outcome->serving);
}

/* https://docs.slack.dev/messaging/formatting-message-text: these three are Slack's own. */
static char *escaped(const char *text)
{
    struct gl_buf out = {0};
    for (; *text; text++) {
        if (*text == '&')
            gl_buf_puts(&out, "&amp;");
        else if (*text == '<')
            gl_buf_puts(&out, "&lt;");
        else if (*text == '>')
            gl_buf_puts(&out, "&gt;");
        else
            gl_buf_putc(&out, *text);
    }
    return gl_buf_steal(&out);
}

static char *slack_body(const struct ending *ending)
{
    gl_autobuf struct gl_buf text = {0};
    gl_autofree char *sentence = sentence_of(ending);
    gl_autofree char *took =
        gl_format_duration((double)(ending->ended_unix_ms - ending->started_unix_ms));
    const char *app = gl_config_str(ending->release->config, "app.name");
    const char *env = ending->release->env;
    if (ending->by) /* TRANSLATORS: APP ENVIRONMENT: what happened (duration, who) */
        gl_buf_printf(&text, _("%s %s: %s (%s, %s)"), app, env, sentence, took, ending->by);
    else /* TRANSLATORS: APP ENVIRONMENT: what happened (duration) */
        gl_buf_printf(&text, _("%s %s: %s (%s)"), app, env, sentence, took);
    if (ending->outcome->failed_step)
        gl_buf_printf(&text, "\n%s: %s", ending->outcome->failed_step,
                      ending->reason ? ending->reason : "?");
    else if (ending->reason)
        gl_buf_printf(&text, "\n%s", ending->reason);
    gl_autofree char *safe = escaped(gl_buf_text(&text));
    gl_autojson json_t *object = json_object();
    gl_json_set_str(object, "text", safe);
    return gl_json_canonical(object);
}

static const struct kind kinds[] = {
    {"webhook", webhook_body},
    {"slack",   slack_body  },
};

/* ---- channels ----------------------------------------------------------------------------------
 */

static const struct kind *kind_of(const json_t *item)
{
    const char *name = gl_json_str(item, "kind", "");
    for (size_t i = 0; i < GL_COUNT(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    return NULL;
}

static struct channels channels_of(const struct gl_config *config)
{
    struct channels channels = {0};
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)gl_config_node(config, "observability.notify"), index, item)
    {
        const struct kind *kind = kind_of(item);
        const char *secret = gl_json_str(item, "endpoint_secret", NULL);
        if (!kind || !secret || !gl_json_bool(item, "releases", false))
            continue;
        channels.items =
            gl_realloc_array(channels.items, channels.count + 1, sizeof *channels.items);
        channels.items[channels.count++] = (struct channel){.kind = kind, .secret = secret};
    }
    return channels;
}

static int stored_url(const struct gl_release *release, struct channel *channel, int64_t left_ms,
                      struct gl_error *err)
{
    const struct gl_platform_ops *ops = release->platform->ops;
    if (!ops->stored_value)
        return gl_fail(err, GL_E_NOT_FOUND, _("%s has no value"), channel->secret);
    if (left_ms <= 0)
        return gl_fail(err, GL_E_TIMEOUT, _("its URL was not to be had within %lld ms"),
                       (long long)gl_notify_ask_ms);
    int failed = ops->stored_value(release->platform, channel->secret, left_ms, &channel->url, err);
    if (failed < 0)
        return failed;
    size_t len = strlen(channel->url);
    while (len && isspace((unsigned char)channel->url[len - 1]))
        channel->url[--len] = '\0';
    gl_secret_add(channel->url); /* also as it was without what stood behind it */
    return 0;
}

static bool is_number(const char *text, size_t len)
{
    return len && strspn(text, "0123456789") == len;
}

/* Some services put the credential into the host (https://TOKEN.m.example.net): of a name the last
 * two labels are shown, and the port; an address is shown whole. The caller owns it. */
static char *shown_host(const char *host)
{
    size_t len = *host == '[' ? 0 : strcspn(host, ":");
    size_t last = len; /* where the last label begins */
    while (last && host[last - 1] != '.')
        last--;
    if (!last || is_number(host + last, len - last))
        return gl_strdup(host);
    size_t begin = last - 1;
    while (begin && host[begin - 1] != '.')
        begin--;
    return gl_strdup(host + begin);
}

/* Problems that libcurl has name the whole host. */
static void hide_host(const char *host, const char *shown)
{
    gl_autofree char *name = gl_strndup(host, strcspn(host, ":"));
    if (strcmp(host, shown) != 0)
        gl_secret_add(name);
}

/* Reads the channel's URL; what it has against it is the channel's problem. */
static int prepare(const struct gl_release *release, struct channel *channel, int64_t left_ms)
{
    gl_autoerr struct gl_error err = {0};
    int failed = stored_url(release, channel, left_ms, &err);
    if (failed < 0) {
        channel->problem = gl_strdup(err.message);
        channel->next = gl_strdup(err.hint);
        return failed;
    }
    gl_autofree char *host = gl_delivery_host(channel->url);
    if (host) {
        channel->host = shown_host(host);
        hide_host(host, channel->host);
        return 0;
    }
    channel->problem = gl_strdup(_("what is stored is no https:// URL"));
    channel->next = gl_asprintf(_("Store the channel's URL as %s; http:// is taken for this "
                                  "machine itself only."),
                                channel->secret);
    return 0;
}

/* A store that does not answer is not waited for once per channel. */
static void prepare_all(const struct gl_release *release, struct channels *channels)
{
    int64_t until_ms = gl_mono_ms() + gl_notify_ask_ms;
    bool late = false;
    for (size_t i = 0; i < channels->count; i++) {
        int64_t left_ms = late ? 0 : until_ms - gl_mono_ms();
        late = prepare(release, &channels->items[i], left_ms) == GL_E_TIMEOUT;
    }
}

static void post(struct channels *channels, const struct ending *ending)
{
    gl_autofree char *key = gl_asprintf("Idempotency-Key: %s", ending->key);
    const char *headers[] = {"Content-Type: application/json; charset=utf-8", key, NULL};
    struct gl_delivery *deliveries =
        gl_realloc_array(NULL, channels->count + 1, sizeof *deliveries);
    struct channel **whose = gl_realloc_array(NULL, channels->count + 1, sizeof(struct channel *));
    size_t count = 0;
    for (size_t i = 0; i < channels->count; i++) {
        struct channel *channel = &channels->items[i];
        if (!channel->host)
            continue;
        channel->body = channel->kind->body(ending);
        whose[count] = channel;
        deliveries[count++] =
            (struct gl_delivery){.url = channel->url, .body = channel->body, .headers = headers};
    }
    gl_deliver(deliveries, count, &gl_notify_limits);
    for (size_t i = 0; i < count; i++)
        whose[i]->delivery = deliveries[i];
    free(whose);
    free(deliveries);
}

/* ---- what came of it ---------------------------------------------------------------------------
 */

/* The caller owns it. */
static char *next_of(const struct gl_release *release, const struct channel *channel)
{
    long status = channel->delivery.status;
    if (channel->next)
        return gl_strdup(channel->next);
    if (status >= 300 && status < 500 && status != 429)
        return gl_asprintf(_("Look whether the URL stored as %s is still right."), channel->secret);
    return gl_asprintf(_("Tell people yourself; golive log%s --release %lld has how it ended."),
                       gl_config_env_words(release->config), (long long)release->number);
}

static const char *problem_of(const struct channel *channel)
{
    if (channel->delivery.delivered)
        return NULL;
    return channel->problem ? channel->problem : channel->delivery.problem;
}

static void warn(struct gl_release *release, const struct channel *channel)
{
    const char *problem = problem_of(channel);
    gl_autofree char *masked = gl_redact(problem ? problem : "?");
    gl_autofree char *next = next_of(release, channel);
    gl_autofree char *masked_next = gl_redact(next);
    gl_autofree char *name =
        channel->host
            ? gl_asprintf("%s %s (%s)", channel->kind->name, channel->secret, channel->host)
            : gl_asprintf("%s %s", channel->kind->name, channel->secret);
    gl_release_note(release, _("warning: %s was not told how this ended: %s. %s"), name, masked,
                    masked_next);
}

static json_t *describe(const struct channel *channel)
{
    const char *problem = problem_of(channel);
    gl_autofree char *masked = problem ? gl_redact(problem) : NULL;
    json_t *object = json_object();
    gl_json_set_str(object, "kind", channel->kind->name);
    gl_json_set_str(object, "secret", channel->secret);
    gl_json_set_str(object, "host", channel->host);
    gl_json_set_bool(object, "told", channel->delivery.delivered);
    gl_json_set_int(object, "tries", channel->delivery.tried);
    if (channel->delivery.status)
        gl_json_set_int(object, "status", channel->delivery.status);
    gl_json_set_str(object, "problem", masked);
    return object;
}

static void note(struct gl_release *release, const struct channels *channels,
                 const struct ending *ending)
{
    gl_autojson json_t *data = json_object();
    json_t *list = json_array();
    for (size_t i = 0; i < channels->count; i++)
        json_array_append_new(list, describe(&channels->items[i]));
    gl_json_set_str(data, "outcome", ending->word);
    json_object_set_new(data, "channels", list);
    if (gl_journal_append(release, "release.told", NULL, data, NULL) < 0)
        gl_log(GL_LOG_WARN, "the ledger could not note who was told");
}

void gl_notify_end(struct gl_release *release, const struct gl_release_outcome *outcome, int result,
                   const struct gl_error *why)
{
    gl_cleanup(channels_done) struct channels channels = channels_of(release->config);
    if (!channels.count || gl_lease_is_lost(release->lease))
        return;
    gl_cleanup(ending_done) struct ending ending = ending_of(release, outcome, result, why);
    prepare_all(release, &channels);
    post(&channels, &ending);
    for (size_t i = 0; i < channels.count; i++) {
        if (!channels.items[i].delivery.delivered)
            warn(release, &channels.items[i]);
    }
    note(release, &channels, &ending);
}

void gl_notify_plan(struct gl_release *release)
{
    gl_cleanup(channels_done) struct channels channels = channels_of(release->config);
    gl_autobuf struct gl_buf names = {0};
    for (size_t i = 0; i < channels.count; i++)
        gl_buf_printf(&names, "%s%s %s", i ? ", " : "", channels.items[i].kind->name,
                      channels.items[i].secret);
    if (channels.count)
        gl_release_note(release, _("when it ends, these are told: %s"), gl_buf_text(&names));
}
