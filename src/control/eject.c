/* Writing a shipped control into the project, where it takes precedence. */
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "control/control.h"

const char *gl_shipped_control_text(const char *file)
{
    const char *at = (const char *)gl_shipped_controls;
    const char *end = at + gl_shipped_controls_len;
    while (at < end && *at) {
        const char *text = at + strlen(at) + 1;
        if (strcmp(at, file) == 0)
            return text;
        at = text + strlen(text) + 1;
    }
    return NULL;
}

static int there_already(const char *file, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("%s exists already and stays as it is"), file);
    return gl_error_hint(err, _("It takes precedence over the shipped control; `golive check` says "
                                "what it finds."));
}

static int no_shipped(const struct gl_controls *controls, const char *id, struct gl_error *err)
{
    if (!gl_controls_find(controls, id))
        return gl_controls_not_found(controls, id, err);
    gl_fail(err, GL_E_REFUSED, _("control %s is your own"), id);
    return gl_error_hint(err, _("Only shipped controls can be ejected: change its file."));
}

int gl_control_eject(const char *project_dir, const char *id, char **ret_file, struct gl_error *err)
{
    gl_autocontrols struct gl_controls shipped = {0};
    gl_autocontrols struct gl_controls all = {0};
    int failed = gl_controls_load(NULL, &shipped, err);
    if (failed == 0)
        failed = gl_controls_load(project_dir, &all, err);
    if (failed < 0)
        return failed;
    const struct gl_control *control = gl_controls_find(&shipped, id);
    if (!control)
        return no_shipped(&all, id, err);
    const struct gl_control *used = gl_controls_find(&all, id);
    gl_autofree char *path = gl_path_join(project_dir, control->file);
    if (used->origin != GL_CONTROL_SHIPPED || gl_path_exists(path))
        return there_already(used->file, err);
    gl_autofree char *dir = gl_path_dir(path);
    failed = gl_mkdir_p(dir, 0755, err);
    if (failed == 0)
        failed = gl_write_text(path, gl_shipped_control_text(control->file), 0644, err);
    if (failed == 0)
        *ret_file = gl_strdup(control->file);
    return failed;
}
