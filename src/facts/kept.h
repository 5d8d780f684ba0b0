/* Room-internal: what functions of rules look up most, in memory for the time of a check. */
#ifndef GL_FACTS_KEPT_H
#define GL_FACTS_KEPT_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct gl_facts_kept;

/* A property of a resource. */
struct gl_kept_property {
    const char *value;  /* or NULL */
    const char *target; /* or NULL */
    int64_t known;
    int64_t line; /* 0 = null */
};

/* Reads them. The caller calls gl_facts_kept_free(); until then the facts must not change. */
gl_nodiscard int gl_facts_kept_read(sqlite3 *db, struct gl_facts_kept **ret_kept,
                                    struct gl_error *err);
void gl_facts_kept_free(struct gl_facts_kept *kept);

/* property.path of a resource, NULL if there is none. */
const struct gl_kept_property *gl_facts_kept_property(const struct gl_facts_kept *kept,
                                                      sqlite3_value *resource, sqlite3_value *path);

/* config.value of a key in the judged environment; ret_value is NULL for null. False if there is no
 * such key. */
bool gl_facts_kept_config(const struct gl_facts_kept *kept, sqlite3_value *key,
                          const char **ret_value);

#endif
