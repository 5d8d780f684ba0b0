/* golive migrate new: an empty migration with the next version. */
#include <ctype.h>
#include <errno.h>
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
#include "base/utf8.h"
#include "cmd/commands.h"
#include "migrate/format.h"

/* Versions from here on are times (YYYYMMDDhhmmss), as sqlx-cli makes them. */
#define FIRST_TIME INT64_C(19700101000000)

/* Unicode's blocks of punctuation, symbols, private use and the like. */
static bool is_symbol(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } blocks[] = {
        {0x80,    0xA9    },
        {0xAB,    0xB4    },
        {0xB6,    0xB9    },
        {0xBB,    0xBF    },
        {0xD7,    0xD7    },
        {0xF7,    0xF7    },
        {0x2000,  0x206F  },
        {0x20A0,  0x20CF  },
        {0x2190,  0x2BFF  },
        {0x3000,  0x3004  },
        {0x3008,  0x3020  },
        {0x3030,  0x303F  },
        {0xE000,  0xF8FF  },
        {0xFE00,  0xFE6F  },
        {0xFF00,  0xFF0F  },
        {0xFF1A,  0xFF20  },
        {0xFFE0,  0xFFFF  },
        {0x1F000, 0x1FAFF },
        {0xE0000, 0x10FFFF},
    };

    bool found = c == '_';
    for (size_t i = 0; i < GL_COUNT(blocks); i++)
        found = found || (c >= blocks[i].first && c <= blocks[i].last);
    return found;
}

static bool says_nothing(const char *slug)
{
    size_t len = strlen(slug);
    for (size_t at = 0; at < len;) {
        uint32_t character = 0;
        at += gl_utf8_next(slug + at, len - at, &character);
        if (!is_symbol(character))
            return false;
    }
    return true;
}

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
    if (says_nothing(slug)) {
        gl_fail(err, GL_E_USAGE, _("the migration needs a name, and `%s` is none"), slug);
        free(slug);
        return gl_error_hint(err, _("Say what it does: golive migrate new add_index_on_name"));
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
static char *same_version(const struct gl_migrations *list)
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

static char *time_version(const struct gl_migrations *list)
{
    int64_t last = list->count ? list->items[list->count - 1].version : 0;
    int64_t now = now_as_version();
    return gl_asprintf("%" PRId64, now > last ? now : last + 1);
}

/* 20261127094500 as 2026-11-27-094500 */
static char *dashes_version(const struct gl_migrations *list)
{
    gl_autofree char *t = time_version(list);
    return gl_asprintf("%.4s-%.2s-%.2s-%s", t, t + 4, t + 6, t + 8);
}

static char *number_version(const struct gl_migrations *list)
{
    int64_t last = list->count ? list->items[list->count - 1].version : 0;
    return gl_asprintf("%06" PRId64, last + 1);
}

static char *plain_version(const struct gl_migrations *list)
{
    int64_t last = list->count ? list->items[list->count - 1].version : 0;
    return gl_asprintf("%" PRId64, last + 1);
}

static const struct {
    const char *word; /* of struct gl_format */
    char *(*make)(const struct gl_migrations *list);
} versions[] = {
    {"same",   same_version  },
    {"time",   time_version  },
    {"dashes", dashes_version},
    {"number", number_version},
    {"plain",  plain_version },
};

static char *next_version(const struct gl_migrations *list)
{
    size_t i = 0;
    while (strcmp(versions[i].word, list->format->next) != 0)
        i++;
    return versions[i].make(list);
}

/* The path with version and name for its two %s. */
static char *fill_in(const char *path, const char *version, const char *slug)
{
    const char *first = strstr(path, "%s");
    const char *second = strstr(first + 2, "%s");
    return gl_asprintf("%.*s%s%.*s%s%s", (int)(first - path), path, version,
                       (int)(second - first - 2), first + 2, slug, second + 2);
}

/* What goes before the tool's own text. `batch` rows and a pause, as far as --batched says. */
static char *make_text(struct gl_context *context, const char *text)
{
    gl_autobuf struct gl_buf head = {0};
    bool batched = gl_flag_bool(context, "batched");
    if (batched || gl_flag_bool(context, "no-transaction"))
        gl_buf_puts(&head, "-- no-transaction\n");
    if (gl_flag_bool(context, "contract"))
        gl_buf_puts(&head, "-- golive: phase=contract\n");
    if (batched)
        gl_buf_printf(&head, "-- golive: batch=%" PRId64 " sleep=50ms\n",
                      gl_config_int(context->config, "migrations.batch_rows"));
    gl_buf_puts(&head, text);
    return gl_buf_steal(&head);
}

static int write_new(const char *path, const char *text, struct gl_error *err)
{
    gl_autofree char *dir = gl_path_dir(path);
    int failed = gl_mkdir_p(dir, 0755, err);
    if (failed < 0)
        return failed;
    if (access(path, F_OK) == 0)
        return gl_fail_errno(err, EEXIST, _("cannot write %s"), path);
    return gl_write_text(path, text, 0644, err); /* whole or not at all */
}

/* Only what the tool's own runs would do with it. */
static int check_flags(const struct gl_context *context, const struct gl_format *format,
                       struct gl_error *err)
{
    if (format->alone ||
        !(gl_flag_bool(context, "no-transaction") || gl_flag_bool(context, "batched")))
        return 0;
    gl_fail(err, GL_E_USAGE,
            _("--no-transaction and --batched are for sqlx's files, this folder is "
              "of %s"),
            format->name);
    return gl_error_hint(err, _("Write it as %s wants it."), format->name);
}

/* Half of a pair would be taken for a migration. */
static void take_away(const struct gl_strv *written)
{
    for (size_t i = 0; i < written->count; i++)
        (void)unlink(written->items[i]);
}

static int write_files(struct gl_context *context, const struct gl_migrations *list,
                       const char *dir, const char *slug, struct gl_strv *written,
                       struct gl_error *err)
{
    const struct gl_format *format = list->format;
    gl_autofree char *version = next_version(list);
    for (size_t i = 0; i < GL_COUNT(format->files) && format->files[i].path; i++) {
        gl_autofree char *name = fill_in(format->files[i].path, version, slug);
        char *path = gl_path_join(dir, name);
        gl_autofree char *text = i == 0 ? make_text(context, format->files[i].text) : gl_strdup("");
        int failed = write_new(path, text, err);
        if (failed < 0) {
            free(path);
            take_away(written);
            return failed;
        }
        gl_strv_take(written, path);
    }
    return 0;
}

static void show(struct gl_context *context, const struct gl_format *format,
                 const struct gl_strv *written)
{
    if (context->format_json) {
        gl_autojson json_t *root = json_object();
        json_t *files = json_array();
        for (size_t i = 0; i < written->count; i++)
            json_array_append_new(files, json_string(written->items[i]));
        gl_json_set_str(root, "file", written->count ? written->items[0] : NULL);
        json_object_set_new(root, "files", files);
        gl_autofree char *json = gl_json_pretty(root);
        fputs(json, context->out);
        return;
    }
    gl_autofree char *names = gl_strv_join(written, ", ");
    if (format->no_up)
        fprintf(
            context->out,
            _("Wrote %s. Next: write its SQL, then apply it by %s itself; golive migrate status "
              "shows what is applied\n"),
            names, format->name);
    else
        fprintf(context->out, _("Wrote %s. Next: write its SQL, then golive migrate up\n"), names);
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_automigrations struct gl_migrations list = {0};
    gl_autofree char *dir = gl_cmd_migrations_dir(context);
    gl_autofree char *slug = NULL;
    gl_autostrv struct gl_strv written = {0};
    if (context->args.count == 0) {
        gl_fail(err, GL_E_USAGE, _("the migration needs a name"));
        return gl_error_hint(err, _("For example: golive migrate new add_index_on_name"));
    }
    int failed = make_slug(&context->args, &slug, err);
    if (failed == 0)
        failed = gl_migrations_scan_as(dir, gl_config_str(context->config, "migrations.tool"),
                                       &list, err);
    if (failed == 0)
        failed = check_flags(context, list.format, err);
    if (failed == 0)
        failed = write_files(context, &list, dir, slug, &written, err);
    if (failed == 0)
        show(context, list.format, &written);
    return failed;
}

static const struct gl_flag flags[] = {
    {"contract",    0, GL_FLAG_BOOL, NULL, NULL, N_("it takes something away: one release later")},
    {"no-transaction", 0, GL_FLAG_BOOL, NULL, NULL,
     N_("it holds one statement that cannot run in a transaction (CREATE INDEX CONCURRENTLY)")},
    {"batched",         0, GL_FLAG_BOOL, NULL, NULL,
     N_("it holds one UPDATE or DELETE that runs in batches of migrations.batch_rows")},
    {0            },
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
