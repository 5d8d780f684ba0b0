"""One HTTPS listener on 127.0.0.1 that stands in for every load balancer and CloudFront distribution: the Host decides."""
import http.server
import sys
import threading
import traceback

from .. import moto_calls
from ..compute import runner as app_runner
from . import balancer, runner, site
from .certificates import Authority
from .message import Request, text

IDLE_S = 60


def route(request):
    """The answer to a request: by the distribution, the service of App Runner or the load balancer that has its host."""
    with moto_calls.LOCK:
        distribution, service, found = site.find(request.host), app_runner.find(request.host), balancer.find(request.host)
    if distribution is not None:
        return site.answer(distribution, request)
    if service is not None:
        return runner.answer(service, request)
    if found is None:
        return text(404, f"no load balancer rule and no distribution of the emulator has the host {request.host}\n")
    return balancer.answer(*found, request)


class Handler(http.server.BaseHTTPRequestHandler):
    """HTTP/1.1 with keep-alive."""
    protocol_version, server_version, sys_version, timeout = "HTTP/1.1", "edge", "", IDLE_S
    disable_nagle_algorithm = True

    def _body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            pieces = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b"".join(pieces)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _serve(self):
        headers = {name.lower(): value for name, value in self.headers.items()}
        host = headers.get("host", "").partition(":")[0].lower()
        try:
            found = route(Request(self.command, host, self.path, headers, self._body()))
        except Exception as error:  # a mistake of the emulator: said here, and visible as such
            traceback.print_exc(file=sys.stderr)
            found = text(500, f"emulator: {type(error).__name__}: {error}\n")
        self.send_response_only(found.status)
        self.send_header("Date", self.date_time_string())
        bare = found.status in (204, 304)
        for name, value in found.headers:
            self.send_header(name, value)
        if not bare:
            self.send_header("Content-Length", str(len(found.body)))
        self.end_headers()
        if self.command != "HEAD" and not bare:
            self.wfile.write(found.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve

    def log_message(self, *_arguments):
        """Says nothing."""


class Server(http.server.ThreadingHTTPServer):
    """Takes connections; each shakes hands in its own thread, so that a slow one holds up nobody."""
    daemon_threads, request_queue_size = True, 128

    def __init__(self, connections):
        self.authority = Authority()
        self.context = self.authority.listener()
        super().__init__(("127.0.0.1", 0), connections.mixin(Handler))

    def finish_request(self, request, client_address):
        request.settimeout(IDLE_S)
        with self.context.wrap_socket(request, server_side=True) as connection:
            self.RequestHandlerClass(connection, client_address, self)

    def handle_error(self, _request, _client_address):
        """A client that went away, or that does not trust us, is nothing to report."""

    def start(self):
        threading.Thread(target=self.serve_forever, args=(0.05,), name="edge", daemon=True).start()

    def where(self):
        """What GET /golive-test/edge answers."""
        return {"host": "127.0.0.1", "port": self.server_port, "ca_file": str(self.authority.ca_file)}
