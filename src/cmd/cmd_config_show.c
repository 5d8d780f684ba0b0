/* golive config show: the merged configuration with the origin of every value. */
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "cmd/commands.h"
#include "config/show.h"

static int run(struct gl_context *context, struct gl_error *err)
{
    const char *key = context->args.count ? context->args.items[0] : "";
    gl_autofree char *text = NULL;
    int failed = context->format_json ? gl_config_show_json(context->config, key, &text, err)
                                      : gl_config_show_text(context->config, key, &text, err);
    if (failed == 0)
        fputs(text, context->out);
    return failed;
}

static const struct gl_example examples[] = {
    {"golive config show",              N_("everything, for the environment local")},
    {"golive config show release --env prod",                                 N_("one part, for prod")},
    {"golive config show backend.port",N_("one value")},
    {0},
};

const struct gl_command gl_cmd_config_show = {
    .name = "config show",
    .arguments = "[KEY]",
    .summary = N_("show the merged configuration and where each value comes from"),
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .max_args = 1,
    .run = run,
};
