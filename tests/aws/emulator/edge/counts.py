"""What the edge really answered, as CloudWatch's samples of AWS/ApplicationELB; and the health of targets as it changed.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
"""
import bisect
import threading
import time

from moto.elbv2.models import elbv2_backends

from ..clock import until
from ..compute import targets

NAMESPACE, RUNNER = "AWS/ApplicationELB", "AWS/AppRunner"  # their dimensions differ, so that their samples never meet
KEPT_S = 3 * 3600
LOCK = threading.Lock()
SAMPLES = {}  # (metric, dimensions as a frozenset of pairs): ([moment], [value])
HEALTH = {}  # dimensions of a target group: [(moment, healthy, unhealthy)], one for every change
PER_TASK = {}  # task id: requests that it answered


def name_of(arn):
    """LoadBalancer or TargetGroup as dimensions have them."""
    return arn.partition("loadbalancer/")[2] or "targetgroup/" + arn.partition("targetgroup/")[2]


def dimensions(balancer, group=None):
    found = {("LoadBalancer", name_of(balancer))}
    return frozenset(found | {("TargetGroup", name_of(group))} if group else found)


def sample(metric, keys, value=1.0):
    """One sample for each of these dimensions."""
    now = time.time()
    with LOCK:
        for key in keys:
            moments, values = SAMPLES.setdefault((metric, key), ([], []))
            moments.append(now)
            values.append(value)
            if moments[0] < now - 2 * KEPT_S:
                old = bisect.bisect_left(moments, now - KEPT_S)
                del moments[:old], values[:old]


def add(metric, balancer, group, value=1.0):
    """One sample, for the balancer and, if there is a group, for both together."""
    sample(metric, {dimensions(balancer), dimensions(balancer, group)}, value)


def answered(balancer, group, task, status, seconds):
    """A target answered, after that many seconds."""
    add("RequestCount", balancer, group)
    add(f"HTTPCode_Target_{status // 100}XX_Count", balancer, group)
    add("TargetResponseTime", balancer, group, seconds)
    with LOCK:
        PER_TASK[task.id] = PER_TASK.get(task.id, 0) + 1


def refused(balancer, group, status, connection=False):
    """The balancer itself answered with an error."""
    add("RequestCount", balancer, None)
    add(f"HTTPCode_ELB_{status // 100}XX_Count", balancer, None)
    if status // 100 == 5:
        add(f"HTTPCode_ELB_{status}_Count", balancer, None)
    if connection:
        add("TargetConnectionErrorCount", balancer, group)


def samples(metric, wanted):
    """[(moment, value)] of a metric."""
    with LOCK:
        moments, values = SAMPLES.get((metric, wanted), ([], []))
        return list(zip(moments, values))


GAUGES = {"HealthyHostCount": 1, "UnHealthyHostCount": 2}


def gauge(metric, wanted, begin, end):
    """The values that a gauge had between two moments; none for the time to come or before there was anything."""
    changes, place = HEALTH.get(wanted, []), GAUGES[metric]
    before = [one[place] for one in changes if one[0] < begin][-1:] if begin <= time.time() else []
    return [float(value) for value in before + [one[place] for one in changes if begin <= one[0] < end]]


def picture():
    """{dimensions: (healthy, unhealthy)} of every target group behind a balancer."""
    found = {}
    for region in elbv2_backends.values():
        for backend in region.values():
            for group in backend.target_groups.values():
                tasks = targets.of_group(group.arn)
                healthy = sum(one.health == "healthy" for one in tasks)
                for balancer in group.load_balancer_arns:
                    found[dimensions(balancer, group.arn)] = (healthy, sum(one.health == "unhealthy" for one in tasks))
    return found


def watch():
    """Writes down every change of health. A process of the clock."""
    while True:
        now = picture()
        for key, counts in now.items():
            kept = HEALTH.setdefault(key, [])
            if not kept or kept[-1][1:] != counts:
                kept.append((time.time(), *counts))
        yield until(lambda now=now: picture() != now)


def reset():
    with LOCK:
        for one in (SAMPLES, HEALTH, PER_TASK):
            one.clear()


