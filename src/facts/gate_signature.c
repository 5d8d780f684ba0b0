/* Signatures under gates: what they are over, and which count. */
#include "facts/gate_signature.h"

#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "facts/attestation.h"
#include "facts/internal.h"
#include "sign/signature.h"

char *gl_gate_statement_text(const struct gl_gate_statement *statement)
{
    gl_autojson json_t *object = json_object();
    gl_json_set_str(object, "kind", "gate");
    gl_json_set_str(object, "app", statement->app);
    gl_json_set_str(object, "env", statement->env);
    gl_json_set_str(object, "stage", statement->stage);
    gl_json_set_bool(object, "go", statement->go);
    gl_json_set_str(object, "hash", statement->hash);
    gl_json_set_str(object, "person", statement->person);
    json_object_set(object, "roles", (json_t *)statement->roles);
    gl_json_set_int(object, "signed_unix_s", statement->signed_unix_s);
    gl_autofree char *text = gl_json_canonical(object);
    return gl_asprintf("%s\n", text);
}

/* ---- roles -------------------------------------------------------------------------------------
 */

static bool names(const json_t *list, const char *word)
{
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)list, index, item)
    {
        if (json_is_string(item) && strcmp(json_string_value(item), word) == 0)
            return true;
    }
    return false;
}

void gl_gate_roles(const struct gl_config *config, const char *person, struct gl_strv *ret_roles)
{
    size_t index;
    json_t *role;
    const json_t *roles = gl_config_node(config, "roles");
    json_array_foreach((json_t *)gl_config_node(config, "gate.signers"), index, role)
    {
        const char *name = json_string_value(role);
        if (name && names(json_object_get(roles, name), person))
            gl_strv_add(ret_roles, name);
    }
}

static char *lost_role(const struct gl_gate_statement *statement, const struct gl_config *config)
{
    size_t index;
    json_t *role;
    gl_autostrv struct gl_strv has = {0};
    gl_gate_roles(config, statement->person, &has);
    json_array_foreach((json_t *)statement->roles, index, role)
    {
        const char *name = json_string_value(role);
        if (!name || !gl_strv_has(&has, name))
            return gl_asprintf(_("%s has not the role %s (any more)"), statement->person,
                               name ? name : "?");
    }
    return json_array_size(statement->roles)
               ? NULL
               : gl_asprintf(_("%s signed without a role of gate.signers"), statement->person);
}

/* ---- judging -----------------------------------------------------------------------------------
 */

char *gl_gate_statement_flaw(const struct gl_gate_statement *statement, const char *signature,
                             const struct gl_config *config)
{
    gl_autoerr struct gl_error err = {0};
    gl_autosignature struct gl_signature read = {0};
    struct gl_public_key key;
    gl_autofree char *text = gl_gate_statement_text(statement);
    const struct gl_signed what = {GL_GATE_NAMESPACE, text, strlen(text)};
    char *why = gl_attestation_key(config, statement->person, &key);
    if (why)
        return why;
    int failed = gl_signature_read(signature, strlen(signature), &read, &err);
    if (failed == 0)
        failed = gl_signature_check(&read, &key, &what, &err);
    return failed < 0 ? gl_asprintf(_("the signature of %s does not hold: %s"), statement->person,
                                    err.message)
                      : lost_role(statement, config);
}

/* ---- facts -------------------------------------------------------------------------------------
 */

struct writing {
    const struct gl_config *config;
    struct gl_rows rows;
};

/* Only gates of the stage `go` are recorded. */
static char *flaw_of(const struct gl_config *config, const json_t *data, const char *role)
{
    const struct gl_gate_statement statement = {
        .app = gl_config_str(config, "app.name"),
        .env = gl_config_env(config),
        .stage = "go",
        .hash = gl_json_str(data, "hash", ""),
        .person = gl_json_str(data, "person", ""),
        .roles = json_object_get(data, "roles"),
        .signed_unix_s = gl_json_int(data, "signed_unix_s", 0),
        .go = gl_json_bool(data, "go", false),
    };
    if (!names(statement.roles, role))
        return gl_asprintf(_("%s did not sign as %s"), statement.person, role);
    char *flaw = gl_gate_statement_flaw(&statement, gl_json_str(data, "signature", ""), config);
    return flaw || statement.go ? flaw : gl_asprintf(_("%s signed a No-Go"), statement.person);
}

static int on_event(const struct gl_event *event, void *context, struct gl_error *err)
{
    (void)err;
    struct writing *writing = context;
    if (strcmp(event->kind, "gate.signed") != 0 ||
        strcmp(event->env, gl_config_env(writing->config)) != 0)
        return 0;
    const char *role = gl_json_str(event->data, "role", "");
    gl_autofree char *flaw = flaw_of(writing->config, event->data, role);
    gl_rows_int(&writing->rows, event->seq);
    gl_rows_text(&writing->rows, gl_json_str(event->data, "hash", ""));
    gl_rows_text(&writing->rows, gl_json_str(event->data, "person", ""));
    gl_rows_text(&writing->rows, role);
    gl_rows_text(&writing->rows, flaw);
    gl_rows_add(&writing->rows);
    return writing->rows.failed;
}

int gl_collect_gate_signatures(const struct gl_collecting *c, struct gl_error *err)
{
    struct writing writing = {.config = c->request->config};
    gl_rows_open(c->db, "gate_signature", &writing.rows, err);
    int failed = gl_ledger_read(c->request->ledger, 0, on_event, &writing, err);
    int of_rows = gl_rows_done(&writing.rows);
    return failed < 0 ? failed : of_rows;
}
