/* Values that are read from the account before each change set. */
#ifndef GL_INFRA_LIVE_H
#define GL_INFRA_LIVE_H

struct gl_live_source {
    const char *name;
    const char *text; /* N_(): what it is and where it is read */
};

/* All sources that a stack may name; ends with NULL. */
extern const struct gl_live_source gl_live_sources[];

const struct gl_live_source *gl_live_find(const char *name);
/* The nearest name to a wrong one, or NULL. */
const char *gl_live_nearest(const char *name);

#endif
