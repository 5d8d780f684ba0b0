/* Jobs that check a pull request:
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax */
#include "generate/jobs.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "infra/template.h"

enum { WORKFLOW_BYTES_MAX = 1 << 20 };

void gl_jobs_done(struct gl_jobs *jobs)
{
    for (size_t i = 0; i < jobs->count; i++)
        free(jobs->items[i].name);
    free(jobs->items);
    gl_strv_done(&jobs->notes);
    *jobs = (struct gl_jobs){0};
}

/* ---- one workflow ------------------------------------------------------------------------------
 */

/* "**" is any text here. */
static bool pattern_fits(const char *pattern, const char *branch)
{
    return fnmatch(pattern, branch, strstr(pattern, "**") ? 0 : FNM_PATHNAME) == 0;
}

/* A list of patterns or a single one, as GitHub has them: the last that fits counts, "!" takes
 * out. */
static bool branch_fits(const struct gl_value *patterns, const char *branch)
{
    bool list = patterns->kind == GL_VALUE_LIST;
    bool fits = false;
    for (const struct gl_value *at = list ? patterns->first : patterns; at;
         at = list ? at->next : NULL) {
        const char *pattern = at->text ? at->text : "";
        bool out = *pattern == '!';
        if (pattern_fits(pattern + out, branch))
            fits = !out;
    }
    return fits;
}

static bool has_patterns(const struct gl_value *filter)
{
    return filter && (filter->kind == GL_VALUE_LIST || (filter->text && *filter->text));
}

static bool filter_fits(const struct gl_value *filter, const char *branch)
{
    const struct gl_value *only = gl_value_get(filter, "branches");
    const struct gl_value *except = gl_value_get(filter, "branches-ignore");
    if (has_patterns(only))
        return branch_fits(only, branch);
    return !has_patterns(except) || !branch_fits(except, branch);
}

static bool runs_for(const struct gl_value *root, const char *branch)
{
    static const char event[] = "pull_request";
    const struct gl_value *on = gl_value_get(root, "on");
    if (!on)
        return false;
    if (on->kind == GL_VALUE_MAP) {
        const struct gl_value *filter = gl_value_get(on, event);
        return filter && filter_fits(filter, branch);
    }
    for (const struct gl_value *at = on->first; at; at = at->next) {
        if (gl_value_is_word(at, event))
            return true;
    }
    return gl_value_is_word(on, event);
}

static void add_job(struct gl_jobs *jobs, const struct gl_value *job)
{
    struct gl_job made = {
        .name = gl_strdup(gl_value_str(job, "name", job->name)),
        .prefix = gl_value_get(job, "uses") || gl_value_find(job, "strategy.matrix"),
    };
    jobs->items = gl_realloc_array(jobs->items, jobs->count + 1, sizeof *jobs->items);
    jobs->items[jobs->count++] = made;
}

int gl_jobs_parse(const char *text, size_t len, const char *file, const char *branch,
                  struct gl_jobs *jobs, struct gl_error *err)
{
    gl_autoarena struct gl_arena arena = {0};
    struct gl_value *root = NULL;
    int failed = gl_template_parse(&arena, text, len, file, &root, err);
    if (failed < 0 || !runs_for(root, branch))
        return failed;
    const struct gl_value *list = gl_value_get(root, "jobs");
    for (const struct gl_value *job = list ? list->first : NULL; job; job = job->next) {
        if (job->name)
            add_job(jobs, job);
    }
    return 0;
}

/* ---- all of them -------------------------------------------------------------------------------
 */

static int is_workflow(const struct dirent *entry)
{
    return gl_ends_with(entry->d_name, ".yml") || gl_ends_with(entry->d_name, ".yaml");
}

/* What golive cannot read (GitHub may) is noted: the jobs in it are not known. */
static void read_file(const char *dir, const char *name, const char *branch, struct gl_jobs *jobs)
{
    gl_autofree char *path = gl_path_join(dir, name);
    gl_autobuf struct gl_buf text = {0};
    gl_autoerr struct gl_error problem = {0};
    int failed = gl_read_file(path, WORKFLOW_BYTES_MAX, &text, &problem);
    if (failed == 0)
        failed = gl_jobs_parse(gl_buf_text(&text), text.len, name, branch, jobs, &problem);
    if (failed < 0)
        gl_strv_addf(&jobs->notes, _("%s was not read: %s"), name, problem.message);
}

int gl_jobs_read(const char *project_dir, const char *branch, struct gl_jobs *ret_jobs,
                 struct gl_error *err)
{
    gl_autofree char *found = gl_find_upwards(project_dir, ".git");
    gl_autofree char *dir = gl_path_join(found ? found : project_dir, ".github/workflows");
    gl_autojobs struct gl_jobs jobs = {0};
    struct dirent **entries = NULL;
    if (gl_is_dir(dir)) {
        int count = scandir(dir, &entries, is_workflow, alphasort);
        if (count < 0)
            return gl_fail_errno(err, errno, _("cannot read %s"), dir);
        for (int i = 0; i < count; i++) {
            read_file(dir, entries[i]->d_name, branch, &jobs);
            free(entries[i]);
        }
        free(entries);
    }
    *ret_jobs = jobs;
    jobs = (struct gl_jobs){0};
    return 0;
}
