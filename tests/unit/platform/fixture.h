/* A bare instance in a temporary directory whose name has a space and Japanese characters. */
#ifndef GL_TESTS_PLATFORM_FIXTURE_H
#define GL_TESTS_PLATFORM_FIXTURE_H

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "platform/local/local.h"

/* As root the services run as `postgres`, as in the product. */
static inline void fixture_make(struct gl_local *local)
{
    char top[] = "/tmp/golive test 日本-XXXXXX";
    assert_non_null(mkdtemp(top));
    assert_int_equal(chmod(top, 0711), 0);
    *local = (struct gl_local){
        .root = gl_path_join(top, "ローカル 1"),
        .run_dir = gl_asprintf("/tmp/glt-%.6s", top + sizeof top - 7),
        .name = gl_strdup("sample"),
        .drop = geteuid() == 0,
        .uid = geteuid(),
        .gid = getegid(),
    };
    const struct passwd *user = local->drop ? getpwnam("postgres") : NULL;
    if (user) {
        local->uid = user->pw_uid;
        local->gid = user->pw_gid;
    }
    assert_int_equal(mkdir(local->root, 0700), 0);
    assert_int_equal(mkdir(local->run_dir, 0700), 0);
    assert_int_equal(lchown(local->root, local->uid, local->gid), 0);
    assert_int_equal(lchown(local->run_dir, local->uid, local->gid), 0);
}

static inline void fixture_remove(struct gl_local *local)
{
    gl_autofree char *top = gl_path_dir(local->root);
    assert_int_equal(gl_remove_tree(top, NULL), 0);
    assert_int_equal(gl_remove_tree(local->run_dir, NULL), 0);
    free(local->root);
    free(local->run_dir);
    free(local->name);
}

#endif
