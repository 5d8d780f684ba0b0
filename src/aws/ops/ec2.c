/* ec2: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "DescribeRegions",
     .kind = GL_AWS_READ,
     .input = "RegionNames AllRegions Filters"},
    {.name = "DescribeAvailabilityZones",
     .kind = GL_AWS_READ,
     .input = "ZoneNames ZoneIds AllAvailabilityZones Filters"},
    {.name = "DescribeVpcs",
     .kind = GL_AWS_READ,
     .input = "Filters VpcIds NextToken MaxResults",
     .page = {.input = "NextToken", .output = "NextToken", .result = "Vpcs"}},
    {.name = "DescribeSubnets",
     .kind = GL_AWS_READ,
     .input = "Filters SubnetIds NextToken MaxResults",
     .page = {.input = "NextToken", .output = "NextToken", .result = "Subnets"}},
    {.name = "DescribeRouteTables",
     .kind = GL_AWS_READ,
     .input = "NextToken MaxResults RouteTableIds Filters",
     .page = {.input = "NextToken", .output = "NextToken", .result = "RouteTables"}},
    {.name = "DescribeInternetGateways",
     .kind = GL_AWS_READ,
     .input = "NextToken MaxResults InternetGatewayIds Filters",
     .page = {.input = "NextToken", .output = "NextToken", .result = "InternetGateways"}},
    {.name = "DescribeNatGateways",
     .kind = GL_AWS_READ,
     .input = "Filter MaxResults NatGatewayIds NextToken",
     .page = {.input = "NextToken", .output = "NextToken", .result = "NatGateways"}},
    {.name = "DescribeAddresses",
     .kind = GL_AWS_READ,
     .input = "PublicIps Filters AllocationIds"},
    {.name = "DescribeSecurityGroups",
     .kind = GL_AWS_READ,
     .input = "GroupIds GroupNames NextToken MaxResults Filters",
     .page = {.input = "NextToken", .output = "NextToken", .result = "SecurityGroups"}},
    {.name = "DescribeSecurityGroupRules",
     .kind = GL_AWS_READ,
     .input = "Filters SecurityGroupRuleIds NextToken MaxResults",
     .page = {.input = "NextToken", .output = "NextToken", .result = "SecurityGroupRules"}},
    {.name = "DescribeNetworkInterfaces",
     .kind = GL_AWS_READ,
     .input = "NextToken MaxResults IncludeManagedResources NetworkInterfaceIds Filters",
     .page = {.input = "NextToken", .output = "NextToken", .result = "NetworkInterfaces"}},
    {.name = "DescribeNetworkAcls",
     .kind = GL_AWS_READ,
     .input = "NextToken MaxResults NetworkAclIds Filters",
     .page = {.input = "NextToken", .output = "NextToken", .result = "NetworkAcls"}},
    {.name = "DescribeVpcEndpoints",
     .kind = GL_AWS_READ,
     .input = "VpcEndpointIds Filters MaxResults NextToken",
     .page = {.input = "NextToken", .output = "NextToken", .result = "VpcEndpoints"}},
    {.name = "DescribeFlowLogs",
     .kind = GL_AWS_READ,
     .input = "Filter FlowLogIds MaxResults NextToken",
     .page = {.input = "NextToken", .output = "NextToken", .result = "FlowLogs"}},
    {.name = "DescribeVpcAttribute",
     .kind = GL_AWS_READ,
     .input = "Attribute VpcId"},
    {.name = "DescribeManagedPrefixLists",
     .kind = GL_AWS_READ,
     .input = "Filters MaxResults NextToken PrefixListIds",
     .page = {.input = "NextToken", .output = "NextToken", .result = "PrefixLists"}},
    {.name = "DescribeAccountAttributes",
     .kind = GL_AWS_READ,
     .input = "AttributeNames"},
};

const struct gl_aws_service gl_aws_ec2 = {
    .name = "ec2",
    .signing_name = "ec2",
    .protocol = GL_AWS_EC2,
    .version = "2016-11-15",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
    .input = {
        .flat_lists = "AllocationId=AllocationIds AttributeName=AttributeNames "
                      "DescribeFlowLogs.Filter DescribeNatGateways.Filter Filter=Filters "
                      "FlowLogId=FlowLogIds GroupId=GroupIds GroupName=GroupNames "
                      "InternetGatewayId=InternetGatewayIds NatGatewayId=NatGatewayIds "
                      "NetworkAclId=NetworkAclIds NetworkInterfaceId=NetworkInterfaceIds "
                      "PrefixListId=PrefixListIds PublicIp=PublicIps RegionName=RegionNames "
                      "RouteTableId=RouteTableIds SecurityGroupRuleId=SecurityGroupRuleIds "
                      "SubnetId=SubnetIds Value=Values VpcEndpointId=VpcEndpointIds VpcId=VpcIds "
                      "ZoneId=ZoneIds ZoneName=ZoneNames",
        .strings = "DescribeVpcAttribute.VpcId",
    },
    .output = {
        .lists = "accountAttributeSet=AccountAttributes addressesSet=Addresses "
                 "associatedSubnetSet=AssociatedSubnets associationSet=Associations "
                 "attachedApplianceSet=AttachedAppliances attachmentSet=Attachments "
                 "attributeValueSet=AttributeValues availabilityZoneInfo=AvailabilityZones "
                 "cidrBlockAssociationSet dnsEntrySet=DnsEntries entrySet=Entries "
                 "flowLogSet=FlowLogs geographySet=Geography groupSet=Groups "
                 "groups=UserIdGroupPairs internetGatewaySet=InternetGateways ipPermissions "
                 "ipPermissionsEgress ipPrefixSet=IpPrefixes ipRanges ipv4PrefixSet=Ipv4Prefixes "
                 "ipv6AddressesSet=Ipv6Addresses ipv6CidrBlockAssociationSet "
                 "ipv6PrefixSet=Ipv6Prefixes ipv6Ranges messageSet=Messages "
                 "natGatewayAddressSet=NatGatewayAddresses natGatewaySet=NatGateways "
                 "networkAclSet=NetworkAcls networkInterfaceIdSet=NetworkInterfaceIds "
                 "networkInterfaceSet.tagSet networkInterfaceSet=NetworkInterfaces prefixListIds "
                 "prefixListSet=PrefixLists "
                 "privateDnsSpecifiedDomainSet=PrivateDnsSpecifiedDomains "
                 "privateIpAddressesSet=PrivateIpAddresses propagatingVgwSet=PropagatingVgws "
                 "regionInfo=Regions routeSet=Routes routeTableIdSet=RouteTableIds "
                 "routeTableSet=RouteTables securityGroupInfo=SecurityGroups "
                 "securityGroupRuleSet=SecurityGroupRules subGeographySet=SubGeography "
                 "subnetIdSet=SubnetIds subnetSet=Subnets tagSet=Tags "
                 "vpcEndpointSet=VpcEndpoints vpcSet=Vpcs",
        .booleans = "assignIpv6AddressOnCreation default=IsDefault defaultForAz "
                    "deleteOnTermination denyAllIgwTraffic egress enaSrdEnabled enaSrdUdpEnabled "
                    "enableDns64 enableResourceNameDnsAAAARecord enableResourceNameDnsARecord "
                    "hiddenByDefault hiveCompatiblePartitions ipamPrefixListResolverSyncEnabled "
                    "ipv6Native isDefault isEgress isPrimary isPrimaryIpv6 main managed "
                    "mapCustomerOwnedIpOnLaunch mapPublicIpOnLaunch perHourPartition primary "
                    "privateDnsEnabled privateDnsOnlyForInboundResolverEndpoint requesterManaged "
                    "sourceDestCheck value",
        .integers = "availableIpAddressCount code deviceIndex enaQueueCount "
                    "enableLniAtDeviceIndex from fromPort icmpTypeCode.type "
                    "maxAggregationInterval maxEntries networkCardIndex ruleNumber "
                    "tcpEstablishedTimeout to toPort udpStreamTimeout udpTimeout version",
        .strings = "groupDescription=Description lastError.code regionEndpoint=Endpoint "
                   "tagSet.value zoneState=State",
    },
};
