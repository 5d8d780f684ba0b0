-- id: 6.1.4
-- title: Write the rollback policy in every migration
-- title.ja: すべてのマイグレーションにロールバック方針を記載
-- severity: high
-- phase: 2
-- judged: release
-- remedy: Say in each file how it is taken back: `-- golive: rollback=down|forward|restore` and rollback-note="...".
-- remedy.ja: 各ファイルに戻し方を書く: `-- golive: rollback=down|forward|restore` と rollback-note="..."。

-- rule: migrations said
-- Each file says how it is taken back, and in words.
select m.file as resource,
       case when m.rollback is null then 'fail' when length(coalesce(m.rollback_note, '')) < 20 then 'fail'
            when m.rollback = 'down' and not exists (select 1 from migration d where d.version = m.version and d.direction = 'down')
             and not exists (select 1 from file f where f.path like '%/' || m.version || '_%.down.sql') then 'fail'
            when m.rollback = 'restore' and m.phase <> 'contract' then 'fail' else 'pass' end as status,
       case when m.rollback is null then msg('it does not say how it is taken back') when length(coalesce(m.rollback_note, '')) < 20 then msg('its rollback-note has fewer than 20 characters')
            else msg('{1}: {2}', m.rollback, m.rollback_note) end as reason, m.file as file, 1 as line
from migration m where m.direction <> 'down';

-- rule: ledger time
-- Taking back was measured, and is quick enough.
select 'event ' || e.seq as resource, case when json_extract(e.data, '$.seconds') <= 60 * cast(conf('release.rollback.max_minutes') as integer) then 'pass' else 'fail' end as status,
       msg('it took {1} s', json_extract(e.data, '$.seconds')) as reason, null as file, null as line
from run join event e on e.env in (run.env, (select s.env from environment s where s.staging = 1)) and e.kind = 'drill.down'
where e.seq = (select max(x.seq) from event x where x.kind = e.kind);

-- rule: database reversible
-- On a copy of the database, up and then down gives the same schema as before.
select m.file as resource, case when t.reversible is null then 'unknown' when t.reversible = 1 then 'pass' else 'fail' end as status,
       case when t.reversible is null then msg('it was not tried') when t.reversible = 1 then msg('the schema was the same again') else msg('the schema differs after going back') end as reason, m.file as file, null as line
from migration m left join shadow_migration t on t.version = m.version where m.rollback = 'down' and m.direction <> 'down'
union all
select run.app || ' migrations', 'not_applicable', msg('no file is taken back by going down'), null, null
from run where exists (select 1 from migration) and not exists (select 1 from migration where rollback = 'down');
