"""ECS in the emulator does what AWS's documentation says. Oracle of all: botocore's model, and the pages named in emulator/compute/."""
import json
import sys

from emulator_world import World, digest
from harness import Emulator, refused, run, until

TESTS = []
BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
NEVER_S = 1000.0  # a stage that only a test ends


def test(function):
    TESTS.append(function)
    return function


# -- tasks and services: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html

@test
def service_runs(aws):
    """a service's tasks run, are counted, listed and registered with the load balancer"""
    world = World(aws)
    assert world.service("a", "ROLLING")["status"] == "SUCCESSFUL"
    shown = world.described()
    assert (shown["desiredCount"], shown["runningCount"], shown["pendingCount"]) == (2, 2, 0), shown
    tasks = world.tasks()
    assert [one["lastStatus"] for one in tasks] == ["RUNNING"] * 2 and tasks[0]["containers"][0]["imageDigest"] == digest("a")
    assert {one["availabilityZone"] for one in tasks} == {"ap-northeast-1a", "ap-northeast-1c"}
    assert world.health(world.blue) == ["healthy"] * 2 and world.health(world.green) == []
    assert shown["deployments"][0]["rolloutState"] == "COMPLETED" and shown["taskDefinition"].endswith("backend:1")
    assert any(one.startswith("registered 2 targets in (target-group arn:aws:elasticloadbalancing:") for one in world.events())
    world.ecs.get_waiter("services_stable").wait(cluster="shop", services=["backend"], WaiterConfig={"Delay": 0, "MaxAttempts": 1})


@test
def task_life(aws):
    """a task goes from PROVISIONING to RUNNING and, when it is stopped, to STOPPED"""
    world, seen = World(aws), []
    aws.control("settings", task_start_s=0.6, health_check_s=0.3)
    world.service("a", "ROLLING", desired=1, settle=False)

    def look():
        health, task = world.health(world.blue), (world.tasks() or [None])[0]
        state = (task["lastStatus"], *health) if task else None
        if task and (not seen or seen[-1] != state):
            seen.append(state)
        return state
    until(look, lambda state: state == ("RUNNING", "healthy"))
    rest = iter([("PROVISIONING",), ("PENDING",), ("ACTIVATING",), ("RUNNING",), ("RUNNING", "initial"), ("RUNNING", "healthy")])
    assert all(one in rest for one in seen) and len(seen) > 2, f"a slow machine may miss some, but the order is this: {seen}"
    arn = world.tasks()[0]["taskArn"]
    world.ecs.stop_task(cluster="shop", task=arn, reason="because")
    task = until(lambda: world.ecs.describe_tasks(cluster="shop", tasks=[arn])["tasks"][0], lambda one: one["lastStatus"] == "STOPPED")
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "because") and task["containers"][0]["exitCode"] == 0
    until(world.tasks, lambda listed: [one["lastStatus"] for one in listed] == ["RUNNING"])
    missing = world.ecs.describe_tasks(cluster="shop", tasks=[arn[:-4] + "ffff"])["failures"]
    assert missing[0]["reason"] == "MISSING"


@test
def scaling(aws):
    """a new desired count starts and stops tasks without a deployment"""
    world = World(aws)
    world.service("a", "BLUE_GREEN", desired=1)
    world.ecs.update_service(cluster="shop", service="backend", desiredCount=3)
    until(world.described, lambda one: one["runningCount"] == 3)
    world.ecs.update_service(cluster="shop", service="backend", desiredCount=1)
    until(world.described, lambda one: one["runningCount"] == 1 and len(one["deployments"]) == 1)
    assert len(world.ecs.list_service_deployments(cluster="shop", service="backend")["serviceDeployments"]) == 1
    stopped = until(lambda: world.tasks("STOPPED"), lambda listed: len(listed) == 2)
    assert stopped[0]["stopCode"] == "ServiceSchedulerInitiated" and "Scaling activity initiated by (deployment ecs-svc/" in stopped[0]["stoppedReason"]
    world.ecs.update_service(cluster="shop", service="backend", desiredCount=0)
    world.ecs.delete_service(cluster="shop", service="backend")
    until(world.tasks, lambda listed: not listed)


FAILURES = [  # (behaviour, stopCode, words of stoppedReason, exit code)
    ({"start": "pull_error"}, "TaskFailedToStart", "CannotPullContainerError: ", None),
    ({"start": "no_permission"}, "TaskFailedToStart", "ResourceInitializationError: unable to pull secrets or registry auth: ", None),
    ({"start": "exit", "exit_code": 3}, "EssentialContainerExited", "Essential container in task exited", 3),
    ({"healthy": False}, "ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:", 0),
]


@test
def tasks_fail(aws):
    """tasks of a bad image stop for the reason that ECS gives, and the circuit breaker goes back"""
    world = World(aws)
    world.service("a", **BREAKER)
    for letter, (behaviour, code, words, status) in zip("bcde", FAILURES):
        world.behaves(letter, **behaviour)
        over = world.update(letter)
        assert over["status"] == "ROLLBACK_SUCCESSFUL", over
        assert over["statusReason"] == "Service deployment rolled back because the circuit breaker threshold was exceeded."
        watched = over["deploymentCircuitBreaker"]
        assert (watched["status"], watched["threshold"]) == ("TRIGGERED", 3) and watched["failureCount"] in (3, 4), over
        task = [one for one in world.tasks("STOPPED") if one["containers"][0]["imageDigest"] == digest(letter)][0]
        assert task["stopCode"] == code and task["stoppedReason"].startswith(words), task
        assert task["containers"][0].get("exitCode") == status, task
        assert world.weights(world.production) == (100, 0) and world.described()["taskDefinition"].endswith("backend:1")
    assert any("rolling back to deployment ecs-svc/" in one for one in world.events())
    assert any("is unhealthy in (target-group" in one for one in world.events())


@test
def no_capacity(aws):
    """without capacity no task comes, and RunTask says so"""
    world = World(aws)
    world.service("a", **BREAKER)
    world.behaves("b", start="no_capacity")
    assert world.update("b")["status"] == "ROLLBACK_SUCCESSFUL"
    assert any(one.startswith("was unable to place a task. Reason: Capacity is unavailable at this time.") for one in world.events())
    answer = world.ecs.run_task(cluster="shop", taskDefinition="backend:2", launchType="FARGATE", networkConfiguration=world.network())
    assert not answer["tasks"] and "Capacity is unavailable" in answer["failures"][0]["reason"]


@test
def task_dies(aws):
    """a task that dies later is replaced, which no deployment notices"""
    world = World(aws)
    world.behaves("a", dies_after_s=0.3, exit_code=137, times=1)
    assert world.service("a", desired=2, **BREAKER)["status"] == "SUCCESSFUL"
    dead = until(lambda: world.tasks("STOPPED"), lambda listed: len(listed) == 1)[0]
    assert dead["containers"][0]["exitCode"] == 137 and dead["stopCode"] == "EssentialContainerExited"
    until(world.described, lambda one: one["runningCount"] == 2)


# -- deployments: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html

@test
def blue_green(aws):
    """blue/green: both run, test traffic moves, then production, then the old one goes; the next one goes the other way"""
    world = World(aws)
    assert world.service("a")["status"] == "SUCCESSFUL" and world.weights(world.production) == (100, 0)
    aws.control("settings", stage_s={"POST_SCALE_UP": NEVER_S})
    world.update("b", settle=False)
    at = world.at("POST_SCALE_UP")
    assert at["targetServiceRevision"]["runningTaskCount"] == 2 and at["sourceServiceRevisions"][0]["runningTaskCount"] == 2
    assert world.health(world.blue) == world.health(world.green) == ["healthy"] * 2 and world.weights(world.test) == (100, 0)
    shown = world.described()
    assert [one["status"] for one in shown["deployments"]] == ["PRIMARY", "ACTIVE"] and shown["runningCount"] == 4
    assert shown["currentServiceDeployment"] == at["serviceDeploymentArn"]
    world.ecs.stop_service_deployment(serviceDeploymentArn=at["serviceDeploymentArn"], stopType="ROLLBACK")
    assert world.over()["status"] == "ROLLBACK_SUCCESSFUL" and world.health(world.green) == []
    aws.control("settings", stage_s={"BAKE_TIME": NEVER_S})
    world.update("b", settle=False)
    at = world.at("BAKE_TIME")
    assert world.weights(world.production) == world.weights(world.test) == (0, 100)
    assert at["targetServiceRevision"]["requestedProductionTrafficWeight"] == 100 and at["alarms"]["status"] == "DISABLED"
    world.ecs.stop_service_deployment(serviceDeploymentArn=at["serviceDeploymentArn"])
    assert world.over()["rollback"]["serviceRevisionArn"] == at["sourceServiceRevisions"][0]["arn"]
    assert world.weights(world.production) == world.weights(world.test) == (100, 0)
    aws.control("settings", stage_s={})
    assert world.update("c")["status"] == "SUCCESSFUL" and world.weights(world.production) == (0, 100) and world.health(world.blue) == []
    assert world.update("d")["status"] == "SUCCESSFUL" and world.weights(world.production) == (100, 0) and world.health(world.green) == []


@test
def bake_time(aws):
    """the bake time is minutes, which can be made short"""
    world = World(aws)
    aws.control("settings", minute_s=0.1)
    world.service("a", bakeTimeInMinutes=3)
    done = world.update("b")
    assert 0.3 <= (done["finishedAt"] - done["startedAt"]).total_seconds() < 170, done


@test
def canary_and_linear(aws):
    """canary and linear move production traffic in steps, with a bake time after each but the last"""
    world, pause = World(aws), {"lifecycleHooks": [{"targetType": "PAUSE", "lifecycleStages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"]}]}
    aws.control("settings", minute_s=0.1)
    world.service("a")

    def steps(letter, **configuration):
        """Weights before every step, at which the hook pauses, and at the end."""
        world.update(letter, settle=False, deploymentConfiguration={**pause, **configuration})
        seen, answered = [], 0
        while True:
            now = until(world.deployment, lambda one: one["status"] == "SUCCESSFUL" or len(one.get("lifecycleHookDetails", [])) > answered)
            seen.append(world.weights(world.production))
            if now["status"] == "SUCCESSFUL":
                return seen, now
            hook, answered = now["lifecycleHookDetails"][-1]["hookId"], answered + 1
            world.ecs.continue_service_deployment(serviceDeploymentArn=now["serviceDeploymentArn"], hookId=hook)
    seen, _done = steps("b", strategy="CANARY", canaryConfiguration={"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 1})
    assert seen == [(100, 0), (90, 10), (0, 100)], seen
    seen, done = steps("c", strategy="LINEAR", linearConfiguration={"stepPercent": 25.0, "stepBakeTimeInMinutes": 2})
    assert seen == [(0, 100), (25, 75), (50, 50), (75, 25), (100, 0)], seen
    assert (done["finishedAt"] - done["startedAt"]).total_seconds() >= 0.6, "three bake times of two minutes"


@test
def rolling(aws):
    """a rolling update never has fewer healthy tasks, nor more tasks, than it may"""
    world = World(aws)
    world.service("a", "ROLLING", desired=4, maximumPercent=150, minimumHealthyPercent=75)
    aws.control("settings", health_check_s=0.1)
    world.update("b", settle=False)

    def look():
        healthy, tasks = world.health(world.blue).count("healthy"), len(world.tasks())
        assert healthy >= 3 and tasks <= 6, (healthy, tasks)
        return world.deployment()
    assert until(look, lambda one: one["status"] == "SUCCESSFUL") and {one["containers"][0]["imageDigest"] for one in world.tasks()} == {digest("b")}
    world.behaves("c", start="exit")
    world.ecs.update_service(cluster="shop", service="backend", deploymentConfiguration={"maximumPercent": 150, "minimumHealthyPercent": 75, **BREAKER})
    assert world.update("c")["status"] == "ROLLBACK_SUCCESSFUL"
    assert {one["containers"][0]["imageDigest"] for one in world.tasks()} == {digest("b")}
    shown = world.described()
    assert shown["deployments"][0]["rolloutState"] == "COMPLETED" and shown["runningCount"] == 4 and shown["taskDefinition"].endswith("backend:2")


@test
def breaker(aws):
    """the circuit breaker's threshold is as configured; without rollback, and without a predecessor, the deployment ends otherwise"""
    world = World(aws)
    world.behaves("a", start="exit")
    first = world.service("a", **BREAKER)
    assert first["status"] == "ROLLBACK_FAILED" and "No rollback candidate was found" in first["statusReason"], first
    count = {"type": "COUNT", "value": 1}
    stop = {"deploymentCircuitBreaker": {"enable": True, "rollback": False, "thresholdConfiguration": count}}
    world.behaves("b")
    assert world.update("b", deploymentConfiguration={"strategy": "BLUE_GREEN", **stop})["status"] == "SUCCESSFUL"
    stopped = world.update("a")
    assert stopped["status"] == "STOPPED" and stopped["stoppedAt"] and stopped["deploymentCircuitBreaker"]["threshold"] == 1
    assert world.weights(world.production) == (100, 0), "production stays where it is"


@test
def alarms(aws):
    """an alarm undoes a deployment during its bake time; one that was already on is not watched"""
    world = World(aws)
    watch = aws.client("cloudwatch")
    watch.put_metric_alarm(AlarmName="errors", Namespace="AWS/ApplicationELB", MetricName="HTTPCode_Target_5XX_Count", Statistic="Sum", Period=60,
                           EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold")
    state = lambda value: watch.set_alarm_state(AlarmName="errors", StateValue=value, StateReason="test")
    world.service("a", alarms={"alarmNames": ["errors"], "enable": True, "rollback": True})
    aws.control("settings", stage_s={"BAKE_TIME": NEVER_S})
    world.update("b", settle=False)
    assert world.at("BAKE_TIME")["alarms"]["status"] == "MONITORING"
    state("ALARM")
    over = world.over()
    assert over["status"] == "ROLLBACK_SUCCESSFUL" and over["alarms"] == {"status": "TRIGGERED", "alarmNames": ["errors"], "triggeredAlarmNames": ["errors"]}
    aws.control("settings", stage_s={})
    fixed = world.update("c")
    assert fixed["status"] == "SUCCESSFUL" and fixed["alarms"]["status"] == "DISABLED"


@test
def pause_hooks(aws):
    """a PAUSE hook waits to be continued or rolled back, or for its time-out; it cannot be where traffic moves"""
    world = World(aws)
    hook = lambda stage, **more: {"lifecycleHooks": [{"targetType": "PAUSE", "lifecycleStages": [stage], **more}]}
    world.service("a", **hook("POST_TEST_TRAFFIC_SHIFT"), settle=False)
    waiting = lambda: world.at("POST_TEST_TRAFFIC_SHIFT")["lifecycleHookDetails"]

    def answer(**action):
        shown = until(waiting, lambda listed: listed[-1]["status"] == "AWAITING_ACTION")[-1]
        assert shown["targetType"] == "PAUSE" and shown["timeoutAction"] == "ROLLBACK" and shown["expiresAt"]
        world.ecs.continue_service_deployment(serviceDeploymentArn=world.deployment()["serviceDeploymentArn"], hookId=shown["hookId"], **action)
        return world.over()
    assert answer()["status"] == "SUCCESSFUL"
    world.update("b", settle=False)
    until(lambda: world.deployment().get("lifecycleHookDetails"), bool)
    assert world.weights(world.test) == (0, 100) and world.weights(world.production) == (100, 0)
    undone = answer(action="ROLLBACK")
    assert undone["status"] == "ROLLBACK_SUCCESSFUL" and undone["lifecycleHookDetails"][0]["status"] == "FAILED"
    aws.control("settings", minute_s=0.05)
    limit = {"timeoutInMinutes": 2, "action": "CONTINUE"}
    late = world.update("c", deploymentConfiguration={"strategy": "BLUE_GREEN", **hook("PRE_PRODUCTION_TRAFFIC_SHIFT", timeoutConfiguration=limit)})
    assert late["status"] == "SUCCESSFUL" and late["lifecycleHookDetails"][0]["status"] == "TIMED_OUT"
    with refused("InvalidParameterException", "cannot be configured"):
        world.update("d", deploymentConfiguration=hook("PRODUCTION_TRAFFIC_SHIFT"))
    with refused("InvalidParameterException", "does not wait"):
        world.ecs.continue_service_deployment(serviceDeploymentArn=late["serviceDeploymentArn"], hookId="x")


@test
def stopping(aws):
    """StopServiceDeployment: ABORT leaves everything, ROLLBACK goes back; only what is under way can be stopped"""
    world = World(aws)
    world.service("a")
    aws.control("settings", stage_s={"POST_TEST_TRAFFIC_SHIFT": NEVER_S})
    world.update("b", settle=False)
    arn = world.at("POST_TEST_TRAFFIC_SHIFT")["serviceDeploymentArn"]
    world.ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ABORT")
    assert world.over()["status"] == "STOPPED" and world.weights(world.test) == (0, 100) and len(world.tasks()) == 4
    with refused("ConflictException"):
        world.ecs.stop_service_deployment(serviceDeploymentArn=arn)
    with refused("ServiceDeploymentNotFoundException"):
        world.ecs.stop_service_deployment(serviceDeploymentArn=arn + "0")
    aws.control("settings", stage_s={"ROLLBACK": NEVER_S, "POST_SCALE_UP": NEVER_S})
    world.update("c", settle=False)
    assert world.at("POST_SCALE_UP")["sourceServiceRevisions"][0]["requestedProductionTrafficWeight"] == 100
    world.ecs.stop_service_deployment(serviceDeploymentArn=world.deployment()["serviceDeploymentArn"], stopType="ROLLBACK")
    until(world.deployment, lambda one: one["status"] == "ROLLBACK_IN_PROGRESS")


@test
def superseding(aws):
    """a new deployment ends the one under way, and first reconciles what that left"""
    world = World(aws)
    world.service("a")
    aws.control("settings", stage_s={"POST_TEST_TRAFFIC_SHIFT": NEVER_S})
    world.update("b", settle=False)
    world.at("POST_TEST_TRAFFIC_SHIFT")
    aws.control("settings", stage_s={"RECONCILE_SERVICE": NEVER_S})
    world.update("c", settle=False)
    world.at("RECONCILE_SERVICE")
    until(world.tasks, lambda listed: len(listed) == 2)
    assert world.deployment(1)["status"] == "STOPPED" and world.weights(world.test) == (100, 0)
    world.ecs.stop_service_deployment(serviceDeploymentArn=world.deployment()["serviceDeploymentArn"])
    assert world.over()["status"] == "ROLLBACK_SUCCESSFUL"
    aws.control("settings", stage_s={})
    assert world.update("d")["status"] == "SUCCESSFUL" and len(world.tasks()) == 2


@test
def rollback_fails(aws):
    """a rollback fails when the old version does not start any more"""
    world = World(aws)
    world.service("a", "ROLLING", desired=2, minimumHealthyPercent=0, maximumPercent=100, **BREAKER)
    world.behaves("a", start="pull_error")
    world.behaves("b", start="exit")
    over = world.update("b")
    assert over["status"] == "ROLLBACK_FAILED", over


@test
def revisions(aws):
    """revisions say what they run and from which target group; listings are newest first, in pages, by status"""
    world = World(aws)
    world.service("a")
    done = world.update("b")
    arns = [done["sourceServiceRevisions"][0]["arn"], done["targetServiceRevision"]["arn"], "arn:aws:ecs:ap-northeast-1:123456789012:service-revision/x/y/1"]
    answer = world.ecs.describe_service_revisions(serviceRevisionArns=arns)
    old, new = answer["serviceRevisions"]
    assert answer["failures"] == [{"arn": arns[2], "reason": "MISSING"}]
    assert old["taskDefinition"].endswith("backend:1") and new["containerImages"][0]["imageDigest"] == digest("b")
    assert [one["resolvedConfiguration"]["loadBalancers"][0]["targetGroupArn"] for one in (old, new)] == [world.blue, world.green]
    world.behaves("c", start="exit")
    world.ecs.update_service(cluster="shop", service="backend", deploymentConfiguration={"strategy": "BLUE_GREEN", **BREAKER})
    world.update("c")
    lists = lambda **more: world.ecs.list_service_deployments(cluster="shop", service="backend", **more)
    assert [one["status"] for one in lists()["serviceDeployments"]] == ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL", "SUCCESSFUL"]
    page = lists(maxResults=2)
    assert len(lists(maxResults=2, nextToken=page["nextToken"])["serviceDeployments"]) == 1
    assert len(lists(status=["ROLLBACK_SUCCESSFUL"])["serviceDeployments"]) == 1
    assert lists(createdAt={"after": done["finishedAt"]})["serviceDeployments"][0]["status"] == "ROLLBACK_SUCCESSFUL"
    with refused("ServiceNotFoundException"):
        world.ecs.list_service_deployments(cluster="shop", service="other")


@test
def rules_with_other_actions(aws):
    """ECS does not shift a rule that also redirects or authenticates"""
    world = World(aws)
    world.service("a")
    world.elb.modify_rule(RuleArn=world.production, Actions=[{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", "Host": "x"}}])
    over = world.update("b")
    assert over["status"] == "ROLLBACK_FAILED" and "forward actions only" in over["statusReason"]


@test
def task_definitions(aws):
    """task definitions keep their tags; listings by family and order"""
    world = World(aws)
    arn = world.task_definition("a")
    world.ecs.tag_resource(resourceArn=arn, tags=[{"key": "golive:release", "value": "r1"}])
    shown = world.ecs.describe_task_definition(taskDefinition=arn, include=["TAGS"])
    assert shown["tags"] == [{"key": "golive:release", "value": "r1"}]
    second, _other = world.task_definition("b"), world.task_definition("a", family="backend-other")
    assert world.ecs.list_task_definitions(familyPrefix="backend")["taskDefinitionArns"] == [arn, second]
    assert world.ecs.list_task_definitions(familyPrefix="backend", sort="DESC")["taskDefinitionArns"] == [second, arn]


# -- by CloudFormation: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-service.html

def template(world, arn):
    """A stack with one service of that task definition."""
    service = {"Type": "AWS::ECS::Service", "Properties": {
        "ServiceName": "backend", "Cluster": "shop", "TaskDefinition": arn, "LaunchType": "FARGATE",
        "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": world.subnets, "SecurityGroups": [world.security_group]}},
        "DeploymentConfiguration": {"Strategy": "ROLLING", "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True}}}}
    return json.dumps({"Resources": {"Service": service}})


@test
def by_cloudformation(aws):
    """a stack that makes or changes a service deploys it, waits for the deployment, and fails with it"""
    world, cf = World(aws), aws.client("cloudformation")
    settled = lambda: until(lambda: cf.describe_stacks(StackName="s")["Stacks"][0], lambda one: not one["StackStatus"].endswith("_IN_PROGRESS"))
    aws.control("settings", task_start_s=0.4)
    cf.create_stack(StackName="s", TemplateBody=template(world, world.task_definition("a")))
    until(lambda: cf.describe_stacks(StackName="s")["Stacks"][0], lambda one: world.tasks())
    assert cf.describe_stacks(StackName="s")["Stacks"][0]["StackStatus"] == "CREATE_IN_PROGRESS"
    assert settled()["StackStatus"] == "CREATE_COMPLETE" and world.described()["runningCount"] == 1
    aws.control("settings", task_start_s=0)
    cf.update_stack(StackName="s", TemplateBody=template(world, world.task_definition("b")))
    assert settled()["StackStatus"] == "UPDATE_COMPLETE" and world.deployment()["status"] == "SUCCESSFUL"
    assert [one["containers"][0]["imageDigest"] for one in world.tasks()] == [digest("b")]
    world.behaves("c", start="exit")
    cf.update_stack(StackName="s", TemplateBody=template(world, world.task_definition("c")))
    assert settled()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    reasons = [one.get("ResourceStatusReason", "") for one in cf.describe_stack_events(StackName="s")["StackEvents"]]
    assert any("ECS Deployment Circuit Breaker was triggered" in one for one in reasons), reasons
    assert world.described()["taskDefinition"].endswith("backend:2")


if __name__ == "__main__":
    emulator = Emulator()
    code = run(TESTS, emulator)
    sys.exit(emulator.stop() or code)
