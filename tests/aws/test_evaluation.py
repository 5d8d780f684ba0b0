#!/usr/bin/env python3
"""golive's evaluation of every shipped stack beside one written apart, in Python, for three environments and some variants.

    test_evaluation.py GOLIVE SOURCE_ROOT

The two share nothing but the template and the values of its parameters, which `golive plan --format json` prints. Unknown values are texts with a mark
in both, so that a difference in what is known is found as well as a difference in the value. Prints TAP.
"""
import base64
import ipaddress
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

import stack_environment

# Three environments, and what few of them have.
VARIANTS = [
    ["--env", "dev"],
    ["--env", "stg"],
    ["--env", "prod"],
    ["--env", "prod", "--set", "frontend.mode=ssr", "--set", "edge.api_path=cloudfront", "--set", "network.nat.mode=regional"],
    ["--env", "stg", "--set", "backend.platform=app_runner", "--set", "backend.app_runner_existing_customer=true"],
    ["--env", "dev", "--set", "release.strategy=canary", "--set", "secrets.store=ssm", "--set", "network.nat.mode=none"],
]
UNKNOWN = re.compile(r"\((known after up|read from the account|availability zones? |of the release|if )")
MARK = "\N{REPLACEMENT CHARACTER}"
NOTHING = object()
PERHAPS = object()


class Loader(yaml.CSafeLoader):
    pass


def construct(loader, suffix, node):
    name = suffix if suffix in ("Ref", "Condition") else "Fn::" + suffix
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {name: value}


Loader.add_multi_constructor("!", construct)
Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))


def text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


class Stack:
    def __init__(self, template, parameters, pseudo):
        self.template, self.pseudo = template, pseudo
        self.parameters = {name: self.mark(value) for name, value in parameters.items()}
        self.conditions = self.expand(template.get("Conditions", {}), {})
        self.resources = self.expand(template["Resources"], {})

    def mark(self, value):
        """An unknown value is a text with a mark; one that may be empty has two."""
        if isinstance(value, list):
            return [self.mark(item) for item in value]
        if isinstance(value, str) and UNKNOWN.search(value):
            return MARK * 2 if "(read from the account" in value or "(if " in value else MARK
        return value

    # ---- Fn::ForEach
    def expand(self, node, names):
        if isinstance(node, list):
            return [self.expand(item, names) for item in node]
        if isinstance(node, str):
            for name, item in names.items():
                node = node.replace("${%s}" % name, item).replace("&{%s}" % name, re.sub("[^A-Za-z0-9]", "", item))
            return node
        if not isinstance(node, dict):
            return node
        if list(node) == ["Ref"] and node["Ref"] in names:
            return names[node["Ref"]]
        result = {}
        for key, value in node.items():
            if key.startswith("Fn::ForEach::"):
                name, items, body = value
                for item in self.value(self.expand(items, names)):
                    result.update(self.expand(body, {**names, name: item}))
            else:
                result[self.expand(key, names)] = self.expand(value, names)
        return result

    # ---- conditions: True, False or PERHAPS
    def holds(self, name):
        return self.condition(self.conditions[name])

    def condition(self, node):
        (name, value), = node.items()
        if name == "Condition":
            return self.holds(value)
        if name == "Fn::Not":
            inner = self.condition(value[0])
            return inner if inner is PERHAPS else not inner
        if name == "Fn::Equals":
            a, b = (self.value(item) for item in value)
            if a == b or text(a) == text(b):
                return True
            if MARK in json.dumps([a, b], ensure_ascii=False):
                marked = a if MARK in text(a) else b
                return PERHAPS if MARK * 2 == marked or "" not in (a, b) else False
            return False
        parts = [self.condition(item) for item in value]
        decisive = name == "Fn::Or"
        if any(part is decisive for part in parts):
            return decisive
        return PERHAPS if PERHAPS in parts else not decisive

    # ---- values
    def name(self, name):
        if name in self.parameters:
            return self.parameters[name]
        if name == "AWS::NoValue":
            return NOTHING
        if name in self.pseudo:
            return self.pseudo[name]
        assert name == "AWS::StackId" or name in self.resources, name
        return MARK

    def value(self, node):
        if isinstance(node, list):
            return [item for item in map(self.value, node) if item is not NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            (name, argument), = node.items()
            if name == "Ref":
                return self.name(self.value(argument))
            if name.startswith("Fn::"):
                return getattr(self, "fn_" + name[4:])(argument)
        result = {key: self.value(item) for key, item in node.items()}
        return {key: item for key, item in result.items() if item is not NOTHING}

    def fn_GetAtt(self, argument):
        return MARK

    def fn_If(self, argument):
        holds = self.holds(argument[0])
        if holds is not PERHAPS:
            return self.value(argument[1 if holds else 2])
        yes, no = self.value(argument[1]), self.value(argument[2])
        return yes if yes == no else MARK * 2

    def fn_Sub(self, argument):
        template, extra = (argument, {}) if isinstance(argument, str) else argument
        extra = {key: self.value(item) for key, item in extra.items()}

        def one(match):
            name = match.group(1)
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in extra:
                return text(extra[name])
            return MARK if "." in name else text(self.name(name))
        return re.sub(r"\$\{([^}]*)\}", one, template)

    def fn_Join(self, argument):
        separator, items = argument[0], self.value(argument[1])
        return MARK if isinstance(items, str) else separator.join(map(text, items))

    def fn_Split(self, argument):
        value = self.value(argument[1])
        return MARK if value.strip(MARK) == "" and value else value.split(argument[0])

    def fn_Select(self, argument):
        items = self.value(argument[1])
        return MARK if isinstance(items, str) else items[int(self.value(argument[0]))]

    def fn_GetAZs(self, argument):
        return MARK

    def fn_Cidr(self, argument):
        block, count, bits = self.value(argument)
        if MARK in block:
            return MARK
        network = ipaddress.ip_network(block)
        subnets = network.subnets(new_prefix=network.max_prefixlen - int(bits))
        return [str(next(subnets)) for _ in range(int(count))]

    def fn_FindInMap(self, argument):
        top, key, name = (self.value(item) for item in argument[:3])
        return self.template["Mappings"][top][key][name]

    def fn_Base64(self, argument):
        value = self.value(argument)
        return MARK if MARK in value else base64.b64encode(value.encode()).decode()

    def fn_Length(self, argument):
        items = self.value(argument)
        return MARK if isinstance(items, str) else len(items)

    def fn_ToJsonString(self, argument):
        return json.dumps(self.value(argument), separators=(",", ":"), ensure_ascii=False)

    def evaluated(self):
        result = {}
        for name, node in self.resources.items():
            holds = self.holds(node["Condition"]) if "Condition" in node else True
            if holds is False:
                continue
            result[name] = {"Type": node["Type"], "certain": holds is True, "Properties": self.value(node.get("Properties", {}))}
        return result


def normal(value):
    """Unknown is unknown, whatever it is called; numbers and booleans as the text CloudFormation compares."""
    if isinstance(value, dict):
        return {key: normal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [normal(item) for item in value]
    value = text(value)
    if value.startswith("{") and MARK in value:
        return "unknown"
    return "unknown" if MARK in value or UNKNOWN.search(value) else value


def differences(path, ours, theirs):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(set(ours) | set(theirs)):
            yield from differences(f"{path}.{key}", ours.get(key), theirs.get(key))
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (a, b) in enumerate(zip(ours, theirs)):
            yield from differences(f"{path}[{index}]", a, b)
    elif ours != theirs:
        yield f"{path}: golive {ours!r}, Python {theirs!r}"


def run(golive, directory, *arguments):
    done = subprocess.run([golive, "plan", "--offline", "--format", "json", *arguments], cwd=directory, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, env={"LC_ALL": "C.UTF-8", "LANGUAGE": "en", "PATH": "/usr/bin:/bin"})
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def compare(golive, root, directory, options, key):
    plan = run(golive, directory, *options, "--stack", key)
    stack = plan["stacks"][0]
    template = yaml.load((root / stack["file"]).read_text(encoding="utf-8"), Loader)
    pseudo = {"AWS::AccountId": plan["account_id"], "AWS::Region": stack["region"], "AWS::Partition": "aws",
              "AWS::URLSuffix": "amazonaws.com", "AWS::StackName": stack["stack_name"], "AWS::NotificationARNs": []}
    ours = {name: {"Type": item["Type"], "certain": item["certain"], "Properties": item["Properties"]}
            for name, item in stack["resources"].items()}
    for name in ("Environment", "Secrets"):  # lists of objects, as only release/* has them
        assert name not in stack["parameters"] or key.startswith("release/"), key
    theirs = Stack(template, stack["parameters"], pseudo).evaluated()
    assert list(differences(key, normal(ours), {})), "a difference must be seen"
    return len(ours), list(differences(key, normal(ours), normal(theirs)))


def of_hand(golive, root, env):
    """Where computed values of docs/golive.example.yaml are others than those that stack_environment.py has by hand, and how many were compared."""
    wanted = {**stack_environment.COMPUTED, **stack_environment.OF_ENV[env]}
    compared, problems = set(), []
    with tempfile.TemporaryDirectory() as directory:
        config = (root / "docs/golive.example.yaml").read_text(encoding="utf-8")
        pathlib.Path(directory, "golive.yaml").write_text(config, encoding="utf-8")
        for key in [stack["stack"] for stack in run(golive, directory, "--env", env)["stacks"]]:
            stack = run(golive, directory, "--env", env, "--stack", key)["stacks"][0]
            template = yaml.load((root / stack["file"]).read_text(encoding="utf-8"), Loader)
            for parameter, source in template["Metadata"]["golive"]["parameters"].items():
                name = source.get("computed") if isinstance(source, dict) else None
                if name not in wanted or name in stack_environment.INVENTED:
                    continue
                ours = stack["parameters"][parameter]
                ours = ",".join(map(str, ours)) if isinstance(ours, list) else str(ours)
                compared.add(name)
                if ours != wanted[name]:
                    problems.append(f"{key} {name}: golive {ours!r}, by hand {wanted[name]!r}")
    return len(compared), problems


def main():
    golive, root = sys.argv[1], pathlib.Path(sys.argv[2])
    failed = number = resources = 0
    seen = set()
    with tempfile.TemporaryDirectory() as directory:
        config = (root / "tests/aws/golive.full.yaml").read_text(encoding="utf-8")
        pathlib.Path(directory, "golive.yaml").write_text(config, encoding="utf-8")
        for options in VARIANTS:
            keys = [stack["stack"] for stack in run(golive, directory, *options)["stacks"]]
            releases = ["release/migration-task", "release/task-definition" + ("-apprunner" if "app_runner" in " ".join(options) else "")]
            releases += ["release/task-definition-ssr"] if "frontend.mode=ssr" in options else []
            seen.update(keys)
            for key in keys + releases:
                count, problems = compare(golive, root, directory, options, key)
                number += 1
                resources += count
                failed += bool(problems)
                print(f"{'not ok' if problems else 'ok'} {number} - {' '.join(options)} {key}: {count} resources")
                for problem in problems[:20]:
                    print(f"# {problem}")
    shipped = {path.stem for path in (root / "stacks").glob("*.yaml")}
    missing = shipped - {key.split("@")[0] for key in seen}
    number += 1
    failed += bool(missing)
    print(f"{'not ok' if missing else 'ok'} {number} - every shipped stack was evaluated {sorted(missing)}")
    number += 1
    print(f"{'ok' if resources > 300 else 'not ok'} {number} - {resources} resources compared")
    count, problems = of_hand(golive, root, "prod")
    number += 1
    failed += bool(problems) or count < 10
    print(f"{'not ok' if problems or count < 10 else 'ok'} {number} - {count} computed values of the example are those of stack_environment.py")
    for problem in problems:
        print(f"# {problem}")
    print(f"1..{number}")
    sys.exit(1 if failed or resources <= 300 else 0)


if __name__ == "__main__":
    main()
