"""What stands before the registry, as ECR does: a token, repositories that exist, tags that stay. Everything else is docker-registry's.

https://distribution.github.io/distribution/spec/api/
https://docs.aws.amazon.com/AmazonECR/latest/userguide/common-errors-docker.html
"""
import base64
import http.server
import json
import re
import secrets
import sys
import threading
import time
import traceback

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.ecr.models import ecr_backends
from moto.ecr.responses import ECRResponse

from .. import moto_calls
from ..clock import CLOCK
from ..stack import ACCOUNT
from . import images
from .daemon import DAEMON

HOURS = 12  # how long a token is good
PATH = re.compile(r"/v2/(?P<name>.+?)/(?P<what>manifests|blobs|tags)/(?P<rest>.+)")
PASSED = {"content-type", "content-range", "range", "accept", "content-length"}
RETURNED = {"content-type", "content-length", "location", "docker-content-digest", "docker-upload-uuid", "range", "etag", "link", "docker-distribution-api-version"}


class Refused(Exception):
    """An answer in the registry's error format."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.body = status, json.dumps({"errors": [{"code": code, "message": message}]}).encode()


def repository_of(name):
    """(backend, repository) of a name, in whichever region; a registry has one address here."""
    for backend in ecr_backends[ACCOUNT].values():
        if name in backend.repositories:
            return backend, backend.repositories[name]
    raise Refused(404, "NAME_UNKNOWN", f"The repository with name '{name}' does not exist in the registry with id '{ACCOUNT}'")


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection of a client of the distribution API."""
    protocol_version, server_version, sys_version, timeout = "HTTP/1.1", "registry", "", 60
    disable_nagle_algorithm = True

    def _body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            pieces = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _serve(self):
        body = self._body()
        try:
            status, headers, answer = self._handle(body)
        except Refused as error:
            status, headers, answer = error.status, [("Content-Type", "application/json")], error.body
            if status == 401:
                headers.append(("WWW-Authenticate", f'Basic realm="http://{self.headers["Host"]}/",service="ecr.amazonaws.com"'))
        except Exception as error:  # a mistake of the emulator, or no docker-registry: said here and there
            traceback.print_exc(file=sys.stderr)
            status, headers, answer = 500, [], f"emulator: {type(error).__name__}: {error}\n".encode()
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        length = dict((name.lower(), value) for name, value in headers).get("content-length") if self.command == "HEAD" else None
        self.send_header("Content-Length", length or str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def _handle(self, body):
        self._authorize()
        place = PATH.fullmatch(self.path.partition("?")[0])
        putting = place and place["what"] == "manifests" and self.command == "PUT"
        if place:
            with moto_calls.LOCK:
                backend, repository = repository_of(place["name"])
                if putting:
                    self._check_tag(repository, place["rest"], body)
        found = self._pass_on(body)
        if putting and found[0] == 201:
            tag = None if place["rest"].startswith("sha256:") else place["rest"]
            with moto_calls.LOCK:
                self._write_down(backend, repository, tag, body.decode())
            CLOCK.poke()
        return found

    def _authorize(self):
        given = self.headers.get("Authorization", "")
        if not given.startswith("Basic "):
            raise Refused(401, "UNAUTHORIZED", "Not Authorized")
        _user, _, password = base64.b64decode(given[6:]).decode(errors="replace").partition(":")
        if TOKENS.get(password, 0) < time.time():
            raise Refused(403, "DENIED", "Your authorization token has expired. Reauthenticate and try again.")

    @staticmethod
    def _check_tag(repository, tag, body):
        refusal = None if tag.startswith("sha256:") else images.tag_refusal(repository, tag, images.digest_of(body))
        if refusal:
            raise Refused(400, "TAG_INVALID", refusal)

    def _write_down(self, backend, repository, tag, manifest):
        digest = images.digest_of(manifest)
        images.keep(backend, repository, images.by_tag(repository, tag), images.by_digest(repository, digest), manifest, tag,
                    self.headers.get("Content-Type"), digest)

    def _pass_on(self, body):
        connection = DAEMON.connect()
        headers = {name: ", ".join(self.headers.get_all(name)) for name in self.headers if name.lower() in PASSED - {"content-length"}}
        headers["Host"] = self.headers.get("Host", "registry")
        try:
            connection.request(self.command, self.path, body, headers)
            found = connection.getresponse()
            return found.status, [(name, value) for name, value in found.getheaders() if name.lower() in RETURNED], found.read()
        finally:
            connection.close()

    def log_message(self, *_arguments):
        """Says nothing."""


TOKENS = {}  # password: until when it is good, Unix time


class Front(http.server.ThreadingHTTPServer):
    """The registry's address."""
    daemon_threads = True

    def __init__(self, connections):
        super().__init__(("127.0.0.1", 0), connections.mixin(Handler))

    def start(self):
        threading.Thread(target=self.serve_forever, args=(0.05,), name="registry", daemon=True).start()

    def address(self):
        return f"127.0.0.1:{self.server_port}"

    def handle_error(self, _request, _client_address):
        """A client that went away is nothing to report."""

    def install(self):
        """GetAuthorizationToken gives tokens for this address; an image that is tagged by PutImage is tagged in the registry too."""
        def get_authorization_token(_response):
            password, until = secrets.token_urlsafe(48), time.time() + HOURS * 3600
            TOKENS[password] = until
            token = base64.b64encode(f"AWS:{password}".encode()).decode()
            return ActionResult({"authorizationData": [{"authorizationToken": token, "expiresAt": until, "proxyEndpoint": f"http://{self.address()}"}]})

        ECRResponse.get_authorization_token = get_authorization_token
        original = ECRResponse.put_image

        def put_image(response):
            answer = original(response)
            tag_in_registry(response._get_param("repositoryName"), response._get_param("imageTag"), answer.result["image"])
            return answer

        ECRResponse.put_image = put_image


def tag_in_registry(name, tag, image):
    """Puts the manifest under its tag, if the registry has the image at all."""
    if not tag or DAEMON.process is None:
        return
    connection = DAEMON.connect()
    connection.request("HEAD", f"/v2/{name}/manifests/{image.image_digest}", headers={"Accept": image.image_manifest_media_type or "*/*"})
    found = connection.getresponse()
    found.read()
    if found.status == 200:
        connection.request("PUT", f"/v2/{name}/manifests/{tag}", image.image_manifest.encode(), {"Content-Type": image.image_manifest_media_type})
        answer = connection.getresponse()
        words = answer.read()
        if answer.status != 201:
            raise JsonRESTError("LayersNotFoundException", words.decode(errors="replace"))
    connection.close()


def reset():
    """Everything that was pushed is forgotten."""
    TOKENS.clear()
    images.SCANS.clear()
    DAEMON.close()
