/* The rules of approval.h, in the order in which they are told. */
#include "release/approval_rules.h"

#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "release/person.h"
#include "sign/signature.h"

enum { HOUR_S = 3600, CLOCKS_DIFFER_S = 300 };

static char *is_gone(const struct gl_approval_rules *rules, const struct gl_signing *signing)
{
    return gl_person_find(rules->config, signing->person)
               ? NULL
               : gl_asprintf(_("%s is not among people of golive.yaml (any more)"),
                             signing->person);
}

static char *is_no_approver(const struct gl_approval_rules *rules, const struct gl_signing *signing)
{
    const json_t *approvers = gl_config_node(rules->config, "approval.approvers");
    return gl_person_in(approvers, signing->person)
               ? NULL
               : gl_asprintf(_("%s is not among approval.approvers of %s (any more)"),
                             signing->person, gl_config_env(rules->config));
}

/* Teams without roles have only the list of approvers. */
static char *has_no_role(const struct gl_approval_rules *rules, const struct gl_signing *signing)
{
    const json_t *roles = gl_config_node(rules->config, "roles");
    const json_t *manager = json_object_get(roles, "release_manager");
    const json_t *owner = json_object_get(roles, "service_owner");
    if ((!manager && !owner) || gl_person_in(manager, signing->person) ||
        gl_person_in(owner, signing->person))
        return NULL;
    return gl_asprintf(_("%s is neither release_manager nor service_owner (any more)"),
                       signing->person);
}

/* Else one person could sign for two. */
static char *shares_key(const struct gl_approval_rules *rules, const struct gl_signing *signing)
{
    struct gl_public_key key;
    const json_t *own = gl_person_find(rules->config, signing->person);
    if (gl_public_key_parse(gl_json_str(own, "key", ""), &key, NULL) < 0)
        return NULL; /* told by the next rule */
    size_t index;
    json_t *person;
    json_array_foreach((json_t *)gl_config_node(rules->config, "people"), index, person)
    {
        struct gl_public_key its;
        if (person != own && gl_public_key_parse(gl_json_str(person, "key", ""), &its, NULL) == 0 &&
            gl_public_key_same(&its, &key))
            return gl_asprintf(_("the key of %s is somebody else's too"), signing->person);
    }
    return NULL;
}

static char *has_no_key(const struct gl_approval_rules *rules, const struct gl_signing *signing)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_public_key key;
    const json_t *person = gl_person_find(rules->config, signing->person);
    const char *text = gl_json_str(person, "key", "");
    if (!*text)
        return gl_asprintf(_("%s has no key in people of golive.yaml"), signing->person);
    int failed = gl_public_key_parse(text, &key, &err);
    return failed < 0 ? gl_asprintf(_("people[].key of %s: %s"), signing->person, err.message)
                      : NULL;
}

static char *is_not_signed(const struct gl_approval_rules *rules, const struct gl_signing *signing)
{
    gl_autoerr struct gl_error err = {0};
    gl_autosignature struct gl_signature signature = {0};
    struct gl_public_key key;
    const json_t *person = gl_person_find(rules->config, signing->person);
    const struct gl_signed what = {GL_STATEMENT_NAMESPACE, signing->text, strlen(signing->text)};
    int failed = gl_public_key_parse(gl_json_str(person, "key", ""), &key, &err);
    if (failed == 0)
        failed =
            gl_signature_read(signing->signature, strlen(signing->signature), &signature, &err);
    if (failed == 0)
        failed = gl_signature_check(&signature, &key, &what, &err);
    return failed < 0 ? gl_asprintf(_("the signature of %s does not hold: %s"), signing->person,
                                    err.message)
                      : NULL;
}

static char *is_about_another(const struct gl_approval_rules *rules,
                              const struct gl_signing *signing)
{
    (void)rules;
    const char *other =
        signing->wanted ? gl_statement_difference(signing->statement, signing->wanted) : NULL;
    return other ? gl_asprintf(_("%s signed for another `%s` than is to be shipped now"),
                               signing->person, other)
                 : NULL;
}

static char *has_expired(const struct gl_approval_rules *rules, const struct gl_signing *signing)
{
    const struct gl_statement *statement = signing->statement;
    int64_t most_s = gl_config_int(rules->config, "approval.valid_hours") * HOUR_S;
    gl_autofree char *until = gl_format_rfc3339(statement->expires_unix_s * 1000);
    if (statement->expires_unix_s <= rules->now_unix_s)
        return gl_asprintf(_("what %s signed expired at %s"), signing->person, until);
    if (statement->time_unix_s > rules->now_unix_s + CLOCKS_DIFFER_S)
        return gl_asprintf(_("what %s signed is of a time to come: a clock is wrong"),
                           signing->person);
    if (statement->expires_unix_s - statement->time_unix_s > most_s)
        return gl_asprintf(_("what %s signed holds longer than approval.valid_hours allows"),
                           signing->person);
    return NULL;
}

static bool is(const char *person, const char *id)
{
    return id && strcmp(person, id) == 0;
}

static char *is_own(const struct gl_approval_rules *rules, const struct gl_signing *signing)
{
    const char *person = signing->person;
    if (gl_strv_has(&rules->authors->people, person))
        return gl_asprintf(_("%s wrote some of what is shipped"), person);
    if (is(person, signing->statement->requester))
        return gl_asprintf(_("%s asked for this promotion"), person);
    if (is(person, rules->starter))
        return gl_asprintf(_("%s starts this promotion"), person);
    return NULL;
}

static const struct {
    char *(*objection)(const struct gl_approval_rules *, const struct gl_signing *);
    bool of_person; /* holds whatever the person signs */
} checks[] = {
    {is_gone,          true },
    {is_no_approver,   true },
    {has_no_role,      true },
    {shares_key,       true },
    {has_no_key,       true },
    {is_not_signed,    false},
    {is_about_another, false},
    {has_expired,      false},
    {is_own,           true },
};

static char *first_objection(const struct gl_approval_rules *rules,
                             const struct gl_signing *signing, bool of_person_only)
{
    char *objection = NULL;
    for (size_t i = 0; !objection && i < GL_COUNT(checks); i++) {
        if (checks[i].of_person || !of_person_only)
            objection = checks[i].objection(rules, signing);
    }
    return objection;
}

char *gl_approval_objection(const struct gl_approval_rules *rules, const struct gl_signing *signing)
{
    return first_objection(rules, signing, false);
}

char *gl_approval_obstacle(const struct gl_approval_rules *rules,
                           const struct gl_statement *statement, const char *person)
{
    const struct gl_signing signing = {.person = person, .statement = statement};
    return first_objection(rules, &signing, true);
}
