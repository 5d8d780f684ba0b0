"""The frontend's operations killed after each of their requests, and with answers that are lost: repeated or undone, the state is whole."""
import signal
import sys

from site_stage import IMMUTABLE, OWN, Emulator, Site, hashed, kept_in_s3, mutable, release, run_in, through, until

TESTS = []
LIVE_CHANGES = ("CopyObject", "DeleteObjects")


def test(function):
    TESTS.append(function)
    return function


def kill_after(site, proxy, number, *words):
    """Runs the tool and kills it while the answer to its request `number` (from 0) is outstanding; the log of what was applied, or
    None when it ended before it made so many."""
    proxy.rules({"fault": "slow", "service": "*", "skip": number, "count": 1, "delay_ms": 600000})
    process = site.start(*words, url=proxy.url)
    until(proxy.log, lambda log: process.poll() is not None or any(one["fault"] and one["applied"] for one in log))
    if process.poll() is not None:
        site.end(process).must()
        return None
    process.kill()
    site.end(process)
    return [one for one in proxy.log() if one["applied"]]


def forgotten_after(site, paths, before):
    """True if an invalidation made after the first `before` ones names the paths."""
    made = [path for one in site.invalidations()[before:] for path in one]
    return "/*" in made or set(paths) <= set(made)


CHANGED = ["/", "/_app/version.json", "/about", "/about.html", "/gone", "/gone.html", "/index.html"]


def whole(site, number, files):
    """The state of a release that is served, with nothing left to do."""
    assert site.pages() == mutable(files), (number, site.pages())
    assert site.record() == {"golive": 1, "release": number, "stale": []}, site.record()


@test
def publish_killed(world):
    """publish, killed after each of its requests: nothing of it is served, a repeat completes it"""
    with world.empty() as site, through(site.aws.url) as proxy:
        site.deploy(1, release(1))
        killed, number = 0, 2
        while True:
            files = release(number)
            log = kill_after(site, proxy, killed, "publish", number, site.build(number, files))
            if log is None:
                break
            assert site.pages() == mutable(release(1)) and site.served() == 1
            site.publish(number, files).must()
            assert hashed(files) <= set(site.live())
            site.run("activate", number).must()
            whole(site, number, files)
            site.run("activate", 1).must()
            killed, number = killed + 1, number + 1
        assert killed >= 10, killed
        print(f"# killed at {killed} requests", flush=True)


def walk_activate(world, after):
    """Kills activate(2) over release 1 after each of its requests; after(site) goes on and returns what must be served then."""
    first, second = release(1) | {"gone.html": "g"}, release(2)
    with world.empty() as site, through(site.aws.url) as proxy:
        site.deploy(1, first)
        site.publish(2, second).must()
        killed = 0
        while True:
            before = len(site.invalidations())
            log = kill_after(site, proxy, killed, "activate", 2)
            if log is None:
                break
            number, files = after(site, first, second)
            whole(site, number, files)
            if any(one["operation"] in LIVE_CHANGES for one in log) or number == 2:
                assert forgotten_after(site, CHANGED, before), (killed, site.invalidations()[before:])
            site.run("activate", 1).must()
            whole(site, 1, first)
            killed += 1
        assert killed >= 14, killed
        print(f"# killed at {killed} requests", flush=True)


@test
def activate_killed_and_repeated(world):
    """activate, killed after each of its requests, then repeated: the new release is served, its old paths are forgotten"""
    def repeat(site, _first, second):
        site.run("activate", 2).must()
        return 2, second
    walk_activate(world, repeat)


@test
def activate_killed_and_undone(world):
    """activate, killed after each of its requests, then undone: the old release is served, whatever was seen meanwhile is forgotten"""
    def undo(site, first, _second):
        site.run("activate", 1).must()
        return 1, first
    walk_activate(world, undo)


@test
def activate_killed_and_pruned(world):
    """pruning between a killed switch and its end takes nothing that either way needs"""
    first, second = release(1), release(2)
    with world.empty() as site, through(site.aws.url) as proxy:
        site.deploy(1, first)
        site.publish(2, second).must()
        proxy.rules({"fault": "slow", "operation": "CopyObject", "count": 1, "delay_ms": 600000})
        process = site.start("activate", 2, url=proxy.url)
        until(proxy.log, lambda log: any(one["fault"] and one["applied"] for one in log))
        process.kill()
        site.end(process)
        site.run("prune", 7).must()
        site.run("activate", 1).must()
        whole(site, 1, first)
        site.run("activate", 2).must()
        whole(site, 2, second)
        site.run("prune", 7).must()
        assert hashed(site.live()) == hashed(second)

def interrupt_during(site, proxy, operation, *words):
    """Runs the tool and sends Ctrl-C while AWS has not yet carried out a call of the operation; what the tool came to."""
    proxy.rules({"fault": "late", "operation": operation, "count": 3, "delay_ms": 1500})
    process = site.start(*words, url=proxy.url)
    until(proxy.log, lambda log: any(one["fault"] for one in log))
    process.send_signal(signal.SIGINT)
    return site.end(process)


@test
def interrupted_and_undone(world):
    """after Ctrl-C nothing is on its way any more: a copy, a page or a deletion that AWS carries out late does not overtake the undo"""
    first, second = release(1) | {"gone.html": "g"}, release(2)
    for operation in LIVE_CHANGES:
        with world.empty() as site, through(site.aws.url) as proxy:
            site.deploy(1, first)
            site.publish(2, second).must()
            ended = interrupt_during(site, proxy, operation, "activate", 2)
            assert ended.status == 6, (ended.status, ended.said)
            site.run("activate", 1).must()
            until(proxy.log, lambda log: all(one["applied"] for one in log if one["fault"]))
            whole(site, 1, first)


@test
def lost_answers(world):
    """answers that are lost, of every operation that changes something: all is done, the record is not taken for somebody else's"""
    with world.empty() as site, through(site.aws.url) as proxy:
        site.deploy(1, release(1) | {"gone.html": "g"})
        for number, operation in enumerate(("PutObject", "CopyObject", "DeleteObjects", "CreateInvalidation", "GetInvalidation", "*"), 2):
            files = release(number) | ({"gone.html": "g"} if number % 2 else {})
            before = len(site.invalidations())
            for words in (("publish", number, site.build(number, files)), ("activate", number)):
                for fault in ("drop-after", "drop-before", "throttle") if operation != "*" else ("drop-after",):
                    if words[0] == "activate" and fault != "drop-after":
                        site.run("activate", number - 1).must()
                        before = len(site.invalidations())
                    proxy.rules({"fault": fault, "operation": operation, "count": 2} if operation != "*" else
                                {"fault": fault, "service": "s3", "probability": 0.2})
                    site.run(*words, url=proxy.url).must()
                    if words[0] == "activate" and operation != "*":
                        assert [one for one in proxy.log() if one["fault"]], (operation, fault)
            whole(site, number, files)
            assert len(site.invalidations()) == before + 1, (operation, site.invalidations()[before:])


@test
def failure_inside_success(world):
    """S3 may say 200 to a copy and then, in the body, that it failed: it is copied again"""
    with world.empty() as site, through(site.aws.url) as proxy:
        files = release(1)
        site.publish(1, files).must()
        proxy.rules({"fault": "error", "status": 200, "operation": "CopyObject", "count": 2})
        site.run("activate", 1, url=proxy.url).must()
        assert len([one for one in proxy.log() if one["fault"]]) == 2
        whole(site, 1, files)


@test
def first_failure_ends_it(world):
    """a page that cannot be sent ends publish with AWS's words, and without a manifest; the next try sends only what lacks"""
    with world.empty() as site, through(site.aws.url) as proxy:
        proxy.rules({"fault": "error", "status": 400, "body": "html", "service": "s3", "operation": "PutObject", "skip": 4, "count": 1})
        failed = site.publish(1, release(1), url=proxy.url)
        assert failed.status > 0 and "s3 PutObject" in failed.error["message"], (failed.status, failed.said)
        assert not site.keys(OWN + "manifests/")
        have = len(site.keys())
        proxy.rules()
        site.publish(1, release(1), url=proxy.url).must()
        put = [key for operation, key in map(kept_in_s3, proxy.log()) if operation == "PutObject"]
        assert len(put) == len(site.keys()) - have and not [key for key in put if key.startswith(IMMUTABLE)], put


if __name__ == "__main__":
    EMULATOR = Emulator()
    try:
        with Site(EMULATOR) as SITE:
            STATUS = run_in(SITE, TESTS)
    finally:
        EMULATOR.stop()
    sys.exit(STATUS)
