/* What stays in the account when its stack goes, and whose name the next `golive up` would meet. */
#ifndef GL_INFRA_STAYS_H
#define GL_INFRA_STAYS_H

#include <stdbool.h>

/* True if a second resource of that type cannot have the same name. */
bool gl_stay_blocks(const char *type);

/* The command that deletes it, "aws logs delete-log-group ..."; NULL unless gl_stay_blocks(). The
 * caller owns it. */
char *gl_stay_command(const char *type, const char *name, const char *region);

/* The property of the template that holds the name; NULL unless gl_stay_blocks(). Static text. */
const char *gl_stay_property(const char *type);

/* True if AWS's words say that a resource of that name is there already. */
bool gl_stay_is_met(const char *reason);

#endif
