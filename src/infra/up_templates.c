/* Which templates an up has put in place. */
#include "base/hash.h"
#include "base/json.h"
#include "infra/up.h"

json_t *gl_up_templates(const struct gl_up_outcome *outcome)
{
    json_t *templates = json_object();
    for (size_t i = 0; i < outcome->count; i++) {
        const struct gl_up_stack *shown = &outcome->stacks[i];
        char hash[GL_SHA256_HEX_SIZE];
        if (shown->state != GL_UP_DONE && shown->state != GL_UP_UNCHANGED)
            continue;
        gl_sha256_hex(shown->stack->def->text, shown->stack->def->len, hash);
        gl_json_set_str(templates, shown->stack->key, hash);
    }
    return templates;
}
