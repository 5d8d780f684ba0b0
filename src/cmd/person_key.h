/* The private key of who works golive, and whose it is. */
#ifndef GL_CMD_PERSON_KEY_H
#define GL_CMD_PERSON_KEY_H

#include "cmd/command.h"
#include "sign/key.h"

/* The flag of every command that signs. */
#define GL_KEY_FLAG                                                                                \
    {                                                                                              \
        "key", 'k', GL_FLAG_TEXT, N_("FILE"), NULL,                                                \
            N_("your private ed25519 key, of ssh-keygen or PEM, or a public one whose private "    \
               "half the ssh-agent has (yours in the ssh-agent, else ~/.ssh/id_ed25519)")          \
    }

/* The key that --key names: a private one, or a public one whose private half the ssh-agent of
 * SSH_AUTH_SOCK has. Without --key it is the only one in the agent that somebody in people has,
 * else
 * ~/.ssh/id_ed25519. A passphrase is asked for on the terminal. The command must have a flag "key".
 * The caller calls gl_private_key_done(). */
gl_nodiscard int gl_cmd_read_key(const struct gl_context *context, struct gl_private_key *ret_key,
                                 struct gl_error *err);

/* Who of people[] has the key, if nobody else has it; `expected` (NULL = anybody) must be that
 * person. GL_E_REFUSED says what golive.yaml wants. Belongs to the configuration. */
gl_nodiscard int gl_cmd_key_owner(const struct gl_context *context,
                                  const struct gl_private_key *key, const char *expected,
                                  const char **ret_person, struct gl_error *err);

#endif
