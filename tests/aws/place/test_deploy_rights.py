"""What the role of GitHub's workflows may do is enough for image, snapshot and migrations; and who reads the master password."""
import json
import sys

from inside import Inside, need_root
from place_stage import run

TESTS = []


def test(function):
    TESTS.append(function)
    return function


def new_user(world, name, allowed):
    """Keys of a new user who may do this."""
    iam = world.aws.client("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": allowed, "Resource": "*"}]}))
    return iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]


def as_deployer(world):
    """From now on golive is what GitHub's workflow of prod signs in as, and rights are enforced."""
    role = world.outputs("glanceflow-prod-ci-deploy")["DeployRoleArn"]
    found = world.aws.client("sts").assume_role(RoleArn=role, RoleSessionName="workflow")["Credentials"]
    world.keys = {"AWS_ACCESS_KEY_ID": found["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": found["SecretAccessKey"], "AWS_SESSION_TOKEN": found["SessionToken"]}
    world.aws.control("enforce", on=True)


@test
def the_workflows_role_is_enough(world):
    """with nothing but ci-deploy's role: an image is placed, a snapshot taken and an old one deleted, migrations applied"""
    world.files(m1_users="create table users (id int primary key);")
    world.contain(keys={"PULL_KEY": new_user(world, "puller", ["ecr:*", "ecs:*"])})
    directory = world.work / "image"
    directory.mkdir()
    (directory / "server").write_text("x")
    layout = str(directory / "layout")
    digest = world.tool("image", layout, str(directory / "server"), "arm64").must(0).result["digest"]
    as_deployer(world)
    world.tool("place", layout, digest, "1234567").must(0)
    world.tool("backup", "release-1").must(0)
    world.tool("backup", "release-2").must(0)
    world.tool("prune-backups", "2").must(0)
    world.migrate("up").must(0)
    assert world.applied() == [1]


@test
def nobody_else_reads_the_master_password(world):
    """the role that starts migrations may; those that start the backend, are the backend or deploy may not"""
    world.aws.control("enforce", on=False)
    secret = world.outputs("glanceflow-prod-data")["MasterSecretArn"]
    service = world.outputs("glanceflow-prod-service")
    roles = {world.outputs("glanceflow-prod-migration")["ExecutionRoleArn"]: "allowed", service["ExecutionRoleArn"]: "implicitDeny",
             service["TaskRoleArn"]: "implicitDeny", world.outputs("glanceflow-prod-ci-deploy")["DeployRoleArn"]: "implicitDeny"}
    found = {}
    for role in roles:
        answer = world.aws.client("iam").simulate_principal_policy(PolicySourceArn=role, ActionNames=["secretsmanager:GetSecretValue"], ResourceArns=[secret])
        found[role] = answer["EvaluationResults"][0]["EvalDecision"]
    assert found == roles, found


if __name__ == "__main__":
    need_root()
    THERE = Inside()
    try:
        STATUS = run(TESTS, THERE)
    finally:
        THERE.close()
    sys.exit(STATUS)
