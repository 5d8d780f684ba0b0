-- id: 6.3.3
-- title: (Forbidden) Production migration without a backup taken
-- title.ja: バックアップ未取得での本番 migration
-- severity: critical
-- phase: 2
-- judged: release
-- remedy: Migrate in releases only: golive refuses production's migrations without a fresh backup.
-- remedy.ja: マイグレーションはリリース内だけで行う。golive は新しいバックアップなしの本番実行を拒否する。

-- rule: ledger backed-up
-- Every release that applied migrations had made its backup before.
select 'release ' || r.release as resource,
       case when b.done_unix_ms is not null and b.done_unix_ms <= m.begun_unix_ms then 'pass' else 'fail' end as status,
       case when b.done_unix_ms is null then msg('it has no backup') else msg('the backup ended {1} s before the migrations', (m.begun_unix_ms - b.done_unix_ms) / 1000) end as reason, null as file, null as line
from run join release r on r.env = run.env and r.operation = 'deploy'
join release_step m on m.release_seq = r.seq and m.step = 'migrate' and json_extract(m.facts, '$.applied') > 0
left join release_step b on b.release_seq = r.seq and b.step = 'backup';

-- rule: database in-releases
-- Every applied migration was applied within a release.
select 'migration ' || d.version as resource,
       case when exists (select 1 from run join release r on r.env = run.env where d.installed_unix_s between r.begun_unix_s and coalesce(r.ended_unix_s, r.begun_unix_s + 7200)) then 'pass'
            when not exists (select 1 from release) then 'unknown' else 'fail' end as status,
       msg('it was applied at {1}', datetime(d.installed_unix_s, 'unixepoch')) as reason, null as file, null as line
from db_migration d;
