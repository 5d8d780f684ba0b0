/* One line a step; JSON lines for programs. */
#include "cmd/progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "release/internal.h"

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

static int columns_of(const char *text)
{
    size_t count = mbstowcs(NULL, text, 0);
    if (count == (size_t)-1)
        return (int)strlen(text);
    gl_autofree wchar_t *wide = gl_alloc((count + 1) * sizeof *wide);
    mbstowcs(wide, text, count + 1);
    int columns = wcswidth(wide, count);
    return columns < 0 ? (int)count : columns;
}

char *gl_pad(const char *text, int columns)
{
    int missing = columns - columns_of(text);
    return gl_asprintf("%s%*s", text, missing > 0 ? missing : 0, "");
}

static void print_line(const struct gl_progress *progress, enum mark mark, const char *name,
                       const char *detail, int64_t elapsed_ms)
{
    gl_autofree char *shown_name = gl_pad(name, NAME_COLUMNS);
    gl_autofree char *shown_detail = gl_pad(detail ? detail : "", DETAIL_COLUMNS);
    gl_autofree char *elapsed =
        elapsed_ms < 0 ? gl_strdup("") : gl_format_duration((double)elapsed_ms);
    if (progress->terminal)
        fputs("\r\033[K", progress->out);
    fprintf(progress->out, "  %s%s%s  %s%s %8s%s", progress->colour ? marks[mark].colour : "",
            marks[mark].text, progress->colour ? "\033[0m" : "", shown_name, shown_detail, elapsed,
            mark == MARK_RUNNING ? "" : "\n");
    fflush(progress->out);
}

static void print_json(const struct gl_progress *progress, const char *event, const char *step,
                       json_t *object)
{
    gl_json_set_str(object, "event", event);
    gl_json_set_str(object, "step", step);
    gl_autofree char *text = gl_json_canonical(object);
    gl_autofree char *masked = gl_redact(text);
    fprintf(progress->out, "%s\n", masked);
    fflush(progress->out);
    json_decref(object);
}

static void on_begin(const struct gl_release *release, void *context)
{
    struct gl_progress *progress = context;
    if (progress->json) {
        json_t *object = json_object();
        gl_json_set_int(object, "pid", getpid());
        gl_json_set_int(object, "release", release->number);
        gl_json_set_int(object, "previous", release->previous);
        gl_json_set_str(object, "version", release->version);
        gl_json_set_str(object, "env", release->env);
        print_json(progress, "begin", NULL, object);
        return;
    }
    const char *what = release->operation == GL_DEPLOY ? "release" : "rollback to release";
    fprintf(progress->out, "%s %s -> %s   %s %" PRId64, gl_config_str(release->config, "app.name"),
            release->version, release->env, what, release->number);
    if (release->previous)
        fprintf(progress->out, _(" (serving: %" PRId64 ")"), release->previous);
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
    gl_autofree char *masked = gl_redact(text);
    gl_autofree char *first_line = gl_strndup(masked, strcspn(masked, "\n"));
    if (strlen(first_line) > 90)
        first_line[90] = '\0';
    print_line(progress, MARK_RUNNING, step->name, first_line, now - progress->step_begun_ms);
}

static void report_end(struct gl_progress *progress, const char *event, const char *name,
                       const char *detail, const struct gl_error *err, int64_t elapsed_ms)
{
    if (progress->json) {
        json_t *object = json_object();
        gl_json_set_bool(object, "ok", !err);
        gl_json_set_str(object, "detail", detail);
        gl_json_set_str(object, "error", err ? err->message : NULL);
        gl_json_set_int(object, "elapsed_ms", elapsed_ms);
        print_json(progress, event, name, object);
        return;
    }
    gl_autofree char *masked = gl_redact(err && err->message ? err->message : detail ? detail : "");
    print_line(progress, err ? MARK_FAILED : MARK_OK, name, masked, elapsed_ms);
    if (err && err->hint)
        fprintf(progress->out, "      %s\n", err->hint);
}

static void on_step_end(const struct gl_step *step, const char *detail, const struct gl_error *err,
                        int64_t elapsed_ms, void *context)
{
    report_end(context, "step_end", step->name, detail, err, elapsed_ms);
}

static void on_undo_end(const struct gl_step *step, const char *detail, const struct gl_error *err,
                        int64_t elapsed_ms, void *context)
{
    gl_autofree char *name = gl_asprintf(_("undo %s"), step->name);
    report_end(context, "undo_end", name, detail, err, elapsed_ms);
}

static void on_step_skipped(const struct gl_step *step, const char *why, void *context)
{
    struct gl_progress *progress = context;
    if (progress->json) {
        json_t *object = json_object();
        gl_json_set_str(object, "why", why);
        print_json(progress, "step_skipped", step->name, object);
        return;
    }
    print_line(progress, MARK_SKIPPED, step->name, why, -1);
}

static void on_step_plan(const struct gl_step *step, const char *what, void *context)
{
    struct gl_progress *progress = context;
    if (progress->json) {
        json_t *object = json_object();
        gl_json_set_str(object, "plan", what);
        print_json(progress, "step_plan", step->name, object);
        return;
    }
    gl_autofree char *name = gl_pad(step->name, NAME_COLUMNS);
    fprintf(progress->out, "      %s%s\n", name, what);
}

static void on_note(const char *text, void *context)
{
    struct gl_progress *progress = context;
    if (progress->json) {
        json_t *object = json_object();
        gl_json_set_str(object, "text", text);
        print_json(progress, "note", NULL, object);
        return;
    }
    fprintf(progress->out, "%s      %s\n", progress->terminal ? "\r\033[K" : "", text);
}

struct gl_reporter gl_progress_reporter(struct gl_progress *progress,
                                        const struct gl_context *context)
{
    *progress = (struct gl_progress){
        .out = context->out,
        .terminal = context->terminal,
        .colour = context->colour,
        .json = context->format_json,
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

static void outcome_json(struct gl_progress *progress, const struct gl_release_outcome *outcome)
{
    json_t *object = json_object();
    gl_json_set_int(object, "release", outcome->release);
    gl_json_set_int(object, "serving", outcome->serving);
    gl_json_set_bool(object, "done", outcome->done);
    gl_json_set_bool(object, "undone", outcome->undone);
    gl_json_set_bool(object, "resumed", outcome->resumed);
    gl_json_set_int(object, "rollback_ms", outcome->rollback_ms);
    gl_json_set_int(object, "elapsed_ms", outcome->elapsed_ms);
    gl_json_set_str(object, "cause", outcome->cause.message);
    print_json(progress, "outcome", NULL, object);
}

void gl_progress_outcome(struct gl_progress *progress, const struct gl_release_outcome *outcome)
{
    if (progress->json) {
        outcome_json(progress, outcome);
        return;
    }
    gl_autofree char *elapsed = gl_format_duration((double)outcome->elapsed_ms);
    if (outcome->done) {
        fprintf(progress->out,
                _("Release %" PRId64 " serves%s; %s. golive status shows it, golive rollback goes "
                  "back.\n"),
                outcome->release, outcome->resumed ? _(" (resumed)") : "", elapsed);
        return;
    }
    if (!outcome->undone || !outcome->cause.message)
        return;
    fprintf(progress->out, _("Release %" PRId64 " was rolled back: %s\n"), outcome->release,
            outcome->cause.message);
    if (outcome->rollback_ms >= 0)
        fprintf(progress->out, _("  old version serving after %" PRId64 " ms\n"),
                outcome->rollback_ms);
    fprintf(progress->out, _("  log    golive log --release %" PRId64 "\n"), outcome->release);
    if (outcome->serving)
        fprintf(progress->out,
                _("  next   fix, then golive deploy; release %" PRId64 " keeps serving.\n"),
                outcome->serving);
    else
        fputs(_("  next   fix, then golive deploy; nothing serves yet.\n"), progress->out);
}
