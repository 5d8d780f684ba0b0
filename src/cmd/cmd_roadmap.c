/* golive roadmap: the phases, their plan, and how far each is. */
#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/judged.h"
#include "control/roadmap.h"

static int record(struct gl_context *context, const struct gl_check *check, struct gl_error *err)
{
    gl_autojson json_t *data = json_object();
    json_object_set_new(data, "phases", gl_roadmap_record(check));
    return gl_ledger_append(context->ledger, GL_ROADMAP_EVENT, gl_config_env(context->config), 0,
                            data, NULL, err);
}

static int show(struct gl_context *context, const struct gl_roadmap *roadmap, struct gl_error *err)
{
    gl_autobuf struct gl_buf out = {0};
    const char *path = gl_flag_str(context, "out");
    if (path) {
        gl_roadmap_html(roadmap, &out);
        return gl_write_text(path, gl_buf_text(&out), 0644, err);
    }
    if (context->format_json) {
        gl_autojson json_t *object = gl_roadmap_json(roadmap);
        gl_cmd_print_json(context, object);
        return 0;
    }
    gl_roadmap_text(roadmap, &out);
    fputs(gl_buf_text(&out), context->out);
    return 0;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_autojudged struct gl_judged judged = {0};
    struct gl_roadmap roadmap;
    bool records = gl_flag_bool(context, "record");
    int64_t now_unix_s = gl_now_unix_ms() / 1000;
    int failed = gl_cmd_choose_judged(context, err);
    if (failed == 0 && records)
        failed = gl_cmd_open_judged_ledger(context, _("nothing was recorded"), NULL, err);
    if (failed == 0)
        failed = gl_cmd_judge(context, GL_STAGE_AFTER, now_unix_s, &judged, err);
    if (failed == 0 && records)
        failed = record(context, &judged.check, err);
    if (failed == 0)
        failed = gl_roadmap_make(&judged.check, context->config, context->ledger, now_unix_s,
                                 &roadmap, err);
    return failed < 0 ? failed : show(context, &roadmap, err);
}

/* clang-format off */
static const struct gl_flag flags[] = {
    {"out",    0, GL_FLAG_TEXT, N_("FILE"), NULL, N_("write a page with a Gantt chart (HTML that needs no other file)")},
    {"record", 0, GL_FLAG_BOOL, NULL,       NULL, N_("note in the ledger how far each phase is: from these notes come the actual dates")},
    GL_PROFILE_FLAG,
    {0},
};

static const struct gl_example examples[] = {
    {"golive roadmap",                     N_("how far each phase is")},
    {"golive roadmap --out roadmap.html",  N_("to show and to print")},
    {"golive roadmap --record",            N_("once a day, from CI for example")},
    {0},
};
/* clang-format on */

const struct gl_command gl_cmd_roadmap = {
    .name = "roadmap",
    .summary = N_("show the phases to production, planned and done"),
    .text =
        N_("Phases 0 to 4 are those of the checklist. Their plan stands in golive.yaml "
           "(roadmap.start, roadmap.phases); without dates of its own a phase begins when the one "
           "before ends and takes as long as is usual. Progress is how many of a phase's controls "
           "pass, are waived or not applicable: it cannot be typed in. Actual dates come from the "
           "ledger: golive gate and --record note the progress.\n\n"
           "Exit status: 3 when a phase of roadmap.phases is not 0 to 4 or ends before it begins."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG, /* the ledger is that of the environment */
    .run = run,
};
