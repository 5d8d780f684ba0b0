/* Values of the templates, each from golive.yaml or the repository. */
#include "generate/values.h"

#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"

struct valuing {
    const struct gl_config *staging, *production;
    const char *prefix;
    json_t *values;
    struct gl_strv *notes;
};

static void set(struct valuing *valuing, const char *name, const char *text)
{
    gl_json_set_str(valuing->values, name, text);
}

static void set_flag(struct valuing *valuing, const char *name, bool holds)
{
    set(valuing, name, holds ? "yes" : NULL);
}

/* A directory of the project, from the top of the repository. */
static char *below(const struct valuing *valuing, const char *dir)
{
    if (strcmp(dir, ".") == 0)
        return gl_strdup(valuing->prefix);
    return strcmp(valuing->prefix, ".") == 0 ? gl_strdup(dir) : gl_path_join(valuing->prefix, dir);
}

static char *project_path(const struct valuing *valuing, const char *dir, const char *name)
{
    gl_autofree char *full = gl_path_join(gl_config_dir(valuing->production), dir);
    return gl_path_join(full, name);
}

static bool is(const struct valuing *valuing, const char *key, const char *word)
{
    const char *text = gl_config_str(valuing->production, key);
    return text && strcmp(text, word) == 0;
}

/* A value as YAML: in quotes whatever it is. */
static char *quoted(const char *text)
{
    gl_autojson json_t *string = json_string(text);
    return gl_json_canonical(string);
}

/* ---- places ------------------------------------------------------------------------------------
 */

/* A branch in a list of YAML, in quotes where it would be something else there: 1.10 is a number,
 * `on` is true. golive.yaml's grammar keeps out what is no name of a branch. */
static char *branch_word(const char *branch)
{
    static const char *const values[] = {"true", "false", "null", "yes", "no",
                                         "on",   "off",   "y",    "n"};
    bool plain = (*branch >= 'a' && *branch <= 'z') || (*branch >= 'A' && *branch <= 'Z');
    for (const char *at = branch; *at; at++)
        plain = plain && (signed char)*at > ' ';
    for (size_t i = 0; i < GL_COUNT(values); i++)
        plain = plain && strcasecmp(branch, values[i]) != 0;
    return plain ? gl_strdup(branch) : quoted(branch);
}

static void set_branches(struct valuing *valuing)
{
    const char *main = gl_config_str(valuing->production, "ci.branches.production");
    const char *integration = gl_config_str(valuing->production, "ci.branches.integration");
    bool integrated = strcmp(integration, "none") != 0 && strcmp(integration, main) != 0;
    integration = integrated ? integration : main;
    gl_autofree char *main_word = branch_word(main);
    gl_autofree char *integration_word = branch_word(integration);
    gl_autofree char *both = integrated ? gl_asprintf("[%s, %s]", main_word, integration_word)
                                        : gl_asprintf("[%s]", main_word);
    set(valuing, "main", main);
    set(valuing, "main_word", main_word);
    set(valuing, "integration", integration);
    set(valuing, "integration_word", integration_word);
    set(valuing, "branches", both);
    set_flag(valuing, "integrated", integrated);
}

/* Where the version of Node stands; else the one that the frontend's tools want at least. */
static char *node_version(const struct valuing *valuing, const char *dir)
{
    static const char *const files[] = {".nvmrc", ".node-version", "package.json"};
    for (size_t i = 0; i < GL_COUNT(files); i++) {
        gl_autofree char *path = project_path(valuing, dir, files[i]);
        gl_autofree char *from_top = below(valuing, dir);
        gl_autojson json_t *package = NULL;
        if (!gl_is_file(path))
            continue;
        bool says = strcmp(files[i], "package.json") != 0 ||
                    (gl_json_load(path, &package, NULL) == 0 &&
                     json_object_get(json_object_get(package, "engines"), "node"));
        if (says)
            return gl_asprintf("node-version-file: %s/%s", from_top, files[i]);
    }
    return gl_strdup("node-version: \"22\"");
}

static void set_directories(struct valuing *valuing)
{
    const char *frontend = gl_config_str(valuing->production, "frontend.dir");
    gl_autofree char *package = project_path(valuing, frontend, "package.json");
    gl_autofree char *backend_dir =
        below(valuing, gl_config_str(valuing->production, "backend.dir"));
    gl_autofree char *frontend_dir = below(valuing, frontend);
    gl_autofree char *node = node_version(valuing, frontend);
    bool has_frontend = gl_is_file(package);
    set(valuing, "project", valuing->prefix);
    set(valuing, "backend", backend_dir);
    set(valuing, "frontend", has_frontend ? frontend_dir : NULL);
    set(valuing, "node", has_frontend ? node : NULL);
    set(valuing, "runner",
        is(valuing, "backend.arch", "X86_64") ? "ubuntu-24.04" : "ubuntu-24.04-arm");
    set(valuing, "languages", has_frontend ? "rust, javascript-typescript" : "rust");
}

/* ---- scanners ----------------------------------------------------------------------------------
 */

/* The condition that a scanner of golive.yaml makes true; NULL = none. */
static const struct {
    const char *key, *word, *name;
} scanners[] = {
    {"ci.scanners.rust",  "cargo-audit", "cargo_audit"},
    {"ci.scanners.rust",  "cargo-deny",  "cargo_deny" },
    {"ci.scanners.npm",   "npm-audit",   "npm_audit"  },
    {"ci.scanners.sast",  "codeql",      "codeql"     },
    {"ci.scanners.image", "trivy",       "trivy"      },
    {"ci.scanners.image", "ecr",         NULL         }, /* golive deploy waits for it */
};

static bool set_scanner(struct valuing *valuing, const char *key)
{
    for (size_t i = 0; i < GL_COUNT(scanners); i++) {
        if (strcmp(scanners[i].key, key) != 0 || !is(valuing, key, scanners[i].word))
            continue;
        if (scanners[i].name)
            set_flag(valuing, scanners[i].name, true);
        return true;
    }
    return is(valuing, key, "none");
}

static void set_scanners(struct valuing *valuing)
{
    static const char *const keys[] = {"ci.scanners.rust", "ci.scanners.npm", "ci.scanners.sast",
                                       "ci.scanners.image"};
    for (size_t i = 0; i < GL_COUNT(keys); i++) {
        if (!set_scanner(valuing, keys[i]))
            gl_strv_addf(valuing->notes,
                         _("%s is %s: no workflow runs it; write that job yourself, "
                           "outside of golive's parts"),
                         keys[i], gl_config_str(valuing->production, keys[i]));
    }
    if (!json_object_get(valuing->values, "frontend"))
        json_object_del(valuing->values, "npm_audit");
}

/* ---- environments ------------------------------------------------------------------------------
 */

static int set_environment(struct valuing *valuing, const struct gl_config *config,
                           const char *word, struct gl_error *err)
{
    const char *env = gl_config_env(config);
    const char *account = gl_config_str(config, "account_id");
    if (!account) {
        gl_fail(err, GL_E_CONFIG, _("environments.%s has no account_id, so its role has no name"),
                env);
        return gl_error_hint(err, _("Set environments.%s.account_id in golive.yaml."), env);
    }
    gl_autofree char *role_name = gl_asprintf("%s_role", word);
    gl_autofree char *region_name = gl_asprintf("%s_region", word);
    gl_autofree char *role = gl_asprintf("arn:aws:iam::%s:role/%s-%s-deploy", account,
                                         gl_config_str(config, "app.name"), env);
    set(valuing, word, env);
    set(valuing, role_name, role);
    set(valuing, region_name, gl_config_str(config, "region"));
    return 0;
}

/* Between accounts, the promotion takes on a role in the other one. */
static void set_accounts(struct valuing *valuing)
{
    const char *staging = gl_config_env(valuing->staging);
    bool two = strcmp(gl_config_str(valuing->staging, "account_id"),
                      gl_config_str(valuing->production, "account_id")) != 0;
    set_flag(valuing, "two_accounts", two);
    if (two)
        gl_strv_addf(valuing->notes,
                     _("%s and %s are in two accounts: the promotion reads ledger and images of %s "
                       "by the role that golive up --env %s makes there (stack promotion), or by "
                       "the one in GitHub's variable GOLIVE_PROMOTE_ROLE"),
                     staging, gl_config_env(valuing->production), staging, staging);
}

/* The frontend's build in a check reads the same names as in a release, with staging's values. */
static void set_public_variables(struct valuing *valuing)
{
    gl_autobuf struct gl_buf lines = {0};
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)gl_config_node(valuing->staging, "env_vars"), index, item)
    {
        const char *value =
            gl_json_str(json_object_get(item, "values"), gl_config_env(valuing->staging), NULL);
        if (strcmp(gl_json_str(item, "scope", ""), "frontend") != 0 || !value)
            continue;
        gl_autofree char *text = quoted(value);
        gl_buf_printf(&lines, "%s%s: %s", lines.len ? "\n" : "", gl_json_str(item, "name", ""),
                      text);
    }
    set(valuing, "public_variables", lines.len ? gl_buf_text(&lines) : NULL);
}

/* What a shell takes as one word, whatever is in it. */
static void add_shell_word(struct gl_buf *out, const char *text)
{
    gl_buf_putc(out, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            gl_buf_puts(out, "'\\''");
        else
            gl_buf_putc(out, *text);
    }
    gl_buf_putc(out, '\'');
}

static void set_probes(struct valuing *valuing)
{
    gl_autobuf struct gl_buf lines = {0};
    size_t index;
    json_t *item;
    bool named = gl_config_str(valuing->production, "domain.api") != NULL;
    json_array_foreach((json_t *)gl_config_node(valuing->production, "release.smoke"), index, item)
    {
        const char *method = gl_json_str(item, "method", "GET");
        if (strcmp(method, "GET") != 0 || gl_json_int(item, "status", 200) != 200 || !named)
            continue;
        gl_autofree char *url = gl_config_expand(valuing->production, gl_json_str(item, "url", ""));
        gl_buf_puts(&lines, lines.len ? "\n" : "");
        gl_buf_puts(&lines, "curl --fail --silent --show-error --max-time 10 --output /dev/null ");
        add_shell_word(&lines, url);
    }
    set(valuing, "probes", lines.len ? gl_buf_text(&lines) : NULL);
}

int gl_workflow_values(const struct gl_config *staging, const struct gl_config *production,
                       const char *prefix, json_t **ret_values, struct gl_strv *notes,
                       struct gl_error *err)
{
    gl_autojson json_t *values = json_object();
    struct valuing valuing = {staging, production, prefix, values, notes};
    int failed = set_environment(&valuing, staging, "staging", err);
    if (failed == 0)
        failed = set_environment(&valuing, production, "production", err);
    if (failed < 0)
        return failed;
    set_accounts(&valuing);
    set_branches(&valuing);
    set_directories(&valuing);
    set_scanners(&valuing);
    set_public_variables(&valuing);
    set_probes(&valuing);
    set_flag(&valuing, "sentry", is(&valuing, "observability.error_tracking.provider", "sentry"));
    *ret_values = json_incref(values);
    return 0;
}
