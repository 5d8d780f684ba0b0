-- Rules of security groups, written inline or as resources of their own.
-- collector: derived from property
create view security_rule as
with at (resource, env, source, type, direction, parent, file, line) as (
    select distinct p.resource, r.env, r.source, r.type,
           case substr(p.shape, 1, 20) when 'SecurityGroupIngress' then 'ingress' else 'egress' end,
           p.parent, p.file, p.line
    from resource r join property p on p.resource = r.id
    where r.type = 'AWS::EC2::SecurityGroup' and p.shape in ('SecurityGroupIngress[].IpProtocol', 'SecurityGroupEgress[].IpProtocol')
    union all
    select r.id, r.env, r.source, r.type, case r.type when 'AWS::EC2::SecurityGroupIngress' then 'ingress' else 'egress' end,
           '', r.file, r.line
    from resource r where r.type in ('AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress')
), prefix as (
    select *, case parent when '' then '' else parent || '.' end as dot from at
)
select x.resource as resource,            -- where the rule stands
       x.env as env, x.source as source,
       x.direction as direction,          -- ingress, egress
       case x.parent when '' then g.target else x.resource end as security_group, -- resource.id of the group it belongs to
       protocol.value as protocol,        -- tcp, udp, icmp, -1
       cast(from_port.value as integer) as from_port,
       cast(to_port.value as integer) as to_port,
       cidr.value as cidr, cidr6.value as cidr6,
       coalesce(prefix_list.value, prefix_list_to.value) as prefix_list,
       coalesce(peer.target, peer_to.target) as peer, -- resource.id of the group on the other side, or null
       coalesce(peer.value, peer_to.value) as peer_value, -- the same as text
       description.value as description,
       x.file as file, x.line as line
from prefix x
left join property g on x.parent = '' and g.resource = x.resource and g.path = 'GroupId'
left join property protocol on protocol.resource = x.resource and protocol.path = x.dot || 'IpProtocol'
left join property from_port on from_port.resource = x.resource and from_port.path = x.dot || 'FromPort'
left join property to_port on to_port.resource = x.resource and to_port.path = x.dot || 'ToPort'
left join property cidr on cidr.resource = x.resource and cidr.path = x.dot || 'CidrIp'
left join property cidr6 on cidr6.resource = x.resource and cidr6.path = x.dot || 'CidrIpv6'
left join property prefix_list on prefix_list.resource = x.resource and prefix_list.path = x.dot || 'SourcePrefixListId'
left join property prefix_list_to on prefix_list_to.resource = x.resource and prefix_list_to.path = x.dot || 'DestinationPrefixListId'
left join property peer on peer.resource = x.resource and peer.path = x.dot || 'SourceSecurityGroupId'
left join property peer_to on peer_to.resource = x.resource and peer_to.path = x.dot || 'DestinationSecurityGroupId'
left join property description on description.resource = x.resource and description.path = x.dot || 'Description';
