-- id: 4.2.2
-- title: Frontend: `PUBLIC_API_BASE_URL`, `PUBLIC_APP_ENV`
-- title.ja: Frontend: `PUBLIC_API_BASE_URL`, `PUBLIC_APP_ENV`
-- severity: high
-- phase: 2
-- judged: release
-- remedy: Declare PUBLIC_API_BASE_URL and PUBLIC_APP_ENV for the frontend with a value for each environment
--    (env_vars[].values).
-- remedy.ja: PUBLIC_API_BASE_URL と PUBLIC_APP_ENV を frontend 用に宣言し、環境ごとの値を書く（env_vars[].values）。

-- rule: config values
-- Both are declared for the frontend with the right values in every environment.
select e.env || ' PUBLIC_API_BASE_URL' as resource,
       case when v.scope = 'frontend' and v.kind = 'plain' and (v.value = 'https://' || conf_of(e.env, 'domain.api') or v.value like 'https://' || conf_of(e.env, 'domain.api') || '/%')
             and v.value not like '%/' then 'pass' else 'fail' end as status,
       msg('it is {1}; domain.api is {2}', coalesce(v.value, msg('(no value)')), conf_of(e.env, 'domain.api')) as reason, coalesce(v.file, 'golive.yaml') as file, v.line as line
from environment e left join env_var v on v.env = e.env and v.name = 'PUBLIC_API_BASE_URL' where e.platform = 'aws'
union all
select e.env || ' PUBLIC_APP_ENV',
       case when v.scope = 'frontend' and v.kind = 'plain' and v.value = case e.env when 'dev' then 'development' when 'stg' then 'staging' when 'prod' then 'production' else e.env end then 'pass' else 'fail' end,
       msg('it is {1}', coalesce(v.value, msg('(no value)'))), coalesce(v.file, 'golive.yaml'), v.line
from environment e left join env_var v on v.env = e.env and v.name = 'PUBLIC_APP_ENV' where e.platform = 'aws';

-- rule: repo public-only
-- The frontend imports public variables only, and has no address of a developer's machine.
select c.file || ':' || c.line as resource, 'fail' as status, msg('{1} stands in the frontend''s sources', c.value) as reason, c.file as file, c.line as line
from code c where c.kind = 'local_url' and c.area = 'frontend' and c.test = 0 and c.file like '%/src/%'
union all
select c.file || ':' || c.line, 'fail', msg('the variable {1} is no public one', trim(c.value)), c.file, c.line
from code c where c.kind = 'public_import' and c.test = 0 and c.value regexp '[A-Z]' and not trim(c.value) regexp '^(PUBLIC_[A-Z0-9_]+( as [A-Za-z]+)?,? *)+$'
union all
select run.app || ' frontend', 'pass', msg('its sources name no developer''s machine and no private variable'), null, null
from run where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected')
 and not exists (select 1 from code c where c.kind = 'local_url' and c.area = 'frontend' and c.test = 0 and c.file like '%/src/%')
 and not exists (select 1 from code c where c.kind = 'public_import' and c.test = 0 and c.value regexp '[A-Z]' and not trim(c.value) regexp '^(PUBLIC_[A-Z0-9_]+( as [A-Za-z]+)?,? *)+$');

-- rule: ledger same-tree
-- Staging and production were built from the same tree.
select 'release ' || r.release as resource,
       case when length(r.hotfix) > 0 or r.from_env is not null then 'pass'
            when exists (select 1 from release s join environment e on e.env = s.env and e.staging = 1 where s.tree = r.tree and s.state = 'done') then 'pass' else 'fail' end as status,
       msg('its tree is {1}', substr(r.tree, 1, 12)) as reason, null as file, null as line
from run join release r on r.env = run.env and r.operation = 'deploy' and r.state = 'done' and run.env = 'prod'
where r.seq = (select max(x.seq) from release x where x.env = run.env and x.operation = 'deploy' and x.state = 'done');
