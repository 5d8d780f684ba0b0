-- id: 1.2.1
-- title: Define VPC CIDR and subnet CIDRs (with future growth in mind)
-- title.ja: VPC CIDR とサブネット CIDR を定義（将来拡張を考慮）
-- severity: high
-- phase: 0
-- judged: plan
-- remedy: Plan the ranges under network in golive.yaml: one VPC of /16 to /20 for each environment, disjoint from the
--    others and from network.reserved_cidrs.
-- remedy.ja: golive.yaml の network で、環境ごとに /16〜/20 の VPC を、他環境・network.reserved_cidrs と重ならないように計画する。
-- references: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
--    https://www.rfc-editor.org/rfc/rfc1918

-- rule: config vpc
-- Each environment's VPC is a private range of /16 to /20.
with vpc(env, key, cidr, file, line) as (
    select c.env, c.key, c.value, c.file, c.line from config c join environment e on e.env = c.env and e.platform = 'aws' where c.key = 'network.vpc_cidr'
), private(first, last) as (values
    (cidr_first('10.0.0.0/8'), cidr_last('10.0.0.0/8')), (cidr_first('172.16.0.0/12'), cidr_last('172.16.0.0/12')),
    (cidr_first('192.168.0.0/16'), cidr_last('192.168.0.0/16')), (cidr_first('100.64.0.0/10'), cidr_last('100.64.0.0/10'))
)
select v.env || ' network.vpc_cidr' as resource,
       case when exists (select 1 from private p where cidr_first(v.cidr) >= p.first and cidr_last(v.cidr) <= p.last)
             and cidr_last(v.cidr) - cidr_first(v.cidr) + 1 between 4096 and 65536 then 'pass' else 'fail' end as status,
       msg('{1} must be a private range of /16 to /20', v.cidr) as reason, v.file as file, v.line as line, v.cidr as evidence
from vpc v;

-- rule: config subnets
-- Subnets lie inside the VPC, do not overlap, are large enough, and leave half of it free.
with s(key, tier, cidr, file, line) as (
    select c.key, c.name, c.value, c.file, c.line from run join config c on c.env = run.env
    where c.shape in ('network.subnets.public[]', 'network.subnets.private[]', 'network.subnets.database[]')
)
select s.key as resource,
       case when cidr_first(s.cidr) < cidr_first(conf('network.vpc_cidr')) or cidr_last(s.cidr) > cidr_last(conf('network.vpc_cidr')) then 'fail'
            when o.key is not null then 'fail'
            when cidr_last(s.cidr) - cidr_first(s.cidr) + 1 < case s.tier when 'private' then 1024 else 64 end then 'fail'
            else 'pass' end as status,
       case when cidr_first(s.cidr) < cidr_first(conf('network.vpc_cidr')) or cidr_last(s.cidr) > cidr_last(conf('network.vpc_cidr'))
                 then msg('{1} lies outside of {2}', s.cidr, conf('network.vpc_cidr'))
            when o.key is not null then msg('{1} overlaps {2}', s.cidr, o.cidr)
            else msg('{1} in the tier {2}: private ones need a /22, others a /26', s.cidr, s.tier) end as reason,
       s.file as file, s.line as line, s.cidr as evidence
from s left join s o on o.key <> s.key and cidr_first(o.cidr) <= cidr_last(s.cidr) and cidr_last(o.cidr) >= cidr_first(s.cidr)
union all
select 'network.subnets',
       case when sum(cidr_last(s.cidr) - cidr_first(s.cidr) + 1) * 2 <= cidr_last(conf('network.vpc_cidr')) - cidr_first(conf('network.vpc_cidr')) + 1
            then 'pass' else 'fail' end,
       msg('the subnets take {1} % of the VPC; half of it is to stay free',
           100 * sum(cidr_last(s.cidr) - cidr_first(s.cidr) + 1) / (cidr_last(conf('network.vpc_cidr')) - cidr_first(conf('network.vpc_cidr')) + 1)),
       conf_file('network.subnets'), conf_line('network.subnets'), null
from s having count(*) > 0;

-- rule: config disjoint
-- The ranges of all environments and the reserved ones are pairwise disjoint; none is Docker's 172.17.0.0/16.
with net(name, cidr, file, line) as (
    select c.env || ' network.vpc_cidr', c.value, c.file, c.line from config c join environment e on e.env = c.env and e.platform = 'aws'
    where c.key = 'network.vpc_cidr'
), other(name, cidr) as (
    select name, cidr from net
    union all select c.key, c.value from run join config c on c.env = run.env where c.shape = 'network.reserved_cidrs[]'
    union all values ('the bridge of Docker', '172.17.0.0/16')
)
select n.name as resource, case when o.name is null then 'pass' else 'fail' end as status,
       case when o.name is null then msg('{1} overlaps no other range', n.cidr) else msg('{1} overlaps {2} ({3})', n.cidr, o.cidr, o.name) end as reason,
       n.file as file, n.line as line, n.cidr as evidence
from net n left join other o on o.name <> n.name and cidr_first(o.cidr) <= cidr_last(n.cidr) and cidr_last(o.cidr) >= cidr_first(n.cidr);

-- rule: template as-planned
-- The VPC and the subnets of the stacks have the planned ranges.
select r.id as resource,
       verdict(known(r.id, 'CidrBlock'), prop(r.id, 'CidrBlock') = conf('network.vpc_cidr')) as status,
       msg('its range is {1}; network.vpc_cidr is {2}', prop(r.id, 'CidrBlock'), conf('network.vpc_cidr')) as reason,
       r.file as file, line(r.id, 'CidrBlock') as line, prop(r.id, 'CidrBlock') as evidence
from run join resource r on r.env = run.env and r.type = 'AWS::EC2::VPC'
union all
select s.id, verdict(known(s.id, 'CidrBlock'), c.key is not null or conf('network.subnets.' || s.tier || '[0]') is null),
       msg('its range {1} is none of network.subnets.{2}', s.cidr, s.tier), s.file, line(s.id, 'CidrBlock'), s.cidr
from run join subnet s on s.env = run.env
left join config c on c.env = run.env and c.shape = 'network.subnets.' || s.tier || '[]' and c.value = s.cidr;

-- rule: aws as-planned
-- The VPC and its subnets have the planned ranges in the account, with free addresses left.
