"""A bucket as the origin of a distribution: what its policy lets CloudFront read, and the answers that S3 gives.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
"""
import fnmatch
import json
import re

from moto.s3.models import s3_backends

from ..stack import ACCOUNT
from .message import Answer, text

NAME = re.compile(r"(.+?)\.s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com")
PASSED = ("Content-Type", "Cache-Control", "Content-Encoding", "Content-Disposition", "Content-Language")


def _list(value):
    return value if isinstance(value, list) else [value]


def permitted(policy, action, distribution_arn):
    """Whether a bucket policy lets this distribution do that: by CloudFront as service, on behalf of no other distribution."""
    for one in _list(json.loads(policy)["Statement"]) if policy else []:
        principal, equal = one.get("Principal", {}), one.get("Condition", {}).get("StringEquals", {})
        service = _list(principal.get("Service", [])) if isinstance(principal, dict) else []
        source = next((value for name, value in equal.items() if name.lower() == "aws:sourcearn"), distribution_arn)
        if (one["Effect"] == "Allow" and "cloudfront.amazonaws.com" in service and distribution_arn in _list(source)
                and any(fnmatch.fnmatchcase(action, pattern) for pattern in _list(one["Action"]))):
            return True
    return False


def _headers(key):
    metadata = {name.lower(): value for name, value in key.metadata.items()}
    found = [(name, metadata[name.lower()]) for name in PASSED if metadata.get(name.lower())]
    found += [(name, value) for name, value in metadata.items() if name.startswith("x-amz-meta-")]
    return [*found, ("ETag", key.etag), ("Last-Modified", key.last_modified_RFC1123)]


def answer(domain, name, distribution_arn):
    """An object, or S3's error: 403 for what may not be read, and for what is not there when it may not be listed."""
    found = NAME.fullmatch(domain)
    bucket = s3_backends[ACCOUNT]["aws"].buckets.get(found.group(1)) if found else None
    if bucket is None:
        return text(404, "<Error><Code>NoSuchBucket</Code></Error>", "application/xml")
    key = s3_backends[ACCOUNT]["aws"].get_object(bucket.name, name)
    if not permitted(bucket.policy, "s3:GetObject", distribution_arn) or key is None and not permitted(bucket.policy, "s3:ListBucket", distribution_arn):
        return text(403, "<Error><Code>AccessDenied</Code></Error>", "application/xml")
    if key is None:
        return text(404, "<Error><Code>NoSuchKey</Code></Error>", "application/xml")
    return Answer(200, _headers(key), key.value)
