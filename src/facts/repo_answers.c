/* Runs git and keeps what it says. */
#include "facts/repo_answers.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "base/thread.h"

enum { GIT_TIMEOUT_MS = 30000 };

/* One shell asks all but one question: each program that golive starts by itself is two copies of
 * golive. Each answer ends with NUL and git's exit code, which ends with NUL, too. What may be long
 * comes first, since the end of the output is what is kept. */
static const char script[] =
    "g() { git -c core.quotePath=false -c core.fsmonitor=false \"$@\" 2>/dev/null\n"
    "      printf '\\0%d\\0' \"$?\"; }\n"
    "g log --all --diff-filter=A --name-only --no-renames --format='commit %H %ct' --"
    " ':(glob)**/.env' ':(glob)**/.env.*' ':(glob)**/*.pem' ':(glob)**/id_rsa'"
    " ':(glob)**/id_ed25519'\n"
    "g config --get remote.origin.url\n"
    "g rev-parse --is-shallow-repository\n"
    "g status --porcelain=v2 --branch -uno\n";

/* Runs a program in the project. */
static int run(const struct gl_repo_answers *git, const char *const *argv,
               struct gl_proc_result *ret_result, struct gl_error *err)
{
    struct gl_proc_spec spec = {.argv = argv, .cwd = git->dir, .timeout_ms = GIT_TIMEOUT_MS};
    return gl_proc_run(&spec, ret_result, err);
}

/* The answer at `*at`, which is moved behind it; NULL where git failed, or where it is not whole.
 * The caller owns it. */
static char *take_answer(const char **at, const char *end)
{
    const char *text = *at;
    const char *text_end = memchr(text, '\0', (size_t)(end - text));
    const char *code = text_end ? text_end + 1 : end;
    const char *code_end = memchr(code, '\0', (size_t)(end - code));
    *at = code_end ? code_end + 1 : end;
    return code_end && strcmp(code, "0") == 0 ? gl_strdup(text) : NULL;
}

static void take_answers(struct gl_repo_answers *git, const struct gl_proc_result *result)
{
    char **const answers[] = {&git->history, &git->url, &git->shallow, &git->status};
    const char *at = gl_buf_text(&result->out);
    const char *end = at + result->out.len;
    for (size_t i = 0; i < GL_COUNT(answers); i++)
        *answers[i] = take_answer(&at, end);
    if (result->out_cut) /* its beginning is missing */
        free(gl_steal(&git->history));
}

/* Ctrl-C and a git that takes too long say nothing about the repository: they are kept. */
static void ask_questions(struct gl_repo_answers *git)
{
    gl_autoproc struct gl_proc_result result = {0};
    gl_autoerr struct gl_error problem = {0};
    int failed = run(git, (const char *[]){"sh", "-c", script, NULL}, &result, &problem);
    if (failed == GL_E_INTERRUPTED || failed == GL_E_TIMEOUT) {
        git->failed = failed;
        gl_error_move(&git->err, &problem);
    }
    if (failed == 0)
        take_answers(git, &result);
}

/* Each is "H NAME" or "? NAME" and ends with NUL: a name may have any other byte. A list that is
 * not whole is no list: what is missing would look as if it were not there. Settings of the user
 * that change the output are switched off. */
static int list_files(const struct gl_repo_answers *git, struct gl_proc_result *ret_list,
                      struct gl_error *err)
{
    int failed = run(git,
                     (const char *[]){"git", "-c", "core.quotePath=false", "-c",
                                      "core.fsmonitor=false", "ls-files", "-z", "-t", "--cached",
                                      "--others", "--exclude-standard", NULL},
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
    ask_questions(git);
    if (git->status)
        git->files_failed = list_files(git, &git->files, &git->err);
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
    git->running = gl_thread_start(&git->thread, NULL, ask_aside, git) == 0;
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
