/* Fn::ForEach of AWS::LanguageExtensions. */
#include "support.h"

#define HEAD "Transform: AWS::LanguageExtensions\n"

static void test_resources_and_outputs(void **state)
{
    (void)state;
    static const char text[] =
        HEAD "Parameters: {Names: {Type: CommaDelimitedList, Default: \"A_1,B_2\"}}\n"
             "Resources:\n"
             "  Fn::ForEach::Topics:\n"
             "    - Name\n"
             "    - !Ref Names\n"
             "    - Topic&{Name}:\n"
             "        Type: AWS::SNS::Topic\n"
             "        Properties:\n"
             "          TopicName: !Sub \"${AWS::Region}-${Name}\"\n"
             "          DisplayName: !Ref Name\n"
             "          Arn: {\"Fn::GetAtt\": [!Sub \"Topic${Name}\", x]}\n"
             "  Topic${x}: {Type: T}\n";
    gl_autoworld struct world w = {0};
    evaluate(&w, text, NULL);
    assert_int_equal(w.code, GL_E_CONFIG); /* the last line has no loop around it */
    assert_non_null(strstr(w.err.message, "logical id"));
}

static void test_items(void **state)
{
    (void)state;
    static const char text[] =
        HEAD "Parameters: {Names: {Type: CommaDelimitedList, Default: \"A_1,B_2\"}}\n"
             "Resources:\n"
             "  Fn::ForEach::Topics:\n"
             "    - Name\n"
             "    - !Ref Names\n"
             "    - Topic&{Name}:\n"
             "        Type: AWS::SNS::Topic\n"
             "        Properties:\n"
             "          TopicName: !Sub \"${AWS::Region}-${Name}\"\n"
             "          DisplayName: !Ref Name\n"
             "          Plain: \"${Name}\"\n"
             "Outputs:\n"
             "  Fn::ForEach::Outs:\n"
             "    - N\n"
             "    - [A1, B2]\n"
             "    - \"Out${N}\": {Value: !GetAtt [!Sub \"Topic${N}\", Arn]}\n";
    gl_autoworld struct world w = {0};
    evaluate(&w, text, NULL);
    assert_int_equal(w.code, 0);
    assert_int_equal(w.result.resource_count, 2);
    const struct gl_resource *topic = gl_evaluated_resource(&w.result, "TopicB2");
    assert_non_null(topic);
    gl_autofree char *shown = gl_value_show(topic->properties);
    assert_string_equal(
        shown, "{\"TopicName\":\"eu-central-1-B_2\",\"DisplayName\":\"B_2\",\"Plain\":\"B_2\"}");
    assert_int_equal(w.result.output_count, 2);
    assert_string_equal(gl_evaluated_output(&w.result, "OutA1")->value->text,
                        "(known after up: TopicA1.Arn)");
}

static void test_nested_and_in_properties(void **state)
{
    (void)state;
    static const char text[] =
        HEAD "Resources:\n"
             "  R:\n"
             "    Type: T\n"
             "    Properties:\n"
             "      Fn::ForEach::A:\n"
             "        - X\n"
             "        - [a, b]\n"
             "        - Fn::ForEach::B:\n"
             "            - Y\n"
             "            - [c, d]\n"
             "            - \"${X}${Y}\": !Join [\"\", [!Ref X, \"-\", !Ref Y]]\n";
    gl_autoworld struct world w = {0};
    evaluate(&w, text, NULL);
    assert_int_equal(w.code, 0);
    gl_autofree char *shown = gl_value_show(gl_evaluated_resource(&w.result, "R")->properties);
    assert_string_equal(shown, "{\"ac\":\"a-c\",\"ad\":\"a-d\",\"bc\":\"b-c\",\"bd\":\"b-d\"}");
}

#define LOOP(list, key)                                                                            \
    HEAD "Parameters: {L: {Type: \"AWS::SSM::Parameter::Value<CommaDelimitedList>\", Default: "    \
         "/a}}\n"                                                                                  \
         "Resources:\n  Fn::ForEach::T:\n    - N\n    - " list "\n    - " key ": {Type: T}\n"

static void test_mistakes(void **state)
{
    (void)state;
    check_fails(LOOP("[a, a]", "\"X${N}\""), 7, "second time");
    check_fails(LOOP("[a, b]", "Same"), 7, "second time");
    check_fails(LOOP("!Ref L", "\"X${N}\""), 6, "known before");
    check_fails(LOOP("x", "\"X${N}\""), 6, "known before");
    check_fails(HEAD "Resources:\n  Fn::ForEach::T: [N, [a]]\n", 3, "takes a name");
}

/* An empty CommaDelimitedList has one empty item, as in CloudFormation. */
static void test_empty_list(void **state)
{
    (void)state;
    gl_autoworld struct world w = {0};
    evaluate(&w,
             HEAD "Parameters: {L: {Type: CommaDelimitedList, Default: \"\"}}\n"
                  "Conditions: {Some: !Not [!Equals [!Join [\"\", !Ref L], \"\"]]}\n"
                  "Resources:\n  Keep: {Type: T}\n  Fn::ForEach::T:\n    - N\n    - !Ref L\n"
                  "    - \"X&{N}\": {Type: T, Condition: Some}\n",
             NULL);
    assert_int_equal(w.code, 0);
    assert_int_equal(w.result.resource_count, 1);
}

/* Loops in loops must not make more than a stack may have. */
static void test_growth_is_bounded(void **state)
{
    (void)state;
    gl_autobuf struct gl_buf text = {0};
    gl_buf_puts(&text, HEAD "Resources:\n");
    for (int i = 0; i < 5; i++)
        gl_buf_printf(&text,
                      "%*sFn::ForEach::L%d:\n%*s- I%d\n%*s- [a, b, c, d, e, f, g, h, i, j]\n%*s- ",
                      i ? 0 : 2, "", i, 4 + 4 * i, "", i, 4 + 4 * i, "", 4 + 4 * i, "");
    gl_buf_puts(&text, "\"X${I0}${I1}${I2}${I3}${I4}\": {Type: T}\n");
    gl_autoworld struct world w = {0};
    evaluate(&w, gl_buf_text(&text), NULL);
    if (!strstr(w.err.message, "more than"))
        print_message("%s\n%s", w.err.message, gl_buf_text(&text));
    assert_int_equal(w.code, GL_E_CONFIG);
    assert_non_null(strstr(w.err.message, "more than"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resources_and_outputs),
        cmocka_unit_test(test_items),
        cmocka_unit_test(test_nested_and_in_properties),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_empty_list),
        cmocka_unit_test(test_growth_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
