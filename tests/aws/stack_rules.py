#!/usr/bin/env python3
"""The contract of stacks/*.yaml (docs/stacks.md): what each says about itself is true and complete; prints TAP."""
import fnmatch
import json
import re
import sys

import stack_grants
from stack_model import ROOT, load_all, walk

STACKS = load_all()
LOG_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]
SOURCES = {"config", "output", "instance", "live", "computed", "release"}
INSTANCE = {"app", "env", "region", "account_id", "placement"}
DATA_TYPES = {"AWS::RDS::DBInstance", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::Route53::HostedZone",
              "AWS::SecretsManager::Secret", "AWS::ECR::Repository", "AWS::Backup::BackupVault"}
# Outputs that no stack reads: for people, or read by golive itself from the running stack.
UNREAD = {
    "zone.NameServers": "people tell the parent zone", "observability.DashboardUrl": "people", "observability-apprunner.DashboardUrl": "people", "ops-roles.*": "people put them into ~/.aws/config",
    "promotion.*": "golive promote knows its name",
    "ci-deploy.*": "workflows sign in as these", "ci.BuildRoleArn": "workflows sign in as it", "audit.*": "evidence of controls",
    "backup.*": "golive drill restore", "registry.MigrateRepositoryUri": "golive pushes the image of migrations",
    "registry.BackendRepositoryUri": "golive pushes images", "registry.FrontendRepositoryUri": "the same", "service-apprunner.ServiceArn": "golive deploys", "service-apprunner.AppLogGroup": "golive logs",
    "service-apprunner.ClusterName": "golive migrate", "service-apprunner.RollbackErrorAlarm": "golive watches a release by it", "service-apprunner.RollbackLatencyAlarm": "the same",
    "service.BlueArn": "golive reads weights and health", "service.GreenArn": "the same", "service.ProductionRuleArn": "the same", "service.PreviewRuleArn": "the same",
    "service.AlbArn": "collectors of facts", "frontend-ssr.*": "golive deploys",
    "api-cloudfront.DistributionId": "collectors of facts", "security-groups.MigrationSecurityGroup": "golive migrate",
    "bootstrap.*": "golive's ledger and large templates",
}
# Outputs with a condition whose readers exist only while it holds.
CONDITIONAL = {
    "security-groups.SsrSecurityGroup": "condition and reader both need frontend.mode ssr", "registry.FrontendRepositoryArn": "the same",
    "service.VpcOriginId": "api-cloudfront exists only with edge.api_path cloudfront, as the output does",
    "ci.ProviderArn": "ci-deploy exists only with ci.provider github_actions and an app.repo, as the output does",
}
# Actions that AWS gives no resource to name (catalogue 2.2.1).
NO_RESOURCE = ["ecr:GetAuthorizationToken", "ecs:DeregisterTaskDefinition", "ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions", "ecs:ListTasks",
               "logs:DescribeLogGroups", "cloudwatch:PutMetricData", "ec2:Describe*", "sts:GetCallerIdentity", "xray:Put*", "access-analyzer:ListAnalyzers",
               "cloudformation:DescribeStackDriftDetectionStatus", "cloudwatch:GetMetricData", "ec2:DescribeAccountAttributes", "ec2:DescribeAvailabilityZones",
               "ec2:DescribeManagedPrefixLists", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs", "elasticloadbalancing:DescribeRules",
               "elasticloadbalancing:DescribeTargetHealth", "guardduty:ListDetectors", "iam:ListOpenIDConnectProviders", "rds:DescribeDBEngineVersions",
               "route53:ListHostedZonesByName"]
# Services whose documentation does not say that they send aws:SourceAccount when they take on a role; with the condition they might not get it.
NO_SOURCE_ACCOUNT = {"ecs.amazonaws.com", "chatbot.amazonaws.com", "backup.amazonaws.com", "build.apprunner.amazonaws.com", "tasks.apprunner.amazonaws.com"}


def listed(name, table):
    stack = name.split(".")[0]
    return name in table or f"{stack}.*" in table


def schema_keys():
    keys = set()
    for path in sorted((ROOT / "src" / "config").glob("schema_*.c")):
        keys |= set(re.findall(r'^ {4}\{"([^"]+)"', path.read_text(encoding="utf-8"), re.M))
    return keys


def key_known(key, keys):
    """`network.subnets.public.0` is `network.subnets.public[]`, `edge.waf.rate.api.limit` is `edge.waf.rate.*.limit`."""
    pattern = re.sub(r"\.\d+$", "[]", key)
    return any(re.fullmatch(re.escape(known).replace(r"\*", "[^.]+"), pattern) for known in keys)


def source_of(stack, name):
    (kind, value), = stack.sources[name].items()
    return kind, value


def target(value):
    """certificate@global.CertificateArn -> stack, placement, output"""
    stack, output = value.split(".")
    name, _, placement = stack.partition("@")
    return name, placement or "app", output


# ---- rules: each yields problems of one stack -----------------------------------------------------------------------------------------------------------

def rule_metadata(stack):
    golive = stack.golive
    if set(golive) - {"alarms"} != {"summary", "placements", "scope", "when", "data", "parameters"}:
        yield f"Metadata.golive has {sorted(golive)}"
        return
    if not all(golive["summary"].get(language) for language in ("en", "ja")):
        yield "summary needs en and ja"
    if not golive["placements"] or set(golive["placements"]) - {"app", "global"} or golive["scope"] not in ("env", "account"):
        yield "placements or scope"
    if "Default" not in stack.parameters.get("Env", {"Default": ""}) and golive["scope"] == "account":
        yield "an account's stack belongs to no environment"
    if len(stack.body.get("Description", "")) < 80 or len(stack.body["Description"]) > 1024:
        yield "Description must say what and why, in at most 1024 characters"


def rule_when(stack):
    for text in stack.golive["when"]:
        match = re.fullmatch(r"([a-z0-9_.]+) (==|!=) ([a-z0-9_]+)", text)
        computed = match and match[1].startswith("computed.") and match[1].removeprefix("computed.") in DOCUMENTED["computed"]
        if not match or not (computed or key_known(match[1], KEYS)):
            yield f"when: {text}"


def rule_sources(stack):
    for name in stack.sources:
        if name not in stack.parameters:
            yield f"source for {name}, which is no parameter"
        kind, value = source_of(stack, name)
        if kind not in SOURCES or (kind == "release" and not stack.is_release):
            yield f"{name}: source {kind}"
        if kind == "config" and not key_known(value, KEYS):
            yield f"{name}: golive.yaml has no key {value}"
        if kind == "instance" and value not in INSTANCE:
            yield f"{name}: instance {value}"
        if kind in ("live", "computed") and value not in DOCUMENTED[kind]:
            yield f"{name}: {kind} {value} is not explained in docs/stacks.md"


def rule_parameters(stack):
    for name, spec in stack.parameters.items():
        if name not in stack.sources and "Default" not in spec:
            yield f"{name} has neither a source nor a Default"
        if len(spec.get("Description", "")) < 8:
            yield f"{name} has no Description"
        if spec["Type"] == "String" and not {"AllowedPattern", "AllowedValues"} & set(spec) and name not in FREE_TEXT:
            yield f"{name} takes any text"
        if spec["Type"] == "Number" and not {"MinValue", "AllowedValues"} & set(spec) and "Default" not in spec:
            yield f"{name} takes any number"
        if name in ("LogDays", "FlowLogDays") and spec.get("AllowedValues", LOG_DAYS) != LOG_DAYS:
            yield f"{name}: CloudWatch Logs keeps logs for other times"
        if "Default" in spec and spec["Default"] != "" and "AllowedPattern" in spec and not re.search(spec["AllowedPattern"], str(spec["Default"])):
            yield f"{name}: the Default does not match its own pattern"


FREE_TEXT = {"EgressTargets", "PlainValues", "PlainNames", "SecretNames", "SecretReferences", "ContentSecurityPolicy", "RunbookErrorRate", "RunbookLatency",
             "RunbookConnections", "RunbookCertificate"}


def rule_outputs_read(stack):
    """What is read from another stack exists there, in that placement; what may be missing has a Default."""
    for name in stack.sources:
        kind, value = source_of(stack, name)
        if kind != "output":
            continue
        other, placement, output = target(value)
        producer = STACKS.get(other)
        if producer is None or output not in producer.outputs or placement not in producer.golive["placements"]:
            yield f"{name}: there is no {value}"
        elif "Default" not in stack.parameters[name]:
            missing = set(producer.golive["when"]) - set(stack.golive["when"])
            if missing:
                yield f"{name}: {other} may be missing ({', '.join(missing)}), so a Default is needed"
            if "Condition" in producer.outputs[output] and not listed(f"{other}.{output}", CONDITIONAL):
                yield f"{name}: {value} has a condition, so a Default is needed"


def references(stack):
    found, loops = set(), set()
    for path, node in walk({key: stack.body.get(key, {}) for key in ("Conditions", "Resources", "Outputs")}):
        if path and isinstance(path[-1], str) and path[-1].startswith("Fn::ForEach::"):
            loops.add(node[0])
        if isinstance(node, dict) and isinstance(node.get("Ref"), str):
            found.add(node["Ref"])
        if isinstance(node, dict) and "Fn::Sub" in node:
            text = node["Fn::Sub"] if isinstance(node["Fn::Sub"], str) else node["Fn::Sub"][0]
            found |= {name.split(".")[0] for name in re.findall(r"\$\{([A-Za-z0-9.:]+)\}", text)}
    return found


def rule_no_unused(stack):
    used = references(stack)
    for name in stack.parameters:
        if name not in used and name not in ("App", "Env"):
            yield f"parameter {name} is not used"
    conditions = json.dumps(stack.body.get("Conditions", {})) + json.dumps(stack.body["Resources"]) + json.dumps(stack.outputs)
    for name in stack.body.get("Conditions", {}):
        if f'"Condition": "{name}"' not in conditions and f'"Fn::If": ["{name}"' not in conditions:
            yield f"condition {name} is not used"


def rule_outputs_used(stack):
    readers = {".".join(target(value)[::2]) for other in STACKS.values() for kind, value in (source_of(other, name) for name in other.sources)
               if kind == "output"}
    for name in stack.outputs:
        if f"{stack.name}.{name}" in readers and f"{stack.name}.{name}" in UNREAD:
            yield f"output {name} has a reader and is in UNREAD"
        if f"{stack.name}.{name}" not in readers and not listed(f"{stack.name}.{name}", UNREAD):
            yield f"nobody reads output {name}"


def rule_native(stack):
    """No exports, no images, no long-lived keys, conditions by {Condition: X}, one account for names: what other tools stumble over."""
    for path, node in walk(stack.body):
        if isinstance(node, dict) and ({"Fn::ImportValue", "Export"} & set(node)):
            yield f"{path}: exports and imports deadlock stacks"
        if isinstance(node, dict) and node.get("Type") in ("AWS::IAM::AccessKey", "AWS::IAM::User", "AWS::CloudFormation::Stack"):
            yield f"{path}: {node['Type']}"
        if isinstance(node, dict) and node.get("Type") == "AWS::ECS::TaskDefinition" and not stack.is_release:
            yield f"{path}: images are no part of a stack"
    if re.search(r"!(And|Or|Not) \[[^\]]*!Condition", stack.text):
        yield "write {Condition: X} inside Fn::And, Fn::Or and Fn::Not"
    if "Fn::ForEach::" in stack.text and stack.body.get("Transform") != "AWS::LanguageExtensions":
        yield "a loop needs Transform: AWS::LanguageExtensions"


def rule_loops(stack):
    """Names of loops are there once, and are no resource's or parameter's: a second one would silently take the first one's place."""
    names = re.findall(r"Fn::ForEach::([A-Za-z0-9]+)", stack.text)
    taken = set(stack.body["Resources"]) | set(stack.parameters)
    for name in set(names):
        if names.count(name) > 1 or name in taken:
            yield f"loop {name}"


def rule_alarms(stack):
    """Alarms that take an update back exist in some stack, at most five (AWS's limit) of each region, and are not made by the stack itself alone."""
    words = stack.golive.get("alarms", [])
    if len(words) != len(set(words)) or len(words) > 5:
        yield f"alarms: {words}"
    for word in words:
        owners = [other.name for other in STACKS.values() if f"${{App}}-${{Env}}-{word}\"" in other.text]
        if not owners:
            yield f"no stack makes an alarm APP-ENV-{word}"


def rule_data(stack):
    """What holds data outlives its stack, and is declared, so that `golive` asks before it is replaced."""
    declared = stack.golive["data"]
    names = [name for name, _ in stack.resources()]
    for name, resource in stack.resources():
        if resource["Type"] not in DATA_TYPES:
            continue
        policies = {resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")}
        if not policies <= {"Retain", "Snapshot"}:
            yield f"{name}: DeletionPolicy and UpdateReplacePolicy must be Retain or Snapshot"
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in declared):
            yield f"{name} holds data but is not in Metadata.golive.data"
    for pattern in declared:
        if not any(fnmatch.fnmatchcase(name, pattern) for name in names):
            yield f"data: there is no {pattern}"


def statements(resource):
    documents = [policy["PolicyDocument"] for policy in resource["Properties"].get("Policies", [])]
    if resource["Type"] == "AWS::IAM::ManagedPolicy":
        documents.append(resource["Properties"]["PolicyDocument"])
    for document in documents:
        for statement in document["Statement"]:
            either = statement["Fn::If"][1:] if "Fn::If" in statement else [statement]
            yield from (one for one in either if "Effect" in one)


def strings(node):
    return [value for _, value in walk(node) if isinstance(value, str)]


def rule_iam_policies(stack):
    for name, resource in stack.resources():
        if resource["Type"] not in ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy"):
            continue
        for statement in statements(resource):
            if statement["Effect"] != "Allow":
                continue
            actions = strings(statement.get("Action", []))
            sid = f"{name}.{statement.get('Sid', '?')}"
            if "NotAction" in statement or "NotResource" in statement:
                yield f"{sid}: NotAction and NotResource allow what nobody thought of"
            for action in actions:
                if action == "*" or action.endswith(":*"):
                    yield f"{sid}: {action}"
            # The ceiling grants nothing; its `Look` names what AWS can only allow for everything.
            if statement["Resource"] == "*" and sid != "Boundary.Look" and not set(actions) <= set(NO_RESOURCE):
                yield f"{sid}: Resource * for {sorted(set(actions) - set(NO_RESOURCE))}"
            if "iam:PassRole" in actions and not sid.startswith("Boundary.") and "iam:PassedToService" not in json.dumps(statement.get("Condition", {})):
                yield f"{sid}: PassRole without iam:PassedToService"
            if "kms:Decrypt" in actions and "DatabaseKeyArn" in strings(statement["Resource"]) and is_of_tasks(resource) and \
                    "kms:ViaService" not in json.dumps(statement.get("Condition", {})):
                yield f"{sid}: the database's key is for a task only by way of Secrets Manager (kms:ViaService)"


def is_of_tasks(role):
    trust = role["Properties"].get("AssumeRolePolicyDocument", {}).get("Statement", [])
    return any(statement["Principal"].get("Service") == "ecs-tasks.amazonaws.com" for statement in trust)


def is_one_role(statement):
    """Whether it trusts exactly one role of the account that it names."""
    account = str(statement["Principal"]["AWS"]).split("::")[-1].split(":")[0]
    one = json.dumps(statement.get("Condition", {}).get("ArnEquals", {}).get("aws:PrincipalArn", ""))
    return f"::{account}:role/" in one and "*" not in one


def rule_iam_roles(stack):
    for name, resource in stack.resources():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        properties = resource["Properties"]
        if "PermissionsBoundary" not in properties:
            yield f"{name} has no ceiling"
        managed = " ".join(strings(properties.get("ManagedPolicyArns", [])))
        if re.search(r"/(PowerUserAccess|IAMFullAccess|\w*FullAccess)\b", managed) or ("AdministratorAccess" in managed and name != "Breakglass"):
            yield f"{name}: {managed}"
        for statement in properties["AssumeRolePolicyDocument"]["Statement"]:
            principal, condition = statement["Principal"], json.dumps(statement.get("Condition", {}))
            if "AWS" in principal and is_one_role(statement):
                if properties.get("MaxSessionDuration", 99999) > 3600:
                    yield f"{name}: an hour is enough for a workflow"
            elif "AWS" in principal and ("MultiFactorAuthPresent\": \"true" not in condition or properties.get("MaxSessionDuration", 99999) > 14400):
                yield f"{name}: people need a second factor and at most four hours"
            if "Service" in principal and principal["Service"] not in NO_SOURCE_ACCOUNT and "aws:SourceAccount" not in condition:
                yield f"{name}: a service could be made to act for another account (aws:SourceAccount)"
            if "Federated" in principal and ('githubusercontent.com:aud": "sts.amazonaws.com"' not in condition
                                             or 'githubusercontent.com:sub"' not in condition or "StringLike" in condition or "*" in condition):
                yield f"{name}: GitHub must be bound to audience and exact subject"


def rule_secrets(stack):
    """Values of secrets come from a store, never from a template or a parameter."""
    for path, node in walk(stack.body["Resources"]):
        key = path[-1] if path else ""
        if key in ("MasterUserPassword", "SecretString", "GenerateSecretString", "Password", "AuthToken"):
            yield f"{path}: a secret's value has no place in a stack"
        if isinstance(node, dict) and node.get("Protocol") == "https" and "{{resolve:secretsmanager:" not in json.dumps(node.get("Endpoint")):
            yield f"{path}: PagerDuty's URL is a credential"
        if key == "Environment" and isinstance(node, list):
            names = [item.get("Name", "") for item in node if isinstance(item, dict)]
            if any(re.search("SECRET|PASSWORD|TOKEN|PRIVATE_KEY|DATABASE_URL", name) for name in names):
                yield f"{path}: {names}"
    for name in stack.parameters:
        if re.search("SECRET|PASSWORD|TOKEN|PRIVATE_KEY|DATABASE_URL", name):
            yield f"parameter {name} would hold a secret"


def rule_containers(stack):
    """Containers are not root and cannot write to their image, also where a task definition is only kept."""
    for name, resource in stack.body["Resources"].items():
        if not isinstance(resource, dict) or resource.get("Type") != "AWS::ECS::TaskDefinition":
            continue
        for container in resource["Properties"]["ContainerDefinitions"]:
            if str(container.get("User", "0")).split(":")[0] in ("0", "root"):
                yield f"{name}: {container['Name']} is root"
            if container.get("ReadonlyRootFilesystem") is not True:
                yield f"{name}: {container['Name']} can write to its image"


RULES = [rule_metadata, rule_when, rule_sources, rule_parameters, rule_outputs_read, rule_no_unused, rule_outputs_used, rule_native, rule_loops,
         rule_alarms, rule_data, rule_iam_policies, rule_iam_roles, rule_secrets, rule_containers, *stack_grants.RULES]


# ---- rules over all stacks ------------------------------------------------------------------------------------------------------------------------------

def all_no_cycles():
    edges = {}
    for stack in STACKS.values():
        for placement in stack.golive["placements"]:
            reads = (target(value)[:2] for kind, value in (source_of(stack, name) for name in stack.sources) if kind == "output")
            edges[(stack.name, placement)] = set(reads)
    done = set()
    while len(done) < len(edges):
        ready = {node for node, needs in edges.items() if node not in done and needs <= done}
        if not ready:
            return [f"these wait for each other: {sorted(set(edges) - done)}"]
        done |= ready
    return []


def all_switch_keeps_parameters():
    """The schedule that switches NAT lists every parameter: one that is missing would fall back to its Default."""
    stack, problems = STACKS["network"], []
    for name in ("NatMorning", "NatEvening"):
        text = stack.body["Resources"][name]["Properties"]["Target"]["Input"]["Fn::Sub"]
        keys = [entry["ParameterKey"] for entry in json.loads(re.sub(r"\$\{[^}]+\}", "x", text))["Parameters"]]
        if sorted(keys) != sorted(stack.parameters):
            problems.append(f"{name}: {sorted(set(keys) ^ set(stack.parameters))}")
    return problems


def all_documented():
    """docs/stacks.md names every stack, and explains exactly the sources that are used."""
    problems = [f"docs/stacks.md does not name {name}" for name in STACKS if f"`{name}`" not in DOCUMENTATION]
    for kind in ("live", "computed"):
        used = {value for stack in STACKS.values() for name in stack.sources for k, value in [source_of(stack, name)] if k == kind}
        problems += [f"{kind} {name} is explained but not used" for name in DOCUMENTED[kind] - used]
    return problems


def documented():
    sections = dict(re.findall(r"^## (.+)\n((?:(?!^## ).*\n)*)", DOCUMENTATION, re.M))
    return {kind: set(re.findall(r"^\| `([a-z0-9_]+)`", sections.get(title, ""), re.M))
            for kind, title in (("live", "Live sources"), ("computed", "Computed values"))}


KEYS = schema_keys()
DOCUMENTATION = (ROOT / "docs" / "stacks.md").read_text(encoding="utf-8")
DOCUMENTED = documented()


def main():
    results = [(f"{stack.name}: {rule.__name__[5:].replace('_', ' ')}", list(rule(stack))) for stack in STACKS.values() for rule in RULES]
    results += [(rule.__name__[4:].replace("_", " "), rule()) for rule in (all_no_cycles, all_switch_keeps_parameters, all_documented)]
    results.append(("schema keys were found", [] if len(KEYS) > 200 else [f"{len(KEYS)} keys"]))
    print(f"1..{len(results)}")
    for number, (title, problems) in enumerate(results, 1):
        print(f"{'not ok' if problems else 'ok'} {number} - {title}")
        for problem in problems:
            print(f"# {problem}")
    return 1 if any(problems for _, problems in results) else 0


if __name__ == "__main__":
    sys.exit(main())
