-- id: 8.P3.1
-- title: Create CloudWatch dashboard and alarms
-- title.ja: CloudWatch Dashboard/Alarm を作成
-- severity: high
-- phase: 3
-- judged: release
-- remedy: Judge 5.1.2, 5.1.3 and 5.3.* against the account.
-- remedy.ja: 5.1.2・5.1.3・5.3.* を実環境で判定する。
-- depends: 5.1.2 5.1.3

-- rule: ledger judged
-- Their newest results are pass.
select w.column1 as resource,
       case when e.seq is null then 'unknown' when json_extract(e.data, '$.status') in ('pass', 'waived', 'not_applicable') then 'pass' else 'fail' end as status,
       case when e.seq is null then msg('it was never judged with --live') else msg('judged on {1}: {2}', datetime(e.time_unix_ms / 1000, 'unixepoch'), json_extract(e.data, '$.status')) end as reason, null as file, null as line
from run join (values ('5.1.2'), ('5.1.3'), ('5.3.1'), ('5.3.2'), ('5.3.3'), ('5.3.4')) w
left join event e on e.seq = (select max(x.seq) from event x where x.env = run.env and x.kind = 'control.result' and json_extract(x.data, '$.control') = w.column1);

-- rule: aws data
-- The dashboard has data.
