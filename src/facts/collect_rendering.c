/* Facts of generated documents: each as golive would leave it. */
#include <string.h>

#include "base/hash.h"
#include "base/i18n.h"
#include "facts/alarm.h"
#include "facts/internal.h"

/* The environment that the runbooks are of. */
static const char production[] = "prod";

static void write_document(struct gl_rows *rows, const struct gl_document *document)
{
    const char *text = document->merged.text;
    char sha256[GL_SHA256_HEX_SIZE];
    gl_autofree char *touched = gl_strv_join(&document->merged.conflicts, ", ");
    gl_sha256_hex(text, strlen(text), sha256);
    gl_rows_text(rows, document->file);
    gl_rows_text(rows, sha256);
    gl_rows_text(rows, document->state == GL_DOCUMENT_FOREIGN ? "(all)"
                       : *touched                             ? touched
                                                              : NULL);
    gl_rows_add(rows);
}

int gl_collect_rendering(const struct gl_collecting *c, struct gl_error *err)
{
    gl_autoalarms struct gl_runbook_alarms alarms = {0};
    gl_autodocuments struct gl_documents documents = {0};
    struct gl_rows rows;
    if (strcmp(c->env, production) != 0)
        return gl_fail(err, GL_E_NOT_FOUND, _("the documents are those of %s"), production);
    if (c->request->templates)
        return gl_fail(err, GL_E_NOT_FOUND, _("the alarms are not those of the project's stacks"));
    int failed = gl_facts_alarms(c->db, &alarms, err);
    if (failed == 0)
        failed = gl_runbooks_make(c->request->config, &alarms, false, &documents, err);
    if (failed < 0)
        return failed;
    gl_rows_open(c->db, "rendering", &rows, err);
    for (size_t i = 0; i < documents.count; i++)
        write_document(&rows, &documents.items[i]);
    return gl_rows_done(&rows);
}
