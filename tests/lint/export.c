/* Writes the truth set for other programs: DIR/NAME.sql for each case, and DIR/truth.tsv with name,
 * "hurts", "harmless" or "either", as the test of the linter counts them. */
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "support/truth.h"

static const char *kind_of(const struct truth_case *item)
{
    if (item->either || item->hidden)
        return "either";
    return truth_hurts(item) ? "hurts" : "harmless";
}

static int write_all(const struct truth *truth, const char *dir, struct gl_error *err)
{
    gl_autobuf struct gl_buf list = {0};
    int failed = gl_mkdir_p(dir, 0755, err);
    for (size_t i = 0; failed == 0 && i < truth->count; i++) {
        const struct truth_case *item = &truth->items[i];
        gl_autofree char *path = gl_asprintf("%s/%s.sql", dir, item->name);
        gl_buf_printf(&list, "%s\t%s\n", item->name, kind_of(item));
        failed = gl_write_text(path, item->sql, 0644, err);
    }
    gl_autofree char *path = gl_path_join(dir, "truth.tsv");
    return failed < 0 ? failed : gl_write_text(path, gl_buf_text(&list), 0644, err);
}

int main(int argc, char **argv)
{
    gl_autoerr struct gl_error err = {0};
    struct truth truth = {0};
    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s DIR\n", argv[0]);
        return 2;
    }
    int failed = truth_read(&truth, &err);
    if (failed == 0)
        failed = write_all(&truth, argv[1], &err);
    truth_done(&truth);
    if (failed < 0)
        (void)fprintf(stderr, "%s: %s\n", argv[0], err.message);
    return failed < 0 ? 1 : 0;
}
