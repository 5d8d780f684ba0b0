/* golive eject control: the user's own copy of a shipped control. */
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/commands.h"
#include "control/control.h"

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_autofree char *file = NULL;
    if (context->args.count != 1) {
        gl_fail(err, GL_E_USAGE, _("which control?"));
        return gl_error_hint(err, _("For example: golive eject control 2.3.3"));
    }
    const char *id = context->args.items[0];
    int failed = gl_control_eject(context->project_dir, id, &file, err);
    if (failed < 0)
        return failed;
    if (context->format_json) {
        gl_autojson json_t *json = json_object();
        gl_json_set_str(json, "file", file);
        gl_autofree char *pretty = gl_json_pretty(json);
        fputs(pretty, context->out);
        return 0;
    }
    fprintf(
        context->out,
        _("Wrote %s. It takes precedence over the shipped control from now on. Next: change it, "
          "then golive check --explain %s\n"),
        file, id);
    return 0;
}

static const struct gl_example examples[] = {
    {"golive eject control 2.3.3", N_("own the control of database access")},
    {0                           },
};

const struct gl_command gl_cmd_eject_control = {
    .name = "eject control",
    .arguments = "ID",
    .summary = N_("copy a shipped control into this repository, where it takes precedence"),
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .max_args = 1,
    .run = run,
};
