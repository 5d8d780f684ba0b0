"""The emulator does what AWS's documentation says. Each group names the page that is its oracle."""
import concurrent.futures
import datetime
import json
import re
import sys
import time

import fidelity
import readme_table
import shipped
from emulator import actions, query, xml
from harness import Emulator, refused, run, until
from moto.core.serialize import QuerySerializer, SerializationContext

NAMED = ["CAPABILITY_NAMED_IAM"]
TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "bell"}}
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def body(resources, **sections):
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", **sections, "Resources": resources})


def parameter(name, value="1", **more):
    """The cheapest resource that there is."""
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Name": name, "Type": "String", "Value": value}, **more}


def pairs(**values):
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


def change_set(aws, stack, template, kind="CREATE", name="one", settle=True, **more):
    cf = aws.client("cloudformation")
    made = cf.create_change_set(StackName=stack, ChangeSetName=name, ChangeSetType=kind, TemplateBody=template, **more)
    if not settle:
        return made
    return until(lambda: cf.describe_change_set(ChangeSetName=made["Id"], IncludePropertyValues=True),
                 lambda answer: answer["Status"] not in ("CREATE_PENDING", "CREATE_IN_PROGRESS"))


def settled(aws, stack):
    cf = aws.client("cloudformation")
    return until(lambda: cf.describe_stacks(StackName=stack)["Stacks"][0], lambda one: not one["StackStatus"].endswith("_IN_PROGRESS"))


def execute(aws, stack, template, kind="CREATE", name="one", execution=None, **more):
    """A change set made and executed; the settled stack."""
    made = change_set(aws, stack, template, kind, name, **more)
    assert made["Status"] == "CREATE_COMPLETE", made.get("StatusReason")
    aws.client("cloudformation").execute_change_set(ChangeSetName=made["ChangeSetId"], **(execution or {}))
    return settled(aws, made["StackId"])


def events(aws, stack):
    """(logical id, status) of all events, oldest first."""
    listed = aws.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    return [(one["LogicalResourceId"], one["ResourceStatus"]) for one in reversed(listed)]


def in_order(found, *wanted):
    """Whether the wanted events happened, in this order, others between them."""
    rest = iter(found)
    missing = [one for one in wanted if one not in rest]
    assert not missing, f"missing or out of order: {missing} in {found}"


def status(aws, stack):
    return aws.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]


def value(aws, name):
    return aws.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]


def changes(described):
    return {one["ResourceChange"]["LogicalResourceId"]: one["ResourceChange"] for one in described["Changes"]}


# -- templates: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html

def output(aws, expression, parameters=None, **sections):
    """What an expression gives, as the output of a stack with one resource A called /a."""
    template = body({"A": parameter("/a")}, Outputs={"It": {"Value": expression}}, **sections)
    stack = execute(aws, "x" + str(time.monotonic_ns()), template, Parameters=parameters or [])
    aws.client("cloudformation").delete_stack(StackName=stack["StackId"])
    settled(aws, stack["StackId"])
    return stack["Outputs"][0]["OutputValue"]


FUNCTIONS = [
    ({"Fn::Sub": "${A}-${AWS::Region}-${!Not}"}, "/a-ap-northeast-1-${Not}"),
    ({"Fn::Sub": ["${V}/${A.Value}", {"V": {"Ref": "P"}}]}, "a,b/1"),
    ({"Fn::Join": ["+", {"Fn::Split": [",", {"Ref": "P"}]}]}, "a+b"),
    ({"Fn::Select": ["1", {"Ref": "L"}]}, "y"),
    ({"Fn::If": ["Yes", "yes", "no"]}, "yes"),
    ({"Fn::If": ["No", {"Ref": "AWS::NoValue"}, {"Fn::If": ["Both", "both", "one"]}]}, "one"),
    ({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "k"]}, "mapped"),
    ({"Fn::Select": [2, {"Fn::Cidr": ["10.0.0.0/16", 4, 8]}]}, "10.0.2.0/24"),
    ({"Fn::Join": ["", ["a", {"Fn::If": ["No", "b", {"Ref": "AWS::NoValue"}]}, "c"]]}, "ac"),
    ({"Fn::Base64": "hi"}, "aGk="),
    ({"Fn::Select": [0, {"Fn::GetAZs": ""}]}, "ap-northeast-1a"),
    ({"Fn::Select": [0, {"Ref": "E"}]}, ""),
]
SECTIONS = {
    "Parameters": {"P": {"Type": "String", "Default": "a,b"}, "L": {"Type": "CommaDelimitedList", "Default": "x, y"},
                   "E": {"Type": "CommaDelimitedList", "Default": ""}},
    "Mappings": {"M": {"ap-northeast-1": {"k": "mapped"}}},
    "Conditions": {"Yes": {"Fn::Equals": [{"Ref": "P"}, "a,b"]}, "No": {"Fn::Not": [{"Condition": "Yes"}]},
                   "Both": {"Fn::And": [{"Condition": "Yes"}, {"Condition": "No"}]},
                   "Any": {"Fn::Or": [{"Condition": "Yes"}, {"Condition": "No"}]}},
}


@test
def functions(aws):
    """intrinsic functions give what the reference says"""
    for expression, wanted in FUNCTIONS:
        found = output(aws, expression, **SECTIONS)
        assert found == wanted, f"{expression}: {found!r}, not {wanted!r}"


@test
def short_tags(aws):
    """YAML's short tags, !Condition and dates that are text"""
    template = """
Conditions: {Same: !Equals [a, a], Both: !And [!Condition Same, !Not [!Condition Other]], Other: !Equals [a, b]}
Resources:
  A:
    Type: AWS::IAM::ManagedPolicy
    Condition: Both
    Properties:
      ManagedPolicyName: dated
      PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}
  B: {Type: AWS::SNS::Topic, Condition: Other}
Outputs: {Arn: {Value: !Ref A}, Gone: {Condition: Other, Value: !Ref B}}
"""
    stack = execute(aws, "tags", template, Capabilities=NAMED)
    assert [one["OutputKey"] for one in stack["Outputs"]] == ["Arn"], stack["Outputs"]
    policy = aws.client("iam").get_policy_version(PolicyArn=stack["Outputs"][0]["OutputValue"], VersionId="v1")
    assert policy["PolicyVersion"]["Document"]["Version"] == "2012-10-17"
    assert [r["LogicalResourceId"] for r in aws.client("cloudformation").list_stack_resources(StackName="tags")["StackResourceSummaries"]] == ["A"]


@test
def dynamic_references(aws):
    """{{resolve:}} reads SSM and Secrets Manager when the stack is made, and stays text in what CloudFormation shows

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
    """
    aws.client("ssm").put_parameter(Name="/in", Value="plain", Type="String")
    aws.client("secretsmanager").create_secret(Name="s", SecretString='{"user":"me"}')
    text = "{{resolve:ssm:/in}} {{resolve:secretsmanager:s:SecretString:user}}"
    execute(aws, "dynamic", body({"A": parameter("/out", text)}))
    assert value(aws, "/out") == "plain me", value(aws, "/out")
    shown = aws.client("cloudformation").describe_stack_events(StackName="dynamic")["StackEvents"]
    assert not any("plain me" in (one.get("ResourceProperties") or "") for one in shown)


# -- https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html

LOOPS = """
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: "a-1,b-2"}
  Keep: {Type: String, Default: "true"}
Conditions:
  Kept: !Equals [!Ref Keep, "true"]
Resources:
  Fn::ForEach::Outer:
    - Name
    - !Ref Names
    - P&{Name}:
        Type: AWS::SSM::Parameter
        DeletionPolicy: !If [Kept, Retain, Delete]
        Properties: {Name: !Sub "/x/${Name}", Type: String, Value: !Ref Name}
      Fn::ForEach::Inner:
        - Stage
        - [dev, prod]
        - P${Stage}&{Name}:
            Type: AWS::SSM::Parameter
            Properties: {Name: "/x/${Name}/${Stage}", Type: String, Value: !ToJsonString {n: "${Name}", count: !Length [!Ref Names]}}
Outputs:
  Fn::ForEach::Out:
    - Name
    - !Ref Names
    - Out&{Name}: {Value: !GetAtt "P&{Name}.Value"}
  Count: {Value: !Length {Ref: Names}}
"""


@test
def loops(aws):
    """Fn::ForEach in resources and outputs, nested, with ${} and &{} in names; Length, ToJsonString, DeletionPolicy by function"""
    template = LOOPS.replace("!Length [!Ref Names]", "!Length {Ref: Names}")
    stack = execute(aws, "loops", template, Capabilities=["CAPABILITY_AUTO_EXPAND"])
    found = {r["LogicalResourceId"] for r in aws.client("cloudformation").list_stack_resources(StackName="loops")["StackResourceSummaries"]}
    assert found == {"Pa1", "Pdeva1", "Pproda1", "Pb2", "Pdevb2", "Pprodb2"}, found
    assert {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]} == {"Outa1": "a-1", "Outb2": "b-2", "Count": "2"}
    assert value(aws, "/x/b-2/prod") == '{"n":"b-2","count":2}', value(aws, "/x/b-2/prod")
    processed = aws.client("cloudformation").get_template(StackName="loops", TemplateStage="Processed")["TemplateBody"]
    assert "ForEach" not in json.dumps(processed) and "Pdevb2" in json.dumps(processed)
    aws.client("cloudformation").delete_stack(StackName=stack["StackId"])
    assert settled(aws, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    assert value(aws, "/x/a-1") == "a-1", "retained by !If"
    assert not aws.client("ssm").get_parameters(Names=["/x/a-1/dev"])["Parameters"]


@test
def loops_need_the_transform(aws):
    """without Transform: AWS::LanguageExtensions there are no loops and no Fn::Length"""
    with refused("ValidationError"):
        change_set(aws, "x", LOOPS.replace("Transform: AWS::LanguageExtensions", ""))
    with refused("ValidationError", "Fn::Length"):
        change_set(aws, "x", body({"A": parameter("/a", {"Fn::Length": ["a"]})}))


@test
def loops_that_clash(aws):
    """a loop that makes the same name twice fails the change set, not the call"""
    template = LOOPS.replace("a-1,b-2", "a-1,a1")
    found = change_set(aws, "x", template)
    assert found["Status"] == "FAILED" and "duplicate" in found["StatusReason"], found


# -- https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html

REFUSED = [
    ("not YAML", "a: [", {}, "ValidationError", "Template format error"),
    ("no resources", '{"Resources": {}}', {}, "ValidationError", "At least one Resources member must be defined"),
    ("unknown section", body({"A": TOPIC}, Extra={}), {}, "ValidationError", "Invalid template property or properties [Extra]"),
    ("unknown type", body({"A": {"Type": "AWS::No::Thing"}}), {}, "ValidationError", "Unrecognized resource types: [AWS::No::Thing]"),
    ("dangling Ref", body({"A": parameter("/a", {"Ref": "B"})}), {}, "ValidationError", "Unresolved resource dependencies [B]"),
    ("dangling GetAtt", body({"A": parameter("/a", {"Fn::GetAtt": ["B", "Arn"]})}), {}, "ValidationError", "references undefined resource B"),
    ("a circle", body({"A": parameter("/a", {"Ref": "B"}), "B": parameter("/b", {"Ref": "A"})}), {}, "ValidationError", "Circular dependency"),
    ("too large", body({"A": parameter("/a", "x" * 52000)}), {}, "ValidationError", "less than or equal to 51200"),
    ("no value", body({"A": TOPIC}, Parameters={"P": {"Type": "String"}}), {}, "ValidationError", "Parameters: [P] must have values"),
    ("unknown parameter", body({"A": TOPIC}), {"Parameters": pairs(Q="1")}, "ValidationError", "do not exist in the template"),
    ("word not allowed", body({"A": TOPIC}, Parameters={"P": {"Type": "String", "AllowedValues": ["a"]}}), {"Parameters": pairs(P="b")},
     "ValidationError", "must be one of AllowedValues"),
    ("pattern", body({"A": TOPIC}, Parameters={"P": {"Type": "String", "AllowedPattern": "a+"}}), {"Parameters": pairs(P="b")},
     "ValidationError", "must match pattern"),
    ("named role", body({"A": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r", "AssumeRolePolicyDocument": {}}}}), {},
     "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]"),
    ("role", body({"A": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}}), {},
     "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]"),
]


@test
def refusals(aws):
    """what CreateChangeSet refuses at once, with AWS's words, and leaves no stack behind"""
    for _name, template, more, code, words in REFUSED:
        with refused(code, words):
            change_set(aws, "x", template, **more)
    with refused("ValidationError", "Stack [x] does not exist"):
        change_set(aws, "x", body({"A": TOPIC}), "UPDATE")
    assert not aws.client("cloudformation").describe_stacks()["Stacks"]


@test
def states(aws):
    """a change set takes its time: pending, in progress, complete; its stack is under review until executed, then done"""
    aws.control("settings", change_set_s=0.5)
    cf = aws.client("cloudformation")
    made = change_set(aws, "s", body({"A": TOPIC}), settle=False)
    first = cf.describe_change_set(ChangeSetName=made["Id"])
    assert first["Status"] in ("CREATE_PENDING", "CREATE_IN_PROGRESS") and first["ExecutionStatus"] == "UNAVAILABLE", first
    with refused("InvalidChangeSetStatus", "cannot be executed in its current status of [CREATE_IN_PROGRESS]"):
        cf.execute_change_set(ChangeSetName=made["Id"])
    done = until(lambda: cf.describe_change_set(ChangeSetName=made["Id"]), lambda one: one["Status"] == "CREATE_COMPLETE")
    assert done["ExecutionStatus"] == "AVAILABLE" and status(aws, "s") == "REVIEW_IN_PROGRESS"
    with refused("AlreadyExistsException"):
        change_set(aws, "s", body({"A": TOPIC}))
    cf.execute_change_set(ChangeSetName=made["Id"])
    assert settled(aws, "s")["StackStatus"] == "CREATE_COMPLETE"
    assert cf.describe_change_set(ChangeSetName=made["Id"])["ExecutionStatus"] == "EXECUTE_COMPLETE"
    with refused("ValidationError", "already exists and cannot be created again with the changeSet"):
        change_set(aws, "s", body({"A": TOPIC}), name="two")
    aws.client("sns").get_topic_attributes(TopicArn="arn:aws:sns:ap-northeast-1:123456789012:bell")


@test
def no_changes(aws):
    """a change set without changes FAILS with AWS's words and cannot be executed"""
    execute(aws, "s", body({"A": TOPIC}))
    found = change_set(aws, "s", body({"A": TOPIC}), "UPDATE", "two")
    assert found["Status"] == "FAILED" and found["ExecutionStatus"] == "UNAVAILABLE"
    assert found["StatusReason"] == "The submitted information didn't contain changes. Submit different information to create a change set."
    with refused("InvalidChangeSetStatus", "[FAILED]"):
        aws.client("cloudformation").execute_change_set(ChangeSetName=found["ChangeSetId"])
    aws.client("cloudformation").delete_change_set(ChangeSetName=found["ChangeSetId"])
    with refused("ChangeSetNotFound"):
        aws.client("cloudformation").describe_change_set(ChangeSetName="two", StackName="s")
    only_outputs = change_set(aws, "s", body({"A": TOPIC}, Outputs={"O": {"Value": {"Ref": "A"}}}), "UPDATE", "three")
    assert only_outputs["Status"] == "CREATE_COMPLETE" and not only_outputs["Changes"]


@test
def obsolete(aws):
    """when one change set is executed, the others of the stack are obsolete"""
    execute(aws, "s", body({"A": parameter("/a", "1")}))
    two = change_set(aws, "s", body({"A": parameter("/a", "2")}), "UPDATE", "two")
    execute(aws, "s", body({"A": parameter("/a", "3")}), "UPDATE", "three")
    found = aws.client("cloudformation").describe_change_set(ChangeSetName=two["ChangeSetId"])
    assert found["ExecutionStatus"] == "OBSOLETE", found
    with refused("InvalidChangeSetStatus", "OBSOLETE"):
        aws.client("cloudformation").execute_change_set(ChangeSetName=two["ChangeSetId"])
    assert value(aws, "/a") == "3"


VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": {"Ref": "Cidr"}, "EnableDnsSupport": True}}
NET = {"Vpc": VPC, "Net": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.1.0/24"}},
       "Old": parameter("/old"), "Text": parameter("/text", {"Ref": "Word"})}
NET_PARAMETERS = {"Cidr": {"Type": "String", "Default": "10.0.0.0/16"}, "Word": {"Type": "String", "Default": "one"}}


@test
def change_details(aws):
    """Changes name action, replacement, scope, cause, and both values

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html and API_ResourceChangeDetail.html
    """
    created = change_set(aws, "n", body(NET, Parameters=NET_PARAMETERS))
    assert {one["Action"] for one in changes(created).values()} == {"Add"}
    aws.client("cloudformation").execute_change_set(ChangeSetName=created["ChangeSetId"])
    settled(aws, "n")
    new = {name: one for name, one in NET.items() if name != "Old"}
    new["New"] = parameter("/new")
    new["Text"] = parameter("/text", {"Ref": "Word"}, DeletionPolicy="Retain")
    found = changes(change_set(aws, "n", body(new, Parameters=NET_PARAMETERS), "UPDATE", "two", Parameters=pairs(Cidr="10.0.0.0/20", Word="two")))
    assert found["Old"]["Action"] == "Remove" and found["Old"]["PolicyAction"] == "Delete"
    assert found["New"]["Action"] == "Add"
    vpc = found["Vpc"]
    assert vpc["Replacement"] == "True" and vpc["PolicyAction"] == "ReplaceAndDelete" and vpc["Scope"] == ["Properties"], vpc
    why = vpc["Details"][0]
    assert why["ChangeSource"] == "ParameterReference" and why["CausingEntity"] == "Cidr" and why["Evaluation"] == "Static"
    assert why["Target"] == {"Attribute": "Properties", "Name": "CidrBlock", "RequiresRecreation": "Always", "Path": "/Properties/CidrBlock",
                             "AttributeChangeType": "Modify", "BeforeValue": "10.0.0.0/16", "AfterValue": "10.0.0.0/20"}, why
    subnet = found["Net"]["Details"][0]
    assert found["Net"]["Replacement"] == "True" and subnet["ChangeSource"] == "ResourceReference" and subnet["CausingEntity"] == "Vpc"
    assert subnet["Target"]["AfterValue"] == "{{changeSet:KNOWN_AFTER_APPLY}}", subnet
    assert found["Text"]["Replacement"] == "False" and found["Text"]["Scope"] == ["DeletionPolicy", "Properties"], found["Text"]
    plain = aws.client("cloudformation").describe_change_set(ChangeSetName="two", StackName="n")["Changes"]
    assert not any("BeforeValue" in json.dumps(one) for one in plain), "values only with IncludePropertyValues"


@test
def conditional_replacement(aws):
    """what depends on an attribute of a changed resource is replaced conditionally"""
    def template(text):
        return body({"A": parameter("/a", text), "B": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::GetAtt": ["A", "Value"]}}}})
    execute(aws, "c", template("one"))
    found = changes(change_set(aws, "c", template("two"), "UPDATE", "two"))
    assert found["A"]["Replacement"] == "False" and found["B"]["Replacement"] == "Conditional", found
    assert found["B"]["Details"][0]["Evaluation"] == "Dynamic" and found["B"]["Details"][0]["CausingEntity"] == "A.Value"


@test
def recreation_from_schemas(aws):
    """which property replaces comes from CloudFormation's own schemas"""
    from emulator import schema
    for kind, name, wanted in [("AWS::RDS::DBInstance", "KmsKeyId", "Always"), ("AWS::RDS::DBInstance", "AllocatedStorage", "Never"),
                               ("AWS::RDS::DBInstance", "Engine", "Conditionally"), ("AWS::S3::Bucket", "BucketName", "Always"),
                               ("AWS::ElasticLoadBalancingV2::LoadBalancer", "Scheme", "Always"), ("AWS::ECS::Service", "DesiredCount", "Never")]:
        assert schema.recreation(kind, name) == wanted, (kind, name, schema.recreation(kind, name))


@test
def pages(aws):
    """changes, events and stacks come in pages with NextToken"""
    aws.control("settings", page_size=3)
    found = change_set(aws, "p", body({f"A{i}": parameter(f"/p/{i}") for i in range(8)}))
    assert len(found["Changes"]) == 3 and "NextToken" in found
    cf = aws.client("cloudformation")
    listed = [one for page in cf.get_paginator("describe_change_set").paginate(ChangeSetName=found["ChangeSetId"]) for one in page["Changes"]]
    assert [one["ResourceChange"]["LogicalResourceId"] for one in listed] == [f"A{i}" for i in range(8)]
    cf.execute_change_set(ChangeSetName=found["ChangeSetId"])
    until(lambda: cf.describe_stacks(StackName="p")["Stacks"][0], lambda one: one["StackStatus"] == "CREATE_COMPLETE")
    resources = [r for page in cf.get_paginator("list_stack_resources").paginate(StackName="p") for r in page["StackResourceSummaries"]]
    assert len(resources) == 8


@test
def parameters_and_tags(aws):
    """UsePreviousValue keeps, UsePreviousTemplate keeps, tags reach the resources, NoEcho is hidden"""
    template = body({"A": parameter("/a", {"Fn::Sub": "${P}${Q}"}), "T": TOPIC},
                    Parameters={"P": {"Type": "String"}, "Q": {"Type": "String", "NoEcho": True}})
    execute(aws, "t", template, Parameters=pairs(P="p", Q="q"), Tags=[{"Key": "team", "Value": "red"}])
    keep = {"ParameterKey": "P", "UsePreviousValue": True}
    cf = aws.client("cloudformation")
    cf.create_change_set(StackName="t", ChangeSetName="two", UsePreviousTemplate=True, Parameters=[keep, *pairs(Q="z")])
    made = until(lambda: cf.describe_change_set(ChangeSetName="two", StackName="t"), lambda one: one["Status"] == "CREATE_COMPLETE")
    cf.execute_change_set(ChangeSetName=made["ChangeSetId"])
    stack = settled(aws, "t")
    assert value(aws, "/a") == "pz"
    assert {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]} == {"P": "p", "Q": "****"}
    tags = aws.client("sns").list_tags_for_resource(ResourceArn="arn:aws:sns:ap-northeast-1:123456789012:bell")["Tags"]
    assert {"Key": "team", "Value": "red"} in tags, tags
    found = changes(change_set(aws, "t", template, "UPDATE", "three", Parameters=[keep, {"ParameterKey": "Q", "UsePreviousValue": True}],
                               Tags=[{"Key": "team", "Value": "blue"}]))
    assert found["T"]["Scope"] == ["Tags"], found
    with refused("ValidationError", "usePreviousValue"):
        change_set(aws, "t", body({"A": parameter("/a", {"Ref": "N"})}, Parameters={"N": {"Type": "String"}}), "UPDATE", "four",
                   Parameters=[{"ParameterKey": "N", "UsePreviousValue": True}])


@test
def templates_in_s3(aws):
    """TemplateURL: up to 1 MB from S3, refused above, and an error of S3 is told"""
    s3, cf = aws.client("s3"), aws.client("cloudformation")
    s3.create_bucket(Bucket="tmpl", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    s3.put_object(Bucket="tmpl", Key="dir/big.json", Body=body({"A": TOPIC}, Metadata={"x": "y" * 60000}))
    s3.put_object(Bucket="tmpl", Key="huge.json", Body=body({"A": TOPIC}, Metadata={"x": "y" * 1100000}))
    for url in ("https://tmpl.s3.ap-northeast-1.amazonaws.com/dir/big.json", "https://s3.ap-northeast-1.amazonaws.com/tmpl/dir/big.json",
                aws.url + "/tmpl/dir/big.json"):
        cf.create_change_set(StackName="u" + str(time.monotonic_ns()), ChangeSetName="one", ChangeSetType="CREATE", TemplateURL=url)
    with refused("ValidationError", "1048576"):
        cf.create_change_set(StackName="u", ChangeSetName="one", ChangeSetType="CREATE", TemplateURL=aws.url + "/tmpl/huge.json")
    with refused("ValidationError", "S3 error"):
        cf.create_change_set(StackName="u", ChangeSetName="one", ChangeSetType="CREATE", TemplateURL=aws.url + "/tmpl/none.json")


# -- https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html and view-stack-events.html

CHAIN = {"A": parameter("/a"), "B": parameter("/b", {"Ref": "A"}), "C": parameter("/c", {"Ref": "B"}), "D": parameter("/d")}


@test
def events_in_order(aws):
    """events follow the dependencies, and deletion goes the other way"""
    stack = execute(aws, "e", body(CHAIN))
    found = events(aws, "e")
    in_order(found, ("e", "REVIEW_IN_PROGRESS"), ("e", "CREATE_IN_PROGRESS"), ("A", "CREATE_IN_PROGRESS"), ("A", "CREATE_COMPLETE"),
             ("B", "CREATE_IN_PROGRESS"), ("B", "CREATE_COMPLETE"), ("C", "CREATE_IN_PROGRESS"), ("C", "CREATE_COMPLETE"), ("e", "CREATE_COMPLETE"))
    listed = aws.client("cloudformation").describe_stack_events(StackName="e")["StackEvents"]
    times = [one["Timestamp"] for one in listed]
    assert times == sorted(times, reverse=True) and len({one["EventId"] for one in listed}) == len(listed)
    assert [one for one in listed if one.get("ResourceStatusReason") == "Resource creation Initiated" and one["PhysicalResourceId"]]
    aws.client("cloudformation").delete_stack(StackName="e")
    settled(aws, stack["StackId"])
    in_order(events(aws, stack["StackId"]), ("C", "DELETE_COMPLETE"), ("B", "DELETE_IN_PROGRESS"), ("B", "DELETE_COMPLETE"),
             ("A", "DELETE_IN_PROGRESS"), ("A", "DELETE_COMPLETE"), ("e", "DELETE_COMPLETE"))
    with refused("ValidationError", "does not exist"):
        aws.client("cloudformation").describe_stacks(StackName="e")


@test
def creation_fails(aws):
    """a resource that fails rolls the creation back: ROLLBACK_COMPLETE, which only deletion leaves"""
    aws.control("fail", stack="f", logical_id="C", operation="CREATE", reason="Resource handler returned message: \"no quota\"")
    stack = execute(aws, "f", body(CHAIN))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE", stack
    listed = aws.client("cloudformation").describe_stack_events(StackName="f")["StackEvents"]
    assert [one["ResourceStatusReason"] for one in listed if one["ResourceStatus"] == "CREATE_FAILED"] == ['Resource handler returned message: "no quota"']
    assert any("The following resource(s) failed to create: [C]." in (one.get("ResourceStatusReason") or "") for one in listed)
    in_order(events(aws, "f"), ("C", "CREATE_FAILED"), ("f", "ROLLBACK_IN_PROGRESS"), ("B", "DELETE_COMPLETE"), ("A", "DELETE_COMPLETE"),
             ("f", "ROLLBACK_COMPLETE"))
    assert not aws.client("ssm").get_parameters(Names=["/a", "/b", "/c", "/d"])["Parameters"]
    with refused("ValidationError", "is in ROLLBACK_COMPLETE state and can not be updated"):
        change_set(aws, "f", body(CHAIN), "UPDATE", "two")
    aws.client("cloudformation").delete_stack(StackName="f")
    assert execute(aws, "f", body(CHAIN), name="again")["StackStatus"] == "CREATE_COMPLETE", "the fault was for once"


@test
def in_flight_is_cancelled(aws):
    """what is still being made when another resource fails is cancelled"""
    aws.control("slow", stack="f", logical_id="D", operation="CREATE", seconds=600)
    aws.control("fail", stack="f", logical_id="B", operation="CREATE", reason="no")
    begun = time.monotonic()
    assert execute(aws, "f", body(CHAIN))["StackStatus"] == "ROLLBACK_COMPLETE" and time.monotonic() - begun < 300
    listed = aws.client("cloudformation").describe_stack_events(StackName="f")["StackEvents"]
    assert [one for one in listed if one["LogicalResourceId"] == "D" and one.get("ResourceStatusReason") == "Resource creation cancelled"]


@test
def on_stack_failure(aws):
    """OnStackFailure DELETE deletes the stack, DO_NOTHING leaves what there is; RollbackStack takes it back later"""
    aws.control("fail", stack="g", logical_id="C", operation="CREATE", reason="no", times=0)
    assert execute(aws, "g", body(CHAIN), OnStackFailure="DELETE")["StackStatus"] == "DELETE_COMPLETE"
    stack = execute(aws, "g", body(CHAIN), name="two", OnStackFailure="DO_NOTHING")
    assert stack["StackStatus"] == "CREATE_FAILED" and value(aws, "/b") == "/a"
    aws.client("cloudformation").rollback_stack(StackName="g")
    assert settled(aws, "g")["StackStatus"] == "ROLLBACK_COMPLETE"


@test
def retained_on_rollback(aws):
    """DeletionPolicy Retain keeps a resource in a rolled back creation, RetainExceptOnCreate does not"""
    aws.control("fail", stack="r", logical_id="C", operation="CREATE", reason="no", times=0)
    kept = {"A": parameter("/a", DeletionPolicy="Retain"), "B": parameter("/b", {"Ref": "A"}, DeletionPolicy="RetainExceptOnCreate"),
            "C": parameter("/c", {"Ref": "B"})}
    execute(aws, "r", body(kept))
    assert value(aws, "/a") == "1" and ("A", "DELETE_SKIPPED") in events(aws, "r")
    assert not aws.client("ssm").get_parameters(Names=["/b"])["Parameters"]


def updated(text, **more):
    return body({"A": parameter("/a", text), "B": parameter("/b", {"Fn::Sub": "${A.Value}!"}), **more})


@test
def update_and_rollback(aws):
    """an update that fails is taken back: old values, new resources gone, UPDATE_ROLLBACK_COMPLETE"""
    execute(aws, "u", updated("1"))
    assert execute(aws, "u", updated("2"), "UPDATE", "two")["StackStatus"] == "UPDATE_COMPLETE" and value(aws, "/b") == "2!"
    in_order(events(aws, "u"), ("u", "UPDATE_IN_PROGRESS"), ("A", "UPDATE_COMPLETE"), ("B", "UPDATE_COMPLETE"),
             ("u", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"), ("u", "UPDATE_COMPLETE"))
    aws.control("fail", stack="u", logical_id="B", operation="UPDATE", reason="no")
    stack = execute(aws, "u", updated("3", N=parameter("/n")), "UPDATE", "three")
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE", stack
    assert value(aws, "/a") == "2" and value(aws, "/b") == "2!" and not aws.client("ssm").get_parameters(Names=["/n"])["Parameters"]
    in_order(events(aws, "u"), ("B", "UPDATE_FAILED"), ("u", "UPDATE_ROLLBACK_IN_PROGRESS"), ("A", "UPDATE_COMPLETE"),
             ("u", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"), ("u", "UPDATE_ROLLBACK_COMPLETE"))
    assert execute(aws, "u", updated("4"), "UPDATE", "four")["StackStatus"] == "UPDATE_COMPLETE" and value(aws, "/b") == "4!"


@test
def rollback_fails(aws):
    """UPDATE_ROLLBACK_FAILED, and ContinueUpdateRollback with and without ResourcesToSkip

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-continueupdaterollback.html
    """
    execute(aws, "u", updated("1"))
    cf = aws.client("cloudformation")
    for number, skip in enumerate(([], ["A"])):
        aws.control("fail", stack="u", logical_id="B", operation="UPDATE", reason="no")
        aws.control("fail", stack="u", logical_id="A", operation="ROLLBACK", reason="still no")
        stack = execute(aws, "u", updated(f"new{number}"), "UPDATE", f"n{number}")
        assert stack["StackStatus"] == "UPDATE_ROLLBACK_FAILED", stack
        with refused("ValidationError", "UPDATE_ROLLBACK_FAILED state and can not be updated"):
            change_set(aws, "u", updated("9"), "UPDATE", f"x{number}")
        cf.continue_update_rollback(StackName="u", ResourcesToSkip=skip)
        assert settled(aws, "u")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
        assert value(aws, "/a") == ("1" if not skip else "new1"), "skipped resources stay as they are"
    with refused("ValidationError"):
        cf.continue_update_rollback(StackName="u")


@test
def update_without_rollback(aws):
    """DisableRollback leaves UPDATE_FAILED, from where RollbackStack goes back or another update goes on"""
    execute(aws, "u", updated("1"))
    aws.control("fail", stack="u", logical_id="B", operation="UPDATE", reason="no", times=2)
    assert execute(aws, "u", updated("2"), "UPDATE", "two", {"DisableRollback": True})["StackStatus"] == "UPDATE_FAILED"
    assert value(aws, "/a") == "2"
    aws.client("cloudformation").rollback_stack(StackName="u")
    assert settled(aws, "u")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE" and value(aws, "/a") == "1"
    execute(aws, "u", updated("3"), "UPDATE", "three", {"DisableRollback": True})
    assert execute(aws, "u", updated("3", N=parameter("/n")), "UPDATE", "four")["StackStatus"] == "UPDATE_COMPLETE"
    assert value(aws, "/b") == "3!"


@test
def replacement(aws):
    """a replacement is made before the old one goes, and references follow; a fixed name cannot be replaced"""
    def template(cidr):
        return body({"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": cidr}}, "P": parameter("/vpc", {"Ref": "Vpc"})})
    execute(aws, "v", template("10.0.0.0/16"))
    before = value(aws, "/vpc")
    execute(aws, "v", template("10.1.0.0/16"), "UPDATE", "two")
    after = value(aws, "/vpc")
    assert before != after
    ec2 = aws.client("ec2")
    assert after in [v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"]] and before not in [v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"]]
    in_order(events(aws, "v"), ("Vpc", "UPDATE_IN_PROGRESS"), ("Vpc", "UPDATE_COMPLETE"), ("P", "UPDATE_COMPLETE"),
             ("v", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"), ("Vpc", "DELETE_COMPLETE"))
    aws.control("fail", stack="v", logical_id="P", operation="UPDATE", reason="no")
    assert execute(aws, "v", template("10.2.0.0/16"), "UPDATE", "three")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert [v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"] if not v["IsDefault"]] == [after], "the replacement is gone, the old one stays"


@test
def named_replacement(aws):
    """what has a name of its own is not replaced under the same name"""
    def template(fifo):
        return body({"T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t.fifo", "FifoTopic": True, **fifo}},
                     "G": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryName": "repo", "EncryptionConfiguration": {
                         "EncryptionType": "KMS" if fifo else "AES256"}}}})
    execute(aws, "w", template({}))
    stack = execute(aws, "w", template({"DisplayName": "d"}), "UPDATE", "two")
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE", stack
    words = "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename repo and update the stack again."
    assert any(one.get("ResourceStatusReason") == words for one in aws.client("cloudformation").describe_stack_events(StackName="w")["StackEvents"])


@test
def removed_from_template(aws):
    """what leaves the template is deleted at the end, as its DeletionPolicy says"""
    execute(aws, "d", body({"A": parameter("/a"), "B": parameter("/b"), "C": parameter("/c", DeletionPolicy="Retain")}))
    execute(aws, "d", body({"A": parameter("/a")}), "UPDATE", "two")
    assert not aws.client("ssm").get_parameters(Names=["/b"])["Parameters"] and value(aws, "/c") == "1"
    in_order(events(aws, "d"), ("d", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"), ("B", "DELETE_COMPLETE"), ("d", "UPDATE_COMPLETE"))
    assert ("C", "DELETE_SKIPPED") in events(aws, "d")


@test
def one_operation_at_a_time(aws):
    """a stack that is busy refuses updates, other stacks go on; CancelUpdateStack stops an update"""
    cf = aws.client("cloudformation")
    execute(aws, "o", updated("1"))
    aws.control("freeze", stack="o", logical_id="B")
    late = change_set(aws, "o", updated("late"), "UPDATE", "late")
    made = change_set(aws, "o", updated("2"), "UPDATE", "two")
    cf.execute_change_set(ChangeSetName=made["ChangeSetId"])
    until(lambda: events(aws, "o"), lambda found: ("B", "UPDATE_IN_PROGRESS") in found)
    assert status(aws, "o") == "UPDATE_IN_PROGRESS"
    with refused("ValidationError", "is in UPDATE_IN_PROGRESS state and can not be updated"):
        change_set(aws, "o", updated("3"), "UPDATE", "three")
    with refused("InvalidChangeSetStatus"):
        cf.execute_change_set(ChangeSetName=late["ChangeSetId"])
    with refused("ValidationError", "cannot be deleted while in status UPDATE_IN_PROGRESS"):
        cf.delete_stack(StackName="o")
    assert execute(aws, "other", body({"A": TOPIC}))["StackStatus"] == "CREATE_COMPLETE"
    cf.cancel_update_stack(StackName="o")
    aws.control("release", stack="o", logical_id="B")
    assert settled(aws, "o")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE" and value(aws, "/a") == "1"
    with refused("ValidationError", "CancelUpdateStack cannot be called"):
        cf.cancel_update_stack(StackName="o")


@test
def frozen_and_released(aws):
    """a frozen resource stays in progress until released, and deleting a stack that is being created stops that"""
    cf = aws.client("cloudformation")
    aws.control("freeze", stack="z", logical_id="B")
    made = change_set(aws, "z", body(CHAIN))
    cf.execute_change_set(ChangeSetName=made["ChangeSetId"])
    until(lambda: events(aws, "z"), lambda found: ("B", "CREATE_IN_PROGRESS") in found)
    assert ("C", "CREATE_IN_PROGRESS") not in events(aws, "z") and status(aws, "z") == "CREATE_IN_PROGRESS"
    aws.control("release", stack="z", logical_id="B")
    assert settled(aws, "z")["StackStatus"] == "CREATE_COMPLETE"
    aws.control("freeze", stack="y", logical_id="A")
    made = change_set(aws, "y", body({"A": parameter("/y")}))
    cf.execute_change_set(ChangeSetName=made["ChangeSetId"])
    until(lambda: events(aws, "y"), lambda found: ("A", "CREATE_IN_PROGRESS") in found)
    cf.delete_stack(StackName="y")
    aws.control("release", stack="y", logical_id="A")
    assert settled(aws, made["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    assert not aws.client("ssm").get_parameters(Names=["/y"])["Parameters"]


@test
def side_by_side(aws):
    """two stacks at once, and within each all that does not depend on each other, are in progress together; delays are kept"""
    cf = aws.client("cloudformation")
    aws.control("settings", resource_s=1.0)
    names = [f"A{i}" for i in range(5)]
    for stack in ("s1", "s2"):
        for name in names:
            aws.control("freeze", stack=stack, logical_id=name)
    sets = [change_set(aws, stack, body({name: parameter(f"/{stack}/{name}") for name in names})) for stack in ("s1", "s2")]
    for one in sets:
        cf.execute_change_set(ChangeSetName=one["ChangeSetId"])
    for stack in ("s1", "s2"):
        until(lambda: events(aws, stack), lambda found: all((name, "CREATE_IN_PROGRESS") in found for name in names))
        assert not any(one[1] == "CREATE_COMPLETE" for one in events(aws, stack))
    begun = time.monotonic()
    for stack in ("s1", "s2"):
        for name in names:
            aws.control("release", stack=stack, logical_id=name)
    assert [settled(aws, stack)["StackStatus"] for stack in ("s1", "s2")] == ["CREATE_COMPLETE"] * 2
    assert execute(aws, "s3", body({"B": parameter("/b")}))["StackStatus"] == "CREATE_COMPLETE" and time.monotonic() - begun >= 1.0


@test
def deletion_fails(aws):
    """a bucket that is not empty: DELETE_FAILED, then RetainResources"""
    cf, s3 = aws.client("cloudformation"), aws.client("s3")
    stack = execute(aws, "b", body({"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "full"}}, "A": parameter("/a")}))
    s3.put_object(Bucket="full", Key="k", Body=b"x")
    with refused("ValidationError", "DELETE_FAILED"):
        cf.delete_stack(StackName="b", RetainResources=["B"])
    cf.delete_stack(StackName="b")
    failed = settled(aws, "b")
    assert failed["StackStatus"] == "DELETE_FAILED" and "[B]" in failed["StackStatusReason"], failed
    assert any("The bucket you tried to delete is not empty" in (one.get("ResourceStatusReason") or "")
               for one in cf.describe_stack_events(StackName="b")["StackEvents"])
    assert not aws.client("ssm").get_parameters(Names=["/a"])["Parameters"], "the others are deleted all the same"
    cf.delete_stack(StackName="b", RetainResources=["B"])
    assert settled(aws, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    assert s3.list_objects_v2(Bucket="full")["KeyCount"] == 1


@test
def snapshot_policy(aws):
    """DeletionPolicy Snapshot makes a snapshot in RDS before the instance goes; deletion protection refuses"""
    def template(protect):
        return body({"Db": {"Type": "AWS::RDS::DBInstance", "DeletionPolicy": "Snapshot", "Properties": {
            "DBInstanceIdentifier": "db", "Engine": "postgres", "DBInstanceClass": "db.t4g.micro", "AllocatedStorage": "20",
            "MasterUsername": "u", "ManageMasterUserPassword": True, "DeletionProtection": protect}}},
            Outputs={"S": {"Value": {"Fn::GetAtt": "Db.MasterUserSecret.SecretArn"}}, "H": {"Value": {"Fn::GetAtt": ["Db", "Endpoint.Address"]}}})
    stack = execute(aws, "rds", template(True))
    outputs = {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
    assert "username" in aws.client("secretsmanager").get_secret_value(SecretId=outputs["S"])["SecretString"]
    aws.client("cloudformation").delete_stack(StackName="rds")
    assert settled(aws, "rds")["StackStatus"] == "DELETE_FAILED"
    assert aws.client("rds").describe_db_instances()["DBInstances"][0]["DBInstanceIdentifier"] == "db"
    aws.client("rds").modify_db_instance(DBInstanceIdentifier="db", DeletionProtection=False, ApplyImmediately=True)
    aws.client("cloudformation").delete_stack(StackName="rds")
    assert settled(aws, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    assert not aws.client("rds").describe_db_instances()["DBInstances"]
    snapshots = aws.client("rds").describe_db_snapshots()["DBSnapshots"]
    assert [one["DBInstanceIdentifier"] for one in snapshots][-1:] == ["db"], snapshots


@test
def protections(aws):
    """termination protection, and a stack policy that forbids replacing

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
    """
    cf = aws.client("cloudformation")
    execute(aws, "q", updated("1"))
    cf.update_termination_protection(StackName="q", EnableTerminationProtection=True)
    with refused("ValidationError", "TerminationProtection is enabled"):
        cf.delete_stack(StackName="q")
    policy = {"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
                            {"Effect": "Deny", "Action": "Update:Modify", "Principal": "*", "Resource": "LogicalResourceId/A"}]}
    cf.set_stack_policy(StackName="q", StackPolicyBody=json.dumps(policy))
    assert json.loads(cf.get_stack_policy(StackName="q")["StackPolicyBody"]) == policy
    assert execute(aws, "q", updated("2"), "UPDATE", "two")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert any("Action denied by stack policy" in (one.get("ResourceStatusReason") or "")
               for one in cf.describe_stack_events(StackName="q")["StackEvents"])


@test
def rollback_triggers(aws):
    """an alarm that is in ALARM undoes an update; MonitoringTimeInMinutes goes on watching after it

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-rollback-triggers.html
    """
    alarms = aws.client("cloudwatch")
    alarms.put_metric_alarm(AlarmName="errors", Namespace="n", MetricName="m", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
                            ComparisonOperator="GreaterThanThreshold")
    arn = alarms.describe_alarms(AlarmNames=["errors"])["MetricAlarms"][0]["AlarmArn"]
    triggers = {"RollbackTriggers": [{"Arn": arn, "Type": "AWS::CloudWatch::Alarm"}], "MonitoringTimeInMinutes": 1}
    aws.control("settings", minute_s=0.3)
    execute(aws, "t", updated("1"))
    begun = time.monotonic()
    assert execute(aws, "t", updated("2"), "UPDATE", "two", RollbackConfiguration=triggers)["StackStatus"] == "UPDATE_COMPLETE"
    assert time.monotonic() - begun >= 0.3
    aws.control("settings", minute_s=30)
    cf = aws.client("cloudformation")
    made = change_set(aws, "t", updated("3"), "UPDATE", "three", RollbackConfiguration=triggers)
    cf.execute_change_set(ChangeSetName=made["ChangeSetId"])
    until(lambda: value(aws, "/b"), lambda found: found == "3!")
    alarms.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
    stack = settled(aws, "t")
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE" and value(aws, "/a") == "2", stack


@test
def bad_properties(aws):
    """properties that a type does not have, or lacks, fail the change set early; made directly, they fail the resource

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html
    """
    cf = aws.client("cloudformation")
    wrong = {"A": {"Type": "AWS::SNS::Topic", "Properties": {"Colour": "red"}}, "B": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String"}}}
    found = change_set(aws, "bad", body(wrong))
    assert found["Status"] == "FAILED" and "AWS::EarlyValidation::PropertyValidation" in found["StatusReason"], found
    told = cf.describe_events(ChangeSetName=found["ChangeSetId"], Filters={"FailedEvents": True})["OperationEvents"]
    assert {(one["EventType"], one["LogicalResourceId"], one["ValidationStatusReason"]) for one in told} == {
        ("VALIDATION_ERROR", "A", "#: extraneous key [Colour] is not permitted"), ("VALIDATION_ERROR", "B", "#: required key [Value] not found")}, told
    for name, words in (("A", "#: extraneous key [Colour] is not permitted"), ("B", "#: required key [Value] not found")):
        cf.create_stack(StackName="direct" + name, TemplateBody=body({name: wrong[name]}))
        settled(aws, "direct" + name)
        told = cf.describe_events(StackName="direct" + name, Filters={"FailedEvents": True})["OperationEvents"]
        assert [(one["EventType"], words in one["ResourceStatusReason"]) for one in told] == [("PROVISIONING_ERROR", True)], told


@test
def direct_stacks(aws):
    """CreateStack, UpdateStack: capabilities for transforms, no updates, names"""
    cf = aws.client("cloudformation")
    with refused("InsufficientCapabilitiesException", "CAPABILITY_AUTO_EXPAND"):
        cf.create_stack(StackName="c", TemplateBody=LOOPS)
    cf.create_stack(StackName="c", TemplateBody=updated("1"))
    settled(aws, "c")
    with refused("AlreadyExistsException", "Stack [c] already exists"):
        cf.create_stack(StackName="c", TemplateBody=updated("1"))
    with refused("ValidationError", "No updates are to be performed."):
        cf.update_stack(StackName="c", TemplateBody=updated("1"))
    cf.update_stack(StackName="c", TemplateBody=updated("2"))
    assert settled(aws, "c")["StackStatus"] == "UPDATE_COMPLETE" and value(aws, "/b") == "2!"
    with refused("ValidationError", "stackName"):
        cf.create_stack(StackName="9 lives", TemplateBody=updated("1"))
    with refused("ValidationError", "Stack with id none does not exist"):
        cf.describe_stacks(StackName="none")


# -- https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html

def drift(aws, stack):
    cf = aws.client("cloudformation")
    found = cf.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]
    done = until(lambda: cf.describe_stack_drift_detection_status(StackDriftDetectionId=found),
                 lambda one: one["DetectionStatus"] != "DETECTION_IN_PROGRESS")
    assert done["DetectionStatus"] == "DETECTION_COMPLETE", done
    listed = cf.describe_stack_resource_drifts(StackName=stack)["StackResourceDrifts"]
    return done, {one["LogicalResourceId"]: one for one in listed}


DRIFTING = body({
    "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "dri", "VersioningConfiguration": {"Status": "Enabled"}}},
    "L": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/l", "RetentionInDays": 30}},
    "V": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
    "G": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "g", "VpcId": {"Ref": "V"}, "SecurityGroupIngress": [
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}]}},
    "T": TOPIC, "F": {"Type": "AWS::CloudFront::OriginRequestPolicy", "Properties": {"OriginRequestPolicyConfig": {"Name": "n"}}}})


@test
def drift_detection(aws):
    """drift is what the services really have: changed by hand, added, removed, deleted; what is only stored is not checked"""
    execute(aws, "dr", DRIFTING)
    done, found = drift(aws, "dr")
    assert done["StackDriftStatus"] == "IN_SYNC", found
    assert found["F"]["StackResourceDriftStatus"] == "NOT_CHECKED" and found["B"]["StackResourceDriftStatus"] == "IN_SYNC"
    aws.client("logs").put_retention_policy(logGroupName="/l", retentionInDays=7)
    group = json.loads(found["G"]["ExpectedProperties"]) and found["G"]["PhysicalResourceId"]
    aws.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    aws.client("s3").put_bucket_versioning(Bucket="dri", VersioningConfiguration={"Status": "Suspended"})
    aws.client("sns").delete_topic(TopicArn=found["T"]["PhysicalResourceId"])
    done, found = drift(aws, "dr")
    assert done["StackDriftStatus"] == "DRIFTED" and done["DriftedStackResourceCount"] == 4, (done, found)
    retention = found["L"]["PropertyDifferences"]
    assert retention == [{"PropertyPath": "/RetentionInDays", "ExpectedValue": "30", "ActualValue": "7", "DifferenceType": "NOT_EQUAL"}], retention
    assert [one["DifferenceType"] for one in found["G"]["PropertyDifferences"]] == ["ADD"], found["G"]
    assert found["B"]["PropertyDifferences"][0]["PropertyPath"] == "/VersioningConfiguration/Status"
    assert found["T"]["StackResourceDriftStatus"] == "DELETED" and found["V"]["StackResourceDriftStatus"] == "IN_SYNC"
    filtered = aws.client("cloudformation").describe_stack_resource_drifts(StackName="dr", StackResourceDriftStatusFilters=["DELETED"])
    assert [one["LogicalResourceId"] for one in filtered["StackResourceDrifts"]] == ["T"]
    one = aws.client("cloudformation").detect_stack_resource_drift(StackName="dr", LogicalResourceId="L")["StackResourceDrift"]
    assert one["StackResourceDriftStatus"] == "MODIFIED"


@test
def drift_takes_time(aws):
    """a drift detection is in progress for a while, and only one runs on a stack"""
    execute(aws, "dr", DRIFTING)
    aws.control("settings", drift_s=1)
    cf = aws.client("cloudformation")
    found = cf.detect_stack_drift(StackName="dr")["StackDriftDetectionId"]
    assert cf.describe_stack_drift_detection_status(StackDriftDetectionId=found)["DetectionStatus"] == "DETECTION_IN_PROGRESS"
    with refused("ValidationError", "already in progress"):
        cf.detect_stack_drift(StackName="dr")
    until(lambda: cf.describe_stack_drift_detection_status(StackDriftDetectionId=found), lambda one: one["DetectionStatus"] == "DETECTION_COMPLETE")


# -- certificates: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-certificatemanager-certificate.html

@test
def certificate_waits(aws):
    """a certificate stays in progress until its validation record exists, here written by hand"""
    cf, acm, dns = aws.client("cloudformation"), aws.client("acm"), aws.client("route53")
    template = body({"C": {"Type": "AWS::CertificateManager::Certificate", "Properties": {"DomainName": "a.example.com", "ValidationMethod": "DNS"}}})
    made = change_set(aws, "cert", template)
    cf.execute_change_set(ChangeSetName=made["ChangeSetId"])
    listed = until(lambda: acm.list_certificates(CertificateStatuses=["PENDING_VALIDATION"])["CertificateSummaryList"], len)
    record = acm.describe_certificate(CertificateArn=listed[0]["CertificateArn"])["Certificate"]["DomainValidationOptions"][0]["ResourceRecord"]
    assert status(aws, "cert") == "CREATE_IN_PROGRESS"
    zone = dns.create_hosted_zone(Name="example.com", CallerReference="c")["HostedZone"]["Id"]
    dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": {
        "Name": record["Name"], "Type": record["Type"], "TTL": 60, "ResourceRecords": [{"Value": record["Value"]}]}}]})
    assert settled(aws, "cert")["StackStatus"] == "CREATE_COMPLETE"


# -- the process

@test
def many_at_once(aws):
    """eight stacks in two regions, made by eight clients at once, with resources of the same services"""
    def one(number):
        region = ("ap-northeast-1", "us-east-1")[number % 2]
        cf = aws.client("cloudformation", region)
        resources = {f"P{i}": parameter(f"/m{number}/{i}", {"Ref": f"P{i - 1}"} if i else "x") for i in range(5)}
        resources["V"] = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
        cf.create_stack(StackName=f"m{number}", TemplateBody=body(resources))
        until(lambda: cf.describe_stacks(StackName=f"m{number}")["Stacks"][0], lambda found: found["StackStatus"] == "CREATE_COMPLETE")
        return sum("PROGRESS" not in e["ResourceStatus"] for e in cf.describe_stack_events(StackName=f"m{number}")["StackEvents"])

    for region in ("ap-northeast-1", "us-east-1"):
        aws.client("cloudformation", region)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(8))) == [7] * 8


@test
def process_ends(_aws):
    """the process listens on the loopback address only, and ends on SIGTERM with status 0"""
    other = Emulator()
    listening = [line.split()[1] for line in open(f"/proc/{other.process.pid}/net/tcp") if f":{other.port:04X} " in line.split()[1] + " "]
    assert listening == [f"0100007F:{other.port:04X}"], listening
    assert other.stop() == 0


# -- control

@test
def changed_by_hand(aws):
    """control changes and removes a resource behind its stack's back, drops a stack, and tells a wrong request"""
    execute(aws, "h", DRIFTING)
    aws.control("change", stack="h", logical_id="L", properties={"RetentionInDays": 1})
    aws.control("remove", stack="h", logical_id="T")
    _done, found = drift(aws, "h")
    assert found["L"]["StackResourceDriftStatus"] == "MODIFIED" and found["T"]["StackResourceDriftStatus"] == "DELETED"
    aws.control("drop", stack="h")
    with refused("ValidationError", "does not exist"):
        aws.client("cloudformation").describe_stacks(StackName="h")
    assert aws.client("logs").describe_log_groups(logGroupNamePrefix="/l")["logGroups"], "its resources stay"
    try:
        aws.control("nonsense")
    except AssertionError as error:
        assert "routes" in str(error)
    else:
        raise AssertionError("a wrong control request was taken")


@test
def calls_received(aws):
    """the list of calls has service, operation and principal, for all protocols"""
    iam = aws.client("iam")
    iam.create_user(UserName="u")
    key = iam.create_access_key(UserName="u")["AccessKey"]
    aws.control("calls", "DELETE")
    mine = {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}
    aws.client("s3", **mine).list_buckets()
    aws.client("s3").create_bucket(Bucket="calls", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    aws.client("s3").put_bucket_versioning(Bucket="calls", VersioningConfiguration={"Status": "Enabled"})
    aws.client("s3").put_object(Bucket="calls", Key="a/b", Body=b"")
    aws.client("ecs").list_clusters()
    aws.client("elbv2").describe_load_balancers()
    aws.client("cloudfront").list_distributions()
    aws.client("cloudwatch").describe_alarms()
    aws.client("route53").list_hosted_zones()
    aws.client("cloudformation", region="us-east-1").list_stacks()
    found = aws.control("calls", "GET")["calls"]
    assert [(one["service"], one["operation"]) for one in found] == [
        ("s3", "ListBuckets"), ("s3", "CreateBucket"), ("s3", "PutBucketVersioning"), ("s3", "PutObject"), ("ecs", "ListClusters"),
        ("elasticloadbalancing", "DescribeLoadBalancers"), ("cloudfront", "ListDistributions"), ("monitoring", "DescribeAlarms"),
        ("route53", "ListHostedZones"), ("cloudformation", "ListStacks")], found
    assert found[0]["principal"] == "arn:aws:iam::123456789012:user/u" and found[-1]["region"] == "us-east-1"


def role(aws, name, statements, boundary=None):
    iam = aws.client("iam")
    more = {"PermissionsBoundary": boundary} if boundary else {}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}", **more)
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    found = aws.client("sts").assume_role(RoleArn=f"arn:aws:iam::123456789012:role/{name}", RoleSessionName="session")["Credentials"]
    return {"key": found["AccessKeyId"], "secret": found["SecretAccessKey"], "token": found["SessionToken"]}


@test
def permissions(aws):
    """with permissions enforced, a role can do what its policy says, in every protocol, and a stack what its maker can

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
    """
    allow = {"Effect": "Allow", "Resource": "*"}
    mine = role(aws, "deploy", [{**allow, "Action": ["cloudformation:*", "sns:*", "ecs:List*"]}, {"Effect": "Deny", "Action": "sns:Publish", "Resource": "*"}])
    aws.control("enforce", on=True)
    assert aws.client("sts", **mine).get_caller_identity()["Arn"].endswith("assumed-role/deploy/session")
    aws.client("ecs", **mine).list_clusters()
    with refused("AccessDeniedException", "ecs:DescribeClusters"):
        aws.client("ecs", **mine).describe_clusters()
    with refused("UnauthorizedOperation", "ec2:DescribeVpcs"):
        aws.client("ec2", **mine).describe_vpcs()
    with refused("AccessDenied", "s3:ListAllMyBuckets"):
        aws.client("s3", **mine).list_buckets()
    with refused("AccessDenied", "sns:Publish"):
        aws.client("sns", **mine).publish(TopicArn="arn:aws:sns:ap-northeast-1:123456789012:bell", Message="m")
    cf = aws.client("cloudformation", **mine)
    cf.create_stack(StackName="may", TemplateBody=body({"T": TOPIC}))
    assert until(lambda: cf.describe_stacks(StackName="may")["Stacks"][0], lambda one: "PROGRESS" not in one["StackStatus"])["StackStatus"] == "CREATE_COMPLETE"
    cf.create_stack(StackName="may-not", TemplateBody=body({"P": parameter("/p")}))
    until(lambda: cf.describe_stacks(StackName="may-not")["Stacks"][0], lambda one: one["StackStatus"] == "ROLLBACK_COMPLETE")
    assert any("not authorized to perform: ssm:PutParameter" in (one.get("ResourceStatusReason") or "")
               for one in cf.describe_stack_events(StackName="may-not")["StackEvents"])
    with refused("AccessDenied", "iam:PassRole"):
        cf.create_stack(StackName="passed", TemplateBody=body({"T": TOPIC}), RoleARN="arn:aws:iam::123456789012:role/other")


@test
def boundaries(aws):
    """a permissions boundary is a ceiling"""
    ceiling = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sns:*", "Resource": "*"}]}
    arn = aws.client("iam").create_policy(PolicyName="ceiling", PolicyDocument=json.dumps(ceiling))["Policy"]["Arn"]
    mine = role(aws, "low", [{"Effect": "Allow", "Action": "*", "Resource": "*"}], arn)
    aws.control("enforce", on=True)
    aws.client("sns", **mine).list_topics()
    with refused("AccessDeniedException", "ssm:GetParameter"):
        aws.client("ssm", **mine).get_parameter(Name="/a")


@test
def operations_that_moto_lacks(aws):
    """operations that golive calls and moto does not have are answered from what is stored"""
    versions = aws.client("rds").describe_db_engine_versions(Engine="postgres", EngineVersion="16")["DBEngineVersions"]
    assert versions and all(one["EngineVersion"].startswith("16.") for one in versions), versions
    assert aws.client("rds").describe_pending_maintenance_actions()["PendingMaintenanceActions"] == []
    template = body({
        "H": {"Type": "AWS::CloudFront::ResponseHeadersPolicy", "Properties": {"ResponseHeadersPolicyConfig": {"Name": "h", "SecurityHeadersConfig": {
            "StrictTransportSecurity": {"AccessControlMaxAgeSec": "31536000", "Override": True}}, "CustomHeadersConfig": {
                "Items": [{"Header": "X", "Value": "y", "Override": "true"}]}}}},
        "F": {"Type": "AWS::CloudFront::Function", "Properties": {"Name": "f", "FunctionCode": "x", "AutoPublish": True, "FunctionConfig": {
            "Comment": "c", "Runtime": "cloudfront-js-2.0"}}},
        "S": {"Type": "AWS::Backup::BackupSelection", "Properties": {"BackupPlanId": "p-1", "BackupSelection": {"SelectionName": "s", "IamRoleArn": "r"}}}},
        Outputs={"H": {"Value": {"Ref": "H"}}})
    policy = execute(aws, "x", template)["Outputs"][0]["OutputValue"]
    cloudfront = aws.client("cloudfront")
    shown = cloudfront.get_response_headers_policy(Id=policy)["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"]
    assert shown["SecurityHeadersConfig"]["StrictTransportSecurity"]["AccessControlMaxAgeSec"] == 31536000
    assert shown["CustomHeadersConfig"]["Items"][0]["Header"] == "X" and shown["CustomHeadersConfig"]["Quantity"] == 1
    assert cloudfront.describe_function(Name="f", Stage="LIVE")["FunctionSummary"]["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
    with refused("NoSuchResponseHeadersPolicy"):
        cloudfront.get_response_headers_policy(Id="none")
    assert [one["SelectionName"] for one in aws.client("backup").list_backup_selections(BackupPlanId="p-1")["BackupSelectionsList"]] == ["s"]
    role(aws, "asked", [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}])
    told = aws.client("iam").simulate_principal_policy(PolicySourceArn="arn:aws:iam::123456789012:role/asked", ActionNames=["s3:GetObject", "s3:PutObject"])
    assert [one["EvalDecision"] for one in told["EvaluationResults"]] == ["allowed", "implicitDeny"], told


# -- the stacks that golive ships

def put_up(aws, sample):
    stacks = shipped.load(sample=sample)
    assert len(stacks) >= 20, "stacks/ is missing"
    found = shipped.put_up(aws.client, stacks, sample)
    wrong = {one.key: (found[one.key], shipped.failures(aws.client, one) if "rror" not in found[one.key] else "")
             for one in stacks if found[one.key] != "CREATE_COMPLETE"}
    assert not wrong, wrong
    return stacks


def in_sync(aws, one):
    cf = aws.client("cloudformation", one.region)
    detection = cf.detect_stack_drift(StackName=one.stack)["StackDriftDetectionId"]
    done = until(lambda: cf.describe_stack_drift_detection_status(StackDriftDetectionId=detection),
                 lambda answer: answer["DetectionStatus"] != "DETECTION_IN_PROGRESS", longest_s=0.2)
    assert done.get("StackDriftStatus") == "IN_SYNC", (one.key, done, cf.describe_stack_resource_drifts(
        StackName=one.stack, StackResourceDriftStatusFilters=["MODIFIED", "DELETED"])["StackResourceDrifts"])


LOST = {}  # shape of the application: what /golive-test/lost said, for the test of README


def up_and_compared(aws, name):
    """Puts up one shape of the application, each stack in sync, and the services' own answers as the stacks say."""
    stacks = put_up(aws, shipped.SAMPLES[name])
    for one in stacks:
        in_sync(aws, one)
    LOST[name] = aws.control("lost", "GET")
    rows = [row for region in fidelity.REGIONS for row in fidelity.compare(aws.client, region)]
    wrong = [row for row in rows if row[2] != row[3]]
    assert len(rows) > 150 and not wrong, (len(rows), wrong)
    return stacks


TREES = [  # for both writers of XML
    {"A": None}, {"A": ""}, {"A": "x < y & z"}, {"A": 1}, {"A": True}, {"A": b"bytes"}, {"A": {}}, {"A": {"B": []}}, {"A": {"B": [""]}}, {"A": {"B": [1, None, {"C": 2}, "d"]}},
    {"A": {"@xmlns": "http://a/", "@q": "\"'<", "B": {"@n": None, "#text": "t"}}}, {"A": {"#text": "t", "B": "after", "C": ("x", "y")}}, {"A": {"@xmlns": {"p": "http://p/"}, "B": 1}},
    {"A": {"#comment": "said", "B": 1}}, {"A": 1, "B": 2}, {"A": [1, 2]}, {}, {"A B": 1}, {"A": {"B>": 1}}, {"A": {"@b c": 1}},
]


def sample(shape, depth=0):
    """Something that a shape of botocore's model may hold, with a hole here and there."""
    kind = shape.type_name
    if kind == "structure":
        named = {name: sample(member, depth + 1) for name, member in shape.members.items()} if depth < 6 else {}
        return {name: None if number % 5 == 4 else value for number, (name, value) in enumerate(named.items())}
    if kind == "list":
        one = sample(shape.member, depth + 1)
        return [] if depth > 5 else [one, one, None] if shape.member.type_name == "structure" else [one]
    if kind == "map":
        return {"k<": sample(shape.value, depth + 1)}
    return {"boolean": True, "integer": 3, "long": 4, "timestamp": datetime.datetime(2026, 1, 2, 3, 4, 5, depth, datetime.timezone.utc)}.get(kind, "a < b & \"c\"")


@test
def kept_states(aws):
    """a state that is kept is gone back to again and again, with its resources, settings and behaviours; only one at rest is kept"""
    ssm, cf = aws.client("ssm"), aws.client("cloudformation")

    def names():
        return sorted(one["Name"] for one in ssm.describe_parameters()["Parameters"])

    def kept_not(words, **request):
        try:
            aws.control(**request)
        except AssertionError as error:
            assert words in str(error), error
        else:
            raise AssertionError(f"{request} is not refused")

    execute(aws, "x", body({"A": parameter("/a")}))
    aws.control("settings", minute_s=0.25)
    aws.control("keep", name="one")
    assert names() == ["/a"] and aws.control("settings", "GET")["minute_s"] == 0.25
    execute(aws, "y", body({"B": parameter("/b")}))
    aws.control("keep", name="two")
    kept_not("kept as two already", what="keep", name="two")
    kept_not("no state is kept as three", what="restore", name="three")
    for name, wanted in (("one", ["/a"]), ("two", ["/a", "/b"]), ("one", ["/a"]), ("one", ["/a"])):
        aws.control("restore", name=name)
        assert names() == wanted, (name, names())
        aws.control("settings", minute_s=9)
        change_set(aws, "x", body({"A": parameter("/a", "2"), "C": parameter("/c")}), "UPDATE", "next")
        cf.execute_change_set(StackName="x", ChangeSetName="next")
        until(lambda: cf.describe_stacks(StackName="x")["Stacks"][0]["StackStatus"], lambda status: status == "UPDATE_COMPLETE")
        assert "/c" in names()
    aws.control("restore", name="two")
    assert aws.control("settings", "GET")["minute_s"] == 0.25
    assert ssm.get_parameter(Name="/a")["Parameter"]["Value"] == "1"
    aws.control("freeze", stack="x", logical_id="A", operation="UPDATE")
    change_set(aws, "x", body({"A": parameter("/a", "3")}), "UPDATE", "next")
    cf.execute_change_set(StackName="x", ChangeSetName="next")
    kept_not("not while there are x", what="keep", name="three")
    aws.control("restore", name="one")
    assert names() == ["/a"]
    aws.control("reset")
    assert names() == []


@test
def quick_xml(_aws):
    """the emulator's writers of XML write what xmltodict and moto's serializer write, which take ten times as long"""
    def outcome(write, tree, more):
        try:
            return write(tree, **more)
        except ValueError as error:
            return str(error)

    for tree in TREES:
        for more in [{"full_document": full, "short_empty_elements": short} for full in (True, False) for short in (True, False)]:
            assert outcome(xml.unparse, tree, more) == outcome(xml.original, tree, more), (tree, more)
    for operation in actions.TABLE:
        model = query.MODEL.operation_model(operation)
        result = sample(model.output_shape) if model.output_shape else {}
        status, text = query.answer(operation, result)
        context = SerializationContext(re.search("<RequestId>(.*)</RequestId>", text).group(1))
        theirs = QuerySerializer(model, context).serialize(result)
        assert (status, text) == (theirs["status_code"], theirs["body"]), (operation, text, theirs)


@test
def shipped_stacks(aws):
    """every shipped stack is created, is in sync, does not change when put up again, and is deleted or refuses for a reason"""
    stacks = up_and_compared(aws, next(iter(shipped.SAMPLES)))
    by_key = {one.key: one for one in stacks}
    for one in stacks:
        again = shipped.prepare(one, "shop-templates", aws.client, shipped.parameters(one, by_key, shipped.SAMPLE))
        assert again["Status"] == "FAILED" and "didn't contain changes" in again["StatusReason"], (one.key, again)
    protected = set()
    for one in reversed(shipped.in_order(stacks)):
        cf = aws.client("cloudformation", one.region)
        found = cf.describe_stacks(StackName=one.stack)["Stacks"][0]["StackId"]
        cf.delete_stack(StackName=one.stack)
        done = until(lambda: cf.describe_stacks(StackName=found)["Stacks"][0], lambda answer: "PROGRESS" not in answer["StackStatus"], longest_s=0.2)
        if done["StackStatus"] == "DELETE_FAILED":
            protected.add(one.name)
            reasons = " ".join(shipped.failures(aws.client, one))
            assert "protect" in reasons or one.name in ("network", "security-groups"), reasons
    assert {"service", "data"} <= protected, f"prod's load balancer and database refuse to go: {protected}"


@test
def other_shapes(aws):
    """the other shapes of the application are created and in sync too; the services show what the stacks say"""
    for name in list(shipped.SAMPLES)[1:]:
        aws.control("reset")
        up_and_compared(aws, name)


@test
def honest_table(aws):
    """README says of every resource type what moto keeps and what it does not"""
    answers = [LOST[name] for name in shipped.SAMPLES] if len(LOST) == len(shipped.SAMPLES) else readme_table.answers(aws)
    wanted = readme_table.table(answers)
    text = (shipped.STACKS.parent / "tests/aws/README.md").read_text()
    now = re.search(r"<!-- table: .*?-->\n(.*?)<!-- end -->", text, re.S).group(1)
    assert now == wanted, "tests/aws/README.md is out of date: run tests/aws/python tests/aws/readme_table.py"


def main():
    emulator = Emulator()
    try:
        return run(TESTS, emulator)
    finally:
        emulator.stop()


if __name__ == "__main__":
    sys.exit(main())
