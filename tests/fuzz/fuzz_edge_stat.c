/* The answer to HAProxy's "show stat". */
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "platform/local/edge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autofree char *csv = gl_strndup((const char *)data, size);
    (void)gl_edge_stat_find(csv, "app", "blue");
    return 0;
}
