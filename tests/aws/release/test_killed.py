#!/usr/bin/env python3
"""golive is killed in the middle of each wait on AWS, and whoever comes next completes the same effect."""
from support import Environment, main, share, until

# Stages that a release waits for last this long, so that a kill hits the middle.
SLOW = {"SCALE_UP": 3.0, "PRODUCTION_TRAFFIC_SHIFT": 3.0, "CLEAN_UP": 3.0, "ROLLBACK": 3.0}


def killed(env, tool, op, ready, **given):
    """Begins an operation, kills golive once AWS shows that it is on its way, and lets another golive do the same again."""
    tool.begin(op, **given)
    until(ready, bool, 30)
    tool.kill()
    again = env.tool()
    again(op, **given)
    return again


def stage(env):
    newest = env.deployments()[:1]
    return newest[0].get("lifecycleStage") if newest else None


def status(env):
    return env.deployments()[0]["status"]


def test_killed_everywhere(aws):
    """start, shift, conclude of a release, each killed and done again: one task definition, one deployment, a success"""
    with Environment(aws) as env:
        tool = env.tool()
        env.first(tool)
        aws.control("settings", stage_s=SLOW)
        second = env.artifact(2)
        tool = killed(env, tool, "start", lambda: stage(env) == "SCALE_UP", **second)
        assert len(env.definitions()) == 2 and len(env.deployments()) == 2
        tool = killed(env, tool, "shift", lambda: stage(env) == "PRODUCTION_TRAFFIC_SHIFT", release=2, pct=100)
        assert env.weights() == {1: 0, 2: 100}
        tool = killed(env, tool, "conclude", lambda: stage(env) == "CLEAN_UP", release=2)
        assert status(env) == "SUCCESSFUL" and env.weights() == {2: 100} and len(env.deployments()) == 2
        assert not env.service()["deploymentConfiguration"].get("lifecycleHooks")


def test_killed_on_the_way_back(aws):
    """shift back and stop, each killed and done again"""
    with Environment(aws) as env:
        tool = env.tool()
        env.first(tool)
        tool("start", **env.artifact(2))
        tool("shift", release=2, pct=100)
        aws.control("settings", stage_s=SLOW)
        tool = killed(env, tool, "shift", lambda: status(env).startswith("ROLLBACK"), release=1, pct=100)
        assert env.weights()[1] == 100
        tool("stop", release=2)
        aws.control("settings", stage_s={})
        tool("start", **env.artifact(3))
        aws.control("settings", stage_s=SLOW)
        tool = killed(env, tool, "stop", lambda: status(env).startswith("ROLLBACK"), release=3)
        assert status(env) == "ROLLBACK_SUCCESSFUL" and env.weights() == {1: 100}


def test_killed_first(aws):
    """the first release, killed while CloudFormation makes its service: the stack is followed, not changed again"""
    with Environment(aws) as env:
        aws.control("settings", task_start_s=3.0)
        tool = killed(env, env.tool(), "start", lambda: env.service() is not None, **env.artifact(1))
        assert len(env.definitions()) == 1 and len(env.deployments()) == 1
        tool("shift", release=1, pct=100)
        tool("conclude", release=1)
        assert env.weights() == {1: 100}


def test_killed_between_register_and_update(aws):
    """a task definition that nobody deployed yet is found again by its tags"""
    with Environment(aws) as env:
        tool = env.tool()
        env.first(tool)
        second = env.artifact(2)
        known = env.ecs.describe_task_definition(taskDefinition=env.definition_of(1))["taskDefinition"]
        given = {key: value for key, value in known.items() if key in ("family", "containerDefinitions", "networkMode", "cpu", "memory",
                                                                       "requiresCompatibilities", "executionRoleArn", "taskRoleArn", "volumes")}
        tags = [{"key": "golive:release", "value": "2"}, {"key": "golive:version", "value": "v2"}, {"key": "golive:digest", "value": second["digest"]}]
        made = env.ecs.register_task_definition(**given, tags=tags)["taskDefinition"]["taskDefinitionArn"]
        tool = env.tool()
        tool("start", **second)
        assert env.deployments()[0]["targetServiceRevision"]["runningTaskCount"] == 2 and env.definition_of(2) == made
        assert len(env.definitions()) == 2 and share(tool("traffic"), 2)["healthy"]


def test_canary_killed(aws):
    """a canary's share, killed and given again, is not more than that share"""
    with Environment(aws, "canary") as env:
        tool = env.tool()
        env.first(tool)
        tool("start", **env.artifact(2))
        tool = killed(env, tool, "shift", lambda: env.weights()[2] > 0, release=2, pct=10)
        assert env.weights() == {1: 90, 2: 10}


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]

if __name__ == "__main__":
    main(TESTS)
