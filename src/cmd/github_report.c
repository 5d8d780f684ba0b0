/* Settings of GitHub for people and for programs. */
#include "cmd/github_report.h"

#include "base/buf.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"

enum { TEXT_WIDTH = 44 }; /* columns of a setting's name */

void gl_cmd_github_show(const struct gl_cmd_github *work, const char *text)
{
    gl_autofree char *safe = gl_redact(text);
    fputs(safe, work->context->out);
}

static void add_finding(const struct gl_github_finding *finding, struct gl_buf *text)
{
    static const char *const marks[GL_GITHUB_STATES] = {
        [GL_GITHUB_GOOD] = "ok",    [GL_GITHUB_DIFFERS] = "!!",     [GL_GITHUB_WEAK] = "!!",
        [GL_GITHUB_UNKNOWN] = "??", [GL_GITHUB_UNAVAILABLE] = "??",
    };
    gl_autofree char *name = gl_utf8_pad(_(finding->text), TEXT_WIDTH);
    gl_buf_printf(text, "  %s  %s  %s", marks[finding->state], name, finding->is);
    if (finding->state != GL_GITHUB_GOOD)
        gl_buf_printf(text, " -> %s", finding->wanted);
    gl_buf_printf(text, "  [%s]\n", finding->item);
    if (finding->state != GL_GITHUB_GOOD)
        gl_buf_printf(text, "        %s\n", _(finding->why));
    if (finding->state == GL_GITHUB_WEAK && finding->page)
        gl_buf_printf(text, _("        golive leaves this to you: Settings, %s\n"), finding->page);
}

void gl_cmd_github_text(const struct gl_cmd_github *work, bool all)
{
    const struct gl_github_survey *survey = &work->survey;
    gl_autobuf struct gl_buf text = {0};
    gl_buf_printf(&text, _("%s (%s), branch %s\n"), work->github.repo, work->github.api,
                  work->desired.branch);
    for (size_t i = 0; i < survey->count; i++) {
        if (all || survey->findings[i].state != GL_GITHUB_GOOD)
            add_finding(&survey->findings[i], &text);
    }
    for (size_t i = 0; i < survey->problems.count; i++)
        gl_buf_printf(&text, _("Not read: %s\n"), survey->problems.items[i]);
    for (size_t i = 0; i < work->desired.notes.count; i++)
        gl_buf_printf(&text, _("Note: %s\n"), work->desired.notes.items[i]);
    gl_cmd_github_show(work, gl_buf_text(&text));
}

static json_t *finding_json(const struct gl_github_finding *finding)
{
    json_t *json = json_object();
    gl_json_set_str(json, "setting", finding->name);
    gl_json_set_str(json, "resource", finding->resource);
    gl_json_set_str(json, "item", finding->item);
    gl_json_set_str(json, "state", gl_github_state_word(finding->state));
    gl_json_set_str(json, "text", _(finding->text));
    gl_json_set_str(json, "is", finding->is);
    gl_json_set_str(json, "wanted", finding->wanted);
    gl_json_set_str(json, "why", _(finding->why));
    return json;
}

static json_t *list_json(const struct gl_strv *list)
{
    json_t *json = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(json, json_string(list->items[i]));
    return json;
}

void gl_cmd_github_json(const struct gl_cmd_github *work)
{
    const struct gl_github_survey *survey = &work->survey;
    gl_autojson json_t *json = json_object();
    json_t *settings = json_array();
    json_t *counts = json_object();
    for (size_t i = 0; i < survey->count; i++)
        json_array_append_new(settings, finding_json(&survey->findings[i]));
    for (int state = 0; state < GL_GITHUB_STATES; state++)
        gl_json_set_int(counts, gl_github_state_word((enum gl_github_state)state),
                        (int64_t)survey->states[state]);
    gl_json_set_str(json, "repository", work->github.repo);
    gl_json_set_str(json, "api", work->github.api);
    gl_json_set_str(json, "branch", work->desired.branch);
    json_object_set_new(json, "settings", settings);
    json_object_set_new(json, "counts", counts);
    json_object_set_new(json, "problems", list_json(&survey->problems));
    json_object_set_new(json, "notes", list_json(&work->desired.notes));
    if (work->refused) {
        json_object_set_new(json, "written", list_json(&work->written));
        json_object_set(json, "refused", work->refused);
    }
    gl_autofree char *text = gl_json_pretty(json);
    gl_cmd_github_show(work, text);
}
