/* One attempt with libcurl: signed headers, body, what is kept of the answer. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "aws/client_internal.h"
#include "aws/sigv4.h"
#include "aws/uri.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "net/curl_list.h"

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct gl_aws_pending *pending = context;
    size_t len = size * count;
    if (pending->response.body.len + len > pending->limit_bytes) {
        pending->too_large = true;
        return 0;
    }
    gl_buf_add(&pending->response.body, data, len);
    return len;
}

/* Kept as gl_http_header() wants them: names in lower case, of the last answer only. */
static size_t on_header(char *data, size_t size, size_t count, void *context)
{
    struct gl_aws_pending *pending = context;
    size_t len = size * count;
    if (len > 5 && strncmp(data, "HTTP/", 5) == 0)
        gl_strv_done(&pending->response.headers);
    while (len && (data[len - 1] == '\r' || data[len - 1] == '\n'))
        len--;
    char *header = gl_strndup(data, len);
    for (char *at = header; *at && *at != ':'; at++)
        *at = (char)tolower((unsigned char)*at);
    gl_strv_take(&pending->response.headers, header);
    return size * count;
}

static bool has_header(const struct gl_strv *headers, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < headers->count; i++) {
        if (strncasecmp(headers->items[i], name, len) == 0 && headers->items[i][len] == ':')
            return true;
    }
    return false;
}

static int sign(struct gl_aws_pending *pending, const struct gl_aws_credentials *credentials,
                struct gl_strv *signature, struct gl_error *err)
{
    struct gl_aws_signing signing = {
        .method = pending->message.method,
        .url = pending->url,
        .headers = (const char *const *)pending->message.headers.items,
        .payload_sha256 = pending->payload_sha256,
        .service = pending->service->signing_name,
        .region = pending->signing_region,
        .credentials = credentials,
        .unix_s = (gl_now_unix_ms() + pending->client->skew_ms) / 1000,
        .key = &pending->client->signing_key,
    };
    return gl_aws_sign(&signing, signature, err);
}

/* What libcurl would add by itself and nobody signed is taken away: an empty value does that. */
static void set_headers(struct gl_aws_pending *pending, struct gl_strv *signature)
{
    const struct gl_strv *own = &pending->message.headers;
    struct curl_slist **list = &pending->header_list;
    gl_curl_list_add(list, "Expect:");
    gl_curl_list_add(list, "Accept:");
    if (!has_header(own, "content-type"))
        gl_curl_list_add(list, "Content-Type:");
    for (size_t i = 0; i < own->count; i++)
        gl_curl_list_add(list, own->items[i]);
    for (size_t i = 0; i < signature->count; i++) {
        gl_curl_list_add(list, signature->items[i]);
        gl_wipe(signature->items[i], strlen(signature->items[i]));
    }
    curl_easy_setopt(pending->curl, CURLOPT_HTTPHEADER, *list);
}

static int set_file(struct gl_aws_pending *pending, struct gl_error *err)
{
    struct stat st;
    pending->file = fopen(pending->body_path, "rbe");
    if (!pending->file || fstat(fileno(pending->file), &st) < 0)
        return gl_fail_errno(err, errno, _("cannot read %s"), pending->body_path);
    curl_easy_setopt(pending->curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(pending->curl, CURLOPT_READDATA, pending->file);
    curl_easy_setopt(pending->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)st.st_size);
    return 0;
}

static int set_body(struct gl_aws_pending *pending, struct gl_error *err)
{
    CURL *curl = pending->curl;
    const char *method = pending->message.method;
    bool carries_body = strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0;
    if (pending->body_path) {
        int result = set_file(pending, err);
        if (result < 0)
            return result;
    } else if (carries_body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)pending->body_len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, pending->body);
    } else if (strcmp(method, "HEAD") == 0) {
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    return 0;
}

/* An attempt may take as long as the client allows and the call has left. */
static long time_limit_ms(const struct gl_aws_pending *pending)
{
    int64_t limit_ms = pending->client->options.timeout_ms;
    int64_t left_ms = pending->deadline_ms - gl_mono_ms();
    if (pending->deadline_ms && left_ms < limit_ms)
        limit_ms = left_ms > 1 ? left_ms : 1;
    return (long)limit_ms;
}

static void set_options(struct gl_aws_pending *pending)
{
    CURL *curl = pending->curl;
    const struct gl_aws_client *client = pending->client;
    gl_autouri struct gl_aws_uri uri = {0};
    curl_easy_setopt(curl, CURLOPT_URL, pending->url);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L); /* keys like "a/../b" are what they are */
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "golive/" GL_VERSION);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)client->options.connect_timeout_ms);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, time_limit_ms(pending));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, pending);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, pending);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, pending->detail);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, pending);
    /* On a kept connection that turns out dead, libcurl sends again by itself. */
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, pending->repeatable ? 0L : 1L);
    if (client->ca_bundle)
        curl_easy_setopt(curl, CURLOPT_CAINFO, client->ca_bundle);
    if (gl_aws_uri_split(pending->url, &uri, NULL) == 0 && gl_aws_uri_is_loopback(&uri))
        curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* an emulator is not behind the proxy */
}

int gl_aws_transfer_begin(struct gl_aws_pending *pending,
                          const struct gl_aws_credentials *credentials, struct gl_error *err)
{
    gl_autostrv struct gl_strv signature = {0};
    int result = sign(pending, credentials, &signature, err);
    if (result < 0)
        return result;
    pending->curl = curl_easy_init();
    if (!pending->curl)
        return gl_fail(err, GL_E_NET, _("libcurl could not be started"));
    pending->detail[0] = '\0';
    pending->too_large = false;
    gl_http_response_done(&pending->response);
    pending->response = (struct gl_http_response){0};
    set_options(pending);
    set_headers(pending, &signature);
    result = set_body(pending, err);
    if (result == 0 && curl_multi_add_handle(pending->client->multi, pending->curl) != CURLM_OK)
        result = gl_fail(err, GL_E_NET, _("libcurl could not be started"));
    if (result < 0) {
        curl_easy_cleanup(gl_steal(&pending->curl));
        gl_aws_transfer_end(pending);
        return result;
    }
    pending->state = GL_AWS_SENT;
    pending->client->sent_count++;
    return 0;
}

void gl_aws_transfer_end(struct gl_aws_pending *pending)
{
    if (pending->curl) {
        curl_multi_remove_handle(pending->client->multi, pending->curl);
        curl_easy_cleanup(gl_steal(&pending->curl));
        pending->client->sent_count--;
    }
    for (struct curl_slist *header = pending->header_list; header; header = header->next)
        gl_wipe(header->data, strlen(header->data)); /* session token and signature */
    gl_curl_list_free(&pending->header_list);
    if (pending->file)
        (void)fclose(gl_steal(&pending->file));
}
