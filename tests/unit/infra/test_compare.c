/* Two environments: what may differ and what must not. */
#include "infra/compare.h"

#include "support.h"

#define STACK                                                                                      \
    "Parameters: {App: {Type: String}, Env: {Type: String}}\n"                                     \
    "Conditions: {Prod: !Equals [!Ref Env, prod]}\n"                                               \
    "Resources:\n"                                                                                 \
    "  L:\n    Type: AWS::ElasticLoadBalancingV2::Listener\n"                                      \
    "    Properties: {SslPolicy: !If [Prod, new, old], Port: !If [Prod, 1, 2]}\n"                  \
    "  D: {Type: \"AWS::RDS::DBInstance\", Properties: {MultiAZ: !If [Prod, true, false], "        \
    "StorageEncrypted: true, DBInstanceIdentifier: !Sub \"${App}-${Env}-postgresql\"}}\n"          \
    "  W: {Type: \"AWS::WAFv2::WebACL\", Condition: Prod}\n"                                       \
    "  N: {Type: \"AWS::EC2::NatGateway\", Condition: Prod}\n"                                     \
    "  S: {Type: T, Properties: {A: !Ref \"AWS::AccountId\"}}\n"

static const struct gl_difference *find(const struct gl_comparison *c, const char *id,
                                        const char *path)
{
    for (size_t i = 0; i < c->count; i++) {
        bool same =
            path ? c->items[i].path && strcmp(c->items[i].path, path) == 0 : !c->items[i].path;
        if (same && strcmp(c->items[i].id, id) == 0)
            return &c->items[i];
    }
    return NULL;
}

static void test_verdicts(void **state)
{
    (void)state;
    static const struct gl_shipped stacks[] = {
        {"one", STACK},
        {0    }
    };
    gl_autoplanning struct planning stg = {0};
    gl_autoplanning struct planning prod = {0};
    make_plan(&stg, MINIMUM, "stg", stacks);
    make_plan(&prod, MINIMUM, "prod", stacks);
    assert_int_equal(stg.code, 0);
    assert_int_equal(prod.code, 0);
    struct gl_comparison c;
    gl_compare_plans(&stg.plan, &prod.plan, &c);
    assert_int_equal(find(&c, "L", "SslPolicy")->verdict, GL_VERDICT_MUST_NOT);
    assert_string_equal(find(&c, "L", "SslPolicy")->before, "old");
    assert_string_equal(find(&c, "L", "SslPolicy")->after, "new");
    assert_int_equal(find(&c, "L", "Port")->verdict, GL_VERDICT_UNCLEAR);
    assert_int_equal(find(&c, "D", "MultiAZ")->verdict, GL_VERDICT_MAY);
    assert_int_equal(find(&c, "W", NULL)->verdict, GL_VERDICT_MUST_NOT);
    assert_null(find(&c, "W", NULL)->before);
    assert_int_equal(find(&c, "N", NULL)->verdict, GL_VERDICT_MAY);
    assert_null(find(&c, "D", "DBInstanceIdentifier")); /* only names */
    assert_null(find(&c, "S", "A"));
    assert_int_equal(c.names, 2);
    assert_int_equal(c.counts[GL_VERDICT_MUST_NOT], 2);
    assert_int_equal(c.items[0].verdict, GL_VERDICT_MUST_NOT);
    gl_autobuf struct gl_buf text = {0};
    gl_compare_text(&c, false, &text);
    assert_non_null(strstr(gl_buf_text(&text), "MUST NOT"));
    assert_non_null(strstr(gl_buf_text(&text), "stacks/one.yaml:6"));
    gl_autojson json_t *json = gl_compare_json(&c);
    assert_int_equal(gl_json_int(json, "must_not", -1), 2);
}

static void test_same(void **state)
{
    (void)state;
    static const struct gl_shipped stacks[] = {
        {"one", STACK},
        {0    }
    };
    gl_autoplanning struct planning a = {0};
    gl_autoplanning struct planning b = {0};
    make_plan(&a, MINIMUM, "prod", stacks);
    make_plan(&b, MINIMUM, "prod", stacks);
    struct gl_comparison c;
    gl_compare_plans(&a.plan, &b.plan, &c);
    assert_int_equal(c.count, 0);
    assert_int_equal(c.names, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
