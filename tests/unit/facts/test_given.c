/* Templates that are given with --template: what is read, what is refused, what stays unknown. */
#include "support.h"

#include "base/buf.h"
#include "control/check.h"

static const char bucket[] = "AWSTemplateFormatVersion: '2010-09-09'\n"
                             "Parameters:\n"
                             "  Name: {Type: String}\n"
                             "  Size: {Type: Number, Default: 5}\n"
                             "Resources:\n"
                             "  Store:\n"
                             "    Type: AWS::S3::Bucket\n"
                             "    Properties:\n"
                             "      BucketName: !Sub '${Name}-files'\n"
                             "  Policy:\n"
                             "    Type: AWS::S3::BucketPolicy\n"
                             "    Properties: {Bucket: !Ref Store, Size: !Ref Size}\n"
                             "Outputs:\n"
                             "  Arn: {Value: !GetAtt Store.Arn}\n";

/* Collects from one file of the project; the paths of facts are its path. */
static int collect(struct world *world, const char *name, const char *parameters,
                   struct gl_error *err)
{
    gl_autostrv struct gl_strv templates = {0};
    gl_autofree char *file = gl_path_join(world->dir, name);
    gl_autofree char *values = parameters ? gl_path_join(world->dir, parameters) : NULL;
    gl_strv_add(&templates, file);
    struct gl_facts_request request = {.config = world->config,
                                       .templates = &templates,
                                       .parameters = values,
                                       .now_unix_s = 1796169600};
    return world_collect(world, &request, err);
}

static void collect_with(struct world *world, const char *name, const char *parameters)
{
    gl_autoerr struct gl_error err = {0};
    ok(collect(world, name, parameters, &err), &err);
}

/* It must fail with this code for this reason, and leave no facts. */
static void cannot(struct world *world, const char *name, const char *parameters, int code,
                   const char *reason)
{
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(collect(world, name, parameters, &err), code);
    gl_autofree char *said =
        gl_asprintf("%s:%u: %s", err.file ? err.file : "", err.line, err.message);
    expect_says(said, reason);
    assert_null(world->db);
}

static void collect_text(struct world *world, const char *text)
{
    put(world, "t.yaml", text);
    collect_with(world, "t.yaml", NULL);
}

static char *reason_of(const struct world *world)
{
    return fact(world, "select state || ': ' || coalesce(reason, '') from source where name = "
                       "'template'");
}

/* It must be refused at this place for this reason, and leave no facts. */
static void refused(struct world *world, const char *text, const char *place, const char *message)
{
    put(world, "t.yaml", text);
    gl_autofree char *expected = gl_asprintf("%s/t.yaml:%s: ", world->dir, place);
    cannot(world, "t.yaml", NULL, GL_E_CONFIG, expected);
    cannot(world, "t.yaml", NULL, GL_E_CONFIG, message);
}

#define VALUE(path) "select value from property where path = '" path "'"

/* ---- what is read ------------------------------------------------------------------------------
 */

static void yaml_template(void **state)
{
    struct world *world = *state;
    put(world, "p.json", "[{\"ParameterKey\": \"Name\", \"ParameterValue\": \"demo\"}]");
    put(world, "t.yaml", bucket);
    collect_with(world, "t.yaml", "p.json");
    gl_autofree char *reason = reason_of(world);
    assert_string_equal(reason, "collected: ");
    gl_autofree char *id = gl_asprintf("given/%s/t.yaml", world->dir);
    expect_fact(world, "select id from stack", id);
    expect_fact(world, "select env || ' ' || origin || ' ' || name from stack", "local given t");
    expect_fact(world, "select group_concat(logical_id) from resource where env = 'local'",
                "Store,Policy");
    expect_fact(world, VALUE("BucketName"), "demo-files");
    expect_fact(world, VALUE("Size"), "5");
    expect_fact(world,
                "select r.logical_id from property p join resource r on r.id = p.target where "
                "p.path = 'Bucket'",
                "Store");
    expect_fact(world,
                "select r.logical_id from output o join resource r on r.id = o.target where "
                "o.name = 'Arn'",
                "Store");
}

static void json_template(void **state)
{
    struct world *world = *state;
    put(world, "t.json",
        "{\"Resources\": {\"Store\": {\"Type\": \"AWS::S3::Bucket\",\n"
        "  \"Properties\": {\"BucketName\": {\"Fn::Join\": [\"-\", [\"a\", {\"Ref\": \"B\"}]]}}}},\n"
        " \"Parameters\": {\"B\": {\"Type\": \"String\"}}}");
    put(world, "p.yaml", "Parameters: {B: b}\n");
    collect_with(world, "t.json", "p.yaml");
    expect_fact(world, VALUE("BucketName"), "a-b");
    expect_fact(world, "select line from property where path = 'BucketName'", "2");
}

/* As `cdk synth` writes: metadata, rules, conditions over the region, assets as parameters. */
static void cdk_output(void **state)
{
    struct world *world = *state;
    put(world, "Demo.template.json",
        "{\"Resources\": {\n"
        " \"Vpc8378EB38\": {\"Type\": \"AWS::EC2::VPC\", \"Properties\": {\"CidrBlock\":"
        " \"10.0.0.0/16\"}, \"Metadata\": {\"aws:cdk:path\": \"Demo/Vpc/Resource\"}},\n"
        " \"CDKMetadata\": {\"Type\": \"AWS::CDK::Metadata\", \"Properties\": {\"Analytics\":"
        " \"v2:deflate64:H4s\"}, \"Condition\": \"CDKMetadataAvailable\"}},\n"
        " \"Conditions\": {\"CDKMetadataAvailable\": {\"Fn::Or\": [{\"Fn::Equals\": [{\"Ref\":"
        " \"AWS::Region\"}, \"af-south-1\"]}, {\"Fn::Equals\": [{\"Ref\": \"AWS::Region\"},"
        " \"ap-northeast-1\"]}]}},\n"
        " \"Parameters\": {\"BootstrapVersion\": {\"Type\": \"AWS::SSM::Parameter::Value<String>\","
        " \"Default\": \"/cdk-bootstrap/hnb659fds/version\", \"Description\": \"x\"}},\n"
        " \"Rules\": {\"CheckBootstrapVersion\": {\"Assertions\": [{\"Assert\": {\"Fn::Not\":"
        " [{\"Fn::Contains\": [[\"1\"], {\"Ref\": \"BootstrapVersion\"}]}]},"
        " \"AssertDescription\": \"x\"}]}}}");
    collect_with(world, "Demo.template.json", NULL);
    gl_autofree char *reason = reason_of(world);
    assert_string_equal(reason, "collected: ");
    expect_fact(world, VALUE("CidrBlock"), "10.0.0.0/16");
    expect_fact(world, "select name from stack", "Demo");
    expect_fact(world, "select known from parameter where name = 'BootstrapVersion'", "0");
}

static void plain_parameters(void **state)
{
    struct world *world = *state;
    put(world, "t.yaml", bucket);
    put(world, "p.yaml", "Name: plain\nNmae: typed\n");
    collect_with(world, "t.yaml", "p.yaml");
    expect_fact(world, VALUE("BucketName"), "plain-files");
    gl_autofree char *reason = reason_of(world);
    expect_says(reason, "p.yaml:2: no template has the parameter Nmae");
}

static void secret_parameter(void **state)
{
    struct world *world = *state;
    put(world, "t.yaml",
        "Parameters: {Password: {Type: String, NoEcho: true}}\n"
        "Resources: {D: {Type: AWS::RDS::DBInstance, Properties: {MasterUserPassword: !Ref "
        "Password}}}\n");
    put(world, "p.yaml", "Password: geheimnis\n");
    collect_with(world, "t.yaml", "p.yaml");
    expect_fact(world, VALUE("MasterUserPassword"), "***");
    expect_fact(world, "select value from parameter where name = 'Password'", "***");
}

static void serverless(void **state)
{
    struct world *world = *state;
    collect_text(world, "Transform: AWS::Serverless-2016-10-31\n"
                        "Globals: {Function: {Timeout: 3}}\n"
                        "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Handler: "
                        "a.b}}}\n");
    gl_autofree char *reason = reason_of(world);
    expect_says(reason, "collected: ");
    expect_says(reason, "t.yaml: resources of AWS::Serverless are judged as they are written");
    expect_fact(world, "select type from resource", "AWS::Serverless::Function");
}

/* ---- what stays unknown ------------------------------------------------------------------------
 */

static void unresolved_parameter(void **state)
{
    struct world *world = *state;
    collect_text(world, bucket);
    expect_fact(world, "select value || known from property where path = 'BucketName'",
                "${Name}-files0");
    expect_fact(world, "select value || known from property where path = 'Size'", "51");
    expect_fact(world, "select known from parameter where name = 'Name'", "0");
}

/* The rule's finding names the parameter. */
static void control_names_parameter(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autocontrols struct gl_controls controls = {0};
    gl_autocheck struct gl_check check = {0};
    gl_autostrv struct gl_strv only = {0};
    collect_text(world, "Parameters: {Zones: {Type: String}}\n"
                        "Resources: {Db: {Type: AWS::RDS::DBInstance, Properties: {Engine: "
                        "postgres, MultiAZ: !Ref Zones}}}\n");
    ok(gl_controls_load(world->dir, &controls, &err), &err);
    gl_strv_add(&only, "1.1.3");
    struct gl_check_request request = {.controls = &controls, .only = &only};
    ok(gl_check_run(world->db, &request, &check, &err), &err);
    bool named = false;
    for (size_t i = 0; i < check.items[0].count; i++) {
        const struct gl_rule_result *rule = &check.items[0].rules[i];
        for (size_t k = 0; k < rule->count; k++)
            named |= rule->findings[k].status == GL_STATUS_UNKNOWN &&
                     strstr(rule->findings[k].reason, "MultiAZ is ${Zones}");
    }
    assert_true(named);
}

static void resource_waivers(void **state)
{
    struct world *world = *state;
    collect_text(world,
                 "Resources:\n"
                 "  A:\n"
                 "    Type: AWS::S3::Bucket\n"
                 "    Metadata:\n"
                 "      golive:\n"
                 "        waive:\n"
                 "          - {control: 2.3.1, reason: why, by: suzuki, expires: 2026-12-31}\n"
                 "  B:\n"
                 "    Type: AWS::S3::Bucket\n"
                 "    Metadata: {golive: {waive: 2.3.1}}\n");
    expect_fact(world,
                "select control || ' ' || reason || ' ' || by || ' ' || expires || ' ' || line || "
                "coalesce(approved_by, '-') from waiver where origin = 'template'",
                "2.3.1 why suzuki 2026-12-31 7-");
    expect_fact(world, "select r.logical_id from waiver w join resource r on r.id = w.resource",
                "A");
    gl_autofree char *reason = reason_of(world);
    expect_says(reason, "t.yaml:10: Metadata.golive.waive of");
}

/* ---- what is refused ---------------------------------------------------------------------------
 */

static void cyclic(void **state)
{
    refused(*state,
            "Resources:\n"
            "  A: {Type: AWS::X::Y, Properties: {V: !Ref B}}\n"
            "  B: {Type: AWS::X::Y, Properties: {V: !GetAtt A.Arn}}\n",
            "3", "resources need each other: B -> A -> B");
}

static void no_template(void **state)
{
    refused(*state, "name: ci\non: push\n", "1", "a template has no section `name`");
}

static void no_resources(void **state)
{
    refused(*state, "Description: nothing\n", "1", "the template has no Resources");
}

static void unknown_function(void **state)
{
    refused(*state, "Resources:\n  A: {Type: AWS::X::Y, Properties: {V: {\"Fn::Jion\": []}}}\n",
            "2", "CloudFormation has no function `Fn::Jion`");
}

static void unknown_tag(void **state)
{
    refused(*state, "Resources:\n  A: {Type: AWS::X::Y, Properties: {V: !Jion [a]}}\n", "2",
            "is not a function of CloudFormation");
}

static void no_yaml(void **state)
{
    refused(*state, "Resources:\n  A: [\n", "3", "not YAML");
}

static void too_large(void **state)
{
    struct world *world = *state;
    gl_autobuf struct gl_buf text = {0};
    gl_buf_puts(&text, "Resources: {A: {Type: X}}\n#");
    while (text.len <= (size_t)5 * 1024 * 1024)
        gl_buf_puts(&text, "...............................................................");
    put(world, "t.yaml", gl_buf_text(&text));
    cannot(world, "t.yaml", NULL, GL_E_IO, "t.yaml");
}

/* In an order in which each needs the next: the worst for a naive search for cycles. */
static char *chain_of(unsigned count)
{
    struct gl_buf text = {0};
    gl_buf_puts(&text, "Resources:\n");
    for (unsigned i = 0; i < count; i++)
        gl_buf_printf(&text, "  R%u: {Type: 'AWS::X::Y', Properties: {V: !Ref R%u}}\n", i, i + 1);
    gl_buf_printf(&text, "  R%u: {Type: 'AWS::X::Y'}\n", count);
    return gl_buf_steal(&text);
}

static void ten_thousand_resources(void **state)
{
    struct world *world = *state;
    gl_autofree char *text = chain_of(9999);
    collect_text(world, text);
    gl_autofree char *reason = reason_of(world);
    assert_string_equal(reason, "collected: ");
    expect_fact(world, "select count(*) from resource", "10000");
}

static void too_many_resources(void **state)
{
    gl_autofree char *text = chain_of(10000);
    refused(*state, text, "10002", "too long");
}

static void missing_file(void **state)
{
    struct world *world = *state;
    cannot(world, "nowhere.yaml", NULL, GL_E_NOT_FOUND, "nowhere.yaml");
}

static void wrong_parameters(void **state)
{
    struct world *world = *state;
    put(world, "t.yaml", bucket);
    put(world, "p.json", "[{\"ParameterKey\": \"Name\"}]");
    cannot(world, "t.yaml", "none.json", GL_E_NOT_FOUND, "none.json");
    cannot(world, "t.yaml", "p.json", GL_E_CONFIG,
           "p.json:1: a parameter has a ParameterKey and a ParameterValue");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(yaml_template),
        CASE(json_template),
        CASE(cdk_output),
        CASE(plain_parameters),
        CASE(secret_parameter),
        CASE(serverless),
        CASE(unresolved_parameter),
        CASE(control_names_parameter),
        CASE(resource_waivers),
        CASE(cyclic),
        CASE(no_template),
        CASE(no_resources),
        CASE(unknown_function),
        CASE(unknown_tag),
        CASE(no_yaml),
        CASE(too_large),
        CASE(ten_thousand_resources),
        CASE(too_many_resources),
        CASE(missing_file),
        CASE(wrong_parameters),
    };
    return cmocka_run_group_tests_name("facts/given", tests, NULL, NULL);
}
