"""golive up: all stacks of the example, from nothing, unchanged, changed, failed in the middle, and out of every state."""
import json
import time

from stage import Emulator, Project, calls, middle, on_terminal, resources, run, stacks, status, until

TESTS = []


def test(function):
    TESTS.append(function)
    return function


@test
def exceptions_of_the_firewall(aws):
    """edge.waf.exclusions reach the firewall: action count counts, action allow allows, what is over does nothing; all else blocks as before"""
    exclusions = [("SizeRestrictions_BODY", "allow", "9999-12-31"), ("GenericRFI_BODY", "count", "9999-12-31"), ("GenericLFI_BODY", "allow", "2020-01-01")]
    text = ", ".join(f"{{group: AWSManagedRulesCommonRuleSet, rule: {rule}, action: {action}, reason: r, until: {until}}}" for rule, action, until in exclusions)
    with Project(aws.url, lambda old: old.replace("    exclusions: []", f"    exclusions: [{text}]")) as project:
        project.up("--stack", "edge").must(0)
        waf = aws.client("wafv2")
        found = next(one for one in waf.list_web_acls(Scope="REGIONAL")["WebACLs"])
        rules = waf.get_web_acl(Name=found["Name"], Id=found["Id"], Scope="REGIONAL")["WebACL"]["Rules"]
        overrides = {rule["Name"]: rule["Statement"]["ManagedRuleGroupStatement"].get("RuleActionOverrides") for rule in rules if "ManagedRuleGroupStatement" in rule["Statement"]}
        assert overrides.pop("AWSManagedRulesCommonRuleSet") == [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Allow": {}}},
                                                                 {"Name": "GenericRFI_BODY", "ActionToUse": {"Count": {}}}]
        assert not any(overrides.values()), overrides


@test
def creates_everything_and_then_changes_nothing(aws):
    """all stacks of prod are made; a second up changes nothing and asks nobody"""
    with Project(aws.url) as project:
        first = project.up().must(0)
        have = stacks(aws)
        assert len(have) == first.outcome()["done"] >= 20 and set(have.values()) == {"CREATE_COMPLETE"}, have
        aws.control("calls", "DELETE")
        begun = time.monotonic()
        second = project.run("up", "--env", "prod", "--format", "json").must(0)
        took = time.monotonic() - begun
        changing = calls(aws, "ExecuteChangeSet", "DeleteStack", "UpdateStack", "CreateStack")
        assert second.outcome()["unchanged"] == len(have) and changing == [], second.outcome()
        print(f"# {len(have)} stacks: up {first.outcome()['elapsed_ms']} ms, again {took * 1000:.0f} ms", flush=True)
        kinds = [one["kind"] for one in project.ledger()]
        assert kinds.count("infra.stack.begin") == kinds.count("infra.stack.done") == len(have), kinds


@test
def dev_beside_prod_shares_the_account(aws):
    """dev and prod in one account: the stacks of the account are made once, the others each"""
    with Project(aws.url) as project:
        project.stand(aws)
        before = {name: one for name, one in stacks(aws).items()}
        dev = project.up(env="dev").must(0)
        names = [name for _region, name in stacks(aws)]
        assert all(one in stacks(aws) for one in before) and any("-dev-" in name for name in names)
        assert dev.outcome()["failed"] == 0 and dev.outcome()["done"] >= 12, dev.outcome()


# One value of golive.yaml each, and a stack that it changes.
CHANGES = {
    "network": "network.vpc_endpoints.logs=interface", "data": "database.log_min_duration_ms=400", "service": "observability.log_retention_days=30",
    "edge": "edge.waf.rate.api.limit=1500", "frontend": "edge.hsts.max_age=63072000",
}


@test
def updates_every_stack(aws):
    """an update of every stack: a tag changes all of them, values of golive.yaml change those that take them"""
    with Project(aws.url) as project:
        total = project.stand(aws).outcome()["done"]
        tagged = project.up("--set", "tags.values.cost-center=cc-2002").must(0)
        # Nothing in these takes tags.
        assert tagged.of("unchanged") == ["budget", "certificate-events", "certificate-events@global"], tagged.of("unchanged")
        assert tagged.outcome()["done"] == total - 3, tagged.outcome()
        sets = ["--set", "tags.values.cost-center=cc-2002"]
        for stack, change in CHANGES.items():
            sets += ["--set", change]
            result = project.up(*sets).must(0)
            assert result.states()[stack] == "done", (stack, change, result.states())


@test
def fails_once_in_the_middle_of_every_stack(aws):
    """every stack fails once in its middle; each time up says why, goes on where it can, and comes through in the end"""
    with Project(aws.url) as project:
        project.stand(aws)
        faults = {}
        for region, name in stacks(aws):
            faults[name] = middle(aws, name, region)
        aws.control("reset")
        for name, logical_id in faults.items():
            aws.control("fail", stack=name, logical_id=logical_id, operation="CREATE", reason=f"no luck with {logical_id}")
        failed, rounds = {}, 0
        while True:
            result = project.up()
            rounds += 1
            for stack in result.of("undone"):
                failed[stack] = result.reason(stack)
            if result.status == 0:
                break
            result.must(4)
            assert rounds < 20, (result.states(), result.error)
        assert len(failed) == len(faults), (sorted(failed), sorted(faults))
        assert all("no luck with" in reason and "CREATE_FAILED" in reason for reason in failed.values()), failed
        print(f"# {len(failed)} stacks failed in {rounds - 1} runs", flush=True)


@test
def a_failure_blocks_only_what_needs_it(aws):
    """what needs the failed stack is not begun, all else is made"""
    with Project(aws.url) as project:
        aws.control("fail", stack="glanceflow-prod-network", logical_id="Vpc", operation="CREATE", reason="VpcLimitExceeded: 5 VPCs")
        result = project.up().must(4)
        assert result.of("undone") == ["network"] and "VpcLimitExceeded" in result.error and "Service Quotas in ap-northeast-1" in result.error, result.error
        assert "security-groups" in result.of("blocked") and "edge" in result.of("done"), result.states()
        assert "needs network" in result.reason("security-groups")


@test
def comes_out_of_update_rollback_failed(aws):
    """UPDATE_ROLLBACK_FAILED: ContinueUpdateRollback, then the update"""
    with Project(aws.url) as project:
        project.stand(aws)
        change = ("--set", "observability.log_retention_days=30")
        for operation in ("UPDATE", "ROLLBACK"):
            aws.control("fail", stack="glanceflow-prod-service", logical_id="AppLogs", operation=operation, reason="a bad day")
            aws.control("fail", stack="glanceflow-prod-service", logical_id="MigrationLogs", operation=operation, reason="a bad day")
        first = project.up(*change)
        assert status(aws, "glanceflow-prod-service") == "UPDATE_ROLLBACK_FAILED", (first.states(), status(aws, "glanceflow-prod-service"))
        first.must(14)
        project.run("up", "--env", "prod", "--format", "json", *change).must(7)  # nobody said yes
        aws.control("fail", "DELETE")
        again = project.up(*change).must(0)
        assert "clearing" in [one["state"] for one in again.events if one.get("stack") == "service" and one["event"] == "stack"]
        assert status(aws, "glanceflow-prod-service") == "UPDATE_COMPLETE"


@test
def comes_out_of_rollback_failed(aws):
    """ROLLBACK_FAILED: what is left is deleted, then made anew"""
    with Project(aws.url) as project:
        aws.control("fail", stack="glanceflow-prod-network", logical_id="InternetGateway", operation="CREATE", reason="no gateway")
        stack = "glanceflow-prod-network"
        aws.control("fail", stack=stack, logical_id="Vpc", operation="DELETE", reason="has dependencies")
        first = project.up()
        assert status(aws, stack) == "ROLLBACK_FAILED", (status(aws, stack), first.states())
        first.must(14)
        project.up().must(0)
        assert status(aws, stack) == "CREATE_COMPLETE"


OWN = """Metadata: {golive: {summary: {en: own}, data: [Own]}}
Parameters: {App: {Type: String}, Env: {Type: String}}
Resources:
  Own: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${App}-${Env}-own"}}
  Topic: {Type: AWS::SNS::Topic, DependsOn: Own, Properties: {TopicName: !Sub "${App}-${Env}-own", DisplayName: first}}
"""


@test
def comes_out_of_create_failed_and_update_failed(aws):
    """CREATE_FAILED is deleted, a bucket in it only by its name; UPDATE_FAILED: RollbackStack, then the update"""
    with Project(aws.url) as project:
        (project.path / "stacks").mkdir()
        file = project.path / "stacks" / "own.yaml"
        file.write_text(OWN)
        cf, name, words = aws.client("cloudformation"), "glanceflow-prod-own", ("--stack", "own")
        given = [{"ParameterKey": "App", "ParameterValue": "glanceflow"}, {"ParameterKey": "Env", "ParameterValue": "prod"}]
        aws.control("fail", stack=name, logical_id="Topic", operation="CREATE", reason="no topic")
        cf.create_stack(StackName=name, TemplateBody=OWN, Parameters=given, OnFailure="DO_NOTHING")
        until(lambda: status(aws, name), lambda one: one == "CREATE_FAILED")
        refused = project.up(*words).must(7)
        assert "Own (AWS::S3::Bucket) holds data" in refused.error and status(aws, name) == "CREATE_FAILED", refused.error
        project.up(*words, "--confirm", "Own").must(0)
        file.write_text(OWN.replace("first", "second"))
        aws.control("fail", stack=name, logical_id="Topic", operation="UPDATE", reason="no change")
        cf.update_stack(StackName=name, TemplateBody=OWN.replace("first", "third"), Parameters=given, DisableRollback=True)
        until(lambda: status(aws, name), lambda one: one == "UPDATE_FAILED")
        aws.control("calls", "DELETE")
        project.up(*words).must(0)
        assert [one["operation"] for one in calls(aws, "RollbackStack", "ExecuteChangeSet")] == ["RollbackStack", "ExecuteChangeSet"]
        assert status(aws, name) == "UPDATE_COMPLETE"


@test
def refuses_to_replace_data(aws):
    """a database that would be replaced: refused by name, done with --confirm"""
    with Project(aws.url) as project:
        project.stand(aws)
        text = (project.path / "golive.yaml").read_text()
        stack = project.run("eject", "stack", "data").must(0)
        file = project.path / "stacks" / "data.yaml"
        body = file.read_text()
        assert "DBName: app\n" in body, stack.out
        file.write_text(body.replace("DBName: app\n", "DBName: other\n", 1).replace('DBInstanceIdentifier: !Sub "${App}-${Env}-database"', 'DBInstanceIdentifier: !Sub "${App}-${Env}-other"', 1))
        refused = project.up().must(7)
        assert "Database" in refused.error and "--confirm Database" in refused.error, refused.error
        assert status(aws, "glanceflow-prod-data") == "CREATE_COMPLETE"
        project.up("--confirm", "wrong").must(7)
        assert (project.path / "golive.yaml").read_text() == text
        plan = project.run("plan", "--env", "prod", "--format", "json").must(0)
        data = next(one for one in json.loads(plan.out)["stacks"] if one["stack"] == "data")
        assert any(one["id"] == "Database" and one["action"] == "replace" for one in data["change"]["resources"]), data["change"]
        aws.client("rds").modify_db_instance(DBInstanceIdentifier="glanceflow-prod-database", DeletionProtection=False)
        done = project.up("--confirm", "Database").must(0)
        assert done.states()["data"] == "done", done.states()


@test
def says_what_a_certificate_waits_for(aws):
    """a certificate that CloudFormation cannot validate by itself: name, type and value of the records are shown, once; up goes on when they are there"""
    with Project(aws.url) as project:
        project.run("eject", "stack", "certificate").must(0)
        file = project.path / "stacks" / "certificate.yaml"
        lines = [line for line in file.read_text().splitlines() if "DomainValidationOptions" not in line and "HostedZoneId: !Ref" not in line]
        file.write_text("\n".join(lines) + "\n")
        running = project.start("up", "--env", "prod", "--yes", "--format", "json", "--stack", "certificate")
        line = running.says("make them there")
        arn = aws.client("acm").list_certificates()["CertificateSummaryList"][0]["CertificateArn"]
        route53 = aws.client("route53")
        zone = route53.list_hosted_zones()["HostedZones"][0]["Id"]
        for one in aws.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"]:
            record = one["ResourceRecord"]
            assert f"{record['Name']}  {record['Type']}  {record['Value']}" in json.loads(line)["text"], (record, line)
            route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {
                "Name": record["Name"], "Type": record["Type"], "TTL": 300, "ResourceRecords": [{"Value": record["Value"]}]}}]})
        result = running.end().must(0)
        assert len([one for one in result.events if one["event"] == "note" and "make them there" in one["text"]]) == 1, result.out


@test
def a_certificate_that_is_never_validated(aws):
    """what CloudFormation says when ACM never saw the records: up names the name servers, makes all else, and goes on once it is put right"""
    with Project(aws.url) as project:
        reason = "Resource of type 'AWS::CertificateManager::Certificate' did not stabilize. (RequestToken: 1, HandlerErrorCode: NotStabilized)"
        aws.control("fail", stack="glanceflow-prod-certificate", logical_id="Certificate", operation="CREATE_END", reason=reason)
        result = project.up().must(4)
        assert result.of("undone") == ["certificate"] and "did not stabilize" in result.error, result.error
        assert "name servers" in result.error and "example.com" in result.error and "golive up --env prod" in result.error, result.error
        assert {"service", "frontend"} & set(result.of("blocked")) and {"network", "data"} <= set(result.of("done")), result.states()
        project.up().must(0)


@test
def of_another_account(aws):
    """up and down with credentials of another account than golive.yaml names: refused with its place, before anything else is asked"""
    with Project(aws.url, lambda text: text.replace("123456789012", "999999999999")) as project:
        for words in (("up", "--yes"), ("down", "--confirm", "prod")):
            aws.control("calls", "DELETE")
            refused = project.run(*words, "--env", "prod").must(7)
            assert "account 123456789012" in refused.error and "prod is 999999999999" in refused.error and "golive.yaml:" in refused.error, refused.error
            assert [one["operation"] for one in aws.control("calls", "GET")["calls"]] == ["GetCallerIdentity"]


@test
def verifies_what_it_made(aws):
    """what was changed behind CloudFormation's back is found: resource, property, wanted, found"""
    with Project(aws.url) as project:
        project.stand(aws)
        bucket = resources(aws, "glanceflow-prod-frontend")["SiteBucket"]["PhysicalResourceId"]
        aws.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
        database = resources(aws, "glanceflow-prod-data")["Database"]["PhysicalResourceId"]
        aws.client("rds").modify_db_instance(DBInstanceIdentifier=database, DeletionProtection=False)
        result = project.up().must(16)
        assert result.of("failed") == ["data", "frontend"], result.states()
        assert "SiteBucket (AWS::S3::Bucket) VersioningConfiguration.Status: wanted Enabled, found Suspended" in result.reason("frontend")
        assert "DeletionProtection: wanted true, found false" in result.reason("data"), result.reason("data")


@test
def one_stack_and_what_it_needs(aws):
    """--stack makes a stack and what it needs, nothing else; --dry-run makes nothing"""
    with Project(aws.url) as project:
        project.run("up", "--env", "prod", "--dry-run").must(0)
        assert stacks(aws) == {}, stacks(aws)
        project.up("--stack", "security-groups").must(0)
        names = {name.removeprefix("glanceflow-").removeprefix("prod-") for _region, name in stacks(aws)}
        assert {"network", "ci", "security-groups"} <= names and "data" not in names and "edge" not in names, names
        project.up("--stack", "nonsense").must(8)
        project.run("up", "--yes").must(2)  # prod is never meant by saying nothing


@test
def executes_a_kept_plan(aws):
    """golive plan --keep, then up --plan: exactly those change sets; a changed golive.yaml is refused"""
    with Project(aws.url) as project:
        project.stand(aws)
        change = ("--set", "observability.log_retention_days=30")
        kept = json.loads(project.run("plan", "--env", "prod", "--format", "json", "--keep", *change).must(0).out)
        wanted = sorted(one["stack"] for one in kept["stacks"] if one["change"].get("change_set"))
        project.run("up", "--env", "prod", "--plan", kept["plan"], "--yes", "--set", "observability.log_retention_days=60").must(7)
        aws.control("calls", "DELETE")
        done = project.up("--plan", kept["plan"], *change).must(0)
        assert done.of("done") == wanted and "service" in wanted, (done.states(), wanted)
        assert calls(aws, "CreateChangeSet") == []


@test
def asks_on_a_terminal(aws):
    """on a terminal: the plan, a question, a table that is drawn anew; no is no; data by its name"""
    with Project(aws.url) as project:
        aws.control("settings", resource_s=0.2)
        code, shown = on_terminal(project, "up", "--env", "prod", "--stack", "registry", answers=[("Type yes: ", "no")])
        assert code == 7 and stacks(aws) == {} and "not confirmed" in shown, shown
        code, shown = on_terminal(project, "up", "--env", "prod", "--stack", "registry", answers=[("Type yes: ", "yes")])
        assert code == 0 and any(f"{one}  CREATE_IN_PROGRESS" in shown for one in ("Backend", "Migrate")) and "\x1b[J" in shown, shown
        assert "prod: 1 stacks changed" in shown and "Next: " in shown, shown
        project.run("eject", "stack", "registry").must(0)
        file = project.path / "stacks" / "registry.yaml"
        body = file.read_text()
        assert '!Sub "${App}/backend"' in body
        file.write_text(body.replace('RepositoryName: !Sub "${App}/backend"', 'RepositoryName: !Sub "${App}/other"', 1))
        words = ("up", "--env", "prod", "--stack", "registry", "--yes")
        code, shown = on_terminal(project, *words, answers=[("to do it: ", "yes")])
        assert code == 7 and "Backend (AWS::ECR::Repository) holds data" in shown, shown
        code, shown = on_terminal(project, *words, answers=[("to do it: ", "Backend")])
        assert code == 0, shown


def main():
    aws = Emulator()
    try:
        return run(TESTS, aws)
    finally:
        aws.stop()


if __name__ == "__main__":
    raise SystemExit(main())
