/* What each state of a service deployment means.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html */
#include <string.h>

#include "base/i18n.h"
#include "platform/aws/ecs.h"

/* clang-format off */
const struct gl_ecs_status gl_ecs_statuses[] = {
    {"PENDING",              GL_ECS_MOVING,  N_("it waits to begin")},
    {"IN_PROGRESS",          GL_ECS_MOVING,  N_("it is under way")},
    {"SUCCESSFUL",           GL_ECS_GOOD,    N_("its revision serves, and no other")},
    {"STOP_REQUESTED",       GL_ECS_LEAVING, N_("it is being stopped")},
    {"STOPPED",              GL_ECS_BROKEN,  N_("it was stopped, or a newer deployment took its place")},
    {"ROLLBACK_REQUESTED",   GL_ECS_LEAVING, N_("it is about to be taken back")},
    {"ROLLBACK_IN_PROGRESS", GL_ECS_LEAVING, N_("it is being taken back")},
    {"ROLLBACK_SUCCESSFUL",  GL_ECS_BACK,    N_("it was taken back; the revision before it serves")},
    {"ROLLBACK_FAILED",      GL_ECS_BROKEN,  N_("it could not be taken back")},
    {0},
};
/* clang-format on */

static const struct gl_ecs_status unknown = {
    "", GL_ECS_MOVING, N_("AWS calls its state by a word that golive does not know")};

const struct gl_ecs_status *gl_ecs_status_find(const char *name)
{
    for (const struct gl_ecs_status *row = gl_ecs_statuses; row->name; row++) {
        if (strcmp(row->name, name) == 0)
            return row;
    }
    return &unknown;
}

bool gl_ecs_is_over(enum gl_ecs_phase phase)
{
    return phase == GL_ECS_NONE || phase == GL_ECS_GOOD || phase == GL_ECS_BACK ||
           phase == GL_ECS_BROKEN;
}
