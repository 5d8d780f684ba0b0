/* Which source a release is made of: commit, time, and a hash that also covers uncommitted changes.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "proc/proc.h"
#include "release/internal.h"

/* git's answer without the final newline; NULL when git or a repository is missing. */
static char *ask_git(const char *dir, const char *const *arguments)
{
    const char *argv[16] = {"git", "-C", dir, "-c", "safe.directory=*"};
    size_t count = 5;
    for (; *arguments && count + 1 < GL_COUNT(argv); arguments++)
        argv[count++] = *arguments;
    struct gl_proc_spec spec = {.argv = argv, .timeout_ms = 30000};
    char *out = NULL;
    if (gl_proc_check(&spec, &out, NULL) < 0)
        return NULL;
    size_t len = strlen(out);
    if (len && out[len - 1] == '\n')
        out[len - 1] = '\0';
    return out;
}

static int from_directory(struct gl_release *release)
{
    const char *hash = gl_config_hash(release->config);
    struct stat st;
    release->commit_unix_s = stat(gl_config_path(release->config), &st) == 0 ? st.st_mtime : 0;
    release->version = gl_asprintf("dir-%.7s", hash);
    release->source_hash = gl_strdup(hash);
    return 0;
}

/* Tracked changes count by their content, untracked files by name: enough to tell "the same tree".
 */
static char *hash_of_changes(const char *dir, const char *head, const char *changes,
                             const char *config)
{
    gl_autobuf struct gl_buf text = {0};
    gl_autofree char *diff = ask_git(
        dir, (const char *const[]){"diff", "HEAD", "--no-color", "--no-ext-diff", "--", ".", NULL});
    gl_buf_printf(&text, "%s\n%s\n%s\n%s\n", head, changes, diff ? diff : "", config);
    char *hex = gl_alloc(GL_SHA256_HEX_SIZE);
    gl_sha256_hex(gl_buf_text(&text), text.len, hex);
    return hex;
}

int gl_source_identify(struct gl_release *release, struct gl_error *err)
{
    (void)err;
    const char *dir = gl_config_dir(release->config);
    gl_autofree char *head = ask_git(dir, (const char *const[]){"rev-parse", "HEAD", NULL});
    gl_autofree char *time =
        ask_git(dir, (const char *const[]){"show", "-s", "--format=%ct", "HEAD", NULL});
    if (!head || !time)
        return from_directory(release);
    gl_autofree char *changes =
        ask_git(dir, (const char *const[]){"status", "--porcelain=v2", "--untracked-files=normal",
                                           "--", ".", NULL});
    bool dirty = changes && *changes;
    release->commit_unix_s = strtoll(time, NULL, 10);
    release->version = gl_asprintf("%.7s%s", head, dirty ? "-dirty" : "");
    release->source_hash =
        hash_of_changes(dir, head, changes ? changes : "", gl_config_hash(release->config));
    return 0;
}
