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
#include "platform/local/secrets.h"

enum { PASSWORD_BYTES = 32 };

static const char *const entries[] = {
    [GL_ROLE_OWNER] = "postgres_owner_password",
    [GL_ROLE_APP] = "postgres_app_password",
};

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
    gl_autosecrets struct gl_secrets secrets = {0};
    int failed = gl_secrets_open(local, &secrets, err);
    if (failed < 0)
        return failed;
    bool added = fill(secrets.values);
    for (size_t i = 0; i < GL_COUNT(entries); i++)
        gl_secret_add(gl_json_str(secrets.values, entries[i], NULL));
    return added || !is_private(path) ? gl_secrets_save(local, &secrets, err) : 0;
}

int gl_pg_password(const struct gl_local *local, enum gl_database_role role, char **ret_password,
                   struct gl_error *err)
{
    gl_autojson json_t *secrets = NULL;
    int failed = gl_secrets_read(local, &secrets, err);
    if (failed < 0)
        return failed;
    const char *password = gl_json_str(secrets, entries[role], "");
    if (!*password) {
        gl_fail(err, GL_E_NOT_FOUND, _("secrets.json has no password for the database role %s"),
                entries[role]);
        return gl_error_hint(err, _("Run: golive local up"));
    }
    gl_secret_add(password);
    *ret_password = gl_strdup(password);
    return 0;
}
