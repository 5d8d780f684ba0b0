/* Room-internal: one event, its canonical form and its hash. */
#ifndef GL_LEDGER_EVENT_H
#define GL_LEDGER_EVENT_H

#include "base/hash.h"
#include "ledger/ledger.h"

/* Every field but `hash`, as it is hashed. The caller owns it. */
json_t *gl_event_json(const struct gl_event *event);

/* SHA-256 over the canonical JSON of every field but `hash`. */
void gl_event_hash(const struct gl_event *event, char ret_hex[GL_SHA256_HEX_SIZE]);

/* Sets event->hash; every other field must be in place. */
void gl_event_seal(struct gl_event *event);

/* A copy of `data` ({} for NULL) in which known secrets are masked in strings and member names.
 * GL_E_USAGE if it is no object. */
gl_nodiscard int gl_event_data(const json_t *data, json_t **ret_copy, struct gl_error *err);

/* Whether `event` is the right successor of an event with this seq and hash (0 and "" for the
 * first): GL_E_CORRUPT says what does not fit. */
gl_nodiscard int gl_event_check(const struct gl_event *event, int64_t last_seq,
                                const char *last_hash, struct gl_error *err);

#endif
