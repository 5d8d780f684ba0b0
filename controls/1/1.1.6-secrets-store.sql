-- id: 1.1.6
-- title: Secrets: AWS Secrets Manager / SSM Parameter Store
-- title.ja: Secrets: AWS Secrets Manager / SSM Parameter Store
-- severity: critical
-- phase: 1
-- judged: infra
-- remedy: Keep secrets in the store that secrets.store names, and let tasks read them by
--    reference only; record the decision with golive decide.
-- remedy.ja: 秘密は secrets.store のストアに置き、タスクには参照だけを渡す。決定は golive decide で記録。
-- aliases: CKV_AWS_149
-- references: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
-- depends: 8.P0.1

-- rule: config decided
-- secrets.store is written in golive.yaml and decided validly.
select 'secrets.store' as resource,
       case when conf('secrets.store') in ('secretsmanager', 'ssm') and conf_given('secrets.store') and d.key is not null and d.flaw is null
            then 'pass' else 'fail' end as status,
       case when not conf_given('secrets.store') then msg('golive.yaml does not say {1}', 'secrets.store')
            when d.key is null then msg('decisions says nothing about {1}', 'secrets.store')
            when d.flaw is not null then msg('the decision about {1} does not count: {2}', 'secrets.store', d.flaw)
            else msg('{1} is {2}, decided by {3}', 'secrets.store', conf('secrets.store'), d.by) end as reason,
       coalesce(d.file, conf_file('secrets.store')) as file, coalesce(d.line, conf_line('secrets.store')) as line, conf('secrets.store') as evidence
from run left join decision d on d.env = run.env and d.key = 'secrets.store';

-- rule: template by-reference
-- Every secret variable of the backend reaches the container by a reference to the store, and by no other way.
with container(resource, file) as (
    select r.id, r.file from run join resource r on r.env = run.env and r.type = 'AWS::ECS::TaskDefinition' and r.stack not like '%migration-task'
    union all
    select r.id, r.file from run join resource r on r.env = run.env and r.type = 'AWS::AppRunner::Service'
)
select c.resource || ' ' || v.name as resource,
       case when plain.resource is not null then 'fail' when s.resource is null then 'fail' else 'pass' end as status,
       case when plain.resource is not null then msg('the secret {1} stands in the clear in {2}', v.name, plain.path)
            when s.resource is null then msg('the secret {1} does not reach the container', v.name)
            else msg('{1} comes from the store', v.name) end as reason,
       c.file as file, coalesce(plain.line, s.line, line(c.resource, '')) as line
from run join env_var v on v.env = run.env and v.kind = 'secret' and v.scope in ('backend', 'common')
join container c on not c.resource like '%ssr%'
left join property s on s.resource = c.resource
 and (s.shape = 'ContainerDefinitions[].Secrets[].Name' and s.value = v.name or s.shape like '%RuntimeEnvironmentSecrets[].Name' and s.value = v.name)
left join property plain on plain.resource = c.resource
 and (plain.shape = 'ContainerDefinitions[].Environment[].Name' or plain.shape like '%RuntimeEnvironmentVariables[].Name') and plain.value = v.name;

-- rule: aws current
-- Each referenced secret exists, has a current version, and is not scheduled for deletion.
