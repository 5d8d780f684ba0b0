-- id: 5.1.1
-- title: Collect backend structured logs (JSON) in CloudWatch Logs
-- title.ja: Backend 構造化ログ（JSON）を CloudWatch Logs に集約
-- severity: high
-- phase: 3
-- judged: release
-- remedy: Send containers' logs to log groups of the stacks and keep them (observability.log_retention_days).
-- remedy.ja: コンテナのログをスタックのロググループに送り、保持期間を設定する（observability.log_retention_days）。
-- aliases: CKV_AWS_66 CKV_AWS_338 CKV_AWS_336
-- references: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html

-- rule: template driver
-- Every container writes to a log group of the stacks.
select n.resource || ' ' || n.value as resource,
       case when prop(n.resource, n.parent || '.LogConfiguration.LogDriver') not in ('awslogs', 'awsfirelens') then 'fail'
            when g.type is not 'AWS::Logs::LogGroup' and prop(n.resource, n.parent || '.LogConfiguration.LogDriver') = 'awslogs' then 'fail'
            when prop(n.resource, n.parent || '.LogConfiguration.LogDriver') is null then 'fail' else 'pass' end as status,
       msg('it logs by {1} to {2}', coalesce(prop(n.resource, n.parent || '.LogConfiguration.LogDriver'), msg('(none)')), coalesce(g.id, msg('(nowhere)'))) as reason,
       n.file as file, line(n.resource, n.parent || '.LogConfiguration.LogDriver') as line
from run join resource r on r.env = run.env and r.type = 'AWS::ECS::TaskDefinition'
join property n on n.resource = r.id and n.shape = 'ContainerDefinitions[].Name'
left join resource g on g.id = target(n.resource, n.parent || '.LogConfiguration.Options.awslogs-group');

-- rule: template kept
-- Log groups are kept for 30 days at least, 90 in production, and survive their stack.
select r.id as resource,
       case when prop(r.id, 'RetentionInDays') is null then 'fail'
            when known(r.id, 'RetentionInDays') and cast(prop(r.id, 'RetentionInDays') as integer) < case run.env when 'prod' then 90 else 30 end then 'fail'
            when run.env = 'prod' and coalesce(r.deletion_policy, 'Delete') <> 'Retain' and r.stack like '%/service' then 'fail'
            else verdict(known(r.id, 'RetentionInDays'), 1) end as status,
       msg('it is kept for {1} days, DeletionPolicy {2}', coalesce(prop(r.id, 'RetentionInDays'), msg('an unstated number of')), coalesce(r.deletion_policy, 'Delete')) as reason,
       r.file as file, line(r.id, 'RetentionInDays') as line
from run join resource r on r.env = run.env and r.type = 'AWS::Logs::LogGroup';

-- rule: aws arriving
-- Lines arrive in the group within the last hour.
