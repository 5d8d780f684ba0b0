-- id: 1.2.2
-- title: Place ALB/NAT in `public subnet`, ECS/RDS in `private subnet`
-- title.ja: `public subnet` に ALB/NAT、`private subnet` に ECS/RDS を配置
-- severity: critical
-- phase: 1
-- judged: infra
-- remedy: Keep what faces the internet in public subnets, tasks in private ones and the database in its own, as the
--    shipped stacks do.
-- remedy.ja: 公開するものは public、タスクは private、DB は database のサブネットに置く（出荷時のスタックのとおり）。
-- references: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-best-practices.html
-- depends: 1.1.1

-- rule: template placed
-- Load balancers and NAT gateways stand in public subnets (internal load balancers in private ones), tasks in private
-- ones, the database in its own.
with at(resource, target, path, tier) as (
    select r.id, p.target, p.path, case prop(r.id, 'Scheme') when 'internal' then 'private' else 'public' end
    from run join resource r on r.env = run.env and r.type = 'AWS::ElasticLoadBalancingV2::LoadBalancer' join property p on p.resource = r.id and p.shape = 'Subnets[]'
    union all
    select r.id, p.target, p.path, 'public'
    from run join resource r on r.env = run.env and r.type = 'AWS::EC2::NatGateway' join property p on p.resource = r.id and p.path = 'SubnetId'
    union all
    select r.id, p.target, p.path, 'private'
    from run join resource r on r.env = run.env and r.type = 'AWS::ECS::Service'
    join property p on p.resource = r.id and p.shape = 'NetworkConfiguration.AwsvpcConfiguration.Subnets[]'
    union all
    select r.id, p.target, p.path, 'database'
    from run join resource r on r.env = run.env and r.type = 'AWS::RDS::DBSubnetGroup' join property p on p.resource = r.id and p.shape = 'SubnetIds[]'
)
select a.resource as resource, case when s.tier = a.tier then 'pass' when s.id is null then 'unknown' else 'fail' end as status,
       case when s.id is null then msg('{1} is no subnet of the stacks', prop(a.resource, a.path))
            else msg('{1} is of the tier {2}; {3} is wanted', s.id, s.tier, a.tier) end as reason,
       r.file as file, line(a.resource, a.path) as line, s.id as evidence
from at a join resource r on r.id = a.resource left join subnet s on s.id = a.target;

-- rule: aws placed
-- The same holds in the account.
