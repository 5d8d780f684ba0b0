/* Names of migration files. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "migrate/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autofree char *name = gl_strndup((const char *)data, size);
    gl_autofree char *description = NULL;
    gl_autoerr struct gl_error err = {0};
    enum gl_migration_file kind = GL_MIGRATION_FILE_OTHER;
    int64_t version = 0;
    int failed = gl_migration_name_read(name, &kind, &version, &description, &err);
    if (failed < 0 ? !err.hint || description : (kind == GL_MIGRATION_FILE_UP) != !!description)
        abort();
    return 0;
}
