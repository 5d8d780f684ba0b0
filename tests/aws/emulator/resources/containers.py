"""AWS::ECR, AWS::ECS, AWS::ApplicationAutoScaling, AWS::ElasticLoadBalancingV2."""
from ..clock import CLOCK
from ..compute.backend import SERVICES
from ..context import Refused, handler_message
from .kinds import Kind, as_json, changed, document, lowered, reading, removing, sync_tags, tag_list, view, without


EXCLUSION = "ImageTagMutabilityExclusionFilter"


def repository_to_api(p):
    filters = [{"FilterType": one[EXCLUSION + "Type"], "Filter": one[EXCLUSION + "Value"]} for one in p.get(EXCLUSION + "s", [])]
    return {**without(p, EXCLUSION + "s"), **({EXCLUSION + "s": filters} if filters else {})}


def create_repository(context, p):
    name = p.get("RepositoryName") or context.name(256, lower=True)
    context.call("ecr", "create_repository", repository_to_api(p), RepositoryName=name)
    put_repository_texts(context, name, {}, p)
    return name


def put_repository_texts(context, name, old, new):
    if "LifecyclePolicy" in new:
        context.call("ecr", "put_lifecycle_policy", new["LifecyclePolicy"], RepositoryName=name)
    elif "LifecyclePolicy" in old:
        context.call("ecr", "delete_lifecycle_policy", RepositoryName=name)
    if "RepositoryPolicyText" in new:
        context.call("ecr", "set_repository_policy", RepositoryName=name, PolicyText=as_json(new["RepositoryPolicyText"]))
    elif "RepositoryPolicyText" in old:
        context.call("ecr", "delete_repository_policy", RepositoryName=name)


def change_repository(context, name, old, new):
    put_repository_texts(context, name, old, new)
    if changed(old, new, "ImageTagMutability", EXCLUSION + "s"):
        context.call("ecr", "put_image_tag_mutability", repository_to_api(new), RepositoryName=name)
    if new.get("ImageScanningConfiguration") != old.get("ImageScanningConfiguration"):
        context.call("ecr", "put_image_scanning_configuration", RepositoryName=name,
                     ImageScanningConfiguration=new.get("ImageScanningConfiguration", {"ScanOnPush": False}))
    ecr, arn = context.client("ecr"), f"arn:aws:ecr:{context.region}:{context.account}:repository/{name}"
    sync_tags(old, new, lambda tags: ecr.tag_resource(resourceArn=arn, tags=tags), lambda keys: ecr.untag_resource(resourceArn=arn, tagKeys=keys))


@reading
def read_repository(context, name, p):
    ecr = context.client("ecr")
    found = ecr.describe_repositories(repositoryNames=[name])["repositories"][0]
    more = {"Arn": found["repositoryArn"], "Tags": tag_list(ecr.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"])}
    if "LifecyclePolicy" in p:
        more["LifecyclePolicy"] = {"LifecyclePolicyText": ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"]}
    if "RepositoryPolicyText" in p:
        more["RepositoryPolicyText"] = document(ecr.get_repository_policy(repositoryName=name)["policyText"])
    if found.get("imageTagMutabilityExclusionFilters"):
        more[EXCLUSION + "s"] = [{EXCLUSION + "Type": one["filterType"], EXCLUSION + "Value": one["filter"]}
                                 for one in found.pop("imageTagMutabilityExclusionFilters")]
    if "KmsKey" not in p.get("EncryptionConfiguration", {}):
        found.get("encryptionConfiguration", {}).pop("kmsKey", None)
    return view("AWS::ECR::Repository", found, **more)


def remove_repository(context, name, p):
    force = str(p.get("EmptyOnDelete")).lower() == "true"
    context.call("ecr", "delete_repository", RepositoryName=name, Force=force)


# -- ECS

def create_cluster(context, p):
    made = context.call("ecs", "create_cluster", without(p, "ClusterSettings"), ClusterName=p.get("ClusterName") or context.name(255),
                        Settings=lowered(p.get("ClusterSettings", [])), Tags=lowered(p.get("Tags", [])))
    return made["cluster"]["clusterName"]


@reading
def read_cluster(context, name, _p):
    found = context.client("ecs").describe_clusters(clusters=[name], include=["SETTINGS", "TAGS", "CONFIGURATIONS"])["clusters"]
    if not found or found[0]["status"] == "INACTIVE":
        return None
    settings = [{"Name": s["name"], "Value": s["value"]} for s in found[0].get("settings", [])]
    return view("AWS::ECS::Cluster", without(found[0], "settings", "tags"), Arn=found[0]["clusterArn"], ClusterSettings=settings,
                Tags=tag_list(found[0].get("tags"), "key", "value"))


def change_cluster(context, name, old, new):
    context.call("ecs", "update_cluster", Cluster=name, Settings=lowered(new.get("ClusterSettings", [])))
    put_ecs_tags(context, f"arn:aws:ecs:{context.region}:{context.account}:cluster/{name}", old, new)


def put_ecs_tags(context, arn, old, new):
    ecs = context.client("ecs")
    sync_tags(old, new, lambda tags: ecs.tag_resource(resourceArn=arn, tags=lowered(tags)),
              lambda keys: ecs.untag_resource(resourceArn=arn, tagKeys=keys))


def put_providers(context, p):
    context.call("ecs", "put_cluster_capacity_providers", p)
    return p["Cluster"]


@reading
def read_providers(context, cluster, _p):
    found = context.client("ecs").describe_clusters(clusters=[cluster])["clusters"][0]
    return view("AWS::ECS::ClusterCapacityProviderAssociations", found, Cluster=cluster)


def create_task_definition(context, p):
    sent = {**without(p, "Tags"), "Family": p.get("Family") or context.name(255), "Tags": lowered(p.get("Tags", []))}
    return context.call("ecs", "register_task_definition", sent)["taskDefinition"]["taskDefinitionArn"]


@reading
def read_task_definition(context, arn, _p):
    answer = context.client("ecs").describe_task_definition(taskDefinition=arn, include=["TAGS"])
    if answer["taskDefinition"]["status"] == "INACTIVE":
        return None
    return view("AWS::ECS::TaskDefinition", answer["taskDefinition"], TaskDefinitionArn=arn, Tags=tag_list(answer.get("tags"), "key", "value"))



def create_service(context, p):
    name = p.get("ServiceName") or context.name(255)
    sent = {"DesiredCount": 1, **without(p, "Tags"), "ServiceName": name, "Tags": lowered(p.get("Tags", []))}
    arn = context.call("ecs", "create_service", sent)["service"]["serviceArn"]
    try:
        settle(context, arn)
    except Refused:
        remove_service(context, arn, p)  # CloudFormation has not learned its name
        raise
    return arn


def newest(arn):
    """The newest deployment of a service, or None."""
    kept = SERVICES.get(arn)
    return kept.deployments[-1] if kept else None


def settle(context, arn, before=None):
    """CloudFormation waits for the deployment that it began; when the deployment does not succeed, neither does the resource."""
    last = newest(arn)
    if last is before:
        return
    CLOCK.wait_for(lambda: last.over or context.stack.cancelled)
    if last.status != "SUCCESSFUL" and not context.stack.cancelled:
        words = {"TRIGGERED": "ECS Deployment Circuit Breaker was triggered"}.get(last.breaker.describe(True)["status"], last.reason)
        raise Refused(handler_message(f"Error occurred during operation '{words}'.", "GeneralServiceException"))


@reading
def read_service(context, arn, p):
    cluster = arn.split("/")[1] if arn.count("/") == 2 else p.get("Cluster")
    found = context.client("ecs").describe_services(cluster=cluster, services=[arn], include=["TAGS"])["services"]
    if not found or found[0]["status"] == "INACTIVE":
        return None
    answer = view("AWS::ECS::Service", without(found[0], "tags"), Name=found[0]["serviceName"], Tags=tag_list(found[0].get("tags"), "key", "value"))
    if p.get("Cluster") in (found[0]["clusterArn"], found[0]["clusterArn"].split("/")[-1]):
        answer["Cluster"] = p["Cluster"]  # a name and an ARN are the same cluster
    return answer


def change_service(context, arn, old, new):
    cluster, before = arn.split("/")[1], newest(arn)
    sent = without(new, "Tags", "ServiceName", "Cluster", "LaunchType", "DeploymentController", "SchedulingStrategy", "Role")
    context.call("ecs", "update_service", sent, Service=arn, Cluster=cluster)
    put_ecs_tags(context, arn, old, new)
    settle(context, arn, before)


def remove_service(context, arn, _p):
    cluster = arn.split("/")[1]
    context.call("ecs", "update_service", Service=arn, Cluster=cluster, DesiredCount=0)
    context.call("ecs", "delete_service", Service=arn, Cluster=cluster, Force=True)


# -- scaling

def target_parts(p):
    return {"ServiceNamespace": p["ServiceNamespace"], "ResourceId": p["ResourceId"], "ScalableDimension": p["ScalableDimension"]}


def register_target(context, p):
    context.call("application-autoscaling", "register_scalable_target", p)
    return f"{p['ResourceId']}|{p['ScalableDimension']}|{p['ServiceNamespace']}"


def from_target_id(target):
    resource, dimension, namespace = target.split("|")
    return {"ResourceId": resource, "ScalableDimension": dimension, "ServiceNamespace": namespace}


@reading
def read_target(context, target, _p):
    parts = from_target_id(target)
    found = context.client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace=parts["ServiceNamespace"], ResourceIds=[parts["ResourceId"]], ScalableDimension=parts["ScalableDimension"])
    if not found["ScalableTargets"]:
        return None
    return view("AWS::ApplicationAutoScaling::ScalableTarget", found["ScalableTargets"][0], Id=target)


def policy_target(p):
    return from_target_id(p["ScalingTargetId"]) if "ScalingTargetId" in p else target_parts(p)


def put_scaling(context, p):
    return context.call("application-autoscaling", "put_scaling_policy", p, policy_target(p))["PolicyARN"]


@reading
def read_scaling(context, arn, p):
    parts = policy_target(p)
    listed = context.client("application-autoscaling").describe_scaling_policies(
        ServiceNamespace=parts["ServiceNamespace"], ResourceId=parts["ResourceId"])["ScalingPolicies"]
    for found in listed:
        if found["PolicyARN"] == arn:
            target = {"ScalingTargetId": p["ScalingTargetId"]} if "ScalingTargetId" in p else {}
            return view("AWS::ApplicationAutoScaling::ScalingPolicy", found, Arn=arn, **target)
    return None


def remove_scaling(context, _arn, p):
    context.call("application-autoscaling", "delete_scaling_policy", policy_target(p), PolicyName=p["PolicyName"])


# -- load balancing

def put_elb_tags(context, arn, old, new):
    elb = context.client("elbv2")
    sync_tags(old, new, lambda tags: elb.add_tags(ResourceArns=[arn], Tags=tags), lambda keys: elb.remove_tags(ResourceArns=[arn], TagKeys=keys))


def elb_tags(context, arn):
    return tag_list(context.client("elbv2").describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"])


def create_balancer(context, p):
    sent = {**p, "Name": p.get("Name") or context.name(32)}
    arn = context.call("elbv2", "create_load_balancer", sent)["LoadBalancers"][0]["LoadBalancerArn"]
    put_balancer_attributes(context, arn, p)
    return arn


def put_balancer_attributes(context, arn, p):
    if p.get("LoadBalancerAttributes"):
        context.call("elbv2", "modify_load_balancer_attributes", LoadBalancerArn=arn, Attributes=p["LoadBalancerAttributes"])


def change_balancer(context, arn, old, new):
    put_balancer_attributes(context, arn, new)
    if new.get("SecurityGroups") != old.get("SecurityGroups"):
        context.call("elbv2", "set_security_groups", LoadBalancerArn=arn, SecurityGroups=new.get("SecurityGroups", []))
    if new.get("Subnets") != old.get("Subnets"):
        context.call("elbv2", "set_subnets", LoadBalancerArn=arn, Subnets=new.get("Subnets", []))
    put_elb_tags(context, arn, old, new)


def declared(listed, wanted):
    """Of all attributes of a balancer or group those that the template declares, in its order; CloudFormation leaves the others."""
    values = {one["Key"]: one["Value"] for one in listed}
    return [{"Key": one["Key"], "Value": values.get(one["Key"])} for one in wanted or []]


@reading
def read_balancer(context, arn, p):
    elb = context.client("elbv2")
    found = elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
    attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    return view("AWS::ElasticLoadBalancingV2::LoadBalancer", found, Name=found["LoadBalancerName"],
                LoadBalancerFullName=arn.split("loadbalancer/")[1], CanonicalHostedZoneID=found.get("CanonicalHostedZoneId"),
                LoadBalancerAttributes=declared(attributes, p.get("LoadBalancerAttributes")),
                Subnets=[zone["SubnetId"] for zone in found["AvailabilityZones"]], Tags=elb_tags(context, arn))


def remove_balancer(context, arn, _p):
    attributes = context.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    if {"Key": "deletion_protection.enabled", "Value": "true"} in attributes:
        raise Refused(handler_message(f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled (Service: "
                                      "ElasticLoadBalancingV2, Status Code: 400, Request ID: EMULATED)", "InvalidRequest"))
    context.call("elbv2", "delete_load_balancer", LoadBalancerArn=arn)


def create_group(context, p):
    sent = {**p, "Name": p.get("Name") or context.name(32)}
    arn = context.call("elbv2", "create_target_group", sent)["TargetGroups"][0]["TargetGroupArn"]
    put_group_attributes(context, arn, p)
    return arn


def put_group_attributes(context, arn, p):
    if p.get("TargetGroupAttributes"):
        context.call("elbv2", "modify_target_group_attributes", TargetGroupArn=arn, Attributes=p["TargetGroupAttributes"])


def change_group(context, arn, old, new):
    context.call("elbv2", "modify_target_group", new, TargetGroupArn=arn)
    put_group_attributes(context, arn, new)
    put_elb_tags(context, arn, old, new)


@reading
def read_group(context, arn, p):
    elb = context.client("elbv2")
    found = elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]
    attributes = elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    return view("AWS::ElasticLoadBalancingV2::TargetGroup", found, Name=found["TargetGroupName"],
                TargetGroupFullName="targetgroup/" + arn.split("targetgroup/")[1],
                TargetGroupAttributes=declared(attributes, p.get("TargetGroupAttributes")), Tags=elb_tags(context, arn))


def create_listener(context, p):
    arn = context.call("elbv2", "create_listener", p)["Listeners"][0]["ListenerArn"]
    put_listener_attributes(context, arn, p)
    return arn


def put_listener_attributes(context, arn, p):
    if p.get("ListenerAttributes"):
        context.call("elbv2", "modify_listener_attributes", ListenerArn=arn, Attributes=p["ListenerAttributes"])


def change_listener(context, arn, _old, new):
    context.call("elbv2", "modify_listener", new, ListenerArn=arn)
    put_listener_attributes(context, arn, new)


@reading
def read_listener(context, arn, p):
    elb = context.client("elbv2")
    found = elb.describe_listeners(ListenerArns=[arn])["Listeners"][0]
    attributes = elb.describe_listener_attributes(ListenerArn=arn)["Attributes"]
    return view("AWS::ElasticLoadBalancingV2::Listener", found, ListenerAttributes=declared(attributes, p.get("ListenerAttributes")))


def create_rule(context, p):
    return context.call("elbv2", "create_rule", p)["Rules"][0]["RuleArn"]


@reading
def read_rule(context, arn, p):
    found = context.client("elbv2").describe_rules(RuleArns=[arn])["Rules"][0]
    return view("AWS::ElasticLoadBalancingV2::ListenerRule", found, ListenerArn=p.get("ListenerArn"))


def change_rule(context, arn, old, new):
    context.call("elbv2", "modify_rule", RuleArn=arn, Conditions=new["Conditions"], Actions=new["Actions"])
    if new["Priority"] != old["Priority"]:
        context.call("elbv2", "set_rule_priorities", RulePriorities=[{"RuleArn": arn, "Priority": new["Priority"]}])


def by_arn(service, operation, argument):
    return removing(lambda context, arn, p: context.call(service, operation, **{argument: arn}))


TABLE = [
    Kind("AWS::ECR::Repository", create_repository, read_repository, change_repository, removing(remove_repository)),
    Kind("AWS::ECS::Cluster", create_cluster, read_cluster, change_cluster, by_arn("ecs", "delete_cluster", "Cluster")),
    Kind("AWS::ECS::ClusterCapacityProviderAssociations", put_providers, read_providers,
         lambda context, cluster, old, new: put_providers(context, new) and None,
         removing(lambda context, cluster, p: context.call("ecs", "put_cluster_capacity_providers", Cluster=cluster, CapacityProviders=[],
                                                           DefaultCapacityProviderStrategy=[]))),
    Kind("AWS::ECS::TaskDefinition", create_task_definition, read_task_definition,
         lambda context, arn, old, new: put_ecs_tags(context, arn, old, new), by_arn("ecs", "deregister_task_definition", "TaskDefinition")),
    Kind("AWS::ECS::Service", create_service, read_service, change_service, removing(remove_service),
         note="it is there when its deployment has succeeded"),
    Kind("AWS::ApplicationAutoScaling::ScalableTarget", register_target, read_target,
         lambda context, found, old, new: register_target(context, new) and None,
         removing(lambda context, found, p: context.call("application-autoscaling", "deregister_scalable_target", from_target_id(found)))),
    Kind("AWS::ApplicationAutoScaling::ScalingPolicy", put_scaling, read_scaling,
         lambda context, arn, old, new: put_scaling(context, new) and None, removing(remove_scaling)),
    Kind("AWS::ElasticLoadBalancingV2::LoadBalancer", create_balancer, read_balancer, change_balancer, removing(remove_balancer)),
    Kind("AWS::ElasticLoadBalancingV2::TargetGroup", create_group, read_group, change_group,
         by_arn("elbv2", "delete_target_group", "TargetGroupArn")),
    Kind("AWS::ElasticLoadBalancingV2::Listener", create_listener, read_listener, change_listener,
         by_arn("elbv2", "delete_listener", "ListenerArn")),
    Kind("AWS::ElasticLoadBalancingV2::ListenerRule", create_rule, read_rule, change_rule, by_arn("elbv2", "delete_rule", "RuleArn")),
]
