/* Room-internal: what runs in threads beside the rest of collecting. */
#ifndef GL_FACTS_BESIDE_H
#define GL_FACTS_BESIDE_H

#include <pthread.h>

#include "facts/collector.h"
#include "facts/repo_answers.h"

/* See gl_facts_begin(). What the thread makes is to be touched after gl_facts_beside_wait(). */
struct gl_facts_beside {
    struct gl_facts_request request;
    struct gl_collecting collecting; /* without a database */
    struct gl_staging staging;
    struct gl_repo_answers git;
    sqlite3 *db; /* all tables; those of the stacks are filled and indexed */
    struct gl_collected of_stacks;
    int failed; /* 0, or why there is no database */
    struct gl_error err;
    pthread_t thread;
    bool running;
};

/* Waits for the stacks; 0 or what failed. */
gl_nodiscard int gl_facts_beside_wait(struct gl_facts_beside *beside, struct gl_error *err);

#endif
