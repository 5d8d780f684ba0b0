/* Signatures in the bundle of a gate. */
#include <string.h>

#include "base/json.h"
#include "control/gate.h"
#include "sign/signature.h"

/* What an item of `signatures` is over. */
static struct gl_gate_statement statement_of(const json_t *bundle, const json_t *signature)
{
    const json_t *verdict = json_object_get(bundle, "verdict");
    return (struct gl_gate_statement){
        .app = gl_gate_subject(bundle, "app"),
        .env = gl_gate_subject(bundle, "env"),
        .stage = gl_gate_subject(bundle, "stage"),
        .hash = gl_gate_hash(bundle),
        .person = gl_json_str(signature, "person", ""),
        .roles = json_object_get(signature, "roles"),
        .signed_unix_s = gl_json_int(signature, "signed_unix_s", 0),
        .go = gl_json_bool(verdict, "go", false),
    };
}

static void drop_older(json_t *signatures, const char *person)
{
    for (size_t i = json_array_size(signatures); i > 0; i--) {
        if (strcmp(gl_json_str(json_array_get(signatures, i - 1), "person", ""), person) == 0)
            json_array_remove(signatures, i - 1);
    }
}

static void add(json_t *bundle, const char *person, json_t *signature)
{
    if (!json_is_array(json_object_get(bundle, "signatures")))
        json_object_set_new(bundle, "signatures", json_array());
    json_t *signatures = json_object_get(bundle, "signatures");
    drop_older(signatures, person);
    json_array_append(signatures, signature);
}

int gl_gate_sign(json_t *bundle, const struct gl_private_key *key, const char *person,
                 const struct gl_strv *roles, int64_t now_unix_s, struct gl_error *err)
{
    gl_autofree char *armoured = NULL;
    gl_autojson json_t *signature = json_object();
    json_t *list = json_array();
    for (size_t i = 0; i < roles->count; i++)
        json_array_append_new(list, json_string(roles->items[i]));
    gl_json_set_str(signature, "person", person);
    json_object_set_new(signature, "roles", list);
    gl_json_set_int(signature, "signed_unix_s", now_unix_s);
    const struct gl_gate_statement statement = statement_of(bundle, signature);
    gl_autofree char *text = gl_gate_statement_text(&statement);
    const struct gl_signed what = {GL_GATE_NAMESPACE, text, strlen(text)};
    int failed = gl_signature_make(key, &what, &armoured, err);
    if (failed < 0)
        return failed;
    gl_json_set_str(signature, "signature", armoured);
    add(bundle, person, signature);
    return 0;
}

char *gl_gate_signature_flaw(const json_t *bundle, const json_t *signature,
                             const struct gl_config *config)
{
    const struct gl_gate_statement statement = statement_of(bundle, signature);
    return gl_gate_statement_flaw(&statement, gl_json_str(signature, "signature", ""), config);
}
