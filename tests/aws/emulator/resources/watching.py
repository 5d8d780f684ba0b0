"""AWS::CloudWatch, AWS::Logs, AWS::SNS, AWS::Events, AWS::CloudTrail, AWS::Backup, AWS::Budgets, AWS::GuardDuty, AWS::Config."""
from moto.backup.models import Plan, backup_backends

from .. import iam, moto_calls
from ..functions import as_text
from .kinds import Kind, as_json, document, reading, removing, stored, sync_tags, tag_list, view, without


def put_alarm(context, p):
    name = p.get("AlarmName") or context.name(255)
    context.call("cloudwatch", "put_metric_alarm", p, AlarmName=name)
    return name


@reading
def read_alarm(context, name, _p):
    found = context.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    if not found:
        return None
    tags = context.client("cloudwatch").list_tags_for_resource(ResourceARN=found[0]["AlarmArn"])["Tags"]
    return view("AWS::CloudWatch::Alarm", found[0], Arn=found[0]["AlarmArn"], Tags=tag_list(tags))


def put_dashboard(context, p):
    name = p.get("DashboardName") or context.name(255)
    context.call("cloudwatch", "put_dashboard", DashboardName=name, DashboardBody=p["DashboardBody"])
    return name


@reading
def read_dashboard(context, name, _p):
    return {"DashboardName": name, "DashboardBody": context.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]}


# -- logs

def create_log_group(context, p):
    name = p.get("LogGroupName") or context.name(512)
    tags = {"Tags": {t["Key"]: t["Value"] for t in p["Tags"]}} if p.get("Tags") else {}
    context.call("logs", "create_log_group", without(p, "Tags"), LogGroupName=name, **tags)
    if "RetentionInDays" in p:
        context.call("logs", "put_retention_policy", LogGroupName=name, RetentionInDays=p["RetentionInDays"])
    return name


@reading
def read_log_group(context, name, _p):
    client = context.client("logs")
    for found in client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]:
        if found["logGroupName"] == name:
            tags = client.list_tags_log_group(logGroupName=name)["tags"]
            return view("AWS::Logs::LogGroup", found, Arn=found["arn"].removesuffix(":*") + ":*", Tags=tag_list(tags))
    return None


def change_log_group(context, name, old, new):
    if "RetentionInDays" in new:
        context.call("logs", "put_retention_policy", LogGroupName=name, RetentionInDays=new["RetentionInDays"])
    elif "RetentionInDays" in old:
        context.call("logs", "delete_retention_policy", LogGroupName=name)
    client = context.client("logs")
    sync_tags(old, new, lambda tags: client.tag_log_group(logGroupName=name, tags={t["Key"]: t["Value"] for t in tags}),
              lambda keys: client.untag_log_group(logGroupName=name, tags=keys))


def put_metric_filter(context, p):
    name = p.get("FilterName") or context.name(512)
    context.call("logs", "put_metric_filter", p, FilterName=name)
    return name


@reading
def read_metric_filter(context, name, p):
    listed = context.client("logs").describe_metric_filters(logGroupName=p["LogGroupName"], filterNamePrefix=name)["metricFilters"]
    found = next((one for one in listed if one["filterName"] == name), None)
    return view("AWS::Logs::MetricFilter", found) if found else None


# -- topics

TOPIC_ATTRIBUTES = ("DisplayName", "KmsMasterKeyId", "TracingConfig", "SignatureVersion", "FifoTopic", "ContentBasedDeduplication")


def create_topic(context, p):
    name = p.get("TopicName") or context.name(256)
    attributes = {key: as_text(p[key]) for key in TOPIC_ATTRIBUTES if key in p}
    arn = context.call("sns", "create_topic", Name=name, Attributes=attributes, Tags=p.get("Tags", []))["TopicArn"]
    for one in p.get("Subscription", []):
        context.call("sns", "subscribe", one, TopicArn=arn)
    return arn


@reading
def read_topic(context, arn, _p):
    client = context.client("sns")
    found = client.get_topic_attributes(TopicArn=arn)["Attributes"]
    tags = client.list_tags_for_resource(ResourceArn=arn)["Tags"]
    answer = view("AWS::SNS::Topic", found, TopicName=arn.split(":")[-1], Tags=tag_list(tags))
    answer["TopicArn"] = arn
    return {key: value for key, value in answer.items() if value != ""}


def change_topic(context, arn, old, new):
    for name in ("DisplayName", "KmsMasterKeyId"):
        if new.get(name) != old.get(name):
            context.call("sns", "set_topic_attributes", TopicArn=arn, AttributeName=name, AttributeValue=new.get(name, ""))
    client = context.client("sns")
    sync_tags(old, new, lambda tags: client.tag_resource(ResourceArn=arn, Tags=tags), lambda keys: client.untag_resource(ResourceArn=arn, TagKeys=keys))


def subscribe(context, p):
    return context.call("sns", "subscribe", p, ReturnSubscriptionArn=True)["SubscriptionArn"]


@reading
def read_subscription(context, arn, _p):
    found = context.client("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    return view("AWS::SNS::Subscription", found, Arn=arn)


def put_topic_policy(context, p):
    for topic in p["Topics"]:
        context.call("sns", "set_topic_attributes", TopicArn=topic, AttributeName="Policy", AttributeValue=as_json(p["PolicyDocument"]))
    return context.name(64)


@reading
def read_topic_policy(context, found, p):
    text = None
    for topic in p["Topics"]:
        text = context.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    return {"Id": found, "Topics": p["Topics"], "PolicyDocument": document(text)}


# -- events

def put_rule(context, p):
    name = p.get("Name") or context.name(64)
    sent = {**p, "Name": name}
    if "EventPattern" in p:
        sent["EventPattern"] = as_json(p["EventPattern"])
    context.call("events", "put_rule", sent)
    if p.get("Targets"):
        context.call("events", "put_targets", Rule=name, Targets=p["Targets"])
    return name


@reading
def read_rule(context, name, _p):
    client = context.client("events")
    found = client.describe_rule(Name=name)
    found.pop("ResponseMetadata", None)
    if "EventPattern" in found:
        found["EventPattern"] = document(found["EventPattern"])
    return view("AWS::Events::Rule", found, Targets=client.list_targets_by_rule(Rule=name)["Targets"])


def change_rule(context, name, old, new):
    kept = {target["Id"] for target in new.get("Targets", [])}
    gone = [target["Id"] for target in old.get("Targets", []) if target["Id"] not in kept]
    if gone:
        context.call("events", "remove_targets", Rule=name, Ids=gone)
    put_rule(context, {**new, "Name": name})


def remove_rule(context, name, p):
    targets = [target["Id"] for target in context.client("events").list_targets_by_rule(Rule=name)["Targets"]]
    if targets:
        context.call("events", "remove_targets", Rule=name, Ids=targets)
    context.call("events", "delete_rule", Name=name)


# -- audit and backup


def trail_to_api(p):
    return {**p, "CloudWatchLogsLogGroupArn": p.get("CloudWatchLogsLogGroupArn"), "KmsKeyId": p.get("KMSKeyId")}


def create_trail(context, p):
    name = p.get("TrailName") or context.name(128)
    context.call("cloudtrail", "create_trail", trail_to_api(p), Name=name, TagsList=p.get("Tags", []))
    put_trail_parts(context, name, p)
    return name


def put_trail_parts(context, name, p):
    context.call("cloudtrail", "start_logging" if str(p["IsLogging"]).lower() == "true" else "stop_logging", Name=name)
    if "EventSelectors" in p:
        context.call("cloudtrail", "put_event_selectors", TrailName=name, EventSelectors=p["EventSelectors"])
    if "AdvancedEventSelectors" in p:
        context.call("cloudtrail", "put_event_selectors", TrailName=name, AdvancedEventSelectors=p["AdvancedEventSelectors"])
    if "InsightSelectors" in p:
        context.call("cloudtrail", "put_insight_selectors", TrailName=name, InsightSelectors=p["InsightSelectors"])


@reading
def read_trail(context, name, p):
    client = context.client("cloudtrail")
    found = client.get_trail(Name=name)["Trail"]
    logging = client.get_trail_status(Name=name)["IsLogging"]
    tags = client.list_tags(ResourceIdList=[found["TrailARN"]])["ResourceTagList"]
    more = {}
    if "EventSelectors" in p or "AdvancedEventSelectors" in p:
        selectors = client.get_event_selectors(TrailName=name)
        more = {key: selectors[key] for key in ("EventSelectors", "AdvancedEventSelectors") if selectors.get(key)}
    return view("AWS::CloudTrail::Trail", {**found, **more}, TrailName=name, Arn=found["TrailARN"], IsLogging=logging,
                EnableLogFileValidation=found.get("LogFileValidationEnabled"), KMSKeyId=found.get("KmsKeyId"),
                Tags=tag_list(tags[0]["TagsList"] if tags else []))


def change_trail(context, name, old, new):
    context.call("cloudtrail", "update_trail", trail_to_api(new), Name=name)
    put_trail_parts(context, name, new)


def create_vault(context, p):
    sent = {**without(p, "BackupVaultTags"), "BackupVaultTags": p.get("BackupVaultTags", {})}
    context.call("backup", "create_backup_vault", sent)
    put_lock(context, p)
    return p["BackupVaultName"]


def put_lock(context, p):
    if "LockConfiguration" in p:
        context.call("backup", "put_backup_vault_lock_configuration", p["LockConfiguration"], BackupVaultName=p["BackupVaultName"])


@reading
def read_vault(context, name, p):
    found = context.client("backup").describe_backup_vault(BackupVaultName=name)
    found.pop("ResponseMetadata", None)
    lock = {key: found[key] for key in ("MinRetentionDays", "MaxRetentionDays") if found.get(key) is not None}
    more = {"LockConfiguration": {**p["LockConfiguration"], **lock}} if "LockConfiguration" in p and found.get("Locked") else {}
    return view("AWS::Backup::BackupVault", found, **more)


def plan_to_api(p):
    rules = []
    for rule in p["BackupPlan"]["BackupPlanRule"]:
        rules.append({**without(rule, "TargetBackupVault"), "TargetBackupVaultName": rule["TargetBackupVault"]})
    return {**without(p["BackupPlan"], "BackupPlanRule"), "Rules": rules}


def create_plan(context, p):
    tags = {"BackupPlanTags": p["BackupPlanTags"]} if p.get("BackupPlanTags") else {}
    return context.call("backup", "create_backup_plan", BackupPlan=plan_to_api(p), **tags)["BackupPlanId"]


@reading
def read_plan(context, found, _p):
    answer = context.client("backup").get_backup_plan(BackupPlanId=found)
    plan = answer["BackupPlan"]
    rules = [{**without(rule, "TargetBackupVaultName", "RuleId"), "TargetBackupVault": rule["TargetBackupVaultName"]} for rule in plan["Rules"]]
    return view("AWS::Backup::BackupPlan", {"BackupPlan": {**without(plan, "Rules"), "BackupPlanRule": rules}, "BackupPlanId": found,
                                            "BackupPlanArn": answer["BackupPlanArn"], "VersionId": answer.get("VersionId")})


def update_plan(context, found, _old, new):
    """UpdateBackupPlan, which moto lacks, on moto's own object."""
    if context.principal:
        iam.require(context.principal, "backup", "UpdateBackupPlan")
    plans = backup_backends[context.account][context.region].plans
    with moto_calls.LOCK:
        updated = Plan(plan_to_api(new), plans[found].creator_request_id, backup_backends[context.account][context.region])
        updated.backup_plan_id, updated.backup_plan_arn = plans[found].backup_plan_id, plans[found].backup_plan_arn
        plans[found] = updated


def create_budget(context, p):
    budget = {**p["Budget"], "BudgetName": p["Budget"].get("BudgetName") or context.name(100)}
    notifications = [{"Notification": one["Notification"], "Subscribers": one["Subscribers"]} for one in p.get("NotificationsWithSubscribers", [])]
    context.call("budgets", "create_budget", AccountId=context.account, Budget=budget, NotificationsWithSubscribers=notifications)
    return budget["BudgetName"]


@reading
def read_budget(context, name, _p):
    found = context.client("budgets").describe_budget(AccountId=context.account, BudgetName=name)["Budget"]
    listed = []
    for one in context.client("budgets").describe_notifications_for_budget(AccountId=context.account, BudgetName=name)["Notifications"]:
        listed.append({"Notification": one})
    return view("AWS::Budgets::Budget", {"Budget": found, "NotificationsWithSubscribers": listed}, Id=name)


def replace_budget(context, name, _old, new):
    context.call("budgets", "delete_budget", AccountId=context.account, BudgetName=name)
    create_budget(context, {**new, "Budget": {**new["Budget"], "BudgetName": name}})


def create_detector(context, p):
    return context.call("guardduty", "create_detector", without(p, "Tags"), Tags={t["Key"]: t["Value"] for t in p.get("Tags", [])})["DetectorId"]


@reading
def read_detector(context, found, _p):
    answer = context.client("guardduty").get_detector(DetectorId=found)
    return {"Id": found, "Enable": answer["Status"] == "ENABLED", "FindingPublishingFrequency": answer.get("FindingPublishingFrequency")}


def create_schedule(context, p):
    name = p.get("Name") or context.name(64)
    context.call("scheduler", "create_schedule", p, Name=name)
    return name


@reading
def read_schedule(context, name, p):
    group = {"GroupName": p["GroupName"]} if "GroupName" in p else {}
    found = context.client("scheduler").get_schedule(Name=name, **group)
    found.pop("ResponseMetadata", None)
    return view("AWS::Scheduler::Schedule", found)


TABLE = [
    Kind("AWS::CloudWatch::Alarm", put_alarm, read_alarm, lambda context, name, old, new: put_alarm(context, {**new, "AlarmName": name}) and None,
         removing(lambda context, name, p: context.call("cloudwatch", "delete_alarms", AlarmNames=[name]))),
    stored("AWS::CloudWatch::CompositeAlarm", lambda context, p: p.get("AlarmName") or context.name(255),
           lambda context, name, p: {"Arn": f"arn:aws:cloudwatch:{context.region}:{context.account}:alarm:{name}"},
           "moto has no composite alarms"),
    Kind("AWS::CloudWatch::Dashboard", put_dashboard, read_dashboard,
         lambda context, name, old, new: put_dashboard(context, {**new, "DashboardName": name}) and None,
         removing(lambda context, name, p: context.call("cloudwatch", "delete_dashboards", DashboardNames=[name]))),
    Kind("AWS::Logs::LogGroup", create_log_group, read_log_group, change_log_group,
         removing(lambda context, name, p: context.call("logs", "delete_log_group", LogGroupName=name))),
    Kind("AWS::Logs::MetricFilter", put_metric_filter, read_metric_filter,
         lambda context, name, old, new: put_metric_filter(context, {**new, "FilterName": name}) and None,
         removing(lambda context, name, p: context.call("logs", "delete_metric_filter", LogGroupName=p["LogGroupName"], FilterName=name))),
    Kind("AWS::SNS::Topic", create_topic, read_topic, change_topic,
         removing(lambda context, arn, p: context.call("sns", "delete_topic", TopicArn=arn))),
    Kind("AWS::SNS::Subscription", subscribe, read_subscription, None,
         removing(lambda context, arn, p: context.call("sns", "unsubscribe", SubscriptionArn=arn))),
    Kind("AWS::SNS::TopicPolicy", put_topic_policy, read_topic_policy,
         lambda context, found, old, new: put_topic_policy(context, new) and None, lambda context, found, p: None),
    Kind("AWS::Events::Rule", put_rule, read_rule, change_rule, removing(remove_rule), note="no event is matched"),
    Kind("AWS::Scheduler::Schedule", create_schedule, read_schedule,
         lambda context, name, old, new: context.call("scheduler", "update_schedule", new, Name=name) and None,
         removing(lambda context, name, p: context.call("scheduler", "delete_schedule", {"GroupName": p.get("GroupName")}, Name=name)),
         note="nothing runs on schedule"),
    stored("AWS::AccessAnalyzer::Analyzer", lambda context, p: (
        f"arn:aws:access-analyzer:{context.region}:{context.account}:analyzer/{p.get('AnalyzerName') or context.name(64)}"),
        note="moto has no Access Analyzer"),
    stored("AWS::CertificateManager::Account", lambda context, p: context.account, note="moto keeps the expiry setting of an account nowhere"),
    stored("AWS::CloudFormation::WaitConditionHandle", lambda context, p: (
        f"https://cloudformation-waitcondition-{context.region}.s3.{context.region}.amazonaws.com/{context.name(64)}"),
        note="nobody can signal it"),
    Kind("AWS::CloudTrail::Trail", create_trail, read_trail, change_trail,
         removing(lambda context, name, p: context.call("cloudtrail", "delete_trail", Name=name)), note="no event is recorded"),
    Kind("AWS::Backup::BackupVault", create_vault, read_vault, lambda context, name, old, new: put_lock(context, new),
         removing(lambda context, name, p: context.call("backup", "delete_backup_vault", BackupVaultName=name))),
    Kind("AWS::Backup::BackupPlan", create_plan, read_plan, update_plan,
         removing(lambda context, found, p: context.call("backup", "delete_backup_plan", BackupPlanId=found)), note="no backup is made"),
    stored("AWS::Backup::BackupSelection", note="moto has no backup selections"),
    Kind("AWS::Budgets::Budget", create_budget, read_budget, replace_budget,
         removing(lambda context, name, p: context.call("budgets", "delete_budget", AccountId=context.account, BudgetName=name)),
         note="nothing is spent"),
    Kind("AWS::GuardDuty::Detector", create_detector, read_detector,
         lambda context, found, old, new: context.call("guardduty", "update_detector", new, DetectorId=found) and None,
         removing(lambda context, found, p: context.call("guardduty", "delete_detector", DetectorId=found)), note="nothing is detected"),
]
