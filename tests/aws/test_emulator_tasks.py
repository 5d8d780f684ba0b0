"""One-off tasks of the emulator: RunTask, programs of this machine as containers, secrets, permissions, logs."""
import json
import pathlib
import sys
import time

from emulator_world import World
from harness import Emulator, refused, run, until

TESTS = []
GROUP = "/shop/prod/migration"
PROGRAM = """
import os, signal, sys, time
print("begin", os.environ.get("MODE"), os.environ.get("DATABASE_URL"), os.environ.get("HOME") is not None, *sys.argv[1:], flush=True)
print("to stderr", file=sys.stderr, flush=True)
if "wait" in sys.argv:
    signal.signal(signal.SIGTERM, lambda *_: (print("told to stop", flush=True), sys.exit(7)))
    print("waiting", flush=True)
    time.sleep(600)
sys.exit(int(os.environ.get("EXIT", "0")))
"""
LOGGED = {"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": GROUP, "awslogs-region": "ap-northeast-1",
                                                                  "awslogs-stream-prefix": "migrate"}}}


def test(function):
    TESTS.append(function)
    return function


def begin(world, family="migrate", overrides=None, **more):
    """RunTask; the task's ARN."""
    answer = world.ecs.run_task(cluster="shop", taskDefinition=family, launchType="FARGATE", networkConfiguration=world.network(),
                                overrides={"containerOverrides": [{"name": "backend", **overrides}]} if overrides else {}, **more)
    assert not answer["failures"], answer
    return answer["tasks"][0]["taskArn"]


def described(world, arn):
    return world.ecs.describe_tasks(cluster="shop", tasks=[arn], include=["TAGS"])["tasks"][0]


def stopped(world, arn):
    return until(lambda: described(world, arn), lambda one: one["lastStatus"] == "STOPPED")


def lines(aws, arn):
    """Messages of a task's log stream; none before it is there."""
    logs = aws.client("logs")
    stream = f"migrate/backend/{arn.rpartition('/')[2]}"
    if not logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=stream)["logStreams"]:
        return []
    return [one["message"] for one in logs.get_log_events(logGroupName=GROUP, logStreamName=stream, startFromHead=True)["events"]]


def with_program(aws, **container):
    """A world in which the family migrate is a program of this machine that writes to GROUP."""
    world = World(aws)
    aws.client("logs").create_log_group(logGroupName=GROUP)
    aws.control("image", family="migrate", behaviour={"command": [sys.executable, "-c", PROGRAM], "environment": {"MODE": "given"}})
    world.task_definition("a", family="migrate", **LOGGED, **container)
    return world


@test
def program(aws):
    """a program is the container: arguments, environment, secrets, output as log events, exit code"""
    secret = aws.client("secretsmanager").create_secret(Name="db", SecretString=json.dumps({"url": "postgres://x"}))["ARN"]
    world = with_program(aws, command=["up"], environment=[{"name": "MODE", "value": "defined"}], secrets=[
        {"name": "DATABASE_URL", "valueFrom": secret + ":url::"}])
    arn = begin(world, tags=[{"key": "golive:release", "value": "r1"}], startedBy="golive")
    task = stopped(world, arn)
    assert (task["stopCode"], task["stoppedReason"], task["containers"][0]["exitCode"]) == ("EssentialContainerExited", "Essential container in task exited", 0)
    assert task["startedBy"] == "golive" and task["tags"] == [{"key": "golive:release", "value": "r1"}] and task["startedAt"] <= task["stoppedAt"]
    assert sorted(lines(aws, arn)) == ["begin defined postgres://x True up", "to stderr"], lines(aws, arn)
    other = begin(world, overrides={"command": ["down", "1"], "environment": [{"name": "EXIT", "value": "3"}, {"name": "MODE", "value": "override"}]})
    assert stopped(world, other)["containers"][0]["exitCode"] == 3 and "begin override postgres://x True down 1" in lines(aws, other)


@test
def stop_program(aws):
    """StopTask sends SIGTERM; what the program still says is logged, its exit status is the container's"""
    world = with_program(aws, command=["wait"])
    arn = begin(world)
    until(lambda: described(world, arn)["lastStatus"] == "RUNNING" and "waiting" in lines(aws, arn), bool)
    world.ecs.stop_task(cluster="shop", task=arn, reason="enough")
    task = stopped(world, arn)
    assert (task["stopCode"], task["stoppedReason"], task["containers"][0]["exitCode"]) == ("UserInitiated", "enough", 7)
    assert lines(aws, arn)[-1] == "told to stop"


@test
def failing_start(aws):
    """a secret that is missing, one that may not be read, a log group that is not there, a program that is not there"""
    world = with_program(aws, secrets=[{"name": "DATABASE_URL", "valueFrom": "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:none-AbCdEf"}])
    words = stopped(world, begin(world))
    assert words["stopCode"] == "TaskFailedToStart" and "ResourceNotFoundException: Secrets Manager can't find the specified secret" in words["stoppedReason"]
    assert "exitCode" not in words["containers"][0]
    aws.client("secretsmanager").create_secret(Name="db", SecretString="{}")
    world.task_definition("a", family="migrate", secrets=[{"name": "X", "valueFrom": "db"}])
    aws.control("image", family="migrate", behaviour={"start": "no_permission"})
    words = stopped(world, begin(world))["stoppedReason"]
    assert words.startswith("ResourceInitializationError: unable to pull secrets") and "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role" in words
    aws.control("image", family="migrate", behaviour={"command": ["/no/such/program"]})
    world.task_definition("a", family="migrate")
    task = stopped(world, begin(world))
    assert task["containers"][0]["exitCode"] == 127 and "CannotStartContainerError" in task["containers"][0]["reason"]
    aws.client("logs").delete_log_group(logGroupName=GROUP)
    world.task_definition("a", family="migrate", **LOGGED)
    assert "ResourceNotFoundException: The specified log group does not exist" in stopped(world, begin(world))["stoppedReason"]


@test
def permissions(aws):
    """when policies are applied, the execution role must allow to read the secrets"""
    world = World(aws)
    iam, arn = aws.client("iam"), aws.client("secretsmanager").create_secret(Name="db", SecretString="x")["ARN"]
    role = iam.create_role(RoleName="execution", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    allow = lambda *actions: iam.put_role_policy(RoleName="execution", PolicyName="start", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}))
    world.ecs.register_task_definition(
        family="migrate", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512", executionRoleArn=role,
        containerDefinitions=[{"name": "backend", "image": "x@sha256:" + "a" * 64, "secrets": [{"name": "X", "valueFrom": arn}]}])
    admin = iam.create_user(UserName="admin") and iam.create_access_key(UserName="admin")["AccessKey"]
    iam.put_user_policy(UserName="admin", PolicyName="all", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
    aws.control("enforce", on=True)
    world.ecs = aws.client("ecs", key=admin["AccessKeyId"], secret=admin["SecretAccessKey"])
    allow_as_admin = aws.client("iam", key=admin["AccessKeyId"], secret=admin["SecretAccessKey"])
    iam = allow_as_admin
    allow("ecr:*")
    words = stopped(world, begin(world))["stoppedReason"]
    assert "is not authorized to perform: secretsmanager:GetSecretValue" in words, words
    allow("ecr:*", "secretsmanager:GetSecretValue")
    task = begin(world)
    until(lambda: described(world, task)["lastStatus"], lambda status: status == "RUNNING")


@test
def idempotent(aws):
    """the same clientToken is the same task"""
    world = World(aws)
    world.task_definition("a", family="migrate")
    assert begin(world, clientToken="t") == begin(world, clientToken="t") != begin(world)
    with refused("ConflictException"):
        begin(world, clientToken="t", startedBy="other")
    assert len(world.tasks(family="migrate")) == 2
    with refused("InvalidParameterException", "Network Configuration"):
        world.ecs.run_task(cluster="shop", taskDefinition="migrate", launchType="FARGATE")


@test
def reading_logs(aws):
    """GetLogEvents follows with tokens that end where nothing is new; FilterLogEvents pages, filters, takes prefixes"""
    logs, now = aws.client("logs"), int(time.time() * 1000)
    logs.create_log_group(logGroupName="g")
    for name in ("a/1", "a/2", "b/1"):
        logs.create_log_stream(logGroupName="g", logStreamName=name)
    put = lambda stream, *messages: logs.put_log_events(logGroupName="g", logStreamName=stream, logEvents=[
        {"timestamp": now + number, "message": message} for number, message in enumerate(messages)])
    follow = lambda **more: logs.get_log_events(logGroupName="g", logStreamName="a/1", startFromHead=True, **more)
    empty = follow()
    put("a/1", "one", "two", "three")
    page = follow(nextToken=empty["nextForwardToken"], limit=2)
    assert [one["message"] for one in page["events"]] == ["one", "two"]
    page = follow(nextToken=page["nextForwardToken"])
    assert [one["message"] for one in page["events"]] == ["three"]
    again = follow(nextToken=page["nextForwardToken"])
    assert not again["events"] and again["nextForwardToken"] == page["nextForwardToken"]
    assert [one["message"] for one in follow(endTime=now + 1)["events"]] == ["one"]
    put("a/2", '{"level": "ERROR", "ms": 5}', '{"level": "INFO"}')
    put("b/1", "two of b")
    find = lambda **more: [one["message"] for page in logs.get_paginator("filter_log_events").paginate(logGroupName="g", **more) for one in page["events"]]
    assert find(filterPattern='{ $.level = "ERROR" }') == ['{"level": "ERROR", "ms": 5}'] == find(filterPattern="{ $.ms >= 5 }")
    assert find(filterPattern="two") == ["two of b", "two"] and find(filterPattern="two -of") == ["two"] and len(find(filterPattern="?one ?three")) == 2
    assert find(filterPattern='"two of"', logStreamNamePrefix="b/") == ["two of b"] and find(logStreamNamePrefix="c") == []
    assert len(find(limit=1)) == 6 and find(logStreamNames=["a/1"]) == ["one", "two", "three"]


@test
def nothing_left(aws):
    """no program outlives the emulator, nor a reset"""
    world = with_program(aws, command=["wait"])
    arn = begin(world)
    until(lambda: "waiting" in lines(aws, arn), bool)
    aws.control("reset")
    other = Emulator()
    world = with_program(other, command=["wait"])
    arn = begin(world)
    until(lambda: "waiting" in lines(other, arn), bool)
    other.stop()
    until(lambda: [one for one in processes() if PROGRAM.strip() in one], lambda listed: not listed)


def processes():
    """Command lines of all processes."""
    found = []
    for place in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(place.read_bytes().decode(errors="replace"))
        except OSError:
            pass  # it ended meanwhile
    return found


if __name__ == "__main__":
    emulator = Emulator()
    code = run(TESTS, emulator)
    sys.exit(emulator.stop() or code)
