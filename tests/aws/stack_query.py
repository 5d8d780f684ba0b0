"""Questions to an evaluated environment (stack_environment.py) that several controls ask."""


def get(node, path, default=None):
    for part in path.split("."):
        node = node[int(part)] if isinstance(node, list) else node.get(part) if isinstance(node, dict) else None
        if node is None:
            return default
    return node


def properties(env, kind, placement=None):
    return [(f"{stack}.{name}", resource["Properties"]) for stack, name, resource in env.of_type(kind, placement)]


def expect(env, kind, wanted, at_least=1):
    """Every resource of a type has these properties; there is at least one."""
    found = properties(env, kind)
    if len(found) < at_least:
        yield f"{len(found)} of {kind}, {at_least} wanted"
    for name, props in found:
        for path, value in wanted.items():
            is_value = get(props, path)
            good = value(is_value) if callable(value) else str(is_value) == str(value)
            if not good:
                yield f"{name}.{path} is {is_value!r}"


def attributes(props, key):
    return {item["Key"]: str(item["Value"]) for item in props.get(key, [])}


def tier(props):
    return attributes(props, "Tags").get("golive:tier")


def subnets(env, wanted):
    return {f"<{name}>": props for name, props in properties(env, "AWS::EC2::Subnet") if tier(props) == wanted}


def ids(value):
    return value if isinstance(value, list) else value.split(",")
