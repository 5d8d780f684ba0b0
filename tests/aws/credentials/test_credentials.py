"""golive's credential chain beside botocore's: the same environment, files and servers must give the same keys from the
same source; and what golive says where there are none."""
import hashlib
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import proxy  # noqa: E402

TOOL = sys.argv.pop(1)
BOTOCORE = """
import json, os, sys
import botocore.session
session = botocore.session.Session(profile=sys.argv[1] if len(sys.argv) > 1 else None)
if os.environ.get("MFA_CODE"):
    resolver = session.get_component("credential_provider")
    resolver.get_provider("assume-role")._prompter = lambda prompt: os.environ["MFA_CODE"]
try:
    found = session.get_credentials()
    frozen = found and found.get_frozen_credentials()
    print(json.dumps(frozen and {"access_key": frozen.access_key, "secret_key": frozen.secret_key, "token": frozen.token,
                                 "source": found.method}))
except Exception as problem:
    print(json.dumps({"error": type(problem).__name__ + ": " + str(problem)}))
"""
SECRET = "sEcReT/kEy+0123456789"


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


class Server(http.server.BaseHTTPRequestHandler):
    """STS, SSO, OIDC, a container agent and the metadata service in one."""
    log = []
    answers = {}  # path or STS action -> (status, body), instead of the usual answer

    def reply(self, status, body, kind="application/json"):
        body = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def keys(self, name, token="Token", seconds=3600):
        return json.dumps({"Code": "Success", "AccessKeyId": "AK" + name, "SecretAccessKey": SECRET + name, token: "TOK" + name,
                           "Expiration": stamp(seconds)})

    def sts(self, form):
        action = form["Action"]
        name = hashlib.sha1(form["RoleArn"].encode()).hexdigest()[:8]
        self.reply(200, f"""<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>
<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/x/y</Arn><AssumedRoleId>A:b</AssumedRoleId></AssumedRoleUser>
<Credentials><AccessKeyId>ASIA{name}</AccessKeyId><SecretAccessKey>{SECRET}{name}</SecretAccessKey>
<SessionToken>TOK{name}</SessionToken><Expiration>{stamp(3600)}</Expiration></Credentials></{action}Result></{action}Response>""",
                   "text/xml")

    def handle_one(self):
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        form = dict(urllib.parse.parse_qsl(body, strict_parsing=False)) if "Action=" in body else {}
        self.log.append({"method": self.command, "path": self.path, "headers": dict(self.headers), "form": form, "body": body})
        special = self.answers.get(form.get("Action")) or self.answers.get(url.path)
        if special:
            status, text = special
            return self.reply(status, text, "text/xml" if text.startswith("<") else "application/json")
        if form:
            return self.sts(form)
        if url.path == "/federation/credentials":
            query = dict(urllib.parse.parse_qsl(url.query))
            return self.reply(200, json.dumps({"roleCredentials": {
                "accessKeyId": "AKSSO" + query["role_name"], "secretAccessKey": SECRET, "sessionToken":
                "TOK" + self.headers["x-amz-sso_bearer_token"], "expiration": int(time.time() + 3600) * 1000}}))
        if url.path == "/token":
            return self.reply(200, json.dumps({"accessToken": "renewed", "expiresIn": 3600, "refreshToken": "next",
                                               "tokenType": "Bearer"}))
        if url.path == "/container":
            return self.reply(200, self.keys("CONT" + (self.headers.get("Authorization") or "")))
        if url.path == "/latest/api/token" and self.command == "PUT":
            return self.reply(200, "imdstoken", "text/plain")
        if url.path.startswith("/latest/meta-data/iam/security-credentials/"):
            if self.headers.get("x-aws-ec2-metadata-token") != "imdstoken":
                return self.reply(401, "")
            return self.reply(200, "role-a", "text/plain") if url.path.endswith("/") else self.reply(200, self.keys("IMDS"))
        return self.reply(404, "{}")

    do_GET = do_POST = do_PUT = handle_one

    def log_message(self, *args):
        pass


CONFIG = """
[default]
region = eu-west-1

[profile keys]
aws_access_key_id = AKCONFIG
aws_secret_access_key = {secret}

[profile both]
aws_access_key_id = AKCONFIG
aws_secret_access_key = wrong

[profile process]
credential_process = {python} '{dir}/process.py' "two words" plain

[profile role]
role_arn = arn:aws:iam::123456789012:role/one
source_profile = shared
external_id = e&x=t
role_session_name = me
duration_seconds = 900

[profile chain]
role_arn = arn:aws:iam::123456789012:role/two
source_profile = role

[profile self]
role_arn = arn:aws:iam::123456789012:role/self
source_profile = self
aws_access_key_id = AKSELF
aws_secret_access_key = {secret}

[profile roleprocess]
role_arn = arn:aws:iam::123456789012:role/p
source_profile = process

[profile rolesso]
role_arn = arn:aws:iam::123456789012:role/s
source_profile = sso

[profile mfa]
role_arn = arn:aws:iam::123456789012:role/mfa
source_profile = shared
mfa_serial = arn:aws:iam::123456789012:mfa/me

[profile fromenv]
role_arn = arn:aws:iam::123456789012:role/env
credential_source = Environment

[profile fromimds]
role_arn = arn:aws:iam::123456789012:role/imds
credential_source = Ec2InstanceMetadata

[profile fromecs]
role_arn = arn:aws:iam::123456789012:role/ecs
credential_source = EcsContainer

[profile web]
role_arn = arn:aws:iam::123456789012:role/web
web_identity_token_file = {dir}/token.jwt

[profile roleweb]
role_arn = arn:aws:iam::123456789012:role/overweb
source_profile = web

[profile sso]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Admin+X

[profile legacy]
sso_start_url = https://legacy.example/start
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = Old

[sso-session corp]
sso_region = us-east-1
sso_start_url = https://corp.example/start
sso_registration_scopes = sso:account:access

[profile loop1]
role_arn = arn:aws:iam::123456789012:role/l1
source_profile = loop2
[profile loop2]
role_arn = arn:aws:iam::123456789012:role/l2
source_profile = loop1
[profile selfloop]
role_arn = arn:aws:iam::123456789012:role/l
source_profile = selfloop
[profile nosource]
role_arn = arn:aws:iam::123456789012:role/n
[profile twosources]
role_arn = arn:aws:iam::123456789012:role/n
source_profile = shared
credential_source = Environment
[profile badsource]
role_arn = arn:aws:iam::123456789012:role/n
credential_source = Moon
[profile lostsource]
role_arn = arn:aws:iam::123456789012:role/n
source_profile = sharde
[profile emptysource]
role_arn = arn:aws:iam::123456789012:role/n
source_profile = default
[profile badprocess]
credential_process = {python} {dir}/process.py fail
[profile noprocess]
credential_process = /nonexistent/program
[profile version2]
credential_process = {python} {dir}/process.py version
[profile halfsso]
sso_account_id = 111122223333
sso_role_name = Old
[profile lostsso]
sso_session = nowhere
sso_account_id = 111122223333
sso_role_name = Old
[profile signin]
login_session = arn:aws:iam::123456789012:user/x
[profile empty]
region = eu-west-1
[profile half]
aws_access_key_id = AKHALF
"""
CREDENTIALS = """
[shared]
aws_access_key_id = AKSHARED
aws_secret_access_key = {secret}
aws_session_token = TOKSHARED
[both]
aws_access_key_id = AKBOTH
aws_secret_access_key = {secret}
"""
PROCESS = """
import json, sys
if sys.argv[1] == "fail":
    print("not for people: {secret}"); sys.exit("the vault is sealed")
assert sys.argv[1:] in (["two words", "plain"], ["version"]), sys.argv
print(json.dumps({{"Version": 2 if sys.argv[1] == "version" else 1, "AccessKeyId": "AKPROC", "SecretAccessKey": "{secret}",
                  "SessionToken": "TOKPROC", "Expiration": "2099-01-01T00:00:00+00:00"}}))
"""


class Chain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        cls.url = f"http://127.0.0.1:{cls.server.server_port}"
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()

    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.home = self.dir.name
        os.makedirs(os.path.join(self.home, ".aws/sso/cache"))
        fill = {"secret": SECRET, "python": sys.executable, "dir": self.home}
        self.write(".aws/config", CONFIG.format(**fill))
        self.write(".aws/credentials", CREDENTIALS.format(**fill))
        self.write("process.py", PROCESS.format(**fill))
        self.write("token.jwt", "header.payload.signature\n")
        self.cache("corp", {"accessToken": "corptoken", "expiresAt": stamp(7200)})
        self.cache("https://legacy.example/start", {"accessToken": "oldtoken", "expiresAt": stamp(7200).replace("Z", "UTC")})
        Server.log.clear()
        Server.answers.clear()

    def tearDown(self):
        self.dir.cleanup()

    def write(self, name, text):
        with open(os.path.join(self.home, name), "w") as file:
            file.write(text)

    def cache_path(self, name):
        return os.path.join(self.home, ".aws/sso/cache", hashlib.sha1(name.encode()).hexdigest() + ".json")

    def cache(self, name, content):
        self.write(self.cache_path(name), json.dumps(content))

    def env(self, more):
        return {"PATH": os.environ["PATH"], "HOME": self.home, "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL_STS": self.url, "AWS_ENDPOINT_URL_SSO": self.url, "AWS_ENDPOINT_URL_SSO_OIDC": self.url,
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.url, "LC_ALL": "C",
                "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")} | more

    def golive(self, profile=None, **env):
        done = subprocess.run([TOOL, "get"] + ([profile] if profile else []), env=self.env(env), capture_output=True, text=True,
                              timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn(SECRET, done.stderr)
        found = json.loads(done.stdout)
        if "error" in found:
            self.assertNotIn(SECRET, done.stdout)
        return found

    def botocore(self, profile=None, **env):
        done = subprocess.run([sys.executable, "-c", BOTOCORE] + ([profile] if profile else []), env=self.env(env),
                              capture_output=True, text=True, timeout=60)
        return json.loads(done.stdout)

    def same(self, source, profile=None, **env):
        ours = self.golive(profile, **env)
        self.assertNotIn("error", ours)
        expires = ours.pop("expires_unix_ms")
        theirs = self.botocore(profile, **env)
        self.assertIsNotNone(theirs)
        self.assertEqual(ours | {"token": ours.get("token")}, theirs)
        self.assertEqual(ours["source"], source)
        return ours | {"expires_unix_ms": expires}

    KEYS = {"AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": SECRET}
    IMDS = {"AWS_EC2_METADATA_DISABLED": "false"}

    def test_environment(self):
        self.same("env", **self.KEYS)
        self.same("env", AWS_SESSION_TOKEN="TOKENV", **self.KEYS)
        self.same("env", AWS_SECURITY_TOKEN="TOKOLD", AWS_SESSION_TOKEN="TOKENV", **self.KEYS)
        found = self.same("env", AWS_CREDENTIAL_EXPIRATION="2099-01-01T00:00:00Z", **self.KEYS)
        self.assertEqual(found["expires_unix_ms"], 4070908800000)

    def test_environment_and_profile(self):
        self.same("env", AWS_PROFILE="shared", **self.KEYS)
        self.same("shared-credentials-file", profile="shared", **self.KEYS)
        self.same("assume-role", profile="role", **self.KEYS)

    def test_files(self):
        self.same("shared-credentials-file", AWS_PROFILE="shared")
        self.same("config-file", AWS_PROFILE="keys")
        found = self.same("shared-credentials-file", AWS_PROFILE="both")
        self.assertEqual(found["access_key"], "AKBOTH")
        self.same("shared-credentials-file", AWS_DEFAULT_PROFILE="shared", AWS_PROFILE="keys")

    def test_process(self):
        found = self.same("custom-process", AWS_PROFILE="process")
        self.assertEqual(found["expires_unix_ms"], 4070908800000)

    def test_roles(self):
        for profile in ("role", "chain", "self", "roleprocess", "rolesso", "roleweb"):
            with self.subTest(profile=profile):
                self.same("assume-role", AWS_PROFILE=profile)
        self.same("assume-role", profile="fromenv", **self.KEYS)
        self.same("assume-role", profile="fromimds", **self.IMDS)
        self.same("assume-role", profile="fromecs", AWS_CONTAINER_CREDENTIALS_FULL_URI=self.url + "/container")

    def test_what_sts_is_sent(self):
        self.golive("role")
        ours = Server.log[-1]
        self.botocore("role")
        theirs = Server.log[-1]
        self.assertIsNot(ours, theirs)
        self.assertEqual(ours["form"], theirs["form"])
        self.assertEqual(ours["form"]["ExternalId"], "e&x=t")
        self.assertEqual(ours["headers"]["X-Amz-Security-Token"], "TOKSHARED")
        scope = ours["headers"]["Authorization"].split()[1]
        self.assertEqual(scope.split("/")[0], "Credential=AKSHARED")
        self.assertEqual(scope.split("/")[2:], theirs["headers"]["Authorization"].split()[1].split("/")[2:])

    def test_chain_signs_with_the_first_role(self):
        self.golive("chain")
        first, second = Server.log[-2:]
        name = hashlib.sha1(first["form"]["RoleArn"].encode()).hexdigest()[:8]
        self.assertEqual(first["form"]["RoleArn"], "arn:aws:iam::123456789012:role/one")
        self.assertEqual(second["form"]["RoleArn"], "arn:aws:iam::123456789012:role/two")
        self.assertIn(f"Credential=ASIA{name}/", second["headers"]["Authorization"])
        self.assertRegex(second["form"]["RoleSessionName"], r"^golive-\d+$")

    def test_signature_is_right(self):
        import botocore.auth
        import botocore.awsrequest
        import botocore.credentials
        import datetime
        import unittest.mock
        self.golive("role")
        sent = Server.log[-1]
        request = botocore.awsrequest.AWSRequest("POST", self.url + "/", data=sent["body"], headers={
            "Content-Type": sent["headers"]["Content-Type"], "Host": sent["headers"]["Host"]})
        keys = botocore.credentials.Credentials("AKSHARED", SECRET, "TOKSHARED")
        when = datetime.datetime.strptime(sent["headers"]["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
        with unittest.mock.patch("botocore.auth.get_current_datetime", lambda *a, **k: when):
            botocore.auth.SigV4Auth(keys, "sts", "us-east-1").add_auth(request)
        self.assertEqual(sent["headers"]["Authorization"], request.headers["Authorization"])

    def test_mfa(self):
        self.same("assume-role", AWS_PROFILE="mfa", MFA_CODE="123456")
        self.golive("mfa", MFA_CODE=" 123456\n")
        self.assertEqual(Server.log[-1]["form"]["TokenCode"], "123456")
        self.assertEqual(Server.log[-1]["form"]["SerialNumber"], "arn:aws:iam::123456789012:mfa/me")
        before = len(Server.log)
        self.refused("mfa", "refused", "nobody to ask", "export-credentials --profile mfa")
        self.refused("mfa", "refused", "6 digits", MFA_CODE="12x456")
        self.refused("mfa", "refused", "6 digits", MFA_CODE="1234567")
        self.assertEqual(len(Server.log), before, "a bad code must not be sent: AWS counts failures")

    def test_web_identity(self):
        self.same("assume-role-with-web-identity", AWS_PROFILE="web")
        env = {"AWS_WEB_IDENTITY_TOKEN_FILE": self.home + "/token.jwt", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/gh",
               "AWS_ROLE_SESSION_NAME": "GitHubActions"}
        self.same("assume-role-with-web-identity", **env)
        self.golive(**env)
        sent = Server.log[-1]
        self.assertEqual(sent["form"]["WebIdentityToken"], "header.payload.signature")
        self.assertEqual(sent["form"]["RoleSessionName"], "GitHubActions")
        self.assertNotIn("Authorization", sent["headers"])
        self.same("shared-credentials-file", profile="shared", **env)

    def test_sso(self):
        self.assertEqual(self.same("sso", AWS_PROFILE="sso")["access_key"], "AKSSOAdmin+X")
        self.same("sso", AWS_PROFILE="legacy")

    def test_sso_renewal(self):
        old = {"accessToken": "dying", "expiresAt": stamp(60), "refreshToken": "refresh", "clientId": "c", "clientSecret": "cs",
               "registrationExpiresAt": stamp(99999), "startUrl": "https://corp.example/start", "region": "us-east-1"}
        results = []
        for which in (self.golive, self.botocore):
            self.cache("corp", old)
            found = which("sso")
            found.pop("expires_unix_ms", None)
            with open(self.cache_path("corp")) as file:
                saved = json.load(file)
            self.assertNotEqual(saved.pop("expiresAt"), old["expiresAt"])
            results.append((found, saved, json.loads(Server.log[-2]["body"])))
        self.assertEqual(results[0], results[1])
        self.assertEqual(results[0][0]["token"], "TOKrenewed")
        self.cache("corp", old)
        self.golive("sso")
        self.assertEqual(os.stat(self.cache_path("corp")).st_mode & 0o777, 0o600)

    def test_sso_renewal_that_fails(self):
        old = {"accessToken": "dying", "expiresAt": stamp(60), "refreshToken": "refresh", "clientId": "c", "clientSecret": "cs",
               "registrationExpiresAt": stamp(99999)}
        Server.answers["/token"] = (400, '{"error":"invalid_grant"}')
        self.cache("corp", old)
        self.assertEqual(self.golive("sso")["token"], "TOKdying")
        self.cache("corp", old | {"expiresAt": stamp(-60)})
        self.refused("sso", "refused", "has expired", "aws sso login --profile sso")
        Server.answers["/token"] = (503, "{}")
        self.refused("sso", "network", "renewing the SSO session")

    def test_container(self):
        url = self.url + "/container"
        self.same("container-role", AWS_CONTAINER_CREDENTIALS_FULL_URI=url)
        self.same("container-role", AWS_CONTAINER_CREDENTIALS_FULL_URI=url, AWS_CONTAINER_AUTHORIZATION_TOKEN="abc")
        self.write("auth", "fromfile")
        found = self.same("container-role", AWS_CONTAINER_CREDENTIALS_FULL_URI=url, AWS_CONTAINER_AUTHORIZATION_TOKEN="abc",
                          AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=self.home + "/auth")
        self.assertEqual(found["access_key"], "AKCONTfromfile")

    def test_container_hosts(self):
        for url in ("http://example.com/", "http://127.0.0.1.example.com/", "http://127.0.0.1@example.com/", "http://10.0.0.1/",
                    "http://[::2]/", "file:///etc/passwd", "nonsense"):
            with self.subTest(url=url):
                self.refused(None, "refused", "not an allowed address", AWS_CONTAINER_CREDENTIALS_FULL_URI=url)
        self.refused(None, "refused", "must begin with /", AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="@example.com/")
        self.refused(None, "config", "line break", AWS_CONTAINER_CREDENTIALS_FULL_URI=self.url + "/container",
                     AWS_CONTAINER_AUTHORIZATION_TOKEN="a\nX-Evil: 1")

    def test_imds(self):
        self.same("iam-role", **self.IMDS)
        self.same("env", **self.KEYS, **self.IMDS)
        Server.answers["/latest/meta-data/iam/security-credentials/role-a"] = (
            200, '{"Code": "AssumeRoleUnauthorizedAccess", "Message": "no trust"}')
        self.assertIsNone(self.botocore(**self.IMDS))
        self.refused(None, "not_found", "no trust", **self.IMDS)

    def test_imds_goes_on_with_stale_keys(self):
        Server.answers["/latest/meta-data/iam/security-credentials/role-a"] = (200, json.dumps({
            "Code": "Success", "AccessKeyId": "AKSTALE", "SecretAccessKey": SECRET, "Token": "T", "Expiration": stamp(-600)}))
        self.same("iam-role", **self.IMDS)

    # ---- what golive says ------------------------------------------------------------------------

    def refused(self, profile, code, message, hint="", **env):
        found = self.golive(profile, **env)
        self.assertIn("error", found, f"{profile}: expected a refusal")
        error = found["error"]
        self.assertEqual(error["code"], code, error)
        self.assertIn(message, error["message"])
        self.assertIn(hint, error.get("hint", ""))
        return error

    def test_nothing_found(self):
        self.assertIsNone(self.botocore())
        error = self.refused(None, "not_found", "no AWS credentials were found", "aws sso login")
        for part in ("AWS_ACCESS_KEY_ID is not set", ".aws/credentials", ".aws/config", "WEB_IDENTITY", "CONTAINER",
                     "AWS_EC2_METADATA_DISABLED"):
            self.assertIn(part, error["message"])

    def test_profiles_that_cannot_be_used(self):
        cases = [
            ("shard", "config", 'no AWS profile "shard"', 'did you mean "shared"'),
            ("loop1", "config", "loop1 -> loop2 -> loop1", ""),
            ("selfloop", "config", "selfloop -> selfloop", ""),
            ("nosource", "config", "neither source_profile nor", ""),
            ("twosources", "config", "both source_profile and", ""),
            ("badsource", "config", '"Moon"', "Ec2InstanceMetadata"),
            ("lostsource", "config", '"sharde"', 'did you mean "shared"'),
            ("emptysource", "config", "has no credentials", ""),
            ("badprocess", "process", "the vault is sealed", ""),
            ("noprocess", "process", "/nonexistent/program", ""),
            ("version2", "process", '"Version": 1', ""),
            ("halfsso", "config", "sso_start_url is missing", ""),
            ("lostsso", "config", "[sso-session nowhere]", ""),
            ("signin", "config", "aws login", "export-credentials"),
            ("empty", "not_found", "no AWS credentials", ""),
            ("half", "config", "secret key is empty", ""),
        ]
        for profile, code, message, hint in cases:
            with self.subTest(profile=profile):
                theirs = self.botocore(profile)
                self.assertTrue(theirs is None or "error" in theirs, theirs)
                error = self.refused(profile, code, message, hint)
                if profile not in ("shard", "empty"):
                    self.assertIn("/.aws/c", error.get("file", ""))
                    self.assertGreater(error["line"], 0)

    def test_web_identity_that_is_incomplete(self):
        env = {"AWS_WEB_IDENTITY_TOKEN_FILE": self.home + "/token.jwt"}
        self.refused(None, "config", "no role to assume", "AWS_ROLE_ARN", **env)
        env |= {"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/gh"}
        Server.answers["AssumeRoleWithWebIdentity"] = (400, "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>no "
                                                            "provider</Message></Error></ErrorResponse>")
        self.refused(None, "refused", "InvalidIdentityToken: no provider", "audience", **env)
        self.write("token.jwt", "two words\n")
        self.refused(None, "config", "holds no web identity token", **env)
        os.unlink(self.home + "/token.jwt")
        self.refused(None, "not_found", "web identity token", **env)

    def test_containers_that_answer_wrongly(self):
        env = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.url + "/container"}
        for status, body, message in ((404, "{}", "answered 404"), (200, "<html>", "did not answer with JSON"),
                                      (200, "[]", "no AccessKeyId"), (200, '{"AccessKeyId": "A"}', "no SecretAccessKey"),
                                      (200, self.keys_json("A", Expiration="soon"), "Expiration is no time"),
                                      (200, self.keys_json("A\\r\\nX: 1"), "access key")):
            with self.subTest(body=body):
                Server.answers["/container"] = (status, body)
                error = self.golive(**env)["error"]
                self.assertIn(message, error["message"])
        before = len(Server.log)
        Server.answers["/container"] = (500, "{}")
        self.refused(None, "network", "answered 500", **env)
        self.assertEqual(len(Server.log) - before, 3)
        self.refused(None, "not_found", "authorization token", AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=self.home + "/none", **env)

    @staticmethod
    def keys_json(access_key, **more):
        text = ", ".join(f'"{key}": "{value}"' for key, value in more.items())
        return f'{{"AccessKeyId": "{access_key}", "SecretAccessKey": "{SECRET}", "Token": "T"{", " + text if text else ""}}}'

    def test_metadata_services_that_answer_wrongly(self):
        path = "/latest/meta-data/iam/security-credentials/"
        cases = [
            ("/latest/api/token", 403, "", "answered 403"),
            ("/latest/api/token", 200, "two words", "token that is none"),
            (path, 404, "", "answered 404"),
            (path, 200, "../../x", "named no role"),
            (path + "role-a", 200, "no json", "did not answer with JSON"),
            (path + "role-a", 200, self.keys_json("A"), "incomplete keys"),
            (path + "role-a", 500, "{}", "answered 500"),
        ]
        for where, status, body, message in cases:
            with self.subTest(where=where, status=status):
                Server.answers.clear()
                Server.answers[where] = (status, body)
                self.refused(None, "not_found", message, **self.IMDS)
        Server.answers.clear()
        self.same("iam-role", **self.IMDS | {"AWS_EC2_METADATA_SERVICE_ENDPOINT": self.url + "/"})
        self.refused(None, "not_found", "instance metadata:",
                     **self.IMDS | {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1"})

    def test_sso_that_answers_wrongly(self):
        for body in ("no json", "{}", '{"roleCredentials": {"accessKeyId": "A"}}'):
            Server.answers["/federation/credentials"] = (200, body)
            self.refused("sso", "network", "SSO")
        with open(os.path.join(self.home, ".aws/config"), "a") as file:
            file.write("[profile differs]\nsso_session = corp\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = R\n")
        self.refused("differs", "config", 'sso_region is "eu-west-1" in the profile')

    def test_processes_that_answer_wrongly(self):
        cases = [("echo nonsense", "did not print JSON"), ("exit 7", "failed (exit 7)"),
                 ('echo \'{\"Version\":1,\"AccessKeyId\":\"A\"}\'', "no SecretAccessKey")]
        for script, message in cases:
            with self.subTest(script=script):
                self.write("p.sh", script)
                self.write(".aws/config", f"[default]\ncredential_process = sh {self.home}/p.sh\n")
                self.assertIn(message, self.golive()["error"]["message"])
        for command in ("", "'open"):
            self.write(".aws/config", f"[default]\ncredential_process = {command}\n")
            self.refused(None, "config", "quote is not closed")

    def test_sources_without_credentials(self):
        self.refused("fromenv", "not_found", "credential_source Environment", "AWS_ACCESS_KEY_ID is not set")
        with open(os.path.join(self.home, ".aws/config"), "a") as file:
            for number in range(20):
                file.write(f"[profile r{number}]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = r{number + 1}\n")
        self.refused("r0", "config", "more than 16 roles")

    def test_where_the_files_are(self):
        os.rename(os.path.join(self.home, ".aws/config"), os.path.join(self.home, "elsewhere"))
        self.same("config-file", AWS_PROFILE="keys", AWS_CONFIG_FILE="~/elsewhere")
        self.write(".aws/config", "[default]\nregion = a\0b\n")
        self.refused(None, "config", "NUL bytes")
        self.refused(None, "config", "AWS_CREDENTIAL_EXPIRATION", AWS_CREDENTIAL_EXPIRATION="tomorrow",
                     AWS_CONFIG_FILE="~/elsewhere", **self.KEYS)

    def test_unprefixed_profile(self):
        self.write(".aws/config", "[dev]\nregion = eu-west-1\n")
        self.refused("dev", "config", 'no AWS profile "dev"', "[profile dev]")

    def test_expired_sso(self):
        self.cache("corp", {"accessToken": "corptoken", "expiresAt": stamp(-1)})
        self.refused("sso", "refused", "has expired", "run: aws sso login --profile sso")
        os.unlink(self.cache_path("corp"))
        self.refused("sso", "refused", "never opened", "run: aws sso login --profile sso")
        self.cache("corp", {"startUrl": "x"})
        self.refused("sso", "refused", "cannot be read", "run: aws sso login --profile sso")
        self.cache("corp", {"accessToken": "corptoken", "expiresAt": stamp(7200)})
        Server.answers["/federation/credentials"] = (401, '{"message":"Session token not found or invalid"}')
        self.refused("sso", "refused", "not valid any more", "run: aws sso login --profile sso")
        Server.answers["/federation/credentials"] = (403, '{"message":"No access"}')
        self.refused("sso", "refused", "No access", "")

    def test_sts_says_no(self):
        Server.answers["AssumeRole"] = (403, '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender'
                                             '</Type><Code>AccessDenied</Code><Message>User: x is not authorized</Message></Error>'
                                             '</ErrorResponse>')
        self.refused("role", "refused", "AccessDenied: User: x is not authorized", "trust policy")
        Server.answers["AssumeRole"] = (200, "<html>proxy</html>")
        self.refused("role", "network", "no complete credentials")
        Server.answers["AssumeRole"] = (200, '<!DOCTYPE a [<!ENTITY e "x">]><a><AccessKeyId>&e;</AccessKeyId></a>')
        self.refused("role", "network", "not the XML")
        before = len(Server.log)
        Server.answers["AssumeRole"] = (503, "busy")
        self.refused("role", "network", "answered 503")
        self.assertEqual(len(Server.log) - before, 3, "a server error is tried three times")

    def test_roles_are_assumed_through_faults(self):
        middle = proxy.Proxy(self.url)
        threading.Thread(target=middle.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        env = {"AWS_ENDPOINT_URL_STS": f"http://127.0.0.1:{middle.server_port}"}
        web = env | {"AWS_WEB_IDENTITY_TOKEN_FILE": self.home + "/token.jwt", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/gh"}
        try:
            for rule, requests in (({"fault": "throttle", "count": 2}, 3), ({"fault": "error", "status": 503, "count": 2}, 3),
                                   ({"fault": "error", "body": "html", "count": 1}, 2), ({"fault": "drop-before", "count": 1}, 2),
                                   ({"fault": "drop-after", "count": 2}, 3), ({"fault": "cut", "count": 1}, 2),
                                   ({"fault": "slow", "delay_ms": 200}, 1), ({"fault": "clock-skew", "skew_s": 7200}, 2),
                                   ({"fault": "clock-skew", "skew_s": -7200}, 2)):
                with self.subTest(rule=rule):
                    middle.desk.reset()
                    middle.desk.set_rules([rule])
                    self.assertNotIn("error", self.golive("role", **env))
                    self.assertEqual(middle.desk.state()["requests"], requests)
                    if rule["fault"] != "clock-skew":
                        middle.desk.reset()
                        middle.desk.set_rules([rule])
                        self.assertNotIn("error", self.golive(**web))
            middle.desk.set_rules([{"fault": "expired-token"}])
            self.refused("role", "refused", "ExpiredToken", "renew them", **env)
            middle.desk.set_rules([{"fault": "throttle"}])
            self.refused("role", "refused", "Throttling", **env)
            middle.desk.set_rules([{"fault": "drop-before"}])
            self.refused("role", "network", "sts:AssumeRole", **env)
        finally:
            middle.shutdown()
            middle.server_close()

    def test_keys_that_cannot_be_sent(self):
        self.refused(None, "config", "AWS_SECRET_ACCESS_KEY is not", "", AWS_ACCESS_KEY_ID="AK")
        self.refused(None, "config", "secret key", "copy it again", AWS_ACCESS_KEY_ID="AK", AWS_SECRET_ACCESS_KEY=SECRET + "\n")
        self.refused(None, "refused", "expired at 2020-01-01", "", AWS_CREDENTIAL_EXPIRATION="2020-01-01T00:00:00Z", **self.KEYS)


if __name__ == "__main__":
    unittest.main(verbosity=1)
