/* Asks the providers in turn. */
#include "aws/credentials_chain.h"

#include <stdlib.h>

#include "aws/provider_internal.h"
#include "base/i18n.h"

struct gl_aws_chain {
    struct gl_aws_chain_options options;
    const struct gl_aws_profile *profile;
    const struct gl_aws_provider_row *winner;
};

int gl_aws_chain_new(const struct gl_aws_chain_options *options, struct gl_aws_chain **ret_chain,
                     struct gl_error *err)
{
    const struct gl_aws_profile *profile = NULL;
    int result = gl_aws_profiles_need(options->files, options->profile, &profile, err);
    if (result < 0)
        return result;
    struct gl_aws_chain *chain = gl_alloc(sizeof *chain);
    *chain = (struct gl_aws_chain){.options = *options, .profile = profile};
    *ret_chain = chain;
    return 0;
}

void gl_aws_chain_free(struct gl_aws_chain **chain)
{
    free(*chain);
    *chain = NULL;
}

static const char *region_of(const struct gl_aws_chain *chain)
{
    const char *region = chain->options.region;
    if (!region)
        region = gl_aws_region(chain->profile);
    return region ? region : "us-east-1";
}

static int nothing_found(const struct gl_strv *tried, struct gl_error *err)
{
    gl_autofree char *list = gl_strv_join(tried, "\n  ");
    gl_fail(err, GL_E_NOT_FOUND, _("no AWS credentials were found. Looked at:\n  %s"), list);
    return gl_error_hint(err, _("sign in with: aws configure sso, then aws sso login --profile "
                                "NAME and AWS_PROFILE=NAME; in CI use a role by OIDC"));
}

int gl_aws_chain_find(struct gl_aws_chain *chain, struct gl_aws_credentials *ret,
                      struct gl_error *err)
{
    gl_autostrv struct gl_strv tried = {0};
    struct gl_aws_lookup lookup = {
        .options = &chain->options,
        .profile = chain->profile,
        .region = region_of(chain),
        .without_environment = chain->options.profile != NULL,
        .tried = &tried,
    };
    size_t row = 0;
    int found;
    if (chain->winner)
        found = chain->winner->find(&lookup, ret, err);
    else
        found = gl_aws_find_by_use(&lookup, GL_AWS_USE_CHAIN | GL_AWS_USE_SOURCE, &row, ret, err);
    if (found < 0)
        return found;
    if (found == 0)
        return nothing_found(&tried, err);
    if (!chain->winner)
        chain->winner = &gl_aws_provider_rows[row];
    return 0;
}
