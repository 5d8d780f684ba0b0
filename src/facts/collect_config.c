/* Facts of golive.yaml: its values merged for each environment, with their places. */
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "config/leaves.h"
#include "facts/internal.h"
#include "platform/platform.h"

/* ---- values ------------------------------------------------------------------------------------
 */

struct writing {
    struct gl_rows rows;
    const char *env;
    const char *file;
};

static const char *const origin_words[] = {
    [GL_ORIGIN_DEFAULT] = "default",
    [GL_ORIGIN_FILE] = "file",
    [GL_ORIGIN_ENVIRONMENT] = "environment",
    [GL_ORIGIN_COMMAND_LINE] = "command_line",
};

static void write_leaf(const struct gl_config_leaf *leaf, void *context)
{
    struct writing *w = context;
    struct gl_rows *rows = &w->rows;
    gl_autopath struct gl_path_parts parts;
    gl_path_split(leaf->key, &parts);
    gl_rows_text(rows, w->env);
    gl_rows_text(rows, leaf->key);
    gl_rows_text(rows, parts.shape);
    gl_rows_text(rows, parts.parent);
    gl_rows_text(rows, parts.name);
    gl_rows_text(rows, leaf->value);
    gl_rows_text(rows, leaf->kind);
    gl_rows_text(rows, origin_words[leaf->origin.kind]);
    gl_rows_text(rows, leaf->origin.line ? w->file : NULL);
    gl_rows_line(rows, leaf->origin.line);
    gl_rows_add(rows);
}

static int write_config(const struct gl_collecting *c, const struct gl_config *config,
                        struct gl_error *err)
{
    struct writing writing = {.env = gl_config_env(config),
                              .file = gl_path_base(gl_config_path(config))};
    gl_rows_open(c->db, "config", &writing.rows, err);
    gl_config_leaves(config, write_leaf, &writing);
    return gl_rows_done(&writing.rows);
}

/* ---- environments ------------------------------------------------------------------------------
 */

static int write_environment(const struct gl_collecting *c, const struct gl_config *config,
                             struct gl_error *err)
{
    struct gl_rows rows;
    const char *env = gl_config_env(config);
    gl_autofree char *key = gl_asprintf("environments.%s", env);
    gl_rows_open(c->db, "environment", &rows, err);
    gl_rows_text(&rows, env);
    gl_rows_text(&rows, gl_platform_is_aws(config) ? "aws" : "local");
    gl_rows_int(&rows, strcmp(env, c->env) == 0);
    gl_rows_int(&rows, c->staging->env && strcmp(env, c->staging->env) == 0);
    gl_rows_line(&rows, gl_config_environment_line(config));
    gl_rows_add(&rows);
    int failed = gl_rows_done(&rows);
    return failed < 0 ? failed : write_config(c, config, err);
}

static int write_other(const struct gl_collecting *c, const char *env, struct gl_error *err)
{
    gl_autoconfig struct gl_config *config = NULL;
    const struct gl_staging *staging = c->staging;
    if (staging->config && strcmp(env, staging->env) == 0)
        return write_environment(c, staging->config, err);
    int failed = gl_config_other(c->request->config, env, &config, err);
    return failed < 0 ? failed : write_environment(c, config, err);
}

int gl_collect_config(const struct gl_collecting *c, struct gl_error *err)
{
    int failed = write_environment(c, c->request->config, err);
    json_t *all = json_object_get(gl_config_tree(c->request->config), "environments");
    const char *env;
    json_t *value;
    json_object_foreach(all, env, value)
    {
        if (failed == 0 && strcmp(env, c->env) != 0)
            failed = write_other(c, env, err);
    }
    return failed;
}
