"""Moves traffic: the weights of listener rules in moto's elbv2, as ECS sets them with the role of the service."""
from botocore.exceptions import ClientError

from .. import moto_calls
from .interrupt import Interrupt

LARGEST = 999  # the largest weight that elbv2 takes


def weights(percent):
    """(new, old) weights for a share of the new group in percent: whole percents as they are, finer ones of 999."""
    if percent == int(percent):
        return int(percent), 100 - int(percent)
    new = round(percent * LARGEST / 100)
    return new, LARGEST - new


def rules_of(revision):
    """(production rule ARN or None, test rule ARN or None) of a revision that shares its service with another group."""
    advanced = (revision.balancer or {}).get("advancedConfiguration") or {}
    return advanced.get("productionListenerRule"), advanced.get("testListenerRule")


def groups_of(revision):
    """(its group, the other one)."""
    balancer = revision.balancer
    both = balancer["targetGroupArn"], balancer["advancedConfiguration"]["alternateTargetGroupArn"]
    return both if both[0] == revision.group_arn else both[::-1]


def set_weights(rule, shares, region):
    """Writes the weights {group: weight} into the forward action of a rule; a rule with other actions stops the deployment, as at AWS."""
    client = moto_calls.client("elbv2", region)
    try:
        actions = client.describe_rules(RuleArns=[rule])["Rules"][0]["Actions"]
    except ClientError as error:
        raise Interrupt(f"The listener rule {rule} cannot be read: {error.response['Error']['Message']}", True) from error
    if [one["Type"] for one in actions] != ["forward"]:
        raise Interrupt(f"The listener rule {rule} must have forward actions only.", True)
    forward = actions[0].get("ForwardConfig", {})
    listed = {one["TargetGroupArn"] for one in forward.get("TargetGroups", [])}
    targets = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in shares.items() if arn in listed or weight]
    sent = {"Type": "forward", "ForwardConfig": {"TargetGroups": targets}}
    if forward.get("TargetGroupStickinessConfig", {}).get("Enabled"):
        sent["ForwardConfig"]["TargetGroupStickinessConfig"] = forward["TargetGroupStickinessConfig"]
    client.modify_rule(RuleArn=rule, Actions=[sent])


def _shift(revision, rule, percent):
    if rule:
        new, old = groups_of(revision)
        mine, others = weights(percent)
        set_weights(rule, {one: mine if one == new else others for one in sorted((new, old))}, revision.service.model.region_name)


def shift_test(revision, source):
    """All test traffic to a revision."""
    _shift(revision, rules_of(revision)[1], 100)
    revision.test_weight = 100.0
    if source:
        source.test_weight = 0.0


def shift_production(revision, source, percent):
    """That share of production traffic, in percent, to a revision."""
    _shift(revision, rules_of(revision)[0], percent)
    revision.production_weight = float(percent)
    if source:
        source.production_weight = 100.0 - percent
