/* Marked blocks: read, compared by their hashes, put together. */
#include "generate/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/i18n.h"

enum { HASH_DIGITS = 12 };

static const char mark_begin[] = "golive:begin ";
static const char mark_end[] = "golive:end ";
static const char mark_own[] = "golive:own ";

/* Marks are comments: of YAML and the shell, or of HTML. */
struct comment {
    const char *open, *close;
};

static const struct comment comments[] = {
    {"# ",    ""    },
    {"<!-- ", " -->"}
};

/* A block, or what stands between two of them. */
struct piece {
    char *name;                    /* of a block; NULL = text of the file's owner */
    char *hash;                    /* as the mark says; "" if it says none */
    char *indent;                  /* before the marks */
    const struct comment *comment; /* that its marks are */
    char *body;                    /* without the marks */
};

struct pieces {
    struct piece *items;
    size_t count;
    struct gl_strv owned; /* names after golive:own */
};

static void pieces_done(struct pieces *pieces)
{
    for (size_t i = 0; i < pieces->count; i++) {
        free(pieces->items[i].name);
        free(pieces->items[i].hash);
        free(pieces->items[i].indent);
        free(pieces->items[i].body);
    }
    free(pieces->items);
    gl_strv_done(&pieces->owned);
}

/* ---- reading -----------------------------------------------------------------------------------
 */

struct reader {
    const char *file;
    unsigned line;
    unsigned begun; /* line of the open block's mark */
    struct piece open;
    struct gl_buf body;
    struct pieces pieces;
    struct gl_error *err;
};

static void reader_done(struct reader *reader)
{
    free(reader->open.name);
    free(reader->open.hash);
    free(reader->open.indent);
    gl_buf_done(&reader->body);
    pieces_done(&reader->pieces);
}

gl_printf(3, 4) static int fail_at(const struct reader *reader, unsigned line, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    gl_autofree char *what = gl_vasprintf(fmt, args);
    va_end(args);
    gl_fail(reader->err, GL_E_CONFIG, "%s", what);
    gl_error_at(reader->err, reader->file, line, 1);
    return gl_error_hint(reader->err, _("A part is `golive:begin NAME ...` to `golive:end "
                                        "NAME`, as comments; to own it, put `golive:own NAME` "
                                        "in their place."));
}

static void finish_piece(struct reader *reader)
{
    struct pieces *pieces = &reader->pieces;
    struct piece piece = reader->open;
    reader->open = (struct piece){0};
    piece.body = gl_buf_steal(&reader->body);
    if (!piece.name && !*piece.body) {
        free(piece.body);
        return;
    }
    pieces->items = gl_realloc_array(pieces->items, pieces->count + 1, sizeof *pieces->items);
    pieces->items[pieces->count++] = piece;
}

static const struct piece *find(const struct pieces *pieces, const char *name)
{
    for (size_t i = 0; i < pieces->count; i++) {
        if (pieces->items[i].name && strcmp(pieces->items[i].name, name) == 0)
            return &pieces->items[i];
    }
    return NULL;
}

/* A mark in a line: which one, and the words after it. */
struct mark {
    const char *kind; /* mark_begin, mark_end, mark_own */
    const struct comment *comment;
    char *words;
};

static void mark_done(struct mark *mark)
{
    free(mark->words);
}

static const char *kind_of(const char *text)
{
    static const char *const kinds[] = {mark_begin, mark_end, mark_own};
    for (size_t i = 0; i < GL_COUNT(kinds); i++) {
        if (gl_starts_with(text, kinds[i]))
            return kinds[i];
    }
    return NULL;
}

/* False for a line that is no mark. */
static bool read_mark(const char *line, struct mark *ret_mark)
{
    const char *text = line + strspn(line, " \t");
    for (size_t i = 0; i < GL_COUNT(comments); i++) {
        const char *inside = text + strlen(comments[i].open);
        const char *kind = gl_starts_with(text, comments[i].open) ? kind_of(inside) : NULL;
        if (!kind)
            continue;
        const char *words = inside + strlen(kind);
        const char *close = *comments[i].close ? strstr(words, comments[i].close) : NULL;
        *ret_mark = (struct mark){
            kind, &comments[i], gl_strndup(words, close ? (size_t)(close - words) : strlen(words))};
        return true;
    }
    return false;
}

static int begin_block(struct reader *reader, const char *line, const struct mark *mark)
{
    gl_autostrv struct gl_strv parts = {0};
    gl_strv_split(&parts, mark->words, " \t\r");
    if (!parts.count)
        return fail_at(reader, reader->line, _("a part has no name"));
    if (reader->open.name)
        return fail_at(reader, reader->begun, _("the part `%s` does not end"), reader->open.name);
    if (find(&reader->pieces, parts.items[0]))
        return fail_at(reader, reader->line, _("the part `%s` is there twice"), parts.items[0]);
    finish_piece(reader);
    reader->begun = reader->line;
    reader->open = (struct piece){
        .name = gl_strdup(parts.items[0]),
        .hash = gl_strdup(parts.count > 1 ? parts.items[1] : ""),
        .indent = gl_strndup(line, strspn(line, " \t")),
        .comment = mark->comment,
    };
    return 0;
}

static int end_block(struct reader *reader, const char *words)
{
    gl_autostrv struct gl_strv parts = {0};
    gl_strv_split(&parts, words, " \t\r");
    const char *name = parts.count ? parts.items[0] : "";
    if (!reader->open.name || strcmp(reader->open.name, name) != 0)
        return fail_at(reader, reader->line, _("the part `%s` ends, but did not begin"), name);
    finish_piece(reader);
    return 0;
}

static int read_line(struct reader *reader, const char *line)
{
    gl_cleanup(mark_done) struct mark mark = {0};
    bool marked = read_mark(line, &mark);
    if (marked && mark.kind == mark_begin)
        return begin_block(reader, line, &mark);
    if (marked && mark.kind == mark_end)
        return end_block(reader, mark.words);
    if (marked && !reader->open.name)
        gl_strv_split(&reader->pieces.owned, mark.words, " \t\r");
    gl_buf_printf(&reader->body, "%s\n", line);
    return 0;
}

static int read_pieces(const char *text, const char *file, struct pieces *ret_pieces,
                       struct gl_error *err)
{
    gl_cleanup(reader_done) struct reader reader = {.file = file, .err = err};
    while (*text) {
        size_t len = strcspn(text, "\n");
        gl_autofree char *line = gl_strndup(text, len);
        text += text[len] ? len + 1 : len;
        reader.line++;
        int failed = read_line(&reader, line);
        if (failed < 0)
            return failed;
    }
    if (reader.open.name)
        return fail_at(&reader, reader.begun, _("the part `%s` does not end"), reader.open.name);
    finish_piece(&reader);
    *ret_pieces = reader.pieces;
    reader.pieces = (struct pieces){0};
    return 0;
}

bool gl_blocks_has_marks(const char *text)
{
    static const char *const kinds[] = {mark_begin, mark_own};
    for (size_t i = 0; i < GL_COUNT(kinds) * GL_COUNT(comments); i++) {
        gl_autofree char *mark =
            gl_asprintf("%s%s", comments[i / GL_COUNT(kinds)].open, kinds[i % GL_COUNT(kinds)]);
        if (strstr(text, mark))
            return true;
    }
    return false;
}

/* ---- writing -----------------------------------------------------------------------------------
 */

static void hash_body(const char *body, char ret_hash[HASH_DIGITS + 1])
{
    char full[GL_SHA256_HEX_SIZE];
    gl_sha256_hex(body, strlen(body), full);
    memcpy(ret_hash, full, HASH_DIGITS);
    ret_hash[HASH_DIGITS] = '\0';
}

static void write_piece(struct gl_buf *out, const struct piece *piece)
{
    if (!piece->name) {
        gl_buf_puts(out, piece->body);
        return;
    }
    const struct comment *comment = piece->comment;
    gl_buf_printf(out, "%s%s%s%s%s%s%s\n", piece->indent, comment->open, mark_begin, piece->name,
                  *piece->hash ? " " : "", piece->hash, comment->close);
    gl_buf_puts(out, piece->body);
    gl_buf_printf(out, "%s%s%s%s%s\n", piece->indent, comment->open, mark_end, piece->name,
                  comment->close);
}

int gl_blocks_seal(const char *text, const char *file, char **ret_text, struct gl_error *err)
{
    gl_cleanup(pieces_done) struct pieces pieces = {0};
    gl_autobuf struct gl_buf out = {0};
    int failed = read_pieces(text, file, &pieces, err);
    if (failed < 0)
        return failed;
    for (size_t i = 0; i < pieces.count; i++) {
        struct piece *piece = &pieces.items[i];
        if (piece->name) {
            free(piece->hash);
            piece->hash = gl_alloc(HASH_DIGITS + 1);
            hash_body(piece->body, piece->hash);
        }
        write_piece(&out, piece);
    }
    *ret_text = gl_buf_steal(&out);
    return 0;
}

/* ---- merging -----------------------------------------------------------------------------------
 */

struct merging {
    const struct pieces *fresh;
    const struct pieces *present;
    bool force;
    struct gl_buf out;
    struct gl_strv conflicts;
};

static void merging_done(struct merging *merging)
{
    gl_buf_done(&merging->out);
    gl_strv_done(&merging->conflicts);
}

static bool is_touched(const struct piece *piece)
{
    char hash[HASH_DIGITS + 1];
    hash_body(piece->body, hash);
    return strcmp(hash, piece->hash) != 0;
}

/* Blocks that are nowhere in the file yet, as far as they follow `name` (NULL = begin it). */
static void write_new_ones(struct merging *merging, const char *name)
{
    bool follows = !name;
    for (size_t i = 0; i < merging->fresh->count; i++) {
        const struct piece *piece = &merging->fresh->items[i];
        if (!piece->name)
            continue;
        if (find(merging->present, piece->name)) {
            follows = name && strcmp(piece->name, name) == 0;
        } else if (follows && !gl_strv_has(&merging->present->owned, piece->name)) {
            gl_buf_puts(&merging->out, name ? "\n" : "");
            write_piece(&merging->out, piece);
        }
    }
}

/* A changed block stays, unless it was changed to what it is to become. */
static void merge_block(struct merging *merging, const struct piece *present)
{
    const struct piece *fresh = find(merging->fresh, present->name);
    bool same = fresh && strcmp(fresh->body, present->body) == 0;
    bool keep = is_touched(present) && !same && !merging->force;
    if (keep)
        gl_strv_add(&merging->conflicts, present->name);
    if (keep)
        write_piece(&merging->out, present);
    else if (fresh)
        write_piece(&merging->out, fresh);
    write_new_ones(merging, present->name);
}

static void merge(struct merging *merging)
{
    write_new_ones(merging, NULL);
    for (size_t i = 0; i < merging->present->count; i++) {
        const struct piece *piece = &merging->present->items[i];
        if (piece->name)
            merge_block(merging, piece);
        else
            write_piece(&merging->out, piece);
    }
}

void gl_blocks_merged_done(struct gl_blocks_merged *merged)
{
    free(gl_steal(&merged->text));
    gl_strv_done(&merged->conflicts);
}

int gl_blocks_merge(const char *sealed, const char *present, const char *file, bool force,
                    struct gl_blocks_merged *ret_merged, struct gl_error *err)
{
    gl_cleanup(pieces_done) struct pieces fresh = {0};
    gl_cleanup(pieces_done) struct pieces old = {0};
    gl_cleanup(merging_done) struct merging merging = {
        .fresh = &fresh, .present = &old, .force = force};
    if (!present) {
        *ret_merged = (struct gl_blocks_merged){.text = gl_strdup(sealed)};
        return 0;
    }
    int failed = read_pieces(sealed, file, &fresh, err);
    if (failed == 0)
        failed = read_pieces(present, file, &old, err);
    if (failed < 0)
        return failed;
    merge(&merging);
    *ret_merged = (struct gl_blocks_merged){
        .text = gl_buf_steal(&merging.out),
        .conflicts = merging.conflicts,
    };
    merging.conflicts = (struct gl_strv){0};
    return 0;
}
