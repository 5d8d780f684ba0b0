"""AWS::EC2: network, gateways, endpoints, security groups."""
import json

from ..context import Refused
from ..stack import store
from .kinds import Kind, reading, removing, sync_tags, tag_list, view, without


def put_tags(context, physical_id, old, new):
    ec2 = context.client("ec2")
    sync_tags(old, new, lambda tags: ec2.create_tags(Resources=[physical_id], Tags=tags),
              lambda keys: ec2.delete_tags(Resources=[physical_id], Tags=[{"Key": key} for key in keys]))


def create_vpc(context, p):
    vpc = context.call("ec2", "create_vpc", without(p, "Tags"))["Vpc"]["VpcId"]
    put_tags(context, vpc, {}, p)
    change_vpc(context, vpc, {}, p)
    return vpc


def change_vpc(context, vpc, old, new):
    for name in ("EnableDnsSupport", "EnableDnsHostnames"):
        if name in new:
            context.call("ec2", "modify_vpc_attribute", VpcId=vpc, **{name: {"Value": new[name]}})
    put_tags(context, vpc, old, new)


@reading
def read_vpc(context, vpc, _p):
    ec2 = context.client("ec2")
    found = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]
    dns = {name: ec2.describe_vpc_attribute(VpcId=vpc, Attribute=attribute)[name]["Value"]
           for name, attribute in (("EnableDnsSupport", "enableDnsSupport"), ("EnableDnsHostnames", "enableDnsHostnames"))}
    blocks = [item["CidrBlock"] for item in found.get("CidrBlockAssociationSet", [])]
    group = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}])
    acl = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "default", "Values": ["true"]}])
    return view("AWS::EC2::VPC", found, **dns, CidrBlockAssociations=blocks, DefaultSecurityGroup=group["SecurityGroups"][0]["GroupId"],
                DefaultNetworkAcl=acl["NetworkAcls"][0]["NetworkAclId"], Tags=tag_list(found.get("Tags")))


def create_subnet(context, p):
    subnet = context.call("ec2", "create_subnet", without(p, "Tags", "MapPublicIpOnLaunch"))["Subnet"]["SubnetId"]
    change_subnet(context, subnet, {}, p)
    return subnet


def change_subnet(context, subnet, old, new):
    for name in ("MapPublicIpOnLaunch", "AssignIpv6AddressOnCreation"):
        if name in new:
            context.call("ec2", "modify_subnet_attribute", SubnetId=subnet, **{name: {"Value": new[name]}})
    put_tags(context, subnet, old, new)


def described(operation, argument, listing, resource_type, **more):
    """A reader of things that EC2 describes by id. more: names of attributes by functions of the answer."""
    @reading
    def read(context, physical_id, _p):
        found = getattr(context.client("ec2"), operation)(**{argument: [physical_id]})[listing]
        if not found or found[0].get("State") in ("deleted", "deleting"):
            return None
        extra = {name: function(found[0]) for name, function in more.items()}
        return view(resource_type, found[0], Tags=tag_list(found[0].get("Tags")), **extra)
    return read


def create_gateway(context, p):
    gateway = context.call("ec2", "create_internet_gateway")["InternetGateway"]["InternetGatewayId"]
    put_tags(context, gateway, {}, p)
    return gateway


def attach_gateway(context, p):
    context.call("ec2", "attach_internet_gateway", p)
    return f"IGW|{p['VpcId']}"


@reading
def read_attachment(context, _id, p):
    found = context.client("ec2").describe_internet_gateways(InternetGatewayIds=[p["InternetGatewayId"]])["InternetGateways"][0]
    attached = [item["VpcId"] for item in found["Attachments"]]
    return dict(p, VpcId=attached[0], AttachmentType="IGW") if attached else None


def create_egress_gateway(context, p):
    made = context.call("ec2", "create_egress_only_internet_gateway", p)["EgressOnlyInternetGateway"]
    return made["EgressOnlyInternetGatewayId"]


def create_route_table(context, p):
    table = context.call("ec2", "create_route_table", without(p, "Tags"))["RouteTable"]["RouteTableId"]
    put_tags(context, table, {}, p)
    return table


def destination(p):
    return p.get("DestinationCidrBlock") or p.get("DestinationIpv6CidrBlock") or p.get("DestinationPrefixListId")


def create_route(context, p):
    context.call("ec2", "create_route", p)
    return f"{p['RouteTableId']}|{destination(p)}"


def change_route(context, _id, _old, new):
    context.call("ec2", "replace_route", new)


@reading
def read_route(context, _id, p):
    table = context.client("ec2").describe_route_tables(RouteTableIds=[p["RouteTableId"]])["RouteTables"][0]
    for route in table["Routes"]:
        block = route.get("DestinationCidrBlock") or route.get("DestinationIpv6CidrBlock") or route.get("DestinationPrefixListId")
        if block == destination(p):
            return view("AWS::EC2::Route", route, RouteTableId=p["RouteTableId"], CidrBlock=block)
    return None


def remove_route(context, _id, p):
    names = ("RouteTableId", "DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
    context.call("ec2", "delete_route", {name: p[name] for name in names if name in p})


def associate(context, p):
    return context.call("ec2", "associate_route_table", p)["AssociationId"]


@reading
def read_association(context, association, p):
    tables = context.client("ec2").describe_route_tables(Filters=[{"Name": "association.route-table-association-id", "Values": [association]}])
    for table in tables["RouteTables"]:
        for item in table["Associations"]:
            if item["RouteTableAssociationId"] == association:
                return dict(p, Id=association, RouteTableId=table["RouteTableId"], SubnetId=item.get("SubnetId"))
    return None


def create_address(context, p):
    made = context.call("ec2", "allocate_address", without(p, "Tags"))
    put_tags(context, made["AllocationId"], {}, p)
    return made["PublicIp"]


@reading
def read_address(context, address, _p):
    found = context.client("ec2").describe_addresses(PublicIps=[address])["Addresses"][0]
    return view("AWS::EC2::EIP", found, Tags=tag_list(found.get("Tags")))


def change_address(context, address, old, new):
    found = context.client("ec2").describe_addresses(PublicIps=[address])["Addresses"][0]
    put_tags(context, found["AllocationId"], old, new)


def remove_address(context, address, _p):
    found = context.client("ec2").describe_addresses(PublicIps=[address])["Addresses"][0]
    context.call("ec2", "release_address", AllocationId=found["AllocationId"])


def create_nat(context, p):
    sent = without(p, "Tags")
    if p.get("AvailabilityMode") == "regional":  # moto has only zonal ones
        subnets = context.client("ec2").describe_subnets(Filters=[{"Name": "vpc-id", "Values": [p["VpcId"]]}])["Subnets"]
        if not subnets:
            raise Refused(f"golive's emulator makes a regional NAT gateway in a subnet, and {p['VpcId']} has none")
        sent = {"SubnetId": subnets[0]["SubnetId"], "AllocationId": context.client("ec2").allocate_address(Domain="vpc")["AllocationId"]}
    nat = context.call("ec2", "create_nat_gateway", sent)["NatGateway"]["NatGatewayId"]
    put_tags(context, nat, {}, p)
    return nat


@reading
def read_nat(context, nat, p):
    found = context.client("ec2").describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"]
    if not found or found[0]["State"] in ("deleted", "deleting"):
        return None
    more = {"AllocationId": found[0]["NatGatewayAddresses"][0].get("AllocationId")} if "AllocationId" in p else {}
    return view("AWS::EC2::NatGateway", found[0], Tags=tag_list(found[0].get("Tags")), **more)


def create_endpoint(context, p):
    sent = {**without(p, "Tags"), "PolicyDocument": _text(p.get("PolicyDocument"))}
    endpoint = context.call("ec2", "create_vpc_endpoint", sent)["VpcEndpoint"]["VpcEndpointId"]
    put_tags(context, endpoint, {}, p)
    return endpoint


def _text(value):
    return json.dumps(value) if isinstance(value, dict) else value


def change_endpoint(context, endpoint, old, new):
    sent = {"VpcEndpointId": endpoint}
    for name, add, remove in (("SubnetIds", "AddSubnetIds", "RemoveSubnetIds"), ("RouteTableIds", "AddRouteTableIds", "RemoveRouteTableIds")):
        before, after = old.get(name, []), new.get(name, [])
        sent[add], sent[remove] = [x for x in after if x not in before], [x for x in before if x not in after]
    sent = {key: value for key, value in sent.items() if value}
    if "PolicyDocument" in new:
        sent["PolicyDocument"] = _text(new["PolicyDocument"])
    if len(sent) > 1:
        context.call("ec2", "modify_vpc_endpoint", sent)
    put_tags(context, endpoint, old, new)


def read_endpoint_groups(found):
    return [group["GroupId"] for group in found.get("Groups", [])]


FLOW_LOG_TYPES = {"vpc": "VPC", "subnet": "Subnet", "eni": "NetworkInterface"}  # EC2 tells the resource, not its type


def create_flow_log(context, p):
    sent = {**without(p, "Tags", "ResourceId"), "ResourceIds": [p["ResourceId"]]}
    made = context.call("ec2", "create_flow_logs", sent)
    if made.get("Unsuccessful"):
        raise Refused(made["Unsuccessful"][0]["Error"]["Message"])
    put_tags(context, made["FlowLogIds"][0], {}, p)
    return made["FlowLogIds"][0]


# -- security groups

def rule(p, peer_group, peer_list):
    """An IpPermission from the flat properties of a rule."""
    found = {name: p[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in p}
    note = {"Description": p["Description"]} if "Description" in p else {}
    if "CidrIp" in p:
        found["IpRanges"] = [{"CidrIp": p["CidrIp"], **note}]
    if "CidrIpv6" in p:
        found["Ipv6Ranges"] = [{"CidrIpv6": p["CidrIpv6"], **note}]
    if peer_group in p:
        found["UserIdGroupPairs"] = [{"GroupId": p[peer_group], **note}]
    if peer_list in p:
        found["PrefixListIds"] = [{"PrefixListId": p[peer_list], **note}]
    return found


def ingress(p):
    return rule(p, "SourceSecurityGroupId", "SourcePrefixListId")


def egress(p):
    return rule(p, "DestinationSecurityGroupId", "DestinationPrefixListId")


DIRECTIONS = (("SecurityGroupIngress", "ingress", ingress), ("SecurityGroupEgress", "egress", egress))


def create_group(context, p):
    name = p.get("GroupName") or context.name(255)
    made = context.call("ec2", "create_security_group", GroupName=name, Description=p["GroupDescription"], **(
        {"VpcId": p["VpcId"]} if "VpcId" in p else {}))
    group = made["GroupId"]
    if "SecurityGroupEgress" in p:  # rules of one's own replace the one that allows everything
        context.call("ec2", "revoke_security_group_egress", GroupId=group,
                     IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    change_group(context, group, {}, p)
    return group


def change_group(context, group, old, new):
    for name, word, permission in DIRECTIONS:
        before, after = old.get(name, []), new.get(name, [])
        gone, fresh = [r for r in before if r not in after], [r for r in after if r not in before]
        if gone:
            context.call("ec2", f"revoke_security_group_{word}", GroupId=group, IpPermissions=[permission(r) for r in gone])
        if fresh:
            context.call("ec2", f"authorize_security_group_{word}", GroupId=group, IpPermissions=[permission(r) for r in fresh])
    put_tags(context, group, old, new)


def flat(permission, group_word, list_word):
    """The flat rules of an IpPermission, one for every peer."""
    base = {name: permission[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in permission}
    peers = [("IpRanges", "CidrIp", "CidrIp"), ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
             ("UserIdGroupPairs", "GroupId", group_word), ("PrefixListIds", "PrefixListId", list_word)]
    for listing, key, name in peers:
        for peer in permission.get(listing, []):
            note = {"Description": peer["Description"]} if peer.get("Description") else {}
            yield {**base, name: peer[key], **note}


def group_rules(found):
    return {"SecurityGroupIngress": [r for p in found["IpPermissions"] for r in flat(p, "SourceSecurityGroupId", "SourcePrefixListId")],
            "SecurityGroupEgress": [r for p in found["IpPermissionsEgress"]
                                    for r in flat(p, "DestinationSecurityGroupId", "DestinationPrefixListId")]}


def rules_elsewhere(context, group, name):
    """Rules of a group that are resources of their own, in any stack: not part of the group's properties."""
    kind = "AWS::EC2::" + name
    stacks = store(context.region).stacks
    own = [r.properties for s in stacks for r in list(s.resources.values()) if r.type == kind and r.properties.get("GroupId") == group]
    words = ("SourceSecurityGroupId", "SourcePrefixListId") if name.endswith("Ingress") else (
        "DestinationSecurityGroupId", "DestinationPrefixListId")
    return [without(one, "Description") for p in own for one in flat(shaped((ingress if name.endswith("Ingress") else egress)(p)), *words)]


def shaped(permission):
    """A permission with the types that EC2 answers with."""
    return {key: int(value) if key in ("FromPort", "ToPort") else value for key, value in permission.items()}


@reading
def read_group(context, group, p):
    found = context.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    rules = {name: [one for one in rules if without(one, "Description") not in rules_elsewhere(context, group, name)]
             for name, rules in group_rules(found).items() if name in p}
    return view("AWS::EC2::SecurityGroup", found, GroupDescription=found["Description"], GroupId=group, Id=group,
                Tags=tag_list(found.get("Tags")), **rules)


def rule_kind(word, permission):
    """AWS::EC2::SecurityGroupIngress or ...Egress: one rule as a resource."""
    def create(context, p):
        made = context.call("ec2", f"authorize_security_group_{word}", GroupId=p["GroupId"], IpPermissions=[permission(p)])
        return made["SecurityGroupRules"][0]["SecurityGroupRuleId"]

    @reading
    def read(context, rule_id, p):
        found = context.client("ec2").describe_security_groups(GroupIds=[p["GroupId"]])["SecurityGroups"][0]
        rules = group_rules(found)["SecurityGroup" + word.capitalize()]
        wanted = without({k: v for k, v in p.items()}, "GroupId", "Description", "SourceSecurityGroupOwnerId")
        for one in rules:
            if all(str(one.get(key)) == str(value) for key, value in wanted.items()):
                return {**one, "GroupId": p["GroupId"], "Id": rule_id}
        return None

    def update(context, _id, old, new):
        context.call("ec2", f"revoke_security_group_{word}", GroupId=old["GroupId"], IpPermissions=[permission(old)])
        context.call("ec2", f"authorize_security_group_{word}", GroupId=new["GroupId"], IpPermissions=[permission(new)])

    @removing
    def remove(context, _id, p):
        context.call("ec2", f"revoke_security_group_{word}", GroupId=p["GroupId"], IpPermissions=[permission(p)])

    return Kind("AWS::EC2::SecurityGroup" + word.capitalize(), create, read, update, remove)


def by(operation, argument):
    """A remover by one EC2 call with the physical id."""
    return removing(lambda context, physical_id, p: context.call("ec2", operation, **{argument: physical_id}))


TABLE = [
    Kind("AWS::EC2::VPC", create_vpc, read_vpc, change_vpc, by("delete_vpc", "VpcId")),
    Kind("AWS::EC2::Subnet", create_subnet, described("describe_subnets", "SubnetIds", "Subnets", "AWS::EC2::Subnet"),
         change_subnet, by("delete_subnet", "SubnetId")),
    Kind("AWS::EC2::InternetGateway", create_gateway,
         described("describe_internet_gateways", "InternetGatewayIds", "InternetGateways", "AWS::EC2::InternetGateway"),
         put_tags, by("delete_internet_gateway", "InternetGatewayId")),
    Kind("AWS::EC2::VPCGatewayAttachment", attach_gateway, read_attachment, None,
         removing(lambda context, _id, p: context.call("ec2", "detach_internet_gateway", p))),
    Kind("AWS::EC2::EgressOnlyInternetGateway", create_egress_gateway,
         described("describe_egress_only_internet_gateways", "EgressOnlyInternetGatewayIds", "EgressOnlyInternetGateways",
                   "AWS::EC2::EgressOnlyInternetGateway", VpcId=lambda found: found["Attachments"][0]["VpcId"]),
         put_tags, by("delete_egress_only_internet_gateway", "EgressOnlyInternetGatewayId")),
    Kind("AWS::EC2::RouteTable", create_route_table,
         described("describe_route_tables", "RouteTableIds", "RouteTables", "AWS::EC2::RouteTable"),
         put_tags, by("delete_route_table", "RouteTableId")),
    Kind("AWS::EC2::Route", create_route, read_route, change_route, removing(remove_route)),
    Kind("AWS::EC2::SubnetRouteTableAssociation", associate, read_association, None,
         by("disassociate_route_table", "AssociationId")),
    Kind("AWS::EC2::EIP", create_address, read_address, change_address, removing(remove_address)),
    Kind("AWS::EC2::NatGateway", create_nat, read_nat, put_tags, by("delete_nat_gateway", "NatGatewayId"),
         note="a regional one is kept as a zonal one in the first subnet"),
    Kind("AWS::EC2::VPCEndpoint", create_endpoint,
         described("describe_vpc_endpoints", "VpcEndpointIds", "VpcEndpoints", "AWS::EC2::VPCEndpoint",
                   SecurityGroupIds=read_endpoint_groups, Id=lambda found: found["VpcEndpointId"]),
         change_endpoint, removing(lambda context, found, p: context.call("ec2", "delete_vpc_endpoints", VpcEndpointIds=[found]))),
    Kind("AWS::EC2::FlowLog", create_flow_log,
         described("describe_flow_logs", "FlowLogIds", "FlowLogs", "AWS::EC2::FlowLog", Id=lambda found: found["FlowLogId"],
                   ResourceType=lambda found: FLOW_LOG_TYPES.get(found["ResourceId"].split("-")[0])),
         put_tags, removing(lambda context, found, p: context.call("ec2", "delete_flow_logs", FlowLogIds=[found]))),
    Kind("AWS::EC2::SecurityGroup", create_group, read_group, change_group, by("delete_security_group", "GroupId")),
    rule_kind("ingress", ingress),
    rule_kind("egress", egress),
]
