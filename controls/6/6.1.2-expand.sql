-- id: 6.1.2
-- title: Make `expand/contract` (backward compatible) the principle
-- title.ja: `expand/contract`（後方互換）を原則化
-- severity: critical
-- phase: 2
-- judged: release
-- remedy: Write additions that the previous version does not notice; what would disturb it belongs into a contract file
--    (`-- golive: phase=contract`). golive migrate lint says why, golive migrate prove tries the previous version's queries.
-- remedy.ja: 旧版に影響しない追加だけを expand に書き、影響するものは contract ファイル（`-- golive: phase=contract`）へ。golive migrate lint が理由を示し、golive migrate prove が旧版のクエリで試す。
-- references: https://www.postgresql.org/docs/current/sql-altertable.html
-- depends: 6.1.1

-- rule: migrations harmless
-- An expand file has nothing that the linter calls an error: the previous version would fail, or wait, or it cannot run.
select m.file as resource, case when f.file is null then 'pass' else 'fail' end as status,
       case when f.file is null then msg('the previous version goes on working') else msg('{1} ({2})', f.message, f.rule) end as reason,
       m.file as file, f.line as line, m.phase as evidence
from migration m left join migration_finding f on f.file = m.file and f.severity = 'error' and f.allowed is null
where m.phase = 'expand' and m.direction <> 'down';

-- rule: migrations declared
-- Each file says its phase.
select m.file as resource, case m.phase_declared when 1 then 'pass' else 'fail' end as status,
       msg('its phase is {1}, {2}', m.phase, case m.phase_declared when 1 then msg('as it says') else msg('inferred: write -- golive: phase={1}', m.phase) end) as reason, m.file as file, 1 as line
from migration m where m.direction <> 'down';

-- rule: migrations alone
-- A file without a transaction holds one statement.
select m.file as resource, case when m.statements = 1 then 'pass' else 'fail' end as status,
       msg('it runs {1} statements without a transaction', m.statements) as reason, m.file as file, 1 as line
from migration m where m.no_transaction = 1 and m.direction <> 'down'
union all
select s.file, case m.no_transaction when 1 then 'pass' else 'fail' end, msg('CONCURRENTLY needs -- no-transaction as the first line'), s.file, s.line
from migration_statement s join migration m on m.file = s.file where s.text like '%CONCURRENTLY%'
union all
select run.app || ' migrations', 'not_applicable', msg('every file runs in its transaction'), null, null
from run where exists (select 1 from migration) and not exists (select 1 from migration where no_transaction = 1)
 and not exists (select 1 from migration_statement where text like '%CONCURRENTLY%');

-- rule: ledger proven
-- In the last release the previous version passed its smoke tests on the new schema.
select 'release ' || s.release as resource, case when json_extract(s.facts, '$.old_version_smoke') > 0 then 'pass' when json_extract(s.facts, '$.applied') = 0 then 'not_applicable' else 'fail' end as status,
       msg('tests that the previous version passed: {1}', coalesce(json_extract(s.facts, '$.old_version_smoke'), 0)) as reason, null as file, null as line
from run join release_step s on s.env = run.env and s.step = 'migrate' and s.done_unix_ms is not null
where s.release_seq = (select max(r.seq) from release r where r.env = run.env and r.operation = 'deploy' and r.state = 'done');
