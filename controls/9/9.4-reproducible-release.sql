-- id: 9.4
-- title: Deployment and rollback are reproducible following the runbook
-- title.ja: デプロイ/ロールバックが手順書通り再現可能
-- severity: critical
-- phase: 4
-- judged: go
-- attest: role=release_manager valid_days=90 binds=config
-- question: Did somebody else than the runbook's author roll back on staging by following it alone?
-- question.ja: 手順書の作成者以外が、手順書だけを見てステージングでロールバックできたか。
-- remedy: Release to staging three times by the same steps, and let somebody else than the author roll back by the
--    runbook.
-- remedy.ja: 同じ手順で 3 回ステージングへリリースし、作成者以外が手順書どおりにロールバックする。
-- depends: 6.2.5 8.P2.4

-- rule: ledger three
-- The last three releases of staging succeeded by the same steps.
with last3(seq, release, state) as (
    select r.seq, r.release, r.state from run join environment s on s.staging = 1 join release r on r.env = s.env and r.operation = 'deploy' order by r.seq desc limit 3
), steps(seq, list) as (select l.seq, group_concat(t.step) from last3 l join release_step t on t.release_seq = l.seq group by l.seq)
select 'release ' || l.release as resource,
       case when (select count(*) from last3) < 3 then 'unknown' when l.state = 'done' and (select count(distinct x.list) from steps x) = 1 then 'pass' else 'fail' end as status,
       msg('its state is {1}', l.state) as reason, null as file, null as line
from last3 l;

-- rule: ledger rollback
-- In the last 90 days a rollback on staging succeeded.
select 'release ' || r.release as resource, case when r.ended_unix_s >= run.now_unix_s - 90 * 86400 then 'pass' else 'fail' end as status, msg('rolled back on {1}', date(r.ended_unix_s, 'unixepoch')) as reason, null as file, null as line
from run join environment s on s.staging = 1 join release r on r.env = s.env and r.operation = 'rollback' and r.state = 'done'
where r.seq = (select max(x.seq) from release x where x.env = s.env and x.operation = 'rollback' and x.state = 'done');

-- rule: repo documented
-- The runbooks of releasing and rolling back are the renderings of golive.yaml.
select g.path as resource, g.status as status, g.reason as reason, g.path as file, null as line from generated g where g.path in ('docs/runbooks/rollback.md', 'docs/runbooks/release.md');

-- rule: attestation somebody-else
-- The release manager says that somebody else did.
