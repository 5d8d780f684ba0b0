-- id: 1.2.4
-- title: Decide whether to use VPC endpoints (S3, ECR, CloudWatch Logs, SSM)
-- title.ja: VPC エンドポイント（S3, ECR, CloudWatch Logs, SSM）利用可否を決定
-- severity: medium
-- phase: 0
-- judged: plan
-- remedy: Say for s3, ecr, logs, ssm and secretsmanager under network.vpc_endpoints whether they have endpoints, and
--    record why (golive decide network.vpc_endpoints).
-- remedy.ja: network.vpc_endpoints に s3・ecr・logs・ssm・secretsmanager の要否を書き、理由を golive decide network.vpc_endpoints で記録する。
-- references: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html

-- rule: config decided
-- Every key has a value that it can have, and the whole is decided validly.
with wanted(name) as (values ('s3'), ('ecr'), ('logs'), ('ssm'))
select 'network.vpc_endpoints.' || w.name as resource,
       case when conf('network.vpc_endpoints.' || w.name) in ('off', case w.name when 's3' then 'gateway' else 'interface' end)
             and conf_given('network.vpc_endpoints.' || w.name) then 'pass' else 'fail' end as status,
       case when not conf_given('network.vpc_endpoints.' || w.name) then msg('golive.yaml does not say {1}', 'network.vpc_endpoints.' || w.name)
            else msg('it is {1}', conf('network.vpc_endpoints.' || w.name)) end as reason,
       conf_file('network.vpc_endpoints') as file, conf_line('network.vpc_endpoints.' || w.name) as line, conf('network.vpc_endpoints.' || w.name) as evidence
from run join wanted w
union all
select 'decisions network.vpc_endpoints', case when d.key is not null and d.flaw is null then 'pass' else 'fail' end,
       case when d.key is null then msg('decisions says nothing about {1}', 'network.vpc_endpoints')
            when d.flaw is not null then msg('the decision about {1} does not count: {2}', 'network.vpc_endpoints', d.flaw)
            else msg('decided by {1}', d.by) end, coalesce(d.file, conf_file('network.vpc_endpoints')), d.line, null
from run left join decision d on d.env = run.env and d.key = 'network.vpc_endpoints';

-- rule: config without-nat
-- Without NAT gateways everything that tasks need has an endpoint.
with wanted(name, value) as (values ('s3', 'gateway'), ('ecr', 'interface'), ('logs', 'interface'), ('ssm', 'interface'), ('secretsmanager', 'interface'))
select 'network.vpc_endpoints.' || w.name as resource,
       case when conf('network.nat.mode') <> 'none' then 'not_applicable' when conf('network.vpc_endpoints.' || w.name) = w.value then 'pass' else 'fail' end as status,
       case when conf('network.nat.mode') <> 'none' then msg('network.nat.mode is {1}', conf('network.nat.mode'))
            else msg('without NAT gateways it must be {1}; it is {2}', w.value, conf('network.vpc_endpoints.' || w.name)) end as reason,
       conf_file('network.vpc_endpoints') as file, conf_line('network.vpc_endpoints.' || w.name) as line
from run join wanted w;

-- rule: template endpoints
-- The stacks make the endpoints that golive.yaml wants, and no others.
with wanted(name, service, value) as (values ('s3', 's3', 'gateway'), ('ecr', 'ecr.api', 'interface'), ('ecr', 'ecr.dkr', 'interface'),
    ('logs', 'logs', 'interface'), ('ssm', 'ssm', 'interface'), ('ssm', 'ssmmessages', 'interface'), ('secretsmanager', 'secretsmanager', 'interface'))
select run.env || ' ' || w.service as resource,
       case when (conf('network.vpc_endpoints.' || w.name) = w.value) = (count(r.id) = 1)
             and (count(r.id) = 0 or lower(max(prop(r.id, 'VpcEndpointType'))) = w.value) then 'pass' else 'fail' end as status,
       msg('{1} endpoints for {2}, where golive.yaml says {3}', count(r.id), w.service, conf('network.vpc_endpoints.' || w.name)) as reason,
       min(r.file) as file, min(r.line) as line
from run join wanted w
left join resource r on r.env = run.env and r.type = 'AWS::EC2::VPCEndpoint' and prop(r.id, 'ServiceName') like 'com.amazonaws.%.' || w.service
where exists (select 1 from resource v where v.env = run.env and v.type = 'AWS::EC2::VPC')
group by w.service;

-- rule: template reachable
-- An interface endpoint has private DNS, a network interface in every private zone, and admits 443 only; a gateway
-- endpoint serves every private route table.
select r.id as resource,
       case when prop(r.id, 'VpcEndpointType') = 'Gateway' then
                case when (select count(*) from property p where p.resource = r.id and p.shape = 'RouteTableIds[]')
                        >= (select count(distinct t.target) from subnet s join property a on a.path = 'SubnetId' and a.target = s.id
                            join property t on t.resource = a.resource and t.path = 'RouteTableId' where s.env = run.env and s.tier = 'private') then 'pass' else 'fail' end
            when prop(r.id, 'PrivateDnsEnabled') = 'true'
             and (select count(distinct s.zone) from property p join subnet s on s.id = p.target and s.tier = 'private' where p.resource = r.id and p.shape = 'SubnetIds[]')
               = (select count(distinct s.zone) from subnet s where s.env = run.env and s.tier = 'private')
             and not exists (select 1 from property g join security_rule x on x.security_group = g.target and x.direction = 'ingress'
                             where g.resource = r.id and g.shape = 'SecurityGroupIds[]'
                               and (x.from_port is not 443 or x.to_port is not 443 or x.peer is null))
             and exists (select 1 from property g where g.resource = r.id and g.shape = 'SecurityGroupIds[]') then 'pass'
            else 'fail' end as status,
       msg('{1} endpoint for {2}', prop(r.id, 'VpcEndpointType'), prop(r.id, 'ServiceName')) as reason, r.file as file, r.line as line
from run join resource r on r.env = run.env and r.type = 'AWS::EC2::VPCEndpoint';

-- rule: aws available
-- The endpoints are available in the account.
