/* What every part of the local platform needs: paths, words of sh, programs as the service user. */
#include "base/fs.h"
#include "platform/local/local.h"

char *gl_local_path(const struct gl_local *local, const char *relative)
{
    return gl_path_join(local->root, relative);
}

void gl_sh_word(struct gl_buf *script, const char *text)
{
    gl_buf_putc(script, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            gl_buf_puts(script, "'\\''");
        else
            gl_buf_putc(script, *text);
    }
    gl_buf_putc(script, '\'');
}

bool gl_is_kept(int64_t release, const int64_t *keep, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (keep[i] == release)
            return true;
    }
    return false;
}

static char *run_as(const struct gl_local *local, uid_t uid, gid_t gid)
{
    return local->drop
               ? gl_asprintf("s6-applyuidgid -u %u -g %u -G '' ", (unsigned)uid, (unsigned)gid)
               : gl_strdup("");
}

char *gl_local_as(const struct gl_local *local, enum gl_local_account account)
{
    return run_as(local, local->accounts[account].uid, local->accounts[account].gid);
}

char *gl_local_as_database(const struct gl_local *local)
{
    return run_as(local, local->uid, local->gid);
}

struct gl_proc_spec gl_local_proc(const struct gl_local *local, const char *const *argv)
{
    return (struct gl_proc_spec){
        .argv = argv,
        .drop_privileges = local->drop,
        .uid = local->uid,
        .gid = local->gid,
    };
}
