/* The gate: Go or No-Go by everything that controls judge, with its evidence in one bundle.
 *
 * A bundle is JSON of parts: subject (what was judged, when), verdict (go, open), owners, controls,
 * waivers, problems, attestations, config, ledger, facts. `hashes` has SHA-256 of the canonical
 * JSON of each part, `hash` that of `hashes`; what people sign is over `hash`. Verdicts are
 * computed from the part `controls` alone, so that whoever reads a bundle can compute them again.
 */
#ifndef GL_CONTROL_GATE_H
#define GL_CONTROL_GATE_H

#include "config/config.h"
#include "control/render.h"
#include "facts/gate_signature.h"
#include "sign/key.h"

/* ---- the verdict -------------------------------------------------------------------------------
 */

/* The area of golive.yaml's responsibilities that a control belongs to; never NULL. */
const char *gl_gate_area(const char *id);

/* {go, judged, open: [{control, title, area, severity, status, why, file, line, remedy}]} of a
 * stage; the last three where there are any. Go when every control
 * that is judged at it or before, but for 8.P4.1 itself, passes, is waived or not applicable,
 * nothing of it waits for --live, nothing of section 9 is waived and no control had to be left out.
 * `controls` and `problems` are those of gl_check_json(). The caller owns it. */
json_t *gl_gate_verdict(const char *stage, const json_t *controls, const json_t *problems);

/* ---- the bundle --------------------------------------------------------------------------------
 */

/* What a bundle is made of; everything is borrowed. */
struct gl_gate_evidence {
    const struct gl_check_view *view;
    sqlite3 *db; /* the facts that were judged */
    const struct gl_config *config;
    int64_t now_unix_s;
};

/* The caller owns the bundle. */
gl_nodiscard int gl_gate_bundle(const struct gl_gate_evidence *evidence, json_t **ret_bundle,
                                struct gl_error *err);

/* Its hash; "" if it has none. Belongs to the bundle. */
const char *gl_gate_hash(const json_t *bundle);

/* A member of its subject, "" if it has none. */
const char *gl_gate_subject(const json_t *bundle, const char *member);

/* GL_E_MISMATCH names the part that is not what its hash says, or the verdict that does not follow
 * from the controls; GL_E_CORRUPT if it is no bundle. */
gl_nodiscard int gl_gate_check(const json_t *bundle, struct gl_error *err);

/* ---- signatures --------------------------------------------------------------------------------
 */

/* Adds the signature of a person to a bundle, in place of an older one of the same person. */
gl_nodiscard int gl_gate_sign(json_t *bundle, const struct gl_private_key *key, const char *person,
                              const struct gl_strv *roles, int64_t now_unix_s,
                              struct gl_error *err);

/* Why a signature of a bundle (an item of `signatures`) does not count with the keys and roles that
 * golive.yaml has, as a text the caller owns; NULL = it counts. */
char *gl_gate_signature_flaw(const json_t *bundle, const json_t *signature,
                             const struct gl_config *config);

#endif
