/* golive deploy: resumes or settles what is unfinished, then ships the working tree. */
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "release/approval.h"
#include "release/operation.h"
#include "release/steps.h"

static bool is_same_source(const struct gl_release *release,
                           const struct gl_operation_record *record)
{
    return strcmp(record->source_hash, release->source_hash) == 0;
}

/* A promotion is of the working tree too, but ships something else. */
static bool can_resume(const struct gl_release *release, const struct gl_operation_record *record)
{
    return record && record->state == GL_OP_UNFINISHED && record->operation == GL_DEPLOY &&
           is_same_source(release, record) && !json_object_get(record->about, "promotion");
}

/* What it was begun with is not what there is now. The caller owns the text. */
static char *difference(const struct gl_release *release, const struct gl_operation_record *record)
{
    bool same_config = strcmp(record->config_hash, gl_config_hash(release->config)) == 0;
    if (strcmp(record->version, release->version) != 0)
        return gl_asprintf(_("it was begun with another source (%s; the working tree is %s)"),
                           record->version, release->version);
    return gl_strdup(same_config ? _("files of the working tree changed since it was begun")
                                 : _("it was begun with other settings (golive.yaml or --set)"));
}

/* What becomes of the unfinished operation before this deploy can begin. The caller owns the text.
 */
static char *first_of_all(const struct gl_release *release,
                          const struct gl_operation_record *record)
{
    long long number = record->release;
    if (record->operation == GL_ROLLBACK)
        return gl_asprintf(record->state == GL_OP_UNDOING
                               ? _("the rollback to release %lld was being undone; first that ends")
                               : _("the rollback to release %lld is unfinished; first that ends"),
                           number);
    if (record->state == GL_OP_UNDOING)
        return gl_asprintf(_("release %lld was being undone; first that ends"), number);
    gl_autofree char *why = difference(release, record);
    return gl_asprintf(_("release %lld is unfinished and is undone first: %s"), number, why);
}

static int refuse_promotion(const struct gl_release *release,
                            const struct gl_operation_record *record, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("what is unfinished is a promotion to release %lld"),
            (long long)record->release);
    return gl_error_hint(
        err, _("golive promote %s %s goes on with it; golive deploy%s --abort undoes it."),
        gl_journal_promotion_left(record), release->env, gl_config_env_words(release->config));
}

/* Why --resume does not go on, and the ways out. */
static int refuse_resume(const struct gl_release *release, const struct gl_operation_record *record,
                         struct gl_error *err)
{
    const char *env_words = gl_config_env_words(release->config);
    if (!record) {
        gl_fail(err, GL_E_NOT_FOUND, _("there is no interrupted release to go on with"));
        return gl_error_hint(err, _("golive deploy%s begins a new one."), env_words);
    }
    long long number = record->release;
    if (record->operation == GL_ROLLBACK) {
        gl_fail(err, GL_E_REFUSED, _("what is unfinished is a rollback to release %lld"), number);
        return gl_error_hint(err,
                             _("golive rollback%s finishes it; golive deploy%s --abort undoes it."),
                             env_words, env_words);
    }
    if (gl_journal_promotion_left(record))
        return refuse_promotion(release, record, err);
    if (record->state == GL_OP_UNDOING) {
        gl_fail(err, GL_E_REFUSED, _("release %lld is being undone already"), number);
        return gl_error_hint(
            err, _("golive rollback%s finishes that; golive deploy%s then begins a new release."),
            env_words, env_words);
    }
    gl_autofree char *why = difference(release, record);
    gl_fail(err, GL_E_REFUSED, _("release %lld cannot go on: %s"), number, why);
    return gl_error_hint(err,
                         _("Bring that back and run golive deploy%s --resume again, or "
                           "undo the release: golive deploy%s --abort."),
                         env_words, env_words);
}

static int abort_unfinished(struct gl_release *release, const struct gl_release_request *request,
                            const struct gl_journal *journal, struct gl_release_outcome *outcome,
                            struct gl_error *err)
{
    if (gl_journal_unfinished(journal))
        return gl_release_settle(release, request, journal, true, outcome, err);
    outcome->serving = gl_release_serving(journal);
    gl_release_note(release, _("nothing is unfinished, so nothing was undone"));
    return 0;
}

/* Where people approve what is shipped, the working tree is not shipped by itself. `record` is what
 * is unfinished, or NULL. */
static int require_way(const struct gl_release *release, const struct gl_operation_record *record,
                       struct gl_error *err)
{
    if (release->hotfix || !gl_approval_is_wanted(release->config))
        return 0;
    if (gl_journal_promotion_left(record))
        return refuse_promotion(release, record, err);
    gl_fail(err, GL_E_REFUSED, _("releases of %s want approvals (approval.min is %lld)"),
            release->env, (long long)gl_config_int(release->config, "approval.min"));
    return gl_error_hint(err,
                         _("golive promote FROM %s ships what passed FROM. In an emergency: "
                           "golive deploy --env %s --hotfix REASON; it is listed for review."),
                         release->env, release->env);
}

static int deploy_leased(struct gl_release *release, const struct gl_release_request *request,
                         struct gl_release_outcome *outcome, struct gl_error *err)
{
    gl_autojournal struct gl_journal journal = {0};
    int failed = gl_journal_read(release->ledger, release->env, &journal, err);
    if (failed < 0)
        return failed;
    const struct gl_operation_record *record = gl_journal_unfinished(&journal);
    if (request->abort_unfinished)
        return abort_unfinished(release, request, &journal, outcome, err);
    if (can_resume(release, record)) {
        gl_release_adopt(release, &journal, record);
        return gl_release_ship(release, true, outcome, err);
    }
    if (request->resume_only)
        return refuse_resume(release, record, err);
    failed = require_way(release, record, err);
    if (failed < 0)
        return failed;
    if (!record)
        return gl_release_ship_new(release, &journal, outcome, err);
    gl_autofree char *why = first_of_all(release, record);
    gl_release_note(release, "%s", why);
    return gl_release_settle_and_ship(release, request, &journal, outcome, err);
}

/* Whether another deploy or rollback is running now; says so. */
static int somebody_works(struct gl_release *release, bool *ret_works, struct gl_error *err)
{
    gl_autojson json_t *lease = NULL;
    int failed = gl_lease_show(release->ledger, release->env, &lease, err);
    if (failed < 0)
        return failed;
    *ret_works = lease && gl_json_bool(lease, "alive", false);
    if (*ret_works)
        gl_release_note(release, _("%s is at work now (%s): until that ends, a deploy is refused"),
                        gl_json_str(lease, "holder", "?"), gl_json_str(lease, "purpose", "?"));
    return 0;
}

/* What this deploy would do about an operation that a killed process left. True if it would go on
 * with it. */
static bool plan_unfinished(struct gl_release *release, const struct gl_journal *journal)
{
    const struct gl_operation_record *record = gl_journal_unfinished(journal);
    if (can_resume(release, record)) {
        gl_release_adopt(release, journal, record);
        gl_release_note(release, _("release %lld is unfinished: a deploy goes on with it"),
                        (long long)record->release);
        return true;
    }
    gl_autofree char *why = record ? first_of_all(release, record) : NULL;
    if (record)
        gl_release_note(release, "%s", why);
    return false;
}

static int plan(struct gl_release *release, const struct gl_release_request *request,
                struct gl_release_outcome *outcome, struct gl_error *err)
{
    gl_autojournal struct gl_journal journal = {0};
    int failed = gl_journal_read(release->ledger, release->env, &journal, err);
    if (failed == 0)
        failed = require_way(release, gl_journal_unfinished(&journal), err);
    bool works = false;
    if (failed == 0)
        failed = somebody_works(release, &works, err);
    if (failed < 0)
        return failed;
    if (request->resume_only && !can_resume(release, gl_journal_unfinished(&journal)))
        return refuse_resume(release, gl_journal_unfinished(&journal), err);
    failed = gl_release_check_variables(release, err);
    if (failed < 0)
        return failed;
    if (works || !plan_unfinished(release, &journal))
        gl_release_plan(release, &journal, outcome);
    else
        gl_release_plan_rest(release, outcome);
    return 0;
}

static int deploy(struct gl_release *release, const struct gl_release_request *request,
                  struct gl_release_outcome *outcome, struct gl_error *err)
{
    int failed = gl_release_identify(release, err);
    if (failed < 0)
        return failed;
    if (request->dry_run)
        return plan(release, request, outcome, err);
    failed = gl_release_take_lease(release, err);
    return failed < 0 ? failed : deploy_leased(release, request, outcome, err);
}

int gl_release_deploy(const struct gl_release_request *request,
                      struct gl_release_outcome *ret_outcome, struct gl_error *err)
{
    int64_t begun = gl_mono_ms();
    struct gl_release release = gl_release_new(request, GL_DEPLOY);
    struct gl_release_outcome outcome = {.rollback_ms = -1};
    int result = deploy(&release, request, &outcome, err);
    if (result < 0 && !request->dry_run)
        gl_release_look(&release, &outcome);
    outcome.elapsed_ms = gl_mono_ms() - begun;
    gl_release_done(&release);
    *ret_outcome = outcome;
    return result;
}
