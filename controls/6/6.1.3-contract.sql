-- id: 6.1.3
-- title: Carry out destructive changes (drop column, change type) in two or more stages
-- title.ja: 破壊的変更（カラム削除・型変更）は 2 段階以上で実施
-- severity: critical
-- phase: 2
-- judged: release
-- remedy: Put what takes away into contract files that name what prepared them (`-- golive: phase=contract
--    expands=VERSION`); golive runs them one release later.
-- remedy.ja: 取り除く変更は contract ファイルに置き、準備した版を書く（`-- golive: phase=contract expands=VERSION`）。golive は 1 リリース後に実行する。
-- depends: 6.1.2

-- rule: migrations apart
-- A statement that the previous version would miss is in a contract file.
select f.file || ':' || f.line as resource, case m.phase when 'contract' then 'pass' else 'fail' end as status,
       msg('{1} ({2}), in a file of the phase {3}', f.message, f.rule, m.phase) as reason, f.file as file, f.line as line, f.relation as evidence
from migration_finding f join migration m on m.file = f.file and m.direction <> 'down' where f.breaks = 1 and f.allowed is null
union all
select run.app || ' migrations', 'not_applicable', msg('no file takes anything away'), null, null, null
from run where exists (select 1 from migration) and not exists (select 1 from migration_finding where breaks = 1 and allowed is null);

-- rule: migrations prepared
-- A contract file names the earlier expand file that prepared it.
select m.file as resource, case when e.version is not null then 'pass' else 'fail' end as status,
       case when e.version is not null then msg('{1} prepared it', e.file) when m.expands is null then msg('it does not say what prepared it: write -- golive: expands=VERSION')
            else msg('there is no earlier expand file {1}', m.expands) end as reason, m.file as file, 1 as line
from migration m left join migration e on e.version = m.expands and e.phase = 'expand' and e.version < m.version
where m.phase = 'contract' and m.direction <> 'down'
union all
select run.app || ' migrations', 'not_applicable', msg('there is no contract file'), null, null
from run where exists (select 1 from migration) and not exists (select 1 from migration where phase = 'contract');

-- rule: ledger later
-- What prepared a contract file was in an earlier release, migrations.contract_min_age_hours before.
with held(release, version, ended) as (
    select r.release, h.value, r.ended_unix_s from run join release r on r.env = run.env and r.operation = 'deploy' and r.state = 'done'
    join release_step s on s.release_seq = r.seq and s.step = 'migrate' and s.done_unix_ms is not null join json_each(coalesce(json_extract(s.facts, '$.held'), '[]')) h
), last(release, begun) as (
    select r.release, r.begun_unix_s from run join release r on r.env = run.env and r.operation = 'deploy' and r.state = 'done'
    where r.seq = (select max(x.seq) from release x where x.env = run.env and x.operation = 'deploy' and x.state = 'done')
), ran(version, waited_s) as (
    select h.version, l.begun - min(h.ended) from last l join held h on h.release < l.release
    where h.version not in (select x.version from held x where x.release = l.release) group by h.version
)
select 'migration ' || r.version as resource, case when r.waited_s >= 3600 * cast(conf('migrations.contract_min_age_hours') as integer) then 'pass' else 'fail' end as status,
       msg('it ran {1} hours after the release that prepared it', r.waited_s / 3600) as reason, null as file, null as line
from ran r
union all
select 'release ' || l.release, 'not_applicable', msg('it ran no contract file'), null, null from last l where not exists (select 1 from ran);

-- rule: database unused
-- Nothing of the last 24 hours names a table or column that a pending contract file drops.
with pending(file, line, name) as (
    select f.file, f.line, coalesce(f.column_, substr(f.relation, instr(f.relation, '.') + 1))
    from migration_finding f join migration m on m.file = f.file and m.phase = 'contract'
    where f.rule in ('drop-column', 'drop-table') and f.relation is not null and not exists (select 1 from db_migration d where d.version = m.version)
)
select p.file || ':' || p.line as resource,
       case when exists (select 1 from db_statement q where q.role = 'app' and q.query like '%' || p.name || '%') then 'fail' else 'pass' end as status,
       msg('statements of the application name {1}', p.name) as reason, p.file as file, p.line as line
from pending p
union all
select run.app || ' pending', 'not_applicable', msg('no pending contract file drops anything'), null, null
from run where exists (select 1 from db_probe) and not exists (select 1 from pending);
