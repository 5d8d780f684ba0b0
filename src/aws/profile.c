/* Both files together: finding, merging, freeing. */
#include "aws/profile.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/profile_internal.h"
#include "base/fs.h"
#include "base/i18n.h"

enum { FILE_LIMIT_BYTES = 1 << 20 };

static const struct {
    const char *variable;
    const char *path; /* below the home directory */
} places[GL_AWS_FILES] = {
    [GL_AWS_FILE_CONFIG] = {"AWS_CONFIG_FILE",             ".aws/config"     },
    [GL_AWS_FILE_CREDENTIALS] = {"AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"},
};

static void free_text(char **text)
{
    if (*text)
        gl_wipe(*text, strlen(*text));
    free(*text);
    *text = NULL;
}

void gl_aws_body_done(struct gl_aws_body *body)
{
    for (size_t i = 0; i < body->count; i++) {
        free(body->entries[i].parent);
        free(body->entries[i].key);
        free_text(&body->entries[i].value);
    }
    free(body->entries);
    *body = (struct gl_aws_body){0};
}

const struct gl_aws_entry *gl_aws_body_find(const struct gl_aws_body *body, const char *parent,
                                            const char *key)
{
    for (size_t i = 0; i < body->count; i++) {
        const struct gl_aws_entry *entry = &body->entries[i];
        if (!entry->parent != !parent || (parent && strcmp(entry->parent, parent) != 0))
            continue;
        if (strcmp(entry->key, key) == 0)
            return entry;
    }
    return NULL;
}

static void free_section(struct gl_aws_profile *section)
{
    for (size_t i = 0; i < GL_AWS_FILES; i++)
        gl_aws_body_done(&section->bodies[i]);
    free(section->name);
    free(section);
}

void gl_aws_profiles_free(struct gl_aws_profiles **profiles)
{
    struct gl_aws_profiles *all = gl_steal(profiles);
    if (!all)
        return;
    for (size_t i = 0; i < all->count; i++)
        free_section(all->sections[i]);
    for (size_t i = 0; i < GL_AWS_FILES; i++)
        free(all->paths[i]);
    gl_strv_done(&all->unprefixed);
    free(all->sections);
    free(all);
}

struct gl_aws_profile *gl_aws_profiles_section(struct gl_aws_profiles *profiles,
                                               enum gl_aws_section kind, const char *name)
{
    for (size_t i = 0; i < profiles->count; i++) {
        if (profiles->sections[i]->kind == kind && strcmp(profiles->sections[i]->name, name) == 0)
            return profiles->sections[i];
    }
    struct gl_aws_profile *section = gl_alloc(sizeof *section);
    *section = (struct gl_aws_profile){.kind = kind, .name = gl_strdup(name), .files = profiles};
    profiles->sections =
        gl_realloc_array(profiles->sections, profiles->count + 1, sizeof(struct gl_aws_profile *));
    profiles->sections[profiles->count++] = section;
    return section;
}

/* ---- reading -----------------------------------------------------------------------------------
 */

char *gl_aws_home(void)
{
    const char *home = getenv("HOME");
    if (home && *home)
        return gl_strdup(home);
    struct passwd entry;
    struct passwd *found = NULL;
    char scratch[4096];
    if (getpwuid_r(geteuid(), &entry, scratch, sizeof scratch, &found) != 0 || !found)
        return gl_strdup("/");
    return gl_strdup(found->pw_dir);
}

char *gl_aws_expand_home(const char *path)
{
    if (path[0] != '~' || (path[1] != '/' && path[1] != '\0'))
        return gl_strdup(path);
    gl_autofree char *home = gl_aws_home();
    return gl_asprintf("%s%s", home, path + 1);
}

static char *place_of(enum gl_aws_file file)
{
    const char *chosen = getenv(places[file].variable);
    if (chosen && *chosen)
        return gl_aws_expand_home(chosen);
    gl_autofree char *home = gl_aws_home();
    return gl_path_join(home, places[file].path);
}

static void wipe_buf(struct gl_buf *buf)
{
    gl_wipe(buf->data, buf->cap);
    gl_buf_done(buf);
}

static int read_file(struct gl_aws_profiles *profiles, enum gl_aws_file file, struct gl_error *err)
{
    if (!gl_is_file(profiles->paths[file]))
        return 0;
    gl_cleanup(wipe_buf) struct gl_buf data = {0};
    int result = gl_read_file(profiles->paths[file], FILE_LIMIT_BYTES, &data, err);
    if (result < 0)
        return result;
    if (strlen(gl_buf_text(&data)) != data.len) {
        gl_fail(err, GL_E_CONFIG, _("the file holds NUL bytes: it is no AWS configuration"));
        return gl_error_at(err, profiles->paths[file], 0, 0);
    }
    return gl_aws_profiles_read_text(profiles, file, gl_buf_text(&data), err);
}

int gl_aws_profiles_load(struct gl_aws_profiles **ret_profiles, struct gl_error *err)
{
    gl_autoprofiles struct gl_aws_profiles *profiles = gl_alloc(sizeof *profiles);
    for (unsigned file = 0; file < GL_AWS_FILES; file++) {
        profiles->paths[file] = place_of(file);
        int result = read_file(profiles, file, err);
        if (result < 0)
            return result;
    }
    *ret_profiles = gl_steal(&profiles);
    return 0;
}

int gl_aws_profiles_parse(const char *config, const char *config_name, const char *credentials,
                          const char *credentials_name, struct gl_aws_profiles **ret_profiles,
                          struct gl_error *err)
{
    gl_autoprofiles struct gl_aws_profiles *profiles = gl_alloc(sizeof *profiles);
    const char *const texts[GL_AWS_FILES] = {config, credentials};
    profiles->paths[GL_AWS_FILE_CONFIG] = gl_strdup(config_name);
    profiles->paths[GL_AWS_FILE_CREDENTIALS] = gl_strdup(credentials_name);
    for (unsigned file = 0; file < GL_AWS_FILES; file++) {
        int result = texts[file] ? gl_aws_profiles_read_text(profiles, file, texts[file], err) : 0;
        if (result < 0)
            return result;
    }
    *ret_profiles = gl_steal(&profiles);
    return 0;
}

const char *gl_aws_profiles_path(const struct gl_aws_profiles *profiles, enum gl_aws_file file)
{
    return profiles->paths[file];
}

/* ---- finding -----------------------------------------------------------------------------------
 */

static bool is_there(const struct gl_aws_profile *section)
{
    return section->bodies[GL_AWS_FILE_CONFIG].line ||
           section->bodies[GL_AWS_FILE_CREDENTIALS].line;
}

const struct gl_aws_profile *gl_aws_profiles_find(const struct gl_aws_profiles *profiles,
                                                  enum gl_aws_section kind, const char *name)
{
    for (size_t i = 0; i < profiles->count; i++) {
        const struct gl_aws_profile *section = profiles->sections[i];
        if (section->kind == kind && is_there(section) && strcmp(section->name, name) == 0)
            return section;
    }
    return NULL;
}

const char *gl_aws_profile_wanted(const char *name)
{
    if (name)
        return name;
    /* The order of botocore, so that golive and the aws command never mean two accounts. */
    static const char *const variables[] = {"AWS_DEFAULT_PROFILE", "AWS_PROFILE"};
    for (size_t i = 0; i < GL_COUNT(variables); i++) {
        const char *chosen = getenv(variables[i]);
        if (chosen && *chosen)
            return chosen;
    }
    return "default";
}

static const char *nearest_profile(const struct gl_aws_profiles *profiles, const char *name)
{
    gl_autofree const char **names = gl_realloc_array(NULL, profiles->count + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < profiles->count; i++) {
        if (profiles->sections[i]->kind == GL_AWS_PROFILE && is_there(profiles->sections[i]))
            names[count++] = profiles->sections[i]->name;
    }
    return gl_nearest(name, names, count);
}

static int no_profile(const struct gl_aws_profiles *profiles, const char *name,
                      struct gl_error *err)
{
    const char *config = profiles->paths[GL_AWS_FILE_CONFIG];
    const char *credentials = profiles->paths[GL_AWS_FILE_CREDENTIALS];
    gl_fail(err, GL_E_CONFIG, _("there is no AWS profile \"%s\" in %s or %s"), name, config,
            credentials);
    if (gl_strv_has(&profiles->unprefixed, name))
        return gl_error_hint(err, _("in %s its section must be called [profile %s]"), config, name);
    const char *nearest = nearest_profile(profiles, name);
    if (nearest)
        return gl_error_hint(err, _("did you mean \"%s\"?"), nearest);
    return gl_error_hint(err, _("make it with: aws configure sso --profile %s"), name);
}

int gl_aws_profiles_need(const struct gl_aws_profiles *profiles, const char *name,
                         const struct gl_aws_profile **ret_profile, struct gl_error *err)
{
    const char *wanted = gl_aws_profile_wanted(name);
    const struct gl_aws_profile *found = gl_aws_profiles_find(profiles, GL_AWS_PROFILE, wanted);
    if (!found && strcmp(wanted, "default") != 0)
        return no_profile(profiles, wanted, err);
    *ret_profile = found;
    return 0;
}

/* ---- values ------------------------------------------------------------------------------------
 */

static const struct gl_aws_entry *merged_entry(const struct gl_aws_profile *profile,
                                               const char *parent, const char *key,
                                               enum gl_aws_file *ret_file)
{
    for (size_t i = GL_AWS_FILES; profile && i-- > 0;) {
        const struct gl_aws_entry *entry = gl_aws_body_find(&profile->bodies[i], parent, key);
        if (entry) {
            *ret_file = (enum gl_aws_file)i;
            return entry;
        }
    }
    return NULL;
}

const char *gl_aws_profile_get(const struct gl_aws_profile *profile, const char *key)
{
    enum gl_aws_file file;
    const struct gl_aws_entry *entry = merged_entry(profile, NULL, key, &file);
    return entry ? entry->value : NULL;
}

/* Keys are merged as wholes: a nested block of the credentials file hides the config file's. */
const char *gl_aws_profile_nested(const struct gl_aws_profile *profile, const char *key,
                                  const char *nested)
{
    enum gl_aws_file file;
    if (!merged_entry(profile, NULL, key, &file))
        return NULL;
    const struct gl_aws_entry *entry = gl_aws_body_find(&profile->bodies[file], key, nested);
    return entry ? entry->value : NULL;
}

const char *gl_aws_profile_get_from(const struct gl_aws_profile *profile, enum gl_aws_file file,
                                    const char *key)
{
    const struct gl_aws_entry *entry =
        profile ? gl_aws_body_find(&profile->bodies[file], NULL, key) : NULL;
    return entry ? entry->value : NULL;
}

const char *gl_aws_profile_name(const struct gl_aws_profile *profile)
{
    return profile ? profile->name : "default";
}

const struct gl_aws_profiles *gl_aws_profile_files(const struct gl_aws_profile *profile)
{
    return profile ? profile->files : NULL;
}

int gl_aws_profile_error_at(const struct gl_aws_profile *profile, const char *key,
                            struct gl_error *err)
{
    enum gl_aws_file file = GL_AWS_FILE_CONFIG;
    const struct gl_aws_entry *entry = key ? merged_entry(profile, NULL, key, &file) : NULL;
    if (!profile)
        return err ? err->code : GL_E_CONFIG;
    if (!entry && !profile->bodies[file].line)
        file = GL_AWS_FILE_CREDENTIALS;
    unsigned line = entry ? entry->line : profile->bodies[file].line;
    return gl_error_at(err, profile->files->paths[file], line, 0);
}

const char *gl_aws_region(const struct gl_aws_profile *profile)
{
    static const char *const variables[] = {"AWS_REGION", "AWS_DEFAULT_REGION"};
    for (size_t i = 0; i < GL_COUNT(variables); i++) {
        const char *value = getenv(variables[i]);
        if (value && *value)
            return value;
    }
    return gl_aws_profile_get(profile, "region");
}
