/* ECR's password for docker's protocol. */
#include "platform/aws/token.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"

void gl_registry_token_done(struct gl_registry_token *token)
{
    if (token->password)
        gl_wipe(token->password, strlen(token->password));
    free(token->address);
    free(token->user);
    free(token->password);
    *token = (struct gl_registry_token){0};
}

static int no_token(struct gl_error *err)
{
    return gl_fail(err, GL_E_CORRUPT, _("ECR answered with no token that can be used"));
}

/* The text behind base64; NULL if it is none. The caller wipes and owns it. */
static char *decode(const char *text)
{
    size_t len = strlen(text);
    if (len == 0 || len % 4 != 0 || len > 65536)
        return NULL;
    unsigned char *plain = gl_alloc(len); /* four characters become three bytes, and a NUL */
    if (EVP_DecodeBlock(plain, (const unsigned char *)text, (int)len) < 0) {
        free(plain);
        return NULL;
    }
    return (char *)plain; /* the padding decodes to NUL */
}

int gl_registry_token_read(const json_t *answer, struct gl_registry_token *ret_token,
                           struct gl_error *err)
{
    const json_t *first = json_array_get(json_object_get(answer, "authorizationData"), 0);
    const char *address = gl_json_str(first, "proxyEndpoint", "");
    char *plain = decode(gl_json_str(first, "authorizationToken", ""));
    char *colon = plain ? strchr(plain, ':') : NULL;
    if (colon && *address) {
        *ret_token = (struct gl_registry_token){
            .address = gl_strdup(address),
            .user = gl_strndup(plain, (size_t)(colon - plain)),
            .password = gl_strdup(colon + 1),
        };
        gl_secret_add(ret_token->password);
    }
    if (plain)
        gl_wipe(plain, strlen(plain));
    free(plain);
    return colon && *address ? 0 : no_token(err);
}

int gl_registry_token_get(struct gl_cloud *cloud, struct gl_registry_token *ret_token,
                          struct gl_error *err)
{
    gl_autojson json_t *answer = NULL;
    int failed = gl_aws_ask(cloud->client, "ecr", "GetAuthorizationToken", NULL, &answer, err);
    return failed < 0 ? failed : gl_registry_token_read(answer, ret_token, err);
}
