-- id: 1.2.5
-- title: Define a NAT Gateway cost policy (always on / by time of day / by environment)
-- title.ja: NAT Gateway のコスト最適化方針（常時/時間帯/環境別）を定義
-- severity: medium
-- phase: 0
-- judged: plan
-- remedy: Choose network.nat for each environment (prod: per_az or regional, always), set cost.monthly_budget_usd, and
--    record why (golive decide network.nat).
-- remedy.ja: 環境ごとに network.nat を選び（prod は常時）、cost.monthly_budget_usd を設定し、理由を golive decide network.nat で記録する。
-- references: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-pricing.html

-- rule: config decided
-- The way out is decided, and each environment has a budget.
select 'decisions network.nat' as resource, case when conf_given('network.nat') and d.key is not null and d.flaw is null then 'pass' else 'fail' end as status,
       case when not conf_given('network.nat') then msg('golive.yaml does not say {1}', 'network.nat')
            when d.key is null then msg('decisions says nothing about {1}', 'network.nat')
            when d.flaw is not null then msg('the decision about {1} does not count: {2}', 'network.nat', d.flaw)
            else msg('decided by {1}', d.by) end as reason,
       coalesce(d.file, conf_file('network.nat.mode')) as file, coalesce(d.line, conf_line('network.nat.mode')) as line, conf('network.nat.mode') as evidence
from run left join decision d on d.env = run.env and d.key = 'network.nat'
union all
select 'cost.monthly_budget_usd.' || e.env,
       case when cast(conf('cost.monthly_budget_usd.' || e.env) as real) > 0 then 'pass' else 'fail' end,
       msg('the monthly budget of {1} is {2} USD', e.env, coalesce(conf('cost.monthly_budget_usd.' || e.env), '0')),
       conf_file('cost.monthly_budget_usd'), conf_line('cost.monthly_budget_usd.' || e.env), conf('cost.monthly_budget_usd.' || e.env)
from environment e where e.platform = 'aws';

-- rule: config hours
-- Production's way out is open always.
select 'network.nat.schedule' as resource, case when run.env <> 'prod' or conf('network.nat.schedule') = 'always' then 'pass' else 'fail' end as status,
       msg('network.nat.schedule is {1}', conf('network.nat.schedule')) as reason,
       conf_file('network.nat.schedule') as file, conf_line('network.nat.schedule') as line, conf('network.nat.schedule') as evidence
from run;

-- rule: template gateways
-- The stacks make as many NAT gateways as network.nat.mode says.
select run.env || ' AWS::EC2::NatGateway' as resource,
       case when count(r.id) = case conf('network.nat.mode') when 'per_az' then cast(conf('network.azs') as integer) when 'none' then 0 else 1 end
             and (conf('network.nat.mode') <> 'regional' or max(prop(r.id, 'AvailabilityMode')) = 'regional') then 'pass' else 'fail' end as status,
       msg('{1} NAT gateways, where network.nat.mode is {2} and network.azs is {3}', count(r.id), conf('network.nat.mode'), conf('network.azs')) as reason,
       min(r.file) as file, min(r.line) as line
from run left join resource r on r.env = run.env and r.type = 'AWS::EC2::NatGateway'
where exists (select 1 from resource v where v.env = run.env and v.type = 'AWS::EC2::VPC')
group by run.env;

-- rule: aws gateways
-- The account has as many NAT gateways, and the cost so far is within the budget.
