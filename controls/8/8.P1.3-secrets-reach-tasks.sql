-- id: 8.P1.3
-- title: Build the path from Secrets Manager/SSM (to the running service)
-- title.ja: Secrets Manager/SSM の導線を構築
-- severity: high
-- phase: 1
-- judged: infra
-- remedy: Let the execution role read exactly the secrets that the tasks name (stacks/service.yaml).
-- remedy.ja: 実行ロールが、タスクの参照する秘密だけを読めるようにする（stacks/service.yaml）。
-- depends: 1.1.6 4.1.1

-- rule: template rights
-- What starts the tasks may read each secret that they name, and decrypt it.
select v.resource || ' ' || v.value as resource,
       case when a.value is not null and exists (select 1 from statement_item d where d.resource = target(v.resource, 'ExecutionRoleArn') and d.element = 'Action' and d.value = 'kms:Decrypt') then 'pass' else 'fail' end as status,
       case when a.value is not null then msg('{1} may read it', target(v.resource, 'ExecutionRoleArn')) else msg('{1} may not read it', target(v.resource, 'ExecutionRoleArn')) end as reason, v.file as file, v.line as line
from run join resource r on r.env = run.env and r.type = 'AWS::ECS::TaskDefinition'
join property v on v.resource = r.id and v.shape = 'ContainerDefinitions[].Secrets[].ValueFrom' and v.known = 1
left join statement_item a on a.resource = target(r.id, 'ExecutionRoleArn') and a.kind = 'permission' and a.effect = 'Allow' and a.element = 'Resource' and v.value like rtrim(a.value, '-?*') || '%'
 and exists (select 1 from statement_item g where g.resource = a.resource and g.statement = a.statement and g.element = 'Action' and g.value in ('secretsmanager:GetSecretValue', 'ssm:GetParameters'))
group by v.resource, v.value;

-- rule: template only-those
-- It may read no other secret.
select i.resource || ' ' || i.value as resource,
       case when i.value = '*' then 'fail' when i.known = 0 then 'pass'
            when exists (select 1 from property v join resource r on r.id = v.resource and r.type = 'AWS::ECS::TaskDefinition' and r.env = run.env where v.shape = 'ContainerDefinitions[].Secrets[].ValueFrom' and v.value like rtrim(i.value, '-?*') || '%') then 'pass'
            else 'fail' end as status,
       msg('it may read {1}', i.value) as reason, i.file as file, i.line as line
from run join (select s.*, (s.value not like '%${%') as known from statement_item s) i on i.env = run.env and i.kind = 'permission' and i.effect = 'Allow' and i.element = 'Resource'
join statement_item a on a.resource = i.resource and a.statement = i.statement and a.element = 'Action' and a.value in ('secretsmanager:GetSecretValue', 'ssm:GetParameters')
where i.resource in (select target(r.id, 'ExecutionRoleArn') from resource r where r.type = 'AWS::ECS::TaskDefinition' and r.env = run.env and r.stack not like '%migration-task');

-- rule: aws readable
-- A task started with them.
