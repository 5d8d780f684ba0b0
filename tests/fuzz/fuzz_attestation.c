/* Attestations lie in a ledger that others can write: what is read is byte for byte what is
 * written. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "facts/attestation.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autoattestation struct gl_attestation attestation = {0};
    if (gl_attestation_read((const char *)data, size, &attestation, NULL) < 0)
        return 0;
    gl_autofree char *again = gl_attestation_text(&attestation);
    if (strlen(again) != size || memcmp(again, data, size) != 0 ||
        !gl_attestation_fits(attestation.note))
        abort();
    return 0;
}
