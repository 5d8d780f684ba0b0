/* Runbooks: each template with what golive.yaml and the alarms of the stacks say. */
#include "generate/runbooks.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "generate/render.h"
#include "generate/runbook_values.h"

/* clang-format off */
/* The templates one after the other, each ended by a NUL, in the order of `files`. */
static const unsigned char texts[] = {
#include "generate/runbooks.inc"
    , 0};
/* clang-format on */

/* As templates/docs/ has them, sorted; meson.build embeds them in this order. */
static const char *const files[] = {
    "docs/contacts.md",
    "docs/rollback.md",
    "docs/runbooks/certificate.md",
    "docs/runbooks/cutover.md",
    "docs/runbooks/db-connections.md",
    "docs/runbooks/high-error-rate.md",
    "docs/runbooks/high-latency.md",
    "docs/runbooks/incident.md",
    "docs/runbooks/oncall.md",
    "docs/runbooks/release.md",
    "docs/runbooks/restore.md",
    "docs/runbooks/rollback.md",
    "docs/runbooks/secret-rotation.md",
    "docs/runbooks/waf.md",
    "docs/slo.md",
};

static const char leads_to[] = "Runbook: ";

/* ---- alarms ------------------------------------------------------------------------------------
 */

void gl_runbook_alarms_done(struct gl_runbook_alarms *alarms)
{
    for (size_t i = 0; i < alarms->count; i++) {
        free(alarms->items[i].name);
        free(alarms->items[i].description);
        free(alarms->items[i].limit);
    }
    free(gl_steal(&alarms->items));
    alarms->count = 0;
}

void gl_runbook_alarms_add(struct gl_runbook_alarms *alarms, const char *name,
                           const char *description, const char *limit)
{
    alarms->items = gl_realloc_array(alarms->items, alarms->count + 1, sizeof *alarms->items);
    alarms->items[alarms->count++] = (struct gl_runbook_alarm){
        .name = gl_strdup(name),
        .description = gl_strdup(description),
        .limit = gl_strdup(limit),
    };
}

/* Where the runbook's path begins in a description, NULL if it leads elsewhere. A URL may stand
 * before the path. */
static const char *find_runbook(const char *description, const char *file)
{
    const char *at = strstr(description, leads_to);
    size_t len = strlen(description);
    size_t of_file = strlen(file);
    return at && len > of_file && strcmp(description + len - of_file, file) == 0 ? at : NULL;
}

static void set_alarms(json_t *values, const struct gl_runbook_alarms *alarms, const char *file)
{
    gl_autobuf struct gl_buf lines = {0};
    for (size_t i = 0; i < alarms->count; i++) {
        const struct gl_runbook_alarm *alarm = &alarms->items[i];
        const char *runbook = find_runbook(alarm->description, file);
        if (!runbook)
            continue;
        gl_buf_printf(&lines, "%s- `%s`: ", lines.len ? "\n" : "", alarm->name);
        size_t len = (size_t)(runbook - alarm->description);
        while (len > 0 && alarm->description[len - 1] == ' ')
            len--;
        gl_buf_add(&lines, alarm->description, len);
        if (alarm->limit)
            gl_buf_printf(&lines, " (%s)", alarm->limit);
    }
    json_object_del(values, "alarms");
    if (lines.len)
        gl_json_set_str(values, "alarms", gl_buf_text(&lines));
}

/* ---- making ------------------------------------------------------------------------------------
 */

static bool is_ours(const char *file)
{
    for (size_t i = 0; i < GL_COUNT(files); i++) {
        if (strcmp(files[i], file) == 0)
            return true;
    }
    return false;
}

static void note_others(const struct gl_config *production, struct gl_strv *notes)
{
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)gl_config_node(production, "observability.alarms"), index, item)
    {
        const char *file = gl_json_str(item, "runbook", NULL);
        if (file && !is_ours(file))
            gl_strv_addf(notes, _("the runbook of the alarm %s, %s, is yours to write"),
                         gl_json_str(item, "id", "?"), file);
    }
}

int gl_runbooks_make(const struct gl_config *production, const struct gl_runbook_alarms *alarms,
                     bool force, struct gl_documents *ret_runbooks, struct gl_error *err)
{
    gl_autodocuments struct gl_documents documents = {0};
    gl_autojson json_t *values = gl_runbook_values(production);
    const char *text = (const char *)texts;
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < GL_COUNT(files); i++, text += strlen(text) + 1) {
        set_alarms(values, alarms, files[i]);
        gl_autofree char *fresh = NULL;
        failed = gl_render(files[i], text, values, NULL, &fresh, err);
        struct gl_document_source source = {gl_config_dir(production), files[i], fresh};
        if (failed == 0)
            failed = gl_documents_add(&documents, &source, force, err);
    }
    if (failed < 0)
        return failed;
    note_others(production, &documents.notes);
    *ret_runbooks = documents;
    documents = (struct gl_documents){0};
    return 0;
}
