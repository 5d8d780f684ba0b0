-- id: 6.1.1
-- title: Fix the migration tool (`sqlx migrate` or similar)
-- title.ja: マイグレーションツールを固定（`sqlx migrate` など）
-- severity: high
-- phase: 0
-- judged: plan
-- remedy: Use sqlx's files in migrations.dir with one style of names, never change one that was applied, and record the
--    decision (golive decide migrations.tool).
-- remedy.ja: migrations.dir の sqlx ファイルを 1 つの命名方式で使い、適用済みは変更しない。golive decide migrations.tool で記録する。
-- references: https://docs.rs/sqlx/latest/sqlx/macro.migrate.html

-- rule: config decided
-- migrations.tool is sqlx, written and decided validly.
select 'migrations.tool' as resource,
       case when conf_given('migrations.tool') and d.key is not null and d.flaw is null then 'pass' else 'fail' end as status,
       case when not conf_given('migrations.tool') then msg('golive.yaml does not say {1}', 'migrations.tool')
            when d.key is null then msg('decisions says nothing about {1}', 'migrations.tool')
            when d.flaw is not null then msg('the decision about {1} does not count: {2}', 'migrations.tool', d.flaw)
            else msg('decided by {1}', d.by) end as reason,
       coalesce(d.file, conf_file('migrations.tool')) as file, coalesce(d.line, conf_line('migrations.tool')) as line, conf('migrations.tool') as evidence
from run left join decision d on d.env = run.env and d.key = 'migrations.tool';

-- rule: migrations names
-- Names are sqlx's, versions are unique, the styles are not mixed.
select m.file as resource,
       case when not replace(m.file, rtrim(m.file, replace(m.file, '/', '')), '') regexp '^[0-9]{1,18}_[A-Za-z0-9_-]+\.(up\.sql|down\.sql|sql)$' then 'fail'
            when (select count(*) from migration o where o.version = m.version and o.direction <> 'down' and m.direction <> 'down') > 1 then 'fail'
            when m.direction = 'simple' and exists (select 1 from migration o where o.direction = 'up') then 'fail'
            when (length(cast(m.version as text)) = 14) <> (select max(length(cast(o.version as text)) = 14) from migration o) then 'fail' else 'pass' end as status,
       msg('version {1}, {2}', m.version, m.direction) as reason, m.file as file, null as line
from migration m;

-- rule: repo no-other
-- No other tool's files are there.
select coalesce(f.path, run.app) as resource, case when f.path is null then 'pass' else 'fail' end as status,
       case when f.path is null then msg('no other tool''s files are there') else msg('it belongs to another tool') end as reason, f.path as file, null as line
from run left join file f on f.path regexp '(^|/)(diesel\.toml|refinery\.toml|flyway\.conf|knexfile\.[jt]s|prisma/migrations/.*|dbmate\.ya?ml)$'
where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected');

-- rule: database applied
-- Everything applied succeeded and is the repository's file, unchanged; no other tool has a table.
select 'migration ' || d.version as resource, case when d.success = 1 and m.sha384 = d.checksum then 'pass' else 'fail' end as status,
       case when d.success <> 1 then msg('it did not end') when m.version is null then msg('there is no such file') when m.sha384 <> d.checksum then msg('its file was changed since')
            else msg('it is the repository''s file') end as reason, m.file as file, null as line
from db_migration d left join migration m on m.version = d.version and m.direction <> 'down'
union all
select o.schema_ || '.' || o.name, 'fail', msg('it is the table of another tool'), null, null
from db_object o where o.name in ('schema_migrations', 'flyway_schema_history', '__diesel_schema_migrations', '_prisma_migrations', 'refinery_schema_history');
