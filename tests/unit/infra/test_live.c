/* Live sources, from AWS's answers. */
#include "infra/live_internal.h"

#include "support.h"

static const struct gl_shipped stacks[] = {
    {"data",
     "Metadata:\n  golive:\n    parameters:\n      Version: {live: engine_version}\n"
     "Parameters:\n  Version: {Type: String, Default: \"16\"}\nResources:\n  R: {Type: T}\n"},
    {"service",                                                                                                 "Metadata:\n  golive:\n    parameters:\n      Blue: {live: blue_weight}\n"
                "Parameters:\n  Blue: {Type: Number, Default: 100}\nResources:\n  R: {Type: T}\n"},
    {"zone",
     "Metadata:\n  golive:\n    parameters:\n      Existing: {live: hosted_zone_id}\n"
     "Parameters:\n  Existing: {Type: String, Default: \"\"}\nResources:\n  R: {Type: T}\n"},
    {0                                                                                           },
};

static const char config[] = MINIMUM "domain: {zone: example.com}\n";

/* A question about the parameter of one stack, and what stacks there are. */
struct asked {
    struct planning p;
    struct gl_live_stack live[3];
    struct gl_live_question q;
};

static void asked_done(struct asked *a)
{
    planning_done(&a->p);
}

static void ask(struct asked *a, const char *text, const char *stack)
{
    make_plan(&a->p, text, "prod", stacks);
    assert_int_equal(a->p.code, 0);
    a->q = (struct gl_live_question){
        .plan = &a->p.plan, .stack = gl_plan_find(&a->p.plan, stack), .stacks = a->live};
    a->q.parameter = a->q.stack->def->parameters;
    a->q.source = gl_live_find(a->q.parameter->source);
    assert_non_null(a->q.source);
}

/* Makes that stack stand, with an output and the last value of its parameter (NULL = none). */
static void stand(struct asked *a, const char *output, const char *value, const char *last)
{
    struct gl_live_stack *live = &a->live[a->q.stack - a->p.plan.stacks];
    struct gl_arena *arena = &a->p.plan.arena;
    struct gl_value *outputs = gl_value_new(arena, GL_VALUE_MAP, NULL);
    struct gl_value *parameters = gl_value_new(arena, GL_VALUE_MAP, NULL);
    gl_value_append(outputs, gl_value_text(arena, value, NULL), output);
    if (last)
        gl_value_append(parameters, gl_value_text(arena, last, NULL), a->q.parameter->name);
    *live = (struct gl_live_stack){.stack_id = "id",
                                   .status = "CREATE_COMPLETE",
                                   .outputs = outputs,
                                   .parameters = parameters};
}

/* Takes the answers (they are freed). `expected` NULL = the template's Default. */
static void check(struct asked *a, json_t *first, json_t *second, const char *expected)
{
    gl_autojson json_t *one = first;
    gl_autojson json_t *two = second;
    const char *value = NULL;
    a->q.answers[0] = one;
    a->q.answers[1] = two;
    assert_int_equal(a->q.source->read(&a->q, &value, &a->p.err), 0);
    if (expected) {
        assert_non_null(value);
        assert_string_equal(value, expected);
    } else {
        assert_null(value);
    }
}

static json_t *versions(void)
{
    return json_pack("{s[{ss}{ss}{ss}{ss}{ssss}]}", "DBEngineVersions", "EngineVersion", "16.9",
                     "EngineVersion", "16.13", "EngineVersion", "17.2", "EngineVersion", "16.2",
                     "EngineVersion", "16.99", "Status", "deprecated");
}

static json_t *instance(const char *version)
{
    return json_pack("{s[{ss}]}", "DBInstances", "EngineVersion", version);
}

static void test_engine(void **state)
{
    (void)state;

    static const struct {
        const char *wanted, *running, *expected;
    } cases[] = {
        {"16",    NULL,   "16.13"}, /* newest, by number */
        {"16.2",  NULL,   "16.2" },
        {"16",    "16.9", "16.9" }, /* RDS itself brings newer ones */
        {"16.13", "16.9", "16.13"}, /* asked for */
        {"16.2",  "16.9", "16.9" }, /* never back */
        {"17",    "16.9", "17.2" },
        {"16",    "17.2", "17.2" },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_cleanup(asked_done) struct asked a = {0};
        gl_autofree char *text =
            gl_asprintf("%sdatabase: {engine_version: \"%s\"}\n", config, cases[i].wanted);
        ask(&a, text, "data");
        check(&a, versions(), cases[i].running ? instance(cases[i].running) : NULL,
              cases[i].expected);
    }
    assert_true(gl_version_compare("16.4", "16.13") < 0);
    assert_true(gl_version_compare("17", "16.13") > 0);
    assert_int_equal(gl_version_compare("16.1", "16.1"), 0);
}

static void test_engine_that_is_not_offered(void **state)
{
    (void)state;
    gl_cleanup(asked_done) struct asked a = {0};
    const char *value = NULL;
    gl_autojson json_t *found = versions();
    ask(&a, MINIMUM "database: {engine_version: \"15\"}\n", "data");
    a.q.answers[0] = found;
    assert_int_equal(a.q.source->read(&a.q, &value, &a.p.err), GL_E_CONFIG);
    assert_non_null(strstr(a.p.err.message, "no PostgreSQL 15"));
    assert_int_equal(a.p.err.line, 6);
}

static json_t *rule(const char *group, int weight)
{
    return json_pack("{s[{s[{sss{s[{sssi}]}}]}]}", "Rules", "Actions", "Type", "forward",
                     "ForwardConfig", "TargetGroups", "TargetGroupArn", group, "Weight", weight);
}

static void test_weights(void **state)
{
    (void)state;
    gl_cleanup(asked_done) struct asked a = {0};
    ask(&a, config, "service");
    check(&a, rule("blue", 30), NULL, NULL); /* no stack, no group */
    stand(&a, "BlueArn", "blue", "100");
    check(&a, rule("blue", 30), NULL, "30");
    check(&a, rule("other", 30), NULL, "0"); /* the rule sends it nothing */
    check(&a, NULL, NULL, NULL);             /* there is no such rule */
    check(&a,
          json_pack("{s[{s[{ssss}]}]}", "Rules", "Actions", "Type", "forward", "TargetGroupArn",
                    "blue"),
          NULL, "100");
    check(&a, json_pack("{s[{s[{ss}]}]}", "Rules", "Actions", "Type", "redirect"), NULL, NULL);
}

static json_t *zones(const char *id, bool private)
{
    return json_pack("{s[{ssss}{sssss{sb}}]}", "HostedZones", "Name", "example.com.au.", "Id",
                     "/hostedzone/Z0", "Name", "example.com.", "Id", id, "Config", "PrivateZone",
                     private);
}

/* A zone is taken over once; a stack that made one keeps it. */
static void test_zone(void **state)
{
    (void)state;
    gl_cleanup(asked_done) struct asked a = {0};
    ask(&a, config, "zone");
    check(&a, zones("/hostedzone/Z1", false), NULL, "Z1");
    check(&a, zones("/hostedzone/Z1", true), NULL, NULL);
    check(&a, NULL, NULL, NULL);
    stand(&a, "HostedZoneId", "Z1", "");
    check(&a, zones("/hostedzone/Z1", false), NULL, NULL); /* its own */
    stand(&a, "HostedZoneId", "Z1", "Z1");
    check(&a, zones("/hostedzone/Z1", false), NULL, "Z1");
    stand(&a, "HostedZoneId", "Z9", "Z9");
    check(&a, zones("/hostedzone/Z1", false), NULL, "Z1"); /* the old one is gone */
    a.live[a.q.stack - a.p.plan.stacks].status = "ROLLBACK_COMPLETE";
    check(&a, zones("/hostedzone/Z1", false), NULL, "Z1");
}

/* Every source can be read, and reads nothing from answers that say nothing. */
static void test_every_source(void **state)
{
    (void)state;
    gl_cleanup(asked_done) struct asked a = {0};
    ask(&a, config, "service");
    for (const struct gl_live_source *at = gl_live_sources; at->name; at++) {
        gl_autojson json_t *empty = json_object();
        gl_autoerr struct gl_error err = {0};
        const char *value = NULL;
        a.q.source = at;
        a.q.answers[0] = empty;
        a.q.answers[1] = empty;
        assert_non_null(at->read);
        int code = at->read(&a.q, &value, &err);
        assert_true(code == 0 || err.message);
        assert_ptr_equal(gl_live_find(at->name), at);
    }
}

/* {"Stacks": [{...}]} with this time of its last update (NULL = never). */
static json_t *described(const char *id, const char *status, const char *updated,
                         const char *output)
{
    json_t *stack =
        json_pack("{ssssss*s[{ssss}]}", "StackId", id, "StackStatus", status, "LastUpdatedTime",
                  updated, "Outputs", "OutputKey", "Arn", "OutputValue", output);
    return json_pack("{s[o]}", "Stacks", stack);
}

/* What a look saw is the same only when nothing that tells two states apart differs. */
static void test_what_makes_a_stack_another(void **state)
{
    (void)state;
    static const char earlier[] = "2026-01-01T00:00:00.001Z";
    static const char later[] = "2026-01-01T00:00:00.002Z";

    static const struct look {
        const char *id, *status, *updated;
    } cases[][2] = {
        {{"id", "UPDATE_COMPLETE", earlier}, {"id", "UPDATE_COMPLETE", later}            },
        {{"id", "UPDATE_COMPLETE", earlier}, {"id", "UPDATE_COMPLETE", NULL}             },
        {{"id", "CREATE_COMPLETE", NULL},    {"id", "UPDATE_COMPLETE", later}            },
        {{"id", "CREATE_COMPLETE", NULL},    {"made anew", "CREATE_COMPLETE", NULL}      },
        {{"id", "CREATE_COMPLETE", NULL},    {"id", "DELETE_IN_PROGRESS", NULL}          },
        {{"id", "UPDATE_COMPLETE", later},   {"id", "UPDATE_ROLLBACK_IN_PROGRESS", later}},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoerr struct gl_error err = {0};
        struct gl_arena arena = {0};
        struct gl_live_stack stack = {0};
        struct gl_live_call calls[2] = {{0}};
        for (int k = 0; k < 2; k++)
            calls[k].result =
                described(cases[i][k].id, cases[i][k].status, cases[i][k].updated, "x");
        assert_int_equal(gl_live_stack_take(&arena, &calls[0], "me", &stack, &err), 0);
        assert_true(gl_live_stack_is_same(&calls[0], &stack));
        if (gl_live_stack_is_same(&calls[1], &stack))
            fail_msg("case %zu: another stack passes for the same", i);
        json_decref(calls[0].result);
        json_decref(calls[1].result);
        gl_arena_done(&arena);
    }
}

/* An update that began and ended between two looks: same status, other outputs. */
static void test_update_between_two_looks(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    struct gl_arena arena = {0};
    struct gl_live_stack stack = {0};
    struct gl_live_call first = {
        .result = described("id", "UPDATE_COMPLETE", "2026-01-01T00:00:00.001Z", "old")};
    struct gl_live_call second = {
        .result = described("id", "UPDATE_COMPLETE", "2026-01-01T00:00:00.002Z", "new")};
    assert_false(gl_live_stack_is_same(&first, &stack));
    assert_int_equal(gl_live_stack_take(&arena, &first, "me", &stack, &err), 0);
    assert_true(gl_live_stack_is_same(&first, &stack));
    assert_false(gl_live_stack_is_same(&second, &stack));
    assert_int_equal(gl_live_stack_take(&arena, &second, "me", &stack, &err), 0);
    assert_string_equal(gl_value_str(stack.outputs, "Arn", ""), "new");
    second.code = GL_E_NET;
    assert_false(gl_live_stack_is_same(&second, &stack));
    json_decref(first.result);
    json_decref(second.result);
    gl_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engine),
        cmocka_unit_test(test_engine_that_is_not_offered),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_zone),
        cmocka_unit_test(test_every_source),
        cmocka_unit_test(test_update_between_two_looks),
        cmocka_unit_test(test_what_makes_a_stack_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
