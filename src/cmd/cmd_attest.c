/* golive attest: signs an answer to the question of a control. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/ask.h"
#include "cmd/attest.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/judged.h"
#include "cmd/person_key.h"
#include "release/person.h"
#include "sign/signature.h"

enum { DAY_S = 86400 };

/* One signing; zero-initialise. */
struct attesting {
    struct gl_context *context;
    struct gl_controls controls;
    struct gl_attestation_basis basis;
    struct gl_attested_list list;
    struct gl_private_key key;
    struct gl_attestation statement;
    int64_t seq; /* of the event, once it is there */
};

static void attesting_done(struct attesting *attesting)
{
    gl_attestation_done(&attesting->statement);
    gl_private_key_done(&attesting->key);
    gl_attested_list_done(&attesting->list);
    gl_attestation_basis_done(&attesting->basis);
    gl_controls_done(&attesting->controls);
}

/* ---- what is asked -----------------------------------------------------------------------------
 */

/* NULL: the error says why. */
static const struct gl_control *find_control(const struct attesting *attesting,
                                             struct gl_error *err)
{
    const char *id = attesting->context->args.items[0];
    const struct gl_control *control = gl_controls_find(&attesting->controls, id);
    if (!control) {
        (void)!gl_controls_not_found(&attesting->controls, id, err);
        return NULL;
    }
    if (control->attest.role && control->question)
        return control;
    gl_fail(err, GL_E_USAGE, _("%s asks for no signature: facts judge it"), id);
    gl_error_hint(err, _("golive check --explain %s says how; golive attest lists what is signed."),
                  id);
    return NULL;
}

static void show_question(const struct attesting *attesting, const struct gl_control *control)
{
    FILE *out = attesting->context->out;
    const struct gl_attestation *statement = &attesting->statement;
    gl_autofree char *last = gl_attest_date(statement->valid_until_unix_s);
    fprintf(out, "%s  %s\n\n  %s\n\n", control->id, gl_control_title(control),
            gl_control_question(control));
    if (strcmp(statement->binds, "config") == 0)
        fprintf(out, _("It holds for golive.yaml of %s as it is now (%.12s), until %s.\n"),
                statement->env, statement->bound, last);
    else if (strcmp(statement->binds, "release") == 0)
        fprintf(out, _("It holds for release %lld of %s, which serves now, until %s.\n"),
                (long long)attesting->basis.release_number, statement->env, last);
    else
        fprintf(out, _("It holds until %s.\n"), last);
}

/* The statement but for its person, answer and note. */
static int begin_statement(struct attesting *attesting, const struct gl_control *control,
                           struct gl_error *err)
{
    const struct gl_config *config = attesting->context->config;
    const struct gl_attest *wanted = &control->attest;
    const char *bound = gl_attestation_bound(&attesting->basis, wanted->binds);
    char question[GL_SHA256_HEX_SIZE];
    if (!bound) {
        gl_fail(err, GL_E_REFUSED, _("%s is signed for a release, and nothing serves in %s yet"),
                control->id, gl_config_env(config));
        return gl_error_hint(err, _("Ship one first: golive deploy%s"),
                             gl_config_env_words(config));
    }
    gl_attestation_question(control->question, control->question_ja, question);
    attesting->statement = (struct gl_attestation){
        .app = gl_strdup(gl_config_str(config, "app.name")),
        .env = gl_strdup(gl_config_env(config)),
        .control = gl_strdup(control->id),
        .question = gl_strdup(question),
        .binds = gl_strdup(wanted->binds),
        .bound = gl_strdup(bound),
        .signed_unix_s = attesting->basis.now_unix_s,
        .valid_until_unix_s = attesting->basis.now_unix_s + wanted->valid_days * DAY_S,
    };
    return 0;
}

/* ---- who answers -------------------------------------------------------------------------------
 */

static int check_role(const struct gl_config *config, const char *person, const char *role,
                      struct gl_error *err)
{
    const json_t *people = json_object_get(gl_config_node(config, "roles"), role);
    if (gl_person_in(people, person))
        return 0;
    gl_autofree char *names = gl_attest_people(config, role);
    gl_fail(err, GL_E_REFUSED, _("%s is not in roles.%s, which must sign this"), person, role);
    return *names ? gl_error_hint(err, _("Who may: %s"), names)
                  : gl_error_hint(err, _("Nobody has that role: write it below roles in "
                                         "golive.yaml."));
}

static int not_a_person(const char *id, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("%s is not among people of golive.yaml"), id);
    return gl_error_hint(err, _("Write the person below people first."));
}

/* --as is checked first: no passphrase is asked for in vain. */
static int find_person(struct attesting *attesting, const char *role, struct gl_error *err)
{
    struct gl_context *context = attesting->context;
    const char *as = gl_flag_str(context, "as");
    const char *person = NULL;
    int failed = 0;
    if (as && !gl_person_find(context->config, as))
        return not_a_person(as, err);
    if (as)
        failed = check_role(context->config, as, role, err);
    if (failed == 0)
        failed = gl_cmd_read_key(context, &attesting->key, err);
    if (failed == 0)
        failed = gl_cmd_key_owner(context, &attesting->key, as, &person, err);
    if (failed == 0)
        failed = check_role(context->config, person, role, err);
    if (failed == 0)
        attesting->statement.person = gl_strdup(person);
    return failed;
}

static int ask_answer(struct gl_context *context, const char *id, const char **ret_answer,
                      struct gl_error *err)
{
    gl_autofree char *line = NULL;
    if (!gl_cmd_can_ask(context)) {
        gl_fail(err, GL_E_REFUSED, _("nothing was signed: there is nobody to ask"));
        return gl_error_hint(err, _("golive attest %s --yes, or --no with --note TEXT"), id);
    }
    int failed = gl_cmd_ask(context, _("Your answer (yes or no): "), &line, err);
    if (failed < 0)
        return failed;
    if (strcmp(line, "yes") != 0 && strcmp(line, "no") != 0)
        return gl_fail(err, GL_E_REFUSED, _("nothing was signed: neither yes nor no"));
    *ret_answer = strcmp(line, "yes") == 0 ? "yes" : "no";
    return 0;
}

static int take_answer(struct attesting *attesting, struct gl_error *err)
{
    struct gl_context *context = attesting->context;
    const char *note = gl_flag_str(context, "note");
    const char *answer = gl_flag_bool(context, "yes")  ? "yes"
                         : gl_flag_bool(context, "no") ? "no"
                                                       : NULL;
    int failed = 0;
    if (!answer)
        failed = ask_answer(context, attesting->statement.control, &answer, err);
    if (failed < 0)
        return failed;
    attesting->statement.answer = gl_strdup(answer);
    attesting->statement.note = gl_strdup(note ? note : "");
    return 0;
}

/* ---- the signature -----------------------------------------------------------------------------
 */

static int append(struct attesting *attesting, const char *text, const char *signature,
                  struct gl_error *err)
{
    const struct gl_attestation *statement = &attesting->statement;
    gl_autojson json_t *data = json_object();
    gl_json_set_str(data, "control", statement->control);
    gl_json_set_str(data, "person", statement->person);
    gl_json_set_str(data, "answer", statement->answer);
    gl_json_set_str(data, "statement", text);
    gl_json_set_str(data, "signature", signature);
    return gl_ledger_append(attesting->context->ledger, GL_ATTESTATION_EVENT, statement->env, 0,
                            data, &attesting->seq, err);
}

/* What is appended is judged first as it will be judged later. */
static int sign(struct attesting *attesting, struct gl_error *err)
{
    bool genuine = false;
    gl_autofree char *signature = NULL;
    gl_autofree char *text = gl_attestation_text(&attesting->statement);
    gl_autoattestation struct gl_attestation again = {0};
    const struct gl_signed what = {GL_ATTESTATION_NAMESPACE, text, strlen(text)};
    int failed = gl_attestation_read(text, strlen(text), &again, err);
    if (failed == 0)
        failed = gl_signature_make(&attesting->key, &what, &signature, err);
    if (failed < 0)
        return failed;
    const struct gl_attestation_claim claim = {&again, again.control, text, signature};
    gl_autofree char *flaw = gl_attestation_flaw(&attesting->basis, &claim, &genuine);
    if (flaw)
        return gl_fail(err, GL_E_REFUSED, _("this signature would not count: %s"), flaw);
    return append(attesting, text, signature, err);
}

static void report(const struct attesting *attesting)
{
    struct gl_context *context = attesting->context;
    const struct gl_attestation *statement = &attesting->statement;
    gl_autofree char *last = gl_attest_date(statement->valid_until_unix_s);
    if (context->format_json) {
        gl_autojson json_t *object = json_object();
        gl_json_set_str(object, "control", statement->control);
        gl_json_set_str(object, "env", statement->env);
        gl_json_set_str(object, "person", statement->person);
        gl_json_set_str(object, "answer", statement->answer);
        gl_json_set_str(object, "valid_until", last);
        gl_json_set_str(object, "binds", statement->binds);
        gl_json_set_int(object, "event", attesting->seq);
        gl_cmd_print_json(context, object);
        return;
    }
    fprintf(context->out, _("%s answered %s to %s for %s; it holds until %s (event %lld).\n"),
            statement->person, statement->answer, statement->control, statement->env, last,
            (long long)attesting->seq);
}

/* What a broken ledger has lost cannot be told, and what is appended to it proves nothing. */
static int check_ledger(struct gl_ledger *ledger, struct gl_error *err)
{
    gl_autoledgerreport struct gl_ledger_report report = {0};
    int failed = gl_ledger_verify_report(ledger, NULL, &report, err);
    if (failed < 0)
        gl_error_hint(err, _("golive log verify says which event it is."));
    return failed;
}

static int attest(struct attesting *attesting, struct gl_error *err)
{
    struct gl_context *context = attesting->context;
    const struct gl_control *control = find_control(attesting, err);
    if (!control)
        return err->code;
    int failed = gl_cmd_open_judged_ledger(context, _("nothing was signed"), NULL, err);
    if (failed == 0)
        failed = check_ledger(context->ledger, err);
    if (failed == 0)
        failed = gl_attestation_basis_read(context->ledger, context->config,
                                           gl_now_unix_ms() / 1000, &attesting->basis, err);
    if (failed == 0)
        failed = begin_statement(attesting, control, err);
    if (failed == 0 && !context->format_json)
        show_question(attesting, control);
    if (failed == 0)
        failed = find_person(attesting, control->attest.role, err);
    if (failed == 0)
        failed = take_answer(attesting, err);
    if (failed == 0)
        failed = sign(attesting, err);
    if (failed == 0)
        report(attesting);
    return failed;
}

/* Without a ledger nothing serves and nobody has signed. */
static int list(struct attesting *attesting, struct gl_error *err)
{
    struct gl_context *context = attesting->context;
    int64_t now_unix_s = gl_now_unix_ms() / 1000;
    attesting->basis =
        (struct gl_attestation_basis){.config = context->config, .now_unix_s = now_unix_s};
    int failed = gl_cmd_open_known_ledger(context, err);
    if (failed == 0 && context->ledger)
        failed = check_ledger(context->ledger, err);
    if (failed == 0 && context->ledger)
        failed = gl_attestation_basis_read(context->ledger, context->config, now_unix_s,
                                           &attesting->basis, err);
    if (failed == 0 && context->ledger)
        failed = gl_attested_read(context->ledger, &attesting->basis, &attesting->list, err);
    if (failed == 0)
        gl_attest_list(context, &attesting->controls, &attesting->basis, &attesting->list);
    return failed;
}

static int check_usage(const struct gl_context *context, struct gl_error *err)
{
    const char *note = gl_flag_str(context, "note");
    if (gl_flag_bool(context, "yes") && gl_flag_bool(context, "no"))
        return gl_fail(err, GL_E_USAGE, _("--yes and --no exclude each other"));
    if (note && (strlen(note) > GL_ATTESTATION_NOTE_MAX || !gl_attestation_fits(note)))
        return gl_fail(err, GL_E_USAGE,
                       _("--note is one line of at most %d bytes without control characters"),
                       GL_ATTESTATION_NOTE_MAX);
    return 0;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_cleanup(attesting_done) struct attesting attesting = {.context = context};
    int failed = check_usage(context, err);
    if (failed == 0)
        failed = gl_cmd_choose_judged(context, err);
    if (failed == 0)
        failed = gl_controls_load(context->project_dir, &attesting.controls, err);
    if (failed < 0)
        return failed;
    return context->args.count ? attest(&attesting, err) : list(&attesting, err);
}

/* clang-format off */
static const struct gl_flag flags[] = {
    {"yes",  'y', GL_FLAG_BOOL, NULL,         NULL, N_("answer yes without being asked")},
    {"no",   0,   GL_FLAG_BOOL, NULL,         NULL, N_("answer no without being asked")},
    {"note", 0,   GL_FLAG_TEXT, N_("TEXT"),   NULL, N_("what was looked at; it is signed, too")},
    GL_KEY_FLAG,
    {"as",   0,   GL_FLAG_TEXT, N_("PERSON"), NULL, N_("id in people whose key it must be; who has the key when not given")},
    GL_PROFILE_FLAG,
    {0},
};

static const struct gl_example examples[] = {
    {"golive attest",                                        N_("what is to be signed, by whom, and what is signed")},
    {"golive attest 2.2.4 --env prod",                       N_("read the question, answer, sign with ~/.ssh/id_ed25519")},
    {"golive attest 2.2.4 --yes --note \"reviewed 14 users\"", N_("answer without being asked")},
    {0},
};
/* clang-format on */

const struct gl_command gl_cmd_attest = {
    .name = "attest",
    .arguments = "[ID]",
    .summary = N_("sign the answer to what only a person can know"),
    .text =
        N_("Some controls ask a person: that the rota answers the telephone, that nobody works as "
           "administrator. The answer names the question, the environment and what it is bound "
           "to by hashes, and is signed with the ed25519 key of a person who has the role. "
           "golive check verifies it each time; it ends with its days, and, where the control "
           "says so, with the next change of golive.yaml or the next release.\n\n"
           "Without ID it lists what is to be signed (--format json). Exit status: 7 when the "
           "key or the role does not fit, 8 when there is no such control."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG, /* the ledger is that of the environment */
    .max_args = 1,
    .run = run,
};
