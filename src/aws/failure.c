/* What AWS said when it did not do what was asked. */
#include "aws/failure.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "aws/xml.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"

/* What a code means for the caller, as the SDKs have it.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
enum meaning {
    THROTTLED = 1 << 0,
    TRANSIENT = 1 << 1,
    EXPIRED = 1 << 2,
    SKEWED = 1 << 3,
};

static const struct {
    const char *code;
    unsigned meaning;
} codes[] = {
    {"BandwidthLimitExceeded",                 THROTTLED       },
    {"EC2ThrottledException",                  THROTTLED       },
    {"LimitExceededException",                 THROTTLED       },
    {"PriorRequestNotComplete",                THROTTLED       },
    {"ProvisionedThroughputExceededException", THROTTLED       },
    {"RequestLimitExceeded",                   THROTTLED       },
    {"RequestThrottled",                       THROTTLED       },
    {"RequestThrottledException",              THROTTLED       },
    {"SlowDown",                               THROTTLED       },
    {"ThrottledException",                     THROTTLED       },
    {"Throttling",                             THROTTLED       },
    {"ThrottlingException",                    THROTTLED       },
    {"TooManyRequestsException",               THROTTLED       },
    {"TransactionInProgressException",         THROTTLED       },
    {"InternalError",                          TRANSIENT       },
    {"InternalFailure",                        TRANSIENT       },
    {"ConditionalRequestConflict",             TRANSIENT       },
    {"RequestTimeout",                         TRANSIENT       },
    {"RequestTimeoutException",                TRANSIENT       },
    {"ServiceUnavailable",                     TRANSIENT       },
    {"ExpiredToken",                           EXPIRED         },
    {"ExpiredTokenException",                  EXPIRED         },
    {"RequestExpired",                         EXPIRED | SKEWED},
    {"TokenRefreshRequired",                   EXPIRED         },
    {"AuthFailure",                            SKEWED          },
    {"InvalidSignatureException",              SKEWED          },
    {"RequestInTheFuture",                     SKEWED          },
    {"RequestTimeTooSkewed",                   SKEWED          },
    {"SignatureDoesNotMatch",                  SKEWED          },
};

/* What to do about a code, and which kind of golive's errors it is. First match: `prefix*`,
 * `*suffix`, `*part*`. */
static const struct {
    const char *code;
    int error;
    const char *hint;
} advice[] = {
    {"ExpiredToken*",                GL_E_CONFIG,
     N_("Your AWS session has ended: sign in again (aws sso login, or new keys).")                                },
    {"AccessDenied*",                GL_E_REFUSED,
     N_("The identity golive runs as lacks this permission; policies/ has what each command needs.")              },
    {"UnauthorizedOperation",        GL_E_REFUSED,
     N_("The identity golive runs as lacks this permission; policies/ has what each command needs.")              },
    {"InvalidClientTokenId",         GL_E_CONFIG,
     N_("AWS does not know this access key: check AWS_PROFILE and the keys.")                                     },
    {"UnrecognizedClient*",          GL_E_CONFIG,
     N_("AWS does not know this access key: check AWS_PROFILE and the keys.")                                     },
    {"InvalidAccessKeyId",           GL_E_CONFIG,
     N_("AWS does not know this access key: check AWS_PROFILE and the keys.")                                     },
    {"SignatureDoesNotMatch",        GL_E_CONFIG,
     N_("The secret key does not belong to the access key, or this machine's clock is wrong.")                    },
    {"InvalidSignature*",            GL_E_CONFIG,
     N_("The secret key does not belong to the access key, or this machine's clock is wrong.")                    },
    {"RequestTimeTooSkewed",         GL_E_CONFIG,    N_("This machine's clock is wrong: set it by NTP.")          },
    {"OptInRequired",                GL_E_CONFIG,    N_("This account has not enabled the service or the region.")},
    {"PermanentRedirect",            GL_E_CONFIG,    N_("The bucket lies in another region.")                     },
    {"AuthorizationHeaderMalformed", GL_E_CONFIG,    N_("The bucket lies in another region.")                     },
    {"PreconditionFailed",           GL_E_BUSY,      NULL                                                         },
    {"*AlreadyExists*",              GL_E_BUSY,      NULL                                                         },
    {"*NotFound",                    GL_E_NOT_FOUND, NULL                                                         },
    {"*NotFoundException",           GL_E_NOT_FOUND, NULL                                                         },
    {"*NotFoundFault",               GL_E_NOT_FOUND, NULL                                                         },
    {"NoSuch*",                      GL_E_NOT_FOUND, NULL                                                         },
};

static unsigned meaning_of(const char *code)
{
    for (size_t i = 0; i < GL_COUNT(codes); i++) {
        if (strcmp(codes[i].code, code) == 0)
            return codes[i].meaning;
    }
    return 0;
}

/* CloudFormation has no code for a stack that is not there, only words. */
static bool says_not_there(const struct gl_aws_failure *failure)
{
    return strcmp(failure->code, "ValidationError") == 0 &&
           gl_ends_with(failure->message, "does not exist");
}

static bool matches(const char *pattern, const char *code)
{
    size_t len = strlen(pattern);
    if (pattern[0] == '*' && pattern[len - 1] == '*') {
        gl_autofree char *middle = gl_strndup(pattern + 1, len - 2);
        return strstr(code, middle) != NULL;
    }
    if (pattern[0] == '*')
        return gl_ends_with(code, pattern + 1);
    if (pattern[len - 1] == '*')
        return strncmp(pattern, code, len - 1) == 0;
    return strcmp(pattern, code) == 0;
}

static char *xml_text_at(xmlNode *node, const char *name)
{
    xmlNode *found = gl_aws_xml_find(node, name);
    return found ? gl_aws_xml_text(found) : NULL;
}

/* <ErrorResponse><Error>, <Response><Errors><Error>, or <Error> alone (S3). */
static bool read_xml(const struct gl_buf *body, struct gl_aws_failure *failure)
{
    gl_autoxml xmlDoc *doc = NULL;
    gl_autoerr struct gl_error ignored = {0};
    if (gl_aws_xml_parse(gl_buf_text(body), body->len, &doc, &ignored) < 0)
        return false;
    xmlNode *root = xmlDocGetRootElement(doc);
    xmlNode *error = gl_aws_xml_find(root, "Error");
    if (!error)
        return false;
    failure->code = xml_text_at(error, "Code");
    failure->message = xml_text_at(error, "Message");
    failure->request_id = xml_text_at(root, "RequestId");
    if (!failure->request_id)
        failure->request_id = xml_text_at(root, "RequestID"); /* EC2 */
    return failure->code != NULL;
}

/* "com.amazon#ThrottlingException:http://..." without what is around the name. */
static char *bare_code(const char *code)
{
    size_t len = strcspn(code, ":");
    const char *hash = memrchr(code, '#', len);
    const char *begin = hash ? hash + 1 : code;
    return gl_strndup(begin, (size_t)(code + len - begin));
}

static bool read_json(const struct gl_http_response *response, struct gl_aws_failure *failure)
{
    json_error_t problem;
    gl_autojson json_t *body =
        json_loadb(gl_buf_text(&response->body), response->body.len, JSON_ALLOW_NUL, &problem);
    const char *code = gl_http_header(response, "x-amzn-errortype");
    if (!code)
        code = gl_json_str(body, "__type", gl_json_str(body, "code", NULL));
    if (!code || !*code)
        return false;
    failure->code = bare_code(code);
    failure->message = gl_strdup(gl_json_str(
        body, "message", gl_json_str(body, "Message", gl_json_str(body, "errorMessage", ""))));
    return true;
}

/* An answer without a body (HEAD), or a page of something between us and AWS. */
static void read_status(struct gl_aws_failure *failure)
{
    failure->code = failure->http_status == 404   ? gl_strdup("NotFound")
                    : failure->http_status == 403 ? gl_strdup("AccessDenied")
                                                  : gl_asprintf("HTTP%ld", failure->http_status);
}

/* Only what can be part of a name: a code stands in messages and is compared. */
static void clean_code(char *code)
{
    char *out = code;
    for (const char *at = code; *at; at++) {
        if (isalnum((unsigned char)*at) || strchr("._-", *at))
            *out++ = *at;
    }
    *out = '\0';
}

/* One line that is safe to print. */
static void clean_text(char **text)
{
    gl_autofree char *raw = gl_steal(text);
    *text = gl_utf8_line(raw);
}

static const char *request_id_header(const struct gl_http_response *response)
{
    const char *id = gl_http_header(response, "x-amzn-requestid");
    return id ? id : gl_http_header(response, "x-amz-request-id");
}

void gl_aws_failure_read(const struct gl_http_response *response,
                         struct gl_aws_failure *ret_failure)
{
    struct gl_aws_failure failure = {.http_status = response->status};
    const char *body = gl_buf_text(&response->body);
    bool known = body[strspn(body, " \t\r\n")] == '<' ? read_xml(&response->body, &failure)
                                                      : read_json(response, &failure);
    if (known)
        clean_code(failure.code);
    if (!known || !*failure.code) {
        free(failure.code);
        read_status(&failure);
    }
    if (!failure.request_id)
        failure.request_id = gl_strdup(request_id_header(response));
    clean_text(&failure.message);
    if (failure.request_id)
        clean_text(&failure.request_id);
    unsigned meaning = meaning_of(failure.code);
    failure.throttled = (meaning & THROTTLED) || response->status == 429;
    failure.expired = (meaning & EXPIRED) != 0;
    failure.skewed = (meaning & SKEWED) != 0;
    failure.retryable = failure.throttled || (meaning & TRANSIENT) ||
                        (response->status >= 500 && response->status != 501);
    failure.uncertain = response->status >= 500 && !failure.throttled;
    gl_aws_failure_done(ret_failure);
    *ret_failure = failure;
}

void gl_aws_failure_name_action(struct gl_aws_failure *failure,
                                const struct gl_aws_service *service,
                                const struct gl_aws_operation *operation, const char *thing)
{
    if (!matches("AccessDenied*", failure->code) || strchr(failure->message, ':'))
        return; /* what names an action has a colon: "s3:GetObject" */
    gl_autofree char *action = gl_aws_operation_action(service, operation);
    gl_autofree char *said = gl_steal(&failure->message);
    gl_autofree char *need = thing ? gl_asprintf(_("%s on %s is not allowed"), action, thing)
                                   : gl_asprintf(_("%s is not allowed"), action);
    failure->message = gl_asprintf("%s%s%s", said, *said ? ": " : "", need);
}

int gl_aws_failure_report(const struct gl_aws_failure *failure,
                          const struct gl_aws_service *service,
                          const struct gl_aws_operation *operation, struct gl_error *err)
{
    int code = failure->retryable        ? GL_E_NET
               : says_not_there(failure) ? GL_E_NOT_FOUND
                                         : GL_E_REFUSED;
    const char *hint =
        failure->throttled ? N_("AWS asks for fewer requests: try again later.") : NULL;
    for (size_t i = 0; i < GL_COUNT(advice); i++) {
        if (!matches(advice[i].code, failure->code))
            continue;
        code = advice[i].error;
        hint = advice[i].hint;
        break;
    }
    gl_autofree char *message = gl_redact(failure->message); /* AWS may echo a parameter */
    gl_fail(err, code, "%s %s: %s%s%s", service->name, operation->name, failure->code,
            *message ? ": " : "", message);
    if (err && failure->request_id) {
        gl_autofree char *text = gl_steal(&err->message);
        gl_fail(err, code, _("%s (request %s)"), text, failure->request_id);
    }
    if (hint)
        gl_error_hint(err, "%s", _(hint));
    return code;
}

bool gl_aws_failure_is(const struct gl_aws_failure *failure, const char *code)
{
    return failure->code && strcmp(failure->code, code) == 0;
}

void gl_aws_failure_copy(const struct gl_aws_failure *failure, struct gl_aws_failure *ret_copy)
{
    *ret_copy = *failure;
    ret_copy->code = gl_strdup(failure->code);
    ret_copy->message = gl_strdup(failure->message);
    ret_copy->request_id = gl_strdup(failure->request_id);
}

void gl_aws_failure_done(struct gl_aws_failure *failure)
{
    free(failure->code);
    free(failure->message);
    free(failure->request_id);
    *failure = (struct gl_aws_failure){0};
}
