-- id: 3.2.2
-- title: Frontend CI: `npm ci`, `npm run lint`, `npm run test`, `npm run build`
-- title.ja: Frontend CI: `npm ci`, `npm run lint`, `npm run test`, `npm run build`
-- severity: critical
-- phase: 2
-- judged: release
-- remedy: Run npm ci, lint, test and build, in this order, for every pull request (`golive generate workflows`); keep
--    package-lock.json in git.
-- remedy.ja: PR ごとに npm ci → lint → test → build の順に実行し（`golive generate workflows`）、package-lock.json を git に入れる。

-- rule: repo commands
-- A workflow of pull requests installs, lints, tests and builds the frontend, and a failure stops it.
with wanted(position, what, pattern) as (values (1, 'npm ci', 'npm ci'), (2, 'npm run lint', 'npm run lint'), (3, 'npm test', 'npm (run )?test'), (4, 'npm run build', 'npm run build'))
select w.what as resource,
       case when count(l.file) = 0 then 'fail' when min(l.masked) = 1 then 'fail' else 'pass' end as status,
       case when count(l.file) = 0 then msg('no workflow of pull requests runs it') when min(l.masked) = 1 then msg('its failure is ignored')
            else msg('{1} runs it', min(l.file || ' ' || l.job)) end as reason,
       min(l.file) as file, min(l.line) as line
from wanted w left join check_command l on l.text regexp w.pattern
where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected')
group by w.what;

-- rule: repo order
-- They run in this order in one job.
with at(file, job, line, ci, lint, test, build) as (
    select s.file, s.job, min(s.line), min(case when s.run regexp 'npm ci' then s.position end), min(case when s.run regexp 'npm run lint' then s.position end),
           min(case when s.run regexp 'npm (run )?test' then s.position end), min(case when s.run regexp 'npm run build' then s.position end)
    from workflow_step s where s.run is not null group by s.file, s.job
)
select a.file || ' ' || a.job as resource, case when a.ci < a.lint and a.lint < a.test and a.test < a.build then 'pass' else 'fail' end as status,
       msg('npm ci is step {1}, lint {2}, test {3}, build {4}', a.ci, a.lint, a.test, a.build) as reason, a.file as file, a.line as line
from at a where a.ci is not null and a.lint is not null and a.test is not null and a.build is not null;

-- rule: repo scripts
-- The scripts exist, the test is one, and it does not wait for keys; the lock file is in git.
with wanted(name) as (values ('lint'), ('test'), ('build'))
select 'package.json scripts.' || w.name as resource,
       case when d.value is null then 'fail' when w.name = 'test' and (d.value regexp '^exit 0' or d.value like '%no test specified%') then 'fail'
            when w.name = 'test' and d.value regexp 'vitest' and not d.value regexp 'vitest (run|--run)|vitest.* --run' then 'fail' else 'pass' end as status,
       msg('the script {1} is {2}', w.name, d.value) as reason, conf('frontend.dir') || '/package.json' as file, d.line as line
from run join wanted w left join document d on d.kind = 'package_json' and d.file = conf('frontend.dir') || '/package.json' and d.path = 'scripts.' || w.name
where exists (select 1 from document p where p.kind = 'package_json' and p.file = conf('frontend.dir') || '/package.json')
union all
select 'package-lock.json', case when f.tracked = 1 and cast(d.value as integer) >= 2 then 'pass' else 'fail' end,
       case when f.tracked is not 1 then msg('it is not in git') else msg('its lockfileVersion is {1}', d.value) end, conf('frontend.dir') || '/package-lock.json', d.line
from run left join file f on f.path = conf('frontend.dir') || '/package-lock.json'
left join document d on d.kind = 'package_lock' and d.file = conf('frontend.dir') || '/package-lock.json' and d.path = 'lockfileVersion'
where exists (select 1 from repository);

-- rule: ledger green
-- The released commit's checks of the frontend had succeeded.
select 'release ' || r.release as resource,
       case json_extract(e.data, '$.checks.frontend') when 'success' then 'pass' else 'fail' end as status,
       msg('its check of the frontend was {1}', coalesce(json_extract(e.data, '$.checks.frontend'), msg('not recorded'))) as reason, null as file, null as line
from run join release r on r.env = run.env and r.operation = 'deploy' and r.state = 'done'
join event e on e.seq = r.seq
where r.seq = (select max(x.seq) from release x where x.env = run.env and x.operation = 'deploy' and x.state = 'done');
