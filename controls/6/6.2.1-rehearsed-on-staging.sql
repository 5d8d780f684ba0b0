-- id: 6.2.1
-- title: Migration plus load/regression test on staging
-- title.ja: Staging で migration + 負荷/回帰テスト
-- severity: critical
-- phase: 4
-- judged: release
-- remedy: Release to staging first with the same migrations under load (load.*, `golive deploy --env stg`, golive
--    rehearse).
-- remedy.ja: 先にステージングへ同じマイグレーションを負荷をかけてリリースする（load.*、`golive deploy --env stg`、golive rehearse）。

-- rule: config load
-- The expected peak, a duration of ten minutes and a profile are given.
select 'load' as resource,
       case when cast(conf('load.rps_peak') as integer) > 0 and cast(conf('load.duration_min') as integer) >= 10 and conf('load.profile[0].path') is not null then 'pass' else 'fail' end as status,
       msg('{1} requests a second for {2} minutes', coalesce(conf('load.rps_peak'), '?'), coalesce(conf('load.duration_min'), '?')) as reason,
       conf_file('load.rps_peak') as file, conf_line('load.rps_peak') as line
from run;

-- rule: ledger load-test
-- In the last 7 days staging bore one and a half times the peak for ten minutes, within the objectives.
select 'event ' || e.seq as resource,
       case when e.time_unix_ms / 1000 < run.now_unix_s - 7 * 86400 then 'fail'
            when json_extract(e.data, '$.rps') >= 1.5 * cast(conf('load.rps_peak') as real) and json_extract(e.data, '$.duration_s') >= 600
             and json_extract(e.data, '$.error_rate_pct') <= cast(conf('slo.error_rate_pct') as real) and json_extract(e.data, '$.p95_ms') <= cast(conf('slo.p95_ms') as real) then 'pass' else 'fail' end as status,
       msg('on {1}: {2} requests a second for {3} s, errors {4} %, p95 {5} ms', date(e.time_unix_ms / 1000, 'unixepoch'), json_extract(e.data, '$.rps'), json_extract(e.data, '$.duration_s'),
           json_extract(e.data, '$.error_rate_pct'), json_extract(e.data, '$.p95_ms')) as reason, null as file, null as line
from run join environment s on s.staging = 1 join event e on e.env = s.env and e.kind = 'load'
where e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind);

-- rule: ledger same-migrations
-- Staging ran the list of migrations that production is to run.
select 'release ' || r.release as resource,
       case when json_extract(m.facts, '$.list') is not null and json_extract(m.facts, '$.list') = json_extract(s.facts, '$.list') then 'pass' else 'fail' end as status,
       msg('its list of migrations is {1}, that of staging {2}', substr(json_extract(m.facts, '$.list'), 1, 12), substr(json_extract(s.facts, '$.list'), 1, 12)) as reason, null as file, null as line
from run join release r on r.env = run.env and r.operation = 'deploy' and r.state = 'done'
join release_step m on m.release_seq = r.seq and m.step = 'migrate'
left join environment e on e.staging = 1
left join release_step s on s.env = e.env and s.step = 'migrate' and s.release_seq = (select max(x.seq) from release x where x.env = e.env and x.state = 'done' and x.begun_unix_s <= r.begun_unix_s)
where r.seq = (select max(x.seq) from release x where x.env = run.env and x.operation = 'deploy' and x.state = 'done');

-- rule: database locks
-- No statement waited longer for a lock than migrations.lock_timeout_ms.
select coalesce(f.object, 'locks') as resource, case when f.seconds is null or f.seconds * 1000 <= cast(conf('migrations.lock_timeout_ms') as integer) then 'pass' else 'fail' end as status,
       case when f.seconds is null then msg('nobody waits for a lock') else msg('it waits for {1} s', f.seconds) end as reason, null as file, null as line
from db_probe p left join db_flaw f on f.kind = 'lock_wait';
