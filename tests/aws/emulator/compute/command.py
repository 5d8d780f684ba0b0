"""A program of this machine as a task's container: its output becomes log events, its end the task's end."""
import concurrent.futures
import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import time

from botocore.exceptions import ClientError

from ..clock import CLOCK, until

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")  # of the emulator's own environment; everything else is the task's


LIBC = ctypes.CDLL(None)
SPAWNER = concurrent.futures.ThreadPoolExecutor(1, "spawner")  # a child dies with the thread that made it, so one thread that stays makes all
RUNNING = set()  # processes that the emulator must not leave behind


def restart():
    """In a process that was forked, where the thread that makes children is not."""
    global SPAWNER
    SPAWNER = concurrent.futures.ThreadPoolExecutor(1, "spawner")


def die_with_emulator():
    """Also when the emulator is killed (prctl(2), PR_SET_PDEATHSIG)."""
    LIBC.prctl(1, signal.SIGKILL)


def start(argv, **more):
    """A child process in a group of its own."""
    process = SPAWNER.submit(subprocess.Popen, argv, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_emulator, **more).result()
    RUNNING.add(process)
    return process


def end(process, number=signal.SIGKILL):
    """Signals a child's whole process group. The thread that waits for the child may find its end just now."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)


def end_all():
    """Kills every child that still runs."""
    for process in list(RUNNING):
        end(process)


def write_log(task, lines):
    """Adds log events to the task's stream, if it has one."""
    if task.log and lines:
        logs, group, stream = task.log
        now = int(time.time() * 1000)
        try:
            logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[{"timestamp": now, "message": line} for line in lines])
        except ClientError:  # the group was deleted meanwhile: the driver drops what it cannot send
            task.log = None


def arguments(task):
    """argv: the behaviour's command, then what the task definition or an override passes as the container's command."""
    container = task.definition.container_definitions[0]
    given = container.get("command") or []
    for override in task.overrides.get("containerOverrides") or []:
        if override.get("name") == container["name"] and override.get("command"):
            given = override["command"]
    return [*map(task.filled, task.behaviour.command), *given]


class Command:
    """The process. code: its exit status as a container's, None while it runs."""

    def __init__(self, task):
        self.task, self.code = task, None
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment.update({name: task.filled(value) for name, value in task.behaviour.environment.items()})
        environment.update(task.environment)
        try:
            self.process = start(arguments(task), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        except OSError as error:
            self.process, self.code = None, 127
            task.containers[0]["reason"] = f"CannotStartContainerError: {error}"
            return
        threading.Thread(target=self._follow, name=f"task {task.id}", daemon=True).start()

    def _follow(self):
        for line in self.process.stdout:
            write_log(self.task, [line.rstrip("\n")])
        found = self.process.wait()
        RUNNING.discard(self.process)
        self.code = found if found >= 0 else 128 - found
        CLOCK.poke()

    def stopped(self):
        """Ends it as ECS does: SIGTERM, and SIGKILL when it has not ended after its stopTimeout. For the clock."""
        timeout = self.task.definition.container_definitions[0].get("stopTimeout") or 30
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.code is None:
                end(self.process, number)
                yield until(lambda: self.code is not None, timeout)
