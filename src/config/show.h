/* The merged configuration for people: YAML-like text or JSON, each value with its origin. */
#ifndef GL_CONFIG_SHOW_H
#define GL_CONFIG_SHOW_H

#include "config/config.h"

/* The part below `key` ("" = everything; without the other environments). Values that may hold a
 * password are shown as "***". GL_E_NOT_FOUND when there is no such key or it has no value. The
 * caller owns the text. */
gl_nodiscard int gl_config_show_text(const struct gl_config *config, const char *key,
                                     char **ret_text, struct gl_error *err);

/* The same as one JSON object: {"env": .., "values": [{"key", "value", "origin",
 * "effect"}]}. */
gl_nodiscard int gl_config_show_json(const struct gl_config *config, const char *key,
                                     char **ret_text, struct gl_error *err);

/* "golive.yaml:7:12", "environments.prod golive.yaml:230:5", "--set" or "default"; the caller owns
 * it. */
char *gl_config_origin_text(const struct gl_config *config, struct gl_origin origin);

#endif
