/* The application's queries beside the migrations, as golive migrate up would run them. */
#include "trace/traffic.h"

#include <inttypes.h>
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
    OWN_CONNECTIONS = 3, /* of the migrations and who looks on */
};

bool gl_trace_traffic_is_broken(const struct gl_trace_traffic *traffic)
{
    return traffic->queries > 0 && traffic->refused == traffic->queries;
}

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

/* Whom the server turned away would be missing among the clients, or keep the migrations out. */
static int check_room(struct gl_place *place, size_t wanted, struct gl_error *err)
{
    int64_t room = 0;
    int failed = gl_place_connections(place, &room, err);
    int64_t most = room > OWN_CONNECTIONS ? room - OWN_CONNECTIONS : 0;
    if (failed < 0 || (int64_t)wanted <= most)
        return failed;
    gl_fail(err, GL_E_USAGE,
            _("%zu clients are too many: the server takes %" PRId64
              " more connections, and the migrations need %d of them"),
            wanted, room, OWN_CONNECTIONS);
    if (most)
        return gl_error_hint(
            err, _("--clients %" PRId64 " is the most there; or raise its max_connections."), most);
    return gl_error_hint(err, _("Raise max_connections of the server, or end other sessions."));
}

static int start(struct replay *replay, struct gl_place *place, int clients, struct gl_error *err)
{
    size_t wanted = (size_t)(clients < 1                        ? 1
                             : clients > GL_TRAFFIC_CLIENTS_MAX ? GL_TRAFFIC_CLIENTS_MAX
                                                                : clients);
    size_t units = replay->plan.units.count;
    int failed = check_room(place, wanted, err);
    if (failed < 0)
        return failed;
    replay->clients = gl_alloc(wanted * sizeof *replay->clients);
    replay->plan.before_us = gl_alloc(units * sizeof *replay->plan.before_us);
    replay->plan.during_us = gl_alloc(units * sizeof *replay->plan.during_us);
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

/* Queries that fail without the migrations, too, measure nothing. */
static int check_answers(const struct replay *replay, const char *path, struct gl_error *err)
{
    const char *first = NULL;
    for (size_t i = 0; i < replay->count; i++) {
        const struct gl_traffic_client *client = &replay->clients[i];
        uint64_t answers = atomic_load(&client->answers);
        if (answers == 0 || atomic_load(&client->errors) < answers)
            return 0;
        first = first ? first : client->first_error;
    }
    gl_fail(err, GL_E_DATABASE, _("no query in %s can be answered before the migrations: %s"), path,
            first ? first : "");
    return gl_error_hint(err, _("Correct the queries, or give the schema that they are for "
                                "(--schema DUMP, --copy)."));
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
        traffic->errors += atomic_load(&client->errors);
        traffic->refused += client->refused;
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
        failed = start(&replay, place, options->traffic_clients, err);
    if (failed < 0)
        return failed;
    failed = warm_up(&replay, err);
    if (failed == 0)
        failed = check_answers(&replay, options->traffic_path, err);
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
