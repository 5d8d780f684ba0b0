/* The application's queries beside the migrations, as golive migrate up would run them. */
#include "trace/traffic.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "trace/client.h"
#include "trace/internal.h"

enum {
    BEFORE_MS = 500,       /* the time to compare with */
    BEFORE_MOST_MS = 5000, /* it lasts until each query was answered once */
    POLL_MS = 10,
    CLIENTS_MAX = 32,
};

void gl_trace_traffic_done(struct gl_trace_traffic *traffic)
{
    free(traffic->first_error);
    free(traffic->stalled_query);
    gl_error_done(&traffic->problem);
    *traffic = (struct gl_trace_traffic){0};
}

struct replay {
    struct gl_traffic_plan plan;
    struct gl_traffic_client *clients;
    size_t count;
};

static void replay_done(struct replay *replay)
{
    atomic_store(&replay->plan.phase, GL_TRAFFIC_AFTER);
    for (size_t i = 0; i < replay->count; i++) {
        gl_traffic_client_stop(&replay->clients[i]);
        free(replay->clients[i].first_error);
    }
    free(replay->clients);
    free(replay->plan.before_us);
    free(replay->plan.during_us);
    gl_strv_done(&replay->plan.units);
}

static int start(struct replay *replay, int clients, struct gl_error *err)
{
    size_t wanted = (size_t)(clients < 1 ? 1 : clients > CLIENTS_MAX ? CLIENTS_MAX : clients);
    size_t units = replay->plan.units.count;
    replay->clients = gl_alloc(wanted * sizeof *replay->clients);
    replay->plan.before_us = gl_alloc(units * sizeof *replay->plan.before_us);
    replay->plan.during_us = gl_alloc(units * sizeof *replay->plan.during_us);
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < wanted; i++) {
        replay->clients[i] = (struct gl_traffic_client){.plan = &replay->plan, .number = i};
        replay->count = i + 1;
        failed = gl_traffic_client_start(&replay->clients[i], err);
    }
    return failed;
}

/* ---- the migrations ---------------------------------------------------------------------------
 */

/* What failed there is part of the result; Ctrl-C and a lost server are not. */
static int migrate(const struct gl_trace_options *options, const char *conninfo,
                   const struct gl_trace_work_list *work, struct gl_trace_traffic *traffic,
                   struct gl_error *err)
{
    size_t from = work->recorded ? 0 : work->first;
    const struct gl_migrations list = {
        .items = work->list.items + from, .count = work->end - from, .format = work->list.format};
    const struct gl_migrate_options run = {.lock_timeout_ms = options->lock_timeout_ms,
                                           .statement_timeout_ms = options->statement_timeout_ms};
    struct gl_migrate_result result = {0};
    int64_t begun_us = gl_mono_us();
    int failed = gl_migrate_run(conninfo, &list, &run, &result, &traffic->problem);
    traffic->migration_us = gl_mono_us() - begun_us;
    traffic->lock_retries = result.lock_retries;
    if (failed != GL_E_INTERRUPTED && failed != GL_E_NET)
        return 0;
    if (err)
        gl_error_move(err, &traffic->problem);
    return failed;
}

/* ---- what was felt ----------------------------------------------------------------------------
 */

static bool all_answered(const struct gl_traffic_plan *plan)
{
    for (size_t i = 0; i < plan->units.count; i++) {
        if (atomic_load(&plan->before_us[i]) == 0)
            return false;
    }
    return true;
}

/* How long everything takes without the migrations. */
static int warm_up(const struct replay *replay, struct gl_error *err)
{
    int64_t begun_ms = gl_mono_ms();
    for (;;) {
        int64_t passed_ms = gl_mono_ms() - begun_ms;
        bool enough = passed_ms >= BEFORE_MS && all_answered(&replay->plan);
        int failed = gl_interrupt_check(err);
        if (failed < 0 || enough || passed_ms >= BEFORE_MOST_MS)
            return failed;
        gl_sleep_ms(POLL_MS);
    }
}

/* A query that is slow by itself is no stall. */
static void find_stall(const struct gl_traffic_plan *plan, struct gl_trace_traffic *traffic)
{
    size_t worst = 0;
    for (size_t i = 0; i < plan->units.count; i++) {
        int64_t more_us = atomic_load(&plan->during_us[i]) - atomic_load(&plan->before_us[i]);
        if (more_us > traffic->stall_us) {
            traffic->stall_us = more_us;
            worst = i;
        }
    }
    if (traffic->stall_us > 0)
        traffic->stalled_query = gl_strdup(plan->units.items[worst]);
}

static void sum_up(const struct replay *replay, struct gl_trace_traffic *traffic)
{
    struct gl_histogram *before = gl_alloc(sizeof *before);
    traffic->clients = replay->count;
    for (size_t i = 0; i < replay->count; i++) {
        const struct gl_traffic_client *client = &replay->clients[i];
        gl_histogram_merge(before, &client->before);
        traffic->queries += client->during.count;
        traffic->errors += client->errors;
        if (client->first_error && !traffic->first_error)
            traffic->first_error = gl_strdup(client->first_error);
        if (client->during.max_us > traffic->longest_us)
            traffic->longest_us = client->during.max_us;
    }
    find_stall(&replay->plan, traffic);
    traffic->before_us = before->max_us;
    traffic->before_p99_us = gl_histogram_percentile(before, 99);
    free(before);
}

static void end_all(struct replay *replay)
{
    atomic_store(&replay->plan.phase, GL_TRAFFIC_AFTER);
    for (size_t i = 0; i < replay->count; i++)
        gl_traffic_client_stop(&replay->clients[i]);
}

int gl_traffic_run(const struct gl_trace_options *options, struct gl_place *place,
                   const struct gl_trace_work_list *work, struct gl_trace_traffic *ret_traffic,
                   struct gl_error *err)
{
    gl_cleanup(gl_trace_traffic_done) struct gl_trace_traffic traffic = {.measured = true};
    gl_cleanup(replay_done) struct replay replay = {0};
    int failed = gl_traffic_read(options->traffic_path, &replay.plan.units, err);
    if (failed == 0)
        failed = gl_place_copy(place, &replay.plan.conninfo, err);
    if (failed == 0)
        failed = start(&replay, options->traffic_clients, err);
    if (failed < 0)
        return failed;
    failed = warm_up(&replay, err);
    atomic_store(&replay.plan.phase, GL_TRAFFIC_DURING);
    if (failed == 0)
        failed = migrate(options, replay.plan.conninfo, work, &traffic, err);
    end_all(&replay);
    if (failed < 0)
        return failed;
    sum_up(&replay, &traffic);
    *ret_traffic = traffic;
    traffic = (struct gl_trace_traffic){0};
    return 0;
}
