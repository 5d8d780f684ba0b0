/* Why tasks end: what AWS writes, what it means, what to do.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html */
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "platform/aws/ecs.h"

/* Ways out of a task of migrations, which can be run again at any time. */
#define AGAIN N_("Run it again: what was applied is kept, what ran was rolled back.")
#define SPLIT                                                                                      \
    N_("Run it again: what was applied is kept. If it happens again, split the largest migration.")
#define ROLES_AGAIN                                                                                \
    N_("golive up --env {env} makes the role of migrations again (stack migration); without NAT "  \
       "the private subnets need the endpoints of ECR, S3 and Secrets Manager "                    \
       "(network.vpc_endpoints).")

/* The first row whose pattern occurs is the one that counts: special ones stand before general
 * ones. */
/* clang-format off */
const struct gl_stop_reason gl_stop_reasons[] = {
    {"Scaling activity initiated by", NULL, NULL, NULL, GL_STOP_OUTSIDE},
    {"Task stopped by user", N_("somebody stopped it"), NULL, AGAIN, GL_STOP_OUTSIDE},
    {"StopTask", N_("somebody stopped it"), NULL, AGAIN, GL_STOP_OUTSIDE},
    {"UserInitiated", N_("somebody stopped it"), NULL, AGAIN, GL_STOP_OUTSIDE},
    {"SpotInterruption", N_("AWS stopped it"), NULL, AGAIN, GL_STOP_OUTSIDE},

    {"exec format error",
     N_("the image is of another processor"),
     N_("Build for the processor that backend.arch names, or change backend.arch."),
     N_("Run golive on a machine whose processor Fargate has: arm64 or amd64."), GL_STOP_DEATH},
    {"image Manifest does not contain descriptor matching platform",
     N_("the image is of another processor"),
     N_("Build for the processor that backend.arch names, or change backend.arch."),
     N_("Run golive on a machine whose processor Fargate has: arm64 or amd64."), GL_STOP_DEATH},
    {"no basic auth credentials",
     N_("the image cannot be pulled: ECS has no right to the repository"),
     N_("The execution role's policy is in the stack service: golive up --env {env} makes it again."),
     ROLES_AGAIN, GL_STOP_DEATH},
    {"AccessDeniedException",
     N_("a right is missing to the role that starts tasks"),
     N_("Is the secret in secrets.store, under the name in env_vars? golive up --env {env} makes the role's policy again."),
     ROLES_AGAIN, GL_STOP_DEATH},
    {"is not authorized to perform",
     N_("a right is missing to the role that starts tasks"),
     N_("golive up --env {env} makes the role's policy again."),
     ROLES_AGAIN, GL_STOP_DEATH},
    {"ResourceNotFoundException",
     N_("a secret or log group that the task names is not there"),
     N_("Put the secret in under the name that env_vars says, or run golive up --env {env} for the log group."),
     N_("golive up --env {env} makes roles, log groups and network again."), GL_STOP_DEATH},
    {"did not contain json key",
     N_("a secret has not the part that the task asks for"),
     N_("Store the secret as env_vars describes it."),
     NULL, GL_STOP_DEATH},
    {"CannotPullContainerError",
     N_("the image cannot be pulled"),
     N_("Is it in the repository, and can the private subnets reach ECR (network.nat, network.vpc_endpoints)?"),
     ROLES_AGAIN, GL_STOP_DEATH},
    {"CannotPullECRContainerError",
     N_("the image cannot be pulled"),
     N_("Is it in the repository, and can the private subnets reach ECR (network.nat, network.vpc_endpoints)?"),
     ROLES_AGAIN, GL_STOP_DEATH},
    {"CannotStartContainerError",
     N_("the container cannot be started"),
     N_("Is the entry point of the image an executable file?"),
     NULL, GL_STOP_DEATH},
    {"CannotCreateContainerError",
     N_("the container cannot be made"),
     N_("AWS's words say what it refuses in the task definition."),
     NULL, GL_STOP_DEATH},
    {"unable to retrieve secret",
     N_("a secret that the task names cannot be read"),
     N_("Can the private subnets reach Secrets Manager and ECR (network.nat, network.vpc_endpoints)?"),
     ROLES_AGAIN, GL_STOP_DEATH},
    {"unable to retrieve ecr",
     N_("the image cannot be pulled"),
     N_("Can the private subnets reach Secrets Manager and ECR (network.nat, network.vpc_endpoints)?"),
     ROLES_AGAIN, GL_STOP_DEATH},
    {"unable to pull secrets or registry auth",
     N_("secrets, or the right to pull, cannot be had"),
     N_("Can the private subnets reach Secrets Manager and ECR (network.nat, network.vpc_endpoints)?"),
     ROLES_AGAIN, GL_STOP_DEATH},
    {"ResourceInitializationError",
     N_("what the task needs could not be prepared"),
     N_("AWS's words say which part: secrets, log group or network."),
     N_("AWS's words say which part; golive up --env {env} makes roles, log groups and network again."), GL_STOP_DEATH},
    {"OutOfMemoryError",
     N_("its memory was used up"),
     N_("Raise sizing.memory, or find what uses it."),
     SPLIT, GL_STOP_DEATH},
    {"OutOfMemory",
     N_("its memory was used up"),
     N_("Raise sizing.memory, or find what uses it."),
     SPLIT, GL_STOP_DEATH},
    {"failed ELB health checks",
     N_("its health check fails: it does not answer backend.ready_path with 200"),
     N_("Its log says why; backend.start_timeout_s is how long it may take to be ready."),
     NULL, GL_STOP_DEATH},
    {"failed container health checks",
     N_("its health check fails"),
     N_("Its log says why."),
     NULL, GL_STOP_DEATH},
    {"Capacity is unavailable",
     N_("AWS has no capacity there now"),
     N_("Try again later, or in more availability zones (network.azs)."),
     NULL, GL_STOP_DEATH},
    {"RESOURCE:",
     N_("there is no capacity for the task"),
     N_("Try again later, or ask AWS for a larger quota of Fargate."),
     NULL, GL_STOP_DEATH},
    {"You've reached the limit",
     N_("a quota of this account is used up"),
     N_("Ask AWS for a larger quota of Fargate, or lower sizing.min_tasks."),
     NULL, GL_STOP_DEATH},
    {"Timeout waiting for network interface",
     N_("the task got no network"),
     N_("Are addresses left in the private subnets?"),
     NULL, GL_STOP_DEATH},
    {"was unable to place a task",
     N_("there is no place for the task"),
     N_("AWS's words say what is missing."),
     NULL, GL_STOP_DEATH},
    {"Essential container in task exited",
     N_("its process ended"),
     N_("Its log says why."),
     NULL, GL_STOP_PLAIN},
    {"TaskFailedToStart",
     N_("the task could not be started"),
     N_("AWS's words say why."),
     NULL, GL_STOP_PLAIN},
    {"EssentialContainerExited",
     N_("its process ended"),
     N_("Its log says why."),
     NULL, GL_STOP_PLAIN},
    {0},
};

/* clang-format on */

char *gl_stop_reason_text(const struct gl_config *config, const char *text)
{
    return gl_config_expand(config, _(text));
}

/* What is otherwise for the service that makes pages. */
/* clang-format off */
static const struct gl_stop_reason of_pages[] = {
    {"no basic auth credentials",
     N_("the image cannot be pulled: ECS has no right to the repository"),
     N_("The execution role's policy is in the stack frontend-ssr: golive up --env {env} makes it again."),
     NULL, GL_STOP_DEATH},
    {"failed ELB health checks",
     N_("its health check fails: it does not answer / with 200 to 399"),
     N_("Its log says why; the build of adapter-node listens on PORT, which is frontend.ssr.port."),
     NULL, GL_STOP_DEATH},
};

/* clang-format on */

const struct gl_stop_reason *gl_stop_reason_of_pages(const struct gl_stop_reason *row)
{
    for (size_t i = 0; i < GL_COUNT(of_pages); i++) {
        if (strcmp(of_pages[i].pattern, row->pattern) == 0)
            return &of_pages[i];
    }
    return row;
}

static const struct gl_stop_reason *match(const char *text)
{
    for (const struct gl_stop_reason *row = gl_stop_reasons; text && row->pattern; row++) {
        if (strcasestr(text, row->pattern))
            return row;
    }
    return NULL;
}

/* Reasons come in AWS's words or, where those are missing, only as a code. */
const struct gl_stop_reason *gl_stop_reason_find(const char *stop_code, const char *reason)
{
    const struct gl_stop_reason *row = match(reason);
    if (!row)
        row = match(stop_code);
    return row && row->kind != GL_STOP_OUTSIDE ? row : NULL;
}

const struct gl_stop_reason *gl_stop_reason_of_migration(const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct gl_stop_reason *row = match(texts[i]);
        if (row && row->means && row->kind != GL_STOP_PLAIN)
            return row;
    }
    return NULL;
}
