/* Promotion between accounts: by which role that of `prod` reads what passed an environment in
 * another account. stacks/promotion.yaml makes it, stacks/ci-deploy.yaml lets it be taken on. */
#ifndef GL_INFRA_PROMOTION_H
#define GL_INFRA_PROMOTION_H

#include "config/config.h"

/* The account of `prod`, if this environment is another one and in another account; else NULL.
 * Borrowed from the configuration. */
const char *gl_promotion_account(const struct gl_config *config);

/* ARN of the role of an environment by which it is read, APP-ENV-promote; region says the
 * partition. The caller owns it. */
char *gl_promotion_role(const char *app, const char *env, const char *account, const char *region);

#endif
