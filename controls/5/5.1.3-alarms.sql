-- id: 5.1.3
-- title: Set alarms (high error rate, DB connection exhaustion, latency degradation)
-- title.ja: アラーム設定（高エラー率、DB 接続枯渇、レイテンシ悪化）
-- severity: critical
-- phase: 3
-- judged: release
-- remedy: Keep the alarms of stacks/observability.yaml; their limits come from slo and observability.alarms.
-- remedy.ja: stacks/observability.yaml のアラームを保つ。しきい値は slo と observability.alarms による。
-- aliases: CKV_AWS_319
-- references: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
-- depends: 5.1.4

-- rule: template error-rate
-- The error rate counts both kinds of 5xx against all requests, is silent at low traffic, and alarms soon enough.
select a.id as resource,
       case when not (x.value like '%5xx%' and x.value like '%requests%' and x.value like '%FILL(%' and x.value like '%IF(%') then 'fail'
            when cast(prop(a.id, 'Threshold') as real) > min(5.0, 2 * cast(conf('slo.error_rate_pct') as real)) then 'fail'
            when cast(prop(a.id, 'DatapointsToAlarm') as integer) > 3 or cast(prop(a.id, 'EvaluationPeriods') as integer) > 5 then 'fail'
            when not exists (select 1 from property m where m.resource = a.id and m.shape = 'Metrics[].MetricStat.Metric.MetricName' and m.value = 'HTTPCode_ELB_5XX_Count') then 'fail'
            when exists (select 1 from property p where p.resource = a.id and p.shape = 'Metrics[].MetricStat.Period' and p.value <> '60') then 'fail' else 'pass' end as status,
       msg('{1} above {2} % in {3} of {4} minutes', x.value, prop(a.id, 'Threshold'), prop(a.id, 'DatapointsToAlarm'), prop(a.id, 'EvaluationPeriods')) as reason,
       a.file as file, line(a.id, 'Threshold') as line
from run join resource a on a.env = run.env and a.type = 'AWS::CloudWatch::Alarm' and prop(a.id, 'AlarmName') like '%-error-rate'
left join property x on x.resource = a.id and x.shape = 'Metrics[].Expression'
union all
select run.env || ' error-rate', 'fail', msg('there is no alarm of the error rate'), null, null
from run where exists (select 1 from stack s where s.env = run.env)
 and not exists (select 1 from resource a where a.env = run.env and a.type = 'AWS::CloudWatch::Alarm' and prop(a.id, 'AlarmName') like '%-error-rate');

-- rule: template connections
-- The database's connections alarm at 80 % of what its class allows, and both versions together fit.
with memory(class, bytes) as (values ('micro', 1073741824.0), ('small', 2147483648.0), ('medium', 4294967296.0), ('large', 8589934592.0), ('xlarge', 17179869184.0), ('2xlarge', 34359738368.0),
    ('4xlarge', 68719476736.0), ('8xlarge', 137438953472.0)),
db(id, most, file) as (
    select r.id, coalesce(cast(prop(target(r.id, 'DBParameterGroupName'), 'Parameters.max_connections') as integer),
           min(5000, cast(m.bytes * case when prop(r.id, 'DBInstanceClass') like 'db.r%' then 2 else 1 end / 9531392 as integer))), r.file
    from run join resource r on r.env = run.env and r.type = 'AWS::RDS::DBInstance'
    left join memory m on m.class = substr(prop(r.id, 'DBInstanceClass'), instr(substr(prop(r.id, 'DBInstanceClass'), 4), '.') + 4)
)
select a.id as resource,
       case when db.most is null then 'unknown' when cast(prop(a.id, 'Threshold') as real) > 0.8 * db.most then 'fail' else 'pass' end as status,
       msg('it alarms at {1}; the database allows {2}', prop(a.id, 'Threshold'), db.most) as reason, a.file as file, line(a.id, 'Threshold') as line
from run join db join resource a on a.env = run.env and a.type = 'AWS::CloudWatch::Alarm' and prop(a.id, 'MetricName') = 'DatabaseConnections'
union all
select db.id, case when db.most is null then 'unknown'
       when 2 * cast(conf('database.pool_max') as integer) * cast(conf('sizing.max_tasks') as integer) + 10 <= db.most then 'pass' else 'fail' end,
       msg('{1} tasks of each version with {2} connections each; the database allows {3}', conf('sizing.max_tasks'), conf('database.pool_max'), db.most), conf_file('database.pool_max'), conf_line('database.pool_max')
from db;

-- rule: template latency
-- The 95th percentile alarms at one and a half times the objective, over the whole load balancer, and not on single
-- requests.
select a.id as resource,
       case when cast(prop(a.id, 'Threshold') as real) > 1.5 * cast(conf('slo.p95_ms') as real) / 1000 then 'fail'
            when prop(a.id, 'Dimensions[0].Name') is not 'LoadBalancer' or prop(a.id, 'Dimensions[1].Name') is not null then 'fail'
            when prop(a.id, 'EvaluateLowSampleCountPercentile') is not 'ignore' then 'fail' else 'pass' end as status,
       msg('it alarms at {1} s; slo.p95_ms is {2}', prop(a.id, 'Threshold'), conf('slo.p95_ms')) as reason, a.file as file, line(a.id, 'Threshold') as line
from run join resource a on a.env = run.env and a.type = 'AWS::CloudWatch::Alarm' and prop(a.id, 'MetricName') = 'TargetResponseTime' and prop(a.id, 'ExtendedStatistic') = 'p95'
where a.stack not like '%/service'
union all
select run.env || ' p95', 'fail', msg('there is no alarm of the 95th percentile'), null, null
from run where conf('backend.platform') = 'ecs' and exists (select 1 from stack s where s.env = run.env)
 and not exists (select 1 from resource a where a.env = run.env and a.type = 'AWS::CloudWatch::Alarm' and prop(a.id, 'ExtendedStatistic') = 'p95' and a.stack not like '%/service');

-- rule: template others
-- The other alarms are there, with sensible limits.
with wanted(what, metric, least, most) as (values ('CPUUtilization of the database', 'CPUUtilization', 1.0, 80.0), ('FreeStorageSpace', 'FreeStorageSpace', 1.0, null),
    ('FreeableMemory', 'FreeableMemory', 1.0, null), ('5xxErrorRate', '5xxErrorRate', 0.0, 5.0), ('HealthCheckStatus', 'HealthCheckStatus', 1.0, 1.0))
select w.what as resource,
       case when count(a.id) = 0 then 'fail' when min(cast(prop(a.id, 'Threshold') as real)) < w.least or min(cast(prop(a.id, 'Threshold') as real)) > coalesce(w.most, 1e18) then 'fail' else 'pass' end as status,
       case when count(a.id) = 0 then msg('there is no alarm of {1}', w.what) else msg('it alarms at {1}', min(prop(a.id, 'Threshold'))) end as reason, min(a.file) as file, min(line(a.id, 'Threshold')) as line
from run join wanted w left join resource a on a.env = run.env and a.type = 'AWS::CloudWatch::Alarm' and prop(a.id, 'MetricName') = w.metric
 and (w.metric <> 'CPUUtilization' or prop(a.id, 'Namespace') = 'AWS/RDS')
where exists (select 1 from stack s where s.env = run.env)
group by w.what
union all
select w.column1, case when count(a.resource) = 0 then 'fail' else 'pass' end, case when count(a.resource) = 0 then msg('there is no alarm of {1}', w.column1) else msg('it is watched by {1}', min(a.resource)) end, min(a.file), min(a.line)
from run join (values ('UnHealthyHostCount'), ('RunningTaskCount')) w
left join property a on a.shape = 'Metrics[].MetricStat.Metric.MetricName' and a.value = w.column1 and a.resource like run.env || '/observability%'
where conf('backend.platform') = 'ecs' and exists (select 1 from stack s where s.env = run.env)
group by w.column1;

-- rule: template missing-data
-- Silence is a breach where life is watched, and none where rates are.
select a.id as resource,
       case when prop(a.id, 'MetricName') = 'HealthCheckStatus' or prop(a.id, 'AlarmName') regexp '(unhealthy-targets|tasks-missing)$'
            then case prop(a.id, 'TreatMissingData') when 'breaching' then 'pass' else 'fail' end
            when prop(a.id, 'AlarmName') regexp '(error-rate|client-errors|latency-p9[59])$' then case prop(a.id, 'TreatMissingData') when 'notBreaching' then 'pass' else 'fail' end
            else 'not_applicable' end as status,
       msg('TreatMissingData is {1}', coalesce(prop(a.id, 'TreatMissingData'), msg('missing'))) as reason, a.file as file, line(a.id, 'TreatMissingData') as line
from run join resource a on a.env = run.env and a.type = 'AWS::CloudWatch::Alarm' and a.stack not like '%/service';

-- rule: template whose
-- A metric of a service of AWS is named with its namespace and with what it is of: else it has no data, and the alarm is
-- silent. Names that more than one service has are told apart by their namespace.
with whose(name, namespace, dimension, only) as (values ('HTTPCode%', 'AWS/ApplicationELB', 'LoadBalancer', 1), ('TargetResponseTime', 'AWS/ApplicationELB', 'LoadBalancer', 1),
    ('%HealthyHostCount', 'AWS/ApplicationELB', 'LoadBalancer', 1), ('RequestCount', 'AWS/ApplicationELB', 'LoadBalancer', 0), ('%TaskCount', 'ECS/ContainerInsights', 'ServiceName', 1),
    ('%Utilization', 'AWS/ECS', 'ServiceName', 0), ('CPUUtilization', 'AWS/RDS', 'DBInstanceIdentifier', 0), ('DatabaseConnections', 'AWS/RDS', 'DBInstanceIdentifier', 1),
    ('FreeStorageSpace', 'AWS/RDS', 'DBInstanceIdentifier', 1), ('FreeableMemory', 'AWS/RDS', 'DBInstanceIdentifier', 1), ('5xxErrorRate', 'AWS/CloudFront', 'DistributionId', 1),
    ('DaysToExpiry', 'AWS/CertificateManager', 'CertificateArn', 1), ('HealthCheckStatus', 'AWS/Route53', 'HealthCheckId', 1)),
metric(resource, place, name, namespace, file, line) as materialized (
    select p.resource, substr(p.path, 1, length(p.path) - length('MetricName')), p.value,
           prop(p.resource, case p.shape when 'MetricName' then 'Namespace' else p.parent || '.Namespace' end), p.file, p.line
    from run cross join property p on p.shape in ('MetricName', 'Metrics[].MetricStat.Metric.MetricName')
    join resource a on a.id = p.resource and a.env = run.env and a.type = 'AWS::CloudWatch::Alarm'
)
select m.resource || ' ' || m.place || 'Dimensions' as resource,
       case when m.namespace is not w.namespace then 'fail'
            when exists (select 1 from property d where d.resource = m.resource and +d.shape in ('Dimensions[].Name', 'Metrics[].MetricStat.Metric.Dimensions[].Name')
                         and d.path in (m.place || 'Dimensions[0].Name', m.place || 'Dimensions[1].Name', m.place || 'Dimensions[2].Name') and d.value = w.dimension) then 'pass' else 'fail' end as status,
       msg('{1} is a metric of {2} and wanted with the dimension {3}', m.name, w.namespace, w.dimension) as reason, m.file as file, m.line as line
from metric m join whose w on m.name like w.name and (w.only or m.namespace = w.namespace);

-- rule: template direction
-- An alarm looks the way that is bad: down for what runs out or answers, up for load, time and errors, and for what
-- golive's own stacks compute.
with way(name, word) as (values ('DaysToExpiry', 'LessThan'), ('FreeStorageSpace', 'LessThan'), ('FreeableMemory', 'LessThan'), ('HealthCheckStatus', 'LessThan'),
    ('HealthyHostCount', 'LessThan'), ('CPUUtilization', 'GreaterThan'), ('MemoryUtilization', 'GreaterThan'), ('DatabaseConnections', 'GreaterThan'),
    ('MaximumUsedTransactionIDs', 'GreaterThan'), ('TargetResponseTime', 'GreaterThan'), ('5xxErrorRate', 'GreaterThan'), ('ErrorLines', 'GreaterThan'), ('SlowQueries', 'GreaterThan'))
select r.id as resource,
       verdict(known(r.id, 'ComparisonOperator'), coalesce(prop(r.id, 'ComparisonOperator') like w.word || '%',
               prop(r.id, 'MetricName') is not null or k.origin not in ('shipped', 'ejected') or prop(r.id, 'ComparisonOperator') like 'GreaterThan%')) as status,
       msg('{1} is {2}', 'ComparisonOperator', prop(r.id, 'ComparisonOperator')) as reason,
       r.file as file, line(r.id, 'ComparisonOperator') as line, prop(r.id, 'MetricName') as evidence
from run join resource r on r.env = run.env and r.type = 'AWS::CloudWatch::Alarm'
join stack k on k.id = r.stack
left join way w on w.name = prop(r.id, 'MetricName');

-- rule: database connections
-- The server's max_connections is the one the limit was made from.
select 'max_connections' as resource,
       case when exists (select 1 from resource a where a.env = run.env and prop(a.id, 'MetricName') = 'DatabaseConnections' and cast(prop(a.id, 'Threshold') as real) <= 0.8 * cast(s.value as integer)) then 'pass' else 'fail' end as status,
       msg('the server allows {1} connections', s.value) as reason, null as file, null as line
from run join db_setting s on s.name = 'max_connections';

-- rule: aws state
-- The alarms exist, have data, and are not in INSUFFICIENT_DATA.
