/* golive gate verify: whether evidence is what was written and who signed it. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "cmd/attest.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/judged.h"
#include "control/gate.h"

/* ---- signatures --------------------------------------------------------------------------------
 */

static json_t *signature_json(const json_t *bundle, const json_t *signature,
                              const struct gl_config *config)
{
    json_t *object = json_object();
    gl_autofree char *flaw = gl_gate_signature_flaw(bundle, signature, config);
    gl_autofree char *day = gl_attest_date(gl_json_int(signature, "signed_unix_s", 0));
    gl_json_set_str(object, "person", gl_json_str(signature, "person", "?"));
    json_object_set(object, "roles", json_object_get(signature, "roles"));
    gl_json_set_str(object, "signed", day);
    gl_json_set_bool(object, "holds", !flaw);
    gl_json_set_str(object, "flaw", flaw);
    return object;
}

static json_t *signatures_json(const json_t *bundle, const struct gl_config *config)
{
    size_t index;
    json_t *signature;
    json_t *all = json_array();
    json_array_foreach(json_object_get(bundle, "signatures"), index, signature)
        json_array_append_new(all, signature_json(bundle, signature, config));
    return all;
}

/* Roles of gate.signers without a signature that holds. */
static json_t *missing_json(const json_t *signatures, const struct gl_config *config)
{
    size_t i, k, m;
    json_t *wanted, *signature, *role;
    json_t *missing = json_array();
    json_array_foreach((json_t *)gl_config_node(config, "gate.signers"), i, wanted)
    {
        bool found = false;
        json_array_foreach((json_t *)signatures, k, signature)
        {
            json_array_foreach(json_object_get(signature, "roles"), m, role) found =
                found || (gl_json_bool(signature, "holds", false) && json_equal(role, wanted));
        }
        if (!found)
            json_array_append(missing, wanted);
    }
    return missing;
}

/* ---- the ledger here ---------------------------------------------------------------------------
 */

struct seeking {
    const char *hash;
    int64_t seq;
};

static int on_event(const struct gl_event *event, void *context, struct gl_error *err)
{
    (void)err;
    struct seeking *seeking = context;
    if (strcmp(event->kind, "gate") == 0 &&
        strcmp(gl_json_str(event->data, "hash", ""), seeking->hash) == 0)
        seeking->seq = event->seq;
    return 0;
}

static int find_event(struct gl_context *context, const json_t *bundle, json_t *report,
                      struct gl_error *err)
{
    struct seeking seeking = {.hash = gl_gate_hash(bundle)};
    int failed = gl_cmd_open_known_ledger(context, err);
    if (failed < 0 || !context->ledger)
        return failed;
    failed = gl_ledger_read(context->ledger, 0, on_event, &seeking, err);
    gl_json_set_int(report, "event", seeking.seq);
    return failed;
}

/* ---- which controls ----------------------------------------------------------------------------
 */

static bool has_control(const json_t *bundle, const char *id)
{
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(bundle, "controls"), index, item)
    {
        if (strcmp(gl_json_str(item, "id", ""), id) == 0)
            return true;
    }
    return false;
}

/* Controls of which only one, the bundle or golive here, knows. */
static json_t *other_controls(const json_t *bundle, const struct gl_controls *controls)
{
    size_t index;
    json_t *item;
    json_t *others = json_array();
    json_array_foreach(json_object_get(bundle, "controls"), index, item)
    {
        const char *id = gl_json_str(item, "id", "");
        if (!gl_controls_find(controls, id))
            json_array_append_new(others, json_string(id));
    }
    for (size_t i = 0; i < controls->count; i++) {
        if (!has_control(bundle, controls->items[i].id))
            json_array_append_new(others, json_string(controls->items[i].id));
    }
    return others;
}

static int compare_controls(const struct gl_context *context, const json_t *bundle, json_t *report,
                            struct gl_error *err)
{
    gl_autocontrols struct gl_controls controls = {0};
    int failed = gl_controls_load(context->project_dir, &controls, err);
    if (failed == 0)
        json_object_set_new(report, "other_controls", other_controls(bundle, &controls));
    return failed;
}

/* ---- what it proves ----------------------------------------------------------------------------
 */

static const json_t *first_of(const json_t *report, const char *list)
{
    return json_array_get(json_object_get(report, list), 0);
}

static char *signature_objection(const json_t *report)
{
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(report, "signatures"), index, item)
    {
        if (!gl_json_bool(item, "holds", false))
            return gl_asprintf(_("the part `signatures` does not hold: %s"),
                               gl_json_str(item, "flaw", ""));
    }
    return NULL;
}

/* Hashes alone can be computed by anybody: why the evidence does not count, NULL = it does. A No-Go
 * needs neither signature nor ledger: nobody goes live by it. The caller owns the text. */
static char *objection(const json_t *report)
{
    const json_t *other = first_of(report, "other_controls");
    const json_t *missing = first_of(report, "missing");
    bool go = gl_json_bool(report, "go", false);
    char *why = signature_objection(report);
    if (why)
        return why;
    if (other)
        return gl_asprintf(_("its controls are not those known here: %s"),
                           json_string_value(other));
    if (go && gl_json_int(report, "event", -1) == 0)
        return gl_strdup(_("the ledger here knows nothing of it"));
    if (go && missing)
        return gl_asprintf(_("the role %s has not signed"), json_string_value(missing));
    return go && !first_of(report, "signatures") ? gl_strdup(_("nobody has signed it")) : NULL;
}

/* ---- showing -----------------------------------------------------------------------------------
 */

static void show_signatures(FILE *out, const json_t *report)
{
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(report, "signatures"), index, item)
    {
        gl_autofree char *roles = gl_json_canonical(json_object_get(item, "roles"));
        if (gl_json_bool(item, "holds", false))
            fprintf(out, _("signed by %s on %s as %s\n"), gl_json_str(item, "person", ""),
                    gl_json_str(item, "signed", ""), roles);
        else
            fprintf(out, _("does not count: %s\n"), gl_json_str(item, "flaw", ""));
    }
    json_array_foreach(json_object_get(report, "missing"), index, item)
        fprintf(out, _("not signed by the role %s\n"), json_string_value(item));
}

/* What was wrong with the ledger when it was judged, NULL if nothing was. */
static const char *ledger_flaw(const json_t *bundle)
{
    const json_t *state = json_array_get(json_object_get(bundle, "ledger"), 0);
    return gl_json_str(state, "flaw", NULL);
}

static void show_text(FILE *out, const json_t *report, const json_t *bundle)
{
    gl_autofree char *day =
        gl_attest_date(gl_json_int(json_object_get(bundle, "subject"), "decided_unix_s", 0));
    fprintf(out, _("%s: %s %s on %s; the hash of every part fits (%s)\n"),
            gl_json_str(report, "objection", NULL) ? _("Does not count")
            : gl_json_bool(report, "go", false)    ? _("Go")
                                                   : _("No-Go"),
            gl_gate_subject(bundle, "app"), gl_gate_subject(bundle, "env"), day,
            gl_gate_hash(bundle));
    show_signatures(out, report);
    if (ledger_flaw(bundle))
        fprintf(out, _("differs: the ledger that was judged is broken: %s\n"), ledger_flaw(bundle));
    if (!gl_json_bool(report, "config_same", false))
        fputs(_("differs: golive.yaml here is another one than was judged\n"), out);
    if (gl_json_int(report, "event", -1) > 0)
        fprintf(out, _("the ledger here has it as event %lld\n"),
                (long long)gl_json_int(report, "event", 0));
    else if (json_object_get(report, "event"))
        fputs(_("differs: the ledger here knows nothing of it\n"), out);
}

/* ---- the whole ---------------------------------------------------------------------------------
 */

static json_t *make_report(const json_t *bundle, const struct gl_config *config)
{
    json_t *report = json_object();
    const json_t *judged = json_object_get(bundle, "config");
    gl_json_set_str(report, "hash", gl_gate_hash(bundle));
    json_object_set(report, "subject", json_object_get(bundle, "subject"));
    gl_json_set_str(report, "ledger_flaw", ledger_flaw(bundle));
    json_object_set(report, "go", json_object_get(json_object_get(bundle, "verdict"), "go"));
    json_object_set_new(report, "signatures", signatures_json(bundle, config));
    json_object_set_new(report, "missing",
                        missing_json(json_object_get(report, "signatures"), config));
    gl_json_set_bool(report, "config_same",
                     strcmp(gl_json_str(judged, "sha256", ""), gl_config_hash(config)) == 0);
    return report;
}

static int outcome(const json_t *report, struct gl_error *err)
{
    const char *why = gl_json_str(report, "objection", NULL);
    return why ? gl_fail(err, GL_E_MISMATCH, "%s", why) : 0;
}

static int check_app(const struct gl_context *context, const json_t *bundle, struct gl_error *err)
{
    const char *app = gl_gate_subject(bundle, "app");
    return strcmp(app, gl_config_str(context->config, "app.name")) == 0
               ? 0
               : gl_fail(err, GL_E_MISMATCH,
                         _("the bundle is about %s, which is another application"), app);
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_autojson json_t *bundle = NULL;
    if (context->args.count != 1)
        return gl_fail(err, GL_E_USAGE, _("gate verify wants the file that golive gate wrote"));
    int failed = gl_json_load(context->args.items[0], &bundle, err);
    if (failed < 0)
        return gl_error_hint(err, _("golive gate --out FILE writes one."));
    failed = gl_gate_check(bundle, err);
    if (failed == 0)
        failed = check_app(context, bundle, err);
    if (failed == 0)
        failed = gl_cmd_change_environment(context, gl_gate_subject(bundle, "env"), err);
    if (failed < 0)
        return failed;
    gl_autojson json_t *report = make_report(bundle, context->config);
    failed = find_event(context, bundle, report, err);
    if (failed == 0)
        failed = compare_controls(context, bundle, report, err);
    if (failed < 0)
        return failed;
    gl_autofree char *why = objection(report);
    gl_json_set_str(report, "objection", why);
    if (context->format_json)
        gl_cmd_print_json(context, report);
    else
        show_text(context->out, report, bundle);
    return outcome(report, err);
}

static const struct gl_example examples[] = {
    {"golive gate verify gate.json", N_("what was decided, who signed it, and what differs here")},
    {"golive gate verify gate.json --format json",                              N_("for programs")},
    {0},
};

const struct gl_command gl_cmd_gate_verify = {
    .name = "gate verify",
    .arguments = "FILE",
    .summary = N_("check the evidence of a gate and its signatures"),
    .text =
        N_("Computes every hash again and the verdict from the results, and checks each "
           "signature with the keys and roles of golive.yaml here. It needs no network: of the "
           "ledger it looks at what this machine has.\n\n"
           "A Go counts only with a signature of every role of gate.signers, with the controls "
           "that are known here, and when the ledger here has it, where there is one.\n\n"
           "Exit status: 0 when everything holds, be it Go or No-Go; 16 names the part that was "
           "changed, or what is missing; 15 when the file is no bundle."),
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .max_args = 1,
    .run = run,
};
