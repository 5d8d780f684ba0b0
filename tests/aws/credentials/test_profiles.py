"""golive's reading of the shared files beside botocore's: the same text gives the same sections, or both refuse it."""
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

import botocore.exceptions
import botocore.session

TOOL = sys.argv.pop(1)

GOOD = [
    ("", ""),
    ("[default]\nregion = eu-west-1\n", "[default]\naws_access_key_id = A\naws_secret_access_key = B\n"),
    ("[default]\nregion=a\n[profile x]\nregion: b\nOutput = json\n", "[x]\nregion = c\n"),
    ("[profile 'a b']\nregion = x\n[profile \"c d\"]\nregion = y\n[profile e\\ f]\nregion = z\n", ""),
    ("# comment\n; another\n[default]\n # indented comment\nregion = a # not a comment\n", ""),
    ("[default]\ns3 =\n  addressing_style = path\n  Max_Concurrent = 3\n\n  # comment\n  a = b = c\nregion = r\n", ""),
    ("[default]\na = one\n  two\n\n  three\nb = x\n", ""),
    ("[default]\r\nregion = eu-west-1\r\ns3 =\r\n  x = y\r\n", ""),
    ("[sso-session s]\nsso_region = r\nsso_start_url = https://x/\n[profile p]\nsso_session = s\n", ""),
    ("[services s]\ns3 =\n  endpoint_url = http://a\nec2 =\n  endpoint_url = http://b\n[default]\nservices = s\n", ""),
    ("[preview]\nx = y\n[profile]\nx = y\n[profile a b]\nx = y\n[default]\nx = z\n", ""),
    ("[default]\nempty =\nnext = 1\n", ""),
    ("  [default]\n  region = a\n  output = b\n", ""),
    ("[default]  trailing\nregion = a\n", ""),
    ("[default]\nkey = a:b=c\nurl: http://x:1/\n", ""),
    ("", "[a b]\nk = v\n[profile c]\nk = v\n"),
    ("[default]\ns3 =\n  a = 1\n  b = 2\n", "[default]\ns3 =\n  a = 3\n"),
    ("[default]\nregion = 日本\n", ""),
    ("[default]\nkey with blank = 1\n", ""),
]
BAD = [
    "region = a\n",
    "[default]\nnonsense\n",
    "[default]\na = 1\n[default]\na = 1\n",
    "[default]\na = 1\nA = 2\n",
    "[default]\ns3 =\n  nonsense\n",
    "[default\na = 1\n",
]


class Both(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.paths = {n: os.path.join(self.dir.name, n) for n in ("config", "credentials")}

    def tearDown(self):
        self.dir.cleanup()

    def read(self, config, credentials):
        for name, text in (("config", config), ("credentials", credentials)):
            with open(self.paths[name], "wb") as file:
                file.write(text.encode())
        env = {"AWS_CONFIG_FILE": self.paths["config"], "AWS_SHARED_CREDENTIALS_FILE": self.paths["credentials"]}
        done = subprocess.run([TOOL, "profiles"], env=env, capture_output=True, check=True)
        ours = json.loads(done.stdout)
        session = botocore.session.Session()
        session.set_config_variable("config_file", self.paths["config"])
        session.set_config_variable("credentials_file", self.paths["credentials"])
        try:
            full = session.full_config
            theirs = {k: full.get(k, {}) for k in ("profiles", "sso_sessions", "services")}
        except botocore.exceptions.ConfigParseError:
            theirs = None
        return ours, theirs

    def test_same_sections(self):
        for config, credentials in GOOD:
            with self.subTest(config=config, credentials=credentials):
                ours, theirs = self.read(config, credentials)
                self.assertEqual(ours, theirs)

    def test_both_refuse(self):
        for text in BAD:
            for where in ("config", "credentials"):
                with self.subTest(text=text, where=where):
                    ours, theirs = self.read(text if where == "config" else "", text if where == "credentials" else "")
                    self.assertIsNone(theirs)
                    self.assertEqual(ours["error"]["code"], "config")
                    self.assertEqual(ours["error"]["file"], self.paths[where])
                    self.assertGreater(ours["error"]["line"], 0)

    def test_generated_files(self):
        lines = ["[default]", "[profile a]", "[profile 'b c']", "[sso-session a]", "[services s]", "[other]", "k = v", "K2: v",
                 "s3 =", "  x = y", "    deep = 1", "  more", "", "# c", "; c", "  # c", "z=", "plain", "\tk3 = t", "[]", "a = [b]"]
        rng = random.Random(7)
        agreed = refused = 0
        for _ in range(300):
            text = "\n".join(rng.choice(lines) for _ in range(rng.randrange(1, 9))) + "\n"
            text = text if rng.random() < 0.2 else "[default]\n" + text.replace("[default]", "[profile d]")
            if text.count("[other]") > 1:  # golive passes over sections that mean nothing to it
                continue
            ours, theirs = self.read(text, "")
            if theirs is None:
                self.assertIn("error", ours, text)
                refused += 1
            else:
                self.assertEqual(ours, theirs, text)
                agreed += 1
        self.assertGreater(agreed, 50)
        self.assertGreater(refused, 50)
        print(f"{agreed} files read alike, {refused} refused by both", file=sys.stderr)

    def test_where_golive_differs_on_purpose(self):
        # botocore: the later one wins; the reference guide: [profile default] does.
        ours, _ = self.read("[profile default]\nregion = right\n[default]\nregion = wrong\n", "")
        self.assertEqual(ours["profiles"]["default"], {"region": "right"})
        # Windows editors begin a file with a byte order mark.
        ours, theirs = self.read("\ufeff[default]\nregion = a\n", "")
        self.assertEqual(ours["profiles"]["default"], {"region": "a"})
        self.assertIsNone(theirs)


if __name__ == "__main__":
    unittest.main(verbosity=1)
