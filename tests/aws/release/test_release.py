#!/usr/bin/env python3
"""Good releases on AWS: the first, blue/green, canary, rolling; going back; what is registered, restored, kept."""
from site_stage import through
from support import Environment, failing, main, share


def bring(tool, artifact):
    """A whole release, without what stands between."""
    tool("start", **artifact)
    tool("shift", release=artifact["release"], pct=100)
    tool("conclude", release=artifact["release"])


def test_blue_green(aws):
    """the first release makes the service; the second runs beside it, gets all traffic, and serves alone"""
    with Environment(aws) as env:
        tool = env.tool()
        tool("up")
        tool("preflight", **env.artifact(1))
        assert env.service() is None
        env.first(tool)
        assert env.weights() == {1: 100}
        second = env.artifact(2)
        tool("preflight", **second)
        tool("start", **second)
        assert env.deployments()[0]["lifecycleStage"] == "POST_TEST_TRAFFIC_SHIFT"
        found = tool("traffic")
        assert share(found, 1)["weight_pct"] == 100 and share(found, 2)["weight_pct"] == 0 and share(found, 2)["healthy"], found
        version = tool("endpoint", which=2, release=2)
        assert version["header"] == "x-golive-preview: 1" and version["base_url"] == "https://api.example.com", version
        public = tool("endpoint", which=0, release=2)
        assert public["header"] is None and public["resolve"] == f"api.example.com:443:{env.edge['host']}:{env.edge['port']}", public
        assert env.request(version)[0] == 200 and second["digest"] in env.request(version)[1], env.request(version)
        assert second["digest"] not in env.request(public)[1], env.request(public)
        tool("shift", release=2, pct=100)
        assert share(tool("traffic"), 2)["weight_pct"] == 100 and share(tool("traffic"), 1)["healthy"]
        assert env.deployments()[0]["status"] == "IN_PROGRESS", "nothing ends by itself"
        tool("move_sessions", release=2)
        tool("conclude", release=2)
        last = env.deployments()[0]
        assert last["status"] == "SUCCESSFUL" and env.weights() == {2: 100}
        configuration = env.service()["deploymentConfiguration"]
        assert not configuration.get("lifecycleHooks") and configuration["bakeTimeInMinutes"] == 1, configuration
        assert len(configuration["alarms"]["alarmNames"]) == 3, configuration


def test_definition(aws):
    """the task definition: image by digest, version, tags; registered once, and refused with another image"""
    with Environment(aws) as env:
        tool = env.tool()
        first = env.artifact(1)
        tool("start", **first)
        tool("start", **first)
        assert len(env.definitions()) == 1
        arn = env.definition_of(1)
        definition = env.ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
        container = definition["containerDefinitions"][0]
        assert container["image"].endswith("@" + first["digest"]) and "/glanceflow/backend" in container["image"], container["image"]
        assert {"name": "RELEASE_VERSION", "value": "v1"} in container["environment"]
        assert container["portMappings"][0]["containerPort"] == 8080 and container["readonlyRootFilesystem"] is True
        assert container["logConfiguration"]["options"]["awslogs-group"] == "/glanceflow/prod/backend"
        assert (definition["cpu"], definition["networkMode"], definition["runtimePlatform"]["cpuArchitecture"]) == ("1024", "awsvpc", "ARM64"), definition
        tags = env.tags(arn)
        assert tags["golive:release"] == "1" and tags["golive:version"] == "v1" and tags["golive:digest"] == first["digest"], tags
        assert tags["app"] == "glanceflow" and tags["env"] == "prod", tags
        with failing("mismatch", "another image"):
            tool("start", **{**env.artifact(9), "release": 1})
        with failing("refused", "amd64"):
            tool("preflight", **env.artifact(2, arch="X86_64"))


def test_lost_registration(aws):
    """a registration whose answer is lost is found again, not made twice: in the same run, and in the next"""
    lost = {"fault": "drop-after", "operation": "RegisterTaskDefinition", "count": 1}
    with Environment(aws) as env, through(aws.url) as proxy:
        tool = env.tool(proxy.url)
        proxy.rules(lost)
        tool("start", **env.artifact(1))
        assert len(env.definitions()) == 1 and env.definition_of(1)
        tool("shift", release=1, pct=100)
        tool("conclude", release=1)
        proxy.rules(lost, {"fault": "error", "operation": "ListTaskDefinitions", "status": 400, "skip": 1})
        with failing("network"):
            tool("start", **env.artifact(2))
        proxy.rules()
        tool("start", **env.artifact(2))
        assert len(env.definitions()) == 2, env.definitions()


def test_first_reads_what_it_needs(aws):
    """to make the service, only the stacks are read that it takes something from"""
    with Environment(aws) as env, through(aws.url) as proxy:
        env.first(env.tool(proxy.url))
        read = {one["stack"].removeprefix("glanceflow-").removeprefix("prod-") for one in proxy.log() if one["operation"] == "DescribeStacks"}
        assert "service" in read and "network" in read, read
        needless = read & {"alerts", "audit", "backup", "budget", "dns", "observability", "ops-roles", "zone"}
        assert not needless, needless


def test_canary(aws):
    """canary: a share first, then all; each step waits for golive"""
    with Environment(aws, "canary") as env:
        tool = env.tool()
        env.first(tool)
        tool("start", **env.artifact(2))
        assert env.weights() == {1: 100, 2: 0}
        tool("shift", release=2, pct=10)
        assert env.weights() == {1: 90, 2: 10}
        tool("shift", release=2, pct=10)
        assert env.weights() == {1: 90, 2: 10}, "the same once more does not move on"
        assert share(tool("traffic"), 2)["weight_pct"] == 10
        tool("shift", release=2, pct=100)
        assert env.weights() == {1: 0, 2: 100}
        tool("conclude", release=2)
        assert env.deployments()[0]["status"] == "SUCCESSFUL"
        canary = env.service()["deploymentConfiguration"]["canaryConfiguration"]
        assert canary["canaryPercent"] == 10 and canary["canaryBakeTimeInMinutes"] == 1, canary


def test_linear(aws):
    """linear: share by share, each waits for golive, then all; back from the middle; the stack's own minutes are there again"""
    with Environment(aws, "linear", release__canary__percent="40") as env:
        tool = env.tool()
        env.first(tool)
        tool("start", **env.artifact(2))
        assert env.weights() == {1: 100, 2: 0}
        for pct in (40, 80, 80, 100):
            tool("shift", release=2, pct=pct)
            assert env.weights() == {1: 100 - pct, 2: pct}
        tool("conclude", release=2)
        assert env.deployments()[0]["status"] == "SUCCESSFUL"
        linear = env.service()["deploymentConfiguration"]["linearConfiguration"]
        assert linear["stepPercent"] == 40 and linear["stepBakeTimeInMinutes"] == 1, linear
        tool("start", **env.artifact(3))
        tool("shift", release=3, pct=40)
        tool("shift", release=2, pct=100)
        tool("stop", release=3)
        assert env.weights() == {2: 100} and env.deployments()[0]["status"] == "ROLLBACK_SUCCESSFUL"


def test_canary_back(aws):
    """canary: back from its share"""
    with Environment(aws, "canary") as env:
        tool = env.tool()
        env.first(tool)
        tool("start", **env.artifact(2))
        tool("shift", release=2, pct=10)
        tool("shift", release=1, pct=100)
        tool("stop", release=2)
        assert env.weights() == {1: 100} and env.deployments()[0]["status"] == "ROLLBACK_SUCCESSFUL"


def test_rolling(aws):
    """rolling: the start brings it to all, and back is another deployment"""
    with Environment(aws, "rolling") as env:
        tool = env.tool()
        tool("start", **env.artifact(1))
        tool("shift", release=1, pct=100)
        tool("conclude", release=1)
        tool("start", **env.artifact(2))
        assert any("rolling" in line for line in tool.said), tool.said
        assert share(tool("traffic"), 2)["weight_pct"] == 100
        assert tool("endpoint", which=2, release=2)["header"] is None
        tool("shift", release=2, pct=100)
        tool("conclude", release=2)
        tool("shift", release=1, pct=100)
        assert share(tool("traffic"), 1)["weight_pct"] == 100 and share(tool("traffic"), 2)["weight_pct"] is None


def test_back_before_the_end(aws):
    """back while the old version is warm: ECS takes its deployment back; nobody else's is touched"""
    with Environment(aws) as env:
        tool = env.tool()
        env.first(tool)
        tool("start", **env.artifact(2))
        with failing("unhealthy", "does not have all traffic"):
            tool("conclude", release=2)
        tool("shift", release=2, pct=100)
        with failing("refused", "still gets requests"):
            tool("stop", release=2)
        tool("shift", release=1, pct=100)
        assert env.weights()[1] == 100
        tool("stop", release=2)
        assert env.weights() == {1: 100} and env.deployments()[0]["status"] == "ROLLBACK_SUCCESSFUL"
        assert not env.service()["deploymentConfiguration"].get("lifecycleHooks")
        with failing("unhealthy", "taken back"):
            tool("conclude", release=2)
        tool("start", **env.artifact(2))
        tool("shift", release=2, pct=100)
        tool("conclude", release=2)
        assert env.weights() == {2: 100}, "the same release once more, after it was taken back"


def test_rollback_after_the_end(aws):
    """back to a release whose tasks are gone: it is deployed again, from its task definition"""
    with Environment(aws) as env:
        tool = env.tool()
        env.first(tool)
        bring(tool, env.artifact(2))
        other = env.tool()  # a machine that has not the image
        first = {**env.artifact(1), "layout": "/nowhere"}
        other("preflight", **first)
        other("start", **first)
        assert share(other("traffic"), 1)["healthy"] and env.weights() == {1: 0, 2: 100}
        other("shift", release=1, pct=100)
        other("conclude", release=1)
        assert env.weights() == {1: 100} and len(env.definitions()) == 2
        other("shift", release=2, pct=100)
        assert env.weights()[2] == 100, "at once, without a start before"


def test_first_goes(aws):
    """a first release that is undone leaves nothing that serves, and the next one does"""
    with Environment(aws) as env:
        tool = env.tool()
        env.first(tool)
        tool("shift", release=1, pct=0)
        assert env.service()["desiredCount"] == 0
        tool("stop", release=1)
        tool("start", **env.artifact(2))
        tool("shift", release=2, pct=100)
        tool("conclude", release=2)
        assert env.weights() == {2: 100} and env.service()["runningCount"] == 2


def test_first_goes_early(aws):
    """a first release that is undone while CloudFormation still makes its service is taken back by it"""
    with Environment(aws) as env:
        tool = env.tool()
        aws.control("settings", stage_s={"BAKE_TIME": 600})
        tool("start", **env.artifact(1))
        tool("shift", release=1, pct=100)
        tool("shift", release=1, pct=0)
        tool("stop", release=1)
        assert env.service() is None
        aws.control("settings", stage_s={})
        env.first(env.tool())
        assert env.weights() == {1: 100}


def test_prune(aws):
    """task definitions of releases that are not kept go; foreign ones and the serving one stay"""
    with Environment(aws) as env:
        tool = env.tool()
        env.first(tool)
        bring(tool, env.artifact(2))
        bring(tool, env.artifact(3))
        foreign = env.ecs.register_task_definition(family="glanceflow-prod-backend", containerDefinitions=[{"name": "x", "image": "y", "memory": 64}])
        tool("prune", keep=[2])
        left = env.definitions()
        assert env.definition_of(1) is None and env.definition_of(2) and env.definition_of(3), left
        assert foreign["taskDefinition"]["taskDefinitionArn"] in left


def test_describe_and_logs(aws):
    """what is under way, and the log of all tasks or of one release"""
    with Environment(aws) as env:
        tool = env.tool()
        tool("start", **env.artifact(1, log=["one begins", "one is ready"]))
        tool("shift", release=1, pct=100)
        tool("conclude", release=1)
        tool("start", **env.artifact(2, log=["two begins"]))
        found = tool("describe")
        assert found["deployment"]["waits_for_golive"] and found["services"][0]["running"] == 4, found
        assert {one["release"] for one in found["versions"]} == {1, 2}
        everything = tool("logs", lines=50)
        assert "one is ready" in everything and "two begins" in everything, everything
        only = tool("logs", release=2, lines=50)
        assert "two begins" in only and "one" not in only, only
        assert len(tool("logs", lines=2).splitlines()) == 2
        with failing("not_found", "backend, migration, database"):
            tool("logs", service="nothing")
        with failing("refused", "golive down --env prod"):
            tool("down")


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]

if __name__ == "__main__":
    main(TESTS)
