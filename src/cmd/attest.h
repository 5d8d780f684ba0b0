/* golive attest: signing the question of a control, and what is to be signed. */
#ifndef GL_CMD_ATTEST_H
#define GL_CMD_ATTEST_H

#include "cmd/command.h"
#include "control/control.h"
#include "facts/attestation.h"

/* Lists every control that asks for a signature, with its state by `list`. */
void gl_attest_list(struct gl_context *context, const struct gl_controls *controls,
                    const struct gl_attestation_basis *basis, const struct gl_attested_list *list);

/* "tanaka, suzuki": who has a role; the caller owns it. */
char *gl_attest_people(const struct gl_config *config, const char *role);

/* 2026-12-02 of seconds since 1970; the caller owns it. */
char *gl_attest_date(int64_t unix_s);

#endif
