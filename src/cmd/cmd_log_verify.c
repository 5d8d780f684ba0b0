/* golive log verify: is the ledger as it was written? */
#include <inttypes.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"

static void print_json(const struct gl_ledger_report *report, FILE *out)
{
    gl_autojson json_t *object = json_object();
    gl_json_set_int(object, "events", report->count);
    gl_json_set_str(object, "head", report->head);
    gl_json_set_int(object, "clock_moved_back", report->back_count);
    gl_json_set_int(object, "anchor_seq", report->anchor_seq);
    gl_autofree char *text = gl_json_pretty(object);
    (void)fputs(text, out);
}

static void print_text(const struct gl_ledger_report *report, const char *anchor, FILE *out)
{
    gl_autofree char *count = gl_format_count((uint64_t)report->count);
    fprintf(out, _("%s events; the chain is whole.\n"), count);
    if (report->back_count)
        fprintf(out,
                _("Note: the clock was moved back %" PRId64 " times, first before event %" PRId64
                  "; the order of events does not depend on it.\n"),
                report->back_count, report->back_seq);
    if (anchor)
        fprintf(out,
                _("Event %" PRId64 " has the hash you noted: up to there nothing was cut off or "
                  "written anew.\n"),
                report->anchor_seq);
    if (report->count)
        fprintf(out,
                _("Head: %s\nThe chain cannot show that its end was cut off. Note the head "
                  "elsewhere and give it to golive log verify --head later.\n"),
                report->head);
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_autoledgerreport struct gl_ledger_report report = {0};
    const char *anchor = gl_flag_str(context, "head");
    int failed = gl_ledger_verify_report(context->ledger, anchor, &report, err);
    if (failed < 0)
        return failed;
    if (context->format_json)
        print_json(&report, context->out);
    else
        print_text(&report, anchor, context->out);
    return 0;
}

static const struct gl_flag flags[] = {
    {"head",        0, GL_FLAG_TEXT, N_("HASH"), NULL,
     N_("a head noted earlier that must be in the chain")},
    GL_PROFILE_FLAG,
    {0},
};

static const struct gl_example examples[] = {
    {"golive log verify",                            N_("check every event")},
    {"golive log verify --head 9f86d081884c7d65",                                              N_("and that nothing since then was cut off")},
    {0},
};

const struct gl_command gl_cmd_log_verify = {
    .name = "log verify",
    .summary = N_("check that the ledger was not changed"),
    .text = N_("Finds events that were edited, deleted, inserted or reordered: each holds the hash "
               "of the one before. A noted head shows also that the end was not cut off and that "
               "the whole was not written anew.\n\n"
               "With --env ENV of an environment on AWS it is the team's ledger: then the older "
               "versions that S3 keeps of changed and deleted events are looked for, too, and what "
               "this machine read before must still be there."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_LEDGER,
    .run = run,
};
