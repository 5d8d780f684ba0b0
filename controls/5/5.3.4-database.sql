-- id: 5.3.4
-- title: DB indicators (connections, CPU, storage, slow queries)
-- title.ja: DB 指標（接続数、CPU、ストレージ、遅いクエリ）
-- severity: high
-- phase: 3
-- judged: release
-- remedy: Keep what stacks/data.yaml and stacks/observability.yaml make of the database's measures: logs of slow
--    statements, insights, alarms.
-- remedy.ja: stacks/data.yaml・observability.yaml の DB 計測（スロークエリログ・Insights・アラーム）を保つ。
-- aliases: CKV_AWS_118 CKV_AWS_129 CKV_AWS_353 CKV2_AWS_30
-- references: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html

-- rule: template shown
-- The dashboard shows connections, processor, storage and slow statements.
select d.id || ' ' || w.column1 as resource,
       case when not json_valid(coalesce(prop(d.id, 'DashboardBody'), '')) then 'fail'
            when exists (select 1 from json_tree(prop(d.id, 'DashboardBody')) j where j.atom = w.column1) then 'pass' else 'fail' end as status,
       msg('the dashboard shows {1}', w.column1) as reason, d.file as file, line(d.id, 'DashboardBody') as line
from run join resource d on d.env = run.env and d.type = 'AWS::CloudWatch::Dashboard'
join (values ('DatabaseConnections'), ('CPUUtilization'), ('FreeStorageSpace'), ('SlowQueries')) w
where conf('backend.platform') = 'ecs' or w.column1 not in ('MemoryUtilization', 'HTTPCode_Target_5XX_Count', 'HTTPCode_ELB_5XX_Count', 'TargetResponseTime');

-- rule: template logged
-- The server logs slow statements and lock waits, exports its log, and keeps statistics.
select r.id || ' ' || w.column1 as resource,
       verdict(known(g.id, 'Parameters.' || w.column1), case w.column1 when 'log_min_duration_statement' then cast(prop(g.id, 'Parameters.log_min_duration_statement') as integer) between 100 and 2000
            when 'shared_preload_libraries' then prop(g.id, 'Parameters.shared_preload_libraries') like '%pg_stat_statements%' else prop(g.id, 'Parameters.' || w.column1) in ('1', 'on') end) as status,
       msg('{1} is {2}', w.column1, coalesce(prop(g.id, 'Parameters.' || w.column1), msg('not set'))) as reason, g.file as file, line(g.id, 'Parameters.' || w.column1) as line
from run join resource r on r.env = run.env and r.type = 'AWS::RDS::DBInstance' join resource g on g.id = target(r.id, 'DBParameterGroupName')
join (values ('log_min_duration_statement'), ('shared_preload_libraries'), ('log_lock_waits')) w
union all
select r.id || ' EnableCloudwatchLogsExports', case when exists (select 1 from property p where p.resource = r.id and p.shape = 'EnableCloudwatchLogsExports[]' and p.value = 'postgresql') then 'pass' else 'fail' end,
       msg('it exports {1}', coalesce((select group_concat(p.value) from property p where p.resource = r.id and p.shape = 'EnableCloudwatchLogsExports[]'), msg('nothing'))), r.file, line(r.id, 'EnableCloudwatchLogsExports')
from run join resource r on r.env = run.env and r.type = 'AWS::RDS::DBInstance'
union all
select r.id || ' insights', verdict(known(r.id, 'DatabaseInsightsMode'), prop(r.id, 'EnablePerformanceInsights') = 'true' or prop(r.id, 'DatabaseInsightsMode') in ('standard', 'advanced')),
       msg('DatabaseInsightsMode is {1}', coalesce(prop(r.id, 'DatabaseInsightsMode'), msg('not set'))), r.file, line(r.id, 'DatabaseInsightsMode')
from run join resource r on r.env = run.env and r.type = 'AWS::RDS::DBInstance';

-- rule: template alarms
-- Connections, processor, storage, memory and transaction ids alarm.
select w.column1 as resource, case when count(a.id) > 0 then 'pass' else 'fail' end as status,
       case when count(a.id) > 0 then msg('it alarms at {1}', min(prop(a.id, 'Threshold'))) else msg('there is no alarm of {1}', w.column1) end as reason, min(a.file) as file, min(a.line) as line
from run join (values ('DatabaseConnections'), ('CPUUtilization'), ('FreeStorageSpace'), ('FreeableMemory'), ('MaximumUsedTransactionIDs')) w
left join resource a on a.env = run.env and a.type = 'AWS::CloudWatch::Alarm' and prop(a.id, 'Namespace') = 'AWS/RDS' and prop(a.id, 'MetricName') = w.column1
where exists (select 1 from stack s where s.env = run.env)
group by w.column1;

-- rule: database statistics
-- pg_stat_statements is there, slow statements are logged as golive.yaml says, and none is slow too often.
select 'pg_stat_statements' as resource, case when count(x.name) > 0 then 'pass' else 'fail' end as status,
       case when count(x.name) > 0 then msg('the extension is there') else msg('create extension pg_stat_statements is missing') end as reason, null as file, null as line
from db_probe p left join db_extension x on x.name = 'pg_stat_statements' group by p.role
union all
select 'log_min_duration_statement', case when s.value = conf('database.log_min_duration_ms') then 'pass' else 'fail' end,
       msg('it is {1} ms; database.log_min_duration_ms is {2}', s.value, conf('database.log_min_duration_ms')), conf_file('database.log_min_duration_ms'), conf_line('database.log_min_duration_ms')
from db_setting s where s.name = 'log_min_duration_statement'
union all
select substr(s.query, 1, 60), 'fail', msg('it takes {1} ms on average, {2} times', round(s.mean_ms), s.calls), null, null
from run join db_statement s where s.mean_ms > cast(conf('slo.p95_ms') as real) and s.calls > 100
 and not exists (select 1 from config c where c.env = run.env and c.shape = 'database.slow_query_allow[]' and s.query like c.value);
