/* Mistakes that AWS would refuse, at their place in golive.yaml. */
#include "infra/checks.h"

#include "support.h"

#define HEAD "golive: 1\napp: {name: demo}\nenvironments:\n"

/* "line:column message" of every mistake. */
static char *check(const char *text, const char *env)
{
    gl_autoconfig struct gl_config *config = load_config(text, env);
    gl_autodiag struct gl_diagnostics list = {0};
    struct gl_buf out = {0};
    gl_check_environment(config, &list);
    for (size_t i = 0; i < list.count; i++)
        gl_buf_printf(&out, "%u:%u %s\n", list.items[i].line, list.items[i].column,
                      list.items[i].message);
    return gl_buf_steal(&out);
}

static void assert_check(const char *text, const char *expected)
{
    gl_autofree char *found = check(text, "prod");
    assert_string_equal(found, expected);
}

static void test_nothing_wrong(void **state)
{
    (void)state;
    assert_check(HEAD "  prod: {account_id: \"222222222222\"}\n", "");
    assert_check(HEAD
                 "  prod:\n    account_id: \"222222222222\"\n    network: {vpc_cidr: 10.3.0.0/16, "
                 "subnets: {public: [10.3.0.0/24, 10.3.1.0/24], private: [10.3.16.0/20, "
                 "10.3.32.0/20], database: [10.3.4.0/24, 10.3.5.0/24]}}\n",
                 "");
}

static void test_ranges(void **state)
{
    (void)state;
    assert_check(HEAD "  prod:\n    network: {vpc_cidr: 10.3.1.0/16}\n",
                 "5:25 `10.3.1.0/16` is no address range\n");
    assert_check(HEAD "  prod:\n    network: {vpc_cidr: 10.0.0.0/8}\n",
                 "5:25 a network cannot be as large as 10.0.0.0/8\n");
    assert_check(HEAD "  prod:\n    network: {vpc_cidr: 192.168.0.0/18}\n",
                 "5:25 192.168.0.0/18 overlaps 192.168.0.0/16\n");
    assert_check(HEAD "  stg: {network: {vpc_cidr: 10.3.128.0/17}}\n"
                      "  prod:\n    network: {vpc_cidr: 10.3.0.0/16}\n",
                 "6:25 10.3.0.0/16 overlaps 10.3.128.0/17 of environment stg\n");
}

#define SUBNETS(list)                                                                              \
    HEAD "  prod:\n    sizing: {max_tasks: 20}\n    network:\n      vpc_cidr: 10.3.0.0/16\n"       \
         "      subnets:\n" list

static void test_subnets(void **state)
{
    (void)state;
    assert_check(SUBNETS("        public: [10.4.0.0/24, 10.3.1.0/24]\n"),
                 "9:18 10.4.0.0/24 lies outside of the network\n");
    assert_check(SUBNETS("        public: [10.3.1.0/24, 10.3.1.128/25]\n"),
                 "9:31 10.3.1.128/25 overlaps 10.3.1.0/24 (network.subnets.public.0)\n");
    assert_check(SUBNETS("        public: [10.3.1.0/28, 10.3.2.0/24]\n"),
                 "9:18 10.3.1.0/28 is too small for a public subnet\n");
    assert_check(SUBNETS("        database: [10.3.1.0/28, 10.3.2.0/29]\n"),
                 "9:33 10.3.2.0/29 is too small for a database subnet\n");
    assert_check(SUBNETS("        private: [10.3.1.0/28, 10.3.2.0/24]\n"),
                 "9:19 10.3.1.0/28 is too small: 11 free addresses, 20 are needed\n");
    assert_check(SUBNETS("        public: [10.3.1.0/24]\n"),
                 "9:17 1 public subnets are not enough for 2 availability zones\n");
}

static void test_zones(void **state)
{
    (void)state;
    assert_check(HEAD "  prod: {region: us-west-1, network: {azs: 3}}\n",
                 "4:44 us-west-1 has only 2 availability zones for a new account\n");
}

static void test_values_that_do_not_go_together(void **state)
{
    (void)state;
#define APP_RUNNER                                                                                 \
    "  prod:\n    backend: {platform: app_runner, app_runner_existing_customer: true}\n"
    assert_check(HEAD APP_RUNNER, "");
    assert_check(HEAD APP_RUNNER "    edge: {api_path: cloudfront}\n",
                 "6:22 edge.api_path: cloudfront does not go with App Runner\n");
    assert_check(HEAD APP_RUNNER "    frontend: {mode: ssr}\n",
                 "6:22 frontend.mode: ssr does not go with App Runner\n");
    assert_check(HEAD "  prod: {release: {strategy: rolling}, frontend: {mode: ssr}}\n",
                 "4:30 release.strategy: rolling does not go with frontend.mode: ssr\n");
    assert_check(HEAD "  prod: {release: {strategy: rolling}}\n", "");
    assert_check(HEAD "  prod: {release: {strategy: canary, canary: {percent: 0}}}\n",
                 "4:56 a canary needs at least 1 %\n");
    assert_check(HEAD "  prod: {release: {strategy: linear, canary: {percent: 2}}}\n",
                 "4:56 a step of linear is at least 3 %\n");
    assert_check(HEAD "  prod: {release: {strategy: linear, canary: {percent: 3}}}\n", "");
    assert_check(HEAD "  prod: {release: {canary: {percent: 0}}}\n", "");
}

static void test_logs(void **state)
{
    (void)state;
    assert_check(HEAD "  prod: {observability: {log_retention_days: 100}}\n",
                 "4:46 CloudWatch cannot keep a log for 100 days\n");
    assert_check(HEAD "  prod: {edge: {waf: {log: {retention_days: 2}}}}\n",
                 "4:45 CloudWatch cannot keep a log for 2 days\n");
    assert_check(HEAD "  prod: {edge: {waf: {log: {destination: firehose}}}}\n",
                 "4:42 the stack edge makes no Firehose stream\n");
    assert_check(HEAD "  prod: {observability: {log_retention_days: 3653}}\n", "");
}

static void test_exclusions(void **state)
{
    (void)state;
#define EXCEPT(group)                                                                              \
    HEAD "  prod:\n    edge: {waf: {exclusions: [{group: " group                                   \
         ", rule: x, reason: r, until: 2030-01-01, action: allow}]}}\n"
    assert_check(EXCEPT("AWSManagedRulesCommonRuleSet"), "");
    assert_check(EXCEPT("AWSManagedRulesCommon"),
                 "5:39 no rule of the group `AWSManagedRulesCommon` can be excepted\n");
}

static void test_secrets_path(void **state)
{
    (void)state;
    assert_check(HEAD "  prod: {secrets_path: /demo/prod/v2}\n", "");
    assert_check(HEAD "  prod: {secrets_path: /demo/production}\n",
                 "4:24 `/demo/production` is not below /demo/prod\n");
    assert_check(HEAD "  prod: {secrets_path: /demo/stg}\n",
                 "4:24 `/demo/stg` is not below /demo/prod\n");
}

#define EGRESS(endpoints, allow)                                                                   \
    HEAD "  prod:\n    network:\n      vpc_endpoints: {" endpoints "}\n"                           \
         "      egress: {allow: [" allow "]}\n"
#define RANGE  "{name: x, purpose: p, cidr: 10.9.0.0/16}"
#define CLOSED "7:23 tasks cannot reach AWS, and so cannot start\n"

static void test_a_way_to_aws(void **state)
{
    (void)state;
    assert_check(EGRESS("", RANGE), CLOSED);
    assert_check(EGRESS("ecr: interface, logs: interface", RANGE), CLOSED);
    assert_check(EGRESS("ecr: interface, logs: interface, secretsmanager: interface", RANGE), "");
    assert_check(
        EGRESS("ecr: interface, logs: interface, secretsmanager: interface, s3: 'off'", RANGE),
        CLOSED);
    assert_check("secrets: {store: ssm}\n" EGRESS("ecr: interface, logs: interface", RANGE),
                 "8:23 tasks cannot reach AWS, and so cannot start\n");
    assert_check(
        "secrets: {store: ssm}\n" EGRESS("ecr: interface, logs: interface, ssm: interface", RANGE),
        "");
    assert_check(EGRESS("", "{name: x, purpose: p, domain: a.example.com}"), "");
}

static void test_names(void **state)
{
    (void)state;
    static const struct gl_shipped stacks[] = {
        {"one", "Parameters: {App: {Type: String}}\nResources:\n  A:\n"
                "    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n"
                "    Properties: {Name: !Sub \"${App}-a-name-that-is-long-enough\"}\n"
                "  B: {Type: \"AWS::IAM::Role\", Properties: {RoleName: !Sub \"${App}-x\"}}\n"},
        {0    }
    };
    gl_autoplanning struct planning p = {0};
    make_plan(&p, MINIMUM, "prod", stacks);
    gl_autodiag struct gl_diagnostics list = {0};
    gl_autoerr struct gl_error err = {0};
    gl_check_names(&p.plan, &list);
    assert_int_equal(gl_check_summary(&list, &err), 0);
    planning_done(&p);
    p = (struct planning){0};
    make_plan(&p, "golive: 1\napp: {name: demonstration}\nenvironments: {prod: {}}\n", "prod",
              stacks);
    gl_check_names(&p.plan, &list);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].line, 2);
    assert_non_null(strstr(list.items[0].message, "40 characters"));
    assert_non_null(strstr(list.items[0].message, "stacks/one.yaml:5"));
    assert_int_equal(gl_check_summary(&list, &err), GL_E_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_wrong),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_subnets),
        cmocka_unit_test(test_zones),
        cmocka_unit_test(test_values_that_do_not_go_together),
        cmocka_unit_test(test_exclusions),
        cmocka_unit_test(test_logs),
        cmocka_unit_test(test_secrets_path),
        cmocka_unit_test(test_a_way_to_aws),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
