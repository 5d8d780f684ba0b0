/* Statements lie in a ledger that others can write: what is read is byte for byte what is written.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "release/statement.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autostatement struct gl_statement statement = {0};
    if (gl_statement_read((const char *)data, size, &statement, NULL) < 0)
        return 0;
    gl_autofree char *again = gl_statement_text(&statement);
    if (strlen(again) != size || memcmp(again, data, size) != 0 ||
        gl_statement_difference(&statement, &statement))
        abort();
    return 0;
}
