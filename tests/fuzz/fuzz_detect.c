/* Files of a repository from bytes: Cargo.toml, Rust, JavaScript: never a crash. */
#include <stdint.h>
#include <stdlib.h>

#include "config/cargo.h"
#include "config/internal.h"
#include "config/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autofree char *text = gl_strndup((const char *)data, size);
    gl_autocargo struct gl_cargo cargo = {0};
    gl_cargo_parse(text, &cargo);
    gl_autodetected struct gl_detected found = {0};
    gl_detect_rust(text, "src/main.rs", &found);
    gl_detect_script(text, "src/app.ts", &found);
    return 0;
}
