"""What happens before a container starts: image, secrets, log stream. Each may fail, with the words of

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html
"""
import json
import uuid

from botocore.exceptions import ClientError
from moto.ecr.models import ecr_backends

from .. import iam, moto_calls
from ..stack import ACCOUNT

RETRIEVAL = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve "


class Failure(Exception):
    """A start that failed; the text is the task's stoppedReason."""


def execution_role(task):
    return getattr(task.definition, "execution_role_arn", None) or f"arn:aws:iam::{ACCOUNT}:role/none"


def denied(task, action, resource):
    """AccessDeniedException as the agent quotes it."""
    role = execution_role(task).rpartition("/")[2]
    return (f"AccessDeniedException: User: arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{task.id} is not authorized to perform: {action} on resource: "
            f"{resource} because no identity-based policy allows the {action} action\n\tstatus code: 400, request id: {uuid.uuid4()}")


def permitted(task, service, operation, resource):
    """Whether the execution role may do it; always when permissions are not enforced."""
    return not iam.enforced or iam.allowed(iam.by_role(execution_role(task)), service, operation, resource)[0]


def missing(task, image):
    """Whether the image names a repository of ECR that does not have it."""
    for repository in ecr_backends[ACCOUNT][task.region].repositories.values():
        if image.startswith((repository.uri + "@", repository.uri + ":")):
            place = image[len(repository.uri) + 1:]
            return not any(place in (one.image_digest, *one.image_tags) for one in repository.images)
    return False


def pull(task):
    image, start = task.containers[0]["image"], task.behaviour.start
    if start == "no_permission" and not secrets_of(task) or not permitted(task, "ecr", "GetAuthorizationToken", None):
        raise Failure(f"{RETRIEVAL}ecr registry auth: service call has been retried 3 time(s): {denied(task, 'ecr:GetAuthorizationToken', '*')}")
    if start == "pull_error" or task.settings.check_images and missing(task, image):
        raise Failure(f"CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref {image}: {image}: not found")


def secrets_of(task):
    return [one for container in task.definition.container_definitions for one in container.get("secrets") or []]


def secret_value(task, reference):
    """The value of a secret: a whole one, one key of a JSON one, or an SSM parameter."""
    parts = reference.split(":")
    if parts[2:3] == ["secretsmanager"]:
        arn, key = ":".join(parts[:7]), (parts[7:8] or [""])[0]
        found = moto_calls.client("secretsmanager", task.region).get_secret_value(SecretId=arn)["SecretString"]
        return json.loads(found)[key] if key else found
    name = reference if not reference.startswith("arn:") else "/" + reference.partition(":parameter/")[2]
    return moto_calls.client("ssm", task.region).get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]


def whole_arn(task, reference):
    """What policies are compared with: of Secrets Manager the ARN with the six letters that AWS adds, which a task definition may leave out."""
    if ":secretsmanager:" not in reference:
        return reference
    try:
        return moto_calls.client("secretsmanager", task.region).describe_secret(SecretId=reference)["ARN"]
    except ClientError:
        return reference


def fetch_secrets(task):
    """Every secret of the task definition; a missing one, or a role that may not read it, stops the task."""
    for one in secrets_of(task):
        reference, store = one["valueFrom"], ("secrets manager", "asm", "secretsmanager", "GetSecretValue")
        if ":secretsmanager:" not in reference:
            store = ("ssm", "ssm", "ssm", "GetParameters")
        where, short, service, operation = store
        secret = whole_arn(task, ":".join(reference.split(":")[:7]))  # without the key, stage and version behind it
        begin = f"{RETRIEVAL}secret from {short}: service call has been retried 1 time(s): failed to fetch secret {reference} from {where}: "
        if task.behaviour.start == "no_permission" or not permitted(task, service, operation, secret):
            raise Failure(begin + denied(task, f"{service}:{operation}", secret))
        try:
            task.environment[one["name"]] = secret_value(task, reference)
        except ClientError as error:
            answer = error.response["Error"]
            raise Failure(f"{begin}{answer['Code']}: {answer['Message']}\n\tstatus code: 400, request id: {uuid.uuid4()}") from error
        except (KeyError, ValueError) as error:
            raise Failure(f"{begin}retrieved secret from Secrets Manager did not contain json key {reference.split(':')[7]}") from error


def open_log(task):
    """The log stream of the first container, as the awslogs driver makes it."""
    options = (task.definition.container_definitions[0].get("logConfiguration") or {}).get("options", {})
    if "awslogs-group" not in options:
        return
    name = "/".join([options.get("awslogs-stream-prefix", ""), task.containers[0]["name"], task.id]).lstrip("/")
    logs = moto_calls.client("logs", options.get("awslogs-region", task.region))
    try:
        logs.create_log_stream(logGroupName=options["awslogs-group"], logStreamName=name)
    except ClientError as error:
        answer = error.response["Error"]
        raise Failure("ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch "
                      f"log stream: {answer['Code']}: {answer['Message']} : exit status 1") from error
    task.log = (logs, options["awslogs-group"], name)


def prepare(task):
    """Raises Failure, or leaves task.environment and task.log as the container gets them."""
    container = task.definition.container_definitions[0]
    task.environment = {one["name"]: one["value"] for one in container.get("environment") or []}
    pull(task)
    fetch_secrets(task)
    open_log(task)
    for override in task.overrides.get("containerOverrides") or []:
        if override.get("name") == container["name"]:
            task.environment.update({one["name"]: one["value"] for one in override.get("environment") or []})
