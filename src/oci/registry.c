/* Requests to a registry: who may ask, what an answer means, when to ask again. */
#include "oci/registry.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "base/log.h"
#include "oci/auth.h"

enum {
    ATTEMPTS = 5,
    FIRST_PAUSE_MS = 250,
    LONGEST_WAIT_MS = 60000,
};

static const char lower_or_digit[] = "abcdefghijklmnopqrstuvwxyz0123456789";
static const char tag_first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
static const char tag_rest[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

static void free_url(CURLU **url)
{
    curl_url_cleanup(*url);
}

static void free_curl_text(char **text)
{
    curl_free(*text);
}

/* Words of small letters and digits, joined by one of . _ - (or several _ or -), parts by '/'. */
static bool is_repository(const char *name)
{
    if (!name || strlen(name) > 255)
        return false;
    for (const char *at = name;; at++) {
        size_t word = strspn(at, lower_or_digit);
        if (!word)
            return false;
        at += word;
        if (!*at)
            return true;
        if (*at == '_' && at[1] == '_')
            at++;
        while (*at == '-' && at[1] == '-')
            at++;
        if (!strchr("._-/", *at))
            return false;
    }
}

static bool is_tag(const char *tag)
{
    return *tag && strchr(tag_first, *tag) && strlen(tag) <= 128 &&
           tag[strspn(tag, tag_rest)] == '\0';
}

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
           gl_starts_with(host, "127.");
}

/* "scheme://host:port" of an address; NULL if it is none of http or https. */
static char *origin_of(const char *address, bool *ret_safe)
{
    gl_cleanup(free_url) CURLU *url = curl_url();
    gl_cleanup(free_curl_text) char *scheme = NULL;
    gl_cleanup(free_curl_text) char *host = NULL;
    gl_cleanup(free_curl_text) char *port = NULL;
    if (curl_url_set(url, CURLUPART_URL, address, CURLU_DISALLOW_USER) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK)
        return NULL;
    bool encrypted = strcmp(scheme, "https") == 0;
    if (!encrypted && strcmp(scheme, "http") != 0)
        return NULL;
    if (ret_safe)
        *ret_safe = encrypted || is_loopback(host);
    return gl_asprintf("%s://%s:%s", scheme, host, port);
}

static int check_names(const struct gl_push_spec *spec, struct gl_error *err)
{
    if (!is_repository(spec->repository))
        return gl_fail(err, GL_E_CONFIG, _("`%s` is not the name of a repository"),
                       spec->repository ? spec->repository : "");
    for (const char *const *tag = spec->tags; tag && *tag; tag++) {
        if (!is_tag(*tag))
            return gl_fail(err, GL_E_CONFIG, _("`%s` is not a tag"), *tag);
    }
    if (spec->user && (strchr(spec->user, ':') || !spec->password))
        return gl_fail(err, GL_E_CONFIG, _("the registry's user has no password or a `:` in it"));
    return 0;
}

int gl_registry_init(const struct gl_push_spec *spec, struct gl_registry *ret_registry,
                     struct gl_error *err)
{
    bool safe = false;
    gl_autofree char *origin = spec->registry ? origin_of(spec->registry, &safe) : NULL;
    if (!origin) {
        gl_fail(err, GL_E_CONFIG, _("`%s` is not the address of a registry"),
                spec->registry ? spec->registry : "");
        return gl_error_hint(err, _("Give it as https://registry.example.com:5000, without a user "
                                    "in it."));
    }
    int result = check_names(spec, err);
    if (result < 0)
        return result;
    if (spec->user && !safe) {
        gl_fail(err, GL_E_REFUSED, _("%s is not encrypted: the password would be readable"),
                origin);
        return gl_error_hint(err, _("Use https:// for the registry."));
    }
    if (spec->password)
        gl_secret_add(spec->password);
    *ret_registry = (struct gl_registry){.spec = spec, .base = gl_steal(&origin)};
    return 0;
}

static void wipe(char **secret)
{
    if (*secret)
        gl_wipe(*secret, strlen(*secret));
    free(gl_steal(secret));
}

void gl_registry_done(struct gl_registry *registry)
{
    free(registry->base);
    wipe(&registry->basic);
    wipe(&registry->token);
    *registry = (struct gl_registry){0};
}

char *gl_registry_url(const struct gl_registry *registry, const char *path)
{
    return gl_asprintf("%s/v2/%s/%s", registry->base, registry->spec->repository, path);
}

int gl_registry_locate(const struct gl_registry *registry, const char *location, const char *digest,
                       char **ret_url, struct gl_error *err)
{
    gl_cleanup(free_url) CURLU *url = curl_url();
    gl_cleanup(free_curl_text) char *full = NULL;
    gl_autofree char *uploads = gl_registry_url(registry, "blobs/uploads/");
    gl_autofree char *query = gl_asprintf("digest=%s", digest);
    if (!location || curl_url_set(url, CURLUPART_URL, uploads, 0) != CURLUE_OK ||
        curl_url_set(url, CURLUPART_URL, location, CURLU_DISALLOW_USER) != CURLUE_OK ||
        curl_url_set(url, CURLUPART_QUERY, query, CURLU_APPENDQUERY) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_URL, &full, 0) != CURLUE_OK)
        return gl_fail(err, GL_E_NET, _("%s began an upload without a usable Location"),
                       registry->base);
    if (gl_starts_with(registry->base, "https:") && !gl_starts_with(full, "https:")) {
        gl_fail(err, GL_E_REFUSED, _("%s leads the upload to an address without encryption"),
                registry->base);
        return gl_error_hint(err, _("The proxy before the registry must set X-Forwarded-Proto."));
    }
    *ret_url = gl_strdup(full);
    return 0;
}

/* Retry-After: seconds or a date. */
static int64_t asked_wait_ms(const struct gl_http_response *response)
{
    const char *value = gl_http_header(response, "retry-after");
    if (!value)
        return 0;
    char *end = NULL;
    int64_t seconds = strtoll(value, &end, 10);
    if (end == value) {
        time_t date = curl_getdate(value, NULL);
        seconds = date < 0 ? 0 : (int64_t)date - gl_now_unix_ms() / 1000;
    }
    if (seconds < 0)
        return 0;
    return seconds > LONGEST_WAIT_MS / 1000 ? LONGEST_WAIT_MS : seconds * 1000;
}

/* The registry's own words, from {"errors": [{"code", "message"}]}; "" if there are none. */
static char *own_words(const struct gl_http_response *response)
{
    gl_autojson json_t *json = NULL;
    const char *text = gl_buf_text(&response->body);
    if (gl_json_parse(text, response->body.len, "", &json, NULL) < 0)
        return gl_strdup("");
    const json_t *error = json_array_get(json_object_get(json, "errors"), 0);
    const char *message = gl_json_str(error, "message", "");
    if (!*message)
        return gl_strdup("");
    gl_autofree char *full = gl_asprintf(": %s", message);
    return gl_strndup(full, strnlen(full, 200));
}

/* What to do about an answer: one row per status. */
static const struct {
    long status;
    int code;
    bool passes; /* may be better next time */
    const char *hint;
} answers[] = {
    {401, GL_E_REFUSED,   false,
     N_("Give the user and the password (or access token) of an account of this registry.")          },
    {403, GL_E_REFUSED,   false,
     N_("Give this account the right to push to this repository, or use another account.")           },
    {404, GL_E_NOT_FOUND, false,
     N_("Make the repository first: this registry does not do so by itself. Check its name.")        },
    {405, GL_E_REFUSED,   false, N_("This registry is read-only, or not a registry.")                },
    {408, GL_E_NET,       true,  NULL                                                                },
    {413, GL_E_REFUSED,   false,
     N_("The proxy before the registry limits the size of a request: raise that limit.")             },
    {429, GL_E_NET,       true,  N_("The registry limits how often it is asked: wait a few minutes.")},
    {507, GL_E_NET,       false, N_("The registry's disk is full.")                                  },
};

static int unexpected(struct gl_registry *registry, const struct gl_http_request *request,
                      const struct gl_http_response *response, struct gl_error *err)
{
    gl_autofree char *words = own_words(response);
    const char *method = request->head ? "HEAD" : request->method ? request->method : "GET";
    size_t row = 0;
    while (row < GL_COUNT(answers) && answers[row].status != response->status)
        row++;
    bool known = row < GL_COUNT(answers);
    int code = known ? answers[row].code : GL_E_NET;
    registry->worth_retrying = known ? answers[row].passes : response->status >= 500;
    registry->wait_ms = asked_wait_ms(response);
    gl_fail(err, code, _("%s, repository %s: the registry answered %ld to %s%s"), registry->base,
            registry->spec->repository, response->status, method, words);
    if (known && answers[row].hint)
        return gl_error_hint(err, "%s", _(answers[row].hint));
    return code;
}

/* Asks the token server. Its address comes from the registry: it may not be less protected. */
static int fetch_token(struct gl_registry *registry, const struct gl_auth_challenge *challenge,
                       struct gl_error *err)
{
    const struct gl_push_spec *spec = registry->spec;
    bool safe = false;
    gl_autofree char *origin = origin_of(challenge->realm, &safe);
    if (!origin || (!safe && (spec->user || gl_starts_with(registry->base, "https:"))))
        return gl_fail(err, GL_E_REFUSED, _("%s names a token server without encryption: %s"),
                       registry->base, challenge->realm);
    gl_autofree char *scope = gl_asprintf("repository:%s:pull,push", spec->repository);
    gl_autofree char *url = gl_auth_token_url(challenge, scope, spec->user);
    gl_autofree char *basic = spec->user ? gl_asprintf("%s:%s", spec->user, spec->password) : NULL;
    struct gl_http_request request = {.url = url, .ca_file = spec->ca_file, .basic_auth = basic};
    gl_autohttp struct gl_http_response response = {0};
    int result = gl_http_fetch(&request, &response, err);
    if (basic)
        gl_wipe(basic, strlen(basic));
    registry->worth_retrying = result == GL_E_NET || result == GL_E_TIMEOUT;
    if (result < 0)
        return result;
    if (response.status != 200)
        return unexpected(registry, &request, &response, err);
    gl_autofree char *token = NULL;
    result = gl_auth_read_token(gl_buf_text(&response.body), response.body.len, &token, err);
    gl_wipe(response.body.data, response.body.len);
    if (result < 0)
        return result;
    gl_secret_add(token);
    wipe(&registry->token);
    registry->token = gl_asprintf("Authorization: Bearer %s", token);
    gl_wipe(token, strlen(token));
    return 0;
}

/* Follows the challenge of a 401. GL_E_REFUSED if there is nothing more to offer. */
static int authenticate(struct gl_registry *registry, const struct gl_http_response *response,
                        const struct gl_http_request *request, struct gl_error *err)
{
    gl_autochallenge struct gl_auth_challenge challenge = {0};
    for (size_t i = 0; i < response->headers.count; i++) {
        const char *header = response->headers.items[i];
        if (gl_starts_with(header, "www-authenticate:"))
            gl_auth_parse(strchr(header, ':') + 1, &challenge);
    }
    if (challenge.realm)
        return fetch_token(registry, &challenge, err);
    const struct gl_push_spec *spec = registry->spec;
    if (!challenge.basic || !spec->user || registry->basic)
        return unexpected(registry, request, response, err);
    registry->basic = gl_asprintf("%s:%s", spec->user, spec->password);
    return 0;
}

static int fetch_once(struct gl_registry *registry, const struct gl_http_request *request,
                      struct gl_http_response *response, struct gl_error *err)
{
    enum { MAX_HEADERS = 8 };

    gl_autofree char *origin = origin_of(request->url, NULL);
    gl_autofree char *own = origin_of(registry->base, NULL);
    bool ours = origin && own && strcmp(origin, own) == 0;
    const char *headers[MAX_HEADERS + 1] = {NULL};
    size_t count = 0;
    for (const char *const *header = request->headers; header && *header; header++) {
        if (count < MAX_HEADERS - 1)
            headers[count++] = *header;
    }
    if (ours && registry->token)
        headers[count++] = registry->token;
    struct gl_http_request full = *request;
    full.headers = headers;
    full.ca_file = registry->spec->ca_file;
    full.basic_auth = ours && !registry->token ? registry->basic : NULL;
    int result = gl_http_fetch(&full, response, err);
    registry->worth_retrying = result == GL_E_NET || result == GL_E_TIMEOUT;
    registry->wait_ms = 0;
    return result;
}

int gl_registry_call(struct gl_registry *registry, const struct gl_http_request *request,
                     const long wanted[2], struct gl_http_response *ret_response,
                     struct gl_error *err)
{
    gl_autohttp struct gl_http_response response = {0};
    int result = fetch_once(registry, request, &response, err);
    if (result == 0 && response.status == 401) {
        result = authenticate(registry, &response, request, err);
        gl_http_response_done(&response);
        response = (struct gl_http_response){0};
        if (result == 0)
            result = fetch_once(registry, request, &response, err);
    }
    if (result < 0)
        return result;
    if (response.status != wanted[0] && response.status != wanted[1])
        return unexpected(registry, request, &response, err);
    *ret_response = response;
    response = (struct gl_http_response){0};
    return 0;
}

/* Half of the pause is chance, so that many clients do not come back together. */
static int64_t pause_ms(const struct gl_registry *registry, unsigned attempt)
{
    uint32_t chance = 0;
    if (getrandom(&chance, sizeof chance, 0) != sizeof chance)
        chance = (uint32_t)gl_mono_us();
    int64_t full_ms = (int64_t)FIRST_PAUSE_MS << attempt;
    int64_t own_ms = full_ms / 2 + (int64_t)(chance % (uint32_t)(full_ms / 2 + 1));
    return registry->wait_ms > own_ms ? registry->wait_ms : own_ms;
}

int gl_registry_retry(struct gl_registry *registry, gl_registry_step *step, void *context,
                      struct gl_error *err)
{
    for (unsigned attempt = 0;; attempt++) {
        registry->worth_retrying = false;
        registry->wait_ms = 0;
        int result = step(registry, context, err);
        if (result == 0 || !registry->worth_retrying)
            return result;
        if (attempt + 1 == ATTEMPTS)
            return gl_error_wrap(err, _("after %d attempts"), ATTEMPTS);
        gl_log(GL_LOG_INFO, "%s: asking again", registry->base);
        gl_sleep_ms(pause_ms(registry, attempt));
        int interrupted = gl_interrupt_check(err);
        if (interrupted < 0)
            return interrupted;
    }
}
