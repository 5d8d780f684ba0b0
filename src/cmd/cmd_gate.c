/* golive gate: Go or No-Go, with its evidence. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/judged.h"
#include "cmd/person_key.h"
#include "control/gate.h"
#include "control/roadmap.h"

/* One gate; zero-initialise. */
struct gating {
    struct gl_context *context;
    struct gl_judged judged;
    struct gl_private_key key;
    struct gl_strv roles; /* of gate.signers that the signer has */
    json_t *bundle;
    const char *person; /* people[].id of who signs; NULL = nobody */
    enum gl_stage stage;
};

static void gating_done(struct gating *gating)
{
    json_decref(gating->bundle);
    gl_strv_done(&gating->roles);
    gl_private_key_done(&gating->key);
    gl_judged_done(&gating->judged);
}

static bool is_go(const json_t *bundle)
{
    return gl_json_bool(json_object_get(bundle, "verdict"), "go", false);
}

/* Only a decision for the last stage goes into the ledger. */
static bool is_recorded(const struct gating *gating)
{
    return gating->stage == GL_STAGE_GO && !gl_flag_bool(gating->context, "dry-run");
}

static json_t *open_items(const json_t *bundle)
{
    return json_object_get(json_object_get(bundle, "verdict"), "open");
}

/* ---- the command line --------------------------------------------------------------------------
 */

static int check_usage(struct gating *gating, struct gl_error *err)
{
    const struct gl_context *context = gating->context;
    int stage = gl_word_index(gl_stage_words, gl_flag_str(context, "stage"));
    bool signs = gl_flag_str(context, "key") || gl_flag_str(context, "sign");
    if (stage < 0 || stage > GL_STAGE_GO)
        return gl_fail(err, GL_E_USAGE, _("--stage is one of plan, infra, release, go"));
    if (gl_flag_list(context, "set")->count)
        return gl_fail(err, GL_E_USAGE, _("the gate judges golive.yaml as it is: leave out --set"));
    if (signs && (gl_flag_bool(context, "dry-run") || stage != GL_STAGE_GO))
        return gl_fail(err, GL_E_USAGE, _("only a recorded gate of the stage `go` is signed"));
    if (gl_flag_str(context, "key") && !gl_flag_str(context, "sign") &&
        !gl_flag_str(context, "out"))
        return gl_fail(err, GL_E_USAGE, _("what is signed must be kept: --out FILE"));
    gating->stage = (enum gl_stage)stage;
    return 0;
}

/* ---- signing -----------------------------------------------------------------------------------
 */

static int find_signer(struct gating *gating, struct gl_error *err)
{
    struct gl_context *context = gating->context;
    int failed = gl_cmd_read_key(context, &gating->key, err);
    if (failed == 0)
        failed = gl_cmd_key_owner(context, &gating->key, NULL, &gating->person, err);
    if (failed < 0)
        return failed;
    gl_gate_roles(context->config, gating->person, &gating->roles);
    if (gating->roles.count)
        return 0;
    gl_fail(err, GL_E_REFUSED, _("%s has none of the roles that sign the gate"), gating->person);
    return gl_error_hint(err, _("gate.signers of golive.yaml names them, roles who has them."));
}

/* One event for each role: the control counts roles. */
static int record_signature(const struct gating *gating, struct gl_error *err)
{
    const json_t *signatures = json_object_get(gating->bundle, "signatures");
    const json_t *mine = json_array_get(signatures, json_array_size(signatures) - 1);
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < gating->roles.count; i++) {
        gl_autojson json_t *data = json_deep_copy(mine);
        gl_json_set_str(data, "hash", gl_gate_hash(gating->bundle));
        gl_json_set_str(data, "role", gating->roles.items[i]);
        gl_json_set_bool(data, "go", is_go(gating->bundle));
        failed = gl_ledger_append(gating->context->ledger, "gate.signed",
                                  gl_config_env(gating->context->config), 0, data, NULL, err);
    }
    return failed;
}

static int write_bundle(const struct gating *gating, const char *path, struct gl_error *err)
{
    gl_autofree char *text = gl_json_canonical(gating->bundle);
    gl_autofree char *line = gl_asprintf("%s\n", text);
    return gl_write_text(path, line, 0644, err);
}

static int sign(struct gating *gating, struct gl_error *err)
{
    return gl_gate_sign(gating->bundle, &gating->key, gating->person, &gating->roles,
                        gl_now_unix_ms() / 1000, err);
}

/* ---- another one's gate ------------------------------------------------------------------------
 */

struct seeking {
    const char *env;
    char *hash; /* of the newest gate; NULL = none */
};

static int on_event(const struct gl_event *event, void *context, struct gl_error *err)
{
    (void)err;
    struct seeking *seeking = context;
    if (strcmp(event->kind, "gate") != 0 || strcmp(event->env, seeking->env) != 0)
        return 0;
    free(seeking->hash);
    seeking->hash = gl_strdup(gl_json_str(event->data, "hash", ""));
    return 0;
}

/* A signature under an older gate would be for what is no longer. */
static int check_newest(const struct gating *gating, struct gl_error *err)
{
    const char *env = gl_config_env(gating->context->config);
    struct seeking seeking = {.env = env};
    int failed = gl_ledger_read(gating->context->ledger, 0, on_event, &seeking, err);
    gl_autofree char *newest = seeking.hash;
    if (failed < 0)
        return failed;
    if (newest && strcmp(newest, gl_gate_hash(gating->bundle)) == 0)
        return 0;
    gl_fail(err, GL_E_REFUSED, _("this is not the newest gate of %s that the ledger knows"), env);
    return gl_error_hint(err, _("Sign what the last golive gate --out FILE wrote."));
}

static int check_subject(const struct gating *gating, struct gl_error *err)
{
    const char *app = gl_gate_subject(gating->bundle, "app");
    if (strcmp(app, gl_config_str(gating->context->config, "app.name")) == 0)
        return 0;
    return gl_fail(err, GL_E_REFUSED, _("this bundle is about %s, which is another application"),
                   app);
}

static int add_signature(struct gating *gating, const char *path, struct gl_error *err)
{
    struct gl_context *context = gating->context;
    int failed = gl_json_load(path, &gating->bundle, err);
    if (failed < 0)
        return gl_error_hint(err, _("golive gate --out FILE writes one."));
    failed = gl_gate_check(gating->bundle, err);
    if (failed == 0)
        failed = gl_cmd_change_environment(context, gl_gate_subject(gating->bundle, "env"), err);
    if (failed == 0)
        failed = check_subject(gating, err);
    if (failed == 0)
        failed = gl_cmd_open_judged_ledger(context, _("nothing was signed"), NULL, err);
    if (failed == 0)
        failed = check_newest(gating, err);
    if (failed == 0)
        failed = find_signer(gating, err);
    if (failed == 0)
        failed = sign(gating, err);
    if (failed == 0)
        failed = record_signature(gating, err);
    if (failed == 0)
        failed = write_bundle(gating, path, err);
    if (failed == 0)
        fprintf(context->out, _("%s signed %s of %s (%.12s).\n"), gating->person,
                is_go(gating->bundle) ? _("Go") : _("No-Go"), gl_config_env(context->config),
                gl_gate_hash(gating->bundle));
    return failed;
}

/* ---- deciding ----------------------------------------------------------------------------------
 */

static int judge(struct gating *gating, struct gl_error *err)
{
    int64_t now_unix_s = gl_now_unix_ms() / 1000;
    int failed = gl_cmd_judge(gating->context, gating->stage, now_unix_s, &gating->judged, err);
    if (failed < 0)
        return failed;
    struct gl_check_view view = {.check = &gating->judged.check,
                                 .problems = &gating->judged.controls.problems};
    const struct gl_gate_evidence evidence = {
        .view = &view,
        .db = gating->judged.db,
        .config = gating->context->config,
        .now_unix_s = now_unix_s,
    };
    return gl_gate_bundle(&evidence, &gating->bundle, err);
}

static int record(const struct gating *gating, struct gl_error *err)
{
    size_t index;
    json_t *item;
    gl_autojson json_t *data = json_object();
    json_t *open = json_array();
    json_array_foreach(open_items(gating->bundle), index, item)
        json_array_append(open, json_object_get(item, "control"));
    gl_json_set_str(data, "hash", gl_gate_hash(gating->bundle));
    json_object_set_new(data, "phases", gl_roadmap_record(&gating->judged.check));
    json_object_set(data, "go", json_object_get(json_object_get(gating->bundle, "verdict"), "go"));
    json_object_set_new(data, "open", open);
    return gl_ledger_append(gating->context->ledger, "gate", gl_config_env(gating->context->config),
                            0, data, NULL, err);
}

/* ---- showing -----------------------------------------------------------------------------------
 */

static const char *owner_of(const json_t *bundle, const json_t *item)
{
    return gl_json_str(json_object_get(bundle, "owners"), gl_json_str(item, "area", ""), NULL);
}

static bool same_owner(const char *a, const char *b)
{
    return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static bool is_first_of_owner(const json_t *bundle, size_t index)
{
    const json_t *open = open_items(bundle);
    const char *owner = owner_of(bundle, json_array_get(open, index));
    for (size_t i = 0; i < index; i++) {
        if (same_owner(owner_of(bundle, json_array_get(open, i)), owner))
            return false;
    }
    return true;
}

/* For people; the words of JSON are those of programs. */
static const char *label_of(const json_t *item)
{
    int status = gl_word_index(gl_status_words, gl_json_str(item, "status", ""));
    return status < 0 ? "" : gl_status_label((enum gl_status)status);
}

/* "golive.yaml:52  ", "" where it has no place. The caller owns it. */
static char *place_of(const json_t *item)
{
    gl_autofree char *file = gl_utf8_line(gl_json_str(item, "file", ""));
    long long line = gl_json_int(item, "line", 0);
    if (!*file)
        return gl_strdup("");
    return line ? gl_asprintf("%s:%lld  ", file, line) : gl_asprintf("%s  ", file);
}

static bool fails(const json_t *item)
{
    return strcmp(gl_json_str(item, "status", ""), "fail") == 0;
}

/* A file of a control that was left out; no id has a slash. */
static bool is_file(const json_t *item)
{
    return strchr(gl_json_str(item, "control", ""), '/') != NULL;
}

static void show_item(FILE *out, const json_t *item)
{
    gl_autofree char *place = place_of(item);
    gl_autofree char *why = gl_utf8_line(gl_json_str(item, "why", ""));
    gl_autofree char *status = gl_utf8_pad(label_of(item), 8);
    const char *remedy = gl_json_str(item, "remedy", NULL);
    fprintf(out, "  %s %-8s %-14s %-8s %s\n           %s%s\n", status,
            gl_json_str(item, "control", ""), gl_json_str(item, "area", ""),
            gl_json_str(item, "severity", ""), gl_json_str(item, "title", ""), place, why);
    if (remedy && (fails(item) || is_file(item)))
        fprintf(out, _("           remedy: %s\n"), remedy);
}

/* What fails stands before what is unknown. */
static void show_owner(FILE *out, const json_t *bundle, const char *owner)
{
    size_t index;
    json_t *item;
    fprintf(out, "\n%s\n", owner ? owner : _("Nobody is accountable (responsibilities)"));
    for (int failing = 1; failing >= 0; failing--) {
        json_array_foreach(open_items(bundle), index, item)
        {
            if (same_owner(owner_of(bundle, item), owner) && fails(item) == failing)
                show_item(out, item);
        }
    }
}

/* What to look at first: what fails, else what is unknown; NULL = only files are open. */
static const char *first_open(const json_t *bundle)
{
    size_t index;
    json_t *item;
    const char *first = NULL;
    json_array_foreach(open_items(bundle), index, item)
    {
        if (!is_file(item) && fails(item))
            return gl_json_str(item, "control", "");
        if (!is_file(item) && !first)
            first = gl_json_str(item, "control", "");
    }
    return first;
}

static void show_next(const struct gating *gating)
{
    FILE *out = gating->context->out;
    const char *path = gl_flag_str(gating->context, "out");
    const char *first = first_open(gating->bundle);
    if (is_go(gating->bundle) && path)
        fprintf(out, _("Next: each of gate.signers: golive gate --sign %s\n"), path);
    else if (first)
        fprintf(out, _("Next: golive check --explain %s%s\n"), first,
                gl_config_env_words(gating->context->config));
}

static void show_text(const struct gating *gating)
{
    FILE *out = gating->context->out;
    const json_t *bundle = gating->bundle;
    const json_t *verdict = json_object_get(bundle, "verdict");
    size_t open = json_array_size(open_items(bundle));
    fprintf(out, _("%s: %s %s at the stage `%s`, %zu of %lld controls are open\n"),
            is_go(bundle) ? _("Go") : _("No-Go"), gl_gate_subject(bundle, "app"),
            gl_gate_subject(bundle, "env"), gl_gate_subject(bundle, "stage"), open,
            (long long)gl_json_int(verdict, "judged", 0));
    for (size_t i = 0; i < open; i++) {
        if (is_first_of_owner(bundle, i))
            show_owner(out, bundle, owner_of(bundle, json_array_get(open_items(bundle), i)));
    }
    fprintf(out, _("\nHash of the evidence: %s\n"), gl_gate_hash(bundle));
    if (gating->person)
        fprintf(out, _("Signed by %s.\n"), gating->person);
    show_next(gating);
}

static void show_json(const struct gating *gating)
{
    gl_autojson json_t *object = json_object();
    gl_json_set_str(object, "hash", gl_gate_hash(gating->bundle));
    json_object_set(object, "subject", json_object_get(gating->bundle, "subject"));
    json_object_set(object, "verdict", json_object_get(gating->bundle, "verdict"));
    json_object_set(object, "owners", json_object_get(gating->bundle, "owners"));
    gl_json_set_str(object, "signed_by", gating->person);
    gl_json_set_bool(object, "recorded", is_recorded(gating));
    gl_json_set_str(object, "file", gl_flag_str(gating->context, "out"));
    gl_cmd_print_json(gating->context, object);
}

/* ---- the whole ---------------------------------------------------------------------------------
 */

/* The file comes first: a gate in the ledger whose evidence is lost would be worth nothing. */
static int keep(struct gating *gating, struct gl_error *err)
{
    const struct gl_context *context = gating->context;
    const char *path = gl_flag_str(context, "out");
    int failed = gating->person ? sign(gating, err) : 0;
    if (failed == 0 && path)
        failed = write_bundle(gating, path, err);
    if (failed == 0 && is_recorded(gating))
        failed = record(gating, err);
    if (failed == 0 && gating->person)
        failed = record_signature(gating, err);
    return failed;
}

static int decide(struct gating *gating, struct gl_error *err)
{
    struct gl_context *context = gating->context;
    int failed = gl_cmd_choose_judged(context, err);
    if (failed == 0 && !gl_flag_bool(context, "dry-run"))
        failed = gl_cmd_open_judged_ledger(
            context, _("nothing was decided"),
            _("golive gate --dry-run judges without the network, and records nothing."), err);
    if (failed == 0 && gl_flag_str(context, "key"))
        failed = find_signer(gating, err);
    if (failed == 0)
        failed = judge(gating, err);
    if (failed == 0)
        failed = keep(gating, err);
    if (failed < 0)
        return failed;
    if (context->format_json)
        show_json(gating);
    else
        show_text(gating);
    if (is_go(gating->bundle))
        return 0;
    err->code = GL_E_MISMATCH; /* said already */
    return GL_E_MISMATCH;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_cleanup(gating_done) struct gating gating = {.context = context};
    const char *other = gl_flag_str(context, "sign");
    int failed = check_usage(&gating, err);
    if (failed < 0)
        return failed;
    return other ? add_signature(&gating, other, err) : decide(&gating, err);
}

/* clang-format off */
static const struct gl_flag flags[] = {
    {"stage",   0,   GL_FLAG_TEXT, N_("STAGE"), "go", N_("judge only what must hold until then: plan, infra, release, go; only go is recorded")},
    {"out",     0,   GL_FLAG_TEXT, N_("FILE"),  NULL, N_("write the evidence to a file")},
    {"key",     'k', GL_FLAG_TEXT, N_("FILE"),  NULL, N_("sign the result with your private ed25519 key")},
    {"sign",    0,   GL_FLAG_TEXT, N_("FILE"),  NULL, N_("decide nothing: sign the evidence that somebody's gate wrote")},
    {"dry-run", 'n', GL_FLAG_BOOL, NULL,        NULL, N_("decide without the network, and record nothing")},
    GL_PROFILE_FLAG,
    {0},
};

static const struct gl_example examples[] = {
    {"golive gate --dry-run",                         N_("what is still open, by who answers for it")},
    {"golive gate --out gate.json --key ~/.ssh/id_ed25519", N_("decide, keep the evidence, sign it")},
    {"golive gate --sign gate.json",                  N_("the others sign the same")},
    {"golive gate verify gate.json",                  N_("on another machine")},
    {0},
};
/* clang-format on */

const struct gl_command gl_cmd_gate = {
    .name = "gate",
    .summary = N_("decide Go or No-Go by all controls, with signed evidence"),
    .text =
        N_("Go when every control that is judged before going live passes, is waived or not "
           "applicable, nothing waits for --live, and nothing of section 9 is waived. What is open "
           "is listed by who is accountable for its area (responsibilities).\n\n"
           "The evidence is one file: results, signatures of people, hashes of golive.yaml, facts "
           "and ledger, and the hash of all. The ledger records the hash and who signed it; "
           "control 8.P4.1 wants a Go of the last 24 hours that every role of gate.signers signed, "
           "two people at least.\n\n"
           "Exit status: 0 Go, 16 No-Go, 7 when the key or the role does not fit."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG, /* the ledger is that of the environment */
    .run = run,
};
