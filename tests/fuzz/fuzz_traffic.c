/* Queries of the replayed traffic: whatever the file holds, every unit is a text of it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trace/client.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autofree char *text = gl_strndup((const char *)data, size);
    gl_autostrv struct gl_strv units = {0};
    gl_traffic_split(text, strlen(text), &units);
    for (size_t i = 0; i < units.count; i++) {
        if (!units.items[i][0])
            abort();
    }
    return 0;
}
