/* The queries of one Rust source. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "prove/queries.h"
#include "prove/rust.h"

struct source {
    struct gl_rust_scanner scanner;
    const char *root;
    const char *relative;
    struct gl_queries *queries;
};

/* How sqlx is told a query. */
static const struct call {
    const char *name;
    bool macro_has_type; /* query_as!(Type, "...") */
    bool file;           /* the string is a path */
} calls[] = {
    {"query",                       false, false},
    {"query_as",                    true,  false},
    {"query_scalar",                false, false},
    {"query_with",                  false, false},
    {"query_as_with",               false, false},
    {"query_scalar_with",           false, false},
    {"query_unchecked",             false, false},
    {"query_as_unchecked",          true,  false},
    {"query_scalar_unchecked",      false, false},
    {"query_file",                  false, true },
    {"query_file_as",               true,  true },
    {"query_file_scalar",           false, true },
    {"query_file_unchecked",        false, true },
    {"query_file_as_unchecked",     true,  true },
    {"query_file_scalar_unchecked", false, true },
    {"raw_sql",                     false, false},
};

static const struct call *find_call(const struct source *source, const struct gl_rust_token *token)
{
    for (size_t i = 0; i < GL_COUNT(calls); i++) {
        if (gl_rust_is(&source->scanner, token, calls[i].name))
            return &calls[i];
    }
    return NULL;
}

static bool take(struct source *source, const char *symbol)
{
    struct gl_rust_scanner ahead = source->scanner;
    struct gl_rust_token token = gl_rust_next(&ahead);
    if (!gl_rust_is(&ahead, &token, symbol))
        return false;
    source->scanner = ahead;
    return true;
}

/* ::<_, User>; the arrow of a function type is no end. */
static void skip_turbofish(struct source *source)
{
    struct gl_rust_scanner before = source->scanner;
    static const char *const parts[] = {":", ":", "<"};
    for (size_t i = 0; i < GL_COUNT(parts); i++) {
        if (take(source, parts[i]))
            continue;
        source->scanner = before;
        return;
    }
    size_t depth = 1;
    bool dash = false;
    while (depth > 0) {
        struct gl_rust_token token = gl_rust_next(&source->scanner);
        if (token.kind == GL_RUST_END)
            return;
        depth += gl_rust_is(&source->scanner, &token, "<");
        depth -= !dash && gl_rust_is(&source->scanner, &token, ">");
        dash = gl_rust_is(&source->scanner, &token, "-");
    }
}

/* The first argument and its comma. */
static void skip_argument(struct source *source)
{
    int depth = 0;
    for (;;) {
        struct gl_rust_token token = gl_rust_next(&source->scanner);
        char c = '_';
        if (token.kind == GL_RUST_SYMBOL)
            c = source->scanner.text[token.pos];
        if (token.kind == GL_RUST_END || (c == ',' && depth == 0))
            return;
        depth += strchr("([{<", c) != NULL;
        depth -= strchr(")]}>", c) != NULL;
    }
}

/* Strings with `separator` between them; false if something else stands there. */
static bool read_strings(struct source *source, const char *separator, struct gl_buf *sql)
{
    do {
        struct gl_rust_scanner ahead = source->scanner;
        struct gl_rust_token token = gl_rust_next(&ahead);
        if (token.kind != GL_RUST_STRING)
            return sql->len > 0;
        gl_autofree char *part = gl_rust_string(&ahead, &token);
        gl_buf_puts(sql, part);
        source->scanner = ahead;
    } while (take(source, separator));
    return true;
}

/* const NAME: &str = "..."; in the same source. */
static bool read_constant(const struct source *source, const struct gl_rust_token *name,
                          struct gl_buf *sql)
{
    struct source from_top = *source;
    from_top.scanner.pos = 0;
    for (;;) {
        struct gl_rust_token token = gl_rust_next(&from_top.scanner);
        if (token.kind == GL_RUST_END)
            return false;
        if (!gl_rust_is(&from_top.scanner, &token, "const") &&
            !gl_rust_is(&from_top.scanner, &token, "static"))
            continue;
        token = gl_rust_next(&from_top.scanner);
        if (token.len != name->len || memcmp(source->scanner.text + token.pos,
                                             source->scanner.text + name->pos, name->len) != 0)
            continue;
        while (!gl_rust_is(&from_top.scanner, &token, "=") && token.kind != GL_RUST_END)
            token = gl_rust_next(&from_top.scanner);
        return read_strings(&from_top, "+", sql);
    }
}

/* The text of the query at the scanner; false if it is made at run time. */
static bool read_text(struct source *source, struct gl_buf *sql)
{
    while (take(source, "&"))
        continue;
    if (read_strings(source, "+", sql))
        return true;
    struct gl_rust_token token = gl_rust_next(&source->scanner);
    if (token.kind != GL_RUST_WORD)
        return false;
    if (gl_rust_is(&source->scanner, &token, "concat") && take(source, "!") && take(source, "("))
        return read_strings(source, ",", sql);
    return read_constant(source, &token, sql);
}

static bool read_named_file(const struct source *source, struct gl_buf *sql)
{
    gl_autofree char *name = gl_buf_steal(sql);
    gl_autofree char *path = gl_path_join(source->root, name);
    return gl_read_file(path, 0, sql, NULL) == 0;
}

/* Functions of other libraries have the same names: only what begins as SQL is a query. */
static bool is_sql(const char *text)
{
    static const char *const verbs[] = {"select", "insert",   "update", "delete", "with",
                                        "values", "merge",    "call",   "table",  "lock",
                                        "notify", "truncate", "listen", "("};
    text += strspn(text, " \t\r\n");
    for (size_t i = 0; i < GL_COUNT(verbs); i++) {
        if (strncasecmp(text, verbs[i], strlen(verbs[i])) == 0)
            return true;
    }
    return false;
}

static unsigned line_at(const struct source *source, size_t pos)
{
    unsigned line = 1;
    for (size_t i = 0; i < pos; i++)
        line += source->scanner.text[i] == '\n';
    return line;
}

/* `qualified`: written as sqlx::query; only then a bare query() is surely one of sqlx. */
static void read_call(struct source *source, const struct call *call, size_t pos, bool qualified)
{
    gl_autobuf struct gl_buf sql = {0};
    bool macro = take(source, "!");
    skip_turbofish(source);
    if (!take(source, "("))
        return;
    if (macro && call->macro_has_type)
        skip_argument(source);
    bool known = read_text(source, &sql) && (!call->file || read_named_file(source, &sql));
    if (known && is_sql(gl_buf_text(&sql)))
        gl_queries_add(source->queries, gl_buf_text(&sql), source->relative, line_at(source, pos));
    else if (!known && (macro || qualified || call != &calls[0]))
        gl_strv_addf(&source->queries->unread, "%s:%u", source->relative, line_at(source, pos));
}

void gl_queries_read_rust(const char *text, size_t len, const char *root, const char *relative,
                          struct gl_queries *queries)
{
    struct source source = {
        .scanner = {.text = text, .len = len},
        .root = root,
        .relative = relative,
        .queries = queries
    };
    bool declared = false; /* fn query(...) is no call */
    bool qualified = false;
    for (;;) {
        struct gl_rust_token token = gl_rust_next(&source.scanner);
        if (token.kind == GL_RUST_END)
            return;
        const struct call *call = find_call(&source, &token);
        if (call && !declared)
            read_call(&source, call, token.pos, qualified);
        declared = gl_rust_is(&source.scanner, &token, "fn");
        qualified = gl_rust_is(&source.scanner, &token, ":");
    }
}
