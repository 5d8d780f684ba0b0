"""What golive down left is taken into new stacks by the commands of docs/stacks.md, word for word, and golive up goes on from there."""
import json
import re
import shlex

from botocore.exceptions import WaiterError
from stage import GLOBAL, REGION, ROOT, Emulator, Project, resources, run, status, until

TESTS = []
# Type: the property that holds the name; identifier in the list, where that is another one.
NAMED = {"AWS::S3::Bucket": "BucketName", "AWS::Logs::LogGroup": "LogGroupName", "AWS::ECR::Repository": "RepositoryName",
         "AWS::Backup::BackupVault": "BackupVaultName", "AWS::SecretsManager::Secret": "Name"}
IDENTIFIED = {"AWS::SecretsManager::Secret": "Id", "AWS::KMS::Key": "KeyId"}
# What cannot be changed afterwards stands in the file too: a vault keeps its key, which is imported with it.
FIXED = {"AWS::Backup::BackupVault": {"EncryptionKeyArn": {"Fn::GetAtt": ["VaultKey", "Arn"]}}}


def test(function):
    TESTS.append(function)
    return function


def recipe():
    """(the commands for AWS, the file) of docs/stacks.md; the last line of the block is golive's."""
    text = (ROOT / "docs" / "stacks.md").read_text(encoding="utf-8")
    block = re.search(r"^    aws cloudformation delete-stack.*?^    golive up --env ENV$", text, re.M | re.S).group(0)
    lines = re.sub(r"^    ", "", block, flags=re.M).replace("\\\n", " ")
    file = re.search(r"cat > import.yaml <<'END'\n(.*?)END\n", lines, re.S)
    commands = lines.replace(file.group(0), "").splitlines()
    assert commands.pop() == "golive up --env ENV" and len(commands) == 6, commands
    return [shlex.split(one) for one in commands], file.group(1)


def camel(words):
    return "".join(one.capitalize() for one in words.split("-"))


def members(words, file):
    """Options of the AWS CLI as members of the operation."""
    found = {}
    for name, value in zip(words[::2], words[1::2]):
        value = file if value == "file://import.yaml" else value
        found[camel(name[2:])] = json.loads(value) if value[:1] in "[{" else value
    return found


def wait(client, verb, given):
    try:
        client.get_waiter(verb.replace("-", "_")).wait(**given, WaiterConfig={"Delay": 0.05, "MaxAttempts": 600})
    except WaiterError as error:
        reason = client.describe_change_set(**given).get("StatusReason") if "ChangeSetName" in given else None
        raise AssertionError(f"{verb} {given}: {reason}") from error


def follow(aws, region, stack, change):
    """Runs the commands for a stack; change gives the file and the list their content."""
    commands, file = recipe()
    client = aws.client("cloudformation", region)
    for words in commands:
        assert words[:2] == ["aws", "cloudformation"], words
        verb, rest = (words[3], words[4:]) if words[2] == "wait" else (words[2], words[3:])
        given = members([one.replace("STACK", stack) for one in rest], file)
        if verb == "create-change-set":
            given["TemplateBody"], given["ResourcesToImport"] = change(given["TemplateBody"], given["ResourcesToImport"])
        if words[2] == "wait":
            wait(client, verb, given)
        else:
            getattr(client, verb.replace("-", "_"))(**given)


def as_written(name):
    """The site's bucket, as the commands have it."""
    return lambda file, listed: (file.replace("NAME", name), json.loads(json.dumps(listed).replace("NAME", name)))


def properties_of(one):
    if one["type"] not in NAMED:
        return {}
    name = one["physical_id"].split(":secret:")[-1].rsplit("-", 1)[0] if one["type"] in IDENTIFIED else one["physical_id"]
    return {NAMED[one["type"]]: name, **FIXED.get(one["type"], {})}


def all_of(left):
    """Several resources in the same form."""
    file = {"Resources": {one["id"]: {"Type": one["type"], "DeletionPolicy": "Retain", "Properties": properties_of(one)} for one in left}}
    listed = [{"ResourceType": one["type"], "LogicalResourceId": one["id"],
               "ResourceIdentifier": {IDENTIFIED.get(one["type"]) or NAMED[one["type"]]: one["physical_id"]}} for one in left]
    return lambda _file, _listed: (json.dumps(file), listed)


def place(key):
    """(region, name) of a stack."""
    name, _, globally = key.partition("@")
    return (GLOBAL, f"glanceflow-prod-{name}-global") if globally else (REGION, f"glanceflow-prod-{name}")


@test
def what_stays_goes_on(aws):
    """after down, up meets what stayed and says where to read; imported by the documented commands, all of it is in the new stacks, with what it held"""
    with Project(aws.url) as project:
        project.up().must(0)
        site = resources(aws, "glanceflow-prod-frontend")["SiteBucket"]["PhysicalResourceId"]
        aws.client("s3").put_object(Bucket=site, Key="index.html", Body=b"kept")
        gone = project.down().must(0)
        stays = gone.outcome()["stays"]
        survey = next(one for one in gone.events if one["event"] == "survey")
        key_of_vault = [one for stack in survey["stacks"] if stack["stack"] == "backup" for one in stack["data"] if one["id"] == "VaultKey"]
        stays += [one | {"stack": "backup"} for one in key_of_vault]
        met = project.up()
        assert met.status != 0 and "docs/stacks.md" in met.out + met.error, (met.status, met.error)
        by_stack = {key: [one for one in stays if one["stack"] == key] for key in sorted({one["stack"] for one in stays})}
        assert "frontend" in by_stack and len(by_stack) > 3 and len({one["type"] for one in stays}) > 3, by_stack
        for key, left in by_stack.items():
            alone = key == "frontend" and len(left) == 1
            follow(aws, *place(key), as_written(site) if alone else all_of(left))
            assert status(aws, *reversed(place(key))) == "IMPORT_COMPLETE", key
        project.up().must(0)
        for one in stays:
            region, name = place(one["stack"])
            assert resources(aws, name, region)[one["id"]]["PhysicalResourceId"] == one["physical_id"], one
        assert aws.client("s3").get_object(Bucket=site, Key="index.html")["Body"].read() == b"kept"
        assert project.up().must(0).of("done") == []
    print(f"# {len(stays)} resources of {len(by_stack)} stacks", flush=True)


BUCKET = {"Resources": {"Own": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "Properties": {"BucketName": "own"}}}}
LIST = [{"ResourceType": "AWS::S3::Bucket", "LogicalResourceId": "Own", "ResourceIdentifier": {"BucketName": "own"}}]


@test
def the_emulator_refuses_what_aws_refuses(aws):
    """no DeletionPolicy, outputs, further resources, what belongs to another stack, what is not there"""
    def importing(file, listed, reason=None, name="import"):
        client = aws.client("cloudformation")
        client.create_change_set(StackName="new", ChangeSetName=name, ChangeSetType="IMPORT", TemplateBody=json.dumps(file), ResourcesToImport=listed)
        try:
            wait(client, "change-set-create-complete", {"StackName": "new", "ChangeSetName": name})
        except AssertionError as error:
            assert reason and reason in str(error), error
            return
        assert reason is None, f"{name} was not refused"
        client.execute_change_set(StackName="new", ChangeSetName=name)

    resource = BUCKET["Resources"]["Own"]
    importing({"Resources": {"Own": {key: value for key, value in resource.items() if key != "DeletionPolicy"}}}, LIST, "DeletionPolicy", "a")
    importing(BUCKET | {"Outputs": {"O": {"Value": "1"}}}, LIST, "[Outputs]", "b")
    importing({"Resources": {"Own": resource, "Other": {"Type": "AWS::SNS::Topic"}}}, LIST, "missing from ResourceToImport", "c")
    importing(BUCKET, [LIST[0] | {"ResourceIdentifier": {"Name": "own"}}], "BucketName", "d")
    importing(BUCKET, LIST, None, "e")
    until(lambda: status(aws, "new"), lambda one: one == "IMPORT_ROLLBACK_COMPLETE")
    aws.client("s3").create_bucket(Bucket="own", CreateBucketConfiguration={"LocationConstraint": REGION})
    client = aws.client("cloudformation")
    client.delete_stack(StackName="new")
    until(lambda: status(aws, "new"), lambda one: one is None)
    client.create_stack(StackName="owner", TemplateBody=json.dumps({"Resources": {"T": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "taken"}}}}))
    until(lambda: status(aws, "owner"), lambda one: one == "CREATE_COMPLETE")
    importing(json.loads(json.dumps(BUCKET).replace('"own"', '"taken"')), json.loads(json.dumps(LIST).replace('"own"', '"taken"')), "owner", "f")
    importing(BUCKET, LIST, None, "g")
    until(lambda: status(aws, "new"), lambda one: one == "IMPORT_COMPLETE")


if __name__ == "__main__":
    AWS = Emulator()
    try:
        raise SystemExit(run(TESTS, AWS))
    finally:
        AWS.stop()
