-- id: 6.2.4
-- title: Check DB health right after deployment (connections, queries, locks)
-- title.ja: デプロイ直後に DB ヘルス確認（接続・クエリ・ロック）
-- severity: critical
-- phase: 4
-- judged: release
-- remedy: Look at the database after a release (golive check 6.2.4 --database URL): connections, locks, transactions,
--    indexes.
-- remedy.ja: リリース後に DB を確認する（golive check 6.2.4 --database URL）: 接続・ロック・トランザクション・インデックス。

-- rule: database answers
-- The database answers within a second, by an encrypted connection.
select p.role as resource, case when p.connect_ms + p.select_ms <= 1000 then 'pass' else 'fail' end as status,
       msg('it answered after {1} ms', round(p.connect_ms + p.select_ms)) as reason, null as file, null as line from db_probe p
union all
select 'replicas', case when p.replica_lag_seconds is null then 'not_applicable' when p.replica_lag_seconds <= 30 then 'pass' else 'fail' end,
       case when p.replica_lag_seconds is null then msg('there is no replica') else msg('the slowest replica is {1} s behind', p.replica_lag_seconds) end, null, null from db_probe p;

-- rule: database connections
-- At most 80 % of the connections are used.
select 'connections' as resource, case when sum(c.count) <= 0.8 * cast(s.value as integer) then 'pass' else 'fail' end as status,
       msg('{1} of {2} connections are used', sum(c.count), s.value) as reason, null as file, null as line
from db_connection c join db_setting s on s.name = 'max_connections' group by s.value;

-- rule: database nothing-stuck
-- Nobody waits for a lock for 5 s, no transaction is open for a minute, no index is invalid, no constraint unvalidated.
with limits(kind, seconds) as (values ('lock_wait', 5), ('long_transaction', 60), ('idle_in_transaction', 30), ('invalid_index', null), ('unvalidated_constraint', null))
select coalesce(f.kind || ' ' || f.object, l.kind) as resource,
       case when f.kind is null then 'pass' when l.seconds is not null and f.seconds <= l.seconds then 'pass' else 'fail' end as status,
       case when f.kind is null then msg('there is none') else msg('{1}', coalesce(f.detail, f.object)) end as reason, null as file, null as line
from db_probe p join limits l left join db_flaw f on f.kind = l.kind;

-- rule: database planned
-- The newest applied migration is the repository's newest expand file, or newer.
select 'migration ' || max(d.version) as resource,
       case when max(d.version) >= coalesce((select max(m.version) from migration m where m.phase = 'expand' and m.direction <> 'down'), 0) and min(d.success) = 1 then 'pass' else 'fail' end as status,
       msg('the newest expand file is {1}', (select max(m.version) from migration m where m.phase = 'expand' and m.direction <> 'down')) as reason, null as file, null as line
from db_migration d having count(*) > 0;

-- rule: ledger looked
-- After the last release with migrations it was looked at within five minutes.
select 'event ' || e.seq as resource, case when json_extract(e.data, '$.ok') then 'pass' else 'fail' end as status,
       msg('looked at on {1}', datetime(e.time_unix_ms / 1000, 'unixepoch')) as reason, null as file, null as line
from run join event e on e.env = run.env and e.kind = 'database.health' where e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind);
