/* Detection: walks the repository once, decides which crate is the backend and which directory the
 * frontend, then reads their sources. */
#include "config/detect.h"

#include <fts.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "config/cargo.h"
#include "config/schema.h"
#include "config/source.h"

/* Deeper than this no repository hides its crates; larger files are not written by people. */
enum { DEPTH_MAX = 12, SOURCE_MAX_BYTES = 2 * 1024 * 1024 };

void gl_detected_done(struct gl_detected *detected)
{
    char *texts[] = {detected->name,           detected->repo,           detected->backend_dir,
                     detected->package,        detected->binary,         detected->axum,
                     detected->sqlx,           detected->port.text,      detected->port.file,
                     detected->websocket.text, detected->websocket.file, detected->frontend_dir,
                     detected->sveltekit,      detected->adapter,        detected->build_dir,
                     detected->migrations_dir};
    for (size_t i = 0; i < GL_COUNT(texts); i++)
        free(texts[i]);
    gl_found_list_done(&detected->routes);
    gl_found_list_done(&detected->variables);
    gl_found_list_done(&detected->public_variables);
    *detected = (struct gl_detected){0};
}

/* ---- the walk ----------------------------------------------------------------------------------
 */

struct listing {
    struct gl_strv crates;   /* Cargo.toml */
    struct gl_strv packages; /* package.json */
    struct gl_strv rust;     /* *.rs */
    struct gl_strv scripts;  /* *.ts, *.js, *.svelte */
    struct gl_strv sql;      /* *.sql below a directory migrations */
};

static void listing_done(struct listing *listing)
{
    gl_strv_done(&listing->crates);
    gl_strv_done(&listing->packages);
    gl_strv_done(&listing->rust);
    gl_strv_done(&listing->scripts);
    gl_strv_done(&listing->sql);
}

static bool is_skipped(const char *name)
{
    static const char *const names[] = {"node_modules", "target", "build",  "dist",
                                        "tests",        "test",   "vendor", "benches"};
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return name[0] == '.';
}

static bool is_test_source(const char *name)
{
    return strstr(name, ".test.") || strstr(name, ".spec.") || gl_ends_with(name, ".d.ts");
}

static void list_file(const FTSENT *entry, const char *relative, struct listing *listing)
{
    const char *name = entry->fts_name;
    if (strcmp(name, "Cargo.toml") == 0)
        gl_strv_add(&listing->crates, relative);
    else if (strcmp(name, "package.json") == 0)
        gl_strv_add(&listing->packages, relative);
    else if (gl_ends_with(name, ".rs"))
        gl_strv_add(&listing->rust, relative);
    else if (gl_ends_with(name, ".sql") && strstr(relative, "migrations/"))
        gl_strv_add(&listing->sql, relative);
    else if ((gl_ends_with(name, ".ts") || gl_ends_with(name, ".js") ||
              gl_ends_with(name, ".svelte")) &&
             !is_test_source(name))
        gl_strv_add(&listing->scripts, relative);
}

static int by_name(const FTSENT **left, const FTSENT **right)
{
    return strcmp((*left)->fts_name, (*right)->fts_name);
}

static void visit(FTS *walk, FTSENT *entry, const char *root, struct listing *listing)
{
    bool is_dir = entry->fts_info == FTS_D;
    if (is_dir && entry->fts_level > 0 &&
        (is_skipped(entry->fts_name) || entry->fts_level > DEPTH_MAX)) {
        (void)fts_set(walk, entry, FTS_SKIP);
        return;
    }
    if (entry->fts_info != FTS_F)
        return;
    const char *relative = entry->fts_path + strlen(root);
    list_file(entry, relative + strspn(relative, "/"), listing);
}

static int list_files(const char *dir, struct listing *listing, struct gl_error *err)
{
    char *roots[] = {(char *)dir, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, by_name);
    if (!walk)
        return gl_fail(err, GL_E_IO, _("%s cannot be read"), dir);
    FTSENT *entry;
    while ((entry = fts_read(walk)))
        visit(walk, entry, dir, listing);
    (void)fts_close(walk);
    return 0;
}

/* ---- backend -----------------------------------------------------------------------------------
 */

/* The program cargo makes of a crate: default-run, the bin with the package's name, the first. */
static const char *program_of(const struct gl_cargo *cargo)
{
    if (cargo->default_run)
        return cargo->default_run;
    if (cargo->bins.count && !(cargo->package && gl_strv_has(&cargo->bins, cargo->package)))
        return cargo->bins.items[0];
    return cargo->package;
}

/* The workspace a crate belongs to shares one target directory; at most three levels up. */
static char *target_dir(const char *crate_dir, const struct gl_cargo *cargo)
{
    const char *chosen = getenv("CARGO_TARGET_DIR");
    if (chosen && *chosen)
        return gl_strdup(chosen);
    gl_autofree char *above = gl_strdup("");
    for (int level = 0; level < 3 && !cargo->is_workspace; level++) {
        gl_autofree char *upper = gl_asprintf("../%s", above);
        free(gl_steal(&above));
        above = gl_steal(&upper);
        gl_autofree char *manifest = gl_asprintf("%s/%sCargo.toml", crate_dir, above);
        gl_autocargo struct gl_cargo workspace = {0};
        if (gl_cargo_read(manifest, &workspace) && workspace.is_workspace)
            return gl_asprintf("%starget", above);
    }
    return gl_strdup("target");
}

static bool has_main(const char *crate_dir, const struct gl_cargo *cargo)
{
    gl_autofree char *path = gl_path_join(crate_dir, "src/main.rs");
    return cargo->bins.count > 0 || (cargo->package && gl_is_file(path));
}

/* A virtual workspace builds its members' programs: the first member that has one is meant, one
 * with axum before all others. */
static char *member_program(const char *dir)
{
    gl_cleanup(listing_done) struct listing listing = {0};
    gl_autofree char *program = NULL;
    if (list_files(dir, &listing, NULL) < 0)
        return NULL;
    for (size_t i = 0; i < listing.crates.count; i++) {
        gl_autofree char *path = gl_path_join(dir, listing.crates.items[i]);
        gl_autofree char *crate_dir = gl_path_dir(path);
        gl_autocargo struct gl_cargo cargo = {0};
        if (!gl_cargo_read(path, &cargo) || !has_main(crate_dir, &cargo))
            continue;
        if (!program || cargo.axum) {
            free(gl_steal(&program));
            program = gl_strdup(program_of(&cargo));
        }
        if (cargo.axum)
            break;
    }
    return gl_steal(&program);
}

char *gl_detect_binary(const char *backend_dir)
{
    gl_autofree char *manifest = gl_path_join(backend_dir, "Cargo.toml");
    gl_autocargo struct gl_cargo cargo = {0};
    if (!gl_cargo_read(manifest, &cargo))
        return NULL;
    gl_autofree char *program = cargo.package || cargo.bins.count ? gl_strdup(program_of(&cargo))
                                                                  : member_program(backend_dir);
    if (!program)
        return NULL;
    gl_autofree char *target = target_dir(backend_dir, &cargo);
    return gl_asprintf("%s/release/%s", target, program);
}

/* How much a crate looks like the service; 0 = not at all. */
static int backend_score(const char *crate_dir, const struct gl_cargo *cargo)
{
    if (!has_main(crate_dir, cargo))
        return 0;
    return 1 + (cargo->axum ? 4 : 0) + (cargo->sqlx ? 2 : 0);
}

static char *relative_dir(const char *relative_file)
{
    return gl_path_dir(relative_file);
}

/* A version that stands in the workspace's Cargo.toml only. */
static void complete_version(char **version, char *of_workspace)
{
    if (*version && !**version && of_workspace && *of_workspace) {
        free(*version);
        *version = gl_strdup(of_workspace);
    }
}

static void complete_versions(const char *dir, const struct listing *listing,
                              struct gl_detected *detected)
{
    for (size_t i = 0; i < listing->crates.count; i++) {
        gl_autofree char *path = gl_path_join(dir, listing->crates.items[i]);
        gl_autocargo struct gl_cargo cargo = {0};
        if (!gl_cargo_read(path, &cargo) || !cargo.is_workspace)
            continue;
        complete_version(&detected->axum, cargo.axum);
        complete_version(&detected->sqlx, cargo.sqlx);
    }
}

static void choose_backend(const char *dir, const struct listing *listing,
                           struct gl_detected *detected)
{
    int best = 0;
    for (size_t i = 0; i < listing->crates.count; i++) {
        gl_autofree char *path = gl_path_join(dir, listing->crates.items[i]);
        gl_autofree char *crate_dir = gl_path_dir(path);
        gl_autocargo struct gl_cargo cargo = {0};
        if (!gl_cargo_read(path, &cargo) || backend_score(crate_dir, &cargo) <= best)
            continue;
        best = backend_score(crate_dir, &cargo);
        char **fields[] = {&detected->package, &detected->axum, &detected->sqlx,
                           &detected->backend_dir, &detected->binary};
        for (size_t j = 0; j < GL_COUNT(fields); j++)
            free(gl_steal(fields[j]));
        detected->package = gl_strdup(cargo.package);
        detected->axum = gl_strdup(cargo.axum);
        detected->sqlx = gl_strdup(cargo.sqlx);
        detected->backend_dir = relative_dir(listing->crates.items[i]);
        detected->binary = gl_detect_binary(crate_dir);
    }
    complete_versions(dir, listing, detected);
}

/* ---- frontend, migrations ----------------------------------------------------------------------
 */

static void choose_frontend(const char *dir, const struct listing *listing,
                            struct gl_detected *detected)
{
    for (size_t i = 0; i < listing->packages.count && !detected->frontend_dir; i++) {
        gl_autofree char *relative = relative_dir(listing->packages.items[i]);
        gl_autofree char *full = gl_path_join(dir, relative);
        gl_detect_sveltekit(full, detected);
        if (detected->sveltekit) {
            detected->frontend_dir = gl_steal(&relative);
            continue;
        }
        free(gl_steal(&detected->adapter));
        free(gl_steal(&detected->build_dir));
    }
}

static bool is_below(const char *file, const char *dir)
{
    size_t len = strlen(dir);
    return strcmp(dir, ".") == 0 || (strncmp(file, dir, len) == 0 && file[len] == '/');
}

/* <number>_<name>.sql, or .up.sql with a .down.sql beside it that does not count. */
static bool is_sqlx(const char *name)
{
    size_t digits = strspn(name, "0123456789");
    return digits > 0 && name[digits] == '_' && !gl_ends_with(name, ".down.sql");
}

/* V<number>__<name>.sql */
static bool is_refinery(const char *name)
{
    size_t digits = *name == 'V' || *name == 'U' ? strspn(name + 1, "0123456789") : 0;
    return digits > 0 && gl_starts_with(name + 1 + digits, "__");
}

/* <time>_<name>/up.sql */
static bool is_diesel(const char *name, const char *dir)
{
    return strcmp(name, "up.sql") == 0 && strspn(gl_path_base(dir), "0123456789") > 0;
}

/* Whose migration a file is, NULL = nobody's; ret_dir: the folder of all of them. */
static const char *migration_tool(const char *file, char **ret_dir)
{
    const char *name = gl_path_base(file);
    gl_autofree char *dir = relative_dir(file);
    const char *tool = is_sqlx(name) ? "sqlx" : is_refinery(name) ? "refinery" : NULL;
    if (is_diesel(name, dir)) {
        gl_autofree char *above = gl_path_dir(dir);
        free(gl_steal(&dir));
        dir = gl_steal(&above);
        tool = "diesel";
    }
    if (!tool || strcmp(gl_path_base(dir), "migrations") != 0)
        return NULL;
    *ret_dir = gl_steal(&dir);
    return tool;
}

static void choose_migrations(const struct listing *listing, struct gl_detected *detected)
{
    for (size_t i = 0; i < listing->sql.count; i++) {
        gl_autofree char *dir = NULL;
        const char *tool = migration_tool(listing->sql.items[i], &dir);
        if (!tool)
            continue;
        if (!detected->migrations_dir) {
            detected->migrations_dir = gl_strdup(dir);
            detected->migrations_tool = tool;
        }
        detected->migrations += strcmp(dir, detected->migrations_dir) == 0;
    }
}

/* ---- sources -----------------------------------------------------------------------------------
 */

typedef void source_fn(const char *text, const char *relative, struct gl_detected *detected);

static void read_sources(const char *dir, const struct gl_strv *files, const char *below,
                         source_fn *read, struct gl_detected *detected)
{
    for (size_t i = 0; below && i < files->count; i++) {
        gl_autobuf struct gl_buf text = {0};
        gl_autofree char *path = gl_path_join(dir, files->items[i]);
        if (is_below(files->items[i], below) &&
            gl_read_file(path, SOURCE_MAX_BYTES, &text, NULL) == 0)
            read(gl_buf_text(&text), files->items[i], detected);
    }
}

/* Of a frontend only src/ is delivered; its configuration files run on the build machine. */
static void read_frontend(const char *dir, const struct listing *listing,
                          struct gl_detected *detected)
{
    if (!detected->frontend_dir)
        return;
    gl_autofree char *src = strcmp(detected->frontend_dir, ".") == 0
                                ? gl_strdup("src")
                                : gl_path_join(detected->frontend_dir, "src");
    read_sources(dir, &listing->scripts, src, gl_detect_script, detected);
    for (size_t i = 0; i < listing->scripts.count; i++) {
        const char *file = listing->scripts.items[i];
        detected->pages += is_below(file, src) && gl_starts_with(gl_path_base(file), "+page") &&
                           gl_ends_with(file, ".svelte");
    }
}

/* ---- names -------------------------------------------------------------------------------------
 */

/* "owner/name" out of git@github.com:owner/name.git or https://github.com/owner/name. */
static char *github_repo(const char *dir)
{
    gl_autofree char *path = gl_path_join(dir, ".git/config");
    gl_autobuf struct gl_buf text = {0};
    if (!gl_is_file(path) || gl_read_file(path, 0, &text, NULL) < 0)
        return NULL;
    const char *at = strstr(gl_buf_text(&text), "github.com");
    if (!at)
        return NULL;
    at += strlen("github.com");
    at += strspn(at, ":/");
    size_t len = strcspn(at, " \t\r\n");
    if (len > 4 && strncmp(at + len - 4, ".git", 4) == 0)
        len -= 4;
    gl_autofree char *repo = gl_strndup(at, len);
    return gl_format_matches(GL_FORMAT_REPOSITORY, repo) ? gl_steal(&repo) : NULL;
}

/* ASCII only, whatever the locale: names of applications are. */
static char lower(char c)
{
    static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *at = c ? strchr(upper, c) : NULL;
    if (at)
        return "abcdefghijklmnopqrstuvwxyz"[at - upper];
    return c;
}

/* "My App_Backend" -> "my-app-backend"; at most 21 characters. */
static char *name_letters(const char *from)
{
    struct gl_buf name = {0};
    for (; from && *from && name.len < 21; from++) {
        char c = lower(*from);
        bool letter = (c >= 'a' && c <= 'z') || (name.len && c >= '0' && c <= '9');
        if (letter)
            gl_buf_putc(&name, c);
        else if (name.len && name.data[name.len - 1] != '-' && (unsigned char)c < 0x80)
            gl_buf_putc(&name, '-');
    }
    return gl_buf_steal(&name);
}

/* Fits a text to app.name: "My App_Backend" -> "my-app". */
static char *fit_name(const char *from)
{
    static const char *const endings[] = {"-backend", "-server", "-api", "-service"};
    gl_autofree char *text = name_letters(from);
    for (size_t i = 0; i < GL_COUNT(endings); i++) {
        if (gl_ends_with(text, endings[i]) && strlen(text) > strlen(endings[i]) + 1)
            text[strlen(text) - strlen(endings[i])] = '\0';
    }
    size_t len = strlen(text);
    if (len && text[len - 1] == '-')
        text[len - 1] = '\0';
    return gl_format_matches(GL_FORMAT_APP_NAME, text) ? gl_steal(&text) : NULL;
}

static void choose_name(const char *dir, struct gl_detected *detected)
{
    gl_autofree char *absolute = realpath(dir, NULL);
    const char *repo_name = detected->repo ? strchr(detected->repo, '/') + 1 : NULL;
    const char *candidates[] = {repo_name, detected->package,
                                absolute ? gl_path_base(absolute) : NULL, "app"};
    for (size_t i = 0; i < GL_COUNT(candidates) && !detected->name; i++)
        detected->name = fit_name(candidates[i]);
}

int gl_detect(const char *dir, struct gl_detected *ret_detected, struct gl_error *err)
{
    gl_cleanup(listing_done) struct listing listing = {0};
    gl_autodetected struct gl_detected detected = {0};
    if (!gl_is_dir(dir))
        return gl_fail(err, GL_E_NOT_FOUND, _("there is no directory %s"), dir);
    int failed = list_files(dir, &listing, err);
    if (failed < 0)
        return failed;
    detected.repo = github_repo(dir);
    choose_backend(dir, &listing, &detected);
    choose_frontend(dir, &listing, &detected);
    choose_migrations(&listing, &detected);
    choose_name(dir, &detected);
    read_sources(dir, &listing.rust, detected.backend_dir, gl_detect_rust, &detected);
    read_frontend(dir, &listing, &detected);
    gl_found_sort(&detected.variables);
    gl_found_sort(&detected.public_variables);
    *ret_detected = detected;
    detected = (struct gl_detected){0};
    return 0;
}
