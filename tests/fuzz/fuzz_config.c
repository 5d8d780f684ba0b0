/* golive.yaml from bytes: never a crash, and either a configuration or at least one mistake. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "config/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *nowhere;
    if (!nowhere)
        nowhere = fopen("/dev/null", "we");
    gl_autoconfig struct gl_config *config = NULL;
    gl_autodiag struct gl_diagnostics list = {0};
    gl_autoerr struct gl_error err = {0};
    struct gl_config_request request = {.env = "local"};
    gl_autofree char *text = gl_strndup((const char *)data, size);
    int code = gl_config_parse_text(&request, text, size, &config, &list, &err);
    if ((code == 0) != (config != NULL) || (code == 0) != (list.count == 0))
        abort();
    gl_diagnostics_print(&list, nowhere, false);
    gl_secret_forget_all();
    return 0;
}
