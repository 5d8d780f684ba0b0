/* Lists what a layer will hold, in an order and with modes that depend on content alone. */
#include "oci/tree.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"

static void free_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

static void free_entry(struct gl_layer_tree_entry *entry)
{
    free(entry->target);
    free(entry->source);
    free(entry->link);
}

void gl_layer_tree_done(struct gl_layer_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        free_entry(&tree->entries[i]);
    free(tree->entries);
    *tree = (struct gl_layer_tree){0};
}

/* Takes ownership of the entry's strings. */
static void append(struct gl_layer_tree *tree, struct gl_layer_tree_entry entry)
{
    if (tree->count == tree->room) {
        tree->room = tree->room ? 2 * tree->room : 64;
        tree->entries = gl_realloc_array(tree->entries, tree->room, sizeof *tree->entries);
    }
    tree->entries[tree->count++] = entry;
}

static bool is_plain_target(const char *target)
{
    if (!target || target[0] != '/')
        return false;
    gl_autostrv struct gl_strv parts = {0};
    gl_strv_split(&parts, target, "/");
    if (gl_strv_has(&parts, ".") || gl_strv_has(&parts, ".."))
        return false;
    gl_autofree char *joined = gl_strv_join(&parts, "/");
    return strcmp(target + 1, joined) == 0;
}

bool gl_link_stays_inside(const char *path, const char *link)
{
    if (link[0] == '/' || link[0] == '\0')
        return false;
    long depth = -1; /* of the directory that holds the link: the link's own name does not count */
    gl_autostrv struct gl_strv parts = {0};
    gl_strv_split(&parts, path, "/");
    for (size_t i = 0; i < parts.count; i++)
        depth += strcmp(parts.items[i], ".") != 0;
    gl_autostrv struct gl_strv steps = {0};
    gl_strv_split(&steps, link, "/");
    for (size_t i = 0; i < steps.count; i++) {
        const char *step = steps.items[i];
        if (strcmp(step, "..") == 0)
            depth--;
        else if (strcmp(step, ".") != 0)
            depth++;
        if (depth < 0)
            return false;
    }
    return true;
}

static int add_link(struct gl_layer_tree *tree, const char *source, const char *target,
                    const struct stat *st, struct gl_error *err)
{
    char link[PATH_MAX];
    ssize_t len = readlink(source, link, sizeof link - 1);
    if (len < 0)
        return gl_fail_errno(err, errno, _("cannot read the link %s"), source);
    link[len] = '\0';
    if (!gl_link_stays_inside(target, link)) {
        gl_fail(err, GL_E_REFUSED, _("the symbolic link %s leads out of the image: %s"), source,
                link);
        return gl_error_hint(err, _("Make it a relative link to a file of the image."));
    }
    append(tree, (struct gl_layer_tree_entry){.target = gl_strdup(target),
                                              .source = gl_strdup(source),
                                              .link = gl_strdup(link),
                                              .mode = 0777,
                                              .st = *st});
    return 0;
}

/* One path whose stat is known; sub-directories are only entered here, not listed. */
static int add_path(struct gl_layer_tree *tree, const char *source, const char *target,
                    unsigned mode, const struct stat *st, struct gl_error *err)
{
    unsigned file_mode = mode ? mode & 0777 : st->st_mode & S_IXUSR ? 0755 : 0644;
    if (S_ISLNK(st->st_mode))
        return add_link(tree, source, target, st, err);
    if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
        return gl_fail(err, GL_E_REFUSED, _("%s is neither a file nor a directory nor a link"),
                       source);
    append(tree, (struct gl_layer_tree_entry){.target = gl_strdup(target),
                                              .source = gl_strdup(source),
                                              .mode = S_ISDIR(st->st_mode) ? 0755 : file_mode,
                                              .st = *st});
    return 0;
}

static int add_children(struct gl_layer_tree *tree, const char *source, const char *target,
                        unsigned mode, struct gl_error *err)
{
    gl_cleanup(free_dir) DIR *dir = opendir(source);
    if (!dir)
        return gl_fail_errno(err, errno, _("cannot read directory %s"), source);
    int result = 0;
    for (struct dirent *entry; result == 0 && (errno = 0, entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        gl_autofree char *child = gl_path_join(source, entry->d_name);
        gl_autofree char *place =
            *target ? gl_path_join(target, entry->d_name) : gl_strdup(entry->d_name);
        struct stat st;
        if (lstat(child, &st) < 0)
            return gl_fail_errno(err, errno, _("cannot read %s"), child);
        result = add_path(tree, child, place, mode, &st, err);
    }
    if (result == 0 && errno)
        return gl_fail_errno(err, errno, _("cannot read directory %s"), source);
    return result;
}

/* The given path itself may be a link (a library's versioned name): it stands for what it names. */
static int add_file(struct gl_layer_tree *tree, const struct gl_image_file *file,
                    struct gl_error *err)
{
    struct stat st;
    if (!is_plain_target(file->target))
        return gl_fail(err, GL_E_CONFIG, _("`%s` is not a plain absolute path in the image"),
                       file->target ? file->target : "");
    if (stat(file->source, &st) < 0)
        return gl_fail_errno(err, errno, _("cannot read %s"), file->source);
    const char *target = file->target + 1;
    size_t next = tree->count;
    if (!*target && !S_ISDIR(st.st_mode))
        return gl_fail(err, GL_E_CONFIG, _("%s cannot become the root of the image"), file->source);
    int result = *target ? add_path(tree, file->source, target, file->mode, &st, err)
                         : add_children(tree, file->source, target, file->mode, err);
    for (; result == 0 && next < tree->count; next++) {
        if (S_ISDIR(tree->entries[next].st.st_mode))
            result = add_children(tree, tree->entries[next].source, tree->entries[next].target,
                                  file->mode, err);
    }
    return result;
}

/* Every directory above an entry; sort_and_merge() drops the repetitions. */
static void add_parents(struct gl_layer_tree *tree)
{
    size_t given = tree->count;
    for (size_t i = 0; i < given; i++) {
        for (const char *slash = strchr(tree->entries[i].target, '/'); slash;
             slash = strchr(slash + 1, '/')) {
            size_t len = (size_t)(slash - tree->entries[i].target);
            append(tree,
                   (struct gl_layer_tree_entry){.target = gl_strndup(tree->entries[i].target, len),
                                                .mode = 0755,
                                                .st = {.st_mode = S_IFDIR | 0755}});
        }
    }
}

static int compare(const void *left, const void *right)
{
    const struct gl_layer_tree_entry *a = left;
    const struct gl_layer_tree_entry *b = right;
    int order = strcmp(a->target, b->target);
    return order ? order : (b->source != NULL) - (a->source != NULL);
}

static bool same_content(const struct gl_layer_tree_entry *a, const struct gl_layer_tree_entry *b)
{
    if (S_ISDIR(a->st.st_mode) || S_ISDIR(b->st.st_mode))
        return S_ISDIR(a->st.st_mode) && S_ISDIR(b->st.st_mode);
    return a->st.st_dev == b->st.st_dev && a->st.st_ino == b->st.st_ino && a->mode == b->mode;
}

static int sort_and_merge(struct gl_layer_tree *tree, struct gl_error *err)
{
    if (tree->count)
        qsort(tree->entries, tree->count, sizeof *tree->entries, compare);
    size_t kept = 0;
    for (size_t i = 0; i < tree->count; i++) {
        struct gl_layer_tree_entry *entry = &tree->entries[i];
        struct gl_layer_tree_entry *before = kept ? &tree->entries[kept - 1] : NULL;
        if (!before || strcmp(before->target, entry->target) != 0) {
            struct gl_layer_tree_entry moved = *entry;
            *entry = (struct gl_layer_tree_entry){0};
            tree->entries[kept++] = moved;
        } else if (same_content(before, entry)) {
            free_entry(entry);
            *entry = (struct gl_layer_tree_entry){0};
        } else {
            return gl_fail(err, GL_E_CONFIG, _("/%s is given twice: by %s and by %s"),
                           entry->target, before->source,
                           entry->source ? entry->source : _("a file below it"));
        }
    }
    tree->count = kept;
    return 0;
}

int gl_layer_tree_collect(const struct gl_image_layer *layer, struct gl_layer_tree *ret_tree,
                          struct gl_error *err)
{
    gl_autotree struct gl_layer_tree tree = {.collected_unix_ms = gl_now_unix_ms()};
    for (size_t i = 0; i < layer->count; i++) {
        int result = add_file(&tree, &layer->files[i], err);
        if (result < 0)
            return gl_error_wrap(err, _("layer %s"), layer->name);
    }
    add_parents(&tree);
    int result = sort_and_merge(&tree, err);
    if (result < 0)
        return gl_error_wrap(err, _("layer %s"), layer->name);
    *ret_tree = tree;
    tree = (struct gl_layer_tree){0};
    return 0;
}
