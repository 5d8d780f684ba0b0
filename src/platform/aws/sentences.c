/* What the steps of a release do on AWS, where their own words speak of one machine. */
#include <stddef.h>

#include "base/i18n.h"
#include "platform/aws/ops.h"

/* clang-format off */
const struct gl_platform_sentence gl_cloud_sentences[] = {
    {"preflight",
     N_("check the stacks, the database, open deployments, alarms, the image's processor, secrets and applied migrations"),
     N_("stacks, database, service and secrets are ready")},
    {"place",
     N_("push the image to ECR by its digest and wait for the scan; critical and high findings stop the release"),
     NULL},
    {"backup",
     N_("take a snapshot of the database in RDS and wait until it is available"),
     N_("the snapshot is available")},
    {"start",
     N_("begin an ECS deployment of the release's task definition and wait until its tasks are healthy; unless rolling it pauses before they get requests"),
     NULL},
    {"shift",
     N_("have the ECS deployment give all new requests to the release; unless rolling it pauses before the old tasks end"),
     NULL},
    {"publish",
     N_("put the frontend into S3, hashed assets first and pages last, and have CloudFront forget what changed; assets of earlier releases stay"),
     NULL},
    {"sessions",
     N_("check that new WebSocket connections go to the release; open ones stay until the old tasks end, which asks them to reconnect"),
     NULL},
    {"finish",
     N_("end the ECS deployment, and with it the old tasks; remove task definitions, frontends and snapshots that no kept release needs"),
     NULL},
    {0},
};
/* clang-format on */
