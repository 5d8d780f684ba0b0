/* golive migrate new: an empty migration with the next version. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/commands.h"

/* Versions from here on are times (YYYYMMDDhhmmss), as sqlx-cli makes them. */
#define FIRST_TIME INT64_C(19700101000000)

/* The words joined by '_'; what a file name or sqlx would not bear is refused. */
static int make_slug(const struct gl_strv *words, char **ret_slug, struct gl_error *err)
{
    char *slug = gl_strv_join(words, "_");
    for (char *c = slug; *c; c++) {
        bool plain = isalnum((unsigned char)*c) || *c == '_' || (unsigned char)*c >= 0x80;
        if (*c == ' ' || *c == '-') {
            *c = '_';
        } else if (!plain) {
            gl_fail(err, GL_E_USAGE, _("`%s` cannot be part of a migration's name"), slug);
            free(slug);
            return gl_error_hint(err, _("Use letters, digits and `_`: golive migrate new "
                                        "add_index_on_name"));
        }
    }
    *ret_slug = slug;
    return 0;
}

static int64_t now_as_version(void)
{
    time_t seconds = (time_t)(gl_now_unix_ms() / 1000);
    struct tm utc;
    char text[32] = "";
    if (!gmtime_r(&seconds, &utc) || !strftime(text, sizeof text, "%Y%m%d%H%M%S", &utc))
        return FIRST_TIME;
    return strtoll(text, NULL, 10);
}

/* Goes on as the directory does: numbers with as many digits, or times. Never below the last one,
 * or the new migration would be out of order. */
static char *next_version(const struct gl_migrations *list)
{
    if (list->count == 0)
        return gl_asprintf("%" PRId64, now_as_version());
    const struct gl_migration *last = &list->items[list->count - 1];
    int64_t next = last->version + 1;
    if (last->version >= FIRST_TIME && now_as_version() > last->version)
        next = now_as_version();
    int digits = (int)strspn(gl_path_base(last->path), "0123456789");
    return gl_asprintf("%0*" PRId64, digits, next);
}

static char *make_text(struct gl_context *context)
{
    gl_autobuf struct gl_buf text = {0};
    if (gl_flag_bool(context, "no-transaction"))
        gl_buf_puts(&text, "-- no-transaction\n");
    if (gl_flag_bool(context, "contract"))
        gl_buf_puts(&text, "-- golive: phase=contract\n");
    return gl_buf_steal(&text);
}

static int write_new(const char *path, const char *text, struct gl_error *err)
{
    gl_autoclose int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 || gl_write_all(fd, text, strlen(text)) < 0)
        return gl_fail_errno(err, errno, _("cannot write %s"), path);
    return 0;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_automigrations struct gl_migrations list = {0};
    gl_autofree char *dir = gl_cmd_migrations_dir(context);
    gl_autofree char *slug = NULL;
    if (context->args.count == 0) {
        gl_fail(err, GL_E_USAGE, _("the migration needs a name"));
        return gl_error_hint(err, _("For example: golive migrate new add_index_on_name"));
    }
    int failed = make_slug(&context->args, &slug, err);
    if (failed == 0)
        failed = gl_migrations_scan(dir, &list, err);
    if (failed == 0)
        failed = gl_mkdir_p(dir, 0755, err);
    if (failed < 0)
        return failed;
    gl_autofree char *version = next_version(&list);
    gl_autofree char *path = gl_asprintf("%s/%s_%s.sql", dir, version, slug);
    gl_autofree char *text = make_text(context);
    failed = write_new(path, text, err);
    if (failed < 0)
        return failed;
    if (context->format_json) {
        gl_autojson json_t *root = json_object();
        gl_json_set_str(root, "file", path);
        gl_autofree char *json = gl_json_pretty(root);
        fputs(json, context->out);
    } else {
        fprintf(context->out, _("Wrote %s. Next: write its SQL, then golive migrate up\n"), path);
    }
    return 0;
}

static const struct gl_flag flags[] = {
    {"contract",    0, GL_FLAG_BOOL, NULL, NULL, N_("it takes something away: one release later")},
    {"no-transaction", 0, GL_FLAG_BOOL, NULL, NULL,
     N_("it holds one statement that cannot run in a transaction (CREATE INDEX CONCURRENTLY)")},
    {0        },
};

static const struct gl_example examples[] = {
    {"golive migrate new add_users_email", N_("a file with the next version")},
    {"golive migrate new --no-transaction index_users_email",                                    N_("for a concurrent index")},
    {0},
};

const struct gl_command gl_cmd_migrate_new = {
    .name = "migrate new",
    .arguments = "NAME",
    .summary = N_("make an empty migration with the next version"),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .max_args = 16,
    .run = run,
};
