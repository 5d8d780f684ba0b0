/* People of golive.yaml, found by what git and GitHub know of them. */
#include "release/person.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "proc/proc.h"

enum { GIT_MS = 10000 };

static const char *find(const struct gl_config *config, const char *member, const char *value)
{
    size_t index;
    json_t *person;
    json_array_foreach((json_t *)gl_config_node(config, "people"), index, person)
    {
        const char *its = gl_json_str(person, member, NULL);
        if (its && strcasecmp(its, value) == 0)
            return gl_json_str(person, "id", NULL);
    }
    return NULL;
}

const json_t *gl_person_find(const struct gl_config *config, const char *id)
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

/* The account in "1234567+tanaka@users.noreply.github.com"; the caller owns it, NULL for any other
 * address. https://docs.github.com/en/account-and-profile/reference/email-addresses-reference */
static char *github_account(const char *email)
{
    const char *at = strchr(email, '@');
    if (!at || strcasecmp(at, "@users.noreply.github.com") != 0)
        return NULL;
    size_t digits = strspn(email, "0123456789");
    const char *from = email[digits] == '+' ? email + digits + 1 : email;
    return gl_strndup(from, (size_t)(at - from));
}

const char *gl_person_by(const struct gl_config *config, const char *member, const char *value)
{
    if (!value || !*value)
        return NULL;
    const char *id = find(config, member, value);
    gl_autofree char *account = strcmp(member, "email") == 0 ? github_account(value) : NULL;
    return id || !account ? id : find(config, "github", account);
}

static char *git_email(const char *dir)
{
    const char *argv[] = {"git", "-C", dir, "config", "user.email", NULL};
    struct gl_proc_spec spec = {.argv = argv, .timeout_ms = GIT_MS};
    char *out = NULL;
    if (gl_proc_check(&spec, &out, NULL) < 0)
        return NULL;
    out[strcspn(out, "\r\n")] = '\0';
    return out;
}

/* https://docs.github.com/en/actions/reference/workflows-and-actions/variables: who ran it again is
 * GITHUB_TRIGGERING_ACTOR, who ran it first GITHUB_ACTOR. */
const char *gl_person_here(const struct gl_config *config, char **ret_name)
{
    const char *actions = getenv("GITHUB_ACTIONS");
    const char *again = getenv("GITHUB_TRIGGERING_ACTOR");
    bool on_github = actions && strcmp(actions, "true") == 0;
    char *name = on_github ? gl_strdup(again ? again : getenv("GITHUB_ACTOR"))
                           : git_email(gl_config_dir(config));
    *ret_name = name;
    return gl_person_by(config, on_github ? "github" : "email", name);
}

bool gl_person_in(const json_t *list, const char *id)
{
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)list, index, item)
    {
        if (json_is_string(item) && strcmp(json_string_value(item), id) == 0)
            return true;
    }
    return false;
}
