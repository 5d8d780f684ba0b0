"""Bucket policies as they concern callers of the API.

moto takes every statement for one about the caller, and an unmet condition for a denial: a Deny of requests without TLS denies
all. Here statements for services (CloudFront) are not about callers, and conditions are as in iam.py: a conditional Deny counts
as not there.
"""
import json

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket


def concerns_callers(statement):
    principal = statement.get("Principal")
    anyone = principal == "*" or (isinstance(principal, dict) and "AWS" in principal)
    return anyone and not (statement["Effect"] == "Deny" and "Condition" in statement)


def get_permission(bucket, action, resource):
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    document = json.loads(bucket.policy)
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    mine = [one for one in statements if concerns_callers(one)]
    return IAMPolicy(json.dumps(document | {"Statement": mine})).is_action_permitted(action, resource)


def mend():
    FakeBucket.get_permission = get_permission
