"""The frontend's files in versitygw, an S3 server that others wrote: what the emulator's S3 accepts is no accident of it."""
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

from site_stage import ROOT, Emulator, Site, hashed, mutable, release, run, through, until

TESTS = []


def test(function):
    TESTS.append(function)
    return function


class Versitygw:
    """The server over a directory, on a port of loopback."""

    def __init__(self):
        program = subprocess.run([ROOT / "scripts" / "versitygw"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        self.files = pathlib.Path(tempfile.mkdtemp(prefix="golive-versitygw-"))
        (self.files / "buckets").mkdir()
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.log = (self.files / "log").open("w")
        self.process = subprocess.Popen([program, "--access", "testing", "--secret", "testing", "--region", "ap-northeast-1", "--port", f"127.0.0.1:{port}",
                                         "--quiet", "posix", str(self.files / "buckets")], stdout=self.log, stderr=self.log)
        until(lambda: socket.socket().connect_ex(("127.0.0.1", port)), lambda refused: refused == 0)

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()
        shutil.rmtree(self.files)


def with_server(function):
    """A test on its own server."""
    def whole(aws):
        server = Versitygw()
        try:
            with Site(aws, s3=server.url) as site:
                function(site, server)
        finally:
            server.stop()
    whole.__name__, whole.__doc__ = function.__name__, function.__doc__
    return test(whole)


@with_server
def whole_life(site, _server):
    """published, served, gone back to, pruned, with contents, types and caches"""
    builds = {number: release(number) | {"docs/a b+ü.txt": "x" * number} for number in range(1, 4)}
    for number, files in builds.items():
        site.deploy(number, files)
        assert site.pages() == mutable(files)
    live = site.live()
    assert live["index.html"][1:] == ("text/html; charset=utf-8", "no-cache"), live["index.html"]
    assert live["_app/immutable/entry/start.0003.js"][1:] == ("text/javascript; charset=utf-8", "public, max-age=31536000, immutable")
    site.run("activate", 1).must()
    assert site.pages() == mutable(builds[1]) and site.served() == 1
    site.run("prune", 3).must()
    assert hashed(site.live()) == hashed(builds[1]) | hashed(builds[3])
    site.run("activate", 0).must()
    assert site.pages() == {} and site.served() == 0


@with_server
def overtaken(site, server):
    """a switch that somebody else overtook changes nothing"""
    site.deploy(1, release(1))
    site.publish(2, release(2)).must()
    with through(server.url) as proxy:
        proxy.rules({"fault": "slow", "service": "s3", "operation": "GetObject", "skip": 1, "count": 1, "delay_ms": 2000})
        process = site.start("activate", 2, AWS_ENDPOINT_URL_S3=proxy.url)
        until(proxy.log, lambda log: [one for one in log if one["fault"] == "slow" and one["applied"]])
        body = site.s3.get_object(Bucket=site.bucket, Key="_golive/current.json")["Body"].read()
        site.s3.put_object(Bucket=site.bucket, Key="_golive/current.json", Body=body + b" ")
        assert "somebody else" in site.end(process).must(5).error["message"]
    assert site.pages() == mutable(release(1))


@with_server
def changed_build(site, server):
    """a file that changes while it is sent is refused by the server, not taken for what was described"""
    with through(server.url) as proxy:
        directory = pathlib.Path(site.build(1, release(1)))
        proxy.rules({"fault": "slow", "service": "s3", "operation": "ListObjectsV2", "count": 1, "delay_ms": 2000})
        process = site.start("publish", 1, str(directory), AWS_ENDPOINT_URL_S3=proxy.url)
        until(proxy.log, lambda log: [one for one in log if one["fault"] == "slow" and one["applied"]])
        (directory / "about.html").write_text("changed")
        failed = site.end(process)
        assert failed.status > 0 and "XAmzContentSHA256Mismatch" in failed.error["message"], failed.said
        assert "_golive/manifests/1.json" not in site.keys()


@with_server
def many_assets(site, server):
    """thousands of assets do not make the switch slower: their pages of the listing are not asked for, what comes after them is seen"""
    files = release(1) | {f"_app/immutable/nodes/{number}.{number:04x}.js": f"{number}" for number in range(3300)}
    site.deploy(1, files)
    site.s3.put_object(Bucket=site.bucket, Key="zzz.html", Body=b"x")
    with through(server.url) as proxy:
        proxy.rules()
        site.run("activate", 1, AWS_ENDPOINT_URL_S3=proxy.url).must()
        lists = [one for one in proxy.log() if one["operation"] == "ListObjectsV2"]
        assert len(lists) == 2, lists
    keys = set(site.keys())
    assert set(files) <= keys and "zzz.html" not in keys
    with through(server.url) as proxy:
        proxy.rules()
        site.publish(2, files | {"index.html": "new"}, AWS_ENDPOINT_URL_S3=proxy.url).must()
        assert len([one for one in proxy.log() if one["operation"] == "PutObject"]) == 2


if __name__ == "__main__":
    emulator = Emulator()
    try:
        sys.exit(run(TESTS, emulator))
    finally:
        emulator.stop()
