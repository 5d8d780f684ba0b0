/* The codecs and tables of src/aws as a filter, so that tests/aws/codec can judge them by
 * botocore's models.
 *
 *   codec_tool dump      all tables as one JSON object
 *   codec_tool run       JSON lines in, one JSON line out for each:
 *     {"encode": true, "service", "operation", "params"}   ->
 * {"method","path","bucket","headers","body"}
 *     {"service", "operation", "status", "headers", "body"} -> {"result"} or {"failure": {...}}
 *   a call that fails answers {"error": MESSAGE} */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/codec.h"
#include "aws/failure.h"

static json_t *dump_types(const struct gl_aws_types *types)
{
    json_t *out = json_object();
    gl_json_set_str(out, "lists", types->lists);
    gl_json_set_str(out, "flat_lists", types->flat_lists);
    gl_json_set_str(out, "maps", types->maps);
    gl_json_set_str(out, "booleans", types->booleans);
    gl_json_set_str(out, "integers", types->integers);
    gl_json_set_str(out, "reals", types->reals);
    gl_json_set_str(out, "strings", types->strings);
    gl_json_set_str(out, "structs", types->structs);
    return out;
}

static json_t *dump_operation(const struct gl_aws_service *service,
                              const struct gl_aws_operation *operation)
{
    json_t *out = json_object();
    json_t *page = json_object();
    gl_autofree char *action = gl_aws_operation_action(service, operation);
    gl_json_set_str(out, "action", action);
    gl_json_set_int(out, "kind", operation->kind);
    gl_json_set_str(out, "method", operation->method);
    gl_json_set_str(out, "uri", operation->uri);
    gl_json_set_str(out, "input", operation->input);
    gl_json_set_str(out, "output", operation->output);
    gl_json_set_str(out, "root", operation->root);
    gl_json_set_str(out, "token", operation->token);
    gl_json_set_bool(out, "md5", operation->md5);
    gl_json_set_str(page, "input", operation->page.input);
    gl_json_set_str(page, "output", operation->page.output);
    gl_json_set_str(page, "result", operation->page.result);
    gl_json_set_str(page, "more", operation->page.more);
    json_object_set_new(out, "page", page);
    return out;
}

static json_t *dump_service(const struct gl_aws_service *service)
{
    json_t *out = json_object();
    json_t *operations = json_object();
    gl_json_set_str(out, "signing_name", service->signing_name);
    gl_json_set_int(out, "protocol", service->protocol);
    gl_json_set_str(out, "version", service->version);
    gl_json_set_str(out, "json_version", service->json_version);
    gl_json_set_str(out, "target_prefix", service->target_prefix);
    gl_json_set_str(out, "xmlns", service->xmlns);
    for (size_t i = 0; i < service->operation_count; i++)
        json_object_set_new(operations, service->operations[i].name,
                            dump_operation(service, &service->operations[i]));
    json_object_set_new(out, "operations", operations);
    json_object_set_new(out, "input", dump_types(&service->input));
    json_object_set_new(out, "output", dump_types(&service->output));
    return out;
}

static json_t *strings(const struct gl_strv *list)
{
    json_t *out = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(out, json_string(list->items[i]));
    return out;
}

static json_t *encode(const struct gl_aws_service *service,
                      const struct gl_aws_operation *operation, const json_t *line,
                      struct gl_error *err)
{
    gl_autoawsmessage struct gl_aws_message message = {0};
    if (gl_aws_encode(service, operation, json_object_get(line, "params"), &message, err) < 0)
        return NULL;
    json_t *out = json_object();
    gl_json_set_str(out, "method", message.method);
    gl_json_set_str(out, "path", message.path);
    gl_json_set_str(out, "bucket", message.bucket);
    gl_json_set_str(out, "body", gl_buf_text(&message.body));
    json_object_set_new(out, "headers", strings(&message.headers));
    return out;
}

static json_t *dump_failure(const struct gl_http_response *response)
{
    gl_autoawsfailure struct gl_aws_failure failure = {0};
    gl_aws_failure_read(response, &failure);
    json_t *out = json_object();
    gl_json_set_str(out, "code", failure.code);
    gl_json_set_str(out, "message", failure.message);
    gl_json_set_str(out, "request_id", failure.request_id);
    gl_json_set_bool(out, "throttled", failure.throttled);
    gl_json_set_bool(out, "retryable", failure.retryable);
    return out;
}

static json_t *decode(const struct gl_aws_service *service,
                      const struct gl_aws_operation *operation, const json_t *line,
                      struct gl_error *err)
{
    gl_autohttp struct gl_http_response response = {.status = gl_json_int(line, "status", 200)};
    gl_buf_puts(&response.body, gl_json_str(line, "body", ""));
    size_t i;
    const json_t *header;
    json_array_foreach(json_object_get(line, "headers"), i, header)
        gl_strv_add(&response.headers, json_string_value(header));
    json_t *out = json_object();
    if (response.status >= 300) {
        json_object_set_new(out, "failure", dump_failure(&response));
        return out;
    }
    json_t *result = NULL;
    if (gl_aws_decode(service, operation, &response, &result, err) < 0) {
        json_decref(out);
        return NULL;
    }
    json_object_set_new(out, "result", result);
    return out;
}

static json_t *run_line(const json_t *line, struct gl_error *err)
{
    const struct gl_aws_service *service = gl_aws_service_find(gl_json_str(line, "service", ""));
    const struct gl_aws_operation *operation =
        service ? gl_aws_operation_find(service, gl_json_str(line, "operation", "")) : NULL;
    if (!operation) {
        gl_fail(err, GL_E_USAGE, "no such operation");
        return NULL;
    }
    return gl_json_bool(line, "encode", false) ? encode(service, operation, line, err)
                                               : decode(service, operation, line, err);
}

static int run(void)
{
    gl_autofree char *text = NULL;
    size_t cap = 0;
    ssize_t len;
    while ((len = getline(&text, &cap, stdin)) > 0) {
        gl_autoerr struct gl_error err = {0};
        gl_autojson json_t *line = NULL;
        if (gl_json_parse(text, (size_t)len, "line", &line, &err) < 0)
            return 1;
        gl_autojson json_t *out = run_line(line, &err);
        if (!out) {
            out = json_object();
            gl_json_set_str(out, "error", err.message);
        }
        gl_autofree char *answer = json_dumps(out, JSON_COMPACT);
        (void)printf("%s\n", answer);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "run") == 0)
        return run();
    gl_autojson json_t *all = json_object();
    for (size_t i = 0; gl_aws_service_list[i]; i++)
        json_object_set_new(all, gl_aws_service_list[i]->name,
                            dump_service(gl_aws_service_list[i]));
    gl_autofree char *text = gl_json_pretty(all);
    (void)fputs(text, stdout);
    return 0;
}
