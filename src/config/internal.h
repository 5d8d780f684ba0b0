/* Room-internal: from text to the checked and merged configuration. */
#ifndef GL_CONFIG_INTERNAL_H
#define GL_CONFIG_INTERNAL_H

#include "base/hash.h"
#include "config/config.h"
#include "config/schema.h"
#include "config/tree.h"

/* What was read, shared by the configurations that are merged from it: it ends with the last of
 * them. Configurations are made and freed by one thread. */
struct gl_config_source {
    unsigned users;
    struct gl_tree file;
    struct gl_tree set;
};

struct gl_config {
    struct gl_config_source *source;
    char *path;
    char *dir;
    char *env;
    char *env_words;     /* see gl_config_env_words() */
    struct gl_tree tree; /* merged */
    json_t *json;        /* its values */
    char hash[GL_SHA256_HEX_SIZE];
};

/* ---- diagnostics.c -----------------------------------------------------------------------------
 */

/* Adds a mistake at a place and returns it, so that a hint can be added; after the first 100 the
 * rest is only counted. The part of a hint before a newline is shown beside the caret. */
struct gl_error *gl_diagnostics_add(struct gl_diagnostics *list, const char *file,
                                    struct gl_origin at, const char *fmt, ...) gl_printf(4, 5);
/* By line and column, the same mistake only once. */
void gl_diagnostics_sort(struct gl_diagnostics *list);
/* Fills `err` with the summary; GL_E_CONFIG, or 0 when the list is empty. */
gl_nodiscard int gl_diagnostics_summary(const struct gl_diagnostics *list, const char *file,
                                        struct gl_error *err);

/* ---- yaml.c ------------------------------------------------------------------------------------
 */

/* Reads YAML text into a tree; mistakes of form (syntax, duplicate keys, anchors, aliases, tags,
 * several documents) are added to the list. The tree has what could be read; false when that is
 * not all. */
bool gl_yaml_read(const char *text, size_t len, const char *file, struct gl_tree *ret_tree,
                  struct gl_diagnostics *list);

/* ---- validate.c, rules.c -----------------------------------------------------------------------
 */

struct gl_check {
    const struct gl_node *root; /* the file's tree */
    const char *file;
    struct gl_diagnostics *list;
};

/* Gives every node below `top` its schema and reports what does not fit. `top` is the root, or the
 * root of a tree made from --set. */
void gl_validate(const struct gl_check *check, struct gl_node *top, bool partial);

/* Rules about single nodes of the validated file: references, periods, secrets. */
void gl_rules_check_nodes(const struct gl_check *check);

/* Rules about several values of one merged configuration. */
void gl_rules_run(const struct gl_check *check, const struct gl_node *merged, const char *env);

/* rules_accounts.c: an environment's account, and whether one before it in the file may have the
 * same one (accounts.layout). */
void gl_rules_check_accounts(const struct gl_check *check, const struct gl_node *merged,
                             const char *env);

/* ---- merge.c -----------------------------------------------------------------------------------
 */

/* Merges defaults, the file, its environment and --set into `config` (tree and json). */
void gl_merge(struct gl_config *config, const struct gl_node *file, const struct gl_node *set);
/* Fills config->hash. */
void gl_merge_hash(struct gl_config *config);

/* ---- set.c -------------------------------------------------------------------------------------
 */

/* Makes a tree from "key=value" overrides; mistakes are added to the list. */
void gl_set_read(const struct gl_strv *set, struct gl_tree *ret_tree, struct gl_diagnostics *list);

/* ---- load.c ------------------------------------------------------------------------------------
 */

/* gl_config_load() from text instead of a file: `request->path` is what messages call it. */
gl_nodiscard int gl_config_parse_text(const struct gl_config_request *request, const char *text,
                                      size_t len, struct gl_config **ret_config,
                                      struct gl_diagnostics *ret_diagnostics, struct gl_error *err);

#endif
