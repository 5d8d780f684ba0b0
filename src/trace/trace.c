/* A whole trace: place, schema, rows, migrations. */
#include "trace/trace.h"

#include <stdlib.h>

#include "base/i18n.h"
#include "trace/client.h"
#include "trace/internal.h"

static void stage(const struct gl_trace_options *options, const char *text)
{
    if (options->on_stage)
        options->on_stage(text, options->context);
}

static void add_file(struct gl_trace *trace, struct gl_trace_file *file)
{
    trace->files = gl_realloc_array(trace->files, trace->count + 1, sizeof *trace->files);
    trace->files[trace->count++] = *file;
    *file = (struct gl_trace_file){0};
}

static bool has_failed(const struct gl_trace_file *file)
{
    for (size_t i = 0; i < file->count; i++) {
        if (file->statements[i].verdict == GL_TRACE_FAILED)
            return true;
    }
    return file->problem.code != 0;
}

/* What a run makes. */
struct run {
    const struct gl_trace_options *options;
    struct gl_trace_work_list work;
    struct gl_strv filled; /* tables with made-up rows */
    struct gl_trace *trace;
};

static void run_done(struct run *run)
{
    gl_trace_work_list_done(&run->work);
    gl_strv_done(&run->filled);
}

static int trace_files(const struct run *run, const char *conninfo, struct gl_error *err)
{
    gl_autotracer struct gl_tracer tracer = {0};
    int failed = gl_tracer_connect(conninfo, &tracer, err);
    tracer.lock_timeout_ms = run->options->lock_timeout_ms;
    tracer.filled = &run->filled;
    run->trace->server_version = failed == 0 ? PQserverVersion(tracer.conn) : 0;
    const struct gl_trace_work_list *work = &run->work;
    bool stopped = false;
    for (size_t i = work->first; failed == 0 && !stopped && i < work->end; i++) {
        gl_cleanup(gl_trace_file_done) struct gl_trace_file file = {0};
        failed = gl_trace_fitting(&tracer, &work->list.items[i], &file, err);
        stopped = failed == 0 && has_failed(&file);
        if (failed == 0 && (work->wanted[i] || stopped))
            add_file(run->trace, &file);
    }
    return failed;
}

static int fill(struct run *run, struct gl_place *place, struct gl_error *err)
{
    const struct gl_trace_options *options = run->options;
    stage(options, _("filling tables"));
    int failed =
        gl_generate(options, gl_place_conninfo(place), &run->filled, &run->trace->notes, err);
    if (failed < 0 || !options->traffic_path)
        return failed;
    stage(options, _("replaying the traffic"));
    return gl_traffic_run(options, place, &run->work, &run->trace->traffic, err);
}

/* What was measured is worth showing without the linter. */
static void compare(struct run *run)
{
    gl_autoerr struct gl_error problem = {0};
    if (gl_compare(run->options, &run->work, run->trace, &run->trace->comparison, &problem) < 0)
        gl_strv_add(&run->trace->notes, problem.message);
}

static int run_all(struct run *run, struct gl_place *place, struct gl_error *err)
{
    const struct gl_trace_options *options = run->options;
    stage(options, _("making the schema"));
    int failed = gl_schema_make(options, place, &run->work, err);
    if (failed == 0)
        failed = fill(run, place, err);
    if (failed < 0)
        return failed;
    stage(options, _("tracing"));
    failed = trace_files(run, gl_place_conninfo(place), err);
    if (failed == 0 && options->compare)
        compare(run);
    return failed;
}

/* What can be known to be wrong before a server is started. */
static int check(const struct gl_trace_options *options, struct gl_error *err)
{
    gl_autostrv struct gl_strv queries = {0};
    int failed = gl_generate_check(options, err);
    if (failed == 0 && options->schema_path)
        failed = gl_restore_check(options->schema_path, err);
    if (failed == 0 && options->traffic_path)
        failed = gl_traffic_read(options->traffic_path, &queries, err);
    return failed;
}

int gl_trace_run(const struct gl_trace_options *options, struct gl_trace *ret_trace,
                 struct gl_error *err)
{
    gl_autotrace struct gl_trace trace = {.private_server = !options->conninfo};
    gl_autoplace struct gl_place *place = NULL;
    gl_cleanup(run_done) struct run run = {.options = options, .trace = &trace};
    int failed = check(options, err);
    if (failed < 0)
        return failed;
    stage(options, _("starting a database"));
    failed = gl_place_make(options, &place, err);
    if (failed == 0)
        failed = run_all(&run, place, err);
    if (failed < 0)
        return failed;
    *ret_trace = trace;
    trace = (struct gl_trace){0};
    return 0;
}
