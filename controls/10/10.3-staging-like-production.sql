-- id: 10.3
-- title: Always first build staging with production-equivalent configuration, verify, then promote to prod
-- title.ja: まず staging を本番同等構成で作り、検証完了後に prod へ昇格する運用を固定する。
-- severity: critical
-- phase: 0
-- judged: plan
-- remedy: Keep staging like production but for size, names, addresses and accounts: `golive plan --diff stg prod`.
-- remedy.ja: ステージングは規模・名前・アドレス・アカウント以外を本番と同じにする: `golive plan --diff stg prod`。

-- rule: config same
-- Only what may differ does.
select c.key as resource,
       case when c.key regexp '^(account_id|region|secrets_path|domain\.|network\.(vpc_cidr|subnets|nat|azs)|sizing\.|approval\.|backup\.|cost\.|observability\.(notify|alarms|log_retention_days)|env_vars\[[0-9]+\]\.values|frontend\.ssr\.origin|audit\.|infra\.|slo\.|recovery\.|load\.|database\.backup_retention_days|cutover\.)' then 'pass' else 'fail' end as status,
       msg('{1} in staging, {2} in production', coalesce(o.value, msg('(none)')), coalesce(c.value, msg('(none)'))) as reason, coalesce(o.file, c.file) as file, coalesce(o.line, c.line) as line
from run join environment s on s.staging = 1 join config c on c.env = run.env left join config o on o.env = s.env and o.key = c.key
where c.value is not o.value and run.env = 'prod'
union all
select run.env || ' golive.yaml', 'pass', msg('what may not differ is the same'), null, null from run join environment s on s.staging = 1 where run.env = 'prod'
union all
select run.env, 'not_applicable', msg('it is asked of {1}', 'prod'), null, null from run where run.env <> 'prod';

-- rule: template same-templates
-- The templates are the same, byte for byte.
select p.key as resource, case when s.id is null then 'fail' when s.template_sha256 = p.template_sha256 then 'pass' else 'fail' end as status,
       case when s.id is null then msg('staging has no stack {1}', p.key) when s.template_sha256 = p.template_sha256 then msg('the template is the same') else msg('the templates differ') end as reason, p.file as file, null as line
from run join environment e on e.staging = 1 join stack p on p.env = run.env left join stack s on s.env = e.env and s.key = p.key
where run.env = 'prod' and (s.id is not null or p.key not in ('audit', 'backup', 'zone') and p.key not like 'network-%')
union all
select run.env, 'not_applicable', msg('it is asked of {1}', 'prod'), null, null from run where run.env <> 'prod';

-- rule: template same-settings
-- Engine, parameters, firewall, TLS and the way of releasing are the same.
with important(type, shape) as (values ('AWS::RDS::DBInstance', 'EngineVersion'), ('AWS::RDS::DBParameterGroup', 'Parameters.%'), ('AWS::WAFv2::WebACL', 'Rules[]%Name'), ('AWS::WAFv2::WebACL', 'Rules[]%Limit'),
    ('AWS::ElasticLoadBalancingV2::Listener', 'SslPolicy'), ('AWS::ECS::Service', 'DeploymentConfiguration.%'))
select p.resource || ' ' || p.path as resource, case when q.value is p.value or p.target is not null then 'pass' else 'fail' end as status,
       msg('{1} in staging, {2} in production', coalesce(q.value, msg('(none)')), p.value) as reason, p.file as file, p.line as line
from run join environment e on e.staging = 1 join resource r on r.env = run.env join important i on i.type = r.type
join property p on p.resource = r.id and p.shape like i.shape
left join property q on q.resource = e.env || substr(r.id, length(run.env) + 1) and q.path = p.path
where run.env = 'prod' and exists (select 1 from resource x where x.id = e.env || substr(r.id, length(run.env) + 1))
union all
select run.env, 'not_applicable', msg('it is asked of {1}', 'prod'), null, null from run where run.env <> 'prod';

-- rule: ledger predecessors
-- Everything that production got had been on staging, but hotfixes, which were looked at.
select 'release ' || r.release as resource, case when r.from_env is not null then 'pass' when length(r.hotfix) > 0 then 'pass' else 'fail' end as status,
       case when r.from_env is not null then msg('promoted from {1}', r.from_env) when length(r.hotfix) > 0 then msg('a hotfix: {1}', r.hotfix) else msg('its tree was not on staging before') end as reason, null as file, null as line
from run join release r on r.env = run.env and r.operation = 'deploy' and r.state = 'done' and run.env = 'prod';

-- rule: aws same
-- The live settings are the same.
