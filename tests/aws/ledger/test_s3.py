"""What can go wrong with a ledger in S3 and not with one in a file; how many requests it takes.

    test_s3.py moto|versitygw LEDGER_TOOL        TESTS=name picks tests
"""
import contextlib
import datetime
import hashlib
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import traceback

from botocore.exceptions import ClientError

from support import STORES, Injector, Tool, make_bucket, s3_of

FUTURE_MS = 4102444800000  # 2100-01-01
PAST_MS = 946684800000  # 2000-01-01
TTL_MS = 3000
DOUBT_MS = 3000  # what taking over may wait longer: 2 s of doubt, 1 s of rounding


class Place:
    """A store with the proxy before it, and a fresh bucket for each test."""

    def __init__(self, store, injector, program):
        self.store, self.injector, self.program = store, injector, program
        self.s3 = s3_of(store.url)
        self.bucket = make_bucket(self.s3)
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="golive-ledger-"))

    def close(self):
        shutil.rmtree(self.path)

    def tool(self, bad_line=False, **more):
        return Tool(self.program, self.injector.url if bad_line else self.store.url, self.bucket, **more)

    def key(self, seq):
        return f"events/{seq:020}.json"

    def event(self, seq):
        return json.loads(self.s3.get_object(Bucket=self.bucket, Key=self.key(seq))["Body"].read())

    def put(self, key, text):
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=text)


TESTS = []


def test(function):
    TESTS.append(function)
    return function


def canonical(event):
    return json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


# ---- lost answers and two writers --------------------------------------------------------------

@test
def no_answer_of_a_write_arrives(place):
    """A write whose every answer is lost is there once, and its writer knows"""
    place.injector.rules({"fault": "drop-after", "operation": "PutObject"})
    with place.tool(bad_line=True) as tool:
        assert tool.must("append", count=3)["seq"] == 3
        assert tool.must("verify")["count"] == 3
        tool.must("acquire", ttl_ms=600000)
        tool.must("check")
        assert tool.must("show")["lease"]["purpose"] == "test"
        tool.must("release")
        assert tool.must("show")["lease"] is None
    assert place.injector.injected() >= 5
    place.injector.rules()


@test
def no_write_arrives(place):
    """A write that never arrives fails, and leaves nothing"""
    place.injector.rules({"fault": "drop-before", "operation": "PutObject"})
    with place.tool(bad_line=True) as tool:
        assert tool.try_to("append")["error"] == "network"
        assert tool.try_to("acquire")["error"] == "network"
        place.injector.rules()
        assert tool.must("verify")["count"] == 0
        assert tool.must("append")["seq"] == 1
        tool.must("acquire")
        tool.must("release")


@test
def twins_are_told_apart(place):
    """Two writers that append the same event in the same millisecond: both are recorded"""
    with place.tool() as one, place.tool() as other:
        for tool in (one, other):
            tool.must("clock", unix_ms=FUTURE_MS)
        assert one.must("append")["seq"] == 1
        assert other.must("append")["seq"] == 2
        assert one.must("append")["seq"] == 3  # tries 2 first, with the very content that stands there
        assert other.must("verify")["count"] == 3


# ---- leases and clocks -------------------------------------------------------------------------

@test
def a_living_holder_elsewhere_keeps_it(place):
    """A holder on another host that renews keeps its lease, whatever the wall clocks of both say"""
    with place.tool(boot_id="another-host") as holder, place.tool() as rival:
        holder.must("clock", unix_ms=PAST_MS)
        rival.must("clock", unix_ms=FUTURE_MS)
        holder.must("acquire", ttl_ms=TTL_MS)
        end = time.monotonic() + 2 * (TTL_MS + DOUBT_MS) / 1000
        while time.monotonic() < end:
            refused = rival.try_to("acquire", ttl_ms=TTL_MS)
            assert refused.get("error") == "busy" and "in use by" in refused["message"], refused
            time.sleep(0.1)
        holder.must("check")
        left = rival.must("show")["lease"]["expires_in_ms"]
        assert 0 < left <= TTL_MS, left


@test
def a_vanished_holder_elsewhere_loses_it(place):
    """A holder on another host that stopped loses its lease after the time to live, not before, and notices"""
    with place.tool(boot_id="another-host") as holder, place.tool() as rival:
        holder.must("clock", unix_ms=FUTURE_MS)
        rival.must("clock", unix_ms=PAST_MS)
        before = time.monotonic()
        holder.must("acquire", ttl_ms=TTL_MS)
        holder.process.send_signal(signal.SIGSTOP)
        begun = time.monotonic()
        while (got := rival.try_to("acquire", ttl_ms=TTL_MS)).get("error") == "busy":
            assert time.monotonic() < begun + 60, "still not free"
            time.sleep(0.05)
        waited_ms = (time.monotonic() - before) * 1000
        assert "expired" in got["taken_over"], got
        assert TTL_MS <= waited_ms <= TTL_MS + TTL_MS / 3 + DOUBT_MS + 2000, waited_ms
        holder.process.send_signal(signal.SIGCONT)
        lost = holder.try_to("check")
        assert lost.get("error") == "busy" and "was lost" in lost["message"], lost
        holder.must("release")  # must not give away what is the rival's now
        rival.must("check")
        assert rival.must("show")["lease"]["alive"]


@test
def a_lease_that_is_none(place):
    """Anything else where a lease should be is said, not believed"""
    for text in ("", "{}", "[]", "nothing", json.dumps({"free": False}), '{"free":true} ', canonical({"ttl_ms": -1})):
        place.put("leases/prod.json", text)
        with place.tool() as tool:
            for do in ("show", "acquire"):
                failed = tool.try_to(do)
                assert failed.get("error") == "corrupt" and "leases/prod.json" in failed["message"], (text, failed)


# ---- what somebody with rights on the bucket may do --------------------------------------------

def rehashed(event):
    event = {name: value for name, value in event.items() if name != "hash"}
    return event | {"hash": hashlib.sha256(canonical(event).encode()).hexdigest()}


# What is done to a ledger of five events; what the chain alone shows of it (a count: nothing); what the versions show
TAMPERINGS = [
    (lambda p: p.put(p.key(3), canonical(p.event(3) | {"actor": "eve@x"})), "event 3 (step.done)", "not the only version"),
    (lambda p: p.put(p.key(3), canonical(rehashed(p.event(3) | {"release": 9}))), "event 4 (step.done)", "not the only version"),
    (lambda p: p.put(p.key(3), "no event"), "event 3 was changed", "not the only version"),
    (lambda p: p.put(p.key(3), json.dumps(p.event(3), indent=1)), "event 3 was changed", "not the only version"),
    (lambda p: p.put(p.key(3), canonical(p.event(3) | {"more": 1})), "event 3 was changed", "not the only version"),
    (lambda p: p.put(p.key(3), canonical(p.event(2))), "event 3 was changed", "not the only version"),
    (lambda p: p.s3.delete_object(Bucket=p.bucket, Key=p.key(3)), "event 3 is missing", "deleted"),
    (lambda p: p.s3.delete_object(Bucket=p.bucket, Key=p.key(1)), "event 1 is missing", "deleted"),
    (lambda p: p.s3.delete_object(Bucket=p.bucket, Key=p.key(5)), 4, "deleted"),
    (lambda p: p.put(p.key(0), canonical(p.event(1) | {"seq": 0})), "event 0", "event 0"),
    (lambda p: p.put(p.key(7), canonical(p.event(5) | {"seq": 7})), "event 6 is missing", "event 6 is missing"),
    (lambda p: p.put("events/readme.txt", "hello"), 5, 5),
]


@test
def every_tampering_is_found(place):
    """Events that were written over, deleted or inserted are found, by the chain or by the bucket's versions"""
    for change, by_chain, by_versions in TAMPERINGS:
        place.bucket = make_bucket(place.s3)
        with place.tool() as tool:
            tool.must("append", count=5)
            change(place)
        for audit, wanted in ((False, by_chain), (True, by_versions)):
            with place.tool() as tool:
                found = tool.try_to("verify", audit=audit)
            if isinstance(wanted, int):
                assert found.get("count") == wanted and "error" not in found, (wanted, found)
            else:
                assert found.get("error") == "corrupt" and wanted in found["message"] and found["hint"], (wanted, found)


@test
def events_are_locked(place):
    """Each event is locked for a year, its version cannot be deleted; a lease is not locked"""
    with place.tool() as tool:
        tool.must("append", count=2)
        tool.must("acquire")
    head = place.s3.head_object(Bucket=place.bucket, Key=place.key(2))
    days = (head["ObjectLockRetainUntilDate"] - datetime.datetime.now(datetime.timezone.utc)).total_seconds() / 86400
    assert head["ObjectLockMode"] == "GOVERNANCE" and 364.9 < days < 365.1, head
    try:
        place.s3.delete_object(Bucket=place.bucket, Key=place.key(2), VersionId=head["VersionId"])
        raise AssertionError("the version was deleted")
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403), error.response
    assert "ObjectLockMode" not in place.s3.head_object(Bucket=place.bucket, Key="leases/prod.json")


@test
def there_is_no_bucket(place):
    """Without its bucket the ledger does not open, and says which one is missing"""
    place.bucket = "ledger-of-nobody"
    with contextlib.suppress(AssertionError), place.tool() as tool:
        tool.must("read")
        raise RuntimeError("it opened")
    assert tool.process.wait(30) == 1


# ---- the copy ----------------------------------------------------------------------------------

@test
def a_copy_spares_requests(place):
    """With a copy only what is new is fetched; looking is one list, appending one more"""
    requests = place.injector.requests
    copy = str(place.path / "copy.db")
    with place.tool() as other:
        other.must("append", count=300)
        for wanted, lists in ((300, 3), (0, 1), (1, 2)):
            place.injector.rules()
            with place.tool(bad_line=True, copy=copy) as tool:
                assert tool.must("read")["count"] == (301 if wanted == 1 else 300)
                found = requests()
                assert found.get("GetObject", 0) == wanted and found["ListObjectsV2"] == lists, (wanted, found)
            if wanted == 0:
                other.must("append")
        place.injector.rules()
        with place.tool(bad_line=True, copy=copy) as tool:
            assert tool.must("append")["seq"] == 302
            assert requests() == {"HeadBucket": 1, "ListObjectsV2": 1, "PutObject": 1}, requests()
            assert tool.must("read")["count"] == tool.must("verify")["count"] == 302


@test
def a_copy_remembers(place):
    """What was cut off or written anew behind a copy is noticed by who reads, appends or verifies with it"""
    for number, change in enumerate((cut_end, cut_all, write_anew)):
        place.bucket = make_bucket(place.s3)
        copy = str(place.path / f"remembers-{number}.db")
        with place.tool(copy=copy) as tool:
            tool.must("append", count=5)
            tool.must("read")
        change(place)
        for do, more in (("read", {}), ("append", {}), ("verify", {"audit": True})):
            if do != "verify" and change is write_anew:
                continue  # seen at the next event only
            with place.tool(copy=copy) as tool:
                found = tool.try_to(do, **more)
                assert found.get("error") == "corrupt", (change.__name__, do, found)
        with place.tool() as other:
            written = other.try_to("append", count=2)  # versitygw never takes a deleted number again, S3 and moto do
            assert written.get("error", "corrupt") == "corrupt", written
        for do, more in (("read", {}), ("verify", {"audit": True})):
            with place.tool(copy=copy) as tool:
                found = tool.try_to(do, **more)
                assert found.get("error") == "corrupt", (change.__name__, do, found)


def cut_end(place):
    place.s3.delete_object(Bucket=place.bucket, Key=place.key(5))


def cut_all(place):
    for seq in range(1, 6):
        place.s3.delete_object(Bucket=place.bucket, Key=place.key(seq))


def write_anew(place):
    place.put(place.key(5), canonical(rehashed(place.event(5) | {"actor": "eve@x"})))


@test
def a_copy_that_cannot_be_used(place):
    """Without room for a copy, or with a broken one, the ledger works all the same"""
    (place.path / "file").write_text("no database", encoding="utf-8")
    for copy in (place.path / "file", place.path / "file" / "copy.db"):
        with place.tool(copy=str(copy)) as tool:
            last = tool.must("append", count=3)["seq"]
            assert tool.must("read")["count"] == tool.must("verify")["count"] == last


@test
def a_copy_that_is_in_use(place):
    """A copy that another process does not let go of keeps nobody from reading: it is only a cache"""
    copy = place.path / "busy.db"
    with place.tool(copy=str(copy)) as tool:
        tool.must("append", count=3)
        assert tool.must("read")["count"] == 3
    with place.tool(copy=str(copy)) as tool, contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as other:
        other.execute("begin immediate")
        with place.tool() as writer:
            writer.must("append")
        assert tool.must("read")["count"] == 4
        other.execute("rollback")


# ---- the clock ---------------------------------------------------------------------------------

@test
def the_time_is_that_of_the_store(place):
    """What limits of time are judged by is the store's clock, wherever this machine's was moved to"""
    with place.tool() as tool:
        for moved_ms in (0, 946684800000, 4102444800000):
            tool.must("clock", unix_ms=moved_ms)
            assert abs(tool.must("time")["unix_ms"] - time.time() * 1000) < 60000
    place.injector.rules({"fault": "clock-skew", "skew_s": 200})
    with place.tool(bad_line=True) as tool:
        assert 150000 < tool.must("time")["unix_ms"] - time.time() * 1000 < 250000


# ---- requests ----------------------------------------------------------------------------------

@test
def what_it_costs(place):
    """An append is one request; who comes anew needs a list and the last event; 1,000 events are read side by side"""
    requests = place.injector.requests
    place.injector.rules()
    with place.tool(bad_line=True) as tool:
        appended = tool.must("append", count=1000)
        assert requests() == {"HeadBucket": 1, "ListObjectsV2": 1, "PutObject": 1000}, requests()
    place.injector.rules()
    with place.tool(bad_line=True) as tool:
        tool.must("append")
        assert requests() == {"HeadBucket": 1, "ListObjectsV2": 1, "GetObject": 1, "PutObject": 1}, requests()
    with place.tool() as tool:
        read = tool.must("read")
        verified = tool.must("verify")
        assert read["count"] == verified["count"] == 1001, (read, verified)
    place.injector.rules()
    with place.tool(bad_line=True) as tool:
        tool.must("read")
        found = requests()
        assert found["GetObject"] == 1001 and found["ListObjectsV2"] <= 8, found
        place.injector.rules()
        tool.must("acquire", ttl_ms=600000)
        taken = requests()
        tool.must("check")
        tool.must("release")
        done = requests()
    assert taken == {"GetObject": 1, "PutObject": 1} and done == {"GetObject": 2, "PutObject": 2}, (taken, done)
    print(f"# {appended['ms'] / 1000:.2f} ms for an append, {read['ms']:.0f} ms to read 1,001 events", flush=True)


def main():
    name, program = sys.argv[1:]
    store = STORES[name]()
    injector = Injector(store.url)
    tests = [one for one in TESTS if os.environ.get("TESTS", "") in one.__name__]
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    try:
        for number, one in enumerate(tests, 1):
            begun = time.monotonic()
            try:
                with contextlib.closing(Place(store, injector, program)) as place:
                    one(place)
                print(f"ok {number} - {name}: {one.__doc__} # {time.monotonic() - begun:.2f} s", flush=True)
            except Exception:
                failed += 1
                print(f"not ok {number} - {name}: {one.__name__}: {one.__doc__}", flush=True)
                for line in traceback.format_exc().splitlines():
                    print("# " + line[:1500], flush=True)
    finally:
        injector.stop()
        store.stop()
    return 1 if failed or not tests else 0


if __name__ == "__main__":
    sys.exit(main())
