/* What a SvelteKit project shows: its adapter, its public variables, whether it prerenders. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/json.h"
#include "config/source.h"

static const char *dependency(const json_t *package, const char *name)
{
    static const char *const groups[] = {"dependencies", "devDependencies"};
    for (size_t i = 0; i < GL_COUNT(groups); i++) {
        const char *version = gl_json_str(json_object_get(package, groups[i]), name, NULL);
        if (version)
            return version;
    }
    return NULL;
}

/* The first quoted text after `mark` and its separators: pages: 'dist'. The caller owns it. */
static char *option_of(const char *config, const char *mark)
{
    const char *at = strstr(config, mark);
    return at ? gl_source_literal(at + strlen(mark)) : NULL;
}

static char *adapter_in(const char *config)
{
    static const char mark[] = "@sveltejs/adapter-";
    const char *at = strstr(config, mark);
    if (!at)
        return NULL;
    at += strlen(mark);
    return gl_strndup(at, strcspn(at, "'\"`"));
}

static void read_svelte_config(const char *dir, struct gl_detected *detected)
{
    static const char *const names[] = {"svelte.config.js", "svelte.config.ts",
                                        "svelte.config.mjs"};
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        gl_autofree char *path = gl_path_join(dir, names[i]);
        gl_autobuf struct gl_buf text = {0};
        if (!gl_is_file(path) || gl_read_file(path, 0, &text, NULL) < 0)
            continue;
        gl_autofree char *code = gl_buf_steal(&text);
        gl_source_blank_comments(code, true);
        detected->adapter = adapter_in(code);
        bool is_node = detected->adapter && strcmp(detected->adapter, "node") == 0;
        detected->build_dir = option_of(code, is_node ? "out:" : "pages:");
        return;
    }
}

/* The root layout decides for every page below it. */
static bool prerenders(const char *dir)
{
    static const char *const names[] = {"src/routes/+layout.ts", "src/routes/+layout.js"};
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        gl_autofree char *path = gl_path_join(dir, names[i]);
        gl_autobuf struct gl_buf text = {0};
        if (!gl_is_file(path) || gl_read_file(path, 0, &text, NULL) < 0)
            continue;
        gl_autofree char *code = gl_buf_steal(&text);
        gl_source_blank_comments(code, true);
        const char *at = strstr(code, "prerender");
        return at && strstr(at, "true");
    }
    return false;
}

void gl_detect_sveltekit(const char *dir, struct gl_detected *detected)
{
    gl_autofree char *package_path = gl_path_join(dir, "package.json");
    gl_autofree char *lock_path = gl_path_join(dir, "package-lock.json");
    gl_autojson json_t *package = NULL;
    if (gl_json_load(package_path, &package, NULL) < 0)
        return;
    detected->sveltekit = gl_strdup(dependency(package, "@sveltejs/kit"));
    detected->has_lock = gl_is_file(lock_path);
    read_svelte_config(dir, detected);
    if (!detected->build_dir)
        detected->build_dir = gl_strdup("build");
    detected->prerenders = prerenders(dir);
}

/* ---- variables ---------------------------------------------------------------------------------
 */

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* NAME ?? '', NAME || 'x': the site does without it. */
static bool has_fallback(const char *behind)
{
    behind += strspn(behind, " \t\r\n");
    return gl_starts_with(behind, "??") || gl_starts_with(behind, "||");
}

static void find_with_prefix(const char *code, const char *prefix, const char *relative,
                             struct gl_detected *detected)
{
    for (const char *at = strstr(code, prefix); at; at = strstr(at + 1, prefix)) {
        size_t len = 0;
        while (is_word(at[len]))
            len++;
        gl_autofree char *name = gl_strndup(at, len);
        bool whole = at == code || !is_word(at[-1]);
        if (whole && len > strlen(prefix) && gl_source_is_variable(name))
            gl_found_add(&detected->public_variables, name, relative, gl_source_line(code, at))
                ->optional |= has_fallback(at + len);
    }
}

/* process.env.NAME, and `import { NAME } from '$env/static/private'`, of pages made by a server. */
static void find_private(const char *code, const char *relative, struct gl_detected *detected)
{
    static const char mark[] = "process.env.";
    for (const char *at = strstr(code, mark); at; at = strstr(at + 1, mark)) {
        const char *name_at = at + strlen(mark);
        size_t len = 0;
        while (is_word(name_at[len]))
            len++;
        gl_autofree char *name = gl_strndup(name_at, len);
        if (gl_source_is_variable(name) && strcmp(name, "NODE_ENV") != 0)
            (void)gl_found_add(&detected->public_variables, name, relative,
                               gl_source_line(code, at));
    }
    const char *from = strstr(code, "$env/static/private");
    const char *open = from;
    while (open && open > code && *open != '{')
        open--;
    if (!open || *open != '{')
        return;
    gl_autofree char *names = gl_strndup(open, (size_t)(from - open));
    gl_autostrv struct gl_strv words = {0};
    gl_strv_split(&words, names, "{}, \t\r\n'\"");
    for (size_t i = 0; i < words.count; i++) {
        if (gl_source_is_variable(words.items[i]))
            (void)gl_found_add(&detected->public_variables, words.items[i], relative,
                               gl_source_line(code, open));
    }
}

void gl_detect_script(const char *text, const char *relative, struct gl_detected *detected)
{
    gl_autofree char *code = gl_strdup(text);
    gl_source_blank_comments(code, true);
    find_with_prefix(code, "PUBLIC_", relative, detected);
    find_with_prefix(code, "VITE_", relative, detected);
    find_private(code, relative, detected);
}
