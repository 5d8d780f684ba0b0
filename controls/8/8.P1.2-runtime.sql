-- id: 8.P1.2
-- title: Create the minimal running configuration of ECS/App Runner
-- title.ja: ECS/App Runner の最小起動構成を作成
-- severity: high
-- phase: 1
-- judged: infra
-- remedy: Give tasks a size that Fargate knows (sizing.cpu, sizing.memory), a health check and time to start.
-- remedy.ja: Fargate が許す sizing.cpu・sizing.memory、ヘルスチェック、起動猶予を設定する。
-- aliases: CKV_AWS_65
-- references: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
-- depends: 1.1.2.1

-- rule: template size
-- The task's size is one of Fargate's.
with pair(cpu, least, most, step) as (values (256, 512, 2048, 512), (512, 1024, 4096, 1024), (1024, 2048, 8192, 1024), (2048, 4096, 16384, 1024), (4096, 8192, 30720, 1024), (8192, 16384, 61440, 4096), (16384, 32768, 122880, 8192))
select r.id as resource,
       verdict(known(r.id, 'Cpu') and known(r.id, 'Memory'), exists (select 1 from pair p where p.cpu = cast(prop(r.id, 'Cpu') as integer) and cast(prop(r.id, 'Memory') as integer) between p.least and p.most
               and (cast(prop(r.id, 'Memory') as integer) % p.step = 0 or p.cpu = 256 and prop(r.id, 'Memory') in ('512', '1024', '2048')))) as status,
       msg('{1} units of processor, {2} MiB', prop(r.id, 'Cpu'), prop(r.id, 'Memory')) as reason, r.file as file, line(r.id, 'Cpu') as line
from run join resource r on r.env = run.env and r.type = 'AWS::ECS::TaskDefinition';

-- rule: template service
-- The service waits for tasks to start, and leaves their number to the scaling.
select r.id as resource,
       case when cast(prop(r.id, 'HealthCheckGracePeriodSeconds') as integer) not between 30 and 300 or prop(r.id, 'HealthCheckGracePeriodSeconds') is null then 'fail'
            when prop(r.id, 'DesiredCount') is not null and known(r.id, 'DesiredCount') then 'fail' else 'pass' end as status,
       msg('tasks have {1} s to become healthy; DesiredCount is {2}', coalesce(prop(r.id, 'HealthCheckGracePeriodSeconds'), '0'), coalesce(prop(r.id, 'DesiredCount'), msg('left to the scaling'))) as reason,
       r.file as file, line(r.id, 'HealthCheckGracePeriodSeconds') as line
from run join resource r on r.env = run.env and r.type = 'AWS::ECS::Service'
union all
select r.id, case when exists (select 1 from property n where n.resource = r.id and n.shape = 'ClusterSettings[].Name' and n.value = 'containerInsights' and prop(r.id, n.parent || '.Value') in ('enabled', 'enhanced')) then 'pass' else 'fail' end,
       msg('containerInsights is {1}', coalesce(prop(r.id, 'ClusterSettings[0].Value'), 'disabled')), r.file, line(r.id, 'ClusterSettings[0].Value')
from run join resource r on r.env = run.env and r.type = 'AWS::ECS::Cluster'
union all
select r.id, case when prop(r.id, 'HealthCheckPath') is not null then 'pass' else 'fail' end, msg('targets are asked for {1}', coalesce(prop(r.id, 'HealthCheckPath'), '/')), r.file, line(r.id, 'HealthCheckPath')
from run join resource r on r.env = run.env and r.type = 'AWS::ElasticLoadBalancingV2::TargetGroup';

-- rule: aws running
-- The service runs as many tasks as it should.
