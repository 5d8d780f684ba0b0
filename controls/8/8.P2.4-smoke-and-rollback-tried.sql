-- id: 8.P2.4
-- title: Add the automatic smoke test and the rollback path
-- title.ja: 自動 smoke test とロールバック導線を追加
-- severity: critical
-- phase: 2
-- judged: release
-- remedy: Try both on staging: a release that succeeds, and one that is broken on purpose.
-- remedy.ja: ステージングで成功するリリースと、わざと壊したリリースの両方を試す。
-- depends: 3.2.7 3.3.2

-- rule: ledger success
-- In the last 90 days a release of staging succeeded.
select 'release ' || r.release as resource, case when r.ended_unix_s >= run.now_unix_s - 90 * 86400 then 'pass' else 'fail' end as status, msg('it was done on {1}', date(r.ended_unix_s, 'unixepoch')) as reason, null as file, null as line
from run join environment s on s.staging = 1 join release r on r.env = s.env and r.operation = 'deploy' and r.state = 'done'
where r.seq = (select max(x.seq) from release x where x.env = s.env and x.operation = 'deploy' and x.state = 'done');

-- rule: ledger undone
-- In the last 90 days a broken one was undone by itself.
select 'release ' || r.release as resource, case when r.ended_unix_s >= run.now_unix_s - 90 * 86400 then 'pass' else 'fail' end as status, msg('it was undone on {1}', date(r.ended_unix_s, 'unixepoch')) as reason, null as file, null as line
from run join environment s on s.staging = 1 join release r on r.env = s.env and r.operation = 'deploy' and r.state = 'undone'
where r.seq = (select max(x.seq) from release x where x.env = s.env and x.operation = 'deploy' and x.state = 'undone');

-- rule: repo not-skipped
-- Workflows skip neither.
select coalesce(s.file || ' ' || s.job, run.app) as resource, case when s.file is null then 'pass' else 'fail' end as status,
       case when s.file is null then msg('no workflow skips tests or the way back') else msg('it skips tests or the way back') end as reason, s.file as file, s.line as line
from run left join workflow_step s on s.run regexp 'golive .*--(skip-smoke|no-rollback|no-smoke)'
where exists (select 1 from source x where x.name = 'repo' and x.state = 'collected');
