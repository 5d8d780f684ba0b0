/* golive generate runbooks: what to do at three in the morning, from golive.yaml and the stacks. */
#include "base/i18n.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/generated.h"
#include "facts/alarm.h"
#include "facts/facts.h"
#include "generate/runbooks.h"

static const char next[] = N_(
    "Next: read them, add what only you know outside of golive's parts, commit them. golive check 8.P3.3 "
    "judges them, golive attest 8.P3.3 says that somebody followed them.\n");

/* The alarms as `golive check` sees them. */
static int collect_alarms(const struct gl_config *production, struct gl_runbook_alarms *ret_alarms,
                          struct gl_error *err)
{
    gl_autofacts sqlite3 *db = NULL;
    struct gl_facts_request request = {.config = production};
    int failed = gl_facts_collect(&request, &db, err);
    return failed < 0 ? failed : gl_facts_alarms(db, ret_alarms, err);
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_autoconfig struct gl_config *production = NULL;
    gl_autoalarms struct gl_runbook_alarms alarms = {0};
    gl_autodocuments struct gl_documents documents = {0};
    int failed = gl_cmd_load_environment(context, "prod", &production, err);
    if (failed == 0)
        failed = collect_alarms(production, &alarms, err);
    if (failed == 0)
        failed =
            gl_runbooks_make(production, &alarms, gl_generated_replaces(context), &documents, err);
    return failed < 0 ? failed : gl_generated_act(context, &documents, _(next), err);
}

/* clang-format off */
static const struct gl_example examples[] = {
    {"golive generate runbooks",         N_("write docs/runbooks, or bring it up to date")},
    {"golive generate runbooks --check", N_("in a check: are they what golive.yaml asks for?")},
    {"golive generate runbooks --diff",  N_("what would change")},
    {0},
};
/* clang-format on */

const struct gl_command gl_cmd_generate_runbooks = {
    .name = "generate runbooks",
    .summary = N_("write the runbooks of production: what to do when an alarm fires"),
    .text = N_(
        "Writes docs/runbooks (incidents, releasing, rollback, restoring, secrets, the cutover, on-call, and one for each "
        "kind of alarm), docs/rollback.md, docs/slo.md and docs/contacts.md, with the names of prod, the alarms of its "
        "stacks and the commands to type, in English and Japanese. Parts between the marks "
        "golive:begin and golive:end are golive's and made anew; everything else in the files is yours and "
        "stays. What was changed inside of a part is shown as a conflict and stays too, until --force."),
    .flags = gl_generated_flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .run = run,
};
