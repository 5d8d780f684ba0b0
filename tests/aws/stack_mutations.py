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
DBParameterGroupName SecurityGroupEgress
""".split())

def mutations(stack):
    """(path, other value; None = taken out) of everything relevant in a template's resources."""
    for path, node in walk(stack.body["Resources"]):
        if path and path[-1] in RELEVANT and "Tags" not in path:
            # A condition on a resource chooses between variants; only conditions of policies are security.
            if path[-1] == "Condition" and (len(path) == 2 or not isinstance(node, dict)):
                continue
            # The name of the group itself is only a name; that the database is in it is not.
            if path[0] == "SubnetGroup":
                continue
            yield path, None
            if isinstance(node, bool):
                yield path, not node


def mutate(stack, path, value):
    changed = copy.copy(stack)
    changed.body = {**stack.body, "Resources": copy.deepcopy(stack.body["Resources"])}
    node = changed.body["Resources"]
    for part in path[:-1]:
        node = node[part]
    if value is None:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return changed


def noticed(stacks, changed, environments):
    """Whether a rule or control finds more than before."""
    if any(list(rule(changed)) for rule in stack_rules.RULES):
        return True
    mutated = {**stacks, changed.name: changed}
    for env, changes in environments:
        try:
            if any(problems for problems in stack_controls.check(Environment(env, changes, mutated)).values()):
                return True
        except (KeyError, TypeError, IndexError, AttributeError, ValueError):
            return True   # a control looked for what is gone
    return False


def main():
    stacks = load_all()
    wanted = [name for name in sys.argv[1:] if name in stacks] or list(stacks)
    environments = list(stack_controls.VARIANTS.values())[2:]
    results = []
    for name in wanted:
        survivors, count = [], 0
        for path, value in mutations(stacks[name]):
            count += 1
            if not noticed(stacks, mutate(stacks[name], path, value), environments):
                survivors.append(f"{'.'.join(map(str, path))} {'taken out' if value is None else value}")
        results.append((f"{name}: {count} mutations are noticed", survivors))
    print(f"1..{len(results)}")
    for number, (title, survivors) in enumerate(results, 1):
        print(f"{'not ok' if survivors else 'ok'} {number} - {title}")
        for survivor in survivors:
            print(f"# nobody notices {survivor}")
    return 1 if any(survivors for _, survivors in results) else 0


if __name__ == "__main__":
    sys.exit(main())
