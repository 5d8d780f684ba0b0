/* How large tables are: a file that golive writes from pg_class. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "lint/lint.h"

void gl_lint_sizes_done(struct gl_lint_sizes *sizes)
{
    for (size_t i = 0; i < sizes->count; i++)
        free(sizes->items[i].relation);
    free(sizes->items);
    *sizes = (struct gl_lint_sizes){0};
}

static int by_relation(const void *a, const void *b)
{
    const struct gl_lint_size *left = a;
    const struct gl_lint_size *right = b;
    return strcmp(left->relation, right->relation);
}

static int add(const json_t *row, const char *path, struct gl_lint_sizes *sizes,
               struct gl_error *err)
{
    const char *relation = gl_json_str(row, "relation", NULL);
    int64_t rows = gl_json_int(row, "rows", -1);
    int64_t bytes = gl_json_int(row, "bytes", -1);
    if (!relation || rows < 0 || bytes < 0) {
        gl_fail(err, GL_E_CORRUPT, _("relation %zu of %s lacks relation, rows or bytes"),
                sizes->count + 1, path);
        return gl_error_hint(err, _("golive migrate lint --database URL --write-stats FILE makes "
                                    "such a file."));
    }
    sizes->items = gl_realloc_array(sizes->items, sizes->count + 1, sizeof *sizes->items);
    sizes->items[sizes->count++] = (struct gl_lint_size){gl_strdup(relation), rows, bytes};
    return 0;
}

int gl_lint_sizes_read(const char *path, struct gl_lint_sizes *ret_sizes, struct gl_error *err)
{
    gl_autojson json_t *json = NULL;
    gl_autolintsizes struct gl_lint_sizes sizes = {0};
    int failed = gl_json_load(path, &json, err);
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(json, "relations"), i, row)
    {
        failed = failed == 0 ? add(row, path, &sizes, err) : failed;
    }
    if (failed == 0 && !json_is_array(json_object_get(json, "relations")))
        failed = gl_fail(err, GL_E_CORRUPT, _("%s has no list `relations`"), path);
    if (failed < 0)
        return failed;
    if (sizes.count)
        qsort(sizes.items, sizes.count, sizeof *sizes.items, by_relation);
    *ret_sizes = sizes;
    sizes = (struct gl_lint_sizes){0};
    return 0;
}

const struct gl_lint_size *gl_lint_size_of(const struct gl_lint_sizes *sizes, const char *relation)
{
    const struct gl_lint_size key = {.relation = (char *)relation};
    return sizes && sizes->count
               ? bsearch(&key, sizes->items, sizes->count, sizeof *sizes->items, by_relation)
               : NULL;
}
