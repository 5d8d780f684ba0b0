-- id: 3.2.3
-- title: SAST/dependency scan: `cargo audit`, `npm audit` or a dedicated tool
-- title.ja: SAST/Dependency scan: `cargo audit`, `npm audit` または専用ツール
-- severity: high
-- phase: 2
-- judged: release
-- remedy: Choose ci.scanners and let the jobs scan and nightly run them (`golive generate workflows`); list what is
--    accepted under ci.audit.ignores with an end.
-- remedy.ja: ci.scanners を選び、scan ジョブと nightly で実行する（`golive generate workflows`）。許容する項目は期限付きで ci.audit.ignores に書く。
-- aliases: CKV_GHA_6

-- rule: config scanners
-- A scanner of crates, of packages and of the code is chosen.
with wanted(name, words) as (values ('rust', ' cargo-audit cargo-deny osv-scanner '), ('npm', ' npm-audit osv-scanner '), ('sast', ' codeql semgrep '))
select 'ci.scanners.' || w.name as resource, case when w.words like '% ' || conf('ci.scanners.' || w.name) || ' %' then 'pass' else 'fail' end as status,
       msg('ci.scanners.{1} is {2}', w.name, coalesce(conf('ci.scanners.' || w.name), 'none')) as reason,
       conf_file('ci.scanners.' || w.name) as file, conf_line('ci.scanners.' || w.name) as line
from run join wanted w;

-- rule: config ignores
-- What is ignored has a reason and an end that has not come.
select coalesce(i.value, 'ci.audit.ignores') as resource,
       case when i.value is null then 'pass' when length(conf(i.parent || '.reason')) > 0 and conf(i.parent || '.expires') >= run.today then 'pass' else 'fail' end as status,
       case when i.value is null then msg('nothing is ignored') else msg('{1} until {2}', conf(i.parent || '.reason'), conf(i.parent || '.expires')) end as reason,
       coalesce(i.file, conf_file('ci.audit')) as file, coalesce(i.line, conf_line('ci.audit')) as line
from run left join config i on i.env = run.env and i.shape = 'ci.audit.ignores[].id';

-- rule: repo jobs
-- The scan is a required check, and runs by schedule, too.
with scan(file, job, line) as (select s.file, s.job, min(s.line) from workflow_step s where s.run regexp 'cargo (audit|deny)|npm audit|osv-scanner' group by s.file, s.job)
select 'pull requests' as resource,
       case when exists (select 1 from scan join document t on t.file = scan.file and t.path like 'on.pull_request%'
                         join config c on c.env = run.env and c.shape = 'ci.required_checks[]' and c.value = scan.job) then 'pass' else 'fail' end as status,
       msg('dependencies are scanned by {1}', coalesce((select group_concat(file || ' ' || job) from scan), msg('no job'))) as reason,
       (select min(file) from scan) as file, (select min(line) from scan) as line
from run where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected')
union all
select 'schedule', case when exists (select 1 from scan join document t on t.file = scan.file and t.path like 'on.schedule[%].cron') then 'pass' else 'fail' end,
       msg('dependencies are scanned by {1}', coalesce((select group_concat(file || ' ' || job) from scan), msg('no job'))),
       (select min(file) from scan), (select min(line) from scan)
from run where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected');

-- rule: repo ignores
-- Nothing is ignored in the scanners' own files that golive.yaml does not name.
select coalesce(d.file || ' ' || d.value, run.app) as resource,
       case when d.value is null then 'pass'
            when exists (select 1 from config c where c.env = run.env and c.shape = 'ci.audit.ignores[].id' and c.value = d.value and conf(c.parent || '.expires') >= run.today) then 'pass'
            else 'fail' end as status,
       case when d.value is null then msg('the scanners ignore nothing') else msg('{1} is ignored', d.value) end as reason, d.file as file, d.line as line
from run left join document d on d.kind = 'audit_toml' and d.name in ('ignore', 'id') and d.value is not null
where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected');

-- rule: ledger scan
-- The newest scan of what is released is at most ci.audit.max_age_days old, and found nothing high or critical that is
-- not ignored.
select 'event ' || e.seq as resource,
       case when e.time_unix_ms / 1000 < run.now_unix_s - 86400 * cast(conf('ci.audit.max_age_days') as integer) then 'fail'
            when coalesce(json_extract(e.data, '$.critical'), 0) + coalesce(json_extract(e.data, '$.high'), 0) > 0 then 'fail' else 'pass' end as status,
       msg('scan of {1}: {2} critical, {3} high', date(e.time_unix_ms / 1000, 'unixepoch'), json_extract(e.data, '$.critical'), json_extract(e.data, '$.high')) as reason,
       null as file, null as line
from run join event e on e.env = run.env and e.kind = 'scan.dependencies'
where e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind);
