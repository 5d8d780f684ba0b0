-- id: 4.2.1
-- title: Backend: `DATABASE_URL`, `JWT_SECRET`, `RUST_LOG`, `CORS_ORIGIN`
-- title.ja: Backend: `DATABASE_URL`, `JWT_SECRET`, `RUST_LOG`, `CORS_ORIGIN`
-- severity: critical
-- phase: 1
-- judged: infra
-- remedy: Declare DATABASE_URL and JWT_SECRET as secrets, RUST_LOG and CORS_ORIGIN as plain under env_vars, and put
--    their values into the store.
-- remedy.ja: env_vars に DATABASE_URL・JWT_SECRET を secret、RUST_LOG・CORS_ORIGIN を plain で宣言し、値をストアに入れる。

-- rule: config declared
-- The four are declared, required, of the right kind.
with wanted(name, kind) as (values ('DATABASE_URL', 'secret'), ('JWT_SECRET', 'secret'), ('RUST_LOG', 'plain'), ('CORS_ORIGIN', 'plain'))
select 'env_vars ' || w.name as resource,
       case when v.kind = w.kind and v.scope = 'backend' and v.required = 'true' then 'pass' else 'fail' end as status,
       case when v.name is null then msg('{1} is not declared', w.name) else msg('{1} is {2}, scope {3}, required {4}', w.name, v.kind, v.scope, v.required) end as reason,
       coalesce(v.file, 'golive.yaml') as file, coalesce(v.line, conf_line('env_vars[0].name')) as line
from run join wanted w left join env_var v on v.env = run.env and v.name = w.name;

-- rule: repo read
-- What the backend reads without a fallback is declared.
select c.value as resource, case when max(v.name is not null) = 1 then 'pass' else 'fail' end as status,
       case when max(v.name is not null) = 1 then msg('{1} is declared', c.value) else msg('the backend reads {1}, which env_vars does not declare', c.value) end as reason,
       min(c.file) as file, min(c.line) as line
from run join code c on c.kind = 'env_read' and c.area = 'backend' and c.test = 0
left join env_var v on v.env = run.env and v.name = c.value and v.scope in ('backend', 'common')
where c.value not in ('PORT', 'APP_ENV', 'HOME', 'PATH', 'HOSTNAME', 'BIND_ADDR', 'RELEASE_VERSION', 'READY_FD') and c.value not like 'CARGO_%'
  and not exists (select 1 from code f where f.kind = 'env_optional' and f.value = c.value)
group by c.value;

-- rule: repo no-fallback
-- No secret has a fallback value in the sources.
select coalesce(c.file || ':' || c.line, run.app) as resource, case when c.file is null then 'pass' else 'fail' end as status,
       case when c.file is null then msg('no secret has a fallback value') else msg('{1} has a fallback value: without it the program must not start', c.value) end as reason, c.file as file, c.line as line
from run left join code c on c.kind = 'secret_fallback' and c.test = 0
 and (c.value in (select v.name from env_var v where v.env = run.env and v.kind = 'secret') or c.value regexp '(SECRET|PASSWORD|TOKEN|PRIVATE_KEY|DATABASE_URL)')
where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected');

-- rule: template delivered
-- The container gets the secret ones from the store and the plain ones as values.
select c.resource || ' ' || v.name as resource, case when g.kind = v.kind then 'pass' else 'fail' end as status,
       case when g.name is null then msg('{1} does not reach the container', v.name) else msg('{1} reaches the container as {2}', v.name, g.kind) end as reason,
       c.file as file, coalesce(g.line, c.line) as line
from run join backend_container c on c.env = run.env join env_var v on v.env = run.env and v.name in ('DATABASE_URL', 'JWT_SECRET', 'RUST_LOG', 'CORS_ORIGIN')
left join container_variable g on g.resource = c.resource and g.name = v.name;

-- rule: ledger quality
-- DATABASE_URL demands a verified connection as another user than the master; JWT_SECRET is long and no sample.
select json_extract(e.data, '$.name') as resource,
       case json_extract(e.data, '$.name')
            when 'DATABASE_URL' then case when json_extract(e.data, '$.attributes.sslmode') in ('verify-full', 'verify-ca') and json_extract(e.data, '$.attributes.master') = 0 then 'pass' else 'fail' end
            else case when json_extract(e.data, '$.attributes.bytes') >= 32 and json_extract(e.data, '$.attributes.entropy_bits') >= 128 and json_extract(e.data, '$.attributes.sample') = 0 then 'pass' else 'fail' end end as status,
       msg('its attributes are {1}', json_extract(e.data, '$.attributes')) as reason, null as file, null as line
from run join event e on e.env = run.env and e.kind = 'secret.set' and json_extract(e.data, '$.name') in ('DATABASE_URL', 'JWT_SECRET')
where e.seq = (select max(x.seq) from event x where x.kind = e.kind and x.env = e.env and json_extract(x.data, '$.name') = json_extract(e.data, '$.name'));
