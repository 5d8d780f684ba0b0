/* golive eject stack: the user's own copy of a shipped stack. */
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "cmd/commands.h"
#include "infra/ejected.h"

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_autofree char *path = NULL;
    if (context->args.count != 1) {
        gl_fail(err, GL_E_USAGE, _("which stack?"));
        return gl_error_hint(err, _("For example: golive eject stack network"));
    }
    int failed = gl_eject(context->project_dir, context->args.items[0], &path, err);
    if (failed < 0)
        return failed;
    if (context->format_json) {
        gl_autojson json_t *json = json_object();
        gl_json_set_str(json, "file", path);
        gl_autofree char *pretty = gl_json_pretty(json);
        fputs(pretty, context->out);
        return 0;
    }
    fprintf(context->out,
            _("Wrote %s. It takes precedence from now on. Next: change it, then golive plan says "
              "how it differs from the shipped one.\n"),
            path);
    return 0;
}

static const struct gl_example examples[] = {
    {"golive eject stack network", N_("own the stack of the network")},
    {0                           },
};

const struct gl_command gl_cmd_eject_stack = {
    .name = "eject stack",
    .arguments = "NAME",
    .summary = N_("copy a shipped stack into this repository, where it takes precedence"),
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .max_args = 1,
    .run = run,
};
