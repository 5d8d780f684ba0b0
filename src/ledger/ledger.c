/* The ledger's public functions over a backend. */
#include "ledger/ledger.h"

#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"
#include "ledger/event.h"
#include "ledger/ledger_ops.h"

enum {
    BATCH_EVENTS = 256,
    ANCHOR_MIN_DIGITS = 8,
};

static const struct gl_clock_fns system_clock = {
    .unix_ms = gl_now_unix_ms,
    .boot_ms = gl_boot_ms,
    .boot_id = gl_boot_id,
};

/* A name as the ledger may store it: non-empty UTF-8; anything else becomes `fallback`. */
static char *printable(const char *name, const char *fallback)
{
    gl_autojson json_t *valid = name && *name ? json_string(name) : NULL;
    return gl_strdup(valid ? name : fallback);
}

static char *host_name(void)
{
    char name[HOST_NAME_MAX + 1] = "";
    return printable(gethostname(name, sizeof name) == 0 ? name : NULL, "localhost");
}

static char *user_name(void)
{
    char scratch[4096];
    struct passwd entry;
    struct passwd *found = NULL;
    gl_autofree char *number = gl_asprintf("uid%u", (unsigned)geteuid());
    if (getpwuid_r(geteuid(), &entry, scratch, sizeof scratch, &found) != 0 || !found)
        return gl_steal(&number);
    return printable(found->pw_name, number);
}

struct gl_ledger *gl_ledger_new(const struct gl_ledger_ops *ops, void *backend)
{
    struct gl_ledger *ledger = gl_alloc(sizeof *ledger);
    gl_autofree char *user = user_name();
    ledger->ops = ops;
    ledger->backend = backend;
    ledger->clock = &system_clock;
    ledger->host = host_name();
    ledger->actor = gl_asprintf("%s@%s", user, ledger->host);
    ledger->owner = getpid();
    return ledger;
}

void gl_ledger_free(struct gl_ledger **ledger)
{
    struct gl_ledger *old = gl_steal(ledger);
    if (!old)
        return;
    /* Closing a connection that came by fork() would undo the parent's file locks. */
    if (old->owner == getpid())
        old->ops->free(old->backend);
    free(old->actor);
    free(old->host);
    free(old);
}

int gl_ledger_usable(const struct gl_ledger *ledger, struct gl_error *err)
{
    if (ledger->owner == getpid())
        return 0;
    return gl_fail(err, GL_E_REFUSED,
                   _("this ledger was opened by process %d and cannot be used by its child"),
                   (int)ledger->owner);
}

void gl_ledger_set_clock(struct gl_ledger *ledger, const struct gl_clock_fns *clock)
{
    ledger->clock = clock;
}

int64_t gl_ledger_unix_ms(struct gl_ledger *ledger)
{
    int64_t store_ms = ledger->ops->unix_ms && gl_ledger_usable(ledger, NULL) == 0
                           ? ledger->ops->unix_ms(ledger->backend)
                           : 0;
    return store_ms ? store_ms : ledger->clock->unix_ms();
}

/* ---- append ---------------------------------------------------------------------------------- */

static int check_words(const char *kind, const char *env, int64_t release, struct gl_error *err)
{
    gl_autojson json_t *kind_text = json_string(kind);
    gl_autojson json_t *env_text = json_string(env);
    if (!kind_text || !*kind || !env_text || release < 0)
        return gl_fail(err, GL_E_USAGE,
                       _("an event needs a kind and an environment in UTF-8 and a release number "
                         "that is not negative"));
    return 0;
}

/* NOLINTNEXTLINE(readability-function-size): seven parameters; the error is one of them */
int gl_ledger_append(struct gl_ledger *ledger, const char *kind, const char *env, int64_t release,
                     const json_t *data, int64_t *ret_seq, struct gl_error *err)
{
    env = env ? env : "";
    int result = gl_ledger_usable(ledger, err);
    if (result == 0)
        result = check_words(kind, env, release, err);
    if (result < 0)
        return result;
    gl_autoevent struct gl_event event = {
        .time_unix_ms = ledger->clock->unix_ms(),
        .actor = gl_strdup(ledger->actor),
        .kind = gl_strdup(kind),
        .env = gl_strdup(env),
        .release = release,
    };
    result = gl_event_data(data, &event.data, err);
    if (result == 0)
        result = ledger->ops->append(ledger->backend, &event, err);
    if (result < 0) {
        gl_error_wrap(err, _("cannot record %s in the ledger"), kind);
        return result;
    }
    if (ret_seq)
        *ret_seq = event.seq;
    return 0;
}

/* ---- read ------------------------------------------------------------------------------------ */

struct batch {
    struct gl_event events[BATCH_EVENTS];
    size_t count;
};

static void batch_done(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        gl_event_done(&batch->events[i]);
    batch->count = 0;
}

/* Visits events with first <= seq <= last. Between batches nothing of the store is held, so `visit`
 * may append and may take its time. */
static int visit_range(struct gl_ledger *ledger, int64_t first, int64_t last, gl_event_fn *visit,
                       void *context, struct gl_error *err)
{
    int result = 0;
    for (bool more = first <= last; result == 0 && more;) {
        gl_cleanup(batch_done) struct batch batch = {.count = 0};
        result = ledger->ops->read(ledger->backend, first, BATCH_EVENTS, batch.events, &batch.count,
                                   err);
        more = batch.count == BATCH_EVENTS;
        for (size_t i = 0; result == 0 && i < batch.count && batch.events[i].seq <= last; i++) {
            more = more && batch.events[i].seq < last;
            first = batch.events[i].seq + more;
            result = visit(&batch.events[i], context, err);
        }
    }
    return result;
}

int gl_ledger_read(struct gl_ledger *ledger, int64_t after, gl_event_fn *visit, void *context,
                   struct gl_error *err)
{
    int64_t last = 0;
    int result = gl_ledger_usable(ledger, err);
    if (result == 0)
        result = ledger->ops->head(ledger->backend, &last, err);
    if (result < 0 || after >= last)
        return result;
    return visit_range(ledger, after + 1, last, visit, context, err);
}

/* ---- verify ---------------------------------------------------------------------------------- */

struct verification {
    struct gl_ledger_report report;
    const char *anchor;
    int64_t last_time_unix_ms;
};

void gl_ledger_report_done(struct gl_ledger_report *report)
{
    free(report->head);
    *report = (struct gl_ledger_report){0};
}

static void verification_done(struct verification *check)
{
    gl_ledger_report_done(&check->report);
}

static int verify_event(const struct gl_event *event, void *context, struct gl_error *err)
{
    struct verification *check = context;
    struct gl_ledger_report *report = &check->report;
    int result = gl_event_check(event, report->count, report->head, err);
    if (result < 0)
        return result;
    if (report->count && event->time_unix_ms < check->last_time_unix_ms && !report->back_count++)
        report->back_seq = event->seq;
    if (check->anchor && gl_starts_with(event->hash, check->anchor))
        report->anchor_seq = event->seq;
    check->last_time_unix_ms = event->time_unix_ms;
    report->count = event->seq;
    free(report->head);
    report->head = gl_strdup(event->hash);
    return 0;
}

static int check_anchor(const char *anchor, struct gl_error *err)
{
    if (!anchor || (strlen(anchor) >= ANCHOR_MIN_DIGITS &&
                    strspn(anchor, "0123456789abcdef") == strlen(anchor)))
        return 0;
    return gl_fail(err, GL_E_USAGE,
                   _("\"%s\" is no hash of an event: give at least %d of its hexadecimal digits"),
                   anchor, (int)ANCHOR_MIN_DIGITS);
}

static int anchor_missing(const struct gl_ledger *ledger, const struct gl_ledger_report *report,
                          const char *anchor, struct gl_error *err)
{
    gl_fail(err, GL_E_MISMATCH,
            _("none of the %" PRId64 " events has the hash %s: the end of the ledger was cut off, "
              "or it was written anew"),
            report->count, anchor);
    return gl_error_hint(err, "%s", _(ledger->ops->cut_hint));
}

static int corrupt_hint(const struct gl_ledger *ledger, int result, struct gl_error *err)
{
    if (result == GL_E_CORRUPT)
        gl_error_hint(err, "%s", _(ledger->ops->changed_hint));
    return result;
}

int gl_ledger_verify_report(struct gl_ledger *ledger, const char *anchor,
                            struct gl_ledger_report *ret_report, struct gl_error *err)
{
    gl_cleanup(verification_done) struct verification check = {
        .report.head = gl_strdup(""),
        .anchor = anchor,
    };
    int64_t last = 0;
    int result = check_anchor(anchor, err);
    if (result == 0)
        result = gl_ledger_usable(ledger, err);
    if (result == 0)
        result = ledger->ops->head(ledger->backend, &last, err);
    if (result == 0 && ledger->ops->audit)
        result = ledger->ops->audit(ledger->backend, err);
    /* From the smallest number on: a row inserted before event 1 must not stay unseen. */
    if (result == 0)
        result = visit_range(ledger, INT64_MIN, last, verify_event, &check, err);
    if (result < 0)
        return corrupt_hint(ledger, result, err);
    if (anchor && !check.report.anchor_seq)
        return anchor_missing(ledger, &check.report, anchor, err);
    *ret_report = check.report;
    check.report = (struct gl_ledger_report){0};
    return 0;
}

int gl_ledger_verify(struct gl_ledger *ledger, int64_t *ret_count, char **ret_head,
                     struct gl_error *err)
{
    gl_autoledgerreport struct gl_ledger_report report = {0};
    int result = gl_ledger_verify_report(ledger, NULL, &report, err);
    if (result < 0)
        return result;
    if (ret_count)
        *ret_count = report.count;
    if (ret_head)
        *ret_head = gl_steal(&report.head);
    return 0;
}
