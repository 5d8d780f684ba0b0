/* What the tests of the room share: templates, stacks and configurations from text. */
#ifndef GL_TEST_INFRA_SUPPORT_H
#define GL_TEST_INFRA_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/internal.h"
#include "infra/plan.h"

/* An arena, a template, its evaluation and the error of the last step. */
struct world {
    struct gl_arena arena;
    struct gl_template template;
    struct gl_evaluated result;
    struct gl_error err;
    int code;
};

static inline void world_done(struct world *w)
{
    gl_arena_done(&w->arena);
    gl_error_done(&w->err);
}

#define gl_autoworld gl_cleanup(world_done)

/* Reads and evaluates; `given` has "Name=value" pairs and ends with NULL, or is NULL. */
static inline void evaluate(struct world *w, const char *text, const char *const *given)
{
    w->code = gl_template_read(&w->arena, text, strlen(text), "t.yaml", &w->template, &w->err);
    if (w->code < 0)
        return;
    struct gl_value *map = gl_value_new(&w->arena, GL_VALUE_MAP, NULL);
    for (; given && *given; given++) {
        const char *equal = strchr(*given, '=');
        char *name = gl_arena_strndup(&w->arena, *given, (size_t)(equal - *given));
        gl_value_append(map, gl_value_text(&w->arena, equal + 1, NULL), name);
    }
    struct gl_eval_input input = {.template = &w->template,
                                  .parameters = map,
                                  .account_id = "123456789012",
                                  .region = "eu-central-1",
                                  .stack_name = "demo-prod-x"};
    w->code = gl_eval_template(&w->arena, &input, &w->result, &w->err);
}

/* The property of resource R as shown; caller frees. "<absent>" when it is not there. */
static inline char *property(const struct world *w, const char *path)
{
    const struct gl_resource *resource = gl_evaluated_resource(&w->result, "R");
    const struct gl_value *value = resource ? gl_value_find(resource->properties, path) : NULL;
    return value ? gl_value_show(value) : gl_strdup("<absent>");
}

#define gl_assert_property(w, path, expected)                                                      \
    do {                                                                                           \
        if ((w)->code)                                                                             \
            print_message("%s:%u:%u %s\n", (w)->err.file ? (w)->err.file : "?", (w)->err.line,     \
                          (w)->err.column, (w)->err.message);                                      \
        assert_int_equal((w)->code, 0);                                                            \
        gl_autofree char *shown_ = property((w), (path));                                          \
        assert_string_equal(shown_, (expected));                                                   \
    } while (0)

/* One value V of a resource R, with the rest of the template before it. */
static inline void evaluate_value(struct world *w, const char *before, const char *value,
                                  const char *const *given)
{
    gl_autofree char *text = gl_asprintf("%sResources:\n"
                                         "  Other: {Type: \"AWS::EC2::VPC\"}\n"
                                         "  R:\n    Type: AWS::S3::Bucket\n    Properties:\n"
                                         "      V: %s\n",
                                         before, value);
    evaluate(w, text, given);
}

static inline void check_value(const char *before, const char *value, const char *expected)
{
    gl_autoworld struct world w = {0};
    evaluate_value(&w, before, value, NULL);
    if (w.code < 0)
        print_message("%s: %s\n", value, w.err.message);
    gl_assert_property(&w, "V", expected);
}

/* The value must fail, at this line, with a message that has this text. */
static inline void check_fails(const char *text, unsigned line, const char *message)
{
    gl_autoworld struct world w = {0};
    evaluate(&w, text, NULL);
    assert_int_equal(w.code, GL_E_CONFIG);
    if (!strstr(w.err.message, message) || w.err.line != line)
        print_message("got %u: %s\n", w.err.line, w.err.message);
    assert_non_null(strstr(w.err.message, message));
    assert_int_equal(w.err.line, line);
    assert_string_equal(w.err.file, "t.yaml");
}

/* ---- plans -------------------------------------------------------------------------------------
 */

struct planning {
    struct gl_config *config;
    struct gl_catalog catalog;
    struct gl_plan plan;
    struct gl_error err;
    int code;
};

static inline void planning_done(struct planning *p)
{
    gl_plan_done(&p->plan);
    gl_catalog_done(&p->catalog);
    gl_config_free(&p->config);
    gl_error_done(&p->err);
}

#define gl_autoplanning gl_cleanup(planning_done)

static inline struct gl_config *load_config(const char *text, const char *env)
{
    struct gl_config_request request = {.path = "golive.yaml", .env = env};
    struct gl_config *config = NULL;
    gl_autodiag struct gl_diagnostics list = {0};
    gl_autoerr struct gl_error err = {0};
    int code = gl_config_parse_text(&request, text, strlen(text), &config, &list, &err);
    for (size_t i = 0; i < list.count; i++)
        print_message("%u: %s\n", list.items[i].line, list.items[i].message);
    assert_int_equal(code, 0);
    return config;
}

/* Plans `env` of a configuration with these stacks instead of the shipped ones. */
static inline void make_plan(struct planning *p, const char *config, const char *env,
                             const struct gl_shipped *stacks)
{
    p->config = load_config(config, env);
    p->code = gl_catalog_open(stacks, NULL, &p->catalog, &p->err);
    if (p->code == 0)
        p->code = gl_plan_make(p->config, &p->catalog, &p->plan, &p->err);
}

#define MINIMUM                                                                                    \
    "golive: 1\napp: {name: demo}\n"                                                               \
    "environments:\n"                                                                              \
    "  stg: {account_id: \"111111111111\", region: eu-central-1}\n"                                \
    "  prod: {account_id: \"222222222222\", region: eu-central-1}\n"

#endif
