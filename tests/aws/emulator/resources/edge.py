"""AWS::CloudFront, AWS::WAFv2, AWS::CertificateManager, AWS::Route53."""
import copy
import hashlib

from .kinds import Kind, reading, removing, stored, sync_tags, tag_list, view, without


def quantity(items):
    return {"Quantity": len(items), "Items": items} if items else {"Quantity": 0}


def items(value):
    return value.get("Items", []) if isinstance(value, dict) and "Quantity" in value else value


def behavior_to_api(p):
    found = copy.deepcopy(p)
    for name in ("FunctionAssociations", "LambdaFunctionAssociations", "TrustedKeyGroups", "TrustedSigners"):
        if name in found:
            found[name] = quantity(found[name])
    methods, cached = found.get("AllowedMethods", ["GET", "HEAD"]), found.pop("CachedMethods", ["GET", "HEAD"])
    found["AllowedMethods"] = {**quantity(methods), "CachedMethods": quantity(cached)}
    return found


def origin_to_api(p):
    found = copy.deepcopy(p)
    found.setdefault("OriginPath", "")
    found["CustomHeaders"] = quantity(found.pop("OriginCustomHeaders", []))
    if "CustomOriginConfig" in found:
        custom = found["CustomOriginConfig"]
        custom["OriginSslProtocols"] = quantity(custom.pop("OriginSSLProtocols", ["TLSv1.2"]))
        custom.setdefault("HTTPPort", 80)
        custom.setdefault("HTTPSPort", 443)
    return found


def distribution_to_api(p):
    """DistributionConfig of CloudFormation as CloudFront's API wants it: every list with its Quantity."""
    found = copy.deepcopy(p)
    found["Aliases"] = quantity(found.get("Aliases", []))
    found["Origins"] = quantity([origin_to_api(origin) for origin in found["Origins"]])
    found["DefaultCacheBehavior"] = behavior_to_api(found["DefaultCacheBehavior"])
    found["CacheBehaviors"] = quantity([behavior_to_api(behavior) for behavior in found.get("CacheBehaviors", [])])
    found["CustomErrorResponses"] = quantity(found.get("CustomErrorResponses", []))
    found["IsIPV6Enabled"] = found.pop("IPV6Enabled", False)
    found.setdefault("Comment", "")
    if "Logging" in found:
        found["Logging"] = {"Enabled": True, "IncludeCookies": False, "Prefix": "", **found["Logging"]}
    return found


def plain(value):
    """CloudFront's Quantity and Items as plain lists."""
    if isinstance(value, dict):
        if "Quantity" in value and set(value) <= {"Quantity", "Items", "CachedMethods", "Enabled"}:
            return [plain(item) for item in value.get("Items", [])]
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def distribution_from_api(found):
    config = plain(found)
    for behavior in [config["DefaultCacheBehavior"]] + config.get("CacheBehaviors", []):
        raw = found["DefaultCacheBehavior"] if behavior is config["DefaultCacheBehavior"] else None
        if raw and "CachedMethods" in raw.get("AllowedMethods", {}):
            behavior["CachedMethods"] = raw["AllowedMethods"]["CachedMethods"].get("Items", [])
    for origin in config["Origins"]:
        origin["OriginCustomHeaders"] = origin.pop("CustomHeaders", [])
    config["IPV6Enabled"] = config.pop("IsIPV6Enabled", None)
    if not config.get("Logging", {}).get("Enabled", True):
        config.pop("Logging")
    return config


def create_distribution(context, p):
    config = {**distribution_to_api(p["DistributionConfig"]), "CallerReference": context.name(64)}
    made = context.call("cloudfront", "create_distribution_with_tags", DistributionConfigWithTags={
        "DistributionConfig": config, "Tags": {"Items": p.get("Tags", [])}})
    return made["Distribution"]["Id"]


@reading
def read_distribution(context, found, _p):
    client = context.client("cloudfront")
    answer = client.get_distribution(Id=found)["Distribution"]
    tags = client.list_tags_for_resource(Resource=answer["ARN"])["Tags"].get("Items", [])
    properties = view("AWS::CloudFront::Distribution", {"DistributionConfig": distribution_from_api(answer["DistributionConfig"])},
                      Tags=tag_list(tags))
    return {**properties, "Id": found, "DomainName": answer["DomainName"]}


def change_distribution(context, found, old, new):
    client = context.client("cloudfront")
    now = client.get_distribution_config(Id=found)
    config = {**distribution_to_api(new["DistributionConfig"]), "CallerReference": now["DistributionConfig"]["CallerReference"]}
    context.call("cloudfront", "update_distribution", Id=found, IfMatch=now["ETag"], DistributionConfig=config)
    arn = f"arn:aws:cloudfront::{context.account}:distribution/{found}"
    sync_tags(old, new, lambda tags: client.tag_resource(Resource=arn, Tags={"Items": tags}),
              lambda keys: client.untag_resource(Resource=arn, TagKeys={"Items": keys}))


def remove_distribution(context, found, _p):
    client = context.client("cloudfront")
    now = client.get_distribution_config(Id=found)
    context.call("cloudfront", "delete_distribution", Id=found, IfMatch=now["ETag"])


def create_access_control(context, p):
    return context.call("cloudfront", "create_origin_access_control", p)["OriginAccessControl"]["Id"]


@reading
def read_access_control(context, found, _p):
    answer = context.client("cloudfront").get_origin_access_control(Id=found)["OriginAccessControl"]
    return view("AWS::CloudFront::OriginAccessControl", answer)


def change_access_control(context, found, _old, new):
    now = context.client("cloudfront").get_origin_access_control(Id=found)
    context.call("cloudfront", "update_origin_access_control", new, Id=found, IfMatch=now["ETag"])


def function_arn(context, p):
    return f"arn:aws:cloudfront::{context.account}:function/{p['Name']}"


def function_attributes(_context, found, _p):
    return {"FunctionARN": found, "FunctionMetadata": {"FunctionARN": found}, "Stage": "LIVE"}


def policy_id(context, p):
    """A UUID made from the name, so that the same stack gives the same id."""
    digest = hashlib.sha256(f"{context.stack.id}/{context.logical_id}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


# -- WAF

def waf_region(context, scope):
    return "us-east-1" if scope == "CLOUDFRONT" else context.region


def waf_parts(physical_id):
    name, found, scope = physical_id.split("|")
    return {"Name": name, "Id": found, "Scope": scope}


def create_acl(context, p):
    sent = {**p, "Name": p.get("Name") or context.name(128)}
    made = context.call("wafv2", "create_web_acl", without(sent, *([] if p.get("Tags") else ["Tags"])), region=waf_region(context, p["Scope"]))
    return f"{made['Summary']['Name']}|{made['Summary']['Id']}|{p['Scope']}"


@reading
def read_acl(context, found, _p):
    parts = waf_parts(found)
    client = context.client("wafv2", waf_region(context, parts["Scope"]))
    answer = client.get_web_acl(**parts)["WebACL"]
    tags = client.list_tags_for_resource(ResourceARN=answer["ARN"]).get("TagInfoForResource", {}).get("TagList", [])
    answer["Rules"] = decoded(answer.get("Rules", []))
    return view("AWS::WAFv2::WebACL", answer, Arn=answer["ARN"], Scope=parts["Scope"], Tags=tag_list(tags))


def decoded(value):
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {key: decoded(item) for key, item in value.items()}
    return [decoded(item) for item in value] if isinstance(value, list) else value


def change_acl(context, found, old, new):
    parts = waf_parts(found)
    region = waf_region(context, parts["Scope"])
    client = context.client("wafv2", region)
    answer = client.get_web_acl(**parts)
    context.call("wafv2", "update_web_acl", without(new, "Tags"), parts, region=region, LockToken=answer["LockToken"])
    arn = answer["WebACL"]["ARN"]
    sync_tags(old, new, lambda tags: client.tag_resource(ResourceARN=arn, Tags=tags),
              lambda keys: client.untag_resource(ResourceARN=arn, TagKeys=keys))


def remove_acl(context, found, _p):
    parts = waf_parts(found)
    region = waf_region(context, parts["Scope"])
    token = context.client("wafv2", region).get_web_acl(**parts)["LockToken"]
    context.call("wafv2", "delete_web_acl", parts, region=region, LockToken=token)


def create_ip_set(context, p):
    sent = {**p, "Name": p.get("Name") or context.name(128)}
    made = context.call("wafv2", "create_ip_set", without(sent, *([] if p.get("Tags") else ["Tags"])), region=waf_region(context, p["Scope"]))
    return f"{made['Summary']['Name']}|{made['Summary']['Id']}|{p['Scope']}"


@reading
def read_ip_set(context, found, _p):
    parts = waf_parts(found)
    answer = context.client("wafv2", waf_region(context, parts["Scope"])).get_ip_set(**parts)["IPSet"]
    return view("AWS::WAFv2::IPSet", answer, Arn=answer["ARN"], Scope=parts["Scope"])


def change_ip_set(context, found, _old, new):
    parts = waf_parts(found)
    region = waf_region(context, parts["Scope"])
    token = context.client("wafv2", region).get_ip_set(**parts)["LockToken"]
    context.call("wafv2", "update_ip_set", new, parts, region=region, LockToken=token)


def remove_ip_set(context, found, _p):
    parts = waf_parts(found)
    region = waf_region(context, parts["Scope"])
    token = context.client("wafv2", region).get_ip_set(**parts)["LockToken"]
    context.call("wafv2", "delete_ip_set", parts, region=region, LockToken=token)


def acl_region(context, arn):
    return "us-east-1" if ":global/" in arn else context.region


def put_logging(context, p):
    context.call("wafv2", "put_logging_configuration", LoggingConfiguration=p, region=acl_region(context, p["ResourceArn"]))
    return p["ResourceArn"]


@reading
def read_logging(context, arn, _p):
    answer = context.client("wafv2", acl_region(context, arn)).get_logging_configuration(ResourceArn=arn)["LoggingConfiguration"]
    return view("AWS::WAFv2::LoggingConfiguration", answer)


def associate(context, p):
    context.call("wafv2", "associate_web_acl", p)
    return f"{p['WebACLArn']}|{p['ResourceArn']}"


@reading
def read_association(context, found, _p):
    resource = found.split("|")[1]
    answer = context.client("wafv2").get_web_acl_for_resource(ResourceArn=resource).get("WebACL")
    return {"ResourceArn": resource, "WebACLArn": answer["ARN"]} if answer else None


# -- certificates and names

def request_certificate(context, p):
    logged = {"CertificateTransparencyLoggingPreference": p.get("CertificateTransparencyLoggingPreference", "ENABLED")}
    sent = {**without(p, "DomainValidationOptions"), "Options": logged}
    arn = context.call("acm", "request_certificate", sent)["CertificateArn"]
    zones = {one["DomainName"]: one.get("HostedZoneId") for one in p.get("DomainValidationOptions", [])}
    answer = context.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    for one in answer.get("DomainValidationOptions", []):
        zone, record = zones.get(one["DomainName"]), one.get("ResourceRecord")
        if zone and record:
            wanted = {"Name": record["Name"], "Type": record["Type"], "TTL": 300, "ResourceRecords": [{"Value": record["Value"]}]}
            context.call("route53", "change_resource_record_sets", HostedZoneId=zone, ChangeBatch={
                "Changes": [{"Action": "UPSERT", "ResourceRecordSet": wanted}]})
    return arn


@reading
def read_certificate(context, arn, p):
    client = context.client("acm")
    answer = client.describe_certificate(CertificateArn=arn)["Certificate"]
    tags = tag_list(client.list_tags_for_certificate(CertificateArn=arn)["Tags"])
    names = [name for name in answer.get("SubjectAlternativeNames", []) if name in p.get("SubjectAlternativeNames", [name])]
    logged = answer.get("Options", {}).get("CertificateTransparencyLoggingPreference")
    method = {"ValidationMethod": answer["DomainValidationOptions"][0].get("ValidationMethod")} if answer.get("DomainValidationOptions") else {}
    return view("AWS::CertificateManager::Certificate", without(answer, "DomainValidationOptions", "SubjectAlternativeNames"),
                SubjectAlternativeNames=names, Tags=tags, Id=arn,
                CertificateTransparencyLoggingPreference=logged, **method)


def issued(context, arn, _p):
    """CloudFormation waits until the certificate is issued."""
    return context.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]["Status"] == "ISSUED"


def change_certificate(context, arn, old, new):
    client = context.client("acm")
    sync_tags(old, new, lambda tags: client.add_tags_to_certificate(CertificateArn=arn, Tags=tags),
              lambda keys: client.remove_tags_from_certificate(CertificateArn=arn, Tags=[{"Key": key} for key in keys]))


def record_set(p):
    found = without(p, "HostedZoneId", "HostedZoneName", "Comment")
    found["ResourceRecords"] = [{"Value": value} for value in p.get("ResourceRecords", [])] or None
    return found


def zone_of(context, p):
    if "HostedZoneId" in p:
        return p["HostedZoneId"]
    return context.client("route53").list_hosted_zones_by_name(DNSName=p["HostedZoneName"])["HostedZones"][0]["Id"].split("/")[-1]


def put_record(context, p, action="CREATE"):
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": {k: v for k, v in record_set(p).items() if v is not None}}]}
    context.call("route53", "change_resource_record_sets", HostedZoneId=zone_of(context, p), ChangeBatch=batch)
    return p["Name"].rstrip(".")


def find_record(context, p):
    listed = context.client("route53").list_resource_record_sets(HostedZoneId=zone_of(context, p))["ResourceRecordSets"]
    for one in listed:
        if one["Name"].rstrip(".") == p["Name"].rstrip(".") and one["Type"] == p["Type"] and one.get("SetIdentifier") == p.get("SetIdentifier"):
            return one
    return None


@reading
def read_record(context, _name, p):
    found = find_record(context, p)
    if found is None:
        return None
    records = [one["Value"] for one in found.get("ResourceRecords", [])]
    more = {"ResourceRecords": records} if records else {}
    zone = {name: p[name] for name in ("HostedZoneId", "HostedZoneName") if name in p}
    answer = view("AWS::Route53::RecordSet", without(found, "ResourceRecords"), **more, **zone)
    return {**answer, "Name": p["Name"], "Id": p["Name"]}


def remove_record(context, _name, p):
    found = find_record(context, p)
    if found:
        context.call("route53", "change_resource_record_sets", HostedZoneId=zone_of(context, p), ChangeBatch={
            "Changes": [{"Action": "DELETE", "ResourceRecordSet": found}]})


def create_check(context, p):
    made = context.call("route53", "create_health_check", p, CallerReference=context.name(64))
    put_dns_tags(context, "healthcheck", made["HealthCheck"]["Id"], {}, p, "HealthCheckTags")
    return made["HealthCheck"]["Id"]


@reading
def read_check(context, found, _p):
    answer = context.client("route53").get_health_check(HealthCheckId=found)["HealthCheck"]
    return view("AWS::Route53::HealthCheck", answer, HealthCheckId=found, HealthCheckTags=dns_tags(context, "healthcheck", found))


def change_check(context, found, old, new):
    context.call("route53", "update_health_check", new["HealthCheckConfig"], HealthCheckId=found)
    put_dns_tags(context, "healthcheck", found, old, new, "HealthCheckTags")


def put_dns_tags(context, kind, found, old, new, name):
    client = context.client("route53")
    sync_tags({"Tags": old.get(name)}, {"Tags": new.get(name)},
              lambda tags: client.change_tags_for_resource(ResourceType=kind, ResourceId=found, AddTags=tags),
              lambda keys: client.change_tags_for_resource(ResourceType=kind, ResourceId=found, RemoveTagKeys=keys))


def dns_tags(context, kind, found):
    return tag_list(context.client("route53").list_tags_for_resource(ResourceType=kind, ResourceId=found)["ResourceTagSet"].get("Tags"))


def create_zone(context, p):
    more = {"HostedZoneConfig": p["HostedZoneConfig"]} if "HostedZoneConfig" in p else {}
    made = context.call("route53", "create_hosted_zone", Name=p["Name"], CallerReference=context.name(64), **more)
    found = made["HostedZone"]["Id"].split("/")[-1]
    put_dns_tags(context, "hostedzone", found, {}, p, "HostedZoneTags")
    return found


@reading
def read_zone(context, found, p):
    answer = context.client("route53").get_hosted_zone(Id=found)
    comment = answer["HostedZone"].get("Config", {}).get("Comment")
    more = {"HostedZoneConfig": {"Comment": comment}} if comment else {}
    more["HostedZoneTags"] = dns_tags(context, "hostedzone", found)
    return {**more, "Id": found, "Name": p.get("Name", answer["HostedZone"]["Name"]), "NameServers": answer.get("DelegationSet", {}).get("NameServers", [])}



def change_zone(context, found, old, new):
    put_dns_tags(context, "hostedzone", found, old, new, "HostedZoneTags")
    comment = new.get("HostedZoneConfig", {}).get("Comment", "")
    context.call("route53", "update_hosted_zone_comment", Id=found, Comment=comment)


TABLE = [
    Kind("AWS::CloudFront::Distribution", create_distribution, read_distribution, change_distribution, removing(remove_distribution),
         note="deployed at once"),
    Kind("AWS::CloudFront::OriginAccessControl", create_access_control, read_access_control, change_access_control, removing(
        lambda context, found, p: context.call("cloudfront", "delete_origin_access_control", Id=found))),
    stored("AWS::CloudFront::Function", function_arn, function_attributes, "moto has no CloudFront functions"),
    stored("AWS::CloudFront::ResponseHeadersPolicy", policy_id, lambda context, found, p: {"Id": found},
           "moto has no response headers policies"),
    stored("AWS::CloudFront::VpcOrigin", lambda context, p: "vo_" + policy_id(context, p).replace("-", "")[:22],
           lambda context, found, p: {"Id": found, "Arn": f"arn:aws:cloudfront::{context.account}:vpcorigin/{found}"},
           "moto has no VPC origins"),
    stored("AWS::CloudFront::CachePolicy", policy_id, lambda context, found, p: {"Id": found}, "moto has no cache policies"),
    stored("AWS::CloudFront::OriginRequestPolicy", policy_id, lambda context, found, p: {"Id": found}, "moto has no origin request policies"),
    Kind("AWS::WAFv2::WebACL", create_acl, read_acl, change_acl, removing(remove_acl), note="no request is filtered"),
    Kind("AWS::WAFv2::IPSet", create_ip_set, read_ip_set, change_ip_set, removing(remove_ip_set)),
    Kind("AWS::WAFv2::LoggingConfiguration", put_logging, read_logging, lambda context, arn, old, new: put_logging(context, new) and None,
         removing(lambda context, arn, p: context.call("wafv2", "delete_logging_configuration", ResourceArn=arn, region=acl_region(context, arn)))),
    Kind("AWS::WAFv2::WebACLAssociation", associate, read_association, None, removing(
        lambda context, found, p: context.call("wafv2", "disassociate_web_acl", ResourceArn=found.split("|")[1]))),
    Kind("AWS::CertificateManager::Certificate", request_certificate, read_certificate, change_certificate, removing(
        lambda context, arn, p: context.call("acm", "delete_certificate", CertificateArn=arn)),
        ready=issued, note="issued when its validation records are in Route 53, until then in progress"),
    Kind("AWS::Route53::RecordSet", put_record, read_record, lambda context, name, old, new: put_record(context, new, "UPSERT") and None,
         removing(remove_record)),
    Kind("AWS::Route53::HealthCheck", create_check, read_check, change_check,
         removing(lambda context, found, p: context.call("route53", "delete_health_check", HealthCheckId=found)), note="no endpoint is checked"),
    Kind("AWS::Route53::HostedZone", create_zone, read_zone, change_zone, removing(
        lambda context, found, p: context.call("route53", "delete_hosted_zone", Id=found))),
]
