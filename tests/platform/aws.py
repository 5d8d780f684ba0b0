"""The conformance suite on AWS: the emulator, with every stack of an environment up, a real PostgreSQL behind RDS, a real registry behind ECR."""
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "aws" / "place"))
from inside import Inside  # noqa: E402

ENVIRONMENT = "prod"


def edge(aws):
    """Where load balancer and distribution are reached."""
    found = aws.control("edge", "GET")
    return {"GOLIVE_EDGE_ENDPOINT": f"{found['host']}:{found['port']}", "GOLIVE_EDGE_CA": found["ca_file"]}


def fill_secrets(aws):
    """What a person puts in before the first release."""
    store = aws.client("secretsmanager")
    for one in store.list_secrets()["SecretList"]:
        if one["Name"].startswith(f"/glanceflow/{ENVIRONMENT}/"):
            store.put_secret_value(SecretId=one["ARN"], SecretString="a value that tests made up")


def main():
    if os.geteuid() != 0:
        print("1..0 # SKIP the migration's image is run in a root directory of its own, which needs root")
        return 0
    world = Inside()
    try:
        world.files()
        fill_secrets(world.aws)
        world.aws.control("settings", minute_s=0.5)
        environment = world.project.environment() | edge(world.aws) | {
            "CONFORMANCE_DIR": str(world.project.path), "CONFORMANCE_ENV": ENVIRONMENT, "CONFORMANCE_CONTROL": world.aws.url}
        return subprocess.run([sys.argv[1]], env=environment, check=False).returncode
    finally:
        world.close()


sys.exit(main())
