/* golive rollback: back to an earlier good release. */
#include <errno.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"

static int parse_release(const char *text, int64_t *ret_release, struct gl_error *err)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || end == text || *end || number < 1)
        return gl_fail(err, GL_E_USAGE, _("`%s` is no release number; golive status shows them"),
                       text);
    *ret_release = number;
    return 0;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    int64_t target = 0;
    int failed = context->args.count ? parse_release(context->args.items[0], &target, err) : 0;
    const struct gl_release_request wanted = {.rollback_to = target};
    return failed < 0 ? failed : gl_cmd_operation(context, gl_release_rollback, &wanted, err);
}

static const struct gl_flag flags[] = {
    {"dry-run",     'n', GL_FLAG_BOOL, NULL, NULL, N_("show every step and what it would do")},
    GL_PROFILE_FLAG,
    {0},
};

static const struct gl_example examples[] = {
    {"golive rollback",   N_("to the newest older release that was good")},
    {"golive rollback 6",                   N_("to release 6")},
    {0},
};

const struct gl_command gl_cmd_rollback = {
    .name = "rollback",
    .arguments = "[RELEASE]",
    .summary = N_("go back to an earlier release; at once while it is warm"),
    .text = N_(
        "The database is not touched: an expand migration leaves the older version working. An interrupted "
        "deploy is undone; an interrupted rollback is finished."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG | GL_NEEDS_LEDGER,
    .max_args = 1,
    .run = run,
};
