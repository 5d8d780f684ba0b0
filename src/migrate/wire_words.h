/* Room-internal: the words of wire.h, by what they stand for. */
#ifndef GL_MIGRATE_WIRE_WORDS_H
#define GL_MIGRATE_WIRE_WORDS_H

#define GL_WIRE_KIND "golive" /* the member that says what a line is */

extern const char *const gl_wire_event_words[]; /* by enum gl_migrate_event_kind */
extern const char *const gl_wire_state_words[]; /* by enum gl_migration_state; not MISSING */

#endif
