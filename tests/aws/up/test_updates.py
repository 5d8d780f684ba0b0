"""golive up on what stands already: one value, the tags and a failure in the middle of every stack; alarms that take an update back; an update in the
middle of a release. ROWS=name picks stacks."""
import json
import os
import threading

from stage import ACCOUNT, REGION, ROOT, Emulator, Project, calls, resources, run, stacks, status, until

TESTS = []


def test(function):
    TESTS.append(function)
    return function


def edit(project, stack, old, new):
    """An update of a stack by its ejected template (or by golive.yaml), with one text changed; what was there before."""
    file = project.path / "golive.yaml"
    if stack != "golive.yaml":
        project.run("eject", "stack", stack).must(0)
        file = project.path / "stacks" / f"{stack}.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count(old) >= 1, (stack, old)
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return lambda: file.write_text(text, encoding="utf-8")


SHAPES = {  # values of golive.yaml that bring further stacks up
    "ecs": [], "behind cloudfront": ["edge.api_path=cloudfront"], "ssr": ["frontend.mode=ssr"],
    "app runner": ["backend.platform=app_runner", "backend.app_runner_existing_customer=true"],
}
# Shape, stack, and one value of golive.yaml, or (file, text, other text) where it stands in a list or in the template alone.
UPDATES = [
    ("ecs", "alerts", ("golive.yaml", "address: alerts@example.com", "address: night@example.com")), ("ecs", "alerts@global", ("golive.yaml", "address: alerts@example.com", "address: night@example.com")),
    ("ecs", "audit", "audit.trail_days=500"), ("ecs", "backup", "backup.keep_days=60"),
    ("ecs", "bootstrap", ("bootstrap", "NoncurrentDays: ", "NoncurrentDays: 1")), ("ecs", "budget", "cost.monthly_budget_usd.prod=900"),
    ("ecs", "certificate", "domain.api=backend.example.com"), ("ecs", "certificate@global", "domain.app=www.example.com"),
    ("ecs", "certificate-events", ("golive.yaml", "id: cert-expiry,    severity: SEV2, threshold: 30", "id: cert-expiry, severity: SEV2, threshold: 20")), ("ecs", "certificate-events@global", ("golive.yaml", "id: cert-expiry,    severity: SEV2, threshold: 30", "id: cert-expiry, severity: SEV2, threshold: 20")),
    ("ecs", "ci", "ci.branches.production=release"), ("ecs", "ci-deploy", "app.repo=acme/other"), ("ecs", "data", "database.master_rotation_days=60"),
    ("ecs", "dns", "backend.ready_path=/ready"), ("ecs", "edge", "edge.waf.mode=count"), ("ecs", "edge@global", "edge.waf.rate.login.limit=50"),
    ("ecs", "frontend", "edge.csp=default-src 'self'"), ("ecs", "network", "network.vpc_endpoints.logs=interface"),
    ("ecs", "migration", ("migration", "Description: ECS pulls the image", "Description: ECS fetches the image")),
    ("ecs", "observability", "slo.availability_pct=99.5"), ("ecs", "observability-edge@global", ("golive.yaml", "id: cert-expiry,    severity: SEV2, threshold: 30", "id: cert-expiry, severity: SEV2, threshold: 20")),
    ("ecs", "ops-roles", ("ops-roles", "Description: Looks at everything", "Description: Sees everything")), ("ecs", "registry", "registry.keep=60"),
    ("ecs", "secrets", ("golive.yaml", "stg: info, prod: info", "stg: info, prod: debug")), ("ecs", "security-groups", "backend.port=9090"), ("ecs", "service", "backend.ready_path=/healthy"),
    ("ecs", "zone", ("zone", "made by golive\"}", "run by golive\"}")),
    ("behind cloudfront", "api-cloudfront", "edge.hsts.max_age=63072000"), ("ssr", "frontend-ssr", "observability.log_retention_days=60"),
    ("stg", "promotion", ("promotion", "Description: golive promote, from", "Description: what is promoted from")),
    ("app runner", "service-apprunner", "sizing.max_tasks=9"), ("app runner", "observability-apprunner", "slo.availability_pct=99.5"),
]


UNTAGGED = {"budget", "certificate-events", "certificate-events@global"}  # nothing in these takes tags


def sets(values):
    return [word for value in values for word in ("--set", value)]


def planned(project, words, stack):
    """What an update would do with each resource of a stack: {logical id: action}."""
    plan = json.loads(project.run("plan", "--env", project.env, "--format", "json", *words).must(0).out)
    return {one["id"]: one["action"] for one in next(one for one in plan["stacks"] if one["stack"] == stack)["change"]["resources"]}


def update(aws, project, shape, stack, change):
    """One update: fails in the middle, is taken back, then comes through."""
    words, undo = sets(shape), lambda: None
    if isinstance(change, tuple):
        undo = edit(project, *change)
    else:
        words += sets([change])
    name, region = next((name, region) for region, name in stacks(aws) if key_of(name) == stack)
    changed = planned(project, words, stack)
    candidates = sorted(one for one, action in changed.items() if action != "remove")
    assert candidates, f"{stack}: {change} changes {changed}"
    victim = candidates[len(candidates) // 2]
    aws.control("fail", stack=name, logical_id=victim, operation="UPDATE" if changed[victim] == "modify" else "CREATE", reason="not today", region=region)
    first = project.up("--stack", stack, *words).must(4)
    assert first.states()[stack] == "undone" and "not today" in first.reason(stack), (stack, first.states())
    assert status(aws, name, region) == "UPDATE_ROLLBACK_COMPLETE", (stack, status(aws, name, region))
    aws.control("fail", "DELETE")
    result = project.up("--stack", stack, *words).must(0)
    assert result.states()[stack] == "done" and status(aws, name, region) == "UPDATE_COMPLETE", (stack, result.states())
    again = project.up("--stack", stack, *words).must(0)
    assert again.states()[stack] == "unchanged", (stack, again.states())
    undo()
    return len(changed)


def key_of(name):
    """The key of a stack's name: certificate@global."""
    for prefix in ("glanceflow-prod-", "glanceflow-stg-", "glanceflow-"):
        if name.startswith(prefix):
            key = name.removeprefix(prefix)
            return key.removesuffix("-global") + "@global" if key.endswith("-global") else key
    raise AssertionError(name)


def create(aws, project, words, stack):
    """One stack that does not exist: its creation fails in the middle, the next up makes it; everything that it needs stands."""
    planned_ids = sorted(planned(project, words, stack))
    victim, name = planned_ids[len(planned_ids) // 2], f"glanceflow-{project.env}-{stack}"
    aws.control("fail", stack=name, logical_id=victim, operation="CREATE", reason="not today")
    failed = project.up("--stack", stack, *words).must(4)
    assert failed.of("undone") == [stack] and "not today" in failed.reason(stack), (stack, failed.states())
    assert status(aws, name) == "ROLLBACK_COMPLETE", (stack, status(aws, name))
    project.up("--stack", stack, *words).must(0)
    assert status(aws, name) == "CREATE_COMPLETE", (stack, status(aws, name))


def remove(aws, project, words, wanted):
    """down: these stacks of the environment are among those that go, and none of it is left."""
    gone = project.down(*words, env=project.env).must(0)
    assert wanted <= {one["stack"] for one in next(one for one in gone.events if one["event"] == "survey")["stacks"]}
    assert [name for _region, name in stacks(aws) if name.startswith(f"glanceflow-{project.env}-")] == []


def update_all(aws, shape):
    """Creation of what only this shape has; every row of a shape; then a tag that reaches all stacks that take tags; down."""
    values, counts = SHAPES[shape], {}
    with Project(aws.url) as project:
        for stack in [stack for one, stack, _change in UPDATES if one == shape and shape != "ecs" and os.environ.get("ROWS", "") in stack]:
            create(aws, project, sets(values), stack)
        if values:
            project.up(*sets(values)).must(0)
        else:
            project.stand(aws)
        keys = {key_of(name) for _region, name in stacks(aws)}
        rows = [(stack, change) for one, stack, change in UPDATES if one == shape and os.environ.get("ROWS", "") in stack]
        assert {stack for stack, _change in rows} <= keys, {stack for stack, _change in rows} - keys
        assert keys <= {stack for _shape, stack, _change in UPDATES}, f"no row for {keys - {stack for _shape, stack, _change in UPDATES}}"
        for stack, change in rows:
            counts[stack] = update(aws, project, values, stack, change)
        tagged = project.up(*sets(values), "--set", "tags.values.cost-center=cc-2002").must(0)
        assert set(tagged.of("done")) >= keys - UNTAGGED, (shape, keys - UNTAGGED - set(tagged.of("done")))
        remove(aws, project, sets(values), {stack for stack, _change in rows} if shape != "ecs" else {"service"})
    assert all(counts.values()), counts
    print(f"# {len(counts)} stacks, {sum(counts.values())} resources changed", flush=True)


@test
def every_stack_has_a_row(_aws):
    """no shipped stack is left out of the table of updates"""
    shipped = {path.stem for path in (ROOT / "stacks").glob("*.yaml")}
    assert {stack.split("@")[0] for _shape, stack, _change in UPDATES} == shipped


def test_of(shape):
    def one(aws):
        update_all(aws, shape)
    one.__name__ = "updates_" + shape.replace(" ", "_")
    one.__doc__ = f"{shape}: one value changes each stack, fails once in its middle and is taken back, comes through, then nothing is left; a tag changes all; down"
    return test(one)


for _shape in SHAPES:
    test_of(_shape)


@test
def updates_of_staging(aws):
    """stg, with production in another account: the stack that only this has is made, changed, taken back and changed"""
    with Project(aws.url, env="stg") as project:
        assert "does not hold" in project.up("--stack", "promotion").must(8).error  # all environments are in one account
        edit(project, "golive.yaml", "  prod:\n    account_id: \"" + ACCOUNT, "  prod:\n    account_id: \"999999999999")
        create(aws, project, [], "promotion")
        (stack, change), = [row[1:] for row in UPDATES if row[0] == "stg"]
        assert update(aws, project, [], stack, change) == 1
        remove(aws, project, [], {"promotion"})


# ---- alarms


def triggers(aws, name):
    found = aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0].get("RollbackConfiguration", {})
    return sorted(one["Arn"].split(":alarm:")[1] for one in found.get("RollbackTriggers", [])), found.get("MonitoringTimeInMinutes")


def ring(aws, name, state="ALARM"):
    aws.client("cloudwatch").set_alarm_state(AlarmName=f"glanceflow-prod-{name}", StateValue=state, StateReason="test")


NETWORK = "glanceflow-prod-network"


@test
def an_alarm_takes_an_update_back(aws):
    """an alarm that rings while a stack is updated takes the update back, and up says which; one that rings before is not watched"""
    with Project(aws.url) as project:
        project.stand(aws)
        assert triggers(aws, NETWORK) == ([], None)
        words = ("--set", "network.vpc_endpoints.logs=interface")
        aws.control("freeze", stack=NETWORK, logical_id="LogsEndpoint", operation="CREATE")
        running = project.start("up", "--env", "prod", "--yes", "--format", "json", *words)
        running.says('"resource":"LogsEndpoint"')
        ring(aws, "error-rate")
        aws.control("release", stack=NETWORK, logical_id="LogsEndpoint", operation="CREATE")
        result = running.end().must(4)
        assert result.states()["network"] == "undone" and "glanceflow-prod-error-rate" in result.reason("network"), result.reason("network")
        assert status(aws, NETWORK) == "UPDATE_ROLLBACK_COMPLETE"
        asked = next(one for one in json.loads(project.run("plan", "--env", "prod", "--format", "json", *words).must(0).out)["stacks"] if one["stack"] == "network")
        assert asked["change"]["ringing"] == "glanceflow-prod-error-rate" and "alarms" not in asked["change"], asked["change"]
        project.up(*words).must(0)
        assert triggers(aws, NETWORK)[0] == []
        ring(aws, "error-rate", "OK")
        project.up("--stack", "network").must(0)
        assert triggers(aws, NETWORK) == (["glanceflow-prod-error-rate"], 0)


@test
def alarms_are_watched_after_an_update(aws):
    """with infra.watch_minutes an alarm takes back an update that had ended well; without alarms an update is not held up"""
    with Project(aws.url) as project:
        project.stand(aws)
        aws.control("settings", minute_s=0.2)
        words = ("--set", "infra.watch_minutes=180", "--set", "network.vpc_endpoints.logs=interface", "--stack", "network")
        running = project.start("up", "--env", "prod", "--yes", "--format", "json", *words)
        until(lambda: resources(aws, NETWORK).get("LogsEndpoint", {}), lambda found: found.get("ResourceStatus") == "CREATE_COMPLETE")
        assert status(aws, NETWORK) == "UPDATE_IN_PROGRESS"
        ring(aws, "error-rate")
        result = running.end().must(4)
        assert "glanceflow-prod-error-rate" in result.reason("network"), result.reason("network")
        assert status(aws, NETWORK) == "UPDATE_ROLLBACK_COMPLETE"


@test
def an_alarm_that_went_away_holds_nothing_up(aws):
    """an alarm that was watched once and is gone since is not passed again: AWS would fail every operation"""
    with Project(aws.url) as project:
        project.stand(aws)
        project.up("--set", "network.vpc_endpoints.logs=interface").must(0)
        watched = triggers(aws, NETWORK)[0]
        assert watched == ["glanceflow-prod-error-rate"], watched  # the others come with the first release
        aws.client("cloudwatch").delete_alarms(AlarmNames=watched)
        gone = project.up("--stack", "network").must(0)
        assert gone.states()["network"] == "done" and triggers(aws, NETWORK)[0] == []


# ---- in the middle of a release


def task_definition(aws, image):
    answer = aws.client("ecs").register_task_definition(
        family="glanceflow-prod-backend", requiresCompatibilities=["FARGATE"], networkMode="awsvpc", cpu="1024", memory="2048",
        containerDefinitions=[{"name": "backend", "image": f"glanceflow@sha256:{image * 64}", "portMappings": [{"containerPort": 8080}]}])
    return answer["taskDefinition"]["taskDefinitionArn"]


SERVICE = "glanceflow-prod-service"


def weights(aws, rule):
    arn = resources(aws, SERVICE)[rule]["PhysicalResourceId"]
    actions = aws.client("elbv2").describe_rules(RuleArns=[arn])["Rules"][0]["Actions"]
    return {one["TargetGroupArn"].split("/")[1]: one["Weight"] for action in actions for one in action.get("ForwardConfig", {}).get("TargetGroups", [])}


def shift(aws, rule, blue, green):
    elb, found = aws.client("elbv2"), resources(aws, SERVICE)
    groups = [{"TargetGroupArn": found[name]["PhysicalResourceId"], "Weight": weight} for name, weight in (("Blue", blue), ("Green", green))]
    elb.modify_rule(RuleArn=found[rule]["PhysicalResourceId"], Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}])


def running(aws):
    return aws.client("ecs").describe_services(cluster="glanceflow-prod-cluster", services=["glanceflow-prod-backend"])["services"][0]["taskDefinition"]


@test
def a_shift_under_way_is_left_as_it_is(aws):
    """an update while traffic is shared 30 to 70 and a newer task definition runs: weights and task definition stay, also when the update is taken back"""
    with Project(aws.url) as project:
        project.stand(aws)
        one, two = task_definition(aws, "1"), None
        # The first release makes the service: as golive does, by what it registered.
        aws.client("ecs").create_service(cluster="glanceflow-prod-cluster", serviceName="glanceflow-prod-backend", taskDefinition=one, desiredCount=2)
        aws.client("ecs").delete_service(cluster="glanceflow-prod-cluster", service="glanceflow-prod-backend", force=True)
        cf = aws.client("cloudformation")
        given = [{"ParameterKey": one_["ParameterKey"], "UsePreviousValue": True} for one_ in cf.describe_stacks(StackName=SERVICE)["Stacks"][0]["Parameters"]
                 if one_["ParameterKey"] != "TaskDefinitionArn"] + [{"ParameterKey": "TaskDefinitionArn", "ParameterValue": one}]
        cf.update_stack(StackName=SERVICE, UsePreviousTemplate=True, Parameters=given, Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"])
        until(lambda: status(aws, SERVICE), lambda found: found == "UPDATE_COMPLETE")
        assert running(aws) == one
        two = task_definition(aws, "2")
        aws.client("ecs").update_service(cluster="glanceflow-prod-cluster", service="glanceflow-prod-backend", taskDefinition=two, desiredCount=5)
        shift(aws, "ProductionRule", 30, 70)
        shift(aws, "PreviewRule", 0, 100)
        wanted = (weights(aws, "ProductionRule"), weights(aws, "PreviewRule"))
        assert sorted(wanted[0].values()) == [30, 70] and sorted(wanted[1].values()) == [0, 100], wanted
        quiet = project.up().must(0)
        assert (weights(aws, "ProductionRule"), weights(aws, "PreviewRule"), running(aws)) == (*wanted, two), quiet.states()
        words = ("--set", "sizing.max_tasks=9", "--set", "observability.log_retention_days=60", "--set", "edge.hsts.max_age=63072000")
        changed = sorted(planned(project, words, "service"))
        aws.control("fail", stack=SERVICE, logical_id=changed[-1], operation="UPDATE", reason="not today")
        project.up(*words).must(4)
        assert status(aws, SERVICE) == "UPDATE_ROLLBACK_COMPLETE"
        assert (weights(aws, "ProductionRule"), weights(aws, "PreviewRule"), running(aws)) == (*wanted, two)
        done = project.up(*words).must(0)
        assert done.states()["service"] == "done", done.states()
        assert (weights(aws, "ProductionRule"), weights(aws, "PreviewRule"), running(aws)) == (*wanted, two)
        assert [call for call in calls(aws, "ModifyRule") if call["principal"] is None] == []


def main():
    aws = Emulator()
    try:
        return run(TESTS, aws)
    finally:
        aws.stop()


if __name__ == "__main__":
    raise SystemExit(main())
