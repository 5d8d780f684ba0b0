/* Judges controls, side by side where they are many: they only read. */
#include <pthread.h>
#include <stdatomic.h>

#include "base/interrupt.h"
#include "base/thread.h"
#include "control/judge_internal.h"

enum { SIDE_BY_SIDE_MIN = 30 }; /* fewer are judged before the facts are copied */

struct work {
    bool live;
    struct gl_control_result *items;
    size_t count;
    atomic_size_t next; /* item that nobody took yet */
};

struct worker {
    struct work *work;
    sqlite3 *db;
};

static void judge_on(struct work *work, sqlite3 *db)
{
    gl_autojudge struct gl_judge judge = {0};
    gl_judge_open(&judge, db, work->live);
    for (size_t i; !gl_interrupted() && (i = atomic_fetch_add(&work->next, 1)) < work->count;)
        gl_judge_control(&judge, work->items[i].control, &work->items[i]);
}

static void *judge_aside(void *data)
{
    const struct worker *worker = data;
    judge_on(worker->work, worker->db);
    return NULL;
}

/* Without a copy of the facts, or without a thread, this one judges all. */
void gl_judge_all(const struct gl_facts_settled *settled, sqlite3 *db, bool live,
                  struct gl_control_result *items, size_t count)
{
    struct work work = {.live = live, .items = items, .count = count};
    gl_autofacts sqlite3 *twin = NULL;
    pthread_t thread;
    if (count >= SIDE_BY_SIDE_MIN)
        (void)!gl_facts_twin(settled, &twin, NULL);
    struct worker aside = {&work, twin};
    bool running = twin && gl_thread_start(&thread, NULL, judge_aside, &aside) == 0;
    judge_on(&work, db);
    if (running)
        pthread_join(thread, NULL);
}
