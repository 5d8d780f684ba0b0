-- id: 5.3.1
-- title: Availability (SLA/SLO)
-- title.ja: 稼働率（SLA/SLO）
-- severity: high
-- phase: 3
-- judged: release
-- remedy: Set slo.availability_pct and slo.window_days; golive makes probes and burn-rate alarms from them.
-- remedy.ja: slo.availability_pct と slo.window_days を設定する。プローブとバーンレートアラームは golive が作る。
-- references: https://sre.google/workbook/alerting-on-slos/
-- depends: 8.P0.4

-- rule: config objective
-- The objective is sensible, over four weeks or 30 days, and above what was promised.
select 'slo.availability_pct' as resource,
       case when cast(conf('slo.availability_pct') as real) between 99.0 and 99.99 and cast(conf('slo.window_days') as integer) in (28, 30)
             and (conf('sla.availability_pct') is null or cast(conf('sla.availability_pct') as real) < cast(conf('slo.availability_pct') as real)) then 'pass' else 'fail' end as status,
       msg('{1} % over {2} days; promised are {3} %', conf('slo.availability_pct'), conf('slo.window_days'), coalesce(conf('sla.availability_pct'), msg('none'))) as reason,
       conf_file('slo.availability_pct') as file, conf_line('slo.availability_pct') as line
from run;

-- rule: template probes
-- Probes ask the API's readiness and the site from outside, every 30 s at most.
with wanted(name, path) as (select conf('domain.api'), conf('backend.ready_path') from run union all select conf('domain.app'), null from run)
select w.name as resource,
       case when h.resource is null then 'fail' when prop(h.resource, 'HealthCheckConfig.Type') not like 'HTTPS%' then 'fail'
            when cast(prop(h.resource, 'HealthCheckConfig.RequestInterval') as integer) > 30 then 'fail'
            when w.path is not null and prop(h.resource, 'HealthCheckConfig.ResourcePath') is not w.path then 'fail' else 'pass' end as status,
       case when h.resource is null then msg('nothing probes {1}', w.name) else msg('{1} asks {2} every {3} s', h.resource, prop(h.resource, 'HealthCheckConfig.ResourcePath'), prop(h.resource, 'HealthCheckConfig.RequestInterval')) end as reason,
       h.file as file, h.line as line
from run join wanted w left join property h on h.shape = 'HealthCheckConfig.FullyQualifiedDomainName' and h.value = w.name and h.resource like run.env || '/%'
where exists (select 1 from stack s where s.env = run.env);

-- rule: template burn-rates
-- The error budget's burning alarms quickly (14.4 times) and slowly (6 times), over a long and a short window each.
with wanted(name, factor) as (values ('burn-fast', 14.4), ('burn-slow', 6.0))
select w.name as resource,
       case when count(c.id) = 0 then 'fail' when max(prop(c.id, 'AlarmRule') like 'ALARM(%AND ALARM(%') = 0 then 'fail'
            when (select count(*) from reference f join resource a on a.id = f.target and a.type = 'AWS::CloudWatch::Alarm'
                  where f.resource = min(c.id) and f.path = 'AlarmRule' and cast(prop(a.id, 'Threshold') as real) <= w.factor * (100 - cast(conf('slo.availability_pct') as real)) * 1.001) < 2 then 'fail'
            else 'pass' end as status,
       case when count(c.id) = 0 then msg('there is no alarm {1}', w.name) else msg('{1} alarms on {2}', min(c.id), min(prop(c.id, 'AlarmRule'))) end as reason, min(c.file) as file, min(c.line) as line
from run join wanted w left join resource c on c.env = run.env and c.type = 'AWS::CloudWatch::CompositeAlarm' and prop(c.id, 'AlarmName') like '%-' || w.name
where exists (select 1 from stack s where s.env = run.env)
group by w.name;

-- rule: template shown
-- The dashboard shows availability.
select d.id as resource, case when json_valid(coalesce(prop(d.id, 'DashboardBody'), '')) and lower(prop(d.id, 'DashboardBody')) like '%availability%' then 'pass' else 'fail' end as status,
       msg('the dashboard shows {1}', 'availability') as reason, d.file as file, line(d.id, 'DashboardBody') as line
from run join resource d on d.env = run.env and d.type = 'AWS::CloudWatch::Dashboard';

-- rule: aws measured
-- The probes have data, and the objective was met over the window.
