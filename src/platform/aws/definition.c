/* Task definitions: which release each belongs to. Tags say so, so that it is known on every
 * machine, also of the one that registered it and was killed before it could tell anybody. */
#include <stdlib.h>
#include <string.h>

#include "aws/page.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/ecs.h"

static const char *tag_of(const json_t *tags, const char *key)
{
    size_t i;
    const json_t *tag;
    json_array_foreach(tags, i, tag)
    {
        if (strcmp(gl_json_str(tag, "key", ""), key) == 0)
            return gl_json_str(tag, "value", NULL);
    }
    return NULL;
}

/* Release numbers are counted from 1; anything else is a tag of somebody else's. */
static int64_t release_number(const char *text)
{
    char *end = NULL;
    long long number = text ? strtoll(text, &end, 10) : 0;
    return text && *text && *end == '\0' && number > 0 ? number : 0;
}

static json_t *digest_of(const json_t *answer)
{
    const json_t *definition = json_object_get(answer, "taskDefinition");
    const json_t *tags = json_object_get(answer, "tags");
    const json_t *container =
        json_array_get(json_object_get(definition, "containerDefinitions"), 0);
    json_t *known = json_object();
    gl_json_set_str(known, "arn", gl_json_str(definition, "taskDefinitionArn", NULL));
    gl_json_set_int(known, "release", release_number(tag_of(tags, GL_TAG_RELEASE)));
    gl_json_set_str(known, "version", tag_of(tags, GL_TAG_VERSION));
    gl_json_set_str(known, "digest", tag_of(tags, GL_TAG_DIGEST));
    gl_json_set_str(known, "image", gl_json_str(container, "image", NULL));
    return known;
}

int gl_ecs_definition(struct gl_cloud *cloud, const char *arn, const json_t **ret_definition,
                      struct gl_error *err)
{
    const json_t *known = json_object_get(cloud->definitions, arn);
    if (!known) {
        gl_autojson json_t *answer = NULL;
        int failed = gl_aws_ask(cloud->client, "ecs", "DescribeTaskDefinition",
                                json_pack("{sss[s]}", "taskDefinition", arn, "include", "TAGS"),
                                &answer, err);
        if (failed < 0)
            return failed;
        json_object_set_new(cloud->definitions, arn, digest_of(answer));
        known = json_object_get(cloud->definitions, arn);
    }
    *ret_definition = known;
    return 0;
}

int gl_ecs_definitions(struct gl_cloud *cloud, struct gl_strv *ret_arns, struct gl_error *err)
{
    gl_autofree char *family = gl_asprintf("%s-%s-%s", cloud->app, cloud->env, cloud->part->name);
    gl_autojson json_t *answer = NULL;
    int failed = gl_aws_ask_all(
        cloud->client, "ecs", "ListTaskDefinitions",
        json_pack("{ssssss}", "familyPrefix", family, "status", "ACTIVE", "sort", "DESC"), &answer,
        err);
    if (failed < 0)
        return failed;
    size_t i;
    const json_t *arn;
    json_array_foreach(json_object_get(answer, "taskDefinitionArns"), i, arn)
        gl_strv_add(ret_arns, json_string_value(arn));
    return 0;
}

/* One that is known already; ARNs of one family differ in their revision only, a later one has a
 * larger number. */
static const char *known_of(const struct gl_cloud *cloud, int64_t release)
{
    const char *arn;
    json_t *known;
    json_object_foreach(cloud->definitions, arn, known)
    {
        if (gl_json_int(known, "release", 0) == release)
            return gl_json_str(known, "arn", NULL);
    }
    return NULL;
}

int gl_ecs_definition_of(struct gl_cloud *cloud, int64_t release, const char **ret_arn,
                         struct gl_error *err)
{
    gl_autostrv struct gl_strv arns = {0};
    const char *found = release > 0 ? known_of(cloud, release) : NULL;
    int failed = found || release <= 0 ? 0 : gl_ecs_definitions(cloud, &arns, err);
    for (size_t i = 0; failed == 0 && !found && i < arns.count; i++) {
        const json_t *known = NULL;
        failed = gl_ecs_definition(cloud, arns.items[i], &known, err);
        if (failed == 0 && gl_json_int(known, "release", 0) == release)
            found = gl_json_str(known, "arn", NULL);
    }
    if (failed == 0)
        *ret_arn = found;
    return failed;
}
