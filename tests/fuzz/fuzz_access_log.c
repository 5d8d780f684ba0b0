/* The edge's access log: paths and methods in it come from strangers. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "platform/local/access_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autofree char *text = gl_strndup((const char *)data, size);
    struct gl_access_line line = {0};
    if (gl_access_line_parse(text, &line) && (!line.path || line.elapsed_us < -1))
        abort();
    return 0;
}
