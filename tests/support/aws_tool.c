/* Makes the AWS calls given as JSON lines on standard input and answers each with one JSON line; a
 * line that is a list is called side by side. The environment says where (AWS_ENDPOINT_URL,
 * AWS_REGION) and as whom.
 *
 *   aws_tool [PAUSE_MS [TIMEOUT_MS]]
 *     {"service", "operation", "params", "body", "body_path", "pages": true}
 *       -> {"result", "body", "attempts"}
 *       or {"error", "message", "hint", "aws_code", "attempts"} */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "aws/page.h"

static struct gl_aws_request request_of(const json_t *call)
{
    const char *body = gl_json_str(call, "body", NULL);
    return (struct gl_aws_request){
        .service = gl_json_str(call, "service", ""),
        .operation = gl_json_str(call, "operation", ""),
        .params = json_object_get(call, "params"),
        .body = body,
        .body_len = body ? strlen(body) : 0,
        .body_path = gl_json_str(call, "body_path", NULL),
    };
}

static json_t *report_error(int code, const struct gl_error *err,
                            const struct gl_aws_failure *failure, unsigned attempts)
{
    json_t *out = json_object();
    gl_json_set_str(out, "error", gl_code_word(code));
    gl_json_set_str(out, "message", err->message);
    gl_json_set_str(out, "hint", err->hint);
    gl_json_set_str(out, "aws_code", failure->code);
    gl_json_set_int(out, "attempts", attempts);
    return out;
}

static json_t *finish(struct gl_aws_pending **pending)
{
    gl_autoerr struct gl_error err = {0};
    gl_autoanswer struct gl_aws_answer answer = {0};
    int result = gl_aws_finish(pending, &answer, &err);
    if (result < 0)
        return report_error(result, &err, &answer.failure, answer.attempts);
    json_t *out = json_object();
    json_object_set(out, "result", answer.result);
    gl_json_set_str(out, "body", gl_buf_text(&answer.body));
    gl_json_set_int(out, "attempts", answer.attempts);
    return out;
}

static json_t *call_pages(struct gl_aws_client *client, const json_t *call)
{
    gl_autoerr struct gl_error err = {0};
    json_t *all = NULL;
    int result =
        gl_aws_ask_all(client, gl_json_str(call, "service", ""), gl_json_str(call, "operation", ""),
                       json_incref(json_object_get(call, "params")), &all, &err);
    if (result < 0)
        return report_error(result, &err, gl_aws_last_failure(client), 0);
    json_t *out = json_object();
    json_object_set_new(out, "result", all);
    return out;
}

static json_t *call_one(struct gl_aws_client *client, const json_t *call)
{
    if (gl_json_bool(call, "pages", false))
        return call_pages(client, call);
    struct gl_aws_request request = request_of(call);
    struct gl_aws_pending *pending = gl_aws_start(client, &request);
    return finish(&pending);
}

static json_t *call_many(struct gl_aws_client *client, const json_t *calls)
{
    size_t count = json_array_size(calls);
    gl_autofree struct gl_aws_pending **pending = gl_alloc(count * sizeof(struct gl_aws_pending *));
    json_t *out = json_array();
    for (size_t i = 0; i < count; i++) {
        struct gl_aws_request request = request_of(json_array_get(calls, i));
        pending[i] = gl_aws_start(client, &request);
    }
    for (size_t i = 0; i < count; i++)
        json_array_append_new(out, finish(&pending[i]));
    return out;
}

static int serve(struct gl_aws_client *client, struct gl_error *err)
{
    gl_autofree char *text = NULL;
    size_t cap = 0;
    ssize_t len;
    while ((len = getline(&text, &cap, stdin)) > 0) {
        gl_autojson json_t *line = NULL;
        int result = gl_json_parse(text, (size_t)len, "line", &line, err);
        if (result < 0)
            return result;
        gl_autojson json_t *out =
            json_is_array(line) ? call_many(client, line) : call_one(client, line);
        gl_autofree char *answer = json_dumps(out, JSON_COMPACT);
        (void)printf("%s\n", answer);
        (void)fflush(stdout);
    }
    return 0;
}

static int run(int argc, char **argv, struct gl_error *err)
{
    gl_autoprofiles struct gl_aws_profiles *profiles = NULL;
    gl_autoprovider struct gl_aws_provider *provider = NULL;
    gl_autoawsclient struct gl_aws_client *client = NULL;
    int result = gl_aws_profiles_load(&profiles, err);
    if (result == 0)
        result = gl_aws_provider_default(&(struct gl_aws_chain_options){.files = profiles},
                                         &provider, err);
    if (result < 0)
        return result;
    struct gl_aws_client_options options = {
        .provider = provider,
        .region = gl_aws_region(NULL),
        .pause_ms = argc > 1 ? strtol(argv[1], NULL, 10) : 0,
        .longest_pause_ms = argc > 1 ? 4 * strtol(argv[1], NULL, 10) : 0,
        .timeout_ms = argc > 2 ? strtol(argv[2], NULL, 10) : 0,
    };
    result = gl_aws_client_new(&options, &client, err);
    return result < 0 ? result : serve(client, err);
}

int main(int argc, char **argv)
{
    gl_autoerr struct gl_error err = {0};
    if (run(argc, argv, &err) == 0)
        return 0;
    (void)fprintf(stderr, "aws_tool: %s\n", err.message);
    return 1;
}
