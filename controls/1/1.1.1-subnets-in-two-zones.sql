-- id: 1.1.1
-- title: VPC: build `public`/`private` subnets across two or more AZs
-- title.ja: VPC: `public`/`private` サブネットを 2AZ 以上で構成
-- severity: high
-- phase: 1
-- judged: infra
-- remedy: Keep stacks/network.yaml as shipped, or give each tier a subnet in every zone and tag it golive:tier; `golive
--    plan --env {env}` shows the effect.
-- remedy.ja: stacks/network.yaml を出荷時のまま使うか、各層のサブネットを全 AZ に置き golive:tier タグを付ける。`golive plan --env {env}` で差分を確認。
-- references: https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html

-- rule: template two-zones
-- Each tier has subnets in at least two zones.
with tier(name) as (values ('public'), ('private'), ('database'))
select run.env || ' ' || tier.name as resource,
       case when count(distinct s.zone) >= 2 then 'pass' else 'fail' end as status,
       msg('the tier {1} has subnets in {2} zones; two are needed', tier.name, count(distinct s.zone)) as reason,
       min(s.file) as file, min(s.line) as line, group_concat(distinct s.zone) as evidence
from run join tier left join subnet s on s.env = run.env and s.tier = tier.name
where exists (select 1 from subnet x where x.env = run.env)
group by tier.name;

-- rule: template same-zones
-- The three tiers stand in the same zones.
select s.id as resource,
       case when count(distinct o.tier) = 3 then 'pass' else 'fail' end as status,
       msg('in the zone of {1} there are {2} of the three tiers', s.id, count(distinct o.tier)) as reason,
       s.file as file, s.line as line, s.zone as evidence
from run join subnet s on s.env = run.env and s.tier in ('public', 'private', 'database')
left join subnet o on o.env = s.env and o.zone = s.zone and o.tier in ('public', 'private', 'database')
group by s.id;

-- rule: template private-stays-private
-- No route of a private or database subnet leads to an internet gateway, and no subnet gives out public addresses.
select s.id as resource,
       case when x.resource is not null then 'fail' when prop(s.id, 'MapPublicIpOnLaunch') = 'true' then 'fail' else 'pass' end as status,
       case when x.resource is not null then msg('{1} leads to an internet gateway', x.resource)
            else msg('MapPublicIpOnLaunch is {1}', coalesce(prop(s.id, 'MapPublicIpOnLaunch'), 'false')) end as reason,
       s.file as file, coalesce(x.line, s.line) as line
from run join subnet s on s.env = run.env
left join property a on a.path = 'SubnetId' and a.target = s.id
left join property t on t.resource = a.resource and t.path = 'RouteTableId'
left join property q on q.path = 'RouteTableId' and q.target = t.target
left join (select p.resource, p.line from property p join resource g on g.id = p.target and g.type = 'AWS::EC2::InternetGateway'
           where p.path = 'GatewayId') x on x.resource = q.resource and s.tier <> 'public'
group by s.id having max(x.resource is not null) = (x.resource is not null);

-- rule: aws routes
-- By its effective route table no private or database subnet is public; MapPublicIpOnLaunch is false everywhere.
