/* golive migrate revert: takes the newest migrations back by their .down.sql. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "cmd/ask.h"
#include "cmd/aws_context.h"
#include "cmd/migrate_guard.h"
#include "cmd/migrate_noted.h"
#include "migrate/revert.h"

/* ---- what is asked ----------------------------------------------------------------------------
 */

static int read_to(const struct gl_context *context, bool *ret_all, int64_t *ret_to,
                   struct gl_error *err)
{
    const char *text = gl_flag_str(context, "to");
    char *end = NULL;
    *ret_all = text != NULL;
    *ret_to = 0;
    if (!text)
        return 0;
    errno = 0;
    *ret_to = strtoll(text, &end, 10);
    if (*text && !*end && !errno)
        return 0;
    gl_fail(err, GL_E_USAGE, _("`%s` is no version"), text);
    return gl_error_hint(err, _("golive migrate status shows them; --to 0 takes all back."));
}

/* Said before AWS is asked for anything. */
static int need_reach(const struct gl_context *context, struct gl_error *err)
{
    const char *env = gl_config_env(context->config);
    if (!gl_platform_is_aws(context->config) || gl_flag_str(context, "database-url-env"))
        return 0;
    gl_fail(err, GL_E_REFUSED, _("the database of %s cannot be reached from here"), env);
    return gl_error_hint(
        err,
        _("It is inside the network on AWS, and the task that golive migrate up starts there only "
          "goes forward: what takes away is decided by a person who sees the database. Write what "
          "takes it back as a new migration (golive migrate new NAME) and apply it with golive "
          "migrate up --env %s; or, from a machine in the network: golive migrate revert --env %s "
          "--database-url-env NAME."),
        env, env);
}

/* In production the environment's name is typed, as a whole: yes is typed too easily. */
static int confirm(struct gl_context *context, struct gl_error *err)
{
    bool production = gl_cmd_is_production(context);
    const char *wanted = production ? gl_config_env(context->config) : "yes";
    const char *given = production                     ? gl_flag_str(context, "confirm")
                        : gl_flag_bool(context, "yes") ? "yes"
                                                       : NULL;
    gl_autofree char *line = NULL;
    if (given && strcmp(given, wanted) == 0)
        return 0;
    if (given || !gl_cmd_can_ask(context)) {
        gl_fail(err, GL_E_REFUSED, _("nothing was taken back: not confirmed"));
        return gl_error_hint(
            err, _("Look at what --dry-run shows, then: golive migrate revert%s %s"),
            gl_config_env_words(context->config), production ? "--confirm prod" : "--yes");
    }
    int failed = gl_cmd_ask(context,
                            production ? _("Rows and columns may be lost. Type the environment's "
                                           "name: ")
                                       : _("Take this back? Type yes: "),
                            &line, err);
    if (failed == 0 && strcmp(line, wanted) != 0)
        failed = gl_fail(err, GL_E_REFUSED, _("nothing was taken back: not confirmed"));
    return failed;
}

/* ---- the ledger -------------------------------------------------------------------------------
 */

static int note_begin(const struct gl_context *context, const struct gl_reverts *reverts,
                      struct gl_error *err)
{
    gl_autojson json_t *data = json_object();
    json_t *versions = json_array();
    for (size_t i = 0; i < reverts->count; i++)
        json_array_append_new(versions, json_integer(reverts->downs[i].version));
    json_object_set_new(data, "revert", versions);
    gl_json_set_str(data, "backup_elsewhere", gl_flag_str(context, "backup-elsewhere"));
    return gl_migrate_note_begin(context, data, err);
}

/* ---- doing it ---------------------------------------------------------------------------------
 */

static int revert(struct gl_context *context, const char *conninfo,
                  const struct gl_reverts *reverts, struct gl_migrate_result *ret_result,
                  struct gl_error *err)
{
    gl_automigratenoted struct gl_migrate_noted noted = {.context = context, .reverting = true};
    gl_autoerr struct gl_error cause = {0};
    const struct gl_migrate_options options = {
        .lock_timeout_ms = gl_config_int(context->config, "migrations.lock_timeout_ms"),
        .statement_timeout_ms = gl_config_int(context->config, "migrations.statement_timeout_ms"),
        .on_event = gl_migrate_noted_event,
        .context = &noted,
    };
    int failed = note_begin(context, reverts, err);
    if (failed < 0)
        return failed;
    failed = gl_migrate_revert(conninfo, reverts, &options, ret_result, &cause);
    return gl_migrate_note_end(&noted, ret_result, failed, &cause, err);
}

static void list_files(FILE *out, const struct gl_reverts *reverts)
{
    for (size_t i = 0; i < reverts->count; i++)
        fprintf(out, "  %s\n", reverts->downs[i].path);
}

static void show(struct gl_context *context, const struct gl_reverts *reverts, size_t done,
                 bool dry)
{
    FILE *out = context->out;
    if (context->format_json) {
        gl_autojson json_t *root = json_object();
        json_t *files = json_array();
        for (size_t i = 0; i < reverts->count; i++)
            json_array_append_new(files, json_string(reverts->downs[i].path));
        json_object_set_new(root, "files", files);
        gl_json_set_int(root, "reverted", (int64_t)done);
        gl_cmd_print_json(context, root);
        return;
    }
    if (dry)
        list_files(out, reverts);
    if (!reverts->count)
        fputs(_("Nothing to take back.\n"), out);
    else if (dry)
        fputs(_("Would be taken back in this order; nothing was changed.\n"), out);
    else
        fprintf(out, _("%zu taken back.\n"), done);
}

static int go_on(struct gl_context *context, const struct gl_cmd_migrations *migrations,
                 const char *conninfo, const struct gl_reverts *reverts, struct gl_error *err)
{
    struct gl_migrate_result result = {0};
    bool dry = gl_flag_bool(context, "dry-run") || !reverts->count;
    int failed = 0;
    if (!dry) {
        if (!context->format_json)
            list_files(context->out, reverts); /* what the question is about */
        failed = confirm(context, err);
        if (failed == 0)
            failed = gl_cmd_guard_backup(context, migrations, err);
        if (failed == 0)
            failed = revert(context, conninfo, reverts, &result, err);
    }
    if (failed == 0 || result.applied)
        show(context, reverts, result.applied, dry);
    return failed;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_autocmdmigrations struct gl_cmd_migrations migrations = {0};
    gl_autoreverts struct gl_reverts reverts = {0};
    gl_autofree char *conninfo = NULL;
    bool all = false;
    int64_t to = 0;
    int failed = read_to(context, &all, &to, err);
    if (failed == 0)
        failed = need_reach(context, err);
    if (failed == 0)
        failed = gl_cmd_open_ledger(context, err);
    if (failed == 0)
        failed = gl_cmd_migrations_open(context, &migrations, err);
    if (failed == 0)
        failed = gl_cmd_migrations_conninfo(&migrations, &conninfo, err);
    if (failed == 0)
        failed = gl_migrate_revert_plan(conninfo, &migrations.list, all, to, &reverts, err);
    return failed < 0 ? failed : go_on(context, &migrations, conninfo, &reverts, err);
}

static const struct gl_flag flags[] = {
    {"database-url-env", 0, GL_FLAG_TEXT, N_("NAME"), NULL,
     N_("environment variable that has the database's URL; else the environment's own")},
    {"to",      0, GL_FLAG_TEXT, N_("VERSION"), NULL,
     N_("take everything back that is newer; else only the newest one")},
    {"dry-run",              0, GL_FLAG_BOOL, NULL, NULL, N_("show what would be taken back")},
    {"yes",                  'y', GL_FLAG_BOOL, NULL, NULL, N_("do not ask")},
    {"confirm",            0, GL_FLAG_TEXT, N_("ENV"), NULL, N_("in production: the environment's name")},
    GL_BACKUP_FLAG,
    GL_BACKUP_ELSEWHERE_FLAG,
    GL_PROFILE_FLAG,
    {0    },
};

static const struct gl_example examples[] = {
    {"golive migrate revert --dry-run",              N_("what would be taken back")},
    {"golive migrate revert --yes",                                              N_("take the newest one back")},
    {"golive migrate revert --to 20260908090000 -y",N_("take all back that is newer than it")},
    {0}
};

const struct gl_command gl_cmd_migrate_revert = {
    .name = "migrate revert",
    .summary = N_("take the newest migrations back by their .down.sql"),
    .text = N_("Each runs in a transaction together with its row, as sqlx migrate revert does, and "
               "under the limits of golive migrate up. One whose header says rollback=forward or "
               "rollback=restore is refused. A rollback of a release never does this by itself. A "
               "database inside a network on AWS is not reached: there it is a new migration that "
               "takes something back."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .run = run,
};
