/* The roadmap: the phases of the checklist with their plan, and how far each is. Progress is what
 * controls say, and actual dates are what the ledger recorded of it: neither is typed in. */
#ifndef GL_CONTROL_ROADMAP_H
#define GL_CONTROL_ROADMAP_H

#include "config/config.h"
#include "control/render.h"
#include "ledger/ledger.h"

enum { GL_NO_DAY = -1 };

/* Days since 1970-01-01, GL_NO_DAY = not known. The last day belongs to it. */
struct gl_span {
    int64_t first;
    int64_t last;
};

struct gl_roadmap_phase {
    const char *title;     /* in the user's language */
    const char *usual;     /* "1-2 weeks" */
    const char *owner;     /* people[].id, NULL = nobody named; belongs to the configuration */
    struct gl_span plan;   /* roadmap.phases.N, else behind the phase before, else not known */
    struct gl_span actual; /* first record with something closed; first since when all is closed */
    struct gl_phase_count count;
};

struct gl_roadmap {
    const char *app; /* belong to the check */
    const char *env;
    int64_t today;
    struct gl_roadmap_phase phases[GL_PHASE_COUNT];
};

/* Records {phases: [{closed, total}]} of this kind, and gates, tell the actual dates. */
#define GL_ROADMAP_EVENT "roadmap"

/* Puts it together; `ledger` may be NULL. GL_E_CONFIG for a phase that there is not and for one
 * that ends before it begins. Everything must outlive it. */
gl_nodiscard int gl_roadmap_make(const struct gl_check *check, const struct gl_config *config,
                                 struct gl_ledger *ledger, int64_t now_unix_s,
                                 struct gl_roadmap *ret_roadmap, struct gl_error *err);

/* [{closed, total}] as records have it; the caller owns it. */
json_t *gl_roadmap_record(const struct gl_check *check);

/* Days by which a phase is late: its plan is over and it is not closed; 0 = it is not. */
int64_t gl_roadmap_late(const struct gl_roadmap *roadmap, const struct gl_roadmap_phase *phase);

/* "2026-12-01", "" for GL_NO_DAY; the caller owns it. */
char *gl_roadmap_day(int64_t day);

void gl_roadmap_text(const struct gl_roadmap *roadmap, struct gl_buf *out);
/* The caller owns it. */
json_t *gl_roadmap_json(const struct gl_roadmap *roadmap);
/* One page with a Gantt chart that needs no other file. */
void gl_roadmap_html(const struct gl_roadmap *roadmap, struct gl_buf *out);

#endif
