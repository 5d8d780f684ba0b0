/* The parts of an application that run as services: where each has its own. */
#include <string.h>

#include "platform/aws/apprunner.h"

const struct gl_part gl_part_backend = {
    .name = "backend",
    .way = &gl_cloud_way_ecs,
    .stack = "service",
    .log_group = "AppLogGroup",
    .task_definition = "task-definition",
    .image = "image",
    .repository = "BackendRepositoryUri",
};

const struct gl_part gl_part_apprunner = {
    .name = "backend",
    .way = &gl_cloud_way_apprunner,
    .stack = GL_APPRUNNER_STACK,
    .log_group = "AppLogGroup",
    .task_definition = "task-definition-apprunner",
    .image = "image",
    .repository = "BackendRepositoryUri",
};

const struct gl_part gl_part_pages = {
    .name = "frontend",
    .way = &gl_cloud_way_ecs,
    .stack = "frontend-ssr",
    .log_group = "LogGroup",
    .task_definition = "task-definition-ssr",
    .image = "frontend_image",
    .repository = "FrontendRepositoryUri",
};

const struct gl_part *gl_part_of_backend(const struct gl_config *config)
{
    const char *platform = gl_config_str(config, "backend.platform");
    return platform && strcmp(platform, "app_runner") == 0 ? &gl_part_apprunner : &gl_part_backend;
}
