#!/usr/bin/env python3
"""The catalogue's rules on templates, on the evaluated stacks of every environment of the example; prints TAP.

Each function `c_ID_what` yields what is wrong with an environment. Numbers are the items of the checklist.
"""
import json
import re
import sys

from stack_environment import Environment, lookup
from stack_model import walk
from stack_query import attributes, expect, get, ids, properties, subnets

TLS_POLICY = r"ELBSecurityPolicy-TLS13-1-[23](-Res)?(-FIPS)?(-PQ)?-20[0-9]{2}-[0-9]{2}"
CLOUDFRONT_TLS = ("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")
OPEN = ("0.0.0.0/0", "::/0")


def c_1_1_1_tiers(env):
    zones = [sorted(props["AvailabilityZone"] for props in subnets(env, name).values()) for name in ("public", "private", "database")]
    if len(set(zones[0])) < 2 or zones[0] != zones[1] or zones[1] != zones[2]:
        yield f"zones: {zones}"
    yield from expect(env, "AWS::EC2::Subnet", {"MapPublicIpOnLaunch": False}, 6)


def c_1_2_1_addresses(env):
    network = env.config["network"]
    if [props["CidrBlock"] for _, props in properties(env, "AWS::EC2::VPC")] != [network["vpc_cidr"]]:
        yield "the network has other addresses than golive.yaml says"
    for name in ("public", "private", "database"):
        if [props["CidrBlock"] for props in subnets(env, name).values()][: len(network["subnets"][name])] != network["subnets"][name]:
            yield f"{name} subnets have other addresses than golive.yaml says"


def c_1_2_2_tiers_of_things(env):
    inside = env.config["edge"]["api_path"] == "cloudfront"
    for name, props in properties(env, "AWS::ElasticLoadBalancingV2::LoadBalancer"):
        if props["Scheme"] != ("internal" if inside else "internet-facing") or not set(ids(props["Subnets"])) <= set(subnets(env, "private" if inside else "public")):
            yield f"{name} stands in {props['Subnets']}"
    for name, props in properties(env, "AWS::EC2::NatGateway"):
        if "SubnetId" in props and props["SubnetId"] not in subnets(env, "public"):
            yield f"{name} stands in {props['SubnetId']}"
    for name, props in properties(env, "AWS::ECS::Service"):
        if not set(ids(get(props, "NetworkConfiguration.AwsvpcConfiguration.Subnets"))) <= set(subnets(env, "private")):
            yield f"{name} runs outside of the private subnets"
    for name, props in properties(env, "AWS::RDS::DBSubnetGroup"):
        if set(ids(props["SubnetIds"])) != set(subnets(env, "database")):
            yield f"{name} is not exactly the database subnets"
    tables = {props["SubnetId"]: props["RouteTableId"] for _, props in properties(env, "AWS::EC2::SubnetRouteTableAssociation")}
    routes = {(props["RouteTableId"], "GatewayId" in props) for _, props in properties(env, "AWS::EC2::Route")}
    for subnet in subnets(env, "database"):
        if {(tables[subnet], True), (tables[subnet], False)} & routes:
            yield f"{subnet} has a way to the internet"
    for subnet in subnets(env, "private"):
        if (tables[subnet], True) in routes:
            yield f"{subnet} is public"


def c_1_2_3_zones(env):
    yield from expect(env, "AWS::ElasticLoadBalancingV2::LoadBalancer", {"Subnets": lambda v: len(ids(v)) >= 2})
    yield from expect(env, "AWS::ECS::Service", {"AvailabilityZoneRebalancing": "ENABLED", "NetworkConfiguration.AwsvpcConfiguration.Subnets": lambda v: len(ids(v)) >= 2,
                                                 "NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp": "DISABLED", "DesiredCount": lambda v: v is None})
    if env.env == "prod":
        yield from expect(env, "AWS::ApplicationAutoScaling::ScalableTarget", {"MinCapacity": lambda v: int(v) >= 2})


def c_1_2_5_nat(env):
    mode, zones = env.config["network"]["nat"]["mode"], env.config["network"]["azs"]
    gateways = properties(env, "AWS::EC2::NatGateway")
    if len(gateways) != {"per_az": zones, "single": 1, "regional": 1, "none": 0}[mode]:
        yield f"{len(gateways)} NAT gateways with {mode}"
    if mode == "regional" and gateways[0][1].get("AvailabilityMode") != "regional":
        yield "no regional gateway"
    if mode == "per_az":
        for letter in "ABC"[:zones]:
            if env.stacks["network", "app"][f"PrivateDefaultRoute{letter}"]["Properties"]["NatGatewayId"] != f"<network.Nat{letter}>":
                yield f"zone {letter} leaves through another zone"
    schedules = len(properties(env, "AWS::Scheduler::Schedule"))
    if schedules != (2 if env.config["network"]["nat"]["schedule"] == "office_hours" and env.env != "prod" and mode != "none" else 0):
        yield f"{schedules} schedules"


def c_1_2_4_endpoints(env):
    wanted, suffixes = set(), {"s3": ["s3"], "ecr": ["ecr.api", "ecr.dkr"], "logs": ["logs"], "ssm": ["ssm", "ssmmessages"], "secretsmanager": ["secretsmanager"]}
    for name, word in env.config["network"]["vpc_endpoints"].items():
        wanted |= {(suffix, word.capitalize()) for suffix in suffixes[name] if word != "off"}
    found = properties(env, "AWS::EC2::VPCEndpoint")
    if {(props["ServiceName"].split(".", 3)[3], props["VpcEndpointType"]) for _, props in found} != wanted:
        yield f"{sorted(name for name, _ in found)}, {sorted(wanted)} wanted"
    for name, props in found:
        if props["VpcEndpointType"] == "Interface":
            if props.get("PrivateDnsEnabled") is not True or set(props["SubnetIds"]) != set(subnets(env, "private")) or not props.get("SecurityGroupIds"):
                yield f"{name} is not complete"
        elif len(props["RouteTableIds"]) != env.config["network"]["azs"]:
            yield f"{name} misses route tables"


def c_1_1_3_database(env):
    prod = env.env == "prod"
    wanted = {"Engine": "postgres", "StorageEncrypted": True, "PubliclyAccessible": False, "CopyTagsToSnapshot": True, "ManageMasterUserPassword": True,
              "BackupRetentionPeriod": lambda v: int(v) >= 7, "EnableCloudwatchLogsExports": lambda v: "postgresql" in v, "DatabaseInsightsMode": "standard",
              "KmsKeyId": lambda v: v, "EnableIAMDatabaseAuthentication": True, "MonitoringInterval": 60, "DeleteAutomatedBackups": False,
              "DeletionProtection": prod, "MultiAZ": lookup(env.config, "sizing.multi_az"), "EnablePerformanceInsights": True, "AutoMinorVersionUpgrade": True,
              "DBSubnetGroupName": "<data.SubnetGroup>", "DBParameterGroupName": "<data.ParameterGroup>",
              "VPCSecurityGroups": lambda v: v == ["<security-groups.DatabaseSecurityGroup.GroupId>"],
              "CACertificateIdentifier": lambda v: v, "AllowMajorVersionUpgrade": False, "MasterUserSecret.KmsKeyId": lambda v: v}
    yield from expect(env, "AWS::RDS::DBInstance", wanted)
    for _, name, resource in env.of_type("AWS::RDS::DBInstance"):
        if (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")) != ("Snapshot", "Snapshot"):
            yield f"{name} leaves no snapshot"
        if int(resource["Properties"]["MaxAllocatedStorage"]) < 1.5 * int(resource["Properties"]["AllocatedStorage"]):
            yield f"{name} cannot grow"
    for name, props in properties(env, "AWS::RDS::DBParameterGroup"):
        values = props["Parameters"]
        if (values.get("rds.force_ssl"), values.get("log_lock_waits")) != ("1", "1") or "pg_stat_statements" not in values.get("shared_preload_libraries", ""):
            yield f"{name}: {values}"
        if (values.get("log_connections"), values.get("log_disconnections")) != ("1", "1"):
            yield f"{name}: who connects is not logged"
        if not 100 <= int(values.get("log_min_duration_statement", -1)) <= 2000 or values.get("log_parameter_max_length") != "0":
            yield f"{name}: {values}"
    yield from expect(env, "AWS::SecretsManager::RotationSchedule", {"RotationRules.AutomaticallyAfterDays": lambda v: int(v) <= 90})


def c_1_1_5_firewalls(env):
    associated = {props["ResourceArn"] for _, props in properties(env, "AWS::WAFv2::WebACLAssociation")}
    for name, _ in properties(env, "AWS::ElasticLoadBalancingV2::LoadBalancer"):
        if f"<{name}>" not in associated:
            yield f"{name} has no firewall"
    yield from expect(env, "AWS::CloudFront::Distribution", {"DistributionConfig.WebACLId": "<edge.WebAcl.Arn>"})


def c_2_1_1_certificates(env):
    domain = env.config["domain"]
    names = {domain["app"], domain["api"]}
    yield from expect(env, "AWS::CertificateManager::Certificate", {
        "ValidationMethod": "DNS", "KeyAlgorithm": lambda v: v in ("RSA_2048", "EC_prime256v1", "EC_secp384r1"),
        "DomainValidationOptions": lambda v: {item["DomainName"] for item in v if item.get("HostedZoneId")} == names}, 2)
    for name, props in properties(env, "AWS::CertificateManager::Certificate"):
        if {props["DomainName"], *props["SubjectAlternativeNames"]} != names:
            yield f"{name} is for other names"


def c_2_1_2_https(env):
    for name, props in properties(env, "AWS::ElasticLoadBalancingV2::Listener"):
        actions = props["DefaultActions"]
        if props["Protocol"] == "HTTP":
            redirect = get(actions, "0.RedirectConfig", {})
            if len(actions) != 1 or actions[0]["Type"] != "redirect" or (redirect.get("Protocol"), redirect.get("StatusCode")) != ("HTTPS", "HTTP_301"):
                yield f"{name} serves without TLS"
        elif not re.fullmatch(TLS_POLICY, props.get("SslPolicy", "")):
            yield f"{name}.SslPolicy is {props.get('SslPolicy')}"
        elif actions[0]["Type"] != "fixed-response":
            yield f"{name} answers for every name"
    for name, props in properties(env, "AWS::CloudFront::Distribution"):
        config = props["DistributionConfig"]
        if config["ViewerCertificate"]["AcmCertificateArn"] != "<certificate.Certificate>":
            yield f"{name}: {config['ViewerCertificate']}"
        for behaviour in [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", [])]:
            if behaviour["ViewerProtocolPolicy"] not in ("redirect-to-https", "https-only") or "ResponseHeadersPolicyId" not in behaviour:
                yield f"{name}: {behaviour}"
        certificate = config["ViewerCertificate"]
        if certificate["MinimumProtocolVersion"] not in CLOUDFRONT_TLS or certificate["SslSupportMethod"] != "sni-only":
            yield f"{name}: {certificate}"
        for origin in config["Origins"]:
            custom = origin.get("CustomOriginConfig")
            if custom and (custom["OriginProtocolPolicy"] != "https-only" or custom["OriginSSLProtocols"] != ["TLSv1.2"]):
                yield f"{name}: {origin}"
            if not custom and "VpcOriginConfig" not in origin and origin.get("OriginAccessControlId") != "<frontend.OriginAccess.Id>":
                yield f"{name}: {origin}"
    for name, props in properties(env, "AWS::CloudFront::VpcOrigin"):
        if props["VpcOriginEndpointConfig"].get("OriginProtocolPolicy") != "https-only" or props["VpcOriginEndpointConfig"].get("OriginSSLProtocols") != ["TLSv1.2"]:
            yield f"{name}: {props}"


def c_2_1_4_hsts(env):
    hsts = env.config["edge"]["hsts"]
    yield from expect(env, "AWS::CloudFront::ResponseHeadersPolicy", {
        "ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity.AccessControlMaxAgeSec": hsts["max_age"],
        "ResponseHeadersPolicyConfig.SecurityHeadersConfig.ContentTypeOptions.Override": True})
    for name, props in properties(env, "AWS::CloudFront::ResponseHeadersPolicy"):
        headers = props["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
        if any(header.get("Override") is not True for header in headers.values()):
            yield f"{name}: an answer could lift {[key for key, header in headers.items() if header.get('Override') is not True]}"
        if name.startswith("frontend.") and (headers["FrameOptions"]["FrameOption"] != "DENY" or "frame-ancestors 'none'" not in headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]):
            yield f"{name}: pages can be framed"
    for name, props in properties(env, "AWS::ElasticLoadBalancingV2::Listener"):
        header = attributes(props, "ListenerAttributes").get("routing.http.response.strict_transport_security.header_value", "")
        if props["Protocol"] == "HTTPS" and f"max-age={hsts['max_age']}; includeSubDomains" != header:
            yield f"{name}: {header!r}"


def c_2_2_2_github(env):
    yield from expect(env, "AWS::IAM::OIDCProvider", {"Url": "https://token.actions.githubusercontent.com", "ClientIdList": lambda v: v == ["sts.amazonaws.com"]})
    key, subject = "token.actions.githubusercontent.com:sub", f"repo:{env.config['app']['repo']}"
    wanted = {"ci.BuildRole": [f"{subject}:ref:refs/heads/main", f"{subject}:ref:refs/heads/develop"], "ci-deploy.Plan": f"{subject}:pull_request",
              "ci-deploy.Deploy": f"{subject}:environment:{ {'prod': 'production', 'stg': 'staging'}.get(env.env, env.env)}"}
    for name, props in properties(env, "AWS::IAM::Role"):
        statement = props["AssumeRolePolicyDocument"]["Statement"][0]
        if name in wanted and get(statement, "Condition.StringEquals", {}).get(key) != wanted[name]:
            yield f"{name}: {statement['Condition']}"
        if "Federated" in statement["Principal"] and props.get("MaxSessionDuration") != 3600:
            yield f"{name}: an hour is enough for a workflow"
    deploy = env.stacks["ci-deploy", "app"]["Deploy"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    for statement in deploy:
        if "ecs:RunTask" in statement["Action"] and not get(statement, "Condition.ArnEquals", {}).get("ecs:cluster", "").endswith(f"cluster/glanceflow-{env.env}-cluster"):
            yield "tasks could be run in other clusters"
        if statement["Sid"] == "DecryptChannelUrls" and get(statement, "Condition.StringLike", {}).get("kms:ViaService") != ["secretsmanager.*", "ssm.*"]:
            yield "the key of secrets could be used by other ways than their stores"
    plan = env.stacks["ci-deploy", "app"]["Plan"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    for statement in plan:
        if statement["Sid"] == "MakeChangeSets" and "golive-p-*" not in get(statement, "Condition.StringLike", {}).get("cloudformation:ChangeSetName", []):
            yield "pull requests could change change sets that are not golive's plans"
    (_, _, provider), = env.of_type("AWS::IAM::OIDCProvider")
    if (provider.get("DeletionPolicy"), provider.get("UpdateReplacePolicy")) != ("Retain", "Retain"):
        yield "other applications would lose their sign-in"


def c_2_2_2_promotion(env):
    """What passed in another account is read there by a role that trusts production's releases alone and changes nothing."""
    deploy = env.stacks["ci-deploy", "app"]["Deploy"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    taken = [one["Resource"] for one in deploy if "sts:AssumeRole" in one["Action"]]
    here = env.stacks.get(("promotion", "app"))
    if env.env == "prod":
        wanted = [[f"arn:aws:iam::{account}:role/glanceflow-{name}-promote" for name, account in (("dev", "1" * 12), ("stg", "2" * 12))]]
        if taken != wanted or here:
            yield f"production's releases may take on {taken}"
        return
    role = here["Promote"]["Properties"]
    trust, = role["AssumeRolePolicyDocument"]["Statement"]
    if (trust["Principal"], trust["Condition"]) != ({"AWS": "arn:aws:iam::333333333333:root"}, {"ArnEquals": {
            "aws:PrincipalArn": "arn:aws:iam::333333333333:role/glanceflow-prod-deploy"}}) or taken:
        yield f"trusts {trust}, releases here may take on {taken}"
    statements = role["Policies"][0]["PolicyDocument"]["Statement"]
    actions = {action for one in statements for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])}
    if not all(re.match(r"[a-z0-9]+:(Get|List|Describe|BatchGet)", action) for action in actions):
        yield f"changes something: {sorted(actions)}"


def c_2_2_3_ceiling_and_trail(env):
    for name, props in properties(env, "AWS::IAM::ManagedPolicy"):
        denied = {action for statement in props["PolicyDocument"]["Statement"] if statement["Effect"] == "Deny" for action in statement["Action"]}
        missing = {"iam:CreateUser", "iam:CreateAccessKey", "iam:DeleteRolePermissionsBoundary", "cloudtrail:StopLogging", "cloudtrail:DeleteTrail",
                   "organizations:LeaveOrganization"} - denied
        if missing:
            yield f"{name} does not deny {missing}"
        for statement in props["PolicyDocument"]["Statement"]:
            if statement["Action"] == "cloudwatch:PutMetricData" and "cloudwatch:namespace" not in json.dumps(statement.get("Condition", {})):
                yield f"{name}: metrics of others"
        if len(json.dumps(props["PolicyDocument"], separators=(",", ":"))) > 6144:
            yield f"{name} is larger than AWS takes"
    yield from expect(env, "AWS::CloudTrail::Trail", {"IsMultiRegionTrail": True, "IsLogging": True, "EnableLogFileValidation": True, "IncludeGlobalServiceEvents": True,
                                                      "EventSelectors.0.ReadWriteType": "All", "EventSelectors.0.IncludeManagementEvents": True})
    trail = env.stacks["audit", "app"]["TrailBucket"]["Properties"]
    if int(get(trail, "LifecycleConfiguration.Rules.0.ExpirationInDays")) < 365 or get(trail, "ObjectLockConfiguration.Rule.DefaultRetention.Days") != 365 or (
            trail.get("ObjectLockEnabled"), get(trail, "ObjectLockConfiguration.ObjectLockEnabled")) != (True, "Enabled"):
        yield "the trail is not kept for a year"
    if get(trail, "ObjectLockConfiguration.Rule.DefaultRetention.Mode") not in ("GOVERNANCE", "COMPLIANCE"):
        yield "the trail is not locked"
    yield from expect(env, "AWS::GuardDuty::Detector", {"Enable": True})
    yield from expect(env, "AWS::AccessAnalyzer::Analyzer", {"Type": "ACCOUNT"})


def c_2_2_4_breakglass(env):
    admins = [(name, props) for name, props in properties(env, "AWS::IAM::Role") if "AdministratorAccess" in json.dumps(props.get("ManagedPolicyArns", []))]
    if len(admins) != 1 or "breakglass" not in admins[0][1]["RoleName"] or admins[0][1]["MaxSessionDuration"] > 3600:
        yield f"administrators: {[name for name, _ in admins]}"
    found = properties(env, "AWS::Events::Rule")
    for name, props in (item for item in found if item[1]["Name"].endswith("-breakglass")):
        pattern = json.dumps(props["EventPattern"])
        if "AssumeRole" not in pattern or "breakglass" not in pattern or "AWSReservedSSO" not in pattern or props["Targets"][0]["Arn"] != "<alerts.Critical>" or (
                props.get("State") != "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"):
            yield f"{name}: the use of administrator rights is not announced"
    if sum(props["Name"].endswith("-breakglass") for _, props in found) != 2:
        yield "the use of administrator rights is announced in one region only"
    rules = {props["Name"].rsplit("-", 1)[1]: (json.dumps(props["EventPattern"]), props["Targets"][0]["Arn"]) for _, props in found}
    pattern, destination = rules.get("changes", ("", ""))
    if "PutSecretValue" not in pattern or "PutParameter" not in pattern or not destination:
        yield "changes of secrets are not announced"


def ingress(env, group):
    for name, props in properties(env, "AWS::EC2::SecurityGroupIngress"):
        if props["GroupId"] == f"<{group}.GroupId>":
            yield name, props


def c_2_3_ingress(env):
    app, alb = "security-groups.AppSecurityGroup", "security-groups.AlbSecurityGroup"
    clients = {f"<security-groups.{name}SecurityGroup.GroupId>" for name in (("App", "Migration", "Ssr") if env.config["frontend"]["mode"] == "ssr" else ("App", "Migration"))}
    endpoints = {props["SourceSecurityGroupId"] for _, props in ingress(env, "network.EndpointSecurityGroup")}
    if endpoints != clients:
        yield f"endpoints admit {endpoints}"
    allowed = {"security-groups.DatabaseSecurityGroup": (5432, {f"<{app}.GroupId>", "<security-groups.MigrationSecurityGroup.GroupId>"}),
               app: (env.config["backend"]["port"], {f"<{alb}.GroupId>"})}
    if env.config["frontend"]["mode"] == "ssr":
        allowed["security-groups.SsrSecurityGroup"] = (env.config["frontend"]["ssr"]["port"], {f"<{alb}.GroupId>"})
    if env.config["edge"]["api_path"] == "cloudfront" and [props.get("SourcePrefixListId") for _, props in ingress(env, alb)] != ["pl-58a04531"]:
        yield "others than CloudFront reach the load balancer"
    for group, (port, sources) in allowed.items():
        rules = list(ingress(env, group))
        if {props.get("SourceSecurityGroupId") for _, props in rules} != sources:
            yield f"{group} admits {rules}"
        for name, props in rules:
            if props["IpProtocol"] != "tcp" or {int(props["FromPort"]), int(props["ToPort"])} != {int(port)} or {"CidrIp", "CidrIpv6", "SourcePrefixListId"} & set(props):
                yield f"{name}: {props}"
    for name, props in properties(env, "AWS::EC2::SecurityGroupIngress"):
        if str(props["FromPort"]) != str(props["ToPort"]) or not props.get("Description"):
            yield f"{name}: a range, or no reason"
        if props.get("CidrIp") in OPEN or props.get("CidrIpv6") in OPEN:
            if props["GroupId"] != f"<{alb}.GroupId>" or int(props["FromPort"]) not in (80, 443) or env.config["edge"]["api_path"] != "alb":
                yield f"{name} is open to all"
    for name, props in properties(env, "AWS::EC2::SecurityGroup"):
        if props.get("SecurityGroupIngress") or get(props, "SecurityGroupEgress.0.CidrIp") != "127.0.0.1/32":
            yield f"{name} is not closed"


def ways_out(env):
    """(group, protocol, port, destination) of every opening that an environment of the example needs: nothing else leads out."""
    ports = {"App": env.config["backend"]["port"], "Ssr": env.config["frontend"]["ssr"]["port"]}
    services = ["App", "Migration"] + (["Ssr"] if env.config["frontend"]["mode"] == "ssr" else [])
    for service in services:
        if service in ports:
            yield "Alb", "tcp", ports[service], f"<security-groups.{service}SecurityGroup.GroupId>"
        yield service, "tcp", 443, "<network.EndpointSecurityGroup.GroupId>"
        if service == "Ssr" or env.computed["egress_https"] == "true":  # the Node service calls the API by its public name
            yield service, "tcp", 443, "0.0.0.0/0"
        yield service, "udp", 53, "<network.Vpc.CidrBlock>"
        if service != "Ssr":
            yield service, "tcp", 53, "<network.Vpc.CidrBlock>"
            yield service, "tcp", 443, "pl-61a54008"
            yield service, "tcp", 5432, "<security-groups.DatabaseSecurityGroup.GroupId>"
    yield "App", "tcp", 5671, "203.0.113.0/24"


def c_2_3_4_egress(env):
    found = {(re.search(r"\.(\w+)SecurityGroup\.", props["GroupId"])[1], str(props["IpProtocol"]), int(props["FromPort"]),
              props.get("CidrIp") or props.get("DestinationSecurityGroupId") or props.get("DestinationPrefixListId"))
             for _, props in properties(env, "AWS::EC2::SecurityGroupEgress") if props["FromPort"] == props["ToPort"]}
    if found != set(ways_out(env)):
        yield f"ways out that differ: {sorted(found ^ set(ways_out(env)))}"
    if len(found) != len(properties(env, "AWS::EC2::SecurityGroupEgress")):
        yield "a range of ports leads out, or an opening is there twice"
    yield from expect(env, "AWS::EC2::FlowLog", {"TrafficType": "ALL"})


def c_2_4_firewall_rules(env):
    waf = env.config["edge"]["waf"]
    for name, props in properties(env, "AWS::WAFv2::WebACL"):
        rules = {rule["Name"]: rule for rule in props["Rules"]}
        for group in waf["managed_groups"]:
            rule = rules.get(group, {})
            if rule.get("OverrideAction") != {"None": {}} or get(rule, "Statement.ManagedRuleGroupStatement.VendorName") != "AWS" or get(rule, "Statement.ManagedRuleGroupStatement.RuleActionOverrides"):
                yield f"{name}: {group}"
        for key in ("login", "api"):
            rule, wanted = rules.get(f"{key}-rate", {}), waf["rate"][key]
            rate = get(rule, "Statement.RateBasedStatement", {})
            if "Block" not in rule.get("Action", {}) or str(rate.get("Limit")) != str(wanted["limit"]) or str(rate.get("EvaluationWindowSec")) != str(wanted["window_s"]):
                yield f"{name}: {key}"
            inside = env.config["edge"]["api_path"] == "cloudfront" and props["Scope"] == "REGIONAL"
            if rate.get("AggregateKeyType") != ("FORWARDED_IP" if inside else "IP") or ("ForwardedIPConfig" in rate) != inside:
                yield f"{name}: {key} believes a header"
        match = get(rules, "login-rate.Statement.RateBasedStatement.ScopeDownStatement.RegexMatchStatement", {})
        if not all(re.match(match.get("RegexString", "$x"), path) for path in waf["rate"]["login"]["paths"]) or re.match(match["RegexString"], "/other"):
            yield f"{name}: paths of logging in"
        if {item["Type"] for item in match["TextTransformations"]} != {"URL_DECODE", "NORMALIZE_PATH", "LOWERCASE"} or rules["login-rate"]["Priority"] >= rules["api-rate"]["Priority"]:
            yield f"{name}: ways round the limit"
        if ("AWSManagedRulesBotControlRuleSet" in rules) != (waf["bot_control"] != "off"):
            yield f"{name}: robots"
        if any(rule.get("OverrideAction", {"None": {}}) != {"None": {}} or ("OverrideAction" in rule) == ("Action" in rule) for rule in rules.values()):
            yield f"{name}: a rule only counts"
    yield from expect(env, "AWS::WAFv2::LoggingConfiguration", {
        "LogDestinationConfigs.0": lambda v: re.search(r":log-group:aws-waf-logs-", v) or v == "<edge.LogBucket.Arn>", "RedactedFields": lambda v: {item["SingleHeader"]["Name"] for item in v} == {"authorization", "cookie"}}, 2)


def c_3_2_5_registry(env):
    yield from expect(env, "AWS::ECR::Repository", {
        "ImageTagMutability": "IMMUTABLE_WITH_EXCLUSION", "ImageScanningConfiguration.ScanOnPush": True, "EncryptionConfiguration.EncryptionType": lambda v: v,
        "ImageTagMutabilityExclusionFilters": lambda v: [item["ImageTagMutabilityExclusionFilterValue"] for item in v] == ["latest"]})
    for name, props in properties(env, "AWS::ECR::Repository"):
        rules = json.loads(props["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]
        if rules[0]["selection"]["countNumber"] > 14 or rules[1]["selection"]["countNumber"] < 20:
            yield f"{name}: {rules}"


def c_3_3_release(env):
    strategy = {"blue_green": "BLUE_GREEN", "canary": "CANARY", "linear": "LINEAR", "rolling": "ROLLING"}[env.config["release"]["strategy"]]
    alarms = {"service": {"<service.RollbackErrors>", "<service.RollbackLatency>", "<service.RollbackUnhealthyTargets>"},
              "frontend-ssr": {"<frontend-ssr.RollbackUnhealthyTargets>"}}
    for name, service in properties(env, "AWS::ECS::Service"):
        stack = name.split(".")[0]
        deployment = service["DeploymentConfiguration"]
        bake = str(env.config["release"]["bake_minutes"]) if strategy != "ROLLING" else "None"
        if (deployment["Strategy"], str(deployment.get("BakeTimeInMinutes"))) != (strategy, bake) or ("CanaryConfiguration" in deployment) != (strategy == "CANARY") or ("LinearConfiguration" in deployment) != (strategy == "LINEAR"):
            yield f"{name}: {deployment}"
        if deployment["DeploymentCircuitBreaker"] != {"Enable": True, "Rollback": True} or deployment["Alarms"]["Enable"] is not True or deployment["Alarms"]["Rollback"] is not True:
            yield f"{name}: a bad release is not undone"
        if set(deployment["Alarms"]["AlarmNames"]) != alarms[stack] or (deployment["MinimumHealthyPercent"], deployment["MaximumPercent"]) != (100, 200):
            yield f"{name}: {deployment}"
        shift = set(service["LoadBalancers"][0].get("AdvancedConfiguration", {}))
        if shift != (set() if strategy == "ROLLING" else {"AlternateTargetGroupArn", "ProductionListenerRule", "TestListenerRule", "RoleArn"}):
            yield f"{name}: {shift}"
        if service["DeploymentController"] != {"Type": "ECS"} or service.get("PropagateTags") != "SERVICE" or service.get("EnableECSManagedTags") is not True:
            yield f"{name}: controller or tags"
        if not 30 <= int(service["HealthCheckGracePeriodSeconds"]) <= 300 or service.get("EnableExecuteCommand") is not False:
            yield f"{name}: grace period, or anybody with rights could open a shell in production"
    for name, props in properties(env, "AWS::ElasticLoadBalancingV2::TargetGroup"):
        delay = int(attributes(props, "TargetGroupAttributes")["deregistration_delay.timeout_seconds"])
        path = env.config["backend"]["ready_path"] if name.startswith("service.") else "/"
        if props["HealthCheckPath"] != path or props["TargetType"] != "ip" or not 15 <= delay <= 120:
            yield f"{name}: {props}"
    for name, props in properties(env, "AWS::ElasticLoadBalancingV2::ListenerRule"):
        weights = [group["Weight"] for group in props["Actions"][0]["ForwardConfig"]["TargetGroups"]]
        if [action["Type"] for action in props["Actions"]] != ["forward"] or [str(weight) for weight in weights] != ["100", "0"]:
            yield f"{name}: {props}"


def c_task_definition(env):
    for _, props in properties(env, "AWS::ECS::TaskDefinition"):
        name, container = props["Family"], props["ContainerDefinitions"][0]
        migration = name.endswith("-migration")  # the smallest task, golive's own processor, every line of its log
        sizing = {"cpu": 256, "memory": 512} if migration else env.config["sizing"]
        wanted = {"RequiresCompatibilities": ["FARGATE"], "NetworkMode": "awsvpc", "Cpu": str(sizing["cpu"]), "Memory": str(sizing["memory"])}
        for key, value in wanted.items():
            if props.get(key) != value:
                yield f"{name}.{key} is {props.get(key)!r}"
        arch = "X86_64" if migration else env.config["backend"]["arch"]
        if props["RuntimePlatform"]["CpuArchitecture"] != arch or props.get("TaskRoleArn") == props["ExecutionRoleArn"] or ("TaskRoleArn" in props) == migration:
            yield f"{name}: processor or roles"
        if container.get("ReadonlyRootFilesystem") is not True or container.get("User", "0").split(":")[0] in ("0", "root") or container.get("Privileged") is not False:
            yield f"{name}: the container may do too much"
        if not re.search(r"@sha256:[0-9a-f]{64}$", container["Image"]) or "EnvironmentFiles" in container or not 15 <= int(container["StopTimeout"]) <= 120:
            yield f"{name}: image by tag, variables in a file, or time to stop"
        log = container["LogConfiguration"]
        groups = ("<service.MigrationLogs>",) if migration else ("<service.AppLogs>", "<frontend-ssr.Logs>")
        if log["LogDriver"] != "awslogs" or log["Options"]["awslogs-group"] not in groups or log["Options"]["mode"] != ("blocking" if migration else "non-blocking"):
            yield f"{name}: {log}"
        if migration and not {"PGSSLMODE": "verify-full"}.items() <= {one["Name"]: one["Value"] for one in container["Environment"]}.items():
            yield f"{name}: whom it talks to is not verified"


def c_buckets(env):
    """1.1.2.2, 8.P1.1: closed to the public, versioned, encrypted, TLS only; the site readable by its distribution alone."""
    block = {"BlockPublicAcls": True, "BlockPublicPolicy": True, "IgnorePublicAcls": True, "RestrictPublicBuckets": True}
    yield from expect(env, "AWS::S3::Bucket", {"PublicAccessBlockConfiguration": lambda v: v == block, "VersioningConfiguration.Status": "Enabled",
                                               "BucketEncryption": lambda v: v, "OwnershipControls.Rules.0.ObjectOwnership": lambda v: v}, 5)
    policies = {props["Bucket"]: props["PolicyDocument"]["Statement"] for _, props in properties(env, "AWS::S3::BucketPolicy")}
    for name, _ in properties(env, "AWS::S3::Bucket"):
        statements = policies.get(f"<{name}>", [])
        if not any(s["Effect"] == "Deny" and get(s, "Condition.Bool") == {"aws:SecureTransport": "false"} and s["Action"] == "s3:*" and s["Principal"] == "*" for s in statements):
            yield f"{name} can be read without TLS"
        for statement in statements:
            if statement["Effect"] == "Allow" and (statement["Principal"] == "*" or not re.search("(?i)aws:Source(Arn|Account)", json.dumps(statement.get("Condition")))):
                yield f"{name}: {statement}"
    allowed = [s for s in policies["<frontend.SiteBucket>"] if s["Effect"] == "Allow"]
    if len(allowed) != 1 or allowed[0]["Action"] != "s3:GetObject" or "<frontend.Site>" not in get(allowed[0], "Condition.StringEquals", {}).get("AWS:SourceArn", ""):
        yield "others than the distribution read the site"
    yield from expect(env, "AWS::CloudFront::OriginAccessControl", {"OriginAccessControlConfig.SigningBehavior": "always", "OriginAccessControlConfig.SigningProtocol": "sigv4"})
    ledger = policies["<bootstrap.LedgerBucket>"]
    if not any(s["Effect"] == "Deny" and "s3:DeleteObjectVersion" in s["Action"] for s in ledger) or env.stacks["bootstrap", "app"]["LedgerBucket"]["Properties"].get("ObjectLockEnabled") is not True:
        yield "the ledger can be rewritten"


def c_keys(env):
    yield from expect(env, "AWS::KMS::Key", {"EnableKeyRotation": True}, 3)
    yield from expect(env, "AWS::SecretsManager::Secret", {"KmsKeyId": "<secrets.SecretsKey.Arn>", "SecretString": lambda v: v is None,
                                                           "Name": lambda v: v.startswith(f"/glanceflow/{env.env}/")}, 4)
    yield from expect(env, "AWS::SSM::Parameter", {"Type": "String", "Name": lambda v: v.startswith(f"/glanceflow/{env.env}/"), "Value": lambda v: v and "\n" not in v}, 2)
    yield from expect(env, "AWS::SNS::Topic", {"KmsMasterKeyId": "<alerts.TopicKey.Arn>"}, 4)
    yield from expect(env, "AWS::Backup::BackupVault", {"EncryptionKeyArn": "<backup.VaultKey.Arn>"})
    publishers = env.stacks["alerts", "app"]["TopicKey"]["Properties"]["KeyPolicy"]["Statement"][1]
    if "cloudwatch.amazonaws.com" not in publishers["Principal"]["Service"] or "kms:Decrypt" not in publishers["Action"]:
        yield "CloudWatch cannot publish: every alarm would be lost"
    policies = [statement for _, props in properties(env, "AWS::SNS::TopicPolicy") for statement in props["PolicyDocument"]["Statement"]]
    if len(policies) != 8 or any("aws:SourceAccount" not in get(statement, "Condition.StringEquals", {}) for statement in policies if statement["Sid"] == "Publishers"):
        yield "other accounts could publish"


def c_logs_kept(env):
    days = 90 if env.env == "prod" else 30
    yield from expect(env, "AWS::Logs::LogGroup", {"RetentionInDays": lambda v: v is not None and int(v) >= days}, 4)
    for name, props in properties(env, "AWS::S3::Bucket"):
        if name.split(".")[1] in ("LogBucket", "AccessLogs") and int(get(props, "LifecycleConfiguration.Rules.0.ExpirationInDays")) < days:
            yield f"{name} forgets early"
        if name == "edge.LogBucket" and not props["BucketName"].startswith("aws-waf-logs-"):
            yield f"{name}: {props}"


def c_access_logged(env):
    """Who asked for what is kept, of the load balancer and of the site; requests that two readers could understand differently are refused."""
    wanted = {"deletion_protection.enabled": "true" if env.env == "prod" else "false", "routing.http.drop_invalid_header_fields.enabled": "true",
              "routing.http.desync_mitigation_mode": "defensive", "access_logs.s3.enabled": "true", "access_logs.s3.bucket": "<service.AccessLogs>"}
    for name, props in properties(env, "AWS::ElasticLoadBalancingV2::LoadBalancer"):
        found = attributes(props, "LoadBalancerAttributes")
        if not wanted.items() <= found.items():
            yield f"{name}: {found}"
    site = env.stacks["frontend", "app"]["Site"]["Properties"]["DistributionConfig"]
    if site["Logging"]["Bucket"] != "<frontend.LogBucket.RegionalDomainName>" or site["Logging"]["IncludeCookies"] is not False:
        yield f"{site['Logging']}"


def dimension_names(props):
    return {item["Name"] for item in props.get("Dimensions", [])}


def c_5_1_3_alarms(env):
    found = {props["AlarmName"].removeprefix(f"glanceflow-{env.env}-"): props for kind in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
             for _, props in properties(env, kind)}
    wanted = {"error-rate", "client-errors", "latency-p95", "latency-p99", "burn-fast", "burn-slow", "unhealthy-targets", "tasks-missing", "db-connections", "db-cpu",
              "db-storage", "db-memory", "db-transaction-ids", "slow-queries", "cert-expiry", "cert-expiry-cloudfront", "site-5xx", "api-down", "app-down",
              "rollback-5xx", "rollback-p95", "rollback-unhealthy", "burn-fast-1h", "burn-fast-5m", "burn-slow-6h", "burn-slow-30m"}
    if wanted - set(found):
        yield f"missing: {sorted(wanted - set(found))}"
    parts = ("rollback-", "burn-fast-", "burn-slow-")
    for name, props in found.items():
        if not name.startswith(parts) and not props.get("AlarmActions"):
            yield f"{name} tells nobody"
        if "docs/runbooks/" not in props.get("AlarmDescription", ""):
            yield f"{name} has no runbook"
        if "ExtendedStatistic" in props and (props.get("EvaluateLowSampleCountPercentile") != "ignore" or dimension_names(props) != {"LoadBalancer"}):
            yield f"{name}: {props}"
    breaching = {"unhealthy-targets", "tasks-missing", "db-cpu", "db-storage", "db-memory", "cert-expiry", "cert-expiry-cloudfront", "api-down", "app-down"}
    for name, props in found.items():
        if "Period" in props or "Metrics" in props:
            if props.get("TreatMissingData") != ("breaching" if name in breaching else "notBreaching"):
                yield f"{name}: TreatMissingData"
    slo = env.config["slo"]
    expression = get(found, "error-rate.Metrics.0.Expression", "")
    if not re.search(r"IF\(FILL\(requests, 0\) > \d+, 100 \* \(FILL\(target5xx, 0\) \+ FILL\(elb5xx, 0\)\) / requests, 0\)", expression):
        yield f"error-rate: {expression}"
    if float(found["error-rate"]["Threshold"]) > min(slo["error_rate_pct"] * 2, 5) or found["error-rate"]["DatapointsToAlarm"] > 3 or found["error-rate"]["EvaluationPeriods"] > 5:
        yield "error-rate is too slow or too high"
    if float(found["latency-p95"]["Threshold"]) > slo["p95_ms"] / 1000 * 1.5 or float(found["latency-p99"]["Threshold"]) != slo["p99_ms"] / 1000:
        yield "latency thresholds"
    budget = 100 - slo["availability_pct"]
    for name, times, period in (("burn-fast-1h", 14.4, 3600), ("burn-fast-5m", 14.4, 300), ("burn-slow-6h", 6, 21600), ("burn-slow-30m", 6, 1800)):
        if abs(float(found[name]["Threshold"]) - times * budget) > 1e-6 or get(found[name], "Metrics.1.MetricStat.Period") != period:
            yield f"{name}: {found[name]['Threshold']}"
    for name, long, short in (("burn-fast", "BurnFastLong", "BurnFastShort"), ("burn-slow", "BurnSlowLong", "BurnSlowShort")):
        if found[name]["AlarmRule"] != f'ALARM("<observability.{long}>") AND ALARM("<observability.{short}>")':
            yield f"{name}: {found[name]['AlarmRule']}"
    if not 30 <= int(found["cert-expiry"]["Threshold"]) <= 45:
        yield "certificates are noticed too late"


def c_5_1_4_regions(env):
    for (stack, placement), resources in env.stacks.items():
        for name, resource in resources.items():
            for _, value in walk(resource["Properties"].get("AlarmActions", [])):
                if isinstance(value, str) and not value.startswith("<alerts."):
                    yield f"{stack}.{name}: {value}"
    sources = {name: source for stack in ("observability", "observability-edge") for name, source in env.all[stack].sources.items() if name in ("CriticalTopic", "WarningTopic")}
    if any("@global" not in source["output"] for name, source in env.all["observability-edge"].sources.items() if name in sources):
        yield "an alarm in us-east-1 needs a topic in us-east-1"
    if not properties(env, "AWS::Chatbot::SlackChannelConfiguration") or not properties(env, "AWS::SNS::Subscription"):
        yield "nobody is told"


def c_5_dashboard(env):
    (_, props), = properties(env, "AWS::CloudWatch::Dashboard")
    body = json.loads(props["DashboardBody"])
    text = json.dumps(body)
    for wanted in ("CPUUtilization", "MemoryUtilization", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count", "HTTPCode_Target_4XX_Count", "TargetResponseTime", "p50", "p95",
                   "p99", "DatabaseConnections", "FreeStorageSpace", "SlowQueries", "5xxErrorRate", "us-east-1", "HealthCheckPercentageHealthy", "RequestCount"):
        if f'"{wanted}"' not in text:
            yield f"the dashboard does not show {wanted}"
    if props["DashboardName"] != f"glanceflow-{env.env}":
        yield props["DashboardName"]


def c_5_3_1_probes(env):
    domain, ready = env.config["domain"], env.config["backend"]["ready_path"]
    found = {(get(props, "HealthCheckConfig.FullyQualifiedDomainName"), get(props, "HealthCheckConfig.ResourcePath")) for _, props in properties(env, "AWS::Route53::HealthCheck")}
    if found != {(domain["api"], ready), (domain["app"], "/")}:
        yield f"{found}"
    yield from expect(env, "AWS::Route53::HealthCheck", {"HealthCheckConfig.Type": "HTTPS", "HealthCheckConfig.RequestInterval": lambda v: v <= 30}, 2)


def c_7_1_names(env):
    domain = env.config["domain"]
    records = {(props["Name"], props["Type"]): props for _, props in properties(env, "AWS::Route53::RecordSet")}
    cloudfront = env.config["edge"]["api_path"] == "cloudfront"
    if set(records) != {(domain["api"], "A"), (domain["app"], "A"), (domain["app"], "AAAA")} | ({(domain["api"], "AAAA")} if cloudfront else set()):
        yield f"{sorted(records)}"
    if any("TTL" in props or "AliasTarget" not in props for props in records.values()):
        yield "only aliases"
    api, app = records[domain["api"], "A"]["AliasTarget"], records[domain["app"], "A"]["AliasTarget"]
    if (api["DNSName"], api["EvaluateTargetHealth"]) != (("<api-cloudfront.Api.DomainName>", False) if cloudfront else ("<service.Alb.DNSName>", True)):
        yield f"{api}"
    if app != {"DNSName": "<frontend.Site.DomainName>", "HostedZoneId": "Z2FDTNDATAQYW2", "EvaluateTargetHealth": False}:
        yield f"{app}"


def c_7_2_2_renewal(env):
    yield from expect(env, "AWS::CertificateManager::Account", {"ExpiryEventsConfiguration.DaysBeforeExpiry": lambda v: int(v) >= 30}, 2)
    events = [props for _, props in properties(env, "AWS::Events::Rule") if "aws.acm" in props["EventPattern"]["source"]]
    if len(events) != 2 or any("ACM Certificate Renewal Action Required" not in props["EventPattern"]["detail-type"] for props in events):
        yield "a renewal that fails is not announced"


def c_8_p0_3_budget(env):
    for name, props in properties(env, "AWS::Budgets::Budget"):
        kinds = {(item["Notification"]["NotificationType"], item["Notification"]["Threshold"]): item["Subscribers"] for item in props["NotificationsWithSubscribers"]}
        if set(kinds) != {("ACTUAL", 80), ("FORECASTED", 100)} or not all(kinds.values()):
            yield f"{name}: {sorted(kinds)}"


NAMES = {"AlarmName", "BackupPlanName", "BackupVaultName", "BucketName", "BudgetName", "ClusterName", "ConfigurationName", "DBInstanceIdentifier", "DBSubnetGroupName",
         "ManagedPolicyName", "RoleName", "ServiceName", "TopicName", "VpcConnectorName"}


def c_8_p0_3_names(env):
    """{app}-{env}-{role}, for an account {app}-{role}; also what has the property Name itself."""
    for (stack, _), resources in env.stacks.items():
        scope = env.all[stack].golive["scope"]
        for name, resource in resources.items():
            named = [(path, value) for path, value in walk(resource["Properties"]) if path and path[-1] in NAMES and isinstance(value, str) and not value.startswith(("<", "com."))]
            if resource["Type"] in ("AWS::WAFv2::WebACL", "AWS::Events::Rule", "AWS::Scheduler::Schedule", "AWS::CloudFront::Function"):
                named.append((("Name",), resource["Properties"]["Name"]))
            for path, value in named:
                if not re.match("(aws-waf-logs-)?glanceflow-" + (f"{env.env}-" if scope == "env" else "") + "[a-z0-9]", value):
                    yield f"{stack}.{name}.{path[-1]} is {value}"


def c_apprunner(env):
    if env.config["backend"]["platform"] == "app_runner":
        yield from expect(env, "AWS::AppRunner::Service", {"NetworkConfiguration.EgressConfiguration.EgressType": "VPC",
                                                           "NetworkConfiguration.EgressConfiguration.VpcConnectorArn": "<service-apprunner.VpcConnector.VpcConnectorArn>",
                                                           "SourceConfiguration.AutoDeploymentsEnabled": False})
        yield from expect(env, "AWS::AppRunner::VpcConnector", {"SecurityGroups": lambda v: v == ["<security-groups.AppSecurityGroup.GroupId>"],
                                                                "Subnets": lambda v: set(ids(v)) == set(subnets(env, "private"))})
        if [props["ResourceArn"] for _, props in properties(env, "AWS::WAFv2::WebACLAssociation")] != ["<service-apprunner.Service.ServiceArn>"]:
            yield "no firewall"
        alarms = {props["AlarmName"].removeprefix(f"glanceflow-{env.env}-"): props for _, props in properties(env, "AWS::CloudWatch::Alarm")}
        for name, props in properties(env, "AWS::CloudWatch::CompositeAlarm"):
            if not props.get("AlarmActions"):
                yield f"{name} tells nobody"
        if {"error-rate", "client-errors", "latency-p95", "latency-p99", "burn-fast-1h", "db-connections", "db-storage", "cpu", "memory"} - set(alarms):
            yield f"{sorted(alarms)}"
        for name, props in alarms.items():
            if (not name.startswith(("burn-", "rollback-")) and not props.get("AlarmActions")) or "TreatMissingData" not in props:
                yield f"{name} tells nobody"
        (_, dashboard), = properties(env, "AWS::CloudWatch::Dashboard")
        text = json.dumps(json.loads(dashboard["DashboardBody"]))
        for metric in ("CPUUtilization", "MemoryUtilization", "5xxStatusResponses", "RequestLatency", "p50", "p95", "p99", "SlowQueries"):
            if f'"{metric}"' not in text:
                yield f"the dashboard does not show {metric}"


# Controls that speak of the load balancer and ECS; with App Runner they do not apply.
ECS = {"c_1_2_3_zones", "c_2_2_2_github", "c_2_2_2_promotion", "c_3_3_release", "c_task_definition", "c_5_1_3_alarms", "c_5_dashboard", "c_7_1_names"}
CONTROLS = {name: function for name, function in list(globals().items()) if name.startswith("c_")}


def check(env):
    """Every problem of an environment, by control."""
    runs_on_ecs = env.config["backend"]["platform"] == "ecs"
    return {name: list(function(env)) for name, function in CONTROLS.items() if runs_on_ecs or name not in ECS}


INTERFACES = {f"network.vpc_endpoints.{name}": "interface" for name in ("s3", "ecr", "logs", "ssm", "secretsmanager")}
# The environments of the example, and prod with other choices, so that every branch of the templates is judged.
VARIANTS = {
    "dev": ("dev", {}), "stg": ("stg", {}), "prod": ("prod", {}),
    "prod, pages made on request, API through CloudFront": ("prod", {"frontend.mode": "ssr", "edge.api_path": "cloudfront"}),
    "prod, pages made on request, canary": ("prod", {"frontend.mode": "ssr", "release.strategy": "canary"}),
    "prod, pages made on request, linear": ("prod", {"frontend.mode": "ssr", "release.strategy": "linear"}),
    "prod, rolling, three zones, all endpoints": ("prod", {"release.strategy": "rolling", "network.azs": 3, **INTERFACES}),
    "prod, App Runner": ("prod", {"backend.platform": "app_runner"}),
    "prod, no NAT, no host allowed": ("prod", {"network.nat.mode": "none", "computed.egress_https": "false", **INTERFACES}),
    "prod, regional NAT, firewall with all groups, log in S3": ("prod", {
        "network.nat.mode": "regional", "edge.waf.log.destination": "s3", "edge.waf.bot_control": "targeted", "edge.waf.managed_groups": [
            f"AWSManagedRules{name}" for name in ("CommonRuleSet", "SQLiRuleSet", "KnownBadInputsRuleSet", "AmazonIpReputationList", "AnonymousIpList")]}),
}


def main():
    environments = {title: Environment(*variant) for title, variant in VARIANTS.items()}
    results = [(f"{name}: {control[2:].replace('_', ' ')}", problems) for name, env in environments.items() for control, problems in check(env).items()]
    print(f"1..{len(results)}")
    for number, (title, problems) in enumerate(results, 1):
        print(f"{'not ok' if problems else 'ok'} {number} - {title}")
        for problem in problems:
            print(f"# {problem}"[:400])
    return 1 if any(problems for _, problems in results) else 0


if __name__ == "__main__":
    sys.exit(main())
