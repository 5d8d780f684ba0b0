-- id: 4.3.3
-- title: Implement the start-up check of required variables (fail fast when missing)
-- title.ja: 起動時必須変数チェックを実装（欠落時 fail-fast）
-- severity: high
-- phase: 2
-- judged: release
-- remedy: Give each required variable a rule (env_vars[].validate), and let the program refuse to start without it,
--    naming it.
-- remedy.ja: 必須変数に検証規則（env_vars[].validate）を付け、欠けたら名前を示して起動を拒否させる。

-- rule: config rules
-- Each required variable has a rule that judges its value.
select v.key as resource,
       case when exists (select 1 from config c where c.env = v.env and c.key between v.key || '.validate.' and v.key || '.validate/') then 'pass' else 'fail' end as status,
       case when exists (select 1 from config c where c.env = v.env and c.key between v.key || '.validate.' and v.key || '.validate/')
            then msg('{1} is judged by {2}', v.name, (select group_concat(distinct c.name) from config c where c.env = v.env and c.key between v.key || '.validate.' and v.key || '.validate/'))
            else msg('{1} has no validate', v.name) end as reason, v.file as file, v.line as line
from run join env_var v on v.env = run.env and v.required = 'true';

-- rule: ledger tried
-- Without each of them the released program ended within 10 s, naming it and showing no value.
select json_extract(e.data, '$.variable') as resource, case when json_extract(e.data, '$.ok') then 'pass' else 'fail' end as status,
       msg('without it the program {1}', json_extract(e.data, '$.outcome')) as reason, null as file, null as line
from run join event e on e.env = run.env and e.kind = 'drill.variable'
where e.seq = (select max(x.seq) from event x where x.kind = e.kind and x.env = e.env and json_extract(x.data, '$.variable') = json_extract(e.data, '$.variable'));

-- rule: template delivered
-- The container gets every required variable.
select c.resource || ' ' || v.name as resource, case when g.name is not null then 'pass' else 'fail' end as status,
       case when g.name is not null then msg('{1} reaches the container as {2}', v.name, g.kind) else msg('{1} does not reach the container', v.name) end as reason,
       c.file as file, coalesce(g.line, c.line) as line
from run join backend_container c on c.env = run.env join env_var v on v.env = run.env and v.required = 'true' and v.scope in ('backend', 'common')
left join container_variable g on g.resource = c.resource and g.name = v.name;
