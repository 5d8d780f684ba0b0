"""AWS::KMS, AWS::SecretsManager, AWS::SSM."""
import json

from .kinds import Kind, as_json, document, reading, removing, sync_tags, tag_list, view, without


def create_key(context, p):
    made = context.call("kms", "create_key", without(p, "Tags"), Policy=as_json(p["KeyPolicy"]) if "KeyPolicy" in p else None,
                        Tags=[{"TagKey": t["Key"], "TagValue": t["Value"]} for t in p.get("Tags", [])])
    key = made["KeyMetadata"]["KeyId"]
    set_rotation(context, key, p)
    return key


def set_rotation(context, key, p):
    if str(p.get("EnableKeyRotation")).lower() == "true":
        days = {"RotationPeriodInDays": p["RotationPeriodInDays"]} if "RotationPeriodInDays" in p else {}
        context.call("kms", "enable_key_rotation", KeyId=key, **days)
    elif "EnableKeyRotation" in p:
        context.call("kms", "disable_key_rotation", KeyId=key)


@reading
def read_key(context, key, p):
    kms = context.client("kms")
    found = kms.describe_key(KeyId=key)["KeyMetadata"]
    if found["KeyState"] == "PendingDeletion":
        return None
    tags = [{"Key": t["TagKey"], "Value": t["TagValue"]} for t in kms.list_resource_tags(KeyId=key)["Tags"]]
    rotation = kms.get_key_rotation_status(KeyId=key)
    policy = document(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    return view("AWS::KMS::Key", found, KeyPolicy=policy, EnableKeyRotation=rotation["KeyRotationEnabled"], Tags=tags,
                RotationPeriodInDays=rotation.get("RotationPeriodInDays"))


def change_key(context, key, old, new):
    if "KeyPolicy" in new and new["KeyPolicy"] != old.get("KeyPolicy"):
        context.call("kms", "put_key_policy", KeyId=key, PolicyName="default", Policy=as_json(new["KeyPolicy"]))
    if new.get("Description") != old.get("Description"):
        context.call("kms", "update_key_description", KeyId=key, Description=new.get("Description", ""))
    set_rotation(context, key, new)
    kms = context.client("kms")
    sync_tags(old, new, lambda tags: kms.tag_resource(KeyId=key, Tags=[{"TagKey": t["Key"], "TagValue": t["Value"]} for t in tags]),
              lambda keys: kms.untag_resource(KeyId=key, TagKeys=keys))


def remove_key(context, key, p):
    context.call("kms", "schedule_key_deletion", KeyId=key, PendingWindowInDays=p.get("PendingWindowInDays", 30))


def create_alias(context, p):
    context.call("kms", "create_alias", p)
    return p["AliasName"]


@reading
def read_alias(context, name, _p):
    for alias in context.client("kms").list_aliases()["Aliases"]:
        if alias["AliasName"] == name:
            return {"AliasName": name, "TargetKeyId": alias.get("TargetKeyId")}
    return None


def create_secret(context, p):
    made = context.call("secretsmanager", "create_secret", without(p, "GenerateSecretString"),
                        Name=p.get("Name") or context.name(64), SecretString=secret_text(context, p))
    return made["ARN"]


def secret_text(context, p):
    made = p.get("GenerateSecretString")
    if made is None:
        return p.get("SecretString")
    password = context.call("secretsmanager", "get_random_password", made)["RandomPassword"]
    if "SecretStringTemplate" not in made:
        return password
    return json.dumps({**json.loads(made["SecretStringTemplate"]), made["GenerateStringKey"]: password})


@reading
def read_secret(context, arn, _p):
    found = context.client("secretsmanager").describe_secret(SecretId=arn)
    if found.get("DeletedDate"):
        return None
    return view("AWS::SecretsManager::Secret", found, Id=arn, Tags=tag_list(found.get("Tags")))


def change_secret(context, arn, old, new):
    sent = {key: new[key] for key in ("Description", "KmsKeyId", "SecretString") if key in new and new[key] != old.get(key)}
    if sent:
        context.call("secretsmanager", "update_secret", sent, SecretId=arn)
    manager = context.client("secretsmanager")
    sync_tags(old, new, lambda tags: manager.tag_resource(SecretId=arn, Tags=tags),
              lambda keys: manager.untag_resource(SecretId=arn, TagKeys=keys))


def put_rotation(context, p):
    context.call("secretsmanager", "rotate_secret", p, RotateImmediately=False)
    return p["SecretId"]


@reading
def read_rotation(context, secret, _p):
    found = context.client("secretsmanager").describe_secret(SecretId=secret)
    if not found.get("RotationEnabled"):
        return None
    return {"Id": secret, "SecretId": secret, "RotationRules": found.get("RotationRules", {})}


def stop_rotation(context, secret, _p):
    """A secret that its service rotates (no function) goes on being rotated."""
    found = context.client("secretsmanager").describe_secret(SecretId=secret)
    if found.get("RotationLambdaARN"):
        context.call("secretsmanager", "cancel_rotate_secret", SecretId=secret)


def put_secret_policy(context, p):
    context.call("secretsmanager", "put_resource_policy", SecretId=p["SecretId"], ResourcePolicy=as_json(p["ResourcePolicy"]))
    return p["SecretId"]


@reading
def read_secret_policy(context, secret, _p):
    found = context.client("secretsmanager").get_resource_policy(SecretId=secret).get("ResourcePolicy")
    return {"Id": secret, "SecretId": secret, "ResourcePolicy": document(found)} if found else None


def put_parameter(context, p, overwrite=False):
    name = p.get("Name") or context.name(512)
    tags = {} if overwrite else {"Tags": [{"Key": k, "Value": v} for k, v in (p.get("Tags") or {}).items()]}
    context.call("ssm", "put_parameter", without(p, "Tags", "Name"), Name=name, Overwrite=overwrite, **tags)
    return name


@reading
def read_parameter(context, name, _p):
    ssm = context.client("ssm")
    value = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    found = ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [name]}])["Parameters"][0]
    tags = {t["Key"]: t["Value"] for t in ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]}
    return view("AWS::SSM::Parameter", without(found, "Policies"), Value=value["Value"], Tags=tags)


TABLE = [
    Kind("AWS::KMS::Key", create_key, read_key, change_key, removing(remove_key), note="removal schedules the deletion, as AWS does"),
    Kind("AWS::KMS::Alias", create_alias, read_alias,
         lambda context, name, old, new: context.call("kms", "update_alias", new) and None,
         removing(lambda context, name, p: context.call("kms", "delete_alias", AliasName=name))),
    Kind("AWS::SecretsManager::Secret", create_secret, read_secret, change_secret, removing(
        lambda context, arn, p: context.call("secretsmanager", "delete_secret", SecretId=arn, ForceDeleteWithoutRecovery=True)),
        note="CloudFormation never reads a secret's value; neither does drift here"),
    Kind("AWS::SecretsManager::RotationSchedule", put_rotation, read_rotation,
         lambda context, found, old, new: put_rotation(context, new) and None,
         removing(stop_rotation)),
    Kind("AWS::SecretsManager::ResourcePolicy", put_secret_policy, read_secret_policy,
         lambda context, found, old, new: put_secret_policy(context, new) and None,
         removing(lambda context, found, p: context.call("secretsmanager", "delete_resource_policy", SecretId=found))),
    Kind("AWS::SSM::Parameter", put_parameter, read_parameter,
         lambda context, name, old, new: put_parameter(context, {**new, "Name": name}, overwrite=True) and None,
         removing(lambda context, name, p: context.call("ssm", "delete_parameter", Name=name))),
]
