/* Sources come with whatever repository is looked at. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "prove/queries.h"
#include "prove/rust.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autofree char *text = gl_strndup("", 0);
    text = gl_realloc_array(text, size + 1, 1);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    struct gl_rust_scanner scanner = {.text = text, .len = size};
    size_t end = 0;
    for (struct gl_rust_token token = gl_rust_next(&scanner); token.kind != GL_RUST_END;
         token = gl_rust_next(&scanner)) {
        if (token.len == 0 || token.pos < end || token.pos + token.len > size)
            abort();
        end = token.pos + token.len;
    }
    gl_autoqueries struct gl_queries queries = {0};
    gl_queries_read_rust(text, size, "/nowhere", "a.rs", &queries);
    return 0;
}
