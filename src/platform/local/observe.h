/* Room-internal: counting what the edge saw of one version since a mark. */
#ifndef GL_PLATFORM_LOCAL_OBSERVE_H
#define GL_PLATFORM_LOCAL_OBSERVE_H

#include "platform/local/slot.h"

gl_nodiscard int gl_observe_mark(struct gl_local *local, int64_t release, json_t **ret_mark,
                                 struct gl_error *err);
gl_nodiscard int gl_observe_since(struct gl_local *local, int64_t release, const json_t *mark,
                                  struct gl_observation *ret_observation, struct gl_error *err);

#endif
