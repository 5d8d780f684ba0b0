/* The value of one stored variable, for golive itself: from Secrets Manager or, with secrets.store
 * ssm, from the parameter store. */
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "platform/aws/ecs.h"

/* Where a store has it. */
struct store {
    const char *service, *operation, *name_key;
    const char *object; /* of the answer, that has the value; NULL = the answer itself */
    const char *value;
};

static const struct store stores[] = {
    {"secretsmanager", "GetSecretValue", "SecretId", NULL,        "SecretString"},
    {"ssm",            "GetParameter",   "Name",     "Parameter", "Value"       },
};

static const struct store *store_of(const struct gl_cloud *cloud)
{
    return &stores[strcmp(gl_config_str(cloud->base.config, "secrets.store"), "ssm") == 0];
}

static json_t *question(const struct store *store, const char *full)
{
    json_t *params = json_pack("{ss}", store->name_key, full);
    if (store->object)
        json_object_set_new(params, "WithDecryption", json_true());
    return params;
}

/* The value that is typed after `read -rs` is in no history, on no screen and in no argument of a
 * process: printf is part of the shell, and aws reads what it prints. */
static int explain(const struct gl_cloud *cloud, const struct store *store, const char *full,
                   struct gl_error *err)
{
    gl_fail(err, GL_E_NOT_FOUND, _("%s has no value"), full);
    if (store->object)
        return gl_error_hint(err,
                             _("Give it one, in bash: read -rs VALUE && printf %%s \"$VALUE\" | "
                               "aws ssm put-parameter --type SecureString --overwrite --region %s "
                               "--name %s --key-id alias/%s-%s-secrets --value "
                               "file:///dev/stdin"),
                             cloud->region, full, cloud->app, cloud->env);
    return gl_error_hint(err,
                         _("Give it one, in bash (golive up --env %s makes its place): read -rs "
                           "VALUE && printf %%s \"$VALUE\" | aws secretsmanager put-secret-value "
                           "--region %s --secret-id %s --secret-string file:///dev/stdin"),
                         cloud->env, cloud->region, full);
}

int gl_cloud_stored_value(struct gl_platform *p, const char *name, int64_t timeout_ms,
                          char **ret_value, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    const struct store *store = store_of(cloud);
    const char *path = gl_config_str(p->config, "secrets_path");
    gl_autofree char *full = gl_asprintf("%s/%s", path ? path : "", name);
    gl_autojson json_t *params = question(store, full);
    gl_autoanswer struct gl_aws_answer answer = {0};
    gl_autoerr struct gl_error own = {0};
    const struct gl_aws_request request = {.service = store->service,
                                           .operation = store->operation,
                                           .params = params,
                                           .timeout_ms = timeout_ms};
    int failed = gl_aws_call(cloud->client, &request, &answer, &own);
    if (failed < 0 && failed != GL_E_NOT_FOUND) {
        gl_error_move(err, &own);
        return failed;
    }
    const json_t *object =
        store->object ? json_object_get(answer.result, store->object) : answer.result;
    const char *value = failed < 0 ? NULL : gl_json_str(object, store->value, NULL);
    if (!value || !*value)
        return explain(cloud, store, full, err);
    gl_secret_add(value);
    *ret_value = gl_strdup(value);
    return 0;
}
