"""A task: what DescribeTasks shows of it, and its life.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
"""
import ipaddress
import itertools
import uuid

from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends

from ..clock import pause, until
from ..stack import ACCOUNT
from . import behaviour, command, preparation, targets

NUMBERS = itertools.count()
CONTAINER_STATUS = {"RUNNING": "RUNNING", "DEACTIVATING": "RUNNING", "STOPPING": "RUNNING", "STOPPED": "STOPPED", "DEPROVISIONING": "STOPPED"}


def network_of(task):
    """(address, subnet or None) for a task: an address of one of its subnets that no other task had."""
    given = (task.network_configuration or {}).get("awsvpcConfiguration", {}).get("subnets")
    number = next(NUMBERS)
    subnet = ec2_backends[ACCOUNT][task.region].get_subnet(given[number % len(given)]) if given else None
    network = ipaddress.ip_network(subnet.cidr_block if subnet else "10.255.0.0/16")
    return str(network[4 + number % (network.num_addresses - 6)]), subnet


class Task:
    """One task. The names of the attributes are those of ECS's API, so that moto shows them."""

    health, health_reason = "initial", None  # as a target, or of the container's own check: initial, healthy, unhealthy
    started_at = stopping_at = stopped_at = stop_code = stopped_reason = execution_stopped_at = started_by = network_configuration = None
    stopping = was_healthy = told = False  # asked to stop; was healthy once; its registration was told as an event
    process, log, exit_code, target_groups = None, None, None, ()

    def __init__(self, cluster, definition, group, settings, **more):
        self.id, self.region, self.settings, self.definition = uuid.uuid4().hex, cluster.region_name, settings, definition
        self.cluster_arn, self.cluster_name, self.task_definition_arn = cluster.arn, cluster.name, definition.arn
        self.task_arn = f"arn:aws:ecs:{self.region}:{ACCOUNT}:task/{cluster.name}/{self.id}"
        self.group, self.desired_status, self.last_status, self.health_status = group, "RUNNING", "PROVISIONING", "UNKNOWN"
        self.launch_type, self.platform_version, self.platform_family = "FARGATE", "1.4.0", "Linux"
        self.cpu, self.memory, self.version, self.created_at = definition.cpu, definition.memory, 1, utcnow()
        self.overrides, self.tags, self.connectivity, self.enable_execute_command = {"containerOverrides": []}, [], "CONNECTED", False
        self.__dict__.update({name: value for name, value in more.items() if value is not None})
        self.address, subnet = network_of(self)
        self.availability_zone = subnet.availability_zone if subnet else self.region + "a"
        self.containers = [self._container(one) for one in definition.container_definitions]
        self.attachments = [self._interface(subnet)]
        self.behaviour = behaviour.take(self.containers[0]["image"], definition.family)

    def _container(self, defined):
        digest = {"imageDigest": defined["image"].partition("@")[2]} if "@" in defined["image"] else {}
        return {"containerArn": f"arn:aws:ecs:{self.region}:{ACCOUNT}:container/{self.cluster_name}/{self.id}/{uuid.uuid4()}", "taskArn": self.task_arn,
                "name": defined["name"], "image": defined["image"], "lastStatus": "PENDING", "healthStatus": "UNKNOWN", "cpu": str(defined.get("cpu", 0)),
                "networkInterfaces": [{"attachmentId": str(uuid.UUID(self.id)), "privateIpv4Address": self.address}], **digest}

    def _interface(self, subnet):
        details = {"subnetId": subnet.id if subnet else "subnet-00000000", "networkInterfaceId": f"eni-{self.id[:17]}",
                   "privateIPv4Address": self.address}
        return {"id": str(uuid.UUID(self.id)), "type": "ElasticNetworkInterface", "status": "ATTACHED",
                "details": [{"name": name, "value": value} for name, value in details.items()]}

    # -- what others ask

    @property
    def live(self):
        """Whether it runs or will: neither stopped nor being stopped."""
        return not self.stopping

    @property
    def digest(self):
        """The digest of its image, or the image reference without one."""
        image = self.containers[0]["image"]
        return image.partition("@")[2] or image

    @property
    def loopback(self):
        """An address of this machine for a process that is the task: of 127/8, which needs no set-up, and by the task's id."""
        return ".".join(["127", *(str(1 + number % 254) for number in bytes.fromhex(self.id[:6]))])

    def filled(self, text):
        """A text of a behaviour with what it names of the task in its place."""
        return text.replace("{image}", self.containers[0]["image"]).replace("{loopback}", self.loopback)

    @property
    def forward(self):
        """HOST:PORT of the process that answers in its place; empty without one."""
        return self.filled(self.behaviour.forward)

    @property
    def serving(self):
        """Whether it runs and its health check is good."""
        return self.live and self.last_status == "RUNNING" and self.health == "healthy"

    def stop(self, code, reason):
        """Asks it to stop; the first reason stays."""
        if not self.stopping:
            self.stopping, self.desired_status, self.stop_code, self.stopped_reason, self.stopping_at = True, "STOPPED", code, reason, utcnow()

    # -- its life

    def _is(self, status):
        self.last_status, self.version = status, self.version + 1
        for one in self.containers:
            one["lastStatus"] = CONTAINER_STATUS.get(status, "PENDING") if self.started_at or status == "STOPPED" else "PENDING"

    def life(self):
        """From PROVISIONING to STOPPED, as a process of the clock."""
        for step in (lambda: self._is("PENDING"), self._prepare, self._start):
            yield until(lambda: self.stopping, self.settings.task_start_s / 3)
            if self.stopping:
                break
            step()
        if not self.stopping:
            yield from self._run()
        yield from self._end()

    def _prepare(self):
        try:
            preparation.prepare(self)
            self._is("ACTIVATING")
        except preparation.Failure as failure:
            self.containers[0]["reason"] = str(failure)
            self.stop("TaskFailedToStart", str(failure))

    def _start(self):
        self.started_at = utcnow()
        self._is("RUNNING")
        command.write_log(self, self.behaviour.log)
        if self.behaviour.start == "exit":
            self._exits(self.behaviour.exit_code)
        elif self.behaviour.command:
            self.process = command.Command(self)

    def _left_s(self):
        """Seconds until it dies by itself, or None."""
        dies = self.behaviour.dies_after_s
        return max(0.0, dies - (utcnow() - self.started_at).total_seconds()) if dies else None

    def _over(self):
        return self.stopping or self._left_s() == 0 or self.process and self.process.code is not None

    def _lives(self, seconds):
        """Waits that long, or until it ends if that is earlier."""
        known = [one for one in (seconds, self._left_s()) if one is not None]
        return until(self._over, min(known) if known else None)

    def _run(self):
        targets.register(self)
        if self.forward:
            targets.begin_probing(self)
        else:
            yield self._lives(self.settings.health_check_s + self.behaviour.healthy_after_s)
            if not self._over():
                self._checked()
        yield self._lives(None)
        if not self.stopping:
            self._exits(self.behaviour.exit_code if self.process is None or self.process.code is None else self.process.code)

    def _checked(self):
        """The first health check has its result, and all later ones have the same."""
        self.health = "healthy" if self.behaviour.healthy else "unhealthy"
        self.health_reason = None if self.behaviour.healthy else "Health checks failed with these codes: [503]"
        if self.definition.container_definitions[0].get("healthCheck"):
            self.health_status = self.containers[0]["healthStatus"] = self.health.upper()

    def _exits(self, code):
        self.exit_code = code
        self.stop("EssentialContainerExited", "Essential container in task exited")

    def _end(self):
        targets.deregister(self)
        for status in ("DEACTIVATING", "STOPPING", "DEPROVISIONING"):
            self._is(status)
            yield pause(self.settings.task_stop_s / 3)
            if status == "STOPPING" and self.process:
                yield from self.process.stopped()
                self.exit_code = self.process.code
        self.stopped_at = self.execution_stopped_at = utcnow()
        if self.started_at:
            self.containers[0]["exitCode"] = self.exit_code or 0
        self.connectivity, self.attachments[0]["status"] = "DISCONNECTED", "DELETED"
        self._is("STOPPED")
