/* Pages, scripts and style sheets of any site. The first byte chooses the type. */
#include <stddef.h>
#include <stdint.h>

#include "release/references.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {"text/html", "text/css", "text/javascript", ""};
    if (!size)
        return 0;
    gl_autostrv struct gl_strv paths = {0};
    gl_autofree char *text = gl_strndup((const char *)data + 1, size - 1);
    gl_references_find(text, size - 1, types[data[0] % GL_COUNT(types)], "/a/b.html", &paths);
    for (size_t i = 0; i < paths.count; i++) {
        if (paths.items[i][0] != '/')
            __builtin_trap();
    }
    return 0;
}
