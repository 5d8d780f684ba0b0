/* What steps find out and tell: facts for the journal, lines for the reader. */
#include <stdlib.h>

#include "base/fs.h"
#include "base/json.h"
#include "release/internal.h"

json_t *gl_release_own_facts(struct gl_release *release)
{
    json_t *facts = json_object_get(release->facts, release->step->name);
    if (!json_is_object(facts)) {
        facts = json_object();
        json_object_set_new(release->facts, release->step->name, facts);
    }
    return facts;
}

static const json_t *find_fact(const struct gl_release *release, const char *step, const char *key)
{
    const json_t *own = json_object_get(json_object_get(release->facts, step), key);
    return own ? own : json_object_get(json_object_get(release->origin, step), key);
}

const char *gl_release_fact(const struct gl_release *release, const char *step, const char *key)
{
    return json_string_value(find_fact(release, step, key));
}

int64_t gl_release_fact_int(const struct gl_release *release, const char *step, const char *key)
{
    return json_integer_value(find_fact(release, step, key));
}

void gl_release_detail(struct gl_release *release, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    free(release->detail);
    release->detail = gl_vasprintf(fmt, args);
    va_end(args);
}

void gl_release_update(struct gl_release *release, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    gl_autofree char *text = gl_vasprintf(fmt, args);
    va_end(args);
    if (release->reporter->step_update && release->step)
        release->reporter->step_update(release->step, text, release->reporter->context);
}

void gl_release_note(struct gl_release *release, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    gl_autofree char *text = gl_vasprintf(fmt, args);
    va_end(args);
    if (release->reporter->note)
        release->reporter->note(text, release->reporter->context);
}

struct gl_artifact gl_release_artifact(const struct gl_release *release)
{
    return (struct gl_artifact){
        .release = release->number,
        .version = release->version,
        .layout_dir = gl_release_fact(release, "image", "layout"),
        .image_digest = gl_release_fact(release, "image", "digest"),
        .frontend_dir = gl_release_fact(release, "build", "frontend"),
        .pages_digest = gl_release_fact(release, "image", "frontend_digest"),
    };
}

char *gl_release_state_path(const struct gl_release *release, const char *relative)
{
    return gl_path_join(release->state_dir, relative);
}

char *gl_release_project_path(const struct gl_release *release, const char *relative)
{
    return gl_path_join(gl_config_dir(release->config), relative);
}
