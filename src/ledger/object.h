/* Room-internal: events and leases as the text of objects. What is read was written by anybody who
 * may write to the bucket, so both are taken only exactly as golive writes them. */
#ifndef GL_LEDGER_OBJECT_H
#define GL_LEDGER_OBJECT_H

#include "ledger/ledger_ops.h"

/* The line that `golive log --format json` shows: canonical JSON of every field. Caller owns it. */
char *gl_event_object(const struct gl_event *event);

/* Reads it back; the caller owns the event's content. GL_E_CORRUPT unless it is canonical JSON of
 * exactly these fields with `seq` as its number. Whether the hash is right is not looked at. */
gl_nodiscard int gl_event_object_read(const char *text, size_t len, int64_t seq,
                                      struct gl_event *ret_event, struct gl_error *err);

/* Canonical JSON of every stored field. Caller owns it. */
char *gl_lease_object(const struct gl_lease_record *record);

/* Reads it back; the caller owns the record's content. GL_E_CORRUPT unless it has exactly these
 * fields. */
gl_nodiscard int gl_lease_object_read(const char *text, size_t len,
                                      struct gl_lease_record *ret_record, struct gl_error *err);

#endif
