"""Migrations of an environment whose backend runs on App Runner: tasks of ECS in a cluster of their own, and as what GitHub's workflows sign in as."""
import re
import sys

from inside import CLUSTER, Inside, need_root
from place_stage import run
from test_deploy_rights import as_deployer, new_user

TESTS = []


def test(function):
    TESTS.append(function)
    return function


def on_app_runner(text):
    text, count = re.subn(r"(?m)^  platform: ecs( .*)?$", "  platform: app_runner", text)
    text, more = re.subn(r"(?m)^  app_runner_existing_customer: false", "  app_runner_existing_customer: true", text)
    assert (count, more) == (1, 1)
    return text


@test
def applies_what_is_pending(world):
    """golive migrate up reaches the database by a task in the cluster of the stack service-apprunner; there is no service of ECS, and none of App Runner yet"""
    world.files(m1_users="create table users (id int primary key);")
    world.migrate("up").must(0)
    assert world.applied() == [1]
    assert world.aws.client("ecs").list_services(cluster=CLUSTER)["serviceArns"] == []
    assert world.outputs("glanceflow-prod-service-apprunner")["ClusterName"] == CLUSTER
    assert world.stopped()["clusterArn"].endswith("/" + CLUSTER)


@test
def the_workflows_role_is_enough(world):
    """with nothing but the role of the stack ci-deploy"""
    world.files(m1_users="create table users (id int primary key);", m2_names="alter table users add name text;")
    world.contain(keys={"PULL_KEY": new_user(world, "puller", ["ecr:*", "ecs:*"])})
    as_deployer(world)
    world.migrate("up").must(0)
    assert world.applied() == [1, 2]


if __name__ == "__main__":
    need_root()
    THERE = Inside(change=on_app_runner)
    try:
        STATUS = run(TESTS, THERE)
    finally:
        THERE.close()
    sys.exit(STATUS)
