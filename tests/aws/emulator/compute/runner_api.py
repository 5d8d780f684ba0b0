"""App Runner's operations that golive and tests call. What CloudFormation does to a service: resources/runner.py."""
from ..errors import AwsError
from . import runner

FIXED = ("ServiceArn", "SourceConfiguration")


def service_of(request):
    found = runner.SERVICES.get(request["ServiceArn"])
    if found is None:
        raise AwsError("ResourceNotFoundException", f"Service {request['ServiceArn']} does not exist.")
    return found


def require(service, *states):
    if service.status not in states:
        raise AwsError("InvalidStateException", f"Service cannot be changed in the current state: {service.status}.")


def describe(_region, request):
    return {"Service": service_of(request).describe()}


def listed(region, _request):
    names = ("ServiceName", "ServiceId", "ServiceArn", "ServiceUrl", "CreatedAt", "UpdatedAt", "Status")
    found = [one.describe() for one in runner.SERVICES.values() if one.region == region and not one.deleted_at]
    return {"ServiceSummaryList": [{name: one[name] for name in names} for one in found]}


def operations(_region, request):
    """Newest first."""
    found, begin = service_of(request).operations, int(request.get("NextToken") or 0)
    end = begin + int(request.get("MaxResults") or 20)
    more = {"NextToken": str(end)} if end < len(found) else {}
    return {"OperationSummaryList": [one.brief() for one in found[begin:end]], **more}


def update(_region, request):
    """Top-level members that are not given stay as they are; a source that is given replaces the whole source."""
    service = service_of(request)
    require(service, "RUNNING", "CREATE_FAILED")
    source = request.get("SourceConfiguration") or service.source
    if not source.get("ImageRepository", {}).get("ImageIdentifier"):
        raise AwsError("InvalidRequestException", "ImageIdentifier is required.")
    if "PORT" in (source["ImageRepository"].get("ImageConfiguration", {}).get("RuntimeEnvironmentVariables") or {}):
        raise AwsError("InvalidRequestException", "PORT is a reserved environment variable.")
    service.given.update({name: value for name, value in request.items() if name not in FIXED})
    operation = service.begin("UPDATE_SERVICE", service.updating, source)
    return {"Service": {**service.describe(), "SourceConfiguration": source}, "OperationId": operation.id}


def stop(_region, request):
    service = service_of(request)
    require(service, "RUNNING")
    operation = service.begin("PAUSE_SERVICE", service.stopping)
    return {"Service": service.describe(), "OperationId": operation.id}


def resume(_region, request):
    service = service_of(request)
    require(service, "PAUSED")
    operation = service.begin("RESUME_SERVICE", service.resuming)
    return {"Service": service.describe(), "OperationId": operation.id}


def _domain(name, status):
    return {"DomainName": name, "EnableWWWSubdomain": False, "Status": status}


def associate(_region, request):
    """Active at once: nobody validates a certificate here."""
    service = service_of(request)
    service.domains[request["DomainName"]] = "active"
    return {"DNSTarget": service.url, "ServiceArn": service.arn, "CustomDomain": _domain(request["DomainName"], "creating"), "VpcDNSTargets": []}


def domains(_region, request):
    service = service_of(request)
    return {"DNSTarget": service.url, "ServiceArn": service.arn, "VpcDNSTargets": [],
            "CustomDomains": [_domain(name, status) for name, status in service.domains.items()]}


OPERATIONS = {"DescribeService": describe, "ListServices": listed, "ListOperations": operations, "UpdateService": update, "PauseService": stop,
              "ResumeService": resume, "AssociateCustomDomain": associate, "DescribeCustomDomains": domains}
