/* Manifests of cargo come with whatever repository is judged. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "facts/repo.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add(const char *path, const char *value, unsigned line, void *context)
{
    unsigned *last = context;
    if (!path || !value || line < *last)
        abort();
    *last = line;
}

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autofree char *text = gl_strndup((const char *)data, size);
    unsigned last = 1;
    gl_toml_read(text, add, &last);
    return 0;
}
