/* secrets.json: one reader and one writer for all parts of the platform. */
#include "platform/local/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "base/log.h"

enum { LOCK_POLL_MS = 100 };

int64_t gl_secrets_lock_ms = 30000;

/* A missing file is an empty object: whoever needs a value makes it. */
int gl_secrets_read(const struct gl_local *local, json_t **ret_values, struct gl_error *err)
{
    gl_autofree char *path = gl_local_path(local, "secrets.json");
    gl_autojson json_t *values = NULL;
    if (!gl_path_exists(path)) {
        *ret_values = json_object();
        return 0;
    }
    int failed = gl_json_load_secret(path, &values, err);
    if (failed == 0 && !json_is_object(values))
        failed = gl_fail(err, GL_E_CORRUPT, _("%s is not a JSON object"), path);
    if (failed == GL_E_CORRUPT)
        gl_error_hint(err, _("Restore it from a copy, or remove it: `golive local up` makes new "
                             "passwords."));
    if (failed == 0)
        *ret_values = gl_steal(&values);
    return failed;
}

int gl_secrets_stored(const struct gl_local *local, const char *name, char **ret_value,
                      struct gl_error *err)
{
    gl_autojson json_t *values = NULL;
    int failed = gl_secrets_read(local, &values, err);
    if (failed < 0)
        return failed;
    const char *value = gl_json_str(json_object_get(values, "variables"), name, "");
    if (!*value) {
        gl_autofree char *path = gl_local_path(local, "secrets.json");
        gl_fail(err, GL_E_NOT_FOUND, _("%s has no value on this machine"), name);
        return gl_error_hint(err, _("Write it into %s: {\"variables\": {\"%s\": \"https://...\"}}"),
                             path, name);
    }
    gl_secret_add(value);
    *ret_value = gl_strdup(value);
    return 0;
}

/* flock() cannot wait with a limit, and a signal must be able to end the wait. */
static int lock_file(const char *path, int *ret_fd, struct gl_error *err)
{
    gl_autoclose int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return gl_fail_errno(err, errno, _("cannot lock %s"), path);
    int64_t until_ms = gl_mono_ms() + gl_secrets_lock_ms;
    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return gl_fail_errno(err, errno, _("cannot lock %s"), path);
        int failed = gl_interrupt_check(err);
        if (failed < 0)
            return failed;
        if (gl_mono_ms() >= until_ms) {
            gl_fail(err, GL_E_BUSY, _("%s is locked by another golive"), path);
            return gl_error_hint(err, _("Wait until it has ended, or end it, and try again."));
        }
        gl_sleep_ms(LOCK_POLL_MS);
    }
    *ret_fd = gl_steal_fd(&fd);
    return 0;
}

int gl_secrets_open(const struct gl_local *local, struct gl_secrets *ret_secrets,
                    struct gl_error *err)
{
    gl_autofree char *path = gl_local_path(local, "secrets.lock");
    struct gl_secrets secrets = {.lock_fd = -1};
    int failed = lock_file(path, &secrets.lock_fd, err);
    if (failed < 0)
        return failed;
    failed = gl_secrets_read(local, &secrets.values, err);
    if (failed < 0) {
        gl_close_fd(&secrets.lock_fd);
        return failed;
    }
    *ret_secrets = secrets;
    return 0;
}

int gl_secrets_save(const struct gl_local *local, const struct gl_secrets *secrets,
                    struct gl_error *err)
{
    gl_autofree char *path = gl_local_path(local, "secrets.json");
    gl_autofree char *text = gl_json_pretty(secrets->values);
    int failed = gl_write_text(path, text, 0600, err);
    gl_wipe(text, strlen(text));
    return failed;
}

void gl_secrets_done(struct gl_secrets *secrets)
{
    if (!secrets->values)
        return;
    json_decref(gl_steal(&secrets->values));
    gl_close_fd(&secrets->lock_fd);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the file, two levels */
static void mask_strings(const json_t *values)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)values, name, value)
    {
        if (json_is_string(value))
            gl_secret_add(json_string_value(value));
        else
            mask_strings(value);
    }
}

static void mask_configured(const struct gl_config *config)
{
    const json_t *variables = config ? gl_config_node(config, "env_vars") : NULL;
    for (size_t i = 0; i < json_array_size(variables); i++) {
        const json_t *variable = json_array_get(variables, i);
        const char *name = NULL;
        json_t *value = NULL;
        if (strcmp(gl_json_str(variable, "kind", "plain"), "secret") != 0)
            continue;
        json_object_foreach(json_object_get(variable, "values"), name, value)
        {
            gl_autofree char *expanded = gl_config_expand(config, json_string_value(value));
            gl_secret_add(expanded);
        }
    }
}

void gl_secrets_mask(const struct gl_local *local)
{
    gl_autojson json_t *values = NULL;
    if (gl_secrets_read(local, &values, NULL) == 0)
        mask_strings(values);
    mask_configured(local->base.config);
}
