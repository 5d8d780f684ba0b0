/* A rehearsal from beginning to end. */
#include "rehearse/rehearse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "rehearse/internal.h"

enum { LOAD_EXTRA_MS = 600000 }; /* longest wait for the last of the requests asked for */

static void say(const struct gl_rehearsal *rehearsal, const char *text)
{
    const struct gl_rehearsal_reporter *reporter = rehearsal->request->reporter;
    if (reporter->phase)
        reporter->phase(text, reporter->context);
}

static void rehearsal_done(struct gl_rehearsal *rehearsal)
{
    gl_load_free(&rehearsal->load);
    rehearsal->counts = NULL;
    if (rehearsal->platform && !rehearsal->request->keep) {
        gl_interrupt_clear();
        (void)!rehearsal->platform->ops->down(rehearsal->platform, false, NULL);
    }
    gl_platform_free(&rehearsal->platform);
    for (size_t i = 0; i < rehearsal->result_count; i++)
        free(rehearsal->results[i].cause);
    gl_restore_report_done(&rehearsal->restore);
    gl_error_done(&rehearsal->strike_error);
    json_decref(rehearsal->outcome);
    free(rehearsal->overlay);
    free(rehearsal->result_path);
    free(rehearsal->dir);
    gl_close_fd(&rehearsal->lock_fd);
}

/* Every rehearsal begins with nothing, so that it proves the first release too. The packed image
 * layers may stay: they are checked by digest. */
static int clean_instance(struct gl_rehearsal *rehearsal, struct gl_error *err)
{
    int failed = gl_platform_open(rehearsal->request->config, rehearsal->dir, NULL,
                                  &rehearsal->platform, err);
    if (failed == 0)
        failed = rehearsal->platform->ops->down(rehearsal->platform, true, err);
    gl_platform_free(&rehearsal->platform);
    static const char *const state[] = {"ledger.db", "ledger.db-wal", "ledger.db-shm",
                                        "rehearsal.log"};
    for (size_t i = 0; failed == 0 && i < GL_COUNT(state); i++) {
        gl_autofree char *path = gl_path_join(rehearsal->dir, state[i]);
        failed = gl_remove_tree(path, err);
    }
    if (failed == 0)
        failed = gl_platform_open(rehearsal->request->config, rehearsal->dir, NULL,
                                  &rehearsal->platform, err);
    return failed;
}

/* What an earlier rehearsal found says nothing about this one, should it not come to its end. */
static int forget_last_result(struct gl_rehearsal *rehearsal, struct gl_error *err)
{
    const char *path = rehearsal->result_path;
    if (unlink(path) < 0 && errno != ENOENT)
        return gl_fail_errno(err, errno, _("cannot remove %s"), path);
    return 0;
}

static int prepare(struct gl_rehearsal *rehearsal, struct gl_error *err)
{
    const char *state_dir = rehearsal->request->state_dir;
    rehearsal->dir = gl_path_join(state_dir, "rehearsal");
    rehearsal->result_path = gl_path_join(state_dir, "rehearsal.json");
    int failed = gl_mkdir_ignored(state_dir, err);
    if (failed == 0)
        failed = gl_mkdir_p(rehearsal->dir, 0755, err);
    if (failed == 0)
        failed = gl_rehearsal_lock(rehearsal->dir, &rehearsal->lock_fd, err);
    if (failed == 0)
        failed = forget_last_result(rehearsal, err);
    if (failed == 0) {
        say(rehearsal, _("a clean instance"));
        failed = clean_instance(rehearsal, err);
    }
    return failed;
}

static int start_load(struct gl_rehearsal *rehearsal, struct gl_error *err)
{
    gl_autojson json_t *plan = NULL;
    int failed = gl_load_plan(rehearsal, &plan, err);
    if (failed < 0)
        return failed;
    gl_autofree char *text = gl_json_canonical(plan);
    failed = gl_load_start(rehearsal->request->program, text, &rehearsal->load, err);
    if (failed == 0)
        rehearsal->counts = gl_load_counts(rehearsal->load);
    return failed;
}

/* The first release has no load yet: there is nothing to send it to. */
static const struct gl_case first_release = {
    .name = N_("first release"),
    .expected = GL_EXPECT_DONE,
    .command = "deploy",
};

static int run_cases(struct gl_rehearsal *rehearsal, struct gl_error *err)
{
    int failed = gl_case_run(rehearsal, &first_release, err);
    if (failed == 0 && !rehearsal->results[0].as_expected) {
        gl_fail(err, GL_E_MISMATCH, _("the first release failed: %s"),
                rehearsal->results[0].cause ? rehearsal->results[0].cause : "");
        return gl_error_hint(err, _("golive deploy --env %s shows the same step by step."),
                             gl_config_env(rehearsal->request->config));
    }
    if (failed == 0)
        failed = start_load(rehearsal, err);
    for (const struct gl_case *row = gl_cases; failed == 0 && row->name; row++)
        failed = gl_case_run(rehearsal, row, err);
    return failed;
}

static int drill_restore(struct gl_rehearsal *rehearsal, struct gl_error *err)
{
    say(rehearsal, _("restoring a backup into a second cluster and comparing"));
    return gl_local_restore_drill(rehearsal->platform, &rehearsal->restore, err);
}

static int finish_load(struct gl_rehearsal *rehearsal, struct gl_error *err)
{
    int64_t deadline = gl_mono_ms() + LOAD_EXTRA_MS;
    say(rehearsal, _("the rest of the load"));
    int failed = 0;
    while (failed >= 0 && gl_mono_ms() < deadline &&
           gl_request_count(rehearsal) < (uint64_t)rehearsal->request->least_requests) {
        failed = gl_interrupt_check(err);
        if (failed == 0)
            failed = gl_load_poll(rehearsal->load, 500, err);
    }
    if (failed >= 0)
        failed = gl_load_stop(rehearsal->load, err);
    return failed == 0 ? gl_rows_count(rehearsal, &rehearsal->rows_found, err) : failed;
}

static int conclude(struct gl_rehearsal *rehearsal, struct gl_error *err)
{
    struct gl_rehearsal_figures figures = {0};
    int failed = gl_summary_write(rehearsal, &figures, err);
    if (failed < 0 || figures.good)
        return failed;
    if (figures.requests < (uint64_t)rehearsal->request->least_requests)
        gl_fail(err, GL_E_MISMATCH,
                _("only %llu requests were answered, not %lld: this machine is too slow or busy"),
                (unsigned long long)figures.requests,
                (long long)rehearsal->request->least_requests);
    else
        gl_fail(err, GL_E_MISMATCH, _("the rehearsal did not go as it must"));
    return gl_error_hint(err, _("%s has the figures, %s/rehearsal.log every event."),
                         rehearsal->result_path, rehearsal->dir);
}

/* The project's configuration with the settings of a rehearsal, as the processes have it that are
 * started with them. */
static int load_config(const struct gl_rehearsal_request *request, const struct gl_strv *set,
                       struct gl_config **ret_config, struct gl_error *err)
{
    gl_autodiag struct gl_diagnostics problems = {0};
    const struct gl_config_request wanted = {
        .path = request->config_path,
        .env = gl_config_env(request->config),
        .set = set,
    };
    return gl_config_load(&wanted, ret_config, &problems, err);
}

static int rehearse(const struct gl_rehearsal_request *request, struct gl_error *err)
{
    gl_cleanup(rehearsal_done) struct gl_rehearsal rehearsal = {
        .request = request,
        .lock_fd = -1,
        .rows_found = -1,
        .begun_ms = gl_mono_ms(),
    };
    int failed = prepare(&rehearsal, err);
    if (failed == 0)
        failed = run_cases(&rehearsal, err);
    if (failed == 0)
        failed = drill_restore(&rehearsal, err);
    if (failed == 0)
        failed = finish_load(&rehearsal, err);
    return failed == 0 ? conclude(&rehearsal, err) : failed;
}

int gl_rehearse(const struct gl_rehearsal_request *request, struct gl_error *err)
{
    gl_autostrv struct gl_strv set = {0};
    gl_autoconfig struct gl_config *config = NULL;
    gl_rehearsal_settings(request->config, request->set, &set);
    int failed = load_config(request, &set, &config, err);
    if (failed < 0)
        return failed;
    struct gl_rehearsal_request own = *request;
    own.config = config;
    own.set = &set;
    return rehearse(&own, err);
}
