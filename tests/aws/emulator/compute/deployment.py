"""A service deployment: its states, what ends it, how it is undone, and what DescribeServiceDeployments shows of it.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
"""
import sys
import traceback

from moto.core.utils import utcnow

from ..clock import CLOCK, until
from . import traffic
from .interrupt import Alarms, Breaker, Interrupt
from .revision import next_id
from .strategies import STRATEGIES, replace

OVER = ("SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED")
STOPPABLE = ("PENDING", "IN_PROGRESS")
STOP_TYPES = {  # stopType: (status while it is not yet done, reason, whether to roll back)
    "ROLLBACK": ("ROLLBACK_REQUESTED", "Service deployment rolled back because it was stopped by the user.", True),
    "ABORT": ("STOP_REQUESTED", "Service deployment stopped by the user.", False),
}
REPLACED = "Service deployment stopped because a newer service deployment was started."
NO_CANDIDATE = "No rollback candidate was found to run the rollback."


class Deployment:
    """One deployment of a service: from the revision that serves (source, None the first time) to a new one (target)."""

    stage = reason = started_at = finished_at = stopped_at = asked = rollback = None

    def __init__(self, service):
        self.service, self.source, self.target = service, service.current, service.new_revision()
        self.arn = f"{service.arn.replace(':service/', ':service-deployment/')}/{next_id()}"
        self.status, self.hooks, self.created_at, self.updated_at = "PENDING", [], utcnow(), utcnow()
        self.strategy, self.configuration = service.strategy, service.configuration
        self.breaker, self.alarms = Breaker(service, self.target), Alarms(service)
        CLOCK.run(self._run())

    @property
    def over(self):
        return self.status in OVER

    @property
    def desired(self):
        return self.service.model.desired_count

    def others(self):
        """Revisions with tasks, or with tasks wanted, that are neither source nor target: left by an interrupted deployment."""
        return [one for one in self.service.revisions if one not in (self.source, self.target) and (one.tasks or one.wanted)]

    # -- moves

    def _set(self, status, reason=None):
        self.status, self.updated_at = status, utcnow()
        self.reason = reason or self.reason
        if self.over:
            self.finished_at = utcnow()
            if status == "STOPPED":
                self.stopped_at = self.finished_at
        self.service.show()

    def enter(self, stage):
        self.stage, self.updated_at = stage, utcnow()

    def _interruption(self):
        """The Interrupt that is due, or None."""
        if self.asked:
            return self.asked
        return self.breaker.check() or self.alarms.check()

    def wait(self, condition, seconds=None, final=False):
        """Waits for the condition, or that many seconds; whether it came to hold. Raises what interrupts: when final, requests only."""
        def due():
            return self.asked if final else self._interruption()
        told = yield until(lambda: condition and condition() or due() is not None, seconds)
        interruption = due()
        if interruption is not None:
            raise interruption
        return told

    def wait_minutes(self, minutes):
        """Bakes; a first deployment has no old revision to keep ready."""
        yield from self.wait(None, minutes * self.service.settings.minute_s if self.source else 0)

    def ask(self, kind):
        """StopServiceDeployment, in its own words."""
        status, reason, rollback = STOP_TYPES[kind]
        self.asked = Interrupt(reason, rollback)
        self._set(status)

    def supersede(self):
        """A newer deployment takes over: this one ends where it is."""
        self.asked = Interrupt(REPLACED, False)
        self._set("STOPPED", REPLACED)

    # -- its life

    def _run(self):
        """All of it; a mistake of the emulator ends it too, for no deployment may be under way for ever."""
        try:
            yield from self._go()
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            self._set("STOPPED", f"emulator: {type(error).__name__}: {error}")

    def _go(self):
        yield until(None, self.service.settings.stage_s.get("PENDING", 0))
        if not self.asked:
            self.started_at = utcnow()
            self._set("IN_PROGRESS")
        try:
            if self.asked:
                raise self.asked
            yield from STRATEGIES[self.strategy](self)
            self._succeed()
        except Interrupt as interrupt:
            yield from self._fail(interrupt)

    def _succeed(self):
        self.service.current = self.target
        self._set("SUCCESSFUL")
        self.service.event(f"(deployment {self.target.deployment_id}) deployment completed.")

    def _fail(self, interrupt):
        if self.over:  # a newer deployment goes on from here
            return
        if self.breaker.triggered:
            self.service.event(f"(deployment {self.target.deployment_id}) deployment failed: tasks failed to start.")
        elif self.alarms.triggered:
            self.service.event(f"(deployment {self.target.deployment_id}) deployment failed: alarm detected.")
        if not interrupt.rollback:
            self.target.stopped_launching = True
            self._set("STOPPED", interrupt.reason)
        elif self.source is None:
            self.target.stopped_launching = True
            self._set("ROLLBACK_FAILED", f"{interrupt.reason} {NO_CANDIDATE}")
        else:
            yield from self._roll_back(interrupt.reason)

    def _roll_back(self, reason):
        source, target = self.source, self.target
        self.rollback = {"reason": reason, "startedAt": utcnow(), "serviceRevisionArn": source.arn}
        self.service.event(f"rolling back to deployment {source.deployment_id}.")
        target.stopped_launching, source.stopped_launching, source.failed, self.asked = True, False, 0, None
        self.service.model.task_definition = source.task_definition
        self._set("ROLLBACK_IN_PROGRESS", reason)
        self.breaker_of_rollback = Breaker(self.service, source)
        yield until(None, self.service.settings.stage_s.get("ROLLBACK", 0))
        try:
            yield from self._return(source)
            self._set("ROLLBACK_SUCCESSFUL")
        except Interrupt as failed:
            if not self.over:
                source.stopped_launching = True
                self._set("ROLLBACK_FAILED", failed.reason)

    def _return(self, source):
        """The old revision at full size first, then traffic, then the new tasks go."""
        if self.strategy == "ROLLING":
            yield from replace(self, source, self._wait_in_rollback)
            return
        source.wanted = self.desired
        yield from self._wait_in_rollback(lambda: len(source.serving()) >= self.desired)
        if source.group_arn and traffic.rules_of(source)[0]:
            traffic.shift_production(source, self.target, 100)
            traffic.shift_test(source, self.target)
            self.target.test_weight = self.target.production_weight = 0.0
        for one in (self.target, *self.others()):
            one.wanted = 0
        yield from self._wait_in_rollback(lambda: not any(one.tasks for one in self.service.revisions if one is not source))

    def _wait_in_rollback(self, condition, seconds=None):
        """Only the circuit breaker, now on the old revision, and a newer deployment interrupt a rollback."""
        def due():
            return self.asked or self.breaker_of_rollback.check()
        told = yield until(lambda: condition() or due() is not None, seconds)
        if due() is not None:
            raise due()
        return told

    # -- what the API shows

    def rollout(self, revision):
        """(rolloutState, reason) of a revision in DescribeServices."""
        name = f"ECS deployment {revision.deployment_id}"
        if revision is self.target and self.status in ("ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED", "STOPPED"):
            failed = "tasks failed to start." if self.breaker.triggered else "alarm detected." if self.alarms.triggered else self.reason
            return "FAILED", f"{name} failed: {failed}"
        if self.status == "SUCCESSFUL" or self.status == "ROLLBACK_SUCCESSFUL":
            return "COMPLETED", f"{name} completed."
        why = " (rollback)" if revision is self.source else ""
        return "IN_PROGRESS", f"{name} in progress.{why}"

    def brief(self):
        """The members of ServiceDeploymentBrief."""
        return self._given(serviceDeploymentArn=self.arn, serviceArn=self.service.arn, clusterArn=self.service.model.cluster_arn,
                           startedAt=self.started_at, createdAt=self.created_at, finishedAt=self.finished_at, targetServiceRevisionArn=self.target.arn,
                           status=self.status, statusReason=self.reason)

    def describe(self):
        """The members of ServiceDeployment."""
        sources = [one.summary() for one in ([self.source] if self.source else []) + self.others()]
        return self._given(
            serviceDeploymentArn=self.arn, serviceArn=self.service.arn, clusterArn=self.service.model.cluster_arn, createdAt=self.created_at,
            startedAt=self.started_at, finishedAt=self.finished_at, stoppedAt=self.stopped_at, updatedAt=self.updated_at, sourceServiceRevisions=sources,
            targetServiceRevision=self.target.summary(), status=self.status, statusReason=self.reason, lifecycleStage=self.stage,
            lifecycleHookDetails=[one.describe() for one in self.hooks] or None, deploymentConfiguration=self.configuration, rollback=self.rollback,
            deploymentCircuitBreaker=self.breaker.describe(self.over), alarms=self.alarms.describe(self.over))

    @staticmethod
    def _given(**members):
        return {name: value for name, value in members.items() if value is not None}
