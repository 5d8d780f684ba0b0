/* A check for people: failures first, then what is unknown, each by sections. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "control/render.h"

enum {
    FINDINGS_SHOWN = 8, /* of a control, without --verbose */
    REASONS_SHOWN = 2,  /* of an unknown control */
    WHYS_SHOWN = 10,    /* of all that is unknown and does not block */
    TITLE_COLUMNS = 60, /* up to the severity */
    BAR = 10,
};

struct text_view {
    const struct gl_check_view *view;
    const struct gl_check *check;
    struct gl_buf *out;
};

static const char *const colours[GL_STATUS_COUNT] = {
    [GL_STATUS_FAIL] = "\033[1;31m",        [GL_STATUS_UNKNOWN] = "\033[33m",
    [GL_STATUS_WAIVED] = "\033[36m",        [GL_STATUS_PASS] = "\033[32m",
    [GL_STATUS_NOT_APPLICABLE] = "\033[2m",
};

static const char *paint(const struct text_view *text, const char *sequence)
{
    return text->view->colour ? sequence : "";
}

/* ---- a control ---------------------------------------------------------------------------------
 */

static void control_line(const struct text_view *text, const struct gl_control_result *result)
{
    const struct gl_control *control = result->control;
    gl_autofree char *mark = gl_utf8_pad(gl_status_label(result->status), 8);
    gl_autofree char *line = gl_utf8_line(gl_control_title(control));
    gl_autofree char *title = gl_utf8_pad(line, TITLE_COLUMNS);
    const char *severity = gl_severity_words[control->severity];
    gl_buf_printf(text->out, "  %s%s%s %-8s %s  ", paint(text, colours[result->status]), mark,
                  paint(text, "\033[0m"), control->id, title);
    gl_buf_printf(text->out, result->blocks ? _("%s, blocks\n") : "%s\n", severity);
}

/* The caller owns it. */
static char *line_of(const struct gl_finding *finding)
{
    gl_autofree char *place = gl_finding_place(finding);
    gl_autofree char *what = gl_finding_text(finding);
    return gl_asprintf("%s%s%s", place ? place : "", place ? "  " : "", what);
}

static void finding_line(const struct text_view *text, const struct gl_finding *finding)
{
    gl_autofree char *line = line_of(finding);
    gl_autofree char *evidence = gl_utf8_line(finding->evidence);
    gl_autofree char *mark = gl_utf8_pad(gl_status_label(finding->status), 8);
    gl_buf_printf(text->out, "           %s%s%s%s%s%s%s\n", text->view->verbose ? mark : "",
                  text->view->verbose ? " " : "", line, *evidence ? " (" : "", evidence,
                  *evidence ? ")" : "",
                  finding->known     ? _("  [in the baseline]")
                  : finding->waived  ? _("  [waived]")
                  : finding->outside ? _("  [unchanged]")
                                     : "");
}

/* All rows with --verbose; else failures that are open, or why it is unknown: what waits for the
 * account only where nothing else does. */
static bool is_shown(const struct text_view *text, const struct gl_control_result *result,
                     const struct gl_rule_result *rule, const struct gl_finding *finding)
{
    if (text->view->verbose)
        return true;
    if (result->status == GL_STATUS_FAIL && !gl_rule_is_broken(rule))
        return gl_finding_is_open(finding);
    return finding->status == GL_STATUS_UNKNOWN && !finding->waived && !rule->deferred;
}

/* "ledger: there is none" for each of five rules is one thing to know. */
static bool is_new(struct gl_strv *said, const struct gl_finding *finding)
{
    gl_autofree char *line = line_of(finding);
    if (gl_strv_has(said, line))
        return false;
    gl_strv_add(said, line);
    return true;
}

static void findings(const struct text_view *text, const struct gl_control_result *result)
{
    gl_autostrv struct gl_strv said = {0};
    size_t more = 0;
    size_t most = result->status == GL_STATUS_FAIL ? FINDINGS_SHOWN : REASONS_SHOWN;
    for (size_t i = 0; i < result->count; i++) {
        const struct gl_rule_result *rule = &result->rules[i];
        for (size_t k = 0; k < rule->count; k++) {
            const struct gl_finding *finding = &rule->findings[k];
            if (!is_shown(text, result, rule, finding) || !is_new(&said, finding))
                continue;
            if (text->view->verbose || said.count <= most)
                finding_line(text, finding);
            else
                more++;
        }
    }
    if (more)
        gl_buf_printf(text->out, _("           and %zu more (--verbose)\n"), more);
}

/* An answer that only a person can give is what is missing. */
static bool waits_for_person(const struct gl_control_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        const struct gl_rule_result *rule = &result->rules[i];
        if (rule->status == GL_STATUS_UNKNOWN && !rule->rule->sql &&
            gl_strv_has(&rule->rule->sources, "attestation"))
            return true;
    }
    return false;
}

static void show_control(const struct text_view *text, const struct gl_control_result *result)
{
    const struct gl_control *control = result->control;
    control_line(text, result);
    findings(text, result);
    gl_autofree char *sign =
        gl_asprintf("golive attest %s --env %s", control->id, text->check->env);
    gl_autofree char *remedy = gl_check_remedy(text->check, control);
    gl_autofree char *shown = gl_utf8_lines(remedy);
    if (remedy && result->status == GL_STATUS_FAIL)
        gl_buf_printf(text->out, _("           remedy: %s\n"), shown);
    else if (result->status == GL_STATUS_UNKNOWN && result->blocks && waits_for_person(result))
        gl_buf_printf(text->out, _("           remedy: %s\n"), sign);
}

/* ---- by sections -------------------------------------------------------------------------------
 */

/* Nothing is known of it, because all of it needs the account: that is no news. */
static bool all_deferred(const struct gl_control_result *result)
{
    return result->status == GL_STATUS_UNKNOWN && result->deferred == result->count;
}

/* What is unknown and does not block is put together by why_unknown(). */
static bool has_line(const struct text_view *text, const struct gl_control_result *result)
{
    if (text->view->verbose || text->view->each)
        return true;
    return result->status == GL_STATUS_FAIL ||
           (result->status == GL_STATUS_UNKNOWN && result->blocks);
}

/* The order of weight: what fails, what is unknown, all else. */
static int part_of(const struct gl_control_result *result)
{
    return result->status == GL_STATUS_FAIL ? 0 : result->status == GL_STATUS_UNKNOWN ? 1 : 2;
}

static void show_heading(const struct text_view *text, const struct gl_section *section)
{
    gl_buf_printf(text->out, "%s%s%s%s%s\n", paint(text, "\033[1m"), section->id,
                  *section->id ? " " : "", gl_section_title(section), paint(text, "\033[0m"));
}

static void show_part(const struct text_view *text, int part)
{
    const struct gl_section *last = NULL;
    for (size_t i = 0; i < text->check->count; i++) {
        const struct gl_control_result *result = &text->check->items[i];
        const struct gl_section *section = gl_control_section(result->control->id);
        if (part_of(result) != part || !has_line(text, result))
            continue;
        if (!last)
            gl_buf_putc(text->out, '\n');
        if (section != last)
            show_heading(text, section);
        last = section;
        show_control(text, result);
    }
}

/* ---- why the others are unknown ----------------------------------------------------------------
 */

/* A reason, and how many controls are unknown for it. */
struct why {
    char *line;
    size_t controls;
    size_t last; /* of them, its index + 1: each counts once */
};

struct whys {
    struct why *items;
    size_t count;
    size_t controls;
};

static void whys_done(struct whys *whys)
{
    for (size_t i = 0; i < whys->count; i++)
        free(whys->items[i].line);
    free(whys->items);
}

static struct why *find_why(struct whys *whys, char *line)
{
    gl_autofree char *own = line;
    for (size_t i = 0; i < whys->count; i++) {
        if (strcmp(whys->items[i].line, line) == 0)
            return &whys->items[i];
    }
    whys->items = gl_realloc_array(whys->items, whys->count + 1, sizeof *whys->items);
    struct why *why = &whys->items[whys->count++];
    *why = (struct why){.line = gl_steal(&own)};
    return why;
}

static void add_whys(struct whys *whys, const struct text_view *text, size_t index)
{
    const struct gl_control_result *result = &text->check->items[index];
    for (size_t i = 0; i < result->count; i++) {
        const struct gl_rule_result *rule = &result->rules[i];
        for (size_t k = 0; k < rule->count; k++) {
            if (!is_shown(text, result, rule, &rule->findings[k]))
                continue;
            struct why *why = find_why(whys, line_of(&rule->findings[k]));
            why->controls += why->last != index + 1;
            why->last = index + 1;
        }
    }
}

static int by_controls(const void *left, const void *right)
{
    const struct why *a = left;
    const struct why *b = right;
    if (a->controls != b->controls)
        return a->controls < b->controls ? 1 : -1;
    return strcmp(a->line, b->line);
}

/* "There is no ledger here yet" for fifty controls is one thing to know. */
static void why_unknown(const struct text_view *text)
{
    gl_cleanup(whys_done) struct whys whys = {0};
    for (size_t i = 0; i < text->check->count; i++) {
        const struct gl_control_result *result = &text->check->items[i];
        if (result->status != GL_STATUS_UNKNOWN || has_line(text, result) || all_deferred(result))
            continue;
        whys.controls++;
        add_whys(&whys, text, i);
    }
    if (whys.count == 0 || text->check->since)
        return;
    qsort(whys.items, whys.count, sizeof *whys.items, by_controls);
    gl_buf_printf(
        text->out,
        ngettext("\n%zu control is unknown and does not block yet (--verbose names it):\n",
                 "\n%zu controls are unknown and do not block yet (--verbose names "
                 "them):\n",
                 whys.controls),
        whys.controls);
    for (size_t i = 0; i < whys.count && i < WHYS_SHOWN; i++)
        gl_buf_printf(text->out, "  %7zu  %s\n", whys.items[i].controls, whys.items[i].line);
    if (whys.count > WHYS_SHOWN)
        gl_buf_printf(text->out, _("           and %zu more (--verbose)\n"),
                      whys.count - WHYS_SHOWN);
}

/* ---- notes: ejected controls, waivers, controls that could not be read -------------------------
 */

static void waiver_notes(const struct text_view *text)
{
    for (size_t i = 0; i < text->check->waiver_count; i++) {
        const struct gl_waiver *waiver = &text->check->waivers[i];
        gl_autofree char *flaw = gl_utf8_line(waiver->flaw);
        gl_autofree char *control = gl_utf8_line(waiver->control);
        gl_autofree char *file = gl_utf8_line(waiver->file ? waiver->file : "golive.yaml");
        const char *why = waiver->flaw                       ? flaw
                          : waiver->checked && !waiver->used ? _("it matches nothing: remove it")
                                                             : NULL;
        if (!why || (text->view->each && !waiver->checked))
            continue;
        gl_buf_printf(text->out, _("Waiver of %s (%s:%u) does not count: %s\n"), control, file,
                      waiver->line, why);
    }
}

static void ejected_notes(const struct text_view *text)
{
    for (size_t i = 0; i < text->check->count; i++) {
        const struct gl_control *control = text->check->items[i].control;
        if (control->origin != GL_CONTROL_EJECTED)
            continue;
        gl_autofree char *file = gl_utf8_line(control->file);
        gl_buf_printf(text->out, _("Ejected: %s takes the place of the shipped control %s.\n"),
                      file, control->id);
    }
}

static void problem_notes(const struct text_view *text)
{
    const struct gl_problems *problems = text->view->problems;
    for (size_t i = 0; i < problems->count; i++) {
        const struct gl_error *problem = &problems->items[i];
        gl_autofree char *file = gl_utf8_line(problem->file);
        gl_autofree char *message = gl_utf8_line(problem->message);
        gl_autofree char *hint = gl_utf8_line(problem->hint);
        gl_buf_printf(text->out, "%s:%u:%u: %s%s%s\n", file, problem->line, problem->column,
                      message, *hint ? "; " : "", hint);
    }
    if (problems->count)
        gl_buf_printf(text->out, _("These controls were left out.\n"));
    for (size_t i = 0; i < text->check->broken.count; i++) {
        gl_autofree char *line = gl_utf8_line(text->check->broken.items[i].message);
        gl_buf_printf(text->out, "%s\n", line);
    }
}

/* ---- the summary -------------------------------------------------------------------------------
 */

static void phase_bars(const struct text_view *text)
{
    for (int phase = 0; phase < GL_PHASE_COUNT; phase++) {
        struct gl_phase_count count = gl_check_phase(text->check, phase);
        size_t filled = count.total ? count.closed * BAR / count.total : 0;
        gl_buf_puts(text->out, phase ? "   " : "");
        gl_buf_printf(text->out, phase ? "%d" : _("Phase %d"), phase);
        gl_buf_printf(text->out, " %s", paint(text, "\033[32m"));
        for (size_t i = 0; i < BAR; i++) {
            if (i == filled)
                gl_buf_puts(text->out, paint(text, "\033[0m"));
            gl_buf_putc(text->out, i < filled ? '#' : '.');
        }
        gl_buf_printf(text->out, "%s %zu/%zu", paint(text, "\033[0m"), count.closed, count.total);
    }
    gl_buf_putc(text->out, '\n');
}

static void counts_line(const struct text_view *text)
{
    const struct gl_check_counts *counts = &text->check->counts;
    gl_buf_printf(text->out,
                  ngettext("%zu pass   %zu fail   %zu unknown   %zu waived   %zu not "
                           "applicable   %zu rule needs --live\n",
                           "%zu pass   %zu fail   %zu unknown   %zu waived   %zu not "
                           "applicable   %zu rules need --live\n",
                           counts->deferred),
                  counts->status[GL_STATUS_PASS], counts->status[GL_STATUS_FAIL],
                  counts->status[GL_STATUS_UNKNOWN], counts->status[GL_STATUS_WAIVED],
                  counts->status[GL_STATUS_NOT_APPLICABLE], counts->deferred);
    if (counts->known)
        gl_buf_printf(text->out,
                      ngettext("Baseline: %zu known failure does not block\n",
                               "Baseline: %zu known failures do not block\n", counts->known),
                      counts->known);
    if (counts->mended)
        gl_buf_printf(text->out,
                      ngettext("Baseline: %zu failure is mended (--write-baseline writes it "
                               "anew)\n",
                               "Baseline: %zu failures are mended (--write-baseline writes it "
                               "anew)\n",
                               counts->mended),
                      counts->mended);
    if (counts->outside)
        gl_buf_printf(text->out,
                      ngettext("%zu failure is in a file that did not change\n",
                               "%zu failures are in files that did not change\n", counts->outside),
                      counts->outside);
}

static const struct gl_control *first_blocking(const struct gl_check *check)
{
    const struct gl_control *first = NULL;
    for (size_t i = 0; i < check->count; i++) {
        const struct gl_control *control = check->items[i].control;
        if (check->items[i].blocks && (!first || control->severity > first->severity))
            first = control;
    }
    return first;
}

static void next_line(const struct text_view *text)
{
    const struct gl_check_counts *counts = &text->check->counts;
    const struct gl_control *first = first_blocking(text->check);
    if (text->check->errors)
        gl_buf_printf(text->out,
                      ngettext("%zu mistake (above) keeps something from being judged: that "
                               "blocks.\n",
                               "%zu mistakes (above) keep something from being judged: that "
                               "blocks.\n",
                               text->check->errors),
                      text->check->errors);
    if (!first && text->check->errors)
        return;
    if (!first)
        gl_buf_printf(text->out, _("Nothing blocks the stage `%s`.\n"),
                      gl_stage_words[text->check->stage]);
    else
        gl_buf_printf(text->out,
                      ngettext("%zu control blocks (%zu critical). Next: golive check "
                               "--explain %s\n",
                               "%zu controls block (%zu critical). Next: golive check "
                               "--explain %s\n",
                               counts->blocking),
                      counts->blocking, counts->critical, first->id);
}

void gl_check_text(const struct gl_check_view *view, struct gl_buf *out)
{
    struct text_view text = {.view = view, .check = view->check, .out = out};
    gl_autofree char *took = gl_format_duration((double)view->took_us / 1000);
    gl_buf_printf(out,
                  ngettext("%s, %s, offline          %zu control   %s\n",
                           "%s, %s, offline          %zu controls   %s\n", view->check->count),
                  view->check->app, view->check->env, view->check->count, took);
    for (int part = 0; part < 3; part++)
        show_part(&text, part);
    why_unknown(&text);
    gl_buf_putc(out, '\n');
    ejected_notes(&text);
    problem_notes(&text);
    waiver_notes(&text);
    phase_bars(&text);
    counts_line(&text);
    next_line(&text);
}
