/* YAML text to a tree of nodes.
 *
 * libfyaml's events are used, not its documents: every event knows its place, and nothing is ever
 * resolved, so that an alias can be refused instead of being expanded. */
#include <libfyaml.h>
#include <string.h>

#include "base/i18n.h"
#include "base/utf8.h"
#include "config/internal.h"

/* More is no configuration; a bound keeps the search for duplicate keys cheap. */
enum { CHILDREN_MAX = 1000 };

struct reader {
    const char *file;
    struct gl_tree *tree;
    struct gl_diagnostics *list;
    struct gl_node *at; /* the open map or list; NULL outside */
    char *name;         /* key whose value comes next, or NULL */
    struct gl_origin name_origin;
    bool repeated; /* that key stood there before */
    int documents;
    bool stop; /* the rest cannot be read */
};

static struct gl_origin origin_of(const struct fy_mark *mark)
{
    struct gl_origin origin = {.kind = GL_ORIGIN_FILE};
    if (mark) {
        origin.line = (unsigned)mark->line + 1;
        origin.column = (unsigned)mark->column + 1;
    }
    return origin;
}

static bool has_child(const struct reader *reader, const char *name, struct gl_origin *ret_first)
{
    const struct gl_node *child = gl_node_child(reader->at, name);
    if (child)
        *ret_first = child->name_origin;
    return child != NULL;
}

static void take_name(struct reader *reader, char *name, struct gl_origin at)
{
    struct gl_origin first;
    reader->repeated = has_child(reader, name, &first);
    if (reader->repeated) {
        struct gl_error *problem = gl_diagnostics_add(reader->list, reader->file, at,
                                                      _("`%s` stands here a second time"), name);
        gl_error_hint(problem, _("first in line %u\nKeep one of the two."), first.line);
    }
    reader->name = name;
    reader->name_origin = at;
}

static bool is_null(const char *text, size_t len, bool quoted)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (quoted)
        return false;
    for (size_t i = 0; i < GL_COUNT(words); i++) {
        if (strlen(words[i]) == len && memcmp(text, words[i], len) == 0)
            return true;
    }
    return false;
}

/* A place for the value that comes: in the open list, or under the key that was read. NULL when
 * there is none, because a list or a map stands where a key is expected. */
static struct gl_node *add_value(struct reader *reader, enum gl_node_kind kind, struct gl_origin at)
{
    if (reader->at && reader->at->kind == GL_NODE_MAP && !reader->name) {
        gl_diagnostics_add(reader->list, reader->file, at, _("a key must be a plain word"));
        reader->stop = true;
        return NULL;
    }
    bool deep = reader->at && reader->at->depth >= GL_TREE_DEPTH_MAX;
    if (deep || (reader->at && reader->at->count >= CHILDREN_MAX)) {
        gl_diagnostics_add(reader->list, reader->file, at,
                           deep ? _("this is nested too deeply (limit %d)")
                                : _("this list or map is too long (limit %d)"),
                           deep ? GL_TREE_DEPTH_MAX : CHILDREN_MAX);
        reader->stop = true;
        return NULL;
    }
    gl_autofree char *name = gl_steal(&reader->name);
    struct gl_node *node = gl_tree_add(reader->tree, reader->at, kind, name);
    node->name_origin = reader->name_origin;
    node->broken = node->name && reader->repeated;
    node->origin = at.line ? at : reader->name_origin;
    return node;
}

static void open_container(struct reader *reader, enum gl_node_kind kind, struct gl_origin at)
{
    struct gl_node *node = add_value(reader, kind, at);
    if (node)
        reader->at = node;
}

static void read_scalar(struct reader *reader, struct fy_event *event, struct gl_origin at)
{
    struct fy_token *token = event->scalar.value;
    size_t len = 0;
    const char *text = token ? fy_token_get_text(token, &len) : "";
    enum fy_scalar_style style = token ? fy_token_scalar_style(token) : FYSS_PLAIN;
    bool quoted = style != FYSS_PLAIN;
    if ((style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) && at.column > 1)
        at.column--; /* the library's mark stands behind the quotation mark */
    if (!text)
        text = "";
    if (memchr(text, '\0', len)) {
        gl_diagnostics_add(reader->list, reader->file, at, _("a text has no NUL character"));
        len = strlen(text);
    }
    if (reader->at && reader->at->kind == GL_NODE_MAP && !reader->name) {
        take_name(reader, gl_strndup(text, len), at);
        return;
    }
    enum gl_node_kind kind = is_null(text, len, quoted) ? GL_NODE_NULL : GL_NODE_SCALAR;
    struct gl_node *node = add_value(reader, kind, at);
    if (!node)
        return;
    node->text = kind == GL_NODE_SCALAR ? gl_strndup(text, len) : NULL;
    node->quoted = quoted;
}

/* Aliases are refused: nine lines of them can stand for gigabytes. */
static void refuse_alias(struct reader *reader, struct gl_origin at)
{
    struct gl_error *problem = gl_diagnostics_add(reader->list, reader->file, at,
                                                  _("aliases (`*name`) are not used here"));
    gl_error_hint(problem, _("Write the value out."));
    if (reader->at && reader->at->kind == GL_NODE_MAP && !reader->name) {
        take_name(reader, gl_strdup("*"), at);
        return;
    }
    struct gl_node *node = add_value(reader, GL_NODE_NULL, at);
    if (node)
        node->broken = true;
}

static void refuse_token(struct reader *reader, struct fy_token *token, const char *what)
{
    if (!token)
        return;
    struct gl_error *problem =
        gl_diagnostics_add(reader->list, reader->file, origin_of(fy_token_start_mark(token)),
                           _("%s are not used here"), _(what));
    gl_error_hint(problem, _("Remove it; types come from the key, not from a mark."));
}

static void begin_document(struct reader *reader, struct gl_origin at)
{
    if (++reader->documents < 2)
        return;
    struct gl_error *problem = gl_diagnostics_add(reader->list, reader->file, at,
                                                  _("a second document begins here (`---`)"));
    gl_error_hint(problem, _("golive.yaml is one document; use environments for variants."));
    reader->stop = true;
}

static void read_event(struct reader *reader, struct fy_event *event)
{
    struct gl_origin at = origin_of(fy_event_start_mark(event));
    refuse_token(reader, fy_event_get_anchor_token(event), N_("anchors (`&name`)"));
    refuse_token(reader, fy_event_get_tag_token(event), N_("tags (`!name`)"));
    switch (event->type) {
    case FYET_DOCUMENT_START:
        begin_document(reader, at);
        break;
    case FYET_MAPPING_START:
        open_container(reader, GL_NODE_MAP, at);
        break;
    case FYET_SEQUENCE_START:
        open_container(reader, GL_NODE_LIST, at);
        break;
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        reader->at = reader->at ? reader->at->parent : NULL;
        break;
    case FYET_SCALAR:
        read_scalar(reader, event, at);
        break;
    case FYET_ALIAS:
        refuse_alias(reader, at);
        break;
    default:
        break;
    }
}

/* The library's words about a syntax error, with the advice that most often helps. */
static void add_syntax_errors(struct reader *reader, struct fy_diag *diag)
{
    void *position = NULL;
    struct fy_diag_error *found;
    bool any = false;
    while ((found = fy_diag_errors_iterate(diag, &position))) {
        struct gl_origin at = {.kind = GL_ORIGIN_FILE,
                               .line = found->line > 0 ? (unsigned)found->line : 1,
                               .column = found->column > 0 ? (unsigned)found->column : 1};
        struct gl_error *problem =
            gl_diagnostics_add(reader->list, reader->file, at, _("not YAML: %s"), found->msg);
        if (strstr(found->msg, "tab"))
            gl_error_hint(problem, _("Indent with spaces."));
        else
            gl_error_hint(problem, _("Check the indentation, and quote texts that have `: `, `#` "
                                     "or brackets."));
        any = true;
    }
    if (!any)
        gl_diagnostics_add(reader->list, reader->file, (struct gl_origin){.line = 1, .column = 1},
                           _("not YAML"));
}

static void read_events(struct reader *reader, struct fy_parser *parser, struct fy_diag *diag)
{
    struct fy_event *event;
    while (!reader->stop && (event = fy_parser_parse(parser))) {
        read_event(reader, event);
        fy_parser_event_free(parser, event);
    }
    if (fy_parser_get_stream_error(parser)) {
        add_syntax_errors(reader, diag);
        reader->stop = true;
    }
}

/* UTF-8 without surprises: the library would read on silently behind a wrong byte. */
static bool check_text(struct reader *reader, const char *text, size_t len)
{
    struct gl_origin at = {.kind = GL_ORIGIN_FILE};
    if (gl_utf8_valid(text, len, &at.line, &at.column))
        return true;
    struct gl_error *problem =
        gl_diagnostics_add(reader->list, reader->file, at, _("this is not UTF-8 text"));
    gl_error_hint(problem, _("Save the file as UTF-8."));
    return false;
}

bool gl_yaml_read(const char *text, size_t len, const char *file, struct gl_tree *ret_tree,
                  struct gl_diagnostics *list)
{
    struct reader reader = {.file = file, .tree = ret_tree, .list = list};
    if (!check_text(&reader, text, len))
        return false;
    struct fy_diag_cfg diag_config;
    fy_diag_cfg_default(&diag_config);
    diag_config.fp = NULL;
    struct fy_diag *diag = fy_diag_create(&diag_config);
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg config = {
        .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2, .diag = diag};
    struct fy_parser *parser = fy_parser_create(&config);
    if (fy_parser_set_string(parser, text, len) == 0)
        read_events(&reader, parser, diag);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    gl_free_ptr(&reader.name);
    return !reader.stop;
}
