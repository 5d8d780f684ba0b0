/* The private key of who works golive, and whose it is. */
#include "cmd/person_key.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "cmd/ask.h"
#include "facts/attestation.h"
#include "release/approval.h"
#include "sign/ssh_agent.h"

static int ask_passphrase(void *context, char **ret_passphrase, struct gl_error *err)
{
    gl_autofree char *question = gl_asprintf(_("Passphrase of %s: "), (const char *)context);
    return gl_cmd_ask_secret(question, ret_passphrase, err);
}

/* ---- out of a file -----------------------------------------------------------------------------
 */

static int read_file(const char *path, struct gl_private_key *ret_key, struct gl_error *err)
{
    gl_autobuf struct gl_buf text = {0};
    int failed = gl_read_file(path, GL_KEY_FILE_BYTES_MAX, &text, err);
    if (failed < 0)
        return gl_error_hint(err, _("Make a key with ssh-keygen -t ed25519, or name yours: --key "
                                    "FILE."));
    failed = gl_private_key_parse(gl_buf_text(&text), text.len, ask_passphrase, (void *)path,
                                  ret_key, err);
    gl_wipe(text.data, text.cap);
    return failed < 0 ? gl_error_wrap(err, "%s", path) : 0;
}

/* ---- out of the ssh-agent ----------------------------------------------------------------------
 */

static void take_from_agent(const char *socket_path, const struct gl_public_key *key,
                            struct gl_private_key *ret_key)
{
    *ret_key = (struct gl_private_key){.public_key = *key, .agent = gl_strdup(socket_path)};
}

/* The one key of the agent that somebody in people has; 1 = there is none, or more than one. An
 * agent that is gone is no reason to stop: the file is there. */
static int find_in_agent(const struct gl_context *context, struct gl_private_key *ret_key,
                         struct gl_error *err)
{
    const char *socket_path = getenv("SSH_AUTH_SOCK");
    gl_autoagentkeys struct gl_agent_keys keys = {0};
    const struct gl_public_key *found = NULL;
    size_t count = 0;
    if (!socket_path || !*socket_path)
        return 1;
    int failed = gl_agent_list(socket_path, &keys, NULL);
    if (failed < 0)
        return failed == GL_E_INTERRUPTED ? gl_interrupt_check(err) : 1;
    for (size_t i = 0; i < keys.count; i++) {
        if (!gl_approval_owner(context->config, &keys.items[i]))
            continue;
        found = &keys.items[i];
        count++;
    }
    if (count == 1)
        take_from_agent(socket_path, found, ret_key);
    return count != 1;
}

/* --key names a public key: its private half is in the agent. 1 = it is no public key. */
static int read_public(const char *path, struct gl_private_key *ret_key, struct gl_error *err)
{
    gl_autobuf struct gl_buf text = {0};
    struct gl_public_key key;
    const char *socket_path = getenv("SSH_AUTH_SOCK");
    if (gl_read_file(path, GL_KEY_FILE_BYTES_MAX, &text, NULL) < 0 ||
        gl_public_key_parse(gl_buf_text(&text), &key, NULL) < 0)
        return 1;
    if (!socket_path || !*socket_path) {
        gl_fail(err, GL_E_NOT_FOUND, _("%s is a public key, and no ssh-agent runs"), path);
        return gl_error_hint(err, _("Name the private one, or start an agent: eval $(ssh-agent); "
                                    "ssh-add"));
    }
    take_from_agent(socket_path, &key, ret_key);
    return 0;
}

int gl_cmd_read_key(const struct gl_context *context, struct gl_private_key *ret_key,
                    struct gl_error *err)
{
    const char *given = gl_flag_str(context, "key");
    const char *home = getenv("HOME");
    int elsewhere = given ? read_public(given, ret_key, err) : find_in_agent(context, ret_key, err);
    if (elsewhere != 1)
        return elsewhere;
    if (!given && !home)
        return gl_fail(err, GL_E_USAGE, _("which key? Name its file: --key FILE"));
    gl_autofree char *own = home ? gl_path_join(home, ".ssh/id_ed25519") : NULL;
    return read_file(given ? given : own, ret_key, err);
}

/* ---- whose it is -------------------------------------------------------------------------------
 */

int gl_cmd_key_owner(const struct gl_context *context, const struct gl_private_key *key,
                     const char *expected, const char **ret_person, struct gl_error *err)
{
    struct gl_public_key its;
    const char *owner = gl_approval_owner(context->config, &key->public_key);
    gl_autofree char *line = gl_public_key_line(&key->public_key);
    if (!owner) {
        gl_fail(err, GL_E_REFUSED, _("nobody in golive.yaml has this key"));
        return gl_error_hint(err, _("Is it yours? Then your entry in people wants: key: \"%s\""),
                             line);
    }
    gl_autofree char *why = gl_attestation_key(context->config, owner, &its);
    if (why)
        return gl_fail(err, GL_E_REFUSED, _("this signature would not count: %s"), why);
    if (expected && strcmp(expected, owner) != 0) {
        gl_fail(err, GL_E_REFUSED, _("this is the key of %s, not of %s"), owner, expected);
        return gl_error_hint(err, _("Name the other one's key: --key FILE."));
    }
    *ret_person = owner;
    return 0;
}
