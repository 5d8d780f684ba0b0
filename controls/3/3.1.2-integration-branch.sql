-- id: 3.1.2
-- title: Verify on `develop`/feature branches, then merge to `main`
-- title.ja: `develop`/feature ブランチで検証後に `main` へマージ
-- severity: medium
-- phase: 2
-- judged: release
-- remedy: Run ci for pull requests to main and to ci.branches.integration, and deploy that branch to staging (`golive
--    generate workflows`).
-- remedy.ja: main と ci.branches.integration への PR で ci を実行し、統合ブランチをステージングへ出す（`golive generate workflows`）。

-- rule: repo ci
-- A workflow checks pull requests to both branches.
with pull(file, line) as (select file, min(line) from document where kind = 'workflow' and path like 'on.pull_request%' group by file),
     wanted(branch) as (select conf('ci.branches.production') from run union select conf('ci.branches.integration') from run)
select 'pull requests to ' || w.branch as resource,
       case when exists (select 1 from pull p where not exists (select 1 from document t where t.file = p.file and t.path like 'on.pull_request.branches%')
                          or exists (select 1 from document t where t.file = p.file and t.path like 'on.pull_request.branches%' and t.value = w.branch)) then 'pass' else 'fail' end as status,
       msg('pull requests are checked by {1}', coalesce((select group_concat(p.file) from pull p), msg('no workflow'))) as reason,
       (select min(p.file) from pull p) as file, (select min(p.line) from pull p) as line
from wanted w where w.branch is not null and exists (select 1 from source s where s.name = 'repo' and s.state = 'collected');

-- rule: repo staging
-- A workflow deploys to the environment staging.
select run.app || ' staging' as resource, case when count(j.file) > 0 then 'pass' else 'fail' end as status,
       case when count(j.file) > 0 then msg('{1} deploys to staging', min(j.file)) else msg('no workflow deploys to staging') end as reason,
       min(j.file) as file, min(j.line) as line
from run left join workflow_job j on j.environment = 'staging'
where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected')
group by run.app;

-- rule: ledger through-staging
-- What production ran had been verified on staging before, or was a hotfix with a reason.
select 'release ' || r.release as resource,
       case when length(r.hotfix) > 0 then 'pass'
            when r.from_env is not null then 'pass'
            when exists (select 1 from release s join environment e on e.env = s.env and e.staging = 1
                         where s.state = 'done' and s.tree = r.tree and s.ended_unix_s <= r.begun_unix_s) then 'pass' else 'fail' end as status,
       case when length(r.hotfix) > 0 then msg('a hotfix: {1}', r.hotfix) when r.from_env is not null then msg('promoted from {1}', r.from_env)
            else msg('its tree was not on staging before') end as reason, null as file, null as line
from run join release r on r.env = run.env and r.operation = 'deploy' and r.state = 'done' and run.env = 'prod';
