/* The AWS account of one environment: credentials, one client for all its calls, and the proof that
 * it is the account that golive.yaml names. */
#ifndef GL_INFRA_ACCOUNT_H
#define GL_INFRA_ACCOUNT_H

#include "aws/client.h"
#include "config/config.h"

struct gl_account;

/* Strings are borrowed until gl_account_free(). */
struct gl_account_options {
    const struct gl_config *config; /* of the environment */
    const char *profile;            /* NULL = AWS_PROFILE, the usual chain */
    struct gl_account *through;     /* with `role`: whose credentials ask for it; freed later */
    const char *role;               /* ARN of a role of this account to take on, or NULL */
    gl_aws_ask_mfa_fn *ask_mfa;     /* NULL = nobody can be asked */
    void *ask_context;
};

/* Finds credentials and asks STS who they are. GL_E_NOT_FOUND without credentials, GL_E_REFUSED
 * when the account is not environments.<env>.account_id (both are named) or the role cannot be
 * taken on, and the errors of gl_aws_call(). The caller calls gl_account_free(). */
gl_nodiscard int gl_account_open(const struct gl_account_options *options,
                                 struct gl_account **ret_account, struct gl_error *err);

/* NULL-safe. */
void gl_account_free(struct gl_account **account);
#define gl_autoaccount gl_cleanup(gl_account_free)

/* Belong to the account. */
struct gl_aws_client *gl_account_client(struct gl_account *account);

/* One more client of the account, for one other thread; a signal ends none of its calls. The caller
 * frees it before the account. */
gl_nodiscard int gl_account_new_client(struct gl_account *account,
                                       struct gl_aws_client **ret_client, struct gl_error *err);

/* Belong to the account. */
const char *gl_account_id(const struct gl_account *account);     /* "333333333333" */
const char *gl_account_region(const struct gl_account *account); /* environments.<env>.region */
const char *gl_account_caller(const struct gl_account *account); /* ARN of who calls */

#endif
