"""A small application, which every task is unless its behaviour names another: health, JSON, CORS, errors and slowness as asked."""
import http.client
import json
import math
import threading
import time

from .message import Answer

LOCK = threading.Lock()
HOP_BY_HOP = {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "content-length"}
TIMEOUT_S = 60  # a load balancer's idle_timeout


class Unreachable(Exception):
    """No connection to the target, or none that gave an HTTP answer."""


class TooSlow(Exception):
    """No answer within the idle time."""


def _json(code, **members):
    return Answer(code, [("Content-Type", "application/json")], json.dumps(members).encode())


def _fails(rule):
    """Whether this request of the rule's tasks is one of its share of errors; they are spread evenly."""
    if not rule.error_share:
        return False
    with LOCK:
        rule.requests = getattr(rule, "requests", 0) + 1
        return math.floor(rule.requests * rule.error_share) > math.floor((rule.requests - 1) * rule.error_share)


def origins(task):
    """What the task definition allows as origins: CORS_ORIGIN, by commas; None when it says nothing."""
    value = getattr(task, "environment", {}).get("CORS_ORIGIN")
    return [one.strip() for one in value.split(",")] if value else None


def _cors(task, request, answer):
    origin, allowed = request.headers.get("origin"), origins(task)
    if origin and (allowed is None or origin in allowed):
        answer.headers += [("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true"), ("Vary", "Origin")]
        if request.method == "OPTIONS":
            answer.headers += [("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"), ("Access-Control-Max-Age", "600"),
                               ("Access-Control-Allow-Headers", request.headers.get("access-control-request-headers", "*"))]
    return answer


def _built_in(task, request):
    rule = task.behaviour
    if rule.slow_s:
        time.sleep(rule.slow_s)
    if request.path == "/healthz":
        return _json(200, status="ok")
    if request.path == "/readyz":
        return _json(200, db="ok") if rule.healthy else _json(503, db="down")
    if request.method == "OPTIONS" and "access-control-request-method" in request.headers:
        return Answer(204)
    if _fails(rule):
        return _json(500, error="internal error", digest=task.digest)
    return _json(200, digest=task.digest, task=task.id, method=request.method, path=request.path)


def _forwarded(task, request):
    """What the process behind the task answers."""
    host, _, port = task.forward.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=TIMEOUT_S)
    headers = {name: value for name, value in request.headers.items() if name not in HOP_BY_HOP}
    headers.update({"Host": request.host, "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "443"})
    try:
        connection.request(request.method, request.target, request.body or None, headers)
        found = connection.getresponse()
        listed = [(name, value) for name, value in found.getheaders() if name.lower() not in HOP_BY_HOP]
        return Answer(found.status, listed, found.read())
    except TimeoutError as error:
        raise TooSlow from error
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(str(error)) from error
    finally:
        connection.close()


def answer(task, request):
    """The answer of a task; Unreachable or TooSlow when there is none."""
    if task.forward:
        return _forwarded(task, request)
    return _cors(task, request, _built_in(task, request))
