"""golive's commands on the team's ledger: before the bucket is there, from two machines, side by side, and when it was changed."""
import json
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "up"))
from stage import ACCOUNT, REGION, Emulator, Project, refused, run  # noqa: E402

BUCKET = f"glanceflow-ledger-{ACCOUNT}-{REGION}"
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def events(project, *words):
    """What golive log shows."""
    return [json.loads(line) for line in project.run("log", "--format", "json", *words).must(0).out.splitlines()]


def notes(result):
    return [one["text"] for one in result.events if one["event"] == "note"]


def make_bucket(project):
    return project.up("--stack", "bootstrap").must(0)


@test
def the_first_up_is_recorded_here(aws):
    """While there is no bucket the project's own ledger serves, and it is said; from then on the team's does"""
    with Project(aws.url) as project:
        for words in (("log", "--env", "prod"), ("log", "verify", "--env", "prod"), ("status", "--env", "prod")):
            error = project.run(*words).must(8).error
            assert BUCKET in error and "golive up --env prod" in error, error
        assert any("ledger.db" in text for text in notes(make_bucket(project)))
        own = events(project)
        assert [one["kind"] for one in own][-1] == "infra.up.end" and events(project, "--env", "prod") == [], own
        assert notes(project.up("--stack", "bootstrap").must(0)) == []
        assert len(events(project)) == len(own)
        shared = events(project, "--env", "prod")
        assert [one["kind"] for one in shared] == ["infra.up.begin", "infra.up.end"] and {one["env"] for one in shared} == {"prod"}, shared
        kept = project.run("plan", "--env", "prod", "--keep").must(0).out
        assert events(project, "--env", "prod")[-1]["kind"] == "infra.plan", kept


@test
def another_machine_sees_it(aws):
    """What one machine did another one shows and verifies; both append to one chain"""
    with Project(aws.url) as here, Project(aws.url) as there:
        make_bucket(here)
        for project in (here, there, here):
            assert notes(project.up("--stack", "bootstrap").must(0)) == []
        assert events(here, "--env", "prod") == events(there, "--env", "prod")
        there.run("status", "--env", "prod").must(0)
        assert "\"events\": 6" in there.run("log", "verify", "--env", "prod", "--format", "json").must(0).out
        assert not (there.path / ".golive" / "ledger.db").exists()


@test
def one_at_a_time(aws):
    """A second up of the same environment from another machine is refused and told who is at work; one that was killed is no obstacle"""
    with Project(aws.url) as here, Project(aws.url) as there:
        make_bucket(here)
        aws.control("freeze", stack="glanceflow-registry", logical_id="Backend", operation="CREATE")
        working = here.start("up", "--env", "prod", "--yes", "--format", "json", "--stack", "registry")
        try:
            working.says("CREATE_IN_PROGRESS")
            refused = there.up("--stack", "registry").must(5)
            assert "prod is in use by" in refused.error and f"process {working.pid}" in refused.error and ": up, since" in refused.error, refused.error
            assert there.up("--stack", "bootstrap", env="dev").status == 0
        finally:
            working.signal(signal.SIGKILL)
            working.end()
        aws.control("release", stack="glanceflow-registry", logical_id="Backend", operation="CREATE")
        there.up("--stack", "registry").must(0)


@test
def what_was_changed_is_found(aws):
    """golive log verify finds an event that somebody with rights on the bucket deleted"""
    with Project(aws.url) as project:
        make_bucket(project)
        project.up("--stack", "bootstrap").must(0)
        s3, key = aws.client("s3"), f"events/{2:020}.json"
        with refused("403"):
            s3.delete_object(Bucket=BUCKET, Key=key)
        s3.delete_bucket_policy(Bucket=BUCKET)  # who may do that may delete; a locked version stays
        s3.delete_object(Bucket=BUCKET, Key=key)
        found = project.run("log", "verify", "--env", "prod").must(15)
        assert "deleted" in found.error and f"s3://{BUCKET}/events/" in found.error and "audit trail" in found.error, found.error


def main():
    aws = Emulator()
    try:
        return run(TESTS, aws)
    finally:
        aws.stop()


if __name__ == "__main__":
    sys.exit(main())
