/* golive version: which golive this is. `golive --version` is the same. */
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/commands.h"

static int run(struct gl_context *context, struct gl_error *err)
{
    (void)err;
    if (context->format_json)
        fprintf(context->out, "{\"version\":\"%s\"}\n", GL_VERSION);
    else
        fprintf(context->out, "golive %s\n", GL_VERSION);
    return 0;
}

const struct gl_command gl_cmd_version = {
    .name = "version",
    .summary = N_("show the version"),
    .run = run,
};
