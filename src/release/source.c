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
#include "release/git.h"
#include "release/internal.h"
#include "release/source_time.h"

enum {
    /* Of a longer list the end is missing (gl_proc_result); such a tree is walked instead. */
    LISTING_BYTES = 8 << 20,
};

/* What builds make and what golive keeps: never part of the source. */
static const char *const made[] = {".git", ".golive", "target", "node_modules", ".svelte-kit"};

/* ---- the content of files ----------------------------------------------------------------------
 */

struct listing {
    const char *dir;      /* of the project */
    const char *built[2]; /* site and program of the builds, relative to `dir`; "" = none */
    const char *state_dir;
    const char *config; /* name of golive.yaml, which is left out */
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
    if (is_made(listing, relative, full) || strcmp(relative, listing->config) == 0)
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
    if (git && gl_git_run(listing->dir, command, &names) && names.out.len < LISTING_BYTES)
        return add_listed(listing, &names.out, err);
    return walk_directories(release, listing, err);
}

static char *hash_of(const struct gl_buf *text)
{
    char *hash = gl_alloc(GL_SHA256_HEX_SIZE);
    gl_sha256_hex(gl_buf_text(text), text->len, hash);
    return hash;
}

static void keep_hashes(struct gl_release *release, const char *head, struct listing *tree)
{
    gl_cleanup(listing_done) struct listing source = {0};
    free(release->tree_hash);
    release->tree_hash = hash_of(&tree->text);
    add_entry(&source, "commit", head ? head : "", gl_config_hash(release->config));
    gl_buf_add(&source.text, tree->text.data, tree->text.len);
    free(release->source_hash);
    release->source_hash = hash_of(&source.text);
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
        .dir = dir,
        .built = {site, program},
        .state_dir = release->state_dir,
        .config = gl_path_base(gl_config_path(release->config)),
    };
    int failed = list_files(release, head != NULL, &listing, err);
    if (failed < 0)
        return gl_error_wrap(err, _("cannot read the source"));
    keep_hashes(release, head, &listing);
    free(release->revision);
    release->revision = gl_strdup(release->tree_hash);
    return 0;
}

static int from_directory(struct gl_release *release, struct gl_error *err)
{
    int failed = hash_source(release, NULL, err);
    if (failed < 0)
        return failed;
    release->version = gl_asprintf("dir-%.7s", release->revision);
    return gl_source_time(0, release->revision, &release->commit_unix_s, err);
}

/* The commit's time and its author's address, "1732600000 me@example.com". */
static bool take_commit(struct gl_release *release, const char *head, const char *about)
{
    const char *space = about ? strchr(about, ' ') : NULL;
    if (!head || !space)
        return false;
    release->commit_unix_s = strtoll(about, NULL, 10);
    free(release->commit);
    release->commit = gl_strdup(head);
    free(release->author);
    release->author = gl_strdup(space + 1);
    return true;
}

int gl_source_identify(struct gl_release *release, struct gl_error *err)
{
    const char *dir = gl_config_dir(release->config);
    gl_autofree char *head = gl_git_ask(dir, (const char *const[]){"rev-parse", "HEAD", NULL});
    gl_autofree char *about =
        gl_git_ask(dir, (const char *const[]){"show", "-s", "--format=%ct %ae", "HEAD", NULL});
    if (!take_commit(release, head, about))
        return from_directory(release, err);
    gl_autofree char *changes =
        gl_git_ask(dir, (const char *const[]){"status", "--porcelain=v2",
                                              "--untracked-files=normal", "--", ".", NULL});
    bool dirty = changes && *changes;
    release->version = gl_asprintf("%.7s%s", head, dirty ? "-dirty" : "");
    int failed = hash_source(release, head, err);
    if (failed < 0)
        return failed;
    free(release->revision);
    release->revision = gl_asprintf("%s%s", head, dirty ? "-dirty" : "");
    return gl_source_time(release->commit_unix_s, release->revision, &release->commit_unix_s, err);
}

int gl_source_check_settings(const struct gl_release *release, struct gl_error *err)
{
    const char *name = gl_path_base(gl_config_path(release->config));
    const char *const command[] = {
        "status", "--porcelain=v2", "--ignored", "--untracked-files=all", "--", name, NULL};
    gl_autofree char *changes = gl_git_ask(gl_config_dir(release->config), command);
    if (!changes || !*changes)
        return 0;
    gl_fail(err, GL_E_REFUSED, _("%s is not as it was committed"), name);
    return gl_error_hint(err,
                         _("It says whose approval counts, so all must be able to see who "
                           "changed it: commit it, or git checkout %s"),
                         name);
}
