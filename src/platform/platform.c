/* Opening the platform of an environment, and releasing what its operations give out. */
#include "platform/platform.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "platform/local/ops.h"

typedef int open_fn(const struct gl_config *config, const char *state_dir,
                    struct gl_platform **ret_platform, struct gl_error *err);

static const struct {
    const char *name;
    open_fn *open;
} platforms[] = {
    {"local", gl_local_open},
};

int gl_platform_open(const struct gl_config *config, const char *state_dir,
                     struct gl_platform **ret_platform, struct gl_error *err)
{
    const char *name = strcmp(gl_config_env(config), "local") == 0
                           ? "local"
                           : gl_config_str(config, "app.platform");
    for (size_t i = 0; i < GL_COUNT(platforms); i++) {
        if (strcmp(platforms[i].name, name) == 0)
            return platforms[i].open(config, state_dir, ret_platform, err);
    }
    gl_fail(err, GL_E_CONFIG, _("this golive cannot release to the platform `%s`"), name);
    return gl_error_hint(err, _("Use the environment `local`, or set app.platform: local"));
}

void gl_platform_free(struct gl_platform **platform)
{
    struct gl_platform *p = gl_steal(platform);
    if (p)
        p->ops->free(p);
}

void gl_platform_progress(const struct gl_platform *p, const char *fmt, ...)
{
    va_list args;
    if (!p->on_progress)
        return;
    va_start(args, fmt);
    gl_autofree char *text = gl_vasprintf(fmt, args);
    va_end(args);
    p->on_progress(text, p->progress_context);
}

void gl_target_done(struct gl_target *target)
{
    free(gl_steal(&target->base_url));
    free(gl_steal(&target->resolve));
    free(gl_steal(&target->ca_file));
    free(gl_steal(&target->host));
}

void gl_observation_done(struct gl_observation *observation)
{
    free(gl_steal(&observation->worst));
}

void gl_backup_done(struct gl_backup *backup)
{
    free(gl_steal(&backup->id));
    free(gl_steal(&backup->location));
}
