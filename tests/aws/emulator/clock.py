"""Lets time pass for what runs: processes that wait for a moment or for a condition, one step at a time.

A process is a generator that yields until(...) or pause(...) and is resumed with whether its condition holds. All steps run in one thread
under moto's lock, so nobody ever sees half a step; nothing is polled: conditions are looked at again after every request and every step.
"""
import sys
import threading
import time
import traceback

from . import moto_calls


def until(condition, seconds=None):
    """Waits until condition() is true, at most that many seconds; the process is told whether it is."""
    return condition, seconds


def pause(seconds):
    """Waits that many seconds."""
    return None, seconds


class Process:
    """A generator and what it waits for."""

    def __init__(self, generator):
        self.generator, self.condition, self.due, self.begun = generator, None, 0.0, False

    def ready(self, now):
        """None while it waits, else what it is told: whether its condition holds."""
        holds = self.condition is not None and bool(self.condition())
        return holds if holds or self.due is not None and self.due <= now else None

    def step(self, told):
        """Runs to the next wait; whether there is one."""
        try:
            self.condition, seconds = self.generator.send(told if self.begun else None)
        except StopIteration:
            return False
        self.begun = True
        self.due = None if seconds is None else time.monotonic() + seconds
        return True


class Clock:
    """All processes, and the thread that runs them."""

    def __init__(self):
        self.processes, self.changed, self.asked = [], threading.Condition(), False
        self.thread = threading.Thread(target=self._go, name="clock", daemon=True)

    def restart(self):
        """In a process that was forked: goes on with all that was going on."""
        self.thread = threading.Thread(target=self._go, name="clock", daemon=True)
        self.thread.start()

    def run(self, generator):
        """Begins a process; it takes its first step in the clock's thread."""
        with moto_calls.LOCK:
            self.processes.append(Process(generator))
        self.poke()

    def poke(self):
        """Something happened outside: look at all conditions again."""
        with self.changed:
            self.asked = True
            self.changed.notify_all()

    def wait_for(self, condition):
        """Blocks a thread that does not hold moto's lock until the condition holds."""
        reached = threading.Event()

        def watch():
            try:
                yield until(condition)
            finally:
                reached.set()

        self.run(watch())
        reached.wait()

    def stop(self):
        """Forgets all processes."""
        with moto_calls.LOCK:
            for one in self.processes:
                one.generator.close()  # finally clauses run: nobody waits for ever
            self.processes.clear()

    def _go(self):
        while True:
            with self.changed:
                self.asked = False
            with moto_calls.LOCK:
                moved = self._turn()
            with self.changed:
                if moved:
                    self.changed.notify_all()
                elif not self.asked:
                    self.changed.wait(self._seconds_left())

    def _turn(self):
        """One step of every process that can take one; whether any did."""
        moved = False
        for one in list(self.processes):
            try:
                told = one.ready(time.monotonic()) if one in self.processes else None
                if told is None:
                    continue
                moved, goes_on = True, one.step(told)
            except Exception:  # a mistake of the emulator: said here; the others go on
                traceback.print_exc(file=sys.stderr)
                moved, goes_on = True, False
            if not goes_on and one in self.processes:
                self.processes.remove(one)
        return moved

    def _seconds_left(self):
        dues = [one.due for one in list(self.processes) if one.due is not None]
        return max(0.0, min(dues) - time.monotonic()) if dues else None


CLOCK = Clock()
