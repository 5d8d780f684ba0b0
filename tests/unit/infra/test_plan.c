/* Plans: which stacks, in which order, with which parameters. */
#include "infra/plan.h"

#include "support.h"

#define NETWORK                                                                                    \
    "Metadata: {golive: {parameters: {Cidr: {config: network.vpc_cidr}, Azs: {config: "            \
    "network.azs}}}}\n"                                                                            \
    "Parameters: {App: {Type: String}, Env: {Type: String}, Azs: {Type: Number},\n"                \
    "  Cidr: {Type: String, Default: 10.9.0.0/16}}\n"                                              \
    "Conditions: {Never: !Equals [!Ref Env, never]}\n"                                             \
    "Resources:\n"                                                                                 \
    "  Vpc: {Type: \"AWS::EC2::VPC\", Properties: {CidrBlock: !Ref Cidr}}\n"                       \
    "  A: {Type: \"AWS::EC2::Subnet\"}\n"                                                          \
    "  B: {Type: \"AWS::EC2::Subnet\"}\n"                                                          \
    "Outputs:\n"                                                                                   \
    "  VpcId: {Value: !Ref Vpc}\n"                                                                 \
    "  Cidr: {Value: !Ref Cidr}\n"                                                                 \
    "  Subnets: {Value: !Join [\",\", [!Ref A, !Ref B]]}\n"                                        \
    "  Gone: {Value: x, Condition: Never}\n"

#define SERVICE                                                                                     \
    "Metadata: {golive: {data: [S], parameters: {Vpc: {output: network.VpcId}, Cidr: {output: "     \
    "network.Cidr},\n"                                                                              \
    "  Subnets: {output: network.Subnets}, Gone: {output: network.Gone}, Cert: {output: "           \
    "cert@global.Arn},\n"                                                                           \
    "  Edge: {output: edge.Arn}, Task: {live: task_definition_arn}, Secrets: {computed: "           \
    "secret_names},\n"                                                                              \
    "  Place: {instance: placement}, Account: {instance: account_id}}}}\n"                          \
    "Parameters: {Vpc: {Type: String}, Cidr: {Type: String}, Subnets: {Type: "                      \
    "\"List<AWS::EC2::Subnet::Id>\"},\n"                                                            \
    "  Gone: {Type: String, Default: g}, Cert: {Type: String}, Edge: {Type: String, Default: "      \
    "none},\n"                                                                                      \
    "  Task: {Type: String, Default: \"\"}, Secrets: {Type: CommaDelimitedList}, Place: {Type: "    \
    "String},\n"                                                                                    \
    "  Account: {Type: String}}\n"                                                                  \
    "Conditions: {HasTask: !Not [!Equals [!Ref Task, \"\"]], HasVpc: !Not [!Equals [!Ref Vpc, "     \
    "\"\"]]}\n"                                                                                     \
    "Resources:\n"                                                                                  \
    "  S: {Type: \"AWS::ECS::Service\", Condition: HasTask, Properties: {Subnets: !Ref Subnets}}\n" \
    "  R: {Type: T, Condition: HasVpc, Properties: {Vpc: !Ref Vpc, One: !Select [1, !Ref "          \
    "Subnets],\n"                                                                                   \
    "    Cidr: !Ref Cidr, Gone: !Ref Gone, Cert: !Ref Cert, Edge: !Ref Edge, Place: !Ref Place, "   \
    "Account: !Ref Account}}\n"

static const struct gl_shipped stacks[] = {
    {"alarms",                                                             "Metadata: {golive: {placements: [global]}}\nResources: {R: {Type: T}}\n"},
    {"boot",                                                                    "Metadata: {golive: {scope: account}}\nResources: {R: {Type: T}}\n"},
    {"cert","Metadata: {golive: {placements: [app, global]}}\nResources: {R: {Type: T}}\n"
             "Outputs: {Arn: {Value: !Ref R}}\n"},
    {"edge",
     "Metadata: {golive: {when: [\"edge.api_path == cloudfront\"]}}\nResources: {R: {Type: T}}\n"
     "Outputs: {Arn: {Value: !Ref R}}\n"},
    {"network",                                                                    NETWORK},
    {"service",                                  SERVICE},
    {0                                                           },
};

static void test_choice_names_and_order(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    make_plan(&p, MINIMUM, "prod", stacks);
    if (p.code)
        print_message("%s:%u: %s\n", p.err.file, p.err.line, p.err.message);
    assert_int_equal(p.code, 0);

    static const struct {
        const char *key, *name, *region;
        unsigned wave;
    } expected[] = {
        {"alarms@global", "demo-prod-alarms-global", "us-east-1",    1},
        {"boot",          "demo-boot",               "eu-central-1", 1},
        {"cert",          "demo-prod-cert",          "eu-central-1", 1},
        {"cert@global",   "demo-prod-cert-global",   "us-east-1",    1},
        {"network",       "demo-prod-network",       "eu-central-1", 1},
        {"service",       "demo-prod-service",       "eu-central-1", 2},
    };

    assert_int_equal(p.plan.count, GL_COUNT(expected));
    for (size_t i = 0; i < p.plan.count; i++) {
        assert_string_equal(p.plan.stacks[i].key, expected[i].key);
        assert_string_equal(p.plan.stacks[i].stack_name, expected[i].name);
        assert_string_equal(p.plan.stacks[i].region, expected[i].region);
        assert_int_equal(p.plan.stacks[i].wave, expected[i].wave);
    }
    assert_int_equal(p.plan.stacks[5].need_count, 2);
    assert_null(gl_plan_find(&p.plan, "edge"));
    assert_ptr_equal(gl_plan_find(&p.plan, "alarms"), &p.plan.stacks[0]);
}

static void test_parameters(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    make_plan(&p, MINIMUM, "prod", stacks);
    assert_int_equal(p.code, 0);
    const struct gl_plan_stack *service = gl_plan_find(&p.plan, "service");
    const struct gl_resource *resource = gl_evaluated_resource(&service->result, "R");
    assert_int_equal(resource->exists, GL_TRUE); /* an id is never empty */
    gl_autofree char *shown = gl_value_show(resource->properties);
    assert_string_equal(shown, "{\"Vpc\":\"(known after up: network.VpcId)\","
                               "\"One\":\"(known after up: network.B)\","
                               "\"Cidr\":\"10.9.0.0/16\",\"Gone\":\"g\","
                               "\"Cert\":\"(known after up: cert@global.Arn)\",\"Edge\":\"none\","
                               "\"Place\":\"app\",\"Account\":\"222222222222\"}");
    const struct gl_value *vpc = gl_value_get(resource->properties, "Vpc");
    assert_int_equal(vpc->unknown, GL_UNKNOWN_OUTPUT);
    assert_string_equal(vpc->resource, "network.Vpc");
    const struct gl_resource *live = gl_evaluated_resource(&service->result, "S");
    assert_int_equal(live->exists, GL_TRUTH_UNKNOWN);
    assert_string_equal(live->condition, "HasTask");
    const struct gl_value *secrets = gl_value_get(service->result.parameters, "Secrets");
    assert_int_equal(secrets->kind, GL_VALUE_LIST);
    assert_true(gl_value_is_word(secrets->first, "DEMO_BACKEND_DATABASE_URL"));
}

static void test_change_is_a_creation(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    make_plan(&p, MINIMUM, "prod", stacks);
    const struct gl_stack_change *change = &gl_plan_find(&p.plan, "service")->change;
    struct gl_change_counts counts = gl_change_count(change);
    assert_int_equal(change->action, GL_CHANGE_ADD);
    assert_int_equal(counts.added, 2);
    assert_int_equal(counts.perhaps, 1);
    assert_true(change->resources[0].data);
    assert_false(change->resources[1].data);
}

static void test_configuration_reaches_templates(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    make_plan(&p,
              MINIMUM "edge: {api_path: cloudfront}\nnetwork: {azs: 3, vpc_cidr: 10.1.0.0/16}\n",
              "stg", stacks);
    assert_int_equal(p.code, 0);
    assert_non_null(gl_plan_find(&p.plan, "edge"));
    const struct gl_plan_stack *network = gl_plan_find(&p.plan, "network");
    assert_true(gl_value_is_word(gl_value_get(network->result.parameters, "Azs"), "3"));
    assert_true(gl_value_is_word(gl_value_get(network->result.parameters, "Cidr"), "10.1.0.0/16"));
    assert_true(gl_value_is_word(gl_value_get(network->result.parameters, "Env"), "stg"));
    assert_int_equal(p.plan.tag_count, 3); /* app, env, managed-by: the others have no value */
    assert_string_equal(p.plan.tags[1].value, "stg");
}

static void refuse(const char *config, const char *env, const struct gl_shipped *list, int code,
                   const char *message)
{
    gl_autoplanning struct planning p = {0};
    make_plan(&p, config, env, list);
    assert_int_equal(p.code, code);
    if (!strstr(p.err.message, message))
        print_message("%s\n", p.err.message);
    assert_non_null(strstr(p.err.message, message));
    if (code == GL_E_CONFIG)
        assert_non_null(p.err.file);
}

#define WITH(parameter)                                                                            \
    (const struct gl_shipped[])                                                                    \
    {                                                                                              \
        {"a", "Metadata: {golive: {parameters: {P: " parameter "}}}\nParameters: {P: {Type: "      \
              "String, Default: x}}\nResources: {R: {Type: T}}\nOutputs: {O: {Value: 1}}\n"},      \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

static void test_when(void **state)
{
    (void)state;
#define WHEN(name, clauses)                                                                        \
    {                                                                                              \
        name, "Metadata: {golive: {when: [" clauses "]}}\nResources: {R: {Type: T}}\n"             \
    }
    static const struct gl_shipped list[] = {
        WHEN("a", "\"app.repo != null\""),
        WHEN("b", "\"app.repo == null\", \"frontend.mode == static\""),
        WHEN("c", "\"app.repo == null\", \"frontend.mode != static\""),
        WHEN("d", "\"network.azs == 2\", \"sizing.multi_az == false\""),
        WHEN("e", "\"computed.promoting_account == null\""), /* nothing in prod */
        WHEN("f", "\"computed.promotion_roles == null\""),
        {0},
    };
    gl_autoplanning struct planning p = {0};
    make_plan(&p, MINIMUM, "prod", list);
    assert_int_equal(p.code, 0);
    assert_int_equal(p.plan.count, 3);
    assert_string_equal(p.plan.stacks[0].key, "b");
    assert_string_equal(p.plan.stacks[1].key, "d");
    assert_string_equal(p.plan.stacks[2].key, "e");
}

static void test_mistakes(void **state)
{
    (void)state;
    refuse(MINIMUM, "local", stacks, GL_E_REFUSED, "runs on this machine");
    refuse(MINIMUM "infra: {managed: false}\niac: terraform\n", "prod", stacks, GL_E_REFUSED,
           "does not manage");
    refuse(MINIMUM, "prod", WITH("{config: network.vpc_cdir}"), GL_E_CONFIG, "no key");
    refuse(MINIMUM, "prod", WITH("{config: network}"), GL_E_CONFIG, "no single value");
    refuse(MINIMUM, "prod", WITH("{config: load.login.body}"), GL_E_CONFIG, "hold a password");
    refuse(MINIMUM, "prod", WITH("{output: b.X}"), GL_E_CONFIG, "no stack `b`");
    refuse(MINIMUM, "prod", WITH("{output: a.X}"), GL_E_CONFIG, "no output X");
    refuse(MINIMUM, "prod", WITH("{output: a}"), GL_E_CONFIG, "no STACK.Output");
    refuse(MINIMUM, "prod", WITH("{output: a.O}"), GL_E_CONFIG, "need each other: a -> a");
    refuse(MINIMUM, "prod", WITH("{live: nothing}"), GL_E_CONFIG, "reads no `nothing`");
    refuse(MINIMUM, "prod", WITH("{computed: nothing}"), GL_E_CONFIG, "computes no `nothing`");
    refuse(MINIMUM, "prod", WITH("{instance: nothing}"), GL_E_CONFIG, "has no `nothing`");
    refuse(MINIMUM, "prod", WITH("{release: nothing}"), GL_E_CONFIG, "has no `nothing`");
    static const struct gl_shipped bad_when[] = {
        {"a", "Metadata: {golive: {when: [x]}}\nResources: {R: {Type: T}}\n"},
        {0  }
    };
    refuse(MINIMUM, "prod", bad_when, GL_E_CONFIG, "is no condition");
    static const struct gl_shipped bad_key[] = {
        {"a", "Metadata: {golive: {when: [\"x == y\"]}}\nResources: {R: {Type: T}}\n"},
        {0  }
    };
    refuse(MINIMUM, "prod", bad_key, GL_E_CONFIG, "no key `x`");
    static const struct gl_shipped bad_function[] = {
        {"a", "Metadata: {golive: {when: [\"computed.x == y\"]}}\nResources: {R: {Type: T}}\n"},
        {0  }
    };
    refuse(MINIMUM, "prod", bad_function, GL_E_CONFIG, "computes no `x`");
}

/* Answers as an account would: the network exists, nothing was released. */
static const char *from_account(const struct gl_plan_stack *stack,
                                const struct gl_stack_parameter *parameter, void *context)
{
    int *asked = context;
    (*asked)++;
    assert_string_equal(stack->key, "service");
    if (strcmp(parameter->source, "network.VpcId") == 0)
        return "vpc-1";
    if (strcmp(parameter->source, "network.Subnets") == 0)
        return "subnet-1,subnet-2";
    return parameter->kind == GL_SOURCE_LIVE ? "" : NULL;
}

static void test_what_became_known(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    make_plan(&p, MINIMUM, "prod", stacks);
    struct gl_plan_stack *service = gl_plan_find(&p.plan, "service");
    int asked = 0;
    assert_int_equal(gl_plan_know(&p.plan, service, from_account, &asked, &p.err), 0);
    assert_int_equal(asked, 4); /* three outputs and a live value */
    assert_null(gl_evaluated_resource(&service->result, "S"));
    const struct gl_resource *resource = gl_evaluated_resource(&service->result, "R");
    assert_true(gl_value_is_word(gl_value_get(resource->properties, "Vpc"), "vpc-1"));
    assert_true(gl_value_is_word(gl_value_get(resource->properties, "One"), "subnet-2"));
    assert_int_equal(gl_value_get(resource->properties, "Cert")->kind, GL_VALUE_UNKNOWN);
}

static void test_what_a_release_registers(void **state)
{
    (void)state;
    static const struct gl_shipped list[] = {
        {"a",                                      "Resources: {R: {Type: T}}\n"},
        {"release/other",                                        "Metadata: {golive: {when: [\"frontend.mode == ssr\"]}}\nResources: {R: "
                          "{Type: T}}\n"},
        {"release/task",
         "Metadata: {golive: {parameters: {Image: {release: image}, E: {computed: "
         "container_environment}}}}\n"
         "Parameters: {Image: {Type: String, AllowedPattern: \".+@sha256:.+\"}, E: {Type: "
         "CommaDelimitedList}}\n"
         "Resources: {T: {Type: T, Properties: {I: !Ref Image, E: !Ref E}}}\n"},
        {0                          },
    };
    gl_autoplanning struct planning p = {0};
    make_plan(&p, MINIMUM "env_vars: []\n", "prod", list);
    assert_int_equal(p.code, 0);
    assert_int_equal(p.plan.count, 1);
    struct gl_plan_stack *stack = NULL;
    assert_int_equal(gl_plan_release(&p.plan, "task", &stack, &p.err), 0);
    gl_autofree char *shown = gl_value_show(stack->result.resources[0].properties);
    assert_string_equal(shown, "{\"I\":\"(of the release: image)\",\"E\":["
                               "{\"Name\":\"PORT\",\"Value\":\"8080\"},"
                               "{\"Name\":\"APP_ENV\",\"Value\":\"prod\"},"
                               "{\"Name\":\"AWS_REGION\",\"Value\":\"eu-central-1\"}]}");
    struct gl_value *given = gl_value_copy(&p.plan.arena, stack->given);
    struct gl_value *image = gl_value_get(given, "Image");
    *image = (struct gl_value){
        .kind = GL_VALUE_TEXT, .name = "Image", .text = "x@sha256:1", .next = image->next};
    assert_int_equal(gl_plan_evaluate(&p.plan, stack, given, &p.err), 0);
    assert_true(
        gl_value_is_word(gl_value_get(stack->result.resources[0].properties, "I"), "x@sha256:1"));
    assert_int_equal(gl_plan_release(&p.plan, "other", &stack, &p.err), GL_E_NOT_FOUND);
    assert_int_equal(gl_plan_release(&p.plan, "nothing", &stack, &p.err), GL_E_NOT_FOUND);
}

#define LINK(name, other)                                                                          \
    {                                                                                              \
        name, "Metadata: {golive: {parameters: {P: {output: " other ".O}}}}\nParameters: {P: "     \
              "{Type: String}}\nResources: {R: {Type: T}}\nOutputs: {O: {Value: 1}}\n"             \
    }

static void test_cycles_are_named(void **state)
{
    (void)state;
    static const struct gl_shipped ring[] = {
        LINK("a", "b"), LINK("b", "c"), LINK("c", "d"), LINK("d", "b"), {0}};
    gl_autoplanning struct planning p = {0};
    make_plan(&p, MINIMUM, "prod", ring);
    assert_int_equal(p.code, GL_E_CONFIG);
    bool named = strstr(p.err.message, "b -> c -> d -> b") ||
                 strstr(p.err.message, "c -> d -> b -> c") ||
                 strstr(p.err.message, "d -> b -> c -> d");
    if (!named)
        print_message("%s\n", p.err.message);
    assert_true(named);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choice_names_and_order),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_change_is_a_creation),
        cmocka_unit_test(test_configuration_reaches_templates),
        cmocka_unit_test(test_when),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_cycles_are_named),
        cmocka_unit_test(test_what_became_known),
        cmocka_unit_test(test_what_a_release_registers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
