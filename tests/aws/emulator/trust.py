"""Whom a role trusts: its trust policy, with those conditions that are evaluated here; a condition that is not refuses.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html: a caller from another account needs the trust of
the role here and the right to take it on there. Of two_accounts.py each account asks its own policies.
"""
import fnmatch
import json
import urllib.parse

from moto.iam.models import iam_backends

from .errors import AwsError
from .stack import ACCOUNT

CALLER = "HTTP_X_EMULATOR_CALLER"  # aws:PrincipalArn of a caller from another account, whose account vouches for it


def as_list(one):
    return one if isinstance(one, list) else [one]


def _condition_holds(condition, caller, external_id):
    known = {"aws:principalarn": caller, "sts:externalid": external_id}
    for operator, pairs in condition.items():
        if operator not in ("StringEquals", "ArnEquals", "ArnLike", "StringLike"):
            return False
        for key, wanted in pairs.items():
            value = known.get(key.lower())
            same = str.__eq__ if operator == "StringEquals" else fnmatch.fnmatchcase
            if value is None or not any(same(value, one) for one in as_list(wanted)):
                return False
    return True


def _names(principal, caller):
    """Whether Principal names the caller itself or its account."""
    root = ":".join(caller.split(":")[:5]) + ":root"
    given = principal.get("AWS", []) if isinstance(principal, dict) else []
    return any(one in (caller, root, root.split(":")[4]) for one in as_list(given))


def trusts(document, caller, external_id):
    allowed = False
    for statement in as_list(document.get("Statement", [])):
        concerned = "sts:AssumeRole" in as_list(statement.get("Action", [])) and _names(statement.get("Principal"), caller)
        if concerned and _condition_holds(statement.get("Condition", {}), caller, external_id):
            if statement["Effect"] == "Deny":
                return False
            allowed = True
    return allowed


def require(caller, body):
    """AccessDenied in STS's words unless the role is here and trusts the caller."""
    given = dict(urllib.parse.parse_qsl(body.decode()))
    arn = given.get("RoleArn", "")
    role = next((one for one in iam_backends[ACCOUNT]["aws"].roles.values() if one.arn == arn), None)
    document = json.loads(role.assume_role_policy_document) if role else {}
    if not caller or not trusts(document, caller, given.get("ExternalId")):
        raise AwsError("AccessDenied", f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}", 403)
