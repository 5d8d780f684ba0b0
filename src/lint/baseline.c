/* A baseline: findings that were there when golive came, which do not count. */
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "lint/lint.h"

enum { VERSION = 1 };

/* The directory may be named otherwise the next time. */
static char *key_of(const char *rule, const char *file, const char *relation)
{
    return gl_asprintf("%s\n%s\n%s", rule, gl_path_base(file), relation ? relation : "");
}

static void count(json_t *by_key, const struct gl_lint_finding *finding)
{
    gl_autofree char *key = key_of(finding->rule->id, finding->file, finding->relation);
    json_t *row = json_object_get(by_key, key);
    if (!row) {
        row = json_object();
        gl_json_set_str(row, "rule", finding->rule->id);
        gl_json_set_str(row, "file", gl_path_base(finding->file));
        gl_json_set_str(row, "relation", finding->relation);
        json_object_set_new(by_key, key, row);
    }
    gl_json_set_int(row, "count", gl_json_int(row, "count", 0) + 1);
}

char *gl_lint_baseline_make(const struct gl_lint_result *result)
{
    gl_autojson json_t *by_key = json_object();
    gl_autojson json_t *root = json_object();
    json_t *rows = json_array();
    const char *key;
    json_t *row;
    for (size_t i = 0; i < result->count; i++) {
        const struct gl_lint_finding *finding = &result->findings[i];
        if (!finding->allowed && !finding->outside && finding->severity != GL_LINT_INFO)
            count(by_key, finding);
    }
    json_object_foreach(by_key, key, row) json_array_append(rows, row);
    gl_json_set_int(root, "version", VERSION);
    json_object_set_new(root, "findings", rows);
    return gl_json_pretty(root);
}

/* left: {key: how many more of these are known}. */
static int read_rows(const json_t *rows, const char *path, json_t *left, struct gl_error *err)
{
    size_t i;
    const json_t *row;
    if (!json_is_array(rows))
        return gl_fail(err, GL_E_CORRUPT, _("%s has no list `findings`"), path);
    json_array_foreach(rows, i, row)
    {
        const char *rule = gl_json_str(row, "rule", NULL);
        const char *file = gl_json_str(row, "file", NULL);
        int64_t known = gl_json_int(row, "count", 0);
        if (!rule || !file || known < 1)
            return gl_fail(err, GL_E_CORRUPT, _("finding %zu of %s lacks rule, file or count"),
                           i + 1, path);
        gl_autofree char *key = key_of(rule, file, gl_json_str(row, "relation", NULL));
        gl_json_set_int(left, key, gl_json_int(left, key, 0) + known);
    }
    return 0;
}

static void mark(json_t *left, struct gl_lint_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        struct gl_lint_finding *finding = &result->findings[i];
        gl_autofree char *key = key_of(finding->rule->id, finding->file, finding->relation);
        int64_t known = gl_json_int(left, key, 0);
        if (finding->allowed || known == 0)
            continue;
        finding->known = true;
        gl_json_set_int(left, key, known - 1);
    }
    const char *key;
    json_t *known;
    json_object_foreach(left, key, known) result->mended += (size_t)json_integer_value(known);
}

int gl_lint_baseline_read(const char *path, struct gl_lint_result *result, struct gl_error *err)
{
    gl_autojson json_t *json = NULL;
    gl_autojson json_t *left = json_object();
    int failed = gl_json_load(path, &json, err);
    if (failed == 0)
        failed = read_rows(json_object_get(json, "findings"), path, left, err);
    if (failed < 0)
        return gl_error_hint(err, _("golive migrate lint --write-baseline FILE makes one."));
    mark(left, result);
    return 0;
}
