"""The emulator as a WSGI application: control, CloudFormation by the emulator itself, everything else by moto."""
import datetime
import io
import json
import sys
import traceback

from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from . import actions, beside, control, economy, extra_apis, iam, log_reading, moto_calls, moto_gaps, operations, query, snapshots, trust
from .clock import CLOCK
from .compute import backend, command
from .edge import counts, distributions, metrics
from .edge import server as edge
from .errors import AwsError
from .registry import front, images
from .registry.daemon import DAEMON
from .settings import Settings

LOG_LIMIT = 100000


class Application:
    """Serves every AWS service, and /golive-test/ beside them."""

    def __init__(self, connections):
        self.settings, self.calls = Settings(), []
        economy.work_out_once()
        self.moto = DomainDispatcherApplication(economy.create_backend_app)
        moto_calls.serve_with(self.moto)
        moto_gaps.close_gaps()
        backend.install(self.settings)
        log_reading.install()
        metrics.install()
        distributions.install(self.settings)
        snapshots.install(self.settings)
        self.registry = front.Front(connections)
        images.install(self.settings, self.registry.address)
        self.registry.install()
        CLOCK.run(counts.watch())
        self.edge = edge.Server(connections)
        self.start()
        economy.collect_seldom()

    def start(self):
        """Begins to serve beside AWS's API: load balancers and CloudFront, the registry."""
        self.edge.start()
        self.registry.start()

    def close(self, whole=True):
        """Leaves neither processes nor files behind; not whole: others go on with the edge's certificates."""
        DAEMON.close()
        command.end_all()
        if whole:
            self.edge.authority.close()

    def __call__(self, environ, start_response):
        body = _body(environ)
        if environ["PATH_INFO"].startswith("/golive-test/"):
            status, content_type, answer = control.perform(self, environ["REQUEST_METHOD"], environ["PATH_INFO"], body)
            return _send(start_response, status, content_type, answer)
        access_key, region, service = operations.scope(environ)
        if environ["PATH_INFO"].startswith("/moto-api"):
            return self.by_moto(environ, start_response)
        return self.aws(environ, start_response, body, (access_key, region, service))

    def aws(self, environ, start_response, body, scope):
        access_key, region, service = scope
        operation = operations.operation_of(environ, service, body)
        with moto_calls.LOCK:
            principal = iam.by_access_key(access_key) if access_key else None
        self.record(service, operation, principal, region)
        if service == "cloudformation":
            status, answer = self.cloudformation(operation, body, region, principal)
            return _send(start_response, status, "text/xml", answer)
        try:
            if (service, operation) == ("sts", "AssumeRole") and iam.enforced:
                trust.require(environ.get(trust.CALLER) or (principal and principal.source), body)
            foreign = environ.get(trust.CALLER)  # whose own account asked its policies already
            for needed in beside.rights(service, operation, environ, body) if service and iam.enforced and not foreign else []:
                iam.require(principal, *needed)
        except AwsError as error:
            return _send(start_response, *operations.denied(service, error))
        extra = extra_apis.perform(service, operation, region, environ, body)
        if extra:
            return _send(start_response, *extra)
        return self.by_moto(environ, start_response)

    def by_moto(self, environ, start_response):
        with moto_calls.LOCK:
            answer = list(self.moto(environ, start_response))
        CLOCK.poke()
        return answer

    def cloudformation(self, operation, body, region, principal):
        try:
            request = query.request(operation, query.fields(body.decode())) if operation in actions.TABLE else {}
            result = actions.perform(operation, request, region, principal, self.settings)
            return query.answer(operation, result)
        except AwsError as error:
            return query.error(error)
        except Exception as error:  # a mistake of the emulator: said here, and answered as AWS answers its own
            traceback.print_exc(file=sys.stderr)
            return query.error(AwsError("InternalFailure", f"{type(error).__name__}: {error}", 500))

    def record(self, service, operation, principal, region):
        if len(self.calls) < LOG_LIMIT:
            self.calls.append({"service": service, "operation": operation, "region": region,
                               "principal": principal.arn if principal else None,
                               "time": datetime.datetime.now(datetime.timezone.utc).isoformat()})


def _body(environ):
    length = environ.get("CONTENT_LENGTH")
    if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked" and not length:
        body = environ["wsgi.input"].read()
        environ["CONTENT_LENGTH"] = str(len(body))
    else:
        body = environ["wsgi.input"].read(int(length or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _send(start_response, status, content_type, answer):
    data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
    start_response(f"{status} {'OK' if status < 400 else 'Error'}", [("Content-Type", content_type), ("Content-Length", str(len(data)))])
    return [data]
