/* Room-internal: memory for SQLite. */
#ifndef GL_DATA_SQLITE_MEMORY_H
#define GL_DATA_SQLITE_MEMORY_H

/* SQLite takes its memory from here. Once, before it is used in any way. */
void gl_sqlite_memory(void);

#endif
