/* Writes what --fix planned. Ended anywhere, nothing is lost, and the same run again goes on: a
 * file's new parts are written whole before the file itself becomes shorter, and parts that are
 * there already are taken for written. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "lint/fix.h"

bool gl_lint_fix_is_written(const char *path, const char *text)
{
    gl_autoerr struct gl_error ignored = {0};
    gl_autobuf struct gl_buf found = {0};
    return gl_is_file(path) && gl_read_file(path, 0, &found, &ignored) == 0 &&
           strcmp(gl_buf_text(&found), text) == 0;
}

static int write_new(const struct gl_lint_write *write, bool *ret_made, struct gl_error *err)
{
    *ret_made = false;
    if (gl_lint_fix_is_written(write->path, write->after))
        return 0;
    if (gl_path_exists(write->path))
        return gl_fail_errno(err, EEXIST, _("cannot write %s"), write->path);
    int failed = gl_write_text(write->path, write->after, 0644, err);
    *ret_made = failed == 0;
    return failed;
}

/* The old file stands first, its `count` - 1 new parts behind it. On failure the parts that were
 * made are taken back: beside the whole old file they would run its statements twice. */
static int write_split(const struct gl_lint_write *items, size_t count, struct gl_error *err)
{
    gl_autofree bool *made = gl_alloc(count * sizeof *made);
    int failed = 0;
    for (size_t i = 1; failed == 0 && i < count; i++)
        failed = write_new(&items[i], &made[i], err);
    if (failed == 0)
        failed = gl_write_text(items->path, items->after, 0644, err);
    for (size_t i = 1; failed < 0 && i < count; i++) {
        if (made[i])
            unlink(items[i].path);
    }
    return failed;
}

int gl_lint_fix_write(const struct gl_lint_fixes *fixes, struct gl_error *err)
{
    int failed = 0;
    for (size_t first = 0, count; failed == 0 && first < fixes->count; first += count) {
        count = 1;
        while (first + count < fixes->count && !fixes->items[first + count].before)
            count++;
        failed = write_split(&fixes->items[first], count, err);
    }
    return failed;
}
