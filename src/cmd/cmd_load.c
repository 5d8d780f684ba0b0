/* golive load: the load generator of a rehearsal, as the process it is started as. */
#include "base/i18n.h"
#include "cmd/commands.h"
#include "rehearse/load.h"

static int run(struct gl_context *context, struct gl_error *err)
{
    const char *path = gl_flag_str(context, "plan");
    gl_autobuf struct gl_buf plan = {0};
    int failed = gl_load_read_plan(path, &plan, err);
    return failed < 0 ? failed : gl_load_run(gl_buf_text(&plan), context->out, err);
}

static const struct gl_flag flags[] = {
    {"plan",        0, GL_FLAG_TEXT, N_("FILE"), "-", N_("what to send, as JSON; - = standard input")},
    {0},
};

const struct gl_command gl_cmd_load = {
    .name = "load",
    .summary = N_("send requests as a plan says and count every answer"),
    .flags = flags,
    .hidden = true,
    .run = run,
};
