-- id: 5.3.2
-- title: API error rate (4xx/5xx)
-- title.ja: API エラー率（4xx/5xx）
-- severity: high
-- phase: 3
-- judged: release
-- remedy: Keep the rates of 4xx and 5xx on the dashboard and their alarms (stacks/observability.yaml).
-- remedy.ja: 4xx・5xx の率をダッシュボードとアラームに保つ（stacks/observability.yaml）。

-- rule: template shown
-- The dashboard shows both rates as parts of all requests.
select d.id || ' ' || w.column1 as resource,
       case when not json_valid(coalesce(prop(d.id, 'DashboardBody'), '')) then 'fail'
            when exists (select 1 from json_tree(prop(d.id, 'DashboardBody')) j where j.key = 'expression' and j.atom like '%/requests%' and j.atom like '%' || w.column2 || '%')
             and exists (select 1 from json_tree(prop(d.id, 'DashboardBody')) j where j.atom = w.column1) then 'pass' else 'fail' end as status,
       msg('the dashboard shows {1}', w.column1) as reason, d.file as file, line(d.id, 'DashboardBody') as line
from run join resource d on d.env = run.env and d.type = 'AWS::CloudWatch::Dashboard'
join (values ('HTTPCode_Target_4XX_Count', 't4'), ('HTTPCode_Target_5XX_Count', 't5'), ('HTTPCode_ELB_5XX_Count', 'e5')) w where conf('backend.platform') = 'ecs';

-- rule: template alarms
-- Both rates alarm; that of 4xx only with enough requests.
with wanted(name, most, guard) as (values ('error-rate', 5.0, 'requests'), ('client-errors', 20.0, 'requests'))
select w.name as resource,
       case when count(a.id) = 0 then 'fail' when min(cast(prop(a.id, 'Threshold') as real)) > w.most then 'fail' when min(prop(a.id, 'Metrics[0].Expression') like '%IF(%' || w.guard || '%') = 0 then 'fail' else 'pass' end as status,
       case when count(a.id) = 0 then msg('there is no alarm {1}', w.name) else msg('it alarms above {1} %', min(prop(a.id, 'Threshold'))) end as reason, min(a.file) as file, min(line(a.id, 'Threshold')) as line
from run join wanted w left join resource a on a.env = run.env and a.type = 'AWS::CloudWatch::Alarm' and prop(a.id, 'AlarmName') like '%-' || w.name
where conf('backend.platform') = 'ecs' and exists (select 1 from stack s where s.env = run.env)
group by w.name;

-- rule: aws data
-- Both metrics have data.
