"""Two accounts behind one address, as AWS has them: each an emulator of its own; the access key says whose a request is.

A role of the other account is taken on as AWS lets it: the caller's account is asked whether its policies allow it, the role's whether it trusts the caller.
"""
import http.client
import http.server
import re
import sys
import threading
import urllib.parse

from harness import Emulator

HOP_BY_HOP = {"connection", "content-length", "transfer-encoding", "keep-alive", "expect"}


def refusal(message):
    return 403, [("Content-Type", "text/xml")], (f"<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{message}</Message></Error>"
                                                 "<RequestId>emulated</RequestId></ErrorResponse>").encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def body(self):
        if "chunked" not in (self.headers.get("Transfer-Encoding") or "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def access_key(self):
        found = re.search(r"Credential=([^/]+)/", self.headers.get("Authorization", "") + urllib.parse.unquote(self.path))
        return found.group(1) if found else None

    def handle_any(self):
        body, key = self.body(), self.access_key()
        accounts = self.server.accounts
        home = accounts.of(key)
        arn = dict(urllib.parse.parse_qsl(body.decode("latin-1"))).get("RoleArn", "") if b"Action=AssumeRole&" in body else ""
        there = accounts.by_number.get(arn.split(":")[4]) if arn else None
        if there and there is not home:
            return self.answer(*self.take_on(home, there, key, arn, body))
        return self.answer(*self.forward(home, body, {}))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = handle_any

    def take_on(self, home, there, key, arn, body):
        asked = home.control("may", access_key=key, service="sts", operation="AssumeRole", resource=arn)
        if "refusal" in asked:
            return refusal(asked["refusal"])
        status, headers, answer = self.forward(there, body, {"X-Emulator-Caller": asked["caller"]})
        made = re.search(rb"<AccessKeyId>([^<]+)<", answer)
        if made:
            self.server.accounts.keys[made.group(1).decode()] = there
        return status, headers, answer

    def forward(self, account, body, more):
        connection = http.client.HTTPConnection("127.0.0.1", account.port, timeout=120)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in HOP_BY_HOP:
                connection.putheader(name, value)
        for name, value in more.items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        content = answer.read()
        headers = answer.getheaders()
        connection.close()
        return answer.status, headers, content

    def answer(self, status, headers, body):
        self.send_response_only(status)
        length = str(len(body))
        for name, value in headers:
            if name.lower() == "content-length" and self.command == "HEAD":
                length = value
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_arguments):
        """Says nothing: each emulator lists its calls."""


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that went away is no news; everything else is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class TwoAccounts:
    """`first` answers every key that is not known to be of `second`, for which the test's own key is "second"."""

    def __init__(self, first="123456789012", second="222222222222"):
        self.first, self.second = Emulator(first), Emulator(second)
        self.by_number = {one.account: one for one in (self.first, self.second)}
        self.keys = {"second": self.second}
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.accounts = self
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def of(self, key):
        return self.keys.get(key, self.first)

    def enforce(self, on=True):
        for one in self.by_number.values():
            one.control("enforce", on=on)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        for one in self.by_number.values():
            one.stop()
