/* What a person must know of a change beside its values: secrets, data, interruptions. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "infra/changeset_internal.h"

/* ---- secrets -----------------------------------------------------------------------------------
 */

/* The last word of a path; indexes are no words. */
static void last_word(const char *path, char *ret_word, size_t size)
{
    size_t end = strlen(path);
    while (end &&
           (path[end - 1] == ']' || path[end - 1] == '[' || isdigit((unsigned char)path[end - 1])))
        end--;
    size_t begin = end;
    while (begin && path[begin - 1] != '.' && path[begin - 1] != '/')
        begin--;
    size_t len = end - begin < size ? end - begin : size - 1;
    memcpy(ret_word, path + begin, len);
    ret_word[len] = '\0';
}

static bool named_secret(const char *path)
{
    static const char *const ends[] = {"Password",    "SecretString", "SecretValue",
                                       "PrivateKey",  "ClientSecret", "AuthToken",
                                       "AccessToken", "SecretKey",    "SecretAccessKey",
                                       "ApiKey",      "Credential",   "Credentials"};
    char word[64];
    last_word(path, word, sizeof word);
    for (size_t i = 0; i < GL_COUNT(ends); i++) {
        size_t len = strlen(word);
        size_t own = strlen(ends[i]);
        if (len >= own && strcasecmp(word + len - own, ends[i]) == 0)
            return true;
    }
    return false;
}

/* scheme://user:password@host */
static bool has_url_password(const char *text)
{
    const char *at = strstr(text, "://");
    if (!at)
        return false;
    const char *end = at + 3 + strcspn(at + 3, "/?# \"");
    const char *sign = memchr(at + 3, '@', (size_t)(end - at - 3));
    return sign && memchr(at + 3, ':', (size_t)(sign - at - 3));
}

bool gl_value_looks_secret(const char *path, const char *text)
{
    static const char *const parts[] = {"-----BEGIN ", "AKIA",  "ASIA",    "ghp_",
                                        "github_pat_", "xoxb-", "sk_live_"};
    if (!text || !*text || gl_starts_with(text, "{{resolve:"))
        return false; /* a reference tells nothing */
    if (named_secret(path) || has_url_password(text))
        return true;
    for (size_t i = 0; i < GL_COUNT(parts); i++) {
        if (strstr(text, parts[i]))
            return true;
    }
    return false;
}

/* ---- data --------------------------------------------------------------------------------------
 */

bool gl_type_holds_data(const char *type)
{
    static const char *const types[] = {"AWS::Backup::BackupVault",
                                        "AWS::CloudTrail::Trail",
                                        "AWS::Cognito::UserPool",
                                        "AWS::DynamoDB::Table",
                                        "AWS::ECR::Repository",
                                        "AWS::EFS::FileSystem",
                                        "AWS::KMS::Key",
                                        "AWS::Logs::LogGroup",
                                        "AWS::RDS::DBCluster",
                                        "AWS::RDS::DBInstance",
                                        "AWS::Route53::HostedZone",
                                        "AWS::S3::Bucket",
                                        "AWS::SecretsManager::Secret"};
    for (size_t i = 0; i < GL_COUNT(types); i++) {
        if (strcmp(types[i], type) == 0)
            return true;
    }
    return false;
}

/* ---- interruptions -----------------------------------------------------------------------------
 */

/* From "Update requires: Some interruptions" in the reference of each type, and RDS's list of what
 * needs a restart (USER_ModifyInstance.Settings). `later` is what happens when the resource has
 * ApplyImmediately false. */
static const struct {
    const char *type;
    const char *property;
    const char *now;
    const char *later;
} interruptions[] = {
    {"AWS::RDS::DBInstance",       "EngineVersion",           N_("restarts the database when it is applied"),
     N_("restart in the maintenance window")                                                                                                            },
    {"AWS::RDS::DBInstance",       "DBInstanceClass",         N_("restarts the database when it is applied"),
     N_("restart in the maintenance window")                                                                                                            },
    {"AWS::RDS::DBInstance",       "StorageType",             N_("may restart the database when it is applied"),
     N_("restart in the maintenance window")                                                                                                            },
    {"AWS::RDS::DBInstance",       "CACertificateIdentifier",
     N_("restarts the database when it is applied"),                                                             N_("restart in the maintenance window")},
    {"AWS::RDS::DBInstance",       "DBParameterGroupName",    N_("takes effect at the next restart"),
     N_("takes effect at the next restart")                                                                                                             },
    {"AWS::RDS::DBParameterGroup", "Parameters",
     N_("static parameters take effect at the next restart"),
     N_("static parameters take effect at the next restart")                                                                                            },
};

const char *gl_interruption(const struct gl_resource *resource, const char *type, const char *path)
{
    const char *word =
        resource ? gl_value_str(resource->properties, "ApplyImmediately", "true") : "true";
    for (size_t i = 0; i < GL_COUNT(interruptions); i++) {
        size_t len = strlen(interruptions[i].property);
        bool same = strncmp(interruptions[i].property, path, len) == 0 &&
                    (path[len] == '\0' || path[len] == '.' || path[len] == '[');
        if (same && strcmp(interruptions[i].type, type) == 0)
            return strcmp(word, "false") == 0 ? _(interruptions[i].later) : _(interruptions[i].now);
    }
    return NULL;
}
