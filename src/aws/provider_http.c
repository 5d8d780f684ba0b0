/* Requests of the providers: few, short, and repeated when the other side stumbles. */
#include "aws/provider_internal.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"

enum { FIRST_PAUSE_MS = 100 };

static bool is_final(const struct gl_http_response *response, gl_aws_stumble_fn *is_stumble)
{
    return response->status < 500 && response->status != 429 &&
           !(is_stumble && is_stumble(response));
}

int gl_aws_provider_fetch(const struct gl_http_request *request, int attempts,
                          gl_aws_stumble_fn *is_stumble, struct gl_http_response *ret_response,
                          struct gl_error *err)
{
    int result = GL_E_NET;
    for (int left = attempts; left-- > 0;) {
        gl_autosecrethttp struct gl_http_response response = {0};
        if (left + 1 < attempts)
            gl_sleep_ms((int64_t)FIRST_PAUSE_MS << (attempts - left - 2));
        result = gl_interrupt_check(err);
        if (result == 0)
            result = gl_http_fetch(request, &response, err);
        if (result == GL_E_INTERRUPTED)
            return result;
        bool answered = result == 0 && response.status < 500;
        if (answered && (left == 0 || is_final(&response, is_stumble))) {
            *ret_response = response;
            response = (struct gl_http_response){0};
            return 0;
        }
        if (result == 0)
            result = gl_fail(err, GL_E_NET, _("%s answered %ld"), request->url, response.status);
    }
    return result;
}
