"""Tasks and task definitions that run, put into moto's ECS: RunTask, StopTask, ListTasks, DescribeTasks, ListTaskDefinitions."""
from moto.core.exceptions import JsonRESTError
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse

from ..clock import CLOCK
from ..moto_gaps import after, around
from . import behaviour
from .service import NO_CAPACITY, keep_task
from .task import Task

RUN_TOKENS = {}  # clientToken of RunTask: (its arguments, the answer)
SETTINGS = None  # set by install()


@after(EC2ContainerServiceResponse, "list_task_definitions")
def order(response, answer):
    """After ListTaskDefinitions: its status, sort, and pages, which moto passes over."""
    backend, wanted = response.ecs_backend, response._get_param("status") or "ACTIVE"
    status = {one.arn: one.status for revisions in backend.task_definitions.values() for one in revisions.values()}
    prefix = response._get_param("familyPrefix")
    listed = [arn for arn in status if status[arn] == wanted and (not prefix or arn.rpartition("/")[2].rpartition(":")[0] == prefix)]
    listed.sort(key=lambda arn: (arn.rpartition(":")[0], int(arn.rpartition(":")[2])), reverse=response._get_param("sort") == "DESC")
    begin, size = int(response._get_param("nextToken") or 0), int(response._get_param("maxResults") or 100)
    answer.result.update({"taskDefinitionArns": listed[begin:begin + size], "nextToken": str(begin + size) if begin + size < len(listed) else None})


@around(EC2ContainerServiceResponse, "run_task")
def run_task_once(original, response):
    """The same clientToken is the same call; with other arguments it is a conflict."""
    token = response._get_param("clientToken")
    if not token:
        return original()
    given = {name: value for name, value in response._get_params().items() if name != "clientToken"}
    if token in RUN_TOKENS and RUN_TOKENS[token][0] != given:
        raise JsonRESTError("ConflictException", "The clientToken was used with other parameters.")
    if token not in RUN_TOKENS:
        RUN_TOKENS[token] = (given, original())
    return RUN_TOKENS[token][1]


@around(EC2ContainerServiceBackend, "run_task")
def run_task(original, backend, cluster_str, task_definition_str, count, overrides, started_by, tags, launch_type, networking_configuration=None,
             group=None, platform_version=None):
    if launch_type == "EC2":
        return original(cluster_str, task_definition_str, count, overrides, started_by, tags, launch_type, networking_configuration, group, platform_version)
    cluster, definition = backend._get_cluster(cluster_str), backend.describe_task_definition(task_definition_str)
    if definition.network_mode == "awsvpc" and not networking_configuration:
        raise InvalidParameterException("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    found = []
    for _ in range(count):
        names = definition.container_definitions[0]["image"], definition.family
        if behaviour.find(*names).start == "no_capacity":
            behaviour.take(*names)
            continue
        found.append(Task(cluster, definition, group or f"family:{definition.family}", SETTINGS, overrides=overrides, started_by=started_by, tags=tags,
                          network_configuration=networking_configuration))
        keep_task(backend, found[-1])
    return found


@after(EC2ContainerServiceResponse, "run_task")
def tell_failures(response, answer):
    """After RunTask: tasks for which there was no room."""
    missing = response._get_int_param("count", 1) - len(answer.result["tasks"])
    answer.result["failures"] = [{"reason": NO_CAPACITY}] * missing


@around(EC2ContainerServiceBackend, "describe_tasks")
def describe_tasks(_original, backend, cluster_str, tasks):
    cluster = backend._get_cluster(cluster_str)
    if not tasks:
        raise InvalidParameterException("Tasks cannot be empty.")
    known = backend.tasks.get(cluster.name, {})
    wanted = [one.rpartition("/")[2] for one in tasks]
    return [task for name in wanted for task in known.values() if task.task_arn.rpartition("/")[2] == name]


@after(EC2ContainerServiceResponse, "describe_tasks")
def tell_missing(response, answer):
    """After DescribeTasks: those that there are not."""
    known = {one.task_arn.rpartition("/")[2]: one for one in answer.result["tasks"]}
    answer.result["failures"] = [{"arn": one if one.startswith("arn:") else None, "reason": "MISSING"} for one in response._get_param("tasks", [])
                                 if one.rpartition("/")[2] not in known]


@around(EC2ContainerServiceBackend, "list_tasks")
def list_tasks(_original, backend, cluster_str=None, container_instance=None, family=None, started_by=None, service_name=None, desired_status=None):
    cluster = backend._get_cluster(cluster_str or "default")
    wanted = {
        "desired_status": lambda one: one.desired_status == (desired_status or "RUNNING"),
        "family": lambda one: not family or one.task_definition_arn.rpartition("/")[2].rpartition(":")[0] == family,
        "started_by": lambda one: not started_by or one.started_by == started_by,
        "service": lambda one: not service_name or one.group == f"service:{service_name.rpartition('/')[2]}",
        "instance": lambda one: not container_instance or container_instance in (one.container_instance_arn or ""),
    }
    return [one for one in backend.tasks.get(cluster.name, {}).values() if all(test(one) for test in wanted.values())]


@around(EC2ContainerServiceBackend, "stop_task")
def stop_task(original, backend, cluster_str, task_str, reason):
    cluster = backend._get_cluster(cluster_str)
    for task in backend.tasks.get(cluster.name, {}).values():
        if task.task_arn.rpartition("/")[2] == task_str.rpartition("/")[2] and isinstance(task, Task):
            task.stop("UserInitiated", reason or "Task stopped by user")
            CLOCK.poke()
            return task
    if any(task.task_arn.rpartition("/")[2] == task_str.rpartition("/")[2] for task in backend.tasks.get(cluster.name, {}).values()):
        return original(cluster_str, task_str, reason)
    raise InvalidParameterException("The referenced task was not found.")


def install(settings):
    """Importing this module has put the operations in place; here they learn the settings."""
    global SETTINGS
    SETTINGS = settings
