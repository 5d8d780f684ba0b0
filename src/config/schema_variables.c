/* Schema: secrets, variables, continuous integration. */
#include "base/i18n.h"
#include "config/schema.h"

/* clang-format off */
const struct gl_key gl_schema_variables[] = {
    {"secrets", GL_TYPE_MAP, .text = N_("secrets on AWS")},
    {"secrets.store", GL_TYPE_ENUM, .words = "secretsmanager ssm", .fallback = "secretsmanager", .text = N_("where secrets are kept on AWS")},
    {"secrets_path", GL_TYPE_STR, .format = GL_FORMAT_URL_PATH, .text = N_("below this the variables of an environment are stored; /<app.name>/<environment> when not given")},

    {"env_vars", GL_TYPE_LIST,
     .fallback =
         "- {name: DATABASE_URL, scope: backend, kind: secret, validate: {url: postgres}}\n"
         "- {name: JWT_SECRET, scope: backend, kind: secret, validate: {min_bytes: 32}}\n"
         "- {name: RUST_LOG, scope: backend, kind: plain, validate: {regex: '^[A-Za-z0-9_=:,-]+$'}, values: {local: info}}\n"
         "- {name: CORS_ORIGIN, scope: backend, kind: plain, validate: {url: https}}\n"
         "- {name: PUBLIC_API_BASE_URL, scope: frontend, kind: plain, validate: {url: https}}\n"
         "- {name: PUBLIC_APP_ENV, scope: frontend, kind: plain}\n"
         "- {name: SENTRY_DSN, scope: common, kind: secret, required: false}\n"
         "- {name: AWS_REGION, scope: common, kind: plain, required: false}\n",
     .text = N_("variables the application reads; a release refuses to start without the required ones")},
    {"env_vars[].name", GL_TYPE_STR, GL_KEY_REQUIRED | GL_KEY_UNIQUE, .format = GL_FORMAT_UPPER_NAME, .text = N_("name as the program reads it")},
    {"env_vars[].scope", GL_TYPE_ENUM, .words = "backend frontend common", .fallback = "backend", .text = N_("who gets it")},
    {"env_vars[].kind", GL_TYPE_ENUM, .words = "secret plain", .fallback = "plain", .text = N_("`secret` (its value never stands in this file) or `plain`")},
    {"env_vars[].store_name", GL_TYPE_STR, .format = GL_FORMAT_UPPER_NAME, .text = N_("name in the store: PREFIX_SERVICE_KEY")},
    {"env_vars[].required", GL_TYPE_BOOL, .fallback = "true", .text = N_("nothing starts without it")},
    {"env_vars[].shared", GL_TYPE_BOOL, .fallback = "false", .text = N_("the environments may have the same value")},
    {"env_vars[].shared_reason", GL_TYPE_STR, .text = N_("why they may")},
    {"env_vars[].validate", GL_TYPE_MAP, .text = N_("what its value must be")},
    {"env_vars[].validate.url", GL_TYPE_ENUM, .words = "postgres https http redis", .text = N_("a URL of this kind")},
    {"env_vars[].validate.min_bytes", GL_TYPE_INT, .min = 1, .max = 65536, .unit = "bytes", .text = N_("at least this long")},
    {"env_vars[].validate.regex", GL_TYPE_STR, .text = N_("matches this extended regular expression")},
    {"env_vars[].validate.enum", GL_TYPE_LIST, .text = N_("one of these")},
    {"env_vars[].validate.enum[]", GL_TYPE_STR, .text = N_("an allowed value")},
    {"env_vars[].values", GL_TYPE_MAP, .names = GL_FORMAT_ENV_NAME, .text = N_("value in each environment; only for kind: plain")},
    {"env_vars[].values.*", GL_TYPE_STR, .text = N_("value in this environment")},
    {"env_vars[].rotation.days", GL_TYPE_INT, .min = 1, .max = 3650, .unit = "d", .text = N_("changed at least this often")},
    {"env_vars[].rotation.method", GL_TYPE_ENUM, .words = "golive manual rds", .fallback = "golive", .text = N_("who changes it")},
    {"env_vars[].rotation.owner", GL_TYPE_STR, GL_KEY_PERSON, .text = N_("who answers for a manual rotation")},
    {"env_vars[].rotation.reason", GL_TYPE_STR, .text = N_("why it is manual or rare")},

    {"ci", GL_TYPE_MAP, GL_KEY_GLOBAL, .text = N_("continuous integration")},
    {"ci.provider", GL_TYPE_ENUM, .words = "github_actions none", .fallback = "github_actions", .text = N_("what runs the workflows")},
    {"ci.branches.production", GL_TYPE_STR, .format = GL_FORMAT_BRANCH, .fallback = "main", .text = N_("branch that goes to production")},
    {"ci.branches.integration", GL_TYPE_STR, .format = GL_FORMAT_BRANCH, .fallback = "develop", .text = N_("branch that goes to staging; none = trunk based")},
    {"ci.required_reviews", GL_TYPE_INT, .min = 0, .max = 6, .fallback = "1", .text = N_("reviews before a merge")},
    {"ci.required_checks", GL_TYPE_LIST, .fallback = "[backend, frontend, scan, image]", .text = N_("jobs that must pass before a merge")},
    {"ci.required_checks[]", GL_TYPE_STR, .text = N_("a job")},
    {"ci.scanners.rust", GL_TYPE_ENUM, .words = "cargo-audit cargo-deny none", .fallback = "cargo-audit", .text = N_("looks for known holes in crates")},
    {"ci.scanners.npm", GL_TYPE_ENUM, .words = "npm-audit none", .fallback = "npm-audit", .text = N_("looks for known holes in packages")},
    {"ci.scanners.sast", GL_TYPE_ENUM, .words = "codeql semgrep none", .fallback = "codeql", .text = N_("looks for holes in the code")},
    {"ci.scanners.image", GL_TYPE_ENUM, .words = "ecr trivy grype none", .fallback = "ecr", .text = N_("looks for holes in the image")},
    {"ci.audit.max_age_days", GL_TYPE_INT, .min = 1, .max = 90, .unit = "d", .fallback = "7", .text = N_("older results do not count")},
    {"ci.audit.ignores", GL_TYPE_LIST, .fallback = "[]", .text = N_("findings that are accepted for a while")},
    {"ci.audit.ignores[].id", GL_TYPE_STR, GL_KEY_REQUIRED | GL_KEY_UNIQUE, .format = GL_FORMAT_ID, .text = N_("the finding")},
    {"ci.audit.ignores[].reason", GL_TYPE_STR, GL_KEY_REQUIRED, .text = N_("why it does no harm")},
    {"ci.audit.ignores[].expires", GL_TYPE_STR, GL_KEY_REQUIRED, .format = GL_FORMAT_DATE, .text = N_("last day")},
    {"ci.image_tags.sha", GL_TYPE_ENUM, .words = "immutable moving", .fallback = "immutable", .text = N_("tags of commits")},
    {"ci.image_tags.semver", GL_TYPE_ENUM, .words = "immutable moving", .fallback = "immutable", .text = N_("tags of versions")},
    {"ci.image_tags.latest", GL_TYPE_ENUM, .words = "immutable moving none", .fallback = "moving", .text = N_("the tag latest")},
    {0},
};
/* clang-format on */
