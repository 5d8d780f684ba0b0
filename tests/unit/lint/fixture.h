/* Texts given to the linter as files in their order, and what it finds in the last one. */
#ifndef GL_TEST_LINT_FIXTURE_H
#define GL_TEST_LINT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "lint/lint.h"

static char scratch[] = "/tmp/golive-lint-XXXXXX";

static inline int scratch_make(void **state)
{
    (void)state;
    strcpy(scratch, "/tmp/golive-lint-XXXXXX");
    return mkdtemp(scratch) ? 0 : -1;
}

static inline int scratch_remove(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    return gl_remove_tree(scratch, &err);
}

/* `before` may be NULL, or several files separated by a line "----". */
static inline void write_files(const char *before, const char *sql, size_t len,
                               struct gl_lint_files *files)
{
    gl_autoerr struct gl_error err = {0};
    unsigned number = 1;
    while (before && *before) {
        const char *end = strstr(before, "\n----\n");
        size_t size = end ? (size_t)(end - before) : strlen(before);
        gl_autofree char *path = gl_asprintf("%s/%04u_before.sql", scratch, number++);
        assert_int_equal(gl_write_file(path, before, size, 0600, &err), 0);
        assert_int_equal(gl_lint_files_add(files, path, &err), 0);
        files->items[files->count - 1].outside = true;
        before = end ? end + strlen("\n----\n") : NULL;
    }
    gl_autofree char *path = gl_asprintf("%s/%04u_last.sql", scratch, number);
    assert_int_equal(gl_write_file(path, sql, len, 0600, &err), 0);
    assert_int_equal(gl_lint_files_add(files, path, &err), 0);
}

static inline void lint_with(const char *before, const char *sql,
                             const struct gl_lint_options *options,
                             struct gl_lint_result *ret_result)
{
    gl_autoerr struct gl_error err = {0};
    gl_autolintfiles struct gl_lint_files files = {0};
    write_files(before, sql, strlen(sql), &files);
    if (gl_lint_run(&files, options, ret_result, &err) < 0)
        fail_msg("%s", err.message);
}

static inline void lint(const char *before, const char *sql, struct gl_lint_result *ret_result)
{
    const struct gl_lint_options options = {0};
    lint_with(before, sql, &options, ret_result);
}

/* The first finding of a rule in the last file, NULL if there is none. */
static inline const struct gl_lint_finding *find(const struct gl_lint_result *result,
                                                 const char *rule)
{
    for (size_t i = 0; i < result->count; i++) {
        const struct gl_lint_finding *finding = &result->findings[i];
        if (!finding->outside && strcmp(finding->rule->id, rule) == 0)
            return finding;
    }
    return NULL;
}

/* Everything found in the last file, for messages. */
static inline char *all_of(const struct gl_lint_result *result)
{
    gl_autobuf struct gl_buf text = {0};
    for (size_t i = 0; i < result->count; i++) {
        const struct gl_lint_finding *finding = &result->findings[i];
        if (!finding->outside)
            gl_buf_printf(&text, "\n  %u:%u %s: %s", finding->line, finding->column,
                          finding->rule->id, finding->message);
    }
    return gl_buf_steal(&text);
}

static inline void expect_found(const char *before, const char *sql, const char *rule)
{
    gl_autolint struct gl_lint_result result = {0};
    lint(before, sql, &result);
    gl_autofree char *all = all_of(&result);
    if (!find(&result, rule))
        fail_msg("%s does not find: %s%s", rule, sql, all);
}

static inline void expect_not_found(const char *before, const char *sql, const char *rule)
{
    gl_autolint struct gl_lint_result result = {0};
    lint(before, sql, &result);
    gl_autofree char *all = all_of(&result);
    if (find(&result, rule))
        fail_msg("%s finds: %s%s", rule, sql, all);
}

/* Nothing above information. */
static inline void expect_quiet(const char *before, const char *sql)
{
    gl_autolint struct gl_lint_result result = {0};
    lint(before, sql, &result);
    gl_autofree char *all = all_of(&result);
    if (gl_lint_count(&result, GL_LINT_ERROR) || gl_lint_count(&result, GL_LINT_WARNING))
        fail_msg("not quiet: %s%s", sql, all);
}

#endif
