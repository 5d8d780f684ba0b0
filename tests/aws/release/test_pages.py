#!/usr/bin/env python3
"""A frontend that is a service (frontend.mode ssr): the platform's operations on both services, good, broken, undone, and killed in between."""
from pages_stage import Pages
from support import failing, main, share, until

SLOW = {"SCALE_UP": 3.0, "PRODUCTION_TRAFFIC_SHIFT": 3.0, "CLEAN_UP": 3.0, "ROLLBACK": 3.0}
WAITS = ("POST_TEST_TRAFFIC_SHIFT",) * 2


def test_both(aws):
    """the first release makes both services; the second runs beside them, is reached in advance, gets all traffic, and serves alone"""
    with Pages(aws) as env:
        tool = env.tool()
        tool("up")
        tool("preflight", **env.both(1))
        env.first(tool)
        assert env.shares() == ({1: 100}, {1: 100})
        second = env.both(2)
        tool("preflight", **second)
        tool("start", **second)
        assert env.stages() == WAITS and env.shares() == ({1: 100, 2: 0}, {1: 100, 2: 0})
        found = tool("traffic")
        assert share(found, 1)["weight_pct"] == 100 and share(found, 2)["weight_pct"] == 0 and share(found, 2)["healthy"], found
        version, pages, app = (tool("endpoint", which=which, release=2) for which in (2, 3, 1))
        assert pages["base_url"] == app["base_url"] == "https://app.example.com" and pages["header"] == version["header"] and not app["header"]
        assert second["digest"] in env.request(version)[1] and second["pages_digest"] in env.request(pages)[1], env.request(pages)
        assert second["pages_digest"] not in env.request(app)[1]
        tool("shift", release=2, pct=100)
        assert env.shares() == ({1: 0, 2: 100}, {1: 0, 2: 100}) and share(tool("traffic"), 2)["weight_pct"] == 100
        assert second["pages_digest"] in env.request(app)[1]
        tool("move_sessions", release=2)
        tool("conclude", release=2)
        assert env.states() == ("SUCCESSFUL",) * 2 and env.shares() == ({2: 100}, {2: 100})
        assert not env.service("frontend")["deploymentConfiguration"].get("lifecycleHooks")


class Dead:
    """with Dead(env, tool, part, release): its targets are out of the load balancer meanwhile."""

    def __init__(self, env, tool, part, release):
        self.balancer = env.aws.client("elbv2")
        self.group = next(one["target_group"] for one in tool("describe")["versions"] if (one["part"], one["release"]) == (part, release))

    def __enter__(self):
        self.targets = [one["Target"] for one in self.balancer.describe_target_health(TargetGroupArn=self.group)["TargetHealthDescriptions"]]
        self.balancer.deregister_targets(TargetGroupArn=self.group, Targets=self.targets)

    def __exit__(self, *_error):
        self.balancer.register_targets(TargetGroupArn=self.group, Targets=self.targets)


def test_never_newer(aws):
    """pages are never newer than the backend: forward the backend moves first, back the pages do, also for who is killed in between"""
    with Pages(aws) as env:
        tool = env.tool()
        env.first(tool)
        tool("start", **env.both(2))
        with Dead(env, tool, "backend", 2), failing("unhealthy", "no healthy target"):
            tool("shift", release=2, pct=100)
        assert env.shares() == ({1: 100, 2: 0}, {1: 100, 2: 0})
        tool("shift", release=2, pct=100)
        with Dead(env, tool, "frontend", 1):
            tool.begin("shift", release=1, pct=100)
            until(lambda: env.weights("frontend"), lambda shares: shares.get(1) == 100)
            tool.kill()
            assert env.weights() == {1: 0, 2: 100}
        tool = env.tool()
        tool("shift", release=1, pct=100)
        assert share(tool("traffic"), 1)["weight_pct"] == 100
        tool("stop", release=2)
        until(env.states, lambda states: states == ("ROLLBACK_SUCCESSFUL",) * 2)


def test_canary(aws):
    """canary: a share is of the backend alone; then both get all"""
    with Pages(aws, "canary") as env:
        tool = env.tool()
        env.first(tool)
        tool("start", **env.both(2))
        tool("shift", release=2, pct=10)
        assert env.shares() == ({1: 90, 2: 10}, {1: 100, 2: 0})
        assert share(tool("traffic"), 2)["weight_pct"] == 10
        tool("shift", release=2, pct=100)
        assert env.shares() == ({1: 0, 2: 100}, {1: 0, 2: 100})
        tool("conclude", release=2)
        assert env.states() == ("SUCCESSFUL",) * 2


def test_pages_crash(aws):
    """pages that die at their start: said with their log, and nothing of either is left; pages that do not answer: the way out is theirs"""
    with Pages(aws) as env:
        tool = env.tool()
        env.first(tool)
        with failing("unhealthy", "the frontend's service", "its process ended (exit status 1)", "Cannot find module"):
            tool("start", **env.both(2, {"start": "exit", "log": ["Error: Cannot find module"]}))
        assert env.shares()[0] == {1: 100, 2: 0}, "the backend of the release waits"
        tool("stop", release=2)
        until(env.states, lambda states: states == ("ROLLBACK_SUCCESSFUL",) * 2)
        assert env.shares() == ({1: 100}, {1: 100})
        with failing("unhealthy", "it does not answer / with 200 to 399", "frontend.ssr.port"):
            tool("start", **env.both(3, {"healthy": False}))


def test_first_crash(aws):
    """the pages of a first release die: both services go again, and the next release makes them"""
    with Pages(aws) as env:
        tool = env.tool()
        with failing("unhealthy", "the frontend's service", "its process ended"):
            tool("start", **env.both(1, {"start": "exit"}))
        tool("shift", release=1, pct=0)
        tool("stop", release=1)
        assert env.service("frontend") is None
        tool("start", **env.both(2))
        tool("shift", release=2, pct=100)
        tool("conclude", release=2)
        assert env.shares() == ({2: 100}, {2: 100})


def test_alarm(aws):
    """an alarm of the pages while both bake: told as theirs, nothing is concluded, both go back"""
    with Pages(aws) as env:
        tool = env.tool()
        env.first(tool)
        tool("start", **env.both(2))
        tool("shift", release=2, pct=100)
        mark = tool("mark", release=2)
        seen = tool("observe", release=2, mark=mark)
        assert seen["healthy"] and seen.get("alarm") is None, seen
        aws.client("cloudwatch").set_alarm_state(AlarmName="glanceflow-prod-rollback-ssr-unhealthy", StateValue="ALARM", StateReason="2 of 2 minutes")
        seen = until(lambda: tool("observe", release=2, mark=mark), lambda seen: seen.get("alarm"), 20)
        assert "the frontend's service" in seen["alarm"] and "glanceflow-prod-rollback-ssr-unhealthy" in seen["alarm"], seen
        until(lambda: env.states()[1], lambda state: state.startswith("ROLLBACK"))
        with failing("unhealthy", "the frontend's service", "glanceflow-prod-rollback-ssr-unhealthy"):
            tool("conclude", release=2)
        assert env.states()[0] == "IN_PROGRESS", "the backend's quick way back is still open"
        tool("shift", release=1, pct=100)
        tool("stop", release=2)
        assert env.shares() == ({1: 100}, {1: 100})
        with failing("refused", "the frontend's service", "golive logs frontend"):
            tool("preflight", **env.both(3))


def test_back_after_the_end(aws):
    """answers of both count for the release; back to one whose tasks are gone: both are started again"""
    with Pages(aws) as env:
        tool = env.tool()
        env.first(tool)
        tool("start", **env.both(2, {"error_share": 0.5}))
        tool("shift", release=2, pct=100)
        mark = tool("mark", release=2)
        api, app = tool("endpoint", which=0, release=2), tool("endpoint", which=1, release=2)
        for _ in range(10):
            env.request(api)
            env.request(app)
        seen = until(lambda: tool("observe", release=2, mark=mark), lambda seen: seen["requests"] >= 20, 30)
        assert (seen["requests"], seen["errors_5xx"], seen["healthy"]) == (20, 5, True), seen
        tool("conclude", release=2)
        other = env.tool()
        first = {**env.both(1), "layout": "/nowhere"}
        other("preflight", **first)
        other("start", **first)
        other("shift", release=1, pct=100)
        other("conclude", release=1)
        assert env.shares() == ({1: 100}, {1: 100}) and len(env.definitions("frontend")) == 2


def test_from_static(aws):
    """the first release with a service after those without: undone, nobody makes pages again; back behind it is refused"""
    with Pages(aws) as env:
        static = env.tool()
        static.kill()
        env.settings = [one for one in env.settings if one != "frontend.mode=ssr"]
        tool = env.tool()
        tool("start", **env.artifact(1))
        tool("shift", release=1, pct=100)
        tool("conclude", release=1)
        env.settings.append("frontend.mode=ssr")
        tool = env.tool()
        tool("start", **env.both(2))
        tool("shift", release=2, pct=100)
        tool("shift", release=1, pct=100)
        tool("stop", release=2)
        assert env.weights() == {1: 100} and (env.service("frontend") or {"runningCount": 0})["runningCount"] == 0
        assert share(tool("traffic"), 1)["weight_pct"] == 100 and share(tool("traffic"), 1)["healthy"]
        with failing("refused", "no image of the frontend", "golive deploy --env prod"):
            tool("preflight", **env.artifact(1))


def test_refused(aws):
    """rolling, which cannot hold one service until the other is ready; a deployment of somebody else's"""
    with Pages(aws) as env:
        env.settings[0] = "release.strategy=rolling"
        with failing("refused", "rolling does not go with frontend.mode: ssr", "requests as soon as it starts", "blue_green, canary or linear"):
            env.tool()("preflight", **env.both(1))
    aws.control("reset")
    with Pages(aws) as env:
        tool = env.tool()
        env.first(tool)
        env.ecs.update_service(cluster=env.cluster, service="glanceflow-prod-frontend", forceNewDeployment=True,
                               deploymentConfiguration={**env.service("frontend")["deploymentConfiguration"], "bakeTimeInMinutes": 1000})
        with failing("busy", "the frontend's service", "another deployment of the frontend"):
            tool("preflight", **env.both(2))


def check_definition(env, number, digest):
    """The task definition of the frontend: its own image, port, log, roles, and the release's tags."""
    arn = env.definition_of(number, "frontend")
    definition = env.ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
    container, = definition["containerDefinitions"]
    assert container["name"] == "frontend" and container["image"].endswith("/glanceflow/frontend@" + digest), container["image"]
    variables = {one["name"]: one["value"] for one in container["environment"]}
    assert variables["PORT"] == "3000" and variables["ORIGIN"] == "https://app.example.com" and variables["RELEASE_VERSION"] == f"v{number}", variables
    assert container["portMappings"][0]["containerPort"] == 3000 and container["readonlyRootFilesystem"] is True
    assert container["logConfiguration"]["options"]["awslogs-group"] == "/glanceflow/prod/frontend"
    assert definition["taskRoleArn"].endswith("/glanceflow-prod-ssr-task"), definition["taskRoleArn"]
    assert env.tags(arn)["golive:digest"] == digest, env.tags(arn)


def test_definitions_describe_logs(aws):
    """task definitions of both, and they go; both are described; each has its log"""
    with Pages(aws) as env:
        tool = env.tool()
        env.first(tool)
        check_definition(env, 1, env.both(1)["pages_digest"])
        tool("start", **env.both(2, {"log": ["page two"]}, log=["api two"]))
        found = tool("describe")
        assert {one["name"]: one["running"] for one in found["services"]} == {"glanceflow-prod-backend": 4, "glanceflow-prod-frontend": 4}, found
        assert {(one["part"], one["release"]) for one in found["versions"]} == {(part, number) for part in ("backend", "frontend") for number in (1, 2)}
        assert found["deployment"]["part"] == "backend" and found["frontend_deployment"]["waits_for_golive"], found
        assert "page two" in tool("logs", service="frontend") and "api two" not in tool("logs", service="frontend")
        assert "page two" in tool("logs", service="frontend", release=2)
        tool("shift", release=2, pct=100)
        tool("conclude", release=2)
        tool("prune", keep=[2])
        assert env.definition_of(1, "frontend") is None and env.definition_of(2, "frontend") and len(env.definitions()) == 1


def killed(env, tool, op, ready, **given):
    """Begins an operation, kills golive once AWS shows that it is on its way, and lets another golive do the same again."""
    tool.begin(op, **given)
    until(ready, bool, 30)
    tool.kill()
    again = env.tool()
    again(op, **given)
    return again


def test_killed(aws):
    """start, shift, conclude, each killed while the frontend's part is under way, and done again: one definition and one deployment of each"""
    with Pages(aws) as env:
        tool = env.tool()
        env.first(tool)
        aws.control("settings", stage_s=SLOW)
        tool = killed(env, tool, "start", lambda: env.stages()[1] == "SCALE_UP", **env.both(2))
        assert [len(env.definitions(part)) for part in ("backend", "frontend")] == [2, 2]
        tool = killed(env, tool, "shift", lambda: env.stages()[1] == "PRODUCTION_TRAFFIC_SHIFT", release=2, pct=100)
        assert env.shares() == ({1: 0, 2: 100}, {1: 0, 2: 100})
        tool = killed(env, tool, "conclude", lambda: env.stages()[1] == "CLEAN_UP", release=2)
        assert env.states() == ("SUCCESSFUL",) * 2 and env.shares() == ({2: 100}, {2: 100})
        assert [len(env.deployments(part)) for part in ("backend", "frontend")] == [2, 2]


def test_killed_first(aws):
    """the first release, killed while CloudFormation makes the frontend's service"""
    with Pages(aws) as env:
        tool = env.tool()
        aws.control("settings", task_start_s=2.0)
        tool = killed(env, tool, "start", lambda: env.service("frontend") is not None, **env.both(1))
        assert len(env.definitions("frontend")) == 1 and len(env.deployments("frontend")) == 1
        tool("shift", release=1, pct=100)
        tool("conclude", release=1)
        assert env.shares() == ({1: 100}, {1: 100})


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]

if __name__ == "__main__":
    main(TESTS)
