-- id: 9.5
-- title: The domain certificate is valid and HTTPS is enforced
-- title.ja: ドメイン証明書が有効で HTTPS 強制済み
-- severity: critical
-- phase: 4
-- judged: go
-- remedy: Judge 2.1.1 to 2.1.4 and 7.2.1 against the public names within a day before (needs --live).
-- remedy.ja: 公開前 24 時間以内に 2.1.1〜2.1.4・7.2.1 を公開名で判定する。
-- depends: 2.1.1 2.1.2 2.1.3 2.1.4

-- rule: endpoint https
-- Every public name redirects, presents a good certificate, sends HSTS, and has no mixed content.

-- rule: ledger judged
-- Their newest results are pass, at most a day old.
select w.column1 as resource,
       case when e.seq is null then 'unknown' when e.time_unix_ms / 1000 < run.now_unix_s - 24 * 3600 then 'fail' when json_extract(e.data, '$.status') in ('pass', 'waived', 'not_applicable') then 'pass' else 'fail' end as status,
       case when e.seq is null then msg('it was never judged with --live') else msg('judged on {1}: {2}', datetime(e.time_unix_ms / 1000, 'unixepoch'), json_extract(e.data, '$.status')) end as reason, null as file, null as line
from run join (values ('2.1.1'), ('2.1.2'), ('2.1.3'), ('2.1.4'), ('7.2.1')) w
left join event e on e.seq = (select max(x.seq) from event x where x.env = run.env and x.kind = 'control.result' and json_extract(x.data, '$.control') = w.column1);
