-- id: 9.1
-- title: No serious vulnerability (Critical/High) is unresolved
-- title.ja: 重大脆弱性（Critical/High）が未解決でない
-- severity: critical
-- phase: 4
-- judged: go
-- remedy: Mend or ignore with a reason and an end (ci.audit.ignores) every hole of severity high or critical; scan
--    before the gate.
-- remedy.ja: 重大度 High 以上の脆弱性は修正するか、理由・期限付きで ci.audit.ignores に入れる。ゲート前に再スキャンする。
-- depends: 3.2.3 3.2.4

-- rule: ledger scans
-- Every source was scanned within a day, with nothing grave open.
select w.column1 as resource,
       case when e.seq is null then 'unknown' when e.time_unix_ms / 1000 < run.now_unix_s - 86400 then 'fail'
            when coalesce(json_extract(e.data, '$.critical'), 0) + coalesce(json_extract(e.data, '$.high'), 0) > 0 then 'fail' else 'pass' end as status,
       case when e.seq is null then msg('{1} was never recorded', w.column1) else msg('scan of {1}: {2} critical, {3} high', datetime(e.time_unix_ms / 1000, 'unixepoch'), json_extract(e.data, '$.critical'), json_extract(e.data, '$.high')) end as reason,
       null as file, null as line
from run join ledger_state join (values ('scan.dependencies'), ('scan.image'), ('scan.code')) w
left join event e on e.seq = (select max(x.seq) from event x where x.env = run.env and x.kind = w.column1);

-- rule: aws registry
-- The registry's scan of the digest shows none.

-- rule: github alerts
-- GitHub's alerts show none.
