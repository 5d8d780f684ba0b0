#!/usr/bin/env python3
"""golive's client end to end: moto answers, an oracle verifies each signature, boto3 must see the same."""
import json
import re
import sys
import tempfile
import urllib.parse

from support import REGION, Client, Cloud, Tap, normal

KEY = "日本語/a b+c/é~ünï'()!*&=;:@$,?#[]%41/../x.txt"
TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "Name"}}}},
                       "Parameters": {"Name": {"Type": "String"}}, "Outputs": {"Arn": {"Value": {"Ref": "Topic"}}}})


def check_objects(tap, client, boto):
    client.ask("s3", "CreateBucket", {"Bucket": "bucket-1", "CreateBucketConfiguration": {"LocationConstraint": REGION}})
    client.ask("s3", "PutBucketVersioning", {"Bucket": "bucket-1", "VersioningConfiguration": {"Status": "Enabled"}})
    client.ask("s3", "PutObject", {"Bucket": "bucket-1", "Key": KEY, "Metadata": {"who": "me"}, "ContentType": "text/plain"},
               body="content ✓\n")
    got = client.call("s3", "GetObject", {"Bucket": "bucket-1", "Key": KEY})
    theirs = boto.get_object(Bucket="bucket-1", Key=KEY)
    tap.say(got["body"] == "content ✓\n" == theirs["Body"].read().decode() and got["result"]["Metadata"] == {"who": "me"},
            "s3: an object under a key of every kind of character", [got])
    large = b"\x00\xff" * (3 << 20)
    with tempfile.NamedTemporaryFile() as file:
        file.write(large)
        file.flush()
        client.ask("s3", "PutObject", {"Bucket": "bucket-1", "Key": "large"}, body_path=file.name)
    tap.say(boto.get_object(Bucket="bucket-1", Key="large")["Body"].read() == large, "s3: 6 MiB from a file")
    taken = client.call("s3", "PutObject", {"Bucket": "bucket-1", "Key": "large", "IfNoneMatch": "*"}, body="x")
    tap.say(taken.get("aws_code") == "PreconditionFailed" and taken["attempts"] == 1, "s3: If-None-Match is refused at once", [taken])
    gone = client.call("s3", "HeadObject", {"Bucket": "bucket-1", "Key": "nothing"})
    tap.say(gone["error"] == "not_found", "s3: what is not there is not found", [gone])
    for number in range(23):
        client.ask("s3", "PutObject", {"Bucket": "bucket-1", "Key": f"many/{number:02} +é"}, body=str(number))
    pages = client.ask("s3", "ListObjectsV2", {"Bucket": "bucket-1", "Prefix": "many/", "MaxKeys": 5}, pages=True)
    tap.say([one["Key"] for one in pages["Contents"]] == [f"many/{n:02} +é" for n in range(23)], "s3: 23 keys in pages of 5")
    versions = client.ask("s3", "ListObjectVersions", {"Bucket": "bucket-1", "MaxKeys": 4}, pages=True)
    doomed = [{"Key": v["Key"], "VersionId": v["VersionId"]} for v in versions["Versions"]]
    deleted = client.ask("s3", "DeleteObjects", {"Bucket": "bucket-1", "Delete": {"Objects": doomed}})
    empty = client.ask("s3", "ListObjectVersions", {"Bucket": "bucket-1"})
    tap.say(len(doomed) == 25 == len(deleted["Deleted"]) and "Versions" not in empty, "s3: every version deleted", [deleted, empty])
    tap.say(client.ask("s3", "GetBucketLocation", {"Bucket": "bucket-1"}) == {"LocationConstraint": REGION}, "s3: where a bucket lies")


def check_stacks(tap, client, boto):
    change = {"StackName": "stack-1", "ChangeSetName": "change-1", "ChangeSetType": "CREATE", "TemplateBody": TEMPLATE,
              "Parameters": [{"ParameterKey": "Name", "ParameterValue": "topic-名"[:6] + "1"}], "Tags": [{"Key": "k&", "Value": "v <+> é"}]}
    made = client.ask("cloudformation", "CreateChangeSet", change)
    seen = client.ask("cloudformation", "DescribeChangeSet", {"ChangeSetName": made["Id"]})
    tap.say(seen["Status"] == "CREATE_COMPLETE" and seen["Changes"][0]["ResourceChange"]["Action"] == "Add",
            "cloudformation: a change set", [seen])
    client.ask("cloudformation", "ExecuteChangeSet", {"ChangeSetName": made["Id"]})
    stack = client.ask("cloudformation", "DescribeStacks", {"StackName": "stack-1"})["Stacks"][0]
    theirs = boto.describe_stacks(StackName="stack-1")["Stacks"][0]
    tap.say(stack["StackStatus"] == "CREATE_COMPLETE" and normal(stack) == normal(theirs) and stack["DisableRollback"] is False,
            "cloudformation: the stack as boto3 sees it", [normal(stack), normal(theirs)])
    for number in range(2, 58):
        boto.create_stack(StackName=f"stack-{number}", TemplateBody=json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}))
    everything = client.ask("cloudformation", "DescribeStacks", pages=True)
    tap.say(len(everything["Stacks"]) == 57 and "NextToken" not in everything, "cloudformation: 57 stacks in pages")
    batch = [{"service": "cloudformation", "operation": "DescribeStackEvents", "params": {"StackName": f"stack-{n}"}} for n in range(1, 58)]
    answers = client.send(batch)
    ids = [answer["result"]["StackEvents"][0]["StackName"] for answer in answers]
    tap.say(ids == [f"stack-{n}" for n in range(1, 58)], "cloudformation: 57 calls side by side, each with its own answer")
    missing = client.call("cloudformation", "DescribeStacks", {"StackName": "no"})
    tap.say(missing["aws_code"] == "ValidationError" and "cloudformation DescribeStacks: ValidationError: Stack with id no does not exist"
            in missing["message"], "cloudformation: a stack that is not there", [missing])


def prepare(cloud):
    """Things to describe, made by boto3."""
    made = {}
    ec2 = cloud.boto("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "main & <more>"}])
    made["vpc"] = vpc
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.30.{n}.0/24", AvailabilityZone=REGION + zone)["Subnet"]["SubnetId"]
               for n, zone in ((0, "a"), (1, "c"))]
    ec2.create_network_interface(SubnetId=subnets[0], Description="one")
    group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "all"}]},
        {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "UserIdGroupPairs": [{"GroupId": group}]}])
    elb = cloud.boto("elbv2")
    made["balancer"] = elb.create_load_balancer(Name="lb", Subnets=subnets, SecurityGroups=[group])["LoadBalancers"][0]["LoadBalancerArn"]
    target = elb.create_target_group(Name="tg", Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
    made["target"] = target
    made["listener"] = elb.create_listener(LoadBalancerArn=made["balancer"], Protocol="HTTP", Port=80, DefaultActions=[
        {"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": target, "Weight": 90}]}}])["Listeners"][0]["ListenerArn"]
    rds = cloud.boto("rds")
    rds.create_db_subnet_group(DBSubnetGroupName="db", DBSubnetGroupDescription="db", SubnetIds=subnets)
    rds.create_db_instance(DBInstanceIdentifier="db-1", DBInstanceClass="db.t4g.medium", Engine="postgres", MasterUsername="u",
                           MasterUserPassword="password1", AllocatedStorage=20, DBSubnetGroupName="db", Tags=[{"Key": "a", "Value": "b"}])
    cloud.boto("ecs").create_cluster(clusterName="c-1")
    cloud.boto("ecr").create_repository(repositoryName="app/web")
    made["zone"] = cloud.boto("route53").create_hosted_zone(Name="example.com.", CallerReference="1")["HostedZone"]["Id"]
    made["distribution"] = cloud.boto("cloudfront").create_distribution(DistributionConfig={
        "CallerReference": "1", "Comment": "c", "Enabled": True, "Aliases": {"Quantity": 1, "Items": ["www.example.com"]},
        "Origins": {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "b.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}]},
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "redirect-to-https", "MinTTL": 1,
                                 "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}}}})["Distribution"]["Id"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    cloud.boto("iam").create_role(RoleName="role-1", AssumeRolePolicyDocument=policy)
    made["topic"] = cloud.boto("sns").create_topic(Name="alarms")["TopicArn"]
    made["key"] = cloud.boto("kms").create_key()["KeyMetadata"]["KeyId"]
    cloud.boto("logs").create_log_group(logGroupName="/app")
    cloud.boto("cloudwatch").put_metric_alarm(AlarmName="5xx é", MetricName="m", Namespace="n", Period=60, EvaluationPeriods=3, Threshold=1.5,
                                              ComparisonOperator="GreaterThanThreshold", Statistic="Sum",
                                              Dimensions=[{"Name": "LoadBalancer", "Value": "app/lb"}], AlarmActions=[made["topic"]])
    made["certificate"] = cloud.boto("acm").request_certificate(DomainName="example.com")["CertificateArn"]
    cloud.boto("wafv2").create_web_acl(Name="acl", Scope="REGIONAL", DefaultAction={"Allow": {}}, Rules=[], VisibilityConfig={
        "SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"})
    made["detector"] = cloud.boto("guardduty").create_detector(Enable=True, Tags={"owner": "x"})["DetectorId"]
    cloud.boto("backup").create_backup_vault(BackupVaultName="vault")
    return made


def reads(made):
    """Calls that change nothing, which both libraries make."""
    zone, stack = made["zone"].split("/")[-1], {"StackName": "stack-1"}
    return [
        ("sts", "GetCallerIdentity", {}),
        ("cloudformation", "DescribeStackEvents", stack), ("cloudformation", "DescribeStackResources", stack),
        ("cloudformation", "ListStackResources", stack), ("cloudformation", "ListStacks", {}),
        ("cloudformation", "ListChangeSets", stack),
        ("ec2", "DescribeVpcs", {"Filters": [{"Name": "vpc-id", "Values": [made["vpc"]]}]}), ("ec2", "DescribeSubnets", {}),
        ("ec2", "DescribeSecurityGroups", {}), ("ec2", "DescribeRouteTables", {}), ("ec2", "DescribeNetworkInterfaces", {}),
        ("ec2", "DescribeAvailabilityZones", {}), ("ec2", "DescribeRegions", {}), ("ec2", "DescribeNetworkAcls", {}),
        ("ec2", "DescribeVpcAttribute", {"VpcId": made["vpc"], "Attribute": "enableDnsSupport"}),
        ("rds", "DescribeDBInstances", {}), ("rds", "DescribeDBSnapshots", {}), ("rds", "DescribeDBSubnetGroups", {}),
        ("elbv2", "DescribeLoadBalancers", {}), ("elbv2", "DescribeListeners", {"LoadBalancerArn": made["balancer"]}),
        ("elbv2", "DescribeTargetGroups", {}), ("elbv2", "DescribeRules", {"ListenerArn": made["listener"]}),
        ("elbv2", "DescribeLoadBalancerAttributes", {"LoadBalancerArn": made["balancer"]}),
        ("elbv2", "DescribeTargetHealth", {"TargetGroupArn": made["target"]}),
        ("iam", "GetRole", {"RoleName": "role-1"}), ("iam", "GetAccountSummary", {}),
        ("cloudwatch", "DescribeAlarms", {}), ("sns", "GetTopicAttributes", {"TopicArn": made["topic"]}), ("sns", "ListTopics", {}),
        ("ecs", "DescribeClusters", {"clusters": ["c-1"]}), ("ecs", "DescribeTaskDefinition", {"taskDefinition": "web"}),
        ("ecr", "DescribeRepositories", {}), ("acm", "DescribeCertificate", {"CertificateArn": made["certificate"]}),
        ("acm", "ListCertificates", {}), ("wafv2", "ListWebACLs", {"Scope": "REGIONAL"}),
        ("secretsmanager", "DescribeSecret", {"SecretId": "app/db"}), ("secretsmanager", "ListSecrets", {}),
        ("ssm", "GetParameter", {"Name": "/app/p00", "WithDecryption": True}),
        ("logs", "DescribeLogGroups", {}), ("kms", "DescribeKey", {"KeyId": made["key"]}),
        ("route53", "GetHostedZone", {"Id": zone}), ("route53", "ListHostedZones", {}),
        ("route53", "ListResourceRecordSets", {"HostedZoneId": zone}),
        ("cloudfront", "GetDistribution", {"Id": made["distribution"]}), ("cloudfront", "ListDistributions", {}),
        ("cloudfront", "GetDistributionConfig", {"Id": made["distribution"]}),
        ("s3", "ListBuckets", {}), ("s3", "GetBucketVersioning", {"Bucket": "bucket-1"}),
        ("guardduty", "ListDetectors", {}), ("guardduty", "GetDetector", {"DetectorId": made["detector"]}),
        ("backup", "DescribeBackupVault", {"BackupVaultName": "vault"}), ("backup", "ListBackupPlans", {}),
        ("application-autoscaling", "DescribeScalableTargets", {"ServiceNamespace": "ecs"}), ("cloudtrail", "DescribeTrails", {}),
        ("budgets", "DescribeBudgets", {"AccountId": "123456789012"}),
    ]


NOTHING_THERE = ("ListBackupPlans", "DescribeScalableTargets", "DescribeTrails", "DescribeBudgets", "ListChangeSets", "DescribeTargetHealth")


def snake(name):
    # The few names that botocore itself spells out by hand are covered: DB, ACLs, V2.
    name = name.replace("DBInstances", "DbInstances").replace("DBSnapshots", "DbSnapshots").replace("DBSubnet", "DbSubnet")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.replace("ACLs", "Acls")).lower()


def within(small, large):
    """moto's JSON has members that AWS does not know; botocore drops them, golive keeps what it is sent."""
    if isinstance(small, dict):
        return isinstance(large, dict) and all(key in large and within(one, large[key]) for key, one in small.items())
    if isinstance(small, list):
        return isinstance(large, list) and len(small) == len(large) and all(map(within, small, large))
    return small == large


def check_reads(tap, client, cloud, made):
    for service, operation, params in reads(made):
        ours = client.call(service, operation, params)
        theirs = getattr(cloud.boto(service), snake(operation))(**params)
        mine, wanted = normal(ours.get("result", ours)), normal(theirs)
        if operation == "GetRole":  # botocore decodes the document, golive has gl_aws_policy() for that
            mine["Role"]["AssumeRolePolicyDocument"] = normal(json.loads(urllib.parse.unquote(mine["Role"]["AssumeRolePolicyDocument"])))
        same = within(wanted, mine) if cloud.boto(service).meta.service_model.metadata["protocol"] == "json" else mine == wanted
        good = "result" in ours and same and (wanted or operation in NOTHING_THERE)
        tap.say(good, f"{service} {operation} as boto3", [mine, wanted])


def check_writes(tap, client, cloud, made):
    task = client.ask("ecs", "RegisterTaskDefinition", {"family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
                      "containerDefinitions": [{"name": "app", "image": "i:1", "essential": True, "environment": [{"name": "A", "value": "é=1"}]}]})
    tap.say(task["taskDefinition"]["revision"] == 1, "ecs: a task definition", [task])
    token = client.ask("ecr", "GetAuthorizationToken")
    tap.say(token["authorizationData"][0]["authorizationToken"], "ecr: a token to push with")
    client.ask("secretsmanager", "CreateSecret", {"Name": "app/db", "SecretString": "s3cr&t é"})
    value = cloud.boto("secretsmanager").get_secret_value(SecretId="app/db")
    tap.say(value["SecretString"] == "s3cr&t é", "secretsmanager: a secret with a token of golive's", [value])
    for number in range(25):
        client.ask("ssm", "PutParameter", {"Name": f"/app/p{number:02}", "Value": f"v {number} é", "Type": "SecureString"})
    parameters = client.ask("ssm", "GetParametersByPath", {"Path": "/app", "WithDecryption": True, "MaxResults": 10}, pages=True)
    tap.say([p["Value"] for p in parameters["Parameters"]] == [f"v {n} é" for n in range(25)], "ssm: 25 parameters in pages of 10")
    change = {"Action": "UPSERT", "ResourceRecordSet": {"Name": "www.example.com.", "Type": "TXT", "TTL": 60,
                                                        "ResourceRecords": [{"Value": '"a <b> & c"'}]}}
    info = client.ask("route53", "ChangeResourceRecordSets", {"HostedZoneId": made["zone"], "ChangeBatch": {"Changes": [change]}})
    status = client.ask("route53", "GetChange", {"Id": info["ChangeInfo"]["Id"]})
    records = client.ask("route53", "ListResourceRecordSets", {"HostedZoneId": made["zone"]}, pages=True)
    found = [r for r in records["ResourceRecordSets"] if r["Name"] == "www.example.com."]
    tap.say(status["ChangeInfo"]["Status"] == "INSYNC" and found[0]["ResourceRecords"][0]["Value"] == '"a <b> & c"' and found[0]["TTL"] == 60,
            "route53: a record changed", [info, records])
    batch = {"CallerReference": "r-1", "Paths": {"Quantity": 2, "Items": ["/index.html", "/日本/*"]}}
    invalidation = client.ask("cloudfront", "CreateInvalidation", {"DistributionId": made["distribution"], "InvalidationBatch": batch})
    tap.say(invalidation["Invalidation"]["InvalidationBatch"]["Paths"]["Items"] == batch["Paths"]["Items"],
            "cloudfront: an invalidation", [invalidation])
    client.ask("rds", "CreateDBSnapshot", {"DBInstanceIdentifier": "db-1", "DBSnapshotIdentifier": "snap-1", "Tags": [{"Key": "k", "Value": "v"}]})
    snapshot = cloud.boto("rds").describe_db_snapshots(DBSnapshotIdentifier="snap-1")["DBSnapshots"][0]
    tap.say(snapshot["TagList"] == [{"Key": "k", "Value": "v"}], "rds: a snapshot with tags", [snapshot])


def main():
    tap = Tap()
    cloud = Cloud()
    client = Client(sys.argv[1], cloud.oracle.url)
    made = prepare(cloud)
    check_stacks(tap, client, cloud.boto("cloudformation"))
    check_objects(tap, client, cloud.boto("s3"))
    check_writes(tap, client, cloud, made)
    check_reads(tap, client, cloud, made)
    tap.say(not cloud.oracle.wrong and cloud.oracle.verified > 150, f"{cloud.oracle.verified} signatures verified by botocore", cloud.oracle.wrong)
    tap.say(client.end() == 0, "the client ends well")
    tap.end()


main()
