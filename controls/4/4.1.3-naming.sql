-- id: 4.1.3
-- title: Unify the naming convention (e.g. `GLANCEFLOW_<SERVICE>_<KEY>`)
-- title.ja: 命名規約を統一（例: `GLANCEFLOW_<SERVICE>_<KEY>`）
-- severity: medium
-- phase: 0
-- judged: plan
-- remedy: Name variables in the store as naming.secret_pattern says: /APP/ENV/PREFIX_SERVICE_KEY, each name once
--    (env_vars[].store_name).
-- remedy.ja: ストアの変数名は naming.secret_pattern（/APP/ENV/PREFIX_SERVICE_KEY）に従い一意にする（env_vars[].store_name）。

-- rule: config names
-- Each variable's name fits, and is used once.
select v.key as resource,
       case when coalesce(v.store_name, '') regexp ('^' || conf('app.env_prefix') || '_(BACKEND|FRONTEND|COMMON)_[A-Z][A-Z0-9_]*$')
             and (select count(*) from env_var o where o.env = v.env and o.store_name = v.store_name) = 1 then 'pass' else 'fail' end as status,
       case when v.store_name is null then msg('golive.yaml does not say {1}', v.key || '.store_name') else msg('{1} is kept as {2}', v.name, v.store_name) end as reason, v.file as file, v.line as line, v.store_name as evidence
from run join env_var v on v.env = run.env
union all
select 'app.env_prefix', case when conf('app.env_prefix') regexp '^[A-Z][A-Z0-9]{1,20}$' then 'pass' else 'fail' end, msg('app.env_prefix is {1}', conf('app.env_prefix')),
       conf_file('app.env_prefix'), conf_line('app.env_prefix'), null from run;
