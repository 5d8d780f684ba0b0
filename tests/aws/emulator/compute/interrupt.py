"""What ends a deployment before its time: a request, the circuit breaker, alarms, a newer deployment.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
"""
import math

from moto.cloudwatch.models import cloudwatch_backends

from ..stack import ACCOUNT

BREAKER = "Service deployment rolled back because the circuit breaker threshold was exceeded."
BREAKER_STOPPED = "Service deployment stopped because the circuit breaker threshold was exceeded."


class Interrupt(Exception):
    """Raised inside a deployment that must not go on. rollback: whether it is to be undone."""

    def __init__(self, reason, rollback):
        super().__init__(reason)
        self.reason, self.rollback = reason, rollback


class Breaker:
    """Counts tasks that fail before they were ever healthy."""

    def __init__(self, service, revision):
        given = service.configuration.get("deploymentCircuitBreaker") or {}
        self.service, self.revision = service, revision
        self.enabled, self.rollback, self.triggered = given.get("enable", False), given.get("rollback", False), False
        chosen = given.get("thresholdConfiguration") or {}
        self.kind, self.value = chosen.get("type", "BOUNDED_PERCENT"), chosen.get("value", 50)

    @property
    def threshold(self):
        share = math.ceil(self.service.model.desired_count * self.value / 100)
        return {"COUNT": self.value, "BOUNDED_PERCENT": min(200, max(3, share)), "UNBOUNDED_PERCENT": max(1, share)}[self.kind]

    def check(self):
        """An Interrupt when too many failed, else None."""
        self.triggered = self.triggered or self.enabled and self.revision.failed >= self.threshold
        return Interrupt(BREAKER if self.rollback else BREAKER_STOPPED, self.rollback) if self.triggered else None

    def describe(self, over):
        state = "TRIGGERED" if self.triggered else "DISABLED" if not self.enabled else "MONITORING_COMPLETE" if over else "MONITORING"
        return {"status": state, "failureCount": self.revision.failed, "threshold": self.threshold}


class Alarms:
    """CloudWatch alarms that watch a deployment. When one is in ALARM at its start, none is watched: that lets a fix through."""

    def __init__(self, service):
        given = service.configuration.get("alarms") or {}
        self.region, self.names = service.model.region_name, given.get("alarmNames") or []
        self.rollback, self.triggered = given.get("rollback", False), []
        self.enabled = bool(given.get("enable", False) and self.names and not self._firing())

    def _firing(self):
        known = cloudwatch_backends[ACCOUNT][self.region].alarms
        return [name for name in self.names if name in known and known[name].state_value == "ALARM"]

    def check(self):
        """An Interrupt when one is in ALARM, else None."""
        if self.enabled and not self.triggered:
            self.triggered = self._firing()
        if not self.triggered:
            return None
        word = "rolled back" if self.rollback else "stopped"
        return Interrupt(f"Service deployment {word} because of an alarm: {', '.join(self.triggered)}.", self.rollback)

    def describe(self, over):
        state = "TRIGGERED" if self.triggered else "DISABLED" if not self.enabled else "MONITORING_COMPLETE" if over else "MONITORING"
        return {"status": state, "alarmNames": self.names, **({"triggeredAlarmNames": self.triggered} if self.triggered else {})}
