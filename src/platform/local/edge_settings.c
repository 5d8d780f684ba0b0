/* The settings of golive.yaml that a running HAProxy was started with, to tell which of them
 * changed since. */
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/local/edge.h"

/* All keys that stand in haproxy.cfg, the route apart. */
static const char *const keys[] = {
    "domain.api",
    "domain.app",
    "edge.hsts.include_subdomains",
    "edge.hsts.max_age",
    "edge.hsts.preload",
    "edge.waf.rate.login.paths",
    "local.http_port",
    "local.https_port",
    "local.max_body_kb",
    "local.rate_limits.api_per_10s",
    "local.rate_limits.login_per_10s",
};

static char *settings_path(const struct gl_local *local)
{
    return gl_local_path(local, "edge/settings.json");
}

int gl_edge_settings_save(const struct gl_local *local, struct gl_error *err)
{
    char digest[GL_EDGE_DIGEST_SIZE];
    gl_autofree char *path = settings_path(local);
    gl_autojson json_t *root = json_object();
    json_t *values = json_object();
    gl_edge_digest(local, digest);
    for (size_t i = 0; i < GL_COUNT(keys); i++) {
        const json_t *value = gl_config_node(local->base.config, keys[i]);
        json_object_set_new(values, keys[i], value ? json_deep_copy(value) : json_null());
    }
    gl_json_set_str(root, "digest", digest);
    json_object_set_new(root, "values", values);
    gl_autofree char *text = gl_json_pretty(root);
    return gl_write_text(path, text, 0644, err);
}

static void add_change(struct gl_buf *out, const char *key, const json_t *before, const json_t *now)
{
    gl_autofree char *old = before ? gl_json_canonical(before) : gl_strdup("null");
    gl_autofree char *new = now ? gl_json_canonical(now) : gl_strdup("null");
    if (strcmp(old, new) != 0)
        gl_buf_printf(out, _("%s%s (%s, now %s)"), out->len ? ", " : "", key, old, new);
}

char *gl_edge_changes(const struct gl_local *local)
{
    gl_autofree char *path = settings_path(local);
    gl_autofree char *running = gl_edge_running_digest(local);
    gl_autojson json_t *root = NULL;
    gl_autobuf struct gl_buf text = {0};
    if (!running || !gl_path_exists(path) || gl_json_load(path, &root, NULL) < 0 ||
        strcmp(gl_json_str(root, "digest", ""), running) != 0)
        return NULL;
    for (size_t i = 0; i < GL_COUNT(keys); i++)
        add_change(&text, keys[i], json_object_get(json_object_get(root, "values"), keys[i]),
                   gl_config_node(local->base.config, keys[i]));
    return text.len ? gl_buf_steal(&text) : NULL;
}
