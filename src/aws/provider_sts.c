/* AssumeRole and AssumeRoleWithWebIdentity: a form goes out, XML comes back. */
#include "aws/provider_sts.h"

#include <curl/curl.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "aws/sigv4.h"
#include "aws/uri.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/i18n.h"

enum { STS_ATTEMPTS = 3 };

void gl_aws_sts_call_done(struct gl_aws_sts_call *call)
{
    gl_aws_wipe_buf(&call->form);
}

void gl_aws_sts_add(struct gl_aws_sts_call *call, const char *name, const char *value)
{
    if (!value)
        return;
    gl_buf_printf(&call->form, "&%s=", name);
    gl_aws_uri_encode(&call->form, value, false);
}

char *gl_aws_session_name(void)
{
    return gl_asprintf("golive-%lld", (long long)(gl_now_unix_ms() / 1000));
}

/* ---- the answer --------------------------------------------------------------------------------
 */

static void free_doc(xmlDoc **doc)
{
    xmlFreeDoc(*doc);
}

/* The next element in document order below `root`, NULL after the last. */
static xmlNode *next_node(xmlNode *root, xmlNode *node)
{
    if (node->children)
        return node->children;
    while (node != root && !node->next)
        node = node->parent;
    return node == root ? NULL : node->next;
}

/* The text of the first element of that local name, NULL if there is none; the caller owns it. */
static char *element_text(xmlNode *root, const char *name)
{
    for (xmlNode *node = root; node; node = next_node(root, node)) {
        if (node->type != XML_ELEMENT_NODE || strcmp((const char *)node->name, name) != 0)
            continue;
        xmlChar *content = xmlNodeGetContent(node);
        char *text = gl_strdup(content ? (const char *)content : "");
        if (content)
            gl_wipe(content, strlen((const char *)content));
        free(content); /* libxml2's own, as nobody calls xmlMemSetup() */
        return text;
    }
    return NULL;
}

static xmlDoc *parse(const char *xml, size_t len)
{
    if (len > INT32_MAX)
        return NULL;
    return xmlReadMemory(xml, (int)len, "sts.xml", NULL,
                         XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

static int refused(const char *code, const char *message, struct gl_error *err)
{
    static const struct {
        const char *code;
        const char *hint;
    } hints[] = {
        {"AccessDenied",
         N_("the role's trust policy must allow this caller, and its external_id and MFA conditions "
            "must be met")                                                                             },
        {"ExpiredTokenException",
         N_("the credentials that ask for the role are expired: renew them")                           },
        {"ExpiredToken",            N_("the credentials that ask for the role are expired: renew them")},
        {"InvalidClientTokenId",
         N_("the access key that asks for the role does not exist (any more)")                         },
        {"SignatureDoesNotMatch",   N_("the secret key that asks for the role is wrong")               },
        {"RegionDisabledException", N_("turn STS on for this region, or use another region")           },
        {"InvalidIdentityToken",
         N_("the identity provider must exist in IAM and its audience must be the token's")            },
        {"RequestExpired",          N_("set the clock of this machine")                                },
    };

    gl_fail(err, GL_E_REFUSED, "%s: %s", code, message ? message : _("no reason given"));
    for (size_t i = 0; i < GL_COUNT(hints); i++) {
        if (strcmp(hints[i].code, code) == 0)
            return gl_error_hint(err, "%s", _(hints[i].hint));
    }
    return GL_E_REFUSED;
}

int gl_aws_sts_read(const char *xml, size_t len, const char *source, struct gl_aws_credentials *ret,
                    struct gl_error *err)
{
    gl_cleanup(free_doc) xmlDoc *doc = parse(xml, len);
    /* STS sends no document type; without one there are no entities to blow up. */
    xmlNode *root = doc && !doc->intSubset ? xmlDocGetRootElement(doc) : NULL;
    if (!root)
        return gl_fail(err, GL_E_NET, _("the answer is not the XML that STS gives"));
    gl_autofree char *code = element_text(root, "Code");
    gl_autofree char *message = element_text(root, "Message");
    if (code)
        return refused(code, message, err);
    gl_autosecret char *access_key = element_text(root, "AccessKeyId");
    gl_autosecret char *secret_key = element_text(root, "SecretAccessKey");
    gl_autosecret char *token = element_text(root, "SessionToken");
    gl_autofree char *expires = element_text(root, "Expiration");
    struct gl_aws_key_text text = {
        .access_key = access_key, .secret_key = secret_key, .token = token};
    if (!access_key || !secret_key || !token || !expires ||
        !gl_aws_parse_time(expires, &text.expires_unix_ms))
        return gl_fail(err, GL_E_NET, _("the answer of STS has no complete credentials"));
    return gl_aws_credentials_set(&text, "STS", source, ret, err);
}

/* ---- the call ----------------------------------------------------------------------------------
 */

/* STS says "come again later" with status 400, and the same when the identity provider is slow. */
static bool is_stumble(const struct gl_http_response *response)
{
    static const char *const codes[] = {"<Code>Throttling", "<Code>RequestLimitExceeded",
                                        "<Code>IDPCommunicationError"};
    for (size_t i = 0; response->status != 200 && i < GL_COUNT(codes); i++) {
        if (strstr(gl_buf_text(&response->body), codes[i]))
            return true;
    }
    return false;
}

/* How far AWS's clock is ahead of ours, when it refused a signature for that; else 0. */
static int64_t skew_s(const struct gl_http_response *response)
{
    const char *text = gl_buf_text(&response->body);
    const char *date = gl_http_header(response, "date");
    if (response->status == 200 || !date ||
        (!strstr(text, "Signature expired") && !strstr(text, "Signature not yet current")))
        return 0;
    time_t theirs = curl_getdate(date, NULL);
    return theirs > 0 ? (int64_t)theirs - gl_now_unix_ms() / 1000 : 0;
}

static int sign(const struct gl_aws_sts_call *call, const struct gl_http_request *request,
                const char *region, int64_t ahead_s, struct gl_strv *headers, struct gl_error *err)
{
    char sha256[GL_SHA256_HEX_SIZE];
    gl_sha256_hex(request->body, request->body_len, sha256);
    struct gl_aws_signing signing = {
        .method = request->method,
        .url = request->url,
        .headers = request->headers,
        .payload_sha256 = sha256,
        .service = "sts",
        .region = region,
        .credentials = call->signer,
        .unix_s = gl_now_unix_ms() / 1000 + ahead_s,
    };
    return gl_aws_sign(&signing, headers, err);
}

static void wipe_strv(struct gl_strv *list)
{
    for (size_t i = 0; i < list->count; i++)
        gl_wipe(list->items[i], strlen(list->items[i]));
    gl_strv_done(list);
}

static int post(const struct gl_aws_lookup *lookup, const struct gl_aws_sts_call *call,
                int64_t ahead_s, struct gl_http_response *ret_response, struct gl_error *err)
{
    static const char *const plain[] = {
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8", NULL};
    gl_autofree char *base = NULL;
    gl_autofree char *region = NULL;
    int result = gl_aws_endpoint("sts", lookup->region, lookup->profile, &base, &region, err);
    if (result < 0)
        return result;
    gl_autofree char *url = gl_asprintf("%s/", base);
    gl_autosecretbuf struct gl_buf body = {0};
    gl_buf_printf(&body, "Action=%s&Version=2011-06-15%s", call->action, gl_buf_text(&call->form));
    struct gl_http_request request = {
        .method = "POST",
        .url = url,
        .headers = plain,
        .body = body.data,
        .body_len = body.len,
        .ca_file = gl_aws_ca_file(lookup->profile),
    };
    gl_cleanup(wipe_strv) struct gl_strv headers = {0};
    gl_strv_add(&headers, plain[0]);
    if (call->signer)
        result = sign(call, &request, region, ahead_s, &headers, err);
    if (result < 0)
        return result;
    request.headers = (const char *const *)headers.items;
    return gl_aws_provider_fetch(&request, STS_ATTEMPTS, is_stumble, ret_response, err);
}

int gl_aws_sts_assume(const struct gl_aws_lookup *lookup, const struct gl_aws_sts_call *call,
                      struct gl_aws_credentials *ret, struct gl_error *err)
{
    gl_autosecrethttp struct gl_http_response response = {0};
    int result = post(lookup, call, 0, &response, err);
    int64_t ahead_s = result == 0 && call->signer ? skew_s(&response) : 0;
    if (ahead_s) {
        gl_aws_wipe_http(&response);
        result = post(lookup, call, ahead_s, &response, err);
    }
    if (result == 0)
        result =
            gl_aws_sts_read(gl_buf_text(&response.body), response.body.len, call->source, ret, err);
    return result < 0 ? gl_error_wrap(err, "sts:%s", call->action) : 0;
}
