"""measure.py SITE_TOOL ROUNDS AWS S5CMD: the comparison of bench/publish/run."""
import hashlib
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "aws" / "release"))
if os.access("/dev/shm", os.W_OK):
    tempfile.tempdir = "/dev/shm"
from site_stage import REGION, TOOL, Emulator, Site  # noqa: E402
from site_versitygw import Versitygw  # noqa: E402

FILES, PAGES, TARGET, LEAST = 2000, 256, 64, 5


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def make_build(directory, number):
    """2,000 files as SvelteKit names and sizes them: small modules and styles, some pictures, pages. Another number changes all."""
    chance = random.Random(number)

    def text(lines):
        return b"".join(b"export const v%d=%d;" % (chance.randrange(10**6), chance.randrange(10**9)) for _ in range(lines))

    def hashed(folder, name, ending, content):
        write(directory / "_app" / "immutable" / folder / f"{name}.{hashlib.md5(content).hexdigest()[:8]}.{ending}", content)

    for index in range(900):
        hashed("nodes", index, "js", text(chance.choice([20, 60, 150, 400, 1200])))
    for index in range(504):
        hashed("chunks", index, "js", text(chance.choice([10, 30, 100, 300])))
    for index in range(300):
        hashed("assets", index, "css", text(chance.choice([10, 40, 100])))
    for index in range(40):
        hashed("assets", f"p{index}", "webp", chance.randbytes(chance.choice([20000, 60000, 200000])))
    for index in range(PAGES - 4):
        write(directory / "docs" / f"p{index}.html", b"<title>%d</title>" % index + text(40))
    for name in ("index.html", "404.html", "favicon.png", "_app/version.json"):
        write(directory / name, text(20))
    files = [one for one in directory.rglob("*") if one.is_file()]
    assert len(files) == FILES, len(files)
    return sum(one.stat().st_size for one in files)


class Measured:
    """Seconds, processor seconds and peak memory of runs, and the server's processor seconds meanwhile."""

    def __init__(self):
        self.wall, self.cpu, self.server, self.memory = [], [], [], 0

    def run(self, command, environment, server):
        before = server_cpu(server)
        begun = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        watching = threading.Thread(target=self.watch_memory, args=(process.pid,))
        watching.start()
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        watching.join()
        self.wall.append(time.perf_counter() - begun)
        self.cpu.append(usage.ru_utime + usage.ru_stime)
        self.server.append(server_cpu(server) - before)
        if status:
            sys.exit(f"{command} failed: {said.decode()[-500:]}")

    def watch_memory(self, pid):
        """The peak of the program itself: ru_maxrss has that of this Python, too, from between fork and exec."""
        try:
            while found := re.search(r"VmHWM:\s*(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()):
                self.memory = max(self.memory, int(found.group(1)) / 1024)
                time.sleep(0.005)
        except OSError:
            pass  # it has ended

    def shown(self, what):
        return (f"  {what:34} {statistics.median(self.wall):7.2f} s   processor {statistics.median(self.cpu):6.2f} s"
                f"   server's {statistics.median(self.server):5.2f} s   {self.memory:6.1f} MiB")


def server_cpu(server):
    fields = pathlib.Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    rounds, aws, s5cmd = int(sys.argv[2]), sys.argv[3], sys.argv[4]
    emulator, server = Emulator(), Versitygw()
    build = pathlib.Path(tempfile.mkdtemp(prefix="golive-bench-"))
    try:
        size = make_build(build, 1)
        results = {}
        with Site(emulator, s3=server.url) as site:
            peers = site.environment() | {"AWS_REGION": REGION, "AWS_ENDPOINT_URL": server.url}
            tool = [TOOL, str(site.project.path / "golive.yaml"), "prod"]
            commands = {"golive publish": (lambda _: tool + ["publish", "1", str(build)], site.environment()),
                        "golive activate": (lambda _: tool + ["activate", "1"], site.environment())}
            if os.access(aws, os.X_OK):
                commands["aws s3 sync"] = (lambda bucket: [aws, "s3", "sync", "--quiet", str(build), f"s3://{bucket}"], peers)
            if os.access(s5cmd, os.X_OK):
                commands["s5cmd sync"] = (lambda bucket: [s5cmd, "--endpoint-url", server.url, "sync", f"{build}/", f"s3://{bucket}/"], peers)
            for number in range(rounds):
                empty(site, site.bucket)
                for name, (command, environment) in commands.items():
                    bucket = f"{name.split()[0]}-{number}"
                    if "golive" not in name:
                        site.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
                    results.setdefault(name, Measured()).run(command(bucket), environment, server)
        report(results, size, rounds)
    finally:
        server.stop()
        emulator.stop()
        shutil.rmtree(build)


def empty(site, bucket):
    keys = site.keys()
    for first in range(0, len(keys), 1000):
        site.s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys[first:first + 1000]]})


def processor(measured):
    """Processor seconds of a run, the server's with it: of a busy machine the clock tells less."""
    return statistics.median(own + server for own, server in zip(measured.cpu, measured.server))


def report(results, size, rounds):
    print(f"publish {FILES} files, {size / 1e6:.0f} MB (median of {rounds}; target {LEAST} times aws s3 sync, {TARGET} MiB; "
          f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors)")
    for name, measured in results.items():
        print(measured.shown(name))
    publish = statistics.median(results["golive publish"].wall)
    served = publish + statistics.median(results["golive activate"].wall)
    for name in results:
        if "golive" not in name:
            peer = statistics.median(results[name].wall)
            work = processor(results[name]) / processor(results["golive publish"])
            memory = results[name].memory / max(results["golive publish"].memory, results["golive activate"].memory)
            print(f"  ratio to {name:25} {peer / publish:5.1f} published, {peer / served:.1f} served and forgotten by CloudFront, "
                  f"processor with the server's {work:.1f}, memory {memory:.1f}")


if __name__ == "__main__":
    main()
