/* Inside the codecs: pieces of requests. */
#ifndef GL_AWS_ENCODE_H
#define GL_AWS_ENCODE_H

#include "aws/codec.h"

/* A string, number or boolean as text of the caller's; NULL for anything else. */
char *gl_aws_scalar_text(const json_t *value);

/* Query and EC2: the form body. `deep` guards against trees without end. */
gl_nodiscard int gl_aws_encode_form(const struct gl_aws_service *service,
                                    const struct gl_aws_operation *operation, const json_t *params,
                                    struct gl_aws_message *message, struct gl_error *err);

/* Both REST protocols: path, query, headers and body. */
gl_nodiscard int gl_aws_encode_rest(const struct gl_aws_service *service,
                                    const struct gl_aws_operation *operation, const json_t *params,
                                    struct gl_aws_message *message, struct gl_error *err);

/* Adds the members of `object` as XML elements; `context` is the operation's name. */
gl_nodiscard int gl_aws_encode_xml(const struct gl_aws_types *types, const char *context,
                                   const json_t *object, struct gl_buf *out, struct gl_error *err);

/* Parameters are trees of ours: deeper than this is a mistake. */
enum { GL_AWS_DEEPEST = 32 };

#endif
