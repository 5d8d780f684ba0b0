/* Parameters into a request: what all protocols share, and the JSON one. */
#include "aws/encode.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/words.h"
#include "base/i18n.h"

/* The shortest text that reads back as the same number. */
static char *real_text(double value)
{
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    return gl_strdup(text);
}

char *gl_aws_scalar_text(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return gl_strdup(json_string_value(value));
    case JSON_INTEGER:
        return gl_asprintf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    case JSON_REAL:
        return real_text(json_real_value(value));
    case JSON_TRUE:
        return gl_strdup("true");
    case JSON_FALSE:
        return gl_strdup("false");
    default:
        return NULL;
    }
}

static int check_names(const struct gl_aws_service *service,
                       const struct gl_aws_operation *operation, const json_t *params,
                       struct gl_error *err)
{
    if (params && !json_is_object(params))
        return gl_fail(err, GL_E_USAGE, _("%s %s: the parameters are not an object"), service->name,
                       operation->name);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)params, name, value)
    {
        if (!gl_aws_operation_takes(operation, name))
            return gl_fail(err, GL_E_USAGE, _("%s %s has no parameter `%s`"), service->name,
                           operation->name, name);
    }
    return 0;
}

static int encode_json(const struct gl_aws_service *service,
                       const struct gl_aws_operation *operation, const json_t *params,
                       struct gl_aws_message *message, struct gl_error *err)
{
    gl_autojson json_t *kept = json_object();
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)params, name, value)
    {
        if (!json_is_null(value))
            json_object_set(kept, name, value);
    }
    gl_autofree char *text = json_dumps(kept, JSON_COMPACT);
    if (!text)
        return gl_fail(err, GL_E_USAGE, _("%s %s: a parameter is not valid text"), service->name,
                       operation->name);
    gl_buf_puts(&message->body, text);
    gl_wipe(text, strlen(text));
    gl_strv_addf(&message->headers, "Content-Type: application/x-amz-json-%s",
                 service->json_version);
    gl_strv_addf(&message->headers, "X-Amz-Target: %s.%s", service->target_prefix, operation->name);
    return 0;
}

int gl_aws_encode(const struct gl_aws_service *service, const struct gl_aws_operation *operation,
                  const json_t *params, struct gl_aws_message *ret_message, struct gl_error *err)
{
    typedef int encoder(const struct gl_aws_service *, const struct gl_aws_operation *,
                        const json_t *, struct gl_aws_message *, struct gl_error *);
    static encoder *const encoders[] = {
        [GL_AWS_QUERY] = gl_aws_encode_form,
        [GL_AWS_EC2] = gl_aws_encode_form,
        [GL_AWS_JSON] = encode_json,
        [GL_AWS_REST_XML] = gl_aws_encode_rest,
        [GL_AWS_REST_JSON] = gl_aws_encode_rest,
    };
    int result = check_names(service, operation, params, err);
    if (result < 0)
        return result;
    gl_autoawsmessage struct gl_aws_message message = {.method = "POST"};
    result = encoders[service->protocol](service, operation, params, &message, err);
    if (result < 0)
        return result;
    if (!message.path)
        message.path = gl_strdup("/");
    *ret_message = message;
    message = (struct gl_aws_message){0};
    return 0;
}

void gl_aws_message_done(struct gl_aws_message *message)
{
    gl_wipe(message->body.data, message->body.len); /* parameters may be secrets */
    free(message->path);
    free(message->bucket);
    gl_strv_done(&message->headers);
    gl_buf_done(&message->body);
}
