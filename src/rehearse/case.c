/* Runs one case: prepares it, drives golive, compares the outcome with the expectation. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "platform/local/fault.h"
#include "rehearse/internal.h"

enum {
    POLL_MS = 200,          /* the load generator says so often what is new */
    SETTLE_EXTRA_MS = 5000, /* so much later than a request's time it has given up what is open */
};

static int poll_load(struct gl_rehearsal *rehearsal, struct gl_error *err)
{
    int result = rehearsal->load ? gl_load_poll(rehearsal->load, 0, err) : 0;
    return result < 0 ? result : 0;
}

uint64_t gl_lost_count(const struct gl_rehearsal *rehearsal)
{
    const struct gl_load_counts *counts = rehearsal->counts;
    return counts ? counts->lost + counts->wrong + counts->ws.cut + counts->ws.refused : 0;
}

uint64_t gl_request_count(const struct gl_rehearsal *rehearsal)
{
    const struct gl_load_counts *counts = rehearsal->counts;
    return counts ? counts->ok + counts->wrong + counts->lost + counts->injected : 0;
}

static const char *word_for(const struct gl_rehearsal *rehearsal, bool killed)
{
    if (gl_json_bool(rehearsal->outcome, "undone", false))
        return "rolled back";
    if (!gl_json_bool(rehearsal->outcome, "done", false))
        return "failed";
    return killed && gl_json_bool(rehearsal->outcome, "resumed", false) ? "resumed" : "done";
}

const char *gl_expected_word(enum gl_expectation expected)
{
    static const char *const words[] = {
        [GL_EXPECT_DONE] = "done",
        [GL_EXPECT_ROLLED_BACK] = "rolled back",
        [GL_EXPECT_RESUMED] = "resumed",
    };
    return words[expected];
}

/* Killed golive is started again, as a person or a CI job would. */
static int drive(struct gl_rehearsal *rehearsal, const struct gl_case *row, bool *ret_killed,
                 struct gl_error *err)
{
    int status = 0;
    int failed = gl_deployer_run(rehearsal, row->command, &status, err);
    *ret_killed = status == -1;
    if (failed == 0 && *ret_killed)
        failed = gl_deployer_run(rehearsal, row->command, &status, err);
    return failed;
}

/* The rehearsal's own fault must not cut the answers that it delayed: the load generator knows
 * which are still to come. What is sent from now on goes past the fault. */
static int let_delayed_answers_out(struct gl_rehearsal *rehearsal, const struct gl_case *row,
                                   struct gl_error *err)
{
    int64_t since_ms = gl_mono_ms();
    int64_t until_ms = since_ms + gl_load_timeout_ms(rehearsal->request->config) + SETTLE_EXTRA_MS;
    bool waits = row->strike && rehearsal->load;
    int result = 0;
    while (waits && result >= 0 && !gl_load_settled(rehearsal->load, since_ms) &&
           gl_mono_ms() < until_ms) {
        result = gl_interrupt_check(err);
        if (result == 0)
            result = gl_load_poll(rehearsal->load, POLL_MS, err);
    }
    return result < 0 ? result : 0;
}

/* Only what the case itself added goes away again when it failed; an applied migration stays. */
static int clean_up(struct gl_rehearsal *rehearsal, const struct gl_case *row,
                    const char *migration, struct gl_error *err)
{
    if (migration && row->expected == GL_EXPECT_ROLLED_BACK && remove(migration) < 0)
        return gl_fail(err, GL_E_IO, _("cannot remove %s"), migration);
    return gl_local_fault(rehearsal->platform, 0, GL_FAULT_NONE, 0, err);
}

static int prepare(struct gl_rehearsal *rehearsal, const struct gl_case *row, char **ret_migration,
                   struct gl_error *err)
{
    rehearsal->running = row;
    rehearsal->struck = false;
    rehearsal->deployer = 0;
    rehearsal->release = 0;
    json_decref(rehearsal->outcome);
    rehearsal->outcome = NULL;
    int failed = row->migration ? gl_overlay_add(rehearsal, row->migration, ret_migration, err) : 0;
    if (failed == 0 && row->before)
        failed = row->before(rehearsal, err);
    return failed;
}

static bool judge(const struct gl_rehearsal *rehearsal, const struct gl_case *row,
                  const char *outcome)
{
    bool struck = !row->strike || rehearsal->struck;
    const char *cause = gl_json_str(rehearsal->outcome, "cause", "");
    return struck && (!row->cause || strstr(cause, row->cause)) &&
           strcmp(outcome, gl_expected_word(row->expected)) == 0;
}

int gl_case_run(struct gl_rehearsal *rehearsal, const struct gl_case *row, struct gl_error *err)
{
    gl_autofree char *migration = NULL;
    bool killed = false;
    int64_t begun = gl_mono_ms();
    int failed = poll_load(rehearsal, err);
    uint64_t lost_before = gl_lost_count(rehearsal);
    if (failed == 0)
        failed = prepare(rehearsal, row, &migration, err);
    if (failed == 0)
        failed = drive(rehearsal, row, &killed, err);
    if (failed == 0)
        failed = let_delayed_answers_out(rehearsal, row, err);
    if (failed == 0)
        failed = clean_up(rehearsal, row, migration, err);
    if (failed == 0)
        failed = poll_load(rehearsal, err);
    if (failed < 0)
        return gl_error_wrap(err, "%s", _(row->name));
    const char *outcome = word_for(rehearsal, killed);
    struct gl_case_result *result = &rehearsal->results[rehearsal->result_count++];
    *result = (struct gl_case_result){
        .name = row->name,
        .expected = gl_expected_word(row->expected),
        .outcome = outcome,
        .as_expected = judge(rehearsal, row, outcome),
        .release = gl_json_int(rehearsal->outcome, "release", 0),
        .rollback_ms = gl_json_int(rehearsal->outcome, "rollback_ms", -1),
        .elapsed_ms = gl_mono_ms() - begun,
        .lost = gl_lost_count(rehearsal) - lost_before,
        .cause = gl_strdup(gl_json_str(rehearsal->outcome, "cause", NULL)),
    };
    const struct gl_rehearsal_reporter *reporter = rehearsal->request->reporter;
    if (reporter->case_end)
        reporter->case_end(result, reporter->context);
    return 0;
}
