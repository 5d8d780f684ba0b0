/* What passed an environment, read from its journal. */
#include "release/candidate.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"

enum { DAY_MS = 86400000 };

void gl_candidate_done(struct gl_candidate *candidate)
{
    char **const texts[] = {&candidate->env,       &candidate->version,   &candidate->commit,
                            &candidate->author,    &candidate->tree,      &candidate->digest,
                            &candidate->templates, &candidate->migrations};
    for (size_t i = 0; i < GL_COUNT(texts); i++)
        free(gl_steal(texts[i]));
}

static const char *about(const struct gl_operation_record *record, const char *key)
{
    return gl_json_str(record->about, key, "");
}

static const char *digest_of(const struct gl_operation_record *record)
{
    return gl_json_str(json_object_get(record->facts, "image"), "digest", "");
}

/* Releases of an older golive lack what a promotion needs to know. */
static bool is_complete(const struct gl_operation_record *record)
{
    return *about(record, "tree") && *about(record, "templates") && *digest_of(record);
}

static int64_t age_days(const struct gl_candidate_request *request,
                        const struct gl_operation_record *record)
{
    return (request->now_unix_ms - record->ended_unix_ms) / DAY_MS;
}

/* Everything but the working tree, which can be brought to its commit. */
static bool can_be_promoted(const struct gl_candidate_request *request,
                            const struct gl_journal *journal,
                            const struct gl_operation_record *record)
{
    return record->state == GL_OP_DONE && gl_journal_is_good(journal, record->release) &&
           is_complete(record) && *about(record, "commit") &&
           !gl_ends_with(record->version, "-dirty") &&
           age_days(request, record) <= request->max_age_days;
}

/* ---- did it pass? ------------------------------------------------------------------------------
 */

static void nothing_serves(const char *env, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("nothing serves in %s, so nothing can have passed there"), env);
    gl_error_hint(err, _("golive deploy --env %s releases the working tree there."), env);
}

/* The commands that promote another release that serves there and passed; NULL if there is none.
 * The caller owns them. */
static char *commands_for_serving(const struct gl_candidate_request *request,
                                  const struct gl_journal *journal,
                                  const struct gl_operation_record *failed)
{
    const struct gl_operation_record *serving = gl_journal_serving(journal);
    const struct gl_operation_record *made =
        serving ? gl_journal_deploy_of(journal, serving->release) : NULL;
    if (!made || made == failed || !can_be_promoted(request, journal, made))
        return NULL;
    long long number = made->release;
    if (request->tree && strcmp(about(made, "tree"), request->tree) == 0)
        return gl_asprintf("golive promote %s %s --release %lld", request->env, request->to,
                           number);
    return gl_asprintf("git checkout %s && golive promote %s %s --release %lld",
                       about(made, "commit"), request->env, request->to, number);
}

static int was_undone(const struct gl_candidate_request *request, const struct gl_journal *journal,
                      const struct gl_operation_record *record, struct gl_error *err)
{
    long long number = record->release;
    gl_autofree char *commands = commands_for_serving(request, journal, record);
    gl_fail(err, GL_E_REFUSED, _("release %lld did not pass %s; it was undone: %s"), number,
            request->env, record->undone_why ? record->undone_why : _("the reason is lost"));
    if (commands)
        return gl_error_hint(err,
                             _("Release %lld serves %s and passed; to promote that: %s\n"
                               "  Or mend the cause, then golive deploy --env %s; golive log "
                               "--env %s --release %lld has the steps."),
                             (long long)gl_journal_serving(journal)->release, request->env,
                             commands, request->env, request->env, number);
    return gl_error_hint(err,
                         _("Mend the cause, then golive deploy --env %s; golive log "
                           "--env %s --release %lld has the steps."),
                         request->env, request->env, number);
}

static int not_finished(const struct gl_candidate_request *request,
                        const struct gl_journal *journal, const struct gl_operation_record *record,
                        struct gl_error *err)
{
    long long number = record->release;
    if (record->state == GL_OP_UNDONE)
        return was_undone(request, journal, record, err);
    gl_fail(err, GL_E_REFUSED, _("release %lld is not finished in %s"), number, request->env);
    return gl_error_hint(err, _("golive deploy --env %s --resume goes on with it."), request->env);
}

static int rolled_back(const struct gl_candidate_request *request, int64_t release,
                       struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("release %lld was rolled back from in %s"), (long long)release,
            request->env);
    return gl_error_hint(err,
                         _("What was not good there is not promoted. If it was after all, "
                           "golive rollback %lld --env %s brings it back there."),
                         (long long)release, request->env);
}

static int check_passed(const struct gl_candidate_request *request,
                        const struct gl_journal *journal, const struct gl_operation_record *record,
                        struct gl_error *err)
{
    if (record->state != GL_OP_DONE)
        return not_finished(request, journal, record, err);
    return gl_journal_is_good(journal, record->release)
               ? 0
               : rolled_back(request, record->release, err);
}

static int check_age(const struct gl_candidate_request *request,
                     const struct gl_operation_record *record, struct gl_error *err)
{
    int64_t days = age_days(request, record);
    if (days <= request->max_age_days)
        return 0;
    gl_autofree char *when = gl_format_rfc3339(record->ended_unix_ms);
    gl_fail(err, GL_E_REFUSED, _("release %lld passed %s %lld days ago (%.10s), the limit is %lld"),
            (long long)record->release, request->env, (long long)days, when,
            (long long)request->max_age_days);
    return gl_error_hint(err,
                         _("Much may have changed since. Let it pass again: golive deploy "
                           "--env %s; the limit is release.promote_max_age_days."),
                         request->env);
}

/* ---- is it what the working tree has? ----------------------------------------------------------
 */

/* The newest release there that was made of this tree, NULL if none was. */
static const struct gl_operation_record *made_of(const struct gl_journal *journal, const char *tree)
{
    for (size_t i = journal->count; i > 0; i--) {
        const struct gl_operation_record *record = &journal->items[i - 1];
        if (record->operation == GL_DEPLOY && strcmp(about(record, "tree"), tree) == 0)
            return record;
    }
    return NULL;
}

static int hint_at_source(const struct gl_candidate_request *request,
                          const struct gl_operation_record *record,
                          const struct gl_operation_record *other, struct gl_error *err)
{
    const char *commit = about(record, "commit");
    if (other && other->state == GL_OP_DONE)
        return gl_error_hint(err,
                             _("It is that of release %lld: name it with --release %lld, or "
                               "go to the source of release %lld: git checkout %s"),
                             (long long)other->release, (long long)other->release,
                             (long long)record->release, *commit ? commit : "...");
    if (*commit)
        return gl_error_hint(err,
                             _("git checkout %s brings its source back; or let what you have "
                               "pass first: golive deploy --env %s"),
                             commit, request->env);
    return gl_error_hint(err,
                         _("Bring its source back, or let what you have pass first: golive "
                           "deploy --env %s"),
                         request->env);
}

/* To go to that commit would change nothing. */
static int hint_at_changes(const struct gl_candidate_request *request, struct gl_error *err)
{
    return gl_error_hint(err,
                         _("The commit is the right one, but the working tree has more: %s. What "
                           "git would add counts too. Take it away (git stash -u), or commit it "
                           "and let it pass first: golive deploy --env %s"),
                         request->changes, request->env);
}

static bool is_changed_only(const struct gl_candidate_request *request,
                            const struct gl_operation_record *record)
{
    return request->commit && strcmp(request->commit, about(record, "commit")) == 0 &&
           request->changes && *request->changes;
}

static int check_source(const struct gl_candidate_request *request,
                        const struct gl_journal *journal, const struct gl_operation_record *record,
                        struct gl_error *err)
{
    if (strcmp(about(record, "tree"), request->tree) == 0)
        return 0;
    const struct gl_operation_record *other = made_of(journal, request->tree);
    if (other && other->state != GL_OP_DONE)
        return not_finished(request, journal, other, err);
    gl_fail(err, GL_E_REFUSED, _("the working tree is not the source of release %lld of %s (%s)"),
            (long long)record->release, request->env, record->version);
    return is_changed_only(request, record) ? hint_at_changes(request, err)
                                            : hint_at_source(request, record, other, err);
}

static int check_clean(const struct gl_candidate_request *request,
                       const struct gl_operation_record *record, struct gl_error *err)
{
    if (!gl_ends_with(record->version, "-dirty"))
        return 0;
    gl_fail(err, GL_E_REFUSED, _("release %lld of %s was made of a tree that is in no commit (%s)"),
            (long long)record->release, request->env, record->version);
    return gl_error_hint(err,
                         _("Commit the change, let it pass (golive deploy --env %s), and "
                           "promote that."),
                         request->env);
}

/* ---- all of it ---------------------------------------------------------------------------------
 */

static int check_complete(const struct gl_candidate_request *request,
                          const struct gl_operation_record *record, struct gl_error *err)
{
    if (is_complete(record))
        return 0;
    gl_fail(err, GL_E_REFUSED, _("the ledger does not say what release %lld of %s consists of"),
            (long long)record->release, request->env);
    return gl_error_hint(err,
                         _("An older golive made it. Release it again: golive deploy --env "
                           "%s"),
                         request->env);
}

static void fill(const char *env, const struct gl_operation_record *record,
                 struct gl_candidate *candidate)
{
    const json_t *migrate = json_object_get(record->facts, "migrate");
    *candidate = (struct gl_candidate){
        .env = gl_strdup(env),
        .release = record->release,
        .version = gl_strdup(record->version),
        .commit = gl_strdup(about(record, "commit")),
        .author = gl_strdup(about(record, "author")),
        .tree = gl_strdup(about(record, "tree")),
        .digest = gl_strdup(digest_of(record)),
        .migrations = gl_strdup(gl_json_str(migrate, "list", "none")),
        .templates = gl_strdup(about(record, "templates")),
        .commit_unix_s = record->commit_unix_s,
        .passed_unix_ms = record->ended_unix_ms,
    };
}

/* NULL = there is none, and err says why. */
static const struct gl_operation_record *find_record(const struct gl_candidate_request *request,
                                                     const struct gl_journal *journal,
                                                     struct gl_error *err)
{
    const struct gl_operation_record *serving = gl_journal_serving(journal);
    if (!request->release && !serving) {
        nothing_serves(request->env, err);
        return NULL;
    }
    int64_t number = request->release ? request->release : serving->release;
    const struct gl_operation_record *record = gl_journal_deploy_of(journal, number);
    if (!record) {
        gl_fail(err, GL_E_REFUSED, _("%s never had a release %lld"), request->env,
                (long long)number);
        gl_error_hint(err, _("golive log --env %s --kind release shows them."), request->env);
    }
    return record;
}

int gl_candidate_find(struct gl_ledger *ledger, const struct gl_candidate_request *request,
                      struct gl_candidate *ret_candidate, struct gl_error *err)
{
    gl_autojournal struct gl_journal journal = {0};
    int failed = gl_journal_read(ledger, request->env, &journal, err);
    if (failed < 0)
        return failed;
    const struct gl_operation_record *record = find_record(request, &journal, err);
    if (!record)
        return GL_E_REFUSED;
    failed = check_passed(request, &journal, record, err);
    if (failed == 0)
        failed = check_complete(request, record, err);
    if (failed == 0)
        failed = check_source(request, &journal, record, err);
    if (failed == 0)
        failed = check_clean(request, record, err);
    if (failed == 0)
        failed = check_age(request, record, err);
    if (failed == 0)
        fill(request->env, record, ret_candidate);
    return failed;
}
