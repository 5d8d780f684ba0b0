/* Hashes over migrations, templates and configuration. */
#include "release/fingerprint.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"
#include "infra/stack.h"

void gl_fingerprint_migrations(const struct gl_migrations *list, char ret_hash[GL_SHA256_HEX_SIZE])
{
    gl_autobuf struct gl_buf text = {0};
    for (size_t i = 0; i < list->count; i++) {
        char checksum[2 * GL_SHA384_SIZE + 1];
        gl_hex(list->items[i].checksum, GL_SHA384_SIZE, checksum);
        gl_buf_printf(&text, "%" PRId64 " %s\n", list->items[i].version, checksum);
    }
    gl_sha256_hex(gl_buf_text(&text), text.len, ret_hash);
}

/* ---- templates ---------------------------------------------------------------------------------
 */

static int list_templates(const char *dir, struct gl_strv *names, struct gl_error *err)
{
    for (const struct gl_shipped *at = gl_shipped_stacks; at->name; at++)
        gl_strv_add(names, at->name);
    DIR *open = opendir(dir);
    if (!open)
        return errno == ENOENT || errno == ENOTDIR
                   ? 0
                   : gl_fail_errno(err, errno, _("cannot read %s"), dir);
    const struct dirent *entry;
    while ((entry = readdir(open))) {
        if (!gl_ends_with(entry->d_name, ".yaml") || entry->d_name[0] == '.')
            continue;
        gl_autofree char *name = gl_strndup(entry->d_name, strlen(entry->d_name) - 5);
        if (!gl_strv_has(names, name))
            gl_strv_add(names, name);
    }
    closedir(open);
    return 0;
}

/* The project's own file wins, as in the catalog. */
static int hash_template(const char *dir, const char *name, char ret_hash[GL_SHA256_HEX_SIZE],
                         struct gl_error *err)
{
    gl_autofree char *file = gl_asprintf("%s.yaml", name);
    gl_autofree char *path = gl_path_join(dir, file);
    const struct gl_shipped *shipped = gl_shipped_find(name);
    if (gl_is_file(path) || !shipped)
        return gl_sha256_file(path, ret_hash, err);
    gl_sha256_hex(shipped->text, strlen(shipped->text), ret_hash);
    return 0;
}

int gl_fingerprint_template(const char *project_dir, const char *name,
                            char ret_hash[GL_SHA256_HEX_SIZE], struct gl_error *err)
{
    gl_autofree char *dir = gl_path_join(project_dir, "stacks");
    return hash_template(dir, name, ret_hash, err);
}

int gl_fingerprint_templates(const char *project_dir, char ret_hash[GL_SHA256_HEX_SIZE],
                             struct gl_error *err)
{
    gl_autofree char *dir = gl_path_join(project_dir, "stacks");
    gl_autostrv struct gl_strv names = {0};
    gl_autobuf struct gl_buf text = {0};
    int failed = list_templates(dir, &names, err);
    gl_strv_sort(&names);
    for (size_t i = 0; failed == 0 && i < names.count; i++) {
        char hash[GL_SHA256_HEX_SIZE];
        failed = hash_template(dir, names.items[i], hash, err);
        if (failed == 0)
            gl_buf_printf(&text, "%s %s\n", hash, names.items[i]);
    }
    if (failed < 0)
        return failed;
    gl_sha256_hex(gl_buf_text(&text), text.len, ret_hash);
    return 0;
}

/* ---- configuration -----------------------------------------------------------------------------
 */

static const char *const about_people[] = {
    "approval", "contacts", "decisions",        "environments", "gate",    "incident",
    "oncall",   "people",   "responsibilities", "roles",        "waivers",
};

void gl_fingerprint_settings(const struct gl_config *config, char ret_hash[GL_SHA256_HEX_SIZE])
{
    gl_autojson json_t *settings = json_copy((json_t *)gl_config_tree(config));
    for (size_t i = 0; i < GL_COUNT(about_people); i++)
        json_object_del(settings, about_people[i]);
    gl_autofree char *text = gl_json_canonical(settings);
    gl_sha256_hex(text, strlen(text), ret_hash);
}
