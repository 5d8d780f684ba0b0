/* What GitHub's refusals mean, and the way out. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/utf8.h"
#include "github/client.h"
#include "net/http.h"

enum {
    WORDS_MAX = 300, /* of GitHub's message that are shown */
    SECOND_MS = 1000,
    SECONDARY_WAIT_MS = 60 * SECOND_MS, /* GitHub: wait at least a minute when it does not say */
};

/* ---- what it said ------------------------------------------------------------------------------
 */

static void add_errors(struct gl_buf *text, const json_t *errors)
{
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)errors, index, item)
    {
        const char *words =
            json_is_string(item) ? json_string_value(item) : gl_json_str(item, "message", NULL);
        if (words)
            gl_buf_printf(text, "%s%s", index ? "; " : ": ", words);
    }
}

/* {"message": "...", "errors": ["..." or {"message"}]}, on one line; "" if it is not that. */
static char *own_words(const struct gl_http_response *response)
{
    gl_autojson json_t *json = NULL;
    gl_autobuf struct gl_buf text = {0};
    if (gl_json_parse(gl_buf_text(&response->body), response->body.len, "", &json, NULL) < 0)
        return gl_strdup("");
    gl_buf_puts(&text, gl_json_str(json, "message", ""));
    add_errors(&text, json_object_get(json, "errors"));
    gl_autofree char *words =
        gl_strndup(gl_buf_text(&text), strnlen(gl_buf_text(&text), WORDS_MAX));
    return gl_utf8_line(words);
}

/* GitHub has no code for it, only these words: seen with rulesets, environments, scanning. */
static bool is_about_plan(const char *words)
{
    static const char *const phrases[] = {"Upgrade to GitHub", "billing plan",
                                          "Advanced Security must be enabled",
                                          "is not available for this repository"};
    for (size_t i = 0; i < GL_COUNT(phrases); i++) {
        if (strcasestr(words, phrases[i]))
            return true;
    }
    return false;
}

/* ---- too many requests -------------------------------------------------------------------------
 */

static bool is_about_limit(const struct gl_http_response *response)
{
    const char *left = gl_http_header(response, "x-ratelimit-remaining");
    if (response->status == 429 || gl_http_header(response, "retry-after"))
        return true;
    if (response->status != 403)
        return false;
    return (left && strcmp(left, "0") == 0) ||
           strcasestr(gl_buf_text(&response->body), "secondary rate limit");
}

/* https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
int64_t gl_github_asked_wait_ms(const struct gl_http_response *response)
{
    const char *after = gl_http_header(response, "retry-after");
    const char *left = gl_http_header(response, "x-ratelimit-remaining");
    const char *reset = gl_http_header(response, "x-ratelimit-reset");
    if ((response->status != 403 && response->status != 429) || !is_about_limit(response))
        return -1;
    if (after) {
        long seconds = strtol(after, NULL, 10);
        return seconds < 1 ? SECOND_MS : (seconds > 86400 ? 86400 : seconds) * SECOND_MS;
    }
    if (left && strcmp(left, "0") == 0 && reset) {
        int64_t until_ms = strtoll(reset, NULL, 10) * SECOND_MS - gl_now_unix_ms();
        return until_ms < SECOND_MS ? SECOND_MS : until_ms;
    }
    return SECONDARY_WAIT_MS;
}

/* ---- what it means -----------------------------------------------------------------------------
 */

static enum gl_github_refusal kind_of(const struct gl_http_response *response, const char *words)
{
    static const struct {
        long status;
        enum gl_github_refusal kind;
    } kinds[] = {
        {301, GL_GITHUB_MOVED     },
        {302, GL_GITHUB_MOVED     },
        {307, GL_GITHUB_MOVED     },
        {308, GL_GITHUB_MOVED     },
        {401, GL_GITHUB_NO_ACCOUNT},
        {403, GL_GITHUB_NO_RIGHT  },
        {404, GL_GITHUB_MISSING   },
        {409, GL_GITHUB_INVALID   },
        {422, GL_GITHUB_INVALID   },
    };

    if (gl_github_asked_wait_ms(response) >= 0)
        return GL_GITHUB_LIMITED;
    if ((response->status == 403 || response->status == 422) && is_about_plan(words))
        return GL_GITHUB_NO_PLAN;
    for (size_t i = 0; i < GL_COUNT(kinds); i++) {
        if (kinds[i].status == response->status)
            return kinds[i].kind;
    }
    return GL_GITHUB_BROKEN;
}

/* GitHub names the right that a fine-grained token needs; organisations with single sign-on want
 * the token authorised for them. */
static void hint_right(const struct gl_github *github, const struct gl_http_response *response,
                       struct gl_error *err)
{
    const char *rights = gl_http_header(response, "x-accepted-github-permissions");
    const char *sso = gl_http_header(response, "x-github-sso");
    if (sso && gl_starts_with(sso, "required"))
        gl_error_hint(err,
                      _("The organisation wants single sign-on: authorise the token (%s) for it "
                        "under Settings, Developer settings, Tokens."),
                      github->token_source);
    else if (rights && *rights)
        gl_error_hint(err, _("The token (%s) needs the right %s in this repository."),
                      github->token_source, rights);
    else
        gl_error_hint(err,
                      _("The token (%s) needs the right Administration in this repository, and "
                        "its owner the role Admin."),
                      github->token_source);
}

static void hint(const struct gl_github *github, const struct gl_http_response *response,
                 struct gl_error *err)
{
    switch (github->refusal) {
    case GL_GITHUB_NO_ACCOUNT:
        gl_error_hint(err,
                      _("The token (%s) is wrong, revoked or has expired: make a new one under "
                        "Settings, Developer settings, Tokens."),
                      github->token_source);
        break;
    case GL_GITHUB_NO_RIGHT:
        hint_right(github, response, err);
        break;
    case GL_GITHUB_NO_PLAN:
        gl_error_hint(err,
                      _("The plan of the repository's owner does not have this for a private "
                        "repository: upgrade it, or make the repository public; docs/github.md "
                        "says which plan has what."));
        break;
    case GL_GITHUB_MISSING:
        gl_error_hint(err,
                      _("Is %s the repository (app.repo)? GitHub says the same when the token (%s) "
                        "may not see it."),
                      github->repo, github->token_source);
        break;
    case GL_GITHUB_MOVED:
        gl_error_hint(err, _("%s has another name now: change app.repo in golive.yaml."),
                      github->repo);
        break;
    case GL_GITHUB_LIMITED:
        gl_error_hint(err, _("Nothing was done by this request. Wait, then run it again: what is "
                             "done already stays."));
        break;
    default:
        break;
    }
}

static const int codes[] = {
    [GL_GITHUB_NO_ACCOUNT] = GL_E_REFUSED, [GL_GITHUB_NO_RIGHT] = GL_E_REFUSED,
    [GL_GITHUB_NO_PLAN] = GL_E_REFUSED,    [GL_GITHUB_MISSING] = GL_E_NOT_FOUND,
    [GL_GITHUB_MOVED] = GL_E_NOT_FOUND,    [GL_GITHUB_INVALID] = GL_E_REFUSED,
    [GL_GITHUB_LIMITED] = GL_E_BUSY,       [GL_GITHUB_BROKEN] = GL_E_NET,
};

int gl_github_refuse(struct gl_github *github, const char *method, const char *url,
                     const struct gl_http_response *response, struct gl_error *err)
{
    gl_autofree char *words = own_words(response);
    const char *path =
        gl_starts_with(url, github->api) ? url + strlen(github->api) : url; /* shorter to read */
    github->refusal = kind_of(response, words);
    int code = codes[github->refusal];
    if (github->refusal == GL_GITHUB_LIMITED) {
        gl_autofree char *wait = gl_format_duration((double)gl_github_asked_wait_ms(response));
        gl_fail(err, code, _("GitHub's limit of requests is reached; it asks to wait %s"), wait);
    } else {
        gl_fail(err, code, _("GitHub answered %ld to %s %s%s%s"), response->status, method, path,
                *words ? ": " : "", words);
    }
    hint(github, response, err);
    return code;
}
