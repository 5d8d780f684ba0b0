/* What of a release must be the same where it passed and where it is promoted to. */
#ifndef GL_RELEASE_FINGERPRINT_H
#define GL_RELEASE_FINGERPRINT_H

#include "base/hash.h"
#include "config/config.h"
#include "migrate/migrate.h"

/* Over version and checksum of every migration, in order. An empty list has a hash too. */
void gl_fingerprint_migrations(const struct gl_migrations *list, char ret_hash[GL_SHA256_HEX_SIZE]);

/* Over name and content of every stack that this program and the project's stacks/ have, as
 * gl_catalog_open() would choose them; nothing is evaluated. */
gl_nodiscard int gl_fingerprint_templates(const char *project_dir,
                                          char ret_hash[GL_SHA256_HEX_SIZE], struct gl_error *err);

/* Of one stack, as gl_catalog_open() would choose it. GL_E_NOT_FOUND if there is none of that name.
 */
gl_nodiscard int gl_fingerprint_template(const char *project_dir, const char *name,
                                         char ret_hash[GL_SHA256_HEX_SIZE], struct gl_error *err);

/* Over the environment's merged configuration, without what says who people are and what they may
 * do: a change there is no change of what is shipped. */
void gl_fingerprint_settings(const struct gl_config *config, char ret_hash[GL_SHA256_HEX_SIZE]);

#endif
