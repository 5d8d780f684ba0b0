-- id: 10.1.1
-- title: ECS: when network control, scalability and operational freedom matter
-- title.ja: ECS: ネットワーク制御・拡張性・運用自由度重視
-- severity: medium
-- phase: 0
-- judged: plan
-- remedy: Choose ecs where its abilities are used (blue/green, sidecars, private calls, large tasks).
-- remedy.ja: ECS の機能（Blue/Green・サイドカー・内部通信・大きいタスク）を使うなら ecs を選ぶ。
-- depends: 10.1

-- rule: config needed
-- Where something is used that only ECS can do, ecs is chosen.
select 'backend.platform' as resource,
       case when conf('backend.platform') = 'ecs' then 'pass'
            when conf('release.strategy') in ('blue_green', 'canary', 'linear') or conf('edge.api_path') = 'cloudfront' or conf('backend.sidecars[0].name') is not null
              or cast(conf('sizing.cpu') as integer) > 4096 or cast(conf('sizing.memory') as integer) > 12288 or coalesce(conf('backend.app_runner_existing_customer'), 'false') <> 'true' then 'fail'
            else 'pass' end as status,
       msg('backend.platform is {1}, release.strategy is {2}', conf('backend.platform'), conf('release.strategy')) as reason, conf_file('backend.platform') as file, conf_line('backend.platform') as line
from run;
