/* What the scanner looks for in source files. */
#include <stddef.h>

#include "facts/repo.h"

/* clang-format off */
const struct gl_code_rule gl_code_rules[] = {
    /* Keys that must never be in a repository. The value stays out of the facts. */
    {"aws_key_id",        GL_CODE_ANY,        "AKIA",           "(^|[^A-Z0-9])AKIA[A-Z0-9]{16}($|[^A-Z0-9])",                              0},
    {"aws_key_id",        GL_CODE_ANY,        "ASIA",           "(^|[^A-Z0-9])ASIA[A-Z0-9]{16}($|[^A-Z0-9])",                              0},
    {"private_key",       GL_CODE_ANY,        "PRIVATE KEY",    "-----BEGIN ([A-Z]+ )?PRIVATE KEY-----",                                   0},
    {"aws_key_input",     GL_CODE_WORKFLOW,   "aws-",           "(aws-access-key-id|aws-secret-access-key):",                              1},

    /* The backend. */
    {"secret_fallback",   GL_CODE_RUST,       "unwrap_or",      "var(_os)?\\(\"([A-Z][A-Z0-9_]+)\"\\).*unwrap_or(_else|_default)?\\(",     2},
    {"migrate_at_start",  GL_CODE_RUST,       "migrate!",       "migrate!\\(",                                                             0},
    {"migrate_at_start",  GL_CODE_RUST,       "Migrator",       "Migrator::(new|run)",                                                     0},
    {"dotenv",            GL_CODE_RUST,       "dotenv",         "dotenvy?::(dotenv|from_[a-z_]+|load)",                                    0},
    {"cors_any",          GL_CODE_RUST,       "CorsLayer::",    "CorsLayer::(permissive|very_permissive)\\(",                              0},
    {"cors_any",          GL_CODE_RUST,       "allow_origin(",  "allow_origin\\(([a-z_]+::)*Any\\)",                                      0},
    {"cors_any",          GL_CODE_RUST,       "AllowOrigin::",  "AllowOrigin::any\\(",                                                    0},
    {"jwt_in_query",      GL_CODE_RUST,       "token",          "[?&](access_token|token)=",                                               1},
    {"jwt_in_query",      GL_CODE_RUST,       "jwt=",           "[?&](jwt)=",                                                              1},
    {"route",             GL_CODE_RUST,       ".route(",        "\\.route\\( *\"([^\"]+)\"",                                               1},
    {"sentry_init",       GL_CODE_RUST,       "sentry::init",   "sentry::init\\(",                                                         0},
    {"sentry_pii",        GL_CODE_RUST,       "send_default_pii", "send_default_pii: *(true|false)",                                       1},
    {"sentry_scrub",      GL_CODE_RUST,       "before_send",    "before_send",                                                             0},
    {"sentry_release",    GL_CODE_RUST,       "release",        "release: *(.*)",                                                          1},

    /* The frontend. */
    {"svelte_adapter",    GL_CODE_SCRIPT,     "adapter-",       "from ['\"]@sveltejs/adapter-([a-z]+)['\"]",                               1},
    {"local_url",         GL_CODE_SCRIPT,     "://",            "https?://(localhost|127\\.0\\.0\\.1)",                                    1},
    {"absolute_url",      GL_CODE_SCRIPT,     "https://",       "https://([a-zA-Z0-9.-]+)",                                                1},
    {"jwt_in_query",      GL_CODE_SCRIPT,     "token",          "[?&](access_token|token)=",                                               1},
    {"jwt_in_query",      GL_CODE_SCRIPT,     "jwt=",           "[?&](jwt)=",                                                              1},
    {"public_import",     GL_CODE_SCRIPT,     "/public",        "import *\\{([^}]*)\\} *from *['\"][$]env/(static|dynamic)/public['\"]",   1},
    {"private_import",    GL_CODE_SCRIPT,     "/private",       "import *\\{([^}]*)\\} *from *['\"][$]env/(static|dynamic)/private['\"]",  1},
    {"prerender",         GL_CODE_SCRIPT,     "prerender",      "export +const +prerender *= *([a-z']+)",                                  1},
    {"form_action",       GL_CODE_SCRIPT,     "actions",        "export +const +actions",                                                  0},
    {"server_state",      GL_CODE_SCRIPT,     "event.",         "event\\.(cookies|locals)",                                                1},
    {"sentry_init",       GL_CODE_SCRIPT,     "Sentry.init",    "Sentry\\.init\\(",                                                        0},
    {"sentry_pii",        GL_CODE_SCRIPT,     "sendDefaultPii", "sendDefaultPii: *(true|false)",                                           1},
    {"sentry_scrub",      GL_CODE_SCRIPT,     "beforeSend",     "beforeSend",                                                              0},
    {"sentry_replay",     GL_CODE_SCRIPT,     "replayIntegration", "replayIntegration\\((.*)",                                             1},

    /* Images. */
    {"dockerfile_from",   GL_CODE_DOCKERFILE, "FROM",           "^FROM +(--platform=[^ ]+ +)?([^ ]+)",                                     2},
    {"dockerfile_user",   GL_CODE_DOCKERFILE, "USER",           "^USER +([^ ]+)",                                                          1},
    {"dockerfile_secret", GL_CODE_DOCKERFILE, "",               "^(ARG|ENV) +([A-Z_]*(SECRET|TOKEN|PASSWORD|KEY|DATABASE_URL)[A-Z_]*)",    2},

    /* Documents. */
    {"heading",           GL_CODE_DOCUMENT,   "#",              "^#+ +(.*[^ ])",                                                           1},
    {"fence",             GL_CODE_DOCUMENT,   "```",            "^ *```[a-z]+ *$",                                                         0},
    {"todo",              GL_CODE_DOCUMENT,   "",               "(TODO|TBD|FIXME)",                                                        0},

    {"ignores",           GL_CODE_IGNORE,     "",               "^/?([^#/ ][^ ]*)$",                                                       1},
    {0},
};
/* clang-format on */
