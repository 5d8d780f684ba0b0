/* Workflow files are edited by people: merged twice, nothing changes any more. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "generate/blocks.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char fresh[] = "# golive:begin a\na: 1\n# golive:end a\n\n"
                            "  # golive:begin b\n  b: 1\n  # golive:end b\n";

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autofree char *present = gl_strndup(size ? (const char *)data : "", size);
    gl_autofree char *sealed = NULL;
    gl_autoblocks struct gl_blocks_merged once = {0};
    gl_autoblocks struct gl_blocks_merged twice = {0};
    if (gl_blocks_seal(fresh, "fresh", &sealed, NULL) < 0)
        abort();
    if (gl_blocks_merge(sealed, present, "present", false, &once, NULL) < 0)
        return 0;
    if (gl_blocks_merge(sealed, once.text, "present", false, &twice, NULL) < 0 ||
        strcmp(once.text, twice.text) != 0)
        abort();
    return 0;
}
