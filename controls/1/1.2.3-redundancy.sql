-- id: 1.2.3
-- title: Redundancy over two or more AZs against an AZ failure
-- title.ja: AZ 障害に備えて 2AZ 以上で冗長化
-- severity: high
-- phase: 1
-- judged: infra
-- remedy: Run at least two tasks (environments.{env}.sizing.min_tasks) in two zones, the database with sizing.multi_az:
--    true.
-- remedy.ja: タスクは 2 つ以上（environments.{env}.sizing.min_tasks）を 2 AZ に、DB は sizing.multi_az: true にする。
-- aliases: CKV_AWS_157
-- references: https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/use-fault-isolation-to-protect-your-workload.html
-- depends: 1.1.1 1.1.3

-- rule: config tasks
-- At least two tasks run.
select 'sizing.min_tasks' as resource, case when cast(conf('sizing.min_tasks') as integer) >= 2 then 'pass' else 'fail' end as status,
       msg('sizing.min_tasks is {1}; 2 are needed', conf('sizing.min_tasks')) as reason,
       conf_file('sizing.min_tasks') as file, conf_line('sizing.min_tasks') as line, conf('sizing.min_tasks') as evidence
from run;

-- rule: template zones
-- Load balancers and services span two zones.
select r.id as resource, case when count(distinct s.zone) >= 2 then 'pass' else 'fail' end as status,
       msg('it stands in {1} zones; two are needed', count(distinct s.zone)) as reason, r.file as file, min(p.line) as line
from run join resource r on r.env = run.env and r.type in ('AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::ECS::Service')
left join property p on p.resource = r.id and p.shape in ('Subnets[]', 'NetworkConfiguration.AwsvpcConfiguration.Subnets[]')
left join subnet s on s.id = p.target
group by r.id;

-- rule: template standby
-- The database of production has a standby, and scaling never goes below two tasks.
select r.id as resource,
       case when run.env <> 'prod' and run.platform = 'aws' then 'not_applicable' else verdict(known(r.id, 'MultiAZ'), prop(r.id, 'MultiAZ') = 'true') end as status,
       case when run.env <> 'prod' and run.platform = 'aws' then msg('{1} is free outside of {2}', 'MultiAZ', 'prod')
            else msg('{1} is {2}; {3} is wanted', 'MultiAZ', prop(r.id, 'MultiAZ'), 'true') end as reason, r.file as file, line(r.id, 'MultiAZ') as line
from run join resource r on r.env = run.env and r.type = 'AWS::RDS::DBInstance'
union all
select r.id, verdict(known(r.id, 'MinCapacity'), cast(prop(r.id, 'MinCapacity') as integer) >= 2),
       msg('MinCapacity is {1}; 2 are needed', prop(r.id, 'MinCapacity')), r.file, line(r.id, 'MinCapacity')
from run join resource r on r.env = run.env and r.type = 'AWS::ApplicationAutoScaling::ScalableTarget';

-- rule: template own-nat
-- With network.nat.mode per_az, each private subnet goes out through the NAT gateway of its own zone.
select s.id as resource,
       case when conf('network.nat.mode') <> 'per_az' then 'not_applicable' when n.zone = s.zone then 'pass' else 'fail' end as status,
       case when conf('network.nat.mode') <> 'per_az' then msg('network.nat.mode is {1}', conf('network.nat.mode'))
            when n.zone is null then msg('it has no way out through a NAT gateway')
            else msg('it goes out through {1}, in {2}', n.nat, n.zone) end as reason,
       s.file as file, s.line as line
from run join subnet s on s.env = run.env and s.tier = 'private'
left join (select a.target as subnet, g.target as nat, z.zone as zone
           from property a join resource x on x.id = a.resource and x.type = 'AWS::EC2::SubnetRouteTableAssociation'
           join property t on t.resource = a.resource and t.path = 'RouteTableId'
           join property q on q.path = 'RouteTableId' and q.target = t.target
           join property g on g.resource = q.resource and g.path = 'NatGatewayId'
           join subnet z on z.id = target(g.target, 'SubnetId')
           where a.path = 'SubnetId') n on n.subnet = s.id;

-- rule: aws spread
-- Running tasks and targets are spread over two zones.
