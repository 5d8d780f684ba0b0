/* Files that golive generates: as they should be, beside what is there. Parts of them are golive's,
 * the rest belongs to whoever edits them (blocks.h). */
#ifndef GL_GENERATE_DOCUMENT_H
#define GL_GENERATE_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strv.h"
#include "generate/blocks.h"

enum gl_document_state {
    GL_DOCUMENT_NEW,     /* there is no such file */
    GL_DOCUMENT_SAME,    /* it is as it should be */
    GL_DOCUMENT_CHANGES, /* it would be written */
    GL_DOCUMENT_FOREIGN, /* there is one without any mark: not golive's */
};

struct gl_document {
    char *file; /* relative: ".github/workflows/ci.yml", "docs/runbooks/incident.md" */
    char *path; /* absolute */
    enum gl_document_state state;
    char *present;                  /* what is there; NULL = no file */
    struct gl_blocks_merged merged; /* what would be there, and the conflicts */
};

struct gl_documents {
    struct gl_document *items;
    size_t count;
    struct gl_strv notes; /* what golive.yaml asks for and no file does, in the user's language */
};

void gl_documents_done(struct gl_documents *documents);
#define gl_autodocuments gl_cleanup(gl_documents_done)

/* One file as golive makes it; everything is borrowed. */
struct gl_document_source {
    const char *dir; /* that `file` is relative to */
    const char *file;
    const char *text; /* with marks, not sealed */
};

/* Merges it with what is there and adds it. With `force` conflicts and foreign files are replaced.
 * GL_E_CONFIG with the line for marks in the file that do not fit. */
gl_nodiscard int gl_documents_add(struct gl_documents *documents,
                                  const struct gl_document_source *source, bool force,
                                  struct gl_error *err);

/* Writes it, if there is something to write; foreign files stay as they are. */
gl_nodiscard int gl_document_write(const struct gl_document *document, struct gl_error *err);

#endif
