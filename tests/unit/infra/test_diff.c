/* Comparing evaluated stacks. */
#include "infra/diff.h"

#include "support.h"

static void diff(struct world *before, struct world *after, const char *a, const char *b,
                 struct gl_stack_change *ret_change)
{
    evaluate(before, a, NULL);
    evaluate(after, b, NULL);
    assert_int_equal(before->code, 0);
    assert_int_equal(after->code, 0);
    gl_diff_stacks(&after->arena, &before->result, &after->result, ret_change);
}

static void test_properties(void **state)
{
    (void)state;
    gl_autoworld struct world a = {0};
    gl_autoworld struct world b = {0};
    struct gl_stack_change change;
    diff(&a, &b,
         "Resources:\n  R: {Type: T, Properties: {Same: 1, Old: x, Changed: a, L: [1, 2]}}\n",
         "Resources:\n  R:\n    Type: T\n    Properties: {Same: '1', New: y, Changed: b, L: [1]}\n",
         &change);
    assert_int_equal(change.action, GL_CHANGE_MODIFY);
    assert_int_equal(change.resource_count, 1);
    const struct gl_resource_change *r = &change.resources[0];
    assert_int_equal(r->action, GL_CHANGE_MODIFY);

    static const struct {
        const char *path, *before, *after;
    } expected[] = {
        {"New",     NULL, "y" },
        {"Changed", "a",  "b" },
        {"Old",     "x",  NULL},
        {"L[1]",    "2",  NULL},
    };

    assert_int_equal(r->property_count, GL_COUNT(expected));
    for (size_t i = 0; i < r->property_count; i++) {
        assert_string_equal(r->properties[i].path, expected[i].path);
        if (expected[i].before)
            assert_string_equal(r->properties[i].before, expected[i].before);
        else
            assert_null(r->properties[i].before);
        if (expected[i].after)
            assert_string_equal(r->properties[i].after, expected[i].after);
        else
            assert_null(r->properties[i].after);
    }
    assert_int_equal(r->properties[1].place.line, 4);
}

static void test_resources(void **state)
{
    (void)state;
    gl_autoworld struct world a = {0};
    gl_autoworld struct world b = {0};
    struct gl_stack_change change;
    diff(&a, &b,
         "Resources:\n  Gone: {Type: T, DeletionPolicy: Retain}\n  Same: {Type: T}\n"
         "  Other: {Type: T}\n",
         "Resources:\n  Same: {Type: T}\n  Other: {Type: U}\n  New: {Type: T}\n", &change);
    struct gl_change_counts counts = gl_change_count(&change);
    assert_int_equal(change.resource_count, 3);
    assert_int_equal(counts.added, 1);
    assert_int_equal(counts.replaced, 1);
    assert_int_equal(counts.removed, 1);
    assert_int_equal(counts.modified, 0);
    assert_string_equal(change.resources[0].id, "Other");
    assert_non_null(strstr(change.resources[0].reason, "type was T"));
    assert_string_equal(change.resources[2].id, "Gone");
    assert_true(change.resources[2].kept);
    change.resources[2].data = true;
    assert_int_equal(gl_change_count(&change).data_at_risk, 1);
}

static void test_nothing_changed(void **state)
{
    (void)state;
    gl_autoworld struct world a = {0};
    gl_autoworld struct world b = {0};
    struct gl_stack_change change;
    diff(&a, &b, "Resources: {R: {Type: T, Properties: {A: {B: 1, C: 2}}}}\n",
         "Resources: {R: {Type: T, Properties: {A: {C: 2, B: 1}}}}\n", &change);
    assert_int_equal(change.action, GL_CHANGE_NONE);
    assert_int_equal(change.resource_count, 0);
}

static void test_secrets_and_expected_drift(void **state)
{
    (void)state;
    gl_autoworld struct world a = {0};
    gl_autoworld struct world b = {0};
    struct gl_stack_change change;
#define S(p, w)                                                                                    \
    "Parameters: {P: {Type: String, NoEcho: true, Default: " p "}}\nResources:\n  R:\n    Type: "  \
    "AWS::ElasticLoadBalancingV2::ListenerRule\n    Properties: {Actions: [{Weight: " w            \
    "}], X: !Ref P}\n"
    diff(&a, &b, S("one", "1"), S("two", "2"), &change);
    assert_int_equal(change.resources[0].property_count, 2);
    assert_true(change.resources[0].properties[0].expected);
    assert_true(change.resources[0].properties[1].secret);
    assert_string_equal(change.resources[0].properties[1].before, "***");
    assert_string_equal(change.resources[0].properties[1].after, "***");
    assert_true(gl_diff_is_expected("AWS::ECS::Service", "DesiredCount"));
    assert_false(gl_diff_is_expected("AWS::ECS::Service", "LaunchType"));
    assert_false(gl_diff_is_expected("AWS::RDS::DBInstance", "DesiredCount"));
}

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(gl_change_sign(GL_CHANGE_REPLACE), "-/+");
    assert_string_equal(gl_change_word(GL_CHANGE_REMOVE), "remove");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_properties),      cmocka_unit_test(test_resources),
        cmocka_unit_test(test_nothing_changed), cmocka_unit_test(test_secrets_and_expected_drift),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
