-- Variables that the application needs (env_vars of golive.yaml).
-- collector: derived from config
create view env_var as
select n.env as env,
       n.parent as key,                 -- env_vars[0]
       n.value as name,
       s.value as scope,                -- backend, frontend, common
       k.value as kind,                 -- plain, secret
       q.value as required,             -- true, false
       v.value as value,                -- of a plain one in this environment, or null
       t.value as store_name,           -- its name in the secret store, or null
       n.file as file, n.line as line
from config n
left join config s on s.env = n.env and s.key = n.parent || '.scope'
left join config k on k.env = n.env and k.key = n.parent || '.kind'
left join config q on q.env = n.env and q.key = n.parent || '.required'
left join config v on v.env = n.env and v.key = n.parent || '.values.' || n.env
left join config t on t.env = n.env and t.key = n.parent || '.store_name'
where n.shape = 'env_vars[].name';
