"""A loopback proxy that lets only correctly signed requests through: the signature is computed again by botocore from the
raw request, as AWS does. (moto's own verifier wrongly refuses keys that are not ASCII and ARNs in paths.)

    Oracle(secret, upstream) starts one on a free port; .url, .verified (requests), .wrong (complaints)."""
import hashlib
import http.client
import http.server
import re
import threading
import urllib.parse

from botocore.auth import SigV4Auth
from botocore.credentials import Credentials

AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, "
                           r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$")
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "date", "server"}


def canonical_query(query):
    pairs = [part.partition("=") for part in query.split("&")] if query else []
    return "&".join(f"{key}={value}" for key, value in sorted((key, value) for key, _, value in pairs))


def complaint(command, target, headers, body, secret):
    """What is wrong with the request's signature; None if nothing is."""
    given = AUTHORIZATION.match(headers.get("Authorization", ""))
    if not given:
        return "no signature: " + headers.get("Authorization", "")
    access_key, date, region, service, names, signature = given.groups()
    signed = names.split(";")
    needed = {"host", "x-amz-date"} | {name.lower() for name in headers if name.lower() in ("content-type", "content-md5")}
    needed |= {name.lower() for name in headers if name.lower().startswith("x-amz-")}
    if service == "s3":
        needed.add("x-amz-content-sha256")
    if missing := needed - set(signed):
        return f"not signed: {sorted(missing)}"
    digest = hashlib.sha256(body).hexdigest()
    claimed = headers.get("X-Amz-Content-Sha256", digest)
    if claimed not in (digest, "UNSIGNED-PAYLOAD"):
        return "the body is not the one that was signed"
    signer = SigV4Auth(Credentials(access_key, secret), service, region)
    path, _, query = target.partition("?")
    lines = [command, path if service == "s3" else signer._normalize_url_path(path), canonical_query(query)]
    lines += [f"{name}:" + ",".join(" ".join(value.split()) for value in headers.get_all(name, [])) for name in sorted(signed)]
    canonical = "\n".join(lines + ["", names, claimed])
    text = "\n".join(["AWS4-HMAC-SHA256", headers["X-Amz-Date"], f"{date}/{region}/{service}/aws4_request",
                      hashlib.sha256(canonical.encode("latin-1")).hexdigest()])

    class Request:
        context = {"timestamp": headers["X-Amz-Date"]}
    return None if signer.signature(text, Request) == signature else f"signature mismatch for {command} {target}"


class Oracle:
    def __init__(self, secret, upstream):
        self.verified, self.wrong = 0, []
        self.lock = threading.Lock()
        oracle, parts = self, urllib.parse.urlsplit(upstream)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def handle_one(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                problem = complaint(self.command, self.path, self.headers, body, secret)
                with oracle.lock:
                    oracle.verified += problem is None
                    oracle.wrong += [problem] if problem else []
                if problem:
                    return self.answer(403, {}, f"<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>{problem}"
                                       "</Message></Error></ErrorResponse>".encode())
                connection = http.client.HTTPConnection(parts.hostname, parts.port)
                connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    connection.putheader(name, value)
                connection.endheaders(body)
                reply = connection.getresponse()
                self.answer(reply.status, reply.headers, reply.read())
                connection.close()

            def answer(self, status, headers, body):
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() not in HOP_BY_HOP | {"content-length"}:
                        self.send_header(name, value)
                length = headers.get("Content-Length") if self.command == "HEAD" and headers else None
                self.send_header("Content-Length", length or str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_one

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
