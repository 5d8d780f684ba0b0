/* A release's task definition as App Runner takes it.
 * https://docs.aws.amazon.com/apprunner/latest/api/API_ImageConfiguration.html */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "aws/codec.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/apprunner.h"

/* PORT is App Runner's own: it sets what ImageConfiguration.Port says. */
static json_t *map_of(const json_t *pairs, const char *value)
{
    json_t *map = json_object();
    size_t i;
    const json_t *pair;
    json_array_foreach(pairs, i, pair)
    {
        const char *name = gl_json_str(pair, "name", "");
        if (strcmp(name, "PORT") != 0)
            gl_json_set_str(map, name, gl_json_str(pair, value, ""));
    }
    return map;
}

static json_t *image_configuration(const json_t *container, int64_t release)
{
    json_t *variables = map_of(json_object_get(container, "environment"), "value");
    const json_t *port = json_array_get(json_object_get(container, "portMappings"), 0);
    gl_autofree char *number = gl_asprintf("%" PRId64, release);
    gl_autofree char *port_text = gl_asprintf("%" PRId64, gl_json_int(port, "containerPort", 8080));
    gl_json_set_str(variables, GL_APPRUNNER_RELEASE, number);
    return json_pack("{s:s, s:o, s:o}", "Port", port_text, "RuntimeEnvironmentVariables", variables,
                     "RuntimeEnvironmentSecrets",
                     map_of(json_object_get(container, "secrets"), "valueFrom"));
}

json_t *gl_apprunner_source(const json_t *definition, int64_t release, const json_t *service)
{
    const json_t *container =
        json_array_get(json_object_get(definition, "containerDefinitions"), 0);
    json_t *source =
        json_pack("{s:b, s:{s:s, s:s, s:o}}", "AutoDeploymentsEnabled", 0, "ImageRepository",
                  "ImageIdentifier", gl_json_str(container, "image", ""), "ImageRepositoryType",
                  "ECR", "ImageConfiguration", image_configuration(container, release));
    json_t *pull = gl_aws_at(service, "SourceConfiguration.AuthenticationConfiguration");
    if (pull)
        json_object_set(source, "AuthenticationConfiguration", pull);
    return source;
}

const char *gl_apprunner_image(const json_t *service)
{
    return json_string_value(
        gl_aws_at(service, "SourceConfiguration.ImageRepository.ImageIdentifier"));
}

int64_t gl_apprunner_release_of(const json_t *service)
{
    const json_t *variables = gl_aws_at(
        service,
        "SourceConfiguration.ImageRepository.ImageConfiguration.RuntimeEnvironmentVariables");
    const char *text = gl_json_str(variables, GL_APPRUNNER_RELEASE, "");
    char *end = NULL;
    long long number = strtoll(text, &end, 10);
    return *text && *end == '\0' && number > 0 ? number : 0;
}

size_t gl_apprunner_repository_length(const char *image)
{
    const char *slash = strrchr(image, '/');
    const char *name = slash ? slash : image;
    return (size_t)(name - image) + strcspn(name, "@:");
}
