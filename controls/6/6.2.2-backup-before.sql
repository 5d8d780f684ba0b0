-- id: 6.2.2
-- title: Take a DB backup (snapshot) before the production deployment
-- title.ja: 本番デプロイ前に DB バックアップ（スナップショット）取得
-- severity: critical
-- phase: 4
-- judged: release
-- remedy: Let the release make its backup before the migrations; golive does so in every release.
-- remedy.ja: マイグレーション前にリリースがバックアップを取る（golive は毎回行う）。
-- references: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CreateSnapshot.html
-- depends: 6.3.3

-- rule: ledger fresh
-- The backup ended before the migrations began, at most an hour earlier.
select 'release ' || r.release as resource,
       case when b.done_unix_ms is null then 'fail' when b.done_unix_ms > m.begun_unix_ms then 'fail' when m.begun_unix_ms - b.done_unix_ms > 3600000 then 'fail' else 'pass' end as status,
       case when b.done_unix_ms is null then msg('it has no backup') else msg('the backup ended {1} s before the migrations', (m.begun_unix_ms - b.done_unix_ms) / 1000) end as reason, null as file, null as line
from run join release r on r.env = run.env and r.operation = 'deploy' and r.state = 'done'
join release_step m on m.release_seq = r.seq and m.step = 'migrate' and json_extract(m.facts, '$.applied') > 0
left join release_step b on b.release_seq = r.seq and b.step = 'backup';

-- rule: aws exists
-- The snapshot exists, is available, and encrypted.
