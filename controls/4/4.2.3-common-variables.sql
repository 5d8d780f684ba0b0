-- id: 4.2.3
-- title: Common: `SENTRY_DSN`, `AWS_REGION`
-- title.ja: 共通: `SENTRY_DSN`, `AWS_REGION`
-- severity: high
-- phase: 2
-- judged: release
-- remedy: Declare SENTRY_DSN and AWS_REGION with scope common under env_vars; the region is the environment's.
-- remedy.ja: SENTRY_DSN と AWS_REGION を scope: common で宣言する。リージョンは環境のもの。

-- rule: config declared
-- Both are declared, and the region is the environment's.
select 'env_vars SENTRY_DSN' as resource,
       case when conf('observability.error_tracking.provider') = 'none' then 'not_applicable' when v.scope = 'common' and v.required = 'true' then 'pass' else 'fail' end as status,
       case when v.name is null then msg('{1} is not declared', 'SENTRY_DSN') when v.scope = 'common' and v.required = 'true' then msg('its scope is {1}, required {2}', v.scope, v.required)
            else msg('its scope is {1}, required {2}; common and true are needed', v.scope, v.required) end as reason, coalesce(v.file, 'golive.yaml') as file, v.line as line
from run left join env_var v on v.env = run.env and v.name = 'SENTRY_DSN'
union all
select 'env_vars AWS_REGION', case when v.scope = 'common' and v.value = conf('region') then 'pass' else 'fail' end,
       case when v.name is null then msg('{1} is not declared', 'AWS_REGION') when v.value is null then msg('it has no value; the region is {1}', conf('region')) else msg('it is {1}; the region is {2}', v.value, conf('region')) end, coalesce(v.file, 'golive.yaml'), v.line
from run left join env_var v on v.env = run.env and v.name = 'AWS_REGION';

-- rule: template delivered
-- Both reach the container; AWS_REGION is the stack's.
select c.resource || ' ' || w.column1 as resource,
       case when g.name is null and w.column1 = 'SENTRY_DSN' and conf('observability.error_tracking.provider') = 'none' then 'not_applicable'
            when g.name is null then 'fail' when w.column1 = 'AWS_REGION' and g.value is not (select region from resource x where x.id = c.resource) then 'fail' else 'pass' end as status,
       case when g.name is null then msg('{1} does not reach the container', w.column1) else msg('{1} reaches the container as {2}', w.column1, g.kind) end as reason,
       c.file as file, coalesce(g.line, c.line) as line
from run join backend_container c on c.env = run.env join (values ('SENTRY_DSN'), ('AWS_REGION')) w left join container_variable g on g.resource = c.resource and g.name = w.column1;

-- rule: ledger dsn
-- The DSN is one, and its host may be reached.
select 'SENTRY_DSN' as resource,
       case when json_extract(e.data, '$.attributes.dsn') = 1 and exists (select 1 from config d where d.env = run.env and d.shape = 'network.egress.allow[].domain'
                 and d.value = json_extract(e.data, '$.attributes.host')) then 'pass' else 'fail' end as status,
       msg('its host is {1}', json_extract(e.data, '$.attributes.host')) as reason, null as file, null as line
from run join event e on e.env = run.env and e.kind = 'secret.set' and json_extract(e.data, '$.name') = 'SENTRY_DSN'
where e.seq = (select max(x.seq) from event x where x.kind = e.kind and x.env = e.env and json_extract(x.data, '$.name') = 'SENTRY_DSN');
