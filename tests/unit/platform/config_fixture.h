/* A configuration given as JSON: dotted paths into a tree, as the real one answers them. */
#ifndef GL_TESTS_PLATFORM_CONFIG_FIXTURE_H
#define GL_TESTS_PLATFORM_CONFIG_FIXTURE_H

#include <string.h>

#include "base/json.h"
#include "config/config.h"

static inline const json_t *config_at(const struct gl_config *config, const char *key)
{
    gl_autostrv struct gl_strv names = {0};
    const json_t *node = (const json_t *)(const void *)config;
    gl_strv_split(&names, key, ".");
    for (size_t i = 0; i < names.count; i++)
        node = json_object_get(node, names.items[i]);
    return node;
}

/* Until the real one is linked: the same names, so these win over a library. */
const char *gl_config_str(const struct gl_config *config, const char *key)
{
    return json_string_value(config_at(config, key));
}

int64_t gl_config_int(const struct gl_config *config, const char *key)
{
    return json_integer_value(config_at(config, key));
}

bool gl_config_bool(const struct gl_config *config, const char *key)
{
    return json_is_true(config_at(config, key));
}

const json_t *gl_config_node(const struct gl_config *config, const char *key)
{
    return config_at(config, key);
}

const char *gl_config_env(const struct gl_config *config)
{
    (void)config;
    return "local";
}

char *gl_config_expand(const struct gl_config *config, const char *text)
{
    (void)config;
    return gl_strdup(text);
}

static const char sample_config[] =
    "{'app': {'name': 'sample', 'platform': 'local'},"
    " 'domain': {'app': 'app.sample.localhost', 'api': 'api.sample.localhost'},"
    " 'backend': {'health_path': '/healthz', 'ready_path': '/readyz', 'start_timeout_s': 20,"
    "             'stop_timeout_s': 5},"
    " 'database': {'log_min_duration_ms': 500, 'pool_max': 5},"
    " 'migrations': {'lock_timeout_ms': 2000, 'statement_timeout_ms': 15000},"
    " 'edge': {'hsts': {'max_age': 31536000, 'include_subdomains': true, 'preload': false},"
    "          'waf': {'rate': {'login': {'paths': ['/auth/login', '/auth/refresh']}}}},"
    " 'local': {'https_port': null, 'http_port': null, 'postgres_port': null,"
    "           'postgres_memory_mb': 16, 'max_body_kb': 64, 'keep_warm': true,"
    "           'rate_limits': {'api_per_10s': 1000000, 'login_per_10s': 5}},"
    " 'env_vars': ["
    "  {'name': 'DATABASE_URL', 'scope': 'backend', 'kind': 'secret', 'required': true,"
    "   'validate': {'url': 'postgres'}},"
    "  {'name': 'JWT_SECRET', 'scope': 'backend', 'kind': 'secret', 'required': true,"
    "   'validate': {'min_bytes': 32}},"
    "  {'name': 'CORS_ORIGIN', 'scope': 'backend', 'kind': 'plain', 'required': true,"
    "   'values': {'prod': 'https://app.example.com'}},"
    "  {'name': 'GREETING', 'scope': 'common', 'kind': 'plain',"
    "   'values': {'local': 'good day, \\u4e16\\u754c', 'prod': 'no'}},"
    "  {'name': 'AWS_REGION', 'scope': 'common', 'kind': 'plain', 'required': true,"
    "   'values': {'dev': 'ap-northeast-1'}},"
    "  {'name': 'SENTRY_DSN', 'scope': 'common', 'kind': 'secret', 'required': false,"
    "   'validate': {'url': 'https'}},"
    "  {'name': 'PUBLIC_API_BASE_URL', 'scope': 'frontend', 'kind': 'plain', 'required': true}]}";

/* The caller releases it with json_decref(). */
static inline json_t *config_make(void)
{
    json_error_t error;
    gl_autofree char *text = gl_strdup(sample_config);
    for (char *at = text; (at = strchr(at, '\''));)
        *at = '"';
    json_t *config = json_loads(text, 0, &error);
    if (!config)
        fail_msg("%s at %d", error.text, error.position);
    return config;
}

#endif
