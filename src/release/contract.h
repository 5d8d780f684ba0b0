/* Contract migrations that wait: the release that stopped using what they take away must have
 * served for migrations.contract_min_age_hours, so that neither it nor its rollback target needs
 * it. */
#ifndef GL_RELEASE_CONTRACT_H
#define GL_RELEASE_CONTRACT_H

#include "config/config.h"
#include "release/journal.h"

struct gl_contract {
    int64_t version;
    int64_t due_unix_ms; /* a release that is begun later than this applies it */
};

struct gl_contracts {
    struct gl_contract *items; /* in the order of the directory */
    size_t count;
};

void gl_contracts_done(struct gl_contracts *list);
#define gl_autocontracts gl_cleanup(gl_contracts_done)

/* Those that the serving release left pending. The time counts from the first of the releases in a
 * row, one after the other up to the serving one, that had the file: a release in between does not
 * begin it anew. */
void gl_contracts_read(const struct gl_journal *journal, const struct gl_config *config,
                       struct gl_contracts *ret_list);

/* When a migration is due; 0 = the serving release does not have it yet. */
int64_t gl_contract_due(const struct gl_contracts *list, int64_t version);

/* When one is due that a release has from now on. */
int64_t gl_contract_due_from(const struct gl_config *config, int64_t unix_ms);

/* "2026-11-27 19:00 JST", the full minute after it, in the local time zone. The caller owns it. */
char *gl_contract_time(int64_t unix_ms);

/* "due with the next release", or "due with the release after TIME". The caller owns it. */
char *gl_contract_text(int64_t due_unix_ms, int64_t now_unix_ms);

#endif
