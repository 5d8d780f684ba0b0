/* Opening an account: credentials, client, and who they are. */
#include "infra/account.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"

struct gl_account {
    struct gl_aws_profiles *files;
    const struct gl_aws_profile *profile;
    struct gl_aws_provider *source; /* used through views only */
    struct gl_aws_provider **views; /* of the account's client and of further ones */
    size_t view_count;
    struct gl_aws_client *client;
    char *id;
    char *caller;
    char *region;
    char *role; /* NULL = none was taken on */
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

static int new_client(struct gl_account *account, bool ignore_interrupts,
                      struct gl_aws_client **ret_client, struct gl_error *err)
{
    struct gl_aws_provider *view = gl_aws_provider_shared(account->source);
    account->views =
        gl_realloc_array(account->views, account->view_count + 1, sizeof(struct gl_aws_provider *));
    account->views[account->view_count++] = view;
    struct gl_aws_client_options options = {
        .provider = view,
        .region = account->region,
        .profile = account->profile,
        .ignore_interrupts = ignore_interrupts,
    };
    return gl_aws_client_new(&options, ret_client, err);
}

int gl_account_new_client(struct gl_account *account, struct gl_aws_client **ret_client,
                          struct gl_error *err)
{
    return new_client(account, true, ret_client, err);
}

/* Asked for at once, so that a refusal is of the role and not of the first call. */
static int take_role(struct gl_account *account, const struct gl_account_options *options,
                     struct gl_error *err)
{
    const struct gl_aws_credentials *unused = NULL;
    account->role = gl_strdup(options->role);
    const struct gl_aws_role_options role = {
        .through = options->through->source,
        .profile = account->profile,
        .region = account->region,
        .arn = account->role,
    };
    account->source = gl_aws_provider_role(&role);
    gl_autoprovider struct gl_aws_provider *view = gl_aws_provider_shared(account->source);
    return gl_aws_provider_get(view, false, &unused, err);
}

static int make_client(struct gl_account *account, const struct gl_account_options *options,
                       struct gl_error *err)
{
    struct gl_aws_chain_options chain = {
        .profile = options->profile,
        .region = account->region,
        .ask_mfa = options->ask_mfa,
        .ask_context = options->ask_context,
    };
    int failed = gl_aws_profiles_load(&account->files, err);
    if (failed == 0)
        failed = gl_aws_profiles_need(account->files, options->profile, &account->profile, err);
    if (failed < 0)
        return failed;
    chain.files = account->files;
    failed = options->role ? take_role(account, options, err)
                           : gl_aws_provider_default(&chain, &account->source, err);
    return failed < 0 ? failed : new_client(account, false, &account->client, err);
}

int gl_account_open(const struct gl_account_options *options, struct gl_account **ret_account,
                    struct gl_error *err)
{
    gl_autoaccount struct gl_account *account = gl_alloc(sizeof *account);
    account->region = gl_strdup(gl_config_str(options->config, "region"));
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
    for (size_t i = 0; i < old->view_count; i++)
        gl_aws_provider_free(&old->views[i]);
    gl_aws_provider_free(&old->source);
    free(old->views);
    gl_aws_profiles_free(&old->files);
    free(old->id);
    free(old->caller);
    free(old->region);
    free(old->role);
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
