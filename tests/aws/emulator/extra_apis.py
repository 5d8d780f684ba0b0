"""Operations that golive's infrastructure commands call and moto does not have, answered from what moto and the emulator store."""
import json
import re
import urllib.parse

from moto.core.serialize import SERIALIZERS, SerializationContext
from moto.core.utils import get_service_model

from . import iam, moto_calls, query, shapes
from .compute import deployment_api, runner_api
from .errors import AwsError
from .resources import STORED
from .stack import ACCOUNT

POSTGRES = ("15.14", "16.6", "16.10", "17.4", "17.6", "18.1")  # some versions; what AWS offers changes


def stored(kind):
    """(physical id, properties) of resources that only the emulator stores."""
    return [(found, properties) for (_region, name, found), properties in STORED.items() if name == kind]


def engine_versions(_region, request):
    wanted, engine = request.get("EngineVersion", ""), request.get("Engine", "postgres")
    listed = [version for version in POSTGRES if engine == "postgres" and (version + ".").startswith(wanted + "." if wanted else "")]
    return {"DBEngineVersions": [{"Engine": engine, "EngineVersion": version, "MajorEngineVersion": version.split(".")[0],
                                  "DBParameterGroupFamily": "postgres" + version.split(".")[0], "Status": "available"} for version in listed]}


def pending_maintenance(_region, _request):
    return {"PendingMaintenanceActions": []}


def backup_selections(_region, request):
    listed = [{"SelectionId": found, "SelectionName": p["BackupSelection"]["SelectionName"], "BackupPlanId": p["BackupPlanId"],
               "IamRoleArn": p["BackupSelection"].get("IamRoleArn")} for found, p in stored("AWS::Backup::BackupSelection")]
    return {"BackupSelectionsList": [one for one in listed if one["BackupPlanId"] == request["BackupPlanId"]]}


def describe_function(_region, request):
    for found, p in stored("AWS::CloudFront::Function"):
        if p["Name"] == request["Name"]:
            config = p["FunctionConfig"]
            return {"FunctionSummary": {"Name": p["Name"], "Status": "DEPLOYED", "FunctionConfig": {"Comment": config["Comment"], "Runtime": config["Runtime"]},
                                        "FunctionMetadata": {"FunctionARN": found, "Stage": request.get("Stage", "DEVELOPMENT"),
                                                             "LastModifiedTime": 0}}, "ETag": "E1"}
    raise AwsError("NoSuchFunctionExists", "The specified function does not exist.", 404)


def headers_policy(_region, request):
    for found, p in stored("AWS::CloudFront::ResponseHeadersPolicy"):
        if found == request["Id"]:
            shape = get_service_model("cloudfront").shape_for("ResponseHeadersPolicyConfig")
            config = shapes.to_api(shape, counted(p["ResponseHeadersPolicyConfig"]))
            return {"ResponseHeadersPolicy": {"Id": found, "LastModifiedTime": 0, "ResponseHeadersPolicyConfig": config}, "ETag": "E1"}
    raise AwsError("NoSuchResponseHeadersPolicy", "The specified response headers policy does not exist.", 404)


def counted(value):
    """CloudFront's API wraps the lists that CloudFormation has in Items with their number."""
    if isinstance(value, dict):
        found = {key: counted(item) for key, item in value.items()}
        return {"Quantity": len(found["Items"]), **found} if isinstance(found.get("Items"), list) else found
    return [counted(item) for item in value] if isinstance(value, list) else value


def resources_of_acl(region, request):
    client, arn = moto_calls.client("wafv2", region), request["WebACLArn"]
    balancers = moto_calls.client("elbv2", region).describe_load_balancers()["LoadBalancers"]
    listed = [one["LoadBalancerArn"] for one in balancers]
    return {"ResourceArns": [one for one in listed if client.get_web_acl_for_resource(ResourceArn=one).get("WebACL", {}).get("ARN") == arn]}


def simulate(_region, request):
    principal = iam.by_role(request["PolicySourceArn"]) if ":role/" in request["PolicySourceArn"] else iam.Principal(
        request["PolicySourceArn"], "user", request["PolicySourceArn"].split("/")[-1])
    resource = (request.get("ResourceArns") or [None])[0]
    found = []
    for action in request["ActionNames"]:
        service, _, operation = action.partition(":")
        fine, _action = iam.allowed(principal, service, operation, None if resource == "*" else resource)
        found.append({"EvalActionName": action, "EvalResourceName": resource or "*", "EvalDecision": "allowed" if fine else "implicitDeny"})
    return {"EvaluationResults": found, "IsTruncated": False}


def analyzers(region, request):
    kept = [(found, p) for (place, kind, found), p in STORED.items() if kind == "AWS::AccessAnalyzer::Analyzer" and place == region]
    listed = [{"arn": found, "name": found.rpartition("/")[2], "type": p.get("Type", "ACCOUNT"), "createdAt": 0, "status": "ACTIVE"} for found, p in kept]
    return {"analyzers": [one for one in listed if one["type"] == request.get("type", one["type"])]}


TABLE = {  # (signing name, operation): (botocore's service, function of region and request)
    ("rds", "DescribeDBEngineVersions"): ("rds", engine_versions), ("rds", "DescribePendingMaintenanceActions"): ("rds", pending_maintenance),
    ("backup", "ListBackupSelections"): ("backup", backup_selections), ("cloudfront", "DescribeFunction"): ("cloudfront", describe_function),
    ("cloudfront", "GetResponseHeadersPolicy"): ("cloudfront", headers_policy), ("wafv2", "ListResourcesForWebACL"): ("wafv2", resources_of_acl),
    ("iam", "SimulatePrincipalPolicy"): ("iam", simulate), ("access-analyzer", "ListAnalyzers"): ("accessanalyzer", analyzers),
    **{("apprunner", name): ("apprunner", function) for name, function in runner_api.OPERATIONS.items()},
    **{("ecs", name): ("ecs", function) for name, function in deployment_api.OPERATIONS.items()},
}


def request_of(model, environ, body):
    """The members of a request, in any of the protocols above; of a REST request those in path and query."""
    protocol = model.service_model.metadata["protocol"]
    if protocol == "json":
        return json.loads(body or b"{}")
    if protocol == "query":
        return query.members(model.input_shape, query.fields(body.decode()))
    pattern = re.sub(r"\{(\w+)\+?\}", r"(?P<\1>[^/]+)", model.http["requestUri"].partition("?")[0]).rstrip("/") + "/?"
    found = re.fullmatch(pattern, environ["PATH_INFO"]).groupdict()
    given = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", "")))
    for name, member in (model.input_shape.members if model.input_shape else {}).items():
        place = member.serialization.get("name", name)
        if member.serialization.get("location") == "uri":
            found[name] = urllib.parse.unquote(found[place])
        elif place in given:
            found[name] = given[place]
    return found


def perform(service, operation, region, environ, body):
    """(status, content type, answer), or None when this is moto's to answer."""
    row = TABLE.get((service, operation))
    if row is None:
        return None
    model = get_service_model(row[0]).operation_model(operation)
    serializer = SERIALIZERS[model.service_model.metadata["protocol"]](model, SerializationContext("emulated"))
    try:
        with moto_calls.LOCK:
            found = serializer.serialize(row[1](region, request_of(model, environ, body)))
    except AwsError as error:
        if model.service_model.metadata["protocol"] == "json":
            return error.status, "application/x-amz-json-1.1", json.dumps({"__type": error.code, "message": error.message})
        return error.status, "text/xml", f"<ErrorResponse><Error><Type>Sender</Type><Code>{error.code}</Code><Message>{error.message}</Message></Error></ErrorResponse>"
    return found["status_code"], found["headers"].get("Content-Type", "text/xml"), found["body"]
