/* Reading, comparing and writing by the two tables. */
#include "github/survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "github/setting.h"

/* A resource as it was read. */
struct reading {
    json_t *have; /* NULL = there is none */
    bool known;
    enum gl_github_state state; /* of its settings when it is not known */
};

static void readings_done(struct reading (*readings)[GL_GITHUB_RESOURCES])
{
    for (size_t i = 0; i < GL_GITHUB_RESOURCES; i++)
        json_decref((*readings)[i].have);
}

static void finding_done(struct gl_github_finding *finding)
{
    free(finding->is);
    free(finding->wanted);
}

void gl_github_survey_done(struct gl_github_survey *survey)
{
    for (size_t i = 0; i < survey->count; i++)
        finding_done(&survey->findings[i]);
    free(survey->findings);
    gl_strv_done(&survey->problems);
    *survey = (struct gl_github_survey){0};
}

const char *gl_github_state_word(enum gl_github_state state)
{
    static const char *const words[GL_GITHUB_STATES] = {
        [GL_GITHUB_GOOD] = "good",
        [GL_GITHUB_DIFFERS] = "differs",
        [GL_GITHUB_WEAK] = "weak",
        [GL_GITHUB_UNKNOWN] = "unknown",
        [GL_GITHUB_UNAVAILABLE] = "unavailable",
    };
    return words[state];
}

/* ---- reading -----------------------------------------------------------------------------------
 */

/* What such a refusal makes of the settings of one resource; GL_GITHUB_STATES = of everything. */
static enum gl_github_state state_after(enum gl_github_refusal refusal)
{
    switch (refusal) {
    case GL_GITHUB_NO_RIGHT:
    case GL_GITHUB_MISSING:
    case GL_GITHUB_INVALID:
        return GL_GITHUB_UNKNOWN;
    case GL_GITHUB_NO_PLAN:
        return GL_GITHUB_UNAVAILABLE;
    default:
        return GL_GITHUB_STATES;
    }
}

static void add_problem(struct gl_github_survey *survey, const char *resource,
                        const struct gl_error *problem)
{
    gl_strv_addf(&survey->problems, "%s: %s%s%s", resource, problem->message,
                 problem->hint ? "\n  " : "", problem->hint ? problem->hint : "");
}

/* Without the repository there is nothing to say about the rest. */
static int read_resource(struct gl_github_view *view, enum gl_github_resource_id id,
                         struct reading *reading, struct gl_github_survey *survey,
                         struct gl_error *err)
{
    gl_autoerr struct gl_error problem = {0};
    int failed = gl_github_resources[id].read(view, id, &reading->have, &problem);
    reading->known = failed == 0;
    if (failed == 0)
        return 0;
    reading->state = state_after(view->github->refusal);
    if (reading->state == GL_GITHUB_STATES || id == GL_GITHUB_REPOSITORY) {
        gl_error_move(err, &problem);
        return failed;
    }
    add_problem(survey, gl_github_resources[id].name, &problem);
    return 0;
}

/* The repository comes first: a wrong name or token is told once, not as seven problems. */
static int read_all(struct gl_github_view *view, struct reading readings[GL_GITHUB_RESOURCES],
                    struct gl_github_survey *survey, struct gl_error *err)
{
    int failed =
        read_resource(view, GL_GITHUB_REPOSITORY, &readings[GL_GITHUB_REPOSITORY], survey, err);
    for (int id = 0; failed == 0 && id < GL_GITHUB_REPOSITORY; id++)
        failed = read_resource(view, (enum gl_github_resource_id)id, &readings[id], survey, err);
    return failed;
}

/* ---- comparing ---------------------------------------------------------------------------------
 */

static enum gl_github_state compare(const struct gl_github_view *view,
                                    const struct gl_github_setting *setting,
                                    const struct reading *reading, struct gl_buf *is,
                                    struct gl_buf *wanted)
{
    int good = setting->look(view, setting, reading->have, is, wanted);
    if (!reading->known || good < 0) {
        gl_buf_done(is);
        gl_buf_puts(is, _("not known"));
        return reading->known ? GL_GITHUB_UNKNOWN : reading->state;
    }
    if (good)
        return GL_GITHUB_GOOD;
    return setting->put ? GL_GITHUB_DIFFERS : GL_GITHUB_WEAK;
}

static bool is_of_concern(const struct gl_github_view *view,
                          const struct gl_github_setting *setting, const struct reading *reading)
{
    return !setting->applies || setting->applies(view, reading->have);
}

static void add_finding(const struct gl_github_view *view, const struct gl_github_setting *setting,
                        const struct reading *reading, struct gl_github_survey *survey)
{
    gl_autobuf struct gl_buf is = {0};
    gl_autobuf struct gl_buf wanted = {0};
    struct gl_github_finding finding = {
        .name = setting->name,
        .resource = gl_github_resources[setting->resource].name,
        .item = setting->item,
        .text = setting->text,
        .why = setting->why,
        .page = gl_github_resources[setting->resource].page,
        .state = compare(view, setting, reading, &is, &wanted),
    };
    finding.is = gl_buf_steal(&is);
    finding.wanted = gl_buf_steal(&wanted);
    survey->findings =
        gl_realloc_array(survey->findings, survey->count + 1, sizeof *survey->findings);
    survey->findings[survey->count++] = finding;
    survey->states[finding.state]++;
}

int gl_github_survey_make(struct gl_github *github, const struct gl_github_desired *desired,
                          struct gl_github_survey *ret_survey, struct gl_error *err)
{
    struct gl_github_view view = {.github = github, .desired = desired};
    gl_cleanup(readings_done) struct reading readings[GL_GITHUB_RESOURCES] = {0};
    gl_autosurvey struct gl_github_survey survey = {0};
    int failed = read_all(&view, readings, &survey, err);
    if (failed < 0)
        return failed;
    for (const struct gl_github_setting *setting = gl_github_settings; setting->name; setting++) {
        const struct reading *reading = &readings[setting->resource];
        if (is_of_concern(&view, setting, reading))
            add_finding(&view, setting, reading, &survey);
    }
    *ret_survey = survey;
    survey = (struct gl_github_survey){0};
    return 0;
}

/* ---- the ruleset as a file ---------------------------------------------------------------------
 */

/* The number of the app github-actions there: https://api.github.com/apps/github-actions */
enum { ACTIONS_APP = 15368 };

char *gl_github_ruleset_text(const struct gl_github_desired *desired)
{
    struct gl_github_view view = {.desired = desired, .actions_app = ACTIONS_APP};
    gl_autojson json_t *want = gl_github_resources[GL_GITHUB_RULESET].begin(NULL);
    for (const struct gl_github_setting *setting = gl_github_settings; setting->name; setting++) {
        if (setting->resource == GL_GITHUB_RULESET && setting->put)
            setting->put(&view, setting, want);
    }
    return gl_json_pretty(want);
}

/* ---- writing -----------------------------------------------------------------------------------
 */

static bool differs(const struct gl_github_survey *survey, const char *resource)
{
    for (size_t i = 0; i < survey->count; i++) {
        const struct gl_github_finding *finding = &survey->findings[i];
        if (finding->state == GL_GITHUB_DIFFERS && strcmp(finding->resource, resource) == 0)
            return true;
    }
    return false;
}

/* What is wanted of what is there now; false if that is the same. */
static bool make_want(const struct gl_github_view *view, enum gl_github_resource_id id,
                      const struct reading *now, json_t *want)
{
    bool changes = false;
    for (const struct gl_github_setting *setting = gl_github_settings; setting->name; setting++) {
        gl_autobuf struct gl_buf is = {0};
        gl_autobuf struct gl_buf wanted = {0};
        if (setting->resource != id || !setting->put || !is_of_concern(view, setting, now) ||
            compare(view, setting, now, &is, &wanted) != GL_GITHUB_DIFFERS)
            continue;
        setting->put(view, setting, want);
        changes = true;
    }
    return changes;
}

/* Between the question to a person and now somebody may have changed it: it is read anew. */
static int write_resource(struct gl_github_view *view, enum gl_github_resource_id id,
                          struct gl_error *err)
{
    const struct gl_github_resource *resource = &gl_github_resources[id];
    struct reading now = {.known = true};
    int failed = resource->read(view, id, &now.have, err);
    gl_autojson json_t *have = now.have;
    if (failed < 0)
        return failed;
    gl_autojson json_t *want = resource->begin ? resource->begin(have) : json_object();
    return make_want(view, id, &now, want) ? resource->write(view, id, have, want, err) : 0;
}

int gl_github_survey_write(struct gl_github *github, const struct gl_github_desired *desired,
                           const struct gl_github_survey *survey, gl_github_written_fn *written,
                           void *context, struct gl_error *err)
{
    struct gl_github_view view = {.github = github, .desired = desired};
    for (int id = 0; id < GL_GITHUB_RESOURCES; id++) {
        gl_autoerr struct gl_error problem = {0};
        const char *name = gl_github_resources[id].name;
        if (!differs(survey, name))
            continue;
        int failed = write_resource(&view, (enum gl_github_resource_id)id, &problem);
        if (failed < 0 && state_after(github->refusal) == GL_GITHUB_STATES) {
            gl_error_move(err, &problem);
            return failed;
        }
        written(name, failed < 0 ? &problem : NULL, context);
    }
    return 0;
}
