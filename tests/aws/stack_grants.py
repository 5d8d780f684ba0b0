"""Whom the stacks let in: policies of resources and of trust, what is denied to everybody, openings of firewalls. Rules for stack_rules.py.

Policies that say what a role may do are judged there.
"""
import json

from stack_model import walk

TRUST = {"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"}
# What a statement with Effect Deny takes from everybody, by resource: more may be denied, never less.
IDENTITIES = {"iam:AttachUserPolicy", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreateUser", "iam:DeleteRolePermissionsBoundary",
              "iam:PutRolePermissionsBoundary", "organizations:LeaveOrganization"}
TRAIL = {"cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail"}
ITSELF = {"iam:AttachRolePolicy", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole"}
DENIED = {  # resource of a template: (actions, what they are denied on)
    "ci.Boundary": [(IDENTITIES | TRAIL, "*")],
    "ops-roles.Breakglass": [(IDENTITIES | TRAIL, "*"), (ITSELF, "role/${App}-*-breakglass")],
    "bootstrap.LedgerBucketPolicy": [({"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"}, "${LedgerBucket.Arn}/events/*"),
                                     ({"s3:PutBucketObjectLockConfiguration"}, '["LedgerBucket", "Arn"]')],
    "frontend.SiteBucketPolicy": [({"s3:GetObject"}, "${SiteBucket.Arn}/_golive/*")],
}


def as_list(value):
    return value if isinstance(value, list) else [value]


def documents(resource):
    """(kind, statement) of every policy below a resource; kind is the property that holds the document."""
    for path, node in walk(resource.get("Properties", {})):
        if path and path[-1] in ("AssumeRolePolicyDocument", "KeyPolicy", "PolicyDocument"):
            for statement in node["Statement"]:
                either = statement["Fn::If"][1:] if "Fn::If" in statement else [statement]
                yield from ((path[-1], one) for one in either if "Effect" in one)


def is_account(principal):
    return isinstance(principal, dict) and list(principal) == ["AWS"] and str(principal["AWS"]).endswith("::${AWS::AccountId}:root'}")


def rule_principals(stack):
    """A policy of a resource, or of trust, lets in nobody unnamed, and those it names do what it says."""
    for name, resource in stack.resources():
        for kind, statement in documents(resource):
            if statement["Effect"] != "Allow" or "Principal" not in statement:
                continue
            principal, actions = statement["Principal"], as_list(statement["Action"])
            where = f"{name}.{statement.get('Sid', kind)}"
            if not isinstance(principal, dict) or any("*" in as_list(one) for one in principal.values()):
                yield f"{where} lets everybody in"
            if kind == "AssumeRolePolicyDocument" and not set(actions) <= TRUST:
                yield f"{where}: {actions} has nothing to do with taking on a role"
            # A key's own account decides by IAM; without this nobody could change the key any more.
            if any(one in ("*", "kms:*") or one.endswith(":*") for one in actions) and not (kind == "KeyPolicy" and is_account(principal)):
                yield f"{where}: {actions}"
            if kind == "PolicyDocument" and "*" in as_list(statement["Resource"]):
                yield f"{where}: every resource"


def is_denied(resource, action, on):
    for _kind, statement in documents(resource):
        if statement["Effect"] == "Deny" and "Condition" not in statement and action in as_list(statement["Action"]):
            if any(one == on or (on != "*" and on in json.dumps(one)) for one in as_list(statement["Resource"])):
                return True
    return False


def rule_denials(stack):
    """What nobody may do stays denied, where it was, without a condition."""
    for name, denials in DENIED.items():
        owner, _, resource = name.partition(".")
        for actions, on in denials if owner == stack.name else []:
            lifted = {action for action in actions if not is_denied(stack.body["Resources"][resource], action, on)}
            if lifted:
                yield f"{resource} does not deny {sorted(lifted)} on {on}"


def rule_openings(stack):
    """An opening is one port of TCP or UDP; only network.egress.mode open has all of them."""
    for name, resource in stack.resources():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::EC2::SecurityGroup":
            closed = [{"IpProtocol": "-1", "CidrIp": "127.0.0.1/32"}]
            if [{key: rule.get(key) for key in ("IpProtocol", "CidrIp")} for rule in properties.get("SecurityGroupEgress", [])] != closed:
                yield f"{name} is not closed"
        if resource["Type"] not in ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"):
            continue
        if resource["Type"].endswith("Egress") and resource.get("Condition") == "Open":
            continue
        if properties["IpProtocol"] not in ("tcp", "udp") or properties.get("FromPort") != properties.get("ToPort") or "FromPort" not in properties:
            yield f"{name}: {properties['IpProtocol']}, {properties.get('FromPort')} to {properties.get('ToPort')}"


def rule_people(stack):
    """The second factor of people is of today; of an administrator, of the last quarter of an hour."""
    for name, resource in stack.resources():
        for kind, statement in documents(resource):
            condition = statement.get("Condition", {})
            if kind == "AssumeRolePolicyDocument" and "aws:MultiFactorAuthPresent" in json.dumps(condition):
                age = int(condition.get("NumericLessThan", {}).get("aws:MultiFactorAuthAge", 10**9))
                if age > (900 if name == "Breakglass" else 14400):
                    yield f"{name}: a second factor of {age} s ago"


def rule_issuers(stack):
    """Only Amazon issues certificates for names of a zone that golive makes."""
    records = [resource["Properties"] for _, resource in stack.resources() if resource["Type"] == "AWS::Route53::RecordSet"]
    found = [record for props in records if props["Type"] == "CAA" for record in props["ResourceRecords"]]
    if stack.name == "zone" and found != ['0 issue "amazon.com"', '0 issuewild "amazon.com"']:
        yield f"CAA: {found}"


RULES = [rule_principals, rule_denials, rule_openings, rule_people, rule_issuers]
