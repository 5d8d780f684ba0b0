/* What the tests of the tracer share: a directory of migrations, and traces of it on a private
 * server. */
#ifndef GL_TESTS_TRACE_FIXTURE_H
#define GL_TESTS_TRACE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/strv.h"
#include "trace/internal.h"

struct world {
    char *dir;
    struct gl_strv files; /* to trace; empty = what is newest */
    struct gl_trace trace;
};

static inline void ok(int result, const struct gl_error *err)
{
    if (result < 0)
        fail_msg("%s (%s)", err->message ? err->message : "no message",
                 err->hint ? err->hint : "no hint");
}

static inline int world_up(void **state)
{
    struct world *world = gl_alloc(sizeof *world);
    char path[] = "/tmp/golive trace \xe8\xa9\xa6 XXXXXX";
    assert_non_null(mkdtemp(path));
    world->dir = gl_strdup(path);
    *state = world;
    return 0;
}

static inline int world_down(void **state)
{
    struct world *world = *state;
    (void)!gl_remove_tree(world->dir, NULL);
    gl_trace_done(&world->trace);
    gl_strv_done(&world->files);
    free(world->dir);
    free(world);
    return 0;
}

/* Writes a file of the directory; its path belongs to the caller. */
static inline char *put(const struct world *world, const char *name, const char *text)
{
    gl_autoerr struct gl_error err = {0};
    char *path = gl_path_join(world->dir, name);
    ok(gl_write_text(path, text, 0644, &err), &err);
    return path;
}

static inline void put_file(const struct world *world, const char *name, const char *text)
{
    free(put(world, name, text));
}

static inline struct gl_trace_options options_of(const struct world *world)
{
    return (struct gl_trace_options){.dir = world->dir, .files = &world->files, .rows = 100};
}

/* Traces with these options; it must succeed. */
static inline void trace_with(struct world *world, const struct gl_trace_options *options)
{
    gl_autoerr struct gl_error err = {0};
    gl_trace_done(&world->trace);
    ok(gl_trace_run(options, &world->trace, &err), &err);
}

static inline void trace(struct world *world)
{
    const struct gl_trace_options options = options_of(world);
    trace_with(world, &options);
}

/* The statement, which must be there. */
static inline const struct gl_trace_statement *statement_at(const struct world *world, size_t file,
                                                            size_t index)
{
    assert_true(file < world->trace.count && index < world->trace.files[file].count);
    return &world->trace.files[file].statements[index];
}

static inline bool has_lock(const struct gl_trace_statement *statement, const char *relation,
                            enum gl_lock_mode mode)
{
    for (size_t i = 0; i < statement->lock_count; i++) {
        if (statement->locks[i].mode == mode && strcmp(statement->locks[i].relation, relation) == 0)
            return true;
    }
    return false;
}

/* The work on a relation; NULL if there was none. */
static inline const struct gl_trace_effect *work_on(const struct gl_trace_statement *statement,
                                                    const char *relation, enum gl_trace_work work)
{
    for (size_t i = 0; i < statement->effect_count; i++) {
        if (statement->effects[i].work == work &&
            strcmp(statement->effects[i].relation, relation) == 0)
            return &statement->effects[i];
    }
    return NULL;
}

static inline void expect_says(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("`%s` does not say `%s`", text ? text : "(nothing)", part);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_up, world_down)

#endif
