/* Do people approve of what would be shipped? */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"
#include "release/approval.h"
#include "release/person.h"
#include "release/promoting.h"

enum { UNKNOWN_SHOWN = 3 };

static int refuse_unknown(const struct gl_release *release, const char *name, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("golive.yaml does not know who you are (%s)"),
            name && *name ? name : _("git has no user.email"));
    return gl_error_hint(err,
                         _("Nobody approves their own release of %s, so it must be known whose "
                           "it is: set people[].email (git config user.email), or "
                           "people[].github where GitHub runs it."),
                         release->env);
}

/* GitHub held the job back until its reviewers agreed; only there is that true. */
static int check_github(const struct promoting *promoting, json_t *approvals, struct gl_error *err)
{
    const char *run = getenv("GITHUB_RUN_ID");
    const char *actions = getenv("GITHUB_ACTIONS");
    if (actions && strcmp(actions, "true") == 0 && run) {
        json_array_append_new(approvals, json_pack("{s:s, s:s}", "github_run", run, "environment",
                                                   promoting->release->env));
        return 0;
    }
    gl_fail(err, GL_E_REFUSED,
            _("releases of %s are approved on GitHub, so only its workflow can "
              "promote"),
            promoting->release->env);
    return gl_error_hint(err, _("Start the workflow that deploys there, or set "
                                "release.approval.mode: golive_signature."));
}

static void keep_counting(const struct gl_approvals *found, json_t *approvals)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct gl_approval *approval = &found->items[i];
        if (!approval->why_not)
            json_array_append_new(approvals, json_pack("{s:s, s:I}", "person", approval->person,
                                                       "seq", (json_int_t)approval->seq));
    }
}

/* Somebody who signed twice, or several times for what there was before, is told of once. */
static void tell_not_counting(struct gl_release *release, const struct gl_approvals *found)
{
    gl_autostrv struct gl_strv told = {0};
    for (size_t i = 0; i < found->count; i++) {
        const char *why_not = found->items[i].why_not;
        if (!why_not || gl_strv_has(&told, why_not))
            continue;
        gl_strv_add(&told, why_not);
        gl_release_note(release, _("a signature does not count: %s"), why_not);
    }
}

/* As one list, the first few of them. */
static void tell_unknown(struct gl_release *release, const struct gl_authors *authors)
{
    gl_autostrv struct gl_strv shown = {0};
    const struct gl_strv *unknown = &authors->unknown;
    for (size_t i = 0; i < unknown->count && i < UNKNOWN_SHOWN; i++)
        gl_strv_add(&shown, unknown->items[i]);
    if (unknown->count > shown.count)
        gl_strv_addf(&shown, _("%zu more"), unknown->count - shown.count);
    gl_autofree char *names = gl_strv_join(&shown, ", ");
    if (unknown->count)
        gl_release_note(release,
                        _("golive.yaml does not know who wrote part of this: %s. So at least two "
                          "people must approve it (people[].email, or .mailmap for their other "
                          "addresses)"),
                        names);
}

/* Who is to be asked; the caller owns the text. */
static char *whom_to_ask(const struct gl_release *release, const struct gl_strv *people,
                         size_t missing)
{
    gl_autofree char *names = gl_strv_join(people, ", ");
    long long hours = gl_config_int(release->config, "approval.valid_hours");
    if (people->count < missing)
        return gl_asprintf(_("So many cannot sign any more (%s): change people or "
                             "approval.approvers of %s in golive.yaml, commit that, and run this "
                             "again, or let another one start it; in an emergency: golive deploy "
                             "--env %s --hotfix REASON."),
                           people->count ? names : _("nobody"), release->env, release->env);
    if (people->count == missing)
        return gl_asprintf(_("Ask %s to run golive approve %s within %lld h, then run this "
                             "again."),
                           names, release->env, hours);
    return gl_asprintf(_("Ask %zu of %s to run golive approve %s within %lld h, then run this "
                         "again."),
                       missing, names, release->env, hours);
}

static int hint_at_people(const struct promoting *promoting, const struct gl_approval_rules *rules,
                          const struct gl_approvals *found, struct gl_error *err)
{
    gl_autoaskable struct gl_approval_askable askable = {0};
    size_t missing = (size_t)gl_approval_least(rules) - found->counting;
    gl_approval_ask_whom(rules, &promoting->statement, found, &askable);
    gl_autofree char *ask = whom_to_ask(promoting->release, &askable.people, missing);
    gl_autofree char *others = gl_strv_join(&askable.obstacles, "; ");
    return askable.obstacles.count
               ? gl_error_hint(err, _("%s\n  Cannot approve it: %s."), ask, others)
               : gl_error_hint(err, "%s", ask);
}

static int ask_for_more(struct promoting *promoting, const struct gl_approval_rules *rules,
                        const struct gl_approvals *found, struct gl_error *err)
{
    const struct gl_release *release = promoting->release;
    if (!promoting->request->dry_run) {
        int failed = gl_approval_ask(release->ledger, &promoting->statement, rules->authors, err);
        if (failed < 0)
            return failed;
    }
    promoting->waits = true;
    gl_fail(err, GL_E_REFUSED, _("release %lld of %s has %zu of the %lld approvals that %s wants"),
            (long long)promoting->candidate.release, promoting->candidate.env, found->counting,
            (long long)gl_approval_least(rules), release->env);
    return hint_at_people(promoting, rules, found, err);
}

static int check_signatures(struct promoting *promoting, json_t *approvals, struct gl_error *err)
{
    struct gl_release *release = promoting->release;
    gl_autoapprovals struct gl_approvals found = {0};
    const struct gl_approval_rules rules = {
        .config = release->config,
        .starter = release->starter,
        .authors = &promoting->authors,
        .now_unix_s = promoting->statement.time_unix_s,
    };
    int failed = gl_ledger_verify(release->ledger, NULL, NULL, err);
    if (failed == 0)
        failed = gl_approvals_read(release->ledger, &rules, &promoting->statement, &found, err);
    if (failed < 0)
        return failed;
    tell_unknown(release, &promoting->authors);
    tell_not_counting(release, &found);
    keep_counting(&found, approvals);
    return (int64_t)found.counting >= gl_approval_least(&rules)
               ? 0
               : ask_for_more(promoting, &rules, &found, err);
}

/* Everything since the release that serves is new there. */
static int find_authors(struct promoting *promoting, const struct gl_journal *journal,
                        struct gl_error *err)
{
    const struct gl_operation_record *serving = gl_journal_serving(journal);
    const struct gl_operation_record *made =
        serving ? gl_journal_deploy_of(journal, serving->release) : NULL;
    return gl_authors_find(promoting->release->config,
                           made ? gl_json_str(made->about, "commit", NULL) : NULL,
                           promoting->candidate.commit, &promoting->authors, err);
}

int gl_promoting_check_approved(struct promoting *promoting, const struct gl_journal *journal,
                                json_t *approvals, struct gl_error *err)
{
    struct gl_release *release = promoting->release;
    const char *mode = gl_config_str(release->config, "release.approval.mode");
    if (!gl_approval_is_wanted(release->config))
        return 0;
    if (strcmp(mode, "github_environment") == 0)
        return check_github(promoting, approvals, err);
    gl_autofree char *name = NULL;
    if (!gl_person_here(release->config, &name))
        return refuse_unknown(release, name, err);
    int failed = find_authors(promoting, journal, err);
    return failed < 0 ? failed : check_signatures(promoting, approvals, err);
}
