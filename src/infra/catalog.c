/* The catalog: shipped stacks, replaced and completed by those of the project. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "infra/packed.h"
#include "infra/stack.h"

static const char release_prefix[] = "release/";

const struct gl_shipped *gl_shipped_find(const char *name)
{
    for (const struct gl_shipped *at = gl_shipped_stacks; at->name; at++) {
        if (strcmp(at->name, name) == 0)
            return at;
    }
    return NULL;
}

struct opening {
    struct gl_catalog *catalog;
    const struct gl_shipped *shipped;
    const char *dir; /* of the project, or NULL */
};

/* Names of all stacks, sorted: shipped ones and files stacks/NAME.yaml. */
static int list_names(const struct opening *opening, struct gl_strv *names, struct gl_error *err)
{
    for (const struct gl_shipped *at = opening->shipped; at->name; at++)
        gl_strv_add(names, at->name);
    gl_autofree char *path = opening->dir ? gl_path_join(opening->dir, "stacks") : NULL;
    DIR *dir = path ? opendir(path) : NULL;
    if (!dir && path && errno != ENOENT && errno != ENOTDIR)
        return gl_fail_errno(err, errno, _("cannot read %s"), path);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        if (!gl_ends_with(entry->d_name, ".yaml") || entry->d_name[0] == '.')
            continue;
        gl_autofree char *name = gl_strndup(entry->d_name, strlen(entry->d_name) - 5);
        if (!gl_strv_has(names, name))
            gl_strv_add(names, name);
    }
    if (dir)
        closedir(dir);
    gl_strv_sort(names);
    return 0;
}

static const struct gl_shipped *find_shipped(const struct opening *opening, const char *name)
{
    for (const struct gl_shipped *at = opening->shipped; at->name; at++) {
        if (strcmp(at->name, name) == 0)
            return at;
    }
    return NULL;
}

/* The project's file if there is one, else the shipped text. */
static int take_text(const struct opening *opening, const struct gl_shipped *shipped,
                     struct gl_stack_def *def, struct gl_error *err)
{
    struct gl_arena *arena = &opening->catalog->arena;
    def->shipped = shipped ? shipped->text : NULL;
    gl_autofree char *path = opening->dir ? gl_path_join(opening->dir, def->file) : NULL;
    if (path && gl_is_file(path)) {
        gl_autobuf struct gl_buf text = {0};
        int failed = gl_read_file(path, GL_TEMPLATE_BYTES_MAX, &text, err);
        if (failed < 0)
            return failed;
        def->len = text.len;
        def->text = gl_arena_strndup(arena, gl_buf_text(&text), text.len);
        def->ejected = def->shipped != NULL;
        return 0;
    }
    if (!def->shipped) /* it was there a moment ago */
        return gl_fail(err, GL_E_NOT_FOUND, _("there is no file %s"), def->file);
    def->text = def->shipped;
    def->len = strlen(def->shipped);
    return 0;
}

static int read_stack(const struct opening *opening, const char *name, struct gl_stack_def *def,
                      struct gl_error *err)
{
    struct gl_arena *arena = &opening->catalog->arena;
    const struct gl_shipped *shipped = find_shipped(opening, name);
    def->name = gl_arena_strdup(arena, name);
    def->file = gl_arena_printf(arena, "stacks/%s.yaml", name);
    int failed = take_text(opening, shipped, def, err);
    if (failed < 0)
        return failed;
    if (shipped && shipped->tree && !def->ejected)
        failed = gl_template_take(arena, &gl_template_limits_aws,
                                  gl_packed_unpack(arena, shipped->tree, def->file), def->file,
                                  &def->template, err);
    else
        failed = gl_template_read(arena, def->text, def->len, def->file, &def->template, err);
    if (failed == 0)
        failed = gl_stack_def_read(arena, def, err);
    return failed;
}

int gl_catalog_open(const struct gl_shipped *shipped, const char *project_dir,
                    struct gl_catalog *ret_catalog, struct gl_error *err)
{
    gl_autocatalog struct gl_catalog catalog = {0};
    struct opening opening = {
        .catalog = &catalog, .shipped = shipped ? shipped : gl_shipped_stacks, .dir = project_dir};
    gl_autostrv struct gl_strv names = {0};
    int failed = list_names(&opening, &names, err);
    if (failed < 0)
        return failed;
    catalog.stacks = gl_arena_alloc(&catalog.arena, names.count * sizeof *catalog.stacks);
    catalog.releases = gl_arena_alloc(&catalog.arena, names.count * sizeof *catalog.releases);
    for (size_t i = 0; failed == 0 && i < names.count; i++) {
        bool release = gl_starts_with(names.items[i], release_prefix);
        struct gl_stack_def *def =
            release ? &catalog.releases[catalog.release_count++] : &catalog.stacks[catalog.count++];
        failed = read_stack(&opening, names.items[i], def, err);
    }
    if (failed < 0)
        return failed;
    *ret_catalog = catalog;
    catalog = (struct gl_catalog){0};
    return 0;
}

void gl_catalog_done(struct gl_catalog *catalog)
{
    gl_arena_done(&catalog->arena);
    *catalog = (struct gl_catalog){0};
}

const struct gl_stack_def *gl_catalog_find(const struct gl_catalog *catalog, const char *name)
{
    for (size_t i = 0; i < catalog->count; i++) {
        if (strcmp(catalog->stacks[i].name, name) == 0)
            return &catalog->stacks[i];
    }
    return NULL;
}

int gl_catalog_no_stack(const struct gl_catalog *catalog, const char *name, struct gl_error *err)
{
    gl_autostrv struct gl_strv names = {0};
    for (size_t i = 0; i < catalog->count; i++)
        gl_strv_add(&names, catalog->stacks[i].name);
    const char *nearest = gl_nearest(name, (const char *const *)names.items, names.count);
    gl_autofree char *all = gl_strv_join(&names, ", ");
    gl_fail(err, GL_E_NOT_FOUND, _("there is no stack `%s`"), name);
    return nearest ? gl_error_hint(err, _("did you mean `%s`?"), nearest)
                   : gl_error_hint(err, _("The stacks are: %s."), all);
}
