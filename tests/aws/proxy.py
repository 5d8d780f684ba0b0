#!/usr/bin/env python3
"""A loopback proxy between an AWS client and an emulator that injects the faults of real networks and of AWS.

    tests/aws/python tests/aws/proxy.py --upstream http://127.0.0.1:5000 [--port 0] [--seed 1] [--rules FILE]

It prints "listening on PORT" and serves until SIGTERM. The client uses it as AWS_ENDPOINT_URL=http://127.0.0.1:PORT; it
signs for that address, and the proxy passes Host, path, query, headers and body on as they came, so that an emulator that
verifies signatures can.

Control (JSON over HTTP, on the same port; never injected into, never passed on):
    GET    /golive-proxy/state   {"requests", "forwarded", "faults": {fault: n}, "operations": {"service:Operation":
                                 {"requests", "forwarded", "faults": {fault: n}}}, "rules": [...]}
    GET    /golive-proxy/log     every request in order: {"n", "service", "operation", "target", "fault", "status",
                                 "applied"}; "target" is path and query, "applied" says whether the emulator got it,
                                 "status" what the emulator answered; "stack" is CloudFormation's StackName
    PUT    /golive-proxy/rules   replaces the rules by a list;  POST adds one;  DELETE removes all
    POST   /golive-proxy/reset   removes rules, counts and log and starts the random numbers again

A rule is an object; the first rule that fits a request is used, at most one per request:
    fault        what to do, see below (required)
    service      fnmatch pattern on botocore's service name ("ecs", "s*"), default "*"
    operation    fnmatch pattern on the operation ("CreateCluster", "Describe*"), default "*"
    skip         let so many fitting requests pass first, default 0
    count        use the rule so often at most, default without end
    probability  0..1, default 1; drawn from random numbers of this rule, seeded by --seed and the rule's place
Faults and their own keys:
    throttle       the service's protocol and words for "too many requests"; `retry_after_s` adds Retry-After
    error          `status` (500), `body`: "protocol" (default), "json", "xml", "html" or "empty"
    drop-before    the connection ends; the emulator never saw the request
    drop-after     the emulator applied the request; the connection ends without an answer
    cut            the emulator applied the request; half of the answer's body arrives, then the connection ends
    slow           the emulator applied the request; the answer waits `delay_ms` (1000)
    late           the request waits `delay_ms` (1000) and is then applied, whether or not the client still listens
    expired-token  the service's words for an expired session token
    clock-skew     AWS's clock is `skew_s` ahead of this machine's: a request whose X-Amz-Date is more than 300 s off that
                   clock is refused in the service's words (counted), every other one passes; Date headers show that clock
Operations are told by X-Amz-Target, Action=, or for REST services by botocore's URIs; requests of nobody's service
("/moto-api/", "/golive-test/") always pass.
"""
import argparse
import calendar
import email.utils
import fnmatch
import functools
import http.client
import http.server
import json
import random
import re
import signal
import socket
import struct
import sys
import threading
import time
import urllib.parse
import uuid

import botocore.loaders
import botocore.model

CONTROL = "/golive-proxy/"
PASS_ALWAYS = ("/moto-api/", "/golive-test/")
SKEW_ALLOWED_S = 300
FAULTS = {"throttle", "error", "drop-before", "drop-after", "cut", "slow", "late", "expired-token", "clock-skew"}
KEYS = {"fault": str, "service": str, "operation": str, "skip": int, "count": int, "probability": (int, float), "status": int,
        "body": str, "delay_ms": int, "skew_s": int, "retry_after_s": int}
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-connection"}
# Where the name in a signature's scope is not botocore's name of the service.
BY_SIGNING_NAME = {"monitoring": "cloudwatch", "elasticloadbalancing": "elbv2", "tagging": "resourcegroupstaggingapi",
                   "access-analyzer": "accessanalyzer", "servicequotas": "service-quotas", "cloudcontrolapi": "cloudcontrol",
                   "awsssoportal": "sso", "sso-oauth": "sso-oidc"}
# Calls that nobody signs.
UNSIGNED = {"AssumeRoleWithWebIdentity": "sts", "/federation/credentials": "sso", "/token": "sso-oidc"}


# ---- what a request is -------------------------------------------------------------------------

@functools.lru_cache(maxsize=None)
def model(service):
    """botocore's model of a service, or None."""
    try:
        loader = botocore.loaders.create_loader()
        return botocore.model.ServiceModel(loader.load_service_model(service, "service-2"), service)
    except botocore.exceptions.DataNotFoundError:
        return None


@functools.lru_cache(maxsize=None)
def routes(service):
    """(method, path pattern, wanted query keys, name) of a REST service, the most particular first."""
    found = []
    for name in model(service).operation_names:
        if model(service).operation_model(name).deprecated:
            continue
        rule = model(service).operation_model(name).http
        path, _, query = rule["requestUri"].partition("?")
        pattern = re.sub(r"\\\{[^}]*\\\+\\\}", ".+", re.escape(path))
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", pattern)
        wanted = frozenset(part.partition("=")[0] for part in query.split("&") if part)
        found.append((rule["method"], re.compile(pattern.rstrip("/") + "/?$"), wanted, name))
    return sorted(found, key=lambda route: (-len(route[2]), route[1].pattern.count("+"), route[3]))


def rest_operation(service, method, path, query, copies):
    """`copies`: S3 tells a copy from an upload by a header only."""
    keys = {key for key, _ in urllib.parse.parse_qsl(query, keep_blank_values=True)}
    for wanted_method, pattern, wanted, name in routes(service):
        if method == wanted_method and wanted <= keys and pattern.match(path) and (service != "s3" or copies == ("Copy" in name)):
            return name
    return "?"


def classify(method, target, headers, body):
    """(service, operation); ("?", "?") for a request that is no call of AWS."""
    path, _, query = target.partition("?")
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request", headers.get("Authorization") or "")
    form = {}
    if "x-www-form-urlencoded" in (headers.get("Content-Type") or ""):
        form = dict(urllib.parse.parse_qsl(body.decode(errors="replace")))
    action = form.get("Action")
    service = UNSIGNED.get(action) or UNSIGNED.get(path)
    if scope:
        service = BY_SIGNING_NAME.get(scope.group(1), scope.group(1))
    if not service or not model(service):
        return "?", "?"
    amz_target = headers.get("X-Amz-Target")
    if amz_target:
        return service, amz_target.rpartition(".")[2]
    if action:
        return service, action
    if model(service).metadata["protocol"].startswith("rest"):
        return service, rest_operation(service, method, path, query, "x-amz-copy-source" in headers)
    return service, "?"


# ---- what AWS says -----------------------------------------------------------------------------

def family(service):
    """How the service words its errors: s3 and ec2 have their own ways."""
    found = model(service)
    protocol = found.metadata["protocol"] if found else "json"
    return {"s3": "s3", "ec2": "ec2"}.get(service) or {"smithy-rpc-v2-cbor": "json"}.get(protocol, protocol)


# family -> kind -> (status, code, message)
WORDS = {
    "json": {"throttle": (400, "ThrottlingException", "Rate exceeded"),
             "expired-token": (400, "ExpiredTokenException", "The security token included in the request is expired"),
             "clock-skew": (400, "InvalidSignatureException", "Signature expired: {sent} is now earlier than {least}"),
             "error": (500, "InternalFailure", "An internal error occurred")},
    "rest-json": {"throttle": (429, "TooManyRequestsException", "Too Many Requests"),
                  "expired-token": (403, "ExpiredTokenException", "The security token included in the request is expired"),
                  "clock-skew": (403, "InvalidSignatureException", "Signature expired: {sent} is now earlier than {least}"),
                  "error": (500, "InternalServerException", "An internal error occurred")},
    "query": {"throttle": (400, "Throttling", "Rate exceeded"),
              "expired-token": (403, "ExpiredToken", "The security token included in the request is expired"),
              "clock-skew": (403, "SignatureDoesNotMatch", "Signature expired: {sent} is now earlier than {least}"),
              "error": (500, "InternalFailure", "An internal error occurred")},
    "rest-xml": {"throttle": (400, "Throttling", "Rate exceeded"),
                 "expired-token": (403, "ExpiredToken", "The security token included in the request is expired"),
                 "clock-skew": (403, "SignatureDoesNotMatch", "Signature expired: {sent} is now earlier than {least}"),
                 "error": (500, "InternalFailure", "An internal error occurred")},
    "ec2": {"throttle": (503, "RequestLimitExceeded", "Request limit exceeded."),
            "expired-token": (400, "RequestExpired", "Request has expired."),
            "clock-skew": (403, "SignatureDoesNotMatch", "Signature expired: {sent} is now earlier than {least}"),
            "error": (500, "InternalError", "An internal error has occurred")},
    "s3": {"throttle": (503, "SlowDown", "Please reduce your request rate."),
           "expired-token": (400, "ExpiredToken", "The provided token has expired."),
           "clock-skew": (403, "RequestTimeTooSkewed",
                          "The difference between the request time and the current time is too large."),
           "error": (500, "InternalError", "We encountered an internal error. Please try again.")},
}
XML = {
    "query": '<ErrorResponse xmlns="{ns}"><Error><Type>{who}</Type><Code>{code}</Code><Message>{message}</Message></Error>'
             "<RequestId>{id}</RequestId></ErrorResponse>",
    "ec2": "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
           "<RequestID>{id}</RequestID></Response>",
    "s3": "<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{id}</RequestId><HostId>x</HostId></Error>",
}
XML["rest-xml"] = XML["query"]
HTML = "<html><head><title>{status}</title></head><body><h1>{status} Service Temporarily Unavailable</h1></body></html>"


def words(service, kind, **fill):
    status, code, message = WORDS[family(service)][kind]
    return status, code, message.format(**fill)


def error_answer(service, status, code, message, body="protocol"):
    """(status, headers, body) as the service's protocol has it, or as something in between answers (`body`)."""
    ident = str(uuid.uuid4())
    kind = family(service)
    if body == "html":
        return status, {"Content-Type": "text/html"}, HTML.format(status=status)
    if body == "empty":
        return status, {}, ""
    if body == "protocol":
        body = "xml" if kind in XML else "json"
    headers = {"x-amzn-RequestId": ident}
    if body == "json":
        headers["Content-Type"] = "application/json" if kind == "rest-json" else "application/x-amz-json-1.1"
        if kind == "rest-json":
            headers["x-amzn-ErrorType"] = code
            return status, headers, json.dumps({"message": message})
        return status, headers, json.dumps({"__type": code, "message": message})
    headers["Content-Type"] = "text/xml"
    namespace = (model(service).metadata.get("xmlNamespace") if model(service) else None) or ""
    namespace = namespace.get("uri", "") if isinstance(namespace, dict) else namespace
    text = XML.get(kind, XML["query"]).format(ns=namespace, who="Receiver" if status >= 500 else "Sender", code=code,
                                              message=message, id=ident)
    return status, headers, '<?xml version="1.0" encoding="UTF-8"?>\n' + text


# ---- rules -------------------------------------------------------------------------------------

class BadRule(ValueError):
    pass


class Rule:
    def __init__(self, spec, seed, place):
        if not isinstance(spec, dict) or spec.get("fault") not in FAULTS:
            raise BadRule(f"a rule is an object with a fault of {sorted(FAULTS)}: {spec!r}")
        for key, value in spec.items():
            if key not in KEYS or not isinstance(value, KEYS[key]) or isinstance(value, bool):
                raise BadRule(f"unknown key or wrong type: {key}={value!r}")
        if spec.get("body", "protocol") not in ("protocol", "json", "xml", "html", "empty"):
            raise BadRule(f"unknown body: {spec['body']!r}")
        self.spec = spec
        self.seen = 0
        self.used = 0
        self.random = random.Random(f"{seed}/{place}")

    def fits(self, service, operation):
        return (service != "?" and fnmatch.fnmatchcase(service, self.spec.get("service", "*")) and
                fnmatch.fnmatchcase(operation, self.spec.get("operation", "*")))

    def takes(self):
        """Whether this fitting request gets the fault; counts it."""
        self.seen += 1
        drawn = self.random.random() < self.spec.get("probability", 1)
        if self.seen <= self.spec.get("skip", 0) or self.used >= self.spec.get("count", sys.maxsize) or not drawn:
            return False
        self.used += 1
        return True

    def shown(self):
        return self.spec | {"seen": self.seen, "used": self.used}


class Desk:
    """Rules, counts and log; every method may be called from any thread."""

    def __init__(self, seed):
        self.lock = threading.Lock()
        self.seed = seed
        self.reset()

    def reset(self):
        with self.lock:
            self.rules = []
            self.log = []

    def set_rules(self, specs):
        rules = [Rule(spec, self.seed, place) for place, spec in enumerate(specs)]
        with self.lock:
            self.rules = rules

    def add_rule(self, spec):
        with self.lock:
            self.rules.append(Rule(spec, self.seed, len(self.rules)))

    def begin(self, service, operation, sent, target):
        """Notes a request; its entry of the log and the rule to use on it, or None."""
        with self.lock:
            entry = {"n": len(self.log) + 1, "service": service, "operation": operation, "target": target, "fault": None,
                     "status": None, "applied": False}
            self.log.append(entry)
            for rule in self.rules:
                if not rule.fits(service, operation):
                    continue
                if rule.spec["fault"] == "clock-skew" and not is_skewed(sent, rule.spec.get("skew_s", 0)):
                    continue
                if rule.takes():
                    entry["fault"] = rule.spec["fault"]
                    return entry, rule.spec
            return entry, None

    def skew_s(self):
        with self.lock:
            return next((rule.spec.get("skew_s", 0) for rule in self.rules if rule.spec["fault"] == "clock-skew"), None)

    def forwarded(self, entry, status):
        with self.lock:
            entry["applied"] = True
            entry["status"] = status

    def state(self):
        with self.lock:
            total = {"requests": 0, "forwarded": 0, "faults": {}}
            operations = {}
            for entry in self.log:
                one = operations.setdefault(f"{entry['service']}:{entry['operation']}",
                                            {"requests": 0, "forwarded": 0, "faults": {}})
                for counts in (total, one):
                    counts["requests"] += 1
                    counts["forwarded"] += entry["applied"]
                    if entry["fault"]:
                        counts["faults"][entry["fault"]] = counts["faults"].get(entry["fault"], 0) + 1
            return total | {"operations": operations, "rules": [rule.shown() for rule in self.rules]}

    def copy_log(self):
        with self.lock:
            return [dict(entry) for entry in self.log]


def is_skewed(sent, skew_s):
    """Whether an X-Amz-Date is too far from a clock that is `skew_s` ahead; a request without one never is."""
    try:
        at = calendar.timegm(time.strptime(sent or "", "%Y%m%dT%H%M%SZ"))
    except ValueError:
        return False
    return abs(time.time() + skew_s - at) > SKEW_ALLOWED_S


# ---- the proxy ---------------------------------------------------------------------------------

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def read_body(self):
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def handle_any(self):
        body = self.read_body()
        if self.path.startswith(CONTROL):
            return self.control(self.path[len(CONTROL):], body)
        service, operation = ("?", "?") if self.path.startswith(PASS_ALWAYS) else classify(self.command, self.path,
                                                                                          self.headers, body)
        entry, rule = self.server.desk.begin(service, operation, self.headers.get("X-Amz-Date"), self.path)
        if service == "cloudformation":
            entry["stack"] = urllib.parse.parse_qs(body.decode()).get("StackName", [None])[0]
        if not rule:
            return self.answer(*self.forward(entry, body))
        return getattr(self, "do_" + rule["fault"].replace("-", "_"))(rule, entry, service, body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = handle_any

    # -- passing on

    def forward(self, entry, body):
        """The emulator's answer: (status, [(name, value)], body). 502 when there is none."""
        upstream = self.server.upstream
        connection = http.client.HTTPConnection(upstream.hostname, upstream.port, timeout=300)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in HOP_BY_HOP and name.lower() not in ("content-length", "expect"):
                    connection.putheader(name, value)
            if body or self.command in ("POST", "PUT", "PATCH"):
                connection.putheader("Content-Length", str(len(body)))
            connection.putheader("Connection", "close")
            connection.endheaders(body or None)
            answer = connection.getresponse()
            content = answer.read()
            self.server.desk.forwarded(entry, answer.status)
            return answer.status, answer.getheaders(), content
        except (OSError, http.client.HTTPException) as problem:
            return 502, [("Content-Type", "text/plain")], f"proxy: the emulator did not answer: {problem}".encode()
        finally:
            connection.close()

    def answer(self, status, headers, body, cut=False):
        self.send_response_only(status)
        skew_s = self.server.desk.skew_s()
        names = {name.lower() for name, _ in headers}
        for name, value in headers:
            if name.lower() in HOP_BY_HOP or name.lower() in ("content-length", "date"):
                continue
            self.send_header(name, value)
        date = next((value for name, value in headers if name.lower() == "date"), None)
        self.send_header("Date", email.utils.formatdate(time.time() + (skew_s or 0), usegmt=True)
                         if skew_s is not None or date is None else date)
        length = str(len(body))
        if self.command == "HEAD" and "content-length" in names:
            length = next(value for name, value in headers if name.lower() == "content-length")
        if status not in (204, 304):
            self.send_header("Content-Length", length)
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.write(body[:len(body) // 2] if cut else body)

    def answer_error(self, service, kind, **keys):
        status, code, message = words(service, kind, sent=self.headers.get("X-Amz-Date"), least=keys.pop("least", ""))
        status, headers, body = error_answer(service, keys.pop("status", status), code, message, keys.pop("body", "protocol"))
        headers |= keys.pop("headers", {})
        self.answer(status, list(headers.items()), body.encode())

    def drop(self):
        """Ends the connection by a reset, as a load balancer or a lost link does."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    # -- faults, one method each

    def do_throttle(self, rule, entry, service, body):
        after = {"Retry-After": str(rule["retry_after_s"])} if "retry_after_s" in rule else {}
        self.answer_error(service, "throttle", headers=after)

    def do_error(self, rule, entry, service, body):
        self.answer_error(service, "error", status=rule.get("status", 500), body=rule.get("body", "protocol"))

    def do_expired_token(self, rule, entry, service, body):
        self.answer_error(service, "expired-token")

    def do_clock_skew(self, rule, entry, service, body):
        least = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() + rule.get("skew_s", 0) - SKEW_ALLOWED_S))
        self.answer_error(service, "clock-skew", least=least)

    def do_drop_before(self, rule, entry, service, body):
        self.drop()

    def do_drop_after(self, rule, entry, service, body):
        self.forward(entry, body)
        self.drop()

    def do_cut(self, rule, entry, service, body):
        self.answer(*self.forward(entry, body), cut=True)
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def do_slow(self, rule, entry, service, body):
        answer = self.forward(entry, body)
        time.sleep(rule.get("delay_ms", 1000) / 1000)
        self.answer(*answer)

    def do_late(self, rule, entry, service, body):
        time.sleep(rule.get("delay_ms", 1000) / 1000)
        self.answer(*self.forward(entry, body))

    # -- control

    def control(self, what, body):
        desk = self.server.desk
        actions = {
            ("GET", "state"): lambda: desk.state(),
            ("GET", "log"): lambda: desk.copy_log(),
            ("PUT", "rules"): lambda: desk.set_rules(json.loads(body)),
            ("POST", "rules"): lambda: desk.add_rule(json.loads(body)),
            ("DELETE", "rules"): lambda: desk.set_rules([]),
            ("POST", "reset"): lambda: desk.reset(),
        }
        action = actions.get((self.command, what))
        try:
            status, result = (200, action()) if action else (404, {"error": "no such control"})
        except (BadRule, ValueError, TypeError) as problem:
            status, result = 400, {"error": str(problem)}
        self.answer(status, [("Content-Type", "application/json")], json.dumps(result).encode())

    def log_message(self, *args):
        pass


class Proxy(http.server.ThreadingHTTPServer):
    """`Proxy(upstream_url, port=0, seed=1)`; serve_forever() in a thread of a test, or main()."""
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, upstream, port=0, seed=1):
        self.upstream = urllib.parse.urlsplit(upstream)
        self.desk = Desk(seed)
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request, client_address):
        """A client that went away is no news; everything else is."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, OSError, ValueError)):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser(description="injects faults between an AWS client and an emulator; see the file's head")
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rules", help="a JSON file with a list of rules")
    options = parser.parse_args()
    proxy = Proxy(options.upstream, options.port, options.seed)
    if options.rules:
        with open(options.rules) as file:
            proxy.desk.set_rules(json.load(file))
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=proxy.shutdown).start())
    print(f"listening on {proxy.server_port}", flush=True)
    proxy.serve_forever(poll_interval=0.05)


if __name__ == "__main__":
    main()
