/* A bare instance in a temporary directory whose name has a space and Japanese characters. */
#ifndef GL_TESTS_PLATFORM_FIXTURE_H
#define GL_TESTS_PLATFORM_FIXTURE_H

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "platform/local/local.h"

/* As root the services run as users of their own, as in the product. */
static inline void fixture_make(struct gl_local *local)
{
    gl_autoerr struct gl_error err = {0};
    char top[] = "/tmp/golive test 日本-XXXXXX";
    assert_non_null(mkdtemp(top));
    assert_int_equal(chmod(top, 0711), 0);
    *local = (struct gl_local){
        .state_dir = gl_strdup(top),
        .root = gl_path_join(top, "ローカル 1"),
        .run_dir = gl_asprintf("/tmp/glt-%.6s", top + sizeof top - 7),
        .edge_dir = gl_asprintf("/tmp/glt-%.6s-edge", top + sizeof top - 7),
        .name = gl_strdup("sample"),
    };
    assert_int_equal(gl_local_find_users(local, &err), 0);
    const struct gl_file_owner *edge = &local->accounts[GL_LOCAL_ACCOUNT_EDGE];
    assert_int_equal(mkdir(local->root, 0711), 0);
    assert_int_equal(mkdir(local->run_dir, 0700), 0);
    assert_int_equal(mkdir(local->edge_dir, 0700), 0);
    assert_int_equal(lchown(local->run_dir, local->uid, local->gid), 0);
    assert_int_equal(lchown(local->edge_dir, edge->uid, edge->gid), 0);
}

static inline void fixture_remove(struct gl_local *local)
{
    gl_autofree char *top = gl_path_dir(local->root);
    assert_int_equal(gl_remove_tree(top, NULL), 0);
    assert_int_equal(gl_remove_tree(local->run_dir, NULL), 0);
    assert_int_equal(gl_remove_tree(local->edge_dir, NULL), 0);
    free(local->state_dir);
    free(local->root);
    free(local->run_dir);
    free(local->edge_dir);
    free(local->name);
}

#endif
