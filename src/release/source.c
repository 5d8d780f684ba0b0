/* Which source a release is made of: commit, time, and a hash over what would be built. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "proc/proc.h"
#include "release/internal.h"

enum {
    GIT_MS = 60000,
    /* Of a longer list the end is missing (gl_proc_result); such a tree is walked instead. */
    LISTING_BYTES = 8 << 20,
};

/* What builds make and what golive keeps: never part of the source. */
static const char *const made[] = {".git", ".golive", "target", "node_modules", ".svelte-kit"};

/* ---- git ---------------------------------------------------------------------------------------
 */

/* Runs git in the project; false when git or a repository is missing. */
static bool run_git(const char *dir, const char *const *arguments, struct gl_proc_result *result)
{
    const char *argv[20] = {"git", "-C", dir, "-c", "safe.directory=*"};
    size_t count = 5;
    for (; *arguments && count + 1 < GL_COUNT(argv); arguments++)
        argv[count++] = *arguments;
    struct gl_proc_spec spec = {.argv = argv, .timeout_ms = GIT_MS};
    return gl_proc_run(&spec, result, NULL) == 0 && result->exit_code == 0;
}

/* git's answer without the final newline; NULL when there is none. */
static char *ask_git(const char *dir, const char *const *arguments)
{
    gl_autoproc struct gl_proc_result result = {0};
    if (!run_git(dir, arguments, &result))
        return NULL;
    char *out = gl_strdup(gl_buf_text(&result.out));
    size_t len = strlen(out);
    if (len && out[len - 1] == '\n')
        out[len - 1] = '\0';
    return out;
}

/* ---- the content of files ----------------------------------------------------------------------
 */

struct listing {
    const char *dir;      /* of the project */
    const char *built[2]; /* site and program of the builds, relative to `dir`; "" = none */
    const char *state_dir;
    struct gl_buf text; /* an entry a file: what it is, its hash, its path */
};

static void listing_done(struct listing *listing)
{
    gl_buf_done(&listing->text);
}

static bool is_below(const char *path, const char *dir)
{
    size_t len = strlen(dir);
    return len && strncmp(path, dir, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static bool is_made(const struct listing *listing, const char *relative, const char *full)
{
    return is_below(relative, listing->built[0]) || is_below(relative, listing->built[1]) ||
           is_below(full, listing->state_dir);
}

/* NUL ends each part: no name can be made to look like another entry. */
static void add_entry(struct listing *listing, const char *kind, const char *content,
                      const char *relative)
{
    const char *const parts[] = {kind, content, relative};
    for (size_t i = 0; i < GL_COUNT(parts); i++)
        gl_buf_add(&listing->text, parts[i], strlen(parts[i]) + 1);
}

static int add_file(struct listing *listing, const char *relative, struct gl_error *err)
{
    gl_autofree char *full = gl_path_join(listing->dir, relative);
    struct stat st;
    if (is_made(listing, relative, full))
        return 0;
    if (lstat(full, &st) < 0) {
        add_entry(listing, "gone", "", relative);
    } else if (S_ISLNK(st.st_mode)) {
        char target[PATH_MAX] = "";
        (void)!readlink(full, target, sizeof target - 1);
        add_entry(listing, "link", target, relative);
    } else if (S_ISREG(st.st_mode)) {
        char hash[GL_SHA256_HEX_SIZE];
        int failed = gl_sha256_file(full, hash, err);
        if (failed < 0)
            return failed;
        add_entry(listing, st.st_mode & S_IXUSR ? "program" : "file", hash, relative);
    } else {
        add_entry(listing, "other", "", relative); /* a submodule, say */
    }
    return 0;
}

static int add_listed(struct listing *listing, const struct gl_buf *names, struct gl_error *err)
{
    const char *at = gl_buf_text(names);
    const char *end = at + names->len;
    while (at < end) {
        int failed = add_file(listing, at, err);
        if (failed < 0)
            return failed;
        at += strlen(at) + 1;
    }
    return 0;
}

/* ---- without git -------------------------------------------------------------------------------
 */

struct walk {
    struct listing *listing;
    const char *below; /* directory that is walked, relative to the project */
};

static bool has_made_part(const char *relative)
{
    gl_autostrv struct gl_strv parts = {0};
    gl_strv_split(&parts, relative, "/");
    for (size_t i = 0; i < GL_COUNT(made); i++) {
        if (gl_strv_has(&parts, made[i]))
            return true;
    }
    return false;
}

static int on_walked(const char *relative, const char *full, void *context, struct gl_error *err)
{
    (void)full;
    const struct walk *walk = context;
    if (has_made_part(relative))
        return 0;
    bool here = strcmp(walk->below, ".") == 0;
    gl_autofree char *path = here ? gl_strdup(relative) : gl_path_join(walk->below, relative);
    return add_file(walk->listing, path, err);
}

static int walk_directories(const struct gl_release *release, struct listing *listing,
                            struct gl_error *err)
{
    static const char *const keys[] = {"backend.dir", "frontend.dir", "migrations.dir"};
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < GL_COUNT(keys); i++) {
        struct walk walk = {listing, gl_config_str(release->config, keys[i])};
        gl_autofree char *dir = gl_release_project_path(release, walk.below);
        if (gl_is_dir(dir))
            failed = gl_walk_files(dir, on_walked, &walk, err);
    }
    return failed;
}

/* ---- identity ----------------------------------------------------------------------------------
 */

static int list_files(const struct gl_release *release, bool git, struct listing *listing,
                      struct gl_error *err)
{
    gl_autoproc struct gl_proc_result names = {0};
    const char *const command[] = {"ls-files",           "-z", "--cached", "--others",
                                   "--exclude-standard", "--", ".",        NULL};
    if (git && run_git(listing->dir, command, &names) && names.out.len < LISTING_BYTES)
        return add_listed(listing, &names.out, err);
    return walk_directories(release, listing, err);
}

static int hash_source(struct gl_release *release, const char *head, struct gl_error *err)
{
    const char *dir = gl_config_dir(release->config);
    const char *binary = gl_config_str(release->config, "backend.binary");
    gl_autofree char *site = gl_path_join(gl_config_str(release->config, "frontend.dir"),
                                          gl_config_str(release->config, "frontend.build_dir"));
    gl_autofree char *program =
        binary && *binary ? gl_path_join(gl_config_str(release->config, "backend.dir"), binary)
                          : gl_strdup("");
    gl_cleanup(listing_done) struct listing listing = {
        .dir = dir, .built = {site, program},
             .state_dir = release->state_dir
    };
    add_entry(&listing, "commit", head ? head : "", gl_config_hash(release->config));
    int failed = list_files(release, head != NULL, &listing, err);
    if (failed < 0)
        return gl_error_wrap(err, _("cannot read the source"));
    free(release->source_hash);
    release->source_hash = gl_alloc(GL_SHA256_HEX_SIZE);
    gl_sha256_hex(gl_buf_text(&listing.text), listing.text.len, release->source_hash);
    return 0;
}

static int from_directory(struct gl_release *release, struct gl_error *err)
{
    struct stat st;
    int failed = hash_source(release, NULL, err);
    if (failed < 0)
        return failed;
    release->commit_unix_s = stat(gl_config_path(release->config), &st) == 0 ? st.st_mtime : 0;
    release->version = gl_asprintf("dir-%.7s", release->source_hash);
    return 0;
}

int gl_source_identify(struct gl_release *release, struct gl_error *err)
{
    const char *dir = gl_config_dir(release->config);
    gl_autofree char *head = ask_git(dir, (const char *const[]){"rev-parse", "HEAD", NULL});
    gl_autofree char *time =
        ask_git(dir, (const char *const[]){"show", "-s", "--format=%ct", "HEAD", NULL});
    if (!head || !time)
        return from_directory(release, err);
    gl_autofree char *changes =
        ask_git(dir, (const char *const[]){"status", "--porcelain=v2", "--untracked-files=normal",
                                           "--", ".", NULL});
    bool dirty = changes && *changes;
    release->commit_unix_s = strtoll(time, NULL, 10);
    release->version = gl_asprintf("%.7s%s", head, dirty ? "-dirty" : "");
    return hash_source(release, head, err);
}
