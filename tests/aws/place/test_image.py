"""The place step on AWS: what reaches ECR, judged by skopeo; tags that never move; scans."""
import json
import re
import shutil
import sys

from place_stage import World, run, temporary

TESTS = []
WAIVERS = """  audit:
    ignores:
      - {id: CVE-2026-0001, reason: "not reachable from outside", expires: "2099-12-31"}
      - {id: CVE-2020-0002, reason: "was accepted for a while", expires: "2020-12-31"}"""


def test(function):
    TESTS.append(function)
    return function


class Images(World):
    """The world with small images to place."""

    def __init__(self):
        super().__init__(lambda text: re.sub(r"(?m)^  audit:.*$", WAIVERS, text.replace("arch: ARM64", "arch: X86_64")))
        self.work = temporary("golive-image-")
        self.layout = str(self.work / "layout")
        self.repository = self.outputs("glanceflow-registry")["BackendRepositoryUri"].partition("/")[2]

    def close(self):
        shutil.rmtree(self.work)
        super().close()

    def image(self, content, arch="amd64"):
        """Digest of an image whose program is this text."""
        directory = self.work / "app"
        directory.mkdir(exist_ok=True)
        (directory / "server").write_text(content)
        (directory / "server").chmod(0o755)
        return self.tool("image", self.layout, str(directory), arch).must(0).result["digest"]

    def place(self, digest, version):
        return self.tool("place", self.layout, digest, version)

    def stored(self, reference):
        """(digest, config) in the registry by tag or digest."""
        mark = "@" if reference.startswith("sha256:") else ":"
        name = f"docker://{self.registry}/{self.repository}{mark}{reference}"
        return json.loads(self.skopeo("inspect", name))["Digest"], json.loads(self.skopeo("inspect", "--config", name))

    def tags(self):
        return set(json.loads(self.skopeo("list-tags", f"docker://{self.registry}/{self.repository}"))["Tags"])


@test
def an_image_is_pushed_by_digest_with_its_tags(world):
    """the version's tag and latest, the digest of the layout; progress is shown"""
    digest = world.image("one")
    said = world.place(digest, "1111111").must(0)
    assert world.stored(digest)[0] == world.stored("1111111")[0] == world.stored("latest")[0] == digest
    assert world.stored(digest)[1]["architecture"] == "amd64"
    assert any("pushing" in text for text in said.progress), said.progress


@test
def what_is_there_is_not_sent_again(world):
    """the same image again: nothing is pushed; another tag of it is added"""
    digest = world.image("one")
    world.place(digest, "1111111").must(0)
    said = world.place(digest, "1111111").must(0)
    assert any("already" in text for text in said.progress) and not any("pushing" in text for text in said.progress), said.progress
    world.place(digest, "v1.2.3").must(0)
    assert world.stored("v1.2.3")[0] == digest


@test
def an_image_comes_back_as_it_was(world):
    """into an empty layout of another machine, by its digest; what is not there is said"""
    digest = world.image("one")
    world.place(digest, "1111111").must(0)
    other = str(world.work / "elsewhere")
    said = world.tool("fetch", other, digest).must(0)
    assert said.result["whole"] and any("fetching" in text for text in said.progress), said.progress
    assert world.tool("fetch", other, digest).must(0).result["whole"]
    world.tool("fetch", other, "sha256:" + "0" * 64).must(8)


@test
def a_tag_never_moves(world):
    """another image under a tag that is taken: refused before anything is sent, with both digests and the way out"""
    one, two = world.image("one"), world.image("another")
    world.place(one, "1111111").must(0)
    before = world.tags()
    said = world.place(two, "1111111").must(7)
    assert one in said.message and two in said.message and "1111111" in said.message and "commit" in said.hint, said.lines
    assert world.stored("1111111")[0] == one and world.tags() == before


@test
def latest_moves(world):
    """latest is for people: it follows the newest, and goes back with an older one"""
    one, two = world.image("one"), world.image("two")
    world.place(one, "1111111").must(0)
    world.place(two, "2222222").must(0)
    assert world.stored("latest")[0] == two
    world.place(one, "1111111").must(0)
    assert world.stored("latest")[0] == one


@test
def uncommitted_files_have_tags_of_their_own(world):
    """two images of the same commit with changes that are not committed do not meet"""
    for content in ("dirty one", "dirty two"):
        digest = world.image(content)
        world.place(digest, "3333333-dirty").must(0)
        assert world.stored(f"3333333-dirty-{digest[7:19]}")[0] == digest


@test
def another_processor_is_refused(world):
    """an image for arm64 where backend.arch is X86_64: refused before anything is sent"""
    digest = world.image("arm", "arm64")
    said = world.place(digest, "4444444").must(7)
    assert "arm64" in said.message and "X86_64" in said.message and "backend.arch" in said.hint, said.lines
    assert "4444444" not in world.tags()


def finding(name, severity, package="openssl"):
    return {"name": name, "severity": severity, "attributes": [{"key": "package_name", "value": package}, {"key": "package_version", "value": "3.0.1"}]}


@test
def critical_and_high_findings_stop(world):
    """package, CVE and severity of at most ten, and how many there are; what is accepted does not stop until it expires"""
    digest = world.image("vulnerable")
    many = [finding(f"CVE-2026-1{number:03}", "HIGH") for number in range(12)]
    world.aws.control("scan", digest=digest, findings=[finding("CVE-2026-0001", "CRITICAL"), finding("CVE-2020-0002", "HIGH", "zlib"), *many,
                                                       finding("CVE-2026-9999", "CRITICAL", "curl"), finding("CVE-2026-5000", "LOW")])
    said = world.place(digest, "5555555").must(7)
    assert "14 critical or high" in said.message and said.message.splitlines()[1].strip() == "CRITICAL CVE-2026-9999 curl 3.0.1", said.message
    assert "HIGH CVE-2020-0002 zlib 3.0.1" in said.message and "CVE-2026-0001" not in said.message and "CVE-2026-5000" not in said.message, said.message
    assert said.message.count("\n") == 11 and said.message.endswith("and 4 more") and "ci.audit.ignores" in said.hint, said.message


@test
def accepted_and_lesser_findings_do_not(world):
    """a waiver that holds, and what is below high: said, and no hindrance"""
    digest = world.image("fine")
    world.aws.control("scan", digest=digest, findings=[finding("CVE-2026-0001", "CRITICAL"), finding("CVE-2026-5000", "MEDIUM")])
    said = world.place(digest, "6666666").must(0)
    assert "scan: nothing critical or high, 1 accepted, 1 lesser" in said.progress, said.progress


@test
def a_scan_is_waited_for(world):
    """the release goes on only when the scan is complete"""
    digest = world.image("slow")
    world.aws.control("settings", scan_s=3)
    said = world.place(digest, "7777777").must(0)
    world.aws.control("settings", scan_s=0)
    waited = [text for text in said.progress if "waiting for the scan" in text]
    assert waited and "scan: nothing critical or high" in said.progress[-1], said.progress


@test
def what_cannot_be_scanned_is_said(world):
    """an image without packages of a system is no hindrance, but nobody shall believe that it was looked at"""
    digest = world.image("scratch")
    world.aws.control("scan", digest=digest, status="UNSUPPORTED_IMAGE")
    said = world.place(digest, "8888888").must(0)
    assert "cannot scan" in said.progress[-1], said.progress


if __name__ == "__main__":
    THERE = Images()
    try:
        STATUS = run(TESTS, THERE)
    finally:
        THERE.close()
    sys.exit(STATUS)
