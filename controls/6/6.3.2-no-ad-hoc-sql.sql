-- id: 6.3.2
-- title: (Forbidden) Direct manual SQL execution without verification
-- title.ja: 検証なしの手動 SQL 直接実行
-- severity: high
-- phase: 2
-- judged: release
-- attest: role=dba valid_days=90 binds=config
-- question: Has nobody changed production's data or schema by hand since the last signature, but with a record?
-- question.ja: 前回の署名以降、記録なしに本番のデータやスキーマを手で変更した人はいないか。
-- remedy: Take write rights from people, log statements that change the schema, and change it by migrations only.
-- remedy.ja: 人から書き込み権限を外し、DDL を記録し、スキーマはマイグレーションだけで変える。
-- references: https://www.postgresql.org/docs/current/runtime-config-logging.html

-- rule: database writers
-- Only the application, migrations and AWS's own roles may write or create.
select r.name as resource,
       case when r.login = 0 then 'pass' when r.superuser = 0 and r.writes = 0 and r.creates = 0 then 'pass'
            when r.name in ('app', 'migrator', 'golive_admin', 'rdsadmin', 'postgres') or r.name like 'rds%' then 'pass' else 'fail' end as status,
       msg('it may log in: {1}, write: {2}, create: {3}', r.login, r.writes, r.creates) as reason, null as file, null as line
from db_role r;

-- rule: database logged
-- Statements that change the schema are logged.
select 'log_statement' as resource,
       case when s.value in ('ddl', 'mod', 'all') or exists (select 1 from db_setting a where a.name = 'shared_preload_libraries' and a.value like '%pgaudit%') then 'pass' else 'fail' end as status,
       msg('log_statement is {1}', s.value) as reason, null as file, null as line
from db_setting s where s.name = 'log_statement';

-- rule: ledger recorded
-- What was run by hand was judged, tried on staging, and approved by somebody else.
select 'event ' || e.seq as resource,
       case when json_extract(e.data, '$.approver') is not null and json_extract(e.data, '$.approver') <> json_extract(e.data, '$.executor') then 'pass' else 'fail' end as status,
       msg('{1} ran it, {2} approved', json_extract(e.data, '$.executor'), coalesce(json_extract(e.data, '$.approver'), msg('nobody'))) as reason, null as file, null as line
from run join event e on e.env = run.env and e.kind = 'database.exec'
union all
select run.env || ' by hand', 'pass', msg('nothing was run by hand through golive'), null, null
from run where exists (select 1 from ledger_state) and not exists (select 1 from event e where e.env = run.env and e.kind = 'database.exec');

-- rule: attestation nobody
-- The database's administrator says that nobody did.
