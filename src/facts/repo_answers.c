/* Runs git and keeps what it says. */
#include "facts/repo_answers.h"

#include <stdlib.h>

#include "base/i18n.h"
#include "base/strv.h"

enum { GIT_TIMEOUT_MS = 20000 };

/* Runs git in the project. Settings of the user that change the output are switched off. */
static int run_git(const struct gl_repo_answers *git, const char *const *arguments,
                   struct gl_proc_result *ret_result, struct gl_error *err)
{
    const char *argv[24] = {"git", "-c", "core.quotePath=false", "-c", "core.fsmonitor=false"};
    size_t count = 5;
    for (size_t i = 0; arguments[i] && count + 1 < GL_COUNT(argv); i++)
        argv[count++] = arguments[i];
    struct gl_proc_spec spec = {.argv = argv, .cwd = git->dir, .timeout_ms = GIT_TIMEOUT_MS};
    return gl_proc_run(&spec, ret_result, err);
}

/* Its output; NULL where it fails. The caller owns it. Ctrl-C and a git that takes too long say
 * nothing about the repository: they are kept, and nothing more is asked. */
static char *answer(struct gl_repo_answers *git, const char *const *arguments)
{
    gl_autoproc struct gl_proc_result result = {0};
    gl_autoerr struct gl_error problem = {0};
    if (git->failed < 0)
        return NULL;
    int failed = run_git(git, arguments, &result, &problem);
    if (failed == GL_E_INTERRUPTED || failed == GL_E_TIMEOUT) {
        git->failed = failed;
        gl_error_move(&git->err, &problem);
    }
    if (failed < 0 || result.exit_code != 0 || result.out_cut)
        return NULL;
    return gl_strdup(gl_buf_text(&result.out));
}

/* Each is "H NAME" or "? NAME" and ends with NUL: a name may have any other byte. A list that is
 * not whole is no list: what is missing would look as if it were not there. */
static int list_files(const struct gl_repo_answers *git, struct gl_proc_result *ret_list,
                      struct gl_error *err)
{
    int failed = run_git(git,
                         (const char *[]){"ls-files", "-z", "-t", "--cached", "--others",
                                          "--exclude-standard", NULL},
                         ret_list, err);
    if (failed < 0)
        return failed;
    if (ret_list->out_cut)
        return gl_fail(err, GL_E_PROCESS, _("the repository has more files than golive looks at"));
    if (ret_list->exit_code != 0)
        return gl_fail(err, GL_E_PROCESS, _("git ls-files failed: %s"),
                       gl_buf_text(&ret_list->err));
    return 0;
}

static void ask(struct gl_repo_answers *git)
{
    git->status =
        answer(git, (const char *[]){"status", "--porcelain=v2", "--branch", "-uno", NULL});
    if (!git->status)
        return;
    git->files_failed = list_files(git, &git->files, &git->err);
    git->shallow = answer(git, (const char *[]){"rev-parse", "--is-shallow-repository", NULL});
    git->url = answer(git, (const char *[]){"config", "--get", "remote.origin.url", NULL});
    git->history = answer(
        git, (const char *[]){"log", "--all", "--diff-filter=A", "--name-only", "--no-renames",
                              "--format=commit %H %ct", "--", ":(glob)**/.env", ":(glob)**/.env.*",
                              ":(glob)**/*.pem", ":(glob)**/id_rsa", ":(glob)**/id_ed25519", NULL});
}

static void *ask_aside(void *git)
{
    ask(git);
    return NULL;
}

/* Without a thread the answers are there at once. */
void gl_repo_ask(struct gl_repo_answers *git, const char *dir)
{
    git->dir = dir;
    git->running = pthread_create(&git->thread, NULL, ask_aside, git) == 0;
    if (!git->running)
        ask(git);
}

void gl_repo_answers_wait(struct gl_repo_answers *git)
{
    if (git->running)
        pthread_join(git->thread, NULL);
    git->running = false;
}

void gl_repo_answers_done(struct gl_repo_answers *git)
{
    gl_repo_answers_wait(git);
    free(git->status);
    free(git->shallow);
    free(git->url);
    free(git->history);
    gl_proc_result_done(&git->files);
    gl_error_done(&git->err);
}
