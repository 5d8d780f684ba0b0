/* Schema: the application, its accounts, names, domain, environments. */
#include "base/i18n.h"
#include "config/schema.h"

/* clang-format off */
const struct gl_key gl_schema_app[] = {
    {"golive", GL_TYPE_INT, GL_KEY_REQUIRED | GL_KEY_GLOBAL, .min = 1, .max = 1,
     .text = N_("version of this file's format; always 1")},

    {"app", GL_TYPE_MAP, GL_KEY_REQUIRED, .text = N_("the application")},
    {"app.name", GL_TYPE_STR, GL_KEY_REQUIRED | GL_KEY_GLOBAL, .format = GL_FORMAT_APP_NAME,
     .text = N_("name of the application: begins the names of images, stacks, databases and tags")},
    {"app.env_prefix", GL_TYPE_STR, GL_KEY_GLOBAL, .format = GL_FORMAT_UPPER_NAME,
     .text = N_("what the stored names of variables begin with: PREFIX_SERVICE_KEY; app.name in capitals when not given")},
    {"app.repo", GL_TYPE_STR, GL_KEY_GLOBAL, .format = GL_FORMAT_REPOSITORY,
     .text = N_("repository on GitHub; its workflows alone may take on the deploy role")},
    {"app.platform", GL_TYPE_ENUM, .words = "aws local", .fallback = "aws",
     .text = N_("where it runs: `aws`, or `local` (this machine); the environment local is always `local`")},

    {"iac", GL_TYPE_ENUM, .words = "cloudformation terraform cdk", .fallback = "cloudformation",
     .text = N_("engine for infrastructure; `terraform` and `cdk` need infra.managed: false")},
    {"infra.managed", GL_TYPE_BOOL, .fallback = "true",
     .text = N_("golive makes and changes the infrastructure itself")},
    {"infra.unmanaged", GL_TYPE_LIST, .fallback = "[]",
     .text = N_("resources that golive leaves alone")},
    {"infra.unmanaged[].arn", GL_TYPE_STR, GL_KEY_REQUIRED | GL_KEY_UNIQUE, .text = N_("its ARN")},
    {"infra.unmanaged[].reason", GL_TYPE_STR, GL_KEY_REQUIRED, .text = N_("why golive leaves it alone")},

    {"accounts.layout", GL_TYPE_ENUM, GL_KEY_GLOBAL, .words = "account_per_env prod_separate single", .fallback = "account_per_env",
     .text = N_("which environments share an AWS account")},
    {"account_id", GL_TYPE_STR, .format = GL_FORMAT_ACCOUNT,
     .text = N_("AWS account of an environment; golive refuses to work on another one")},
    {"region", GL_TYPE_STR, .format = GL_FORMAT_REGION, .fallback = "ap-northeast-1",
     .text = N_("AWS region of an environment")},

    {"naming.pattern", GL_TYPE_STR, GL_KEY_GLOBAL, .fallback = "{app}-{env}-{role}",
     .text = N_("names of AWS resources")},
    {"naming.secret_pattern", GL_TYPE_STR, GL_KEY_GLOBAL, .fallback = "/{app}/{env}/{PREFIX}_{SERVICE}_{KEY}",
     .text = N_("names of stored variables")},
    {"tags.required", GL_TYPE_LIST, .fallback = "[app, env, owner, cost-center, managed-by]",
     .text = N_("tags that every resource has")},
    {"tags.required[]", GL_TYPE_STR, .text = N_("a tag")},
    {"tags.values", GL_TYPE_MAP, .text = N_("values of tags; app, env and managed-by are filled in by golive")},
    {"tags.values.*", GL_TYPE_STR, .text = N_("value of this tag")},

    {"domain", GL_TYPE_MAP, .text = N_("public names")},
    {"domain.zone", GL_TYPE_STR, .format = GL_FORMAT_HOST, .text = N_("Route 53 hosted zone")},
    {"domain.app", GL_TYPE_STR, .format = GL_FORMAT_HOST,
     .text = N_("public name of the frontend; on the local platform app.<app.name>.localhost when not given")},
    {"domain.api", GL_TYPE_STR, .format = GL_FORMAT_HOST,
     .text = N_("public name of the backend; on the local platform api.<app.name>.localhost when not given")},
    {"domain.ttl.steady", GL_TYPE_INT, .min = 1, .max = 86400, .unit = "s", .fallback = "300",
     .text = N_("time to live of DNS records in normal times")},
    {"domain.ttl.cutover", GL_TYPE_INT, .min = 1, .max = 3600, .unit = "s", .fallback = "60",
     .text = N_("time to live of DNS records around a cutover")},
    {"domain.cname_allow", GL_TYPE_LIST, .fallback = "[]",
     .text = N_("CNAME records to other services that are meant to exist")},
    {"domain.cname_allow[].name", GL_TYPE_STR, GL_KEY_REQUIRED | GL_KEY_UNIQUE, .format = GL_FORMAT_HOST, .text = N_("the record")},
    {"domain.cname_allow[].target", GL_TYPE_STR, GL_KEY_REQUIRED, .format = GL_FORMAT_HOST, .text = N_("where it points")},
    {"domain.cname_allow[].reason", GL_TYPE_STR, GL_KEY_REQUIRED, .text = N_("why it exists")},

    {"sizing", GL_TYPE_MAP, .text = N_("how large an environment is")},
    {"sizing.min_tasks", GL_TYPE_INT, .min = 1, .max = 100, .fallback = "1", .text = N_("tasks that always run")},
    {"sizing.max_tasks", GL_TYPE_INT, .min = 1, .max = 1000, .fallback = "2", .text = N_("tasks that run at most")},
    {"sizing.cpu", GL_TYPE_INT, .words = "256 512 1024 2048 4096 8192 16384", .fallback = "256",
     .text = N_("CPU units of a task (1024 = one virtual CPU)")},
    {"sizing.memory", GL_TYPE_INT, .min = 512, .max = 122880, .unit = "MiB", .fallback = "512", .text = N_("memory of a task")},
    {"sizing.instance_class", GL_TYPE_STR, .format = GL_FORMAT_INSTANCE_CLASS, .fallback = "db.t4g.micro", .text = N_("class of the database instance")},
    {"sizing.storage_gb", GL_TYPE_INT, .min = 20, .max = 65536, .unit = "GB", .fallback = "20", .text = N_("storage of the database")},
    {"sizing.max_storage_gb", GL_TYPE_INT, .min = 20, .max = 65536, .unit = "GB", .fallback = "50", .text = N_("up to this the database's storage grows by itself")},
    {"sizing.multi_az", GL_TYPE_BOOL, .fallback = "false", .text = N_("the database has a standby in another availability zone")},

    {"approval.min", GL_TYPE_INT, .min = 0, .max = 10, .fallback = "0", .text = N_("signatures that a release needs")},
    {"approval.approvers", GL_TYPE_LIST, .fallback = "[]", .text = N_("who may sign a release")},
    {"approval.approvers[]", GL_TYPE_STR, GL_KEY_PERSON, .text = N_("id of a person")},

    {"environments", GL_TYPE_MAP, GL_KEY_GLOBAL, .names = GL_FORMAT_ENV_NAME,
     .text = N_("the environments by name; each may set almost any key of this file for itself. `local` always exists")},
    {0},
};
/* clang-format on */
