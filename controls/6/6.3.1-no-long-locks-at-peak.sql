-- id: 6.3.1
-- title: (Forbidden) Long-locking DDL in peak hours
-- title.ja: ピーク時間帯の長時間ロック DDL
-- severity: critical
-- phase: 2
-- judged: release
-- remedy: Write the safe form that golive migrate lint names; set migrations.peak_hours, lock_timeout_ms and statement_timeout_ms, and
--    migrate outside the peak.
-- remedy.ja: golive migrate lint が示す安全な形で書き、migrations.peak_hours・lock_timeout_ms・statement_timeout_ms を設定し、ピーク外に実行する。
-- references: https://www.postgresql.org/docs/current/explicit-locking.html

-- rule: config limits
-- The peak is given, and statements give up in time.
select 'migrations.peak_hours' as resource, case when conf('migrations.peak_hours[0].from') is not null and conf('migrations.peak_hours[0].tz') is not null then 'pass' else 'fail' end as status,
       case when conf('migrations.peak_hours[0].from') is null then msg('golive.yaml does not say {1}', 'migrations.peak_hours')
            else msg('the peak is {1} {2} to {3} {4}', conf('migrations.peak_hours[0].days'), conf('migrations.peak_hours[0].from'), conf('migrations.peak_hours[0].to'), conf('migrations.peak_hours[0].tz')) end as reason,
       conf_file('migrations.peak_hours[0].from') as file, conf_line('migrations.peak_hours[0].from') as line from run
union all
select 'migrations.lock_timeout_ms', case when cast(conf('migrations.lock_timeout_ms') as integer) between 500 and 5000 then 'pass' else 'fail' end,
       msg('migrations.lock_timeout_ms is {1}', conf('migrations.lock_timeout_ms')), conf_file('migrations.lock_timeout_ms'), conf_line('migrations.lock_timeout_ms') from run
union all
select 'migrations.statement_timeout_ms', case when cast(conf('migrations.statement_timeout_ms') as integer) > 0 then 'pass' else 'fail' end,
       msg('migrations.statement_timeout_ms is {1}', conf('migrations.statement_timeout_ms')), conf_file('migrations.statement_timeout_ms'), conf_line('migrations.statement_timeout_ms') from run;

-- rule: migrations short-locks
-- No statement keeps others waiting for as long as a table is large.
select m.file as resource, case when f.file is null then 'pass' else 'fail' end as status,
       case when f.file is null then msg('it keeps nobody waiting for long') else msg('{1} ({2}): {3}', f.message, f.rule, f.lock) end as reason,
       m.file as file, f.line as line
from migration m left join migration_finding f on f.file = m.file and f.severity = 'error' and f.lock is not null and f.allowed is null
where m.direction <> 'down';

-- rule: ledger held
-- In the last release no lock was held for longer than a second.
select 'release ' || s.release as resource, case when coalesce(json_extract(s.facts, '$.longest_lock_us'), 0) <= 1000000 then 'pass' else 'fail' end as status,
       msg('locks were held for at most {1} ms', coalesce(json_extract(s.facts, '$.longest_lock_us'), 0) / 1000) as reason, null as file, null as line
from run join release_step s on s.env = run.env and s.step = 'migrate' and s.done_unix_ms is not null
where s.release_seq = (select max(r.seq) from release r where r.env = run.env and r.operation = 'deploy' and r.state = 'done');

-- rule: database measured
-- On a copy of the database no migration holds a strong lock for longer than a second.
select m.file as resource, case when t.longest_strong_lock_ms <= 1000 then 'pass' else 'fail' end as status,
       msg('its strongest lock was held for {1} ms', round(t.longest_strong_lock_ms)) as reason, m.file as file, null as line
from shadow_migration t join migration m on m.version = t.version and m.direction <> 'down';
