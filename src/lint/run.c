/* A run over all files, on a thread whose stack bears deep trees: PostgreSQL's parser, protobuf and
 * the rules all recurse. */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/thread.h"
#include "lint/engine.h"
#include "migrate/format.h"

enum {
    STACK_BYTES = 256 << 20, /* of address space; memory is taken as it is used */
    FILE_BYTES = 16 << 20,   /* larger files are data; golive runs up to 64 MiB */
    RUN_BYTES = 64 << 20,
};

static size_t size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) ? (size_t)status.st_size : 0;
}

struct job {
    const struct gl_lint_files *files;
    const char *text; /* instead of the first file's */
    size_t len;       /* it may hold NUL bytes */
    struct gl_lint_run run;
};

/* A file that was named alone may be another tool's, whose part that reverts is not judged. */
static void run_foreign(const struct job *job, size_t index, const struct gl_format *format,
                        struct gl_buf *text)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_lint_file file = job->files->items[index];
    struct gl_migration migration = {.path = file.path, .sql = text->data};
    if (format->cut(&migration, &err) < 0) {
        gl_lint_file_unreadable(&job->run, &file, err.message);
        return;
    }
    text->len = strlen(text->data);
    file.sql = text->data;
    file.alone = migration.no_transaction;
    file.format = format;
    gl_lint_file_run(&job->run, &file, (int)index, text);
}

static void run_file(const struct job *job, size_t index)
{
    gl_autoerr struct gl_error err = {0};
    gl_autobuf struct gl_buf text = {0};
    const struct gl_lint_file *file = &job->files->items[index];
    size_t bytes = job->text ? 0 : file->sql ? strlen(file->sql) : size_of(file->path);
    if (bytes > FILE_BYTES && bytes <= RUN_BYTES) {
        gl_lint_file_too_large(&job->run, file, bytes);
        return;
    }
    int failed = 0;
    const struct gl_format *format = NULL;
    if (job->text)
        gl_buf_add(&text, job->text, job->len);
    else if (file->sql)
        gl_buf_add(&text, file->sql, bytes);
    else
        failed = gl_read_file(file->path, 0, &text, &err);
    if (failed == 0 && !job->text && !file->sql)
        format = gl_format_of_text(gl_buf_text(&text));
    if (failed < 0)
        gl_lint_file_unreadable(&job->run, file, err.message);
    else if (format)
        run_foreign(job, index, format, &text);
    else
        gl_lint_file_run(&job->run, file, (int)index, &text);
}

static bool is_utc(const char *zone)
{
    return !zone || strcmp(zone, "UTC") == 0 || strcmp(zone, "Etc/UTC") == 0 ||
           strcmp(zone, "GMT") == 0;
}

/* Foreign keys may get their index in a later statement or file. Of a table that was there before
 * it is not known what it has. */
static bool is_granted(const struct gl_lint_state *state, const struct gl_lint_wish *wish)
{
    const struct gl_lint_table *table = gl_lint_map_get(&state->relations, wish->table);
    return !table || !table->complete || gl_lint_is_indexed(table, &wish->columns);
}

static void drop_granted(const struct gl_lint_state *state, struct gl_lint_result *result)
{
    size_t kept = 0;
    for (size_t i = 0; i < result->count; i++) {
        struct gl_lint_finding *finding = &result->findings[i];
        if (finding->wish && is_granted(state, finding->wish)) {
            gl_lint_finding_done(finding);
            continue;
        }
        finding->wish = NULL;
        result->findings[kept++] = *finding;
    }
    result->count = kept;
}

static void *run_all(void *context)
{
    struct job *job = context;
    struct gl_lint_table_of_rules table;
    struct gl_lint_arena arena = {0};
    gl_autolintstate struct gl_lint_state state = {.utc = is_utc(job->run.options->time_zone)};
    gl_lint_table_make(&table);
    job->run.table = &table;
    job->run.arena = &arena;
    job->run.state = &state;
    for (size_t i = 0; i < job->files->count; i++)
        run_file(job, i);
    drop_granted(&state, job->run.result);
    gl_lint_arena_done(&arena);
    gl_lint_arena_done(&table.arena);
    return NULL;
}

/* A file that nobody runs may be one that was meant to run. */
static void note_passed_over(const struct gl_lint_files *files, struct gl_lint_result *result)
{
    for (size_t i = 0; i < files->passed_over.count; i++)
        gl_strv_addf(&result->notes,
                     _("%s was passed over: its name has no version, so no tool runs it"),
                     files->passed_over.items[i]);
}

static int run_on_thread(struct job *job, struct gl_error *err)
{
    pthread_t thread;
    pthread_attr_t attributes;
    int failed = pthread_attr_init(&attributes);
    if (failed == 0)
        failed = pthread_attr_setstacksize(&attributes, STACK_BYTES);
    if (failed == 0)
        failed = gl_thread_start(&thread, &attributes, run_all, job);
    pthread_attr_destroy(&attributes);
    if (failed)
        return gl_fail_errno(err, failed, _("no thread can be started for the linter"));
    pthread_join(thread, NULL);
    return 0;
}

int gl_lint_run(const struct gl_lint_files *files, const struct gl_lint_options *options,
                struct gl_lint_result *ret_result, struct gl_error *err)
{
    gl_autolint struct gl_lint_result result = {0};
    struct job job = {
        .files = files, .run = {.options = options, .result = &result}
    };
    int failed = run_on_thread(&job, err);
    if (failed < 0)
        return failed;
    note_passed_over(files, &result);
    *ret_result = result;
    result = (struct gl_lint_result){0};
    return 0;
}

int gl_lint_text(const char *path, const char *sql, size_t len,
                 const struct gl_lint_options *options, struct gl_lint_result *ret_result,
                 struct gl_error *err)
{
    gl_autofree char *name = gl_strdup(path);
    struct gl_lint_file file = {.path = name};
    struct gl_lint_files files = {.items = &file, .count = 1};
    gl_autolint struct gl_lint_result result = {0};
    struct job job = {
        &files, sql, len, {.options = options, .result = &result}
    };
    int failed = run_on_thread(&job, err);
    if (failed < 0)
        return failed;
    *ret_result = result;
    result = (struct gl_lint_result){0};
    return 0;
}

enum gl_phase gl_lint_phase(const char *sql, char **ret_reason)
{
    const struct gl_lint_options options = {0};
    gl_autolint struct gl_lint_result result = {0};
    *ret_reason = NULL;
    if (gl_lint_text("", sql, strlen(sql), &options, &result, NULL) < 0 || !result.contracts)
        return GL_PHASE_EXPAND;
    *ret_reason = gl_steal(&result.contracts);
    return GL_PHASE_CONTRACT;
}
