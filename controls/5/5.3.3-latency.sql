-- id: 5.3.3
-- title: Response time (p50/p95/p99)
-- title.ja: 応答時間（p50/p95/p99）
-- severity: high
-- phase: 3
-- judged: release
-- remedy: Set slo.p95_ms and slo.p99_ms; golive shows p50, p95 and p99 and makes alarms of them.
-- remedy.ja: slo.p95_ms と slo.p99_ms を設定する。p50・p95・p99 の表示とアラームは golive が作る。

-- rule: template shown
-- The dashboard shows the three percentiles.
select d.id || ' ' || w.column1 as resource,
       case when not json_valid(coalesce(prop(d.id, 'DashboardBody'), '')) then 'fail'
            when exists (select 1 from json_tree(prop(d.id, 'DashboardBody')) j where j.atom = w.column1) then 'pass' else 'fail' end as status,
       msg('the dashboard shows {1}', w.column1) as reason, d.file as file, line(d.id, 'DashboardBody') as line
from run join resource d on d.env = run.env and d.type = 'AWS::CloudWatch::Dashboard'
join (values ('p50'), ('p95'), ('p99')) w
where conf('backend.platform') = 'ecs' or w.column1 not in ('MemoryUtilization', 'HTTPCode_Target_5XX_Count', 'HTTPCode_ELB_5XX_Count', 'TargetResponseTime');

-- rule: template alarms
-- The 95th and the 99th percentile alarm, with limits from the objectives.
with wanted(stat, limit_) as (select 'p95', 1.5 * cast(conf('slo.p95_ms') as real) / 1000 from run union all select 'p99', 1.5 * cast(conf('slo.p99_ms') as real) / 1000 from run)
select w.stat as resource,
       case when count(a.id) = 0 then 'fail' when max(cast(prop(a.id, 'Threshold') as real)) > w.limit_ then 'fail' else 'pass' end as status,
       case when count(a.id) = 0 then msg('there is no alarm {1}', w.stat) else msg('it alarms at {1} s; at most {2} s are wanted', max(prop(a.id, 'Threshold')), w.limit_) end as reason,
       min(a.file) as file, min(line(a.id, 'Threshold')) as line
from run join wanted w left join resource a on a.env = run.env and a.type = 'AWS::CloudWatch::Alarm' and prop(a.id, 'ExtendedStatistic') = w.stat and prop(a.id, 'MetricName') = 'TargetResponseTime'
 and a.stack not like '%/service'
where conf('backend.platform') = 'ecs' and exists (select 1 from stack s where s.env = run.env)
group by w.stat;

-- rule: config objectives
-- The 99th percentile is above the 95th.
select 'slo.p95_ms' as resource, case when cast(conf('slo.p95_ms') as real) > 0 and cast(conf('slo.p95_ms') as real) < cast(conf('slo.p99_ms') as real) then 'pass' else 'fail' end as status,
       msg('p95 {1} ms, p99 {2} ms', conf('slo.p95_ms'), conf('slo.p99_ms')) as reason, conf_file('slo.p95_ms') as file, conf_line('slo.p95_ms') as line from run;

-- rule: ledger load
-- The last load test on staging kept both at one and a half times the expected peak.
select 'event ' || e.seq as resource,
       case when json_extract(e.data, '$.p95_ms') <= cast(conf('slo.p95_ms') as real) and json_extract(e.data, '$.p99_ms') <= cast(conf('slo.p99_ms') as real)
             and json_extract(e.data, '$.rps') >= 1.5 * cast(conf('load.rps_peak') as real) then 'pass' else 'fail' end as status,
       msg('p95 {1} ms, p99 {2} ms at {3} requests a second', json_extract(e.data, '$.p95_ms'), json_extract(e.data, '$.p99_ms'), json_extract(e.data, '$.rps')) as reason, null as file, null as line
from run join environment s on s.staging = 1 join event e on e.env = s.env and e.kind = 'load'
where e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind);
