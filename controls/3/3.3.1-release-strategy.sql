-- id: 3.3.1
-- title: Define Blue/Green or rolling update
-- title.ja: Blue/Green もしくは Rolling update を定義
-- severity: high
-- phase: 2
-- judged: release
-- remedy: Choose release.strategy (blue_green unless there is a reason), release.bake_minutes, and record why (golive
--    decide release.strategy).
-- remedy.ja: release.strategy（通常は blue_green）と release.bake_minutes を決め、golive decide release.strategy で記録する。
-- references: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html
-- depends: 1.2.3

-- rule: config decided
-- The strategy is written, decided validly, and possible.
select 'release.strategy' as resource,
       case when conf('backend.platform') = 'app_runner' and conf('release.strategy') <> 'rolling' then 'fail'
            when conf_given('release.strategy') and d.key is not null and d.flaw is null then 'pass' else 'fail' end as status,
       case when conf('backend.platform') = 'app_runner' and conf('release.strategy') <> 'rolling' then msg('App Runner only knows rolling')
            when not conf_given('release.strategy') then msg('golive.yaml does not say {1}', 'release.strategy')
            when d.key is null then msg('decisions says nothing about {1}', 'release.strategy')
            else coalesce(d.flaw, msg('decided by {1}', d.by)) end as reason,
       coalesce(d.file, conf_file('release.strategy')) as file, coalesce(d.line, conf_line('release.strategy')) as line, conf('release.strategy') as evidence
from run left join decision d on d.env = run.env and d.key = 'release.strategy'
union all
select 'release.bake_minutes', case when cast(conf('release.bake_minutes') as integer) between 5 and 1440 then 'pass' else 'fail' end,
       msg('release.bake_minutes is {1}; 5 to 1440 are sensible', conf('release.bake_minutes')), conf_file('release.bake_minutes'), conf_line('release.bake_minutes'), null
from run;

-- rule: template service
-- The service shifts as release.strategy says, and keeps the old tasks for the bake.
select r.id as resource,
       case conf('release.strategy')
            when 'blue_green' then verdict(known(r.id, 'DeploymentConfiguration.Strategy'), prop(r.id, 'DeploymentConfiguration.Strategy') = 'BLUE_GREEN'
                 and prop(r.id, 'DeploymentConfiguration.BakeTimeInMinutes') = conf('release.bake_minutes')
                 and prop(r.id, 'LoadBalancers[0].AdvancedConfiguration.AlternateTargetGroupArn') is not null
                 and prop(r.id, 'LoadBalancers[0].AdvancedConfiguration.ProductionListenerRule') is not null
                 and prop(r.id, 'LoadBalancers[0].AdvancedConfiguration.RoleArn') is not null
                 and coalesce(prop(r.id, 'DeploymentController.Type'), 'ECS') = 'ECS')
            when 'canary' then verdict(known(r.id, 'DeploymentConfiguration.Strategy'), prop(r.id, 'DeploymentConfiguration.Strategy') = 'CANARY'
                 and exists (select 1 from property c where c.resource = r.id and c.path like 'DeploymentConfiguration.CanaryConfiguration.%'))
            when 'linear' then verdict(known(r.id, 'DeploymentConfiguration.Strategy'), prop(r.id, 'DeploymentConfiguration.Strategy') = 'LINEAR')
            else verdict(known(r.id, 'DeploymentConfiguration.Strategy'), coalesce(prop(r.id, 'DeploymentConfiguration.Strategy'), 'ROLLING') = 'ROLLING'
                 and cast(coalesce(prop(r.id, 'DeploymentConfiguration.MinimumHealthyPercent'), '100') as integer) >= 100
                 and cast(coalesce(prop(r.id, 'DeploymentConfiguration.MaximumPercent'), '200') as integer) >= 200) end as status,
       msg('its strategy is {1} with a bake of {2} minutes; release.strategy is {3}', coalesce(prop(r.id, 'DeploymentConfiguration.Strategy'), 'ROLLING'),
           coalesce(prop(r.id, 'DeploymentConfiguration.BakeTimeInMinutes'), '0'), conf('release.strategy')) as reason,
       r.file as file, line(r.id, 'DeploymentConfiguration.Strategy') as line
from run join resource r on r.env = run.env and r.type = 'AWS::ECS::Service' and r.stack not like '%ssr%';

-- rule: template targets
-- Targets are asked for backend.ready_path and have time to finish their requests.
with want(path, value) as (values ('HealthCheckPath', conf('backend.ready_path')), ('TargetType', 'ip'))
select r.id as resource, verdict(known(r.id, w.path), prop(r.id, w.path) = w.value) as status,
       msg('{1} is {2}; {3} is wanted', w.path, prop(r.id, w.path), w.value) as reason,
       r.file as file, line(r.id, w.path) as line, prop(r.id, w.path) as evidence
from run join resource r on r.env = run.env and r.type = 'AWS::ElasticLoadBalancingV2::TargetGroup' and r.stack not like '%ssr%' join want w
union all
select r.id, verdict(coalesce(v.known, 1), cast(v.value as integer) between 15 and 120),
       msg('requests have {1} s to end; 15 to 120 are sensible', coalesce(v.value, '300')), r.file, coalesce(v.line, r.line), v.value
from run join resource r on r.env = run.env and r.type = 'AWS::ElasticLoadBalancingV2::TargetGroup'
left join property k on k.resource = r.id and k.shape = 'TargetGroupAttributes[].Key' and k.value = 'deregistration_delay.timeout_seconds'
left join property v on v.resource = r.id and v.path = k.parent || '.Value'
union all
select n.resource, verdict(known(n.resource, n.parent || '.StopTimeout'), cast(prop(n.resource, n.parent || '.StopTimeout') as integer) between 15 and 120),
       msg('tasks have {1} s to end; 15 to 120 are sensible', coalesce(prop(n.resource, n.parent || '.StopTimeout'), '30')), n.file, line(n.resource, n.parent || '.StopTimeout'), null
from run join resource r on r.env = run.env and r.type = 'AWS::ECS::TaskDefinition' join property n on n.resource = r.id and n.shape = 'ContainerDefinitions[].Name';

-- rule: aws service
-- The live service has this strategy.
