/* Calls for the site: one, and many side by side; errors that say what to do. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/site.h"

/* Started calls: as many as the client sends at a time, and as many prepared. */
enum { SIDE_BY_SIDE = 32 };

json_t *gl_site_params(const struct gl_site *site, const char *key)
{
    json_t *params = json_object();
    gl_json_set_str(params, "Bucket", site->bucket);
    gl_json_set_str(params, "Key", key);
    return params;
}

/* ---- errors ------------------------------------------------------------------------------------
 */

/* What a policy must allow for the operation. Who may not list is told that what is not there is
 * forbidden. The caller owns it. */
static char *needed_action(const struct gl_aws_request *request)
{
    const struct gl_aws_service *service = gl_aws_service_find(request->service);
    gl_autofree char *action =
        gl_aws_operation_action(service, gl_aws_operation_find(service, request->operation));
    if (strcmp(request->operation, "GetObject") == 0)
        return gl_asprintf(_("%s and s3:ListBucket"), action);
    if (strcmp(request->operation, "CopyObject") == 0)
        return gl_asprintf(_("%s and s3:GetObject"), action);
    return gl_steal(&action);
}

static int explain(const struct gl_site *site, const struct gl_aws_request *request,
                   const struct gl_aws_failure *failure, int code, struct gl_error *err)
{
    bool cloudfront = strcmp(request->service, "cloudfront") == 0;
    const char *thing = cloudfront ? site->distribution : site->bucket;
    if (gl_aws_failure_is(failure, "AccessDenied")) {
        gl_autofree char *action = needed_action(request);
        return gl_error_hint(err,
                             _("The identity golive runs as needs %s on %s; the role of the "
                               "stack ci-deploy has it."),
                             action, thing);
    }
    if (!gl_aws_failure_is(failure, "NoSuchBucket") &&
        !gl_aws_failure_is(failure, "NoSuchDistribution"))
        return code;
    gl_fail(err, GL_E_REFUSED,
            cloudfront ? _("the distribution %s of the frontend does not exist")
                       : _("the bucket %s of the frontend does not exist"),
            thing);
    return gl_error_hint(err, _("golive up --env %s makes it."), site->cloud->env);
}

int gl_site_call(const struct gl_site *site, const struct gl_aws_request *request,
                 struct gl_aws_answer *answer, struct gl_error *err)
{
    int failed = gl_aws_call(site->cloud->client, request, answer, err);
    return failed < 0 ? explain(site, request, &answer->failure, failed, err) : 0;
}

/* ---- many --------------------------------------------------------------------------------------
 */

/* What is on its way. The request's name stays for errors. */
struct flight {
    struct gl_aws_pending *pending;
    struct gl_aws_request request;
};

struct flights {
    struct flight items[SIDE_BY_SIDE];
    size_t count;
};

static void flights_done(struct flights *flights)
{
    for (size_t i = 0; i < flights->count; i++)
        gl_aws_pending_free(&flights->items[i].pending);
    flights->count = 0;
}

/* Starts as many as have room; false when there are no more to start. */
static bool start_some(const struct gl_site *site, const struct gl_site_work *work,
                       struct flights *flights)
{
    while (flights->count < SIDE_BY_SIDE) {
        struct flight *flight = &flights->items[flights->count];
        flight->request = (struct gl_aws_request){0};
        if (!work->next(work->context, &flight->request))
            return false;
        flight->pending = gl_aws_start(site->cloud->client, &flight->request);
        json_decref((json_t *)flight->request.params); /* was copied */
        flight->request.params = NULL;
        flights->count++;
    }
    return true;
}

/* Waits for the next one to end and takes it out. */
static int land(const struct gl_site *site, struct flights *flights, struct gl_error *err)
{
    gl_autoanswer struct gl_aws_answer answer = {0};
    struct gl_aws_pending *ended = NULL;
    int failed = gl_aws_wait_any(site->cloud->client, -1, &ended, err);
    if (failed < 0)
        return failed;
    size_t i = 0;
    while (i < flights->count && flights->items[i].pending != ended)
        i++;
    if (i == flights->count)
        return 0; /* somebody else's call, which is theirs to finish */
    struct flight flight = flights->items[i];
    flights->items[i] = flights->items[--flights->count];
    failed = gl_aws_finish(&flight.pending, &answer, err);
    return failed < 0 ? explain(site, &flight.request, &answer.failure, failed, err) : 0;
}

/* After a failure nothing more is started, but what is on its way is waited for: a copy that AWS
 * carries out late would undo what an undo puts back. */
int gl_site_run(const struct gl_site *site, const struct gl_site_work *work, struct gl_error *err)
{
    enum { TELL_EVERY = 50 };

    gl_cleanup(flights_done) struct flights flights = {0};
    gl_autoerr struct gl_error first = {0};
    bool more = true;
    for (size_t landed = 1;; landed++) {
        gl_autoerr struct gl_error failure = {0};
        more = more && first.code == 0 && start_some(site, work, &flights);
        if (flights.count == 0)
            break;
        int failed = land(site, &flights, &failure);
        if (failed < 0 && first.code == 0)
            gl_error_move(&first, &failure);
        if (failed == GL_E_INTERRUPTED) {
            gl_aws_settle(site->cloud->client);
            break;
        }
        if (work->doing && landed % TELL_EVERY == 0)
            gl_platform_progress(&site->cloud->base, "%s, %zu / %zu", work->doing, landed,
                                 work->total);
    }
    int code = first.code;
    if (code < 0 && err)
        gl_error_move(err, &first);
    return code;
}
