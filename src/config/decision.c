/* golive.yaml belongs to people: what they wrote is not parsed and written anew, but edited by
 * lines. What comes out is read and compared before anybody sees it. */
#include "config/decision.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"
#include "config/internal.h"

/* ---- lines -------------------------------------------------------------------------------------
 */

struct line {
    const char *text;
    size_t len;    /* with its end */
    size_t indent; /* spaces at its front */
    bool empty;    /* nothing in it but blanks and a comment */
};

/* Where `decisions` stands. */
struct place {
    struct line *lines;
    size_t count;
    size_t head;     /* its line; count = there is none */
    size_t end;      /* behind the last line of its last decision */
    size_t inner;    /* columns before its names */
    size_t from, to; /* lines of the decision about the key; both `end` = there is none */
};

static void place_done(struct place *place)
{
    free(place->lines);
}

static void split(const char *text, size_t len, struct place *place)
{
    while (len) {
        const char *newline = memchr(text, '\n', len);
        struct line line = {.text = text, .len = newline ? (size_t)(newline - text) + 1 : len};
        while (line.indent < line.len && text[line.indent] == ' ')
            line.indent++;
        size_t at = line.indent;
        while (at < line.len && strchr(" \t\r\n", text[at]))
            at++;
        line.empty = at == line.len || text[at] == '#';
        place->lines = gl_realloc_array(place->lines, place->count + 1, sizeof line);
        place->lines[place->count++] = line;
        text += line.len;
        len -= line.len;
    }
}

/* What stands behind the name and its colon; NULL if the line is about something else. */
static const char *after_name(const struct line *line, const char *name)
{
    size_t len = strlen(name);
    const char *at = line->text + line->indent;
    char quote = *at;
    if (quote == '"' || quote == '\'')
        at++;
    else
        quote = '\0';
    size_t left = line->len - (size_t)(at - line->text);
    size_t wanted = len + (quote ? 2 : 1);
    if (line->empty || left < wanted || memcmp(at, name, len) != 0 || (quote && at[len] != quote) ||
        at[wanted - 1] != ':')
        return NULL;
    return at + wanted;
}

/* The first line from `from` on that has something at `indent` or before it. */
static size_t next_at(const struct place *place, size_t from, size_t indent)
{
    while (from < place->count && (place->lines[from].empty || place->lines[from].indent > indent))
        from++;
    return from;
}

/* Comments and empty lines behind something belong to what follows. */
static size_t without_tail(const struct place *place, size_t from, size_t end)
{
    while (end > from && place->lines[end - 1].empty)
        end--;
    return end;
}

static void find_decision(struct place *place, const char *key)
{
    place->from = place->to = place->end;
    for (size_t i = place->head + 1; i < place->end; i++) {
        const struct line *line = &place->lines[i];
        if (line->indent != place->inner || !after_name(line, key))
            continue;
        place->from = i;
        place->to = without_tail(place, i, next_at(place, i + 1, place->inner));
        return;
    }
}

static void find_place(struct place *place, const char *key)
{
    place->head = 0;
    while (place->head < place->count && (place->lines[place->head].indent ||
                                          !after_name(&place->lines[place->head], "decisions")))
        place->head++;
    if (place->head == place->count)
        return;
    size_t first = place->head + 1;
    place->end = without_tail(place, first, next_at(place, first, 0));
    while (first < place->end && place->lines[first].empty)
        first++;
    place->inner = first < place->end ? place->lines[first].indent : 2;
    find_decision(place, key);
}

/* ---- writing -----------------------------------------------------------------------------------
 */

static bool is_plain(const char *text)
{
    static const char *const words[] = {"true", "false", "null", "yes", "no",
                                        "on",   "off",   "y",    "n"};
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    for (size_t i = 0; i < GL_COUNT(words); i++) {
        if (strcasecmp(words[i], text) == 0)
            return false;
    }
    return *text && strspn(text, safe) == strlen(text) && !strchr("0123456789.-", *text);
}

/* JSON's strings are YAML's, too. */
static void put_text(struct gl_buf *out, const char *text)
{
    gl_autojson json_t *value = json_string(text);
    gl_autofree char *quoted = is_plain(text) ? gl_strdup(text) : gl_json_canonical(value);
    gl_buf_puts(out, quoted);
}

static void put_decision(struct gl_buf *out, const struct gl_decision *decision, size_t indent,
                         const char *newline)
{
    gl_autojson json_t *reason = json_string(decision->reason);
    gl_autofree char *quoted = gl_json_canonical(reason);
    gl_buf_printf(out, "%*s", (int)indent, "");
    put_text(out, decision->key);
    gl_buf_printf(out, ": {reason: %s, by: ", quoted);
    put_text(out, decision->by);
    gl_buf_printf(out, ", decided: %s, review_by: %s", decision->decided, decision->review_by);
    for (size_t i = 0; i < decision->criteria->count; i++) {
        gl_buf_puts(out, i ? ", " : ", criteria: [");
        put_text(out, decision->criteria->items[i]);
    }
    gl_buf_printf(out, "%s}%s", decision->criteria->count ? "]" : "", newline);
}

static void put_lines(struct gl_buf *out, const struct place *place, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        gl_buf_add(out, place->lines[i].text, place->lines[i].len);
}

/* The last line of a file may be without its end. */
static void end_line(struct gl_buf *out, const char *newline)
{
    if (out->len && out->data[out->len - 1] != '\n')
        gl_buf_puts(out, newline);
}

/* `decisions: {}` becomes `decisions:`; with something in its braces it has no lines. */
static int put_head(struct gl_buf *out, const struct place *place, struct gl_error *err)
{
    const struct line *line = &place->lines[place->head];
    const char *end = line->text + line->len;
    const char *rest = after_name(line, "decisions");
    const char *at = rest;
    while (at < end && strchr(" \t\r\n", *at))
        at++;
    bool braces = end - at >= 2 && at[0] == '{' && at[1] == '}';
    if (at < end && *at != '#' && !braces) {
        gl_fail(err, GL_E_REFUSED, _("decisions does not have a line for each decision"));
        return gl_error_at(err, NULL, (unsigned)place->head + 1, 1);
    }
    gl_buf_add(out, line->text, (size_t)((braces ? rest : end) - line->text));
    if (braces)
        gl_buf_add(out, at + 2, (size_t)(end - at - 2));
    return 0;
}

int gl_decision_edit(const char *text, size_t len, const struct gl_decision *decision,
                     struct gl_buf *ret_text, struct gl_error *err)
{
    gl_cleanup(place_done) struct place place = {0};
    gl_autobuf struct gl_buf out = {0};
    const char *first = memchr(text, '\n', len);
    const char *newline = first > text && first[-1] == '\r' ? "\r\n" : "\n";
    split(text, len, &place);
    find_place(&place, decision->key);
    if (place.head == place.count) {
        put_lines(&out, &place, 0, place.count);
        end_line(&out, newline);
        gl_buf_printf(&out, "%sdecisions:%s", newline, newline);
        put_decision(&out, decision, 2, newline);
    } else {
        put_lines(&out, &place, 0, place.head);
        int failed = put_head(&out, &place, err);
        if (failed < 0)
            return failed;
        put_lines(&out, &place, place.head + 1, place.from);
        end_line(&out, newline);
        put_decision(&out, decision, place.inner, newline);
        put_lines(&out, &place, place.to, place.count);
    }
    *ret_text = out;
    out = (struct gl_buf){0};
    return 0;
}

/* ---- verifying ---------------------------------------------------------------------------------
 */

/* What a tree says without what is being decided. */
static json_t *without(const struct gl_config *config, const char *key)
{
    json_t *copy = json_deep_copy(gl_config_tree(config));
    json_t *decisions = json_object_get(copy, "decisions");
    json_object_del(decisions, key);
    if (!json_object_size(decisions))
        json_object_del(copy, "decisions");
    return copy;
}

static bool says(const struct gl_config *config, const struct gl_decision *decision)
{
    const json_t *item = json_object_get(gl_config_node(config, "decisions"), decision->key);
    return strcmp(gl_json_str(item, "reason", ""), decision->reason) == 0 &&
           strcmp(gl_json_str(item, "by", ""), decision->by) == 0 &&
           strcmp(gl_json_str(item, "decided", ""), decision->decided) == 0 &&
           strcmp(gl_json_str(item, "review_by", ""), decision->review_by) == 0 &&
           json_array_size(json_object_get(item, "criteria")) == decision->criteria->count;
}

int gl_decision_verify(const struct gl_config_request *request, const struct gl_buf *old_text,
                       const struct gl_buf *new_text, const struct gl_decision *decision,
                       struct gl_diagnostics *ret_diagnostics, struct gl_error *err)
{
    gl_autoconfig struct gl_config *before = NULL;
    gl_autoconfig struct gl_config *after = NULL;
    int failed = gl_config_parse_text(request, gl_buf_text(old_text), old_text->len, &before,
                                      ret_diagnostics, err);
    if (failed == 0)
        failed = gl_config_parse_text(request, gl_buf_text(new_text), new_text->len, &after,
                                      ret_diagnostics, err);
    if (failed < 0)
        return failed;
    gl_autojson json_t *was = without(before, decision->key);
    gl_autojson json_t *is = without(after, decision->key);
    if (json_equal(was, is) && says(after, decision))
        return 0;
    gl_fail(err, GL_E_CONFIG, _("the decision cannot be written without changing more"));
    return gl_error_hint(err, _("Write it below decisions by hand; nothing was changed."));
}
