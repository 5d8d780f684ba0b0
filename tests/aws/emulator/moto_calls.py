"""Calls from the emulator to moto inside the same process: boto3 without sockets, one call at a time.

moto's backends are plain dictionaries without locks. LOCK serialises every request to them, from inside and outside.
"""
import datetime
import functools
import io
import threading
import urllib.parse

import boto3
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from werkzeug.test import EnvironBuilder, run_wsgi_app

INTERNAL_KEY = "GOLIVEEMULATOR000000"
LOCK = threading.RLock()
SESSION = boto3.session.Session(aws_access_key_id=INTERNAL_KEY, aws_secret_access_key="internal")  # models are loaded once, here
_application = None  # moto's WSGI application, set by the server before the first call


def serve_with(application):
    global _application
    _application = application


class _Raw(io.BytesIO):
    def stream(self, **_):
        piece = self.read()
        while piece:
            yield piece
            piece = self.read()


def _send(service, region, request, **_):
    headers = {name: value.decode() if isinstance(value, bytes) else str(value) for name, value in request.headers.items()}
    day = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d")
    headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={INTERNAL_KEY}/{day}/{region}/{service}/aws4_request, "
                                "SignedHeaders=host, Signature=internal")
    body = request.body or b""
    url = urllib.parse.urlsplit(request.url)
    environ = EnvironBuilder(
        path=urllib.parse.unquote(url.path), query_string=url.query, method=request.method, headers=headers,
        base_url="http://127.0.0.1", data=body if isinstance(body, bytes) else str(body).encode())
    with LOCK:
        chunks, status, answer = run_wsgi_app(_application, environ.get_environ())
        content = b"".join(chunks)
    return AWSResponse(request.url, int(status.split()[0]), dict(answer.items()), _Raw(content))


@functools.lru_cache(maxsize=None)
def client(service, region):
    """A boto3 client of the emulator itself; nobody's permissions are checked."""
    with LOCK:
        found = SESSION.client(service, region_name=region, endpoint_url="http://127.0.0.1",
                               config=Config(signature_version=UNSIGNED, retries={"max_attempts": 0},
                                             s3={"addressing_style": "path"}))
    name = found.meta.service_model.signing_name
    found.meta.events.register("before-send.*", functools.partial(_send, name, region))
    agent = found._user_agent_creator.to_string()  # botocore puts it together twice for every call
    found._user_agent_creator.to_string = lambda: agent
    return found
