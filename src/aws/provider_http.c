/* Requests of the providers: few, short, and repeated when the other side stumbles. */
#include "aws/provider_internal.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"

enum { FIRST_PAUSE_MS = 100 };

static bool is_stumble(long status)
{
    return status == 429 || status >= 500;
}

int gl_aws_provider_fetch(const struct gl_http_request *request, int attempts,
                          struct gl_http_response *ret_response, struct gl_error *err)
{
    int result = GL_E_NET;
    for (int attempt = 0; attempt < attempts; attempt++) {
        gl_autosecrethttp struct gl_http_response response = {0};
        if (attempt > 0)
            gl_sleep_ms((int64_t)FIRST_PAUSE_MS << (attempt - 1));
        result = gl_interrupt_check(err);
        if (result == 0)
            result = gl_http_fetch(request, &response, err);
        if (result == GL_E_INTERRUPTED)
            return result;
        if (result == 0 && !is_stumble(response.status)) {
            *ret_response = response;
            response = (struct gl_http_response){0};
            return 0;
        }
        if (result == 0)
            result = gl_fail(err, GL_E_NET, _("%s answered %ld"), request->url, response.status);
    }
    return result;
}
