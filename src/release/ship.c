/* How a new release begins, wherever it comes from. */
#include <stdlib.h>

#include "base/i18n.h"
#include "release/operation.h"
#include "release/person.h"

int gl_release_identify(struct gl_release *release, struct gl_error *err)
{
    gl_autofree char *name = NULL;
    const char *starter = gl_person_here(release->config, &name);
    free(release->starter);
    release->starter = gl_strdup(starter);
    return gl_source_identify(release, err);
}

void gl_release_plan(struct gl_release *release, const struct gl_journal *journal,
                     struct gl_release_outcome *outcome)
{
    release->number = gl_journal_next_release(journal);
    release->previous = gl_release_serving(journal);
    gl_release_plan_rest(release, outcome);
}

void gl_release_plan_rest(struct gl_release *release, struct gl_release_outcome *outcome)
{
    gl_release_announce(release);
    gl_engine_plan(release);
    outcome->done = true;
}

int gl_release_ship(struct gl_release *release, bool resumed, struct gl_release_outcome *outcome,
                    struct gl_error *err)
{
    gl_release_announce(release);
    int result = gl_engine_run(release, resumed, err);
    gl_release_conclude(release, result, err, outcome);
    outcome->resumed = resumed;
    return gl_release_verdict(outcome, result, err);
}

int gl_release_ship_new(struct gl_release *release, const struct gl_journal *journal,
                        struct gl_release_outcome *outcome, struct gl_error *err)
{
    release->number = gl_journal_next_release(journal);
    release->previous = gl_release_serving(journal);
    int failed = gl_release_journal_begin(release, err);
    return failed < 0 ? failed : gl_release_ship(release, false, outcome, err);
}

/* Undoes or finishes what is unfinished and is of another source, then ships this one. */
int gl_release_settle_and_ship(struct gl_release *release, const struct gl_release_request *request,
                               const struct gl_journal *journal, struct gl_release_outcome *outcome,
                               struct gl_error *err)
{
    gl_autojournal struct gl_journal after = {0};
    int failed = gl_release_settle(release, request, journal, false, outcome, err);
    if (failed < 0)
        return failed;
    if (outcome->interrupted)
        return gl_fail(err, GL_E_INTERRUPTED, _("interrupted; no new release was begun"));
    gl_release_outcome_done(outcome); /* of the operation before, not of this one */
    failed = gl_journal_read(release->ledger, release->env, &after, err);
    return failed < 0 ? failed : gl_release_ship_new(release, &after, outcome, err);
}
