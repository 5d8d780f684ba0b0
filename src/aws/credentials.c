/* The provider: keeps credentials, renews them in time, and goes on with them while it can. */
#include "aws/credentials.h"

#include <pthread.h>
#include <stdlib.h>

#include "aws/credentials_chain.h"
#include "aws/credentials_role.h"
#include "aws/credentials_value.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"

enum {
    RENEW_BEFORE_MS = 5 * 60 * 1000,
    RETRY_RENEWAL_MS = 60 * 1000,
};

struct gl_aws_provider {
    struct gl_aws_chain *chain;     /* NULL = the credentials are fixed, or a role's */
    struct gl_aws_role *role;       /* NULL = they are not a role's */
    struct gl_aws_provider *source; /* of a view: whose credentials are copied */
    pthread_mutex_t lock;           /* of a source: one view at a time */
    struct gl_aws_credentials credentials;
    int64_t no_renewal_before_ms; /* monotonic; after one that failed */
};

static struct gl_aws_provider *provider_new(void)
{
    struct gl_aws_provider *provider = gl_alloc(sizeof *provider);
    pthread_mutex_init(&provider->lock, NULL);
    return provider;
}

static struct gl_aws_credentials copy_of(const struct gl_aws_credentials *credentials)
{
    return (struct gl_aws_credentials){
        .access_key = gl_strdup(credentials->access_key),
        .secret_key = gl_strdup(credentials->secret_key),
        .session_token = gl_strdup(credentials->session_token),
        .expires_unix_ms = credentials->expires_unix_ms,
        .source = credentials->source ? credentials->source : "explicit",
    };
}

struct gl_aws_provider *gl_aws_provider_static(const struct gl_aws_credentials *credentials)
{
    struct gl_aws_provider *provider = provider_new();
    gl_secret_add(credentials->secret_key);
    gl_secret_add(credentials->session_token);
    provider->credentials = copy_of(credentials);
    return provider;
}

struct gl_aws_provider *gl_aws_provider_shared(struct gl_aws_provider *source)
{
    struct gl_aws_provider *view = provider_new();
    view->source = source;
    return view;
}

int gl_aws_provider_default(const struct gl_aws_chain_options *options,
                            struct gl_aws_provider **ret_provider, struct gl_error *err)
{
    struct gl_aws_chain *chain = NULL;
    int result = gl_aws_chain_new(options, &chain, err);
    if (result < 0)
        return result;
    struct gl_aws_provider *provider = provider_new();
    provider->chain = chain;
    *ret_provider = provider;
    return 0;
}

struct gl_aws_provider *gl_aws_provider_role(const struct gl_aws_role_options *options)
{
    struct gl_aws_provider *provider = provider_new();
    provider->role = gl_aws_role_new(options);
    return provider;
}

void gl_aws_provider_free(struct gl_aws_provider **provider)
{
    struct gl_aws_provider *gone = gl_steal(provider);
    if (!gone)
        return;
    gl_aws_credentials_done(&gone->credentials);
    gl_aws_chain_free(&gone->chain);
    gl_aws_role_free(&gone->role);
    pthread_mutex_destroy(&gone->lock);
    free(gone);
}

static bool lasts(const struct gl_aws_credentials *credentials, int64_t ms)
{
    return credentials->access_key && (credentials->expires_unix_ms == 0 ||
                                       credentials->expires_unix_ms - gl_now_unix_ms() > ms);
}

static bool needs_renewal(const struct gl_aws_provider *provider)
{
    if (lasts(&provider->credentials, RENEW_BEFORE_MS))
        return false;
    return !lasts(&provider->credentials, 0) || gl_mono_ms() >= provider->no_renewal_before_ms;
}

static int expired(const struct gl_aws_credentials *credentials, struct gl_error *err)
{
    gl_autofree char *since = gl_format_rfc3339(credentials->expires_unix_ms);
    gl_fail(err, GL_E_REFUSED, _("the AWS credentials (%s) expired at %s"), credentials->source,
            since);
    return gl_error_hint(err, _("renew them where they came from, then run golive again"));
}

static int renew(struct gl_aws_provider *provider, struct gl_error *err)
{
    gl_autocredentials struct gl_aws_credentials fresh = {0};
    int result = provider->role ? gl_aws_role_take(provider->role, &fresh, err)
                                : gl_aws_chain_find(provider->chain, &fresh, err);
    if (result < 0)
        return result;
    if (!lasts(&fresh, 0))
        return expired(&fresh, err);
    gl_aws_credentials_done(&provider->credentials);
    provider->credentials = fresh;
    /* Where the source itself gives short ones, it is not asked at every call. */
    provider->no_renewal_before_ms =
        lasts(&fresh, RENEW_BEFORE_MS) ? 0 : gl_mono_ms() + RETRY_RENEWAL_MS;
    fresh = (struct gl_aws_credentials){0};
    return 0;
}

/* The old credentials serve on while they are valid, unless AWS itself refused them. */
static int renew_if_possible(struct gl_aws_provider *provider, bool must, struct gl_error *err)
{
    gl_autoerr struct gl_error problem = {0};
    int result = renew(provider, &problem);
    if (result == 0)
        return 0;
    if (must || result == GL_E_INTERRUPTED || !lasts(&provider->credentials, 0)) {
        gl_error_move(err, &problem);
        return result;
    }
    provider->no_renewal_before_ms = gl_mono_ms() + RETRY_RENEWAL_MS;
    gl_log(GL_LOG_WARN, "AWS credentials could not be renewed yet: %s", problem.message);
    return 0;
}

/* What a provider of its own has, after renewing it if need be. */
static int keep_valid(struct gl_aws_provider *provider, bool force_refresh, struct gl_error *err)
{
    bool renews = provider->chain || provider->role;
    if (!renews || !(force_refresh || needs_renewal(provider)))
        return 0;
    return renew_if_possible(provider, force_refresh, err);
}

static int copy_from_source(struct gl_aws_provider *view, bool force_refresh, struct gl_error *err)
{
    pthread_mutex_lock(&view->source->lock);
    int result = keep_valid(view->source, force_refresh, err);
    if (result == 0) {
        gl_aws_credentials_done(&view->credentials);
        view->credentials = copy_of(&view->source->credentials);
    }
    pthread_mutex_unlock(&view->source->lock);
    return result;
}

int gl_aws_provider_get(struct gl_aws_provider *provider, bool force_refresh,
                        const struct gl_aws_credentials **ret_credentials, struct gl_error *err)
{
    int result = provider->source ? copy_from_source(provider, force_refresh, err)
                                  : keep_valid(provider, force_refresh, err);
    if (result < 0)
        return result;
    *ret_credentials = &provider->credentials;
    return 0;
}
