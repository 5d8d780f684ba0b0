"""Puts the services that run into moto's ECS: its own operations call these, whoever sends them. Tasks: task_api.py."""
from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
from moto.ecs.exceptions import InvalidParameterException, ServiceNotFoundException
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse

from ..clock import CLOCK
from ..moto_gaps import after, around
from . import behaviour, command, hooks, runner, strategies, targets, task_api
from .deployment import Deployment
from .service import Service

TRIGGERS = ("task_definition", "network_configuration", "platform_version", "load_balancers", "service_registries", "service_connect_configuration",
            "volume_configurations", "vpc_lattice_configurations")  # UpdateService's reference: "This parameter triggers a new service deployment."
DEFAULTS = {"deploymentCircuitBreaker": {"enable": False, "rollback": False}, "maximumPercent": 200, "minimumHealthyPercent": 100, "strategy": "ROLLING"}
SERVICES = {}  # service ARN: the Service that keeps it
SETTINGS = None  # set by install()


def check(configuration):
    """Refuses a deployment configuration as ECS does."""
    try:
        hooks.check(configuration or {})
    except hooks.Refused as error:
        raise InvalidParameterException(str(error)) from error
    strategy = (configuration or {}).get("strategy", "ROLLING")
    if strategy not in strategies.STRATEGIES:
        raise InvalidParameterException(f"Unknown deployment strategy {strategy}.")


def deploy(kept):
    """A new deployment; one that is under way ends where it is."""
    for one in kept.deployments:
        if not one.over:
            one.supersede()
    kept.deployments.append(Deployment(kept))
    kept.show()
    CLOCK.poke()


def full_arn(backend, reference):
    return backend.describe_task_definition(reference).arn if reference else reference


@around(EC2ContainerServiceResponse, "create_service")
def create_service(original, response):
    check(response._get_param("deploymentConfiguration"))
    return original()


def begin(response, answer):
    """After CreateService: the first deployment. Services of other controllers are left alone."""
    model = answer.result["service"]
    if model.deployment_controller.get("type", "ECS") == "ECS" and model.task_definition:
        old = SERVICES.pop(model.arn, None)
        if old:
            old.model.status = "INACTIVE"
        given = getattr(model, "deployment_configuration", None) or {}
        model.deployment_configuration = {**DEFAULTS, **given}
        SERVICES[model.arn] = kept = Service(model, response.ecs_backend, SETTINGS)
        deploy(kept)


@around(EC2ContainerServiceBackend, "update_service")
def update_service(original, backend, properties):
    check(properties.get("deployment_configuration"))
    forced = str(properties.get("force_new_deployment", False)).lower() == "true"
    model = backend._get_service(properties.get("cluster", "default"), properties["service"].split("/")[-1])
    if model.status != "ACTIVE":
        raise ServiceNotFoundException()
    before = {name: getattr(model, name, None) for name in TRIGGERS}
    found = original(properties)
    model.task_definition = full_arn(backend, model.task_definition)
    kept = SERVICES.get(model.arn)
    if kept is None:
        return found
    if forced or any(before[name] != getattr(model, name, None) for name in TRIGGERS):
        deploy(kept)
    scale(kept)
    return found


def scale(kept):
    """Follows a new desired count: of what is at full size, now; of what a deployment scales up, by the deployment."""
    for one in kept.revisions:
        if one.wanted and kept.strategy != "ROLLING" or one is kept.current and all(deployment.over for deployment in kept.deployments):
            one.wanted = kept.model.desired_count
    kept.show()
    CLOCK.poke()


@around(EC2ContainerServiceBackend, "delete_service")
def delete_service(original, backend, *arguments):
    found = original(*arguments)
    kept = SERVICES.get(found.arn)
    if kept:
        for one in kept.deployments:
            if not one.over:
                one.supersede()
        for one in kept.revisions:
            one.wanted = 0
    CLOCK.poke()
    return found


@around(ApplicationAutoscalingBackend, "register_scalable_target")
def register_scalable_target(original, backend, namespace, r_id, *arguments, **named):
    """Application Auto Scaling brings a service within its limits at once."""
    target = original(namespace, r_id, *arguments, **named)
    for kept in SERVICES.values():
        model = kept.model
        if namespace == "ecs" and r_id == f"service/{model.cluster_name}/{model.name}" and model.region_name == backend.region_name:
            inside = min(max(model.desired_count, target.min_capacity or 0), target.max_capacity or model.desired_count)
            if inside != model.desired_count:
                model.desired_count = inside
                scale(kept)
    return target


def install(settings):
    """Once, at the start of the emulator."""
    global SETTINGS
    SETTINGS = settings
    targets.show_health()
    task_api.install(settings)
    runner.install(settings)
    after(EC2ContainerServiceResponse, "create_service")(begin)
    CLOCK.thread.start()


def reset():
    """Forgets everything that runs; ends processes."""
    CLOCK.stop()
    command.end_all()
    SERVICES.clear()
    runner.reset()
    task_api.RUN_TOKENS.clear()
    behaviour.RULES.clear()
    targets.REGISTERED.clear()
