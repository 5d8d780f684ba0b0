"""What a resource kind is given to work with: clients, names, and the caller's permissions."""
import random
import string
import uuid

from botocore.exceptions import ClientError

from . import iam, moto_calls, shapes
from .stack import ACCOUNT

HANDLER_CODES = (  # how registry handlers classify a service's error code
    ("AlreadyExist", "AlreadyExists"), ("InUse", "ResourceConflict"), ("NotFound", "NotFound"), ("NoSuch", "NotFound"),
    ("AccessDenied", "AccessDenied"), ("Unauthorized", "AccessDenied"), ("Throttl", "Throttling"),
    ("Limit", "ServiceLimitExceeded"), ("Invalid", "InvalidRequest"), ("Validation", "InvalidRequest"))


class Refused(Exception):
    """A resource that could not be made, with the reason as CloudFormation words it."""


def handler_message(text, code):
    """The envelope that CloudFormation puts around what a resource handler says."""
    return f'Resource handler returned message: "{text}" (RequestToken: {uuid.uuid4()}, HandlerErrorCode: {code})'


def reason_of(error, service="CloudFormation"):
    """The ResourceStatusReason for an exception."""
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, ClientError):
        answer, meta = error.response["Error"], error.response.get("ResponseMetadata", {})
        code = next((to for word, to in HANDLER_CODES if word in answer.get("Code", "")), "GeneralServiceException")
        name = getattr(error, "golive_service", service)
        text = (f"{answer.get('Message', '')} (Service: {name}, Status Code: {meta.get('HTTPStatusCode', 400)}, "
                f"Request ID: {meta.get('RequestId', uuid.uuid4())})")
        return handler_message(text, code)
    return str(getattr(error, "message", None) or error) or type(error).__name__


class Context:
    """One resource of one stack, on behalf of whoever runs the operation."""

    def __init__(self, stack, logical_id, principal=None):
        self.stack, self.logical_id, self.principal = stack, logical_id, principal
        self.region, self.account = stack.region, ACCOUNT

    def client(self, service, region=None):
        return moto_calls.client(service, region or self.region)

    def call(self, service, operation, *sources, region=None, **more):
        """Calls an operation with members picked from CloudFormation properties (see shapes.call), if permitted."""
        client = self.client(service, region)
        if self.principal:
            iam.require(self.principal, client.meta.service_model.signing_name,
                        client.meta.method_to_api_mapping[operation])
        try:
            return shapes.call(client, operation, *sources, **more)
        except ClientError as error:
            error.golive_service = client.meta.service_model.service_id.replace(" ", "")
            raise

    def name(self, limit=64, lower=False):
        """A name as CloudFormation makes it up: STACK-LOGICALID-RANDOM, cut to what the service allows."""
        tail = "".join(random.choices(string.ascii_uppercase + string.digits, k=12))
        keep = limit - len(tail) - 1
        logical = self.logical_id[: max(8, keep // 2)]
        found = f"{self.stack.name[: keep - len(logical) - 1]}-{logical}-{tail}"
        return found.lower() if lower else found
