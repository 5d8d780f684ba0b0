"""AWS::S3."""
from botocore.exceptions import ClientError

from ..context import Refused, handler_message
from .kinds import Kind, as_json, document, reading, removing, tag_list, tag_map, view, without

# property, put operation, argument, get operation; what a bucket keeps apart from its name
PARTS = (
    ("VersioningConfiguration", "put_bucket_versioning", "VersioningConfiguration", "get_bucket_versioning"),
    ("PublicAccessBlockConfiguration", "put_public_access_block", "PublicAccessBlockConfiguration", "get_public_access_block"),
    ("OwnershipControls", "put_bucket_ownership_controls", "OwnershipControls", "get_bucket_ownership_controls"),
    ("BucketEncryption", "put_bucket_encryption", "ServerSideEncryptionConfiguration", "get_bucket_encryption"),
    ("LifecycleConfiguration", "put_bucket_lifecycle_configuration", "LifecycleConfiguration", "get_bucket_lifecycle_configuration"),
    ("CorsConfiguration", "put_bucket_cors", "CORSConfiguration", "get_bucket_cors"),
    ("LoggingConfiguration", "put_bucket_logging", "BucketLoggingStatus", "get_bucket_logging"),
    ("ObjectLockConfiguration", "put_object_lock_configuration", "ObjectLockConfiguration", "get_object_lock_configuration"),
    ("NotificationConfiguration", "put_bucket_notification_configuration", "NotificationConfiguration",
     "get_bucket_notification_configuration"),
)
REMOVERS = {"LifecycleConfiguration": "delete_bucket_lifecycle", "CorsConfiguration": "delete_bucket_cors",
            "PublicAccessBlockConfiguration": "delete_public_access_block", "BucketEncryption": "delete_bucket_encryption",
            "OwnershipControls": "delete_bucket_ownership_controls"}


def renamed(value, names):
    if isinstance(value, dict):
        return {names.get(key, key): renamed(item, names) for key, item in value.items()}
    return [renamed(item, names) for item in value] if isinstance(value, list) else value


def lifecycle_rule(p):
    """A lifecycle rule of S3's API from CloudFormation's, which is flatter."""
    found = {"ID": p.get("Id", "rule"), "Status": p["Status"], "Filter": {"Prefix": p.get("Prefix", "")}}
    tags = [{"Key": tag["Key"], "Value": tag["Value"]} for tag in p.get("TagFilters", [])]
    if tags:
        found["Filter"] = {"And": {"Prefix": p.get("Prefix", ""), "Tags": tags}}
    if "ExpirationInDays" in p:
        found["Expiration"] = {"Days": int(p["ExpirationInDays"])}
    if "ExpiredObjectDeleteMarker" in p:
        found.setdefault("Expiration", {})["ExpiredObjectDeleteMarker"] = p["ExpiredObjectDeleteMarker"]
    if "NoncurrentVersionExpiration" in p:
        found["NoncurrentVersionExpiration"] = {k: int(v) for k, v in p["NoncurrentVersionExpiration"].items()}
    if "AbortIncompleteMultipartUpload" in p:
        found["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": int(p["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"])}
    if "Transitions" in p:
        found["Transitions"] = [{"Days": int(t["TransitionInDays"]), "StorageClass": t["StorageClass"]} for t in p["Transitions"]]
    return found


def lifecycle_rule_back(found):
    back = {"Id": found.get("ID"), "Status": found["Status"]}
    scope = found.get("Filter", {})
    prefix = scope.get("Prefix") or scope.get("And", {}).get("Prefix") or found.get("Prefix")
    if prefix:
        back["Prefix"] = prefix
    if scope.get("And", {}).get("Tags"):
        back["TagFilters"] = scope["And"]["Tags"]
    expiration = found.get("Expiration", {})
    if "Days" in expiration:
        back["ExpirationInDays"] = expiration["Days"]
    if expiration.get("ExpiredObjectDeleteMarker"):
        back["ExpiredObjectDeleteMarker"] = True
    for name in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if name in found:
            back[name] = found[name]
    if "Transitions" in found:
        back["Transitions"] = [{"TransitionInDays": t["Days"], "StorageClass": t["StorageClass"]} for t in found["Transitions"]]
    return back


def part_to_api(name, value):
    if name == "LifecycleConfiguration":
        return {"Rules": [lifecycle_rule(rule) for rule in value["Rules"]]}
    if name == "BucketEncryption":
        rules = [renamed(rule, {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"})
                 for rule in value["ServerSideEncryptionConfiguration"]]
        return {"Rules": rules}
    if name == "LoggingConfiguration":
        return {"LoggingEnabled": {"TargetBucket": value["DestinationBucketName"], "TargetPrefix": value.get("LogFilePrefix", "")}}
    if name == "CorsConfiguration":
        return {"CORSRules": [renamed(rule, {"MaxAge": "MaxAgeSeconds", "ExposedHeaders": "ExposeHeaders"}) for rule in value["CorsRules"]]}
    if name == "NotificationConfiguration":
        return {"EventBridgeConfiguration": {}} if "EventBridgeConfiguration" in value else {}
    return value


def part_from_api(name, argument, answer):
    answer = without(answer, "ResponseMetadata")
    if name == "LifecycleConfiguration":
        return {"Rules": [lifecycle_rule_back(rule) for rule in answer["Rules"]]}
    if name == "BucketEncryption":
        rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
        return {"ServerSideEncryptionConfiguration": [
            renamed(rule, {"ApplyServerSideEncryptionByDefault": "ServerSideEncryptionByDefault"}) for rule in rules]}
    if name == "LoggingConfiguration":
        found = answer.get("LoggingEnabled")
        if not found:
            return None
        back = {"DestinationBucketName": found["TargetBucket"]}
        return {**back, "LogFilePrefix": found["TargetPrefix"]} if found.get("TargetPrefix") else back
    if name == "CorsConfiguration":
        return {"CorsRules": [renamed(rule, {"MaxAgeSeconds": "MaxAge", "ExposeHeaders": "ExposedHeaders"}) for rule in answer["CORSRules"]]}
    if name == "NotificationConfiguration":
        return {"EventBridgeConfiguration": {"EventBridgeEnabled": True}} if "EventBridgeConfiguration" in answer else None
    return answer.get(argument, answer) or None


def create_bucket(context, p):
    bucket = p.get("BucketName") or context.name(63, lower=True)
    more = {"CreateBucketConfiguration": {"LocationConstraint": context.region}} if context.region != "us-east-1" else {}
    client = context.client("s3")
    if any(one["Name"] == bucket for one in client.list_buckets()["Buckets"]):
        raise Refused(handler_message(f"{bucket} already exists (Service: S3, Status Code: 0)", "AlreadyExists"))
    context.call("s3", "create_bucket", Bucket=bucket, ObjectLockEnabledForBucket=p.get("ObjectLockEnabled", False), **more)
    change_bucket(context, bucket, {}, p)
    return bucket


def change_bucket(context, bucket, old, new):
    for name, put, argument, _get in PARTS:
        if name in new and new[name] != old.get(name):
            context.call("s3", put, Bucket=bucket, **{argument: part_to_api(name, new[name])})
        elif name in old and name not in new and name in REMOVERS:
            context.call("s3", REMOVERS[name], Bucket=bucket)
    if tag_map(old.get("Tags")) != tag_map(new.get("Tags")):
        if new.get("Tags"):
            context.call("s3", "put_bucket_tagging", Bucket=bucket, Tagging={"TagSet": new["Tags"]})
        else:
            context.call("s3", "delete_bucket_tagging", Bucket=bucket)


@reading
def read_bucket(context, bucket, _p):
    client = context.client("s3")
    client.head_bucket(Bucket=bucket)
    found = {"BucketName": bucket, "Arn": f"arn:aws:s3:::{bucket}", "DomainName": f"{bucket}.s3.amazonaws.com",
             "RegionalDomainName": f"{bucket}.s3.{context.region}.amazonaws.com",
             "DualStackDomainName": f"{bucket}.s3.dualstack.{context.region}.amazonaws.com",
             "WebsiteURL": f"http://{bucket}.s3-website-{context.region}.amazonaws.com"}
    for name, _put, argument, get in PARTS:
        try:
            part = part_from_api(name, argument, getattr(client, get)(Bucket=bucket))
        except ClientError:  # S3 answers with an error for a part that was never set
            continue
        if part:
            found[name] = part
    if "ObjectLockConfiguration" in found:
        found["ObjectLockEnabled"] = True
    try:
        found["Tags"] = tag_list(client.get_bucket_tagging(Bucket=bucket)["TagSet"])
    except ClientError:
        pass
    return found


def remove_bucket(context, bucket, _p):
    client = context.client("s3")
    held = client.list_object_versions(Bucket=bucket, MaxKeys=1)
    if held.get("Versions") or held.get("DeleteMarkers"):
        raise Refused(handler_message("The bucket you tried to delete is not empty (Service: S3, Status Code: 409, Request ID: "
                                      "EMULATED, Extended Request ID: EMULATED)", "GeneralServiceException"))
    context.call("s3", "delete_bucket", Bucket=bucket)


def put_policy(context, p):
    context.call("s3", "put_bucket_policy", Bucket=p["Bucket"], Policy=as_json(p["PolicyDocument"]))
    return p["Bucket"]


@reading
def read_policy(context, bucket, _p):
    return {"Bucket": bucket, "PolicyDocument": document(context.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])}


TABLE = [
    Kind("AWS::S3::Bucket", create_bucket, read_bucket, change_bucket, removing(remove_bucket)),
    Kind("AWS::S3::BucketPolicy", put_policy, read_policy, lambda context, bucket, old, new: put_policy(context, new) and None,
         removing(lambda context, bucket, p: context.call("s3", "delete_bucket_policy", Bucket=bucket))),
]
