/* Evaluated stacks as rows. */
#include "facts/template_rows.h"

#include <string.h>

#include "base/hash.h"
#include "base/i18n.h"

/* ---- a stack -----------------------------------------------------------------------------------
 */

static const char *origin_of(const struct gl_stack_def *def)
{
    return def->ejected ? "ejected" : def->shipped ? "shipped" : "own";
}

static void write_stack(struct gl_template_rows *w, const struct gl_plan_stack *stack,
                        const char *id)
{
    char sha256[GL_SHA256_HEX_SIZE];
    gl_sha256_hex(stack->def->text, stack->def->len, sha256);
    gl_rows_text(&w->stacks, id);
    gl_rows_text(&w->stacks, w->env);
    gl_rows_text(&w->stacks, stack->key);
    gl_rows_text(&w->stacks, stack->stack_name);
    gl_rows_text(&w->stacks, stack->region);
    gl_rows_text(&w->stacks, w->origin ? w->origin : origin_of(stack->def));
    gl_rows_text(&w->stacks, stack->def->file);
    gl_rows_text(&w->stacks, sha256);
    gl_rows_text(&w->stacks, "template");
    gl_rows_int(&w->stacks, w->c->now_unix_s);
    gl_rows_add(&w->stacks);
}

static void write_tags(struct gl_template_rows *w, const struct gl_plan_stack *stack,
                       const char *id)
{
    for (size_t i = 0; i < w->plan->tag_count; i++) {
        if (!gl_plan_tag_applies(stack, &w->plan->tags[i]))
            continue;
        gl_rows_text(&w->tags, id);
        gl_rows_text(&w->tags, w->plan->tags[i].key);
        gl_rows_text(&w->tags, w->plan->tags[i].value);
        gl_rows_add(&w->tags);
    }
}

static void write_parameters(struct gl_template_rows *w, const struct gl_plan_stack *stack,
                             const char *id)
{
    const struct gl_value *declared = stack->def->template.parameters;
    for (const struct gl_value *at = declared ? declared->first : NULL; at; at = at->next) {
        const struct gl_value *value = gl_value_get(stack->result.parameters, at->name);
        gl_autofree char *text = value ? gl_property_text(value) : NULL;
        const char *no_echo = gl_value_str(at, "NoEcho", "false");
        gl_rows_text(&w->parameters, id);
        gl_rows_text(&w->parameters, at->name);
        gl_rows_text(&w->parameters, gl_value_str(at, "Type", "String"));
        gl_rows_int(&w->parameters, strcmp(no_echo, "true") == 0);
        gl_rows_int(&w->parameters, gl_value_get(at, "Default") != NULL);
        gl_rows_text(&w->parameters, text);
        gl_rows_int(&w->parameters, value && !gl_value_has_unknown(value));
        gl_rows_text(&w->parameters, stack->def->file);
        gl_rows_int(&w->parameters, at->name_place.line);
        gl_rows_add(&w->parameters);
    }
}

static void write_outputs(struct gl_template_rows *w, const struct gl_plan_stack *stack,
                          const char *id)
{
    for (size_t i = 0; i < stack->result.output_count; i++) {
        const struct gl_output *output = &stack->result.outputs[i];
        gl_autofree char *text = gl_property_text(output->value);
        gl_autofree char *target = gl_property_target(output->value, w->prefix, stack->key, NULL);
        gl_rows_text(&w->outputs, id);
        gl_rows_text(&w->outputs, output->name);
        gl_rows_text(&w->outputs, text);
        gl_rows_int(&w->outputs, !gl_value_has_unknown(output->value));
        gl_rows_text(&w->outputs, target);
        gl_rows_add(&w->outputs);
    }
}

/* ---- its resources -----------------------------------------------------------------------------
 */

/* Metadata: {golive: {waive: [{control, reason, by, approved_by, expires}]}}. What is wrong with
 * one is judged with the others; only what is no list of maps is lost, and said. */
static void write_waivers(struct gl_template_rows *w, const char *id,
                          const struct gl_value *metadata)
{
    static const char *const words[] = {"reason", "by", "approved_by", "expires"};
    const struct gl_value *waive = gl_value_get(gl_value_get(metadata, "golive"), "waive");
    if (waive && waive->kind != GL_VALUE_LIST)
        gl_collecting_note(w->c, _("%s:%u: Metadata.golive.waive of %s is no list"),
                           waive->place.file, waive->place.line, id);
    if (!waive || waive->kind != GL_VALUE_LIST)
        return;
    for (const struct gl_value *at = waive->first; at; at = at->next) {
        gl_rows_text(&w->waivers, gl_value_str(at, "control", ""));
        gl_rows_text(&w->waivers, id);
        for (size_t i = 0; i < GL_COUNT(words); i++)
            gl_rows_text(&w->waivers, gl_value_str(at, words[i], NULL));
        gl_rows_text(&w->waivers, at->place.file ? at->place.file : "");
        gl_rows_int(&w->waivers, at->place.line);
        gl_rows_add(&w->waivers);
    }
}

static void write_resource(struct gl_template_rows *w, const struct gl_plan_stack *stack,
                           const char *id, const struct gl_resource *resource)
{
    gl_autofree char *resource_id = gl_asprintf("%s/%s", id, resource->id);
    gl_rows_text(&w->resources, resource_id);
    gl_rows_text(&w->resources, w->env);
    gl_rows_text(&w->resources, id);
    gl_rows_text(&w->resources, resource->id);
    gl_rows_text(&w->resources, resource->type);
    gl_rows_text(&w->resources, resource->exists == GL_TRUE ? "yes" : "maybe");
    gl_rows_text(&w->resources, resource->deletion_policy);
    gl_rows_text(&w->resources, resource->update_replace_policy);
    gl_rows_text(&w->resources, stack->region);
    gl_rows_text(&w->resources, "template");
    gl_rows_text(&w->resources, resource->place.file);
    gl_rows_line(&w->resources, resource->place.line);
    gl_rows_add(&w->resources);
    if (strcmp(w->env, w->c->env) == 0)
        write_waivers(w, resource_id, resource->metadata);
    w->properties.stack_key = stack->key;
    gl_property_write(&w->properties, resource_id, resource->properties);
}

void gl_template_rows_stack(struct gl_template_rows *w, const struct gl_plan_stack *stack)
{
    gl_autofree char *id = gl_asprintf("%s/%s", w->prefix, stack->key);
    write_stack(w, stack, id);
    write_tags(w, stack, id);
    write_parameters(w, stack, id);
    write_outputs(w, stack, id);
    for (size_t i = 0; i < stack->result.resource_count; i++)
        write_resource(w, stack, id, &stack->result.resources[i]);
}

void gl_template_rows_open(struct gl_template_rows *w, struct gl_error *err)
{
    sqlite3 *db = w->c->db;
    w->properties.env = w->prefix;
    gl_rows_open(db, "stack", &w->stacks, err);
    gl_rows_open(db, "stack_tag", &w->tags, err);
    gl_rows_open(db, "parameter", &w->parameters, err);
    gl_rows_open(db, "resource", &w->resources, err);
    gl_rows_open(db, "output", &w->outputs, err);
    gl_rows_open(db, "resource_waiver", &w->waivers, err);
    gl_rows_open(db, "property", &w->properties.properties, err);
    gl_rows_open(db, "reference", &w->properties.references, err);
}

int gl_template_rows_done(struct gl_template_rows *w)
{
    struct gl_rows *all[] = {
        &w->stacks,
        &w->tags,
        &w->parameters,
        &w->resources,
        &w->outputs,
        &w->waivers,
        &w->properties.properties,
        &w->properties.references,
    };
    int failed = 0;
    for (size_t i = 0; i < GL_COUNT(all); i++) {
        int of_rows = gl_rows_done(all[i]);
        failed = failed < 0 ? failed : of_rows;
    }
    return failed;
}
