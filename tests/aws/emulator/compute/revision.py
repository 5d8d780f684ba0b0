"""A service revision: what one deployment wants to run, frozen; and the tasks that run it.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-revision.html
"""
import itertools

from moto.core.utils import utcnow

NUMBERS = itertools.count(4611686018427387904)
FROZEN = ("launch_type", "platform_version", "network_configuration", "load_balancers", "service_registries", "capacity_provider_strategy")


def next_id():
    """Ids of revisions, deployments: digits, as AWS's."""
    return str(next(NUMBERS))


class Revision:
    """One revision of one service, with its tasks. wanted: how many shall run; failed: tasks in a row that never became healthy."""

    def __init__(self, service, source):
        self.service, self.id, self.created_at = service, next_id(), utcnow()
        self.arn = f"{service.arn.replace(':service/', ':service-revision/')}/{self.id}"
        self.task_definition, self.deployment_id = service.model.task_definition, f"ecs-svc/{next_id()}"
        self.frozen = {name: getattr(service.model, name, None) for name in FROZEN}
        self.wanted, self.failed, self.stopped_launching, self.not_before, self.tasks = 0, 0, False, 0.0, []
        self.test_weight = self.production_weight = 0.0
        self.group_arn = self._choose_group(source)

    def _choose_group(self, source):
        """The target group it serves from: the one of the two that the running revision does not use."""
        balancer = self.balancer
        if balancer is None:
            return None
        primary = balancer["targetGroupArn"]
        other = (balancer.get("advancedConfiguration") or {}).get("alternateTargetGroupArn")
        shifts = self.service.strategy != "ROLLING" and other
        if not shifts:
            return source.group_arn if source and source.group_arn in (primary, other) else primary
        return other if source and source.group_arn == primary else primary

    @property
    def balancer(self):
        """The load balancer entry of the service, or None."""
        listed = [one for one in self.frozen["load_balancers"] or [] if one.get("targetGroupArn")]
        return listed[0] if listed else None

    def target_groups(self):
        """(target group ARN, port) for its tasks: of the first entry the chosen group, of others as given."""
        listed = [(one["targetGroupArn"], one["containerPort"]) for one in self.frozen["load_balancers"] or [] if one.get("targetGroupArn")]
        return [(self.group_arn, listed[0][1]), *listed[1:]] if listed else []

    # -- counts

    def live(self):
        return [one for one in self.tasks if one.live]

    def serving(self):
        return [one for one in self.tasks if one.serving]

    def running(self):
        return [one for one in self.tasks if one.last_status == "RUNNING"]

    def pending(self):
        return [one for one in self.live() if one.last_status != "RUNNING"]

    def steady(self):
        """As many healthy tasks as wanted, no other, none on its way out."""
        return len(self.serving()) == self.wanted == len(self.tasks)

    # -- what the API shows

    def summary(self):
        return {"arn": self.arn, "requestedTaskCount": self.wanted, "runningTaskCount": len(self.running()), "pendingTaskCount": len(self.pending()),
                "requestedTestTrafficWeight": self.test_weight, "requestedProductionTrafficWeight": self.production_weight}

    def describe(self):
        """The members of ServiceRevision."""
        backend, frozen = self.service.backend, self.frozen
        containers = backend.describe_task_definition(self.task_definition).container_definitions
        images = [{"containerName": one["name"], "image": one["image"],
                   **({"imageDigest": one["image"].partition("@")[2]} if "@" in one["image"] else {})} for one in containers]
        rule = ((self.balancer or {}).get("advancedConfiguration") or {}).get("productionListenerRule")
        resolved = {"targetGroupArn": self.group_arn, **({"productionListenerRule": rule} if rule else {})}
        found = {"serviceRevisionArn": self.arn, "serviceArn": self.service.arn, "clusterArn": self.service.model.cluster_arn,
                 "taskDefinition": self.task_definition, "capacityProviderStrategy": frozen["capacity_provider_strategy"],
                 "launchType": frozen["launch_type"], "platformVersion": "1.4.0", "platformFamily": "Linux", "loadBalancers": frozen["load_balancers"],
                 "serviceRegistries": frozen["service_registries"], "networkConfiguration": frozen["network_configuration"],
                 "containerImages": images, "guardDutyEnabled": False, "createdAt": self.created_at,
                 "resolvedConfiguration": {"loadBalancers": [resolved]} if self.group_arn else None}
        return {name: value for name, value in found.items() if value}
