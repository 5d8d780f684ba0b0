/* Whether tasks reach AWS from a network whose egress is restricted (network.egress). */
#ifndef GL_INFRA_EGRESS_H
#define GL_INFRA_EGRESS_H

#include "base/strv.h"
#include "config/config.h"

/* True if the tasks' security groups open port 443 to every address: an entry of
 * network.egress.allow has a domain, which a security group cannot know; or the file says nothing
 * about egress and not all endpoints are there that tasks need to start. Or the mode is open. */
bool gl_egress_opens_https(const struct gl_config *config);

/* Adds the keys of the endpoints without which tasks cannot start when nothing else is open: for
 * images, logs and secrets. */
void gl_egress_missing(const struct gl_config *config, struct gl_strv *ret_keys);

#endif
