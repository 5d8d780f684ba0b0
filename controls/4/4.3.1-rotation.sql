-- id: 4.3.1
-- title: Define the secret rotation procedure (e.g. quarterly)
-- title.ja: シークレットローテーション手順を定義（四半期など）
-- severity: high
-- phase: 3
-- judged: release
-- remedy: Give each secret a rotation of at most 90 days (env_vars[].rotation), and let AWS rotate the master password.
-- remedy.ja: 各 secret に 90 日以内のローテーション（env_vars[].rotation）を設定し、マスターパスワードは AWS に任せる。
-- aliases: CKV_AWS_304
-- references: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html

-- rule: config policy
-- Each secret is renewed within 90 days, or within a year with a reason; where a person does it, there is an owner.
select v.key as resource,
       case when conf(v.key || '.rotation.days') is null then 'fail'
            when cast(conf(v.key || '.rotation.days') as integer) > 90 and (length(coalesce(conf(v.key || '.rotation.reason'), '')) = 0 or cast(conf(v.key || '.rotation.days') as integer) > 365) then 'fail'
            when conf(v.key || '.rotation.method') not in ('auto_rds', 'golive', 'manual') then 'fail'
            when conf(v.key || '.rotation.method') = 'manual' and conf(v.key || '.rotation.owner') is null then 'fail' else 'pass' end as status,
       case when conf(v.key || '.rotation.days') is null then msg('golive.yaml does not say {1}', v.key || '.rotation.days')
            else msg('{1} is renewed every {2} days ({3})', v.name, conf(v.key || '.rotation.days'), conf(v.key || '.rotation.method')) end as reason, v.file as file, v.line as line
from run join env_var v on v.env = run.env and v.kind = 'secret';

-- rule: template master
-- AWS keeps the master password and renews it as often as golive.yaml says.
select r.id as resource, verdict(known(r.id, 'ManageMasterUserPassword'), prop(r.id, 'ManageMasterUserPassword') = 'true') as status,
       msg('ManageMasterUserPassword is {1}', coalesce(prop(r.id, 'ManageMasterUserPassword'), 'false')) as reason, r.file as file, line(r.id, 'ManageMasterUserPassword') as line
from run join resource r on r.env = run.env and r.type = 'AWS::RDS::DBInstance'
union all
select r.id, verdict(known(r.id, 'RotationRules.AutomaticallyAfterDays'), cast(prop(r.id, 'RotationRules.AutomaticallyAfterDays') as integer) <= 90 or prop(r.id, 'RotationRules.ScheduleExpression') is not null),
       msg('it is renewed every {1} days', prop(r.id, 'RotationRules.AutomaticallyAfterDays')), r.file, line(r.id, 'RotationRules.AutomaticallyAfterDays')
from run join resource r on r.env = run.env and r.type = 'AWS::SecretsManager::RotationSchedule';

-- rule: aws age
-- No secret is older than its rotation allows.

-- rule: ledger drill
-- In the last 180 days each way of renewing was tried on staging without errors above the objective.
select 'event ' || e.seq as resource,
       case when e.time_unix_ms / 1000 < run.now_unix_s - 180 * 86400 then 'fail'
            when json_extract(e.data, '$.ok') then 'pass' else 'fail' end as status,
       case when e.time_unix_ms / 1000 < run.now_unix_s - 180 * 86400
            then msg('the newest one is of {1}, more than {2} days ago', date(e.time_unix_ms / 1000, 'unixepoch'), 180)
            when json_extract(e.data, '$.ok') then msg('it succeeded on {1}', date(e.time_unix_ms / 1000, 'unixepoch'))
            else msg('it failed on {1}: {2}', date(e.time_unix_ms / 1000, 'unixepoch'), json_extract(e.data, '$.why')) end as reason,
       null as file, null as line
from run join environment s on s.staging = 1 join event e on e.env = s.env and e.kind = 'drill.rotation'
where e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind);
