/* Generated files: merged with what is there, written. */
#include "generate/document.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"

enum { FILE_BYTES_MAX = 1 << 20 };

static void document_done(struct gl_document *document)
{
    free(gl_steal(&document->file));
    free(gl_steal(&document->path));
    free(gl_steal(&document->present));
    gl_blocks_merged_done(&document->merged);
}

void gl_documents_done(struct gl_documents *documents)
{
    for (size_t i = 0; i < documents->count; i++)
        document_done(&documents->items[i]);
    free(gl_steal(&documents->items));
    documents->count = 0;
    gl_strv_done(&documents->notes);
}

static int read_present(struct gl_document *document, struct gl_error *err)
{
    gl_autobuf struct gl_buf text = {0};
    if (!gl_path_exists(document->path))
        return 0;
    int failed = gl_read_file(document->path, FILE_BYTES_MAX, &text, err);
    if (failed == 0)
        document->present = gl_buf_steal(&text);
    return failed;
}

static enum gl_document_state state_of(const struct gl_document *document, bool force)
{
    if (!document->present)
        return GL_DOCUMENT_NEW;
    if (!gl_blocks_has_marks(document->present) && !force)
        return GL_DOCUMENT_FOREIGN;
    return strcmp(document->present, document->merged.text) == 0 ? GL_DOCUMENT_SAME
                                                                 : GL_DOCUMENT_CHANGES;
}

static int make(struct gl_document *document, const char *text, bool force, struct gl_error *err)
{
    gl_autofree char *sealed = NULL;
    int failed = gl_blocks_seal(text, document->file, &sealed, err);
    if (failed == 0)
        failed = read_present(document, err);
    if (failed < 0)
        return failed;
    bool anew = force && document->present && !gl_blocks_has_marks(document->present);
    failed = gl_blocks_merge(sealed, anew ? NULL : document->present, document->path, force,
                             &document->merged, err);
    if (failed == 0)
        document->state = state_of(document, force);
    return failed;
}

int gl_documents_add(struct gl_documents *documents, const struct gl_document_source *source,
                     bool force, struct gl_error *err)
{
    struct gl_document document = {
        .file = gl_strdup(source->file),
        .path = gl_path_join(source->dir, source->file),
    };
    int failed = make(&document, source->text, force, err);
    if (failed < 0) {
        document_done(&document);
        return failed;
    }
    documents->items =
        gl_realloc_array(documents->items, documents->count + 1, sizeof *documents->items);
    documents->items[documents->count++] = document;
    return 0;
}

int gl_document_write(const struct gl_document *document, struct gl_error *err)
{
    gl_autofree char *dir = gl_path_dir(document->path);
    if (document->state == GL_DOCUMENT_SAME || document->state == GL_DOCUMENT_FOREIGN)
        return 0;
    int failed = gl_mkdir_p(dir, 0755, err);
    return failed < 0 ? failed : gl_write_text(document->path, document->merged.text, 0644, err);
}
