"""Who calls, and whether their policies allow it: identity policies and permissions boundaries, by action and resource.

Conditions are not evaluated: a conditional Allow counts as given, a conditional Deny as not. So a refusal here is a
refusal at AWS; a permission here still needs its conditions there. Whom a role trusts is in trust.py, with conditions.
"""
import fnmatch
import json
from dataclasses import dataclass

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from .errors import AwsError
from .stack import ACCOUNT

SERVICE_PREFIX = {"monitoring": "cloudwatch", "email": "ses"}
ACTION = {  # where the IAM action is called otherwise than the API operation
    ("s3", "ListObjectsV2"): "ListBucket", ("s3", "ListObjects"): "ListBucket", ("s3", "HeadBucket"): "ListBucket",
    ("s3", "HeadObject"): "GetObject", ("s3", "CopyObject"): "PutObject", ("s3", "DeleteObjects"): "DeleteObject",
    ("s3", "UploadPart"): "PutObject", ("s3", "CompleteMultipartUpload"): "PutObject", ("s3", "CreateMultipartUpload"): "PutObject",
    ("s3", "ListBuckets"): "ListAllMyBuckets", ("s3", "PutPublicAccessBlock"): "PutBucketPublicAccessBlock",
    ("s3", "GetPublicAccessBlock"): "GetBucketPublicAccessBlock", ("s3", "DeletePublicAccessBlock"): "PutBucketPublicAccessBlock",
    ("s3", "PutBucketEncryption"): "PutEncryptionConfiguration", ("s3", "GetBucketEncryption"): "GetEncryptionConfiguration",
    ("s3", "PutBucketLifecycleConfiguration"): "PutLifecycleConfiguration", ("s3", "GetBucketLifecycleConfiguration"): "GetLifecycleConfiguration",
    ("s3", "DeleteBucketEncryption"): "PutEncryptionConfiguration", ("s3", "DeleteBucketLifecycle"): "PutLifecycleConfiguration",
    ("s3", "DeleteBucketTagging"): "PutBucketTagging", ("s3", "DeleteBucketReplication"): "PutReplicationConfiguration",
    ("s3", "DeleteBucketOwnershipControls"): "PutBucketOwnershipControls", ("s3", "ListObjectVersions"): "ListBucketVersions",
    ("s3", "PutBucketNotificationConfiguration"): "PutBucketNotification", ("s3", "PutBucketReplication"): "PutReplicationConfiguration",
    ("budgets", "CreateBudget"): "ModifyBudget", ("budgets", "UpdateBudget"): "ModifyBudget", ("budgets", "DeleteBudget"): "ModifyBudget",
    ("budgets", "CreateNotification"): "ModifyBudget", ("budgets", "DeleteNotification"): "ModifyBudget",
    ("budgets", "DescribeBudget"): "ViewBudget",
    ("cloudfront", "CreateDistributionWithTags"): "CreateDistribution",
    ("s3", "PutObjectLockConfiguration"): "PutBucketObjectLockConfiguration", ("s3", "GetObjectLockConfiguration"): "GetBucketObjectLockConfiguration",
}
enforced = False
needed = set()  # (ARN of the caller, action) of every right that was asked for while enforced


@dataclass(frozen=True)
class Principal:
    """A caller: the ARN of a user or of an assumed role, and the IAM name of what carries its policies."""
    arn: str
    kind: str  # user, role, or unknown
    name: str

    @property
    def source(self):
        """aws:PrincipalArn: of an assumed role, the role."""
        return f"arn:aws:iam::{ACCOUNT}:role/{self.name}" if self.kind == "role" else self.arn


def by_access_key(access_key):
    """The principal of an access key id that moto knows, else one of kind unknown."""
    backend = iam_backends[ACCOUNT]["aws"]
    for user in backend.users.values():
        if any(key.access_key_id == access_key for key in user.access_keys):
            return Principal(user.arn, "user", user.name)
    for session in sts_backends[ACCOUNT]["aws"].assumed_roles:
        if session.access_key_id == access_key:
            role = session.role_arn.split("/")[-1]
            return Principal(f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session.session_name}", "role", role)
    return Principal(f"arn:aws:iam::{ACCOUNT}:root", "unknown", access_key)


def by_role(arn):
    return Principal(arn, "role", arn.split("/")[-1])


def _document(policy):
    text = policy
    if hasattr(policy, "versions"):
        text = next(version.document for version in policy.versions if version.is_default)
    elif isinstance(policy, dict):
        text = policy.get("policy_document", policy)
    return json.loads(text) if isinstance(text, str) else text


def _policies(principal):
    """(identity policies, permissions boundary or None)."""
    backend = iam_backends[ACCOUNT]["aws"]
    if principal.kind == "user":
        owner = backend.get_user(principal.name)
        inline = [backend.get_user_policy(principal.name, name) for name in backend.list_user_policies(principal.name)]
        for group in backend.get_groups_for_user(principal.name):
            inline += list(group.policies.values()) + list(group.managed_policies.values())
    else:
        owner = backend.get_role(principal.name)
        inline = list(owner.policies.values())
    found = [_document(policy) for policy in inline + list(owner.managed_policies.values())]
    boundary = getattr(owner, "permissions_boundary_arn", None) or getattr(owner, "permissions_boundary", None)
    return found, _document(backend.get_policy(boundary)) if boundary else None


def _matches(patterns, value):
    patterns = patterns if isinstance(patterns, list) else [patterns]
    return any(fnmatch.fnmatchcase(value.lower(), pattern.lower()) for pattern in patterns)


def _decides(document, action, resource):
    """Allow, Deny or None: what a policy document says. resource None: not known, every Resource may be it."""
    verdict = None
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        concerned = _matches(statement["Action"], action) if "Action" in statement else not _matches(statement["NotAction"], action)
        if resource is not None and "Resource" in statement:
            concerned = concerned and _matches(statement["Resource"], resource)
        if not concerned:
            continue
        if statement["Effect"] == "Allow":
            verdict = verdict or "Allow"
        elif not statement.get("Condition") and (resource is not None or "*" in statement.get("Resource", "*")):
            return "Deny"
    return verdict


def allowed(principal, service, operation, resource=None):
    """Whether the policies of a principal let it call an operation."""
    name = ACTION.get((service, operation), operation)
    action = f"{SERVICE_PREFIX.get(service, service)}:{name}"
    if action == "sts:GetCallerIdentity":
        return True, action
    try:
        policies, boundary = _policies(principal)
    except Exception:  # nobody that moto knows
        return False, action
    verdicts = [_decides(document, action, resource) for document in policies]
    fine = "Allow" in verdicts and "Deny" not in verdicts
    return fine and (boundary is None or _decides(boundary, action, resource) == "Allow"), action


def require(principal, service, operation, resource=None):
    """AccessDenied unless allowed; nothing when permissions are not enforced."""
    if not enforced or principal is None:
        return
    fine, action = allowed(principal, service, operation, resource)
    needed.add((principal.arn, action))
    if not fine:
        raise AwsError("AccessDenied", f"User: {principal.arn} is not authorized to perform: {action}"
                       f"{' on resource: ' + resource if resource else ''} because no identity-based policy allows the {action} action", 403)
