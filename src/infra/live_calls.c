/* Calls side by side. */
#include "infra/live_calls.h"

#include <stdlib.h>
#include <string.h>

#include "aws/page.h"
#include "base/i18n.h"
#include "base/interrupt.h"

static void start(struct gl_aws_client *client, struct gl_live_call *call)
{
    struct gl_aws_request request = {
        .service = call->service,
        .operation = call->operation,
        .region = call->region,
        .params = call->params,
    };
    call->pending = gl_aws_start(client, &request);
}

/* Puts a page to those before it; true if there is another one, which is then asked for. */
static bool take_page(struct gl_live_call *call, json_t *page)
{
    const struct gl_aws_service *service = gl_aws_service_find(call->service);
    const struct gl_aws_operation *operation =
        service ? gl_aws_operation_find(service, call->operation) : NULL;
    if (call->result && operation)
        gl_aws_page_append(operation, call->result, page);
    else
        call->result = json_incref(page);
    if (!operation || !operation->page.input)
        return false;
    if (!call->params)
        call->params = json_object();
    return gl_aws_page_next(operation, page, call->params);
}

/* Takes what came of a call; true if it goes on with another page. */
static bool finish(struct gl_live_call *call, struct gl_error *err)
{
    gl_autoanswer struct gl_aws_answer answer = {0};
    call->code = gl_aws_finish(&call->pending, &answer, err);
    call->failure = answer.failure;
    answer.failure = (struct gl_aws_failure){0};
    if (call->code == 0)
        return take_page(call, answer.result);
    gl_error_move(&call->error, err);
    return false;
}

static int wait_all(struct gl_aws_client *client, bool to_the_end, bool *interrupted,
                    struct gl_error *err)
{
    int failed = gl_aws_wait_all(client, err);
    if (failed != GL_E_INTERRUPTED || !to_the_end)
        return failed;
    *interrupted = true;
    gl_interrupt_clear();
    gl_error_done(err);
    return gl_aws_wait_all(client, err);
}

int gl_live_calls(struct gl_aws_client *client, struct gl_live_call *calls, size_t count,
                  bool to_the_end, struct gl_error *err)
{
    bool interrupted = false;
    bool more = false;
    for (size_t i = 0; i < count; i++) {
        if (calls[i].operation)
            start(client, &calls[i]);
        more = more || calls[i].pending;
    }
    while (more) {
        int failed = wait_all(client, to_the_end, &interrupted, err);
        if (failed < 0)
            return failed;
        more = false;
        for (size_t i = 0; i < count; i++) {
            gl_autoerr struct gl_error own = {0};
            if (!calls[i].pending || !finish(&calls[i], &own))
                continue;
            start(client, &calls[i]);
            more = true;
        }
    }
    return interrupted ? gl_fail(err, GL_E_INTERRUPTED, _("interrupted")) : 0;
}

void gl_live_call_done(struct gl_live_call *call)
{
    gl_aws_pending_free(&call->pending);
    gl_aws_failure_done(&call->failure);
    gl_error_done(&call->error);
    json_decref(call->params);
    json_decref(call->result);
    *call = (struct gl_live_call){0};
}

struct gl_live_calls gl_live_calls_new(size_t count)
{
    return (struct gl_live_calls){gl_alloc((count ? count : 1) * sizeof(struct gl_live_call)),
                                  count};
}

void gl_live_calls_done(struct gl_live_calls *calls)
{
    for (size_t i = 0; i < calls->count; i++)
        gl_live_call_done(&calls->items[i]);
    free(calls->items);
    *calls = (struct gl_live_calls){0};
}

bool gl_live_call_denied(const struct gl_live_call *call)
{
    static const char *const codes[] = {"AccessDenied", "AccessDeniedException",
                                        "UnauthorizedOperation", "UnauthorizedException"};
    for (size_t i = 0; i < GL_COUNT(codes); i++) {
        if (gl_aws_failure_is(&call->failure, codes[i]))
            return true;
    }
    return false;
}

int gl_live_call_fail(struct gl_live_call *call, const char *caller, struct gl_error *err)
{
    int code = call->code;
    if (!gl_live_call_denied(call)) {
        if (err)
            gl_error_move(err, &call->error);
        return code;
    }
    const struct gl_aws_service *service = gl_aws_service_find(call->service);
    const struct gl_aws_operation *operation =
        service ? gl_aws_operation_find(service, call->operation) : NULL;
    gl_autofree char *action = operation ? gl_aws_operation_action(service, operation)
                                         : gl_asprintf("%s:%s", call->service, call->operation);
    gl_fail(err, code, _("%s may not call %s"), caller, action);
    return gl_error_hint(err, _("Allow it: policies/ has what each command needs. AWS said: %s"),
                         call->failure.message);
}
