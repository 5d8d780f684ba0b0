/* Bundles come from other machines: whatever they hold, they are checked without a fault. */
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"
#include "control/gate.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autojson json_t *bundle = NULL;
    if (gl_json_parse((const char *)data, size, "bundle", &bundle, NULL) < 0)
        return 0;
    gl_autojson json_t *verdict =
        gl_gate_verdict(gl_gate_subject(bundle, "stage"), json_object_get(bundle, "controls"),
                        json_object_get(bundle, "problems"));
    (void)!gl_gate_check(bundle, NULL);
    return json_object_get(verdict, "go") ? 0 : (abort(), 0);
}
