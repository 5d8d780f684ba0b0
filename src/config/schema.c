/* The schema as a tree, made once from the rows of all sections. */
#include "config/schema.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/strv.h"
#include "config/internal.h"

static const struct gl_key *const sections[] = {
    gl_schema_app,     gl_schema_team, gl_schema_network, gl_schema_service, gl_schema_variables,
    gl_schema_release, gl_schema_load, gl_schema_local,   gl_schema_watch,   gl_schema_cutover,
};

static struct gl_schema_node root = {.name = "", .path = (char *)"", .type = GL_TYPE_MAP};

static struct gl_schema_node *word_child(const struct gl_schema_node *node, const char *word)
{
    for (struct gl_schema_node *child = node->first; child; child = child->next) {
        if (strcmp(child->name, word) == 0)
            return child;
    }
    return NULL;
}

static struct gl_schema_node *existing(struct gl_schema_node *parent, const char *segment)
{
    if (strcmp(segment, "*") == 0)
        return parent->any;
    return strcmp(segment, "[]") == 0 ? parent->item : word_child(parent, segment);
}

static void link_child(struct gl_schema_node *parent, struct gl_schema_node *node)
{
    node->parent = parent;
    if (strcmp(node->name, "*") == 0) {
        parent->any = node;
    } else if (strcmp(node->name, "[]") == 0) {
        parent->item = node;
        parent->type = GL_TYPE_LIST;
    } else {
        if (parent->last)
            parent->last->next = node;
        else
            parent->first = node;
        parent->last = node;
    }
}

static char *path_below(const struct gl_schema_node *parent, const char *segment)
{
    bool joined = !*parent->path || strcmp(segment, "[]") == 0;
    return gl_asprintf("%s%s%s", parent->path, joined ? "" : ".", segment);
}

static struct gl_schema_node *descend(struct gl_schema_node *parent, const char *segment)
{
    struct gl_schema_node *node = existing(parent, segment);
    if (node)
        return node;
    node = gl_alloc(sizeof *node);
    node->name = gl_strdup(segment);
    node->path = path_below(parent, segment);
    node->type = GL_TYPE_MAP;
    link_child(parent, node);
    return node;
}

/* "a.b[].c" -> "a", "b", "[]", "c" */
static void split_path(const char *path, struct gl_strv *segments)
{
    gl_autostrv struct gl_strv dotted = {0};
    gl_strv_split(&dotted, path, ".");
    for (size_t i = 0; i < dotted.count; i++) {
        const char *word = dotted.items[i];
        size_t len = strcspn(word, "[");
        if (len)
            gl_strv_take(segments, gl_strndup(word, len));
        if (word[len])
            gl_strv_add(segments, "[]");
    }
}

/* Defaults are YAML and are read by the reader of golive.yaml itself. Their nodes belong to the
 * schema and live as long as the program. */
static const struct gl_node *parse_fallback(const struct gl_schema_node *node)
{
    const char *text = node->row->fallback;
    struct gl_tree tree = {0};
    if (node->type != GL_TYPE_LIST && node->type != GL_TYPE_MAP && node->type != GL_TYPE_ANY) {
        gl_tree_add(&tree, NULL, GL_NODE_SCALAR, NULL)->text = gl_strdup(text);
        return tree.root;
    }
    gl_autodiag struct gl_diagnostics problems = {0};
    if (!gl_yaml_read(text, strlen(text), "default", &tree, &problems) || problems.count)
        abort(); /* a default in the rows is no YAML; the unit tests load every default */
    for (struct gl_node *at = tree.root; at; at = gl_node_next(tree.root, at))
        at->origin = (struct gl_origin){.kind = GL_ORIGIN_DEFAULT};
    return tree.root;
}

static void add_row(const struct gl_key *row)
{
    gl_autostrv struct gl_strv segments = {0};
    split_path(row->path, &segments);
    struct gl_schema_node *node = &root;
    for (size_t i = 0; i < segments.count; i++)
        node = descend(node, segments.items[i]);
    node->row = row;
    node->type = row->type;
    node->flags = row->flags;
    if (row->fallback)
        node->fallback = parse_fallback(node);
}

static void build(void)
{
    for (size_t i = 0; i < GL_COUNT(sections); i++) {
        for (const struct gl_key *row = sections[i]; row->path; row++)
            add_row(row);
    }
    descend(descend(&root, "environments"), "*")->is_environment = true;
}

const struct gl_schema_node *gl_schema_root(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, build);
    return &root;
}

const struct gl_schema_node *gl_schema_child(const struct gl_schema_node *node, const char *name)
{
    if (node->is_environment)
        node = &root;
    const struct gl_schema_node *child = word_child(node, name);
    return child ? child : node->any;
}

static bool is_item(const char *segment)
{
    return strcmp(segment, "[]") == 0 || segment[strspn(segment, "0123456789")] == '\0';
}

static const struct gl_schema_node *step(const struct gl_schema_node *node, const char *segment)
{
    if (node->type == GL_TYPE_LIST)
        return is_item(segment) ? node->item : NULL;
    return gl_schema_child(node, segment);
}

/* Names in a map of free names may have dots ("decisions.accounts.layout"): when a segment finds
 * nothing, the last free name is taken to be one segment longer. */
const struct gl_schema_node *gl_schema_find(const char *path)
{
    gl_autostrv struct gl_strv segments = {0};
    split_path(path, &segments);
    const struct gl_schema_node *node = gl_schema_root();
    const struct gl_schema_node *free_name = NULL;
    size_t free_end = 0;
    for (size_t i = 0; i < segments.count; i++) {
        const struct gl_schema_node *child = step(node, segments.items[i]);
        if (!child && free_name && free_end + 1 < segments.count) {
            i = ++free_end;
            node = free_name;
            continue;
        }
        if (!child)
            return NULL;
        if (child == node->any) {
            free_name = child;
            free_end = i;
        }
        node = child;
    }
    return node;
}

const char *gl_schema_nearest(const char *path)
{
    gl_autofree const char **paths = NULL;
    size_t count = 0;
    (void)gl_schema_root();
    for (size_t i = 0; i < GL_COUNT(sections); i++) {
        for (const struct gl_key *row = sections[i]; row->path; row++) {
            paths = gl_realloc_array(paths, count + 1, sizeof *paths);
            paths[count++] = row->path;
        }
    }
    return gl_nearest(path, paths, count);
}

const char **gl_schema_child_names(const struct gl_schema_node *node, size_t *ret_count)
{
    const char **names = NULL;
    size_t count = 0;
    bool in_environment = node->is_environment;
    if (in_environment)
        node = &root;
    for (const struct gl_schema_node *child = node->first; child; child = child->next) {
        if (in_environment && child->flags & GL_KEY_GLOBAL)
            continue;
        names = gl_realloc_array(names, count + 1, sizeof *names);
        names[count++] = child->name;
    }
    *ret_count = count;
    return names;
}
