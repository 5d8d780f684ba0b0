"""AWS::RDS."""
from ..context import Refused, handler_message
from .kinds import Kind, reading, removing, sync_tags, tag_list, view, without


def put_tags(context, arn, old, new):
    rds = context.client("rds")
    sync_tags(old, new, lambda tags: rds.add_tags_to_resource(ResourceName=arn, Tags=tags),
              lambda keys: rds.remove_tags_from_resource(ResourceName=arn, TagKeys=keys))


def to_api(p):
    sent = without(p, "VPCSecurityGroups", "MasterUserSecret", "Tags")
    if "VPCSecurityGroups" in p:
        sent["VpcSecurityGroupIds"] = p["VPCSecurityGroups"]
    if "KmsKeyId" in p.get("MasterUserSecret", {}):
        sent["MasterUserSecretKmsKeyId"] = p["MasterUserSecret"]["KmsKeyId"]
    return sent


def create_instance(context, p):
    sent = to_api(p)
    sent.setdefault("DBInstanceIdentifier", context.name(63, lower=True))
    if p.get("Engine") == "postgres":
        sent.setdefault("Port", 5432)
    return context.call("rds", "create_db_instance", sent, Tags=p.get("Tags", []))["DBInstance"]["DBInstanceIdentifier"]


def managed_secret(found, p):
    """The secret that RDS manages; a key id and its ARN are the same key."""
    key, asked = found.get("KmsKeyId", ""), p.get("MasterUserSecret", {}).get("KmsKeyId")
    return {"SecretArn": found["SecretArn"], **({"KmsKeyId": asked if asked and key.endswith(asked.split("/")[-1]) else key} if key else {})}


@reading
def read_instance(context, name, p):
    found = context.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    more = {"DBInstanceArn": found["DBInstanceArn"], "VPCSecurityGroups": [g["VpcSecurityGroupId"] for g in found.get("VpcSecurityGroups", [])],
            "DBSubnetGroupName": (found.get("DBSubnetGroup") or {}).get("DBSubnetGroupName"),
            "DBParameterGroupName": next((g["DBParameterGroupName"] for g in found.get("DBParameterGroups", [])), None),
            "EnableIAMDatabaseAuthentication": found.get("IAMDatabaseAuthenticationEnabled"),
            "EnablePerformanceInsights": found.get("PerformanceInsightsEnabled"),
            "EnableCloudwatchLogsExports": found.get("EnabledCloudwatchLogsExports"),
            "Tags": tag_list(found.get("TagList")), "Endpoint": {"Address": found["Endpoint"]["Address"], "Port": str(found["Endpoint"]["Port"])}}
    if "MasterUserSecret" in found:
        more["MasterUserSecret"], more["ManageMasterUserPassword"] = managed_secret(found["MasterUserSecret"], p), True
    if found.get("Endpoint", {}).get("Port"):
        more["Port"] = str(found["Endpoint"]["Port"])
    answer = without(found, "Endpoint", "VpcSecurityGroups", "MasterUserSecret", "DBParameterGroups", "DBSubnetGroup", "TagList", "StatusInfos",
                     "ListenerEndpoint", "ProcessorFeatures", "AssociatedRoles", "CertificateDetails")
    return view("AWS::RDS::DBInstance", answer, **more)


def change_instance(context, name, old, new):
    same = [key for key in new if new[key] == old.get(key)]
    sent = without(to_api(without(new, *same)), "DBInstanceIdentifier", "Engine", "StorageEncrypted", "DBName", "MasterUsername")
    if "EnableCloudwatchLogsExports" in sent:
        before, after = old.get("EnableCloudwatchLogsExports", []), sent.pop("EnableCloudwatchLogsExports")
        sent["CloudwatchLogsExportConfiguration"] = {"EnableLogTypes": [x for x in after if x not in before],
                                                     "DisableLogTypes": [x for x in before if x not in after]}
    if sent:
        context.call("rds", "modify_db_instance", sent, DBInstanceIdentifier=name, ApplyImmediately=True)
    arn = f"arn:aws:rds:{context.region}:{context.account}:db:{name}"
    put_tags(context, arn, old, new)


def snapshot_instance(context, name, _p):
    context.call("rds", "create_db_snapshot", DBInstanceIdentifier=name, DBSnapshotIdentifier=snapshot_name(context))


def snapshot_name(context):
    return f"{context.stack.name}-snapshot-{context.logical_id}-{context.name(12)[-12:]}".lower()


def remove_instance(context, name, _p):
    found = context.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    if found.get("DeletionProtection"):
        raise Refused(handler_message("Cannot delete protected DB Instance, please disable deletion protection and try again. "
                                      "(Service: Rds, Status Code: 400, Request ID: EMULATED)", "InvalidRequest"))
    context.call("rds", "delete_db_instance", DBInstanceIdentifier=name, SkipFinalSnapshot=True)


def create_subnets(context, p):
    name = (p.get("DBSubnetGroupName") or context.name(255)).lower()
    context.call("rds", "create_db_subnet_group", p, DBSubnetGroupName=name)
    return name


@reading
def read_subnets(context, name, _p):
    found = context.client("rds").describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"][0]
    arn = found["DBSubnetGroupArn"]
    tags = tag_list(context.client("rds").list_tags_for_resource(ResourceName=arn)["TagList"])
    return view("AWS::RDS::DBSubnetGroup", without(found, "Subnets"), SubnetIds=[s["SubnetIdentifier"] for s in found["Subnets"]], Tags=tags)


def change_subnets(context, name, old, new):
    if without(new, "Tags") != without(old, "Tags"):  # moto forgets a group that is modified without need
        context.call("rds", "modify_db_subnet_group", new, DBSubnetGroupName=name)
    put_tags(context, f"arn:aws:rds:{context.region}:{context.account}:subgrp:{name}", old, new)


def create_parameters(context, p):
    name = (p.get("DBParameterGroupName") or context.name(255)).lower()
    context.call("rds", "create_db_parameter_group", p, DBParameterGroupName=name, DBParameterGroupFamily=p["Family"])
    put_parameters(context, name, {}, p)
    return name


def put_parameters(context, name, old, new):
    before, after = old.get("Parameters") or {}, new.get("Parameters") or {}
    changed = [{"ParameterName": key, "ParameterValue": str(value), "ApplyMethod": "pending-reboot"}
               for key, value in after.items() if before.get(key) != value]
    if changed:
        context.call("rds", "modify_db_parameter_group", DBParameterGroupName=name, Parameters=changed)
    put_tags(context, f"arn:aws:rds:{context.region}:{context.account}:pg:{name}", old, new)


@reading
def read_parameters(context, name, p):
    rds = context.client("rds")
    found = rds.describe_db_parameter_groups(DBParameterGroupName=name)["DBParameterGroups"][0]
    listed = {one["ParameterName"]: one.get("ParameterValue") for one in rds.describe_db_parameters(DBParameterGroupName=name)["Parameters"]}
    tags = tag_list(rds.list_tags_for_resource(ResourceName=found["DBParameterGroupArn"])["TagList"])
    return {"DBParameterGroupName": name, "Family": found["DBParameterGroupFamily"], "Description": found["Description"],
            "Parameters": {key: value for key, value in listed.items() if value is not None}, "Tags": tags}


TABLE = [
    Kind("AWS::RDS::DBInstance", create_instance, read_instance, change_instance, removing(remove_instance), snapshot_instance,
         note="no database runs"),
    Kind("AWS::RDS::DBSubnetGroup", create_subnets, read_subnets, change_subnets, removing(
        lambda context, name, p: context.call("rds", "delete_db_subnet_group", DBSubnetGroupName=name))),
    Kind("AWS::RDS::DBParameterGroup", create_parameters, read_parameters, put_parameters, removing(
        lambda context, name, p: context.call("rds", "delete_db_parameter_group", DBParameterGroupName=name)),
        note="a parameter removed from the template keeps its value"),
]
