/* Asking git. */
#include "release/git.h"

#include <string.h>

enum { GIT_MS = 60000 };

bool gl_git_run(const char *dir, const char *const *arguments, struct gl_proc_result *result)
{
    const char *argv[20] = {"git", "-C", dir, "-c", "safe.directory=*"};
    size_t count = 5;
    for (; *arguments && count + 1 < GL_COUNT(argv); arguments++)
        argv[count++] = *arguments;
    struct gl_proc_spec spec = {.argv = argv, .timeout_ms = GIT_MS};
    return gl_proc_run(&spec, result, NULL) == 0 && result->exit_code == 0;
}

char *gl_git_ask(const char *dir, const char *const *arguments)
{
    gl_autoproc struct gl_proc_result result = {0};
    if (!gl_git_run(dir, arguments, &result))
        return NULL;
    char *out = gl_strdup(gl_buf_text(&result.out));
    size_t len = strlen(out);
    if (len && out[len - 1] == '\n')
        out[len - 1] = '\0';
    return out;
}
