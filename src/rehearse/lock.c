/* One rehearsal at a time: flock on a file that says who holds it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "rehearse/internal.h"

static int busy(const char *path, struct gl_error *err)
{
    gl_autobuf struct gl_buf holder = {0};
    (void)!gl_read_file(path, 4096, &holder, NULL);
    gl_fail(err, GL_E_BUSY, _("another rehearsal runs here: %s"),
            holder.len ? gl_buf_text(&holder) : _("it has just begun"));
    return gl_error_hint(err, _("Wait for its end, or give this one a directory of its own: "
                                "golive rehearse --state DIR"));
}

int gl_rehearsal_lock(const char *dir, int *ret_fd, struct gl_error *err)
{
    gl_autofree char *path = gl_path_join(dir, "lock");
    gl_autoclose int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return gl_fail_errno(err, errno, _("cannot write %s"), path);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? busy(path, err)
                                    : gl_fail_errno(err, errno, _("cannot lock %s"), path);
    gl_autofree char *since = gl_format_rfc3339(gl_now_unix_ms());
    gl_autofree char *holder = gl_asprintf(_("process %d since %s"), (int)getpid(), since);
    if (ftruncate(fd, 0) < 0 || gl_write_all(fd, holder, strlen(holder)) < 0)
        return gl_fail_errno(err, errno, _("cannot write %s"), path);
    *ret_fd = gl_steal_fd(&fd);
    return 0;
}
