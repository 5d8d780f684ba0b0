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
#include "platform/local/slot.h"

enum { PASSWORD_BYTES = 32 };

static const char *const entries[] = {
    [GL_ROLE_OWNER] = "postgres_owner_password",
    [GL_ROLE_APP] = "postgres_app_password",
};

/* Once the database's service was set up, passwords are in use: missing ones are lost ones. */
static bool in_use(const struct gl_local *local)
{
    gl_autofree char *service = gl_local_path(local, "s6/" GL_PG_SERVICE);
    return gl_is_dir(service);
}

static void warn(const struct gl_local *local, const char *role, bool found)
{
    gl_autofree char *path = gl_local_path(local, "secrets.json");
    gl_log(GL_LOG_WARN,
           found ? _("%s had lost the password of the database role %s: it was found again in what "
                     "the running version was started with")
                 : _("%s had lost the password of the database role %s: it was made anew, and what "
                     "still uses the old one (a copied DATABASE_URL, say) can no longer log in"),
           path, role);
}

/* Adds what is missing; true if something was added. What the application runs with stays. */
static bool fill(const struct gl_local *local, json_t *secrets)
{
    bool added = false;
    bool lost = in_use(local);
    for (enum gl_database_role role = 0; role < GL_COUNT(entries); role++) {
        if (*gl_json_str(secrets, entries[role], ""))
            continue;
        gl_autofree char *name = gl_pg_role_name(local, role);
        gl_autofree char *found = lost ? gl_salvage_password(local, name) : NULL;
        gl_autofree char *password = found ? gl_strdup(found) : gl_random_hex(PASSWORD_BYTES);
        gl_json_set_str(secrets, entries[role], password);
        gl_wipe(password, strlen(password));
        if (found)
            gl_wipe(found, strlen(found));
        if (lost)
            warn(local, name, found != NULL);
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
    bool whole = !in_use(local) || gl_path_exists(path);
    bool added = fill(local, secrets.values);
    if (!whole)
        gl_envvars_salvage(local, secrets.values);
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
        gl_fail(err, GL_E_NOT_FOUND,
                _("the database was not set up here yet: %s/secrets.json has no %s"), local->root,
                entries[role]);
        return gl_error_hint(err, _("golive local up sets it up."));
    }
    gl_secret_add(password);
    *ret_password = gl_strdup(password);
    return 0;
}
