/* Templates of workflows: lines with conditions, values in between. */
#include "generate/render.h"

#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"

static const char mark_if[] = "#? if ";
static const char mark_else[] = "#? else";
static const char mark_end[] = "#? end";

struct rendering {
    const json_t *values;
    const struct gl_value *actions;
    const char *file;
    unsigned line; /* 1-based */
    struct gl_buf out;
};

static void rendering_done(struct rendering *rendering)
{
    gl_buf_done(&rendering->out);
}

/* "github/codeql-action/init" is a directory of github/codeql-action. */
static const struct gl_value *find_action(const struct gl_value *actions, const char *name)
{
    const char *slash = strchr(name, '/');
    const char *below = slash ? strchr(slash + 1, '/') : NULL;
    gl_autofree char *owner_name = below ? gl_strndup(name, (size_t)(below - name)) : NULL;
    return gl_value_get(gl_value_get(actions, "actions"), owner_name ? owner_name : name);
}

/* The text of one placeholder; the caller owns it. */
static char *value_of(const struct rendering *rendering, const char *name)
{
    if (gl_starts_with(name, "action:")) {
        const struct gl_value *action = find_action(rendering->actions, name + strlen("action:"));
        const char *commit = gl_value_str(action, "commit", NULL);
        return commit ? gl_asprintf("%s@%s # %s", name + strlen("action:"), commit,
                                    gl_value_str(action, "version", "?"))
                      : NULL;
    }
    if (gl_starts_with(name, "tool:"))
        return gl_strdup(
            gl_value_str(gl_value_get(rendering->actions, "tools"), name + strlen("tool:"), NULL));
    return gl_strdup(gl_json_str(rendering->values, name, NULL));
}

static int no_value(const struct rendering *rendering, const char *name, struct gl_error *err)
{
    gl_fail(err, GL_E_CORRUPT, _("%s:%u: <<%s>> has no value"), rendering->file, rendering->line,
            name);
    return gl_error_hint(err, _("This is a mistake in golive's template: please report it."));
}

static int add_value(struct rendering *rendering, const char *name, size_t column,
                     struct gl_error *err)
{
    gl_autofree char *value = value_of(rendering, name);
    if (!value)
        return no_value(rendering, name, err);
    for (const char *at = value; *at; at++) {
        gl_buf_putc(&rendering->out, *at);
        if (*at == '\n')
            gl_buf_printf(&rendering->out, "%*s", (int)column, "");
    }
    return 0;
}

static int add_line(struct rendering *rendering, const char *line, struct gl_error *err)
{
    size_t column = strspn(line, " ");
    const char *open;
    while ((open = strstr(line, "<<"))) {
        const char *close = strstr(open, ">>");
        if (!close)
            break;
        gl_autofree char *name = gl_strndup(open + 2, (size_t)(close - open) - 2);
        gl_buf_add(&rendering->out, line, (size_t)(open - line));
        int failed = add_value(rendering, name, column, err);
        if (failed < 0)
            return failed;
        line = close + 2;
    }
    gl_buf_printf(&rendering->out, "%s\n", line);
    return 0;
}

/* Where a line stands among conditions. */
struct nesting {
    unsigned depth;   /* conditions around it */
    unsigned skipped; /* depth of the outermost one that does not hold; 0 = all hold */
};

/* False for a line that is no mark. */
static bool take_mark(struct nesting *nesting, const char *line, const json_t *values)
{
    if (gl_starts_with(line, mark_if)) {
        nesting->depth++;
        if (!nesting->skipped && !json_object_get(values, line + strlen(mark_if)))
            nesting->skipped = nesting->depth;
        return true;
    }
    bool is_else = strcmp(line, mark_else) == 0;
    if (!is_else && strcmp(line, mark_end) != 0)
        return false;
    if (nesting->skipped == nesting->depth)
        nesting->skipped = 0;
    else if (is_else && !nesting->skipped)
        nesting->skipped = nesting->depth;
    nesting->depth -= !is_else;
    return true;
}

int gl_render(const char *file, const char *text, const json_t *values,
              const struct gl_value *actions, char **ret_text, struct gl_error *err)
{
    gl_cleanup(rendering_done) struct rendering rendering = {
        .values = values, .actions = actions, .file = file};
    struct nesting nesting = {0};
    int failed = 0;
    while (failed == 0 && *text) {
        size_t len = strcspn(text, "\n");
        gl_autofree char *line = gl_strndup(text, len);
        text += text[len] ? len + 1 : len;
        rendering.line++;
        if (!take_mark(&nesting, line, values) && !nesting.skipped)
            failed = add_line(&rendering, line, err);
    }
    if (failed == 0)
        *ret_text = gl_buf_steal(&rendering.out);
    return failed;
}
