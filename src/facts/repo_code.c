/* The scanner: which lines of a source file match which rule. */
#include <ctype.h>
#include <locale.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/strv.h"
#include "config/source.h"
#include "facts/repo.h"

enum { GROUPS = 4, VALUE_MAX = 200 };

/* ---- which files -------------------------------------------------------------------------------
 */

static bool has_extension(const char *path, const char *const *extensions)
{
    for (; *extensions; extensions++) {
        if (gl_ends_with(path, *extensions))
            return true;
    }
    return false;
}

static bool is_language(const char *path, enum gl_code_language language)
{
    static const char *const scripts[] = {".js", ".ts", ".mjs", ".svelte", NULL};
    const char *base = gl_path_base(path);
    switch (language) {
    case GL_CODE_ANY:
        return true;
    case GL_CODE_RUST:
        return gl_ends_with(path, ".rs");
    case GL_CODE_SCRIPT:
        return has_extension(path, scripts);
    case GL_CODE_WORKFLOW:
        return gl_starts_with(path, ".github/");
    case GL_CODE_DOCKERFILE:
        return gl_starts_with(base, "Dockerfile") || gl_starts_with(base, "Containerfile");
    case GL_CODE_DOCUMENT:
        return gl_starts_with(path, "docs/") && gl_ends_with(path, ".md");
    case GL_CODE_IGNORE:
        return strcmp(base, ".gitignore") == 0 || strcmp(base, ".dockerignore") == 0;
    }
    return false;
}

static bool is_below(const char *path, const char *dir)
{
    size_t len = strlen(dir);
    return strcmp(dir, ".") == 0 || (strncmp(path, dir, len) == 0 && path[len] == '/');
}

static const char *area_of(const struct gl_repo *repo, const char *path)
{
    if (gl_starts_with(path, ".github/"))
        return "workflow";
    if (repo->frontend_dir && is_below(path, repo->frontend_dir))
        return "frontend";
    return repo->backend_dir && is_below(path, repo->backend_dir) ? "backend" : "other";
}

/* ---- which lines are tests ---------------------------------------------------------------------
 */

static bool is_test_file(const char *path)
{
    static const char *const marks[] = {"/tests/", "/test/", "/e2e/",     "/benches/",
                                        ".test.",  ".spec.", "/fixtures/"};
    for (size_t i = 0; i < GL_COUNT(marks); i++) {
        if (strstr(path, marks[i]))
            return true;
    }
    return gl_starts_with(path, "tests/");
}

/* The end of the block that begins at or behind `at`; of a statement without one, its semicolon. */
static const char *block_end(const char *at)
{
    int depth = 0;
    for (; *at; at++) {
        depth += *at == '{';
        depth -= *at == '}';
        if ((*at == '}' && depth == 0) || (*at == ';' && depth == 0))
            return at;
    }
    return at;
}

static const char *const test_marks[] = {"#[cfg(test)]", "#[cfg(debug_assertions)]",
                                         "cfg!(debug_assertions)"};

/* True if `at` stands in what is compiled for tests or for debugging only. */
static bool is_in_test(const char *text, const char *at)
{
    for (size_t i = 0; i < GL_COUNT(test_marks); i++) {
        const char *mark = strstr(text, test_marks[i]);
        for (; mark && mark < at; mark = strstr(mark + 1, test_marks[i])) {
            if (block_end(mark + strlen(test_marks[i])) >= at)
                return true;
        }
    }
    return false;
}

static bool has_test_marks(const char *text)
{
    bool any = false;
    for (size_t i = 0; i < GL_COUNT(test_marks); i++)
        any = any || strstr(text, test_marks[i]);
    return any;
}

/* ---- patterns ----------------------------------------------------------------------------------
 */

/* Bytes, whatever the user's locale: [a-z] is then a to z, and matching several times as fast. */
void gl_repo_patterns_open(struct gl_repo *repo)
{
    size_t count = 0;
    while (gl_code_rules[count].kind)
        count++;
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = uselocale(plain);
    repo->patterns = gl_alloc(count * sizeof *repo->patterns);
    for (size_t i = 0; i < count; i++) {
        if (regcomp(&repo->patterns[i], gl_code_rules[i].pattern, REG_EXTENDED) != 0)
            abort(); /* a mistake in code_rules.c, found by the first test that opens it */
    }
    uselocale(before);
    freelocale(plain);
}

void gl_repo_patterns_close(struct gl_repo *repo)
{
    for (size_t i = 0; repo->patterns && gl_code_rules[i].kind; i++)
        regfree(&repo->patterns[i]);
    free(gl_steal(&repo->patterns));
}

/* ---- looking -----------------------------------------------------------------------------------
 */

struct scan {
    struct gl_repo *repo;
    const struct gl_repo_file *file;
    const struct gl_code_rule *rule;
    const char *area;
    const char *text;    /* as it is searched: without comments */
    const char *counted; /* `line` is the number of the line that this stands in */
    unsigned line;
    bool test_file;
    bool test_marks; /* the text has some */
};

/* Examples of AWS's own documentation are no keys. */
static bool is_example(const struct scan *scan, const char *line)
{
    return strcmp(scan->rule->kind, "aws_key_id") == 0 && strstr(line, "EXAMPLE");
}

/* Lines are counted onward from match to match: from the beginning for each would take the square
 * of the file's length. */
static unsigned line_of(struct scan *scan, const char *at)
{
    for (; scan->counted < at; scan->counted++)
        scan->line += *scan->counted == '\n';
    return scan->line;
}

static void write_match(struct scan *scan, const char *line, const regmatch_t *groups,
                        const char *at)
{
    struct gl_rows *rows = &scan->repo->code;
    const regmatch_t *part = &groups[scan->rule->group];
    size_t len = (size_t)(part->rm_eo - part->rm_so);
    gl_autofree char *value =
        scan->rule->group && part->rm_so >= 0
            ? gl_strndup(line + part->rm_so, len < VALUE_MAX ? len : VALUE_MAX)
            : NULL;
    gl_rows_text(rows, scan->rule->kind);
    gl_rows_text(rows, scan->file->path);
    gl_rows_int(rows, line_of(scan, at));
    gl_rows_text(rows, scan->area);
    gl_rows_int(rows, scan->test_file || (scan->test_marks && is_in_test(scan->text, at)));
    gl_rows_text(rows, value);
    gl_rows_add(rows);
}

static void scan_line(struct scan *scan, const regex_t *pattern, const char *begin, size_t len)
{
    gl_autofree char *line = gl_strndup(begin, len);
    regmatch_t groups[GROUPS];
    if (regexec(pattern, line, GROUPS, groups, 0) == 0 && !is_example(scan, line))
        write_match(scan, line, groups, begin);
}

static const char *line_begin(const char *text, const char *at)
{
    while (at > text && at[-1] != '\n')
        at--;
    return at;
}

/* Only lines that have the needle are looked at. */
static void scan_text(struct scan *scan, const regex_t *pattern)
{
    const char *needle = scan->rule->needle;
    scan->counted = scan->text;
    scan->line = 1;
    for (const char *at = strstr(scan->text, needle); at && *at; at = strstr(at, needle)) {
        const char *begin = line_begin(scan->text, at);
        size_t len = (size_t)(at - begin) + strcspn(at, "\n");
        scan_line(scan, pattern, begin, len);
        at = begin + len + (begin[len] == '\n');
    }
}

/* Variables that the program reads, by the same eyes as `golive init`: also through helpers. */
static void write_variables(struct gl_repo *repo, const struct gl_repo_file *file)
{
    gl_autodetected struct gl_detected detected = {0};
    gl_detect_rust(file->text, file->path, &detected);
    for (size_t i = 0; i < detected.variables.count; i++) {
        const struct gl_found *found = &detected.variables.items[i];
        gl_rows_text(&repo->code, found->optional ? "env_optional" : "env_read");
        gl_rows_text(&repo->code, file->path);
        gl_rows_int(&repo->code, found->line);
        gl_rows_text(&repo->code, area_of(repo, file->path));
        gl_rows_int(&repo->code, is_test_file(file->path));
        gl_rows_text(&repo->code, found->text);
        gl_rows_add(&repo->code);
    }
}

void gl_repo_scan(struct gl_repo *repo, const struct gl_repo_file *file)
{
    bool script = is_language(file->path, GL_CODE_SCRIPT);
    bool source = script || is_language(file->path, GL_CODE_RUST);
    gl_autofree char *bare = source ? gl_strdup(file->text) : NULL;
    struct scan scan = {.repo = repo,
                        .file = file,
                        .area = area_of(repo, file->path),
                        .test_file = is_test_file(file->path),
                        .test_marks = has_test_marks(file->text)};
    if (bare)
        gl_source_blank_comments(bare, script);
    for (size_t i = 0; gl_code_rules[i].kind; i++) {
        scan.rule = &gl_code_rules[i];
        scan.text = scan.rule->language == GL_CODE_ANY || !bare ? file->text : bare;
        if (is_language(file->path, scan.rule->language))
            scan_text(&scan, &repo->patterns[i]);
    }
    if (source && !script)
        write_variables(repo, file);
}
