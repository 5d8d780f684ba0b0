/* Requests and signatures in the ledger. */
#include "release/approval.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"
#include "release/approval_rules.h"
#include "release/person.h"
#include "sign/signature.h"

static const char kind_asked[] = "approval.asked";
static const char kind_signed[] = "approval.signed";

bool gl_approval_is_wanted(const struct gl_config *config)
{
    return strcmp(gl_config_env(config), "local") != 0 && gl_config_int(config, "approval.min") > 0;
}

int64_t gl_approval_least(const struct gl_approval_rules *rules)
{
    int64_t wanted = gl_config_int(rules->config, "approval.min");
    int64_t least = gl_authors_least(rules->authors);
    return wanted > least ? wanted : least;
}

/* ---- signatures --------------------------------------------------------------------------------
 */

void gl_approvals_done(struct gl_approvals *approvals)
{
    for (size_t i = 0; i < approvals->count; i++) {
        free(approvals->items[i].person);
        free(approvals->items[i].why_not);
    }
    free(approvals->items);
    *approvals = (struct gl_approvals){0};
}

struct reading {
    const struct gl_approval_rules *rules;
    const struct gl_statement *wanted;
    struct gl_approvals found;
};

/* A person who signed twice has approved once; an old signature that does not count does not spoil
 * a new one. */
static bool is_known(const struct gl_approvals *found, const char *person)
{
    for (size_t i = 0; i < found->count; i++) {
        if (!found->items[i].why_not && strcmp(found->items[i].person, person) == 0)
            return true;
    }
    return false;
}

static void add(struct reading *reading, const struct gl_event *event,
                const struct gl_signing *signing)
{
    struct gl_approvals *found = &reading->found;
    if (is_known(found, signing->person))
        return;
    found->items = gl_realloc_array(found->items, found->count + 1, sizeof *found->items);
    struct gl_approval *approval = &found->items[found->count++];
    *approval = (struct gl_approval){
        .person = gl_strdup(signing->person),
        .seq = event->seq,
        .why_not = gl_approval_objection(reading->rules, signing),
    };
    found->counting += !approval->why_not;
}

static int on_signed(const struct gl_event *event, void *context, struct gl_error *err)
{
    (void)err;
    struct reading *reading = context;
    gl_autostatement struct gl_statement statement = {0};
    const char *text = gl_json_str(event->data, "statement", "");
    if (strcmp(event->kind, kind_signed) != 0 || strcmp(event->env, reading->wanted->env) != 0 ||
        gl_statement_read(text, strlen(text), &statement, NULL) < 0 ||
        statement.release != reading->wanted->release ||
        strcmp(statement.from, reading->wanted->from) != 0)
        return 0;
    const struct gl_signing signing = {
        .person = gl_json_str(event->data, "person", ""),
        .text = text,
        .signature = gl_json_str(event->data, "signature", ""),
        .statement = &statement,
        .wanted = reading->wanted,
    };
    add(reading, event, &signing);
    return 0;
}

int gl_approvals_read(struct gl_ledger *ledger, const struct gl_approval_rules *rules,
                      const struct gl_statement *wanted, struct gl_approvals *ret_approvals,
                      struct gl_error *err)
{
    struct reading reading = {.rules = rules, .wanted = wanted};
    int failed = gl_ledger_read(ledger, 0, on_signed, &reading, err);
    if (failed < 0) {
        gl_approvals_done(&reading.found);
        return failed;
    }
    *ret_approvals = reading.found;
    return 0;
}

void gl_approval_askable_done(struct gl_approval_askable *askable)
{
    gl_strv_done(&askable->people);
    gl_strv_done(&askable->obstacles);
}

void gl_approval_ask_whom(const struct gl_approval_rules *rules, const struct gl_statement *wanted,
                          const struct gl_approvals *found, struct gl_approval_askable *ret_askable)
{
    struct gl_approval_askable askable = {0};
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)gl_config_node(rules->config, "approval.approvers"), index, item)
    {
        const char *person = json_string_value(item);
        if (!person || is_known(found, person) || gl_strv_has(&askable.people, person))
            continue;
        gl_autofree char *obstacle = gl_approval_obstacle(rules, wanted, person);
        if (!obstacle)
            gl_strv_add(&askable.people, person);
        else if (!gl_strv_has(&askable.obstacles, obstacle))
            gl_strv_add(&askable.obstacles, obstacle);
    }
    *ret_askable = askable;
}

const char *gl_approval_owner(const struct gl_config *config, const struct gl_public_key *key)
{
    size_t index;
    json_t *person;
    json_array_foreach((json_t *)gl_config_node(config, "people"), index, person)
    {
        struct gl_public_key its;
        const char *text = gl_json_str(person, "key", NULL);
        if (text && gl_public_key_parse(text, &its, NULL) == 0 && gl_public_key_same(&its, key))
            return gl_json_str(person, "id", NULL);
    }
    return NULL;
}

static int find_signer(const struct gl_config *config, const char *text, const char **ret_person,
                       struct gl_error *err)
{
    gl_autosignature struct gl_signature signature = {0};
    int failed = gl_signature_read(text, strlen(text), &signature, err);
    if (failed < 0)
        return failed;
    *ret_person = gl_approval_owner(config, &signature.key);
    if (*ret_person)
        return 0;
    gl_autofree char *line = gl_public_key_line(&signature.key);
    gl_fail(err, GL_E_REFUSED, _("nobody in golive.yaml has the key of this signature"));
    return gl_error_hint(err, _("Is it yours? Then your entry in people wants: key: \"%s\""), line);
}

int gl_approval_take(struct gl_ledger *ledger, const struct gl_approval_rules *rules,
                     const char *statement, const char *signature, const char **ret_person,
                     struct gl_error *err)
{
    gl_autostatement struct gl_statement about = {0};
    struct gl_signing signing = {.text = statement, .signature = signature, .statement = &about};
    int failed = gl_statement_read(statement, strlen(statement), &about, err);
    if (failed == 0)
        failed = find_signer(rules->config, signature, &signing.person, err);
    if (failed < 0)
        return failed;
    gl_autofree char *objection = gl_approval_objection(rules, &signing);
    if (objection)
        return gl_fail(err, GL_E_REFUSED, _("this signature would not count: %s"), objection);
    gl_autojson json_t *data = json_object();
    gl_json_set_str(data, "statement", statement);
    gl_json_set_str(data, "person", signing.person);
    gl_json_set_str(data, "signature", signature);
    failed = gl_ledger_append(ledger, kind_signed, about.env, 0, data, NULL, err);
    if (failed == 0)
        *ret_person = signing.person;
    return failed;
}

/* ---- requests ----------------------------------------------------------------------------------
 */

struct seeking {
    const char *env;
    int64_t release; /* 0 = any */
    int64_t now_unix_s;
    const struct gl_statement *same;  /* NULL, or only one about the same, by the same requester */
    struct gl_approval_request found; /* the newest that fits */
};

void gl_approval_request_done(struct gl_approval_request *request)
{
    free(gl_steal(&request->text));
    gl_authors_done(&request->authors);
    request->authors = (struct gl_authors){0};
}

static bool fits(const struct seeking *seeking, const struct gl_statement *statement)
{
    if (seeking->same)
        return !gl_statement_difference(statement, seeking->same) &&
               strcmp(statement->requester, seeking->same->requester) == 0;
    return !seeking->release || statement->release == seeking->release;
}

static int on_asked(const struct gl_event *event, void *context, struct gl_error *err)
{
    (void)err;
    struct seeking *seeking = context;
    gl_autostatement struct gl_statement statement = {0};
    const char *text = gl_json_str(event->data, "statement", "");
    if (strcmp(event->kind, kind_asked) != 0 || strcmp(event->env, seeking->env) != 0 ||
        gl_statement_read(text, strlen(text), &statement, NULL) < 0 ||
        strcmp(statement.env, seeking->env) != 0 ||
        statement.expires_unix_s <= seeking->now_unix_s || !fits(seeking, &statement))
        return 0;
    gl_approval_request_done(&seeking->found);
    seeking->found.text = gl_strdup(text);
    gl_authors_read(json_object_get(event->data, "authors"), &seeking->found.authors);
    return 0;
}

int gl_approval_ask(struct gl_ledger *ledger, const struct gl_statement *statement,
                    const struct gl_authors *authors, struct gl_error *err)
{
    struct seeking seeking = {
        .env = statement->env, .now_unix_s = statement->time_unix_s, .same = statement};
    int failed = gl_ledger_read(ledger, 0, on_asked, &seeking, err);
    gl_autoapprovalrequest struct gl_approval_request known = seeking.found;
    if (failed < 0 || known.text)
        return failed;
    gl_autofree char *text = gl_statement_text(statement);
    gl_autojson json_t *data = json_object();
    gl_json_set_str(data, "statement", text);
    json_object_set_new(data, "authors", gl_authors_json(authors));
    return gl_ledger_append(ledger, kind_asked, statement->env, 0, data, NULL, err);
}

int gl_approval_asked(struct gl_ledger *ledger, const char *env, int64_t release,
                      int64_t now_unix_s, struct gl_approval_request *ret_request,
                      struct gl_error *err)
{
    struct seeking seeking = {.env = env, .release = release, .now_unix_s = now_unix_s};
    int failed = gl_ledger_read(ledger, 0, on_asked, &seeking, err);
    gl_autoapprovalrequest struct gl_approval_request found = seeking.found;
    if (failed < 0)
        return failed;
    if (!found.text) {
        gl_fail(err, GL_E_REFUSED, _("nobody asks for an approval for %s (or it has expired)"),
                env);
        return gl_error_hint(err,
                             _("golive promote FROM %s asks for it, when the release that "
                               "passed FROM is ready to go."),
                             env);
    }
    *ret_request = found;
    found = (struct gl_approval_request){0};
    return 0;
}
