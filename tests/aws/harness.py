"""What tests that use the emulator share: the emulator as a process, clients, templates, TAP."""
import ctypes
import functools
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

HERE = pathlib.Path(__file__).resolve().parent
os.environ["AWS_DATA_PATH"] = str(HERE / "models")  # what AWS added after the pinned botocore; read when a client is made
REGION = "ap-northeast-1"


def die_with_parent():
    """No emulator outlives a test that is killed (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def copy_missing(source, target):
    """Copies what is not there: what a test made in its folder by itself stays."""
    def there(directory, names):
        place = target / pathlib.Path(directory).relative_to(source)
        return [name for name in names if os.path.lexists(place / name) and ((place / name).is_symlink() or not (place / name).is_dir())]

    shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True, ignore=there)


class Emulator:
    """The emulator in a process of its own, of one account."""

    def __init__(self, account="123456789012"):
        self.process = subprocess.Popen([sys.executable, "-m", "emulator", "-p", "0"], stdout=subprocess.PIPE, text=True, cwd=HERE,
                                        env=os.environ | {"MOTO_ACCOUNT_ID": account}, preexec_fn=die_with_parent)
        self.account, self.kept, self.keeping = account, {}, tempfile.TemporaryDirectory(prefix="golive-kept-")
        self.port = int(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"

    @functools.lru_cache(maxsize=None)
    def client(self, service, region=REGION, key="testing", secret="testing", token=None):
        return boto3.client(service, region_name=region, endpoint_url=self.url, aws_access_key_id=key, aws_secret_access_key=secret,
                            aws_session_token=token, config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}))

    def control(self, what, method="POST", **request):
        """A request to /golive-test/; raises with the emulator's words when it refuses."""
        sent = urllib.request.Request(f"{self.url}/golive-test/{what}", json.dumps(request).encode(), method=method)
        try:
            with urllib.request.urlopen(sent, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error

    def prepared(self, folder, prepare, *key):
        """Everything as prepare() makes it of a fresh emulator and a folder: really done the first time, gone back to whenever the key comes again.
        Files that are in the folder already stay as they are. What prepare() returned."""
        stacks = self.client("cloudformation").describe_stacks()["Stacks"]
        assert not stacks, f"not a fresh emulator: it has {[one['StackName'] for one in stacks]}"
        name = hashlib.sha256(repr(key).encode()).hexdigest()[:16]
        copy = pathlib.Path(self.keeping.name) / name
        if name in self.kept:
            self.control("restore", name=name)
            copy_missing(copy, folder)
        else:
            made = prepare()
            self.control("keep", name=name)
            self.kept[name] = made
            shutil.copytree(folder, copy, symlinks=True)
        return self.kept[name]

    def stop(self):
        """Ends it; returns its exit status."""
        self.keeping.cleanup()
        self.process.terminate()
        return self.process.wait(60)


def pauses(longest_s):
    """Seconds between two looks: ever longer, since asking takes processor time from what is waited for."""
    pause = 0.01
    while True:
        yield pause
        pause = min(1.5 * pause, longest_s)


def until(describe, done, seconds=120, longest_s=0.05):
    """Asks until the answer is as wanted; the wait has an end, no fixed length."""
    end = time.monotonic() + seconds
    for pause in pauses(longest_s):
        answer = describe()
        if done(answer):
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"still not after {seconds} s: {answer}")
        time.sleep(pause)


class Refusal:
    """with refused("Code", "words"): the call inside must be refused with this code and words."""

    def __init__(self, code, words=""):
        self.code, self.words = code, words

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _trace):
        assert isinstance(error, ClientError), f"not refused: {error!r}"
        answer = error.response["Error"]
        assert answer["Code"] == self.code and self.words in answer["Message"], f"refused otherwise: {answer}"
        return True


def refused(code, words=""):
    return Refusal(code, words)


def run_in(world, tests, before=lambda: None):
    """Runs tests as TAP, all in one world. TESTS in the environment picks those whose name contains it."""
    chosen = [one for one in tests if os.environ.get("TESTS", "") in one.__name__]
    print(f"1..{len(chosen)}", flush=True)
    failed = 0
    for number, one in enumerate(chosen, 1):
        before()
        begun = time.monotonic()
        try:
            one(world)
            print(f"ok {number} - {one.__doc__.splitlines()[0]} # {time.monotonic() - begun:.2f} s", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {number} - {one.__name__}: {one.__doc__.splitlines()[0]}", flush=True)
            for line in traceback.format_exc().splitlines():
                print("# " + line, flush=True)
    return 1 if failed else 0


def run(tests, emulator):
    """Runs tests as TAP, each on a fresh emulator."""
    return run_in(emulator, tests, lambda: emulator.control("reset"))
