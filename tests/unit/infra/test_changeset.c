/* Reading change sets and drift: AWS's answers as what is shown. */
#include "infra/changeset_internal.h"

#include "base/fs.h"

#include "support.h"

static const struct gl_shipped stacks[] = {
    {"store", "Metadata:\n"
              "  golive:\n"
              "    data: [Bucket]\n"
              "    parameters:\n"
              "      Size: {config: sizing.storage_gb}\n"
              "Parameters:\n"
              "  Size: {Type: Number}\n"
              "  Token: {Type: String, NoEcho: true, Default: geheim}\n"
              "  More: {Type: String, Default: \"no\"}\n"
              "Conditions:\n"
              "  WithMore: !Equals [!Ref More, \"yes\"]\n"
              "Resources:\n"
              "  Bucket: {Type: \"AWS::S3::Bucket\", DeletionPolicy: Retain}\n"
              "  Extra: {Type: \"AWS::SNS::Topic\", Condition: WithMore}\n"
              "  Database:\n"
              "    Type: AWS::RDS::DBInstance\n"
              "    Properties:\n"
              "      AllocatedStorage: !Ref Size\n"
              "      EngineVersion: \"16.10\"\n"
              "      MasterUserPassword: !Ref Token\n"
              "      ApplyImmediately: false\n"
              "      Vpc: !Ref Bucket\n"},
    {0      },
};

/* The change of stack store that one ResourceChange gives. */
static void read_change(struct planning *p, const char *json, struct gl_resource_change *ret_change)
{
    gl_autojson json_t *change = NULL;
    make_plan(p, MINIMUM, "prod", stacks);
    assert_int_equal(p->code, 0);
    assert_int_equal(gl_json_parse(json, strlen(json), "t", &change, &p->err), 0);
    gl_changeset_read_resource(&p->plan.arena, &p->plan.stacks[0], NULL, change, ret_change);
}

#define MODIFY(id, type, rest)                                                                     \
    "{\"Action\":\"Modify\",\"LogicalResourceId\":\"" id "\",\"PhysicalResourceId\":\"x\","        \
    "\"ResourceType\":\"" type "\"," rest "}"

static void test_in_place(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    struct gl_resource_change change;
    read_change(&p,
                MODIFY("Database", "AWS::RDS::DBInstance",
                       "\"Replacement\":\"False\",\"Details\":["
                       "{\"Target\":{\"Attribute\":\"Properties\",\"Name\":\"AllocatedStorage\","
                       "\"Path\":\"/Properties/AllocatedStorage\",\"RequiresRecreation\":\"Never\","
                       "\"BeforeValue\":\"10\",\"AfterValue\":\"20\"},\"Evaluation\":\"Static\","
                       "\"ChangeSource\":\"ParameterReference\",\"CausingEntity\":\"Size\"},"
                       "{\"Target\":{\"Attribute\":\"Properties\",\"Name\":\"AllocatedStorage\","
                       "\"Path\":\"/Properties/AllocatedStorage\",\"RequiresRecreation\":\"Never\","
                       "\"BeforeValue\":\"10\",\"AfterValue\":\"20\"},\"Evaluation\":\"Dynamic\","
                       "\"ChangeSource\":\"DirectModification\"}]"),
                &change);
    assert_int_equal(change.action, GL_CHANGE_MODIFY);
    assert_int_equal(change.property_count, 1); /* two causes, one line */
    const struct gl_property_change *property = change.properties;
    assert_string_equal(property->path, "AllocatedStorage");
    assert_string_equal(property->before, "10");
    assert_string_equal(property->after, "20");
    assert_string_equal(property->reason, "parameter Size, from sizing.storage_gb");
    assert_int_equal(property->place.line, 18);
    assert_null(change.interruption);
    assert_false(change.data);
}

static void test_replacement(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    struct gl_resource_change change;
    read_change(
        &p,
        MODIFY("Bucket", "AWS::S3::Bucket",
               "\"Replacement\":\"True\",\"PolicyAction\":\"ReplaceAndRetain\",\"Details\":["
               "{\"Target\":{\"Attribute\":\"Properties\",\"Name\":\"BucketName\","
               "\"RequiresRecreation\":\"Always\",\"BeforeValue\":\"a\",\"AfterValue\":"
               "\"b\"},\"Evaluation\":\"Static\"},"
               "{\"Target\":{\"Attribute\":\"Tags\",\"RequiresRecreation\":\"Never\"}}]"),
        &change);
    assert_int_equal(change.action, GL_CHANGE_REPLACE);
    assert_string_equal(change.reason, "BucketName");
    assert_true(change.data);
    assert_true(change.kept);
    assert_int_equal(change.property_count, 2);
    assert_string_equal(change.properties[1].path, "/Tags");
}

/* What AWS cannot decide yet is no replacement, and is not silent either. */
static void test_perhaps(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    struct gl_resource_change change;
    read_change(&p,
                MODIFY("Database", "AWS::RDS::DBInstance",
                       "\"Replacement\":\"Conditional\",\"Details\":["
                       "{\"Target\":{\"Attribute\":\"Properties\",\"Name\":\"Vpc\","
                       "\"Path\":\"/Properties/Vpc\",\"RequiresRecreation\":\"Always\","
                       "\"BeforeValue\":\"a\",\"AfterValue\":\"{{changeSet:KNOWN_AFTER_APPLY}}\"},"
                       "\"Evaluation\":\"Dynamic\",\"ChangeSource\":\"ResourceReference\","
                       "\"CausingEntity\":\"Bucket\"}]"),
                &change);
    assert_int_equal(change.action, GL_CHANGE_MODIFY);
    assert_non_null(strstr(change.reason, "may replace it (Vpc)"));
    assert_int_equal(change.properties[0].recreation, GL_RECREATE_PERHAPS);
    assert_true(gl_change_may_replace(&change));
    assert_string_equal(change.properties[0].after, "(known after up: Bucket)");
    assert_string_equal(change.properties[0].reason, "because of Bucket");
}

static void test_secrets(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    struct gl_resource_change change;
    read_change(&p,
                MODIFY("Database", "AWS::RDS::DBInstance",
                       "\"Details\":[{\"Target\":{\"Attribute\":\"Properties\",\"Name\":"
                       "\"MasterUserPassword\",\"BeforeValue\":\"alt\",\"AfterValue\":\"neu\"}},"
                       "{\"Target\":{\"Attribute\":\"Properties\",\"Name\":\"Url\",\"BeforeValue\":"
                       "\"postgres://u:hush@h/d\",\"AfterValue\":\"{{resolve:ssm:/a}}\"}}]"),
                &change);
    assert_int_equal(change.property_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_true(change.properties[i].secret);
        assert_string_equal(change.properties[i].before, "***");
        assert_string_equal(change.properties[i].after, "***");
    }
}

static void test_interruption(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    struct gl_resource_change change;
    read_change(&p,
                MODIFY("Database", "AWS::RDS::DBInstance",
                       "\"Details\":[{\"Target\":{\"Attribute\":\"Properties\",\"Name\":"
                       "\"EngineVersion\",\"BeforeValue\":\"16.8\",\"AfterValue\":\"16.10\"}}]"),
                &change);
    assert_string_equal(change.interruption, "restart in the maintenance window");
}

/* Of a list only the item that differs; weights are golive's own doing. */
static void test_inside_of_values(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    struct gl_resource_change change;
    read_change(
        &p,
        MODIFY("Rule", "AWS::ElasticLoadBalancingV2::ListenerRule",
               "\"Details\":[{\"Target\":{\"Attribute\":\"Properties\",\"Name\":\"Actions\","
               "\"Path\":\"/Properties/Actions\","
               "\"BeforeValue\":\"[{\\\"T\\\":\\\"a\\\",\\\"Weight\\\":1}]\","
               "\"AfterValue\":\"[{\\\"T\\\":\\\"a\\\",\\\"Weight\\\":2}]\"}}]"),
        &change);
    assert_int_equal(change.property_count, 1);
    assert_string_equal(change.properties[0].path, "Actions[0].Weight");
    assert_string_equal(change.properties[0].after, "2");
    assert_true(change.properties[0].expected);
}

static void test_removal(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    gl_autoplanning struct planning q = {0};
    struct gl_resource_change change;
    read_change(&p,
                "{\"Action\":\"Remove\",\"LogicalResourceId\":\"Old\",\"ResourceType\":"
                "\"AWS::S3::Bucket\",\"PolicyAction\":\"Delete\"}",
                &change);
    assert_int_equal(change.action, GL_CHANGE_REMOVE);
    assert_true(change.data); /* `data` does not name it any more, its type does */
    assert_false(change.kept);
    assert_non_null(strstr(change.reason, "does not have it any more"));
    read_change(&q,
                "{\"Action\":\"Remove\",\"LogicalResourceId\":\"Extra\",\"ResourceType\":"
                "\"AWS::SNS::Topic\",\"PolicyAction\":\"Delete\"}",
                &change);
    assert_non_null(strstr(change.reason, "condition WithMore"));
    assert_false(change.data);
}

static void test_addition(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    struct gl_resource_change change;
    read_change(&p,
                "{\"Action\":\"Add\",\"LogicalResourceId\":\"Database\",\"ResourceType\":"
                "\"AWS::RDS::DBInstance\"}",
                &change);
    assert_int_equal(change.action, GL_CHANGE_ADD);
    assert_int_equal(change.property_count, 5);
    assert_true(change.properties[2].secret);
    assert_int_equal(change.exists, GL_TRUE);
}

/* Whatever comes, nothing breaks. */
static void test_strange_answers(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{}", "{\"Action\":7,\"Details\":{}}", "{\"Details\":[null,{},{\"Target\":[]}]}",
        "{\"Action\":\"Modify\",\"LogicalResourceId\":\"Database\",\"Details\":[{\"Target\":{"
        "\"Path\":\"/Properties/99999999999999999999/x//\",\"BeforeValue\":\"[\",\"AfterValue\":"
        "\"{}\"}}]}"};
    for (size_t i = 0; i < GL_COUNT(texts); i++) {
        gl_autoplanning struct planning p = {0};
        struct gl_resource_change change;
        read_change(&p, texts[i], &change);
        assert_non_null(change.id);
    }
}

/* A tag on a key changes nothing for what is encrypted by it; a new key does. */
static void test_settled(void **state)
{
    (void)state;

    static const struct {
        const char *replacement;
        const char *cause;
        bool settled;
    } cases[] = {
        {"False",       "Key.Arn",                 true },
        {"False",       "Key",                     true },
        {"False",       "Key.LatestVersionNumber", false},
        {"True",        "Key.Arn",                 false},
        {"Conditional", "Key.Arn",                 false},
        {"False",       "Other.Arn",               false},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autojson json_t *changes =
            json_pack("[{s{sssss[{s{ss}ss}]}}]", "ResourceChange", "LogicalResourceId", "Key",
                      "Replacement", cases[i].replacement, "Details", "Target",
                      "RequiresRecreation", "Always", "Evaluation", "Static");
        gl_autojson json_t *detail =
            json_pack("{ssssss}", "Evaluation", "Dynamic", "ChangeSource", "ResourceAttribute",
                      "CausingEntity", cases[i].cause);
        assert_int_equal(gl_changeset_detail_is_settled(changes, detail), cases[i].settled);
        assert_false(gl_changeset_detail_is_settled(NULL, detail));
    }
}

/* ---- reasons -----------------------------------------------------------------------------------
 */

static void check_place(const char *reason, const char *file, unsigned line)
{
    gl_autoplanning struct planning p = {0};
    make_plan(&p, MINIMUM "sizing: {storage_gb: 30}\n", "prod", stacks);
    assert_int_equal(p.code, 0);
    assert_int_equal(gl_changeset_refused(&p.plan, &p.plan.stacks[0], reason, &p.err), GL_E_CONFIG);
    assert_non_null(strstr(p.err.message, reason));
    assert_string_equal(gl_path_base(p.err.file), gl_path_base(file));
    assert_int_equal(p.err.line, line);
}

static void test_reasons(void **state)
{
    (void)state;
    check_place("Template error [/Resources/Database/Properties/EngineVersion] wrong",
                "stacks/store.yaml", 19);
    check_place("Unresolved resource dependencies [Bucket] in the Resources block",
                "stacks/store.yaml", 13);
    check_place("Parameter 'Size' must be a number", "golive.yaml", 6);
    check_place("Parameter 'More' is odd", "stacks/store.yaml", 9);
    check_place("something else", "stacks/store.yaml", 1);
    assert_true(gl_changeset_reason_is_no_change(
        "The submitted information didn't contain changes. Submit different information to create "
        "a change set."));
    assert_false(gl_changeset_reason_is_no_change("x"));
    assert_false(gl_changeset_reason_is_no_change(NULL));
}

static void test_reason_of_events(void **state)
{
    (void)state;
    gl_autojson json_t *events = json_pack("{s[{ssss}{ss}]}", "OperationEvents", "ValidationPath",
                                           "/Resources/A/Properties/B", "ValidationStatusReason",
                                           "is wrong", "EventType", "STACK_EVENT");
    gl_autofree char *found = gl_changeset_reason_of_events(events, "early");
    gl_autofree char *without = gl_changeset_reason_of_events(NULL, "early");
    assert_string_equal(found, "/Resources/A/Properties/B: is wrong");
    assert_string_equal(without, "early");
}

/* ---- drift -------------------------------------------------------------------------------------
 */

static void read_drift(struct planning *p, json_t *differences, struct gl_resource_change *ret)
{
    make_plan(p, MINIMUM, "prod", stacks);
    assert_int_equal(p->code, 0);
    gl_autojson json_t *json =
        json_pack("{sssssssssO}", "LogicalResourceId", "Rule", "PhysicalResourceId", "arn",
                  "ResourceType", "AWS::ElasticLoadBalancingV2::ListenerRule",
                  "StackResourceDriftStatus", "MODIFIED", "PropertyDifferences", differences);
    gl_drift_read_resource(&p->plan.arena, &p->plan.stacks[0], json, ret);
}

static json_t *difference(const char *path, const char *expected, const char *actual,
                          const char *kind)
{
    return json_pack("{ssssssss}", "PropertyPath", path, "ExpectedValue", expected, "ActualValue",
                     actual, "DifferenceType", kind);
}

/* A list that is compared as a set: the item that changed comes as two. */
static void test_drift_of_items(void **state)
{
    (void)state;
    gl_autoplanning struct planning p = {0};
    struct gl_resource_change change;
    gl_autojson json_t *list = json_array();
    json_array_append_new(list, difference("/Actions/0/F/0",
                                           "{\"TargetGroupArn\":\"a\",\"Weight\":\"100\"}", "",
                                           "REMOVE"));
    json_array_append_new(
        list,
        difference("/Actions/0/F/1", "{\"TargetGroupArn\":\"b\",\"Weight\":\"0\"}", "", "REMOVE"));
    json_array_append_new(
        list, difference("/Actions/0/F/2", "", "{\"TargetGroupArn\":\"a\",\"Weight\":0}", "ADD"));
    json_array_append_new(list, difference("/Priority", "1", "2", "NOT_EQUAL"));
    read_drift(&p, list, &change);
    assert_int_equal(change.property_count, 3);
    assert_string_equal(change.properties[0].path, "Actions[0].F[0].Weight");
    assert_string_equal(change.properties[0].before, "100");
    assert_string_equal(change.properties[0].after, "0");
    assert_true(change.properties[0].expected);
    assert_string_equal(change.properties[1].path, "Actions[0].F[1]");
    assert_null(change.properties[1].after);
    assert_false(change.properties[1].expected);
    assert_string_equal(change.properties[2].path, "Priority");
}

/* ---- risk --------------------------------------------------------------------------------------
 */

static void test_secret_words(void **state)
{
    (void)state;
    assert_true(gl_value_looks_secret("MasterUserPassword", "x"));
    assert_true(gl_value_looks_secret("A[0].dbpassword", "x"));
    assert_true(gl_value_looks_secret("Environment[3].Value", "redis://:p4ss@h"));
    assert_true(gl_value_looks_secret("Value", "AKIAIOSFODNN7EXAMPLE"));
    assert_false(gl_value_looks_secret("MasterUserPassword", "{{resolve:secretsmanager:x}}"));
    assert_false(gl_value_looks_secret("MasterUserPassword", NULL));
    assert_false(gl_value_looks_secret("SecretArn", "arn:aws:secretsmanager:x"));
    assert_false(gl_value_looks_secret("Url", "https://example.com/a:b@c"));
    assert_false(gl_value_looks_secret("", "x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_place),         cmocka_unit_test(test_replacement),
        cmocka_unit_test(test_perhaps),          cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_interruption),     cmocka_unit_test(test_inside_of_values),
        cmocka_unit_test(test_removal),          cmocka_unit_test(test_addition),
        cmocka_unit_test(test_strange_answers),  cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_reason_of_events), cmocka_unit_test(test_drift_of_items),
        cmocka_unit_test(test_secret_words),     cmocka_unit_test(test_settled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
