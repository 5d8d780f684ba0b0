/* Room-internal: the chain behind a provider. */
#ifndef GL_AWS_CREDENTIALS_CHAIN_H
#define GL_AWS_CREDENTIALS_CHAIN_H

#include "aws/credentials.h"

struct gl_aws_chain;

gl_nodiscard int gl_aws_chain_new(const struct gl_aws_chain_options *options,
                                  struct gl_aws_chain **ret_chain, struct gl_error *err);
void gl_aws_chain_free(struct gl_aws_chain **chain);

/* Asks the providers in turn; once one had credentials, only that one, so that the account never
 * changes while golive runs. */
gl_nodiscard int gl_aws_chain_find(struct gl_aws_chain *chain, struct gl_aws_credentials *ret,
                                   struct gl_error *err);

#endif
