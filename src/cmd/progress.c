/* One line a step; JSON lines for programs. */
#include "cmd/progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "release/release.h"

enum {
    NAME_COLUMNS = 16,
    DETAIL_COLUMNS = 56,
    REDRAW_MS = 100,
};

enum mark {
    MARK_OK,
    MARK_FAILED,
    MARK_RUNNING,
    MARK_SKIPPED,
    MARK_PLAN,
};

static const struct {
    const char *text;
    const char *colour;
} marks[] = {
    [MARK_OK] = {"ok", "\033[32m"},
      [MARK_FAILED] = {"!!", "\033[31m"},
    [MARK_RUNNING] = {"..", ""        },
      [MARK_SKIPPED] = {"--", "\033[2m" },
    [MARK_PLAN] = {"  ", ""        },
};

static void print_line(const struct gl_progress *progress, enum mark mark, const char *name,
                       const char *detail, int64_t elapsed_ms)
{
    gl_autofree char *masked = gl_redact_shown(detail ? detail : "");
    gl_autofree char *shown_name = gl_utf8_pad(name, NAME_COLUMNS);
    gl_autofree char *shown_detail = gl_utf8_pad(masked, DETAIL_COLUMNS);
    gl_autofree char *elapsed =
        elapsed_ms < 0 ? gl_strdup("") : gl_format_duration((double)elapsed_ms);
    if (progress->terminal)
        fputs("\r\033[K", progress->out);
    fprintf(progress->out, "  %s%s%s  %s%s %8s%s", progress->colour ? marks[mark].colour : "",
            marks[mark].text, progress->colour ? "\033[0m" : "", shown_name, shown_detail, elapsed,
            mark == MARK_RUNNING ? "" : "\n");
    fflush(progress->out);
}

/* Secrets are masked before they are encoded: JSON would write a quote in one as \". */
static void set_text(json_t *object, const char *key, const char *text)
{
    gl_autofree char *masked = text ? gl_redact(text) : NULL;
    gl_json_set_str(object, key, masked);
}

/* Names of events and steps are for programs and the same in every language. */
static void print_json(const struct gl_progress *progress, const char *event, const char *step,
                       json_t *object)
{
    gl_json_set_str(object, "event", event);
    gl_json_set_str(object, "step", step);
    gl_autofree char *text = gl_json_canonical(object);
    fprintf(progress->out, "%s\n", text);
    fflush(progress->out);
    json_decref(object);
}

static void on_begin(const struct gl_release_heading *heading, void *context)
{
    struct gl_progress *progress = context;
    bool rollback = heading->operation == GL_ROLLBACK;
    if (progress->json) {
        json_t *object = json_object();
        gl_json_set_int(object, "pid", getpid());
        gl_json_set_str(object, "operation", rollback ? "rollback" : "deploy");
        gl_json_set_int(object, "release", heading->release);
        gl_json_set_int(object, "previous", heading->previous);
        set_text(object, "version", heading->version);
        gl_json_set_str(object, "env", heading->env);
        print_json(progress, "begin", NULL, object);
        return;
    }
    fprintf(progress->out, "%s %s -> %s   ", heading->app, heading->version, heading->env);
    fprintf(progress->out, rollback ? _("rollback to release %" PRId64) : _("release %" PRId64),
            heading->release);
    if (heading->previous)
        fprintf(progress->out, _(" (serving: %" PRId64 ")"), heading->previous);
    fputc('\n', progress->out);
}

static void on_step_begin(const struct gl_step *step, void *context)
{
    struct gl_progress *progress = context;
    progress->step_begun_ms = gl_mono_ms();
    progress->drawn_ms = 0;
    if (progress->json)
        print_json(progress, "step_begin", step->name, json_object());
    else if (progress->terminal)
        print_line(progress, MARK_RUNNING, step->name, "", -1);
}

/* Only a terminal sees these: in a pipe they would be noise. */
static void on_step_update(const struct gl_step *step, const char *text, void *context)
{
    struct gl_progress *progress = context;
    int64_t now = gl_mono_ms();
    if (!progress->terminal || now - progress->drawn_ms < REDRAW_MS)
        return;
    progress->drawn_ms = now;
    gl_autofree char *masked = gl_redact_shown(text);
    gl_autofree char *first_line = gl_strndup(masked, strcspn(masked, "\n"));
    if (strlen(first_line) > 90)
        first_line[90] = '\0';
    print_line(progress, MARK_RUNNING, step->name, first_line, now - progress->step_begun_ms);
}

/* The message with the place in the user's file, if it has one; the caller owns it. */
static char *placed_message(const struct gl_error *err)
{
    const char *message = err->message ? err->message : "";
    if (!err->file)
        return gl_strdup(message);
    return err->line ? gl_asprintf("%s:%u: %s", err->file, err->line, message)
                     : gl_asprintf("%s: %s", err->file, message);
}

static void end_json(const struct gl_progress *progress, const char *event, const char *step,
                     const char *detail, const struct gl_error *err, int64_t elapsed_ms)
{
    json_t *object = json_object();
    gl_json_set_bool(object, "ok", !err);
    set_text(object, "detail", detail);
    set_text(object, "error", err ? err->message : NULL);
    set_text(object, "hint", err ? err->hint : NULL);
    set_text(object, "file", err ? err->file : NULL);
    if (err && err->file && err->line)
        gl_json_set_int(object, "line", err->line);
    gl_json_set_int(object, "elapsed_ms", elapsed_ms);
    print_json(progress, event, step, object);
}

static void end_text(const struct gl_progress *progress, const char *name, const char *detail,
                     const struct gl_error *err, int64_t elapsed_ms)
{
    gl_autofree char *message = err ? placed_message(err) : NULL;
    print_line(progress, err ? MARK_FAILED : MARK_OK, name, message ? message : detail, elapsed_ms);
    if (!err || !err->hint)
        return;
    gl_autofree char *hint = gl_redact_shown(err->hint);
    fprintf(progress->out, "      %s\n", hint);
}

static void on_step_end(const struct gl_step *step, const char *detail, const struct gl_error *err,
                        int64_t elapsed_ms, void *context)
{
    const struct gl_progress *progress = context;
    if (progress->json)
        end_json(progress, "step_end", step->name, detail, err, elapsed_ms);
    else
        end_text(progress, step->name, detail, err, elapsed_ms);
}

static void on_undo_end(const struct gl_step *step, const char *detail, const struct gl_error *err,
                        int64_t elapsed_ms, void *context)
{
    const struct gl_progress *progress = context;
    if (progress->json) {
        end_json(progress, "undo_end", step->name, detail, err, elapsed_ms);
        return;
    }
    gl_autofree char *name = gl_asprintf(_("undo %s"), step->name);
    end_text(progress, name, detail, err, elapsed_ms);
}

static void on_step_skipped(const struct gl_step *step, const char *why, void *context)
{
    struct gl_progress *progress = context;
    if (progress->json) {
        json_t *object = json_object();
        set_text(object, "why", why);
        print_json(progress, "step_skipped", step->name, object);
        return;
    }
    print_line(progress, MARK_SKIPPED, step->name, _(why), -1);
}

static void on_step_plan(const struct gl_step *step, const char *what, void *context)
{
    struct gl_progress *progress = context;
    if (progress->json) {
        json_t *object = json_object();
        set_text(object, "plan", what);
        print_json(progress, "step_plan", step->name, object);
        return;
    }
    gl_autofree char *name = gl_utf8_pad(step->name, NAME_COLUMNS);
    gl_autofree char *masked = gl_redact_shown(what);
    fprintf(progress->out, "      %s%s\n", name, masked);
}

static void on_note(const char *text, void *context)
{
    struct gl_progress *progress = context;
    if (progress->json) {
        json_t *object = json_object();
        set_text(object, "text", text);
        print_json(progress, "note", NULL, object);
        return;
    }
    gl_autofree char *masked = gl_redact_shown(text);
    fprintf(progress->out, "%s      %s\n", progress->terminal ? "\r\033[K" : "", masked);
}

struct gl_reporter gl_progress_reporter(struct gl_progress *progress,
                                        const struct gl_context *context)
{
    *progress = (struct gl_progress){
        .out = context->out,
        .terminal = context->terminal,
        .colour = context->colour,
        .json = context->format_json,
        .config = context->config,
    };
    return (struct gl_reporter){
        .begin = on_begin,
        .step_begin = on_step_begin,
        .step_update = on_step_update,
        .step_end = on_step_end,
        .step_skipped = on_step_skipped,
        .step_plan = on_step_plan,
        .undo_end = on_undo_end,
        .note = on_note,
        .context = progress,
    };
}

static void on_platform(const char *text, void *context)
{
    static const struct gl_step nameless = {.name = ""};
    on_step_update(&nameless, text, context);
}

void gl_progress_platform(struct gl_platform *platform, struct gl_progress *progress)
{
    platform->on_progress = on_platform;
    platform->progress_context = progress;
}

bool gl_progress_is_new_stage(char **stage, const char *text)
{
    size_t len = strcspn(text, "0123456789");
    gl_autofree char *its = gl_strndup(text, len ? len : strlen(text));
    if (*stage && strcmp(*stage, its) == 0)
        return false;
    free(*stage);
    *stage = gl_steal(&its);
    return true;
}

static void outcome_json(struct gl_progress *progress, const struct gl_release_outcome *outcome)
{
    json_t *object = json_object();
    gl_json_set_str(object, "operation", outcome->operation == GL_ROLLBACK ? "rollback" : "deploy");
    gl_json_set_int(object, "release", outcome->release);
    gl_json_set_int(object, "serving", outcome->serving);
    gl_json_set_int(object, "stopped", outcome->stopped);
    gl_json_set_bool(object, "done", outcome->done);
    gl_json_set_bool(object, "undone", outcome->undone);
    gl_json_set_bool(object, "resumed", outcome->resumed);
    gl_json_set_int(object, "rollback_ms", outcome->rollback_ms);
    gl_json_set_int(object, "elapsed_ms", outcome->elapsed_ms);
    gl_json_set_str(object, "failed_step", outcome->failed_step);
    gl_json_set_bool(object, "taken_back", outcome->taken_back);
    gl_json_set_bool(object, "waits_for_approvals", outcome->waits);
    gl_json_set_str(object, "again", outcome->again);
    set_text(object, "cause", outcome->cause.message);
    set_text(object, "hint", outcome->cause.hint);
    print_json(progress, "outcome", NULL, object);
}

static void outcome_done(const struct gl_progress *progress,
                         const struct gl_release_outcome *outcome)
{
    const char *env_words = gl_config_env_words(progress->config);
    gl_autofree char *elapsed = gl_format_duration((double)outcome->elapsed_ms);
    fprintf(progress->out, _("Release %" PRId64 " serves%s; %s. golive status%s shows it.\n"),
            outcome->release, outcome->resumed ? _(" (resumed)") : "", elapsed, env_words);
    if (outcome->rollback_target)
        fprintf(progress->out, _("golive rollback%s goes back to release %" PRId64 ".\n"),
                env_words, outcome->rollback_target);
}

static bool was_interrupted(const struct gl_release_outcome *outcome)
{
    return outcome->cause.code == GL_E_INTERRUPTED;
}

static void print_interrupted(const struct gl_progress *progress,
                              const struct gl_release_outcome *outcome)
{
    if (outcome->operation == GL_ROLLBACK)
        fprintf(progress->out,
                outcome->taken_back
                    ? _("The rollback to release %" PRId64 " was interrupted and undone.\n")
                    : _("The rollback to release %" PRId64 " was interrupted.\n"),
                outcome->release);
    else
        fprintf(progress->out,
                outcome->taken_back && outcome->serving
                    ? _("Release %" PRId64 " was interrupted and rolled back.\n")
                    : _("Release %" PRId64 " was interrupted.\n"),
                outcome->release);
}

/* Rolled back is only what had been begun to run or to be served. */
static void print_undone(const struct gl_progress *progress,
                         const struct gl_release_outcome *outcome, const char *cause)
{
    if (was_interrupted(outcome))
        print_interrupted(progress, outcome);
    else if (outcome->operation == GL_ROLLBACK)
        fprintf(progress->out,
                outcome->taken_back ? _("The rollback to release %" PRId64 " was undone: %s\n")
                                    : _("The rollback to release %" PRId64 " failed: %s\n"),
                outcome->release, cause);
    else if (outcome->serving && outcome->taken_back)
        fprintf(progress->out, _("Release %" PRId64 " was rolled back: %s\n"), outcome->release,
                cause);
    else
        fprintf(progress->out, _("Release %" PRId64 " failed: %s\n"), outcome->release, cause);
}

static void print_next(const struct gl_progress *progress, const struct gl_release_outcome *outcome)
{
    const char *env_words = gl_config_env_words(progress->config);
    const char *again = outcome->again ? outcome->again : "golive deploy";
    bool interrupted = was_interrupted(outcome);
    if (outcome->serving)
        fprintf(progress->out,
                interrupted ? _("  next   %s begins anew; release %" PRId64 " keeps serving.\n")
                            : _("  next   fix, then %s; release %" PRId64 " keeps serving.\n"),
                again, outcome->serving);
    else if (outcome->stopped)
        fprintf(progress->out,
                _("  next   release %" PRId64 ", which served before, does not serve now; golive "
                  "status%s shows what runs.\n"),
                outcome->stopped, env_words);
    else
        fprintf(progress->out,
                interrupted ? _("  next   %s begins anew; nothing serves yet.\n")
                            : _("  next   fix, then %s; nothing serves yet.\n"),
                again);
}

/* The step has shown all lines of its error already. */
static void outcome_undone(const struct gl_progress *progress,
                           const struct gl_release_outcome *outcome)
{
    gl_autofree char *cause = gl_redact_shown(outcome->cause.message ? outcome->cause.message : "");
    size_t len = strcspn(cause, "\n");
    while (len && strchr(": ", cause[len - 1]))
        len--;
    cause[len] = '\0';
    print_undone(progress, outcome, cause);
    if (outcome->rollback_ms >= 0)
        fprintf(progress->out, _("  old version serving after %" PRId64 " ms\n"),
                outcome->rollback_ms);
    fprintf(progress->out, _("  log    golive log%s --release %" PRId64 "\n"),
            gl_config_env_words(progress->config), outcome->release);
    print_next(progress, outcome);
}

/* The normal course of a promotion, not a mistake: what it waits for, and who is to be asked. */
static void outcome_waits(const struct gl_progress *progress,
                          const struct gl_release_outcome *outcome)
{
    gl_autofree char *what = gl_redact_shown(outcome->cause.message ? outcome->cause.message : "");
    gl_autofree char *next = gl_redact_shown(outcome->cause.hint ? outcome->cause.hint : "");
    fprintf(progress->out, _("Waiting for approvals: %s\n  %s\n"), what, next);
}

void gl_progress_outcome(struct gl_progress *progress, const struct gl_release_outcome *outcome)
{
    if (progress->json)
        outcome_json(progress, outcome);
    else if (outcome->waits)
        outcome_waits(progress, outcome);
    else if (outcome->done)
        outcome_done(progress, outcome);
    else if (outcome->undone)
        outcome_undone(progress, outcome);
}
