/* golive migrate status: what the database has against what the directory has. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/migrations_shown.h"
#include "migrate/phase.h"

static const char *const state_words[] = {
    [GL_MIGRATION_PENDING] = N_("pending"), [GL_MIGRATION_APPLIED] = N_("applied"),
    [GL_MIGRATION_DIRTY] = N_("dirty"),     [GL_MIGRATION_EDITED] = N_("edited"),
    [GL_MIGRATION_MISSING] = N_("missing"), [GL_MIGRATION_LATE] = N_("late"),
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

static bool goes_on(const struct gl_migrations_shown *shown, size_t i)
{
    return gl_migrate_goes_on(&shown->migrations.list, &shown->status, i);
}

/* Of one that was begun and is not finished. */
static json_t *begun_json(const struct gl_migrations_shown *shown, size_t i)
{
    const struct gl_migrate_found *found = shown->status.found ? &shown->status.found[i] : NULL;
    json_t *begun = json_object();
    gl_json_set_bool(begun, "goes_on", goes_on(shown, i));
    if (!found || !found->known)
        return begun;
    gl_autofree char *at = gl_format_rfc3339(found->at_unix_s * 1000);
    gl_json_set_int(begun, "looked", found->looked);
    gl_json_set_int(begun, "changed", found->changed);
    gl_json_set_int(begun, "estimate", found->estimate);
    gl_json_set_int(begun, "pass", found->pass);
    gl_json_set_str(begun, "at", at);
    return begun;
}

static json_t *row_json(const struct gl_migrations_shown *shown, size_t i)
{
    const struct gl_migration *migration = &shown->migrations.list.items[i];
    bool pending = shown->status.states[i] == GL_MIGRATION_PENDING;
    int64_t due = pending ? gl_contract_due(&shown->waiting, migration->version) : 0;
    gl_autofree char *when = due ? gl_format_rfc3339(due) : NULL;
    json_t *row = json_object();
    gl_json_set_int(row, "version", migration->version);
    gl_json_set_str(row, "description", migration->description);
    gl_json_set_str(row, "file", migration->path);
    gl_json_set_str(row, "state", state_words[shown->status.states[i]]);
    gl_json_set_str(row, "phase", phase_word(migration));
    gl_json_set_bool(row, "phase_declared", migration->phase_declared);
    gl_json_set_str(row, "reason", reason_of(migration));
    gl_json_set_bool(row, "no_transaction", migration->no_transaction);
    gl_json_set_str(row, "due", when);
    if (shown->status.states[i] == GL_MIGRATION_DIRTY)
        json_object_set_new(row, "begun", begun_json(shown, i));
    return row;
}

static json_t *to_json(const struct gl_migrations_shown *shown)
{
    json_t *root = json_object();
    json_t *rows = json_array();
    json_t *passed_over = json_array();
    for (size_t i = 0; i < shown->migrations.list.count && i < shown->status.count; i++)
        json_array_append_new(rows, row_json(shown, i));
    for (size_t i = 0; i < shown->migrations.list.passed_over.count; i++)
        json_array_append_new(passed_over,
                              json_string(shown->migrations.list.passed_over.items[i]));
    json_object_set_new(root, "migrations", rows);
    json_object_set_new(root, "passed_over", passed_over);
    gl_json_set_int(root, "missing", (int64_t)shown->status.missing);
    if (shown->status.missing)
        gl_json_set_int(root, "first_missing", shown->status.first_missing);
    gl_json_set_bool(root, "fresh", shown->status.fresh);
    gl_json_set_str(root, "running", shown->status.running);
    return root;
}

/* How far the batches came. */
static void print_begun(const struct gl_migrate_found *found, FILE *out)
{
    gl_autofree char *at = gl_format_rfc3339(found->at_unix_s * 1000);
    gl_autofree char *of =
        found->estimate > 0 ? gl_format_count((uint64_t)found->estimate) : gl_strdup("?");
    fprintf(out,
            _("           %" PRId64 " of about %s rows looked at in pass %" PRId64 ", %" PRId64
              " changed; the last batch was at %s\n"),
            found->looked, of, found->pass, found->changed, at);
}

static void print_row(const struct gl_migrations_shown *shown, size_t i, FILE *out)
{
    enum { COLUMNS = 8 };

    const struct gl_migration *migration = &shown->migrations.list.items[i];
    enum gl_migration_state state = shown->status.states[i];
    const char *reason = reason_of(migration);
    bool pending = state == GL_MIGRATION_PENDING;
    bool open = pending || state == GL_MIGRATION_LATE;
    gl_autofree char *word =
        gl_utf8_pad(goes_on(shown, i) ? _("begun") : _(state_words[state]), COLUMNS);
    gl_autofree char *due = pending ? gl_migrations_due_text(shown, migration) : NULL;
    fprintf(out, "  %s %-8s %s%s%s%s%s\n", word, open ? phase_word(migration) : "",
            gl_path_base(migration->path), pending && reason ? ": " : "",
            pending && reason ? _(reason) : "", due ? "; " : "", due ? due : "");
    if (state == GL_MIGRATION_DIRTY && shown->status.found && shown->status.found[i].known)
        print_begun(&shown->status.found[i], out);
}

/* What golive migrate up goes on with; the count of it. */
static size_t print_unfinished(const struct gl_migrations_shown *shown, const char *env_words,
                               FILE *out)
{
    size_t count = 0;
    for (size_t i = 0; i < shown->migrations.list.count && i < shown->status.count; i++)
        count += goes_on(shown, i);
    if (count && shown->status.running)
        fprintf(out,
                ngettext("%zu migration was begun and is not finished; at work on this database "
                         "now: %s.\n",
                         "%zu migrations were begun and are not finished; at work on this database "
                         "now: %s.\n",
                         count),
                count, shown->status.running);
    else if (count)
        fprintf(out,
                ngettext("%zu migration was begun and is not finished, and nobody works on it. "
                         "Next: golive migrate up%s goes on where it stopped.\n",
                         "%zu migrations were begun and are not finished, and nobody works on "
                         "them. Next: golive migrate up%s goes on where they stopped.\n",
                         count),
                count, env_words);
    return count;
}

static void print_end(const struct gl_migrations_shown *shown, const char *env_words, FILE *out)
{
    const struct gl_migrate_status *status = &shown->status;
    gl_autoerr struct gl_error why = {0};
    for (size_t i = 0; i < shown->migrations.list.passed_over.count; i++)
        fprintf(out,
                _("  %s is no migration and is passed over: its name has no version "
                  "(<version>_<description>.sql)\n"),
                shown->migrations.list.passed_over.items[i]);
    if (status->missing)
        fprintf(out, _("%zu applied migrations have no file, the first is version %" PRId64 ".\n"),
                status->missing, status->first_missing);
    if (gl_migrate_refuse(&shown->migrations.list, status, &why) < 0)
        fprintf(out, _("A release would be refused: %s. %s\n"), why.message,
                why.hint ? why.hint : "");
    else if (print_unfinished(shown, env_words, out) == 0 &&
             status->pending_expand + status->pending_contract == 0)
        fputs(_("Nothing is pending.\n"), out);
    else if (status->pending_expand + status->pending_contract)
        fprintf(out,
                _("%zu expand and %zu contract migrations are pending. Next: golive deploy%s, "
                  "or golive migrate up%s\n"),
                status->pending_expand, status->pending_contract, env_words, env_words);
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_automigrationsshown struct gl_migrations_shown shown = {0};
    int failed = gl_migrations_show(context, &shown, err);
    if (failed < 0)
        return failed;
    if (context->format_json) {
        gl_autojson json_t *root = to_json(&shown);
        gl_cmd_print_json(context, root);
        return 0;
    }
    for (size_t i = 0; i < shown.migrations.list.count && i < shown.status.count; i++)
        print_row(&shown, i, context->out);
    print_end(&shown, gl_config_env_words(context->config), context->out);
    return 0;
}

static const struct gl_flag flags[] = {
    {"database-url-env", 0, GL_FLAG_TEXT, N_("NAME"), NULL,
     N_("environment variable that has the database's URL; else the environment's own")},
    GL_PROFILE_FLAG,
    {0     },
};

const struct gl_command gl_cmd_migrate_status = {
    .name = "migrate status",
    .summary = N_("show which migrations are applied and which are pending"),
    .flags = flags,
    .needs = GL_NEEDS_CONFIG,
    .run = run,
};
