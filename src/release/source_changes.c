/* In which files the working tree differs from the commit that it is at. */
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "proc/proc.h"
#include "release/internal.h"

enum {
    GIT_MS = 60000,
    NAMED = 3,
};

static const char *const changed[] = {"diff", "--name-only", "--relative", "-z", "HEAD", NULL};
static const char *const added[] = {"ls-files", "-z", "--others", "--exclude-standard", NULL};

static void add_path(struct gl_strv *argv, const char *dir, const char *name)
{
    gl_autofree char *path = gl_path_join(dir, name);
    gl_strv_addf(argv, ":(exclude)%s", path);
}

/* What builds make is no source, nor is golive.yaml. */
static void add_paths(const struct gl_config *config, struct gl_strv *argv)
{
    const char *binary = gl_config_str(config, "backend.binary");
    gl_strv_add(argv, "--");
    gl_strv_add(argv, ".");
    gl_strv_addf(argv, ":(exclude)%s", gl_path_base(gl_config_path(config)));
    add_path(argv, gl_config_str(config, "frontend.dir"),
             gl_config_str(config, "frontend.build_dir"));
    if (binary && *binary)
        add_path(argv, gl_config_str(config, "backend.dir"), binary);
}

/* Adds the names that git gives, each with what `mark` says of it. */
static void ask(const struct gl_config *config, const char *const *command, const char *mark,
                struct gl_strv *names)
{
    gl_autostrv struct gl_strv argv = {0};
    gl_autoproc struct gl_proc_result result = {0};
    const char *const begin[] = {"git", "-C", gl_config_dir(config), "-c", "safe.directory=*"};
    for (size_t i = 0; i < GL_COUNT(begin); i++)
        gl_strv_add(&argv, begin[i]);
    for (; *command; command++)
        gl_strv_add(&argv, *command);
    add_paths(config, &argv);
    struct gl_proc_spec spec = {.argv = (const char *const *)argv.items, .timeout_ms = GIT_MS};
    if (gl_proc_run(&spec, &result, NULL) < 0 || result.exit_code != 0)
        return;
    const char *at = gl_buf_text(&result.out);
    for (const char *end = at + result.out.len; at < end; at += strlen(at) + 1)
        gl_strv_addf(names, "%s (%s)", at, mark);
}

char *gl_source_changes(const struct gl_config *config)
{
    gl_autostrv struct gl_strv names = {0};
    gl_autostrv struct gl_strv shown = {0};
    ask(config, changed, _("changed"), &names);
    ask(config, added, _("not in git"), &names);
    for (size_t i = 0; i < names.count && i < NAMED; i++)
        gl_strv_add(&shown, names.items[i]);
    if (names.count > NAMED)
        gl_strv_addf(&shown, _("%zu more"), names.count - NAMED);
    return gl_strv_join(&shown, ", ");
}
