/* Who wrote what a promotion ships: the authors of every commit since the one that serves, for none
 * of them may approve it. */
#ifndef GL_RELEASE_AUTHORS_H
#define GL_RELEASE_AUTHORS_H

#include <jansson.h>

#include "base/strv.h"
#include "config/config.h"

/* Zero-initialise. */
struct gl_authors {
    struct gl_strv people;  /* people[].id of those that golive.yaml knows, each once */
    struct gl_strv unknown; /* as git has the others: "Name <mail address>" */
};

void gl_authors_done(struct gl_authors *authors);
#define gl_autoauthors gl_cleanup(gl_authors_done)

/* Authors of the commits that `commit` has and `base` has not, those that a trailer Co-authored-by
 * names among them; all of its history when base is NULL or "", or is in the repository no more;
 * of `commit` itself when there is nothing between. Merges count. Addresses are as .mailmap has
 * them. A co-author whom golive.yaml does not know is left out: nobody had to name them. Without
 * git (commit "") who wrote it is unknown. GL_E_REFUSED when the history here has not all of it (a
 * shallow clone). */
gl_nodiscard int gl_authors_find(const struct gl_config *config, const char *base,
                                 const char *commit, struct gl_authors *ret_authors,
                                 struct gl_error *err);

/* How many signatures it takes, whatever approval.min says, until one is surely not the author's
 * own: who wrote under an unknown address may be one signer, but not two. 0 without any unknown. */
int64_t gl_authors_least(const struct gl_authors *authors);

/* {people: [...], unknown: [...]}, as the ledger has them, and back. */
json_t *gl_authors_json(const struct gl_authors *authors);
void gl_authors_read(const json_t *json, struct gl_authors *ret_authors);

#endif
