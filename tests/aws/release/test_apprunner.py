#!/usr/bin/env python3
"""Releases of a backend on App Runner, operation by operation: good ones, every way to fail, going back, killed anywhere, others at work."""
import re

from apprunner_stage import Runner, until
from site_stage import through
from support import ROOT, failing, main, share


def bring(tool, artifact):
    """A whole release, without what stands between."""
    tool("start", **artifact)
    tool("shift", release=artifact["release"], pct=100)
    tool("conclude", release=artifact["release"])


def test_every_word(aws):
    """golive's tables have exactly the statuses of operations and services that botocore's model has"""
    text = (ROOT / "src" / "platform" / "aws" / "apprunner_status.c").read_text(encoding="utf-8")
    model = aws.client("apprunner").meta.service_model
    for shape, table in (("OperationStatus", "gl_apprunner_statuses"), ("ServiceStatus", "gl_apprunner_states")):
        rows = re.search(rf"{table}\[\] = \{{(.*?)\n\}};", text, re.S).group(1)
        assert sorted(re.findall(r'^    \{"(\w+)"', rows, re.M)) == sorted(model.shape_for(shape).enum), shape


def test_releases(aws):
    """the first release has the stack make the service, the second updates it; image by digest, variables, secrets by their ARNs, roles; nothing twice"""
    with Runner(aws) as env:
        tool = env.tool()
        tool("up")
        first = env.artifact(1)
        tool("preflight", **first)
        assert env.service() is None and tool("traffic") == []
        bring(tool, first)
        assert env.serves(first) and env.operations() == [("CREATE_SERVICE", "SUCCEEDED")]
        assert env.variables()["RELEASE_VERSION"] == "v1" and env.variables()["GOLIVE_RELEASE"] == "1"
        made = env.service()
        second = env.artifact(2)
        tool("preflight", **second)
        bring(tool, second)
        assert env.serves(second) and env.operations() == [("UPDATE_SERVICE", "SUCCEEDED"), ("CREATE_SERVICE", "SUCCEEDED")]
        assert share(tool("traffic"), 2)["weight_pct"] == 100 and share(tool("traffic"), 2)["healthy"]
        bring(tool, second)
        assert len(env.operations()) == 2, "the same once more changes nothing"
        now = env.service()
        assert {**made, "SourceConfiguration": 0, "UpdatedAt": 0} == {**now, "SourceConfiguration": 0, "UpdatedAt": 0}, "only the source is the release's"
        source = now["SourceConfiguration"]
        assert source["AutoDeploymentsEnabled"] is False
        assert source["AuthenticationConfiguration"]["AccessRoleArn"].endswith(":role/glanceflow-prod-apprunner-access")
        assert now["InstanceConfiguration"]["InstanceRoleArn"].endswith(":role/glanceflow-prod-apprunner-instance")
        image = env.image()
        assert image["ImageIdentifier"].partition("@")[0].endswith("/glanceflow/backend") and image["ImageConfiguration"]["Port"] == "8080"
        secrets = image["ImageConfiguration"]["RuntimeEnvironmentSecrets"]
        assert secrets and all(one.startswith("arn:aws:secretsmanager:") for one in secrets.values()), secrets
        before = made["SourceConfiguration"]["ImageRepository"]["ImageConfiguration"]
        changed = {"RELEASE_VERSION": "v2", "GOLIVE_RELEASE": "2"}
        assert env.variables() == before["RuntimeEnvironmentVariables"] | changed, (before, env.variables())
        assert secrets == before["RuntimeEnvironmentSecrets"], "the stack and a release give the service the same"


def test_up_keeps_the_release(aws):
    """an update of the infrastructure after a release leaves it alone, and takes nothing from it"""
    with Runner(aws) as env:
        tool = env.tool()
        bring(tool, env.artifact(1))
        second = env.artifact(2)
        bring(tool, second)
        words = [word for one in [*env.settings, "sizing.max_tasks=7"] for word in ("--set", one)]
        env.project.up("--stack", "service-apprunner", *words).must(0)
        assert env.serves(second) and env.variables()["GOLIVE_RELEASE"] == "2" and env.variables()["RELEASE_VERSION"] == "v2"
        assert share(env.tool()("traffic"), 2)["healthy"]


def test_refused(aws):
    """preflight says what cannot be: another processor, pages from a service, a paused service, one of another repository, one that could not be created"""
    with Runner(aws) as env:
        with failing("refused", "X86_64"):
            arm = env.tool("backend.arch=ARM64")
            arm("preflight", **env.artifact(1, arch="ARM64"))
        with failing("refused", "App Runner", "frontend.mode: static"):
            env.tool("frontend.mode=ssr")("preflight", **env.artifact(1))
        tool = env.tool()
        bring(tool, env.artifact(1))
        second, service = env.artifact(2), env.service()
        for state, word in (("PAUSED", "resume-service"), ("CREATE_FAILED", "delete-service"), ("DELETED", "golive plan --drift"), ("DELETE_FAILED", "delete-service")):
            aws.control("apprunner", name=env.name, status=state)
            with failing("refused", word, service["ServiceArn"]):
                tool("preflight", **second)
            with failing("refused", state):
                tool("start", **second)
        aws.control("apprunner", name=env.name, status="RUNNING")
        source = service["SourceConfiguration"]
        source["ImageRepository"]["ImageIdentifier"] = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/other/thing:latest"
        env.runner.update_service(ServiceArn=service["ServiceArn"], SourceConfiguration=source)
        until(env.operations, lambda listed: listed[0][1] == "SUCCEEDED")
        with failing("refused", "other/thing:latest", "glanceflow/backend"):
            tool("preflight", **second)


def test_unhealthy(aws):
    """a version that is never healthy: App Runner takes it back, golive says so with the log, the old one serves"""
    with Runner(aws) as env:
        tool = env.tool()
        first = env.artifact(1)
        bring(tool, first)
        bad = env.artifact(2, healthy=False, log=["database: no such host"])
        with failing("unhealthy", "ROLLBACK_SUCCEEDED", "what served before serves", "database: no such host"):
            tool("start", **bad)
        tool("stop", release=2)
        assert env.serves(first) and share(tool("traffic"), 1)["healthy"]
        with failing("unhealthy", "release 1"):
            tool("conclude", release=2)
        with failing("unhealthy"):
            tool("move_sessions", release=2)
        bring(tool, env.artifact(3))


def test_every_end(aws):
    """each way in which an operation ends without success is a failure, whatever the image is like; and there is a way back from each"""
    with Runner(aws) as env:
        tool = env.tool()
        first = env.artifact(1)
        bring(tool, first)
        for number, end in enumerate(("FAILED", "ROLLBACK_SUCCEEDED", "ROLLBACK_FAILED"), 2):
            aws.control("apprunner", ends=[end])
            with failing("unhealthy", end):
                tool("start", **env.artifact(number))
            tool("shift", release=1, pct=100)
            tool("stop", release=number)
            assert env.serves(first) and share(tool("traffic"), 1)["healthy"], end
        bring(tool, env.artifact(5))


def test_back(aws):
    """back to the release before, by its digest, with the variables that it had; a share that App Runner cannot give is refused"""
    with Runner(aws) as env:
        tool = env.tool()
        first = env.artifact(1)
        bring(tool, first)
        variables = env.variables()
        bring(tool, env.artifact(2))
        assert env.variables() != variables
        with failing("refused", "all requests or none"):
            tool("shift", release=1, pct=50)
        with failing("refused", "still gets requests", "golive rollback"):
            tool("stop", release=2)
        tool("shift", release=1, pct=100)
        tool("stop", release=2)
        assert env.serves(first) and env.variables() == variables
        assert [status for _, status in env.operations()] == ["SUCCEEDED"] * 3


def test_first_fails(aws):
    """a first release that cannot start: CloudFormation takes its service back; the next one makes it"""
    with Runner(aws) as env:
        tool = env.tool()
        with failing("unhealthy", "CloudFormation took the stack"):
            tool("start", **env.artifact(1, start="exit"))
        tool("stop", release=1)
        tool("shift", release=1, pct=0)
        assert env.service() is None
        bring(tool, env.artifact(2))
        assert env.serves(env.artifact(2))


def test_first_goes(aws):
    """a first release that is undone: its service goes, and comes with the next one"""
    with Runner(aws) as env:
        tool = env.tool()
        tool("start", **env.artifact(1))
        tool("shift", release=1, pct=0)
        tool("stop", release=1)
        assert env.service() is None and tool("traffic") == []
        bring(tool, env.artifact(2))
        assert env.serves(env.artifact(2))


def killed(env, tool, op, ready, **given):
    """Begins an operation, kills golive once AWS shows that it is on its way, and lets another golive do the same again."""
    tool.begin(op, **given)
    until(ready, bool, 30)
    tool.kill()
    again = env.tool()
    again(op, **given)
    return again


def moving(env):
    return lambda: env.service() and env.operations()[0][1] in ("PENDING", "IN_PROGRESS")


def test_killed(aws):
    """killed while the stack makes the service, while a release comes, while it goes: each goes on, with one operation"""
    with Runner(aws) as env:
        aws.control("settings", runner_s=2.0)
        tool = killed(env, env.tool(), "start", moving(env), **env.artifact(1))
        tool("conclude", release=1)
        assert env.operations() == [("CREATE_SERVICE", "SUCCEEDED")]
        second = env.artifact(2)
        tool = killed(env, tool, "start", moving(env), **second)
        assert env.serves(second) and len(env.operations()) == 2 and len(env.definitions()) == 2
        tool = killed(env, tool, "shift", moving(env), release=1, pct=100)
        assert env.serves(env.artifact(1)) and len(env.operations()) == 3


def test_killed_and_undone(aws):
    """killed in the middle of an operation, which nobody can stop: the undo waits for its end, and then goes back"""
    with Runner(aws) as env:
        tool = env.tool()
        first = env.artifact(1)
        bring(tool, first)
        aws.control("settings", runner_s=2.0)
        tool.begin("start", **env.artifact(2))
        until(moving(env), bool, 30)
        tool.kill()
        tool = env.tool()
        found = share(tool("traffic"), 2)
        assert found["weight_pct"] == 100 and not found["healthy"], "on its way, and not good yet"
        tool("shift", release=1, pct=100)
        tool("stop", release=2)
        assert env.serves(first) and [status for _, status in env.operations()] == ["SUCCEEDED"] * 3
        tool.begin("start", **env.artifact(3, healthy=False))
        until(moving(env), bool, 30)
        tool.kill()
        tool = env.tool()
        tool("shift", release=1, pct=100)
        assert env.serves(first) and env.operations()[0] == ("UPDATE_SERVICE", "ROLLBACK_SUCCEEDED"), "App Runner had gone back by itself"


def test_killed_first_and_undone(aws):
    """the first release, killed while its service is made, is undone: CloudFormation takes it back"""
    with Runner(aws) as env:
        tool = env.tool()
        aws.control("settings", runner_s=2.0)
        tool.begin("start", **env.artifact(1))
        until(moving(env), bool, 30)
        tool.kill()
        tool = env.tool()
        tool("stop", release=1)
        tool("shift", release=1, pct=0)
        assert env.service() is None


def test_others(aws):
    """somebody else's operation: preflight refuses and says which; a release that has begun waits for it"""
    with Runner(aws) as env:
        tool = env.tool()
        bring(tool, env.artifact(1))
        aws.control("settings", runner_s=2.0)
        env.update(BY="hand")
        second = env.artifact(2)
        with failing("busy", "UPDATE_SERVICE", "cannot be stopped"):
            tool("preflight", **second)
        tool("start", **second)
        tool.says("another operation on the service is waited for")
        assert env.serves(second) and [kind for kind, _ in env.operations()].count("UPDATE_SERVICE") == 2
        assert "BY" not in env.variables()
        aws.control("settings", runner_s=0.0)
        env.runner.pause_service(ServiceArn=env.service()["ServiceArn"])
        until(env.service, lambda service: service["Status"] == "PAUSED")
        with failing("unhealthy"):
            tool("conclude", release=2)
        seen = tool("observe", release=2, mark=None)
        assert not seen["healthy"] and "paused" in seen["alarm"], seen


def test_throttled(aws):
    """AWS throttles: golive asks again, and nothing is done twice"""
    with Runner(aws) as env, through(aws.url) as proxy:
        bring(env.tool(), env.artifact(1))
        proxy.rules(*({"fault": "throttle", "service": "apprunner", "operation": name, "count": 2} for name in ("DescribeService", "ListOperations", "UpdateService")))
        second = env.artifact(2)
        bring(env.tool(url=proxy.url), second)
        assert env.serves(second) and len(env.operations()) == 2
        assert sum(one["fault"] == "throttle" for one in proxy.log()) == 6


def test_lost_answer(aws):
    """App Runner began the update, but its answer was lost: what was begun is found again, and followed; one operation"""
    with Runner(aws) as env, through(aws.url) as proxy:
        bring(env.tool(), env.artifact(1))
        aws.control("settings", runner_s=1.0)
        for number, fault in ((2, "drop-after"), (3, "cut")):
            proxy.rules({"fault": fault, "service": "apprunner", "operation": "UpdateService", "count": 1})
            release = env.artifact(number)
            bring(env.tool(url=proxy.url), release)
            assert env.serves(release) and len(env.operations()) == number, (fault, env.operations())
            assert any(one["fault"] == fault and one["applied"] for one in proxy.log())


def test_observed(aws):
    """what CloudWatch counted for the service since a mark, and another release in its place"""
    with Runner(aws) as env:
        tool = env.tool()
        bring(tool, env.artifact(1))
        version = tool("endpoint", which=2, release=1)
        for _ in range(3):
            env.request(version)
        mark = tool("mark", release=1)
        aws.control("image", digest=env.artifact(2)["digest"], behaviour={"error_share": 0.5, "slow_s": 0.02})
        bring(tool, env.artifact(2))
        mark = tool("mark", release=2)
        for _ in range(10):
            env.request(tool("endpoint", which=2, release=2))
        seen = env.tool()("observe", release=2, mark=mark)
        assert (seen["requests"], seen["errors_5xx"], seen["failures"]) == (10, 5, 0), seen
        assert 1 <= seen["p95_ms"] < 1000 and seen["healthy"] and seen["alarm"] is None and seen["deaths"] == 0, seen
        seen = env.tool()("observe", release=1, mark=mark)
        assert "release 2" in seen["alarm"] and not seen["healthy"], seen


def test_alarms(aws):
    """the alarms of release.rollback.when come with the service; one that fires is a breach, and refuses a new release, but not the way back"""
    fires = "glanceflow-prod-rollback-p95"
    with Runner(aws) as env:
        tool = env.tool()
        watch = aws.client("cloudwatch")
        assert watch.describe_alarms(AlarmNamePrefix="glanceflow-prod-rollback-")["MetricAlarms"] == []
        bring(tool, env.artifact(1))
        made = watch.describe_alarms(AlarmNamePrefix="glanceflow-prod-rollback-")["MetricAlarms"]
        assert sorted(one["AlarmName"] for one in made) == ["glanceflow-prod-rollback-5xx", fires], made
        of = {pair["Value"] for one in made for query in one["Metrics"] if "MetricStat" in query for pair in query["MetricStat"]["Metric"]["Dimensions"]}
        assert of == {env.name, env.service()["ServiceId"]}, of
        bring(tool, env.artifact(2))
        tool("preflight", **env.artifact(3))
        tool.says("App Runner counts no unhealthy instances")
        watch.set_alarm_state(AlarmName=fires, StateValue="ALARM", StateReason="too slow")
        seen = env.tool()("observe", release=2, mark=None)
        assert seen["alarm"] == f"alarm {fires}: too slow" and seen["healthy"], seen
        with failing("refused", "it would be undone at once", "too slow", f"--despite-alarm {fires}"):
            tool("preflight", **env.artifact(3))
        tool("preflight", **env.artifact(1))
        watch.set_alarm_state(AlarmName=fires, StateValue="OK", StateReason="quick")
        assert env.tool()("observe", release=2, mark=None)["alarm"] is None
        tool("preflight", **env.artifact(3))


def test_older_stack(aws):
    """a stack from before the alarms: it is said that the rules undo nothing, and the release goes on"""
    with Runner(aws) as env:
        tool = env.tool()
        bring(tool, env.artifact(1))
        body = aws.client("cloudformation").get_template(StackName="glanceflow-prod-service-apprunner")["TemplateBody"]
        body = "".join(line for line in body.splitlines(keepends=True) if not re.match(r"  Rollback(Error|Latency)Alarm: ", line))
        cf = aws.client("cloudformation")
        given = [{"ParameterKey": one["ParameterKey"], "UsePreviousValue": True}
                 for one in cf.describe_stacks(StackName="glanceflow-prod-service-apprunner")["Stacks"][0]["Parameters"]]
        cf.update_stack(StackName="glanceflow-prod-service-apprunner", TemplateBody=body, Parameters=given, Capabilities=["CAPABILITY_NAMED_IAM"])
        until(lambda: cf.describe_stacks(StackName="glanceflow-prod-service-apprunner")["Stacks"][0]["StackStatus"], lambda status: status == "UPDATE_COMPLETE")
        tool = env.tool()
        tool("preflight", **env.artifact(2))
        tool.says("has no alarm for 5xx_rate, so that rule undoes nothing; golive up --env prod makes it")
        assert tool("observe", release=1, mark=None)["alarm"] is None


def test_endpoints(aws):
    """a version is asked under the service's own name; the API under its own once App Runner knows it"""
    with Runner(aws) as env:
        tool = env.tool()
        bring(tool, env.artifact(1))
        own = tool("endpoint", which=2, release=1)
        assert own["base_url"] == "https://" + env.service()["ServiceUrl"] and env.request(own)[0] == 200
        with failing("not_found", "does not run"):
            tool("endpoint", which=2, release=2)
        assert tool("endpoint", which=0, release=1)["base_url"] == own["base_url"]
        tool.says("api.example.com is not associated")
        env.runner.associate_custom_domain(ServiceArn=env.service()["ServiceArn"], DomainName="api.example.com")
        public = tool("endpoint", which=0, release=1)
        assert public["base_url"] == "https://api.example.com" and env.request(public)[0] == 200


def test_status_logs_prune(aws):
    """what golive status and golive logs get; task definitions that no kept release needs go, the serving one stays"""
    with Runner(aws) as env:
        tool = env.tool()
        with failing("not_found", "no log"):
            tool("logs", service="backend")
        bring(tool, env.artifact(1, log=["one begins"]))
        aws.control("settings", runner_s=2.0)
        tool.begin("start", **env.artifact(2, log=["two begins"]))
        until(moving(env), bool, 30)
        found = env.tool()("describe")
        assert found["deployment"]["status"] == "IN_PROGRESS" and found["deployment"]["stage"] == "UPDATE_SERVICE", found
        assert found["services"][0]["up"] and found["services"][0]["url"] == env.service()["ServiceUrl"], found
        tool.end()
        tool("conclude", release=2)
        found = tool("describe")
        assert found["deployment"] is None and found["versions"][0]["release"] == 2 and found["versions"][0]["weight_pct"] == 100, found
        said = tool("logs", service="backend", lines=50)
        assert "one begins" in said and "two begins" in said, said
        with failing("refused", "does not say which release", "golive log --env prod --release 2", "RELEASE_VERSION"):
            tool("logs", service="backend", release=2)
        tool("prune", keep=[])
        assert env.definition_of(1) is None and env.definition_of(2)


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]

if __name__ == "__main__":
    main(TESTS)
