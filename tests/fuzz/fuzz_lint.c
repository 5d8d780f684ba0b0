/* The linter on any text: parse tree, rules, state, --fix's cutting, renderers. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lint/fix_parts.h"
#include "lint/render.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_place(const struct gl_lint_finding *finding, size_t size)
{
    if (finding->begin > size || finding->end > size || finding->end < finding->begin ||
        finding->line == 0 || finding->column == 0 || finding->statement_end > size)
        abort();
}

static void check_parts(const char *sql, const struct gl_lint_result *result)
{
    gl_cleanup(gl_lint_parts_done) struct gl_lint_parts parts = {0};
    gl_lint_parts_make(sql, result->findings, result->count, &parts);
}

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct gl_lint_options options = {.server_version = size % 2 ? 15 : 0};
    gl_autofree char *sql = gl_strndup((const char *)data, size);
    gl_autolint struct gl_lint_result result = {0};
    gl_autobuf struct gl_buf out = {0};
    if (memchr(data, 0, size))
        return 0;
    if (gl_lint_text("m.sql", sql, size, &options, &result, NULL) < 0)
        abort();
    for (size_t i = 0; i < result.count; i++)
        check_place(&result.findings[i], size);
    check_parts(sql, &result);
    const struct gl_lint_view view = {.result = &result, .verbose = true};
    gl_lint_render_text(&view, &out);
    gl_lint_render_github(&view, &out);
    gl_autojson json_t *json = gl_lint_json(&view);
    gl_autojson json_t *sarif = gl_lint_sarif(&view);
    return json && sarif ? 0 : 1;
}
