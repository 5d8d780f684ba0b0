/* Costs: what is priced, by how much, and what is said not to be. */
#include "infra/cost.h"

#include "support.h"

static void price(struct planning *p, const char *config, const char *resources,
                  struct gl_cost *ret_cost)
{
    gl_autofree char *text = gl_asprintf("Resources:\n%s", resources);
    const struct gl_shipped list[] = {
        {"one", text},
        {0    }
    };
    make_plan(p, config, "prod", list);
    if (p->code)
        print_message("%s\n", p->err.message);
    assert_int_equal(p->code, 0);
    assert_int_equal(gl_cost_of_plan(&p->plan, ret_cost, &p->err), 0);
}

static const struct gl_cost_line *line_of(const struct gl_cost *cost, const char *label)
{
    for (size_t i = 0; i < cost->line_count; i++) {
        if (strcmp(cost->lines[i].label, label) == 0)
            return &cost->lines[i];
    }
    return NULL;
}

#define EU MINIMUM

static void test_fixed_prices_and_budget(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    struct gl_cost cost;
    price(&p, EU "cost: {monthly_budget_usd: {prod: 50}}\n",
          "  A: {Type: \"AWS::EC2::NatGateway\"}\n  B: {Type: \"AWS::EC2::NatGateway\"}\n"
          "  C: {Type: \"AWS::EC2::EIP\"}\n  D: {Type: \"AWS::CloudWatch::Alarm\"}\n"
          "  E: {Type: \"AWS::EC2::VPC\"}\n",
          &cost);
    assert_true(cost.region_known);
    assert_string_equal(cost.region, "eu-central-1");
    const struct gl_cost_line *nat = line_of(&cost, "NAT gateways");
    assert_non_null(nat);
    assert_true(nat->quantity > 1.99 && nat->quantity < 2.01);
    assert_true(nat->usd_month > 75.91 && nat->usd_month < 75.93); /* 2 x 0.052 x 730 */
    assert_ptr_equal(nat, &cost.lines[0]);                         /* dearest first */
    assert_int_equal(cost.gap_count, 0);
    assert_true(cost.has_budget && cost.budget_usd > 49.9 && cost.budget_usd < 50.1);
    assert_true(cost.total_usd > 79.66 && cost.total_usd < 79.68); /* + 3.65 + 0.10 */
}

static void test_database(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    struct gl_cost cost;
    price(&p, EU,
          "  D:\n    Type: AWS::RDS::DBInstance\n    Properties: {DBInstanceClass: db.m7g.large, "
          "MultiAZ: true, AllocatedStorage: 100, ManageMasterUserPassword: true}\n",
          &cost);
    const struct gl_cost_line *instance = line_of(&cost, "database instances");
    const struct gl_cost_line *storage = line_of(&cost, "database storage");
    assert_true(instance->quantity > 1.99 && instance->quantity < 2.01);
    assert_string_equal(instance->detail, "db.m7g.large, Multi-AZ");
    assert_true(storage->usd_month > 27.39 && storage->usd_month < 27.41); /* 200 x 0.137 */
    assert_non_null(line_of(&cost, "secrets"));
    assert_false(cost.has_budget);
}

static void test_endpoints_load_balancers_firewalls(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    struct gl_cost cost;
    price(&p, EU,
          "  G: {Type: \"AWS::EC2::VPCEndpoint\", Properties: {VpcEndpointType: Gateway}}\n"
          "  I: {Type: \"AWS::EC2::VPCEndpoint\", Properties: {VpcEndpointType: Interface, "
          "SubnetIds: [a, b, c]}}\n"
          "  L: {Type: \"AWS::ElasticLoadBalancingV2::LoadBalancer\", Properties: {Subnets: [a, "
          "b]}}\n"
          "  N: {Type: \"AWS::ElasticLoadBalancingV2::LoadBalancer\", Properties: {Scheme: "
          "internal, Subnets: [a, b]}}\n"
          "  W: {Type: \"AWS::WAFv2::WebACL\", Properties: {Rules: [a, b, c]}}\n",
          &cost);
    assert_true(line_of(&cost, "interface endpoints")->quantity > 2.99);
    assert_true(line_of(&cost, "load balancers")->quantity > 1.99);
    assert_true(line_of(&cost, "public IPv4 addresses")->quantity < 2.01);
    assert_true(line_of(&cost, "rules of web ACLs")->usd_month > 2.99);
}

static void test_service_that_may_not_exist_yet(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    struct gl_cost cost;
    const struct gl_shipped list[] = {
        {"one", "Metadata: {golive: {parameters: {T: {live: task_definition_arn}}}}\n"
                "Parameters: {T: {Type: String, Default: \"\"}}\n"
                "Conditions: {C: !Not [!Equals [!Ref T, \"\"]]}\n"
                "Resources: {S: {Type: \"AWS::ECS::Service\", Condition: C}}\n"},
        {0    }
    };
    make_plan(&p, EU "sizing: {min_tasks: 2, cpu: 1024, memory: 2048}\n", "prod", list);
    assert_int_equal(p.code, 0);
    assert_int_equal(gl_cost_of_plan(&p.plan, &cost, &p.err), 0);
    assert_true(line_of(&cost, "Fargate vCPU")->perhaps);
    assert_true(line_of(&cost, "Fargate memory")->quantity > 3.99);
}

static void test_gaps_are_listed(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    struct gl_cost cost;
    price(&p, EU,
          "  A: {Type: \"AWS::S3::Bucket\"}\n  B: {Type: \"AWS::S3::Bucket\"}\n"
          "  C: {Type: \"AWS::Redshift::Cluster\"}\n"
          "  D: {Type: \"AWS::RDS::DBInstance\", Properties: {DBInstanceClass: db.z9.huge, "
          "AllocatedStorage: 20}}\n",
          &cost);
    assert_int_equal(cost.gap_count, 3);
    assert_string_equal(cost.gaps[0].type, "AWS::S3::Bucket");
    assert_int_equal(cost.gaps[0].count, 2);
    assert_string_equal(cost.gaps[0].reason, "storage and requests");
    assert_null(cost.gaps[1].reason);
    assert_non_null(strstr(cost.gaps[2].type, "db.z9.huge"));
}

static void test_region_without_prices(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    struct gl_cost cost;
    price(&p,
          "golive: 1\napp: {name: demo}\nenvironments: {prod: {account_id: \"222222222222\", "
          "region: sa-east-1}}\n",
          "  A: {Type: \"AWS::EC2::NatGateway\"}\n", &cost);
    assert_false(cost.region_known);
    assert_int_equal(cost.gap_count, 1);
    assert_true(cost.total_usd < 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixed_prices_and_budget),
        cmocka_unit_test(test_database),
        cmocka_unit_test(test_endpoints_load_balancers_firewalls),
        cmocka_unit_test(test_service_that_may_not_exist_yet),
        cmocka_unit_test(test_gaps_are_listed),
        cmocka_unit_test(test_region_without_prices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
