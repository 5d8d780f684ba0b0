/* Attestations: answers that people signed to the question of a control. The statement that is
 * signed is one line of canonical JSON; it lies with its signature in the ledger as event
 * `attestation` {control, person, answer, statement, signature}.
 *
 * Each is judged anew whenever it is read, with the keys that golive.yaml has then. Whether its
 * signer has the role that the control asks for is judged by the control (control/attested.c). */
#ifndef GL_FACTS_ATTESTATION_H
#define GL_FACTS_ATTESTATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "config/config.h"
#include "ledger/ledger.h"
#include "sign/key.h"

/* The purpose in an OpenSSH signature: ssh-keygen -Y sign -n golive-attestation. */
#define GL_ATTESTATION_NAMESPACE "golive-attestation"
#define GL_ATTESTATION_EVENT     "attestation"

enum {
    GL_ATTESTATION_BYTES_MAX = 8192,
    GL_ATTESTATION_NOTE_MAX = 1000, /* bytes */
};

/* ---- the statement -----------------------------------------------------------------------------
 */

/* In a statement that was read, texts (owned) are never NULL and valid UTF-8 without control
 * characters and without those that turn the direction of writing, so that no terminal shows
 * another statement than the one that is signed; only note and bound may be empty. Numbers are from
 * 0 to 2^53. */
struct gl_attestation {
    char *app;
    char *env;
    char *control;
    char *question; /* gl_attestation_question() */
    char *answer;   /* "yes" or "no" */
    char *note;
    char *person; /* people[].id */
    char *binds;  /* "config", "release" or "none" */
    char *bound;  /* gl_attestation_bound() when it was signed */
    int64_t signed_unix_s;
    int64_t valid_until_unix_s;
};

void gl_attestation_done(struct gl_attestation *attestation);
#define gl_autoattestation gl_cleanup(gl_attestation_done)

/* True if a text may stand in a statement. */
bool gl_attestation_fits(const char *text);

/* The bytes that are signed: canonical JSON and a newline. The caller owns the text. */
char *gl_attestation_text(const struct gl_attestation *attestation);

/* Reads such a text; GL_E_CORRUPT unless it is, byte for byte, what gl_attestation_text() makes. */
gl_nodiscard int gl_attestation_read(const char *text, size_t len,
                                     struct gl_attestation *ret_attestation, struct gl_error *err);

/* SHA-256 of a question in its languages (`ja` may be NULL). */
void gl_attestation_question(const char *question, const char *ja,
                             char ret_hex[GL_SHA256_HEX_SIZE]);

/* ---- what it is bound to -----------------------------------------------------------------------
 */

/* What an environment is now. */
struct gl_attestation_basis {
    const struct gl_config *config; /* borrowed */
    char *release; /* hash of the event with which the serving release began; NULL = none serves */
    int64_t release_number;
    int64_t now_unix_s;
};

gl_nodiscard int gl_attestation_basis_read(struct gl_ledger *ledger, const struct gl_config *config,
                                           int64_t now_unix_s,
                                           struct gl_attestation_basis *ret_basis,
                                           struct gl_error *err);
void gl_attestation_basis_done(struct gl_attestation_basis *basis);
#define gl_autobasis gl_cleanup(gl_attestation_basis_done)

/* The hash of golive.yaml as it is merged for the environment, that of the serving release, or "";
 * NULL if it is a release and none serves. Belongs to the basis. */
const char *gl_attestation_bound(const struct gl_attestation_basis *basis, const char *binds);

/* ---- judging -----------------------------------------------------------------------------------
 */

/* An attestation as it lies in the ledger. Texts are owned. */
struct gl_attested {
    char *control;                   /* that it is put forward for */
    char *text;                      /* that was signed */
    struct gl_attestation statement; /* what can be read of it; else what the event claims */
    int64_t seq;
    bool genuine; /* signed by that person for this control here; it may be of another time */
    char *flaw;   /* why it does not count, in the user's language; NULL = it does */
};

struct gl_attested_list {
    struct gl_attested *items; /* of the environment, oldest first */
    size_t count;
};

void gl_attested_list_done(struct gl_attested_list *list);
#define gl_autoattested gl_cleanup(gl_attested_list_done)

/* Reads and judges all attestations of the basis's environment. */
gl_nodiscard int gl_attested_read(struct gl_ledger *ledger,
                                  const struct gl_attestation_basis *basis,
                                  struct gl_attested_list *ret_list, struct gl_error *err);

/* ---- attestation_rules.c -----------------------------------------------------------------------
 */

/* One signed answer as it is judged; everything is borrowed. */
struct gl_attestation_claim {
    const struct gl_attestation *statement;
    const char *control; /* that it is put forward for */
    const char *text;    /* that was signed */
    const char *signature;
};

/* The first rule that is broken, as a text the caller owns; NULL = it counts. ret_genuine as in
 * struct gl_attested. */
char *gl_attestation_flaw(const struct gl_attestation_basis *basis,
                          const struct gl_attestation_claim *claim, bool *ret_genuine);

/* The public key of a person in golive.yaml, if there is one and nobody else has it; else why not,
 * as a text the caller owns. */
char *gl_attestation_key(const struct gl_config *config, const char *person,
                         struct gl_public_key *ret_key);

#endif
