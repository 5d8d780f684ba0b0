"""The stacks as data: reads templates with their function tags and evaluates them with given parameters.

A second, independent reading of the language beside the program's own (src/infra): what both agree on is unlikely to be wrong in the same way.
"""
import ipaddress
import json
import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
STACKS = ROOT / "stacks"
NO_VALUE = object()


class Loader(yaml.SafeLoader):
    """YAML 1.1 as CloudFormation reads it: short tags become their long form, aliases are refused."""

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError(f"CloudFormation knows no aliases: {self.peek_event().start_mark}")
        return super().compose_node(parent, index)


def _tag(loader, suffix, node):
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


Loader.add_multi_constructor("!", _tag)


class Stack:
    def __init__(self, path):
        self.path = path
        self.name = str(path.relative_to(STACKS))[: -len(".yaml")]
        self.text = path.read_text(encoding="utf-8")
        self.body = yaml.load(self.text, Loader)
        self.golive = self.body.get("Metadata", {}).get("golive", {})
        self.sources = self.golive.get("parameters", {})
        self.parameters = self.body.get("Parameters", {})
        self.outputs = self.body.get("Outputs", {})

    @property
    def is_release(self):
        return self.name.startswith("release/")

    def resources(self):
        """(logical id, resource), those of loops once under the loop's own key."""
        for name, value in self.body["Resources"].items():
            if name.startswith("Fn::ForEach::"):
                yield from value[2].items()
            else:
                yield name, value


def load_all():
    paths = sorted(STACKS.glob("*.yaml")) + sorted(STACKS.glob("release/*.yaml"))
    return {stack.name: stack for stack in map(Stack, paths)}


def walk(node, path=()):
    """Every (path, value) below a node, itself included."""
    yield path, node
    if isinstance(node, dict):
        for key, value in node.items():
            yield from walk(value, path + (key,))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, path + (index,))


class Evaluator:
    """Evaluates one stack: conditions, intrinsic functions, loops of AWS::LanguageExtensions, pseudo parameters."""

    def __init__(self, stack, parameters, region="ap-northeast-1", account="333333333333"):
        self.stack = stack
        self.pseudo = {"AWS::Region": region, "AWS::AccountId": account, "AWS::Partition": "aws", "AWS::StackName": "stack",
                       "AWS::StackId": f"arn:aws:cloudformation:{region}:{account}:stack/stack/id", "AWS::URLSuffix": "amazonaws.com",
                       "AWS::NoValue": NO_VALUE}
        self.values = {name: self._parameter(name, spec, parameters) for name, spec in stack.parameters.items()}
        self.conditions = {}

    @staticmethod
    def _parameter(name, spec, given):
        value = given.get(name, spec.get("Default"))
        if value is None:
            raise KeyError(f"parameter {name} has no value")
        if not isinstance(value, str):
            return value if isinstance(value, list) else str(value)
        is_list = spec["Type"] == "CommaDelimitedList" or spec["Type"].startswith("List<")
        return value.split(",") if is_list else value

    def condition(self, name):
        if name not in self.conditions:
            self.conditions[name] = self._test(self.stack.body["Conditions"][name])
        return self.conditions[name]

    def _test(self, node):
        (function, argument), = node.items()
        if function == "Condition":
            return self.condition(argument)
        if function == "Fn::Equals":
            left, right = map(self.value, argument)
            return str(left) == str(right)
        if function == "Fn::Not":
            return not self._test(argument[0])
        return (all if function == "Fn::And" else any)(self._test(item) for item in argument)

    def value(self, node):
        if isinstance(node, list):
            return [item for item in map(self.value, node) if item is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            (function, argument), = node.items()
            method = getattr(self, "_" + function.replace("Fn::", "").lower(), None)
            if method and (function.startswith("Fn::") or function == "Ref"):
                return method(argument)
        pairs = ((key, self.value(item)) for key, item in node.items())
        return {key: item for key, item in pairs if item is not NO_VALUE}

    def _ref(self, name):
        if name in self.values:
            return self.values[name]
        return self.pseudo[name] if name in self.pseudo else f"<{self.stack.name}.{name}>"

    def _getatt(self, argument):
        return f"<{self.stack.name}.{'.'.join(argument)}>"

    def _if(self, argument):
        return self.value(argument[1] if self.condition(argument[0]) else argument[2])

    def _sub(self, argument):
        text, names = (argument, {}) if isinstance(argument, str) else argument
        names = {key: self.value(item) for key, item in names.items()}

        def replace(match):
            name = match.group(1)
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in names:
                return str(names[name])
            return str(self._getatt(name.split(".", 1)) if "." in name else self._ref(name))

        return re.sub(r"\$\{([^}]+)\}", replace, text)

    def _join(self, argument):
        return argument[0].join(map(str, self.value(argument[1])))

    def _split(self, argument):
        return self.value(argument[1]).split(argument[0])

    def _select(self, argument):
        return self.value(argument[1])[int(argument[0])]

    def _getazs(self, _):
        return [f"{self.pseudo['AWS::Region']}{zone}" for zone in "acd"]

    def _cidr(self, argument):
        block, count, bits = map(self.value, argument)
        subnets = ipaddress.ip_network(block).subnets(new_prefix=32 - int(bits))
        return [str(subnet) for _, subnet in zip(range(int(count)), subnets)]

    def _loop(self, resources):
        for name, value in resources.items():
            if not name.startswith("Fn::ForEach::"):
                yield name, value
                continue
            identifier, collection, body = value
            for item in self.value(collection):
                text = json.dumps(body).replace("&{%s}" % identifier, re.sub("[^A-Za-z0-9]", "", item))
                text = text.replace("${%s}" % identifier, json.dumps(item)[1:-1]).replace(
                    json.dumps({"Ref": identifier}), json.dumps(item))
                yield from json.loads(text).items()

    def resources(self):
        """Logical id -> {Type, Properties, DeletionPolicy, ...} of what would exist."""
        made = {}
        for name, resource in self._loop(self.stack.body["Resources"]):
            if "Condition" in resource and not self.condition(resource["Condition"]):
                continue
            made[name] = {**resource, "Properties": self.value(resource.get("Properties", {}))}
        return made

    def outputs(self):
        return {name: self.value(output["Value"]) for name, output in self.stack.outputs.items()
                if "Condition" not in output or self.condition(output["Condition"])}
