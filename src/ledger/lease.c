/* The lease: taken by compare-and-swap on its token, kept by a thread, lost when the token changed.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "base/thread.h"
#include "ledger/lease_record.h"
#include "ledger/ledger_ops.h"
#include "ledger/witness.h"

enum {
    RENEWALS_PER_TTL = 3,
    FRESH_PER_TTL = 2,  /* with less than this part of the time to live left, a check renews */
    ACQUIRE_TRIES = 20, /* each lost one means that another process won */
};

struct gl_lease {
    struct gl_ledger *ledger;
    char *name;
    struct gl_lease_record record; /* as acquired; expiry is counted on a copy */
    pthread_t thread;
    pthread_mutex_t lock; /* over `stop` and `held_until_boot_ms` */
    pthread_cond_t wake;
    bool stop;
    int64_t held_until_boot_ms; /* before this nobody else can have taken it */
};

/* ---- acquire --------------------------------------------------------------------------------- */

static int busy(const struct gl_ledger *ledger, const char *name,
                const struct gl_lease_record *record, struct gl_error *err)
{
    gl_autofree char *who = gl_lease_record_describe(record);
    int64_t left_ms = gl_lease_record_left_ms(record, ledger);
    gl_autofree char *left = gl_format_duration((double)left_ms);
    gl_fail(err, GL_E_BUSY, _("%s is in use by %s"), name, who);
    gl_error_hint(err,
                  _("Wait until it is done, or end that process on %s; if it ends without giving "
                    "the lease back, the lease is free in %s at the latest."),
                  record->host, left);
    return GL_E_BUSY;
}

static char *describe_old(const struct gl_lease_record *old, bool gone)
{
    gl_autofree char *who = gl_lease_record_describe(old);
    return gl_asprintf(gone ? _("%s; that process no longer exists") : _("%s; its lease expired"),
                       who);
}

/* One try: 1 = it is ours, 0 = somebody else was faster, negative = busy or failed. */
static int try_acquire(struct gl_ledger *ledger, const char *name,
                       const struct gl_lease_record *record, char **ret_old, struct gl_error *err)
{
    gl_autoleaserecord struct gl_lease_record old = {0};
    int found = ledger->ops->lease_get(ledger->backend, name, &old, err);
    if (found < 0)
        return found;
    bool gone = found && gl_lease_record_holder_gone(&old, ledger);
    if (found && !gone && gl_lease_record_left_ms(&old, ledger) > 0)
        return busy(ledger, name, &old, err);
    int done = ledger->ops->lease_swap(ledger->backend, name, found ? &old : NULL, record, err);
    if (done > 0 && found) {
        *ret_old = describe_old(&old, gone);
        gl_witness_drop(old.token);
    }
    return done;
}

/* ---- keep ------------------------------------------------------------------------------------ */

static void note_held_until(struct gl_lease *lease, int64_t boot_ms)
{
    pthread_mutex_lock(&lease->lock);
    lease->held_until_boot_ms = boot_ms;
    pthread_mutex_unlock(&lease->lock);
}

static bool surely_held(struct gl_lease *lease)
{
    pthread_mutex_lock(&lease->lock);
    bool held = lease->ledger->clock->boot_ms() < lease->held_until_boot_ms;
    pthread_mutex_unlock(&lease->lock);
    return held;
}

/* Starts the time to live anew if the lease is still ours, even if it had expired meanwhile.
 * 1 = renewed, 0 = lost. */
static int renew(struct gl_lease *lease, struct gl_error *err)
{
    struct gl_ledger *ledger = lease->ledger;
    struct gl_lease_record renewed = lease->record; /* borrows the strings */
    gl_lease_record_renew(&renewed, ledger->clock);
    int held = ledger->ops->lease_swap(ledger->backend, lease->name, &lease->record, &renewed, err);
    if (held > 0)
        note_held_until(lease, renewed.expires_boot_ms);
    return held;
}

/* 1 = the ledger has our token (ret_left_ms: its time to live), 0 = it has not. */
static int read_own(struct gl_lease *lease, int64_t *ret_left_ms, struct gl_error *err)
{
    gl_autoleaserecord struct gl_lease_record now = {0};
    struct gl_ledger *ledger = lease->ledger;
    int found = ledger->ops->lease_get(ledger->backend, lease->name, &now, err);
    if (found <= 0)
        return found;
    *ret_left_ms = gl_lease_record_left_ms(&now, ledger);
    return strcmp(now.token, lease->record.token) == 0;
}

static int lost(struct gl_lease *lease, struct gl_error *err)
{
    gl_autoleaserecord struct gl_lease_record now = {0};
    struct gl_ledger *ledger = lease->ledger;
    int found = ledger->ops->lease_get(ledger->backend, lease->name, &now, NULL);
    gl_autofree char *who = found > 0    ? gl_lease_record_describe(&now)
                            : found == 0 ? gl_strdup(_("nobody"))
                                         : gl_strdup(_("somebody else"));
    gl_fail(err, GL_E_BUSY, _("the lease on %s was lost; it is now held by %s"), lease->name, who);
    gl_error_hint(err, _("This process was paused for longer than the lease lasts, and another one "
                         "took over. See golive log, then run the command again."));
    return GL_E_BUSY;
}

/* Waits a third of the time to live; false when the lease is being released. */
static bool wait_for_turn(struct gl_lease *lease)
{
    int64_t pause_ms = lease->record.ttl_ms / RENEWALS_PER_TTL;
    int64_t wake_at_ms = gl_mono_ms() + (pause_ms > 0 ? pause_ms : 1);
    struct timespec at = {
        .tv_sec = (time_t)(wake_at_ms / 1000),
        .tv_nsec = (long)(wake_at_ms % 1000) * 1000000,
    };
    int waited = 0;
    pthread_mutex_lock(&lease->lock);
    while (!lease->stop && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&lease->wake, &lease->lock, &at);
    bool go_on = !lease->stop;
    pthread_mutex_unlock(&lease->lock);
    return go_on;
}

/* A renewal that fails (a full disk, say) is tried again at the next turn. A lost lease ends the
 * thread; the engine hears of it from gl_lease_check(). */
static void *heartbeat(void *argument)
{
    struct gl_lease *lease = argument;
    int held = 1;
    while (held != 0 && wait_for_turn(lease)) {
        gl_autoerr struct gl_error err = {0};
        held = renew(lease, &err);
        if (held < 0)
            gl_log(GL_LOG_WARN, "the lease on %s could not be renewed: %s", lease->name,
                   err.message);
    }
    return NULL;
}

/* ---- life ------------------------------------------------------------------------------------ */

static struct gl_lease *lease_new(struct gl_ledger *ledger, const char *name, const char *purpose,
                                  int64_t ttl_ms)
{
    struct gl_lease *lease = gl_alloc(sizeof *lease);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&lease->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&lease->lock, NULL);
    lease->ledger = ledger;
    lease->name = gl_strdup(name);
    gl_lease_record_init(&lease->record, ledger, purpose, ttl_ms);
    return lease;
}

/* Mutex and condition need no destruction on Linux; in a forked child they may be held for good. */
static void lease_free(struct gl_lease **lease)
{
    if (!*lease)
        return;
    gl_lease_record_done(&(*lease)->record);
    free((*lease)->name);
    free(*lease);
}

static int take(struct gl_lease *lease, char **ret_old, struct gl_error *err)
{
    int done = 0;
    for (int tries = 0; done == 0 && tries < ACQUIRE_TRIES; tries++) {
        gl_lease_record_renew(&lease->record, lease->ledger->clock);
        done = try_acquire(lease->ledger, lease->name, &lease->record, ret_old, err);
    }
    if (done == 0)
        return gl_fail(err, GL_E_BUSY, _("many processes want %s at once; try again"), lease->name);
    return done < 0 ? done : 0;
}

static void give_back(struct gl_lease *lease)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_ledger *ledger = lease->ledger;
    int done = ledger->ops->lease_swap(ledger->backend, lease->name, &lease->record, NULL, &err);
    if (done >= 0)
        gl_witness_drop(lease->record.token);
    else
        gl_log(GL_LOG_WARN, "the lease on %s ends by itself, it could not be given back: %s",
               lease->name, err.message);
}

/* NOLINTNEXTLINE(readability-function-size): seven parameters; the error is one of them */
int gl_lease_acquire(struct gl_ledger *ledger, const char *name, const char *purpose,
                     int64_t ttl_ms, struct gl_lease **ret_lease, char **ret_taken_over,
                     struct gl_error *err)
{
    int result = gl_ledger_usable(ledger, err);
    if (result < 0)
        return result;
    if (!name || !*name || ttl_ms <= 0)
        return gl_fail(err, GL_E_USAGE, _("a lease needs a name and a time to live above 0 ms"));
    gl_cleanup(lease_free) struct gl_lease *lease = lease_new(ledger, name, purpose, ttl_ms);
    gl_autofree char *old = NULL;
    if (ledger->ops->shared)
        gl_witness_add(lease->record.token);
    result = take(lease, &old, err);
    if (result < 0) {
        gl_witness_drop(lease->record.token);
        return result;
    }
    note_held_until(lease, lease->record.expires_boot_ms);
    int failed = gl_thread_start(&lease->thread, NULL, heartbeat, lease);
    if (failed) {
        give_back(lease);
        return gl_fail_errno(err, failed, _("cannot start the thread that keeps the lease"));
    }
    if (ret_taken_over)
        *ret_taken_over = gl_steal(&old);
    *ret_lease = gl_steal(&lease);
    return 0;
}

/* A ledger that fails says nothing about who holds the lease. */
static int bear(struct gl_lease *lease, struct gl_error *problem, struct gl_error *err)
{
    if (surely_held(lease)) {
        gl_log(GL_LOG_WARN, "the lease on %s could not be renewed: %s", lease->name,
               problem->message);
        return 0;
    }
    gl_fail(err, GL_E_IO, _("the lease on %s could not be renewed in its time: %s"), lease->name,
            problem->message);
    return gl_error_hint(err, "%s", problem->hint ? problem->hint : _("Is the disk full?"));
}

int gl_lease_check(struct gl_lease *lease, struct gl_error *err)
{
    int64_t left_ms = 0;
    gl_autoerr struct gl_error problem = {0};
    int result = gl_ledger_usable(lease->ledger, err);
    if (result < 0)
        return result;
    int held = read_own(lease, &left_ms, &problem);
    if (held > 0 && left_ms < lease->record.ttl_ms / FRESH_PER_TTL)
        held = renew(lease, &problem);
    if (held < 0)
        return bear(lease, &problem, err);
    return held ? 0 : lost(lease, err);
}

bool gl_lease_is_lost(struct gl_lease *lease)
{
    int64_t left_ms = 0;
    return gl_ledger_usable(lease->ledger, NULL) == 0 && read_own(lease, &left_ms, NULL) == 0;
}

void gl_lease_release(struct gl_lease **lease)
{
    gl_cleanup(lease_free) struct gl_lease *old = gl_steal(lease);
    if (!old || old->ledger->owner != getpid())
        return;
    pthread_mutex_lock(&old->lock);
    old->stop = true;
    pthread_cond_signal(&old->wake);
    pthread_mutex_unlock(&old->lock);
    pthread_join(old->thread, NULL);
    give_back(old);
}

int gl_lease_show(struct gl_ledger *ledger, const char *name, json_t **ret_info,
                  struct gl_error *err)
{
    gl_autoleaserecord struct gl_lease_record record = {0};
    int found = gl_ledger_usable(ledger, err);
    if (found == 0)
        found = ledger->ops->lease_get(ledger->backend, name, &record, err);
    if (found < 0)
        return found;
    *ret_info = NULL;
    if (!found)
        return 0;
    int64_t left_ms = gl_lease_record_left_ms(&record, ledger);
    gl_autofree char *since = gl_format_rfc3339(record.since_unix_ms);
    json_t *info = json_object();
    gl_json_set_str(info, "holder", record.holder);
    gl_json_set_str(info, "host", record.host);
    gl_json_set_int(info, "pid", record.pid);
    gl_json_set_str(info, "purpose", record.purpose);
    gl_json_set_str(info, "since", since);
    gl_json_set_int(info, "expires_in_ms", left_ms);
    gl_json_set_bool(info, "alive", left_ms > 0 && !gl_lease_record_holder_gone(&record, ledger));
    *ret_info = info;
    return 0;
}
