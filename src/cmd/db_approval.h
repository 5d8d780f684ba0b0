/* The second name on a statement that writes to a shared database: what is signed, and whether a
 * signature counts. */
#ifndef GL_CMD_DB_APPROVAL_H
#define GL_CMD_DB_APPROVAL_H

#include "cmd/command.h"

/* The purpose in an OpenSSH signature: ssh-keygen -Y sign -n golive-db-exec. */
#define GL_DB_APPROVAL_NAMESPACE "golive-db-exec"

/* Whether writing takes a second name: in every environment but `local`. */
bool gl_db_approval_is_wanted(const struct gl_config *config);

/* The bytes to sign: one line of canonical JSON {app, env, expires, requester, sql_sha256, time}
 * that holds for approval.valid_hours. GL_E_REFUSED when it is not known who asks. The caller owns
 * the text. */
gl_nodiscard int gl_db_approval_text(const struct gl_context *context, const char *sql,
                                     char **ret_text, struct gl_error *err);

/* Reads the signed text in `path` and its signature in PATH.sig. It counts when it is about this
 * statement and environment, has not expired, was not used before, and its signer is one of
 * approval.approvers and not who asked. *ret_person belongs to the configuration, the text's hash
 * to the caller. GL_E_REFUSED says which of these does not hold. */
gl_nodiscard int gl_db_approval_check(const struct gl_context *context, const char *sql,
                                      const char *path, const char **ret_person, char **ret_hash,
                                      struct gl_error *err);

/* Whether the use that event `seq` of the ledger notes (db.exec.begin) is the first of the signed
 * text with this hash: of two that were let through at the same time, only one is. GL_E_REFUSED. */
gl_nodiscard int gl_db_approval_claim(const struct gl_context *context, const char *hash,
                                      int64_t seq, struct gl_error *err);

#endif
