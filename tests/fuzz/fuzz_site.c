/* The manifest and the record of the frontend as a bucket may hold them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "platform/aws/site_manifest.h"
#include "platform/aws/site_record.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read is written again: our own text must be readable, and the same. */
static void manifest(const char *text, size_t size)
{
    gl_autoerr struct gl_error err = {0};
    gl_autositemanifest struct gl_site_manifest first = {0};
    gl_autositemanifest struct gl_site_manifest second = {0};
    if (gl_site_manifest_parse(text, size, "fuzz", 7, &first, &err) < 0)
        return;
    for (size_t i = 0; i < first.count; i++) {
        if (gl_site_manifest_find(&first, first.files[i].path) != &first.files[i] ||
            strpbrk(first.files[i].type, "\r\n") || strpbrk(first.files[i].path, "\r\n"))
            abort();
    }
    gl_autofree char *written = gl_site_manifest_text(&first);
    if (gl_site_manifest_parse(written, strlen(written), "again", 7, &second, &err) < 0 ||
        second.count != first.count)
        abort();
}

static void record(const char *text, size_t size)
{
    gl_autoerr struct gl_error err = {0};
    gl_autositerecord struct gl_site_record first = {0};
    gl_autositerecord struct gl_site_record second = {0};
    if (gl_site_record_parse(text, size, "fuzz", &first, &err) < 0)
        return;
    gl_autofree char *written = gl_site_record_text(&first);
    if (gl_site_record_parse(written, strlen(written), "again", &second, &err) < 0 ||
        second.release != first.release || second.switching != first.switching ||
        second.next != first.next || second.stale.count != first.stale.count)
        abort();
}

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = size ? (const char *)data : "";
    manifest(text, size);
    record(text, size);
    return 0;
}
