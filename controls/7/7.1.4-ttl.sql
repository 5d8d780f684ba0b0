-- id: 7.1.4
-- title: Set TTLs to the operating policy (short before the cutover)
-- title.ja: TTL を運用方針に合わせて設定（切替前は短め）
-- severity: medium
-- phase: 4
-- judged: go
-- remedy: Set domain.ttl.steady and domain.ttl.cutover (30 to 60 s), and lower it in time.
-- remedy.ja: domain.ttl.steady と domain.ttl.cutover（30〜60 秒）を設定し、事前に下げる。

-- rule: config values
-- The short TTL is 30 to 60 s, the usual one five minutes to a day.
select 'domain.ttl.cutover' as resource, case when cast(conf('domain.ttl.cutover') as integer) between 30 and 60 then 'pass' else 'fail' end as status,
       msg('domain.ttl.cutover is {1} s', conf('domain.ttl.cutover')) as reason, conf_file('domain.ttl.cutover') as file, conf_line('domain.ttl.cutover') as line from run
union all
select 'domain.ttl.steady', case when cast(conf('domain.ttl.steady') as integer) between 300 and 86400 then 'pass' else 'fail' end,
       msg('domain.ttl.steady is {1} s', conf('domain.ttl.steady')), conf_file('domain.ttl.steady'), conf_line('domain.ttl.steady') from run;

-- rule: template records
-- Aliases have no TTL; other records of the names have the usual one.
select r.id as resource,
       case when prop(r.id, 'AliasTarget.DNSName') is not null and prop(r.id, 'TTL') is not null then 'fail'
            when prop(r.id, 'AliasTarget.DNSName') is null and rtrim(prop(r.id, 'Name'), '.') in (conf('domain.app'), conf('domain.api')) and prop(r.id, 'TTL') is not conf('domain.ttl.steady') then 'fail' else 'pass' end as status,
       msg('{1}: TTL {2}', prop(r.id, 'Name'), coalesce(prop(r.id, 'TTL'), msg('of its target'))) as reason, r.file as file, line(r.id, 'TTL') as line
from run join resource r on r.env = run.env and r.type = 'AWS::Route53::RecordSet';

-- rule: ledger lowered
-- The TTL was lowered at least one old TTL before the cutover.
select 'event ' || e.seq as resource,
       case when coalesce((select min(c.time_unix_ms) from event c where c.env = e.env and c.kind = 'cutover.begin' and c.seq > e.seq) / 1000, unixepoch(conf('cutover.at'))) - e.time_unix_ms / 1000
                 >= cast(json_extract(e.data, '$.old_ttl_s') as integer) then 'pass' else 'fail' end as status,
       msg('lowered from {1} s on {2}', json_extract(e.data, '$.old_ttl_s'), datetime(e.time_unix_ms / 1000, 'unixepoch')) as reason, null as file, null as line
from run join event e on e.env = run.env and e.kind = 'dns.prepare' where e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind);
