"""States that are kept and gone back to, by fork(2): whoever needs the same stacks for many tests puts them up once.

To keep a state, the process that serves stops serving and waits; a child of it goes on. To restore it, the process that serves ends, and the one
that waits makes another child. So nothing has to be copied or forgotten: a state is a process. All of them share the listening sockets.
"""
import ctypes
import os
import signal
import socket
import threading

from . import moto_calls
from .clock import CLOCK
from .compute import command
from .errors import invalid
from .registry.daemon import DAEMON

POLL_S = 0.05  # how soon a listener sees that it shall stop
REST_S = 5  # how long a thread that is about to end may take
PR_SET_PDEATHSIG = 1


class Connections:
    """The connections that a process serves; its mixin() notes them."""

    def __init__(self):
        self.open, self.lock = set(), threading.Lock()

    def mixin(self, base):
        """A handler of requests that notes its connection."""
        connections = self

        class Noted(base):
            def setup(self):
                with connections.lock:
                    connections.open.add(self.request)
                super().setup()

            def finish(self):
                try:
                    super().finish()
                finally:
                    with connections.lock:
                        connections.open.discard(self.request)

        Noted.__name__ = base.__name__
        return Noted

    def shut(self, but):
        """Ends all but one: clients find theirs closed and come again, to whoever serves then."""
        with self.lock:
            for one in self.open - {but}:
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it ended by itself

    def forget(self):
        """In a child: they are its parent's."""
        for one in self.open:
            os.close(one.detach())
        self.open.clear()


class Request:
    """What a thread that serves a request asks of the main thread."""

    def __init__(self, what, name, connection):
        self.what, self.name, self.connection = what, name, connection
        self.thread, self.done = threading.current_thread(), threading.Event()


class Keeper:
    """Runs the listeners of an emulator, and keeps and restores states between requests."""

    def __init__(self, application, server, connections):
        self.application, self.server, self.connections = application, server, connections
        self.folder, self.asked, self.children, self.first = application.edge.authority.folder, None, [], os.getpid()
        self.local = threading.local()
        application.keeper = self

    # -- asked by the thread of a request

    def ask(self, what, name):
        """Keeps a state under a name, or goes back to it."""
        if what == "restore" and not self._pipe(name).exists():
            raise invalid(f"no state is kept as {name}")
        if what == "keep" and self._pipe(name).exists():
            raise invalid(f"a state is kept as {name} already")
        busy = self._busy() if what == "keep" else []
        if busy:
            raise invalid(f"only a state at rest can be kept, not while there are {', '.join(busy)}")
        self.asked = Request(what, name, self.local.connection)
        self.server.shutdown()
        self.asked.done.wait()

    def _busy(self):
        """What a child would not have: threads that do something, other programs."""
        idle = ("MainThread", "clock", "edge", "registry", "Thread-", "spawner")  # Thread-: of a connection
        others = [one for one in threading.enumerate() if not one.name.startswith(idle)]
        for one in others:
            one.join(REST_S)
        programs = ["programs of tasks"] * bool(command.RUNNING) + ["a registry"] * bool(DAEMON.process)
        return [one.name for one in others if one.is_alive()] + programs

    def _pipe(self, name):
        return self.folder / f"kept-{name}"

    # -- the main thread

    def run(self):
        """Serves for ever."""
        while True:
            self.server.serve_forever(POLL_S)
            self.application.edge.shutdown()
            self.application.registry.shutdown()
            self.connections.shut(self.asked.connection)
            if self.asked.what == "keep":
                self._keep()
            else:
                self._hand_over()

    def _keep(self):
        os.mkfifo(self._pipe(self.asked.name))
        pipe = os.open(self._pipe(self.asked.name), os.O_RDWR | os.O_CLOEXEC)
        if self._child():
            return
        self.asked.done.set()
        with moto_calls.LOCK:  # the clock stands still in the state that is kept: it only makes children
            while True:
                os.read(pipe, 1)
                self._bury()
                if self._child():
                    os.close(pipe)
                    return

    def _bury(self):
        """Takes note of children that ended."""
        while self.children:
            pid, _status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self.children.remove(pid)

    def _child(self):
        """Makes a child that goes on from here; true in it. Nobody is in the middle of anything: all locks are held."""
        with self.application.settings.changed, moto_calls.LOCK, CLOCK.changed:
            parent, child = os.getpid(), os.fork()
            if child:
                self.children.append(child)
                return False
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)
        self.children = []
        self.connections.lock = threading.Lock()
        self.connections.forget()
        command.restart()
        CLOCK.restart()
        self.application.start()
        return True

    def _hand_over(self):
        request = self.asked
        pipe = os.open(self._pipe(request.name), os.O_WRONLY)
        os.write(pipe, b"1")
        request.done.set()
        request.thread.join(10)
        self.end()

    def end(self):
        """Ends this process and all that wait; only the first takes the folder with it."""
        for one in self.children:
            os.kill(one, signal.SIGTERM)
        for one in self.children:
            os.waitpid(one, 0)
        self.application.close(os.getpid() == self.first)
        os._exit(0)
