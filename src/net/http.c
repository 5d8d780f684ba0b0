/* One HTTP request by libcurl. */
#include "net/http.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "net/curl_list.h"

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void curl_init(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void free_curl(CURL **curl)
{
    curl_easy_cleanup(*curl);
}

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

struct transfer {
    const struct gl_http_request *request;
    struct gl_http_response *response;
    size_t body_sent;
    CURL *curl;
    size_t body_sunk; /* bytes written to sink_fd */
    bool too_large;
};

void gl_http_response_done(struct gl_http_response *response)
{
    gl_strv_done(&response->headers);
    gl_buf_done(&response->body);
}

const char *gl_http_header(const struct gl_http_response *response, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < response->headers.count; i++) {
        const char *header = response->headers.items[i];
        if (strncmp(header, name, len) == 0 && header[len] == ':')
            return header + len + 1 + strspn(header + len + 1, " \t");
    }
    return NULL;
}

static bool goes_to_sink(const struct transfer *transfer)
{
    long status = 0;
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
    return transfer->request->sink_fd && status >= 200 && status < 300;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    int64_t limit = transfer->request->limit_bytes ? transfer->request->limit_bytes : 16 << 20;
    if (transfer->response->body.len + transfer->body_sunk + size * count > (size_t)limit) {
        transfer->too_large = true;
        return 0;
    }
    if (goes_to_sink(transfer)) {
        transfer->body_sunk += size * count;
        return gl_write_all(transfer->request->sink_fd, data, size * count) == 0 ? size * count : 0;
    }
    gl_buf_add(&transfer->response->body, data, size * count);
    return size * count;
}

/* "Name: value" with the name in lower case, which makes it comparable (RFC 9110, 5.1). */
static char *normal_header(const char *data, size_t len)
{
    char *header = gl_strndup(data, len);
    size_t name_len = strcspn(header, ":");
    for (size_t i = 0; i < name_len; i++)
        header[i] = (char)tolower((unsigned char)header[i]);
    return header;
}

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t len = size * count;
    while (len && (data[len - 1] == '\r' || data[len - 1] == '\n'))
        len--;
    if (len > 5 && strncmp(data, "HTTP/", 5) == 0) {
        gl_strv_done(&transfer->response->headers); /* a new answer after 100 or a redirect */
        return size * count;
    }
    if (len)
        gl_strv_take(&transfer->response->headers, normal_header(data, len));
    return size * count;
}

static size_t on_read(char *buffer, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t left = transfer->request->body_len - transfer->body_sent;
    size_t part = size * count < left ? size * count : left;
    memcpy(buffer, (const char *)transfer->request->body + transfer->body_sent, part);
    transfer->body_sent += part;
    return part;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)context, (void)a, (void)b, (void)c, (void)d;
    return gl_interrupted();
}

static int set_body(CURL *curl, struct transfer *transfer, FILE **file, struct gl_error *err)
{
    const struct gl_http_request *request = transfer->request;
    if (request->body_path) {
        *file = fopen(request->body_path, "rbe");
        struct stat st;
        if (!*file || fstat(fileno(*file), &st) < 0)
            return gl_fail_errno(err, errno, _("cannot read %s"), request->body_path);
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_READDATA, *file);
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)st.st_size);
    } else if (request->body) {
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
        curl_easy_setopt(curl, CURLOPT_READDATA, transfer);
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->body_len);
    }
    return 0;
}

static bool is_near_address(const char *host)
{
    static const char *const ranges[] = {"127.", "169.254.", "[::1]", "[fe8",
                                         "[fe9", "[fea",     "[feb"};
    unsigned char address[4];
    bool numeric = *host == '[' || inet_pton(AF_INET, host, address) == 1;
    for (size_t i = 0; numeric && i < GL_COUNT(ranges); i++) {
        if (strncasecmp(host, ranges[i], strlen(ranges[i])) == 0)
            return true;
    }
    return false;
}

/* RFC 6761, 6.3: names below localhost are this machine too. */
static bool is_near_name(const char *host)
{
    static const char local[] = "localhost";
    size_t len = strlen(host);
    size_t tail = sizeof local - 1;
    if (len < tail || strcasecmp(host + len - tail, local) != 0)
        return false;
    return len == tail || host[len - tail - 1] == '.';
}

bool gl_http_is_near(const char *url)
{
    CURLU *parts = curl_url();
    char *host = NULL;
    bool near = parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
                curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK && host &&
                (is_near_address(host) || is_near_name(host));
    curl_free(host);
    curl_url_cleanup(parts);
    return near;
}

static void set_options(CURL *curl, struct transfer *transfer)
{
    const struct gl_http_request *request = transfer->request;
    int64_t timeout_ms = request->timeout_ms ? request->timeout_ms : 30000;
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(curl, CURLOPT_NOBODY, request->head ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    if (request->resolve || gl_http_is_near(request->url))
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, request->follow ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_USERPWD, request->basic_auth);
    if (request->ca_file) { /* instead of the system's authorities, not besides */
        curl_easy_setopt(curl, CURLOPT_CAINFO, request->ca_file);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
}

static int failure(const struct transfer *transfer, CURLcode code, const char *detail,
                   struct gl_error *err)
{
    const char *url = transfer->request->url;
    if (transfer->too_large)
        return gl_fail(err, GL_E_NET, _("%s: the answer is too large"), url);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return gl_fail(err, GL_E_INTERRUPTED, _("interrupted"));
    int result = code == CURLE_OPERATION_TIMEDOUT ? GL_E_TIMEOUT : GL_E_NET;
    return gl_fail(err, result, "%s: %s", url, *detail ? detail : curl_easy_strerror(code));
}

/* "HOST:PORT:ADDRESS:PORT" and not "HOST:PORT:ADDRESS"; an IPv6 address is in brackets there. */
static bool names_port(const char *resolve)
{
    const char *address = strchr(resolve, ':');
    address = address ? strchr(address + 1, ':') : NULL;
    if (!address)
        return false;
    const char *end = address[1] == '[' ? strchr(address, ']') : address + 1;
    return end && strchr(end, ':') != NULL;
}

int gl_http_fetch(const struct gl_http_request *request, struct gl_http_response *ret_response,
                  struct gl_error *err)
{
    pthread_once(&curl_once, curl_init);
    gl_autohttp struct gl_http_response response = {0};
    struct transfer transfer = {.request = request, .response = &response};
    char detail[CURL_ERROR_SIZE] = "";
    gl_cleanup(free_curl) CURL *curl = curl_easy_init();
    gl_autocurllist struct curl_slist *headers = NULL;
    gl_autocurllist struct curl_slist *resolve = NULL;
    gl_cleanup(close_file) FILE *file = NULL;
    if (!curl)
        return gl_fail(err, GL_E_NET, _("libcurl could not be started"));
    transfer.curl = curl;
    set_options(curl, &transfer);
    gl_curl_list_add(&headers, "Expect:");
    for (const char *const *header = request->headers; header && *header; header++)
        gl_curl_list_add(&headers, *header);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
    if (request->resolve) {
        gl_curl_list_add(&resolve, request->resolve);
        curl_easy_setopt(curl, names_port(request->resolve) ? CURLOPT_CONNECT_TO : CURLOPT_RESOLVE,
                         resolve);
    }
    int failed = set_body(curl, &transfer, &file, err);
    if (failed < 0)
        return failed;
    int64_t begun = gl_mono_us();
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK)
        return failure(&transfer, code, detail, err);
    response.elapsed_us = gl_mono_us() - begun;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &response.status);
    *ret_response = response;
    response = (struct gl_http_response){0};
    return 0;
}
