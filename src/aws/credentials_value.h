/* Room-internal: credentials as values: checked, copied, read from JSON. */
#ifndef GL_AWS_CREDENTIALS_VALUE_H
#define GL_AWS_CREDENTIALS_VALUE_H

#include <jansson.h>

#include "aws/credentials.h"
#include "base/buf.h"
#include "net/http.h"

/* Fills `ret` with copies, and makes the secrets known to gl_redact(). GL_E_CONFIG when a part is
 * missing or has a blank, a line break or another character that no AWS key has: it would end up in
 * a header line. `where` names the place for the message; `token` may be NULL or "". */
struct gl_aws_key_text {
    const char *access_key;
    const char *secret_key;
    const char *token;
    int64_t expires_unix_ms;
};

gl_nodiscard int gl_aws_credentials_set(const struct gl_aws_key_text *text, const char *where,
                                        const char *source, struct gl_aws_credentials *ret,
                                        struct gl_error *err);

/* The answer of a credential process, container or metadata service: AccessKeyId, SecretAccessKey,
 * `token_key`, Expiration. GL_E_NET for an answer that lacks one. */
gl_nodiscard int gl_aws_credentials_from_json(const json_t *json, const char *token_key,
                                              const char *where, const char *source,
                                              struct gl_aws_credentials *ret, struct gl_error *err);

/* "2026-11-23T10:41:07Z", with fractions, "+09:00" or "UTC" (ISO 8601 as AWS writes it) as
 * milliseconds since 1970. False for anything else. */
gl_nodiscard bool gl_aws_parse_time(const char *text, int64_t *ret_unix_ms);

/* True if the text can stand in a header line: printable ASCII without blanks, not empty. */
bool gl_aws_is_token(const char *text);

/* Destructors that wipe first. */
void gl_aws_wipe_text(char **text);
void gl_aws_wipe_buf(struct gl_buf *buf);
void gl_aws_wipe_http(struct gl_http_response *response);
#define gl_autosecret     gl_cleanup(gl_aws_wipe_text)
#define gl_autosecretbuf  gl_cleanup(gl_aws_wipe_buf)
#define gl_autosecrethttp gl_cleanup(gl_aws_wipe_http)

#endif
