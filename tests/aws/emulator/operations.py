"""Which operation of which service a request calls, from botocore's models: for the list of calls and for permissions."""
import functools
import json
import re
import urllib.parse

from .moto_calls import SESSION

ACTION = re.compile(rb"(?:^|&)Action=(\w+)")
SIGNING_NAMES = {"monitoring": "cloudwatch", "elasticloadbalancing": "elbv2", "email": "ses", "access-analyzer": "accessanalyzer"}


def service_model(service):
    """botocore's model of a service."""
    return SESSION._session.get_service_model(service)


def scope(environ):
    """(access key, region, service) of the request's Authorization, or of its presigned query; Nones when unsigned."""
    found = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request",
                      environ.get("HTTP_AUTHORIZATION", "") or urllib.parse.unquote(environ.get("QUERY_STRING", "")))
    return found.groups() if found else (None, None, None)


@functools.lru_cache(maxsize=None)
def _rest(service):
    """(method, path pattern, names in the query, operation) of a REST service, the most particular first."""
    rows = []
    model = service_model(service)
    for name in model.operation_names:
        http = model.operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        pattern = re.sub(r"\\\{[^}]*\\\+\\\}", ".+", re.escape(path))
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", pattern)
        wanted = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        rows.append((http["method"], re.compile(pattern.rstrip("/") + "/?"), wanted, name))
    return sorted(rows, key=lambda row: -len(row[2]) * 1000 - len(row[1].pattern))


def operation_of(environ, service, body):
    """The name of the operation, or METHOD PATH when no model tells."""
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return target.rpartition(".")[2]
    action = ACTION.search(body[:4096]) or ACTION.search(environ.get("QUERY_STRING", "").encode())  # not the whole form: it may hold a template
    if action:
        return action.group(1).decode()
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    given = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    try:
        copies = "HTTP_X_AMZ_COPY_SOURCE" in environ  # only this header tells CopyObject from PutObject
        for wanted_method, pattern, wanted, name in _rest(SIGNING_NAMES.get(service, service)):
            if "Copy" in name and not copies or name == "PutObject" and copies:
                continue
            if method == wanted_method and pattern.fullmatch(path) and all(
                    key in given and (not value or given[key] == value) for key, value in wanted.items()):
                return name
    except Exception:  # a service that botocore does not have
        pass
    return f"{method} {path}"


def denied(service, failure):
    """(status, content type, body) of a refusal in the protocol of a service."""
    protocol = "query"
    try:
        protocol = service_model(SIGNING_NAMES.get(service, service)).metadata["protocol"]
    except Exception:
        pass
    if protocol in ("json", "rest-json"):
        body = json.dumps({"__type": "AccessDeniedException", "message": failure.message})
        return 400, "application/x-amz-json-1.1", body
    error = f"<Error><Code>AccessDenied</Code><Message>{failure.message}</Message></Error>"
    if service == "ec2":
        error = error.replace("AccessDenied", "UnauthorizedOperation")
        return 403, "text/xml", f"<Response><Errors>{error}</Errors><RequestID>emulated</RequestID></Response>"
    if service == "s3":
        return 403, "application/xml", error
    return 403, "text/xml", f"<ErrorResponse>{error}<RequestId>emulated</RequestId></ErrorResponse>"
