/* The HTTP clients: arrivals by the clock, a queue where all connections are busy. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "rehearse/load_slot.h"

enum {
    QUEUE_MIN = 1024,
    QUEUE_MAX = 65536,
    BURST = 64, /* arrivals sent before the sockets are looked at again */
};

/* ---- set up ------------------------------------------------------------------------------------
 */

static void on_done(void *transfer, CURLcode code)
{
    struct gl_load_slot *slot = transfer;
    gl_load_slot_finish(slot, code);
    slot->next_free = slot->pool->free_slots;
    slot->pool->free_slots = slot;
    slot->pool->group->free_slots++;
    slot->pool->group->freed_us = gl_mono_us();
}

static int init_pool(struct gl_load_pool *pool, struct gl_load_group *group, size_t slot_count,
                     struct gl_error *err)
{
    struct gl_load_engine *engine = group->engine;
    int failed = gl_load_multi_init(&pool->multi, engine, err);
    if (failed < 0)
        return failed;
    pool->multi.on_done = on_done;
    pool->group = group;
    pool->slots = gl_alloc(slot_count * sizeof *pool->slots);
    pool->slot_count = slot_count;
    long streams = (long)engine->plan->clients[group->client].streams;
    curl_multi_setopt(pool->multi.curlm, CURLMOPT_MAX_CONCURRENT_STREAMS, streams);
    /* One idle connection for each host that the targets may name. */
    curl_multi_setopt(pool->multi.curlm, CURLMOPT_MAXCONNECTS, (long)engine->plan->target_count);
    for (size_t i = 0; i < slot_count; i++) {
        struct gl_load_slot *slot = &pool->slots[i];
        gl_load_slot_init(slot, pool);
        slot->next_free = pool->free_slots;
        pool->free_slots = slot;
        group->free_slots++;
    }
    return 0;
}

/* Keep-alive and HTTP/2: one pool for each connection; fresh: one pool for all. */
static int init_group(struct gl_load_group *group, struct gl_error *err)
{
    const struct gl_load_plan *plan = group->engine->plan;
    const struct gl_load_client_plan *client = &plan->clients[group->client];
    bool fresh = group->client == GL_LOAD_FRESH;
    size_t pool_count = fresh ? 1 : (size_t)client->connections;
    size_t slot_count = (size_t)(fresh ? client->connections : client->streams);
    double wanted = plan->rps * (double)plan->timeout_ms / 1000;
    group->queue_size = wanted < QUEUE_MIN   ? QUEUE_MIN
                        : wanted > QUEUE_MAX ? QUEUE_MAX
                                             : (size_t)wanted;
    group->queue = gl_alloc(group->queue_size * sizeof *group->queue);
    group->pools = gl_alloc(pool_count * sizeof *group->pools);
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < pool_count; i++) {
        group->pool_count = i + 1;
        failed = init_pool(&group->pools[i], group, slot_count, err);
    }
    return failed;
}

int gl_load_http_init(struct gl_load_engine *engine, struct gl_error *err)
{
    const struct gl_load_plan *plan = engine->plan;
    engine->counts.target_count = plan->target_count;
    for (size_t i = 0; i < plan->target_count; i++) {
        struct gl_load_target_counts *counts = &engine->counts.targets[i];
        gl_load_copy(counts->name, sizeof counts->name, plan->targets[i].name);
    }
    int failed = 0;
    for (int i = 0; failed == 0 && i < GL_LOAD_CLIENTS; i++) {
        engine->groups[i].engine = engine;
        engine->groups[i].client = (enum gl_load_client)i;
        if (plan->clients[i].share && plan->target_count)
            failed = init_group(&engine->groups[i], err);
    }
    return failed;
}

void gl_load_http_done(struct gl_load_engine *engine)
{
    for (int i = 0; i < GL_LOAD_CLIENTS; i++) {
        struct gl_load_group *group = &engine->groups[i];
        for (size_t p = 0; p < group->pool_count; p++) {
            for (size_t s = 0; s < group->pools[p].slot_count; s++)
                gl_load_slot_done(&group->pools[p].slots[s]);
            gl_load_multi_done(&group->pools[p].multi);
            free(group->pools[p].slots);
        }
        free(group->pools);
        free(group->queue);
    }
}

/* ---- running -----------------------------------------------------------------------------------
 */

static void send_now(struct gl_load_group *group, const struct gl_load_due *due, int64_t now_us)
{
    struct gl_load_pool *pool;
    do {
        pool = &group->pools[group->next_pool];
        group->next_pool = (group->next_pool + 1) % group->pool_count;
    } while (!pool->free_slots);
    struct gl_load_slot *slot = pool->free_slots;
    pool->free_slots = slot->next_free;
    group->free_slots--;
    gl_load_slot_start(slot, due, now_us);
}

static struct gl_load_due *first_in_queue(struct gl_load_group *group)
{
    return &group->queue[group->queue_first];
}

static void drop_first(struct gl_load_group *group)
{
    group->queue_first = (group->queue_first + 1) % group->queue_size;
    group->queue_len--;
}

static void arrive(struct gl_load_group *group, const struct gl_load_due *due, int64_t now_us)
{
    if (group->free_slots && !group->queue_len) {
        send_now(group, due, now_us);
        return;
    }
    if (group->queue_len == group->queue_size) {
        gl_load_give_up(group, first_in_queue(group), _("no connection became free in time"));
        drop_first(group);
    }
    size_t end = (group->queue_first + group->queue_len) % group->queue_size;
    group->queue[end] = *due;
    group->queue_len++;
}

/* This program came so late to what was due that sending it now would only make it later still. */
static bool skip_late(struct gl_load_engine *engine, int64_t due_us, int64_t now_us)
{
    int64_t shed_us = engine->plan->shed_after_ms * 1000;
    bool late = shed_us && due_us < now_us - shed_us;
    engine->counts.unsent += late;
    engine->arrivals += late;
    return late;
}

int64_t gl_load_http_arrivals(struct gl_load_engine *engine, int64_t now_us)
{
    double rps = engine->plan->rps;
    if (engine->stopping || rps <= 0)
        return GL_LOAD_NEVER;
    for (int sent = 0;;) {
        /* From the start, not from the last one: rounding and delays never add up. */
        int64_t due_us = engine->started_us + (int64_t)((double)engine->arrivals * 1e6 / rps);
        if (due_us > now_us || sent == BURST)
            return due_us;
        if (skip_late(engine, due_us, now_us))
            continue;
        sent++;
        struct gl_load_due due = {due_us, gl_load_next_target(engine->plan)};
        enum gl_load_client client = gl_load_next_client(engine->plan, due.target);
        arrive(&engine->groups[client], &due, now_us);
        engine->arrivals++;
    }
}

/* Not one connection became free while it waited, and that was not for us looking away: they all
 * waited for answers. That is a server that stalls; connections that come and go, but too few, are
 * a load that this machine cannot make. */
static bool server_stalled(const struct gl_load_group *group, const struct gl_load_due *due)
{
    return group->freed_us < due->due_us && group->engine->late_us < due->due_us;
}

/* What has waited too long: lost, or shed where the plan says so and no stall is the reason. */
static void give_up_waiting(struct gl_load_group *group, int64_t now_us)
{
    const struct gl_load_plan *plan = group->engine->plan;
    bool shed = plan->shed_after_ms > 0;
    int64_t oldest_us = now_us - (shed ? plan->shed_after_ms : plan->timeout_ms) * 1000;
    while (group->queue_len && first_in_queue(group)->due_us < oldest_us) {
        const struct gl_load_due *due = first_in_queue(group);
        if (!shed)
            gl_load_give_up(group, due, _("no connection became free in time"));
        else if (server_stalled(group, due))
            gl_load_give_up(group, due, _("every connection waited for an answer"));
        else
            group->engine->counts.unsent++;
        drop_first(group);
    }
}

void gl_load_http_advance(struct gl_load_engine *engine, int64_t now_us)
{
    for (int i = 0; i < GL_LOAD_CLIENTS; i++) {
        struct gl_load_group *group = &engine->groups[i];
        give_up_waiting(group, now_us);
        while (group->queue_len && group->free_slots) {
            send_now(group, first_in_queue(group), now_us);
            drop_first(group);
        }
    }
}

static int64_t oldest_of(const struct gl_load_pool *pool)
{
    int64_t oldest_us = GL_LOAD_NEVER;
    for (size_t i = 0; i < pool->slot_count; i++) {
        const struct gl_load_slot *slot = &pool->slots[i];
        if (slot->target && slot->sent_us < oldest_us)
            oldest_us = slot->sent_us;
    }
    return oldest_us;
}

int64_t gl_load_http_oldest_us(const struct gl_load_engine *engine)
{
    int64_t oldest_us = GL_LOAD_NEVER;
    for (int i = 0; i < GL_LOAD_CLIENTS; i++) {
        for (size_t p = 0; p < engine->groups[i].pool_count; p++) {
            int64_t its_us = oldest_of(&engine->groups[i].pools[p]);
            oldest_us = its_us < oldest_us ? its_us : oldest_us;
        }
    }
    return oldest_us == GL_LOAD_NEVER ? 0 : oldest_us;
}

bool gl_load_http_busy(const struct gl_load_engine *engine)
{
    size_t waiting = 0;
    for (int i = 0; i < GL_LOAD_CLIENTS; i++)
        waiting += engine->groups[i].queue_len;
    return waiting || engine->counts.in_flight;
}

void gl_load_http_drop_queue(struct gl_load_engine *engine)
{
    for (int i = 0; i < GL_LOAD_CLIENTS; i++) {
        engine->counts.unsent += engine->groups[i].queue_len;
        engine->groups[i].queue_len = 0;
    }
}

void gl_load_http_abort(struct gl_load_engine *engine)
{
    for (int i = 0; i < GL_LOAD_CLIENTS; i++) {
        for (size_t p = 0; p < engine->groups[i].pool_count; p++) {
            struct gl_load_pool *pool = &engine->groups[i].pools[p];
            for (size_t s = 0; s < pool->slot_count; s++) {
                if (pool->slots[s].target)
                    gl_load_slot_finish(&pool->slots[s], CURLE_OPERATION_TIMEDOUT);
            }
        }
    }
}
