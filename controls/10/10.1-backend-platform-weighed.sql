-- id: 10.1
-- title: Decide ECS vs App Runner as follows
-- title.ja: ECS vs App Runner は以下で判断:
-- severity: medium
-- phase: 0
-- judged: plan
-- remedy: Record why the backend runs where it does, and what was weighed (golive decide backend.platform --criteria
--    ...).
-- remedy.ja: バックエンド基盤の選定理由と比較軸を記録する（golive decide backend.platform --criteria ...）。

-- rule: config decided
-- backend.platform is written and decided validly.
select 'backend.platform' as resource,
       case when conf_given('backend.platform') and d.key is not null and d.flaw is null then 'pass' else 'fail' end as status,
       case when not conf_given('backend.platform') then msg('golive.yaml does not say {1}', 'backend.platform')
            when d.key is null then msg('decisions says nothing about {1}', 'backend.platform')
            when d.flaw is not null then msg('the decision about {1} does not count: {2}', 'backend.platform', d.flaw)
            else msg('decided by {1}', d.by) end as reason,
       coalesce(d.file, conf_file('backend.platform')) as file, coalesce(d.line, conf_line('backend.platform')) as line, conf('backend.platform') as evidence
from run left join decision d on d.env = run.env and d.key = 'backend.platform';

-- rule: config criteria
-- What was weighed is said.
select 'decisions.backend.platform.criteria' as resource,
       case when count(c.value) > 0 and count(case when c.value in ('network_control', 'scalability', 'operational_freedom', 'build_speed', 'low_ops') then 1 end) = count(c.value) then 'pass' else 'fail' end as status,
       case when count(c.value) = 0 then msg('golive.yaml does not say {1}', 'decisions.backend.platform.criteria') else msg('weighed were {1}', group_concat(c.value, ', ')) end as reason, coalesce(min(c.file), conf_file('backend.platform')) as file, coalesce(min(c.line), conf_line('backend.platform')) as line
from run left join config c on c.env = run.env and c.shape = 'decisions.backend.platform.criteria[]' group by run.env;

-- rule: aws live
-- What runs is that platform.
