/* The table of stack statuses. */
#include "infra/stack_status.h"

#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"

/* clang-format off */
const struct gl_stack_status gl_stack_statuses[] = {
    {"REVIEW_IN_PROGRESS",                           GL_WAY_REVIEW,   GL_OUTCOME_GOOD,    N_("only planned: nothing was made yet")},
    {"CREATE_IN_PROGRESS",                           GL_WAY_WAIT,     GL_OUTCOME_RUNNING, N_("is being made")},
    {"CREATE_COMPLETE",                              GL_WAY_UPDATE,   GL_OUTCOME_GOOD,    N_("was made")},
    {"CREATE_FAILED",                                GL_WAY_DELETE,   GL_OUTCOME_BAD,     N_("could not be made; what there is of it was left")},
    {"ROLLBACK_IN_PROGRESS",                         GL_WAY_WAIT,     GL_OUTCOME_RUNNING, N_("could not be made; what there is of it is being removed")},
    {"ROLLBACK_COMPLETE",                            GL_WAY_DELETE,   GL_OUTCOME_UNDONE,  N_("could not be made; what there was of it is removed")},
    {"ROLLBACK_FAILED",                              GL_WAY_DELETE,   GL_OUTCOME_BAD,     N_("could not be made, nor all of it removed")},
    {"UPDATE_IN_PROGRESS",                           GL_WAY_WAIT,     GL_OUTCOME_RUNNING, N_("is being changed")},
    {"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",          GL_WAY_WAIT,     GL_OUTCOME_RUNNING, N_("was changed; what was replaced is being removed")},
    {"UPDATE_COMPLETE",                              GL_WAY_UPDATE,   GL_OUTCOME_GOOD,    N_("was changed")},
    {"UPDATE_FAILED",                                GL_WAY_ROLLBACK, GL_OUTCOME_BAD,     N_("could not be changed; half of the change was left")},
    {"UPDATE_ROLLBACK_IN_PROGRESS",                  GL_WAY_WAIT,     GL_OUTCOME_RUNNING, N_("could not be changed; the change is being taken back")},
    {"UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", GL_WAY_WAIT,     GL_OUTCOME_RUNNING, N_("the change was taken back; its remains are being removed")},
    {"UPDATE_ROLLBACK_COMPLETE",                     GL_WAY_UPDATE,   GL_OUTCOME_UNDONE,  N_("could not be changed; it is as before")},
    {"UPDATE_ROLLBACK_FAILED",                       GL_WAY_CONTINUE, GL_OUTCOME_BAD,     N_("could neither be changed nor put back")},
    {"DELETE_IN_PROGRESS",                           GL_WAY_WAIT,     GL_OUTCOME_RUNNING, N_("is being removed")},
    {"DELETE_COMPLETE",                              GL_WAY_CREATE,   GL_OUTCOME_GOOD,    N_("was removed")},
    {"DELETE_FAILED",                                GL_WAY_ASK,      GL_OUTCOME_BAD,     N_("could not be removed; something is in the way")},
    {"IMPORT_IN_PROGRESS",                           GL_WAY_WAIT,     GL_OUTCOME_RUNNING, N_("existing resources are being taken in")},
    {"IMPORT_COMPLETE",                              GL_WAY_UPDATE,   GL_OUTCOME_GOOD,    N_("existing resources were taken in")},
    {"IMPORT_ROLLBACK_IN_PROGRESS",                  GL_WAY_WAIT,     GL_OUTCOME_RUNNING, N_("existing resources could not be taken in; this is being undone")},
    {"IMPORT_ROLLBACK_COMPLETE",                     GL_WAY_UPDATE,   GL_OUTCOME_UNDONE,  N_("existing resources could not be taken in; it is as before")},
    {"IMPORT_ROLLBACK_FAILED",                       GL_WAY_ASK,      GL_OUTCOME_BAD,     N_("existing resources could neither be taken in nor let go")},
    {0},
};

/* clang-format on */

const struct gl_stack_status *gl_stack_status_find(const char *name)
{
    static const struct gl_stack_status absent = {"", GL_WAY_CREATE, GL_OUTCOME_GOOD,
                                                  N_("does not exist")};
    static const struct gl_stack_status unknown = {"?", GL_WAY_ASK, GL_OUTCOME_BAD,
                                                   N_("is in a state that golive does not know")};
    if (!name)
        return &absent;
    for (const struct gl_stack_status *row = gl_stack_statuses; row->name; row++) {
        if (strcmp(row->name, name) == 0)
            return row;
    }
    return &unknown;
}
