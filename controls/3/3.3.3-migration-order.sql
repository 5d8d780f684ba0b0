-- id: 3.3.3
-- title: Fix the execution order of DB migrations in CI/CD
-- title.ja: DB マイグレーションの実行順序を CI/CD に固定
-- severity: critical
-- phase: 2
-- judged: release
-- remedy: Let golive's release run the migrations (migrations.run_by: pipeline), expand before the shift; take them out
--    of the application's start.
-- remedy.ja: マイグレーションは golive のリリースで実行し（migrations.run_by: pipeline）、shift 前に expand。アプリ起動時の実行はやめる。
-- depends: 6.1.1 6.2.2

-- rule: config pipeline
-- The pipeline runs them, expand first.
select 'migrations.run_by' as resource, case when conf('migrations.run_by') = 'pipeline' then 'pass' else 'fail' end as status,
       msg('migrations.run_by is {1}', conf('migrations.run_by')) as reason, conf_file('migrations.run_by') as file, conf_line('migrations.run_by') as line from run
union all
select 'migrations.default_order', case when conf('migrations.default_order') = 'expand_first' then 'pass' else 'fail' end,
       msg('migrations.default_order is {1}', conf('migrations.default_order')), conf_file('migrations.default_order'), conf_line('migrations.default_order') from run;

-- rule: repo not-at-start
-- The application does not run them itself, and no workflow beside golive does.
select coalesce(c.file || ':' || c.line, run.app) as resource, case when c.file is null then 'pass' else 'fail' end as status,
       case when c.file is null then msg('the application does not run migrations') else msg('the application runs migrations when it starts') end as reason, c.file as file, c.line as line
from run left join code c on c.kind = 'migrate_at_start' and c.test = 0
where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected')
union all
select s.file || ' ' || s.job, 'fail', msg('the workflow runs migrations beside golive'), s.file, s.line
from workflow_step s join workflow_job j on j.file = s.file and j.job = s.job
where s.run like '%sqlx migrate run%' and j.environment is not null;

-- rule: ledger order
-- In every release with migrations the backup was done before them, and they before the shift.
select 'release ' || r.release as resource,
       case when b.done_unix_ms is null or b.done_unix_ms > m.begun_unix_ms then 'fail' when h.begun_unix_ms is not null and m.done_unix_ms > h.begun_unix_ms then 'fail' else 'pass' end as status,
       msg('backup until {1}, migrations {2} to {3}, shift from {4}', time(b.done_unix_ms / 1000, 'unixepoch'), time(m.begun_unix_ms / 1000, 'unixepoch'),
           time(m.done_unix_ms / 1000, 'unixepoch'), time(h.begun_unix_ms / 1000, 'unixepoch')) as reason, null as file, null as line
from run join release r on r.env = run.env and r.operation = 'deploy' and r.state = 'done'
join release_step m on m.release_seq = r.seq and m.step = 'migrate' and json_extract(m.facts, '$.applied') > 0
left join release_step b on b.release_seq = r.seq and b.step = 'backup'
left join release_step h on h.release_seq = r.seq and h.step = 'shift';

-- rule: database rights
-- The application's role may not change the schema.
select r.name as resource, case when r.creates = 0 and r.owns = 0 then 'pass' else 'fail' end as status,
       msg('the role may create: {1}; tables that belong to it: {2}', r.creates, r.owns) as reason, null as file, null as line
from db_role r where r.name = 'app';

-- rule: database files
-- What was applied are the repository's files.
select 'migration ' || d.version as resource, case when d.success = 1 and m.sha384 = d.checksum then 'pass' else 'fail' end as status,
       case when d.success <> 1 then msg('it did not end') when m.version is null then msg('there is no such file') when m.sha384 <> d.checksum then msg('its file was changed since')
            else msg('it is the repository''s file') end as reason, m.file as file, null as line
from db_migration d left join migration m on m.version = d.version and m.direction <> 'down';
