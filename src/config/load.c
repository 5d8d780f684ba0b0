/* golive.yaml from disk to a checked and merged configuration, and the questions to it. */
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "config/internal.h"

enum { FILE_MAX_BYTES = 1024 * 1024 };

static const char default_name[] = "golive.yaml";

/* ---- which file --------------------------------------------------------------------------------
 */

static int find_file(const char *given, char **ret_path, struct gl_error *err)
{
    if (given && gl_path_exists(given)) {
        *ret_path = gl_strdup(given);
        return 0;
    }
    if (given)
        return gl_fail(err, GL_E_NOT_FOUND, _("there is no file %s"), given);
    if (gl_path_exists(default_name)) {
        *ret_path = gl_strdup(default_name);
        return 0;
    }
    gl_autofree char *dir = gl_find_upwards(".", default_name);
    if (dir) {
        *ret_path = gl_path_join(dir, default_name);
        return 0;
    }
    gl_fail(err, GL_E_NOT_FOUND, _("there is no golive.yaml here or in a directory above"));
    return gl_error_hint(err, _("golive init writes one."));
}

static struct gl_config *new_config(const char *path, const char *env)
{
    struct gl_config *config = gl_alloc(sizeof *config);
    gl_autofree char *dir = gl_path_dir(path);
    char *absolute = realpath(dir, NULL);
    config->dir = absolute ? absolute : gl_strdup(dir);
    config->path = gl_path_join(config->dir, gl_path_base(path));
    config->env = gl_strdup(env);
    config->env_words = strcmp(env, "local") == 0 ? gl_strdup("") : gl_asprintf(" --env %s", env);
    return config;
}

/* ---- checks ------------------------------------------------------------------------------------
 */

struct loading {
    const struct gl_config_request *request;
    struct gl_check check;
    struct gl_config_source *source;
    struct gl_diagnostics list;
};

static void leave_source(struct gl_config_source **source)
{
    struct gl_config_source *left = gl_steal(source);
    if (!left || --left->users > 0)
        return;
    gl_tree_done(&left->file);
    gl_tree_done(&left->set);
    free(left);
}

static void loading_done(struct loading *loading)
{
    leave_source(&loading->source);
    gl_diagnostics_done(&loading->list);
}

static void check_environment_name(const struct loading *loading)
{
    const char *env = loading->request->env;
    const struct gl_node *environments = gl_node_child(loading->source->file.root, "environments");
    if (strcmp(env, "local") == 0 || gl_node_child(environments, env))
        return;
    gl_autostrv struct gl_strv names = {0};
    for (const struct gl_node *at = environments ? environments->first : NULL; at; at = at->next)
        gl_strv_add(&names, at->name);
    if (!gl_strv_has(&names, "local")) /* needs no entry */
        gl_strv_add(&names, "local");
    const char *nearest = gl_nearest(env, (const char *const *)names.items, names.count);
    gl_autofree char *all = gl_strv_join(&names, ", ");
    struct gl_origin at = environments ? environments->name_origin : (struct gl_origin){0};
    struct gl_error *problem = gl_diagnostics_add(loading->check.list, loading->check.file, at,
                                                  _("there is no environment `%s`"), env);
    gl_autofree char *beside = nearest ? gl_asprintf(_("did you mean `%s`?"), nearest) : NULL;
    gl_error_hint(problem, _("%s\nThe environments are: %s."), beside ? beside : "", all);
}

/* Every environment is merged once, so that a mistake in production shows before it is needed. */
static void check_merged(const struct loading *loading, const char *env)
{
    gl_autoconfig struct gl_config *config = new_config(loading->check.file, env);
    gl_merge(config, loading->source->file.root, loading->source->set.root);
    gl_rules_run(&loading->check, config->tree.root, env);
}

static void check_environments(const struct loading *loading)
{
    const struct gl_node *environments = gl_node_child(loading->source->file.root, "environments");
    for (const struct gl_node *at = environments ? environments->first : NULL; at; at = at->next) {
        if (strcmp(at->name, "local") != 0)
            check_merged(loading, at->name);
    }
    check_merged(loading, "local");
}

/* `readable`: the tree has the whole file. After a syntax error it has only a part, of which
 * "missing" and the like would be false. */
static void check_all(struct loading *loading, bool readable)
{
    struct gl_check in_set = loading->check;
    in_set.file = "--set";
    if (!loading->source->file.root && !loading->list.count) {
        struct gl_error *problem =
            gl_diagnostics_add(&loading->list, loading->check.file,
                               (struct gl_origin){.line = 1, .column = 1}, _("the file is empty"));
        gl_error_hint(problem, _("golive init writes a golive.yaml for this repository."));
    }
    gl_set_read(loading->request->set, &loading->source->set, &loading->list);
    if (loading->source->set.root)
        gl_validate(&in_set, loading->source->set.root, true);
    if (!loading->source->file.root)
        return;
    gl_validate(&loading->check, loading->source->file.root, !readable);
    gl_rules_check_nodes(&loading->check);
    if (!readable || loading->source->file.root->kind != GL_NODE_MAP)
        return;
    check_environment_name(loading);
    check_environments(loading);
}

/* The configuration of one environment out of a file without mistakes. */
static struct gl_config *merge_source(struct gl_config_source *source, const char *path,
                                      const char *env)
{
    struct gl_config *config = new_config(path, env);
    config->source = source;
    source->users++;
    gl_merge(config, source->file.root, source->set.root);
    return config;
}

int gl_config_parse_text(const struct gl_config_request *request, const char *text, size_t len,
                         struct gl_config **ret_config, struct gl_diagnostics *ret_diagnostics,
                         struct gl_error *err)
{
    gl_cleanup(loading_done) struct loading loading = {.request = request};
    const char *name = request->path ? request->path : default_name;
    loading.check = (struct gl_check){.file = name, .list = &loading.list};
    loading.source = gl_alloc(sizeof *loading.source);
    loading.source->users = 1;
    bool readable = gl_yaml_read(text, len, name, &loading.source->file, &loading.list);
    loading.check.root = loading.source->file.root;
    check_all(&loading, readable);
    gl_diagnostics_sort(&loading.list);
    int failed = gl_diagnostics_summary(&loading.list, name, err);
    if (failed < 0) {
        loading.list.text = gl_strndup(text, len);
        *ret_diagnostics = loading.list;
        loading.list = (struct gl_diagnostics){0};
        return failed;
    }
    *ret_config = merge_source(loading.source, name, request->env);
    return 0;
}

int gl_config_other(const struct gl_config *config, const char *env, struct gl_config **ret_config,
                    struct gl_error *err)
{
    const struct gl_node *environments = gl_node_child(config->source->file.root, "environments");
    if (strcmp(env, "local") != 0 && !gl_node_child(environments, env))
        return gl_fail(err, GL_E_NOT_FOUND, _("there is no environment `%s`"), env);
    *ret_config = merge_source(config->source, config->path, env);
    return 0;
}

/* A directory, a FIFO, gigabytes: whatever stands in its place, the configuration is wrong. What
 * the system refused (a permission) has its own hint and stays what it is. */
static int unreadable(struct gl_error *err)
{
    if (!err || err->hint)
        return err ? err->code : GL_E_CONFIG;
    err->code = GL_E_CONFIG;
    return gl_error_hint(err, _("golive.yaml is a text file of some lines; golive init writes one. "
                                "Another one is named with --config FILE."));
}

int gl_config_load(const struct gl_config_request *request, struct gl_config **ret_config,
                   struct gl_diagnostics *ret_diagnostics, struct gl_error *err)
{
    gl_autofree char *path = NULL;
    gl_autobuf struct gl_buf text = {0};
    int failed = find_file(request->path, &path, err);
    if (failed < 0)
        return failed;
    if (gl_read_file(path, FILE_MAX_BYTES, &text, err) < 0)
        return unreadable(err);
    struct gl_config_request found = *request;
    found.path = path;
    return gl_config_parse_text(&found, gl_buf_text(&text), text.len, ret_config, ret_diagnostics,
                                err);
}

void gl_config_free(struct gl_config **config)
{
    if (!*config)
        return;
    leave_source(&(*config)->source);
    gl_tree_done(&(*config)->tree);
    json_decref((*config)->json);
    free((*config)->path);
    free((*config)->dir);
    free((*config)->env);
    free((*config)->env_words);
    free(*config);
    *config = NULL;
}

/* ---- questions ---------------------------------------------------------------------------------
 */

static const struct gl_node *find(const struct gl_config *config, const char *key)
{
    assert(gl_schema_find(key)); /* a key that the schema does not have is a mistake in the code */
    return gl_node_find(config->tree.root, key);
}

const json_t *gl_config_node(const struct gl_config *config, const char *key)
{
    const struct gl_node *node = find(config, key);
    return node && !json_is_null(node->json) ? node->json : NULL;
}

const char *gl_config_str(const struct gl_config *config, const char *key)
{
    return json_string_value(gl_config_node(config, key));
}

int64_t gl_config_int(const struct gl_config *config, const char *key)
{
    return json_integer_value(gl_config_node(config, key));
}

double gl_config_real(const struct gl_config *config, const char *key)
{
    return json_number_value(gl_config_node(config, key));
}

bool gl_config_bool(const struct gl_config *config, const char *key)
{
    return json_is_true(gl_config_node(config, key));
}

const json_t *gl_config_tree(const struct gl_config *config)
{
    return config->json;
}

const char *gl_config_env(const struct gl_config *config)
{
    return config->env;
}

const char *gl_config_env_words(const struct gl_config *config)
{
    return config ? config->env_words : "";
}

const char *gl_config_dir(const struct gl_config *config)
{
    return config->dir;
}

const char *gl_config_path(const struct gl_config *config)
{
    return config->path;
}

/* Only some commands want to know, and of one environment. */
const char *gl_config_hash(const struct gl_config *config)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    if (!*config->hash)
        gl_merge_hash((struct gl_config *)config);
    pthread_mutex_unlock(&lock);
    return config->hash;
}

struct gl_origin gl_config_origin(const struct gl_config *config, const char *key)
{
    const struct gl_node *node = find(config, key);
    return node ? node->origin : (struct gl_origin){.kind = GL_ORIGIN_DEFAULT};
}

/* ---- "{domain.api}" ----------------------------------------------------------------------------
 */

/* The value of a key as text; false if it has none. */
static bool add_value(const struct gl_config *config, const char *key, struct gl_buf *text)
{
    if (strcmp(key, "env") == 0) {
        gl_buf_puts(text, config->env);
        return true;
    }
    return gl_schema_find(key) && gl_config_scalar_text(gl_config_node(config, key), text);
}

char *gl_config_expand(const struct gl_config *config, const char *text)
{
    struct gl_buf result = {0};
    while (*text) {
        const char *end = *text == '{' ? strchr(text, '}') : NULL;
        gl_autofree char *key = end ? gl_strndup(text + 1, (size_t)(end - text) - 1) : NULL;
        if (key && add_value(config, key, &result))
            text = end + 1;
        else
            gl_buf_putc(&result, *text++);
    }
    return gl_buf_steal(&result);
}
