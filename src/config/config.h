/* golive.yaml: read, checked against the schema, merged with defaults and one environment.
 *
 * Order of precedence, weakest first: schema default, golive.yaml, environments.<env>, --set. */
#ifndef GL_CONFIG_CONFIG_H
#define GL_CONFIG_CONFIG_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/strv.h"

struct gl_config;

/* Everything wrong with the file, in the order of its lines; each has a place and maybe a hint. */
struct gl_diagnostics {
    struct gl_error *items;
    size_t count;
    size_t left_out; /* more than are worth reading */
    char *text;      /* the file as it was read, or NULL: print shows lines of it */
};

void gl_diagnostics_done(struct gl_diagnostics *list);
#define gl_autodiag gl_cleanup(gl_diagnostics_done)

/* Shows each as file:line:column with the line, a caret and the hint (see docs), then a summary. */
void gl_diagnostics_print(const struct gl_diagnostics *list, FILE *out, bool colour);

struct gl_config_request {
    const char *path;          /* NULL = golive.yaml in this or the nearest parent directory */
    const char *env;           /* environment; "local" needs no entry under environments */
    const struct gl_strv *set; /* NULL, or "key=value" overrides */
};

/* Reads the file. On GL_E_CONFIG `ret_diagnostics` has all mistakes (and err the summary);
 * GL_E_NOT_FOUND when there is no file. The caller frees *ret_config. */
gl_nodiscard int gl_config_load(const struct gl_config_request *request,
                                struct gl_config **ret_config,
                                struct gl_diagnostics *ret_diagnostics, struct gl_error *err);

/* The same file and overrides, merged for another environment: nothing is read or checked again,
 * because every environment was checked when the file was loaded. GL_E_NOT_FOUND when there is no
 * such environment. The caller frees *ret_config, in any order with `config`. */
gl_nodiscard int gl_config_other(const struct gl_config *config, const char *env,
                                 struct gl_config **ret_config, struct gl_error *err);

void gl_config_free(struct gl_config **config);
#define gl_autoconfig gl_cleanup(gl_config_free)

/* Values by dotted path ("backend.port", "release.smoke", "load.profile.0.path"). The path must be
 * in the schema (asserted). Strings and nodes belong to the configuration; NULL / 0 / false when a
 * value without default was not given. */
const char *gl_config_str(const struct gl_config *config, const char *key);
int64_t gl_config_int(const struct gl_config *config, const char *key);
double gl_config_real(const struct gl_config *config, const char *key);
bool gl_config_bool(const struct gl_config *config, const char *key);
const json_t *gl_config_node(const struct gl_config *config, const char *key);

/* The whole merged tree, the environment's name, the absolute directory of golive.yaml (the
 * project), the file's path, and SHA-256 of the merged tree's canonical JSON. */
const json_t *gl_config_tree(const struct gl_config *config);
const char *gl_config_env(const struct gl_config *config);
const char *gl_config_dir(const struct gl_config *config);
const char *gl_config_path(const struct gl_config *config);
const char *gl_config_hash(const struct gl_config *config);

/* What follows a command's name in a text that says what to run next: " --env stg", or "" for
 * "local", which commands mean without it, and when there is no configuration (NULL). It belongs to
 * the configuration. */
const char *gl_config_env_words(const struct gl_config *config);

/* Where a value came from. `line` and `column` are 1-based in golive.yaml, 0 for the others. */
enum gl_origin_kind {
    GL_ORIGIN_DEFAULT,
    GL_ORIGIN_FILE,
    GL_ORIGIN_ENVIRONMENT,
    GL_ORIGIN_COMMAND_LINE,
};

struct gl_origin {
    enum gl_origin_kind kind;
    unsigned line;
    unsigned column;
};
struct gl_origin gl_config_origin(const struct gl_config *config, const char *key);

/* Replaces "{app.name}", "{domain.api}" and the like in a text by values of the configuration; an
 * unknown key stays as it is. The caller owns the result. */
char *gl_config_expand(const struct gl_config *config, const char *text);

#endif
