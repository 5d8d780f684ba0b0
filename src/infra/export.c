/* Templates, parameters, a script and an index. */
#include "infra/export.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "infra/plan_internal.h"

static char *file_of(const struct gl_plan *plan, const struct gl_plan_stack *stack,
                     const char *suffix)
{
    size_t number = (size_t)(stack - plan->stacks) + 1;
    char *name = gl_asprintf("%02zu-%s%s%s", number, stack->def->name,
                             stack->placement == GL_PLACEMENT_GLOBAL ? "-global" : "", suffix);
    return name;
}

/* ---- parameters --------------------------------------------------------------------------------
 */

/* The value, or "@STACK REGION Output@" / "@live.hosted_zone_id@" for what is not known yet. */
static char *parameter_text(const struct gl_plan *plan, const struct gl_stack_parameter *parameter,
                            const struct gl_value *value)
{
    if (value->kind != GL_VALUE_UNKNOWN)
        return gl_strdup(value->text);
    const char *output = NULL;
    const struct gl_plan_stack *from = parameter->kind == GL_SOURCE_OUTPUT
                                           ? gl_plan_producer(plan, parameter->source, &output)
                                           : NULL;
    if (!from)
        return gl_asprintf("@live.%s@", parameter->source);
    return gl_asprintf("@%s %s %s@", from->stack_name, from->region, output);
}

/* Live values that have a Default are left out: the template's own answer for a first creation. */
static bool is_left_out(const struct gl_plan_stack *stack,
                        const struct gl_stack_parameter *parameter, const struct gl_value *value)
{
    const struct gl_value *node = gl_value_get(stack->def->template.parameters, value->name);
    return value->kind == GL_VALUE_UNKNOWN && parameter->kind == GL_SOURCE_LIVE &&
           gl_value_get(node, "Default");
}

/* ["Key=Value", ...]: of the forms that the AWS CLI documents, version 1 reads only this one. */
static char *parameters_json(const struct gl_plan *plan, const struct gl_plan_stack *stack)
{
    gl_autojson json_t *list = json_array();
    for (const struct gl_value *at = stack->given->first; at; at = at->next) {
        const struct gl_stack_parameter *parameter = gl_stack_source(stack->def, at->name);
        if (!parameter || is_left_out(stack, parameter, at))
            continue;
        gl_autofree char *text = parameter_text(plan, parameter, at);
        gl_autofree char *pair = gl_asprintf("%s=%s", at->name, text);
        json_array_append_new(list, json_string(pair));
    }
    return gl_json_pretty(list);
}

/* ---- deploy.sh ---------------------------------------------------------------------------------
 */

static const char script_head[] =
    "#!/bin/sh\n"
    "# Makes this environment with the AWS CLI alone, one stack after the other.\n"
    "set -eu\n"
    "cd \"$(dirname \"$0\")\"\n"
    "filled=$(mktemp)\n"
    "trap 'rm -f \"$filled\" \"$filled.next\"' EXIT\n"
    "\n"
    "# Replaces every @STACK REGION Output@ of a parameter file by that output.\n"
    "fill() {\n"
    "    cp \"$1\" \"$filled\"\n"
    "    while hole=$(grep -o '@[^@\"]* [^@\"]* [^@\"]*@' \"$filled\" | head -n 1) && [ -n \"$hole\" ]; do\n"
    "        set -- $(printf '%s' \"$hole\" | tr -d @)\n"
    "        value=$(aws cloudformation describe-stacks --stack-name \"$1\" --region \"$2\" \\\n"
    "            --query \"Stacks[0].Outputs[?OutputKey=='$3'].OutputValue\" --output text)\n"
    "        [ -n \"$value\" ] || { echo \"$1 has no output $3\" >&2; exit 1; }\n"
    "        sed \"s|$hole|$value|g\" \"$filled\" >\"$filled.next\" && mv \"$filled.next\" \"$filled\"\n"
    "    done\n"
    "    if grep -o '@live[.][a-z0-9_]*@' \"$filled\"; then\n"
    "        echo 'write these values into the file above first' >&2\n"
    "        exit 1\n"
    "    fi\n"
    "}\n"
    "\n";

/* Nothing but a quote ends a quoted text of the shell. */
static void add_quoted(struct gl_buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            gl_buf_puts(out, "'\\''");
        else
            gl_buf_putc(out, *text);
    }
}

static void add_tags(const struct gl_plan *plan, const struct gl_plan_stack *stack,
                     struct gl_buf *out)
{
    gl_autojson json_t *tags = gl_plan_stack_tags(plan, stack);
    size_t i;
    const json_t *tag;
    gl_buf_puts(out, "    --tags");
    json_array_foreach(tags, i, tag)
    {
        gl_buf_puts(out, " '");
        add_quoted(out, gl_json_str(tag, "Key", ""));
        gl_buf_putc(out, '=');
        add_quoted(out, gl_json_str(tag, "Value", ""));
        gl_buf_putc(out, '\'');
    }
    gl_buf_puts(out, " \\\n");
}

static void add_command(const struct gl_plan *plan, const struct gl_plan_stack *stack,
                        struct gl_buf *out)
{
    gl_autofree char *template = file_of(plan, stack, ".yaml");
    gl_autofree char *parameters = file_of(plan, stack, ".parameters.json");
    gl_buf_printf(out, "fill %s\n", parameters);
    gl_buf_printf(out,
                  "aws cloudformation deploy --stack-name %s --region %s \\\n"
                  "    --template-file %s --parameter-overrides \"file://$filled\" \\\n",
                  stack->stack_name, stack->region, template);
    if (stack->def->len > GL_TEMPLATE_INLINE_BYTES_MAX)
        gl_buf_puts(out, "    --s3-bucket \"${BUCKET:?name a bucket for large templates}\" \\\n");
    add_tags(plan, stack, out);
    gl_buf_puts(out, "    --capabilities CAPABILITY_NAMED_IAM CAPABILITY_AUTO_EXPAND "
                     "--no-fail-on-empty-changeset\n\n");
}

/* ---- README.md ---------------------------------------------------------------------------------
 */

static void add_index(const struct gl_plan *plan, struct gl_buf *out)
{
    gl_buf_printf(out, _("# %s, environment %s\n\n"), gl_config_str(plan->config, "app.name"),
                  plan->env);
    gl_buf_puts(out, _("Written by `golive plan --out`. `sh deploy.sh` makes all stacks in this "
                       "order with the AWS CLI alone.\n"
                       "`@STACK REGION Output@` in a parameter file is an output of an earlier "
                       "stack, which deploy.sh fills in;\n`@live.NAME@` is a value of the account "
                       "that you fill in.\n\n"));
    gl_buf_puts(out, _("| file | stack | region | resources | what |\n|---|---|---|---|---|\n"));
    for (size_t i = 0; i < plan->count; i++) {
        const struct gl_plan_stack *stack = &plan->stacks[i];
        gl_autofree char *file = file_of(plan, stack, ".yaml");
        gl_buf_printf(out, "| %s | %s | %s | %zu | %s |\n", file, stack->stack_name, stack->region,
                      stack->result.resource_count, stack->def->summary);
    }
}

/* ---- writing -----------------------------------------------------------------------------------
 */

static int write_file(const char *dir, const char *name, const char *text, mode_t mode,
                      struct gl_error *err)
{
    gl_autofree char *path = gl_path_join(dir, name);
    return gl_write_text(path, text, mode, err);
}

static int write_stack(const struct gl_plan *plan, const struct gl_plan_stack *stack,
                       const char *dir, struct gl_error *err)
{
    gl_autofree char *template = file_of(plan, stack, ".yaml");
    gl_autofree char *parameters = file_of(plan, stack, ".parameters.json");
    gl_autofree char *json = parameters_json(plan, stack);
    int failed = write_file(dir, template, stack->def->text, 0644, err);
    return failed < 0 ? failed : write_file(dir, parameters, json, 0644, err);
}

/* ---- whose directory ---------------------------------------------------------------------------
 */

static const char owner_file[] = "golive-plan.json";

static int read_owner(const char *dir, json_t **ret_owner, struct gl_error *err)
{
    gl_autofree char *path = gl_path_join(dir, owner_file);
    return gl_path_exists(path) ? gl_json_load(path, ret_owner, err) : 0;
}

/* Two environments in one directory would share deploy.sh and numbers, and be made of each other's
 * parts. */
static int check_owner(const struct gl_plan *plan, const char *dir, const json_t *owner,
                       struct gl_error *err)
{
    gl_autofree char *script = gl_path_join(dir, "deploy.sh");
    const char *app = gl_json_str(owner, "app", "");
    const char *env = gl_json_str(owner, "env", "");
    if (owner && strcmp(env, plan->env) == 0 &&
        strcmp(app, gl_config_str(plan->config, "app.name")) == 0)
        return 0;
    if (owner)
        gl_fail(err, GL_E_REFUSED, _("%s has the files of %s, environment %s"), dir, app, env);
    else if (gl_path_exists(script))
        gl_fail(err, GL_E_REFUSED, _("%s has a deploy.sh that is not known to be of %s"), dir,
                plan->env);
    else
        return 0;
    return gl_error_hint(err,
                         _("Give each environment a directory of its own, for example %s-%s, "
                           "or remove that one first."),
                         dir, plan->env);
}

/* A stack that is no longer wanted, or has another number now, leaves no file behind. */
static int remove_old(const char *dir, const json_t *owner, const json_t *files,
                      struct gl_error *err)
{
    const json_t *old = json_object_get(owner, "files");
    for (size_t i = 0; i < json_array_size(old); i++) {
        const char *name = json_string_value(json_array_get(old, i));
        bool still = false;
        for (size_t j = 0; j < json_array_size(files) && !still; j++)
            still = json_equal(json_array_get(old, i), json_array_get(files, j));
        if (still || !name || strchr(name, '/'))
            continue;
        gl_autofree char *path = gl_path_join(dir, name);
        if (unlink(path) < 0 && errno != ENOENT)
            return gl_fail_errno(err, errno, _("cannot remove %s"), path);
    }
    return 0;
}

static json_t *file_names(const struct gl_plan *plan)
{
    static const char *const suffixes[] = {".yaml", ".parameters.json"};
    json_t *names = json_array();
    for (size_t i = 0; i < plan->count * GL_COUNT(suffixes); i++) {
        gl_autofree char *name =
            file_of(plan, &plan->stacks[i / GL_COUNT(suffixes)], suffixes[i % GL_COUNT(suffixes)]);
        json_array_append_new(names, json_string(name));
    }
    return names;
}

/* Makes the directory ours before the first file, so that whoever is killed is known too. */
static int take_directory(const struct gl_plan *plan, const char *dir, struct gl_error *err)
{
    gl_autojson json_t *before = NULL;
    gl_autojson json_t *owner = json_object();
    json_t *files = file_names(plan);
    int failed = read_owner(dir, &before, err);
    json_object_set_new(owner, "files", files);
    gl_json_set_str(owner, "app", gl_config_str(plan->config, "app.name"));
    gl_json_set_str(owner, "env", plan->env);
    gl_autofree char *text = gl_json_pretty(owner);
    if (failed == 0)
        failed = check_owner(plan, dir, before, err);
    if (failed == 0)
        failed = gl_mkdir_p(dir, 0755, err);
    if (failed == 0)
        failed = remove_old(dir, before, files, err);
    return failed < 0 ? failed : write_file(dir, owner_file, text, 0644, err);
}

int gl_export(struct gl_plan *plan, const char *dir, struct gl_error *err)
{
    gl_autobuf struct gl_buf script = {0};
    gl_autobuf struct gl_buf index = {0};
    int failed = take_directory(plan, dir, err);
    gl_buf_puts(&script, script_head);
    for (size_t i = 0; failed == 0 && i < plan->count; i++) {
        failed = write_stack(plan, &plan->stacks[i], dir, err);
        add_command(plan, &plan->stacks[i], &script);
    }
    if (failed == 0)
        failed = write_file(dir, "deploy.sh", gl_buf_text(&script), 0755, err);
    add_index(plan, &index);
    if (failed == 0)
        failed = write_file(dir, "README.md", gl_buf_text(&index), 0644, err);
    return failed;
}
