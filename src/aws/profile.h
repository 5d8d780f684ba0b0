/* ~/.aws/config and ~/.aws/credentials: sections of keys, one level of nested keys, merged as the
 * AWS SDKs merge them (AWS SDKs and Tools Reference Guide, "Shared config and credentials files").
 *
 * A key of the credentials file wins over the same key of the same profile in the config file. The
 * grammar is that of botocore (Python's configparser): `=` or `:`, whole-line comments by # or ;,
 * lines that are indented deeper than their key go on with its value. A profile or key that stands
 * twice in one file is a mistake. [profile default] wins over [default]. */
#ifndef GL_AWS_PROFILE_H
#define GL_AWS_PROFILE_H

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

enum gl_aws_file {
    GL_AWS_FILE_CONFIG,
    GL_AWS_FILE_CREDENTIALS,
};

/* The path that was, or would have been, read. */
const char *gl_aws_profiles_path(const struct gl_aws_profiles *profiles, enum gl_aws_file file);

enum gl_aws_section {
    GL_AWS_PROFILE,     /* [profile NAME], [default]; in the credentials file [NAME] */
    GL_AWS_SSO_SESSION, /* [sso-session NAME] */
    GL_AWS_SERVICES,    /* [services NAME] */
};

/* The section of that kind and name, or NULL. */
const struct gl_aws_profile *gl_aws_profiles_find(const struct gl_aws_profiles *profiles,
                                                  enum gl_aws_section kind, const char *name);

/* The name a person meant: `name` if it is not NULL, else AWS_DEFAULT_PROFILE or AWS_PROFILE, else
 * "default". */
const char *gl_aws_profile_wanted(const char *name);

/* Like gl_aws_profiles_find() for a profile, and GL_E_CONFIG naming the nearest one when there is
 * none; "default" may be missing, *ret_profile is then NULL. */
gl_nodiscard int gl_aws_profiles_need(const struct gl_aws_profiles *profiles, const char *name,
                                      const struct gl_aws_profile **ret_profile,
                                      struct gl_error *err);

/* The value of a key (in lower case here; in the files either case does), NULL when there is none
 * or `profile` is NULL. Nested keys, one below the other in the file:
 * gl_aws_profile_nested(profile, "s3", "addressing_style"). The values belong to the files. */
const char *gl_aws_profile_get(const struct gl_aws_profile *profile, const char *key);
const char *gl_aws_profile_nested(const struct gl_aws_profile *profile, const char *key,
                                  const char *nested);

/* The same, but only what that one file says: the two halves of a key pair must come from the same
 * file. */
const char *gl_aws_profile_get_from(const struct gl_aws_profile *profile, enum gl_aws_file file,
                                    const char *key);

/* The section's name ("default" for NULL) and the files it belongs to. */
const char *gl_aws_profile_name(const struct gl_aws_profile *profile);
const struct gl_aws_profiles *gl_aws_profile_files(const struct gl_aws_profile *profile);

/* Names the file and line of a key (or of the section, when the key is NULL or not there) as the
 * place of `err`; returns err->code. */
int gl_aws_profile_error_at(const struct gl_aws_profile *profile, const char *key,
                            struct gl_error *err);

/* The region: AWS_REGION, AWS_DEFAULT_REGION, the profile's `region`, else NULL. */
const char *gl_aws_region(const struct gl_aws_profile *profile);

#endif
