/* Contract migrations that wait for a later release. */
#include "release/contract.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/i18n.h"

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS };

void gl_contracts_done(struct gl_contracts *list)
{
    free(list->items);
    *list = (struct gl_contracts){0};
}

static const json_t *held_by(const struct gl_operation_record *made)
{
    return made ? json_object_get(json_object_get(made->facts, "migrate"), "held") : NULL;
}

static bool has(const json_t *versions, int64_t version)
{
    for (size_t i = 0; i < json_array_size(versions); i++) {
        if (json_integer_value(json_array_get(versions, i)) == version)
            return true;
    }
    return false;
}

/* From the serving release back along those it replaced, as long as each had the migration. */
static int64_t held_since(const struct gl_journal *journal, int64_t serving, int64_t version)
{
    int64_t since = 0;
    for (int64_t release = serving; release > 0;) {
        const struct gl_operation_record *made = gl_journal_deploy_of(journal, release);
        if (!made || made->state != GL_OP_DONE || !has(held_by(made), version))
            break;
        since = made->ended_unix_ms;
        release = made->previous < release ? made->previous : 0;
    }
    return since;
}

int64_t gl_contract_due_from(const struct gl_config *config, int64_t unix_ms)
{
    return unix_ms + gl_config_int(config, "migrations.contract_min_age_hours") * HOUR_MS;
}

void gl_contracts_read(const struct gl_journal *journal, const struct gl_config *config,
                       struct gl_contracts *ret_list)
{
    const struct gl_operation_record *serving = gl_journal_serving(journal);
    const json_t *held = serving ? held_by(gl_journal_deploy_of(journal, serving->release)) : NULL;
    size_t count = json_array_size(held);
    struct gl_contracts list = {.items = gl_alloc((count + 1) * sizeof *list.items)};
    for (size_t i = 0; serving && i < count; i++) {
        int64_t version = json_integer_value(json_array_get(held, i));
        int64_t since = held_since(journal, serving->release, version);
        list.items[list.count++] =
            (struct gl_contract){version, gl_contract_due_from(config, since)};
    }
    *ret_list = list;
}

int64_t gl_contract_due(const struct gl_contracts *list, int64_t version)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].version == version)
            return list->items[i].due_unix_ms;
    }
    return 0;
}

char *gl_contract_time(int64_t unix_ms)
{
    return gl_format_local_minute((unix_ms + MINUTE_MS - 1) / MINUTE_MS * MINUTE_MS);
}

char *gl_contract_text(int64_t due_unix_ms, int64_t now_unix_ms)
{
    if (due_unix_ms <= now_unix_ms)
        return gl_strdup(_("due with the next release"));
    gl_autofree char *when = gl_contract_time(due_unix_ms);
    return gl_asprintf(_("due with the release after %s"), when);
}
