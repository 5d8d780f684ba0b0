/* Templates in place, read from the events of golive up. */
#include "release/applied.h"

#include <string.h>

#include "base/json.h"
#include "release/fingerprint.h"

struct applying {
    const char *env;
    json_t *templates; /* stack -> hash, as of the newest up that settled it */
};

static int on_up(const struct gl_event *event, void *context, struct gl_error *err)
{
    (void)err;
    const struct applying *applying = context;
    json_t *templates = json_object_get(event->data, "templates");
    if (strcmp(event->kind, "infra.up.end") == 0 && strcmp(event->env, applying->env) == 0 &&
        json_is_object(templates))
        json_object_update(applying->templates, templates);
    return 0;
}

/* A stack that this golive has no more is another one too. */
static bool is_same(const char *project_dir, const char *key, const char *hash)
{
    char now[GL_SHA256_HEX_SIZE];
    gl_autofree char *name = gl_strndup(key, strcspn(key, "@")); /* "certificate@global" */
    return gl_fingerprint_template(project_dir, name, now, NULL) == 0 && strcmp(now, hash) == 0;
}

int gl_applied_differences(struct gl_ledger *ledger, const char *env, const char *project_dir,
                           struct gl_strv *ret_stacks, struct gl_error *err)
{
    gl_autojson json_t *templates = json_object();
    struct applying applying = {env, templates};
    int failed = gl_ledger_read(ledger, 0, on_up, &applying, err);
    const char *key;
    json_t *hash;
    json_object_foreach(templates, key, hash)
    {
        const char *text = json_string_value(hash);
        if (failed == 0 && text && !is_same(project_dir, key, text))
            gl_strv_add(ret_stacks, key);
    }
    if (failed == 0)
        gl_strv_sort(ret_stacks);
    return failed;
}
