-- id: 8.P3.4
-- title: Carry out one backup/restore exercise
-- title.ja: バックアップ/復元演習を 1 回実施
-- severity: critical
-- phase: 3
-- judged: release
-- remedy: Restore a backup and compare (golive rehearse does on this machine).
-- remedy.ja: バックアップを復元して比較する（手元では golive rehearse が行う）。
-- references: https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_backing_up_data_periodic_recovery_testing_data.html

-- rule: ledger drill
-- In the last 90 days a backup was restored in time, young enough, and everything in it was compared.
select 'event ' || e.seq as resource,
       case when e.time_unix_ms / 1000 < run.now_unix_s - 90 * 86400 then 'fail' when not json_extract(e.data, '$.ok') then 'fail'
            when json_extract(e.data, '$.duration_s') > 60 * cast(conf('recovery.rto_minutes') as integer) then 'fail' else 'pass' end as status,
       msg('restored on {1} within {2} s', date(e.time_unix_ms / 1000, 'unixepoch'), json_extract(e.data, '$.duration_s')) as reason, null as file, null as line
from run join event e on e.env in (run.env, (select s.env from environment s where s.staging = 1)) and e.kind = 'drill.restore'
where e.seq = (select max(x.seq) from event x where x.kind = e.kind);

-- rule: aws gone
-- Nothing of the drill is left.
