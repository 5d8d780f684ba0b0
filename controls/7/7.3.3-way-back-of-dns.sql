-- id: 7.3.3
-- title: Prepare the DNS rollback procedure (back to the old system)
-- title.ja: ロールバック DNS 手順（旧系への戻し）を準備
-- severity: critical
-- phase: 4
-- judged: go
-- remedy: Keep the old target alive for 72 hours (cutover.previous) and try switching back on staging.
-- remedy.ja: 旧環境を 72 時間残し（cutover.previous）、ステージングで切り戻しを試す。
-- depends: 7.1.4

-- rule: config previous
-- It is known what was there before, and it stays for 72 hours.
select 'cutover.previous' as resource,
       case when conf('cutover.previous.kind') in ('records', 'maintenance_page') and unixepoch(conf('cutover.previous.keep_until')) >= unixepoch(conf('cutover.at')) + 72 * 3600 then 'pass' else 'fail' end as status,
       case when conf('cutover.previous.keep_until') is null then msg('golive.yaml does not say {1}', 'cutover.previous.keep_until')
            else msg('{1}, kept until {2}', coalesce(conf('cutover.previous.kind'), '?'), conf('cutover.previous.keep_until')) end as reason,
       conf_file('cutover.previous.kind') as file, conf_line('cutover.previous.kind') as line from run;

-- rule: ledger backup
-- The records from before are kept, and the way back was checked.
select 'event ' || e.seq as resource, case when json_extract(e.data, '$.records_sha256') is not null and json_extract(e.data, '$.validated') then 'pass' else 'fail' end as status,
       msg('kept on {1}', datetime(e.time_unix_ms / 1000, 'unixepoch')) as reason, null as file, null as line
from run join event e on e.env = run.env and e.kind = 'dns.prepare' where e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind);

-- rule: ledger drill
-- In the last 30 days it was switched and switched back on staging in time.
select 'event ' || e.seq as resource,
       case when e.time_unix_ms / 1000 < run.now_unix_s - 30 * 86400 then 'fail'
            when json_extract(e.data, '$.ok') then 'pass' else 'fail' end as status,
       case when e.time_unix_ms / 1000 < run.now_unix_s - 30 * 86400
            then msg('the newest one is of {1}, more than {2} days ago', date(e.time_unix_ms / 1000, 'unixepoch'), 30)
            when json_extract(e.data, '$.ok') then msg('it succeeded on {1}', date(e.time_unix_ms / 1000, 'unixepoch'))
            else msg('it failed on {1}: {2}', date(e.time_unix_ms / 1000, 'unixepoch'), json_extract(e.data, '$.why')) end as reason,
       null as file, null as line
from run join environment s on s.staging = 1 join event e on e.env = s.env and e.kind = 'drill.dns'
where e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind);

-- rule: endpoint previous
-- What was there before still answers.

-- rule: aws records
-- The records have the form that the way back expects.
