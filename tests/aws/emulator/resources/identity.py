"""AWS::IAM."""
from .kinds import Kind, as_json, document, reading, removing, sync_tags, tag_list, view


def create_role(context, p):
    name = p.get("RoleName") or context.name(64)
    context.call("iam", "create_role", p, RoleName=name, AssumeRolePolicyDocument=as_json(p["AssumeRolePolicyDocument"]))
    put_role_policies(context, name, {}, p)
    return name


def put_role_policies(context, name, old, new):
    inline = {one["PolicyName"]: one["PolicyDocument"] for one in new.get("Policies", [])}
    for policy, text in inline.items():
        context.call("iam", "put_role_policy", RoleName=name, PolicyName=policy, PolicyDocument=as_json(text))
    for one in old.get("Policies", []):
        if one["PolicyName"] not in inline:
            context.call("iam", "delete_role_policy", RoleName=name, PolicyName=one["PolicyName"])
    before, after = old.get("ManagedPolicyArns", []), new.get("ManagedPolicyArns", [])
    for arn in [a for a in after if a not in before]:
        context.call("iam", "attach_role_policy", RoleName=name, PolicyArn=arn)
    for arn in [a for a in before if a not in after]:
        context.call("iam", "detach_role_policy", RoleName=name, PolicyArn=arn)


def change_role(context, name, old, new):
    if old.get("AssumeRolePolicyDocument") != new["AssumeRolePolicyDocument"]:
        context.call("iam", "update_assume_role_policy", RoleName=name, PolicyDocument=as_json(new["AssumeRolePolicyDocument"]))
    context.call("iam", "update_role", RoleName=name, Description=new.get("Description", ""),
                 MaxSessionDuration=new.get("MaxSessionDuration", 3600))
    if "PermissionsBoundary" in new:
        context.call("iam", "put_role_permissions_boundary", RoleName=name, PermissionsBoundary=new["PermissionsBoundary"])
    elif "PermissionsBoundary" in old:
        context.call("iam", "delete_role_permissions_boundary", RoleName=name)
    put_role_policies(context, name, old, new)
    iam = context.client("iam")
    sync_tags(old, new, lambda tags: iam.tag_role(RoleName=name, Tags=tags), lambda keys: iam.untag_role(RoleName=name, TagKeys=keys))


@reading
def read_role(context, name, _p):
    iam = context.client("iam")
    role = iam.get_role(RoleName=name)["Role"]
    inline = [{"PolicyName": policy, "PolicyDocument": iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]}
              for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]]
    attached = [one["PolicyArn"] for one in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]]
    found = view("AWS::IAM::Role", {k: v for k, v in role.items() if k != "PermissionsBoundary"}, Tags=tag_list(role.get("Tags")))
    found.update(Policies=inline, ManagedPolicyArns=attached, AssumeRolePolicyDocument=role["AssumeRolePolicyDocument"])
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return {**found, "PermissionsBoundary": boundary} if boundary else found


def remove_role(context, name, _p):
    iam = context.client("iam")
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for one in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=one["PolicyArn"])
    context.call("iam", "delete_role", RoleName=name)


def create_managed(context, p):
    made = context.call("iam", "create_policy", p, PolicyName=p.get("ManagedPolicyName") or context.name(128),
                        PolicyDocument=as_json(p["PolicyDocument"]))
    return made["Policy"]["Arn"]


def change_managed(context, arn, _old, new):
    iam = context.client("iam")
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    if len(versions) >= 5:  # IAM keeps five; CloudFormation drops the oldest
        oldest = sorted((v for v in versions if not v["IsDefaultVersion"]), key=lambda v: v["CreateDate"])[0]
        iam.delete_policy_version(PolicyArn=arn, VersionId=oldest["VersionId"])
    context.call("iam", "create_policy_version", PolicyArn=arn, PolicyDocument=as_json(new["PolicyDocument"]), SetAsDefault=True)


@reading
def read_managed(context, arn, _p):
    iam = context.client("iam")
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    text = iam.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])["PolicyVersion"]["Document"]
    return view("AWS::IAM::ManagedPolicy", policy, ManagedPolicyName=policy["PolicyName"], PolicyArn=arn, PolicyDocument=document(text))


def remove_managed(context, arn, _p):
    iam = context.client("iam")
    for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
    context.call("iam", "delete_policy", PolicyArn=arn)


def put_inline(context, p):
    for role in p.get("Roles", []):
        context.call("iam", "put_role_policy", RoleName=role, PolicyName=p["PolicyName"], PolicyDocument=as_json(p["PolicyDocument"]))
    return p["PolicyName"]


@reading
def read_inline(context, name, p):
    iam = context.client("iam")
    for role in p.get("Roles", []):
        text = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    return {"PolicyName": name, "PolicyDocument": document(text), "Roles": p.get("Roles", []), "Id": name}


def remove_inline(context, name, p):
    for role in p.get("Roles", []):
        context.call("iam", "delete_role_policy", RoleName=role, PolicyName=name)


def create_oidc(context, p):
    thumbprints = p.get("ThumbprintList") or ["0" * 40]  # AWS fetches it; the API of moto wants one
    made = context.call("iam", "create_open_id_connect_provider", p, ThumbprintList=thumbprints)
    return made["OpenIDConnectProviderArn"]


@reading
def read_oidc(context, arn, p):
    found = context.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    return {"Arn": arn, "Url": p.get("Url", "https://" + found["Url"]), "ClientIdList": found["ClientIDList"],
            "ThumbprintList": found["ThumbprintList"], "Tags": tag_list(found.get("Tags"))}


def change_oidc(context, arn, old, new):
    before, after = old.get("ClientIdList", []), new.get("ClientIdList", [])
    for client in [c for c in after if c not in before]:
        context.call("iam", "add_client_id_to_open_id_connect_provider", OpenIDConnectProviderArn=arn, ClientID=client)
    for client in [c for c in before if c not in after]:
        context.call("iam", "remove_client_id_from_open_id_connect_provider", OpenIDConnectProviderArn=arn, ClientID=client)
    iam = context.client("iam")
    sync_tags(old, new, lambda tags: iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=arn, Tags=tags),
              lambda keys: iam.untag_open_id_connect_provider(OpenIDConnectProviderArn=arn, TagKeys=keys))


def create_profile(context, p):
    name = p.get("InstanceProfileName") or context.name(128)
    context.call("iam", "create_instance_profile", InstanceProfileName=name)
    for role in p["Roles"]:
        context.call("iam", "add_role_to_instance_profile", InstanceProfileName=name, RoleName=role)
    return name


@reading
def read_profile(context, name, _p):
    found = context.client("iam").get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    return view("AWS::IAM::InstanceProfile", {"Arn": found["Arn"], "InstanceProfileName": name}, Roles=[r["RoleName"] for r in found["Roles"]])


def create_linked(context, p):
    return context.call("iam", "create_service_linked_role", p)["Role"]["RoleName"]


TABLE = [
    Kind("AWS::IAM::Role", create_role, read_role, change_role, removing(remove_role)),
    Kind("AWS::IAM::ManagedPolicy", create_managed, read_managed, change_managed, removing(remove_managed)),
    Kind("AWS::IAM::Policy", put_inline, read_inline, lambda context, name, old, new: put_inline(context, new) and None,
         removing(remove_inline)),
    Kind("AWS::IAM::RolePolicy", lambda context, p: put_inline(context, {**p, "Roles": [p["RoleName"]]}),
         lambda context, name, p: read_inline(context, name, {**p, "Roles": [p["RoleName"]]}),
         lambda context, name, old, new: put_inline(context, {**new, "Roles": [new["RoleName"]]}) and None,
         removing(lambda context, name, p: remove_inline(context, name, {"Roles": [p["RoleName"]]}))),
    Kind("AWS::IAM::OIDCProvider", create_oidc, read_oidc, change_oidc, removing(
        lambda context, arn, p: context.call("iam", "delete_open_id_connect_provider", OpenIDConnectProviderArn=arn))),
    Kind("AWS::IAM::InstanceProfile", create_profile, read_profile, None, removing(
        lambda context, name, p: context.call("iam", "delete_instance_profile", InstanceProfileName=name))),
    Kind("AWS::IAM::ServiceLinkedRole", create_linked, lambda context, name, p: read_role(context, name, p) and {"RoleName": name}, None,
         removing(lambda context, name, p: context.call("iam", "delete_role", RoleName=name))),
]
