"""A CloudFront distribution: behaviours, the site in S3 or a load balancer as origin, error pages, and a cache that only time or
invalidations empty.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
"""
import fnmatch
import re
import threading
import time

from moto.cloudfront.models import cloudfront_backends

from .. import moto_calls
from ..resources import STORED
from ..stack import ACCOUNT
from . import balancer, bucket, headers_policy
from .message import Answer, text

CACHING = {  # cache policy id: (minimum, default, maximum TTL in seconds), AWS's own policies
    "658327ea-f89d-4fab-a63d-7e88639e58f6": (1, 86400, 31536000),  # CachingOptimized
    "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": (1, 86400, 31536000),  # CachingOptimizedForUncompressedObjects
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": None,  # CachingDisabled
}
ERROR_TTL_S = 10  # ErrorCachingMinTTL unless given
LOCK = threading.Lock()
CACHE = {}  # (distribution id, URI after the viewer-request function): (expires, stored at, Answer)


def find(host):
    """The distribution that has a host as alias or domain name, or None."""
    for backend in cloudfront_backends[ACCOUNT].values():
        for one in backend.distributions.values():
            aliases = getattr(one.distribution_config, "Aliases", {}).get("Items") or []
            if host == one.domain_name.lower() or host in [alias.lower() for alias in aliases]:
                return one
    return None


def behaviour_of(config, path):
    """The cache behaviour for a path: the first whose pattern fits, else the default."""
    for one in config.CacheBehaviors.get("Items") or []:
        if fnmatch.fnmatchcase(path.lstrip("/"), one.path_pattern.lstrip("/")):
            return one
    return config.DefaultCacheBehavior


def clean_url(uri):
    """What the function of stacks/frontend.yaml does: pages without .html."""
    if uri.endswith("/"):
        return uri + "index.html"
    return uri if "." in uri.rpartition("/")[2] else uri + ".html"


def rewritten(config, behaviour, path):
    """The URI that is looked up: after the viewer-request function, or with the default root object."""
    if (behaviour.function_associations or {}).get("Items"):
        return clean_url(path)
    return "/" + config.DefaultRootObject if path == "/" and config.DefaultRootObject else path


# -- origins

def _origin(distribution, config, behaviour, request, uri):
    origin = next(one for one in config.Origins["Items"] if one.id == behaviour.target_origin_id)
    if ".s3" in origin.domain_name:
        with moto_calls.LOCK:
            return bucket.answer(origin.domain_name, (origin.origin_path + uri).lstrip("/"), distribution.arn)
    with moto_calls.LOCK:
        found = balancer.find(origin.domain_name.lower()) or balancer.find(request.host)
    return balancer.answer(*found, request) if found else text(502, "<h1>502 ERROR</h1>The request could not be satisfied.", "text/html")


# -- the cache

def lifetime_s(answer, policy):
    """Seconds that an answer may be kept."""
    least, usual, most = policy
    control = (answer.header("Cache-Control") or "").lower()
    if re.search(r"no-store|no-cache|private", control):
        return least
    found = re.search(r"s-maxage=(\d+)", control) or re.search(r"max-age=(\d+)", control)
    return min(most, max(least, int(found.group(1)) if found else usual))


def cached(key):
    """(Answer, its age in seconds), or (None, 0)."""
    with LOCK:
        expires, since, answer = CACHE.get(key, (0, 0, None))
    now = time.time()
    return (answer, int(now - since)) if answer and now < expires else (None, 0)


def keep(key, answer, seconds):
    with LOCK:
        CACHE[key] = (time.time() + seconds, time.time(), answer)


def invalidate(distribution_id, patterns):
    """Forgets what fits one of the paths; * at the end stands for anything."""
    with LOCK:
        for key in [key for key in CACHE if key[0] == distribution_id]:
            if any(key[1] == one or one.endswith("*") and key[1].startswith(one[:-1]) for one in patterns):
                del CACHE[key]


def _fetch(distribution, config, behaviour, request, uri):
    """(Answer, X-Cache) by the cache or the origin, with error pages in place of errors."""
    policy, key = CACHING.get(behaviour.cache_policy_id), (distribution.id, uri)
    known, age = cached(key) if policy and request.method in ("GET", "HEAD") else (None, 0)
    if known:
        found = Answer(known.status, [*known.headers, ("Age", str(age))], known.body)
        return found, "Hit from cloudfront" if known.status < 400 else "Error from cloudfront"
    found, seconds = _origin(distribution, config, behaviour, request, uri), None
    if found.status >= 400:
        found, seconds = _error_page(distribution, config, request, found)
    elif policy:
        seconds = lifetime_s(found, policy)
    if policy and seconds is not None and request.method in ("GET", "HEAD"):
        keep(key, found, seconds)
    return found, "Miss from cloudfront" if found.status < 400 else "Error from cloudfront"


def _error_page(distribution, config, request, found):
    for one in config.CustomErrorResponses.get("Items") or []:
        if int(one["ErrorCode"]) == found.status:
            seconds = int(one.get("ErrorCachingMinTTL", ERROR_TTL_S))
            if not one.get("ResponsePagePath"):
                return found, seconds
            path = one["ResponsePagePath"]
            page = _origin(distribution, config, behaviour_of(config, path), request, path)
            if page.status == 200:
                return Answer(int(one.get("ResponseCode") or found.status), list(page.headers), page.body), seconds
            return found, seconds
    return found, ERROR_TTL_S


def answer(distribution, request):
    """The answer of a distribution."""
    config = distribution.distribution_config
    behaviour = behaviour_of(config, request.path)
    if request.method not in behaviour.allowed_methods.items:
        return text(403, "<h1>403 ERROR</h1>This distribution is not configured to allow the HTTP request method.", "text/html")
    found, how = _fetch(distribution, config, behaviour, request, rewritten(config, behaviour, request.path))
    found = Answer(found.status, list(found.headers), found.body)
    if found.status == 200 and found.header("ETag") and request.headers.get("if-none-match") == found.header("ETag"):
        found.status, found.body = 304, b""
    headers_policy.apply(found, behaviour.response_headers_policy_id, STORED)
    found.headers += [("X-Cache", how), ("Via", f"1.1 {distribution.domain_name} (CloudFront)")]
    return found


def reset():
    with LOCK:
        CACHE.clear()
    balancer.TURNS.clear()
    balancer.NEXT.clear()
