/* golive approve: signs that a release may go to an environment. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/ask.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/person_key.h"
#include "release/approval.h"
#include "sign/signature.h"

/* What is asked for, and what the ledger says of the release that it is about. */
struct question {
    struct gl_approval_request request;
    struct gl_statement statement; /* the text of it, read */
    const char *signer;            /* people[].id, once it is known */
    size_t have;                   /* signatures that count, this one included */
};

static void question_done(struct question *question)
{
    gl_statement_done(&question->statement);
    gl_approval_request_done(&question->request);
}

/* ---- what is asked -----------------------------------------------------------------------------
 */

static int find_question(struct gl_context *context, struct question *question,
                         struct gl_error *err)
{
    int64_t now_unix_s = gl_ledger_unix_ms(context->ledger) / 1000;
    int failed =
        gl_approval_asked(context->ledger, gl_config_env(context->config),
                          gl_flag_int(context, "release"), now_unix_s, &question->request, err);
    if (failed == 0)
        failed = gl_statement_read(question->request.text, strlen(question->request.text),
                                   &question->statement, err);
    return failed;
}

static struct gl_approval_rules rules_of(const struct gl_context *context,
                                         const struct question *question)
{
    return (struct gl_approval_rules){
        .config = context->config,
        .authors = &question->request.authors,
        .now_unix_s = gl_ledger_unix_ms(context->ledger) / 1000,
    };
}

static void show_question(const struct gl_context *context, const struct question *question)
{
    const struct gl_statement *about = &question->statement;
    gl_autofree char *until = gl_format_rfc3339(about->expires_unix_s * 1000);
    bool none = strcmp(about->migrations, "none") == 0;
    FILE *out = context->out;
    fprintf(out, _("%s: release %" PRId64 " of %s (%s) is to go to %s\n"), about->app,
            about->release, about->from, about->version, about->env);

    const struct {
        const char *name;
        const char *value;
    } lines[] = {
        {N_("image"),      about->digest                       },
        {N_("source"),     about->source                       },
        {N_("migrations"), none ? _("none") : about->migrations},
        {N_("stacks"),     about->templates                    },
        {N_("settings"),   about->settings                     },
        {N_("asked by"),   about->requester                    },
        {N_("until"),      until                               },
    };

    for (size_t i = 0; i < GL_COUNT(lines); i++)
        fprintf(out, "  %-12s %s\n", _(lines[i].name), lines[i].value);
}

/* ---- signing -----------------------------------------------------------------------------------
 */

static int confirm(struct gl_context *context, struct gl_error *err)
{
    gl_autofree char *line = NULL;
    if (gl_flag_bool(context, "yes"))
        return 0;
    if (!gl_cmd_can_ask(context)) {
        gl_fail(err, GL_E_REFUSED, _("nothing was signed: there is nobody to ask"));
        return gl_error_hint(err, _("Look at what --dry-run shows, then: golive approve %s --yes"),
                             gl_config_env(context->config));
    }
    int failed = gl_cmd_ask(context, _("Do you approve exactly this? Type yes: "), &line, err);
    if (failed == 0 && strcmp(line, "yes") != 0)
        failed = gl_fail(err, GL_E_REFUSED, _("nothing was signed: not confirmed"));
    return failed;
}

static int sign(struct gl_context *context, const struct question *question, char **ret_signature,
                struct gl_error *err)
{
    gl_autoprivatekey struct gl_private_key key = {0};
    const struct gl_signed what = {GL_STATEMENT_NAMESPACE, question->request.text,
                                   strlen(question->request.text)};
    if (!context->format_json)
        show_question(context, question);
    int failed = confirm(context, err);
    if (failed == 0)
        failed = gl_cmd_read_key(context, &key, err);
    return failed < 0 ? failed : gl_signature_make(&key, &what, ret_signature, err);
}

static int read_signature(const char *path, char **ret_signature, struct gl_error *err)
{
    gl_autobuf struct gl_buf text = {0};
    int failed = gl_read_file(path, GL_SIGNATURE_TEXT_MAX, &text, err);
    if (failed == 0)
        *ret_signature = gl_buf_steal(&text);
    return failed;
}

/* ---- the answer --------------------------------------------------------------------------------
 */

static int count(struct gl_context *context, struct question *question, struct gl_error *err)
{
    gl_autoapprovals struct gl_approvals found = {0};
    const struct gl_approval_rules rules = rules_of(context, question);
    int failed = gl_approvals_read(context->ledger, &rules, &question->statement, &found, err);
    if (failed == 0)
        question->have = found.counting;
    return failed;
}

static void report(struct gl_context *context, const struct question *question)
{
    const struct gl_statement *about = &question->statement;
    const struct gl_approval_rules rules = rules_of(context, question);
    int64_t wanted = gl_approval_least(&rules);
    if (context->format_json) {
        gl_autojson json_t *object = json_object();
        gl_json_set_str(object, "env", about->env);
        gl_json_set_str(object, "from", about->from);
        gl_json_set_int(object, "release", about->release);
        gl_json_set_str(object, "digest", about->digest);
        gl_json_set_str(object, "person", question->signer);
        gl_json_set_int(object, "approvals", (int64_t)question->have);
        gl_json_set_int(object, "approvals_wanted", wanted);
        gl_cmd_print_json(context, object);
        return;
    }
    fprintf(context->out, _("%s approved release %" PRId64 " of %s for %s (%zu of %" PRId64 ").\n"),
            question->signer, about->release, about->from, about->env, question->have, wanted);
    if ((int64_t)question->have >= wanted)
        fprintf(context->out, _("Next: golive promote %s %s\n"), about->from, about->env);
}

static int approve(struct gl_context *context, struct question *question, struct gl_error *err)
{
    gl_autofree char *signature = NULL;
    const char *given = gl_flag_str(context, "signature");
    const struct gl_approval_rules rules = rules_of(context, question);
    int failed =
        given ? read_signature(given, &signature, err) : sign(context, question, &signature, err);
    if (failed == 0)
        failed = gl_approval_take(context->ledger, &rules, question->request.text, signature,
                                  &question->signer, err);
    if (failed == 0)
        failed = count(context, question, err);
    if (failed == 0)
        report(context, question);
    return failed;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_cleanup(question_done) struct question question = {0};
    if (context->args.count != 1) {
        gl_fail(err, GL_E_USAGE, _("approve wants the environment"));
        return gl_error_hint(err, _("The one that is shipped to: golive approve prod"));
    }
    int failed = gl_cmd_change_environment(context, context->args.items[0], err);
    if (failed == 0)
        failed = gl_cmd_open_ledger(context, err);
    if (failed == 0)
        failed = find_question(context, &question, err);
    if (failed != 0)
        return failed;
    if (gl_flag_bool(context, "statement")) {
        fputs(question.request.text, context->out);
        return 0;
    }
    if (!gl_flag_bool(context, "dry-run"))
        return approve(context, &question, err);
    if (context->format_json)
        fputs(question.request.text, context->out);
    else
        show_question(context, &question);
    return 0;
}

static const struct gl_flag flags[] = {
    {"release",                                                                'r', GL_FLAG_INT, N_("N"), NULL,
     N_("release that passed the other environment; the newest request when not given")},
    {"key",                                                             'k', GL_FLAG_TEXT, N_("FILE"), NULL,
     N_("your private ed25519 key (~/.ssh/id_ed25519), of ssh-keygen or PEM")},
    {"statement",                                                                    0, GL_FLAG_BOOL, NULL, NULL, N_("only print what is to be signed")},
    {"signature",                                                                        0, GL_FLAG_TEXT, N_("FILE"), NULL,
     N_("take a signature that ssh-keygen -Y sign made")},
    {"yes",         'y', GL_FLAG_BOOL, NULL, NULL, N_("do not ask back")},
    {"dry-run",                                                              'n', GL_FLAG_BOOL, NULL, NULL, N_("show what would be signed")},
    GL_PROFILE_FLAG,
    {0},
};

static const struct gl_example examples[] = {
    {"golive approve prod",                                                      N_("look at what is asked for, then sign with ~/.ssh/id_ed25519")},
    {"golive approve prod --statement > s.json && ssh-keygen -Y sign -n golive-approval -f KEY s.json",
     N_("sign elsewhere: with an agent, or a key you do not want to name here")},
    {"golive approve prod --signature s.json.sig", N_("and bring that signature")},
    {0                              },
};

const struct gl_command gl_cmd_approve = {
    .name = "approve",
    .arguments = "ENV",
    .summary = N_("sign that a release may go to an environment"),
    .text = N_(
        "golive promote asks; the people of approval.approvers answer. What is signed names image, source, "
        "migrations, stacks and settings by their hashes and holds for approval.valid_hours. Signatures are "
        "those of OpenSSH and lie in the ledger. Your entry in people wants your public key: key: \"ssh-ed25519 "
        "AAAA...\" (the .pub file that ssh-keygen -t ed25519 makes)."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG, /* the ledger is that of ENV */
    .max_args = 1,
    .run = run,
};
