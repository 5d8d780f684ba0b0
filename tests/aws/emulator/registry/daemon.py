"""Debian's docker-registry as a child process, on a Unix socket in a directory of its own; started when first needed."""
import http.client
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time

from ..compute import command

START_S = 20
CONFIGURATION = """version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}/data}}, delete: {{enabled: true}}, maintenance: {{uploadpurging: {{enabled: false}}}}}}
http: {{net: unix, addr: {folder}/socket, relativeurls: true}}
"""


class Connection(http.client.HTTPConnection):
    """A connection to the daemon's socket."""

    def __init__(self, path):
        super().__init__("registry", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Daemon:
    """The registry process and its data, both gone after close()."""

    def __init__(self):
        self.folder, self.process, self.lock = None, None, threading.Lock()

    def connect(self):
        """A connection; starts the daemon if it does not run."""
        with self.lock:
            if self.process is None:
                self._start()
        return Connection(self.folder / "socket")

    def _start(self):
        program = shutil.which("docker-registry")
        if program is None:
            raise FileNotFoundError("docker-registry is not installed: apt-get install docker-registry")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="golive-registry-"))
        (self.folder / "config.yml").write_text(CONFIGURATION.format(folder=self.folder))
        self.process = command.start([program, "serve", str(self.folder / "config.yml")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + START_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"docker-registry did not start (exit status {self.process.poll()})")
            time.sleep(0.01)

    def _answers(self):
        try:
            connection = Connection(self.folder / "socket")
            connection.request("GET", "/v2/")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def close(self):
        with self.lock:
            if self.process is not None:
                command.end(self.process)
                self.process.wait()
                command.RUNNING.discard(self.process)
            if self.folder is not None:
                shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = self.process = None


DAEMON = Daemon()
