/* Room-internal: what ECR wants to be asked with by docker's own protocol. */
#ifndef GL_PLATFORM_AWS_TOKEN_H
#define GL_PLATFORM_AWS_TOKEN_H

#include "platform/aws/aws.h"

/* Good for twelve hours. Zero-initialise. */
struct gl_registry_token {
    char *address; /* "https://ACCOUNT.dkr.ecr.REGION.amazonaws.com" */
    char *user;
    char *password;
};

/* Asks for one. The caller calls gl_registry_token_done(), which wipes it.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html */
gl_nodiscard int gl_registry_token_get(struct gl_cloud *cloud, struct gl_registry_token *ret_token,
                                       struct gl_error *err);
void gl_registry_token_done(struct gl_registry_token *token);
#define gl_autoregistrytoken gl_cleanup(gl_registry_token_done)

/* Reads the API's answer; GL_E_CORRUPT for what is none. */
gl_nodiscard int gl_registry_token_read(const json_t *answer, struct gl_registry_token *ret_token,
                                        struct gl_error *err);

#endif
