/* A configuration as a user writes it. */
#ifndef GL_TESTS_PLATFORM_CONFIG_FIXTURE_H
#define GL_TESTS_PLATFORM_CONFIG_FIXTURE_H

#include "base/fs.h"
#include "config/config.h"

static const char sample_settings[] = "golive: 1\n"
                                      "app: {name: sample}\n"
                                      "backend: {start_timeout_s: 20, stop_timeout_s: 5}\n"
                                      "local:\n"
                                      "  postgres_memory_mb: 16\n"
                                      "  max_body_kb: 64\n"
                                      "  rate_limits: {api_per_10s: 1000000, login_per_10s: 5}\n"
                                      "environments: {dev: {}, prod: {}}\n"
                                      "env_vars:\n";

static const char sample_variables[] =
    "  - {name: DATABASE_URL, kind: secret, validate: {url: postgres}}\n"
    "  - {name: JWT_SECRET, kind: secret, validate: {min_bytes: 32}}\n"
    "  - {name: CORS_ORIGIN, values: {prod: 'https://app.example.com'}}\n"
    "  - {name: GREETING, scope: common, values: {local: 'good day, 世界', prod: 'no'}}\n"
    "  - {name: AWS_REGION, scope: common, values: {dev: ap-northeast-1}}\n"
    "  - {name: SENTRY_DSN, scope: common, kind: secret, required: false, validate: {url: https}}\n"
    "  - {name: PUBLIC_API_BASE_URL, scope: frontend}\n";

/* Writes golive.yaml into `dir` with these env_vars and loads it for the environment `local`; `set`
 * is NULL or one "key=value" that wins. */
static inline struct gl_config *config_load_with(const char *dir, const char *variables,
                                                 const char *set)
{
    gl_autostrv struct gl_strv overrides = {0};
    if (set)
        gl_strv_add(&overrides, set);

    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics diagnostics = {0};
    gl_autofree char *path = gl_path_join(dir, "golive.yaml");
    gl_autofree char *text = gl_asprintf("%s%s", sample_settings, variables);
    struct gl_config_request request = {.path = path, .env = "local", .set = &overrides};
    struct gl_config *config = NULL;
    if (gl_write_text(path, text, 0644, &err) < 0 ||
        gl_config_load(&request, &config, &diagnostics, &err) < 0)
        fail_msg("%s: %s", err.message, diagnostics.count ? diagnostics.items[0].message : "");
    return config;
}

static inline struct gl_config *config_load(const char *dir, const char *variables)
{
    return config_load_with(dir, variables, NULL);
}

#endif
