/* Signatures of people under the evidence of a gate (control/gate.h). The statement that is signed
 * is not stored but made again from what it is about: nothing else can be read out of a signature
 * than what it is over. */
#ifndef GL_FACTS_GATE_SIGNATURE_H
#define GL_FACTS_GATE_SIGNATURE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/strv.h"
#include "config/config.h"

/* The purpose in an OpenSSH signature: ssh-keygen -Y sign -n golive-gate. */
#define GL_GATE_NAMESPACE "golive-gate"

/* What is signed; everything is borrowed. */
struct gl_gate_statement {
    const char *app;
    const char *env;
    const char *stage;
    const char *hash; /* of the evidence */
    const char *person;
    const json_t *roles; /* array of texts: those of gate.signers that the person had */
    int64_t signed_unix_s;
    bool go;
};

/* The bytes that are signed: canonical JSON and a newline. The caller owns the text. */
char *gl_gate_statement_text(const struct gl_gate_statement *statement);

/* The roles of gate.signers that a person has; added to `ret_roles`. */
void gl_gate_roles(const struct gl_config *config, const char *person, struct gl_strv *ret_roles);

/* Why a signature (OpenSSH's armoured text) of a statement does not count with the keys and roles
 * that golive.yaml has, as a text the caller owns; NULL = it counts. */
char *gl_gate_statement_flaw(const struct gl_gate_statement *statement, const char *signature,
                             const struct gl_config *config);

#endif
