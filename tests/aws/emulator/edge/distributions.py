"""What moto's CloudFront does at once and AWS does not: distributions are InProgress for a while, invalidations too, of which there is one for
each CallerReference and as many as AWS allows at a time.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Invalidation.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
"""
import time

from moto.cloudfront.exceptions import CloudFrontException
from moto.cloudfront.models import CloudFrontBackend, Distribution, Invalidation

from ..clock import CLOCK, until
from ..moto_gaps import after
from . import site

KIND = "AWS::CloudFront::Invalidation"  # /golive-test/slow takes it as a type too, which goes before invalidation_s
PATHS_IN_PROGRESS, WILDCARDS_IN_PROGRESS = 3000, 15
FORCED = {}  # distribution id: status that a test wants to see


def _status(distribution):
    return FORCED.get(distribution.id) or ("Deployed" if time.monotonic() >= distribution.deployed_at else "InProgress")


def left_s(invalidation, settings):
    """Seconds until an invalidation is completed; 0 when it is."""
    return max(0.0, invalidation.begun + settings.type_s.get(KIND, settings.invalidation_s) - time.monotonic())


def _complete(invalidation, settings):
    """An invalidation, as a process of the clock: only at its end the caches are empty."""
    while left_s(invalidation, settings):
        yield until(lambda: not left_s(invalidation, settings), left_s(invalidation, settings))
    site.invalidate(invalidation.distribution.id, invalidation.paths)
    invalidation.own_status = "Completed"


def _check_limits(kept, paths):
    busy = [path for one in kept if one.status == "InProgress" for path in one.paths] + list(paths)
    wildcards = [path for path in busy if path.endswith("*")]
    if len(busy) - len(wildcards) > PATHS_IN_PROGRESS or len(wildcards) > WILDCARDS_IN_PROGRESS:
        raise CloudFrontException("TooManyInvalidationsInProgress", "Your request contains a cache behaviour that exceeds the maximum number of "
                                  "invalidation paths in progress.")


def install(settings):
    @after(Distribution, "__init__")
    def _(distribution, *_arguments, **_named):
        distribution.deployed_at = time.monotonic() + settings.distribution_s

    @after(CloudFrontBackend, "update_distribution")
    def _(_backend, answer, *_arguments, **_named):
        answer[0].deployed_at = time.monotonic() + settings.distribution_s

    Distribution.status = property(_status, lambda distribution, _value: None)
    Distribution.advance = lambda distribution: None
    Invalidation.status = property(lambda one: one.__dict__.get("own_status", "InProgress"), lambda one, _value: None)

    def create_invalidation(backend, dist_id, paths, caller_ref):
        """The same reference and paths are the same invalidation."""
        distribution, _ = backend.get_distribution(dist_id)
        kept = backend.invalidations.setdefault(dist_id, [])
        same = next((one for one in kept if one.caller_ref == caller_ref), None)
        if same and sorted(same.paths) == sorted(paths):
            return same
        if same:
            raise CloudFrontException("InvalidationBatchAlreadyExists", "The caller reference belongs to another batch.")
        _check_limits(kept, paths)
        made = Invalidation(distribution, paths, caller_ref)
        made.begun = time.monotonic()
        kept.insert(0, made)
        CLOCK.run(_complete(made, settings))
        return made

    CloudFrontBackend.create_invalidation = create_invalidation


def force(distribution_id, status):
    """Shows a distribution in a status until told otherwise; an empty one shows the real one again."""
    if status:
        FORCED[distribution_id] = status
    else:
        FORCED.pop(distribution_id, None)
