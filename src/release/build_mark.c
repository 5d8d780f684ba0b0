/* A random word in the state directory and in the journal. */
#include "release/build_mark.h"

#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/json.h"

enum { MARK_BYTES = 16 };

static char *path_of(const struct gl_release *release)
{
    return gl_release_state_path(release, "built");
}

void gl_build_mark_remove(const struct gl_release *release)
{
    gl_autofree char *path = path_of(release);
    (void)unlink(path);
}

int gl_build_mark_leave(struct gl_release *release, struct gl_error *err)
{
    gl_autofree char *path = path_of(release);
    gl_autofree char *mark = gl_random_hex(MARK_BYTES);
    gl_json_set_str(gl_release_own_facts(release), "mark", mark);
    int failed = gl_mkdir_p(release->state_dir, 0755, err);
    return failed < 0 ? failed : gl_write_text(path, mark, 0644, err);
}

bool gl_build_mark_is_ours(const struct gl_release *release)
{
    gl_autofree char *path = path_of(release);
    gl_autobuf struct gl_buf found = {0};
    const char *mark = gl_release_fact(release, "build", "mark");
    return mark && gl_is_file(path) && gl_read_file(path, 0, &found, NULL) == 0 &&
           strcmp(gl_buf_text(&found), mark) == 0;
}
