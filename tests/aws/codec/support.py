"""What the judges of the codecs share: golive's tables, botocore's models, values made from a model, TAP."""
import base64
import json
import pathlib
import subprocess
import sys

import botocore.loaders
import botocore.model

MODELS = pathlib.Path(__file__).resolve().parent.parent / "models"  # what AWS added after the pinned botocore
LOADER = botocore.loaders.Loader(extra_search_paths=[str(MODELS)])
PROTOCOLS = ["query", "ec2", "json", "rest-xml", "rest-json"]
WORDS = ["a", "B2", "日本", "a&b<c>\"d'", "a b+c", "100%", "x=y;z", "-", "line\nbreak"]
PLAIN = ["a", "B2", "x-y", "v_1"]


def tables(tool):
    return json.loads(subprocess.run([tool, "dump"], stdout=subprocess.PIPE, check=True).stdout)


def run(tool, lines):
    text = "\n".join(json.dumps(line) for line in lines) + "\n"
    done = subprocess.run([tool, "run"], input=text.encode(), stdout=subprocess.PIPE, check=True)
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert len(answers) == len(lines), f"{len(answers)} answers to {len(lines)} lines"
    return answers


def model(service):
    return botocore.model.ServiceModel(LOADER.load_service_model(service, "service-2"), service)


def paginators(service):
    try:
        return LOADER.load_service_model(service, "paginators-1")["pagination"]
    except botocore.exceptions.UnknownServiceError:
        return {}


def api_names(words):
    """The API names in an `input` or `output` column."""
    names = []
    for word in (words or "").split():
        for mark in "=?@!":
            word = word.split(mark)[0]
        names.append(word)
    return names


def value(rng, shape, protocol, plain=False, stack=()):
    """A value of that shape as the API's user gives it. Timestamps are numbers, blobs base64 text. Recursive shapes end."""
    kind = shape.type_name
    if kind == "structure":
        names = list(shape.members)
        if shape.is_tagged_union:
            names = [rng.choice(names)]
        made = {}
        for name in names:
            member = shape.members[name]
            if member.name in stack:
                continue
            made[name] = value(rng, member, protocol, plain or member.serialization.get("location") in ("header", "headers", "statusCode"),
                               stack + (shape.name,))
        return made
    if kind == "list":
        if shape.member.name in stack:
            return []
        return [value(rng, shape.member, protocol, plain, stack + (shape.name,)) for _ in range(rng.randint(1, 3))]
    if kind == "map":
        return {f"k{i}": value(rng, shape.value, protocol, plain, stack + (shape.name,)) for i in range(rng.randint(1, 2))}
    if kind == "boolean":
        return rng.choice([True, False])
    if kind in ("integer", "long"):
        return rng.randint(1, 100_000)
    if kind in ("float", "double"):
        return rng.choice([0.5, 1.25, 1e-3, 99.9])
    if kind == "timestamp":
        return rng.randrange(1_500_000_000, 1_900_000_000)
    if kind == "blob":
        return base64.b64encode(rng.randbytes(6)).decode()
    return rng.choice(PLAIN if plain else WORDS)


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def say(self, good, text, details=()):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {text}")
        for line in list(details)[:5]:
            print("# " + str(line).replace("\n", "\\n"))

    def end(self):
        print(f"1..{self.count}")
        sys.exit(self.failed > 0 or self.count == 0)
