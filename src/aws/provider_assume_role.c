/* Profiles with role_arn: the chain of source_profile is walked down to credentials that need no
 * role, then every role is assumed on the way back. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/provider_sts.h"
#include "base/i18n.h"

enum { ROLES_MAX = 16 };

struct role_chain {
    const struct gl_aws_profile *roles[ROLES_MAX]; /* the profile asked for comes first */
    size_t count;
};

static bool has_role(const struct gl_aws_profile *profile)
{
    return gl_aws_profile_get(profile, "role_arn") &&
           !gl_aws_profile_get(profile, "web_identity_token_file");
}

static bool has_keys(const struct gl_aws_profile *profile)
{
    return gl_aws_profile_get(profile, "aws_access_key_id") ||
           gl_aws_profile_get(profile, "aws_secret_access_key");
}

/* ---- where the first keys come from ------------------------------------------------------------
 */

static const struct gl_aws_provider_row *source_row(const char *name)
{
    for (size_t i = 0; i < gl_aws_provider_row_count; i++) {
        const char *known = gl_aws_provider_rows[i].credential_source;
        if (known && strcasecmp(known, name) == 0)
            return &gl_aws_provider_rows[i];
    }
    return NULL;
}

static int from_credential_source(const struct gl_aws_lookup *lookup,
                                  const struct gl_aws_profile *profile,
                                  struct gl_aws_credentials *ret, struct gl_error *err)
{
    const char *name = gl_aws_profile_get(profile, "credential_source");
    const struct gl_aws_provider_row *row = source_row(name);
    if (!row) {
        gl_fail(err, GL_E_CONFIG, _("credential_source \"%s\" is unknown"), name);
        gl_error_hint(err, _("it is one of Environment, EcsContainer, Ec2InstanceMetadata"));
        return gl_aws_profile_error_at(profile, "credential_source", err);
    }
    /* The profile itself names the environment here, so it counts even for a named profile. */
    struct gl_aws_lookup inner = *lookup;
    inner.without_environment = false;
    int found = row->find(&inner, ret, err);
    if (found)
        return found < 0 ? found : 0;
    gl_fail(err, GL_E_NOT_FOUND, _("credential_source %s of profile \"%s\" has no credentials"),
            name, gl_aws_profile_name(profile));
    if (lookup->tried->count)
        gl_error_hint(err, "%s", lookup->tried->items[lookup->tried->count - 1]);
    return gl_aws_profile_error_at(profile, "credential_source", err);
}

static int from_profile(const struct gl_aws_lookup *lookup, const struct gl_aws_profile *source,
                        const struct gl_aws_profile *parent, struct gl_aws_credentials *ret,
                        struct gl_error *err)
{
    struct gl_aws_lookup inner = *lookup;
    inner.profile = source;
    inner.without_environment = true;
    int found = gl_aws_find_by_use(&inner, GL_AWS_USE_SOURCE, NULL, ret, err);
    if (found)
        return found < 0 ? found : 0;
    gl_fail(err, GL_E_CONFIG, _("profile \"%s\", the source_profile of \"%s\", has no credentials"),
            gl_aws_profile_name(source), gl_aws_profile_name(parent));
    return gl_aws_profile_error_at(source, NULL, err);
}

/* ---- the way down ------------------------------------------------------------------------------
 */

static int loop(const struct role_chain *chain, const struct gl_aws_profile *last,
                struct gl_error *err)
{
    gl_autostrv struct gl_strv names = {0};
    for (size_t i = 0; i < chain->count; i++)
        gl_strv_add(&names, gl_aws_profile_name(chain->roles[i]));
    gl_strv_add(&names, gl_aws_profile_name(last));
    gl_autofree char *text = gl_strv_join(&names, " -> ");
    gl_fail(err, GL_E_CONFIG, _("the source_profile of AWS profiles goes in a circle: %s"), text);
    gl_error_hint(err, _("one of them must have keys of its own"));
    return gl_aws_profile_error_at(chain->roles[chain->count - 1], "source_profile", err);
}

static bool in_chain(const struct role_chain *chain, const struct gl_aws_profile *profile)
{
    for (size_t i = 0; i < chain->count; i++) {
        if (chain->roles[i] == profile)
            return true;
    }
    return false;
}

static int source_of(const struct gl_aws_lookup *lookup, const struct gl_aws_profile *profile,
                     const struct gl_aws_profile **ret_source, struct gl_error *err)
{
    const char *name = gl_aws_profile_get(profile, "source_profile");
    const struct gl_aws_profile *source = NULL;
    int result = gl_aws_profiles_need(lookup->options->files, name, &source, err);
    if (result == 0 && !source)
        result = gl_fail(err, GL_E_CONFIG, _("there is no AWS profile \"%s\""), name);
    if (result < 0) {
        gl_error_wrap(err, "source_profile");
        return gl_aws_profile_error_at(profile, "source_profile", err);
    }
    *ret_source = source;
    return 0;
}

static int check_sources(const struct gl_aws_profile *profile, struct gl_error *err)
{
    bool by_profile = gl_aws_profile_get(profile, "source_profile") != NULL;
    bool by_source = gl_aws_profile_get(profile, "credential_source") != NULL;
    if (by_profile != by_source)
        return 0;
    gl_fail(err, GL_E_CONFIG,
            by_profile ? _("profile \"%s\" has both source_profile and credential_source")
                       : _("profile \"%s\" has a role_arn, but neither source_profile nor "
                           "credential_source"),
            gl_aws_profile_name(profile));
    return gl_aws_profile_error_at(profile, by_profile ? "credential_source" : "role_arn", err);
}

/* Fills the chain and the credentials at its end. */
static int walk_down(const struct gl_aws_lookup *lookup, struct role_chain *chain,
                     struct gl_aws_credentials *ret, struct gl_error *err)
{
    const struct gl_aws_profile *profile = lookup->profile;
    for (;;) {
        int result = check_sources(profile, err);
        if (result < 0)
            return result;
        if (chain->count == ROLES_MAX)
            return gl_fail(err, GL_E_CONFIG, _("more than %d roles in a row"), ROLES_MAX);
        chain->roles[chain->count++] = profile;
        if (gl_aws_profile_get(profile, "credential_source"))
            return from_credential_source(lookup, profile, ret, err);
        const struct gl_aws_profile *source = NULL;
        result = source_of(lookup, profile, &source, err);
        if (result < 0)
            return result;
        /* A profile may name itself when it has keys: those are then what the role is assumed
         * with. */
        if (in_chain(chain, source) && (source != profile || !has_keys(source)))
            return loop(chain, source, err);
        if (has_keys(source) || !has_role(source))
            return from_profile(lookup, source, profile, ret, err);
        profile = source;
    }
}

/* ---- the way back ------------------------------------------------------------------------------
 */

static int bad_code(const char *serial, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("an MFA code has 6 digits"));
    return gl_error_hint(err, _("enter what the device %s shows now"), serial);
}

/* The code with blanks around it taken off, checked before AWS counts it as a failure. */
static int add_code(struct gl_aws_sts_call *call, const char *serial, const char *answer,
                    struct gl_error *err)
{
    enum { CODE_LEN = 6 };

    answer += strspn(answer, " \t");
    size_t len = strspn(answer, "0123456789");
    if (len != CODE_LEN || answer[len + strspn(answer + len, " \t\r\n")])
        return bad_code(serial, err);
    gl_autosecret char *code = gl_strndup(answer, len);
    gl_aws_sts_add(call, "TokenCode", code);
    return 0;
}

static int add_mfa(const struct gl_aws_lookup *lookup, const struct gl_aws_profile *profile,
                   struct gl_aws_sts_call *call, struct gl_error *err)
{
    const char *serial = gl_aws_profile_get(profile, "mfa_serial");
    if (!serial)
        return 0;
    if (!lookup->options->ask_mfa) {
        gl_fail(err, GL_E_REFUSED,
                _("profile \"%s\" needs a code of the MFA device %s, and there is nobody to ask"),
                gl_aws_profile_name(profile), serial);
        return gl_error_hint(err,
                             _("run golive in a terminal, or first: eval \"$(aws configure "
                               "export-credentials --profile %s --format env)\""),
                             gl_aws_profile_name(profile));
    }
    gl_autosecret char *answer = NULL;
    int result = lookup->options->ask_mfa(serial, lookup->options->ask_context, &answer, err);
    if (result < 0)
        return result;
    gl_aws_sts_add(call, "SerialNumber", serial);
    return add_code(call, serial, answer, err);
}

/* A duration that is no number is left out, as botocore does. */
static void add_duration(const struct gl_aws_profile *profile, struct gl_aws_sts_call *call)
{
    const char *duration = gl_aws_profile_get(profile, "duration_seconds");
    if (duration && *duration && !duration[strspn(duration, "0123456789")])
        gl_aws_sts_add(call, "DurationSeconds", duration);
}

static int assume(const struct gl_aws_lookup *lookup, const struct gl_aws_profile *profile,
                  struct gl_aws_credentials *credentials, struct gl_error *err)
{
    gl_autocredentials struct gl_aws_credentials signer = *credentials;
    *credentials = (struct gl_aws_credentials){0};
    const char *session = gl_aws_profile_get(profile, "role_session_name");
    gl_autofree char *made = session ? NULL : gl_aws_session_name();
    gl_autostscall struct gl_aws_sts_call call = {
        .action = "AssumeRole", .source = "assume-role", .signer = &signer};
    gl_aws_sts_add(&call, "RoleArn", gl_aws_profile_get(profile, "role_arn"));
    gl_aws_sts_add(&call, "RoleSessionName", session ? session : made);
    gl_aws_sts_add(&call, "ExternalId", gl_aws_profile_get(profile, "external_id"));
    add_duration(profile, &call);
    int result = add_mfa(lookup, profile, &call, err);
    if (result == 0)
        result = gl_aws_sts_assume(lookup, &call, credentials, err);
    if (result < 0)
        gl_error_wrap(err, _("profile \"%s\""), gl_aws_profile_name(profile));
    return result;
}

int gl_aws_find_assume_role(const struct gl_aws_lookup *lookup, struct gl_aws_credentials *ret,
                            struct gl_error *err)
{
    if (!has_role(lookup->profile))
        return 0;
    struct role_chain chain = {0};
    gl_autocredentials struct gl_aws_credentials credentials = {0};
    int result = walk_down(lookup, &chain, &credentials, err);
    while (result == 0 && chain.count > 0)
        result = assume(lookup, chain.roles[--chain.count], &credentials, err);
    if (result < 0)
        return result;
    *ret = credentials;
    credentials = (struct gl_aws_credentials){0};
    return 1;
}
