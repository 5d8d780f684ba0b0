/* The catalog: shipped controls, replaced and completed by those of the project. */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "control/control.h"

static struct gl_control *find(const struct gl_controls *controls, const char *id)
{
    for (size_t i = 0; i < controls->count; i++) {
        if (strcmp(controls->items[i].id, id) == 0)
            return &controls->items[i];
    }
    return NULL;
}

const struct gl_control *gl_controls_find(const struct gl_controls *controls, const char *id)
{
    return find(controls, id);
}

int gl_controls_not_found(const struct gl_controls *controls, const char *id, struct gl_error *err)
{
    gl_autofree const char **ids = gl_alloc((controls->count + 1) * sizeof *ids);
    for (size_t i = 0; i < controls->count; i++)
        ids[i] = controls->items[i].id;
    const char *nearest = gl_nearest(id, ids, controls->count);
    gl_fail(err, GL_E_NOT_FOUND, _("there is no control `%s`"), id);
    return nearest ? gl_error_hint(err, _("did you mean `%s`?"), nearest)
                   : gl_error_hint(err, _("`golive check` shows all of them."));
}

static void add(struct gl_controls *controls, struct gl_control *control)
{
    controls->items =
        gl_realloc_array(controls->items, controls->count + 1, sizeof *controls->items);
    controls->items[controls->count++] = *control;
    *control = (struct gl_control){0};
}

/* ---- shipped -----------------------------------------------------------------------------------
 */

static void report_twice(struct gl_controls *controls, const struct gl_control *control,
                         const struct gl_control *same)
{
    struct gl_error *problem = gl_problem_add(&controls->problems, NULL, 0, 0);
    gl_fail(problem, GL_E_CONFIG, _("control %s is in %s already"), control->id, same->file);
    gl_error_hint(problem, _("leave one of the two files"));
    gl_error_at(problem, control->file, 1, 1);
}

static void load_shipped(struct gl_controls *controls)
{
    const char *at = (const char *)gl_shipped_controls;
    const char *end = at + gl_shipped_controls_len;
    while (at < end && *at) {
        const char *file = at;
        const char *text = file + strlen(file) + 1;
        struct gl_control control = {0};
        bool good = gl_control_parse(text, strlen(text), file, &control, &controls->problems);
        const struct gl_control *same = good ? find(controls, control.id) : NULL;
        if (same)
            report_twice(controls, &control, same);
        else if (good)
            add(controls, &control);
        gl_control_done(&control);
        at = text + strlen(text) + 1;
    }
}

/* ---- of the project ----------------------------------------------------------------------------
 */

static void add_own(struct gl_controls *controls, struct gl_control *control)
{
    struct gl_control *same = find(controls, control->id);
    if (!same) {
        control->origin = GL_CONTROL_OWN;
        add(controls, control);
    } else if (same->origin == GL_CONTROL_SHIPPED) {
        control->origin = GL_CONTROL_EJECTED;
        gl_control_done(same);
        *same = *control;
        *control = (struct gl_control){0};
    } else {
        report_twice(controls, control, same);
    }
}

static int load_own(const char *relative, const char *full, void *context, struct gl_error *err)
{
    enum { FILE_BYTES_MAX = 1 << 20 };

    struct gl_controls *controls = context;
    if (!gl_ends_with(relative, ".sql"))
        return 0;
    gl_autobuf struct gl_buf text = {0};
    int failed = gl_read_file(full, FILE_BYTES_MAX, &text, err);
    if (failed < 0)
        return failed;
    gl_autofree char *file = gl_path_join("controls", relative);
    struct gl_control control = {0};
    if (!gl_control_parse(gl_buf_text(&text), text.len, file, &control, &controls->problems))
        return 0;
    if (gl_control_check_texts(&control, &controls->problems))
        add_own(controls, &control);
    gl_control_done(&control);
    return 0;
}

/* ---- both --------------------------------------------------------------------------------------
 */

static int by_id(const void *left, const void *right)
{
    const struct gl_control *a = left;
    const struct gl_control *b = right;
    int order = gl_control_compare_ids(a->id, b->id);
    return order ? order : strcmp(a->id, b->id);
}

int gl_controls_load(const char *project_dir, struct gl_controls *ret_controls,
                     struct gl_error *err)
{
    gl_autocontrols struct gl_controls controls = {0};
    load_shipped(&controls);
    gl_autofree char *dir = project_dir ? gl_path_join(project_dir, "controls") : NULL;
    if (dir && gl_is_dir(dir)) {
        int failed = gl_walk_files(dir, load_own, &controls, err);
        if (failed < 0)
            return failed;
    }
    if (controls.count)
        qsort(controls.items, controls.count, sizeof *controls.items, by_id);
    *ret_controls = controls;
    controls = (struct gl_controls){0};
    return 0;
}

void gl_controls_done(struct gl_controls *controls)
{
    for (size_t i = 0; i < controls->count; i++)
        gl_control_done(&controls->items[i]);
    free(gl_steal(&controls->items));
    controls->count = 0;
    gl_problems_done(&controls->problems);
}
