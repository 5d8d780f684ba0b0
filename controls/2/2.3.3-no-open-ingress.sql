-- id: 2.3.3
-- title: Remove unneeded ports and open-to-all rules (0.0.0.0/0)
-- title.ja: 不要ポート・全開放ルール（0.0.0.0/0）を除去
-- severity: critical
-- phase: 1
-- judged: infra
-- remedy: Admit a security group or the addresses that need it, on one port, with a Description; `golive plan --env {env}`
--    shows the effect.
-- remedy.ja: 必要なセキュリティグループまたはアドレスだけを、1 つのポートに、Description 付きで許可する。`golive plan --env {env}` で影響を確認できる。
-- aliases: CKV_AWS_24 CKV_AWS_25 CKV_AWS_260 CKV_AWS_23
-- references: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html

-- rule: template,config not-open
-- No group admits the whole internet on a port, neither by 0.0.0.0/0 and ::/0 nor by ranges that come to more than 2^24
-- addresses together or to a /32 of IPv6; only the public load balancer may, by TCP on 80 and 443, and only where browsers
-- reach it directly (edge.api_path: alb).
with public_alb (id) as (
    select distinct ref.target from run
    join resource lb on lb.env = run.env and lb.type = 'AWS::ElasticLoadBalancingV2::LoadBalancer'
    join property s on s.resource = lb.id and s.path = 'Scheme' and s.value = 'internet-facing'
    join property ref on ref.resource = lb.id and ref.shape = 'SecurityGroups[]'
    join config c on c.env = run.env and c.key = 'edge.api_path' and c.value = 'alb'),
rule as (
    select s.*, coalesce(cidr_last(s.cidr) - cidr_first(s.cidr) + 1, 0) as addresses,
           case when s.cidr6 like '%/%' then cast(substr(s.cidr6, instr(s.cidr6, '/') + 1) as integer) end as bits6,
           s.protocol = 'tcp' and s.from_port = s.to_port and s.from_port in (80, 443)
               and s.security_group in (select id from public_alb) as allowed
    from security_rule s join run on s.env = run.env
    where s.source = 'template' and s.direction = 'ingress'),
port as (
    select security_group, protocol, from_port, to_port, sum(addresses) as addresses from rule
    group by security_group, protocol, from_port, to_port)
select r.resource as resource,
       case when r.allowed then 'pass'
            when r.cidr6 is not null and coalesce(r.bits6, 0) <= 32 and r.cidr6 not like '%$%' then 'fail'
            when r.cidr is not null and p.addresses > 16777216 then 'fail'
            when (r.cidr is not null and cidr_first(r.cidr) is null) or r.cidr6 like '%$%' then 'unknown'
            else 'pass' end as status,
       case when r.allowed then msg('the public load balancer admits {1} on port {2}', coalesce(r.cidr, r.cidr6, r.prefix_list), r.from_port)
            else msg('admits {1} on {2} {3}', coalesce(r.cidr, r.cidr6, r.prefix_list, r.peer, r.peer_value, msg('(none)')),
                     r.protocol, coalesce(r.from_port, msg('(all ports)'))) end as reason,
       r.file as file, r.line as line
from rule r
join port p on p.security_group is r.security_group and p.protocol is r.protocol and p.from_port is r.from_port and p.to_port is r.to_port;

-- rule: template one-port
-- A rule admits one port, and says in its Description what for.
select s.resource as resource,
       case when s.protocol = '-1' or s.from_port is null or s.from_port <> s.to_port then 'fail'
            when coalesce(trim(s.description), '') = '' then 'fail' else 'pass' end as status,
       case when s.protocol = '-1' or s.from_port is null or s.from_port <> s.to_port
                 then msg('admits ports {1} to {2}, wanted: one', coalesce(s.from_port, msg('(all)')), coalesce(s.to_port, msg('(all)')))
            when coalesce(trim(s.description), '') = '' then msg('the rule for port {1} has no Description', s.from_port)
            else msg('port {1}: {2}', s.from_port, s.description) end as reason,
       s.file as file, s.line as line
from security_rule s join run on s.env = run.env
where s.source = 'template' and s.direction = 'ingress';

-- rule: aws not-open-live
-- The same of all groups that an interface in the VPC has; the default group has no rule; no entry of a network ACL admits
-- everybody to ports 22, 3389 and 5432 of the subnets of the database.
