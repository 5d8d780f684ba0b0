"""Runs the steps of one operation in dependency order, side by side, with delays, freezes and cancellation.

A step acts at once when all it waits for is done, and then stays in progress for its delay. One thread runs a whole
operation, so that events have one order; only waiting takes time.
"""
import time
from dataclasses import dataclass, field


POLL_S = 0.05  # how often a step that is not ready yet is asked
AT_ONCE = object()  # what begin returns when there was nothing to do, so that no delay applies


@dataclass
class Step:
    """One resource in one phase of an operation."""
    logical_id: str
    waits_for: set
    begin: object  # called when the step starts; what it raises fails the step
    finish: object  # called when its delay is over
    fail: object  # called with the error
    cancel: object = None  # called when another step failed while this one was in progress
    ready: object = None  # tells, when the delay is over, whether the step is; asked again and again
    operation: str = ""  # CREATE, UPDATE or DELETE
    type: str = ""
    started: float = field(default=0.0, repr=False)  # monotonic seconds
    at_once: bool = False


class Failure(Exception):
    """Steps that failed: {logical id: reason}."""

    def __init__(self, reasons):
        super().__init__(", ".join(reasons))
        self.reasons = reasons


class Cancelled(Exception):
    """Somebody asked to stop the operation."""


def run(steps, stack, settings, stop_at_failure=True):
    """Runs all steps. Raises Failure with what failed; steps that wait for a failed one do not start."""
    waiting, running, done, failed = {s.logical_id: s for s in steps}, {}, set(), {}
    names = set(waiting)
    while waiting or running:
        if stack.cancelled:
            _cancel(running)
            raise Cancelled()
        if not (failed and stop_at_failure):
            _start_ready(waiting, running, done, failed, names, stack, settings)
        if failed and stop_at_failure:
            _cancel(running)
            raise Failure(failed)
        if not running and not any(_ready(s, done, names) for s in waiting.values()):
            break
        _finish_due(running, done, failed, stack, settings)
    if failed:
        raise Failure(failed)


def _ready(step, done, names):
    return (step.waits_for & names) <= done


def _start_ready(waiting, running, done, failed, names, stack, settings):
    for step in [s for s in waiting.values() if _ready(s, done, names)]:
        del waiting[step.logical_id]
        try:
            step.at_once = step.begin() is AT_ONCE
        except Exception as error:  # whatever a service says is the step's reason
            failed[step.logical_id] = step.fail(error)
            continue
        step.started = time.monotonic()
        running[step.logical_id] = step


def _due(step, stack, settings):
    if step.at_once:
        return step.started
    delay = settings.delay_s(stack.name, step.logical_id, step.operation, step.type)
    return None if delay is None else step.started + delay


def _finish_due(running, done, failed, stack, settings):
    """Waits until at least one running step is due, a release comes or the operation is cancelled."""
    with settings.changed:
        while running and not stack.cancelled:
            ends = {name: _due(step, stack, settings) for name, step in running.items()}
            due = [name for name, end in ends.items() if end is not None and end <= time.monotonic()]
            ready = [name for name in due if running[name].ready is None or running[name].ready()]
            if ready:
                break
            later = [end - time.monotonic() for name, end in ends.items() if end is not None and name not in due]
            settings.changed.wait(min(later + ([POLL_S] if due else []), default=None))
        else:
            return
    for name in ready:
        step = running.pop(name)
        try:
            step.finish()
            done.add(name)
        except Exception as error:
            failed[name] = step.fail(error)


def _cancel(running):
    for step in running.values():
        if step.cancel:
            step.cancel()
