/* A role that other credentials ask for. */
#include "aws/credentials_role.h"

#include <stdlib.h>

#include "aws/provider_sts.h"

struct gl_aws_role {
    struct gl_aws_role_options options;
    struct gl_aws_provider *signer; /* a view: its source may serve other threads too */
};

struct gl_aws_role *gl_aws_role_new(const struct gl_aws_role_options *options)
{
    struct gl_aws_role *role = gl_alloc(sizeof *role);
    role->options = *options;
    role->signer = gl_aws_provider_shared(options->through);
    return role;
}

void gl_aws_role_free(struct gl_aws_role **role)
{
    struct gl_aws_role *gone = gl_steal(role);
    if (!gone)
        return;
    gl_aws_provider_free(&gone->signer);
    free(gone);
}

int gl_aws_role_take(struct gl_aws_role *role, struct gl_aws_credentials *ret, struct gl_error *err)
{
    const struct gl_aws_credentials *signer = NULL;
    int failed = gl_aws_provider_get(role->signer, false, &signer, err);
    if (failed < 0)
        return failed;
    const struct gl_aws_lookup lookup = {.profile = role->options.profile,
                                         .region = role->options.region};
    gl_autofree char *session = gl_aws_session_name();
    gl_autostscall struct gl_aws_sts_call call = {
        .action = "AssumeRole", .source = "assume-role", .signer = signer};
    gl_aws_sts_add(&call, "RoleArn", role->options.arn);
    gl_aws_sts_add(&call, "RoleSessionName", session);
    return gl_aws_sts_assume(&lookup, &call, ret, err);
}
