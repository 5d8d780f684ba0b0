-- id: 8.P0.3
-- title: Lay down naming rules, tag rules and cost allocation rules
-- title.ja: 命名規約、タグ規約、コスト配賦ルールを策定
-- severity: medium
-- phase: 0
-- judged: plan
-- remedy: Keep naming.pattern, name the tags under tags.required with values, and a budget for each environment.
-- remedy.ja: naming.pattern を保ち、tags.required と値、環境ごとの予算を設定する。
-- aliases: CKV2_AWS_5

-- rule: config tags
-- The five tags are required and have values; somebody hears about costs.
select 'tags.required ' || w.column1 as resource,
       case when not exists (select 1 from config c where c.env = run.env and c.shape = 'tags.required[]' and c.value = w.column1) then 'fail'
            when w.column1 in ('owner', 'cost-center') and conf('tags.values.' || w.column1) is null then 'fail' else 'pass' end as status,
       case when not exists (select 1 from config c where c.env = run.env and c.shape = 'tags.required[]' and c.value = w.column1) then msg('tags.required lacks {1}', w.column1)
            when w.column1 in ('owner', 'cost-center') and conf('tags.values.' || w.column1) is null then msg('golive.yaml does not say {1}', 'tags.values.' || w.column1)
            else msg('the tag {1} is {2}', w.column1, coalesce(conf('tags.values.' || w.column1), msg('made by golive'))) end as reason, coalesce(conf_file('tags.required'), 'golive.yaml') as file, conf_line('tags.required') as line
from run join (values ('app'), ('env'), ('owner'), ('cost-center'), ('managed-by')) w
union all
select 'naming.pattern', case when conf('naming.pattern') = '{app}-{env}-{role}' then 'pass' else 'fail' end, msg('naming.pattern is {1}', conf('naming.pattern')), conf_file('naming.pattern'), conf_line('naming.pattern') from run
union all
select 'cost.notify', case when conf('cost.notify[0]') is not null then 'pass' else 'fail' end, msg('costs are told to {1}', coalesce(conf('cost.notify[0]'), msg('(nobody)'))), conf_file('cost.notify'), conf_line('cost.notify') from run
union all
select 'cost.monthly_budget_usd.' || e.env, case when cast(conf('cost.monthly_budget_usd.' || e.env) as real) > 0 then 'pass' else 'fail' end, msg('the monthly budget of {1} is {2} USD', e.env, coalesce(conf('cost.monthly_budget_usd.' || e.env), '0')),
       conf_file('cost.monthly_budget_usd'), conf_line('cost.monthly_budget_usd.' || e.env) from environment e where e.platform = 'aws';

-- rule: template tagged
-- Every stack carries the required tags; services hand theirs on.
select s.id as resource,
       case when exists (select 1 from config c where c.env = run.env and c.shape = 'tags.required[]' and not exists (select 1 from stack_tag t where t.stack = s.id and t.key = c.value)
                         and not (c.value = 'env' and s.key in ('bootstrap', 'ci', 'audit', 'registry', 'certificate-events', 'certificate-events@global'))) then 'fail' else 'pass' end as status,
       msg('its tags are {1}', (select group_concat(t.key) from stack_tag t where t.stack = s.id)) as reason, s.file as file, null as line
from run join stack s on s.env = run.env and s.key not like 'release/%'
union all
select r.id, case when prop(r.id, 'PropagateTags') in ('SERVICE', 'TASK_DEFINITION') and prop(r.id, 'EnableECSManagedTags') = 'true' then 'pass' else 'fail' end,
       msg('PropagateTags is {1}, EnableECSManagedTags is {2}', coalesce(prop(r.id, 'PropagateTags'), 'NONE'), coalesce(prop(r.id, 'EnableECSManagedTags'), 'false')), r.file, line(r.id, 'PropagateTags')
from run join resource r on r.env = run.env and r.type = 'AWS::ECS::Service';

-- rule: template budget
-- The budget warns at 80 % spent and at 100 % forecast.
select r.id as resource,
       case when exists (select 1 from property n where n.resource = r.id and n.shape = 'NotificationsWithSubscribers[].Notification.NotificationType' and n.value = 'ACTUAL' and cast(prop(r.id, n.parent || '.Threshold') as real) = 80)
             and exists (select 1 from property n where n.resource = r.id and n.shape = 'NotificationsWithSubscribers[].Notification.NotificationType' and n.value = 'FORECASTED' and cast(prop(r.id, n.parent || '.Threshold') as real) = 100) then 'pass' else 'fail' end as status,
       msg('its limit is {1} USD', prop(r.id, 'Budget.BudgetLimit.Amount')) as reason, r.file as file, line(r.id, 'NotificationsWithSubscribers[0].Notification.Threshold') as line
from run join resource r on r.env = run.env and r.type = 'AWS::Budgets::Budget';

-- rule: aws tagged
-- Every resource carries the tags.
