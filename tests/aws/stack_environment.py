"""All stacks of one environment of docs/golive.example.yaml, evaluated: what golive would send to CloudFormation.

Live values and computed ones are written down here by hand from their meaning in docs/stacks.md, so that this does not repeat the program's own arithmetic.
"""
import copy
import functools
import re

import yaml

from stack_model import ROOT, Evaluator, load_all

REGION = "ap-northeast-1"
LIVE = {
    "nat_state": "on", "hosted_zone_id": "Z0123456789ABC", "engine_version": "16.13", "cloudfront_prefix_list_id": "pl-58a04531",
    "s3_prefix_list_id": "pl-61a54008", "task_definition_arn": f"arn:aws:ecs:{REGION}:333333333333:task-definition/glanceflow-prod-backend:1",
    "ssr_task_definition_arn": f"arn:aws:ecs:{REGION}:333333333333:task-definition/glanceflow-prod-frontend:1", "dns_published": "true",
    "apprunner_version": "0123abc", "apprunner_release": "7",
    "apprunner_image": "333333333333.dkr.ecr.ap-northeast-1.amazonaws.com/glanceflow/backend@sha256:" + "0" * 64,
}
COMPUTED = {
    "engine_major": "16", "egress_https": "true", "egress_cidr_names": "partner", "egress_cidr_targets": "\npartner=203.0.113.0/24;5671", "monthly_budget_usd": "800.00",
    "secret_names": "GLANCEFLOW_BACKEND_DATABASE_URL,GLANCEFLOW_BACKEND_JWT_SECRET,GLANCEFLOW_COMMON_SENTRY_DSN,GLANCEFLOW_COMMON_PAGERDUTY_URL",
    "plain_names": "GLANCEFLOW_BACKEND_RUST_LOG,GLANCEFLOW_BACKEND_CORS_ORIGIN",
    "plain_values": "\nGLANCEFLOW_BACKEND_RUST_LOG=info,sqlx=warn\nGLANCEFLOW_BACKEND_CORS_ORIGIN=https://app.example.com\n",
    "backend_secret_arns": ",".join(f"arn:aws:secretsmanager:{REGION}:333333333333:secret:/glanceflow/prod/GLANCEFLOW_{name}-??????"
                                    for name in ("BACKEND_DATABASE_URL", "BACKEND_JWT_SECRET", "COMMON_SENTRY_DSN")),
    "release_channel_secret_arns": f"arn:aws:secretsmanager:{REGION}:333333333333:secret:/glanceflow/prod/GLANCEFLOW_COMMON_RELEASES_URL-??????",
    "notify_warning_emails": "alerts@example.com", "slack_workspace": "T01", "slack_critical_channels": "C01", "slack_warning_channels": "",
    "alarm_db_connections": "662", "alarm_free_storage_bytes": "21474836480", "alarm_freeable_memory_bytes": "858993459",
    "runbook_base": "https://github.com/acme/glanceflow/blob/main/",
}
# Not what the example comes to, but more telling for the rules on templates.
INVENTED = ("release_channel_secret_arns", "egress_cidr_names", "egress_cidr_targets", "plain_names", "plain_values")
OF_ENV = {"prod": {"promotion_roles": "arn:aws:iam::111111111111:role/glanceflow-dev-promote,arn:aws:iam::222222222222:role/glanceflow-stg-promote"},
          "stg": {"promoting_account": "333333333333"}, "dev": {"promoting_account": "333333333333"}}
RELEASE = {"image": LIVE["apprunner_image"], "frontend_image": LIVE["apprunner_image"], "version": "0123abc", "arch": "X86_64"}


@functools.cache
def example():
    """The documented golive.yaml: some hundred environments are made of it."""
    return yaml.safe_load((ROOT / "docs" / "golive.example.yaml").read_text(encoding="utf-8"))


def load_config(env, changes=()):
    whole = copy.deepcopy(example())
    merged = merge(whole, whole["environments"][env])
    for key, value in dict(changes).items():
        node = merged
        *path, last = key.split(".")
        for part in path:
            node = node.setdefault(part, {})
        node[last] = value
    return merged


def merge(base, over):
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return over
    return {**base, **{key: merge(base[key], value) if key in base else value for key, value in over.items()}}


def lookup(config, key):
    node = config
    for part in key.split("."):
        if isinstance(node, list):
            node = node[int(part)] if int(part) < len(node) else None
        else:
            node = node.get(part) if isinstance(node, dict) else None
    if isinstance(node, bool):
        return "true" if node else "false"
    return ",".join(map(str, node)) if isinstance(node, list) else node


class Environment:
    """stacks[(name, placement)] -> evaluated resources; templates/release under placement app."""

    def __init__(self, env, changes=(), stacks=None):
        self.env, self.config = env, load_config(env, changes)
        self.computed = {**COMPUTED, **OF_ENV[env], **self.config.pop("computed", {})}
        self.all = stacks or load_all()
        self.stacks, self.outputs, self.evaluators = {}, {}, {}
        waiting = [(stack, placement) for stack in self.all.values() for placement in stack.golive["placements"] if self.wanted(stack)]
        self.wanted_keys = {(stack.name, placement) for stack, placement in waiting}
        while waiting:
            ready = [item for item in waiting if self.needs(item[0]) <= set(self.stacks)]
            for item in ready:
                self.evaluate(*item)
            waiting = [item for item in waiting if item not in ready]

    def wanted(self, stack):
        for text in stack.golive["when"]:
            key, operator, word = re.fullmatch(r"(\S+) (==|!=) (\S+)", text).groups()
            value = self.computed.get(key.removeprefix("computed.")) if key.startswith("computed.") else lookup(self.config, key)
            if (("null" if value is None else str(value)) == word) != (operator == "=="):
                return False
        return True

    def needs(self, stack):
        keys = set()
        for source in stack.sources.values():
            if "output" in source:
                name, _, placement = source["output"].split(".")[0].partition("@")
                keys.add((name, placement or "app"))
        return keys & self.wanted_keys

    def parameter(self, source, placement):
        (kind, value), = source.items()
        if kind == "config":
            return lookup(self.config, value)
        if kind == "output":
            stack, output = value.split(".")
            name, _, place = stack.partition("@")
            return self.outputs.get((name, place or "app"), {}).get(output)
        if kind == "instance":
            return {"app": self.config["app"]["name"], "env": self.env, "placement": placement, "region": REGION,
                    "account_id": self.config["account_id"]}[value]
        return {"live": LIVE, "computed": self.computed, "release": RELEASE}[kind].get(value)

    def evaluate(self, stack, placement):
        given = {name: self.parameter(source, placement) for name, source in stack.sources.items()}
        given = {name: value for name, value in given.items() if value is not None}
        given.setdefault("Environment", "x")
        given.setdefault("Secrets", "x")
        region = "us-east-1" if placement == "global" else REGION
        evaluator = Evaluator(stack, given, region, self.config["account_id"])
        key = (stack.name, placement)
        self.evaluators[key], self.stacks[key], self.outputs[key] = evaluator, evaluator.resources(), evaluator.outputs()

    def of_type(self, kind, placement=None):
        """(stack, logical id, resource) of a type."""
        for (stack, place), resources in self.stacks.items():
            for name, resource in resources.items():
                if resource["Type"] == kind and placement in (None, place):
                    yield stack, name, resource
