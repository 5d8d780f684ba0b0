#!/usr/bin/env python3
"""Releases on AWS that are no good: what golive says, how soon, and what serves afterwards."""
import time

from support import Environment, failing, main, share, until
from harness import REGION  # support knows where it is


def second_fails(env, tool, code, *words, **behaviour):
    """Release 2 behaves so and does not come up; release 1 serves on; seconds that it took."""
    env.first(tool)
    begun = time.monotonic()
    with failing(code, *words):
        tool("start", **env.artifact(2, **behaviour))
    took = time.monotonic() - begun
    assert env.weights()[1] == 100, env.weights()
    tool("stop", release=2)
    assert env.weights() == {1: 100} and env.deployments()[0]["status"] == "ROLLBACK_SUCCESSFUL", env.deployments()[0]
    assert not env.service()["deploymentConfiguration"].get("lifecycleHooks")
    return took


def test_crash(aws):
    """a version that dies at its start: its exit status and last words, without waiting for the circuit breaker"""
    with Environment(aws) as env:
        aws.control("settings", task_start_s=3.0)  # two tasks die, and golive ends it before the third
        second_fails(env, env.tool(), "unhealthy", "its process ended", "exit status 101", "panicked at main.rs", start="exit", exit_code=101,
                     log=["begins", "panicked at main.rs"])
        assert env.deployments()[0]["deploymentCircuitBreaker"]["status"] != "TRIGGERED"


def test_unhealthy(aws):
    """a version that runs but is never ready"""
    with Environment(aws) as env:
        second_fails(env, env.tool(), "unhealthy", "health check fails", "backend.ready_path", healthy=False)


def test_pull_error(aws):
    """an image that cannot be pulled"""
    with Environment(aws) as env:
        second_fails(env, env.tool(), "unhealthy", "the image cannot be pulled", "CannotPullContainerError", start="pull_error")


def test_no_permission(aws):
    """a right that the execution role has not: named, with the resource"""
    with Environment(aws) as env:
        second_fails(env, env.tool(), "unhealthy", "a right is missing", "secretsmanager:GetSecretValue", start="no_permission")


def test_no_capacity(aws):
    """no place for a task: ECS says so in the service's events only"""
    with Environment(aws) as env:
        second_fails(env, env.tool(), "unhealthy", "no capacity", "Capacity is unavailable", start="no_capacity")


def test_never_ready(aws):
    """a version whose time is over"""
    with Environment(aws, backend__start_timeout_s=1) as env:
        tool = env.tool()
        env.first(tool)
        artifact = env.artifact(2, healthy_after_s=3600)
        tool.begin("start", **{**artifact, "timeout_ms": -598000})  # ten minutes less two seconds of what Fargate is given
        with failing("unhealthy", "not ready in time"):
            tool.end()
        tool("stop", release=2)
        assert env.weights() == {1: 100}


def test_first_crash(aws):
    """a first release that dies: CloudFormation takes its service back, and the next one makes it"""
    with Environment(aws) as env:
        tool = env.tool()
        with failing("unhealthy", "its process ended", "no database"):
            tool("start", **env.artifact(1, start="exit", log=["no database"]))
        tool("stop", release=1)
        assert env.service() is None
        tool("start", **env.artifact(2))
        tool("shift", release=2, pct=100)
        tool("conclude", release=2)
        assert env.weights() == {2: 100}


def test_alarm(aws):
    """an alarm while it bakes: ECS takes it back, the watch says why, nothing is called a success"""
    with Environment(aws) as env:
        tool = env.tool()
        env.first(tool)
        tool("start", **env.artifact(2))
        tool("shift", release=2, pct=100)
        mark = tool("mark", release=2)
        seen = tool("observe", release=2, mark=mark)
        assert seen["healthy"] and seen.get("alarm") is None, seen
        aws.client("cloudwatch").set_alarm_state(AlarmName="glanceflow-prod-rollback-5xx", StateValue="ALARM", StateReason="3 of 5 minutes")
        seen = until(lambda: tool("observe", release=2, mark=mark), lambda seen: seen.get("alarm"), 20)
        assert "glanceflow-prod-rollback-5xx" in seen["alarm"], seen
        # The alarm is told as well once ECS has stopped the tasks, and once the alarm is over.
        aws.client("cloudwatch").set_alarm_state(AlarmName="glanceflow-prod-rollback-5xx", StateValue="OK", StateReason="the old version serves")
        seen = until(lambda: tool("observe", release=2, mark=mark), lambda seen: not seen["healthy"], 60)
        assert "glanceflow-prod-rollback-5xx" in (seen.get("alarm") or ""), seen
        aws.client("cloudwatch").set_alarm_state(AlarmName="glanceflow-prod-rollback-5xx", StateValue="ALARM", StateReason="3 of 5 minutes")
        with failing("unhealthy", "glanceflow-prod-rollback-5xx"):
            tool("conclude", release=2)
        tool("shift", release=1, pct=100)
        tool("stop", release=2)
        assert env.weights() == {1: 100}
        with failing("refused", "glanceflow-prod-rollback-5xx", "golive rollback"):
            tool("preflight", **env.artifact(3))
        tool("preflight", **env.artifact(1))  # going back is what alarms are for


def test_errors(aws):
    """answers 5xx of the new version are counted for it alone, since the mark"""
    with Environment(aws) as env:
        tool = env.tool()
        env.first(tool)
        tool("start", **env.artifact(2, error_share=0.5))
        preview = tool("endpoint", which=2, release=2)
        env.request(preview)
        tool("shift", release=2, pct=100)
        mark = tool("mark", release=2)
        public = tool("endpoint", which=0, release=2)
        for _ in range(20):
            env.request(public)
        seen = until(lambda: tool("observe", release=2, mark=mark), lambda seen: seen["requests"] >= 20, 30)
        assert (seen["requests"], seen["errors_5xx"], seen["failures"]) == (20, 10, 0) and seen["healthy"], seen
        old = tool("mark", release=1)
        assert tool("observe", release=1, mark=old)["requests"] == 0


def test_aws_took_it_back(aws):
    """a pause that timed out: AWS took the release back, and golive, which comes later, says so"""
    with Environment(aws) as env:
        tool = env.tool()
        env.first(tool)
        aws.control("settings", minute_s=0.02)
        tool("start", **env.artifact(2))
        until(lambda: env.deployments()[0]["status"], lambda status: status == "ROLLBACK_SUCCESSFUL")
        aws.control("settings", minute_s=0.5)
        with failing("unhealthy", "timed out"):
            tool("conclude", release=2)
        assert share(tool("traffic"), 2)["weight_pct"] is None and share(tool("traffic"), 1)["weight_pct"] == 100
        tool("stop", release=2)
        tool("start", **env.artifact(2))
        assert share(tool("traffic"), 2)["healthy"], "once more, when asked again"


def test_dead_targets(aws):
    """no traffic for a version without healthy targets, though ECS would let it have some"""
    with Environment(aws) as env:
        tool = env.tool()
        env.first(tool)
        tool("start", **env.artifact(2))
        group = next(one["target_group"] for one in tool("describe")["versions"] if one["release"] == 2)
        balancer = aws.client("elbv2")
        targets = [one["Target"] for one in balancer.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]]
        balancer.deregister_targets(TargetGroupArn=group, Targets=targets)
        with failing("unhealthy", "no healthy target", "golive logs backend --env prod --release 2"):
            tool("shift", release=2, pct=100)
        assert env.weights() == {1: 100, 2: 0}
        balancer.register_targets(TargetGroupArn=group, Targets=targets)
        tool("shift", release=2, pct=100)
        assert env.weights() == {1: 0, 2: 100}


def test_deaths(aws):
    """a task of the new version that dies while it bakes counts"""
    with Environment(aws) as env:
        tool = env.tool()
        env.first(tool)
        tool("start", **env.artifact(2, dies_after_s=4.0, times=2))
        tool("shift", release=2, pct=100)
        mark = tool("mark", release=2)
        assert tool("observe", release=2, mark=mark)["deaths"] == 0
        seen = until(lambda: tool("observe", release=2, mark=mark), lambda seen: seen["deaths"] >= 2, 30)
        assert seen["deaths"] == 2 and share(tool("traffic"), 2)["deaths"] == 2, seen


def test_others_deployment(aws):
    """a deployment that somebody else began is left alone"""
    with Environment(aws) as env:
        tool = env.tool()
        env.first(tool)
        env.ecs.update_service(cluster=env.cluster, service="glanceflow-prod-backend", forceNewDeployment=True,
                               deploymentConfiguration={**env.service()["deploymentConfiguration"], "bakeTimeInMinutes": 1000})
        with failing("busy", "another deployment", "stop-service-deployment"):
            tool("preflight", **env.artifact(2))


def test_preflight(aws):
    """what stands in the way is said before anything is changed"""
    with Environment(aws) as env:
        tool = env.tool()
        aws.client("rds").stop_db_instance(DBInstanceIdentifier="glanceflow-prod-database")
        with failing("refused", "the database", "not available"):
            tool("preflight", **env.artifact(1))
        aws.client("rds").start_db_instance(DBInstanceIdentifier="glanceflow-prod-database")
        tool("preflight", **env.artifact(1))
        distribution, = aws.client("cloudfront").list_distributions()["DistributionList"]["Items"]
        aws.control("distribution", id=distribution["Id"], status="InProgress")
        tool("preflight", **env.artifact(1))  # it serves all the same
        tool.says(f"still spreading a change of distribution {distribution['Id']}")
        aws.control("distribution", id=distribution["Id"], status="")
        store = aws.client("secretsmanager")
        names = [one["Name"] for one in store.list_secrets()["SecretList"] if one["Name"].startswith("/glanceflow/prod/GLANCEFLOW_BACKEND_")]
        assert len(names) > 1 and any(name.endswith("JWT_SECRET") for name in names), names
        for name in names:
            version = next(iter(store.describe_secret(SecretId=name)["VersionIdsToStages"]))
            store.update_secret_version_stage(SecretId=name, VersionStage="AWSCURRENT", RemoveFromVersionId=version)
        commands = [f'read -rs VALUE && printf %s "$VALUE" | aws secretsmanager put-secret-value --region {REGION} --secret-id {name} '
                    "--secret-string file:///dev/stdin" for name in names]
        with failing("refused", f"JWT_SECRET ({names[0].rsplit('/', 1)[0]}/", *commands):  # all at once
            tool("preflight", **env.artifact(1))
        aws.control("drop", stack="glanceflow-prod-data")
        with failing("refused", "glanceflow-prod-data does not stand", "golive up --env prod"):
            env.tool()("up")


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]

if __name__ == "__main__":
    main(TESTS)
