/* Through a parse tree by protobuf's descriptors: no list of node types has to be kept. */
#include <string.h>

#include "lint/tree.h"

struct walk {
    gl_lint_visit_fn *visit;
    void *context;
};

static void walk_message(const ProtobufCMessage *message, const struct walk *walk);

/* NOLINTNEXTLINE(misc-no-recursion): as deep as run.c's stack has room for */
static void walk_field(const char *message, const ProtobufCFieldDescriptor *field,
                       const struct walk *walk)
{
    const void *at = message + field->offset;
    if (field->label != PROTOBUF_C_LABEL_REPEATED) {
        walk_message(*(ProtobufCMessage *const *)at, walk);
        return;
    }
    size_t count = *(const size_t *)(const void *)(message + field->quantifier_offset);
    ProtobufCMessage *const *items = *(ProtobufCMessage *const *const *)at;
    for (size_t i = 0; i < count; i++)
        walk_message(items[i], walk);
}

static bool is_set(const char *message, const ProtobufCFieldDescriptor *field)
{
    return !(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ||
           *(const uint32_t *)(const void *)(message + field->quantifier_offset) == field->id;
}

/* NOLINTNEXTLINE(misc-no-recursion): see walk_field() */
static void walk_message(const ProtobufCMessage *message, const struct walk *walk)
{
    if (!message)
        return;
    if (message->descriptor == &pg_query__node__descriptor) {
        const PgQuery__Node *node = (const PgQuery__Node *)message;
        if (walk->visit(node, walk->context))
            walk_message((const ProtobufCMessage *)node->alias, walk); /* all members lie there */
        return;
    }
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        if (field->type == PROTOBUF_C_TYPE_MESSAGE && is_set((const char *)message, field))
            walk_field((const char *)message, field, walk);
    }
}

void gl_lint_walk(const PgQuery__Node *node, gl_lint_visit_fn *visit, void *context)
{
    const struct walk walk = {visit, context};
    walk_message((const ProtobufCMessage *)node, &walk);
}

const char *gl_lint_string(const PgQuery__Node *node)
{
    return node && node->node_case == PG_QUERY__NODE__NODE_STRING ? node->string->sval : "";
}

const char *gl_lint_last(PgQuery__Node *const *names, size_t count)
{
    return count ? gl_lint_string(names[count - 1]) : "";
}

const char *gl_lint_qualifier(PgQuery__Node *const *names, size_t count)
{
    return count > 1 ? gl_lint_string(names[count - 2]) : "";
}

static bool is_off(const PgQuery__Node *value)
{
    if (!value)
        return false;
    if (value->node_case == PG_QUERY__NODE__NODE_INTEGER)
        return value->integer->ival == 0;
    if (value->node_case == PG_QUERY__NODE__NODE_BOOLEAN)
        return !value->boolean->boolval;
    const char *word = gl_lint_string(value);
    return strcmp(word, "false") == 0 || strcmp(word, "off") == 0;
}

bool gl_lint_option(PgQuery__Node *const *options, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (options[i]->node_case == PG_QUERY__NODE__NODE_DEF_ELEM &&
            strcmp(options[i]->def_elem->defname, name) == 0)
            return !is_off(options[i]->def_elem->arg);
    }
    return false;
}

const char *gl_lint_bare_column(const PgQuery__Node *node)
{
    if (!node || node->node_case != PG_QUERY__NODE__NODE_COLUMN_REF)
        return NULL;
    const PgQuery__ColumnRef *column = node->column_ref;
    const PgQuery__Node *last = column->n_fields ? column->fields[column->n_fields - 1] : NULL;
    return last && last->node_case == PG_QUERY__NODE__NODE_STRING ? last->string->sval : NULL;
}
