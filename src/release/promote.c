/* golive promote: what passed one environment goes to the next, as it is. */
#include "release/promoting.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"
#include "release/fingerprint.h"
#include "release/operation.h"
#include "release/steps.h"

enum { HOUR_S = 3600 };

static void promoting_done(struct promoting *promoting)
{
    gl_candidate_done(&promoting->candidate);
    gl_statement_done(&promoting->statement);
    gl_authors_done(&promoting->authors);
}

/* ---- what is promoted --------------------------------------------------------------------------
 */

/* Nothing to do is told as such, not done again. */
static int check_new(const struct promoting *promoting, const struct gl_journal *journal,
                     struct gl_error *err)
{
    const struct gl_operation_record *serving = gl_journal_serving(journal);
    const struct gl_operation_record *made =
        serving ? gl_journal_deploy_of(journal, serving->release) : NULL;
    const json_t *promotion = made ? json_object_get(made->about, "promotion") : NULL;
    const char *env = gl_json_str(promotion, "env", "");
    const char *settings = gl_json_str(promotion, "settings", "");
    const struct gl_candidate *candidate = &promoting->candidate;
    bool same = gl_json_int(promotion, "release", 0) == candidate->release && candidate->env &&
                strcmp(candidate->env, env) == 0 && promoting->statement.settings &&
                strcmp(promoting->statement.settings, settings) == 0;
    if (!promotion || !same)
        return 0;
    gl_fail(err, GL_E_REFUSED, _("release %lld of %s serves in %s already, as release %lld"),
            (long long)promoting->candidate.release, promoting->candidate.env,
            promoting->release->env, (long long)serving->release);
    return gl_error_hint(err, _("There is nothing to do."));
}

static int find_candidate(struct promoting *promoting, struct gl_error *err)
{
    const struct gl_release *release = promoting->release;
    gl_autofree char *changes = gl_source_changes(release->config);
    const struct gl_candidate_request request = {
        .env = promoting->request->promote_from,
        .to = release->env,
        .release = promoting->request->promote_release,
        .tree = release->tree_hash,
        .commit = release->commit,
        .changes = changes,
        .max_age_days = gl_config_int(release->config, "release.promote_max_age_days"),
        .now_unix_ms = gl_ledger_unix_ms(release->ledger),
    };
    struct gl_ledger *from = promoting->request->from_ledger;
    int failed = from ? gl_ledger_verify(from, NULL, NULL, err) : 0;
    if (failed == 0)
        failed =
            gl_candidate_find(from ? from : release->ledger, &request, &promoting->candidate, err);
    return failed < 0 ? failed : gl_promoting_check_same(promoting, err);
}

static void make_statement(struct promoting *promoting, const struct gl_journal *journal)
{
    const struct gl_release *release = promoting->release;
    const struct gl_candidate *candidate = &promoting->candidate;
    char *settings = gl_alloc(GL_SHA256_HEX_SIZE);
    int64_t now_unix_s = gl_ledger_unix_ms(release->ledger) / 1000;
    gl_fingerprint_settings(release->config, settings);
    promoting->statement = (struct gl_statement){
        .app = gl_strdup(gl_config_str(release->config, "app.name")),
        .env = gl_strdup(release->env),
        .from = gl_strdup(candidate->env),
        .version = gl_strdup(candidate->version),
        .digest = gl_strdup(candidate->digest),
        .source = gl_strdup(candidate->tree),
        .migrations = gl_strdup(candidate->migrations),
        .templates = gl_strdup(candidate->templates),
        .settings = settings,
        .requester = gl_strdup(release->starter),
        .release = candidate->release,
        .attempt = gl_journal_attempt(journal),
        .time_unix_s = now_unix_s,
        .expires_unix_s =
            now_unix_s + gl_config_int(release->config, "approval.valid_hours") * HOUR_S,
    };
}

/* ---- shipping ----------------------------------------------------------------------------------
 */

/* The release is the candidate from now on. */
static void become_candidate(struct promoting *promoting, json_t *approvals)
{
    struct gl_release *release = promoting->release;
    const struct gl_candidate *candidate = &promoting->candidate;
    json_t *promotion = json_object();
    gl_json_set_str(promotion, "env", candidate->env);
    gl_json_set_int(promotion, "release", candidate->release);
    gl_json_set_str(promotion, "digest", candidate->digest);
    gl_json_set_str(promotion, "settings", promoting->statement.settings);
    json_object_set(promotion, "approvals", approvals);
    json_decref(release->promotion);
    release->promotion = promotion;
    free(release->version);
    release->version = gl_strdup(candidate->version);
    free(release->commit);
    release->commit = gl_strdup(candidate->commit);
    free(release->author);
    release->author = gl_strdup(candidate->author);
    release->commit_unix_s = candidate->commit_unix_s;
}

static char *names_of(const json_t *approvals)
{
    gl_autostrv struct gl_strv names = {0};
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)approvals, index, item)
        gl_strv_add(&names, gl_json_str(item, "person", "GitHub"));
    return gl_strv_join(&names, ", ");
}

static void tell_origin(struct gl_release *release)
{
    gl_autofree char *names = names_of(json_object_get(release->promotion, "approvals"));
    long long number = gl_json_int(release->promotion, "release", 0);
    const char *env = gl_json_str(release->promotion, "env", "");
    if (*names)
        gl_release_note(release, _("release %lld of %s, approved by %s"), number, env, names);
    else
        gl_release_note(release, _("release %lld of %s; %s wants no approvals"), number, env,
                        release->env);
}

static bool is_same_promotion(const struct gl_release *release,
                              const struct gl_release_request *request,
                              const struct gl_operation_record *record)
{
    const json_t *promotion = record ? json_object_get(record->about, "promotion") : NULL;
    return promotion && record->state == GL_OP_UNFINISHED &&
           strcmp(record->source_hash, release->source_hash) == 0 &&
           strcmp(gl_json_str(promotion, "env", ""), request->promote_from) == 0 &&
           (!request->promote_release ||
            gl_json_int(promotion, "release", 0) == request->promote_release);
}

static int judge(struct promoting *promoting, const struct gl_journal *journal,
                 struct gl_error *err)
{
    gl_autojson json_t *approvals = json_array();
    int failed = find_candidate(promoting, err);
    if (failed < 0)
        return failed;
    make_statement(promoting, journal);
    failed = check_new(promoting, journal, err);
    if (failed == 0)
        failed = gl_promoting_check_approved(promoting, journal, approvals, err);
    if (failed == 0)
        become_candidate(promoting, approvals);
    return failed;
}

static int ship_judged(struct gl_release *release, const struct gl_release_request *request,
                       const struct gl_journal *journal, struct gl_release_outcome *outcome,
                       struct gl_error *err)
{
    if (request->dry_run) {
        int failed = gl_release_check_variables(release, err);
        if (failed < 0)
            return failed;
        gl_release_plan(release, journal, outcome);
        tell_origin(release);
        return 0;
    }
    return gl_journal_unfinished(journal)
               ? gl_release_settle_and_ship(release, request, journal, outcome, err)
               : gl_release_ship_new(release, journal, outcome, err);
}

static int promote_leased(struct gl_release *release, const struct gl_release_request *request,
                          struct gl_release_outcome *outcome, struct gl_error *err)
{
    gl_autojournal struct gl_journal journal = {0};
    gl_cleanup(promoting_done) struct promoting promoting = {.release = release,
                                                             .request = request};
    int failed = gl_journal_read(release->ledger, release->env, &journal, err);
    if (failed < 0)
        return failed;
    const struct gl_operation_record *record = gl_journal_unfinished(&journal);
    if (!request->dry_run && is_same_promotion(release, request, record)) {
        gl_release_adopt(release, &journal, record);
        return gl_release_ship(release, true, outcome, err);
    }
    failed = judge(&promoting, &journal, err);
    outcome->waits = promoting.waits;
    if (failed < 0)
        return failed;
    if (!request->dry_run)
        tell_origin(release);
    return ship_judged(release, request, &journal, outcome, err);
}

static int promote(struct gl_release *release, const struct gl_release_request *request,
                   struct gl_release_outcome *outcome, struct gl_error *err)
{
    if (strcmp(request->promote_from, release->env) == 0)
        return gl_fail(err, GL_E_USAGE, _("%s cannot be promoted to itself"), release->env);
    int failed = gl_release_identify(release, err);
    if (failed == 0)
        failed = gl_source_check_settings(release, err);
    if (failed == 0 && !request->dry_run)
        failed = gl_release_take_lease(release, err);
    return failed < 0 ? failed : promote_leased(release, request, outcome, err);
}

int gl_release_promote(const struct gl_release_request *request,
                       struct gl_release_outcome *ret_outcome, struct gl_error *err)
{
    int64_t begun = gl_mono_ms();
    struct gl_release release = gl_release_new(request, GL_DEPLOY);
    struct gl_release_outcome outcome = {.rollback_ms = -1};
    int result = promote(&release, request, &outcome, err);
    if (result < 0 && !request->dry_run)
        gl_release_look(&release, &outcome);
    outcome.elapsed_ms = gl_mono_ms() - begun;
    gl_release_done(&release);
    *ret_outcome = outcome;
    return result;
}
