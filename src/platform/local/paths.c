/* Paths below an instance and programs as its service user. */
#include "base/fs.h"
#include "platform/local/local.h"

char *gl_local_path(const struct gl_local *local, const char *relative)
{
    return gl_path_join(local->root, relative);
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
