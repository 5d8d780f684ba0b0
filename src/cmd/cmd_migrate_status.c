/* golive migrate status: what the database has against what the directory has. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "cmd/commands.h"
#include "migrate/phase.h"
#include "platform/platform.h"

/* ---- what all migrate commands share ----------------------------------------------------------
 */

char *gl_cmd_migrations_dir(const struct gl_context *context)
{
    return gl_path_join(context->project_dir, gl_config_str(context->config, "migrations.dir"));
}

/* The URL comes by an environment variable's name, never as an argument others could read. */
static int database_of(struct gl_context *context, char **ret_conninfo, struct gl_error *err)
{
    const char *name = gl_flag_str(context, "database-url-env");
    if (name) {
        const char *url = getenv(name);
        if (!url || !*url) {
            gl_fail(err, GL_E_USAGE, _("the environment variable %s is not set"), name);
            return gl_error_hint(err, _("Set it to the URL of the role that owns the schema."));
        }
        *ret_conninfo = gl_strdup(url);
        return 0;
    }
    gl_autoplatform struct gl_platform *platform = NULL;
    int failed = gl_platform_open(context->config, context->state_dir, &platform, err);
    return failed < 0 ? failed : platform->ops->database_url(platform, ret_conninfo, err);
}

int gl_cmd_migrations_open(struct gl_context *context, struct gl_migrations *ret_list,
                           char **ret_conninfo, struct gl_error *err)
{
    gl_autofree char *dir = gl_cmd_migrations_dir(context);
    int failed = gl_migrations_scan(dir, ret_list, err);
    if (failed == 0)
        failed = database_of(context, ret_conninfo, err);
    if (failed == 0)
        gl_secret_add(*ret_conninfo);
    return failed;
}

/* ---- status -----------------------------------------------------------------------------------
 */

static const char *const state_words[] = {
    [GL_MIGRATION_PENDING] = N_("pending"), [GL_MIGRATION_APPLIED] = N_("applied"),
    [GL_MIGRATION_DIRTY] = N_("dirty"),     [GL_MIGRATION_EDITED] = N_("edited"),
    [GL_MIGRATION_MISSING] = N_("missing"),
};

static const char *phase_word(const struct gl_migration *migration)
{
    return migration->phase == GL_PHASE_CONTRACT ? "contract" : "expand";
}

/* Why a migration contracts, unless its author declared it. */
static const char *reason_of(const struct gl_migration *migration)
{
    bool inferred = migration->phase == GL_PHASE_CONTRACT && !migration->phase_declared;
    return inferred ? gl_phase_reason(migration->sql, NULL) : NULL;
}

static json_t *to_json(const struct gl_migrations *list, const struct gl_migrate_status *status)
{
    json_t *root = json_object();
    json_t *rows = json_array();
    for (size_t i = 0; i < list->count && i < status->count; i++) {
        const struct gl_migration *migration = &list->items[i];
        json_t *row = json_object();
        gl_json_set_int(row, "version", migration->version);
        gl_json_set_str(row, "description", migration->description);
        gl_json_set_str(row, "file", migration->path);
        gl_json_set_str(row, "state", state_words[status->states[i]]);
        gl_json_set_str(row, "phase", phase_word(migration));
        gl_json_set_bool(row, "phase_declared", migration->phase_declared);
        gl_json_set_str(row, "reason", reason_of(migration));
        gl_json_set_bool(row, "no_transaction", migration->no_transaction);
        json_array_append_new(rows, row);
    }
    json_object_set_new(root, "migrations", rows);
    gl_json_set_int(root, "missing", (int64_t)status->missing);
    if (status->missing)
        gl_json_set_int(root, "first_missing", status->first_missing);
    gl_json_set_bool(root, "fresh", status->fresh);
    return root;
}

static void print_row(const struct gl_migration *migration, enum gl_migration_state state,
                      FILE *out)
{
    const char *reason = reason_of(migration);
    bool pending = state == GL_MIGRATION_PENDING;
    fprintf(out, "  %-8s %-8s %s%s%s\n", _(state_words[state]),
            pending ? phase_word(migration) : "", gl_path_base(migration->path),
            pending && reason ? ": " : "", pending && reason ? _(reason) : "");
}

static void print_end(const struct gl_migrate_status *status, FILE *out)
{
    if (status->missing)
        fprintf(out, _("%zu applied migrations have no file, the first is version %" PRId64 ".\n"),
                status->missing, status->first_missing);
    if (status->pending_expand + status->pending_contract == 0)
        fputs(_("Nothing is pending.\n"), out);
    else
        fprintf(out,
                _("%zu expand and %zu contract migrations are pending. Next: golive deploy, "
                  "or golive migrate up\n"),
                status->pending_expand, status->pending_contract);
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_automigrations struct gl_migrations list = {0};
    gl_automigratestatus struct gl_migrate_status status = {0};
    gl_autofree char *conninfo = NULL;
    int failed = gl_cmd_migrations_open(context, &list, &conninfo, err);
    if (failed == 0)
        failed = gl_migrate_status(conninfo, &list, &status, err);
    if (failed < 0)
        return failed;
    if (context->format_json) {
        gl_autojson json_t *root = to_json(&list, &status);
        gl_autofree char *text = gl_json_pretty(root);
        fputs(text, context->out);
        return 0;
    }
    for (size_t i = 0; i < list.count && i < status.count; i++)
        print_row(&list.items[i], status.states[i], context->out);
    print_end(&status, context->out);
    return 0;
}

static const struct gl_flag flags[] = {
    {"database-url-env", 0, GL_FLAG_TEXT, N_("NAME"), NULL,
     N_("environment variable that has the database's URL; else the environment's own")},
    {0     },
};

const struct gl_command gl_cmd_migrate_status = {
    .name = "migrate status",
    .summary = N_("show which migrations are applied and which are pending"),
    .flags = flags,
    .needs = GL_NEEDS_CONFIG,
    .run = run,
};
