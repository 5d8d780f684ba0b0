/* The order of the chain. */
#include "aws/provider_internal.h"

#include <stdlib.h>

const struct gl_aws_provider_row gl_aws_provider_rows[] = {
    {gl_aws_find_environment,        GL_AWS_USE_CHAIN,  "Environment"        },
    {gl_aws_find_assume_role,        GL_AWS_USE_CHAIN,  NULL                 },
    {gl_aws_find_web_identity,       GL_AWS_USE_SOURCE, NULL                 },
    {gl_aws_find_sso,                GL_AWS_USE_SOURCE, NULL                 },
    {gl_aws_find_shared_credentials, GL_AWS_USE_SOURCE, NULL                 },
    {gl_aws_find_login,              GL_AWS_USE_SOURCE, NULL                 },
    {gl_aws_find_process,            GL_AWS_USE_SOURCE, NULL                 },
    {gl_aws_find_config_file,        GL_AWS_USE_SOURCE, NULL                 },
    {gl_aws_find_container,          GL_AWS_USE_CHAIN,  "EcsContainer"       },
    {gl_aws_find_imds,               GL_AWS_USE_CHAIN,  "Ec2InstanceMetadata"},
};
const size_t gl_aws_provider_row_count = GL_COUNT(gl_aws_provider_rows);

int gl_aws_find_by_use(const struct gl_aws_lookup *lookup, unsigned uses, size_t *ret_row,
                       struct gl_aws_credentials *ret, struct gl_error *err)
{
    for (size_t i = 0; i < gl_aws_provider_row_count; i++) {
        if (!(gl_aws_provider_rows[i].use & uses))
            continue;
        int found = gl_aws_provider_rows[i].find(lookup, ret, err);
        if (found > 0 && ret_row)
            *ret_row = i;
        if (found)
            return found;
    }
    return 0;
}

const char *gl_aws_env(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

const char *gl_aws_ca_file(const struct gl_aws_profile *profile)
{
    const char *chosen = gl_aws_env("AWS_CA_BUNDLE");
    return chosen ? chosen : gl_aws_profile_get(profile, "ca_bundle");
}
