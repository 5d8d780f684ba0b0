-- id: 2.2.4
-- title: Forbid routine use of administrator rights and separate operator roles
-- title.ja: 管理者権限の常用を禁止し、運用ロールを分離
-- severity: high
-- phase: 1
-- judged: infra
-- attest: role=security valid_days=90 binds=config
-- question: Does nobody use administrator rights in daily work, and is every use of the emergency role known to you and
--    justified?
-- question.ja: 日常業務で管理者権限を使っている人はおらず、緊急用ロールの使用はすべて把握され正当化されているか。
-- remedy: Name who is viewer, operator, dba and breakglass under roles in golive.yaml; use the role for emergencies
--    only, with a record.
-- remedy.ja: golive.yaml の roles に viewer・operator・dba・breakglass を割り当て、緊急用ロールは記録を残して非常時だけ使う。
-- references: https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_permissions_emergency_process.html

-- rule: config roles
-- Each role has people; the one for emergencies one to three.
with role(name, shape, least, most) as (values ('viewer', 'roles.viewer[]', 1, 999), ('operator', 'roles.operator[]', 1, 999),
    ('dba', 'roles.dba[]', 1, 999), ('breakglass', 'roles.breakglass[]', 1, 3))
select 'roles.' || role.name as resource,
       case when count(c.key) between role.least and role.most then 'pass' else 'fail' end as status,
       msg('{1} people have the role {2}', count(c.key), role.name) as reason,
       coalesce(min(c.file), conf_file('roles')) as file, coalesce(min(c.line), conf_line('roles')) as line, group_concat(c.value) as evidence
from run join role left join config c on c.env = run.env and c.shape = role.shape
group by role.name;

-- rule: config not-both
-- Nobody who may approve alone is both operator and the one for emergencies.
select coalesce(o.value, 'roles.breakglass') as resource,
       case when o.value is not null and a.value is not null and (select count(*) from config x where x.env = run.env and x.shape = 'approval.approvers[]') = 1
            then 'fail' else 'pass' end as status,
       case when o.value is null then msg('nobody is operator and breakglass') else msg('{1} is operator and breakglass', o.value) end as reason,
       conf_file('roles') as file, coalesce(b.line, conf_line('roles')) as line
from run
left join config b on b.env = run.env and b.shape = 'roles.breakglass[]'
left join config o on o.env = run.env and o.shape = 'roles.operator[]' and o.value = b.value
left join config a on a.env = run.env and a.shape = 'approval.approvers[]' and a.value = o.value;

-- rule: template administrator
-- AdministratorAccess belongs to one role at most, named breakglass, whose sessions end after an hour.
select r.id as resource,
       case when p.value is null then 'pass'
            when lower(coalesce(prop(r.id, 'RoleName'), r.logical_id)) not like '%breakglass%' then 'fail'
            when cast(coalesce(prop(r.id, 'MaxSessionDuration'), '3600') as integer) > 3600 then 'fail' else 'pass' end as status,
       case when p.value is null then msg('it is no administrator') else msg('it is an administrator for up to {1} s', coalesce(prop(r.id, 'MaxSessionDuration'), '3600')) end as reason,
       r.file as file, coalesce(p.line, r.line) as line
from run join resource r on r.env = run.env and r.type in ('AWS::IAM::Role', 'AWS::SSO::PermissionSet')
left join property p on p.resource = r.id and p.shape in ('ManagedPolicyArns[]', 'ManagedPolicies[]') and p.value like '%/AdministratorAccess'
union all
select run.env || ' AdministratorAccess', case when count(*) <= 1 then 'pass' else 'fail' end, msg('{1} roles are administrators', count(*)), min(p.file), min(p.line)
from run join resource r on r.env = run.env and r.type = 'AWS::IAM::Role'
join property p on p.resource = r.id and p.shape = 'ManagedPolicyArns[]' and p.value like '%/AdministratorAccess'
group by run.env;

-- rule: template alarm
-- Taking it raises an alarm.
select r.id as resource, case when t.target is not null or t.value is not null then 'pass' else 'fail' end as status,
       msg('the use of an emergency role goes to {1}', coalesce(t.target, t.value, msg('(nobody)'))) as reason, r.file as file, coalesce(t.line, r.line) as line
from run join resource r on r.env = run.env and r.type = 'AWS::Events::Rule'
join property e on e.resource = r.id and e.shape = 'EventPattern.detail.requestParameters.roleArn[].wildcard' and e.value like '%breakglass%'
left join property t on t.resource = r.id and t.shape = 'Targets[].Arn';

-- rule: aws administrator
-- In the account, too, one role at most carries AdministratorAccess.

-- rule: ledger uses
-- Every recorded use has a reason, a ticket and an end.
select 'event ' || e.seq as resource,
       case when length(json_extract(e.data, '$.reason')) > 0 and length(json_extract(e.data, '$.ticket')) > 0 and json_extract(e.data, '$.ended_unix_s') is not null
            then 'pass' else 'fail' end as status,
       msg('reason: {1}, ticket: {2}', json_extract(e.data, '$.reason'), json_extract(e.data, '$.ticket')) as reason, null as file, null as line
from run join event e on e.env = run.env and e.kind = 'breakglass'
union all
select run.env || ' breakglass', 'pass', msg('no use was recorded'), null, null
from run where not exists (select 1 from event e where e.env = run.env and e.kind = 'breakglass') and exists (select 1 from ledger_state);

-- rule: attestation routine
-- Security says that nobody works as administrator.
