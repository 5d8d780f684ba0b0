/* Every intrinsic function over known and unknown values, conditions, resources, outputs. */
#include "infra/eval.h"

#include "support.h"

static void test_references(void **state)
{
    (void)state;
    check_value("", "!Ref AWS::AccountId", "123456789012");
    check_value("", "!Ref AWS::Region", "eu-central-1");
    check_value("", "!Ref AWS::Partition", "aws");
    check_value("", "!Ref AWS::URLSuffix", "amazonaws.com");
    check_value("", "!Ref AWS::StackName", "demo-prod-x");
    check_value("", "!Ref AWS::NotificationARNs", "[]");
    check_value("", "!Ref AWS::StackId", "(known after up: demo-prod-x, AWS::StackId)");
    check_value("", "[a, !Ref AWS::NoValue, b]", "[\"a\",\"b\"]");
    check_value("", "{a: !Ref AWS::NoValue, b: 1}", "{\"b\":1}");
    check_value("", "!Ref Other", "(known after up: Other)");
    check_value("", "!GetAtt Other.CidrBlock", "(known after up: Other.CidrBlock)");
    check_value("", "!GetAtt [Other, !Sub \"Cidr${AWS::Region}\"]",
                "(known after up: Other.Cidreu-central-1)");
    check_value("Parameters: {P: {Type: String, Default: x}}\n", "!Ref P", "x");
    check_value("", "!ImportValue e", "(known after up: e)");
}

static void test_texts(void **state)
{
    (void)state;
    check_value("", "!Sub \"${AWS::Region}-${!literal}-$x\"", "eu-central-1-${literal}-$x");
    check_value("", "!Sub [\"${a}/${AWS::Region}\", {a: !Ref AWS::AccountId}]",
                "123456789012/eu-central-1");
    check_value("", "!Sub \"arn:${Other.Arn}:x\"", "arn:(known after up: Other.Arn):x");
    check_value("", "!Join [\"-\", [a, 1, true, !Ref Other]]", "a-1-true-(known after up: Other)");
    check_value("", "!Join [\",\", []]", "");
    check_value("", "!Split [\",\", \"a,b,,\"]", "[\"a\",\"b\",\"\",\"\"]");
    check_value("", "!Split [\"--\", \"ab\"]", "[\"ab\"]");
    check_value("", "!Base64 \"golive!\"", "Z29saXZlIQ==");
    check_value("", "!Base64 \"golive\"", "Z29saXZl");
    check_value("", "!Base64 \"\"", "");
    check_value("", "{\"Fn::ToJsonString\": {a: [1, true, !Ref AWS::Region]}}",
                "{\"a\":[1,true,\"eu-central-1\"]}");
}

/* A list that went through a text is a list again. */
static void test_unknown_texts_keep_their_parts(void **state)
{
    (void)state;
    check_value("", "!Split [\",\", !Join [\",\", [!Ref Other, !GetAtt Other.Id, x]]]",
                "[\"(known after up: Other)\",\"(known after up: Other.Id)\",\"x\"]");
    check_value("", "!Select [1, !Split [\"/\", !Sub \"a/b${Other}c/d\"]]",
                "b(known after up: Other)c");
    check_value("", "!Split [\",\", !Join [\",\", [a, !GetAtt Other.NameServers]]]",
                "(known after up: Fn::Split a,(known after up: Other.NameServers))");
}

static void test_lists(void **state)
{
    (void)state;
    check_value("", "!Select [1, [a, b]]", "b");
    check_value("", "!Select [\"0\", !GetAZs \"\"]", "(availability zone 1 of eu-central-1)");
    check_value("", "!Select [2, !GetAZs us-east-1]", "(availability zone 3 of us-east-1)");
    check_value("", "!Cidr [10.0.0.0/16, 3, 8]",
                "[\"10.0.0.0/24\",\"10.0.1.0/24\",\"10.0.2.0/24\"]");
    check_value("", "!Select [1, !Cidr [\"2001:db8::/56\", 2, 64]]", "2001:db8:0:1::/64");
    check_value("", "!Cidr [!GetAtt Other.CidrBlock, 2, 8]",
                "(known after up: Fn::Cidr (known after up: Other.CidrBlock))");
    check_value("", "{\"Fn::Length\": [a, b, c]}", "3");
    check_value("Mappings: {M: {eu-central-1: {a: [1, 2]}}}\n",
                "!FindInMap [M, !Ref AWS::Region, a]", "[1,2]");
    check_value("Mappings: {M: {k: {a: 1}}}\n", "!FindInMap [M, k, b, {DefaultValue: d}]", "d");
    check_value("", "{\"Fn::Transform\": {Name: M, Parameters: {a: !Ref b}}}",
                "{\"Fn::Transform\":{\"Name\":\"M\",\"Parameters\":{\"a\":{\"Ref\":\"b\"}}}}");
}

#define CONDITIONS                                                                                 \
    "Parameters: {P: {Type: String, Default: x}, E: {Type: String, Default: \"\"},\n"              \
    "  L: {Type: \"AWS::SSM::Parameter::Value<String>\", Default: /a}}\n"                          \
    "Conditions:\n"                                                                                \
    "  Holds: !Equals [!Ref P, x]\n"                                                               \
    "  Fails: !Not [!Condition Holds]\n"                                                           \
    "  Both: !And [!Condition Holds, {Condition: Fails}]\n"                                        \
    "  Any: !Or [!Condition Fails, !Condition Holds]\n"                                            \
    "  Live: !Equals [!Ref L, \"\"]\n"                                                             \
    "  LiveAndFails: !And [!Condition Live, !Condition Fails]\n"                                   \
    "  LiveOrHolds: !Or [!Condition Live, !Condition Holds]\n"                                     \
    "  NotLive: !Not [!Condition Live]\n"                                                          \
    "  Typed: !Equals [true, \"true\"]\n"                                                          \
    "  Same: !Equals [!Ref L, !Ref L]\n"

static void test_conditions(void **state)
{
    (void)state;
    check_value(CONDITIONS, "!If [Holds, 1, 2]", "1");
    check_value(CONDITIONS, "!If [Fails, 1, 2]", "2");
    check_value(CONDITIONS, "!If [Both, 1, 2]", "2");
    check_value(CONDITIONS, "!If [Any, 1, 2]", "1");
    check_value(CONDITIONS, "!If [Typed, 1, 2]", "1");
    check_value(CONDITIONS, "!If [Same, 1, 2]", "1");
    check_value(CONDITIONS, "!If [LiveAndFails, 1, 2]", "2");
    check_value(CONDITIONS, "!If [LiveOrHolds, 1, 2]", "1");
    check_value(CONDITIONS, "!If [Live, 1, 2]", "(if Live: 1, else 2)");
    check_value(CONDITIONS, "!If [NotLive, 1, 1]", "1");
    check_value(CONDITIONS, "!If [Live, a, !Ref AWS::NoValue]", "(if Live: a, else nothing)");
    check_value(CONDITIONS, "[!If [Fails, 1, !Ref AWS::NoValue]]", "[]");
}

static void test_resources(void **state)
{
    (void)state;
    gl_autoworld struct world w = {0};
    evaluate(&w,
             CONDITIONS "Resources:\n"
                        "  A: {Type: T, Condition: Holds, DeletionPolicy: Retain}\n"
                        "  B: {Type: T, Condition: Fails, Properties: {X: !Ref Nowhere}}\n"
                        "  C: {Type: T, Condition: Live}\n"
                        "Outputs:\n"
                        "  O: {Value: !Ref A}\n"
                        "  P: {Value: !Ref B, Condition: Fails}\n"
                        "  Q: {Value: !Sub \"${C}!\", Condition: Live}\n",
             NULL);
    assert_int_equal(w.code, 0);
    assert_int_equal(w.result.resource_count, 2);
    assert_string_equal(gl_evaluated_resource(&w.result, "A")->deletion_policy, "Retain");
    assert_int_equal(gl_evaluated_resource(&w.result, "A")->exists, GL_TRUE);
    assert_int_equal(gl_evaluated_resource(&w.result, "A")->place.line, 15);
    assert_null(gl_evaluated_resource(&w.result, "B"));
    assert_int_equal(gl_evaluated_resource(&w.result, "C")->exists, GL_TRUTH_UNKNOWN);
    assert_int_equal(w.result.output_count, 2);
    const struct gl_output *output = gl_evaluated_output(&w.result, "Q");
    assert_string_equal(output->value->text, "(known after up: C)!");
    assert_int_equal(output->value->unknown, GL_UNKNOWN_MIXED);
    assert_null(gl_evaluated_output(&w.result, "P"));
}

#define VALUE(v)                                                                                   \
    "Resources:\n  R:\n    Type: T\n    Properties:\n      V: " v                                  \
    "\n  Gone: {Type: T, Condition: Never}\nConditions: {Never: !Equals [a, b]}\n"

static void test_mistakes(void **state)
{
    (void)state;
    check_fails(VALUE("!Ref Nowhere"), 5, "no parameter and no resource");
    check_fails(VALUE("!Ref Gone"), 5, "condition Never is false");
    check_fails(VALUE("!GetAtt Gone.Arn"), 5, "condition Never is false");
    check_fails(VALUE("!Sub \"${Gone.Arn}\""), 5, "condition Never is false");
    check_fails(VALUE("!Sub \"${\""), 5, "no name or no end");
    check_fails(VALUE("!Sub \"${}\""), 5, "no name or no end");
    check_fails(VALUE("!Sub [a]"), 5, "Fn::Sub takes");
    check_fails(VALUE("!Join [a]"), 5, "Fn::Join takes");
    check_fails(VALUE("!Select [5, [a]]"), 5, "no item 5");
    check_fails(VALUE("!Select [x, [a]]"), 5, "takes a number");
    check_fails(VALUE("!Cidr [10.0.0.1/16, 2, 8]"), 5, "no address range");
    check_fails(VALUE("!Cidr [10.0.0.0/24, 4, 8]"), 5, "no room");
    check_fails(VALUE("!FindInMap [a, b, c]"), 5, "have no a.b.c");
    check_fails(VALUE("!If [Nope, 1, 2]"), 5, "no condition");
    check_fails(VALUE("!Equals [1, 2]"), 5, "only in Conditions");
    check_fails(VALUE("{\"Fn::Subb\": x}"), 5, "no function");
    check_fails(VALUE("{\"Fn::Sub\": x, a: 1}"), 5, "must stand alone");
    check_fails(VALUE("!GetAtt x"), 5, "Fn::GetAtt takes");
    check_fails("Resources:\n  A: {Type: T, Properties: {X: !Ref B}}\n"
                "  B: {Type: T, Properties: {X: !Sub \"-${C.Arn}\"}}\n  C: {Type: T, DependsOn: "
                "[A]}\n  D: {Type: T, DependsOn: A}\n",
                2, "need each other: A -> B -> C -> A");
    check_fails("Resources:\n  A: {Type: T, Properties: {X: !Ref A}}\n", 2, "A -> A");
    check_fails("Conditions:\n  A: !Not [!Condition B]\n  B: !Not [!Condition A]\n"
                "Resources: {R: {Type: T}}\n",
                3, "depends on itself");
    check_fails("Conditions:\n  A: !Equals [1]\nResources: {R: {Type: T}}\n", 2, "two values");
    check_fails("Conditions:\n  A: true\nResources: {R: {Type: T}}\n", 2, "is made of");
    check_fails("Resources: {R: {Type: T}}\nOutputs:\n  O: {}\n", 3, "no Value");
}

static void test_growth_is_bounded(void **state)
{
    (void)state;
    gl_autobuf struct gl_buf text = {0};
    gl_autofree char *value = gl_alloc(4001);
    memset(value, 'x', 4000);
    gl_buf_printf(&text,
                  "Parameters: {P: {Type: String, Default: %s}}\nResources:\n  R:\n"
                  "    Type: T\n    Properties:\n",
                  value);
    for (int i = 0; i < 900; i++) {
        gl_buf_printf(&text, "      V%d: !Sub \"", i);
        for (int k = 0; k < 20; k++)
            gl_buf_puts(&text, "${P}");
        gl_buf_puts(&text, "\"\n");
    }
    gl_autoworld struct world w = {0};
    evaluate(&w, gl_buf_text(&text), NULL);
    assert_int_equal(w.code, GL_E_CONFIG);
    assert_non_null(strstr(w.err.message, "16 MiB"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_unknown_texts_keep_their_parts),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_resources),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_growth_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
