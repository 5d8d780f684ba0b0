"""golive down: what it says, what it asks, what it removes and what stays."""
from stage import GLOBAL, REGION, Emulator, Project, calls, resources, run, stacks, status

TESTS = []

OWN = """Metadata: {golive: {summary: {en: own}, data: [Own]}}
Parameters: {App: {Type: String}, Env: {Type: String}}
Resources:
  Own:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Sub "${App}-${Env}-own", VersioningConfiguration: {Status: Enabled}}
  Images:
    Type: AWS::ECR::Repository
    Properties: {RepositoryName: !Sub "${App}/${Env}-own"}
"""


def test(function):
    TESTS.append(function)
    return function


def survey(result):
    return next(one for one in result.events if one["event"] == "survey")


@test
def removes_an_environment_and_nothing_else(aws):
    """down removes dev; prod and the account's stacks stay as they are"""
    with Project(aws.url) as project:
        project.stand(aws)
        project.up(env="dev").must(0)
        before = {key: one for key, one in stacks(aws).items() if "-dev-" not in key[1]}
        result = project.down(env="dev").must(0)
        assert stacks(aws) == before and len(before) > 20, set(stacks(aws)) ^ set(before)
        told = survey(result)
        assert "glanceflow-ci" in told["shared"] and "foreign" not in told, told
        assert all(one["stack_name"].startswith("glanceflow-dev-") for one in told["stacks"])
        again = project.down(env="dev").must(0)
        assert survey(again)["stacks"] == []


@test
def leaves_only_what_must_stay(aws):
    """after down of prod there is a last snapshot, and of the rest only what the survey said"""
    with Project(aws.url) as project:
        total = project.stand(aws).outcome()["done"]
        database = resources(aws, "glanceflow-prod-data")["Database"]["PhysicalResourceId"]
        result = project.down().must(0)
        left = stacks(aws)
        assert {name for _region, name in left} == {f"glanceflow-{one}" for one in
                                                    ("bootstrap", "audit", "ci", "registry", "certificate-events", "certificate-events-global")}, left
        rds = aws.client("rds")
        assert rds.describe_db_instances()["DBInstances"] == []
        snapshots = rds.describe_db_snapshots(DBInstanceIdentifier=database)["DBSnapshots"]
        assert len(snapshots) == 1, snapshots
        stays = {one["physical_id"] for stack in survey(result)["stacks"] for one in stack["data"] if one["fate"] == "stays"}
        buckets = {one["Name"] for one in aws.client("s3").list_buckets()["Buckets"]}
        assert {one for one in buckets if "-prod-" in one} <= stays, (buckets, stays)
        ec2, elb = aws.client("ec2"), aws.client("elbv2")
        assert [one for one in ec2.describe_vpcs()["Vpcs"] if not one["IsDefault"]] == [] and elb.describe_load_balancers()["LoadBalancers"] == []
        clusters = aws.client("ecs").describe_clusters(clusters=["glanceflow-prod-cluster"])["clusters"]
        assert [one for one in clusters if one["status"] != "INACTIVE"] == [], clusters
        assert aws.client("cloudfront").list_distributions()["DistributionList"].get("Items", []) == []
        outcome = result.outcome()
        assert outcome["gone"] == total - 6, outcome
        print(f"# {outcome['gone']} stacks down in {outcome['elapsed_ms']} ms", flush=True)


@test
def asks_for_the_name(aws):
    """without the environment's name nothing is removed, and no protection is turned off"""
    with Project(aws.url) as project:
        project.stand(aws)
        before = stacks(aws)
        aws.control("calls", "DELETE")
        project.run("down", "--env", "prod").must(7)
        project.run("down", "--env", "prod", "--confirm", "dev").must(7)
        project.run("down").must(2)
        project.run("down", "--env", "prod", "--dry-run").must(0)
        assert stacks(aws) == before
        assert calls(aws, "DeleteStack", "ModifyDBInstance", "ModifyLoadBalancerAttributes", "DeleteObjects", "UpdateTerminationProtection") == []


@test
def empties_buckets_and_repositories(aws):
    """a bucket that goes is emptied first: versions, delete markers, more than a thousand; so are images"""
    with Project(aws.url) as project:
        (project.path / "stacks").mkdir()
        (project.path / "stacks" / "own.yaml").write_text(OWN)
        project.up("--stack", "own").must(0)
        s3, ecr = aws.client("s3"), aws.client("ecr")
        for number in range(1003):
            s3.put_object(Bucket="glanceflow-prod-own", Key=f"k/{number:04} +é", Body=b"x")
        s3.put_object(Bucket="glanceflow-prod-own", Key="k/0000 +é", Body=b"y")
        s3.delete_object(Bucket="glanceflow-prod-own", Key="k/0001 +é")
        manifest = '{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {"digest": "sha256:%064d"}, "layers": []}'
        for number in range(3):
            ecr.put_image(repositoryName="glanceflow/prod-own", imageManifest=manifest % number, imageTag=f"t{number}")
        aws.client("cloudformation").update_termination_protection(StackName="glanceflow-prod-own", EnableTerminationProtection=True)
        project.down().must(0)
        assert status(aws, "glanceflow-prod-own") is None
        assert [one["Name"] for one in s3.list_buckets()["Buckets"]] == [] and ecr.describe_repositories()["repositories"] == []


@test
def says_how_much_is_in_buckets_and_repositories(aws):
    """before it asks, down says how many objects and images there are, and how large"""
    with Project(aws.url) as project:
        (project.path / "stacks").mkdir()
        (project.path / "stacks" / "own.yaml").write_text(OWN)
        project.up("--stack", "own").must(0)
        empty = {one["id"]: one["size"] for one in survey(project.down("--dry-run").must(0))["stacks"][0]["data"]}
        assert empty == {"Own": "empty", "Images": "empty"}, empty
        s3, ecr = aws.client("s3"), aws.client("ecr")
        for number in range(1001):
            s3.put_object(Bucket="glanceflow-prod-own", Key=f"k/{number}", Body=b"x" * 2)
        manifest = '{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {"digest": "sha256:%064d"}, "layers": []}'
        for number in range(3):
            ecr.put_image(repositoryName="glanceflow/prod-own", imageManifest=manifest % number, imageTag=f"t{number}")
        full = {one["id"]: one["size"] for one in survey(project.down("--dry-run").must(0))["stacks"][0]["data"]}
        assert full["Own"].startswith("more than 1000 objects, 2") and full["Images"].startswith("3 images, "), full
        shown = project.run("down", "--env", "prod", "--dry-run").must(0).out
        assert "more than 1000 objects" in shown and "3 images" in shown, shown


KEPT = """Metadata: {golive: {summary: {en: own}, data: [Own]}}
Parameters: {App: {Type: String}, Env: {Type: String}}
Resources:
  Own:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties: {BucketName: !Sub "${App}-${Env}-own"}
"""


@test
def names_what_would_be_in_the_way(aws):
    """what stays and has a name is listed with the command that deletes it; up says the same when it meets it, and goes on after it"""
    with Project(aws.url) as project:
        (project.path / "stacks").mkdir()
        (project.path / "stacks" / "own.yaml").write_text(KEPT)
        project.up("--stack", "own").must(0)
        stays = project.down().must(0).outcome()["stays"]
        command = f"aws s3api delete-bucket --bucket glanceflow-prod-own --region {REGION}"
        assert [(one["stack"], one["id"], one["delete"]) for one in stays] == [("own", "Own", command)], stays
        met = project.up("--stack", "own").must(4)
        assert command in met.error and "already" in met.error, met.error
        aws.client("s3").delete_bucket(Bucket="glanceflow-prod-own")
        project.up("--stack", "own").must(0)
        shown = project.run("down", "--env", "prod", "--confirm", "prod").must(0).out
        assert command in shown and "would stop at them" in shown, shown


@test
def does_not_touch_what_is_not_golives(aws):
    """a stack that is named like ours but carries other tags is left alone, and named"""
    with Project(aws.url) as project:
        aws.client("cloudformation").create_stack(StackName="glanceflow-prod-network", TemplateBody="Resources: {T: {Type: AWS::SNS::Topic}}",
                                                  Tags=[{"Key": "golive:app", "Value": "another"}, {"Key": "golive:env", "Value": "prod"}])
        result = project.down().must(0)
        assert survey(result)["foreign"] == "glanceflow-prod-network" and status(aws, "glanceflow-prod-network") == "CREATE_COMPLETE"


@test
def removes_a_stack_that_golive_yaml_no_longer_makes(aws):
    """a stack whose file is gone is found by its tags"""
    with Project(aws.url) as project:
        (project.path / "stacks").mkdir()
        (project.path / "stacks" / "own.yaml").write_text(OWN)
        project.up("--stack", "own").must(0)
        (project.path / "stacks" / "own.yaml").unlink()
        project.down().must(0)
        assert stacks(aws) == {}, stacks(aws)


@test
def comes_out_of_delete_failed(aws):
    """DELETE_FAILED once is tried again; always: what is in the way is named, and stays only if somebody says so"""
    with Project(aws.url) as project:
        project.up("--stack", "security-groups").must(0)
        aws.control("fail", stack="glanceflow-prod-security-groups", logical_id="AppSecurityGroup", operation="DELETE", reason="has a dependent object")
        aws.control("fail", stack="glanceflow-prod-network", logical_id="Vpc", operation="DELETE", reason="has dependencies: eni-1", times=0)
        first = project.down().must(7)
        assert status(aws, "glanceflow-prod-security-groups") is None and status(aws, "glanceflow-prod-network") == "DELETE_FAILED"
        assert "Vpc (AWS::EC2::VPC, vpc-" in first.error and "eni-1" in first.error and "--leave" in first.error, first.error
        up = project.up("--stack", "network").must(7)
        assert "Vpc" in up.error, up.error
        aws.control("fail", "DELETE")
        project.down().must(0)
        assert status(aws, "glanceflow-prod-network") is None
        aws.control("reset")
        project.up("--stack", "security-groups").must(0)
        aws.control("fail", stack="glanceflow-prod-network", logical_id="Vpc", operation="DELETE", reason="has dependencies: eni-1", times=0)
        project.down("--leave").must(0)
        assert status(aws, "glanceflow-prod-network") is None
        assert [one for one in aws.client("ec2").describe_vpcs()["Vpcs"] if not one["IsDefault"]] != []


@test
def removes_the_account_only_when_nobody_uses_it(aws):
    """--account is refused while another environment is there"""
    with Project(aws.url) as project:
        project.up("--stack", "network").must(0)
        project.up("--stack", "network", env="dev").must(0)
        refused = project.down("--account").must(7)
        assert "dev" in refused.error, refused.error
        project.down(env="dev").must(0)
        project.down("--account").must(0)
        assert stacks(aws) == {}, stacks(aws)


def main():
    aws = Emulator()
    try:
        return run(TESTS, aws)
    finally:
        aws.stop()


if __name__ == "__main__":
    raise SystemExit(main())
