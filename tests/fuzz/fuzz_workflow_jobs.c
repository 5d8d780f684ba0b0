/* Workflows of the repository: people write them, and golive looks for their jobs. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "generate/jobs.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autojobs struct gl_jobs jobs = {0};
    gl_autoerr struct gl_error err = {0};
    int failed = gl_jobs_parse(size ? (const char *)data : "", size, "f.yml", "main", &jobs, &err);
    if (failed < 0 && (jobs.count || !err.message))
        abort();
    for (size_t i = 0; i < jobs.count; i++) {
        if (!jobs.items[i].name)
            abort();
    }
    return 0;
}
