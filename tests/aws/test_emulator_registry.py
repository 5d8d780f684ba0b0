"""ECR in the emulator: what is pushed by the distribution API is seen by ECR's, tags that stay, tokens, scans."""
import base64
import hashlib
import http.client
import json
import sys

from harness import Emulator, refused, run, until

TESTS = []
IMAGE = "application/vnd.oci.image.manifest.v1+json"
NAME = "shop/backend"


def test(function):
    TESTS.append(function)
    return function


class Pusher:
    """A small client of the distribution API, with the token and the address that ECR gives."""

    def __init__(self, aws):
        data = aws.client("ecr").get_authorization_token()["authorizationData"][0]
        assert base64.b64decode(data["authorizationToken"]).startswith(b"AWS:")
        self.address, self.headers = data["proxyEndpoint"].removeprefix("http://"), {"Authorization": "Basic " + data["authorizationToken"]}

    def ask(self, method, path, body=None, **headers):
        """(status, headers, body)."""
        connection = http.client.HTTPConnection(self.address, timeout=120)
        connection.request(method, path, body, {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}})
        found = connection.getresponse()
        return found.status, found.headers, found.read()

    def blob(self, data):
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        status, headers, _body = self.ask("POST", f"/v2/{NAME}/blobs/uploads/")
        assert status == 202, status
        place = headers["Location"]
        status, headers, _body = self.ask("PATCH", place, data, Content_Type="application/octet-stream")
        assert status == 202
        assert self.ask("PUT", headers["Location"] + ("&" if "?" in headers["Location"] else "?") + "digest=" + digest)[0] == 201
        return {"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest, "size": len(data)}

    def push(self, tag, content=b"layer"):
        """(status, body) of the manifest's push, and its digest."""
        config = {**self.blob(b"{}"), "mediaType": "application/vnd.oci.image.config.v1+json"}
        manifest = json.dumps({"schemaVersion": 2, "mediaType": IMAGE, "config": config, "layers": [self.blob(content)]}).encode()
        status, _headers, body = self.ask("PUT", f"/v2/{NAME}/manifests/{tag}", manifest, Content_Type=IMAGE)
        return status, body, "sha256:" + hashlib.sha256(manifest).hexdigest()


def repository(aws, **more):
    return aws.client("ecr").create_repository(repositoryName=NAME, **more)["repository"]


def described(aws, **wanted):
    ids = {"imageIds": [wanted]} if wanted else {}
    return aws.client("ecr").describe_images(repositoryName=NAME, **ids)["imageDetails"]


@test
def pushing(aws):
    """a push is seen by DescribeImages, ListImages and BatchGetImage, and can be pulled"""
    uri = repository(aws)["repositoryUri"]
    pusher = Pusher(aws)
    assert uri == f"{pusher.address}/{NAME}"
    status, _body, digest = pusher.push("v1")
    assert status == 201
    image = described(aws)[0]
    assert (image["imageDigest"], image["imageTags"], image["imageManifestMediaType"], image["imageSizeInBytes"]) == (digest, ["v1"], IMAGE, 7), image
    assert described(aws, imageTag="v1")[0]["imageDigest"] == digest
    with refused("ImageNotFoundException"):
        described(aws, imageTag="v2")
    manifest = aws.client("ecr").batch_get_image(repositoryName=NAME, imageIds=[{"imageDigest": digest}])["images"][0]["imageManifest"]
    status, headers, body = pusher.ask("GET", f"/v2/{NAME}/manifests/{digest}", Accept=IMAGE)
    assert status == 200 and body.decode() == manifest and headers["Docker-Content-Digest"] == digest
    layer = json.loads(manifest)["layers"][0]["digest"]
    assert pusher.ask("GET", f"/v2/{NAME}/blobs/{layer}")[2] == b"layer"
    assert pusher.ask("HEAD", f"/v2/{NAME}/manifests/v1", Accept=IMAGE)[1]["Docker-Content-Digest"] == digest


@test
def access(aws):
    """no token, a wrong one, a repository that ECR does not have"""
    repository(aws)
    pusher = Pusher(aws)
    assert pusher.ask("GET", "/v2/")[0] == 200
    status, _headers, body = pusher.ask("POST", "/v2/other/blobs/uploads/")
    assert status == 404 and json.loads(body)["errors"][0]["code"] == "NAME_UNKNOWN"
    pusher.headers = {}
    status, headers, _body = pusher.ask("GET", "/v2/")
    assert status == 401 and headers["WWW-Authenticate"].startswith("Basic realm=")
    pusher.headers = {"Authorization": "Basic " + base64.b64encode(b"AWS:wrong").decode()}
    assert pusher.ask("GET", "/v2/")[0] == 403


@test
def immutable_tags(aws):
    """a tag that is immutable stays, by the push and by PutImage; an excluded one moves, and its image stays without it"""
    ecr = aws.client("ecr")
    repository(aws, imageTagMutability="IMMUTABLE_WITH_EXCLUSION", imageTagMutabilityExclusionFilters=[{"filterType": "WILDCARD", "filter": "latest*"}])
    pusher = Pusher(aws)
    first = pusher.push("v1")[2]
    assert pusher.push("v1")[0] == 201, "the same image again"
    status, body, second = pusher.push("v1", b"other")
    assert status == 400 and json.loads(body)["errors"][0]["code"] == "TAG_INVALID" and b"cannot be overwritten because the tag is immutable" in body
    assert pusher.push("latest")[0] == pusher.push("latest", b"other")[0] == 201
    assert {one["imageDigest"]: one.get("imageTags") for one in described(aws)} == {first: ["v1"], second: ["latest"]}
    manifest = ecr.batch_get_image(repositoryName=NAME, imageIds=[{"imageDigest": second}])["images"][0]["imageManifest"]
    with refused("ImageTagAlreadyExistsException", "The image tag 'v1' already exists in the 'shop/backend' repository"):
        ecr.put_image(repositoryName=NAME, imageManifest=manifest, imageTag="v1")
    with refused("ImageAlreadyExistsException"):
        ecr.put_image(repositoryName=NAME, imageManifest=manifest, imageTag="latest")
    image = ecr.put_image(repositoryName=NAME, imageManifest=manifest, imageTag="v2")["image"]
    assert image["imageId"] == {"imageDigest": second, "imageTag": "v2"}
    assert pusher.ask("HEAD", f"/v2/{NAME}/manifests/v2", Accept=IMAGE)[1]["Docker-Content-Digest"] == second
    with refused("ImageDigestDoesNotMatchException"):
        ecr.put_image(repositoryName=NAME, imageManifest=manifest, imageTag="v3", imageDigest=first)


@test
def scans(aws):
    """a scan is in progress, then complete; findings as a test sets them, in pages; none without a scan"""
    ecr = aws.client("ecr")
    repository(aws)
    digest = Pusher(aws).push("v1")[2]
    findings = lambda **more: ecr.describe_image_scan_findings(repositoryName=NAME, imageId={"imageDigest": digest}, **more)
    with refused("ScanNotFoundException"):
        findings()
    aws.control("settings", scan_s=0.5)
    ecr.start_image_scan(repositoryName=NAME, imageId={"imageDigest": digest})
    assert findings()["imageScanStatus"]["status"] == "IN_PROGRESS" and described(aws)[0]["imageScanStatus"]["status"] == "IN_PROGRESS"
    done = until(findings, lambda one: one["imageScanStatus"]["status"] == "COMPLETE")
    assert done["imageScanFindings"]["findingSeverityCounts"] == {} and done["imageScanFindings"]["findings"] == []
    aws.control("scan", digest=digest, findings={"CRITICAL": 1, "HIGH": 2})
    page = findings(maxResults=2)
    assert page["imageScanFindings"]["findingSeverityCounts"] == {"CRITICAL": 1, "HIGH": 2} and len(page["imageScanFindings"]["findings"]) == 2
    assert findings(nextToken=page["nextToken"])["imageScanFindings"]["findings"][0]["severity"] == "HIGH"
    assert described(aws)[0]["imageScanFindingsSummary"]["findingSeverityCounts"]["CRITICAL"] == 1
    aws.control("scan", digest=digest, status="FAILED")
    assert findings()["imageScanStatus"]["status"] == "FAILED" and "imageScanFindings" not in findings()


@test
def scan_on_push(aws):
    """a repository that scans on push does"""
    repository(aws, imageScanningConfiguration={"scanOnPush": True})
    digest = Pusher(aws).push("v1")[2]
    found = aws.client("ecr").describe_image_scan_findings(repositoryName=NAME, imageId={"imageDigest": digest})
    assert found["imageScanStatus"]["status"] == "COMPLETE"


@test
def missing_image(aws):
    """where images are checked, a task of an image that was not pushed cannot pull it"""
    uri, ecs = repository(aws)["repositoryUri"], aws.client("ecs")
    digest = Pusher(aws).push("v1")[2]
    ecs.create_cluster(clusterName="c")

    def start(image):
        ecs.register_task_definition(family="f", networkMode="bridge", containerDefinitions=[{"name": "c", "image": image, "memory": 128}])
        arn = ecs.run_task(cluster="c", taskDefinition="f")["tasks"][0]["taskArn"]
        return until(lambda: ecs.describe_tasks(cluster="c", tasks=[arn])["tasks"][0], lambda one: one["lastStatus"] in ("RUNNING", "STOPPED"))
    assert start(uri + "@sha256:" + "0" * 64)["lastStatus"] == "RUNNING"
    aws.control("settings", check_images=True)
    assert start(f"{uri}@{digest}")["lastStatus"] == start(f"{uri}:v1")["lastStatus"] == "RUNNING"
    assert start(uri + "@sha256:" + "0" * 64)["stoppedReason"].startswith("CannotPullContainerError: pull image manifest has been retried")


if __name__ == "__main__":
    emulator = Emulator()
    code = run(TESTS, emulator)
    sys.exit(emulator.stop() or code)
