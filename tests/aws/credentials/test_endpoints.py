"""golive's endpoints beside botocore's rule sets: every service x region x {plain, FIPS, dual stack, both}, and the
configured URLs of environment and profile."""
import os
import re
import subprocess
import sys
import tempfile
import unittest

import botocore.config
import botocore.session
import botocore.utils

TOOL = sys.argv.pop(1)
SOURCE = os.environ["SOURCE_ROOT"]
REGIONS = ("us-east-1 us-west-2 eu-west-1 ap-northeast-1 ap-northeast-3 cn-north-1 cn-northwest-1 us-gov-west-1 us-gov-east-1"
           .split())
CLEAN = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true"}


def services():
    with open(os.path.join(SOURCE, "src/aws/endpoint_table.c")) as file:
        text = file.read()
    table = text[text.index("gl_aws_service_hosts[] = {"):text.index("gl_aws_service_host_count")]
    return re.findall(r'^    \{"([a-z0-9-]+)"', table, re.M)


def golive(lines, **env):
    done = subprocess.run([TOOL, "endpoints"], input="\n".join(lines), capture_output=True, text=True, env=CLEAN | env,
                          check=True)
    return done.stdout.splitlines()


class Rules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        session = botocore.session.Session()
        cls.clients = {
            name: session.create_client(name, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
            for name in services()
        }

    def expected(self, service, region, fips, dual):
        client = self.clients[service]
        try:
            found = client._ruleset_resolver._provider.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual)
        except botocore.exceptions.EndpointProviderError:
            return "ERROR"
        signing = (found.properties.get("authSchemes") or [{}])[0].get("signingRegion") or region
        return f"{found.url} {signing} {client.meta.service_model.signing_name}"

    def compare(self, regions, names):
        cases = [(service, region) for service in names for region in regions]
        count = 0
        for fips in (False, True):
            for dual in (False, True):
                got = golive([f"{s} {r}" for s, r in cases], AWS_USE_FIPS_ENDPOINT=str(fips).lower(),
                             AWS_USE_DUALSTACK_ENDPOINT=str(dual).lower())
                self.assertEqual(len(got), len(cases))
                for (service, region), line in zip(cases, got):
                    want = self.expected(service, region, fips, dual)
                    line = "ERROR" if line.startswith("ERROR") else line
                    self.assertEqual(line, want, f"{service} {region} fips={fips} dual={dual}")
                    count += 1
        return count

    def test_every_service_and_region(self):
        names = services()
        self.assertGreaterEqual(len(names), 40)
        count = self.compare(REGIONS, names)
        self.assertEqual(count, len(names) * len(REGIONS) * 4)
        print(f"{count} endpoints as botocore resolves them", file=sys.stderr)

    def test_isolated_partitions(self):
        self.compare(["us-iso-east-1", "us-isob-east-1", "eusc-de-east-1"], ["cloudformation", "ecs", "rds", "sts", "kms"])

    def test_global_services_need_no_region(self):
        got = golive(["iam", "route53", "cloudfront", "budgets", "ecs"])
        self.assertEqual([line.split()[:2] for line in got[:4]],
                         [[f"https://{n}.amazonaws.com", "us-east-1"] for n in ("iam", "route53", "cloudfront", "budgets")])
        self.assertIn("no AWS region", got[4])

    def test_names_of_the_variables(self):
        for name in services():
            ident = botocore.utils.CLIENT_NAME_TO_HYPHENIZED_SERVICE_ID_OVERRIDES.get(name, name).replace("-", "_")
            got = golive([f"{name} eu-west-1"], **{f"AWS_ENDPOINT_URL_{ident.upper()}": "http://127.0.0.1:5000/"})
            self.assertEqual(got[0].split()[0], "http://127.0.0.1:5000", name)


class Configured(unittest.TestCase):
    CONFIG = """
[default]
services = local
endpoint_url = http://127.0.0.1:1
[profile off]
endpoint_url = http://127.0.0.1:1
ignore_configured_endpoint_urls = true
[profile lost]
services = nowhere
[profile ways]
use_fips_endpoint = true
[services local]
s3 =
  endpoint_url = http://127.0.0.1:2
elastic_load_balancing_v2 =
  endpoint_url = http://127.0.0.1:3
"""

    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.config = os.path.join(self.dir.name, "config")
        with open(self.config, "w") as file:
            file.write(self.CONFIG)

    def tearDown(self):
        self.dir.cleanup()

    def both(self, service, **env):
        env |= {"AWS_CONFIG_FILE": self.config}
        ours = golive([f"{service} eu-west-1"], **env)[0]
        script = ("import botocore.session, sys; print(botocore.session.Session().create_client(sys.argv[1], 'eu-west-1',"
                  " aws_access_key_id='a', aws_secret_access_key='b').meta.endpoint_url)")
        theirs = subprocess.run([sys.executable, "-c", script, service], capture_output=True, text=True, env=CLEAN | env)
        return ours.split()[0], theirs.stdout.strip().rstrip("/")

    def test_precedence_is_that_of_botocore(self):
        cases = [
            ("s3", {}, "http://127.0.0.1:2"),
            ("elbv2", {}, "http://127.0.0.1:3"),
            ("ecs", {}, "http://127.0.0.1:1"),
            ("s3", {"AWS_ENDPOINT_URL": "http://127.0.0.1:4"}, "http://127.0.0.1:4"),
            ("s3", {"AWS_ENDPOINT_URL": "http://127.0.0.1:4", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:5"},
             "http://127.0.0.1:5"),
            ("ecs", {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:5"}, "http://127.0.0.1:1"),
            ("ecs", {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, "https://ecs.eu-west-1.amazonaws.com"),
            ("ecs", {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ENDPOINT_URL": "http://127.0.0.1:4"},
             "https://ecs.eu-west-1.amazonaws.com"),
            ("ecs", {"AWS_PROFILE": "off"}, "https://ecs.eu-west-1.amazonaws.com"),
            ("ecs", {"AWS_PROFILE": "ways"}, "https://ecs-fips.eu-west-1.amazonaws.com"),
            ("ecs", {"AWS_PROFILE": "ways", "AWS_USE_FIPS_ENDPOINT": "false"}, "https://ecs.eu-west-1.amazonaws.com"),
        ]
        for service, env, want in cases:
            with self.subTest(service=service, env=env):
                self.assertEqual(self.both(service, **env), (want, want))

    def test_mistakes(self):
        lost = golive(["ecs eu-west-1"], AWS_CONFIG_FILE=self.config, AWS_PROFILE="lost")[0]
        self.assertIn("[services nowhere]", lost)
        for url in ("127.0.0.1:5000", "ftp://127.0.0.1", "http://", "http://a b", "http://a/?x=1"):
            self.assertIn("endpoint URL", golive(["ecs eu-west-1"], AWS_ENDPOINT_URL=url)[0], url)
        for region in ("eu-west-1.evil.example/", "EU", "-x", "a" * 70):
            self.assertIn("cannot be the name", golive([f"ecs {region}"])[0], region)
        self.assertIn("no AWS service", golive(["esc eu-west-1"])[0])


if __name__ == "__main__":
    unittest.main(verbosity=1)
