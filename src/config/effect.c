/* Where a key has effect: what is not in this table has it everywhere. */
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "config/schema.h"

/* A path stands for itself and all below it; the longest that fits counts. */
static const struct {
    const char *path;
    enum gl_effect effect;
} effects[] = {
    {"account_id",                           GL_EFFECT_AWS },
    {"accounts",                             GL_EFFECT_AWS },
    {"app.env_prefix",                       GL_EFFECT_AWS },
    {"app.repo",                             GL_EFFECT_AWS },
    {"audit",                                GL_EFFECT_AWS },
    {"backend.app_runner_existing_customer", GL_EFFECT_AWS },
    {"backend.arch",                         GL_EFFECT_AWS },
    {"backend.platform",                     GL_EFFECT_AWS },
    {"backend.sidecars",                     GL_EFFECT_AWS },
    {"backup",                               GL_EFFECT_AWS },
    {"ci",                                   GL_EFFECT_AWS },
    {"cost",                                 GL_EFFECT_AWS },
    {"database.backup_retention_days",       GL_EFFECT_AWS },
    {"database.backup_window",               GL_EFFECT_AWS },
    {"database.engine_version",              GL_EFFECT_AWS },
    {"database.maintenance_window",          GL_EFFECT_AWS },
    {"database.master_rotation_days",        GL_EFFECT_AWS },
    {"database.slow_query_allow",            GL_EFFECT_NONE},
    {"domain.cname_allow",                   GL_EFFECT_AWS },
    {"domain.ttl",                           GL_EFFECT_AWS },
    {"domain.zone",                          GL_EFFECT_AWS },
    {"edge.api_path",                        GL_EFFECT_AWS },
    {"edge.csp",                             GL_EFFECT_AWS },
    {"edge.tls",                             GL_EFFECT_AWS },
    {"edge.waf",                             GL_EFFECT_AWS },
    {"frontend.mode",                        GL_EFFECT_AWS },
    {"frontend.ssr",                         GL_EFFECT_AWS },
    {"iac",                                  GL_EFFECT_AWS },
    {"infra",                                GL_EFFECT_AWS },
    {"load.duration_min",                    GL_EFFECT_NONE},
    {"load.rps_peak",                        GL_EFFECT_NONE},
    {"migrations.default_order",             GL_EFFECT_NONE},
    {"migrations.run_by",                    GL_EFFECT_NONE},
    {"naming",                               GL_EFFECT_AWS },
    {"network",                              GL_EFFECT_AWS },
    {"observability",                        GL_EFFECT_AWS },
    {"oncall.unavailable",                   GL_EFFECT_NONE},
    {"region",                               GL_EFFECT_AWS },
    {"registry",                             GL_EFFECT_AWS },
    {"release.rollback",                     GL_EFFECT_AWS },
    {"release.strategy",                     GL_EFFECT_AWS },
    {"secrets",                              GL_EFFECT_AWS },
    {"secrets_path",                         GL_EFFECT_AWS },
    {"sizing",                               GL_EFFECT_AWS },
    {"slo",                                  GL_EFFECT_AWS },
    {"tags",                                 GL_EFFECT_AWS },
};

/* What has effect everywhere though it is below a path of the table. */
static const char *const exceptions[] = {
    "observability.notify[].endpoint_secret",
    "observability.notify[].kind",
    "observability.notify[].releases",
};

/* A key of an environment has the effect of the same key at the top. */
static const char *without_environment(const char *path)
{
    static const char prefix[] = "environments.";
    if (!gl_starts_with(path, prefix))
        return path;
    const char *dot = strchr(path + sizeof prefix - 1, '.');
    return dot ? dot + 1 : path;
}

/* An item of a list is `[]` in a row and its number in the path of a value. */
static size_t item_length(const char *path)
{
    if (gl_starts_with(path, "[]"))
        return 2;
    size_t digits = *path == '.' ? strspn(path + 1, "0123456789") : 0;
    return digits ? digits + 1 : 0;
}

static bool is_at_or_below(const char *path, const char *top)
{
    for (; *top; path++, top++) {
        size_t item = gl_starts_with(top, "[]") ? item_length(path) : 0;
        if (!item && *path != *top)
            return false;
        if (item) {
            path += item - 1;
            top++;
        }
    }
    return !*path || *path == '.' || *path == '[';
}

static bool is_exception(const char *path)
{
    for (size_t i = 0; i < GL_COUNT(exceptions); i++) {
        if (is_at_or_below(path, exceptions[i]))
            return true;
    }
    return false;
}

enum gl_effect gl_key_effect(const char *path)
{
    enum gl_effect effect = GL_EFFECT_EVERYWHERE;
    size_t longest = 0;
    path = without_environment(path);
    if (is_exception(path))
        return effect;
    for (size_t i = 0; i < GL_COUNT(effects); i++) {
        size_t len = strlen(effects[i].path);
        if (len > longest && is_at_or_below(path, effects[i].path)) {
            longest = len;
            effect = effects[i].effect;
        }
    }
    return effect;
}

const char *gl_effect_text(enum gl_effect effect)
{
    switch (effect) {
    case GL_EFFECT_AWS:
        return _("has effect on AWS only");
    case GL_EFFECT_NONE:
        return _("is checked, but has no effect yet");
    case GL_EFFECT_EVERYWHERE:
        break;
    }
    return NULL;
}

const char *gl_effect_word(enum gl_effect effect)
{
    static const char *const words[] = {
        [GL_EFFECT_EVERYWHERE] = "everywhere",
        [GL_EFFECT_AWS] = "aws",
        [GL_EFFECT_NONE] = "none",
    };
    return words[effect];
}
