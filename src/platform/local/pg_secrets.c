/* The generated passwords of the two database roles, in secrets.json. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "platform/local/pg.h"

enum { PASSWORD_BYTES = 32 };

static const char *const entries[] = {
    [GL_ROLE_OWNER] = "postgres_owner_password",
    [GL_ROLE_APP] = "postgres_app_password",
};

/* A missing file is an empty object: other parts of the platform keep their values there too. */
static int load(const char *path, json_t **ret_secrets, struct gl_error *err)
{
    gl_autojson json_t *secrets = NULL;
    if (!gl_path_exists(path)) {
        *ret_secrets = json_object();
        return 0;
    }
    int failed = gl_json_load(path, &secrets, err);
    if (failed == 0 && !json_is_object(secrets))
        failed = gl_fail(err, GL_E_CORRUPT, _("%s is not a JSON object"), path);
    if (failed == GL_E_CORRUPT)
        gl_error_hint(err, _("Restore it from a copy, or remove it: `golive local up` makes new "
                             "passwords."));
    if (failed == 0)
        *ret_secrets = gl_steal(&secrets);
    return failed;
}

/* Adds what is missing; true if something was added. */
static bool fill(json_t *secrets)
{
    bool added = false;
    for (size_t i = 0; i < GL_COUNT(entries); i++) {
        if (*gl_json_str(secrets, entries[i], ""))
            continue;
        gl_autofree char *password = gl_random_hex(PASSWORD_BYTES);
        gl_json_set_str(secrets, entries[i], password);
        gl_wipe(password, strlen(password));
        added = true;
    }
    return added;
}

static bool is_private(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && (st.st_mode & 077) == 0;
}

int gl_pg_secrets_ensure(const struct gl_local *local, struct gl_error *err)
{
    gl_autofree char *path = gl_local_path(local, "secrets.json");
    gl_autojson json_t *secrets = NULL;
    int failed = load(path, &secrets, err);
    if (failed < 0)
        return failed;
    bool added = fill(secrets);
    for (size_t i = 0; i < GL_COUNT(entries); i++)
        gl_secret_add(gl_json_str(secrets, entries[i], NULL));
    if (!added && is_private(path))
        return 0;
    gl_autofree char *text = gl_json_pretty(secrets);
    failed = gl_write_text(path, text, 0600, err);
    gl_wipe(text, strlen(text));
    return failed;
}

int gl_pg_password(const struct gl_local *local, enum gl_database_role role, char **ret_password,
                   struct gl_error *err)
{
    gl_autofree char *path = gl_local_path(local, "secrets.json");
    gl_autojson json_t *secrets = NULL;
    int failed = load(path, &secrets, err);
    if (failed < 0)
        return failed;
    const char *password = gl_json_str(secrets, entries[role], "");
    if (!*password) {
        gl_fail(err, GL_E_NOT_FOUND, _("%s has no password for the database role %s"), path,
                entries[role]);
        return gl_error_hint(err, _("Run: golive local up"));
    }
    gl_secret_add(password);
    *ret_password = gl_strdup(password);
    return 0;
}
