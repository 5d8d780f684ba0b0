/* How a part of the application is released. What is shared by all ways asks the row; what differs
 * is in its operations. */
#include "platform/aws/apprunner.h"
#include "platform/aws/ecs.h"
#include "platform/aws/look.h"

const struct gl_cloud_way gl_cloud_way_ecs = {
    .ops = &gl_cloud_ops,
    .check = gl_ecs_check,
    .serving = gl_ecs_serving,
    .look_at_state = gl_ecs_look_at_state,
    .look_at_deaths = gl_ecs_look_at_deaths,
    .look_at_metrics = gl_ecs_look_at_metrics,
};

const struct gl_cloud_way gl_cloud_way_apprunner = {
    .ops = &gl_apprunner_ops,
    .check = gl_apprunner_check,
    .serving = gl_apprunner_serving,
    .look_at_state = gl_apprunner_look_at_state,
    .look_at_deaths = gl_apprunner_look_at_deaths,
    .look_at_metrics = gl_apprunner_look_at_metrics,
};
