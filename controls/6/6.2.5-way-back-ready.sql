-- id: 6.2.5
-- title: Keep the immediate rollback procedure in executable form
-- title.ja: 問題時の即時ロールバック手順を実行可能な形で保存
-- severity: critical
-- phase: 4
-- judged: release
-- remedy: Try the way back on staging (`golive rollback --env stg`), and keep what it needs: images, task definitions,
--    manifests, backups.
-- remedy.ja: ステージングで戻しを試し（`golive rollback --env stg`）、必要なもの（イメージ・タスク定義・マニフェスト・バックアップ）を残す。
-- depends: 3.2.5 6.1.4

-- rule: ledger objects
-- The release that would be gone back to is known, and was good.
select 'release ' || r.release as resource,
       case when r.previous = 0 then 'not_applicable' when exists (select 1 from release p where p.env = r.env and p.release = r.previous and p.state = 'done') then 'pass' else 'fail' end as status,
       case when r.previous = 0 then msg('it is the first') else msg('rollback goes to release {1}', r.previous) end as reason, null as file, null as line
from run join release r on r.env = run.env and r.state = 'done'
where r.seq = (select max(x.seq) from release x where x.env = run.env and x.state = 'done');

-- rule: ledger tried
-- In the last 90 days a rollback on staging ended in time.
select 'release ' || r.release as resource,
       case when r.ended_unix_s < run.now_unix_s - 90 * 86400 then 'fail' when r.ended_unix_s - r.begun_unix_s > 60 * cast(conf('release.rollback.max_minutes') as integer) then 'fail' else 'pass' end as status,
       msg('rolled back on {1} within {2} s', date(r.ended_unix_s, 'unixepoch'), r.ended_unix_s - r.begun_unix_s) as reason, null as file, null as line
from run join environment s on s.staging = 1 join release r on r.env = s.env and r.operation = 'rollback' and r.state = 'done'
where r.seq = (select max(x.seq) from release x where x.env = s.env and x.operation = 'rollback' and x.state = 'done');

-- rule: aws objects
-- Image, task definition, site and snapshot of that release still exist.
