/* libpg_query: PostgreSQL 15's own parser. */
#include <pg_query.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "lint/tree.h"
#include "migrate/sqltext.h"

static void *allocate(void *arena, size_t size)
{
    return gl_lint_alloc(arena, size);
}

/* The arena frees everything at once. */
static void release(void *arena, void *pointer)
{
    (void)arena;
    (void)pointer;
}

void gl_lint_parsed_done(struct gl_lint_parsed *parsed)
{
    free(parsed->message);
    *parsed = (struct gl_lint_parsed){0};
}

void gl_lint_parse(const char *sql, struct gl_lint_arena *arena, struct gl_lint_parsed *ret_parsed)
{
    PgQueryProtobufParseResult result = pg_query_parse_protobuf(sql);
    *ret_parsed = (struct gl_lint_parsed){0};
    if (result.error) {
        ret_parsed->message = gl_strdup(result.error->message);
        ret_parsed->at =
            result.error->cursorpos > 0 ? gl_sql_offset(sql, (size_t)result.error->cursorpos) : 0;
    } else {
        ProtobufCAllocator allocator = {allocate, release, arena};
        ret_parsed->tree = pg_query__parse_result__unpack(&allocator, result.parse_tree.len,
                                                          (const uint8_t *)result.parse_tree.data);
        if (!ret_parsed->tree)
            ret_parsed->message = gl_strdup(_("the parse tree cannot be read"));
    }
    pg_query_free_protobuf_parse_result(result);
}
