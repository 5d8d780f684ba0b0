/* What renderers share. */
#include "control/render.h"

#include <string.h>

#include "base/i18n.h"
#include "base/utf8.h"

struct gl_phase_count gl_check_phase(const struct gl_check *check, int phase)
{
    struct gl_phase_count count = {0};
    for (size_t i = 0; i < check->count; i++) {
        if (check->items[i].control->phase != phase)
            continue;
        count.total++;
        count.closed += check->items[i].status < GL_STATUS_UNKNOWN;
    }
    return count;
}

const char *gl_status_label(enum gl_status status)
{
    static const char *const labels[GL_STATUS_COUNT] = {
        [GL_STATUS_NOT_APPLICABLE] = N_("n/a"), [GL_STATUS_PASS] = N_("pass"),
        [GL_STATUS_WAIVED] = N_("waived"),      [GL_STATUS_UNKNOWN] = N_("unknown"),
        [GL_STATUS_FAIL] = N_("FAIL"),
    };
    return _(labels[status]);
}

char *gl_finding_place(const struct gl_finding *finding)
{
    if (!finding->file)
        return NULL;
    gl_autofree char *file = gl_utf8_line(finding->file);
    return finding->line ? gl_asprintf("%s:%u", file, finding->line) : gl_steal(&file);
}

char *gl_finding_text(const struct gl_finding *finding)
{
    gl_autofree char *resource = gl_utf8_line(finding->resource);
    gl_autofree char *reason = gl_utf8_line(finding->reason);
    const char *between = *resource && *reason ? ": " : "";
    return gl_asprintf("%s%s%s", resource, between, reason);
}

char *gl_check_remedy(const struct gl_check *check, const struct gl_control *control)
{
    static const char hole[] = "{env}";
    const char *text = gl_control_remedy(control);
    if (!text)
        return NULL;
    gl_autobuf struct gl_buf filled = {0};
    const char *next;
    for (; (next = strstr(text, hole)); text = next + strlen(hole)) {
        gl_buf_add(&filled, text, (size_t)(next - text));
        gl_buf_puts(&filled, check->env);
    }
    gl_buf_puts(&filled, text);
    return gl_buf_steal(&filled);
}

bool gl_finding_is_open(const struct gl_finding *finding)
{
    return finding->status == GL_STATUS_FAIL && !finding->waived && !finding->known &&
           !finding->outside;
}
