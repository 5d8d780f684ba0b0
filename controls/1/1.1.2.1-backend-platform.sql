-- id: 1.1.2.1
-- title: Backend: ECS Fargate or App Runner
-- title.ja: Backend: ECS Fargate または App Runner
-- severity: critical
-- phase: 1
-- judged: infra
-- remedy: Use ECS Fargate (backend.platform: ecs); App Runner takes no new customers since 2026-04-30. `golive plan
--    --env {env}` shows the service.
-- remedy.ja: ECS Fargate（backend.platform: ecs）を使う。App Runner は 2026-04-30 以降新規受付を終了。`golive plan --env {env}` で確認。
-- aliases: CKV_AWS_333
-- references: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate.html
-- depends: 1.1.1 10.1

-- rule: config platform
-- backend.platform is ecs, or app_runner for an existing customer.
select 'backend.platform' as resource,
       case when conf('backend.platform') = 'ecs' then 'pass'
            when conf('backend.platform') = 'app_runner' and conf('backend.app_runner_existing_customer') = 'true' then 'pass'
            else 'fail' end as status,
       case when conf('backend.platform') = 'app_runner' and coalesce(conf('backend.app_runner_existing_customer'), 'false') <> 'true'
            then msg('App Runner takes no new customers, and backend.app_runner_existing_customer is not true')
            else msg('backend.platform is {1}', conf('backend.platform')) end as reason,
       conf_file('backend.platform') as file, conf_line('backend.platform') as line, conf('backend.platform') as evidence
from run;

-- rule: template fargate
-- Tasks run on Fargate, in the private network, on the architecture that is built.
with want(type, path, value) as (values
    ('AWS::ECS::TaskDefinition', 'RequiresCompatibilities[0]', 'FARGATE'),
    ('AWS::ECS::TaskDefinition', 'NetworkMode', 'awsvpc'),
    ('AWS::ECS::TaskDefinition', 'RuntimePlatform.CpuArchitecture', conf('backend.arch')),
    ('AWS::ECS::Service', 'NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp', 'DISABLED'),
    ('AWS::AppRunner::Service', 'NetworkConfiguration.EgressConfiguration.EgressType', 'VPC')
)
select r.id as resource, verdict(known(r.id, w.path), prop(r.id, w.path) = w.value) as status,
       msg('{1} is {2}; {3} is wanted', w.path, prop(r.id, w.path), w.value) as reason,
       r.file as file, line(r.id, w.path) as line, prop(r.id, w.path) as evidence
from run join resource r on r.env = run.env join want w on w.type = r.type
where not (w.path = 'RuntimePlatform.CpuArchitecture' and r.stack like '%migration-task');

-- rule: aws running
-- ecs: the service is ACTIVE with all its tasks, at least two, in one completed deployment; app_runner: it is RUNNING.
