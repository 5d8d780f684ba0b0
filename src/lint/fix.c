/* Which files --fix writes, under which names. */
#include "lint/fix.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "lint/fix_parts.h"
#include "migrate/format.h"
#include "migrate/name.h"

void gl_lint_fixes_done(struct gl_lint_fixes *fixes)
{
    for (size_t i = 0; i < fixes->count; i++) {
        free(fixes->items[i].path);
        free(fixes->items[i].before);
        free(fixes->items[i].after);
    }
    free(fixes->items);
    gl_strv_done(&fixes->left);
    *fixes = (struct gl_lint_fixes){0};
}

static void add(struct gl_lint_fixes *fixes, const char *path, const char *before,
                const char *after)
{
    fixes->items = gl_realloc_array(fixes->items, fixes->count + 1, sizeof *fixes->items);
    fixes->items[fixes->count++] =
        (struct gl_lint_write){gl_strdup(path), gl_strdup(before), gl_strdup(after)};
}

/* ---- names -------------------------------------------------------------------------------------
 */

static const char up_suffix[] = ".up.sql";
static const char down_suffix[] = ".down.sql";

/* Of a folder's pairs, or of its plain files: new parts are called as the file is. */
static const char *suffix_of(const struct gl_lint_file *file)
{
    return gl_ends_with(file->path, up_suffix) ? up_suffix : ".sql";
}

/* "0007_users.sql" + 1 -> "0008_users_2.sql", with as many digits as before. */
static char *name_of_part(const struct gl_lint_file *file, size_t part, const char *suffix)
{
    const char *base = gl_path_base(file->path);
    int digits = (int)strspn(base, "0123456789");
    gl_autofree char *rest =
        gl_strndup(base + digits, strlen(base + digits) - strlen(suffix_of(file)));
    gl_autofree char *dir = gl_path_dir(file->path);
    gl_autofree char *name = gl_asprintf("%0*" PRId64 "%s_%zu%s", digits,
                                         file->version + (int64_t)part, rest, part + 1, suffix);
    return gl_path_join(dir, name);
}

/* The file that takes this one back; NULL if there is none. The caller owns it. */
static char *down_of(const struct gl_lint_file *file)
{
    size_t len = strlen(file->path) - strlen(suffix_of(file));
    gl_autofree char *path = gl_asprintf("%.*s%s", (int)len, file->path, down_suffix);
    return gl_is_file(path) ? gl_steal(&path) : NULL;
}

/* Versions behind the file's own for its new parts. */
struct room {
    const struct gl_lint_file *file;
    const struct gl_lint_parts *parts;
};

/* Whether a name takes one of the versions. A part that an interrupted run left does not: it is
 * what would be written. */
static bool is_in_the_way(const struct room *room, const char *name)
{
    enum gl_migration_file kind = GL_MIGRATION_FILE_OTHER;
    gl_autofree char *description = NULL;
    int64_t version = 0;
    if (gl_migration_name_read(name, &kind, &version, &description, NULL) < 0 ||
        kind != GL_MIGRATION_FILE_UP)
        return false;
    int64_t part = version - room->file->version;
    if (part <= 0 || part >= (int64_t)room->parts->count)
        return false;
    gl_autofree char *path = name_of_part(room->file, (size_t)part, suffix_of(room->file));
    return strcmp(gl_path_base(path), name) != 0 ||
           !gl_lint_fix_is_written(path, gl_buf_text(&room->parts->items[part]));
}

/* The whole directory counts, whichever of its files were named. */
static const char *find_room(const struct room *room)
{
    gl_autofree char *dir = gl_path_dir(room->file->path);
    DIR *handle = opendir(dir);
    bool taken = false;
    if (!handle)
        return _("its directory cannot be read");
    for (const struct dirent *entry = readdir(handle); entry && !taken; entry = readdir(handle))
        taken = is_in_the_way(room, entry->d_name);
    closedir(handle);
    return taken ? _("there are not enough versions free before the next file") : NULL;
}

/* Why the file cannot be written so, NULL if it can. */
static const char *obstacle(const struct gl_lint_file *file, const char *sql,
                            const struct gl_lint_parts *parts)
{
    const struct room room = {file, parts};
    gl_autofree char *down = down_of(file);
    if (file->applied)
        return _("it is applied already");
    if (file->sql || gl_format_of_text(sql))
        return _("it belongs to another tool than sqlx");
    if (parts->count == 1)
        return NULL;
    const char *tie = gl_lint_fix_tie(sql);
    if (tie)
        return tie;
    if (!file->version)
        return _("its name has no version");
    if (down && !parts->only_validates)
        return _("it has a .down.sql, which has to be split by hand");
    return find_room(&room);
}

/* ---- planning ----------------------------------------------------------------------------------
 */

/* The new part of a pair is one, too. What was validated goes with the constraint itself, which the
 * old file's .down.sql drops. */
static void add_down(const struct gl_lint_file *file, size_t part, struct gl_lint_fixes *fixes)
{
    gl_autofree char *down = down_of(file);
    gl_autofree char *path = name_of_part(file, part, down_suffix);
    gl_autofree char *text =
        down ? gl_asprintf("-- nothing to take back: what this validated goes with %s\n",
                           gl_path_base(down))
             : NULL;
    if (down)
        add(fixes, path, NULL, text);
}

/* Why the finding stays; NULL if it is mended. `why`: what keeps the whole file as it is, or NULL.
 */
static const char *left_because(const struct gl_lint_finding *findings, size_t count,
                                const struct gl_lint_finding *finding, const char *why)
{
    if (finding->nested)
        return _("it is in the block of a DO statement");
    if (finding->fix == GL_LINT_FIX_NONE)
        return finding->by_hand
                   ? _(finding->by_hand)
                   : _("no other form does the same: golive migrate lint --explain has the safe way");
    if (why)
        return why;
    if (gl_lint_fix_of(findings, count, finding->statement_begin, finding->statement_end) !=
        finding)
        return _("the same statement is mended for another finding first");
    return NULL;
}

/* One line for each finding that stays. */
static void explain(const struct gl_lint_finding *findings, size_t count, const char *why,
                    struct gl_lint_fixes *fixes)
{
    for (size_t i = 0; i < count; i++) {
        const struct gl_lint_finding *finding = &findings[i];
        bool counts = gl_lint_is_open(finding) && finding->severity != GL_LINT_INFO;
        const char *because = counts ? left_because(findings, count, finding, why) : NULL;
        if (because)
            gl_strv_addf(&fixes->left, _("%s:%u:%u: [%s] not fixed: %s"), finding->file,
                         finding->line, finding->column, finding->rule->id, because);
    }
}

static int plan_file(const struct gl_lint_files *files, size_t index,
                     const struct gl_lint_finding *findings, size_t count,
                     struct gl_lint_fixes *fixes, struct gl_error *err)
{
    const struct gl_lint_file *file = &files->items[index];
    gl_autobuf struct gl_buf text = {0};
    gl_cleanup(gl_lint_parts_done) struct gl_lint_parts parts = {0};
    int failed = gl_read_file(file->path, 0, &text, err);
    if (failed < 0)
        return failed;
    gl_lint_parts_make(gl_buf_text(&text), findings, count, &parts);
    const char *why = obstacle(file, gl_buf_text(&text), &parts);
    explain(findings, count, why, fixes);
    for (size_t i = 0; !why && i < parts.count; i++) {
        gl_autofree char *path = i ? name_of_part(file, i, suffix_of(file)) : gl_strdup(file->path);
        add(fixes, path, i ? NULL : gl_buf_text(&text), gl_buf_text(&parts.items[i]));
        if (i)
            add_down(file, i, fixes);
    }
    return 0;
}

static bool is_fixable(const struct gl_lint_finding *findings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (gl_lint_is_open(&findings[i]) && findings[i].fix != GL_LINT_FIX_NONE &&
            !findings[i].nested && findings[i].severity != GL_LINT_INFO)
            return true;
    }
    return false;
}

int gl_lint_fix_plan(const struct gl_lint_files *files, const struct gl_lint_result *result,
                     struct gl_lint_fixes *ret_fixes, struct gl_error *err)
{
    gl_autolintfixes struct gl_lint_fixes fixes = {0};
    size_t first = 0;
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < files->count; i++) {
        size_t count = 0;
        while (first + count < result->count &&
               strcmp(result->findings[first + count].file, files->items[i].path) == 0)
            count++;
        if (is_fixable(result->findings + first, count))
            failed = plan_file(files, i, result->findings + first, count, &fixes, err);
        else
            explain(result->findings + first, count, NULL, &fixes);
        first += count;
    }
    if (failed < 0)
        return failed;
    *ret_fixes = fixes;
    fixes = (struct gl_lint_fixes){0};
    return 0;
}
