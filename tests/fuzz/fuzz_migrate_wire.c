/* What a task of migrations says in a log that others may write to as well. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "migrate/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_event(const struct gl_migrate_event *event, void *context)
{
    const struct gl_migrations *list = context;
    bool ours = false;
    for (size_t i = 0; i < list->count; i++)
        ours = ours || event->migration == &list->items[i];
    if (!ours || event->elapsed_us < 0)
        abort();
}

static void read_lines(struct gl_wire *wire, const char *text, size_t size)
{
    for (size_t begin = 0; begin < size;) {
        const char *end = memchr(text + begin, '\n', size - begin);
        size_t len = end ? (size_t)(end - text) - begin : size - begin;
        gl_wire_read(wire, text + begin, len);
        begin += len + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gl_migration items[] = {
        {.version = 1,                       .path = "/app/migrations/1_a.sql"},
        { .version = 2, .path = "/app/migrations/2_b.sql",        .phase = GL_PHASE_CONTRACT},
    };
    struct gl_migrations list = {items, 2};
    gl_autoerr struct gl_error err = {0};
    gl_autowire struct gl_wire wire = {.list = &list, .on_event = on_event, .context = &list};
    read_lines(&wire, (const char *)data, size);
    gl_automigratestatus struct gl_migrate_status status = {0};
    struct gl_migrate_result result = {0};
    if (gl_wire_take_status(&wire, &status, &err) == 0 &&
        (status.count != 2 || status.pending_expand > 1 || status.pending_contract > 1))
        abort();
    if (gl_wire_take_result(&wire, &result, &err) == 0 && !wire.result_came)
        abort();
    return 0;
}
