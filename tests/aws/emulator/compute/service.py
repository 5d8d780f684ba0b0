"""Keeps a service's tasks: starts what is missing, replaces what fails, says so in the service's events.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
"""
import time
import uuid

from moto.core.utils import utcnow

from ..clock import CLOCK, until
from . import behaviour
from .revision import Revision
from .task import Task

NO_CAPACITY = "Capacity is unavailable at this time. Please try again later or in a different availability zone"
EVENTS = 100  # how many AWS keeps
KEPT = 100  # stopped tasks that can still be described; AWS keeps them for an hour
RETRY_LIMIT_S = 1.0  # ECS starts tasks that fail again and again ever more slowly


class Service:
    """What runs for one of moto's services. Its public view is written onto moto's object by show()."""

    def __init__(self, model, backend, settings):
        self.model, self.backend, self.settings, self.arn = model, backend, settings, model.arn
        self.revisions, self.deployments, self.created_at, self.steady = [], [], utcnow(), True
        self.current = None  # the revision that serves; None before the first deployment succeeded
        model.created_at = self.created_at
        CLOCK.run(self._keep())

    @property
    def strategy(self):
        return self.configuration.get("strategy", "ROLLING")

    @property
    def configuration(self):
        return getattr(self.model, "deployment_configuration", None) or {}

    @property
    def active(self):
        return self.model.status == "ACTIVE"

    def new_revision(self):
        found = Revision(self, self.current)
        self.revisions.append(found)
        return found

    def event(self, text):
        self.model.events.insert(0, {"id": str(uuid.uuid4()), "createdAt": utcnow(), "message": f"(service {self.model.name}) {text}"})
        del self.model.events[EVENTS:]

    # -- keeping the tasks

    def _keep(self):
        """The scheduler, as a process of the clock."""
        while self.active or any(one.tasks for one in self.revisions):
            for revision in self.revisions:
                self._replace_unhealthy(revision)
                self._count(revision)
                self._tell_registered(revision)
                self._scale(revision)
            self._tell_steady()
            self.show()
            seen = self._picture()
            yield until(lambda seen=seen: self._picture() != seen, self._next_try_s())
        self.show()

    def _picture(self):
        """Everything that the scheduler acts on; it looks again when this changes."""
        return [(one.wanted, one.stopped_launching, [(task.last_status, task.health, task.stopping) for task in one.tasks]) for one in self.revisions
                ] + [self.model.desired_count, self.active, len(self.deployments), [one.status for one in self.deployments]]

    def _next_try_s(self):
        waiting = [one.not_before for one in self.revisions if one.not_before > time.monotonic() and len(one.live()) < one.wanted]
        return max(0.0, min(waiting) - time.monotonic()) + 0.001 if waiting else None

    def _replace_unhealthy(self, revision):
        for task in revision.live():
            if task.health == "unhealthy":
                group, port = (*revision.target_groups(), (None, None))[0]
                if group:
                    self.event(f"(task {task.id}) (port {port}) is unhealthy in (target-group {group}) due to (reason {task.health_reason}).")
                task.stop("ServiceSchedulerInitiated",
                          f"Task failed ELB health checks in (target-group {group})" if group else "Task failed container health checks")
            elif task.serving and not task.was_healthy:
                task.was_healthy = True
                revision.failed = 0 if self._resets_on_healthy() else revision.failed

    def _resets_on_healthy(self):
        return (self.configuration.get("deploymentCircuitBreaker") or {}).get("resetOnHealthyTask", True)

    def _count(self, revision):
        """Takes stopped tasks out of the revision; those that never were healthy and were not asked to go have failed."""
        for task in [one for one in revision.tasks if one.last_status == "STOPPED"]:
            revision.tasks.remove(task)
            asked = task.stop_code == "UserInitiated" or task.stop_code == "ServiceSchedulerInitiated" and "health checks" not in task.stopped_reason
            if not task.was_healthy and not asked:
                self._failed(revision)

    def _failed(self, revision):
        revision.failed += 1
        revision.not_before = time.monotonic() + min(RETRY_LIMIT_S, self.settings.retry_s * 2 ** min(revision.failed - 1, 10))

    def _tell_registered(self, revision):
        new = [one for one in revision.running() if not one.told and one.live]
        for task in new:
            task.told = True
        for arn, _port in revision.target_groups() if new else ():
            self.event(f"registered {len(new)} targets in (target-group {arn})")

    def _scale(self, revision):
        live, wanted = revision.live(), revision.wanted if self.active else 0
        gone = live[wanted:]
        for task in gone:
            task.stop("ServiceSchedulerInitiated", f"Scaling activity initiated by (deployment {revision.deployment_id})")
        for arn, _port in revision.target_groups() if gone else ():
            self.event(f"deregistered {len(gone)} targets in (target-group {arn})")
            self.event(f"has begun draining connections on {len(gone)} tasks.")
        if gone:
            self.event(f"has stopped {len(gone)} running tasks: {' '.join(f'(task {one.id})' for one in gone)}.")
        if len(live) < wanted and not revision.stopped_launching and revision.not_before <= time.monotonic():
            self._launch(revision, wanted - len(live))

    def _launch(self, revision, number):
        definition = self.backend.describe_task_definition(revision.task_definition)
        started = []
        for _ in range(number):
            names = definition.container_definitions[0]["image"], definition.family
            if behaviour.find(*names).start == "no_capacity":
                behaviour.take(*names)
                self.event(f"was unable to place a task. Reason: {NO_CAPACITY}.")
                self._failed(revision)
                break
            started.append(self._new_task(revision, definition))
        if started:
            self.event(f"has started {len(started)} tasks: {' '.join(f'(task {one.id})' for one in started)}.")

    def _new_task(self, revision, definition):
        cluster = self.backend.clusters[self.model.cluster_name]
        task = Task(cluster, definition, f"service:{self.model.name}", self.settings, started_by=revision.deployment_id,
                    network_configuration=revision.frozen["network_configuration"], target_groups=revision.target_groups(),
                    enable_execute_command=getattr(self.model, "enable_execute_command", None))
        revision.tasks.append(task)
        keep_task(self.backend, task)
        return task

    def _tell_steady(self):
        steady = all(one.steady() for one in self.revisions) and self.active
        if steady and not self.steady:
            self.event("has reached a steady state.")
        self.steady = steady

    # -- what DescribeServices shows

    def show(self):
        """Writes counts, deployments and revisions onto moto's service."""
        shown = [one for one in self.revisions if one.wanted or one.tasks or one is self.revisions[-1]]
        model = self.model
        model.running_count, model.pending_count = sum(len(one.running()) for one in shown), sum(len(one.pending()) for one in shown)
        primary = self.primary()
        model.deployments = [self._deployment(one, one is primary) for one in sorted(shown, key=lambda one: one is not primary)
                             if one is primary or one.wanted or one.tasks]
        running = [one for one in self.deployments if not one.over]
        model.current_service_deployment = running[0].arn if running else None
        model.current_service_revisions = [{name: one.summary()[name] for name in ("arn", "requestedTaskCount", "runningTaskCount", "pendingTaskCount")}
                                           for one in shown if one.wanted or one.tasks]
        model.platform_family, model.created_by = "Linux", None

    def primary(self):
        """The revision of the newest deployment, or after it was undone the one that serves."""
        last = self.deployments[-1] if self.deployments else None
        if last and last.status in ("ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL") and last.source:
            return last.source
        return last.target if last else self.revisions[-1] if self.revisions else None

    def _deployment(self, revision, primary):
        state, reason = "COMPLETED", f"ECS deployment {revision.deployment_id} completed."
        mine = [one for one in self.deployments if one.target is revision or one.source is revision and one.status.startswith("ROLLBACK_IN")]
        if mine:
            state, reason = mine[-1].rollout(revision)
        frozen = revision.frozen
        return {"id": revision.deployment_id, "status": "PRIMARY" if primary else "ACTIVE", "taskDefinition": revision.task_definition,
                "desiredCount": revision.wanted, "pendingCount": len(revision.pending()), "runningCount": len(revision.running()),
                "failedTasks": revision.failed, "createdAt": revision.created_at, "updatedAt": utcnow(), "launchType": frozen["launch_type"],
                "platformVersion": "1.4.0", "platformFamily": "Linux", "networkConfiguration": frozen["network_configuration"],
                "rolloutState": state, "rolloutStateReason": reason}


def keep_task(backend, task):
    """Makes a task known to ListTasks and DescribeTasks, and lets it live."""
    kept = backend.tasks.setdefault(task.cluster_name, {})
    kept[task.task_arn] = task
    gone = [arn for arn, one in kept.items() if one.last_status == "STOPPED"]
    for arn in gone[:max(0, len(gone) - KEPT)]:
        del kept[arn]
    CLOCK.run(task.life())
