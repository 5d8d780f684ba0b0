/* ~/.aws/config and ~/.aws/credentials: sections of keys, one level of nested keys, merged as the
 * AWS SDKs merge them (AWS SDKs and Tools Reference Guide, "Shared config and credentials files").
 *
 * A key of the credentials file wins over the same key of the same profile in the config file. */
#ifndef GL_AWS_PROFILE_H
#define GL_AWS_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Both files. */
struct gl_aws_profiles;

/* One section: a profile, an sso-session or a services section. Belongs to the files. */
struct gl_aws_profile;

/* Reads AWS_CONFIG_FILE (~/.aws/config) and AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials). A
 * missing file is an empty one. GL_E_CONFIG with file:line for text that is no such file. */
gl_nodiscard int gl_aws_profiles_load(struct gl_aws_profiles **ret_profiles, struct gl_error *err);

/* The same from memory (tests, fuzzing); the names are what errors call the texts. NULL text = no
 * such file. */
gl_nodiscard int gl_aws_profiles_parse(const char *config, const char *config_name,
                                       const char *credentials, const char *credentials_name,
                                       struct gl_aws_profiles **ret_profiles, struct gl_error *err);

void gl_aws_profiles_free(struct gl_aws_profiles **profiles);
#define gl_autoprofiles gl_cleanup(gl_aws_profiles_free)

/* The paths that were (or would have been) read. */
const char *gl_aws_profiles_config_path(const struct gl_aws_profiles *profiles);
const char *gl_aws_profiles_credentials_path(const struct gl_aws_profiles *profiles);

enum gl_aws_section {
    GL_AWS_PROFILE,     /* [profile NAME], [default]; in the credentials file [NAME] */
    GL_AWS_SSO_SESSION, /* [sso-session NAME] */
    GL_AWS_SERVICES,    /* [services NAME] */
};

/* The section of that kind and name, or NULL. */
const struct gl_aws_profile *gl_aws_profiles_find(const struct gl_aws_profiles *profiles,
                                                  enum gl_aws_section kind, const char *name);

/* The name a person meant: `name` if it is not NULL, else AWS_PROFILE, else "default". */
const char *gl_aws_profile_wanted(const char *name);

/* Like gl_aws_profiles_find() for a profile, and GL_E_CONFIG naming the nearest one when there is
 * none; "default" may be missing, *ret_profile is then NULL. */
gl_nodiscard int gl_aws_profiles_need(const struct gl_aws_profiles *profiles, const char *name,
                                      const struct gl_aws_profile **ret_profile,
                                      struct gl_error *err);

/* The value of a key (keys are compared in lower case), NULL when there is none or `profile` is
 * NULL. Values of nested keys: "s3.addressing_style" is gl_aws_profile_nested(p, "s3",
 * "addressing_style"). */
const char *gl_aws_profile_get(const struct gl_aws_profile *profile, const char *key);
const char *gl_aws_profile_nested(const struct gl_aws_profile *profile, const char *key,
                                  const char *nested);

/* The section's name, the files it belongs to, and whether a value came from the credentials file.
 */
const char *gl_aws_profile_name(const struct gl_aws_profile *profile);
const struct gl_aws_profiles *gl_aws_profile_files(const struct gl_aws_profile *profile);
bool gl_aws_profile_in_credentials(const struct gl_aws_profile *profile, const char *key);

/* Names the file and line of a key (or of the section, when the key is NULL or not there) as the
 * place of `err`; returns err->code. */
int gl_aws_profile_error_at(const struct gl_aws_profile *profile, const char *key,
                            struct gl_error *err);

/* The region: AWS_REGION, AWS_DEFAULT_REGION, the profile's `region`, else NULL. */
const char *gl_aws_region(const struct gl_aws_profile *profile);

#endif
