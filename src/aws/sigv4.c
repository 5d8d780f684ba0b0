/* AWS Signature Version 4: canonical request, string to sign, derived key, signature. */
#include "aws/sigv4.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aws/uri.h"
#include "base/hash.h"
#include "base/i18n.h"

enum { KEY_SIZE = 32, STAMP_SIZE = 17, LONGEST_EXPIRY_S = 604800 };

#define ALGORITHM "AWS4-HMAC-SHA256"

/* What proxies may change or drop on the way (as botocore's SIGNED_HEADERS_BLACKLIST). */
static const char *const never_signed[] = {
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
};

struct pair {
    char *name;
    char *value;
    size_t order; /* position in the request, which decides between equal names */
};

struct pairs {
    struct pair *items;
    size_t count;
};

static void pairs_done(struct pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        free(pairs->items[i].name);
        free(pairs->items[i].value);
    }
    free(pairs->items);
}

#define gl_autopairs gl_cleanup(pairs_done)

/* Takes both strings. */
static void pairs_take(struct pairs *pairs, char *name, char *value)
{
    pairs->items = gl_realloc_array(pairs->items, pairs->count + 1, sizeof *pairs->items);
    pairs->items[pairs->count] = (struct pair){name, value, pairs->count};
    pairs->count++;
}

static int by_name_then_order(const void *a, const void *b)
{
    const struct pair *x = a;
    const struct pair *y = b;
    int difference = strcmp(x->name, y->name);
    return difference ? difference : (x->order > y->order) - (x->order < y->order);
}

static int by_name_then_value(const void *a, const void *b)
{
    const struct pair *x = a;
    const struct pair *y = b;
    int difference = strcmp(x->name, y->name);
    return difference ? difference : strcmp(x->value, y->value);
}

static void sort_pairs(struct pairs *pairs, int (*compare)(const void *, const void *))
{
    if (pairs->count > 1)
        qsort(pairs->items, pairs->count, sizeof *pairs->items, compare);
}

/* Without white space around it, and with single spaces in it. */
static char *trimmed(const char *value)
{
    struct gl_buf text = {0};
    while (*value) {
        value += strspn(value, " \t\r\n\v\f");
        size_t len = strcspn(value, " \t\r\n\v\f");
        if (len && text.len)
            gl_buf_putc(&text, ' ');
        gl_buf_add(&text, value, len);
        value += len;
    }
    return gl_buf_steal(&text);
}

static bool is_signed(const char *name)
{
    for (size_t i = 0; i < GL_COUNT(never_signed); i++) {
        if (strcmp(name, never_signed[i]) == 0)
            return false;
    }
    return true;
}

static void take_header(struct pairs *pairs, const char *header)
{
    size_t len = strcspn(header, ":");
    gl_autofree char *name = gl_strndup(header, len);
    for (char *at = name; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    if (header[len] == ':' && is_signed(name))
        pairs_take(pairs, gl_steal(&name), trimmed(header + len + 1));
}

static void collect_headers(struct pairs *pairs, const char *host, const char *const *given,
                            const struct gl_strv *added)
{
    for (; given && *given; given++)
        take_header(pairs, *given);
    for (size_t i = 0; added && i < added->count; i++)
        take_header(pairs, added->items[i]);
    bool has_host = false;
    for (size_t i = 0; i < pairs->count; i++)
        has_host = has_host || strcmp(pairs->items[i].name, "host") == 0;
    if (!has_host)
        pairs_take(pairs, gl_strdup("host"), gl_strdup(host));
    sort_pairs(pairs, by_name_then_order);
}

/* "a;b;c": each name once. */
static char *signed_names(const struct pairs *headers)
{
    struct gl_buf names = {0};
    for (size_t i = 0; i < headers->count; i++) {
        if (i && strcmp(headers->items[i].name, headers->items[i - 1].name) == 0)
            continue;
        if (names.len)
            gl_buf_putc(&names, ';');
        gl_buf_puts(&names, headers->items[i].name);
    }
    return gl_buf_steal(&names);
}

/* "name:value\n", the values of a repeated name joined by commas. */
static void add_headers(struct gl_buf *out, const struct pairs *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        const struct pair *header = &headers->items[i];
        bool again = i && strcmp(header->name, headers->items[i - 1].name) == 0;
        if (again)
            gl_buf_printf(out, ",%s", header->value);
        else
            gl_buf_printf(out, "%s%s:%s", i ? "\n" : "", header->name, header->value);
    }
    gl_buf_putc(out, '\n');
}

/* Sorted by name, then value; what has no '=' gets one. */
static void add_query(struct gl_buf *out, const char *query)
{
    gl_autopairs struct pairs pairs = {0};
    for (const char *at = query; *query; at += strcspn(at, "&") + 1) {
        size_t len = strcspn(at, "&");
        const char *equals = memchr(at, '=', len);
        size_t name_len = equals ? (size_t)(equals - at) : len;
        size_t value_len = equals ? len - name_len - 1 : 0;
        pairs_take(&pairs, gl_strndup(at, name_len),
                   gl_strndup(equals ? equals + 1 : "", value_len));
        if (!at[len])
            break;
    }
    sort_pairs(&pairs, by_name_then_value);
    for (size_t i = 0; i < pairs.count; i++)
        gl_buf_printf(out, "%s%s=%s", i ? "&" : "", pairs.items[i].name, pairs.items[i].value);
}

/* RFC 3986, 5.2.4, and without empty segments. The caller owns it. */
static char *normal_path(const char *path)
{
    gl_autostrv struct gl_strv segments = {0};
    gl_autostrv struct gl_strv kept = {0};
    gl_strv_split(&segments, path, "/");
    for (size_t i = 0; i < segments.count; i++) {
        const char *segment = segments.items[i];
        if (strcmp(segment, "..") == 0 && kept.count)
            free(kept.items[--kept.count]);
        else if (strcmp(segment, ".") != 0 && strcmp(segment, "..") != 0)
            gl_strv_add(&kept, segment);
    }
    gl_autofree char *joined = gl_strv_join(&kept, "/");
    return gl_asprintf("/%s%s", joined, kept.count && gl_ends_with(path, "/") ? "/" : "");
}

static void add_path(struct gl_buf *out, const char *service, const char *path)
{
    if (strcmp(service, "s3") == 0) {
        gl_buf_puts(out, path);
        return;
    }
    gl_autofree char *normal = normal_path(path);
    gl_aws_uri_encode(out, normal, true);
}

static void hmac(const void *key, size_t key_len, const char *text, unsigned char ret_mac[KEY_SIZE])
{
    unsigned int size = KEY_SIZE;
    if (!HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, strlen(text), ret_mac,
              &size))
        abort();
}

static void wipe_text(char **text)
{
    if (*text)
        gl_wipe(*text, strlen(*text));
    free(*text);
}

void gl_aws_signing_key_done(struct gl_aws_signing_key *key)
{
    free(key->scope);
    wipe_text(&key->secret);
    gl_wipe(key, sizeof *key);
}

/* The key for one day, region and service. */
static void derive_key(const struct gl_aws_signing *signing, const char *date,
                       unsigned char ret_key[KEY_SIZE])
{
    gl_cleanup(wipe_text) char *secret = gl_asprintf("AWS4%s", signing->credentials->secret_key);
    unsigned char next[KEY_SIZE];
    hmac(secret, strlen(secret), date, ret_key);
    const char *const steps[] = {signing->region, signing->service, "aws4_request"};
    for (size_t i = 0; i < GL_COUNT(steps); i++) {
        hmac(ret_key, KEY_SIZE, steps[i], next);
        memcpy(ret_key, next, KEY_SIZE);
    }
    gl_wipe(next, sizeof next);
}

static bool is_key_of(const struct gl_aws_signing_key *key, const struct gl_aws_signing *signing,
                      const char *scope)
{
    return key->scope && strcmp(key->scope, scope) == 0 &&
           strcmp(key->secret, signing->credentials->secret_key) == 0;
}

/* The text's MAC under the key, which is derived anew only when the kept one is another's. */
static void sign_text(const struct gl_aws_signing *signing, const char *date, const char *scope,
                      const char *text, char ret_hex[2 * KEY_SIZE + 1])
{
    gl_cleanup(gl_aws_signing_key_done) struct gl_aws_signing_key own = {0};
    struct gl_aws_signing_key *key = signing->key ? signing->key : &own;
    unsigned char mac[KEY_SIZE];
    if (!is_key_of(key, signing, scope)) {
        gl_aws_signing_key_done(key);
        derive_key(signing, date, key->bytes);
        key->scope = gl_strdup(scope);
        key->secret = gl_strdup(signing->credentials->secret_key);
    }
    hmac(key->bytes, sizeof key->bytes, text, mac);
    gl_hex(mac, sizeof mac, ret_hex);
}

/* One signing in progress. */
struct work {
    const struct gl_aws_signing *signing;
    struct gl_aws_uri uri;
    struct pairs headers;
    char *names; /* signed header names */
    char stamp[STAMP_SIZE];
    char date[9];
    char *scope;
    const char *payload;
};

static void work_done(struct work *work)
{
    gl_aws_uri_done(&work->uri);
    pairs_done(&work->headers);
    free(work->names);
    free(work->scope);
}

static int work_init(struct work *work, struct gl_error *err)
{
    static const char empty_sha256[] =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const struct gl_aws_signing *signing = work->signing;
    time_t now = (time_t)signing->unix_s;
    struct tm parts = {0};
    if (!gmtime_r(&now, &parts) || parts.tm_year < 0 || parts.tm_year > 8099 ||
        !strftime(work->stamp, sizeof work->stamp, "%Y%m%dT%H%M%SZ", &parts))
        return gl_fail(err, GL_E_CONFIG, _("the clock of this machine is wrong"));
    memcpy(work->date, work->stamp, 8);
    work->scope =
        gl_asprintf("%s/%s/%s/aws4_request", work->date, signing->region, signing->service);
    work->payload = signing->payload_sha256 ? signing->payload_sha256 : empty_sha256;
    return gl_aws_uri_split(signing->url, &work->uri, err);
}

static void signature(const struct work *work, char ret_hex[2 * KEY_SIZE + 1])
{
    const struct gl_aws_signing *signing = work->signing;
    gl_autobuf struct gl_buf canonical = {0};
    gl_buf_printf(&canonical, "%s\n", signing->method);
    add_path(&canonical, signing->service, work->uri.path);
    gl_buf_putc(&canonical, '\n');
    add_query(&canonical, work->uri.query);
    gl_buf_putc(&canonical, '\n');
    add_headers(&canonical, &work->headers);
    gl_buf_printf(&canonical, "\n%s\n%s", work->names, work->payload);
    char digest[GL_SHA256_HEX_SIZE];
    gl_sha256_hex(canonical.data, canonical.len, digest);
    gl_autofree char *text =
        gl_asprintf(ALGORITHM "\n%s\n%s\n%s", work->stamp, work->scope, digest);
    sign_text(signing, work->date, work->scope, text, ret_hex);
}

int gl_aws_sign(const struct gl_aws_signing *signing, struct gl_strv *headers, struct gl_error *err)
{
    gl_cleanup(work_done) struct work work = {.signing = signing};
    const char *token = signing->credentials->session_token;
    int result = work_init(&work, err);
    if (result < 0)
        return result;
    gl_autostrv struct gl_strv added = {0};
    gl_strv_addf(&added, "X-Amz-Date: %s", work.stamp);
    if (token)
        gl_strv_addf(&added, "X-Amz-Security-Token: %s", token);
    if (strcmp(signing->service, "s3") == 0 || strcmp(work.payload, GL_AWS_UNSIGNED_PAYLOAD) == 0)
        gl_strv_addf(&added, "X-Amz-Content-Sha256: %s", work.payload);
    collect_headers(&work.headers, work.uri.host, signing->headers, &added);
    work.names = signed_names(&work.headers);
    char mac[2 * KEY_SIZE + 1];
    signature(&work, mac);
    gl_strv_addf(&added,
                 "Authorization: " ALGORITHM " Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                 signing->credentials->access_key, work.scope, work.names, mac);
    for (size_t i = 0; i < added.count; i++)
        gl_strv_take(headers, gl_steal(&added.items[i]));
    added.count = 0;
    return 0;
}

/* The query of the address with everything of the signature but the signature itself. */
static char *presigned_query(const struct work *work, unsigned expires_s)
{
    const struct gl_aws_credentials *credentials = work->signing->credentials;
    gl_autofree char *credential = gl_asprintf("%s/%s", credentials->access_key, work->scope);
    const char *given = work->uri.query ? work->uri.query : "";
    struct gl_buf query = {0};
    gl_buf_printf(&query, "%s%sX-Amz-Algorithm=" ALGORITHM "&X-Amz-Credential=", given,
                  *given ? "&" : "");
    gl_aws_uri_encode(&query, credential, false);
    gl_buf_printf(&query, "&X-Amz-Date=%s&X-Amz-Expires=%u&X-Amz-SignedHeaders=", work->stamp,
                  expires_s);
    gl_aws_uri_encode(&query, work->names, false);
    if (credentials->session_token) {
        gl_buf_puts(&query, "&X-Amz-Security-Token=");
        gl_aws_uri_encode(&query, credentials->session_token, false);
    }
    return gl_buf_steal(&query);
}

int gl_aws_presign(const struct gl_aws_signing *signing, unsigned expires_s, char **ret_url,
                   struct gl_error *err)
{
    gl_cleanup(work_done) struct work work = {.signing = signing};
    if (!expires_s || expires_s > LONGEST_EXPIRY_S)
        return gl_fail(err, GL_E_USAGE,
                       _("a presigned address is valid for 1 to %d seconds, not %u"),
                       LONGEST_EXPIRY_S, expires_s);
    int result = work_init(&work, err);
    if (result < 0)
        return result;
    if (strcmp(signing->service, "s3") == 0)
        work.payload = GL_AWS_UNSIGNED_PAYLOAD;
    collect_headers(&work.headers, work.uri.host, signing->headers, NULL);
    work.names = signed_names(&work.headers);
    char *query = presigned_query(&work, expires_s);
    free(work.uri.query);
    work.uri.query = query;
    char mac[2 * KEY_SIZE + 1];
    signature(&work, mac);
    size_t base_len = strcspn(signing->url, "?#");
    *ret_url = gl_asprintf("%.*s?%s&X-Amz-Signature=%s", (int)base_len, signing->url, query, mac);
    return 0;
}
