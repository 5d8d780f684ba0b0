/* golive's AWS credentials, profiles and endpoints for tests that compare them with botocore.
 *
 *   cred_tool get [PROFILE]     the chain's credentials as JSON; the MFA code is MFA_CODE
 *   cred_tool profiles          every section of both files as JSON
 *   cred_tool endpoints         lines "SERVICE REGION" to lines "URL SIGNING_REGION SIGNING_NAME"
 * An error is JSON {"error": {...}} or a line "ERROR message"; the exit status stays 0. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "aws/profile_internal.h"
#include "base/json.h"

static void print(const json_t *json)
{
    gl_autofree char *text = gl_json_canonical(json);
    puts(text);
}

static int print_error(const struct gl_error *err)
{
    gl_autojson json_t *json = json_object();
    json_t *inner = json_object();
    gl_json_set_str(inner, "code", gl_code_word(err->code));
    gl_json_set_str(inner, "message", err->message);
    gl_json_set_str(inner, "hint", err->hint);
    gl_json_set_str(inner, "file", err->file);
    gl_json_set_int(inner, "line", err->line);
    json_object_set_new(json, "error", inner);
    print(json);
    return 0;
}

static int ask(const char *serial, void *context, char **ret_code, struct gl_error *err)
{
    const char *code = getenv("MFA_CODE");
    (void)context;
    if (!code)
        return gl_fail(err, GL_E_REFUSED, "nobody to ask for %s", serial);
    *ret_code = gl_strdup(code);
    return 0;
}

static int get(const char *profile)
{
    gl_autoerr struct gl_error err = {0};
    gl_autoprofiles struct gl_aws_profiles *files = NULL;
    gl_autoprovider struct gl_aws_provider *provider = NULL;
    const struct gl_aws_credentials *found = NULL;
    if (gl_aws_profiles_load(&files, &err) < 0)
        return print_error(&err);
    struct gl_aws_chain_options options = {
        .files = files, .profile = profile, .ask_mfa = getenv("MFA_CODE") ? ask : NULL};
    if (gl_aws_provider_default(&options, &provider, &err) < 0 ||
        gl_aws_provider_get(provider, false, &found, &err) < 0)
        return print_error(&err);
    gl_autojson json_t *json = json_object();
    gl_json_set_str(json, "access_key", found->access_key);
    gl_json_set_str(json, "secret_key", found->secret_key);
    gl_json_set_str(json, "token", found->session_token);
    gl_json_set_str(json, "source", found->source);
    gl_json_set_int(json, "expires_unix_ms", found->expires_unix_ms);
    print(json);
    return 0;
}

static void add_body(json_t *into, const struct gl_aws_body *body)
{
    for (size_t i = 0; i < body->count; i++) {
        const struct gl_aws_entry *entry = &body->entries[i];
        if (!entry->parent) {
            gl_json_set_str(into, entry->key, entry->value);
            continue;
        }
        json_t *block = json_object_get(into, entry->parent);
        if (!json_is_object(block)) {
            json_object_set_new(into, entry->parent, json_object());
            block = json_object_get(into, entry->parent);
        }
        gl_json_set_str(block, entry->key, entry->value);
    }
}

static int profiles(void)
{
    static const char *const kinds[] = {"profiles", "sso_sessions", "services"};
    gl_autoerr struct gl_error err = {0};
    gl_autoprofiles struct gl_aws_profiles *files = NULL;
    if (gl_aws_profiles_load(&files, &err) < 0)
        return print_error(&err);
    gl_autojson json_t *json = json_object();
    for (size_t i = 0; i < GL_COUNT(kinds); i++)
        json_object_set_new(json, kinds[i], json_object());
    for (size_t i = 0; i < files->count; i++) {
        const struct gl_aws_profile *section = files->sections[i];
        json_t *one = json_object();
        for (size_t file = 0; file < GL_AWS_FILES; file++)
            add_body(one, &section->bodies[file]);
        json_object_set_new(json_object_get(json, kinds[section->kind]), section->name, one);
    }
    print(json);
    return 0;
}

static int endpoints(void)
{
    gl_autoerr struct gl_error err = {0};
    gl_autoprofiles struct gl_aws_profiles *files = NULL;
    const struct gl_aws_profile *profile = NULL;
    char line[256];
    if (gl_aws_profiles_load(&files, &err) < 0 ||
        gl_aws_profiles_need(files, NULL, &profile, &err) < 0)
        return print_error(&err);
    while (fgets(line, sizeof line, stdin)) {
        gl_autostrv struct gl_strv words = {0};
        gl_strv_split(&words, line, " \n");
        if (words.count < 1)
            continue;
        gl_autofree char *url = NULL;
        gl_autofree char *region = NULL;
        const char *service = words.items[0];
        if (gl_aws_endpoint(service, words.items[1], profile, &url, &region, &err) < 0)
            printf("ERROR %s\n", err.message);
        else
            printf("%s %s %s\n", url, region, gl_aws_signing_name(service));
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "get") == 0)
        return get(argv[2]);
    if (argc == 2 && strcmp(argv[1], "profiles") == 0)
        return profiles();
    if (argc == 2 && strcmp(argv[1], "endpoints") == 0)
        return endpoints();
    (void)fprintf(stderr, "usage: cred_tool get [PROFILE] | profiles | endpoints\n");
    return 2;
}
