/* Room-internal: the two files as sections of entries. */
#ifndef GL_AWS_PROFILE_INTERNAL_H
#define GL_AWS_PROFILE_INTERNAL_H

#include "aws/profile.h"
#include "base/strv.h"

#define GL_AWS_FILES 2 /* members of enum gl_aws_file */

struct gl_aws_entry {
    char *parent; /* key above it for nested keys, else NULL */
    char *key;    /* lower case unless nested */
    char *value;  /* "" for a key with nested ones */
    unsigned line;
};

/* What one file says about a section. */
struct gl_aws_body {
    struct gl_aws_entry *entries;
    size_t count;
    unsigned line; /* of its header; 0 = this file does not have the section */
};

struct gl_aws_profile {
    enum gl_aws_section kind;
    char *name;
    bool default_prefixed; /* [profile default] was seen: [default] does not count */
    struct gl_aws_body bodies[GL_AWS_FILES];
    const struct gl_aws_profiles *files;
};

struct gl_aws_profiles {
    char *paths[GL_AWS_FILES];
    struct gl_aws_profile **sections;
    size_t count;
    struct gl_strv unprefixed; /* [NAME] of the config file that lack the word "profile" */
};

/* Reads one file's text into `profiles`. */
gl_nodiscard int gl_aws_profiles_read_text(struct gl_aws_profiles *profiles, enum gl_aws_file file,
                                           const char *text, struct gl_error *err);

/* The section of that kind and name, made if there is none. */
struct gl_aws_profile *gl_aws_profiles_section(struct gl_aws_profiles *profiles,
                                               enum gl_aws_section kind, const char *name);

/* The entry of that key below `parent` (NULL = none), or NULL. */
const struct gl_aws_entry *gl_aws_body_find(const struct gl_aws_body *body, const char *parent,
                                            const char *key);

void gl_aws_body_done(struct gl_aws_body *body);

/* Splits into words as a POSIX shell does: blanks, '...', "...", backslash; nothing is expanded.
 * False if a quote is not closed. */
gl_nodiscard bool gl_aws_split_words(const char *text, struct gl_strv *words);

/* HOME, else the user's home directory; a path with a leading ~ below it. The caller owns both. */
char *gl_aws_home(void);
char *gl_aws_expand_home(const char *path);

#endif
