/* The configuration of the local server, written anew on each `up`. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "platform/local/files.h"
#include "platform/local/pg.h"

struct fixed_setting {
    const char *name;
    const char *value;
};

static const struct fixed_setting fixed_settings[] = {
    {"listen_addresses",                  "'127.0.0.1'"          },
    {"unix_socket_permissions",           "0700"                 },
    {"ssl",                               "on"                   },
    {"ssl_min_protocol_version",          "'TLSv1.2'"            },
    {"password_encryption",               "'scram-sha-256'"      },
    {"fsync",                             "on"                   },
    {"full_page_writes",                  "on"                   },
    {"wal_level",                         "replica"              },
    {"max_wal_size",                      "512MB"                },
    {"work_mem",                          "8MB"                  },
    {"maintenance_work_mem",              "64MB"                 },
    {"random_page_cost",                  "1.1"                  },
    {"log_destination",                   "'stderr'"             },
    {"logging_collector",                 "off"                  },
    {"log_line_prefix",                   "'%m [%p] %q%u@%d %a '"},
    {"log_lock_waits",                    "on"                   },
 /* Values that people typed are no business of a log. */
    {"log_parameter_max_length",          "0"                    },
    {"log_parameter_max_length_on_error", "0"                    },
    {"log_timezone",                      "'UTC'"                },
    {"timezone",                          "'UTC'"                },
    {"lc_messages",                       "'C'"                  },
};

/* A string value: quotes doubled, and backslashes too, which the parser of the file would eat. */
static void add_string(struct gl_buf *conf, const char *name, const char *value)
{
    gl_buf_printf(conf, "%s = '", name);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            gl_buf_putc(conf, *value);
        gl_buf_putc(conf, *value);
    }
    gl_buf_puts(conf, "'\n");
}

/* A list element in double quotes may hold commas and spaces. */
static void add_socket_dir(struct gl_buf *conf, const char *dir)
{
    gl_autobuf struct gl_buf quoted = {0};
    gl_pg_add_name(&quoted, dir);
    add_string(conf, "unix_socket_directories", gl_buf_text(&quoted));
}

static int main_conf(const struct gl_local *local, const struct gl_pg_settings *settings,
                     struct gl_buf *conf, struct gl_error *err)
{
    gl_autofree char *cert = gl_local_path(local, "tls/" GL_PG_SERVICE ".crt");
    gl_autofree char *key = gl_local_path(local, "tls/" GL_PG_SERVICE ".key");
    char digest[GL_SHA256_HEX_SIZE];
    int failed = gl_sha256_file(cert, digest, err);
    if (failed < 0)
        return failed;
    gl_buf_puts(conf, "# Written by golive on each `golive local up`; changes are lost.\n");
    /* A renewed certificate changes this file, and so makes the server read it. */
    gl_buf_printf(conf, "# certificate %s\n", digest);
    gl_buf_printf(conf, "port = %u\n", local->ports[GL_PORT_POSTGRES]);
    gl_buf_printf(conf, "max_connections = %lld\n", (long long)settings->max_connections);
    gl_buf_printf(conf, "shared_buffers = %lldMB\n", (long long)settings->memory_mb);
    gl_buf_printf(conf, "effective_cache_size = %lldMB\n", (long long)settings->memory_mb * 3);
    gl_buf_printf(conf, "log_min_duration_statement = %lld\n", (long long)settings->slow_ms);
    add_socket_dir(conf, local->run_dir);
    add_string(conf, "ssl_cert_file", cert);
    add_string(conf, "ssl_key_file", key);
    for (size_t i = 0; i < GL_COUNT(fixed_settings); i++)
        gl_buf_printf(conf, "%s = %s\n", fixed_settings[i].name, fixed_settings[i].value);
    return 0;
}

static void hba_conf(const struct gl_local *local, struct gl_buf *conf)
{
    static const char *const loopback[] = {"127.0.0.1/32", "::1/128"};

    gl_autofree char *owner = gl_pg_role_name(local, GL_ROLE_OWNER);
    gl_autofree char *app = gl_pg_role_name(local, GL_ROLE_APP);
    gl_buf_puts(conf, "# Written by golive on each `golive local up`; changes are lost.\n"
                      "local all \"" GL_PG_SUPERUSER "\" peer map=golive\n"
                      "local all all reject\n");
    for (size_t i = 0; i < GL_COUNT(loopback); i++)
        gl_buf_printf(conf, "hostssl all \"%s\",\"%s\" %s scram-sha-256\n", owner, app,
                      loopback[i]);
    gl_buf_puts(conf, "host all all all reject\n");
}

static int user_name(uid_t uid, char **ret_name, struct gl_error *err)
{
    struct passwd entry;
    struct passwd *found = NULL;
    char space[4096];
    if (getpwuid_r(uid, &entry, space, sizeof space, &found) != 0 || !found) {
        gl_fail(err, GL_E_NOT_FOUND, _("user %u has no name on this machine"), (unsigned)uid);
        return gl_error_hint(err, _("PostgreSQL needs one: add the user to /etc/passwd."));
    }
    *ret_name = gl_strdup(entry.pw_name);
    return 0;
}

/* The user that services run as, and the one that runs golive, are the superuser. */
static int ident_conf(const struct gl_local *local, struct gl_buf *conf, struct gl_error *err)
{
    const uid_t users[] = {local->uid, geteuid()};
    size_t count = users[0] == users[1] ? 1 : 2;
    gl_buf_puts(conf, "# Written by golive on each `golive local up`; changes are lost.\n");
    for (size_t i = 0; i < count; i++) {
        gl_autofree char *name = NULL;
        int failed = user_name(users[i], &name, err);
        if (failed < 0)
            return failed;
        gl_buf_printf(conf, "golive \"%s\" \"" GL_PG_SUPERUSER "\"\n", name);
    }
    return 0;
}

static int write_if_changed(const struct gl_local *local, const char *name,
                            const struct gl_buf *content, bool *changed, struct gl_error *err)
{
    gl_autofree char *relative = gl_asprintf("pg/%s", name);
    gl_autofree char *path = gl_local_path(local, relative);
    gl_autobuf struct gl_buf present = {0};
    const char *text = gl_buf_text(content);
    if (gl_read_file(path, 0, &present, NULL) == 0 && strcmp(gl_buf_text(&present), text) == 0)
        return 0;
    *changed = true;
    return gl_local_write_owned(local, path, text, 0600, err);
}

int gl_pg_conf_write(const struct gl_local *local, const struct gl_pg_settings *settings,
                     bool *ret_changed, struct gl_error *err)
{
    gl_autobuf struct gl_buf main = {0};
    gl_autobuf struct gl_buf hba = {0};
    gl_autobuf struct gl_buf ident = {0};
    bool changed = false;
    int failed = main_conf(local, settings, &main, err);
    hba_conf(local, &hba);
    if (failed == 0)
        failed = ident_conf(local, &ident, err);
    if (failed == 0)
        failed = write_if_changed(local, "pg_ident.conf", &ident, &changed, err);
    if (failed == 0)
        failed = write_if_changed(local, "pg_hba.conf", &hba, &changed, err);
    if (failed == 0)
        failed = write_if_changed(local, "golive.conf", &main, &changed, err);
    if (failed == 0)
        *ret_changed = changed;
    return failed;
}
