/* Files that are data, as leaves with their lines. */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/strv.h"
#include "facts/repo.h"
#include "infra/template.h"

struct reading {
    struct gl_repo *repo;
    const struct gl_repo_file *file;
    const char *kind;
};

static void add(const struct reading *r, const char *path, const char *value, unsigned line)
{
    struct gl_rows *rows = &r->repo->documents;
    gl_autopath struct gl_path_parts parts;
    gl_path_split(path, &parts);
    gl_rows_text(rows, r->file->path);
    gl_rows_text(rows, r->kind);
    gl_rows_text(rows, path);
    gl_rows_text(rows, parts.shape);
    gl_rows_text(rows, parts.parent);
    gl_rows_text(rows, parts.name);
    gl_rows_text(rows, value);
    gl_rows_line(rows, line);
    gl_rows_add(rows);
}

/* ---- YAML and JSON -----------------------------------------------------------------------------
 */

static void add_leaf(const char *path, const struct gl_value *leaf, void *context)
{
    gl_autofree char *text = gl_property_text(leaf);
    add(context, path, text, leaf->place.line);
}

/* What cannot be read is a fact, too: kind "unreadable", with the reason. */
static void read_yaml(struct reading *r)
{
    gl_autoarena struct gl_arena arena = {0};
    gl_autoerr struct gl_error why = {0};
    struct gl_value *root = NULL;
    if (gl_template_parse(&arena, r->file->text, r->file->len, r->file->path, &root, &why) < 0) {
        r->kind = "unreadable";
        add(r, "", why.message, why.line);
    } else if (root && root->first) {
        gl_value_leaves(root, add_leaf, r);
    }
}

/* The lock file of npm may be huge: its version, and the packages with theirs. */
static void read_package_lock(struct reading *r)
{
    gl_autojson json_t *lock = NULL;
    if (gl_json_parse(r->file->text, r->file->len, r->file->path, &lock, NULL) < 0)
        return;
    gl_autofree char *version =
        json_dumps(json_object_get(lock, "lockfileVersion"), JSON_ENCODE_ANY);
    add(r, "lockfileVersion", version, 0);
    const char *name;
    json_t *package;
    json_object_foreach(json_object_get(lock, "packages"), name, package)
    {
        if (gl_starts_with(name, "node_modules/"))
            add(r, name + strlen("node_modules/"), gl_json_str(package, "version", NULL), 0);
    }
}

/* ---- lines -------------------------------------------------------------------------------------
 */

static void add_toml(const char *path, const char *value, unsigned line, void *context)
{
    add(context, path, value, line);
}

static void read_toml(struct reading *r)
{
    gl_toml_read(r->file->text, add_toml, r);
}

/* What a package needs, and its checksum, are most of the lock file, and nobody asks for them. */
static void add_locked(const char *path, const char *value, unsigned line, void *context)
{
    if (!strstr(path, "].dependencies") && !gl_ends_with(path, "].checksum"))
        add(context, path, value, line);
}

static void read_cargo_lock(struct reading *r)
{
    gl_toml_read(r->file->text, add_locked, r);
}

/* PATTERN OWNER...; the pattern is the path. */
static void read_owners(struct reading *r)
{
    unsigned number = 1;
    for (const char *at = r->file->text; *at; number++) {
        gl_autofree char *line = gl_strndup(at, strcspn(at, "\n#"));
        at += strcspn(at, "\n");
        at += *at == '\n';
        size_t len = strcspn(line, " \t");
        const char *owners = line + len + strspn(line + len, " \t");
        gl_autofree char *pattern = gl_strndup(line, len);
        struct gl_rows *rows = &r->repo->documents;
        if (!len)
            continue;
        gl_rows_text(rows, r->file->path);
        gl_rows_text(rows, r->kind);
        gl_rows_text(rows, pattern);
        gl_rows_text(rows, pattern);
        gl_rows_text(rows, "");
        gl_rows_text(rows, pattern);
        gl_rows_text(rows, *owners ? owners : NULL);
        gl_rows_line(rows, number);
        gl_rows_add(rows);
    }
}

/* ---- which file is what ------------------------------------------------------------------------
 */

/* `name` is the file's name, or, where it begins with a slash, the end of its path; one that ends
 * with a slash is a folder that it lies in. */
static const struct {
    const char *name;
    const char *kind;
    void (*read)(struct reading *r);
} kinds[] = {
    {".github/workflows/",  "workflow",       read_yaml        },
    {"action.yml",          "action",         read_yaml        },
    {"action.yaml",         "action",         read_yaml        },
    {".github/rulesets/",   "ruleset",        read_yaml        },
    {"package.json",        "package_json",   read_yaml        },
    {"package-lock.json",   "package_lock",   read_package_lock},
    {"Cargo.toml",          "cargo_toml",     read_toml        },
    {"Cargo.lock",          "cargo_lock",     read_cargo_lock  },
    {"rust-toolchain.toml", "rust_toolchain", read_toml        },
    {"audit.toml",          "audit_toml",     read_toml        },
    {"deny.toml",           "audit_toml",     read_toml        },
    {"osv-scanner.toml",    "audit_toml",     read_toml        },
    {"CODEOWNERS",          "codeowners",     read_owners      },
};

static bool fits(const char *name, const char *path)
{
    return gl_ends_with(name, "/") ? gl_starts_with(path, name)
                                   : strcmp(gl_path_base(path), name) == 0;
}

void gl_repo_document(struct gl_repo *repo, const struct gl_repo_file *file)
{
    for (size_t i = 0; i < GL_COUNT(kinds); i++) {
        if (!fits(kinds[i].name, file->path))
            continue;
        struct reading reading = {.repo = repo, .file = file, .kind = kinds[i].kind};
        kinds[i].read(&reading);
        return;
    }
}
