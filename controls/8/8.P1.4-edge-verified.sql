-- id: 8.P1.4
-- title: Enable ACM + WAF
-- title.ja: ACM + WAF を有効化
-- severity: high
-- phase: 1
-- judged: infra
-- remedy: Judge 2.1.1, 7.2.1, 1.1.5, 2.4.1 and 2.4.2 against the account.
-- remedy.ja: 2.1.1・7.2.1・1.1.5・2.4.1・2.4.2 を実環境で判定する。
-- depends: 2.1.1 2.4.1 1.1.5

-- rule: ledger judged
-- Their newest results are pass.
select w.column1 as resource,
       case when e.seq is null then 'unknown' when json_extract(e.data, '$.status') in ('pass', 'waived', 'not_applicable') then 'pass' else 'fail' end as status,
       case when e.seq is null then msg('it was never judged with --live') else msg('judged on {1}: {2}', datetime(e.time_unix_ms / 1000, 'unixepoch'), json_extract(e.data, '$.status')) end as reason, null as file, null as line
from run join (values ('2.1.1'), ('7.2.1'), ('1.1.5'), ('2.4.1'), ('2.4.2')) w
left join event e on e.seq = (select max(x.seq) from event x where x.env = run.env and x.kind = 'control.result' and json_extract(x.data, '$.control') = w.column1);

-- rule: aws attached
-- The same, read now.
