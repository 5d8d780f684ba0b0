/* YAML and JSON text to a tree of values, by libfyaml's events.
 *
 * Events, not documents: every event knows its place, and nothing is ever resolved, so that an
 * alias is refused instead of being expanded. */
#include <ctype.h>
#include <libfyaml.h>
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "base/utf8.h"
#include "infra/template.h"

struct reader {
    struct gl_arena *arena;
    const struct gl_template_limits *limits;
    const char *file;
    struct gl_value *root;
    struct gl_value *at; /* the open list or map; NULL outside */
    const char *name;    /* key whose value comes next, or NULL */
    struct gl_place name_place;
    int documents;
    struct gl_error *err;
};

int gl_fail_at(struct gl_error *err, const struct gl_value *at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    gl_autofree char *message = gl_vasprintf(fmt, args);
    va_end(args);
    gl_fail(err, GL_E_CONFIG, "%s", message);
    if (at && at->place.file)
        gl_error_at(err, at->place.file, at->place.line, at->place.column);
    return GL_E_CONFIG;
}

static int fail(struct reader *reader, struct gl_place at, const char *message, const char *hint)
{
    gl_fail(reader->err, GL_E_CONFIG, "%s", message);
    if (hint)
        gl_error_hint(reader->err, "%s", hint);
    return gl_error_at(reader->err, reader->file, at.line, at.column);
}

static struct gl_place place_of(const struct reader *reader, const struct fy_mark *mark)
{
    struct gl_place place = {.file = reader->file};
    if (mark) {
        place.line = (unsigned)mark->line + 1;
        place.column = (unsigned)mark->column + 1;
    }
    return place;
}

/* ---- scalars -----------------------------------------------------------------------------------
 */

/* CloudFormation reads YAML 1.1, where these are booleans when not quoted. */
static const char *const true_words[] = {"true", "True", "TRUE", "yes", "Yes",
                                         "YES",  "on",   "On",   "ON"};
static const char *const false_words[] = {"false", "False", "FALSE", "no", "No",
                                          "NO",    "off",   "Off",   "OFF"};
static const char *const null_words[] = {"", "~", "null", "Null", "NULL"};

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, words[i]) == 0)
            return true;
    }
    return false;
}

/* A decimal number; one with leading zeros ("012345678901", an account) stays text. */
static bool is_number(const char *text)
{
    const char *at = text + (*text == '-' || *text == '+');
    size_t whole = strspn(at, "0123456789");
    if (whole == 0 || (whole > 1 && *at == '0'))
        return false;
    at += whole;
    if (*at == '.') {
        size_t part = strspn(at + 1, "0123456789");
        if (part == 0)
            return false;
        at += 1 + part;
    }
    return *at == '\0';
}

static void set_scalar(struct reader *reader, struct gl_value *value, const char *text)
{
    value->kind = GL_VALUE_TEXT;
    value->text = gl_arena_strdup(reader->arena, text);
    if (value->quoted)
        return;
    if (is_one_of(text, null_words, GL_COUNT(null_words))) {
        value->kind = GL_VALUE_NULL;
    } else if (is_one_of(text, true_words, GL_COUNT(true_words))) {
        value->kind = GL_VALUE_BOOL;
        value->text = "true";
    } else if (is_one_of(text, false_words, GL_COUNT(false_words))) {
        value->kind = GL_VALUE_BOOL;
        value->text = "false";
    } else if (is_number(text)) {
        value->kind = GL_VALUE_NUMBER;
    }
}

/* ---- the tree ----------------------------------------------------------------------------------
 */

static int take_name(struct reader *reader, const char *name, struct gl_place at)
{
    const struct gl_value *first = gl_value_get(reader->at, name);
    if (first) {
        gl_fail(reader->err, GL_E_CONFIG, _("`%s` stands here a second time"), name);
        gl_error_hint(reader->err, _("First in line %u. Keep one of the two."),
                      first->name_place.line);
        return gl_error_at(reader->err, reader->file, at.line, at.column);
    }
    reader->name = gl_arena_strdup(reader->arena, name);
    reader->name_place = at;
    return 0;
}

/* A place for the value that comes: in the open list, or under the key that was read. */
static struct gl_value *add_value(struct reader *reader, enum gl_value_kind kind,
                                  struct gl_place at)
{
    if (reader->at && reader->at->kind == GL_VALUE_MAP && !reader->name) {
        fail(reader, at, _("a key must be a plain word"), NULL);
        return NULL;
    }
    if (reader->at && (reader->at->depth >= GL_TEMPLATE_DEPTH_MAX)) {
        fail(reader, at, _("this is nested too deeply"), _("64 levels are the limit."));
        return NULL;
    }
    if (reader->at && reader->at->count >= reader->limits->children) {
        gl_autofree char *hint =
            gl_asprintf(_("%u entries are the limit."), reader->limits->children);
        fail(reader, at, _("this list or map is too long"), hint);
        return NULL;
    }
    struct gl_value *value = gl_value_new(reader->arena, kind, NULL);
    value->place = at;
    value->name_place = reader->name ? reader->name_place : at;
    if (reader->at) {
        value->depth = reader->at->depth + 1;
        gl_value_append(reader->at, value, reader->name);
    } else {
        reader->root = value;
    }
    reader->name = NULL;
    return value;
}

/* ---- short tags --------------------------------------------------------------------------------
 */

static const char *const functions[] = {
    "And",    "Base64", "Cidr",        "Equals", "FindInMap", "GetAZs",
    "GetAtt", "If",     "ImportValue", "Join",   "Length",    "Not",
    "Or",     "Select", "Split",       "Sub",    "Transform", "ToJsonString",
};

/* "!Sub" -> "Fn::Sub"; NULL and err for a tag that is no function. */
static const char *long_name(struct reader *reader, const char *tag, struct gl_place at)
{
    const char *word = tag + (*tag == '!');
    if (strcmp(word, "Ref") == 0 || strcmp(word, "Condition") == 0)
        return gl_arena_strdup(reader->arena, word);
    if (is_one_of(word, functions, GL_COUNT(functions)))
        return gl_arena_printf(reader->arena, "Fn::%s", word);
    gl_autofree char *message = gl_asprintf(_("`%s` is not a function of CloudFormation"), tag);
    const char *nearest = gl_nearest(word, functions, GL_COUNT(functions));
    gl_autofree char *hint =
        nearest ? gl_asprintf(_("did you mean `!%s`?"), nearest) : gl_strdup(_("Remove the tag."));
    fail(reader, at, message, hint);
    return NULL;
}

/* Opens the map that a short tag stands for; the tagged value becomes its only child. */
static int open_tag(struct reader *reader, struct fy_event *event, struct gl_place at)
{
    struct fy_token *token = fy_event_get_tag_token(event);
    size_t len = 0;
    const char *text = token ? fy_token_get_text(token, &len) : NULL;
    if (!text || (len == 1 && *text == '!'))
        return 0;
    struct gl_place tag_place = place_of(reader, fy_token_start_mark(token));
    gl_autofree char *tag = gl_strndup(text, len);
    const char *name = long_name(reader, tag, tag_place.line ? tag_place : at);
    struct gl_value *map = name ? add_value(reader, GL_VALUE_MAP, tag_place) : NULL;
    if (!map)
        return GL_E_CONFIG;
    reader->at = map;
    reader->name = name;
    reader->name_place = tag_place;
    return 1;
}

/* `!GetAtt a.b.c` is ["a", "b.c"]; so is the long form written as one text. */
static void split_attribute(struct reader *reader, struct gl_value *value)
{
    const char *dot = value->text ? strchr(value->text, '.') : NULL;
    if (!value->name || strcmp(value->name, "Fn::GetAtt") != 0 || !dot)
        return;
    struct gl_value *id = gl_value_new(reader->arena, GL_VALUE_TEXT, value);
    struct gl_value *attribute = gl_value_new(reader->arena, GL_VALUE_TEXT, value);
    id->text = gl_arena_strndup(reader->arena, value->text, (size_t)(dot - value->text));
    attribute->text = gl_arena_strdup(reader->arena, dot + 1);
    id->depth = attribute->depth = value->depth + 1;
    value->kind = GL_VALUE_LIST;
    value->text = NULL;
    gl_value_append(value, id, NULL);
    gl_value_append(value, attribute, NULL);
}

static void close_tag(struct reader *reader, bool tagged)
{
    if (tagged)
        reader->at = reader->at->parent;
}

/* ---- events ------------------------------------------------------------------------------------
 */

static int read_scalar(struct reader *reader, struct fy_event *event, struct gl_place at)
{
    struct fy_token *token = event->scalar.value;
    size_t len = 0;
    const char *text = token ? fy_token_get_text(token, &len) : "";
    enum fy_scalar_style style = token ? fy_token_scalar_style(token) : FYSS_PLAIN;
    if ((style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) && at.column > 1)
        at.column--; /* the library's mark stands behind the quotation mark */
    if (len && memchr(text, '\0', len))
        return fail(reader, at, _("a text has no NUL character"), NULL);
    gl_autofree char *own = gl_strndup(text ? text : "", text ? len : 0);
    if (reader->at && reader->at->kind == GL_VALUE_MAP && !reader->name)
        return take_name(reader, own, at);
    int tagged = open_tag(reader, event, at);
    struct gl_value *value = tagged < 0 ? NULL : add_value(reader, GL_VALUE_TEXT, at);
    if (!value)
        return GL_E_CONFIG;
    value->quoted = style != FYSS_PLAIN;
    set_scalar(reader, value, own);
    split_attribute(reader, value);
    close_tag(reader, tagged);
    return 0;
}

static int open_container(struct reader *reader, struct fy_event *event, enum gl_value_kind kind,
                          struct gl_place at)
{
    int tagged = open_tag(reader, event, at);
    struct gl_value *value = tagged < 0 ? NULL : add_value(reader, kind, at);
    if (!value)
        return GL_E_CONFIG;
    value->wrapped = tagged;
    reader->at = value;
    return 0;
}

static void close_container(struct reader *reader)
{
    bool tagged = reader->at && reader->at->wrapped;
    reader->at = reader->at ? reader->at->parent : NULL;
    close_tag(reader, tagged);
}

static int read_event(struct reader *reader, struct fy_event *event)
{
    struct gl_place at = place_of(reader, fy_event_start_mark(event));
    if (fy_event_get_anchor_token(event))
        return fail(reader, at, _("anchors (`&name`) are not used here"),
                    _("CloudFormation does not read them. Write the value out."));
    switch (event->type) {
    case FYET_DOCUMENT_START:
        if (++reader->documents > 1)
            return fail(reader, at, _("a second document begins here (`---`)"),
                        _("A template is one document."));
        return 0;
    case FYET_MAPPING_START:
        return open_container(reader, event, GL_VALUE_MAP, at);
    case FYET_SEQUENCE_START:
        return open_container(reader, event, GL_VALUE_LIST, at);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        close_container(reader);
        return 0;
    case FYET_SCALAR:
        return read_scalar(reader, event, at);
    case FYET_ALIAS:
        return fail(reader, at, _("aliases (`*name`) are not used here"),
                    _("CloudFormation does not read them. Write the value out."));
    default:
        return 0;
    }
}

static int syntax_error(struct reader *reader, struct fy_diag *diag)
{
    void *position = NULL;
    const struct fy_diag_error *found = fy_diag_errors_iterate(diag, &position);
    struct gl_place at = {.file = reader->file, .line = 1, .column = 1};
    if (found && found->line > 0)
        at.line = (unsigned)found->line;
    if (found && found->column > 0)
        at.column = (unsigned)found->column;
    gl_autofree char *message =
        gl_asprintf(_("not YAML: %s"), found ? found->msg : _("unreadable"));
    return fail(reader, at, message,
                _("Check the indentation, and quote texts that have `: `, `#` or brackets."));
}

static int read_events(struct reader *reader, struct fy_parser *parser, struct fy_diag *diag)
{
    int failed = 0;
    struct fy_event *event;
    while (failed == 0 && (event = fy_parser_parse(parser))) {
        failed = read_event(reader, event);
        fy_parser_event_free(parser, event);
    }
    if (failed == 0 && fy_parser_get_stream_error(parser))
        failed = syntax_error(reader, diag);
    return failed;
}

static int parse_text(struct reader *reader, const char *text, size_t len)
{
    struct fy_diag_cfg diag_config;
    fy_diag_cfg_default(&diag_config);
    diag_config.fp = NULL;
    struct fy_diag *diag = fy_diag_create(&diag_config);
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg config = {
        .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2, .diag = diag};
    struct fy_parser *parser = fy_parser_create(&config);
    int failed = fy_parser_set_string(parser, text, len) == 0 ? read_events(reader, parser, diag)
                                                              : syntax_error(reader, diag);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    return failed;
}

static int fail_size(struct reader *reader, struct gl_place at)
{
    gl_autofree char *message = gl_asprintf(
        _("this file is larger than a template may be (%zu MiB)"), reader->limits->bytes >> 20);
    return fail(reader, at, message, NULL);
}

int gl_template_parse_within(struct gl_arena *arena, const struct gl_template_limits *limits,
                             const struct gl_buf *text, const char *file,
                             struct gl_value **ret_root, struct gl_error *err)
{
    struct reader reader = {.arena = arena, .file = gl_arena_strdup(arena, file), .err = err};
    struct gl_place at = {.file = reader.file, .line = 1, .column = 1};
    reader.limits = limits ? limits : &gl_template_limits_aws;
    if (text->len > reader.limits->bytes)
        return fail_size(&reader, at);
    if (!gl_utf8_valid(gl_buf_text(text), text->len, &at.line, &at.column))
        return fail(&reader, at, _("this is not UTF-8 text"), _("Save the file as UTF-8."));
    at.line = at.column = 1;
    int failed = parse_text(&reader, gl_buf_text(text), text->len);
    if (failed < 0)
        return failed;
    if (!reader.root)
        return fail(&reader, at, _("the file is empty"), NULL);
    *ret_root = reader.root;
    return 0;
}

int gl_template_parse(struct gl_arena *arena, const char *text, size_t len, const char *file,
                      struct gl_value **ret_root, struct gl_error *err)
{
    const struct gl_buf borrowed = {.data = (char *)text, .len = len};
    return gl_template_parse_within(arena, NULL, &borrowed, file, ret_root, err);
}
