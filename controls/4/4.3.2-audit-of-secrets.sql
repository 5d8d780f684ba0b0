-- id: 4.3.2
-- title: Enable change auditing (who changed what and when)
-- title.ja: 変更監査（誰がいつ変更したか）を有効化
-- severity: high
-- phase: 1
-- judged: infra
-- remedy: Keep the trail of stacks/audit.yaml and the rule of stacks/observability.yaml that tells changes of secrets.
-- remedy.ja: stacks/audit.yaml の証跡と、秘密の変更を通知する stacks/observability.yaml のルールを保つ。
-- references: https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-cloudtrail.html
-- depends: 2.2.3

-- rule: template trail
-- The trail records management events, those of the stores and of KMS too.
select r.id as resource,
       case when prop(r.id, 'EventSelectors[0].IncludeManagementEvents') = 'false' then 'fail'
            when coalesce(prop(r.id, 'EventSelectors[0].ReadWriteType'), 'All') not in ('All', 'WriteOnly') then 'fail'
            when exists (select 1 from property x where x.resource = r.id and x.shape = 'EventSelectors[].ExcludeManagementEventSources[]') then 'fail' else 'pass' end as status,
       msg('it records {1} management events', coalesce(prop(r.id, 'EventSelectors[0].ReadWriteType'), 'All')) as reason, r.file as file, line(r.id, 'EventSelectors[0].ReadWriteType') as line
from run join resource r on r.env = run.env and r.type = 'AWS::CloudTrail::Trail';

-- rule: template told
-- Changes of secrets and parameters go to the alert topic.
select w.column1 as resource, case when count(t.target) > 0 then 'pass' else 'fail' end as status,
       case when count(t.target) > 0 then msg('changes go to {1}', min(t.target)) else msg('no rule tells changes in {1}', w.column1) end as reason, min(p.file) as file, min(p.line) as line
from run join (values ('aws.secretsmanager'), ('aws.ssm')) w
left join property p on p.shape = 'EventPattern.source[]' and p.value = w.column1 and p.resource like run.env || '/%'
left join property t on t.resource = p.resource and t.shape = 'Targets[].Arn' and exists (select 1 from resource x where x.id = t.target and x.type = 'AWS::SNS::Topic')
where exists (select 1 from stack s where s.env = run.env)
group by w.column1;

-- rule: ledger who
-- Every change that golive made says who, when and which version, never the value.
select 'event ' || e.seq as resource,
       case when json_extract(e.data, '$.value') is null and json_extract(e.data, '$.name') is not null and json_extract(e.data, '$.version') is not null then 'pass' else 'fail' end as status,
       msg('{1} set {2}', e.actor, json_extract(e.data, '$.name')) as reason, null as file, null as line
from run join event e on e.env = run.env and e.kind = 'secret.set';

-- rule: aws delivered
-- The trail delivers, and reads of secrets come from known roles only.
