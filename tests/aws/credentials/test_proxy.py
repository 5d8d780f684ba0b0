"""The fault-injecting proxy, judged by botocore's own reading of what it says and by what reaches the emulator."""
import datetime
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
import unittest
import unittest.mock
import urllib.request

import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions
import botocore.session

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import proxy  # noqa: E402

# service -> (method, arguments, operation, an answer that botocore accepts)
CALLS = {
    "ecs": ("list_clusters", {}, "ListClusters", '{"clusterArns":[]}'),
    "cloudformation": ("describe_stacks", {}, "DescribeStacks",
                       "<DescribeStacksResponse><DescribeStacksResult><Stacks/></DescribeStacksResult></DescribeStacksResponse>"),
    "ec2": ("describe_vpcs", {}, "DescribeVpcs", "<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>"),
    "s3": ("get_bucket_lifecycle_configuration", {"Bucket": "b"}, "GetBucketLifecycleConfiguration",
           "<LifecycleConfiguration/>"),
    "route53": ("list_resource_record_sets", {"HostedZoneId": "Z1"}, "ListResourceRecordSets",
                "<ListResourceRecordSetsResponse><ResourceRecordSets/><IsTruncated>false</IsTruncated><MaxItems>1</MaxItems>"
                "</ListResourceRecordSetsResponse>"),
    "backup": ("list_backup_vaults", {}, "ListBackupVaults", '{"BackupVaultList":[]}'),
}
CODES = {  # throttle, expired-token, clock-skew
    "ecs": ("ThrottlingException", "ExpiredTokenException", "InvalidSignatureException"),
    "cloudformation": ("Throttling", "ExpiredToken", "SignatureDoesNotMatch"),
    "ec2": ("RequestLimitExceeded", "RequestExpired", "SignatureDoesNotMatch"),
    "s3": ("SlowDown", "ExpiredToken", "RequestTimeTooSkewed"),
    "route53": ("Throttling", "ExpiredToken", "SignatureDoesNotMatch"),
    "backup": ("TooManyRequestsException", "ExpiredTokenException", "InvalidSignatureException"),
}


class Emulator(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = []

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append((self.command, self.path, dict(self.headers), body))
        answer = self.server.answer.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml" if answer.startswith(b"<") else "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = handle_any

    def log_message(self, *args):
        pass


class Faults(unittest.TestCase):
    def setUp(self):
        Emulator.seen.clear()
        self.emulator = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Emulator)
        self.emulator.answer = "{}"
        self.proxy = proxy.Proxy(f"http://127.0.0.1:{self.emulator.server_port}", seed=3)
        for server in (self.emulator, self.proxy):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.proxy.server_port}"
        self.session = botocore.session.Session()
        self.session.set_credentials("AKIATEST", "secret", "token")

    def tearDown(self):
        for server in (self.proxy, self.emulator):
            server.shutdown()
            server.server_close()

    def control(self, method, what, content=None):
        request = urllib.request.Request(f"{self.url}/golive-proxy/{what}", method=method,
                                         data=None if content is None else json.dumps(content).encode())
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def call(self, service):
        method, arguments, _, self.emulator.answer = CALLS[service]
        config = botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=5)
        client = self.session.create_client(service, region_name="eu-west-1", endpoint_url=self.url, config=config)
        return getattr(client, method)(**arguments)

    def fails(self, service):
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            self.call(service)
        return caught.exception.response

    def test_passes_everything_on_unchanged(self):
        for service, (_, _, operation, _) in CALLS.items():
            with self.subTest(service=service):
                self.call(service)
                _, _, headers, _ = Emulator.seen[-1]
                self.assertEqual(headers["Host"], self.url[len("http://"):])
                self.assertIn("AWS4-HMAC-SHA256", headers["Authorization"])
                self.assertIn(f"{service}:{operation}", self.control("GET", "state")["operations"])
        state = self.control("GET", "state")
        self.assertEqual((state["requests"], state["forwarded"], state["faults"]), (len(CALLS), len(CALLS), {}))

    def test_what_arrives_still_bears_its_signature(self):
        keys = botocore.credentials.Credentials("AKIATEST", "secret", "token")
        for service in CALLS:
            with self.subTest(service=service):
                self.call(service)
                method, path, headers, body = Emulator.seen[-1]
                scheme, given = headers["Authorization"].split(" ", 1)
                parts = dict(part.strip().split("=", 1) for part in given.split(","))
                signed = {name.lower(): value for name, value in headers.items()}
                request = botocore.awsrequest.AWSRequest(method, "http://" + headers["Host"] + path, data=body, headers={
                    name: signed[name] for name in parts["SignedHeaders"].split(";")})
                request.context["timestamp"] = signed["x-amz-date"]
                _, _, region, name, _ = parts["Credential"].split("/")
                kind = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
                auth = kind(keys, name, region)
                canonical = auth.canonical_request(request)
                self.assertEqual(auth.signature(auth.string_to_sign(request, canonical), request), parts["Signature"])
                self.assertEqual(scheme, "AWS4-HMAC-SHA256")

    def test_each_protocol_words_its_refusals(self):
        for service, codes in CODES.items():
            for fault, code in zip(("throttle", "expired-token", "clock-skew"), codes):
                with self.subTest(service=service, fault=fault):
                    self.control("PUT", "rules", [{"fault": fault, "skew_s": 3600}])
                    response = self.fails(service)
                    self.assertEqual(response["Error"]["Code"], code)
                    self.assertTrue(response["Error"]["Message"])
        self.assertEqual(Emulator.seen, [])

    def test_errors_of_things_in_between(self):
        for service in CALLS:
            for body in ("protocol", "json", "xml", "html", "empty"):
                for status in (500, 503):
                    with self.subTest(service=service, body=body, status=status):
                        self.control("PUT", "rules", [{"fault": "error", "status": status, "body": body}])
                        response = None
                        try:
                            response = self.fails(service)
                        except botocore.parsers.ResponseParserError:
                            self.assertIn(body, ("html", "json", "xml"))  # botocore cannot read a foreign body
                        if response:
                            self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], status)

    def test_retry_after(self):
        self.control("PUT", "rules", [{"fault": "throttle", "retry_after_s": 7}])
        self.assertEqual(self.fails("ecs")["ResponseMetadata"]["HTTPHeaders"]["retry-after"], "7")

    def test_connections_that_end(self):
        for fault, applied in (("drop-before", 0), ("drop-after", 1), ("cut", 1)):
            for service in ("ecs", "s3"):
                with self.subTest(fault=fault, service=service):
                    Emulator.seen.clear()
                    self.control("POST", "reset")
                    self.control("PUT", "rules", [{"fault": fault}])
                    with self.assertRaises((botocore.exceptions.HTTPClientError, botocore.exceptions.IncompleteReadError)):
                        self.call(service)
                    self.assertEqual(len(Emulator.seen), applied)
                    entry = self.control("GET", "log")[0]
                    self.assertEqual((entry["fault"], entry["applied"]), (fault, bool(applied)))

    def test_slow(self):
        self.control("PUT", "rules", [{"fault": "slow", "delay_ms": 300}])
        begun = time.monotonic()
        self.call("ecs")
        self.assertGreaterEqual(time.monotonic() - begun, 0.3)

    def test_rules_choose(self):
        self.control("PUT", "rules", [{"fault": "throttle", "service": "ec*", "operation": "List*", "skip": 1, "count": 2}])
        self.call("s3")
        self.call("ecs")
        self.fails("ecs")
        self.fails("ecs")
        self.call("ecs")
        self.call("ec2")
        state = self.control("GET", "state")
        self.assertEqual(state["faults"], {"throttle": 2})
        self.assertEqual(state["operations"]["ecs:ListClusters"], {"requests": 4, "forwarded": 2, "faults": {"throttle": 2}})
        self.assertEqual(state["rules"][0]["used"], 2)

    def test_probability_repeats_with_the_seed(self):
        def draw():
            self.control("POST", "reset")
            self.control("POST", "rules", {"fault": "throttle", "probability": 0.5})
            result = []
            for _ in range(40):
                try:
                    self.call("ecs")
                    result.append(True)
                except botocore.exceptions.ClientError:
                    result.append(False)
            return result
        first = draw()
        self.assertEqual(first, draw())
        self.assertGreater(first.count(True), 8)
        self.assertGreater(first.count(False), 8)

    def test_a_client_that_corrects_its_clock_gets_through(self):
        self.control("PUT", "rules", [{"fault": "clock-skew", "skew_s": 3600}])
        response = self.fails("ecs")
        date = response["ResponseMetadata"]["HTTPHeaders"]["date"]
        server = datetime.datetime.strptime(date, "%a, %d %b %Y %H:%M:%S GMT")
        self.assertAlmostEqual((server - datetime.datetime.utcnow()).total_seconds(), 3600, delta=5)
        with unittest.mock.patch("botocore.auth.get_current_datetime", lambda *a, **k: server):
            self.call("ecs")
        self.assertEqual(self.control("GET", "state")["forwarded"], 1)

    def test_unsigned_calls_have_names(self):
        self.control("PUT", "rules", [{"fault": "throttle", "service": "sts"}])
        client = self.session.create_client("sts", region_name="eu-west-1", endpoint_url=self.url, config=botocore.config.Config(
            signature_version=botocore.UNSIGNED, retries={"total_max_attempts": 1}))
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            client.assume_role_with_web_identity(RoleArn="arn:aws:iam::123456789012:role/x", RoleSessionName="me",
                                                 WebIdentityToken="abcd")
        self.assertEqual(caught.exception.response["Error"]["Code"], "Throttling")

    def test_operations_of_s3(self):
        client = self.session.create_client("s3", region_name="eu-west-1", endpoint_url=self.url)
        self.emulator.answer = "<CopyObjectResult/>"
        client.copy_object(Bucket="b", Key="k/l", CopySource="b/c")
        self.emulator.answer = ""
        client.put_object(Bucket="b", Key="k/l", Body=b"x")
        client.get_object(Bucket="b", Key="k/l")
        client.head_object(Bucket="b", Key="k")
        client.create_bucket(Bucket="b", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        self.emulator.answer = "<ListBucketResult/>"
        client.list_objects_v2(Bucket="b")
        self.assertEqual([entry["operation"] for entry in self.control("GET", "log")],
                         ["CopyObject", "PutObject", "GetObject", "HeadObject", "CreateBucket", "ListObjectsV2"])

    def test_controls_of_emulators_always_pass(self):
        self.control("PUT", "rules", [{"fault": "drop-before"}])
        with urllib.request.urlopen(self.url + "/moto-api/reset", data=b"") as answer:
            self.assertEqual(answer.status, 200)

    def test_bad_rules_are_refused(self):
        for spec in ({}, {"fault": "fire"}, {"fault": "slow", "dealy_ms": 1}, {"fault": "slow", "delay_ms": "1"},
                     {"fault": "error", "body": "pdf"}, [], 3):
            with self.subTest(spec=spec), self.assertRaises(urllib.error.HTTPError) as caught:
                self.control("POST", "rules", spec)
            self.assertEqual(caught.exception.code, 400)
            caught.exception.close()

    def test_an_emulator_that_is_gone(self):
        self.emulator.shutdown()
        self.emulator.server_close()
        with self.assertRaises(Exception):
            self.call("ecs")
        self.assertEqual(self.control("GET", "log")[0]["applied"], False)


class Program(unittest.TestCase):
    def test_starts_tells_its_port_and_ends(self):
        path = os.path.join(os.path.dirname(__file__), "..", "proxy.py")
        with subprocess.Popen([sys.executable, path, "--upstream", "http://127.0.0.1:1"], stdout=subprocess.PIPE,
                              text=True) as process:
            try:
                port = int(process.stdout.readline().removeprefix("listening on "))
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/golive-proxy/state") as answer:
                    self.assertEqual(json.load(answer)["requests"], 0)
                process.send_signal(signal.SIGTERM)
                self.assertEqual(process.wait(timeout=20), 0)
            finally:
                if process.poll() is None:
                    process.kill()


if __name__ == "__main__":
    unittest.main(verbosity=1)
