"""App Runner's own load balancing: the one instance that serves answers, and CloudWatch counts it by service.

https://docs.aws.amazon.com/apprunner/latest/dg/monitor-cw.html
"""
import time

from . import application, counts
from .message import text


def _count(service, status, seconds):
    wanted = frozenset({("ServiceName", service.name), ("ServiceID", service.id)})
    counts.sample("Requests", {wanted})
    counts.sample(f"{status // 100}xxStatusResponses", {wanted})
    counts.sample("RequestLatency", {wanted}, seconds * 1000)


def answer(service, request):
    begun, task = time.monotonic(), service.serving
    if task is None:
        return text(404, "no service\n")
    try:
        found = application.answer(task, request)
    except (application.Unreachable, application.TooSlow):
        found = text(503, "upstream connect error or disconnect/reset before headers\n")
    _count(service, found.status, time.monotonic() - begun)
    return found
