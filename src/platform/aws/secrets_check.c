/* Every secret that the part's task gets must have a value: a task without one does not start.
 * Values are never read. */
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"
#include "platform/aws/ecs.h"

static bool has_current(const json_t *secret)
{
    const char *version;
    json_t *stages;
    json_object_foreach(json_object_get(secret, "VersionIdsToStages"), version, stages)
    {
        size_t i;
        const json_t *stage;
        json_array_foreach(stages, i, stage)
        {
            if (strcmp(json_string_value(stage), "AWSCURRENT") == 0)
                return true;
        }
    }
    return false;
}

/* The name in an ARN: "arn:...:secret:/app/env/NAME". */
static const char *name_of(const char *arn)
{
    const char *name = strstr(arn, ":secret:");
    return name ? name + strlen(":secret:") : arn;
}

/* What is missing, told all at once. */
struct missing {
    struct gl_strv names;   /* "NAME (/app/env/NAME)", a variable and its secret */
    struct gl_strv secrets; /* their names, each once */
    struct gl_strv absent;  /* those that are not there at all */
    struct gl_buf commands; /* a line for each of the others */
};

static void missing_done(struct missing *missing)
{
    gl_strv_done(&missing->names);
    gl_strv_done(&missing->absent);
    gl_strv_done(&missing->secrets);
    gl_buf_done(&missing->commands);
}

/* A value that is typed after `read -rs` is in no history, on no screen and in no argument of a
 * process: printf is part of the shell, and aws reads what it prints. */
static void add(const struct gl_cloud *cloud, const char *variable, const char *name, bool is_there,
                struct missing *missing)
{
    gl_strv_addf(&missing->names, "%s (%s)", variable, name);
    if (gl_strv_has(&missing->secrets, name))
        return;
    gl_strv_add(&missing->secrets, name);
    if (is_there)
        gl_buf_printf(&missing->commands,
                      "\n  read -rs VALUE && printf %%s \"$VALUE\" | aws secretsmanager "
                      "put-secret-value --region %s --secret-id %s --secret-string "
                      "file:///dev/stdin",
                      cloud->region, name);
    else
        gl_strv_add(&missing->absent, name);
}

static int check(struct gl_cloud *cloud, const char *variable, const char *arn,
                 struct missing *missing, struct gl_error *err)
{
    gl_autojson json_t *secret = NULL;
    gl_autoerr struct gl_error own = {0};
    int failed = gl_aws_ask(cloud->client, "secretsmanager", "DescribeSecret",
                            json_pack("{ss}", "SecretId", arn), &secret, &own);
    if (failed < 0 && failed != GL_E_NOT_FOUND) {
        gl_error_move(err, &own);
        return failed;
    }
    if (failed < 0 || !has_current(secret))
        add(cloud, variable, name_of(arn), failed == 0, missing);
    return 0;
}

static int refuse(const struct gl_cloud *cloud, struct missing *missing, struct gl_error *err)
{
    if (!missing->names.count)
        return 0;
    gl_autofree char *all = gl_strv_join(&missing->names, ", ");
    gl_autofree char *absent = gl_strv_join(&missing->absent, ", ");
    gl_fail(err, GL_E_REFUSED,
            ngettext("no task starts without this secret, which has no value in %s: %s",
                     "no task starts without these secrets, which have no value in %s: %s",
                     missing->names.count),
            cloud->env, all);
    if (missing->absent.count)
        return gl_error_hint(err,
                             _("golive up --env %s makes those that are not there (stack "
                               "secrets): %s. A value is given, in bash, by:%s"),
                             cloud->env, absent,
                             missing->commands.len ? gl_buf_text(&missing->commands)
                                                   : " aws secretsmanager put-secret-value");
    return gl_error_hint(err, _("Give each one its value, in bash:%s"),
                         gl_buf_text(&missing->commands));
}

static const struct gl_value *secrets_of(const struct gl_plan_stack *stack)
{
    const struct gl_resource *resource = gl_evaluated_resource(&stack->result, "TaskDefinition");
    return resource ? gl_value_find(resource->properties, "ContainerDefinitions.0.Secrets") : NULL;
}

int gl_cloud_check_secrets(struct gl_cloud *cloud, struct gl_error *err)
{
    struct gl_plan *plan = NULL;
    struct gl_plan_stack *stack = NULL;
    gl_cleanup(missing_done) struct missing missing = {0};
    int failed = gl_cloud_plan(cloud, &plan, err);
    if (failed == 0)
        failed = gl_plan_release(plan, cloud->part->task_definition, &stack, err);
    if (failed < 0)
        return failed;
    const struct gl_value *secrets = secrets_of(stack);
    for (const struct gl_value *at = secrets ? secrets->first : NULL; at && failed == 0;
         at = at->next) {
        const char *arn = gl_value_str(at, "ValueFrom", "");
        if (strstr(arn, ":secretsmanager:"))
            failed = check(cloud, gl_value_str(at, "Name", "?"), arn, &missing, err);
    }
    return failed < 0 ? failed : refuse(cloud, &missing, err);
}
