-- id: 5.1.2
-- title: Visualise the main metrics (CPU, memory, 5xx, p95 latency)
-- title.ja: 主要メトリクスを可視化（CPU, Memory, 5xx, p95 latency）
-- severity: high
-- phase: 3
-- judged: release
-- remedy: Keep the dashboard of stacks/observability.yaml: processor, memory, answers 5xx, p95.
-- remedy.ja: stacks/observability.yaml のダッシュボード（CPU・メモリ・5xx・p95）を保つ。
-- references: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html

-- rule: template widgets
-- The dashboard shows processor, memory, both kinds of 5xx, answer times, and CloudFront's errors.
select d.id || ' ' || w.column1 as resource,
       case when not json_valid(coalesce(prop(d.id, 'DashboardBody'), '')) then 'fail'
            when exists (select 1 from json_tree(prop(d.id, 'DashboardBody')) j where j.atom = w.column1) then 'pass' else 'fail' end as status,
       msg('the dashboard shows {1}', w.column1) as reason, d.file as file, line(d.id, 'DashboardBody') as line
from run join resource d on d.env = run.env and d.type = 'AWS::CloudWatch::Dashboard'
join (values ('CPUUtilization'), ('MemoryUtilization'), ('HTTPCode_Target_5XX_Count'), ('HTTPCode_ELB_5XX_Count'), ('TargetResponseTime'), ('p95'), ('5xxErrorRate')) w
where conf('backend.platform') = 'ecs' or w.column1 not in ('MemoryUtilization', 'HTTPCode_Target_5XX_Count', 'HTTPCode_ELB_5XX_Count', 'TargetResponseTime');

-- rule: template whole-balancer
-- Answer times are those of the whole load balancer, not of one target group.
select d.id as resource,
       case when not json_valid(coalesce(prop(d.id, 'DashboardBody'), '')) then 'fail'
            when exists (select 1 from json_each(prop(d.id, 'DashboardBody'), '$.widgets') w join json_each(w.value, '$.properties.metrics') m
                 where json_extract(m.value, '$[1]') = 'TargetResponseTime' and exists (select 1 from json_each(m.value) x where x.value = 'TargetGroup')) then 'fail' else 'pass' end as status,
       msg('TargetResponseTime is shown by load balancer') as reason, d.file as file, line(d.id, 'DashboardBody') as line
from run join resource d on d.env = run.env and d.type = 'AWS::CloudWatch::Dashboard';

-- rule: aws data
-- Each of these metrics has data points of the last hour.
