/* Runs golive as a process of its own and follows its events, so that a case can strike at a step.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "proc/proc.h"
#include "rehearse/internal.h"

static void strike(struct gl_rehearsal *rehearsal)
{
    const struct gl_case *row = rehearsal->running;
    gl_sleep_ms(row->after_ms);
    rehearsal->struck = true;
    if (row->strike(rehearsal, &rehearsal->strike_error) == 0)
        gl_error_done(&rehearsal->strike_error);
}

static void count_switch(struct gl_rehearsal *rehearsal, const char *event, const json_t *line)
{
    const char *step = gl_json_str(line, "step", "");
    if (!gl_json_bool(line, "ok", false))
        return;
    bool forth = strcmp(event, "step_end") == 0 && strcmp(step, "shift") == 0;
    bool back = strcmp(event, "undo_end") == 0 && gl_ends_with(step, "shift");
    rehearsal->switches += forth || back;
}

static void on_event(struct gl_rehearsal *rehearsal, const json_t *line)
{
    const char *event = gl_json_str(line, "event", "");
    const struct gl_case *row = rehearsal->running;
    if (strcmp(event, "begin") == 0) {
        rehearsal->deployer = (pid_t)gl_json_int(line, "pid", 0);
        rehearsal->release = gl_json_int(line, "release", 0);
    } else if (strcmp(event, "outcome") == 0) {
        json_decref(rehearsal->outcome);
        rehearsal->outcome = json_deep_copy(line);
    } else if (strcmp(event, "step_begin") == 0 && row->strike && !rehearsal->struck &&
               strcmp(gl_json_str(line, "step", ""), row->at_step) == 0) {
        strike(rehearsal);
    } else {
        count_switch(rehearsal, event, line);
    }
}

static void show(const struct gl_rehearsal *rehearsal, const json_t *line)
{
    const struct gl_rehearsal_reporter *reporter = rehearsal->request->reporter;
    const char *step = gl_json_str(line, "step", NULL);
    if (reporter->step && step)
        reporter->step(rehearsal->running->name, step, reporter->context);
}

static void on_line(const char *text, void *context)
{
    struct gl_rehearsal *rehearsal = context;
    gl_autojson json_t *line = NULL;
    if (gl_json_parse(text, strlen(text), "golive", &line, NULL) < 0)
        return;
    show(rehearsal, line);
    on_event(rehearsal, line);
    if (rehearsal->load)
        (void)!gl_load_poll(rehearsal->load, 0, NULL);
}

static void build_arguments(const struct gl_rehearsal *rehearsal, const char *command,
                            struct gl_strv *argv)
{
    const struct gl_rehearsal_request *request = rehearsal->request;
    const char *env = gl_config_env(request->config);
    const char *const fixed[] = {request->program, command,       "--env",    env,
                                 "--format",       "json",        "--config", request->config_path,
                                 "--state",        rehearsal->dir};
    for (size_t i = 0; i < GL_COUNT(fixed); i++)
        gl_strv_add(argv, fixed[i]);
    for (size_t i = 0; request->set && i < request->set->count; i++) {
        if (rehearsal->overlay && gl_starts_with(request->set->items[i], "migrations.dir="))
            continue;
        gl_strv_add(argv, "--set");
        gl_strv_add(argv, request->set->items[i]);
    }
    if (rehearsal->overlay) {
        gl_strv_add(argv, "--set");
        gl_strv_addf(argv, "migrations.dir=%s", rehearsal->overlay);
    }
}

int gl_deployer_run(struct gl_rehearsal *rehearsal, const char *command, int *ret_exit_status,
                    struct gl_error *err)
{
    gl_autostrv struct gl_strv argv = {0};
    build_arguments(rehearsal, command, &argv);
    gl_autofree char *log = gl_path_join(rehearsal->dir, "rehearsal.log");
    struct gl_proc_spec spec = {
        .argv = (const char *const *)argv.items,
        .log_path = log,
        .on_line = on_line,
        .on_line_context = rehearsal,
        .timeout_ms = 3600000,
    };
    gl_autoproc struct gl_proc_result result = {0};
    int failed = gl_proc_run(&spec, &result, err);
    if (failed < 0)
        return failed;
    if (rehearsal->strike_error.code) {
        gl_error_move(err, &rehearsal->strike_error);
        return err->code;
    }
    if (result.exit_code >= 0 && !rehearsal->outcome) {
        gl_fail(err, GL_E_PROCESS, "golive %s: %s", command, gl_buf_text(&result.err));
        return gl_error_hint(err, _("Its events are in %s"), log);
    }
    *ret_exit_status = result.exit_code;
    return 0;
}
