/* A check as JUnit XML, as CI servers read it: a section is a suite, a control a case. Failures are
 * exactly what blocks; what else does not pass is skipped, with the reason.
 * https://github.com/testmoapp/junitxml */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/utf8.h"
#include "control/render.h"

struct suite_counts {
    size_t tests, failures, errors, skipped;
    double seconds;
};

static bool is_skipped(const struct gl_control_result *result)
{
    return !result->blocks && result->status != GL_STATUS_PASS;
}

static void count(struct suite_counts *counts, const struct gl_control_result *result)
{
    counts->tests++;
    counts->failures += result->blocks;
    counts->skipped += is_skipped(result);
    counts->seconds += (double)result->took_us / 1e6;
}

static void attribute(struct gl_buf *out, const char *name, const char *value)
{
    gl_buf_printf(out, " %s=\"", name);
    gl_render_escaped(value, out);
    gl_buf_putc(out, '"');
}

static void counts_attributes(struct gl_buf *out, const struct suite_counts *counts)
{
    gl_buf_printf(
        out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.6f\"",
        counts->tests, counts->failures, counts->errors, counts->skipped, counts->seconds);
}

/* ---- a case ------------------------------------------------------------------------------------
 */

static bool explains(const struct gl_control_result *result, const struct gl_finding *finding)
{
    return finding->status >= GL_STATUS_UNKNOWN ||
           (result->status == GL_STATUS_NOT_APPLICABLE && finding->status == result->status);
}

/* The row makes the control what it is. */
static bool tells(const struct gl_control_result *result, const struct gl_finding *finding)
{
    return finding->waived ? result->status == GL_STATUS_WAIVED : finding->status == result->status;
}

struct reasons {
    char *first; /* the message; NULL = none tells */
    bool deferred;
    struct gl_buf all;
};

static void reasons_done(struct reasons *reasons)
{
    free(reasons->first);
    gl_buf_done(&reasons->all);
}

static void add_reason(struct reasons *reasons, const struct gl_control_result *result,
                       const struct gl_rule_result *rule, const struct gl_finding *finding)
{
    gl_autofree char *place = gl_finding_place(finding);
    gl_autofree char *what = gl_finding_text(finding);
    gl_autofree char *line = gl_asprintf("%s%s%s", place ? place : "", place ? " " : "", what);
    gl_buf_printf(&reasons->all, "%s %s\n", gl_status_words[finding->status], line);
    if (tells(result, finding) && (!reasons->first || (reasons->deferred && !rule->deferred))) {
        free(reasons->first);
        reasons->first = gl_steal(&line);
        reasons->deferred = rule->deferred;
    }
}

/* Every row that is not well, one a line; the first that tells is the message, one that waits for
 * the account only where there is no other. */
static void find_reasons(const struct gl_control_result *result, struct reasons *reasons)
{
    for (size_t i = 0; i < result->count; i++) {
        const struct gl_rule_result *rule = &result->rules[i];
        for (size_t k = 0; k < rule->count; k++) {
            if (explains(result, &rule->findings[k]))
                add_reason(reasons, result, rule, &rule->findings[k]);
        }
    }
}

static void outcome(const struct gl_check *check, const struct gl_control_result *result,
                    struct gl_buf *out)
{
    gl_cleanup(reasons_done) struct reasons reasons = {0};
    gl_autofree char *remedy = gl_check_remedy(check, result->control);
    find_reasons(result, &reasons);
    const char *word = gl_status_words[result->status];
    gl_autofree char *message = gl_asprintf("%s: %s", word, reasons.first ? reasons.first : word);
    gl_buf_puts(out, result->blocks ? "      <failure" : "      <skipped");
    attribute(out, "message", message);
    if (!result->blocks) {
        gl_buf_puts(out, "/>\n");
        return;
    }
    attribute(out, "type", gl_severity_words[result->control->severity]);
    gl_buf_puts(out, ">");
    gl_render_escaped(gl_buf_text(&reasons.all), out);
    if (remedy) {
        gl_autofree char *line = gl_asprintf(_("remedy: %s\n"), remedy);
        gl_render_escaped(line, out);
    }
    gl_buf_puts(out, "</failure>\n");
}

static void test_case(const struct gl_check *check, const struct gl_control_result *result,
                      struct gl_buf *out)
{
    const struct gl_control *control = result->control;
    gl_autofree char *title = gl_utf8_line(gl_control_title(control));
    gl_autofree char *name = gl_asprintf("%s %s", control->id, title);
    gl_autofree char *class = gl_asprintf("golive.%s", check->env);
    gl_buf_puts(out, "    <testcase");
    attribute(out, "classname", class);
    attribute(out, "name", name);
    attribute(out, "file", control->file);
    gl_buf_printf(out, " time=\"%.6f\"", (double)result->took_us / 1e6);
    if (!result->blocks && !is_skipped(result)) {
        gl_buf_puts(out, "/>\n");
        return;
    }
    gl_buf_puts(out, ">\n");
    outcome(check, result, out);
    gl_buf_puts(out, "    </testcase>\n");
}

/* ---- suites ------------------------------------------------------------------------------------
 */

static void suite(const struct gl_check *check, const struct gl_section *section, size_t begin,
                  size_t end, struct gl_buf *out)
{
    struct suite_counts counts = {0};
    gl_autofree char *name =
        gl_asprintf("%s%s%s", section->id, *section->id ? " " : "", gl_section_title(section));
    for (size_t i = begin; i < end; i++)
        count(&counts, &check->items[i]);
    gl_buf_puts(out, "  <testsuite");
    attribute(out, "name", name);
    counts_attributes(out, &counts);
    gl_buf_puts(out, ">\n");
    for (size_t i = begin; i < end; i++)
        test_case(check, &check->items[i], out);
    gl_buf_puts(out, "  </testsuite>\n");
}

static void error_cases(const struct gl_check *check, const struct gl_problems *problems,
                        struct gl_buf *out)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct gl_error *problem = &problems->items[i];
        gl_autofree char *class = gl_asprintf("golive.%s", check->env);
        gl_buf_puts(out, "    <testcase");
        attribute(out, "classname", class);
        attribute(out, "name", problem->file ? problem->file : problem->message);
        if (problem->file)
            attribute(out, "file", problem->file);
        gl_buf_puts(out, " time=\"0\">\n      <error");
        attribute(out, "message", problem->message);
        gl_buf_puts(out, "/>\n    </testcase>\n");
    }
}

/* What could not be judged is an error, not a failure. */
static void error_suite(const struct gl_check_view *view, struct gl_buf *out)
{
    const size_t errors = view->check->errors;
    const struct suite_counts counts = {.tests = errors, .errors = errors};
    if (errors == 0)
        return;
    gl_buf_puts(out, "  <testsuite name=\"golive\"");
    counts_attributes(out, &counts);
    gl_buf_puts(out, ">\n");
    error_cases(view->check, view->problems, out);
    error_cases(view->check, &view->check->broken, out);
    gl_buf_puts(out, "  </testsuite>\n");
}

void gl_check_junit(const struct gl_check_view *view, struct gl_buf *out)
{
    const struct gl_check *check = view->check;
    struct suite_counts counts = {.tests = check->errors, .errors = check->errors};
    for (size_t i = 0; i < check->count; i++)
        count(&counts, &check->items[i]);
    gl_buf_puts(out,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"golive check\"");
    counts_attributes(out, &counts);
    gl_buf_puts(out, ">\n");
    for (size_t begin = 0, end; begin < check->count; begin = end) {
        const struct gl_section *section = gl_control_section(check->items[begin].control->id);
        for (end = begin; end < check->count; end++) {
            if (gl_control_section(check->items[end].control->id) != section)
                break;
        }
        suite(check, section, begin, end, out);
    }
    error_suite(view, out);
    gl_buf_puts(out, "</testsuites>\n");
}
