"""Rights that a call needs beside the one of its own name, and on what: S3's by object, tags given at the creation, roles handed on.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html, list_amazonelasticcontainerservice.html, list_amazonrds.html
"""
import json
import re
import urllib.parse

S3 = "arn:aws:s3:::"
ROLES = ("executionRoleArn", "taskRoleArn")


def _s3(environ, operation, body):
    """(operation, resource) of a request to S3 with the bucket in the path."""
    path = urllib.parse.unquote(environ["PATH_INFO"]).lstrip("/")
    bucket, _, key = path.partition("/")
    if operation == "DeleteObjects":
        return [("DeleteObject", f"{S3}{bucket}/{urllib.parse.unquote(one)}") for one in re.findall(r"<Key>([^<]*)</Key>", body.decode())]
    found = [(operation, S3 + path if key else S3 + bucket)] if bucket else [(operation, None)]
    if operation == "CopyObject":
        found.append(("GetObject", S3 + urllib.parse.unquote(environ["HTTP_X_AMZ_COPY_SOURCE"]).lstrip("/").partition("?")[0]))
    if operation == "PutObject" and "HTTP_X_AMZ_OBJECT_LOCK_MODE" in environ:
        found.append(("PutObjectRetention", S3 + path))
    return found


def _passed(node):
    """ARNs of the roles in a request to ECS."""
    if isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, str) and (key in ROLES or key == "roleArn"):
                yield value
            else:
                yield from _passed(value)
    elif isinstance(node, list):
        for one in node:
            yield from _passed(one)


def _ecs(operation, body):
    given = json.loads(body or b"{}")
    found = [("ecs", operation, None)] + [("iam", "PassRole", role) for role in sorted(set(_passed(given)))]
    return found + [("ecs", "TagResource", None)] if given.get("tags") else found


def _apprunner(operation, body):
    roles = re.findall(r'"(?:AccessRoleArn|InstanceRoleArn)"\s*:\s*"([^"]+)"', body.decode())
    return [("apprunner", operation, None)] + [("iam", "PassRole", role) for role in sorted(set(roles))]


def rights(service, operation, environ, body):
    """Everything that must be allowed: (service, operation, resource or None), the call's own right first."""
    if service == "s3":
        return [("s3", *one) for one in _s3(environ, operation, body)]
    if service == "ecs":
        return _ecs(operation, body)
    if service == "apprunner":
        return _apprunner(operation, body)
    if (service, operation) == ("sts", "AssumeRole"):
        return [(service, operation, dict(urllib.parse.parse_qsl(body.decode())).get("RoleArn"))]
    found = [(service, operation, None)]
    if service == "rds" and operation.startswith("Create") and b"Tags.Tag." in body:
        found.append(("rds", "AddTagsToResource", None))
    return found
