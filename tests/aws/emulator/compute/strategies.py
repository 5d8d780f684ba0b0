"""The ways to replace a revision, as tables of stages.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/canary-deployment.html and linear-deployment.html
"""
import math

from . import hooks, traffic


def nothing(_deployment):
    yield from ()


def reconcile(deployment):
    """Revisions of an interrupted deployment go; all traffic to the one that serves."""
    source = deployment.source
    if source and source.group_arn and traffic.rules_of(source)[0]:
        traffic.shift_production(source, None, 100)
        traffic.shift_test(source, None)
    for one in deployment.others():
        one.wanted, one.test_weight, one.production_weight = 0, 0.0, 0.0
    yield from deployment.wait(lambda: not any(one.tasks for one in deployment.others()))


def scale_up(deployment):
    deployment.target.wanted = deployment.desired
    yield from deployment.wait(lambda: len(deployment.target.serving()) >= deployment.desired)


def shift_test(deployment):
    traffic.shift_test(deployment.target, deployment.source)
    yield from ()


def steps(deployment):
    """(percent, minutes to wait after it) of the production shift."""
    given = deployment.configuration
    if deployment.strategy == "CANARY":
        canary = given.get("canaryConfiguration") or {}
        return [(canary.get("canaryPercent", 5.0), canary.get("canaryBakeTimeInMinutes", 10)), (100, 0)]
    if deployment.strategy == "LINEAR":
        linear = given.get("linearConfiguration") or {}
        step, minutes = linear.get("stepPercent", 10.0), linear.get("stepBakeTimeInMinutes", 6)
        number = math.ceil(100 / step)
        return [(min(100, step * one), minutes if one < number else 0) for one in range(1, number + 1)]
    return [(100, 0)]


def shift_production(deployment):
    """Step by step; a deployment without a predecessor has nobody to share with."""
    for percent, minutes in steps(deployment) if deployment.source else [(100, 0)]:
        yield from hooks.run(deployment, "PRE_PRODUCTION_TRAFFIC_SHIFT")
        traffic.shift_production(deployment.target, deployment.source, percent)
        yield from deployment.wait_minutes(minutes)


def bake(deployment):
    yield from deployment.wait_minutes(deployment.configuration.get("bakeTimeInMinutes", 0))


def clean_up(deployment):
    """The old tasks go. From here on nothing is rolled back."""
    for one in (*deployment.others(), *([deployment.source] if deployment.source else [])):
        one.wanted = 0
    yield from deployment.wait(lambda: not any(one.tasks for one in deployment.service.revisions if one is not deployment.target), final=True)


SHIFTING = [  # (stage, what is done in it)
    ("RECONCILE_SERVICE", reconcile), ("PRE_SCALE_UP", nothing), ("SCALE_UP", scale_up), ("POST_SCALE_UP", nothing),
    ("TEST_TRAFFIC_SHIFT", shift_test), ("POST_TEST_TRAFFIC_SHIFT", nothing), ("PRODUCTION_TRAFFIC_SHIFT", shift_production),
    ("POST_PRODUCTION_TRAFFIC_SHIFT", nothing), ("BAKE_TIME", bake), ("CLEAN_UP", clean_up),
]


def shifting(deployment):
    """BLUE_GREEN, CANARY, LINEAR: both revisions at full size, then traffic moves."""
    for stage, act in SHIFTING:
        if stage == "RECONCILE_SERVICE" and not deployment.others():
            continue
        deployment.enter(stage)
        yield from act(deployment)
        yield from hooks.run(deployment, stage)
        yield from deployment.wait(None, deployment.service.settings.stage_s.get(stage, 0), final=stage == "CLEAN_UP")


def replace(deployment, new, wait):
    """Rolling: new tasks come and others go within minimumHealthyPercent and maximumPercent, until only new ones are left. wait: how to wait."""
    service, given = deployment.service, deployment.configuration
    while True:
        desired = deployment.desired
        most = max(1, desired * given.get("maximumPercent", 200) // 100)
        least = math.ceil(desired * given.get("minimumHealthyPercent", 100) / 100)
        others = [one for one in service.revisions if one is not new]
        new.wanted = max(0, min(desired, most - sum(len(one.tasks) for one in others)))
        if desired and most <= least and not new.wanted:
            new.wanted = 1  # ECS would be stuck; it says so in an event, and never moves
        spare = max(0, least - len(new.serving()))
        for one in sorted(others, key=lambda one: one is not deployment.source):
            one.wanted = min(one.wanted, spare)
            spare -= one.wanted
        if len(new.serving()) >= desired and not any(one.tasks for one in others):
            return
        seen = (len(new.serving()), [len(one.tasks) for one in others], service.model.desired_count)
        yield from wait(lambda seen=seen, others=others: seen != (len(new.serving()), [len(one.tasks) for one in others], service.model.desired_count))


def rolling(deployment):
    yield from replace(deployment, deployment.target, deployment.wait)
    yield from deployment.wait(None, deployment.service.settings.stage_s.get("BAKE_TIME", 0))


STRATEGIES = {"ROLLING": rolling, "BLUE_GREEN": shifting, "CANARY": shifting, "LINEAR": shifting}
