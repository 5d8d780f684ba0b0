"""ECR's images as ECR keeps them: digests of the manifest's bytes, tags that may be immutable, scans.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-basic.html
"""
import fnmatch
import hashlib
import json

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ecr.exceptions import ImageAlreadyExistsException, ScanNotFoundException
from moto.ecr.models import ECRBackend, Image, Repository
from moto.ecr.responses import ECRResponse

from ..moto_gaps import after

SCANS = {}  # digest: Scan that a test has set
IMMUTABLE = {  # imageTagMutability: whether a tag is immutable, given whether it is excluded
    "MUTABLE": lambda excluded: False, "IMMUTABLE": lambda excluded: True,
    "IMMUTABLE_WITH_EXCLUSION": lambda excluded: not excluded, "MUTABLE_WITH_EXCLUSION": lambda excluded: excluded,
}
SETTINGS = None  # set by install()


def immutable(repository, tag):
    excluded = any(fnmatch.fnmatchcase(tag, one["filter"]) for one in repository.image_tag_mutability_exclusion_filters or [])
    return IMMUTABLE[getattr(repository.image_tag_mutability, "value", repository.image_tag_mutability)](excluded)


def by_tag(repository, tag):
    return next((one for one in repository.images if tag and tag in one.image_tags), None)


def by_digest(repository, digest):
    return next((one for one in repository.images if one.image_digest == digest), None)


def digest_of(manifest):
    return "sha256:" + hashlib.sha256(manifest if isinstance(manifest, bytes) else manifest.encode()).hexdigest()


def tag_refusal(repository, tag, digest):
    """Why a tag cannot be set to a digest, or None."""
    holder = by_tag(repository, tag)
    if holder is None or holder.image_digest == digest or not immutable(repository, tag):
        return None
    return f"The image tag '{tag}' already exists in the '{repository.name}' repository and cannot be overwritten because the tag is immutable."


def put(backend, name, manifest, tag, media_type=None, digest=None):
    """PutImage. The image that had the tag loses it and stays."""
    repository, found = backend._get_repository(name), digest_of(manifest)
    if digest and digest != found:
        raise JsonRESTError("ImageDigestDoesNotMatchException", f"The image digest {digest} does not match the digest {found} of the image manifest.")
    image, holder = by_digest(repository, found), by_tag(repository, tag)
    if image is not None and (not tag or tag in image.image_tags):
        raise ImageAlreadyExistsException(registry_id=repository.registry_id, image_tag=tag, digest=found, repository_name=name)
    refusal = tag_refusal(repository, tag, found)
    if refusal:
        raise JsonRESTError("ImageTagAlreadyExistsException", refusal)
    return keep(backend, repository, holder, image, manifest, tag, media_type, found)


def keep(backend, repository, holder, image, manifest, tag, media_type, digest):
    """Moves the tag, and writes an image down that is new."""
    if holder is not None and holder is not image:
        holder.remove_tag(tag)
        holder.image_tag = holder.image_tags[-1] if holder.image_tags else None
    if image is None:
        media_type = media_type or json.loads(manifest).get("mediaType")
        image = Image(backend.account_id, tag, manifest, repository.name, media_type, digest)
        repository.images.append(image)
        begin_scan(repository, image)
    elif tag:
        image.update_tag(tag)
    return image


def size(image):
    """Bytes of all layers and of the configuration."""
    manifest = json.loads(image.image_manifest)
    return sum(one.get("size", 0) for one in [*manifest.get("layers", []), manifest.get("config", {})]) or None


# -- scans

class Scan:
    """A scan of an image: in progress until a moment, then in its status, with its findings."""

    def __init__(self, status="COMPLETE", findings=(), description="The scan was completed successfully."):
        self.status, self.findings, self.description = status, list(findings), description

    def counts(self):
        found = {}
        for one in self.findings:
            found[one["severity"]] = found.get(one["severity"], 0) + 1
        return found


def begin_scan(repository, image):
    """On push, when the repository asks for it."""
    if (repository.image_scanning_configuration or {}).get("scanOnPush"):
        image.last_scan = utcnow()


def scan_of(image):
    """(status, Scan) of an image, or (None, None) when it was never scanned."""
    known = SCANS.get(image.image_digest)
    if known is None and image.last_scan is None:
        return None, None
    if known is None or known.status == "COMPLETE":
        begun = image.last_scan or image.image_pushed_at
        age = (utcnow() - begun).total_seconds() if hasattr(begun, "year") else SETTINGS.scan_s
        if age < SETTINGS.scan_s:
            return "IN_PROGRESS", Scan(description="The scan is in progress.")
    found = known or Scan()
    return found.status, found


def describe_findings(response):
    """DescribeImageScanFindings, in pages."""
    backend, wanted = response.ecr_backend, response._get_param("imageId")
    name = response._get_param("repositoryName")
    repository = backend._get_repository(name, response._get_param("registryId"))
    image = repository._get_image(wanted.get("imageTag"), wanted.get("imageDigest"))
    status, scan = scan_of(image)
    if status is None:
        shown = f"{{imageDigest:'{wanted.get('imageDigest') or 'null'}', imageTag:'{wanted.get('imageTag') or 'null'}'}}"
        raise ScanNotFoundException(image_id=shown, repository_name=name, registry_id=repository.registry_id)
    answer = {"registryId": repository.registry_id, "repositoryName": name, "imageId": {"imageDigest": image.image_digest, **(
        {"imageTag": wanted["imageTag"]} if wanted.get("imageTag") else {})}, "imageScanStatus": {"status": status, "description": scan.description}}
    if status in ("COMPLETE", "ACTIVE"):
        begin, number = int(response._get_param("nextToken") or 0), int(response._get_param("maxResults") or 100)
        now = utcnow()
        answer["imageScanFindings"] = {"imageScanCompletedAt": now, "vulnerabilitySourceUpdatedAt": now, "findingSeverityCounts": scan.counts(),
                                       "findings": scan.findings[begin:begin + number]}
        answer["nextToken"] = str(begin + number) if begin + number < len(scan.findings) else None
    return answer


def set_scan(digest, status, findings):
    """What a test wants of a scan. findings: [{name, severity, ...}], or {severity: number} for made-up names."""
    if isinstance(findings, dict):
        findings = [{"name": f"CVE-2026-{number:04}", "severity": severity, "uri": f"https://example.com/CVE-2026-{number:04}"}
                    for severity, many in findings.items() for number in range(many)]
    SCANS[digest] = Scan(status, findings)


def install(settings, address):
    """address(): HOST:PORT of the registry, for repositoryUri and GetAuthorizationToken."""
    global SETTINGS
    SETTINGS = settings
    ECRBackend.put_image = put
    Image.image_size_in_bytes = property(size)
    Image.image_scan_status = property(lambda image: {"status": scan_of(image)[0]} if scan_of(image)[0] else None)
    Image.image_scan_findings_summary = property(
        lambda image: {"findingSeverityCounts": scan_of(image)[1].counts()} if scan_of(image)[0] in ("COMPLETE", "ACTIVE") else None)
    ECRResponse.describe_image_scan_findings = lambda response: ActionResult(describe_findings(response))

    @after(Repository, "__init__")
    def _(repository, *_arguments, **_named):
        repository.uri = f"{address()}/{repository.name}"
