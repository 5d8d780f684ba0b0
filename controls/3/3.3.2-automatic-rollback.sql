-- id: 3.3.2
-- title: State the automatic rollback conditions in writing
-- title.ja: 失敗時の自動ロールバック条件を明文化
-- severity: critical
-- phase: 2
-- judged: release
-- remedy: Keep the five conditions under release.rollback.when, not looser than slo, and the circuit breaker and alarms
--    of stacks/service.yaml.
-- remedy.ja: release.rollback.when に 5 条件（slo より緩くしない）を置き、stacks/service.yaml のサーキットブレーカーとアラームを保つ。
-- references: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
-- depends: 3.3.1 5.1.3

-- rule: config conditions
-- The five conditions are there, and not looser than what was promised.
with wanted(metric, limit_, window, hits) as (
    select '5xx_rate', max(1.0, cast(conf('slo.error_rate_pct') as real)), 5, 3 from run
    union all select 'p95', 1.5 * cast(conf('slo.p95_ms') as real), 5, 5 from run
    union all select 'unhealthy_targets', 1.0, 2, 2 from run
    union all values ('smoke_failed', null, null, null), ('tasks_failed_to_start', null, null, null)
)
select 'release.rollback.when ' || w.metric as resource,
       case when m.key is null then 'fail' when w.limit_ is null then 'pass'
            when cast(conf(m.parent || '.threshold') as real) > w.limit_ then 'fail'
            when conf(m.parent || '.unit') is null or conf(m.parent || '.window_min') is null or conf(m.parent || '.datapoints') is null then 'fail'
            when cast(conf(m.parent || '.window_min') as integer) > w.window then 'fail' else 'pass' end as status,
       case when m.key is null then msg('the condition {1} is missing', w.metric)
            when w.limit_ is null then msg('it is there')
            else msg('threshold {1}, at most {2} is wanted', conf(m.parent || '.threshold'), w.limit_) end as reason,
       coalesce(m.file, conf_file('release.rollback')) as file, coalesce(m.line, conf_line('release.rollback.when[0].metric')) as line
from run join wanted w left join config m on m.env = run.env and m.shape = 'release.rollback.when[].metric' and m.value = w.metric;

-- rule: template breaker
-- The circuit breaker and the alarms are on, and roll back.
with want(path, value) as (values
    ('DeploymentConfiguration.DeploymentCircuitBreaker.Enable', 'true'), ('DeploymentConfiguration.DeploymentCircuitBreaker.Rollback', 'true'),
    ('DeploymentConfiguration.Alarms.Enable', 'true'), ('DeploymentConfiguration.Alarms.Rollback', 'true')
)
select r.id as resource, verdict(known(r.id, w.path), prop(r.id, w.path) = w.value) as status,
       msg('{1} is {2}; {3} is wanted', w.path, prop(r.id, w.path), w.value) as reason,
       r.file as file, line(r.id, w.path) as line, prop(r.id, w.path) as evidence
from run join resource r on r.env = run.env and r.type = 'AWS::ECS::Service' join want w;

-- rule: template alarms
-- The alarms exist, and watch the load balancer: a target group of one colour says nothing about the other. Each condition that is
-- a metric has one.
with watched(metric, pattern) as (values
    ('5xx_rate', 'HTTPCode_%5XX_Count'), ('p95', 'TargetResponseTime'), ('unhealthy_targets', 'UnHealthyHostCount')
), named(service, alarm, known) as (
    select p.resource, p.target, p.known or p.target is not null from run join resource r on r.env = run.env and r.type = 'AWS::ECS::Service'
    join property p on p.resource = r.id and p.shape = 'DeploymentConfiguration.Alarms.AlarmNames[]'
)
select p.resource || ' ' || coalesce(p.target, p.value) as resource,
       case when a.type is not 'AWS::CloudWatch::Alarm' then case when p.known = 0 and p.target is null then 'unknown' else 'fail' end
            when prop(a.id, 'Dimensions[0].Name') = 'LoadBalancer' and prop(a.id, 'Dimensions[1].Name') is null then 'pass'
            when exists (select 1 from property d where d.resource = a.id and d.shape = 'Metrics[].MetricStat.Metric.Dimensions[].Name' and d.value = 'LoadBalancer') then 'pass'
            else 'fail' end as status,
       msg('it watches {1}', coalesce(prop(a.id, 'MetricName'), prop(a.id, 'Metrics[0].Expression'), p.value)) as reason, p.file as file, p.line as line
from run join resource r on r.env = run.env and r.type = 'AWS::ECS::Service' and r.stack not like '%ssr%'
join property p on p.resource = r.id and p.shape = 'DeploymentConfiguration.Alarms.AlarmNames[]'
left join resource a on a.id = p.target
union all
select r.id || ' ' || w.metric,
       case when exists (select 1 from named n join property d on d.resource = n.alarm and d.shape in ('MetricName', 'Metrics[].MetricStat.Metric.MetricName')
                         and d.value like w.pattern where n.service = r.id) then 'pass'
            when exists (select 1 from named n where n.service = r.id and not n.known) then 'unknown' else 'fail' end,
       msg('an alarm in AlarmNames must watch {1}', w.metric), r.file, line(r.id, 'DeploymentConfiguration.Alarms')
from run join resource r on r.env = run.env and r.type = 'AWS::ECS::Service' join watched w
join config m on m.env = run.env and m.shape = 'release.rollback.when[].metric' and m.value = w.metric
where r.stack not like '%ssr%' or w.metric = 'unhealthy_targets';

-- rule: repo documented
-- docs/rollback.md is the rendering of the present configuration.
select g.path as resource, g.status as status, g.reason as reason, g.path as file, null as line from generated g where g.path = 'docs/rollback.md';

-- rule: ledger drill
-- In the last 90 days a bad release on staging went back by itself.
select 'event ' || e.seq as resource,
       case when e.time_unix_ms / 1000 < run.now_unix_s - 90 * 86400 then 'fail'
            when json_extract(e.data, '$.ok') then 'pass' else 'fail' end as status,
       case when e.time_unix_ms / 1000 < run.now_unix_s - 90 * 86400
            then msg('the newest one is of {1}, more than {2} days ago', date(e.time_unix_ms / 1000, 'unixepoch'), 90)
            when json_extract(e.data, '$.ok') then msg('it succeeded on {1}', date(e.time_unix_ms / 1000, 'unixepoch'))
            else msg('it failed on {1}: {2}', date(e.time_unix_ms / 1000, 'unixepoch'), json_extract(e.data, '$.why')) end as reason,
       null as file, null as line
from run join environment s on s.staging = 1 join event e on e.env = s.env and e.kind = 'drill.rollback'
where e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind);
