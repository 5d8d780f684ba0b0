#!/usr/bin/env python3
"""Takes each security-relevant property out of each stack, or weakens it, and sees that a check notices; prints TAP.

The proof that stack_rules.py and stack_controls.py can fail. A mutation that nothing notices is a hole in them.
"""
import copy
import sys

import stack_controls
import stack_rules
from stack_environment import Environment
from stack_model import load_all, walk

# Keys below Resources.*.Properties, and of the resource itself, whose loss makes an environment less safe.
RELEVANT = set("""
AccessLogs AdvancedConfiguration AggregateKeyType Alarms AllowMajorVersionUpgrade AlternateTargetGroupArn AssignPublicIp AvailabilityZoneRebalancing
BackupRetentionPeriod BlockPublicAcls BlockPublicPolicy BucketEncryption CACertificateIdentifier Condition ContentTypeOptions CopyTagsToSnapshot
DeleteAutomatedBackups DeletionPolicy DeletionProtection DeploymentCircuitBreaker DomainValidationOptions Enable EnableCloudwatchLogsExports EnableExecuteCommand
EnableIAMDatabaseAuthentication EnableKeyRotation EnableLogFileValidation EncryptionConfiguration EncryptionKeyArn HealthCheckGracePeriodSeconds
IgnorePublicAcls ImageScanningConfiguration ImageTagMutability ImageTagMutabilityExclusionFilters IncludeGlobalServiceEvents IsLogging IsMultiRegionTrail
KmsKeyId KmsMasterKeyId LifecyclePolicy ListenerAttributes ManageMasterUserPassword MasterUserSecret MaxAllocatedStorage MaxSessionDuration
MinimumProtocolVersion MonitoringInterval MultiAZ ObjectLockConfiguration ObjectLockEnabled OriginAccessControlId OriginProtocolPolicy OriginSSLProtocols OverrideAction OwnershipControls
ParameterGroup PermissionsBoundary PrivateDnsEnabled PublicAccessBlockConfiguration PubliclyAccessible ReadonlyRootFilesystem RedactedFields
ResponseHeadersPolicyId RestrictPublicBuckets RetentionInDays Rollback ScopeDownStatement ScanOnPush SigningBehavior SourceSecurityGroupId SslPolicy StorageEncrypted
StrictTransportSecurity TextTransformations TreatMissingData TrafficType UpdateReplacePolicy User ValidationMethod VersioningConfiguration
ViewerProtocolPolicy WebACLId rds.force_ssl log_lock_waits shared_preload_libraries AlarmActions DBSubnetGroupName VPCSecurityGroups SecurityGroups SecurityGroupIds
DBParameterGroupName SecurityGroupEgress DefaultRetention FrameOptions Logging NumericLessThan Override aws:MultiFactorAuthAge log_connections
log_disconnections ResourceRecords IncludeCookies
""".split())

# What each of these is weakened to, wherever it stands.
WEAK = {
    "AggregateKeyType": "FORWARDED_IP", "AssignPublicIp": "ENABLED", "BackupRetentionPeriod": 0, "DeletionPolicy": "Delete", "ExpirationInDays": 1, "FromPort": 0,
    "ImageTagMutability": "MUTABLE", "IpProtocol": "-1", "Limit": 2000000000, "MaxSessionDuration": 43200, "MinimumProtocolVersion": "TLSv1",
    "OriginProtocolPolicy": "http-only", "RetentionInDays": 1, "Scheme": "internet-facing", "SigningBehavior": "never", "SslPolicy": "ELBSecurityPolicy-2016-08",
    "ToPort": 65535, "TrafficType": "REJECT", "UpdateReplacePolicy": "Delete", "ViewerProtocolPolicy": "allow-all", "aws:MultiFactorAuthPresent": "false",
    "aws:MultiFactorAuthAge": "1000000", "aws:SecureTransport": "true", "FrameOption": "SAMEORIGIN", "ResourceRecords": ['0 issue "elsewhere.example"'],
    "rds.force_ssl": "0",
}
SOURCES = ("SourceSecurityGroupId", "SourcePrefixListId", "DestinationSecurityGroupId", "DestinationPrefixListId")
GONE = object()


def weaker_statements(path, statement):
    """A statement of a policy that lets in, or allows, more than it did."""
    if "Condition" in statement:
        yield (*path, "Condition"), GONE
    if statement["Effect"] == "Deny":
        yield path, GONE
        yield (*path, "Effect"), "Allow"
        for index, _ in enumerate(statement["Action"] if isinstance(statement["Action"], list) else []):
            yield (*path, "Action", index), GONE
        return
    for key in ("Action", "Resource", "Principal"):
        if statement.get(key, "*") != "*" and not (key == "Action" and statement[key] == "kms:*"):  # a key's own account
            yield (*path, key), "*"


def weaker_openings(path, node):
    """An opening of a firewall to everybody, or in every variant."""
    for key in SOURCES:
        if key in node:
            yield path, {name: value for name, value in node.items() if name != key} | {"CidrIp": "0.0.0.0/0"}
    if node.get("CidrIp", "0.0.0.0/0") not in ("0.0.0.0/0", "127.0.0.1/32"):
        yield (*path, "CidrIp"), "0.0.0.0/0"


def weaker_rules(path, node):
    """A rule of the web firewall that only counts."""
    for key in ("Action", "OverrideAction"):
        if node.get(key) in ({"Block": {}}, {"None": {}}):
            yield (*path, key), {"Count": {}}


def weakened(stack):
    """(path, weaker value) of policies, openings, rules, and of the values in WEAK."""
    for path, node in walk(stack.body["Resources"]):
        if isinstance(node, dict) and node.get("Effect") in ("Allow", "Deny"):
            yield from weaker_statements(path, node)
        if isinstance(node, dict) and "IpProtocol" in node and path[-1] == "Properties":
            yield from weaker_openings(path, node)
        if "LoadBalancerAttributes" in path and path[-1] == "Value" and node != "alb":  # a prefix is only a name
            yield path, "false"
            yield path[:-1], GONE
        if isinstance(node, dict) and "Priority" in node and "Statement" in node:
            yield from weaker_rules(path, node)
        if path and WEAK.get(path[-1], node) != node and "SecurityGroupEgress" not in path:
            yield path, WEAK[path[-1]]
        if isinstance(node, dict) and "Condition" in node and len(path) == 1 and "CidrIp" in node["Properties"]:  # open in every variant
            yield (*path, "Condition"), GONE


def relevant(stack):
    """(path, other value) of what is in RELEVANT: taken out, or turned round."""
    for path, node in walk(stack.body["Resources"]):
        if path and path[-1] in RELEVANT and "Tags" not in path:
            # A condition on a resource chooses between variants; only conditions of policies are security.
            if path[-1] == "Condition" and (len(path) == 2 or not isinstance(node, dict)):
                continue
            # The name of the group itself is only a name; that the database is in it is not.
            if path[0] == "SubnetGroup":
                continue
            yield path, GONE
            if isinstance(node, bool):
                yield path, not node


def mutations(stack):
    """(path, other value; GONE = taken out) of everything relevant in a template's resources, each once."""
    seen = set()
    for path, value in (*relevant(stack), *weakened(stack)):
        key = (path, "GONE" if value is GONE else repr(value))
        if key not in seen:
            seen.add(key)
            yield path, value


def mutate(stack, path, value):
    changed = copy.copy(stack)
    changed.body = {**stack.body, "Resources": copy.deepcopy(stack.body["Resources"])}
    node = changed.body["Resources"]
    for part in path[:-1]:
        node = node[part]
    if value is GONE:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return changed


def noticed(stacks, changed, environments):
    """Whether a rule or control finds more than before."""
    mutated = {**stacks, changed.name: changed}
    try:
        return any(list(rule(changed)) for rule in stack_rules.RULES) or any(
            problems for env, changes in environments for problems in stack_controls.check(Environment(env, changes, mutated)).values())
    except (KeyError, TypeError, IndexError, AttributeError, ValueError):
        return True   # a rule or a control looked for what is gone


def main():
    stacks = load_all()
    wanted = [name for name in sys.argv[1:] if name in stacks] or list(stacks)
    environments = list(stack_controls.VARIANTS.values())[1:]  # dev has nothing that stg has not
    results = []
    for name in wanted:
        survivors, count = [], 0
        for path, value in mutations(stacks[name]):
            count += 1
            if not noticed(stacks, mutate(stacks[name], path, value), environments):
                survivors.append(f"{'.'.join(map(str, path))} {'taken out' if value is GONE else value}")
        results.append((f"{name}: {count} mutations are noticed", survivors))
    print(f"1..{len(results)}")
    for number, (title, survivors) in enumerate(results, 1):
        print(f"{'not ok' if survivors else 'ok'} {number} - {title}")
        for survivor in survivors:
            print(f"# nobody notices {survivor}")
    return 1 if any(survivors for _, survivors in results) else 0


if __name__ == "__main__":
    sys.exit(main())
