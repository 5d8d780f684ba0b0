/* Showing changes: what a live change set brings is shown by the same code as an offline plan. */
#include "infra/render.h"

#include "support.h"

/* One resource change as a change set describes it. */
static struct gl_resource_change replaced_database(struct gl_property_change properties[2])
{
    properties[0] = (struct gl_property_change){.path = "StorageEncrypted",
                                                .before = "false",
                                                .after = "true",
                                                .recreation = GL_RECREATE_ALWAYS};
    properties[1] = (struct gl_property_change){.path = "MasterUserPassword",
                                                .before = "geheim",
                                                .after = "neu",
                                                .secret = true,
                                                .reason = "parameter Password"};
    return (struct gl_resource_change){.id = "Database",
                                       .type = "AWS::RDS::DBInstance",
                                       .action = GL_CHANGE_REPLACE,
                                       .exists = GL_TRUE,
                                       .data = true,
                                       .kept = true,
                                       .reason = "StorageEncrypted",
                                       .properties = properties,
                                       .property_count = 2};
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        print_message("`%s` is not in:\n%s\n", part, text);
    assert_non_null(strstr(text, part));
}

static void test_replacement(void **state)
{
    (void)state;
    struct gl_property_change properties[2];
    struct gl_resource_change change = replaced_database(properties);
    gl_autobuf struct gl_buf out = {0};
    struct gl_render how = {0};
    gl_render_resource(&how, &change, 2, &out);
    const char *text = gl_buf_text(&out);
    assert_has(text, "  -/+ Database");
    assert_has(text, "REPLACED: StorageEncrypted");
    assert_has(text, "HOLDS DATA");
    assert_has(text, "stays");
    assert_has(text, "false -> true   replaces the resource");
    assert_has(text, "*** -> ***   in place   (parameter Password)");
    assert_null(strstr(text, "geheim"));
    assert_null(strstr(text, "\033"));
    how.colour = true;
    gl_render_resource(&how, &change, 2, &out);
    assert_has(gl_buf_text(&out), "\033[1;31m-/+");
}

/* A value comes from a template or from the account. */
static void test_value_is_tame(void **state)
{
    (void)state;
    gl_autobuf struct gl_buf out = {0};
    gl_render_value("a\n\033[2Jb\177\302\233c\342\200\256d", 100, &out);
    assert_string_equal(gl_buf_text(&out), "a\\n[2Jbcd");
    gl_buf_done(&out);
    gl_render_value("\xE7\x8A\xB6\xE6\x85\x8Bxyz", 3, &out);
    assert_string_equal(gl_buf_text(&out), "\xE7\x8A\xB6\xE6\x85\x8Bx...");
}

static void test_json_masks_secrets(void **state)
{
    (void)state;
    struct gl_property_change properties[2];
    struct gl_resource_change change = replaced_database(properties);
    struct gl_stack_change stack = {.action = GL_CHANGE_MODIFY,
                                    .resources = &change,
                                    .resource_count = 1,
                                    .change_set = "cs-1"};
    gl_autojson json_t *json = gl_render_change_json(&stack);
    gl_autofree char *text = gl_json_canonical(json);
    assert_null(strstr(text, "geheim"));
    assert_null(strstr(text, "neu"));
    assert_has(text, "\"replaces\":\"always\"");
    assert_has(text, "\"replaced\":1");
    assert_has(text, "\"change_set\":\"cs-1\"");
}

static void test_other_actions(void **state)
{
    (void)state;
    gl_autobuf struct gl_buf out = {0};
    struct gl_render how = {0};
    struct gl_property_change weight = {.path = "Actions[0].ForwardConfig.TargetGroups[0].Weight",
                                        .before = "100",
                                        .after = "0",
                                        .expected = true};
    struct gl_property_change gone = {
        .path = "X", .before = "1", .recreation = GL_RECREATE_PERHAPS};
    struct gl_property_change properties[] = {weight, gone};
    struct gl_resource_change changes[] = {
        {.id = "Rule",
         .type = "T",
         .action = GL_CHANGE_MODIFY,
         .exists = GL_TRUE,
         .properties = properties,
         .property_count = 2,
         .interruption = "restart in the maintenance window"},
        {.id = "Old",         .type = "T", .action = GL_CHANGE_REMOVE, .exists = GL_TRUE},
        {.id = "New",
         .type = "T",
         .action = GL_CHANGE_ADD,
         .exists = GL_TRUTH_UNKNOWN,
         .condition = "Released"},
        {.id = "Taken",     .type = "T",                          .action = GL_CHANGE_IMPORT,                               .exists = GL_TRUE                                        },
    };
    for (size_t i = 0; i < GL_COUNT(changes); i++)
        gl_render_resource(&how, &changes[i], 0, &out);
    const char *text = gl_buf_text(&out);
    assert_has(text, "~ Rule");
    assert_has(text, "restart in the maintenance window");
    assert_has(text, "expected: golive's releases change this");
    assert_has(text, "1 -> (removed)   may replace the resource");
    assert_has(text, "- Old");
    assert_has(text, "+ New");
    assert_has(text, "only if Released, which the account decides");
    assert_has(text, "> Taken");
}

/* Control characters and long texts of a template must not reach a terminal. */
static void test_values_are_tamed(void **state)
{
    (void)state;
    static const struct gl_shipped stacks[] = {
        {"one", "Resources:\n  R:\n    Type: T\n    Properties:\n"
                "      A: \"x\\e[31my\\nz\"\n      B: \"aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbb"
                "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbEND\"\n"},
        {0    }
    };
    gl_autoplanning struct planning p = {0};
    make_plan(&p, MINIMUM, "prod", stacks);
    gl_autobuf struct gl_buf out = {0};
    struct gl_render how = {0};
    gl_render_stack(&how, &p.plan, &p.plan.stacks[0], &out);
    const char *text = gl_buf_text(&out);
    assert_null(strchr(text, '\033'));
    assert_has(text, "x[31my\\nz");
    assert_has(text, "bbbbbbbbbb...");
    assert_null(strstr(text, "END"));
}

static void test_plan_of_changes(void **state)
{
    (void)state;
    static const struct gl_shipped stacks[] = {
        {"a",                            "Resources: {R: {Type: \"AWS::EC2::VPC\", Properties: {CidrBlock: 10.0.0.0/16}}}\n"},
        {"b",                              "Resources: {R: {Type: T}}\n"},
        {"c","Resources: {R: {Type: T}}\n"},
        {0                           }
    };
    gl_autoplanning struct planning p = {0};
    make_plan(&p, MINIMUM, "prod", stacks);
    struct gl_property_change properties[2];
    struct gl_resource_change change = replaced_database(properties);
    p.plan.live = true;
    p.plan.stacks[1].change = (struct gl_stack_change){
        .action = GL_CHANGE_MODIFY, .resources = &change, .resource_count = 1};
    p.plan.stacks[2].change = (struct gl_stack_change){.action = GL_CHANGE_NONE};
    gl_autobuf struct gl_buf out = {0};
    struct gl_render how = {0};
    gl_render_plan(&how, &p.plan, &out);
    const char *text = gl_buf_text(&out);
    assert_has(text, "+ a ");
    assert_has(text, "1 resources              VPC 10.0.0.0/16\n");
    assert_has(text, "~ b               0 added, 0 changed, 1 replaced, 0 removed\n");
    assert_has(text, "    -/+ Database");
    assert_has(text, "  c               unchanged\n");
    gl_autojson json_t *json = gl_render_json(&p.plan, NULL);
    assert_true(gl_json_bool(json, "live", false));
    assert_int_equal(json_array_size(json_object_get(json, "stacks")), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replacement),        cmocka_unit_test(test_value_is_tame),
        cmocka_unit_test(test_json_masks_secrets), cmocka_unit_test(test_other_actions),
        cmocka_unit_test(test_values_are_tamed),   cmocka_unit_test(test_plan_of_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
