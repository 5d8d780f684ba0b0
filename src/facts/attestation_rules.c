/* Why a signed answer does not count: the rules in the order in which they are told. */
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "facts/attestation.h"
#include "sign/signature.h"

enum { CLOCKS_DIFFER_S = 300 };

/* ---- whose key it is ---------------------------------------------------------------------------
 */

static const json_t *find_person(const struct gl_config *config, const char *id)
{
    size_t index;
    json_t *person;
    json_array_foreach((json_t *)gl_config_node(config, "people"), index, person)
    {
        if (strcmp(gl_json_str(person, "id", ""), id) == 0)
            return person;
    }
    return NULL;
}

/* Else one person could sign for two. */
static bool is_shared(const struct gl_config *config, const json_t *own,
                      const struct gl_public_key *key)
{
    size_t index;
    json_t *person;
    json_array_foreach((json_t *)gl_config_node(config, "people"), index, person)
    {
        struct gl_public_key its;
        if (person != own && gl_public_key_parse(gl_json_str(person, "key", ""), &its, NULL) == 0 &&
            gl_public_key_same(&its, key))
            return true;
    }
    return false;
}

char *gl_attestation_key(const struct gl_config *config, const char *person,
                         struct gl_public_key *ret_key)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_public_key key;
    const json_t *own = find_person(config, person);
    if (!own)
        return gl_asprintf(_("%s is not among people of golive.yaml (any more)"), person);
    if (!gl_json_str(own, "key", NULL))
        return gl_asprintf(_("%s has no key in people of golive.yaml"), person);
    if (gl_public_key_parse(gl_json_str(own, "key", ""), &key, &err) < 0)
        return gl_asprintf(_("people[].key of %s: %s"), person, err.message);
    if (is_shared(config, own, &key))
        return gl_asprintf(_("the key of %s is somebody else's too"), person);
    *ret_key = key;
    return NULL;
}

/* ---- rules -------------------------------------------------------------------------------------
 */

static char *is_not_signed(const struct gl_attestation_basis *basis,
                           const struct gl_attestation_claim *claim)
{
    gl_autoerr struct gl_error err = {0};
    gl_autosignature struct gl_signature signature = {0};
    struct gl_public_key key;
    const char *person = claim->statement->person;
    const struct gl_signed what = {GL_ATTESTATION_NAMESPACE, claim->text, strlen(claim->text)};
    char *why = gl_attestation_key(basis->config, person, &key);
    if (why)
        return why;
    int failed = gl_signature_read(claim->signature, strlen(claim->signature), &signature, &err);
    if (failed == 0)
        failed = gl_signature_check(&signature, &key, &what, &err);
    return failed < 0 ? gl_asprintf(_("the signature of %s does not hold: %s"), person, err.message)
                      : NULL;
}

static char *is_about_another(const struct gl_attestation_basis *basis,
                              const struct gl_attestation_claim *claim)
{
    const struct gl_attestation *statement = claim->statement;

    const struct {
        const char *name;
        const char *its;
        const char *wanted;
    } about[] = {
        {N_("application"), statement->app, gl_config_str(basis->config, "app.name")},
        {N_("environment"),                 statement->env,               gl_config_env(basis->config)           },
        {N_("control"),                 statement->control,                   claim->control},
    };

    for (size_t i = 0; i < GL_COUNT(about); i++) {
        if (strcmp(about[i].its, about[i].wanted) != 0)
            return gl_asprintf(_("copied: %s signed it for the %s %s"), statement->person,
                               _(about[i].name), about[i].its);
    }
    return NULL;
}

static char *is_out_of_time(const struct gl_attestation_basis *basis,
                            const struct gl_attestation_claim *claim)
{
    const struct gl_attestation *statement = claim->statement;
    gl_autofree char *until = gl_format_rfc3339(statement->valid_until_unix_s * 1000);
    if (statement->signed_unix_s > basis->now_unix_s + CLOCKS_DIFFER_S)
        return gl_asprintf(_("what %s signed is of a time to come: a clock is wrong"),
                           statement->person);
    if (statement->valid_until_unix_s < basis->now_unix_s)
        return gl_asprintf(_("what %s signed expired at %s"), statement->person, until);
    return NULL;
}

static char *is_bound_elsewhere(const struct gl_attestation_basis *basis,
                                const struct gl_attestation_claim *claim)
{
    const struct gl_attestation *statement = claim->statement;
    const char *now = gl_attestation_bound(basis, statement->binds);
    if (now && strcmp(now, statement->bound) == 0)
        return NULL;
    return strcmp(statement->binds, "release") == 0
               ? gl_asprintf(_("%s signed it for another release than the one that serves"),
                             statement->person)
               : gl_asprintf(_("golive.yaml has changed since %s signed it"), statement->person);
}

typedef char *rule_fn(const struct gl_attestation_basis *basis,
                      const struct gl_attestation_claim *claim);

static char *first_broken(rule_fn *const *rules, const struct gl_attestation_basis *basis,
                          const struct gl_attestation_claim *claim)
{
    char *flaw = NULL;
    for (size_t i = 0; !flaw && rules[i]; i++)
        flaw = rules[i](basis, claim);
    return flaw;
}

char *gl_attestation_flaw(const struct gl_attestation_basis *basis,
                          const struct gl_attestation_claim *claim, bool *ret_genuine)
{
    static rule_fn *const of_origin[] = {is_not_signed, is_about_another, NULL};
    static rule_fn *const of_time[] = {is_out_of_time, is_bound_elsewhere, NULL};
    char *flaw = first_broken(of_origin, basis, claim);
    *ret_genuine = !flaw;
    return flaw ? flaw : first_broken(of_time, basis, claim);
}
