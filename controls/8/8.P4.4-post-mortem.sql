-- id: 8.P4.4
-- title: Put post-mortem/improvement tasks into the backlog
-- title.ja: ポストモーテム/改善タスクを backlog 化
-- severity: medium
-- phase: 4
-- judged: after
-- remedy: Hold a post-mortem within five working days, and keep its actions under docs/postmortems/.
-- remedy.ja: 5 営業日以内にポストモーテムを行い、アクションを docs/postmortems/ で管理する。

-- rule: ledger held
-- The go-live and each grave incident has one with actions.
select 'event ' || e.seq as resource, case when json_array_length(coalesce(json_extract(e.data, '$.actions'), '[]')) >= 1 then 'pass' else 'fail' end as status,
       msg('{1} actions', json_array_length(coalesce(json_extract(e.data, '$.actions'), '[]'))) as reason, null as file, null as line
from run join event e on e.env = run.env and e.kind = 'postmortem';

-- rule: repo written
-- Its file has what a post-mortem has.
select f.path as resource, case when count(distinct c.value) = 5 then 'pass' else 'fail' end as status,
       msg('it has {1} of the five headings Timeline, Impact, Root cause, What went well, Actions', count(distinct c.value)) as reason, f.path as file, null as line
from file f left join code c on c.file = f.path and c.kind = 'heading' and c.value in ('Timeline', 'Impact', 'Root cause', 'What went well', 'Actions')
where f.path regexp '^docs/postmortems/.*\.md$' group by f.path;

-- rule: endpoint actions
-- The issues of its actions exist.
