/* Calls to GitHub's REST API. */
#include "github/client.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "github/link.h"
#include "github/remote.h"
#include "net/http.h"

enum {
    ATTEMPTS = 4,
    FIRST_PAUSE_MS = 300,
    LONGEST_WAIT_MS = 60000,
    PAGES_MAX = 100,
};

static const char user_agent[] = "User-Agent: golive/" GL_VERSION;

static void wipe(char *secret)
{
    if (secret)
        gl_wipe(secret, strlen(secret));
}

/* ---- opening -----------------------------------------------------------------------------------
 */

static int find_api(char **ret_api, struct gl_error *err)
{
    const char *given = getenv("GITHUB_API_URL");
    gl_autofree char *api = gl_strdup(given && *given ? given : "https://api.github.com");
    for (size_t len = strlen(api); len && api[len - 1] == '/'; len--)
        api[len - 1] = '\0';
    bool safe =
        gl_starts_with(api, "https://") || (gl_starts_with(api, "http://") && gl_http_is_near(api));
    if (!safe || strpbrk(api, "@?# \t\r\n")) {
        gl_fail(err, GL_E_CONFIG, _("GITHUB_API_URL is not the address of an API"));
        return gl_error_hint(err, _("It looks like https://HOST/api/v3 (GitHub Enterprise Server); "
                                    "without it golive asks api.github.com."));
    }
    *ret_api = gl_steal(&api);
    return 0;
}

int gl_github_open(const char *repo, struct gl_github *ret_github, struct gl_error *err)
{
    gl_autogithub struct gl_github github = {0};
    gl_autofree char *token = NULL;
    if (!gl_github_is_repo(repo))
        return gl_fail(err, GL_E_CONFIG, _("`%s` is no repository of GitHub (owner/name)"), repo);
    int failed = find_api(&github.api, err);
    if (failed == 0)
        failed = gl_github_find_token(github.api, &token, &github.token_source, err);
    if (failed < 0)
        return failed;
    github.repo = gl_strdup(repo);
    github.authorization = gl_asprintf("Authorization: Bearer %s", token);
    wipe(token);
    *ret_github = github;
    github = (struct gl_github){0};
    return 0;
}

void gl_github_done(struct gl_github *github)
{
    wipe(github->authorization);
    free(github->authorization);
    free(github->token_source);
    free(github->repo);
    free(github->api);
    *github = (struct gl_github){0};
}

/* ---- one request -------------------------------------------------------------------------------
 */

struct asking {
    const char *method;
    const char *url;
    const char *body; /* NULL = none, "" = one of no length */
};

static int send_once(const struct gl_github *github, const struct asking *asking,
                     struct gl_http_response *response, struct gl_error *err)
{
    const char *headers[] = {
        github->authorization,
        "Accept: application/vnd.github+json",
        "X-GitHub-Api-Version: 2022-11-28",
        user_agent,
        asking->body && *asking->body ? "Content-Type: application/json" : NULL,
        NULL,
    };
    struct gl_http_request request = {
        .method = asking->method,
        .url = asking->url,
        .headers = headers,
        .body = asking->body,
        .body_len = asking->body ? strlen(asking->body) : 0,
    };
    return gl_http_fetch(&request, response, err);
}

/* How long to wait before the next attempt, -1 = there is none. What writes is sent again only when
 * GitHub says that it did nothing: a ruleset made twice would be refused. */
static int64_t pause_ms(const struct asking *asking, int result,
                        const struct gl_http_response *response, int attempt)
{
    if (attempt + 1 >= ATTEMPTS || result == GL_E_INTERRUPTED)
        return -1;
    if (result == 0) {
        int64_t asked_ms = gl_github_asked_wait_ms(response);
        if (asked_ms >= 0)
            return asked_ms > LONGEST_WAIT_MS ? -1 : asked_ms;
    }
    bool failed = result < 0 || response->status >= 500;
    return failed && strcmp(asking->method, "GET") == 0 ? FIRST_PAUSE_MS << attempt : -1;
}

static int no_answer(struct gl_github *github, struct gl_error *err)
{
    github->refusal = GL_GITHUB_BROKEN;
    int code = gl_error_wrap(err, _("GitHub cannot be reached"));
    if (code == GL_E_NET || code == GL_E_TIMEOUT)
        gl_error_hint(err, _("Is there a network, and if it wants a proxy, is HTTPS_PROXY set?"));
    return code;
}

/* Asks until there is an answer 2xx. */
static int ask(struct gl_github *github, const struct asking *asking,
               struct gl_http_response *ret_response, struct gl_error *err)
{
    for (int attempt = 0;; attempt++) {
        gl_autohttp struct gl_http_response response = {0};
        int result = send_once(github, asking, &response, err);
        bool good = result == 0 && response.status >= 200 && response.status < 300;
        if (good) {
            github->refusal = GL_GITHUB_NOT_REFUSED;
            *ret_response = response;
            response = (struct gl_http_response){0};
            return 0;
        }
        int64_t wait_ms = pause_ms(asking, result, &response, attempt);
        if (wait_ms < 0)
            return result < 0
                       ? no_answer(github, err)
                       : gl_github_refuse(github, asking->method, asking->url, &response, err);
        gl_error_done(err);
        gl_sleep_ms(wait_ms);
        result = gl_interrupt_check(err);
        if (result < 0)
            return result;
    }
}

static int read_body(struct gl_github *github, const struct asking *asking,
                     const struct gl_http_response *response, json_t **ret_body,
                     struct gl_error *err)
{
    if (!response->body.len)
        return 0;
    int failed =
        gl_json_parse(gl_buf_text(&response->body), response->body.len, asking->url, ret_body, err);
    if (failed < 0) {
        github->refusal = GL_GITHUB_BROKEN;
        gl_error_hint(err, _("This is not GitHub's API: is GITHUB_API_URL right, and does a proxy "
                             "answer in its place?"));
    }
    return failed;
}

int gl_github_call(struct gl_github *github, const char *method, const char *path,
                   const json_t *body, json_t **ret_body, struct gl_error *err)
{
    gl_autofree char *url = gl_asprintf("%s%s", github->api, path);
    gl_autofree char *text = body ? gl_json_canonical(body) : NULL;
    const char *empty = strcmp(method, "PUT") == 0 ? "" : NULL; /* GitHub wants its length then */
    struct asking asking = {.method = method, .url = url, .body = text ? text : empty};
    gl_autohttp struct gl_http_response response = {0};
    int failed = ask(github, &asking, &response, err);
    if (failed < 0 || !ret_body)
        return failed;
    return read_body(github, &asking, &response, ret_body, err);
}

/* ---- lists -------------------------------------------------------------------------------------
 */

static int read_page(struct gl_github *github, const char *url, const char *member, json_t *items,
                     char **ret_next, struct gl_error *err)
{
    struct asking asking = {.method = "GET", .url = url};
    gl_autohttp struct gl_http_response response = {0};
    gl_autojson json_t *body = NULL;
    int failed = ask(github, &asking, &response, err);
    if (failed == 0)
        failed = read_body(github, &asking, &response, &body, err);
    if (failed < 0)
        return failed;
    json_t *page = member ? json_object_get(body, member) : body;
    if (!json_is_array(page)) {
        github->refusal = GL_GITHUB_BROKEN;
        return gl_fail(err, GL_E_CORRUPT, _("%s: not a list of GitHub's API"), url);
    }
    json_array_extend(items, page);
    const char *link = gl_http_header(&response, "link");
    *ret_next = link ? gl_github_link_next(link, github->api) : NULL;
    return 0;
}

int gl_github_list(struct gl_github *github, const char *path, const char *member,
                   json_t **ret_items, struct gl_error *err)
{
    gl_autojson json_t *items = json_array();
    gl_autofree char *url =
        gl_asprintf("%s%s%sper_page=100", github->api, path, strchr(path, '?') ? "&" : "?");
    for (int page = 0; url; page++) {
        gl_autofree char *next = NULL;
        if (page >= PAGES_MAX) {
            github->refusal = GL_GITHUB_BROKEN;
            return gl_fail(err, GL_E_CORRUPT, _("%s: the list does not end"), path);
        }
        int failed = read_page(github, url, member, items, &next, err);
        if (failed < 0)
            return failed;
        free(url);
        url = gl_steal(&next);
    }
    *ret_items = gl_steal(&items);
    return 0;
}

char *gl_github_escape(const char *text)
{
    gl_autobuf struct gl_buf out = {0};
    for (const char *at = text; *at; at++) {
        if (isalnum((unsigned char)*at) || strchr("-._~/", *at))
            gl_buf_putc(&out, *at);
        else
            gl_buf_printf(&out, "%%%02X", (unsigned)(unsigned char)*at);
    }
    return gl_buf_steal(&out);
}
