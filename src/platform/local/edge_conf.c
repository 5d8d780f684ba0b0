/* The text of haproxy.cfg. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "platform/local/edge.h"
#include "platform/local/template.h"

enum {
    HTTPS_PORT = 443,
    SESSION_WEIGHT = 100,
};

char *gl_edge_url(const struct gl_local *local, const char *host)
{
    uint16_t port = local->ports[GL_PORT_HTTPS];
    return port == HTTPS_PORT ? gl_asprintf("https://%s", host)
                              : gl_asprintf("https://%s:%u", host, port);
}

static const char *disabled_unless(bool enabled)
{
    return enabled ? "" : " disabled";
}

static void add_spares(struct gl_buf *out, const struct gl_local *local,
                       const struct gl_route *route)
{
    enum gl_slot spare = GL_SLOT_BLUE;
    bool any = gl_route_spare(route, &spare);
    for (enum gl_slot slot = 0; slot < GL_SLOT_COUNT; slot++)
        gl_buf_printf(out, "    server %s-spare 127.0.0.1:%u backup%s\n", gl_slot_name(slot),
                      gl_slot_port(local, slot), disabled_unless(any && spare == slot));
}

/* The check has its own port so that it goes to the version itself even while a rehearsal has put
 * something before it. */
static char *app_servers(const struct gl_local *local, const struct gl_route *route)
{
    gl_autobuf struct gl_buf out = {0};
    for (enum gl_slot slot = 0; slot < GL_SLOT_COUNT; slot++) {
        uint16_t port = gl_slot_port(local, slot);
        gl_buf_printf(
            &out,
            "    server %s 127.0.0.1:%u weight %d check addr 127.0.0.1 port %u inter 200ms "
            "fall 2 rise 1 observe layer4 error-limit 1 on-error mark-down%s\n",
            gl_slot_name(slot), port, route->slots[slot].weight_pct, port,
            disabled_unless(route->slots[slot].enabled));
    }
    add_spares(&out, local, route);
    return gl_buf_steal(&out);
}

static char *session_servers(const struct gl_local *local, const struct gl_route *route)
{
    gl_autobuf struct gl_buf out = {0};
    for (enum gl_slot slot = 0; slot < GL_SLOT_COUNT; slot++)
        gl_buf_printf(&out, "    server %s 127.0.0.1:%u weight %d track app/%s\n",
                      gl_slot_name(slot), gl_slot_port(local, slot),
                      route->slots[slot].sessions ? SESSION_WEIGHT : 0, gl_slot_name(slot));
    add_spares(&out, local, route);
    return gl_buf_steal(&out);
}

char *gl_edge_word(const char *text)
{
    gl_autobuf struct gl_buf out = {0};
    gl_buf_putc(&out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\' || *text == '$')
            gl_buf_putc(&out, '\\');
        if ((unsigned char)*text >= ' ')
            gl_buf_putc(&out, *text);
    }
    gl_buf_putc(&out, '"');
    return gl_buf_steal(&out);
}

static char *login_rules(const struct gl_local *local)
{
    const json_t *paths = gl_config_node(local->base.config, "edge.waf.rate.login.paths");
    int64_t limit = gl_config_int(local->base.config, "local.rate_limits.login_per_10s");
    gl_autobuf struct gl_buf out = {0};
    if (json_array_size(paths) == 0)
        return gl_buf_steal(&out);
    gl_buf_puts(&out, "    acl login path -i -m str");
    for (size_t i = 0; i < json_array_size(paths); i++) {
        gl_autofree char *word = gl_edge_word(json_string_value(json_array_get(paths, i)));
        gl_buf_printf(&out, " %s", word);
    }
    gl_buf_printf(&out,
                  "\n    http-request track-sc1 src table rate_login if host_api login"
                  "\n    http-request return status 429 content-type application/json string "
                  "\"{\\\"error\\\":\\\"too many requests\\\"}\" hdr Retry-After 10 "
                  "if host_api login { sc_http_req_rate(1) gt %" PRId64 " }\n",
                  limit);
    return gl_buf_steal(&out);
}

static char *hsts_value(const struct gl_config *config)
{
    return gl_asprintf(
        "max-age=%" PRId64 "%s%s", gl_config_int(config, "edge.hsts.max_age"),
        gl_config_bool(config, "edge.hsts.include_subdomains") ? "; includeSubDomains" : "",
        gl_config_bool(config, "edge.hsts.preload") ? "; preload" : "");
}

static char *fill(const struct gl_local *local, const struct gl_route *route, const char *digest)
{
    const struct gl_config *config = local->base.config;
    gl_autofree char *app = app_servers(local, route);
    gl_autofree char *sessions = session_servers(local, route);
    gl_autofree char *login = login_rules(local);
    gl_autofree char *hsts = hsts_value(config);
    gl_autofree char *https = gl_asprintf("%u", local->ports[GL_PORT_HTTPS]);
    gl_autofree char *suffix =
        local->ports[GL_PORT_HTTPS] == HTTPS_PORT ? gl_strdup("") : gl_asprintf(":%s", https);
    gl_autofree char *http = gl_asprintf("%u", local->ports[GL_PORT_HTTP]);
    gl_autofree char *web = gl_asprintf("%u", local->ports[GL_PORT_WEB]);
    gl_autofree char *rate =
        gl_asprintf("%" PRId64, gl_config_int(config, "local.rate_limits.api_per_10s"));
    gl_autofree char *max_body =
        gl_asprintf("%" PRId64, gl_config_int(config, "local.max_body_kb") * 1024);
    const struct gl_template_value values[] = {
        {"digest",       digest              },
        {"edge_dir",     local->edge_dir     },
        {"https_port",   https               },
        {"https_suffix", suffix              },
        {"http_port",    http                },
        {"web_port",     web                 },
        {"api_host",     gl_config_str(config, "domain.api")},
        {"app_host",              gl_config_str(config,                         "domain.app")},
        {"hsts", hsts},
        {"max_body_bytes",          max_body                                 },
        {"rate_api",rate},
        {"rate_login_rules",              login                                                  },
        {"app_servers",app},
        {"session_servers",                sessions                                                                      },
    };
    return gl_template_fill(gl_template_haproxy, values, GL_COUNT(values));
}

void gl_edge_digest(const struct gl_local *local, char ret_digest[GL_EDGE_DIGEST_SIZE])
{
    const struct gl_route none = {0};
    char hex[GL_SHA256_HEX_SIZE];
    gl_autofree char *text = fill(local, &none, "");
    gl_sha256_hex(text, strlen(text), hex);
    memcpy(ret_digest, hex, GL_EDGE_DIGEST_SIZE - 1);
    ret_digest[GL_EDGE_DIGEST_SIZE - 1] = '\0';
}

char *gl_edge_conf(const struct gl_local *local, const struct gl_route *route)
{
    char digest[GL_EDGE_DIGEST_SIZE];
    gl_edge_digest(local, digest);
    return fill(local, route, digest);
}
