"""An application load balancer: the rules of moto's elbv2, by priority, and the targets that tasks are.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
"""
import fnmatch
import ipaddress
import re
import time
import urllib.parse

from moto.elbv2.models import elbv2_backends

from .. import moto_calls
from ..compute import targets
from ..stack import ACCOUNT
from . import application, counts
from .message import Answer, text

TURNS = {}  # rule ARN: {target group: credit}, for smooth weighted round robin
NEXT = {}  # target group: how many requests it got, for round robin
ADDED = {  # listener attribute: header that it adds to answers
    "routing.http.response.strict_transport_security.header_value": "Strict-Transport-Security",
    "routing.http.response.content_security_policy.header_value": "Content-Security-Policy",
    "routing.http.response.x_content_type_options.header_value": "X-Content-Type-Options",
    "routing.http.response.x_frame_options.header_value": "X-Frame-Options",
}


def _glob(patterns, value):
    return any(fnmatch.fnmatchcase(value.lower(), one.lower()) for one in patterns)


def _header(condition, request):
    wanted = condition["HttpHeaderConfig"]
    value = request.headers.get(wanted["HttpHeaderName"].lower())
    return value is not None and _glob(wanted["Values"], value)


def _query(condition, request):
    given = urllib.parse.parse_qsl(request.query, keep_blank_values=True)
    return any(_glob([one["Value"]], value) and ("Key" not in one or _glob([one["Key"]], key))
               for one in condition["QueryStringConfig"]["Values"] for key, value in given)


def _source(condition, _request):
    return any(ipaddress.ip_address("127.0.0.1") in ipaddress.ip_network(one) for one in condition["SourceIpConfig"]["Values"])


def _values(condition, config):
    return condition.get(config, {}).get("Values") or condition.get("Values") or []


CONDITIONS = {  # field: whether a condition of it holds
    "host-header": lambda condition, request: _glob(_values(condition, "HostHeaderConfig"), request.host),
    "path-pattern": lambda condition, request: any(fnmatch.fnmatchcase(request.path, one) for one in _values(condition, "PathPatternConfig")),
    "http-request-method": lambda condition, request: request.method in condition["HttpRequestMethodConfig"]["Values"],
    "http-header": _header, "query-string": _query, "source-ip": _source,
}


def _rules(listener):
    """By priority, the default last."""
    return sorted(listener.rules.values(), key=lambda one: (one.priority == "default", int(one.priority) if str(one.priority).isdigit() else 0))


def _names(rule, host):
    return any(one["Field"] == "host-header" and _glob(_values(one, "HostHeaderConfig"), host) for one in rule.conditions)


def find(host):
    """(balancer, listener) that serves a host: by a host-header rule, or by the balancer's own name; HTTPS first. None: nobody."""
    found = []
    for backend in elbv2_backends[ACCOUNT].values():
        for balancer in backend.load_balancers.values():
            for listener in balancer.listeners.values():
                if host == balancer.dns_name.lower() or any(_names(rule, host) for rule in listener.rules.values()):
                    found.append((balancer, listener))
    return min(found, key=lambda one: one[1].protocol != "HTTPS", default=None)


def _data(action):
    return action.data if hasattr(action, "data") else action


def _group(rule, action):
    """The target group for the next request of a rule, by weight; None when all weights are 0."""
    listed = action.get("ForwardConfig", {}).get("TargetGroups") or [{"TargetGroupArn": action["TargetGroupArn"], "Weight": 1}]
    shares = {one["TargetGroupArn"]: int(one.get("Weight", 1)) for one in listed}
    shares = {arn: weight for arn, weight in shares.items() if weight}
    if not shares:
        return None
    kept = TURNS.get(rule.arn)
    if kept is None or kept[0] != shares:
        kept = TURNS[rule.arn] = (shares, dict.fromkeys(shares, 0))
    credit = kept[1]
    for arn, weight in shares.items():
        credit[arn] += weight
    chosen = max(credit, key=credit.get)
    credit[chosen] -= sum(shares.values())
    return chosen


def _target(group):
    """The next healthy task of a group; when none is healthy any, as load balancers do (fail open); None when there is none."""
    known = targets.of_group(group)
    listed = [one for one in known if one.health == "healthy"] or known
    if not listed:
        return None
    NEXT[group] = NEXT.get(group, -1) + 1
    return listed[NEXT[group] % len(listed)]


def _choose(listener, request):
    """(action, group ARN or None, task or None) for a request."""
    for rule in _rules(listener):
        if all(CONDITIONS[one["Field"]](one, request) for one in rule.conditions):
            action = _data(rule.actions[-1])
            group = _group(rule, action) if action["Type"] == "forward" else None
            return action, group, _target(group) if group else None
    return {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}, None, None


def _fixed(action, _request):
    given = action["FixedResponseConfig"]
    return text(int(given["StatusCode"]), given.get("MessageBody") or "", given.get("ContentType") or "text/plain")


def _redirect(action, request):
    given = action["RedirectConfig"]
    parts = {"protocol": "https", "host": request.host, "port": "443", "path": request.path.lstrip("/"), "query": request.query}
    fill = lambda pattern: re.sub(r"#\{(\w+)\}", lambda found: parts[found.group(1)], pattern)
    protocol, port = fill(given.get("Protocol") or "#{protocol}").lower(), fill(given.get("Port") or "#{port}")
    query = fill(given.get("Query") or "#{query}")
    place = f"{protocol}://{fill(given.get('Host') or '#{host}')}:{port}{fill(given.get('Path') or '/#{path}')}{'?' + query if query else ''}"
    return Answer(int(given["StatusCode"].removeprefix("HTTP_")), [("Location", place)])


OWN = {"fixed-response": _fixed, "redirect": _redirect}


def _error(balancer, group, status, words, connection=False):
    counts.refused(balancer, group, status, connection)
    page = f"<html>\r\n<head><title>{status} {words}</title></head>\r\n<body>\r\n<center><h1>{status} {words}</h1></center>\r\n</body>\r\n</html>\r\n"
    return text(status, page, "text/html")


def _by_target(balancer, group, task, request):
    begun = time.monotonic()
    try:
        found = application.answer(task, request)
    except application.Unreachable:
        return _error(balancer, group, 502, "Bad Gateway", connection=True)
    except application.TooSlow:
        return _error(balancer, group, 504, "Gateway Time-out")
    counts.answered(balancer, group, task, found.status, time.monotonic() - begun)
    return found


def answer(balancer, listener, request):
    """The answer of a load balancer. Does not hold moto's lock while the target works."""
    with moto_calls.LOCK:
        action, group, task = _choose(listener, request)
        added = [(header, listener.attributes[name]) for name, header in ADDED.items() if listener.attributes.get(name)]
    if action["Type"] in OWN:
        found = OWN[action["Type"]](action, request)
    elif task is None:
        found = _error(balancer.arn, group, 503, "Service Temporarily Unavailable")
    else:
        found = _by_target(balancer.arn, group, task, request)
    for name, value in added:
        found.set(name, value)
    return found
