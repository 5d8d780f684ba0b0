"""What the stacks are made of, and which rights golive's own calls need; shared by facts.py and make.py."""
import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms as {tag: value}."""


def _short(loader, suffix, node):
    kinds = {yaml.ScalarNode: loader.construct_scalar, yaml.SequenceNode: lambda one: loader.construct_sequence(one, deep=True),
             yaml.MappingNode: lambda one: loader.construct_mapping(one, deep=True)}
    return {suffix: kinds[type(node)](node)}


Loader.add_multi_constructor("!", _short)


def stack(name):
    return yaml.load((ROOT / "stacks" / f"{name}.yaml").read_text(encoding="utf-8"), Loader)


def types():
    """Resource types of all stacks."""
    found = set()
    for path in (ROOT / "stacks").glob("*.yaml"):
        found |= {match for match in re.findall(r"Type: (AWS::[A-Za-z0-9]+::[A-Za-z0-9]+)\b(?!::|<)", path.read_text(encoding="utf-8"))
                  if match not in PARAMETER_TYPES}
    return found


PARAMETER_TYPES = {"AWS::SSM::ParameterValue"}


def words(node):
    """All texts in a policy."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for one in node.values():
            yield from words(one)
    elif isinstance(node, list):
        for one in node:
            yield from words(one)


def written():
    """Actions that are written down in the role of ci-deploy and the ceiling in ci."""
    action = re.compile(r"[a-z0-9-]+:[A-Z][A-Za-z]+")
    return {one for name in ("ci", "ci-deploy") for one in words(stack(name)) if action.fullmatch(one)} | BESIDE


# CloudFormation reads templates and values of parameters with its caller's rights, versions of objects are removed one by one, and events of the ledger are
# written with a lock.
BESIDE = {"s3:GetObject", "s3:PutObjectRetention", "s3:DeleteObjectVersion", "ec2:DescribeAccountAttributes", "ec2:DescribeAvailabilityZones"}
