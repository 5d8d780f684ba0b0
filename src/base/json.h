/* jansson with ownership attributes and typed look-ups. */
#ifndef GL_BASE_JSON_H
#define GL_BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

void gl_json_unref(json_t **json);
#define gl_autojson gl_cleanup(gl_json_unref)

/* Parses text; duplicate keys are refused. `name` is what the error calls it. */
gl_nodiscard int gl_json_parse(const char *text, size_t len, const char *name, json_t **ret_json,
                               struct gl_error *err);
/* The same from a file of at most 64 MiB: GL_E_IO when it cannot be read, GL_E_CORRUPT when
 * it is not JSON. The caller owns the value. */
gl_nodiscard int gl_json_load(const char *path, json_t **ret_json, struct gl_error *err);

/* The same for what holds secrets: the error says where it is wrong and quotes nothing of it. */
gl_nodiscard int gl_json_parse_secret(const char *text, size_t len, const char *name,
                                      json_t **ret_json, struct gl_error *err);
gl_nodiscard int gl_json_load_secret(const char *path, json_t **ret_json, struct gl_error *err);

/* Compact text with sorted keys: the same value always gives the same bytes. Caller owns it. */
char *gl_json_canonical(const json_t *json);

/* Indented text with a trailing newline, keys in their order. Caller owns it. */
char *gl_json_pretty(const json_t *json);

/* Member look-ups; the fallback when missing or of another type. Strings belong to the JSON. */
const char *gl_json_str(const json_t *object, const char *key, const char *fallback);
int64_t gl_json_int(const json_t *object, const char *key, int64_t fallback);
bool gl_json_bool(const json_t *object, const char *key, bool fallback);

/* object[key] = value; no-op for a NULL string. */
void gl_json_set_str(json_t *object, const char *key, const char *value);
void gl_json_set_int(json_t *object, const char *key, int64_t value);
void gl_json_set_bool(json_t *object, const char *key, bool value);
void gl_json_set_real(json_t *object, const char *key, double value);

#endif
