-- id: 9.2
-- title: The backup restore test has succeeded
-- title.ja: バックアップ復元テストが成功している
-- severity: critical
-- phase: 4
-- judged: go
-- remedy: Restore production's backup into an instance of its own, again after each change of engine, key or instance class.
-- remedy.ja: 本番バックアップを別インスタンスに復元する。エンジン・鍵・インスタンスクラスの変更後は再実施。
-- depends: 8.P3.4

-- rule: ledger drill
-- In the last 90 days a restore succeeded.
select 'event ' || e.seq as resource, case when e.time_unix_ms / 1000 < run.now_unix_s - 90 * 86400 then 'fail' when json_extract(e.data, '$.ok') then 'pass' else 'fail' end as status,
       msg('restored on {1}', date(e.time_unix_ms / 1000, 'unixepoch')) as reason, null as file, null as line
from run join event e on e.env in (run.env, (select s.env from environment s where s.staging = 1)) and e.kind = 'drill.restore'
where e.seq = (select max(x.seq) from event x where x.kind = e.kind);
