/* What git knows: files, history, commits. */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "facts/repo.h"
#include "facts/repo_answers.h"

/* ---- the repository itself ---------------------------------------------------------------------
 */

/* The value behind "# branch.oid " and the like in git's status; NULL if there is none. */
static char *header(const char *status, const char *name)
{
    const char *at = strstr(status, name);
    return at ? gl_strndup(at + strlen(name), strcspn(at + strlen(name), "\n")) : NULL;
}

/* "owner/name" of "git@github.com:owner/name.git" or "https://github.com/owner/name". */
static char *github_name(const char *url)
{
    const char *at = url ? strstr(url, "github.com") : NULL;
    if (!at)
        return NULL;
    at += strlen("github.com");
    at += strspn(at, ":/");
    char *name = gl_strndup(at, strcspn(at, "\n"));
    if (gl_ends_with(name, ".git"))
        name[strlen(name) - strlen(".git")] = '\0';
    return name;
}

static bool has_changes(const char *status)
{
    for (const char *line = status; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (*line && *line != '#')
            return true;
    }
    return false;
}

static int write_repository(struct gl_repo *repo, const struct gl_repo_answers *git,
                            struct gl_error *err)
{
    gl_autofree char *head = header(git->status, "# branch.oid ");
    gl_autofree char *branch = header(git->status, "# branch.head ");
    gl_autofree char *remote = github_name(git->url);
    bool begun = head && strcmp(head, "(initial)") != 0;
    struct gl_rows rows;
    gl_rows_open(repo->collecting->db, "repository", &rows, err);
    gl_rows_text(&rows, begun ? head : "");
    gl_rows_text(&rows, branch && *branch != '(' ? branch : NULL);
    gl_rows_int(&rows, git->shallow && gl_starts_with(git->shallow, "true"));
    gl_rows_text(&rows, remote);
    gl_rows_int(&rows, has_changes(git->status));
    gl_rows_add(&rows);
    return gl_rows_done(&rows);
}

/* ---- names that should never have been there ---------------------------------------------------
 */

/* Lines are "COMMIT TIME" of a commit, or names of files that it added. */
static int write_history(struct gl_repo *repo, const struct gl_repo_answers *git,
                         struct gl_error *err)
{
    struct gl_rows rows;
    gl_autofree char *commit = NULL;
    long long added = 0;
    gl_rows_open(repo->collecting->db, "file_history", &rows, err);
    for (const char *at = git->history; at && *at;) {
        gl_autofree char *line = gl_strndup(at, strcspn(at, "\n"));
        at += strlen(line);
        at += *at == '\n';
        if (gl_starts_with(line, "commit ")) {
            free(commit);
            commit = gl_strndup(line + strlen("commit "), strcspn(line + strlen("commit "), " "));
            added = strtoll(line + strlen("commit ") + strlen(commit), NULL, 10);
        } else if (*line && commit) {
            gl_rows_text(&rows, line);
            gl_rows_text(&rows, commit);
            gl_rows_int(&rows, added);
            gl_rows_add(&rows);
        }
    }
    return gl_rows_done(&rows);
}

int gl_repo_git(struct gl_repo *repo, struct gl_error *err)
{
    struct gl_repo_answers *git = repo->collecting->git;
    gl_repo_answers_wait(git);
    if (git->failed < 0) {
        gl_error_move(err, &git->err);
        return git->failed;
    }
    repo->git = git->status != NULL;
    if (!repo->git)
        return 0;
    int failed = write_repository(repo, git, err);
    return failed < 0 ? failed : write_history(repo, git, err);
}

/* ---- files -------------------------------------------------------------------------------------
 */

struct visiting {
    struct gl_repo *repo;
    gl_repo_visit_fn *visit;
};

static bool is_build_output(const char *path)
{
    static const char *const folders[] = {"target/",      "node_modules/", "build/",
                                          ".svelte-kit/", ".golive/",      ".git/"};
    for (size_t i = 0; i < GL_COUNT(folders); i++) {
        gl_autofree char *inside = gl_asprintf("/%s", folders[i]);
        if (gl_starts_with(path, folders[i]) || strstr(path, inside))
            return true;
    }
    return false;
}

static int visit_plain(const char *relative, const char *full, void *context, struct gl_error *err)
{
    (void)full;
    const struct visiting *visiting = context;
    return is_build_output(relative) ? 0 : visiting->visit(visiting->repo, relative, false, err);
}

int gl_repo_files(struct gl_repo *repo, gl_repo_visit_fn *visit, struct gl_error *err)
{
    struct visiting visiting = {.repo = repo, .visit = visit};
    struct gl_repo_answers *git = repo->collecting->git;
    if (!repo->git)
        return gl_walk_files(repo->dir, visit_plain, &visiting, err);
    if (git->files_failed < 0)
        gl_error_move(err, &git->err);
    int failed = git->files_failed;
    const char *end = gl_buf_text(&git->files.out) + git->files.out.len;
    const char *last = ""; /* one that is not merged is listed once for each side */
    for (const char *at = gl_buf_text(&git->files.out); failed == 0 && at < end;
         at += strlen(at) + 1) {
        if (strlen(at) > 2 && strcmp(at + 2, last) != 0) {
            last = at + 2;
            failed = visit(repo, last, *at != '?', err);
        }
    }
    return failed;
}
