/* What App Runner's words for an operation and for a service mean.
 * https://docs.aws.amazon.com/apprunner/latest/api/API_OperationSummary.html
 * https://docs.aws.amazon.com/apprunner/latest/api/API_Service.html */
#include <string.h>

#include "base/i18n.h"
#include "platform/aws/apprunner.h"

/* clang-format off */
const struct gl_apprunner_status gl_apprunner_statuses[] = {
    {"PENDING",              GL_APPRUNNER_MOVING,  N_("it waits to begin")},
    {"IN_PROGRESS",          GL_APPRUNNER_MOVING,  N_("it is under way")},
    {"SUCCEEDED",            GL_APPRUNNER_GOOD,    N_("it did what was asked")},
    {"FAILED",               GL_APPRUNNER_BROKEN,  N_("it failed")},
    {"ROLLBACK_IN_PROGRESS", GL_APPRUNNER_LEAVING, N_("it failed and is being taken back")},
    {"ROLLBACK_SUCCEEDED",   GL_APPRUNNER_BACK,    N_("it failed and was taken back; what served before serves")},
    {"ROLLBACK_FAILED",      GL_APPRUNNER_BROKEN,  N_("it failed and could not be taken back")},
    {0},
};

const struct gl_apprunner_state gl_apprunner_states[] = {
    {"RUNNING",               true,  false, N_("it runs"), NULL},
    {"OPERATION_IN_PROGRESS", false, true,  N_("an operation on it is under way"), NULL},
    {"PAUSED",                false, false, N_("it is paused"),
     N_("aws apprunner resume-service makes it run again; App Runner updates no paused service.")},
    {"CREATE_FAILED",         false, false, N_("it could not be created"),
     N_("Delete it (aws apprunner delete-service), then golive up makes the stack whole.")},
    {"DELETED",               false, false, N_("it was deleted, and not by its stack"),
     N_("Its stack still names it: golive plan --drift shows that; golive down and golive up make the environment anew.")},
    {"DELETE_FAILED",         false, false, N_("it could not be deleted"),
     N_("Delete it again: aws apprunner delete-service.")},
    {0},
};
/* clang-format on */

static const struct gl_apprunner_status unknown_status = {
    "", GL_APPRUNNER_MOVING, N_("AWS calls its state by a word that golive does not know")};

static const struct gl_apprunner_state unknown_state = {
    "", false, true, N_("AWS calls its state by a word that golive does not know"), NULL};

const struct gl_apprunner_status *gl_apprunner_status_find(const char *name)
{
    for (const struct gl_apprunner_status *row = gl_apprunner_statuses; row->name; row++) {
        if (strcmp(row->name, name) == 0)
            return row;
    }
    return &unknown_status;
}

const struct gl_apprunner_state *gl_apprunner_state_find(const char *name)
{
    for (const struct gl_apprunner_state *row = gl_apprunner_states; row->name; row++) {
        if (strcmp(row->name, name) == 0)
            return row;
    }
    return &unknown_state;
}

bool gl_apprunner_is_over(enum gl_apprunner_phase phase)
{
    return phase != GL_APPRUNNER_MOVING && phase != GL_APPRUNNER_LEAVING;
}
