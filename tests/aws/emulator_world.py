"""What tests of the emulator's running parts stand on: a network, a load balancer with two target groups, a cluster, task definitions."""
from harness import until

HOST = "api.example.test"
ORIGIN = "fixed-response"


def digest(letter):
    """A digest that is easy to read."""
    return "sha256:" + letter * 64


class World:
    """A load balancer whose rules share traffic between blue and green, and a cluster to run services in."""

    def __init__(self, aws, name="shop"):
        self.aws, self.name, self.ecs, self.elb = aws, name, aws.client("ecs"), aws.client("elbv2")
        ec2 = aws.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone="ap-northeast-1" + zone)["Subnet"]["SubnetId"]
                        for number, zone in enumerate("ac")]
        self.security_group = ec2.create_security_group(GroupName=name, Description="tasks", VpcId=vpc)["GroupId"]
        self.balancer = self.elb.create_load_balancer(Name=name, Subnets=self.subnets)["LoadBalancers"][0]["LoadBalancerArn"]
        self.blue, self.green = (self._group(vpc, color) for color in ("blue", "green"))
        fallback = {"Type": ORIGIN, "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "no such host"}}
        self.listener = self.elb.create_listener(LoadBalancerArn=self.balancer, Protocol="HTTP", Port=80, DefaultActions=[fallback])["Listeners"][0]["ListenerArn"]
        host = {"Field": "host-header", "HostHeaderConfig": {"Values": [HOST]}}
        preview = {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "x-golive-preview", "Values": ["1"]}}
        self.production, self.test = self._rule(100, [host]), self._rule(50, [host, preview])
        self.ecs.create_cluster(clusterName=name)

    def _group(self, vpc, color):
        made = self.elb.create_target_group(Name=f"{self.name}-{color}", Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip", HealthCheckPath="/readyz")
        return made["TargetGroups"][0]["TargetGroupArn"]

    def _rule(self, priority, conditions):
        groups = [{"TargetGroupArn": self.blue, "Weight": 100}, {"TargetGroupArn": self.green, "Weight": 0}]
        made = self.elb.create_rule(ListenerArn=self.listener, Priority=priority, Conditions=conditions,
                                    Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}])
        return made["Rules"][0]["RuleArn"]

    def network(self):
        return {"awsvpcConfiguration": {"subnets": self.subnets, "securityGroups": [self.security_group], "assignPublicIp": "DISABLED"}}

    def task_definition(self, letter, family="backend", **container):
        """Registers a task definition of the image with the digest of that letter; its ARN."""
        made = self.ecs.register_task_definition(
            family=family, networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
            containerDefinitions=[{"name": "backend", "image": f"registry/backend@{digest(letter)}", "portMappings": [{"containerPort": 8080}], **container}])
        return made["taskDefinition"]["taskDefinitionArn"]

    def service(self, letter, strategy="BLUE_GREEN", desired=2, settle=True, **configuration):
        """A service of that image. configuration: members of deploymentConfiguration."""
        advanced = {"alternateTargetGroupArn": self.green, "productionListenerRule": self.production, "testListenerRule": self.test,
                    "roleArn": "arn:aws:iam::123456789012:role/traffic"}
        balancer = {"targetGroupArn": self.blue, "containerName": "backend", "containerPort": 8080,
                    **({} if strategy == "ROLLING" else {"advancedConfiguration": advanced})}
        self.ecs.create_service(cluster=self.name, serviceName="backend", taskDefinition=self.task_definition(letter), desiredCount=desired,
                                launchType="FARGATE", loadBalancers=[balancer], networkConfiguration=self.network(),
                                deploymentConfiguration={"strategy": strategy, **configuration})
        return self.over() if settle else self.deployment()

    def update(self, letter, settle=True, **more):
        """UpdateService to that image; the deployment, when it is over unless settle is false."""
        self.ecs.update_service(cluster=self.name, service="backend", taskDefinition=self.task_definition(letter), **more)
        return self.over() if settle else self.deployment()

    def deployment(self, number=0):
        """The newest deployment, or an earlier one."""
        arn = self.ecs.list_service_deployments(cluster=self.name, service="backend")["serviceDeployments"][number]["serviceDeploymentArn"]
        return self.ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]

    def over(self):
        return until(self.deployment, lambda one: one["status"] in ("SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"))

    def at(self, stage, **more):
        """Waits until the newest deployment is at a stage, and its other members are as given."""
        return until(self.deployment, lambda one: one.get("lifecycleStage") == stage and all(one.get(name) == value for name, value in more.items()))

    def described(self):
        return self.ecs.describe_services(cluster=self.name, services=["backend"])["services"][0]

    def events(self):
        """The service's events, oldest first, without the name."""
        return [one["message"].partition(") ")[2] for one in reversed(self.described()["events"])]

    def weights(self, rule):
        """(blue, green) of a rule."""
        forward = self.elb.describe_rules(RuleArns=[rule])["Rules"][0]["Actions"][0]["ForwardConfig"]
        found = {one["TargetGroupArn"]: one["Weight"] for one in forward["TargetGroups"]}
        return found[self.blue], found[self.green]

    def tasks(self, status="RUNNING", **more):
        """The tasks of the service, or of more's family."""
        wanted = more or {"serviceName": "backend"}
        arns = self.ecs.list_tasks(cluster=self.name, desiredStatus=status, **wanted)["taskArns"]
        return self.ecs.describe_tasks(cluster=self.name, tasks=arns)["tasks"] if arns else []

    def health(self, group):
        """States of the targets of a group."""
        listed = self.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return [one["TargetHealth"]["State"] for one in listed]

    def behaves(self, letter, **behaviour):
        self.aws.control("image", digest=digest(letter), behaviour=behaviour)
