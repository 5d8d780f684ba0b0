/* The AWS platform with the backend on App Runner: everything around the backend is as on ECS. */
#include <stddef.h>

#include "base/i18n.h"
#include "platform/aws/apprunner.h"

/* clang-format off */
static const struct gl_platform_sentence sentences[] = {
    {"preflight",
     N_("check the stacks, the database, the App Runner service and its operations, the image's processor, secrets and applied migrations"),
     N_("stacks, database, service and secrets are ready")},
    {"place",
     N_("push the image to ECR by its digest and wait for the scan; critical and high findings stop the release"),
     NULL},
    {"backup",
     N_("take a snapshot of the database in RDS and wait until it is available"),
     N_("the snapshot is available")},
    {"start",
     N_("have App Runner update the service to the release's image and follow its operation to the end; new instances get all requests as soon as they are healthy"),
     NULL},
    {"shift",
     N_("check that App Runner gives all requests to the release"),
     NULL},
    {"publish",
     N_("put the frontend into S3, hashed assets first and pages last, and have CloudFront forget what changed; assets of earlier releases stay"),
     NULL},
    {"sessions",
     N_("check that the release has all requests; connections to the old instances ended when App Runner replaced these"),
     NULL},
    {"finish",
     N_("check that the service still has the release; remove task definitions, frontends and snapshots that no kept release needs"),
     NULL},
    {0},
};
/* clang-format on */

const struct gl_platform_ops gl_apprunner_ops = {
    .name = "aws",
    .sentences = sentences,
    .up = gl_cloud_up,
    .down = gl_cloud_down,
    .describe = gl_apprunner_describe,
    .logs = gl_apprunner_logs,
    .log_place = gl_cloud_log_place,
    .preflight = gl_cloud_preflight,
    .traffic = gl_apprunner_traffic,
    .place = gl_cloud_place,
    .fetch = gl_cloud_fetch,
    .backup = gl_cloud_backup,
    .migration_status = gl_cloud_migration_status,
    .migrate = gl_cloud_migrate,
    .start = gl_apprunner_start,
    .endpoint = gl_apprunner_endpoint,
    .next_share_pct = gl_apprunner_next_share_pct,
    .shift = gl_apprunner_shift,
    .move_sessions = gl_apprunner_move_sessions,
    .mark = gl_cloud_mark,
    .observe = gl_cloud_observe,
    .check_variables = gl_cloud_check_variables,
    .frontend_variables = gl_cloud_frontend_variables,
    .stored_value = gl_cloud_stored_value,
    .publish = gl_cloud_publish,
    .activate = gl_cloud_activate,
    .conclude = gl_apprunner_conclude,
    .stop = gl_apprunner_stop,
    .prune = gl_cloud_prune,
    .free = gl_cloud_free,
};
