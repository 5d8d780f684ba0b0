/* Opening an account: credentials, client, and who they are. */
#include "infra/account.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"

struct gl_account {
    struct gl_aws_profiles *files;
    struct gl_aws_provider *provider;
    struct gl_aws_client *client;
    char *id;
    char *caller;
    const char *region; /* the configuration's */
};

/* Who the credentials belong to; the first call, so that a wrong one is noticed before any other.
 */
static int ask_identity(struct gl_account *account, struct gl_error *err)
{
    gl_autojson json_t *identity = NULL;
    int failed = gl_aws_ask(account->client, "sts", "GetCallerIdentity", NULL, &identity, err);
    if (failed < 0)
        return failed;
    const char *id = gl_json_str(identity, "Account", NULL);
    const char *caller = gl_json_str(identity, "Arn", NULL);
    if (!id || !caller)
        return gl_fail(err, GL_E_NET, _("STS did not say whose credentials these are"));
    account->id = gl_strdup(id);
    account->caller = gl_strdup(caller);
    return 0;
}

static int check_account(const struct gl_account *account, const struct gl_config *config,
                         struct gl_error *err)
{
    const char *env = gl_config_env(config);
    const char *wanted = gl_config_str(config, "account_id");
    if (!wanted) {
        gl_fail(err, GL_E_CONFIG, _("environments.%s.account_id is missing"), env);
        return gl_error_hint(err,
                             _("These credentials belong to account %s (%s). If that is %s, "
                               "write it there."),
                             account->id, account->caller, env);
    }
    if (strcmp(wanted, account->id) == 0)
        return 0;
    struct gl_origin origin = gl_config_origin(config, "account_id");
    gl_fail(err, GL_E_REFUSED, _("these credentials belong to account %s (%s), but %s is %s"),
            account->id, account->caller, env, wanted);
    if (origin.line)
        gl_error_at(err, gl_config_path(config), origin.line, origin.column);
    return gl_error_hint(err, _("Choose others: AWS_PROFILE=..., or --profile NAME."));
}

static int make_client(struct gl_account *account, const struct gl_account_options *options,
                       struct gl_error *err)
{
    const struct gl_aws_profile *profile = NULL;
    struct gl_aws_chain_options chain = {
        .profile = options->profile,
        .region = account->region,
        .ask_mfa = options->ask_mfa,
        .ask_context = options->ask_context,
    };
    int failed = gl_aws_profiles_load(&account->files, err);
    if (failed == 0)
        failed = gl_aws_profiles_need(account->files, options->profile, &profile, err);
    if (failed < 0)
        return failed;
    chain.files = account->files;
    failed = gl_aws_provider_default(&chain, &account->provider, err);
    if (failed < 0)
        return failed;
    struct gl_aws_client_options client = {
        .provider = account->provider,
        .region = account->region,
        .profile = profile,
    };
    return gl_aws_client_new(&client, &account->client, err);
}

int gl_account_open(const struct gl_account_options *options, struct gl_account **ret_account,
                    struct gl_error *err)
{
    gl_autoaccount struct gl_account *account = gl_alloc(sizeof *account);
    account->region = gl_config_str(options->config, "region");
    if (!account->region)
        return gl_fail(err, GL_E_CONFIG, _("environments.%s.region is missing"),
                       gl_config_env(options->config));
    int failed = make_client(account, options, err);
    if (failed == 0)
        failed = ask_identity(account, err);
    if (failed == 0)
        failed = check_account(account, options->config, err);
    if (failed == 0)
        *ret_account = gl_steal(&account);
    return failed;
}

void gl_account_free(struct gl_account **account)
{
    struct gl_account *old = gl_steal(account);
    if (!old)
        return;
    gl_aws_client_free(&old->client);
    gl_aws_provider_free(&old->provider);
    gl_aws_profiles_free(&old->files);
    free(old->id);
    free(old->caller);
    free(old);
}

struct gl_aws_client *gl_account_client(struct gl_account *account)
{
    return account->client;
}

const char *gl_account_id(const struct gl_account *account)
{
    return account->id;
}

const char *gl_account_region(const struct gl_account *account)
{
    return account->region;
}

const char *gl_account_caller(const struct gl_account *account)
{
    return account->caller;
}
