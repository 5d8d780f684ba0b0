/* Room-internal: secrets.json, the values that golive generated for this instance (mode 0600). */
#ifndef GL_PLATFORM_LOCAL_SECRETS_H
#define GL_PLATFORM_LOCAL_SECRETS_H

#include <jansson.h>

#include "platform/local/local.h"

/* The file's content, held so that nobody else changes it meanwhile. */
struct gl_secrets {
    json_t *values; /* an object, empty where there is no file yet */
    int lock_fd;
};

/* How long to wait for whoever changes the file; tests shorten it. */
extern int64_t gl_secrets_lock_ms;

/* Waits for whoever changes the file, then reads it. GL_E_CORRUPT when it is no JSON object,
 * GL_E_BUSY when it is changed for too long, GL_E_INTERRUPTED after a signal. */
gl_nodiscard int gl_secrets_open(const struct gl_local *local, struct gl_secrets *ret_secrets,
                                 struct gl_error *err);
gl_nodiscard int gl_secrets_save(const struct gl_local *local, const struct gl_secrets *secrets,
                                 struct gl_error *err);

/* Lets go of the file. Safe on an empty one. */
void gl_secrets_done(struct gl_secrets *secrets);
#define gl_autosecrets gl_cleanup(gl_secrets_done)

/* Reads the file without keeping others from changing it. The caller frees. */
gl_nodiscard int gl_secrets_read(const struct gl_local *local, json_t **ret_values,
                                 struct gl_error *err);

/* The value that somebody wrote into the file for golive itself, below "variables"; masked from
 * then on. GL_E_NOT_FOUND says where it is to stand. The caller owns it; secret. */
gl_nodiscard int gl_secrets_stored(const struct gl_local *local, const char *name, char **ret_value,
                                   struct gl_error *err);

/* Registers every generated value, and those that the configuration gives to secret variables, for
 * masking. What cannot be read is passed over: it cannot be in a log of ours either. */
void gl_secrets_mask(const struct gl_local *local);

/* ---- salvage.c: values that secrets.json has lost, from what runs ------------------------------
 */

/* A variable as the version that serves (or the other one) was started with it; NULL if none has
 * it. The caller owns it. */
char *gl_salvage_variable(const struct gl_local *local, const char *name);
/* The same for the password of a database role. */
char *gl_salvage_password(const struct gl_local *local, const char *role);

#endif
