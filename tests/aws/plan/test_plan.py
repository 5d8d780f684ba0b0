"""golive plan against an account: what it says, what it leaves behind, what it does when something is wrong."""
import json
import os
import pty
import re
import select
import signal
import sys
import time
import traceback

from support import ACCOUNT, GLOBAL, REGION, ROOT, Emulator, Project, apply, leftovers, resource, settled, stacks_of, stand_up, until

EMPTY, STANDING = [], []  # tests on an empty account, and on one where all stacks of prod exist


def empty(function):
    EMPTY.append(function)
    return function


def standing(function):
    STANDING.append(function)
    return function


def actions(plan):
    return {name: one["change"]["action"] for name, one in stacks_of(plan).items()}


def changed(plan):
    return sorted(name for name, action in actions(plan).items() if action != "none")


def on_terminal(project, *words):
    """Standard output of golive on a terminal, with its colours."""
    child, master = pty.fork()
    if child == 0:
        os.chdir(project.path)
        os.execve(project.golive, [project.golive, *words], project.environment(TERM="xterm", NO_COLOR=""))
    found = b""
    while select.select([master], [], [], 60)[0]:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        found += piece
    os.waitpid(child, 0)
    os.close(master)
    return found.decode()


def eject(project, name, *changes):
    """The shipped stack as the project's own, with texts replaced; each must be there."""
    text = (ROOT / "stacks" / f"{name}.yaml").read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text, f"{name} has no {before}"
        text = text.replace(before, after)
    (project.path / "stacks").mkdir(exist_ok=True)
    (project.path / "stacks" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return text


# ---- an empty account

@empty
def everything_is_new(aws, project):
    """An empty account: all is new, nothing is left behind, not even the stacks that change sets need"""
    out, _error = project.run("plan", "--env", "prod")
    assert re.match(rf"glanceflow, prod, account {ACCOUNT}: (\d+) stacks: \1 new, 0 changed, 0 unchanged", out), out
    assert "network.VpcId is known later" in out and "Next: golive up --env prod" in out, out
    assert re.search(r": 0 USD -> \d+ USD, budget 800 USD", out), out
    assert leftovers(aws) == []
    calls = {one["operation"] for one in aws.control("calls", "GET")["calls"]}
    assert "ExecuteChangeSet" not in calls and "CreateStack" not in calls


@empty
def a_plan_is_kept(aws, project):
    """--keep leaves the change sets and writes the plan into the ledger; they can be executed"""
    plan = project.plan("--keep")
    assert re.fullmatch(r"p-[0-9a-f]{8}", plan["plan"]) and plan["valid_minutes"] == 60
    log = project.run("log", "--format", "json")[0]
    assert plan["plan"] in log and "infra.plan" in log
    kept = {one["stack"] for one in plan["stacks"] if one["change"].get("change_set")}
    assert {"bootstrap", "ci", "zone"} <= kept and "network" not in kept
    assert leftovers(aws), "nothing was kept"
    assert apply(aws, plan) == len(kept)


@empty
def what_exists_is_taken_over(aws, project):
    """A zone, a detector and an identity provider that others made are used, not made again"""
    zone = aws.client("route53").create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"].split("/")[-1]
    aws.client("route53").create_hosted_zone(Name="example.com", CallerReference="2", HostedZoneConfig={"PrivateZone": True},
                                             VPC={"VPCRegion": REGION, "VPCId": aws.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]})
    detector = aws.client("guardduty").create_detector(Enable=True)["DetectorId"]
    provider = aws.client("iam").create_open_id_connect_provider(Url="https://token.actions.githubusercontent.com", ClientIDList=["sts.amazonaws.com"])
    found = stacks_of(project.plan())
    assert found["zone"]["parameters"]["ExistingZoneId"] == zone
    assert [one["id"] for one in found["zone"]["change"]["resources"]] == [], "the zone would be made again"
    assert found["audit"]["parameters"]["ExistingDetector"] == detector
    assert found["ci"]["parameters"]["ExistingProviderArn"] == provider["OpenIDConnectProviderArn"]
    assert found["data"]["parameters"]["EngineVersion"].startswith("16."), found["data"]["parameters"]["EngineVersion"]
    assert found["security-groups"]["parameters"]["S3PrefixList"].startswith("pl-")


@empty
def two_zones_are_one_too_many(aws, project):
    """Two public zones of one name: which one is right is not guessed"""
    for number in "12":
        aws.client("route53").create_hosted_zone(Name="example.com", CallerReference=number)
    _out, error = project.run("plan", "--env", "prod", status=7)
    assert "there are two public zones example.com" in error, error


@empty
def a_large_template_goes_through_the_bucket(aws, project):
    """Over 51,200 bytes: planned offline before bootstrap exists, through S3 by its digest afterwards"""
    eject(project, "registry", ("Resources:\n", "Resources:\n" + "".join(f"  # {'x' * 100}\n" for _ in range(500))))
    plan = project.plan("--keep")
    assert "ArtifactBucket" in stacks_of(plan)["registry"]["change"]["note"]
    apply(aws, plan)
    aws.client("s3").delete_bucket_policy(Bucket=f"glanceflow-artifacts-{ACCOUNT}-{REGION}")  # it admits HTTPS only, which the emulator does not speak
    for _ in range(2):
        plan = project.plan()
        assert not stacks_of(plan)["registry"]["change"].get("note") and resource(plan, "registry", "Backend")["action"] == "add"
    listed = aws.client("s3").list_objects_v2(Bucket=f"glanceflow-artifacts-{ACCOUNT}-{REGION}")["Contents"]
    assert len(listed) == 1 and re.fullmatch(r"templates/[0-9a-f]{64}\.yaml", listed[0]["Key"]), listed


@empty
def an_interrupted_plan_leaves_nothing(aws, project):
    """Ctrl-C while CloudFormation is still making change sets: exit status 6, nothing is left"""
    aws.control("settings", change_set_s=3600)
    process = project.start("plan", "--env", "prod")
    until(lambda: [one["operation"] for one in aws.control("calls", "GET")["calls"]].count("DescribeChangeSet"), lambda count: count > 12)
    process.send_signal(signal.SIGINT)
    aws.control("settings", change_set_s=0)
    _out, error = process.communicate(timeout=240)
    assert process.returncode == 6, (process.returncode, error)
    assert leftovers(aws) == [], leftovers(aws)


@empty
def an_interrupt_at_any_call_leaves_nothing(aws, project):
    """Ctrl-C after the first, fifth, ... call: nothing is left"""
    for number in (1, 20, 30, 40, 45, 50, 60, 75, 90):
        aws.control("calls", "DELETE")
        process = project.start("plan", "--env", "prod")
        while process.poll() is None and len(aws.control("calls", "GET")["calls"]) < number:
            pass
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=240)
        assert process.returncode in (0, 6), process.returncode
        assert leftovers(aws) == [], (number, leftovers(aws))


@empty
def another_plan_of_the_same_stack_stays(aws, project):
    """A change set that somebody else made of a stack that does not exist yet is not removed with ours"""
    aws.client("cloudformation").create_change_set(StackName="glanceflow-prod-zone", ChangeSetName="theirs", ChangeSetType="CREATE",
                                                   TemplateBody=json.dumps({"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}))
    project.run("plan", "--env", "prod")
    assert sorted(leftovers(aws)) == ["glanceflow-prod-zone", "theirs"], leftovers(aws)


@empty
def a_killed_plan_is_cleaned_up_later(aws, project):
    """What a killed plan left: others can plan all the same, and after an hour it goes with their own"""
    aws.control("settings", change_set_s=3600)
    process = project.start("plan", "--env", "prod")
    until(lambda: len(leftovers(aws)), lambda count: count == 24)
    process.kill()
    process.communicate()
    aws.control("settings", change_set_s=0)
    project.run("plan", "--env", "prod")
    assert len(leftovers(aws)) == 24, leftovers(aws)
    for region in (REGION, GLOBAL):
        for stack in aws.client("cloudformation", region).describe_stacks()["Stacks"]:
            aws.control("age", stack=stack["StackName"], region=region, seconds=3601)
    project.run("plan", "--env", "prod")
    assert leftovers(aws) == [], leftovers(aws)


@empty
def a_wrong_account_is_noticed_first(aws, project):
    """Credentials of another account: refused before anything else is asked"""
    text = (project.path / "golive.yaml").read_text(encoding="utf-8")
    (project.path / "golive.yaml").write_text(text.replace(ACCOUNT, "999999999999"), encoding="utf-8")
    _out, error = project.run("plan", "--env", "prod", status=7)
    assert ACCOUNT in error and "prod is 999999999999" in error and re.search(r"golive.yaml:\d+", error), error
    assert [one["operation"] for one in aws.control("calls", "GET")["calls"]] == ["GetCallerIdentity"]


@empty
def no_credentials(aws, project):
    """Without credentials the error lists where they were looked for"""
    _out, error = project.run("plan", "--env", "prod", status=8, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert "credentials" in error, error
    assert aws.control("calls", "GET")["calls"] == []


@empty
def a_mistake_in_a_template_is_shown_in_its_place(aws, project):
    """What CloudFormation does not accept is shown with file and line"""
    text = eject(project, "registry", ("ImageTagMutability:", "ImageTagMutabilty:"))
    lines = [number for number, words in enumerate(text.splitlines(), 1) if "ImageTagMutabilty:" in words]
    _out, error = project.run("plan", "--env", "prod", status=3)
    assert any(f"stacks/registry.yaml:{line}:" in error for line in lines), error
    assert leftovers(aws) == []


@empty
def flags_that_contradict_each_other(_aws, project):
    """--offline with --drift, --keep or --profile is a mistake"""
    for flag in (["--drift"], ["--keep"], ["--profile", "x"]):
        _out, error = project.run("plan", "--offline", *flag, status=2)
        assert flag[0] in error, error
    project.run("plan", "--drift", "--keep", status=2)


# ---- an account in which everything exists

@standing
def nothing_changes(aws, project):
    """All stacks exist: nothing would change, no change set is left"""
    out, _error = project.run("plan", "--env", "prod", "--exit-code")
    assert re.search(r": 27 stacks: 0 new, 0 changed, 27 unchanged", out) and "Nothing to do" in out, out
    assert re.search(r": (\d+) USD -> \1 USD", out), out
    assert leftovers(aws) == []


# Stack: what is set, resource, property, value after.
UPDATES = {
    "budget": ("cost.monthly_budget_usd.prod=900", "Budget", "Budget.BudgetLimit.Amount", "900"),
    "ci": ("ci.branches.production=release", None, None, None),
    "data": ("sizing.instance_class=db.r7g.xlarge", "Database", "DBInstanceClass", "db.r7g.xlarge"),
    "edge": ("edge.waf.log.retention_days=30", "LogGroup", "RetentionInDays", "30"),
    "edge@global": ("edge.waf.rate.api.limit=500", None, None, None),
    "frontend": ("edge.hsts.max_age=86400", None, None, None),
    "network": ("network.nat.mode=none", None, None, None),
    "service": ("edge.tls.alb_policy=ELBSecurityPolicy-TLS13-1-2-2021-06", "Https", "SslPolicy", "ELBSecurityPolicy-TLS13-1-2-2021-06"),
    "zone": ("tags.values.owner=tanaka", None, None, None),
}


@standing
def one_value_changes_what_it_should(_aws, project):
    """A value of golive.yaml changes its property: before, after, reason and place are shown"""
    for stack, (setting, logical_id, path, after) in UPDATES.items():
        plan = project.plan("--set", setting)
        assert stack in changed(plan), (stack, setting, changed(plan))
        found = stacks_of(plan)[stack]["change"]["resources"]
        assert found and all(one["action"] != "replace" for one in found), (stack, found)
        if not logical_id:
            continue
        properties = {one["path"]: one for one in resource(plan, stack, logical_id)["properties"]}
        assert properties[path]["after"].removesuffix(".00") == after and properties[path]["before"] not in (None, after), properties
        assert properties[path]["place"]["file"] == f"stacks/{stack.split('@')[0]}.yaml" and properties[path]["place"]["line"] > 1, properties[path]
        assert setting.split("=")[0].split(".")[0] in properties[path]["reason"] or "parameter" in properties[path]["reason"], properties[path]


@standing
def a_tag_changes_nothing_else(_aws, project):
    """A new tag: one line a stack; what refers to a tagged resource is not said to change, and no data is at risk"""
    out, _error = project.run("plan", "--env", "prod", "--set", "tags.values.owner=tanaka")
    assert re.search(r"~ service .*\n    ~ \d+ resources get other tags\n", out), out
    assert "replace" not in out.replace(" replaced,", "") and "hold data" not in out, out


@standing
def a_restart_is_announced(_aws, project):
    """A change that restarts the database says so"""
    out, _error = project.run("plan", "--env", "prod", "--set", "sizing.instance_class=db.r7g.xlarge", "--exit-code", status=16)
    assert "restarts the database" in out and re.search(r"\d+ USD -> \d+ USD", out), out
    assert "db.r7g.xlarge" in out


@standing
def replacing_data_is_red(aws, project):
    """A database that would be replaced: reason, red on a terminal, and what stays of it"""
    eject(project, "data", ('DBInstanceIdentifier: !Sub "${App}-${Env}-database"', 'DBInstanceIdentifier: !Sub "${App}-${Env}-b"'))
    found = resource(project.plan(), "data", "Database")
    assert found["action"] == "replace" and found["data"] and found["kept"] and found["reason"] == "DBInstanceIdentifier", found
    shown = on_terminal(project, "plan", "--env", "prod")
    line = next(one for one in shown.splitlines() if "REPLACED: DBInstanceIdentifier" in one)
    assert "\033[1;31m" in line and "HOLDS DATA" in line and "snapshot" in line, line
    assert "golive up asks for each by name" in shown, shown
    assert leftovers(aws) == []


@standing
def removing_data_is_said(_aws, project):
    """What the template lost is removed; what held data says so and what stays of it, also when its line in `data` went with it"""
    text = eject(project, "edge")
    lines, kept = text.splitlines(keepends=True), []
    inside = False
    for line in lines:
        inside = line.startswith("  LogGroup:") or inside and not re.match(r"  \S", line)
        if not inside:
            kept.append(line.replace("data: [LogGroup, LogBucket]", "data: [LogBucket]"))
    text = re.sub(r"!GetAtt LogGroup.Arn", '"arn:aws:logs:us-east-1:1:log-group:aws-waf-logs-x"', "".join(kept))
    (project.path / "stacks" / "edge.yaml").write_text(text, encoding="utf-8")
    found = resource(project.plan(), "edge", "LogGroup")
    assert found["action"] == "remove" and found["data"] and found["kept"] and "does not have it any more" in found["reason"], found


@standing
def traffic_stays_where_it_is(aws, project):
    """Weights that a release moved are read and passed: the plan changes nothing"""
    outputs = {one["OutputKey"]: one["OutputValue"] for one in
               aws.client("cloudformation").describe_stacks(StackName="glanceflow-prod-service")["Stacks"][0]["Outputs"]}
    elb = aws.client("elbv2")

    def weights(blue, green):
        groups = [{"TargetGroupArn": outputs["BlueArn"], "Weight": blue}, {"TargetGroupArn": outputs["GreenArn"], "Weight": green}]
        elb.modify_rule(RuleArn=outputs["ProductionRuleArn"], Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}])

    weights(0, 100)
    try:
        found = stacks_of(project.plan())["service"]
        assert found["parameters"]["BlueWeight"] == "0" and found["parameters"]["GreenWeight"] == "100", found["parameters"]
        lines = {(one["id"], p["path"]): p for one in found["change"]["resources"] for p in one["properties"]}
        assert all(name == "ProductionRule" and p["expected"] for (name, _path), p in lines.items()), lines
        out, _error = project.run("plan", "--env", "prod", "--drift", "--exit-code")
        assert "0 resources drifted" in out and "golive's own releases" in out and "Weight" in out, out
    finally:
        weights(100, 0)


@standing
def the_running_task_definition_is_passed(aws, project):
    """The service's own task definition is passed, so that an update takes no release back"""
    ecs = aws.client("ecs")
    arn = ecs.register_task_definition(family="glanceflow-prod-backend", containerDefinitions=[{"name": "a", "image": "b", "memory": 64}])["taskDefinition"]["taskDefinitionArn"]
    ecs.create_service(cluster="glanceflow-prod-cluster", serviceName="glanceflow-prod-backend", taskDefinition=arn, desiredCount=1)
    try:
        found = stacks_of(project.plan())
        assert found["service"]["parameters"]["TaskDefinitionArn"] == arn and found["observability"]["parameters"]["TaskDefinitionArn"] == arn
        assert resource({"stacks": list(found.values())}, "service", "Service")["action"] == "add"
    finally:
        ecs.delete_service(cluster="glanceflow-prod-cluster", service="glanceflow-prod-backend", force=True)


@standing
def drift_by_hand_is_found(aws, project):
    """What was changed or deleted by hand is shown, property by property"""
    stack, name = "glanceflow-prod-service", "/glanceflow/prod/backend"
    logs = aws.client("logs")
    groups = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in
              aws.client("cloudformation").list_stack_resources(StackName=stack)["StackResourceSummaries"] if one["ResourceType"] == "AWS::Logs::LogGroup"}
    name = groups["AppLogs"]
    before = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["retentionInDays"]
    logs.put_retention_policy(logGroupName=name, retentionInDays=3)
    logs.delete_log_group(logGroupName=groups["MigrationLogs"])
    try:
        out, _error = project.run("plan", "--env", "prod", "--drift")
        assert "2 resources drifted" in out and f"RetentionInDays" in out and f"made {before}, is 3" in out and "DELETED by hand" in out, out
        found = json.loads(project.run("plan", "--env", "prod", "--drift", "--format", "json", "--exit-code", status=16)[0])
        assert found["found"] == 2 and found["checked"] == 27, found
    finally:
        logs.put_retention_policy(logGroupName=name, retentionInDays=before)
        logs.create_log_group(logGroupName=groups["MigrationLogs"])
        logs.put_retention_policy(logGroupName=groups["MigrationLogs"], retentionInDays=before)


@standing
def an_operation_under_way(aws, project):
    """A stack that is being changed is not planned, the others are"""
    aws.control("freeze", stack="glanceflow-prod-budget", logical_id="Budget", operation="UPDATE")
    plan = project.plan("--keep", "--set", "cost.monthly_budget_usd.prod=900")
    one = stacks_of(plan)["budget"]
    aws.client("cloudformation").execute_change_set(ChangeSetName=one["change"]["change_set"])
    try:
        found = stacks_of(project.plan())
        assert "UPDATE_IN_PROGRESS" in found["budget"]["change"]["note"] and found["zone"]["change"]["action"] == "none"
    finally:
        aws.control("release", stack="glanceflow-prod-budget", logical_id="Budget")
        settled(aws, "glanceflow-prod-budget", REGION)
        apply(aws, project.plan("--keep"))


def main():
    golive = sys.argv[1]
    aws = Emulator()
    wanted = os.environ.get("TESTS", "")
    tests = [one for one in EMPTY + STANDING if wanted in one.__name__]
    print(f"1..{len(tests)}", flush=True)
    failed, stands = 0, False
    try:
        for number, one in enumerate(tests, 1):
            begun = time.monotonic()
            try:
                with Project(golive, aws.url) as project:
                    if one in EMPTY or not stands:
                        aws.control("reset")
                    if one in STANDING and not stands:
                        stand_up(aws, project)
                        stands = True
                    one(aws, project)
                print(f"ok {number} - {one.__doc__.splitlines()[0]} # {time.monotonic() - begun:.2f} s", flush=True)
            except Exception:
                failed += 1
                print(f"not ok {number} - {one.__name__}: {one.__doc__.splitlines()[0]}", flush=True)
                for line in traceback.format_exc().splitlines():
                    print("# " + line[:1500], flush=True)
    finally:
        aws.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
